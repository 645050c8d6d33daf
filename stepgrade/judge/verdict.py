"""Judging one question: make the cases, have them answered, compare, and say what was found."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from stepgrade.judge import seeds
from stepgrade.judge.answer import Answer, NotCallable, NotDefined, Raised, Returned, Stopped
from stepgrade.judge.finding import Finding
from stepgrade.judge.requirement import inputs_of
from stepgrade.judge.specification import Case, Check, Role, Specification
from stepgrade.result import CheckResult, Outcome

Call = Callable[[str, tuple[Any, ...]], Answer]

logger = logging.getLogger(__name__)

# A function that hangs on every input must not cost its limit at every check.
MAX_STOPS = 2


def judge(question_id: str, spec: Specification, call: Call, seed: str) -> tuple[CheckResult, ...]:
    """Judge one question.

    Parameters
    ----------
    question_id : str
        The id that the seeds derive from.
    spec : Specification
        The hidden description of the question.
    call : callable
        ``call(function name, arguments) -> Answer``. Whatever process the student's function lives in, only plain
        data comes back. Must not modify the arguments.
    seed : str
        The course seed, 64 hexadecimal digits.

    Returns
    -------
    One CheckResult per check, in the specification's order. A failure of ours is the outcome ``error`` of that
    check, never a failed one.
    """
    stops = 0
    hopeless: Finding | None = None  # nothing to call: every further check has the same finding
    results = []
    for check in spec.checks:
        if hopeless is None and stops >= MAX_STOPS:
            hopeless = Finding("not_tried", {"function": spec.function})
        try:
            if hopeless is not None:
                finding: Finding | None = hopeless
            else:
                finding, answers = _examine(question_id, spec, check, call, seed)
                stops += sum(isinstance(answer, Stopped) for answer in answers)
                if finding is not None and _is_hopeless(answers):
                    hopeless = finding
            results.append(_check_result(check, finding))
        except Exception as error:
            logger.exception("check %s/%s could not be judged", question_id, check.id)
            failure = Finding("grader_error", {"reason": f"{type(error).__name__} in check {check.id!r}"})
            results.append(_check_result(check, failure, Outcome.ERROR))
    return _without_unearned(spec, results)


def _examine(
    question_id: str, spec: Specification, check: Check, call: Call, seed: str
) -> tuple[Finding | None, list[Answer]]:
    cases = check.cases(seeds.generator(seed, question_id, check.id))
    answers: list[Answer] = []
    returned: list[Returned] = []
    for case in cases:
        answer = call(spec.function, tuple(case.arguments.values()))
        answers.append(answer)
        if not isinstance(answer, Returned):
            return _finding_without_value(spec, case, answer), answers
        returned.append(answer)
    return check.requires.verify(spec, cases, returned), answers


def _finding_without_value(spec: Specification, case: Case, answer: Answer) -> Finding:
    params: dict[str, Any] = {"function": spec.function, "inputs": inputs_of(case)}
    match answer:
        case NotDefined(reason):
            return Finding("not_defined", {"function": spec.function, "reason": reason})
        case NotCallable(type_name):
            return Finding("not_callable", {"function": spec.function, "got": f"a {type_name}"})
        case Stopped(_, reason):
            return Finding("stopped", params | {"reason": reason})
        case Raised("NotImplementedError", text, line):
            if not text or text.startswith(f"{spec.function}:"):
                return Finding("unfilled", {"function": spec.function})
            return Finding("unfilled_helper", {"function": spec.function, "line": _at(line)})
        case Raised(type_name, _, line):
            return Finding("raised", params | {"type": type_name, "line": _at(line)})
    raise TypeError(f"unknown answer {answer!r}")


def _at(line: str) -> str:
    return f" at `{line}`" if line else ""


def _is_hopeless(answers: Sequence[Answer]) -> bool:
    return isinstance(answers[-1], NotDefined | NotCallable)


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
