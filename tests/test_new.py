"""`stepgrade new`: an assignment that works from its first minute, without a line of the engine knowing it."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner

from stepgrade.assignment import Assignment
from stepgrade.cli import main
from stepgrade.course.release.notebook_text import to_text
from tests.conftest import COURSE


@pytest.fixture
def course(tmp_path):
    shutil.copy(COURSE / "nbgrader_config.py", tmp_path)
    return tmp_path


@pytest.fixture
def stepgrade(course):
    return lambda *arguments: CliRunner().invoke(main, ["--course", str(course), *map(str, arguments)])


@pytest.fixture
def made(course, stepgrade):
    assert stepgrade("new", "least_squares").exit_code == 0
    return Assignment.find("least_squares", course)


def test_every_file_is_listed_and_the_next_commands_with_them(course, stepgrade):
    shown = stepgrade("new", "least_squares").output
    listed = {line for line in shown.splitlines() if "/" in line and not line.startswith(" ")}
    assert listed == {str(path.relative_to(course)) for path in course.rglob("*/*") if path.is_file()}
    assert "  stepgrade release least_squares\n" in shown


def test_no_placeholder_is_left(course, made):
    texts = [path.read_text(encoding="utf-8") for path in course.rglob("*/*") if path.is_file()]
    assert not any("ASSIGNMENT" in text for text in texts)
    assert not any("ASSIGNMENT" in path.name for path in course.rglob("*"))


def test_notebook_and_text_are_the_same(made):
    text = (made.hidden_dir / "least_squares.py").read_text(encoding="utf-8")
    assert to_text(made.source_notebook.read_text(encoding="utf-8")) == text


def test_its_release_is_built_and_proved(stepgrade, made):
    assert "is built and proved" in stepgrade("release", "least_squares").output


def test_its_right_example_is_full(course, stepgrade, made):
    done = stepgrade("check", course / "examples/least_squares/right.py", "--assignment", "least_squares")
    assert (done.exit_code, "10 / 10" in done.output) == (0, True)


def test_its_wrong_example_hears_what_is_wrong(course, stepgrade, made):
    done = stepgrade("check", course / "examples/least_squares/rows_centred.py", "--assignment", "least_squares")
    assert done.exit_code == 1
    assert "The rows have the mean 0." in " ".join(done.output.split())
    assert "X = np.reshape([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], (2, 3))" in done.output


def test_its_notebook_is_full_with_its_own_solution(stepgrade, made):
    assert stepgrade("check", made.source_notebook, "--assignment", "least_squares").exit_code == 0


@pytest.mark.parametrize("name", ["right", "rows_centred"])
def test_its_public_tests_pass_what_is_right_and_nothing_else(course, made, name):
    code = (
        f"{(course / f'examples/least_squares/{name}.py').read_text()}\nfrom public_tests import *\ncenter_test(center)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=made.source_dir, capture_output=True, text=True, check=False
    )
    assert (done.returncode == 0) == (name == "right"), done.stderr


@pytest.mark.parametrize("name", ["Least", "least-squares", "../least", "2d", "", "a b"])
def test_a_name_that_no_module_could_have_is_refused(course, stepgrade, name):
    refused = stepgrade("new", name)
    assert refused.exit_code == 2
    assert "cannot name an assignment" in refused.stderr
    assert not (course / "source").exists()


def test_nothing_that_is_there_is_overwritten(course, stepgrade, made):
    before = made.source_notebook.read_bytes()
    refused = stepgrade("new", "least_squares")
    assert refused.exit_code == 2
    assert "exists; choose another name" in refused.stderr
    assert made.source_notebook.read_bytes() == before
