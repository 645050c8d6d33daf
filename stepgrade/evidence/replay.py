"""Grading what was graded once more, and looking at one of its questions."""

from __future__ import annotations

from dataclasses import dataclass

from stepgrade.assignment import Assignment, Question
from stepgrade.evidence.calls import SeenCheck, seen_checks
from stepgrade.evidence.comparison import Difference, differences
from stepgrade.grade import Grader
from stepgrade.notebook import DamagedNotebook, Rescued, RunCell, read_notebook
from stepgrade.result import QuestionResult, Result
from stepgrade.sandbox import Boundary


@dataclass(frozen=True)
class Stored:
    """What the journal says: a Result, which of the student's it is, and when the notebook was handed in."""

    result: Result
    number: int
    n_results: int
    handed_in: str | None = None


@dataclass(frozen=True)
class Replay:
    """A stored Result beside the same grade made now, and one question of it in full.

    ``cells`` are those that ran for the question, its helpers' included; ``other_cells`` the rest of those that ran.
    ``steady``: calling the function for `checks` gave again what grading it had just found.
    """

    stored: Stored
    now: Result
    question: Question
    differences: tuple[Difference, ...]
    cells: tuple[RunCell, ...]
    other_cells: tuple[RunCell, ...]
    checks: tuple[SeenCheck, ...]
    steady: bool

    @property
    def is_same(self) -> bool:
        return not self.differences

    @property
    def judged(self) -> QuestionResult:
        """The question as the stored Result has it."""
        return self.stored.result.question(self.question.id)


def replay(stored: Stored, content: bytes, assignment: Assignment, question_id: str, boundary: Boundary) -> Replay:
    """Grade ``content`` with the stored Result's seed, and compare.

    Parameters
    ----------
    stored : Stored
    content : bytes
        What was graded.
    assignment : Assignment
        As it was then.
    question_id : str
        One that the stored Result has.
    boundary : Boundary
        Where student code runs now.
    """
    then = stored.result
    grader = Grader(assignment, boundary=boundary)
    now = grader.grade(content, then.student, then.seed)
    question = next(question for question in assignment.questions if question.id == question_id)
    rescued = _rescued(content, grader)
    checks: tuple[SeenCheck, ...] = ()
    follow_through = then.question(question_id).follow_through
    if rescued is not None:
        checks = seen_checks(assignment, question, rescued, then.seed, boundary, follow_through=follow_through)
    found = now.question(question_id)
    # Where follow-through is another now, the calls that are shown are not those that counted now.
    comparable = bool(found.checks) and found.follow_through == follow_through
    steady = not comparable or found.checks == tuple(seen.result for seen in checks)
    own, others = _cells(rescued, question, assignment)
    return Replay(stored, now, question, differences(then, now), own, others, checks, steady)


def _rescued(content: bytes, grader: Grader) -> Rescued | None:
    """Return what runs for marks, None where no notebook can be read."""
    try:
        return grader.rescued(read_notebook(content).cells, of_notebook=True)
    except DamagedNotebook:
        return None


def _cells(
    rescued: Rescued | None, question: Question, assignment: Assignment
) -> tuple[tuple[RunCell, ...], tuple[RunCell, ...]]:
    if rescued is None:
        return (), ()
    helpers = {other.id for other in assignment.questions if other.specification.function in question.helpers}
    own = tuple(cell for cell in rescued.cells if cell.question in {question.id, *helpers})
    return own, tuple(cell for cell in rescued.cells if cell not in own)
