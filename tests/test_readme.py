"""The README holds: every command in it is run, in order, in a copy of this folder, and prints what it says.

Not run here: ``make test`` itself, conda, and the worked solution, which test_worked_solution.py has.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import textwrap
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest

import public_tests
from tests.conftest import COURSE
from tests.test_public_tests import notebook

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
README = (COURSE / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
COMMANDS = [line.removeprefix("$ ") for block in BLOCKS for line in block.splitlines() if line.startswith("$ ")]
STUDENT = COMMANDS[COMMANDS.index("cd release/cnn_step_by_step") :][:4]
SOLUTION = "stepgrade release cnn_step_by_step --solution"
INSTRUCTOR = [command for command in COMMANDS if command not in ("make demo", SOLUTION, *STUDENT)]


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """What a fresh clone holds, with this environment in place of the one that ``make`` would set up again."""
    clone = tmp_path_factory.mktemp("clone") / "stepgrade"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=COURSE,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (COURSE / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(COURSE / name, clone / name)
    (clone / ".venv").symlink_to(sys.prefix)
    return clone


def run(script: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=folder,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_the_readme_holds_the_commands_that_this_file_runs():
    assert COMMANDS[0] == "make demo"
    assert [command.split()[0] for command in STUDENT] == ["cd", "python3", ".venv/bin/pip", ".venv/bin/jupyter"]
    assert {command.split()[0] for command in INSTRUCTOR} == {"source", "stepgrade"}
    assert SOLUTION in COMMANDS


@pytest.mark.slow
class TestInOrder:
    def test_make_demo_prints_what_the_readme_shows(self, clone):
        # The environment was set up for another folder's files: those here are older or the same.
        printed = run("make --assume-old=.venv/ready demo", clone).stdout
        shown = BLOCKS[0].splitlines()[1:]
        assert [line for line in shown if line not in printed.splitlines()] == []
        assert len(shown) > 15, "the table belongs to the README"

    @pytest.mark.browser
    @pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: install the system's package chromium")
    def test_what_make_demo_says_to_look_at_can_be_looked_at(self, clone):
        """The pictures lie in screenshots/ afterwards; CI keeps them, and the README shows them."""
        from playwright.sync_api import sync_playwright

        pages = {
            "feedback": ("feedback/no_padding/cnn_step_by_step/cnn_step_by_step.html#question-zero_pad", 1170),
            "report": ("reports/cnn_step_by_step/index.html", 720),
        }
        (COURSE / "screenshots").mkdir(exist_ok=True)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            for name, (address, height) in pages.items():
                shown = browser.new_page(viewport={"width": 1000, "height": height})
                shown.goto(f"file://{clone / address}")
                shown.screenshot(path=COURSE / "screenshots" / f"{name}.png")
                assert "zero_pad" in shown.locator("main").inner_text()
            browser.close()

    def test_the_instructors_commands_run_in_one_shell(self, clone):
        _download_from_moodle(clone)
        run("\n".join(INSTRUCTOR), clone)  # which does again what make demo has done before
        grades = [row["Grade"] for row in csv.DictReader((clone / "marks.csv").read_text().splitlines())]
        assert grades == ["100", "85"]
        assert (clone / "feedback/ada/cnn_step_by_step/cnn_step_by_step.html").is_file()

    def test_the_students_commands_install_and_open_the_notebook(self, clone, tmp_path):
        *install, open_lab = STUDENT
        run("\n".join(install), clone, PIP_NO_COMPILE="1")  # nothing of it is run more than once
        config = tmp_path / "config"
        config.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        # As the README's command, but without a browser, and allowed for whoever runs the tests.
        server = {"open_browser": False, "allow_root": True, "port": port, "token": "t", "port_retries": 0}
        (config / "jupyter_server_config.json").write_text(json.dumps({"ServerApp": server}))
        with (tmp_path / "lab.log").open("w") as log:
            lab = subprocess.Popen(
                ["bash", "-c", f"{STUDENT[0]} && exec {open_lab}"],
                cwd=clone,
                env=os.environ | {"JUPYTER_CONFIG_DIR": str(config)},
                stdout=log,
                stderr=log,
            )
            try:
                page = _wait_for(f"http://127.0.0.1:{port}/lab/tree/cnn_step_by_step.ipynb?token=t", lab)
            finally:
                lab.terminate()
                lab.wait(timeout=60)
        assert "JupyterLab" in page
        assert _runs_the_public_tests(clone)


def _download_from_moodle(clone: Path) -> None:
    """Put what the README's instructor has downloaded into the course folder: hand-ins, and the worksheet for marks."""
    name = "cnn_step_by_step"
    people = (("Ada Lovelace", 4711, "ada", "right_loops"), ("Grace Hopper", 4712, "grace", "no_padding"))
    roster = ["student,name,email"]
    worksheet = ["Identifier,Full name,Email address,Status,Grade,Maximum Grade"]
    with zipfile.ZipFile(clone / "moodle.zip", "w") as hand_ins:
        for person, number, student, like in people:
            handed_in = clone / "submitted" / like / name / f"{name}.ipynb"
            hand_ins.write(handed_in, f"{person}_{number}_assignsubmission_file_/{name}.ipynb")
            roster.append(f"{student},{person},{student}@example.org")
            worksheet.append(f"Participant {number},{person},{student}@example.org,Submitted,,100.00")
    (clone / "class.csv").write_text("\n".join(roster) + "\n")
    (clone / "worksheet.csv").write_text("\n".join(worksheet) + "\n")


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> str:
    for _ in range(240):
        assert process.poll() is None, "JupyterLab ended by itself"
        try:
            with urllib.request.urlopen(address) as answer:  # noqa: S310 - our own server on loopback
                return answer.read().decode()
        except OSError:
            time.sleep(0.25)
    raise AssertionError(f"{address} does not answer")


def _runs_the_public_tests(clone: Path) -> bool:
    script = textwrap.dedent("""
        cd release/cnn_step_by_step
        .venv/bin/python -c "
        import h5py, matplotlib, numpy as np
        from public_tests import *
        distribute_value_test(lambda dz, shape: np.ones(shape) * dz / (shape[0] * shape[1]))
        "
    """)
    return "all tests passed" in run(script, clone).stdout


def test_the_message_that_the_readme_shows_is_what_the_public_test_says():
    shown = re.search(r"^```text\n(.*?)^```", README, re.MULTILINE | re.DOTALL).group(1)
    target = notebook(("conv_forward", "h * stride", "h"), ("conv_forward", "w * stride", "w"))["conv_forward"]
    with pytest.raises(AssertionError) as caught:
        public_tests.conv_forward_test(target)
    assert shown == f"AssertionError: {caught.value}\n"


def test_links_of_the_readme_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (COURSE / target).exists(), target
