"""What a student reads below a graded cell."""

from __future__ import annotations

import pytest

from stepgrade.course.scoring import LINE_WIDTH, check_table, read_secret
from stepgrade.errors import NoSuchFile
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


def test_a_secret_that_is_named_but_not_there_is_a_usage_error(tmp_path):
    assert read_secret("") is None
    (tmp_path / "secret").write_text("s3cret\n")
    assert read_secret(str(tmp_path / "secret")) == b"s3cret"
    with pytest.raises(NoSuchFile, match="cannot be read"):
        read_secret(str(tmp_path / "missing"))
