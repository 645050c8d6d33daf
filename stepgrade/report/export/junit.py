"""A class as JUnit XML, for CI services: a suite per question, a test per student.

What a test says is made from Results, which hold no hidden input. Without names it says besides only which checks did
not pass, in the course's words: a message may quote a line of the student's, and with it a name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from stepgrade.errors import StepgradeError
from stepgrade.report.junit import DECLARATION, count, explain
from stepgrade.report.wording import (
    END_STATES,
    SKIPPED_OPTIONAL,
    end_state_text,
    finding_text,
    is_left_out,
    plain,
    points_text,
)
from stepgrade.result import EndState, Outcome, QuestionResult, Result

MAX_BYTES = 29_000_000  # GitLab reads reports of less than 30 MB


class TooManyTests(StepgradeError):
    """No CI service reads a report of that size."""

    names_nobody = True


class _Test(NamedTuple):
    student: str
    kind: str  # "failure", "error", "skipped", or empty for passed
    code: str = ""
    message: str = ""


def class_junit(results: Iterable[Result], assignment: str, name_of: Callable[[str], str], *, names: bool) -> str:
    """Return the report.

    Parameters
    ----------
    name_of : callable
        What a student is called in it.
    names : bool
        The report may name students: it also has points, and findings as they were worded for the student.

    Raises
    ------
    TooManyTests
        If it would be too large even without what the tests say.
    """
    suites: dict[str, list[_Test]] = {}
    for result in results:
        for question in result.questions:
            test = _test(result, question, name_of(result.student or ""), names=names)
            suites.setdefault(question.id, []).append(test)
    for with_messages in (True, False):
        report = _report(assignment, suites, with_messages=with_messages)
        if len(report.encode()) <= MAX_BYTES:
            return report
    n_tests = sum(map(len, suites.values()))
    raise TooManyTests(f"{n_tests} tests do not go into {MAX_BYTES // 10**6} MB, which is what GitLab reads; use --csv")


def _report(assignment: str, suites: dict[str, list[_Test]], *, with_messages: bool) -> str:
    report = Element("testsuites", name=plain(assignment))
    for question, tests in suites.items():
        suite = SubElement(report, "testsuite", name=plain(question))
        for test in tests:
            # A service tells tests apart by both names together.
            case = SubElement(suite, "testcase", classname=plain(f"{assignment}.{question}"), name=plain(test.student))
            if test.kind:
                explain(
                    case, test.kind, test.code, test.message if with_messages else "left out: the report is too long"
                )
        count(suite)
    count(report)
    indent(report)
    return f"{DECLARATION}\n{tostring(report, encoding='unicode')}\n"


def _test(result: Result, question: QuestionResult, student: str, *, names: bool) -> _Test:
    if result.points is None or not question.checks:
        kinds = {EndState.GRADER_ERROR: "error", EndState.MISSING: "skipped"}
        kind = kinds.get(result.end_state, "failure" if question.max_points else "skipped")
        message = end_state_text(result) if names else END_STATES[result.end_state]
        return _Test(student, kind, str(result.end_state), message)
    if is_left_out(question):
        return _Test(student, "skipped", "", SKIPPED_OPTIONAL)
    finding = question.first_finding
    if question.points >= question.max_points and (question.max_points or finding is None):
        return _Test(student, "")
    if names and finding is not None:
        points = f"{points_text(question.points)} of {points_text(question.max_points)} points. "
        return _Test(student, "failure", finding.code, points + finding_text(finding))
    open_checks = [plain(check.title) for check in question.checks if check.outcome is not Outcome.PASSED]
    return _Test(student, "failure", finding.code if finding else "", f"not passed: {'; '.join(open_checks)}")
