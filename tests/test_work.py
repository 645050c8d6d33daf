"""What a worker does with one submission: plain data in, plain data out, and a Result whatever happens."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys

import pytest

from stepgrade.assignment import Assignment
from stepgrade.course import work
from stepgrade.course.autograded import folder as autograded
from stepgrade.course.work import Task, graded
from stepgrade.errors import StepgradeError
from stepgrade.grade import Grader
from stepgrade.judge.seeds import course_seed
from stepgrade.result import EndState, Result


@pytest.fixture
def task(released):
    """``task("ada")``: the task to grade her submission."""

    def of(student: str, **more) -> Task:
        return Task(str(released.course), "tiny", released.version, student, **more)

    return of


def folder_of(assignment: Assignment, student: str) -> set[str]:
    return {path.name for path in (assignment.course / "autograded" / student / "tiny").iterdir()}


def test_a_task_and_what_comes_back_are_plain_data(task, submit, hand_in):
    submit("ada", hand_in())
    asked = task("ada")
    assert pickle.loads(pickle.dumps(asked)) == asked  # noqa: S301 - our own
    done = graded(asked)
    assert json.loads(json.dumps(done)) == done


def test_a_submission_is_graded_and_its_folder_written(task, submit, hand_in, released):
    submit("ada", hand_in(halve="def halve(x):\n    return x / 2 if x.ndim == 1 else x"))
    (released.course / "submitted/ada/tiny/timestamp.txt").write_text("2026-03-01 10:00:00 Europe/Berlin")
    done = graded(task("ada"))
    result = Result.from_json(done["result"])
    assert (result.student, result.points, done["timestamp"]) == ("ada", 9.0, "2026-03-01T09:00:00")
    assert set(done["checksums"]) == {"halve_solution", "quarter_solution", "double_solution"}
    assert folder_of(released, "ada") == {"tiny.ipynb", "public_tests.py", "result.json", "timestamp.txt"}
    written = released.course / "autograded/ada/tiny"
    assert Result.from_json((written / "result.json").read_text()) == result
    assert "halve: 3 of 4 points, 2 of 3 checks passed" in (written / "tiny.ipynb").read_text()


def test_the_result_is_that_of_the_grader_and_the_same_every_time(task, submit, hand_in, released):
    submit("ada", hand_in(quarter="def quarter(x):\n    return x"))
    seed = course_seed(b"a secret", "tiny", "ada")
    first, second = (Result.from_json(graded(task("ada", seed=seed))["result"]) for _ in range(2))
    expected = Grader(released).grade(hand_in(quarter="def quarter(x):\n    return x"), "ada", seed)
    assert {result.seed for result in (first, second)} == {seed}
    for result in (first, second, expected):
        result.timing.clear()
    assert first.to_json() == second.to_json() == expected.to_json()


def test_repairs_of_the_hand_in_come_before_those_of_the_notebook(task, submit, hand_in):
    submit("ada", hand_in(), "tiny (1).ipynb")
    result = Result.from_json(graded(task("ada"))["result"])
    assert result.repairs[0].code == "notebook_renamed"


def test_an_earlier_result_is_handed_to_the_grader(task, submit, hand_in, monkeypatch):
    submit("ada", hand_in())
    earlier = graded(task("ada"))["result"]
    handed = []
    grade = Grader.grade

    def spy(self, *rest, known=None, **kw):
        handed.append(known)
        return grade(self, *rest, known=known, **kw)

    monkeypatch.setattr(Grader, "grade", spy)
    graded(task("ada", known=earlier))
    assert handed == [Result.from_json(earlier)]


def test_nothing_handed_in_is_no_mark_and_no_notebook(task, released):
    (released.course / "submitted/ada/tiny").mkdir(parents=True)
    done = graded(task("ada"))
    result = Result.from_json(done["result"])
    assert (result.end_state, result.points, done["checksums"]) == (EndState.MISSING, None, None)
    assert result.reason == "submitted/ada/tiny is empty; expected tiny.ipynb in it"
    assert folder_of(released, "ada") == {"result.json"}


def test_what_an_earlier_run_wrote_goes_with_the_submission(task, submit, hand_in, released):
    submit("ada", hand_in())
    graded(task("ada"))
    (released.course / "submitted/ada/tiny/tiny.ipynb").unlink()
    graded(task("ada"))
    assert folder_of(released, "ada") == {"result.json"}


@pytest.mark.parametrize("damage", ["text", "link"])
def test_a_damaged_notebook_is_a_mark_of_0_with_the_reason(task, submit, released, damage):
    submit("ada", b'{"cells": [')
    if damage == "link":
        notebook = released.course / "submitted/ada/tiny/tiny.ipynb"
        notebook.unlink()
        notebook.symlink_to(released.source_notebook)
    done = graded(task("ada"))
    result = Result.from_json(done["result"])
    assert (result.end_state, result.points) == (EndState.DAMAGED, 0.0)
    shown = (released.course / "autograded/ada/tiny/tiny.ipynb").read_text()
    assert "This submission could not be read" in shown
    assert result.reason.split(",")[0] in shown
    assert done["checksums"] == {}


@pytest.mark.parametrize("student", ["[ada]", "../../escape", ""])
def test_a_name_that_is_none_is_a_grader_error_and_leads_nowhere(task, released, student):
    before = sorted(released.course.parent.glob("*"))
    result = Result.from_json(graded(task(student))["result"])
    assert (result.end_state, result.points) == (EndState.GRADER_ERROR, None)
    assert sorted(released.course.parent.glob("*")) == before


def test_whatever_fails_inside_is_a_grader_error_with_the_reason(task, submit, hand_in, released, monkeypatch, caplog):
    submit("ada", hand_in())

    def fail(*_):
        raise KeyError("a mistake of ours")

    monkeypatch.setattr(work, "restore", fail)
    done = graded(task("ada"))
    result = Result.from_json(done["result"])
    assert (result.end_state, result.points) == (EndState.GRADER_ERROR, None)
    assert result.reason == "KeyError: 'a mistake of ours'"
    assert folder_of(released, "ada") == {"result.json"}
    assert "Traceback" in caplog.text


def test_a_full_disk_is_a_grader_error_even_where_nothing_can_be_written(task, submit, hand_in, monkeypatch):
    submit("ada", hand_in())

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(autograded, "rendered", full)
    result = Result.from_json(graded(task("ada"))["result"])
    assert result.end_state is EndState.GRADER_ERROR
    assert "nor can the Result be written: [Errno 28] No space left on device" in result.reason


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_an_interruption_is_no_result(task, submit, hand_in, monkeypatch, interruption):
    submit("ada", hand_in())

    def interrupt(*_):
        raise interruption

    monkeypatch.setattr(work, "restore", interrupt)
    with pytest.raises(interruption):
        graded(task("ada"))


def test_another_version_of_the_assignment_is_refused_and_the_message_says_what_to_do(released):
    with pytest.raises(StepgradeError, match=r"the run asks for 000.*give the worker the run's course folder"):
        graded(Task(str(released.course), "tiny", "0" * 64, "ada"))


def test_a_course_without_a_release_is_refused_before_anybody_is_graded(tiny, submit, hand_in):
    submit("ada", hand_in())
    with pytest.raises(StepgradeError, match="run `stepgrade release tiny` first"):
        graded(Task(str(tiny.course), "tiny", tiny.version, "ada"))
    assert not (tiny.course / "autograded" / "ada").exists()


def test_a_worker_imports_neither_nbgrader_nor_nbconvert(task, submit, hand_in):
    submit("ada", hand_in())
    program = (
        "import ast, sys; from stepgrade.course.work import Task, graded; "
        "graded(Task(*ast.literal_eval(sys.stdin.read()))); "
        "sys.exit(str({'nbgrader', 'nbconvert', 'nbformat', 'traitlets', 'sqlalchemy'} & sys.modules.keys() or ''))"
    )
    asked = task("ada")
    fields = (asked.course, asked.assignment, asked.assignment_version, asked.student)
    done = subprocess.run(
        [sys.executable, "-c", program], input=repr(fields), capture_output=True, text=True, check=False
    )
    assert done.stderr.strip() == ""
