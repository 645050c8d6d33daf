"""One Result as JUnit XML, the form in which CI services show tests: a suite per question, a case per check."""

from __future__ import annotations

from collections import Counter
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from stepgrade.report.wording import (
    SKIPPED_OPTIONAL,
    end_state_text,
    finding_text,
    helpers_text,
    is_left_out,
    plain,
    points_text,
    question_points,
)
from stepgrade.result import CheckResult, EndState, Outcome, QuestionResult, Result

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
# A question without any check (nothing could be judged) still has to show up, or CI would count it as fine.
UNJUDGED = "the submission can be judged"


def junit_xml(result: Result) -> str:
    """Return the report. A check that did not count, and an optional question never begun, are skipped tests."""
    report = Element("testsuites", name=plain(result.assignment))
    for question in result.questions:
        report.append(_suite(result, question))
    count(report)
    if "total_s" in result.timing:
        report.set("time", f"{result.timing['total_s']:.3f}")
    indent(report)
    return f"{DECLARATION}\n{tostring(report, encoding='unicode')}\n"


def _suite(result: Result, question: QuestionResult) -> Element:
    suite = Element("testsuite", name=plain(question.id))
    properties = SubElement(suite, "properties")
    facts = {
        "points": points_text(question_points(result, question)),
        "max_points": points_text(question.max_points),
        "end_state": str(result.end_state),
        "helpers": helpers_text(question),
    }
    for name, value in facts.items():
        if value:
            SubElement(properties, "property", name=name, value=value)
    class_name = plain(f"{result.assignment}.{question.id}")
    if not question.checks:
        case = SubElement(suite, "testcase", classname=class_name, name=UNJUDGED)
        explain(case, _unjudged_kind(result, question), str(result.end_state), end_state_text(result))
    seen: Counter[str] = Counter()
    for check in question.checks:
        title = plain(check.title)
        seen[title] += 1
        name = title if seen[title] == 1 else f"{title} ({seen[title]})"
        case = SubElement(suite, "testcase", classname=class_name, name=name)
        _add_outcome(case, question, check)
    count(suite)
    return suite


def _add_outcome(case: Element, question: QuestionResult, check: CheckResult) -> None:
    if check.outcome is Outcome.PASSED:
        return
    if is_left_out(question):
        explain(case, "skipped", check.code, SKIPPED_OPTIONAL)
        return
    kinds = {Outcome.FAILED: "failure", Outcome.ERROR: "error", Outcome.SKIPPED: "skipped"}
    explain(case, kinds[check.outcome], check.code, finding_text(check))


def _unjudged_kind(result: Result, question: QuestionResult) -> str:
    if result.end_state is EndState.GRADER_ERROR:
        return "error"
    return "failure" if question.max_points else "skipped"


def explain(case: Element, kind: str, code: str, message: str) -> None:
    """Say of a test case that it is a "failure", an "error" or "skipped", and why."""
    explained = SubElement(case, kind, message=message)
    if kind != "skipped":
        explained.set("type", plain(code))
        explained.text = message


def count(element: Element) -> None:
    """Write how many test cases there are below an element, and how many of each kind."""
    element.set("tests", str(len(element.findall(".//testcase"))))
    for attribute, kind in {"failures": "failure", "errors": "error", "skipped": "skipped"}.items():
        element.set(attribute, str(len(element.findall(f".//testcase/{kind}"))))
