"""Who needs a person: where the grader has no mark, or less to go by than for others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from stepgrade.result import EndState, QuestionResult, Result

MANY_REPAIRS = 5
NOTHING = "nothing was handed in"  # so begins the reason where nothing lies in the student's folder


class Why(Enum):
    """Why somebody should look, the most urgent first; ``in_words`` goes on "... students"."""

    NO_MARK = "the grader failed on the submission: there is no mark"
    DAMAGED = "the file cannot be read"
    NO_NOTEBOOK = "something was handed in, but no notebook"
    OTHER_NOTEBOOK = "the notebook has none of the functions: it may be another assignment's"
    SEVERAL = "several notebooks were handed in, and one of them was graded"
    OUT_OF_MEMORY = "stopped at the limit of memory"
    TIMED_OUT = "stopped at the limit of time"
    BY_HAND = "answers wait for a person's grade"
    MANY_REPAIRS = "many things had to be put right first"


URGENCY = {why: number for number, why in enumerate(Why)}
OF_END_STATE = {
    EndState.GRADER_ERROR: Why.NO_MARK,
    EndState.DAMAGED: Why.DAMAGED,
    EndState.OUT_OF_MEMORY: Why.OUT_OF_MEMORY,
    EndState.TIMED_OUT: Why.TIMED_OUT,
}


@dataclass(frozen=True, slots=True)
class Attention:
    """One student, one reason, and what there is to know about it."""

    student: str
    why: Why
    detail: str


def attention(result: Result, n_by_hand: int = 0) -> Iterator[Attention]:
    """Yield why somebody should look at that student's submission.

    ``n_by_hand`` is how many answers of it the gradebook says a person has to grade.
    """
    student = str(result.student)
    why = OF_END_STATE.get(result.end_state)
    if why is not None:
        yield Attention(student, why, result.reason or _stopped(result))
    if n_by_hand and why not in (Why.NO_MARK, Why.DAMAGED):
        yield Attention(student, Why.BY_HAND, f"{n_by_hand} answer{'s' if n_by_hand > 1 else ''}")
    if result.end_state is EndState.MISSING and result.reason and not result.reason.startswith(NOTHING):
        yield Attention(student, Why.NO_NOTEBOOK, result.reason)
    repairs = {repair.code: repair.message for repair in result.repairs}
    if "other_edition" in repairs and all(_is_undefined(question) for question in result.questions):
        yield Attention(student, Why.OTHER_NOTEBOOK, "no points")
    if "notebooks_left_aside" in repairs:
        points = "no mark" if result.points is None else f"{result.points:g} points"
        yield Attention(student, Why.SEVERAL, f"{points}: {repairs['notebooks_left_aside']}")
    if len(result.repairs) >= MANY_REPAIRS:
        codes = dict.fromkeys(repair.code.replace("_", " ") for repair in result.repairs)
        yield Attention(student, Why.MANY_REPAIRS, f"{len(result.repairs)}: {', '.join(codes)}")


def _is_undefined(question: QuestionResult) -> bool:
    return all(check.code == "not_defined" for check in question.checks)


def _stopped(result: Result) -> str:
    """Return where calls were stopped; a cell that was, is listed among the repairs."""
    names = [question.id for question in result.questions if any(check.code == "stopped" for check in question.checks)]
    return ", ".join(names) or "in a cell"
