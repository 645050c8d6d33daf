"""The export of all marks through nbgrader's own command: no 0 for a mark that does not exist."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from stepgrade.course.converters import scoring
from stepgrade.course.converters.export import COLUMNS
from tests.inline import grade_class, result_file
from tests.test_course import nbgrader

pytestmark = pytest.mark.slow


@pytest.fixture
def exported(tiny):
    """``exported()``: the score of every student, as text, from the file that ``nbgrader export`` writes."""

    def scores() -> dict[str, str]:
        nbgrader(tiny.course, "export", "--to", "marks.csv")
        with (tiny.course / "marks.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert tuple(rows[0]) == COLUMNS
        return {row["student_id"]: row["score"] for row in rows}

    return scores


def gradebook(course: Path) -> Gradebook:
    return Gradebook(f"sqlite:///{course / 'gradebook.db'}")


def test_a_missing_mark_is_empty_and_a_real_zero_is_zero(released, submit, hand_in, exported):
    wrong = "def {}(x):\n    return None"
    submit("ada", hand_in())
    submit("bob", hand_in(halve=wrong.format("halve"), quarter=wrong.format("quarter")))
    submit("cyd", b"not a notebook")
    (released.course / "submitted" / "dan" / "tiny").mkdir(parents=True)
    with gradebook(released.course) as book:
        book.update_or_create_student("eve", last_name='Last, "and" more')
    grade_class(released)
    assert exported() == {"ada": "10.0", "bob": "0.0", "cyd": "0.0", "dan": "", "eve": ""}


def test_a_grading_that_fails_leaves_no_mark_not_even_the_earlier_one(released, submit, hand_in, exported, monkeypatch):
    submit("ada", hand_in())
    submit("bob", hand_in())
    grade_class(released)
    assert exported() == {"ada": "10.0", "bob": "10.0"}

    grade = scoring.Grader.grade

    def fail_for_bob(self, content, student=None, seed=None, **options):
        if student == "bob":
            raise OSError("no space left on device")
        return grade(self, content, student, seed, **options)

    monkeypatch.setattr(scoring.Grader, "grade", fail_for_bob)
    assert grade_class(released) == ["ada", "bob"]
    assert exported() == {"ada": "10.0", "bob": ""}
    assert not result_file(released, "bob").with_name("tiny.ipynb").exists(), "an earlier run's notebook is not today's"
    assert '"reason": "OSError: no space left on device"' in result_file(released, "bob").read_text()
    with gradebook(released.course) as book:
        assert book.find_submission("tiny", "bob").needs_manual_grade


def test_plain_autograde_that_fails_leaves_no_mark_either(released, submit, hand_in, exported):
    submit("ada", hand_in())
    nbgrader(released.course, "autograde", "tiny")
    assert exported() == {"ada": "10.0"}
    config = released.course / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.ScoreSubmission.secret_file = 'not_there'\n")
    nbgrader(released.course, "autograde", "tiny", "--force", exit_code=1)
    assert exported() == {"ada": ""}


def test_a_mark_that_a_person_gave_stays_and_counts(released, submit, hand_in, exported):
    submit("ada", hand_in())
    grade_class(released)
    with gradebook(released.course) as book:
        book.find_grade("halve", "tiny", "tiny", "ada").manual_score = 1.5
        book.db.commit()
    grade_class(released)
    assert exported() == {"ada": "7.5"}


def test_students_and_assignments_can_be_chosen_as_with_nbgraders_export(released, submit, hand_in):
    with gradebook(released.course) as book:
        book.update_or_create_student("ada")
        book.update_or_create_student("bob")
    nbgrader(released.course, "export", "--student", "['bob']", "--assignment", "['tiny']")
    lines = (released.course / "grades.csv").read_text().splitlines()
    assert lines[1:] == ["tiny,,,bob,,,,,,,10.0"]


def test_a_second_notebook_that_nobody_handed_in_is_no_zero(tiny_course, submit, hand_in):
    source = tiny_course / "source/tiny"
    second = (source / "tiny.ipynb").read_text()
    submit("ada", hand_in())
    (source / "second.ipynb").write_text(second)
    nbgrader(tiny_course, "generate_assignment", "tiny")
    nbgrader(tiny_course, "autograde", "tiny")
    with gradebook(tiny_course) as book:
        grades = book.find_submission_notebook("second", "tiny", "ada").grades
        assert [grade.auto_score for grade in grades] == [None] * 3
