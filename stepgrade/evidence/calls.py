"""A question's cases with what was answered: drawn from the seed, and called in the sandbox once more."""

from __future__ import annotations

import ast
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stepgrade.assignment import Assignment, Question
from stepgrade.judge import (
    Answer,
    Cache,
    Case,
    Check,
    DtypeKind,
    Examination,
    Returned,
    ScalarShape,
    Specification,
    Unchanged,
    Values,
    part_of,
    seeds,
)
from stepgrade.judge.finding import Finding
from stepgrade.notebook import Rescued
from stepgrade.result import CheckResult
from stepgrade.sandbox import Boundary
from stepgrade.student_code import StudentCode

logger = logging.getLogger(__name__)

OF_ONE_CASE = (Values, ScalarShape, DtypeKind, Unchanged, Cache)


@dataclass(frozen=True)
class Difference:
    """The first difference in one case; ``got`` and ``expected`` are the values there, if it is one of values."""

    message: str
    part: str = ""
    index: tuple[int, ...] | None = None
    got: Any = None
    expected: Any = None


@dataclass(frozen=True)
class SeenCase:
    """One case with its inputs, the hidden solution's answer, and the student's.

    ``answer`` is None where the function was not called any more: nothing to call, or two calls had been stopped.
    """

    case: Case
    expected: Any
    answer: Answer | None
    difference: Difference | None


@dataclass(frozen=True)
class SeenCheck:
    """One check, with what came out of it now; ``cases`` is None where the hidden code fails."""

    check: Check
    result: CheckResult
    cases: tuple[SeenCase, ...] | None


def seen_checks(
    assignment: Assignment, question: Question, rescued: Rescued, seed: str, boundary: Boundary, *, follow_through: bool
) -> tuple[SeenCheck, ...]:
    """Call a question's function on all its cases, and return what came back.

    ``follow_through``: with the reference's helpers, as the better of two ways to judge it may have been.
    """
    answers: list[Answer] = []
    examination = Examination(question.id, question.specification, seed)
    helpers = assignment.helper_source(question) if follow_through else ""
    code = StudentCode(seed, assignment.limits, boundary, assignment)
    try:
        code.take(rescued)
        (results,) = [
            examination.results(_noted(calls.answers, answers))
            for calls in code.answered([examination], helpers=helpers)
        ]
    finally:
        code.close()
    return tuple(_seen(question, seed, results, iter(answers)))


def _noted(answers: Iterator[Answer], noted: list[Answer]) -> Iterator[Answer]:
    for answer in answers:
        noted.append(answer)
        yield answer


def _seen(
    question: Question, seed: str, results: Sequence[CheckResult], answers: Iterator[Answer]
) -> Iterator[SeenCheck]:
    for check, result in zip(question.specification.checks, results, strict=True):
        yield SeenCheck(check, result, _cases(question, check, seed, answers))


def _cases(question: Question, check: Check, seed: str, answers: Iterator[Answer]) -> tuple[SeenCase, ...] | None:
    spec = question.specification
    try:
        cases = check.cases(seeds.generator(seed, question.id, check.id))
        # An examination stops taking answers for good, so those that were taken are those of the first cases.
        answered = [(case, next(answers, None)) for case in cases]
        return tuple(_case(spec, check, case, answer) for case, answer in answered)
    except Exception:  # hidden code may raise anything; the check's outcome is an error then
        logger.exception("the cases of check %s/%s cannot be shown", question.id, check.id)
        return None


def _case(spec: Specification, check: Check, case: Case, answer: Answer | None) -> SeenCase:
    expected = spec.reference(*case.arguments.values())
    difference = _difference(spec, check, case, answer, expected) if isinstance(answer, Returned) else None
    return SeenCase(case, expected, answer, difference)


def _difference(spec: Specification, check: Check, case: Case, answer: Returned, expected: Any) -> Difference | None:
    """Return what the check found in this case; for a relation between cases, where the solution answers otherwise."""
    if isinstance(check.requires, OF_ONE_CASE):
        finding = check.requires.verify(spec, (case,), (answer,))
    else:
        finding = _values_differ(spec, case, answer, expected)
    if finding is None:
        return None
    part, index = str(finding.params.get("name", "")), finding.params.get("index")
    if finding.code not in {"wrong_values", "wrong_number", "not_finite"}:
        return Difference(finding.message, part)
    place = ast.literal_eval(index) if index else ()
    got, right = part_of(spec, part, answer.value), part_of(spec, part, expected)
    return Difference(finding.message, part, place, _at(got, place), _at(right, place))


def _values_differ(spec: Specification, case: Case, answer: Returned, expected: Any) -> Finding | None:
    for part in spec.returns:
        right = part_of(spec, part, expected)
        if isinstance(right, np.ndarray | float):
            kinds = "fiub" if getattr(right, "dtype", None) == np.bool_ else "fiu"
            if (finding := Values(part, kinds=kinds).verify(spec, (case,), (answer,))) is not None:
                return finding
    return None


def _at(value: Any, index: tuple[int, ...]) -> Any:
    return value[index] if isinstance(value, np.ndarray) and len(index) == value.ndim else value
