"""The example class: every student's marks, question by question."""

from __future__ import annotations

from pathlib import Path

import nbformat
import numpy as np
import pytest

from stepgrade.grade import Grader
from stepgrade.result import EndState
from stepgrade.sandbox import Limits
from tests.conftest import ASSIGNMENT, COURSE, script

pytestmark = pytest.mark.slow

hand_in = script(COURSE / "examples/hand_in.py")

RELEASE = COURSE / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
STUDENTS = sorted(path.stem for path in hand_in.CLASS.glob("*.py"))

# zero_pad, conv_single_step, conv_forward, pool_forward
MARKS = {
    "right_loops": (15, 15, 40, 30),
    "right_vectorised": (15, 15, 40, 30),
    "right_float_b": (15, 15, 40, 30),
    "right_noisy": (15, 15, 40, 30),
    "untouched": (0, 0, 0, 0),
    "no_padding": (0, 15, 40, 30),
    "stride_ignored": (15, 15, 28.57, 30),
    "bias_forgotten": (15, 7.5, 40, 30),
    "wrong_axis_padded": (0, 15, 40, 30),
    "max_average_swapped": (15, 15, 40, 0),
    "does_not_parse": (15, 15, 40, 0),
    "raises": (15, 0, 40, 30),
    "endless_loop": (15, 15, 0, 30),
    "stride_ignored_backward": (15, 15, 40, 30),
}
if tuple(map(int, np.__version__.split(".")[:2])) >= (2, 4):
    MARKS["right_float_b"] = (15, 0, 40, 30)  # float(b) is an error from here on: why the course runs NumPy 2.3


@pytest.fixture(scope="module")
def graded(assignment):
    """Results by student, each graded once."""
    grader = Grader(assignment, limits=Limits(call_cpu_s=1))
    results = {}

    def result(student: str):
        if student not in results:
            notebook = hand_in.notebook_of(hand_in.CLASS / f"{student}.py", RELEASE)
            results[student] = grader.grade(nbformat.writes(notebook).encode(), student)
        return results[student]

    return result


def test_the_class_has_at_least_twelve_students_and_all_their_marks_are_held():
    assert set(STUDENTS) == set(MARKS)
    assert len(STUDENTS) >= 12


@pytest.mark.parametrize("student", STUDENTS)
def test_each_student_gets_the_marks_that_the_file_deserves(graded, student):
    questions = [question for question in graded(student).questions if question.max_points]
    assert tuple(question.points for question in questions) == MARKS[student]


@pytest.mark.parametrize(
    ("student", "question", "fragment"),
    [
        ("untouched", "conv_forward", "conv_forward is not written yet"),
        ("no_padding", "zero_pad", "X_pad has shape (3, 4, 6, 2), expected (3, 6, 8, 2) for X (3, 4, 6, 2), pad 1"),
        ("stride_ignored", "conv_forward", "The window moves stride pixels"),
        ("bias_forgotten", "conv_single_step", "the bias is added to that sum once"),
        ("does_not_parse", "pool_forward", "SyntaxError: expected ':'"),
        ("raises", "conv_single_step", 'IndexError at `return np.sum(a_slice_prev * W) + b["bias"]`'),
        ("endless_loop", "conv_forward", "Is there a loop that never ends?"),
        ("stride_ignored_backward", "conv_backward", "stride included"),
        ("stride_ignored_backward", "pool_backward", "stride included"),
    ],
)
def test_the_first_message_says_what_to_look_at(graded, student, question, fragment):
    assert fragment in graded(student).question(question).first_finding.message


def test_the_optional_half_is_checked_and_reported_and_costs_nothing(graded):
    result = graded("stride_ignored_backward")
    assert result.points == 100.0
    assert 0 < result.question("pool_backward").passed_share < 1
    assert all(graded("right_loops").question(q.id).passed_share == 1 for q in result.questions)


def test_a_wrong_helper_is_followed_through(graded):
    assert [q.id for q in graded("no_padding").questions if q.follow_through] == ["conv_forward", "conv_backward"]


def test_only_the_endless_loop_ends_otherwise_than_graded(graded):
    states = {student: graded(student).end_state for student in STUDENTS}
    assert {s for s, state in states.items() if state is not EndState.GRADED} == {"endless_loop"}


def test_a_cell_for_a_question_that_does_not_exist_is_refused(tmp_path: Path):
    (tmp_path / "eve.py").write_text("# %% no_such_question\nx = 1\n")
    with pytest.raises(SystemExit, match="no_such_question"):
        hand_in.notebook_of(tmp_path / "eve.py", RELEASE)
