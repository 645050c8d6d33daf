"""The CI files do what docs/ci.md says: their own steps are run here, in bash (tests/actions.py says what stands in).

Not seen here: a runner of GitHub's or GitLab's, and what their servers do with permissions, protected variables,
caches, retention and concurrency. Of these, only what the files ask for is looked at.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
import yaml

from tests.actions import Ran, Runner, load
from tests.conftest import COURSE, RIGHT_TINY, make_tiny_course

CI = COURSE / "ci"
STUDENT, INSTRUCTOR = CI / "student", CI / "instructor"
WORKFLOWS = {
    "student": STUDENT / ".github/workflows/public-tests.yml",
    "marks": INSTRUCTOR / "marks.yml",
    "own": COURSE / ".github/workflows/tests.yml",
}
PIPELINES = {
    "student": STUDENT / ".gitlab-ci.yml",
    "external": INSTRUCTOR / "students.gitlab-ci.yml",
    "marks": INSTRUCTOR / "gitlab-ci.yml",
    "own": COURSE / ".gitlab-ci.yml",
}
STAGES = {"stages", "workflow"}
SECRET = "a long random line that only the course knows 0f9c"  # noqa: S105 - a test's
TOKEN = "ghp_onlyForFetching4711"  # noqa: S105 - a test's
needs_gpg = pytest.mark.skipif(shutil.which("gpg") is None, reason="install gnupg to test how marks are encrypted")
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="install curl to test the external file's trigger")
PUBLIC_STEP = "Run the notebook and its tests"
WRONG_HALVE = "def halve(x):\n    return x.halved  # TODO"
UNWRITTEN = 'def double(x):\n    raise NotImplementedError("double: write your code here")'


def jobs_of(pipeline: str) -> dict:
    return {name: job for name, job in yaml.safe_load(PIPELINES[pipeline].read_text()).items() if name not in STAGES}


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=S", "-c", "user.email=s@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *identity, "-C", str(folder), *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def solved(notebook: Path, **cells: str) -> None:
    """Write answers into a notebook of the release; what is not named stays as it is."""
    document = nbformat.read(notebook, as_version=4)
    for cell in document.cells:
        question = cell.metadata.get("nbgrader", {}).get("grade_id", "").removesuffix("_solution")
        if cell.metadata.get("nbgrader", {}).get("solution") and question in cells:
            cell.source = cells[question]
    nbformat.write(document, notebook)


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """The instructor's repository: the tiny course, and what docs/ci.md says to copy into it."""
    course = make_tiny_course(tmp_path_factory.mktemp("instructor"))
    shutil.copytree(CI, course / "ci", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(
        [sys.executable, "-m", "stepgrade.cli", "--course", str(course), "release", "tiny"],
        check=True,
        capture_output=True,
    )
    return course


@pytest.fixture(scope="module")
def template(course, tmp_path_factory) -> Path:
    """The template repository, made by the command of docs/ci.md."""
    folder = tmp_path_factory.mktemp("template")
    commands = re.search(r"cp -r release/\S+ ci/student/\. \S+", (COURSE / "docs/ci.md").read_text())[0]
    commands = commands.replace("cnn_step_by_step", "tiny").replace("TEMPLATE", str(folder))
    subprocess.run(["bash", "-ec", commands], cwd=course, check=True)
    return folder


@pytest.fixture
def repository(template, tmp_path):
    """``repository(halve="...")``: a student's repository, right where nothing else is said."""

    def make(**cells: str) -> Path:
        folder = tmp_path / "repository"
        shutil.copytree(template, folder)
        solved(folder / "tiny.ipynb", **RIGHT_TINY | cells)
        return folder

    return make


class TestTheFiles:
    @pytest.mark.parametrize("name", WORKFLOWS)
    def test_every_action_is_pinned_by_a_commit_with_its_version_beside(self, name):
        lines = [line for line in WORKFLOWS[name].read_text().splitlines() if "uses:" in line]
        assert lines
        for line in lines:
            assert re.search(r"uses: actions/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line

    @pytest.mark.parametrize("name", PIPELINES)
    def test_every_image_is_pinned_by_its_digest(self, name):
        for job in jobs_of(name).values():
            assert re.fullmatch(r"python:3\.12\.\d+-bookworm@sha256:[0-9a-f]{64}", job["image"])

    @pytest.mark.parametrize("name", WORKFLOWS)
    def test_a_workflow_may_read_its_repository_and_nothing_else(self, name):
        workflow = load(WORKFLOWS[name])
        (job,) = workflow["jobs"].values()
        assert workflow["permissions"] | job.get("permissions", {}) == {"contents": "read"}
        checkouts = [step for step in job["steps"] if "actions/checkout" in step.get("uses", "")]
        assert [step["with"] for step in checkouts] == [{"persist-credentials": False}]
        assert "pull_request_target" not in workflow["on"]

    @pytest.mark.parametrize("name", WORKFLOWS)
    def test_a_workflow_is_bounded_in_time_and_number(self, name):
        workflow = load(WORKFLOWS[name])
        (job,) = workflow["jobs"].values()
        assert job["timeout-minutes"] <= 180
        assert workflow["concurrency"]["group"]
        uploads = [step["with"] for step in job["steps"] if "upload-artifact" in step.get("uses", "")]
        assert all(1 <= upload["retention-days"] <= 30 for upload in uploads)

    @pytest.mark.parametrize("name", WORKFLOWS)
    def test_no_expression_is_pasted_into_a_script(self, name):
        (job,) = load(WORKFLOWS[name])["jobs"].values()
        assert not any("${{" in step.get("run", "") for step in job["steps"])

    def test_the_marks_are_made_by_night_by_the_webhook_or_by_hand(self):
        events = load(WORKFLOWS["marks"])["on"]
        assert set(events) == {"schedule", "repository_dispatch", "workflow_dispatch"}
        assert events["workflow_dispatch"]["inputs"]["names"]["default"] is False

    def test_each_secret_is_in_the_environment_of_one_step(self):
        workflow = load(WORKFLOWS["marks"])
        (job,) = workflow["jobs"].values()
        holding = [list(step["env"].values()) for step in job["steps"] if "secrets." in str(step)]
        assert holding == [["${{ secrets.STEPGRADE_SECRET }}"], ["${{ secrets.FETCH_TOKEN }}"]]
        assert "secrets." not in str(workflow.get("env"))
        assert job["environment"] == "marks"

    @pytest.mark.parametrize(
        "path",
        [path for path in STUDENT.rglob("*") if path.is_file() and path.suffix != ".pyc"],
        ids=lambda path: path.name,
    )
    def test_what_students_get_holds_no_token_and_nothing_hidden(self, path):
        text = path.read_text().lower()
        assert not [word for word in ("secrets.", "_token", "password", "hidden.", "solution.py") if word in text]

    def test_the_script_of_the_students_imports_what_they_have_installed(self):
        imported = re.findall(
            r"^(?:import|from) ([a-z]\w*)", (STUDENT / "run_public_tests.py").read_text(), re.MULTILINE
        )
        assert set(imported) - sys.stdlib_module_names == {"nbformat", "nbclient"}

    def test_the_own_pipelines_only_call_the_script_that_is_run_by_hand(self):
        (job,) = load(WORKFLOWS["own"])["jobs"].values()
        assert [step["run"] for step in job["steps"] if "run" in step][-1] == ".ci/run"
        assert jobs_of("own")["tests"]["script"] == [".ci/run"]

    def test_the_external_file_tests_as_the_students_own_does(self):
        assert jobs_of("external")["public-tests"]["script"] == jobs_of("student")["public-tests"]["script"]

    def test_the_trigger_is_not_in_the_job_that_runs_student_code(self):
        ring = jobs_of("external")["ask-for-marks"]
        assert ring["environment"] == {"name": "marks", "action": "access"}
        assert ring["variables"]["GIT_STRATEGY"] == "none"
        assert "environment" not in jobs_of("external")["public-tests"]

    @pytest.mark.parametrize("name", PIPELINES)
    def test_a_pipeline_keeps_its_artefacts_for_a_while_only(self, name):
        for job in jobs_of(name).values():
            assert job["timeout"]
            assert "expire_in" in job.get("artifacts", {"expire_in": ""})


class TestTheStudentsRun:
    @pytest.fixture
    def run(self, tmp_path):
        def github(folder: Path) -> Ran:
            runner = Runner(folder, tmp_path / "home")
            return runner.github(load(folder / ".github/workflows/public-tests.yml"), without=("Install",))

        return github

    def test_of_a_right_notebook_is_green_with_an_optional_exercise_left_open(self, repository, run):
        ran = run(repository(double=UNWRITTEN))
        assert ran.code == 0, ran.printed
        assert "2 of 2 exercises with points pass" in ran.summary
        assert "double                         not written yet (optional)" in ran.printed
        assert "::" not in ran.printed

    def test_of_a_wrong_one_marks_the_cell_where_it_is_written(self, repository, run):
        folder = repository(halve=WRONG_HALVE, double=UNWRITTEN)
        ran = run(folder)
        assert ran.code == 1
        assert ran.outcomes[PUBLIC_STEP] == "failure"
        (error, other) = re.findall(r"^::error file=tiny\.ipynb,line=(\d+),title=(\w+)%3A failed::", ran.printed, re.M)
        assert (error[1], other[1]) == ("halve", "quarter")
        line = (folder / "tiny.ipynb").read_text().splitlines()[int(error[0]) - 1]
        assert json.loads(line.strip().rstrip(",")) == "def halve(x):\n"
        assert "| halve | 4 | failed | AttributeError" in ran.summary
        assert "<details><summary>halve</summary>" in ran.summary
        assert r"| double | optional | not written yet |" in ran.summary

    def test_of_an_untouched_one_says_what_is_not_written_yet(self, template, run, tmp_path):
        shutil.copytree(template, tmp_path / "repository")
        ran = run(tmp_path / "repository")
        assert ran.code == 1
        assert ran.summary.count("not written yet") == 3
        # Points that can still be had are a warning; what is optional is none.
        assert len(re.findall("^::warning ", ran.printed, re.MULTILINE)) == 2
        assert "::error" not in ran.printed

    def test_on_gitlab_writes_the_report_that_is_shown_there(self, repository, tmp_path):
        runner = Runner(repository(halve=WRONG_HALVE), tmp_path / "home")
        ran = runner.gitlab(jobs_of("student")["public-tests"], without=("python3 -m venv", ".venv/bin/python -m pip"))
        assert ran.code == 1, ran.printed
        report = ElementTree.parse(runner.artefacts / "public-tests.xml")  # noqa: S314 - made by us
        verdicts = {case.get("name"): [kind.tag for kind in case] for case in report.iter("testcase")}
        assert verdicts == {"halve": ["failure"], "quarter": ["failure"], "double": []}


class TestTheStudentsScript:
    """What may be in a notebook besides exercises."""

    @pytest.fixture
    def run(self, repository):
        def script(change) -> subprocess.CompletedProcess[str]:
            folder = repository()
            notebook = nbformat.read(folder / "tiny.ipynb", as_version=4)
            change(notebook)
            nbformat.write(notebook, folder / "tiny.ipynb")
            return self._run(folder)

        return script

    @staticmethod
    def _run(folder: Path) -> subprocess.CompletedProcess[str]:
        ours = re.compile("GITHUB_|PYTHONPATH")
        variables = {name: value for name, value in os.environ.items() if not ours.match(name)}
        command = [sys.executable, "run_public_tests.py"]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=variables)

    @staticmethod
    def _cell(notebook, source: str, **metadata):
        notebook.cells.insert(2, nbformat.v4.new_code_cell(source, metadata=metadata))

    def test_training_is_not_run_what_fails_besides_costs_nothing_and_output_is_not_kept(self, run):
        def change(notebook):
            self._cell(notebook, "import os; os._exit(1)", tags=["training"])
            self._cell(notebook, "1 / 0")
            self._cell(notebook, "import os; os.write(1, b'::error::mine'); print('x' * 10**7)")

        done = run(change)
        assert done.returncode == 0, done.stdout
        assert len(done.stdout) < 1000
        assert done.stderr == ""

    def test_a_cell_that_ends_python_is_named(self, run):
        done = run(lambda notebook: self._cell(notebook, "import os; os._exit(1)"))
        assert done.returncode == 1
        assert "The run ended before this test, in cell 3: this cell ended Python itself" in done.stdout

    def test_no_line_of_a_students_is_a_command_of_the_service(self, run):
        hostile = "def halve(x):\n    raise ValueError('no\\n::error::mine\\n::add-mask::a')"

        done = run(lambda notebook: setattr(notebook.cells[2], "source", hostile))
        assert "::error::mine" in done.stdout
        assert not [line for line in done.stdout.splitlines() if line.lstrip().startswith("::")]

    def test_the_error_of_the_cell_that_is_to_define_a_function_is_told_and_a_lost_test_missed(self, run):
        def change(notebook):
            cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
            cells["halve_solution"].source = "def halve(x:\n    return x"
            notebook.cells.remove(cells["double"])

        done = run(change)
        assert done.returncode == 1
        assert "| SyntaxError" in done.stdout
        assert "double                         its test cell is gone" in done.stdout

    def test_a_cell_that_does_not_end_is_stopped(self, repository):
        folder = repository()
        script = folder / "run_public_tests.py"
        script.write_text(script.read_text().replace("CELL_S = 60", "CELL_S = 2"))
        solved(folder / "tiny.ipynb", halve="while True: pass")
        done = self._run(folder)
        assert done.returncode == 1
        assert "TimeoutError: the cell was stopped after 2 s" in done.stdout

    def test_a_file_that_is_no_notebook_is_said_to_be_none(self, repository):
        folder = repository()
        (folder / "tiny.ipynb").write_text('<<<<<<< HEAD\n{"nbgrader": 1}')
        done = self._run(folder)
        assert done.returncode == 2
        assert "cannot be read as a notebook" in done.stdout

    @pytest.mark.parametrize("indent", [1, None])
    def test_the_line_of_every_cell_is_found(self, indent):
        sys.path.insert(0, str(STUDENT))
        try:
            from run_public_tests import lines_of_cells
        finally:
            sys.path.remove(str(STUDENT))
        document = json.loads((COURSE / "release/cnn_step_by_step/cnn_step_by_step.ipynb").read_text())
        document["cells"][3]["outputs"] = [{"text": ['"cells": [{"source": ["x"]}]\n']}]
        text = json.dumps(document, indent=indent, ensure_ascii=False)
        lines = text.splitlines()
        found = lines_of_cells(text)
        assert len(found) == len(document["cells"])
        for cell, line in zip(document["cells"], found, strict=True):
            assert json.dumps(cell["source"][0], ensure_ascii=False) in lines[line - 1]


@pytest.mark.slow
def test_the_first_assignment_as_students_have_it(tmp_path):
    folder = tmp_path / "repository"
    shutil.copytree(COURSE / "release/cnn_step_by_step", folder)
    shutil.copytree(STUDENT, folder, dirs_exist_ok=True)
    pad = "import numpy as np\ndef zero_pad(X, pad):\n    return np.pad(X, ((0, 0), (pad, pad), (0, 0), (0, 0)))"
    step = "def conv_single_step(a_slice_prev, W, b):\n    return float((a_slice_prev * W).sum() + b.item())"
    solved(folder / "cnn_step_by_step.ipynb", zero_pad=pad, conv_single_step=step)
    ran = Runner(folder, tmp_path / "home").github(load(WORKFLOWS["student"]), without=("Install",))
    assert ran.code == 1
    assert "1 of 4 exercises with points pass" in ran.summary
    (line,) = re.findall(
        r"^::error file=cnn_step_by_step\.ipynb,line=(\d+),title=zero_pad%3A failed::", ran.printed, re.M
    )
    text = (folder / "cnn_step_by_step.ipynb").read_text().splitlines()
    assert '"def zero_pad(X, pad):\\n"' in text[int(line)]  # the import stands in the line before
    assert len(ran.summary.encode()) < 1_000_000


PEOPLE = ("lovelace", "hopper", "noether", "franklin")


class TheClass:
    """Students with bare repositories, as the server of a git host has them, and the CSV that lists them."""

    def __init__(self, folder: Path, template: Path) -> None:
        self._folder = folder
        self._template = template

    def push(self, student: str, change) -> None:
        """Have a student push once more: a clone of the template at first, then of what is there."""
        bare, work = self._folder / f"{student}.git", self._folder / f"{student}-work"
        if not bare.exists():
            shutil.copytree(self._template, work)
            git(self._folder, "init", "--quiet", "--bare", str(bare))
            git(work, "init", "--quiet")
        change(work)
        git(work, "add", "--all")
        git(work, "commit", "--quiet", "--message", f"{student} hands in")
        git(work, "push", "--quiet", str(bare), "HEAD:main")

    def listed(self, course: Path) -> None:
        rows = [
            f"{student},{student.title()} Bartholomea,file://{self._folder}/{student}.git,{student}50"
            for student in PEOPLE
        ]
        (course / "class.csv").write_text("\n".join(["student,name,url,login", *rows]) + "\n")


def cheat(work: Path) -> None:
    """Make everything green that a student can reach: the workflow, the public tests, the script, the test cells."""
    solved(work / "tiny.ipynb", halve=WRONG_HALVE, quarter="quarter = halve", double=UNWRITTEN)
    notebook = nbformat.read(work / "tiny.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.source = "print('all tests passed')"
            cell.metadata.nbgrader.points = 1000
    nbformat.write(notebook, work / "tiny.ipynb")
    (work / "public_tests.py").write_text("halve_test = quarter_test = double_test = lambda target: print('passed')\n")
    (work / "run_public_tests.py").write_text("print('5 of 5 exercises with points pass')\n")
    workflow = work / ".github/workflows/public-tests.yml"
    workflow.write_text(workflow.read_text() + "      - run: echo '100 points' >> $GITHUB_STEP_SUMMARY\n")


@pytest.fixture(scope="module")
def the_class(template, tmp_path_factory) -> TheClass:
    people = TheClass(tmp_path_factory.mktemp("server"), template)
    people.push("lovelace", lambda work: solved(work / "tiny.ipynb", **RIGHT_TINY))
    people.push("hopper", lambda work: solved(work / "tiny.ipynb", **RIGHT_TINY | {"halve": WRONG_HALVE}))
    people.push("noether", cheat)
    return people  # Franklin has no repository yet


@pytest.fixture(scope="module")
def machine(course, the_class, tmp_path_factory) -> Runner:
    """Where the instructor's workflow runs; what one run keeps, the next one finds, and nothing else."""
    the_class.listed(course)
    return Runner(course, tmp_path_factory.mktemp("machine"))


def make_marks(machine: Runner, *, names: bool = False, secret: str = SECRET) -> Ran:
    """Run the instructor's workflow on a fresh checkout, with the assignment set that this course has."""
    course = machine.workspace
    for made in ("submitted", "autograded", "feedback", ".stepgrade", "repositories", "reports", "marks"):
        shutil.rmtree(course / made, ignore_errors=True)
    for made in ("gradebook.db", "marks.tar.gz.gpg", "fetched.csv"):
        (course / made).unlink(missing_ok=True)
    workflow = load(WORKFLOWS["marks"])
    workflow["env"] |= {"ASSIGNMENT": "tiny", "CLASSROOM": "cs-2026/tiny"}
    return machine.github(
        workflow,
        secrets={"STEPGRADE_SECRET": secret, "FETCH_TOKEN": TOKEN},
        inputs={"names": names},
        GITHUB_SERVER_URL="https://github.example",
        GIT_ALLOW_PROTOCOL="file",  # in place of https
    )


def opened(archive: Path, into: Path, secret: str = SECRET) -> Path:
    """Open the archive of the marks by the command of docs/ci.md."""
    command = re.search(r"gpg .*marks\.tar\.gz\.gpg \| tar xz", (COURSE / "docs/ci.md").read_text())[0]
    into.mkdir()
    (into / "course.secret").write_text(f"{secret}\n")
    command = command.replace("~/course.secret", str(into / "course.secret")).replace("marks.tar.gz.gpg", str(archive))
    home = into / "gnupg"
    home.mkdir(mode=0o700)
    subprocess.run(
        ["bash", "-eo", "pipefail", "-c", command], cwd=into, check=True, env=os.environ | {"GNUPGHOME": str(home)}
    )
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=True)
    return into


def marks_in(folder: Path) -> dict[str, str]:
    rows = csv.DictReader(io.StringIO((folder / "marks/marks.csv").read_text()))
    return {row["student"]: row["total"] for row in rows}


def everything(folder: Path) -> str:
    """Return all that is readable below a folder, names of files included."""
    parts = []
    for path in sorted(folder.rglob("*")):
        parts.append(str(path.relative_to(folder)))
        if path.is_file():
            parts.append(path.read_bytes().decode("latin-1"))
    return "\n".join(parts)


def told(text: str) -> list[str]:
    """Return what a log or an artefact must not hold."""
    return [word for word in (*PEOPLE, "Bartholomea", SECRET, TOKEN) if word.lower() in text.lower()]


@pytest.fixture(scope="module")
def first(machine, tmp_path_factory):
    ran = make_marks(machine)
    assert ran.code == 0, ran.printed
    archive = machine.artefacts / "marks/marks.tar.gz.gpg"
    return ran, opened(archive, tmp_path_factory.mktemp("opened") / "first"), everything(machine.artefacts)


@pytest.fixture(scope="module")
def second(first, machine, the_class, tmp_path_factory):
    """After somebody has corrected her work; and this time with names, because they were asked for."""
    the_class.push("hopper", lambda work: solved(work / "tiny.ipynb", **RIGHT_TINY))
    ran = make_marks(machine, names=True)
    assert ran.code == 0, ran.printed
    return ran, opened(machine.artefacts / "marks/marks.tar.gz.gpg", tmp_path_factory.mktemp("opened") / "second")


@needs_gpg
@pytest.mark.slow
class TestTheInstructorsRun:
    def test_makes_the_marks(self, first):
        _, folder, _ = first
        assert marks_in(folder) == {"lovelace": "10.0", "hopper": "6.0", "noether": "0.0", "franklin": ""}
        assert (folder / "feedback/lovelace/tiny/tiny.html").is_file()
        assert (folder / "gradebook.db").is_file()

    def test_of_a_student_who_edits_the_workflow_is_not_deceived(self, first, the_class, tmp_path):
        _, folder, _ = first
        work = tmp_path / "noether"
        git(tmp_path, "clone", "--quiet", f"{the_class._folder}/noether.git", str(work))
        seen = Runner(work, tmp_path / "home").github(
            load(work / ".github/workflows/public-tests.yml"), without=("Install",)
        )
        assert seen.code == 0
        assert "100 points" in seen.summary
        assert marks_in(folder)["noether"] == "0.0"
        result = json.loads((folder / "autograded/noether/tiny/result.json").read_text())
        assert (result["points"], result["max_points"]) == (0.0, 10.0)

    def test_names_nobody_and_tells_no_mark_unless_asked(self, first):
        ran, _, artefacts = first
        assert told(ran.printed) == told(ran.summary) == told(artefacts) == []
        assert "10.0" not in re.sub(r"[\d.]+ per second", "", ran.printed)
        assert "3 of 4 repositories are fetched" in ran.printed

    def test_keeps_nothing_readable_in_the_cache(self, first, machine):
        assert told(everything(machine.cache)) == []
        assert [path.name for path in machine.cache.iterdir()] == ["marks.tar.gz.gpg"]

    def test_shows_the_class_in_numbers(self, first, machine):
        ran, _, _ = first
        assert "## tiny: 4 students" in ran.summary
        assert "| halve | 4 | 1 | 3 | 33% |" in ran.summary
        junit = ElementTree.parse(machine.artefacts / "reports/reports/junit.xml")  # noqa: S314 - made by us
        assert int(junit.getroot().get("tests")) == 12

    def test_asks_for_the_setting_and_looks_whether_there_is_a_boundary(self, first, machine):
        ran, _, _ = first
        assert machine.asked.read_text().splitlines()[:2] == [
            "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
            "make setup",
        ]
        assert "bubblewrap, namespaces, seccomp" in ran.printed

    def test_writes_classroom_50s_files(self, first):
        _, folder, _ = first
        document = json.loads((folder / "marks/classroom50/hopper/result.json").read_text())
        assert (document["owner"], document["classroom"], document["score"]) == ("hopper50", "cs-2026", 6)

    def test_goes_on_with_what_the_one_before_has_kept(self, second):
        ran, folder = second
        assert "what an earlier run kept is here again" in ran.printed
        assert "Grading: 1/1" in ran.printed
        assert marks_in(folder) == {"lovelace": "10.0", "hopper": "10.0", "noether": "0.0", "franklin": ""}

    def test_names_everybody_when_asked(self, second, machine):
        ran, _ = second
        assert "hopper: 6 -> 10" in ran.printed
        assert "| ` lovelace ` |" in ran.summary
        assert (machine.artefacts / "marks-readable/marks/marks.csv").is_file()
        assert [word for word in (SECRET, TOKEN) if word in ran.printed + ran.summary] == []

    def test_with_another_secret_stops_and_leaves_what_is_kept(self, second, machine):
        before = (machine.cache / "marks.tar.gz.gpg").read_bytes()
        ran = make_marks(machine, secret="another one")  # noqa: S106 - a test's
        assert ran.code != 0
        assert "cannot be opened with this course secret" in ran.printed
        assert ran.outcomes["Pack"] == "skipped"
        assert (machine.cache / "marks.tar.gz.gpg").read_bytes() == before

    def test_without_the_secret_says_what_is_missing(self, machine):
        ran = make_marks(machine, secret="")
        assert ran.code != 0
        assert "::error::the secret STEPGRADE_SECRET is missing" in ran.printed
        assert ran.outcomes["Fetch the hand-ins"] == "skipped"


def test_a_runner_that_blocks_namespaces_is_told_what_to_do(course, tmp_path):
    workspace = tmp_path / "course"
    shutil.copytree(course, workspace, symlinks=True)
    (workspace / "class.csv").write_text("student,url\n")
    runner = Runner(workspace, tmp_path / "home")
    runner.put_program("bwrap", "echo 'bwrap: No permissions to create new namespace' >&2; exit 1")
    ran = make_marks(runner)
    assert ran.code == 3
    assert "student code cannot be isolated here: bwrap: No permissions to create new namespace" in ran.printed
    assert "User namespaces seem to be blocked" in ran.printed
    assert "docs/security.md" in ran.printed
    assert ran.outcomes["Make the marks"] == ran.outcomes["Fetch the hand-ins"] == "skipped"


@needs_gpg
@pytest.mark.slow
def test_the_instructors_pipeline_on_gitlab_makes_the_same_marks(course, the_class, tmp_path):
    workspace = tmp_path / "course"
    shutil.copytree(course, workspace, symlinks=True)
    for made in ("submitted", "autograded", "feedback", ".stepgrade", "repositories", "reports", "marks"):
        shutil.rmtree(workspace / made, ignore_errors=True)
    for made in workspace.glob("*.gpg"):
        made.unlink()
    (workspace / "gradebook.db").unlink(missing_ok=True)
    the_class.listed(workspace)
    runner = Runner(workspace, tmp_path / "home")
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n")
    ran = runner.gitlab(
        jobs_of("marks")["marks"],
        ASSIGNMENT="tiny",
        STEPGRADE_SECRET_FILE=str(secret),
        FETCH_TOKEN=TOKEN,
        CI_SERVER_URL="https://gitlab.example",
        GIT_ALLOW_PROTOCOL="file",
    )
    assert ran.code == 0, ran.printed
    assert told(ran.printed) == told(everything(runner.artefacts)) == told(everything(runner.cache)) == []
    folder = opened(runner.artefacts / "marks.tar.gz.gpg", tmp_path / "opened")
    marks = marks_in(folder)
    assert (marks["lovelace"], marks["noether"]) == ("10.0", "0.0")
    assert (runner.artefacts / "reports/junit.xml").is_file()
    assert "## tiny: 4 students" in ran.printed


@contextmanager
def server(answer: int = 204):
    """A server on loopback that notes what it is asked, and answers everything alike."""
    asked: list[tuple[str, dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked.append((self.path, dict(self.headers), body))
            self.send_response(answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815 - the base class names it so

        def log_message(self, *_) -> None:
            pass

    listening = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_port}", asked
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


@needs_curl
def test_the_external_file_rings_at_the_course_and_tells_no_token(tmp_path):
    workspace = tmp_path / "nothing"
    workspace.mkdir()
    with server(201) as (address, asked):
        ran = Runner(workspace, tmp_path / "home").gitlab(
            jobs_of("external")["ask-for-marks"], CI_API_V4_URL=address, MARKS_PROJECT="4711", MARKS_TRIGGER=TOKEN
        )
    assert ran.code == 0, ran.printed
    ((path, _, body),) = asked
    assert path == "/projects/4711/trigger/pipeline"
    assert TOKEN.encode() in body
    assert b"variables" not in body
    assert TOKEN not in ran.printed


class TestFetching:
    @pytest.fixture
    def fetch(self, tmp_path):
        def run(
            people: dict[str, str], *, script: Path = INSTRUCTOR / "fetch.py", **variables: str
        ) -> subprocess.CompletedProcess[str]:
            table = tmp_path / "class.csv"
            table.write_text("\n".join(["student;url", *(f"{name};{url}" for name, url in people.items())]) + "\n")
            clones = tmp_path / "clones"
            command = [sys.executable, script, table, clones, "--log", tmp_path / "fetched.csv"]
            environment = os.environ | {"GIT_ALLOW_PROTOCOL": "file"} | variables
            return subprocess.run(command, capture_output=True, text=True, env=environment)

        return run

    @pytest.fixture
    def bare(self, tmp_path):
        """``bare(name, change)``: the address of a repository with what ``change(folder)`` writes."""

        def make(name: str, change) -> str:
            work = tmp_path / f"{name}-work"
            work.mkdir()
            git(work, "init", "--quiet")
            change(work)
            git(work, "add", "--all", "--force")
            git(work, "commit", "--quiet", "--allow-empty", "--message", "x")
            git(tmp_path, "clone", "--quiet", "--bare", str(work), f"{name}.git")
            return f"file://{tmp_path}/{name}.git"

        return make

    def test_what_is_fetched_is_listed_with_its_commit(self, fetch, bare, tmp_path):
        url = bare("ada", lambda work: (work / "tiny.ipynb").write_text("{}"))
        assert fetch({"ada": url}).returncode == 0
        assert (tmp_path / "clones/ada/tiny.ipynb").read_text() == "{}"
        (row,) = csv.DictReader(io.StringIO((tmp_path / "fetched.csv").read_text()))
        head, made = git(tmp_path / "ada-work", "log", "-1", "--format=%H %cI").split()
        assert (row["student"], row["url"], row["commit"], row["committed"]) == ("ada", url, head, made)

    def test_a_repository_that_is_not_there_costs_nobody_else(self, fetch, bare, tmp_path):
        url = bare("ada", lambda work: (work / "tiny.ipynb").write_text("{}"))
        done = fetch({"bob": f"file://{tmp_path}/none.git", "ada": url})
        assert done.returncode == 1
        assert "bob: " in done.stdout
        assert "1 of 2 repositories are fetched" in done.stdout
        hidden = fetch({"bob": f"file://{tmp_path}/none.git", "ada": url}, STEPGRADE_PRIVATE="1")
        assert hidden.stdout == "1 of 2 repositories are fetched\n"
        assert hidden.stderr == ""

    def test_nobody_at_all_is_an_error(self, fetch, tmp_path):
        assert fetch({"bob": f"file://{tmp_path}/none.git"}).returncode == 2

    def test_a_link_in_a_repository_is_a_small_file(self, fetch, bare, tmp_path):
        url = bare("ada", lambda work: (work / "tiny.ipynb").symlink_to("/etc/passwd"))
        assert fetch({"ada": url}).returncode == 0
        assert not (tmp_path / "clones/ada/tiny.ipynb").is_symlink()
        assert (tmp_path / "clones/ada/tiny.ipynb").read_text() == "/etc/passwd"

    def test_no_submodule_filter_or_hook_is_run(self, fetch, bare, tmp_path):
        def change(work):
            (work / ".gitattributes").write_text("*.ipynb filter=lfs diff=lfs merge=lfs\n")
            (work / ".lfsconfig").write_text("[lfs]\n\turl = http://127.0.0.1:9/\n")
            (work / ".gitmodules").write_text(f'[submodule "m"]\n\tpath = m\n\turl = file://{tmp_path}/other.git\n')
            (work / "tiny.ipynb").write_text("version https://git-lfs.github.com/spec/v1\n")
            commit = "0" * 39 + "1"
            git(work, "update-index", "--add", "--cacheinfo", f"160000,{commit},m")

        done = fetch({"ada": bare("ada", change)})
        assert done.returncode == 0, done.stdout
        assert not (tmp_path / "clones/ada/m/.git").exists()
        assert not (tmp_path / "clones/ada/.git/hooks").exists()
        assert (tmp_path / "clones/ada/tiny.ipynb").read_text().startswith("version https://git-lfs")

    def test_too_many_files_are_refused_before_they_are_written(self, fetch, bare, tmp_path):
        def change(work):
            for number in range(2001):
                (work / f"{number}").write_text("")

        done = fetch({"ada": bare("ada", change)})
        assert "ada: more than 2000 files or 200 MiB" in done.stdout
        assert not (tmp_path / "clones/ada").exists()

    def test_what_unpacks_to_too_much_is_refused(self, fetch, bare, tmp_path):
        def change(work):
            with (work / "zeros").open("wb") as file:
                file.truncate(201 * 2**20)

        done = fetch({"ada": bare("ada", change)})
        assert "ada: more than 2000 files or 200 MiB" in done.stdout

    def test_folders_in_folders_without_end_are_refused(self, fetch, tmp_path):
        work = tmp_path / "work"
        work.mkdir()
        git(work, "init", "--quiet")
        tree = ""
        for _ in range(13):  # ten in each: few objects, and a million million folders
            made = subprocess.run(["git", "mktree"], cwd=work, input=tree, capture_output=True, text=True, check=True)
            tree = "".join(f"040000 tree {made.stdout.strip()}\td{number}\n" for number in range(10))
        git(work, "update-ref", "refs/heads/main", git(work, "commit-tree", made.stdout.strip(), "-m", "x").strip())
        impatient = tmp_path / "fetch.py"
        impatient.write_text((INSTRUCTOR / "fetch.py").read_text().replace("TIMEOUT_S = 120", "TIMEOUT_S = 3"))
        assert (
            "ada: its folders take longer than 3 s to list" in fetch({"ada": f"file://{work}"}, script=impatient).stdout
        )

    def test_an_empty_repository_is_said_to_be_one(self, fetch, bare):
        assert "ada: no commit with files in it" in fetch({"ada": bare("ada", lambda work: None)}).stdout

    @pytest.mark.parametrize(
        ("student", "url", "reason"),
        [
            ("../../ada", "file:///x", "cannot be a folder's"),
            ("-ada", "file:///x", "cannot be a folder's"),
            ("ada", "https://me:token@github.com/x", "holds a user or a token"),
            ("ada", "ext::sh -c id", "not allowed"),
            ("ada", "--upload-pack=id", ""),
        ],
    )
    def test_a_row_that_leads_elsewhere_is_refused(self, fetch, student, url, reason):
        done = fetch({student: url})
        assert done.returncode == 2
        assert reason in done.stdout
        assert "uid=" not in done.stdout

    def test_the_token_goes_to_its_server_alone_and_into_no_message(self, fetch, tmp_path):
        with server(404) as (ours, asked), server(404) as (other, asked_elsewhere):
            people = {"ada": f"{ours}/org/ada.git", "bob": f"{other}/org/bob.git"}
            done = fetch(people, GIT_ALLOW_PROTOCOL="http", FETCH_SERVER=ours, FETCH_TOKEN=TOKEN)
        assert done.returncode == 2
        assert [headers["Authorization"].partition(" ")[0] for _, headers, _ in asked] == ["Basic"]
        assert all("Authorization" not in headers for _, headers, _ in asked_elsewhere)
        assert asked_elsewhere
        assert TOKEN not in done.stdout + done.stderr + everything(tmp_path)

    def test_a_token_without_its_server_is_refused(self, fetch):
        variables = dict.fromkeys(("FETCH_SERVER", "GITHUB_SERVER_URL", "CI_SERVER_URL"), "")
        done = fetch({"ada": "file:///x"}, FETCH_TOKEN=TOKEN, **variables)
        assert done.returncode == 1
        assert "FETCH_SERVER" in done.stderr


class TestTheRelay:
    @pytest.fixture
    def relay(self):
        """``relay(event, body)`` delivers a webhook; returns the answer, and what GitHub's API was asked."""

        def deliver(event: str, body: dict, *, secret: str = SECRET, answer: int = 204):
            with server(answer) as (api, asked):
                variables = {
                    "RELAY_SECRET": SECRET,
                    "RELAY_TOKEN": TOKEN,
                    "RELAY_COURSE": "org/course",
                    "RELAY_API": api,
                }
                process = subprocess.Popen(
                    [sys.executable, INSTRUCTOR / "relay.py", "0"],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                    env=os.environ | variables,
                )
                try:
                    address = process.stdout.readline().split()[-1]
                    data = json.dumps(body).encode()
                    signature = "sha256=" + hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()
                    headers = {"X-GitHub-Event": event, "X-Hub-Signature-256": signature}
                    request = urllib.request.Request(f"http://{address}/", data, headers)
                    try:
                        with urllib.request.urlopen(request) as answered:  # noqa: S310 - loopback
                            return answered.status, asked
                    except urllib.error.HTTPError as error:
                        with error:
                            return error.code, asked
                finally:
                    process.terminate()
                    process.communicate()

        return deliver

    @staticmethod
    def push(repository: str = "org/cnn-ada", ref: str = "refs/heads/main") -> dict:
        return {
            "ref": ref,
            "repository": {"full_name": repository, "default_branch": "main"},
            "pusher": {"name": "ada"},
        }

    def test_starts_the_workflow_and_tells_it_nothing(self, relay):
        status, asked = relay("push", self.push())
        assert status == 204
        ((path, headers, body),) = asked
        assert path == "/repos/org/course/dispatches"
        assert json.loads(body) == {"event_type": "hand-in"}
        assert load(WORKFLOWS["marks"])["on"]["repository_dispatch"]["types"] == ["hand-in"]
        assert headers["Authorization"] == f"Bearer {TOKEN}"

    def test_believes_nobody_without_the_secret(self, relay):
        assert relay("push", self.push(), secret="guessed") == (401, [])  # noqa: S106 - a test's

    @pytest.mark.parametrize(
        ("event", "body"),
        [
            ("ping", {}),
            ("push", push("org/cnn-ada", "refs/heads/draft")),
            ("push", push("Org/Course")),
        ],
        ids=["ping", "another branch", "the course itself"],
    )
    def test_starts_nothing_for_what_changes_no_mark(self, relay, event, body):
        assert relay(event, body) == (202, [])

    def test_says_so_where_github_does_not_take_it(self, relay):
        assert relay("push", self.push(), answer=403)[0] == 502


def test_the_settings_are_where_the_page_says():
    page = (COURSE / "docs/ci.md").read_text()
    for path in (*CI.rglob("*"), COURSE / ".github/workflows/tests.yml"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert path.name in page, f"docs/ci.md does not say what {path.name} is"
