"""What a student reads below a graded cell."""

from __future__ import annotations

import pytest

from stepgrade.assignment import Assignment
from stepgrade.course.autograded.checktable import LINE_WIDTH, check_table
from stepgrade.course.converters.scoring import ScoreSubmission
from stepgrade.grade import Grader


@pytest.fixture
def table(tiny, hand_in):
    """``table("halve", halve="...")``: the table below one question of a submission."""

    def shown(question: str, **cells: str) -> str:
        result = Grader(tiny).grade(hand_in(**cells), "ada")
        return check_table(result, result.question(question))

    return shown


def test_a_right_answer_lists_its_checks(table):
    assert table("halve") == (
        "halve: 4 of 4 points, 3 of 3 checks passed\n"
        "  passed  one axis\n"
        "  passed  two axes\n"
        "  passed  the input is not modified\n"
    )


def test_a_wrong_answer_begins_with_what_to_look_at(table):
    lines = table("halve", halve="def halve(x):\n    return x[..., :2]").splitlines()
    assert lines[0] == "halve: 0 of 4 points, 0 of 3 checks passed"
    assert lines[1] == "Look at this first: halve: y has shape (2,), expected (5,) for x (5,)."
    assert lines[-1] == "  not counted  the input is not modified"


def test_follow_through_says_what_the_students_own_helper_would_have_given(table):
    shown = table("quarter", halve="def halve(x):\n    return x")
    assert "quarter: 6 of 6 points" in shown
    assert "Judged with correct helper functions: with your own it would be 0 points." in shown


def test_an_optional_question_shows_checks_and_no_points(table):
    assert table("double").splitlines()[0] == "double (optional): 3 of 3 checks passed"


def test_lines_are_wrapped_between_words_and_never_inside_a_shape(table):
    shown = table(
        "halve", halve="def halve(x):\n    raise KeyError(x)" + " " * 3 + "# a rather long line, as students write"
    )
    assert max(map(len, shown.splitlines())) <= LINE_WIDTH + 10
    assert "(5,)" in shown


def test_one_grader_serves_all_submissions_of_a_run(tiny):
    scoring = ScoreSubmission(boundary="none")
    assert scoring.grader(tiny) is ScoreSubmission(boundary="none").grader(Assignment.find("tiny", tiny.course))


def test_an_edited_assignment_or_another_secret_gets_a_grader_of_its_own(tiny, tmp_path):
    first = ScoreSubmission(boundary="none").grader(tiny)
    (tmp_path / "secret").write_text("a long random line")
    assert ScoreSubmission(boundary="none", secret_file=str(tmp_path / "secret")).grader(tiny) is not first
    checks = tiny.hidden_dir / "checks.py"
    checks.write_text(checks.read_text().replace("(5,), (4,)", "(6,), (4,)"))
    assert ScoreSubmission(boundary="none").grader(Assignment.find("tiny", tiny.course)) is not first


def test_without_a_sandbox_is_the_courses_explicit_choice():
    assert ScoreSubmission().boundary == "bubblewrap"
    assert "can read, change and send away" in ScoreSubmission.boundary.help
