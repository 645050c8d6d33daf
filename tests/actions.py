"""Runs a CI job's own steps in bash, with small stand-ins for what only the service has.

Everything in ``run:`` and ``script:`` is executed as it stands. Stand-ins, and nothing else, are:

- the actions (checkout, cache, upload-artifact), as copies between folders: the repository lies in ``workspace``,
  ``cache`` and ``artefacts`` are kept from run to run;
- ``make``, ``sudo``, ``apt-get`` as programs that note what they were asked to do: the environment of these tests
  stands in for the one that `make setup` or pip would install, as ``.venv``;
- the expressions in ``${{ }}``, of which those are known that our workflows use.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import COURSE

STAND_INS = ("make", "sudo", "apt-get")


def load(path: Path) -> dict[str, Any]:
    """Return a workflow; YAML takes its key ``on`` for a truth value."""
    return {"on" if key is True else key: value for key, value in yaml.safe_load(path.read_text()).items()}


@dataclass
class Ran:
    """What came of a job.

    Parameters
    ----------
    printed : str
        Everything that its steps wrote to stdout and stderr.
    outcomes : dict
        Of each step: "success", "failure" or "skipped".
    """

    code: int
    printed: str
    summary: str = ""
    outcomes: dict[str, str] = field(default_factory=dict)


class Runner:
    """One machine, on which jobs run one after the other.

    Parameters
    ----------
    workspace : Path
        Where the repository is checked out.
    home : Path
        An empty folder for everything around it.
    """

    def __init__(self, workspace: Path, home: Path) -> None:
        self.workspace = workspace
        self.cache = home / "cache"
        self.artefacts = home / "artefacts"
        self.asked = home / "asked"
        self._temp = home / "temp"
        self._programs = home / "programs"
        for folder in (self.cache, self.artefacts, self._temp, self._programs):
            folder.mkdir(parents=True)
        for name in STAND_INS:
            program = self._programs / name
            program.write_text(f'#!/bin/sh\necho "{name} $*" >> {self.asked}\n')
            program.chmod(0o755)
        # The package alone: beside it lies a public_tests.py, which a notebook would find before its own.
        (home / "packages").mkdir()
        (home / "packages/stepgrade").symlink_to(COURSE / "stepgrade")
        self._packages = home / "packages"
        if not (workspace / ".venv").exists():
            (workspace / ".venv").symlink_to(sys.prefix)

    def put_program(self, name: str, script: str) -> None:
        """Put a program before all others on the path."""
        program = self._programs / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    def github(
        self,
        workflow: dict[str, Any],
        *,
        secrets: Mapping[str, str] | None = None,
        inputs: Mapping[str, Any] | None = None,
        without: tuple[str, ...] = (),
        **variables: str,
    ) -> Ran:
        """Run the one job of a GitHub workflow; steps named in ``without`` have a stand-in already."""
        (job,) = workflow["jobs"].values()
        context = {"secrets": dict(secrets or {}), "inputs": dict(inputs or {}), "steps": {}}
        files = {
            name: self._temp / name for name in ("GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")
        }
        for path in files.values():
            path.write_text("")
        base = self._environment(variables) | {name: str(path) for name, path in files.items()}
        base |= {"GITHUB_ACTIONS": "true", "CI": "true", "RUNNER_TEMP": str(self._temp)}
        base |= {"GITHUB_WORKSPACE": str(self.workspace)}
        base |= {name: _filled(value, context) for name, value in workflow.get("env", {}).items()}
        ran = Ran(0, "")
        for number, step in enumerate(job["steps"]):
            name = step.get("name", step.get("uses", str(number)).partition("@")[0])
            if not _is_due(step, context, ran):
                outcome = "skipped"
            elif "uses" in step:
                outcome = self._use(step["uses"].partition("@")[0], step.get("with", {}))
            elif name in without:
                outcome = "success"
            else:
                # A step gets what the ones before it have noted, and its own environment.
                noted = dict(line.split("=", 1) for line in files["GITHUB_ENV"].read_text().splitlines())
                own = {key: _filled(value, context) for key, value in step.get("env", {}).items()}
                code, printed = self._bash(["-e"], step["run"], base | noted | own)
                ran.printed += f"## {name}\n{printed}"
                outcome = "failure" if code else "success"
                ran.code = ran.code or code
            ran.outcomes[name] = context["steps"].setdefault(step.get("id", name), {})["outcome"] = outcome
        ran.summary = files["GITHUB_STEP_SUMMARY"].read_text()
        return ran

    def gitlab(self, job: dict[str, Any], *, without: tuple[str, ...] = (), **variables: str) -> Ran:
        """Run a GitLab job: its lines in one shell; caches and artefacts afterwards, whatever came of it."""
        for path in self._cached(job):
            _copy(self.cache / path, self.workspace / path)
        environment = self._environment(variables) | {"CI": "true", "GITLAB_CI": "true"}
        environment = {key: str(value) for key, value in job.get("variables", {}).items()} | environment
        lines = [*job.get("before_script", ()), *job["script"]]
        script = "\n".join(line for line in lines if not line.startswith(without or "\0"))
        code, printed = self._bash(["-eo", "pipefail"], script, environment)
        for path in self._cached(job):
            _copy(self.workspace / path, self.cache / path)
        artefacts = job.get("artifacts", {})
        for path in [*artefacts.get("paths", ()), artefacts.get("reports", {}).get("junit")]:
            if path:
                _copy(self.workspace / path, self.artefacts / path)
        return Ran(code, printed)

    def _cached(self, job: dict[str, Any]) -> list[str]:
        caches = job.get("cache", [])
        caches = caches if isinstance(caches, list) else [caches]
        return [path for cache in caches for path in cache["paths"] if path != ".venv"]

    def _environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of a job: ours, without anything of the service that may run these tests."""
        ours = {
            name: value for name, value in os.environ.items() if not re.match(r"GITHUB_|CI|GITLAB_|STEPGRADE_", name)
        }
        path = f"{self._programs}{os.pathsep}{ours['PATH']}"
        return ours | {"PATH": path, "PYTHONPATH": str(self._packages)} | variables

    def _bash(self, flags: list[str], script: str, environment: dict[str, str]) -> tuple[int, str]:
        done = subprocess.run(
            ["bash", *flags, "-c", script],
            cwd=self.workspace,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout

    def _use(self, action: str, given: Mapping[str, Any]) -> str:
        paths = [path.strip() for path in str(given.get("path", "")).splitlines()]
        if action == "actions/upload-artifact":
            for path in paths:
                _copy(self.workspace / path, self.artefacts / given["name"] / Path(path).name)
        elif action == "actions/cache/save":
            _copy(self.workspace / paths[0], self.cache / paths[0])
        elif action == "actions/cache/restore":
            _copy(self.cache / paths[0], self.workspace / paths[0])
        else:
            assert action in ("actions/checkout", "actions/cache"), f"no stand-in for {action}"
        return "success"


def _copy(origin: Path, target: Path) -> None:
    if origin.is_dir():
        shutil.copytree(origin, target, dirs_exist_ok=True)
    elif origin.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(origin, target)


def _is_due(step: dict[str, Any], context: dict[str, Any], ran: Ran) -> bool:
    condition = step.get("if")
    if condition is None:
        return ran.code == 0
    parts = condition.removeprefix("${{").removesuffix("}}").split("&&")
    return all(_value(part.strip(), context) for part in parts)


def _filled(text: Any, context: dict[str, Any]) -> str:
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(_value(found[1].strip(), context)), str(text))


def _value(expression: str, context: dict[str, Any]) -> Any:
    """Return what an expression of our workflows says."""
    if expression == "!cancelled()":
        return True
    if found := re.fullmatch(r"steps\.(\w+)\.outcome == 'success'", expression):
        return context["steps"].get(found[1], {}).get("outcome") == "success"
    if found := re.fullmatch(r"(inputs|secrets)\.(\w+)(?: \|\| '(\w*)')?", expression):
        value = context[found[1]].get(found[2], "")
        value = value or found[3] or ""
        return "true" if value is True else value
    raise AssertionError(f"no stand-in for the expression {expression!r}")
