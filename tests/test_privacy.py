"""What --private keeps out of a log: names, marks, and messages that could hold one."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from stepgrade.cli import main, privacy
from stepgrade.errors import StepgradeError, UnknownAssignment
from stepgrade.report.output import rendered
from tests.conftest import RIGHT_TINY

RIGHT, WRONG, UNLUCKY = "lovelace", "hopper", "noether"
NAMES = (RIGHT, WRONG, UNLUCKY)
MARKS = ("total", " 6 ")  # the heading of a column, and the total of who is wrong


@pytest.fixture
def stepgrade(tiny_course):
    """``stepgrade("grade", "tiny", private="1")`` runs a command as a CI job does; returns all that it prints."""

    def run(*arguments: str, private: str = "1", code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "stepgrade.cli", "--course", str(tiny_course), *arguments],
            capture_output=True,
            text=True,
            env=os.environ | {privacy.VARIABLE: private},
        )
        printed = done.stdout + done.stderr
        assert done.returncode == code, printed
        return printed

    return run


def named(printed: str) -> list[str]:
    return [name for name in NAMES if name in printed.lower()]


def marks_in(printed: str) -> list[str]:
    """What was printed of the table of marks; a progress line's rate and time left are not of it."""
    told = re.sub(r"[0-9.]+ per second, [0-9]+ s left", "", printed)
    return [word for word in MARKS if word in told]


@pytest.mark.slow
def test_a_whole_run_names_nobody_and_tells_no_mark_unless_asked(stepgrade, tiny_course, hand_in, tmp_path):
    source = tmp_path / "arrived"
    for student, cells in ((RIGHT, {}), (WRONG, {"halve": "def halve(x):\n    return x"}), (UNLUCKY, {})):
        (source / student).mkdir(parents=True)
        (source / student / "tiny.ipynb").write_bytes(hand_in(**RIGHT_TINY | cells))
    (source / "nobody at all.txt").write_text("Hopper's notes")  # left aside, by its name
    # The folder of a graded notebook cannot be made, so the grader fails, and its worker logs whose fault it is not.
    (tiny_course / "autograded").mkdir()
    (tiny_course / "autograded" / UNLUCKY).write_text("in the way")

    stepgrade("release", "tiny")
    collected = stepgrade("collect", "tiny", str(source), code=1)
    assert "3 taken, 1 left aside" in collected
    dry = stepgrade("grade", "tiny", "--dry-run")
    assert "3 of 3 submissions would be graded" in dry
    graded = stepgrade("grade", "tiny", "--workers", "1", code=3)
    assert "3 students; `stepgrade export tiny --csv marks.csv` has their marks" in graded
    assert "the grader failed: 1 student\n" in graded
    fed = stepgrade("feedback", "tiny", "--workers", "1")
    table = stepgrade("export", "tiny", "--csv", str(tmp_path / "marks.csv"))
    private = "".join((collected, dry, graded, fed, table))
    assert named(private) == []
    assert "Traceback" not in private
    assert marks_in(private) == []

    asked = stepgrade("grade", "tiny", "--workers", "1", private="0", code=3)
    assert named(asked) == list(NAMES)
    assert f"{WRONG}  " in asked
    assert marks_in(asked) == list(MARKS)


@pytest.mark.slow
def test_marks_that_have_changed_are_counted(stepgrade, tiny_course, hand_in, submit):
    submit(RIGHT, hand_in())
    stepgrade("release", "tiny")
    stepgrade("grade", "tiny", "--workers", "1")
    (tiny_course / "submitted" / RIGHT / "tiny/tiny.ipynb").write_bytes(hand_in(halve="def halve(x):\n    return x"))
    again = stepgrade("grade", "tiny", "--workers", "1")
    assert "marks that have changed: 1\n" in again
    assert named(again) == []


def test_a_message_that_may_name_a_student_is_not_shown(stepgrade, tiny_course):
    roster = tiny_course / "class.csv"
    roster.write_text(f"student\n{RIGHT}\n{RIGHT}\n")
    (tiny_course / "arrived").mkdir()
    arguments = ("collect", "tiny", str(tiny_course / "arrived"), "--roster", str(roster))
    assert named(stepgrade(*arguments, private="0", code=2)) == [RIGHT]
    hidden = stepgrade(*arguments, code=2)
    assert named(hidden) == []
    assert "run it without --private" in hidden


@pytest.mark.parametrize("verb", sorted(set(main.commands) - privacy.PRIVATE_VERBS))
def test_a_verb_that_has_no_private_form_is_refused(verb, monkeypatch):
    monkeypatch.setattr(privacy, "silence", lambda: None)
    shown = CliRunner().invoke(main, ["--private", verb, "a", "b"])
    assert shown.exit_code == 2
    assert "cannot be --private" in shown.stderr


@pytest.fixture
def told(monkeypatch):
    """``told(error)`` is what `stepgrade --private` prints when a verb ends with that error."""
    monkeypatch.setattr(privacy, "silence", lambda: None)

    def run(error: Exception) -> str:
        @click.command()
        def collect() -> None:
            raise error

        monkeypatch.setitem(main.commands, "collect", collect)
        shown = CliRunner().invoke(main, ["--private", "collect"])
        assert shown.exit_code == getattr(error, "exit_code", 3)
        return shown.output

    return run


def test_an_error_that_nobody_thought_of_is_told_without_its_text(told):
    printed = told(KeyError("lovelace"))
    assert "KeyError" in printed
    assert named(printed) == []
    assert "Traceback" not in printed


def test_an_error_that_can_name_nobody_is_shown(told):
    assert "no assignment 'x'" in told(UnknownAssignment("no assignment 'x'"))
    assert named(told(StepgradeError("lovelace has two Results"))) == []


def test_what_went_wrong_besides_is_told_second_and_names_nobody(told):
    error = UnknownAssignment("no assignment 'x'")
    error.also = StepgradeError("lovelace has two Results")
    printed = told(error)
    assert [line.partition(" the message")[0] for line in printed.splitlines()] == [
        "stepgrade: no assignment 'x'",
        "stepgrade: StepgradeError:",
    ]
    error.also = KeyError("lovelace")
    assert "KeyError" in told(error)
    assert named(told(error)) == []


def test_of_an_unexpected_error_in_our_code_the_place_is_told():
    with pytest.raises(ValueError, match="unknown form") as caught:
        rendered("no such form", None)
    assert re.fullmatch(r"ValueError in stepgrade/report/output\.py, line \d+", privacy._where(caught.value))
