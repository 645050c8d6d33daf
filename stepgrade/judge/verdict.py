"""Judging one question: make the cases, have them answered, compare, and say what was found."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from stepgrade.judge import seeds
from stepgrade.judge.answer import Answer, NotCallable, NotDefined, Raised, Returned, Stopped
from stepgrade.judge.finding import Finding
from stepgrade.judge.numpy_names import removed_from_numpy
from stepgrade.judge.requirement import inputs_of
from stepgrade.judge.specification import Case, Check, Role, Specification
from stepgrade.phrases import phrase
from stepgrade.result import CheckResult, Outcome

# ``call(function name, one tuple of arguments per call) -> one Answer each``, in order.
Call = Callable[[str, Sequence[tuple[Any, ...]]], Iterable[Answer]]

logger = logging.getLogger(__name__)

# A function that hangs on every input must not cost its limit at every check.
MAX_STOPS = 2


class Examination:
    """The questions asked of one function: the calls to make, and what their answers are worth.

    Parameters
    ----------
    question_id : str
        The id that the seeds derive from.
    spec : Specification
        The hidden description of the question.
    seed : str
        The course seed, 64 hexadecimal digits.
    """

    def __init__(self, question_id: str, spec: Specification, seed: str) -> None:
        self._spec = spec
        self._drawn = [_drawn(question_id, check, seed) for check in spec.checks]

    @property
    def function(self) -> str:
        """The name of the function to call."""
        return self._spec.function

    @property
    def calls(self) -> list[tuple[Any, ...]]:
        """The arguments of each call, in order; whoever makes the calls must not modify them."""
        return [tuple(case.arguments.values()) for cases in self._drawn for case in cases or ()]

    @property
    def needs_arguments_after(self) -> list[bool]:
        """Whether the arguments as they are after it are asked for, for each call."""
        drawn = zip(self._spec.checks, self._drawn, strict=True)
        return [check.requires.needs_arguments_after for check, cases in drawn for _ in cases or ()]

    def results(self, answers: Iterator[Answer]) -> tuple[CheckResult, ...]:
        """Return one CheckResult per check, in the specification's order.

        Takes the answers one by one, and no more of them once two calls had to be stopped. A failure of ours is the
        outcome ``error`` of that check, never a failed one.
        """
        stops = 0
        hopeless: Finding | None = None  # nothing to call: every further check has the same finding
        results = []
        for check, cases in zip(self._spec.checks, self._drawn, strict=True):
            if cases is None:
                results.append(_error(check, phrase("its inputs cannot be made")))
                continue
            if hopeless is None and stops >= MAX_STOPS:
                hopeless = Finding("not_tried", {"function": self.function})
            if hopeless is not None:
                results.append(_check_result(check, hopeless))
                continue
            got: list[Answer] = []
            while len(got) < len(cases) and stops < MAX_STOPS:
                got.append(next(answers))
                stops += isinstance(got[-1], Stopped)
            results.append(_examined(self._spec, check, cases, got))
            if got and isinstance(got[-1], NotDefined | NotCallable):
                hopeless = finding_without_value(self._spec, cases[-1], got[-1])
        return _without_unearned(self._spec, results)


def judge(question_id: str, spec: Specification, call: Call, seed: str) -> tuple[CheckResult, ...]:
    """Judge one question with ``call(function name, arguments of each call) -> Answers``; see `Examination`."""
    examination = Examination(question_id, spec, seed)
    return examination.results(iter(call(examination.function, examination.calls)))


def _drawn(question_id: str, check: Check, seed: str) -> Sequence[Case] | None:
    try:
        return check.cases(seeds.generator(seed, question_id, check.id))
    except Exception:
        logger.exception("the inputs of check %s/%s could not be made", question_id, check.id)
        return None


def _examined(spec: Specification, check: Check, cases: Sequence[Case], answers: Sequence[Answer]) -> CheckResult:
    returned = []
    for case, answer in zip(cases, answers, strict=False):  # fewer answers: the last one was a stop
        if not isinstance(answer, Returned):
            return _check_result(check, finding_without_value(spec, case, answer))
        returned.append(answer)
    try:
        return _check_result(check, check.requires.verify(spec, cases, returned))
    except Exception as error:
        logger.exception("check %s of %s could not be judged", check.id, spec.function)
        return _error(check, type(error).__name__)


def _error(check: Check, reason: str) -> CheckResult:
    failure = Finding(
        "grader_error", {"reason": phrase("{reason} in check {check}", reason=reason, check=repr(check.id))}
    )
    return _check_result(check, failure, Outcome.ERROR)


def finding_without_value(spec: Specification, case: Case, answer: Answer) -> Finding:
    """Return what is to be said of an answer that is no value."""
    params: dict[str, Any] = {"function": spec.function, "inputs": inputs_of(case)}
    match answer:
        case NotDefined(reason):
            return Finding("not_defined", {"function": spec.function, "reason": reason})
        case NotCallable(type_name):
            return Finding("not_callable", {"function": spec.function, "got": phrase("a {type}", type=type_name)})
        case Stopped(_, reason):
            return Finding("stopped", params | {"reason": reason})
        case Raised("NotImplementedError", leftover=True):
            return Finding("leftover_stub", {"function": spec.function})
        case Raised("NotImplementedError", text, line):
            if not text or text.startswith(f"{spec.function}:"):
                return Finding("unfilled", {"function": spec.function})
            return Finding("unfilled_helper", {"function": spec.function, "line": _at(line)})
        case Raised(type_name, text, line):
            if (name := removed_from_numpy(type_name, text)) is not None:
                old, new = name
                return Finding("removed_name", {"function": spec.function, "line": _at(line), "old": old, "new": new})
            return Finding("raised", params | {"type": type_name, "line": _at(line)})
    raise TypeError(f"unknown answer {answer!r}")


def _at(line: str) -> str:
    return phrase(" at `{line}`", line=line) if line else ""


def _check_result(check: Check, finding: Finding | None, outcome: Outcome = Outcome.FAILED) -> CheckResult:
    if finding is None:
        return CheckResult(check.title, Outcome.PASSED, check.weight)
    message = finding.message
    if check.rule and finding.code in {"wrong_values", "wrong_number", "wrong_shape"}:
        message = f"{message} {check.rule}"
    return CheckResult(check.title, outcome, check.weight, finding.code, finding.params, message)


def _without_unearned(spec: Specification, results: list[CheckResult]) -> tuple[CheckResult, ...]:
    """Skip passed supporting checks where no value check passed: a function that does nothing passes those."""
    pairs = list(zip(spec.checks, results, strict=True))
    if any(c.role is Role.VALUE and r.outcome is Outcome.PASSED for c, r in pairs):
        return tuple(results)
    unearned = Finding("no_value_check_passed")
    return tuple(
        _check_result(check, unearned, Outcome.SKIPPED)
        if check.role is Role.SUPPORTING and result.outcome is Outcome.PASSED
        else result
        for check, result in pairs
    )
