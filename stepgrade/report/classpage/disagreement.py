"""Checks that disagreed with themselves: the same graded twice, with another outcome.

A grade is a function of submission, question version, seed and environment, so this is an alarm: about a check, about
the grader, or about a submission that is itself a matter of chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stepgrade.result import EndState, QuestionResult, Result

Outcomes = tuple[tuple[str, str], ...]  # title and outcome of each check


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One check of one student that came out in one way, and later in another."""

    student: str
    question: str
    check: str
    first: str
    then: str


def disagreements(history: Sequence[Result]) -> list[Disagreement]:
    """Return what disagrees among the Results of one student, oldest first; each check once.

    A Result in which something was stopped says nothing: limits of time are the machine's.
    """
    seen: dict[tuple[str, ...], Outcomes] = {}
    found: dict[tuple[str, str], Disagreement] = {}
    for result in history:
        if result.end_state is not EndState.GRADED:
            continue
        made_from = (result.submission_sha256, result.seed, repr(sorted(result.environment.items())))
        for question in result.questions:
            outcomes = _outcomes(question)
            before = seen.setdefault((*made_from, question.id, question.version), outcomes)
            for (title, first), (_, then) in zip(before, outcomes, strict=False):
                if first != then:
                    key = (question.id, title)
                    found.setdefault(key, Disagreement(str(result.student), question.id, title, first, then))
    return list(found.values())


def _outcomes(question: QuestionResult) -> Outcomes:
    return tuple((check.title, check.outcome.value) for check in question.checks)
