"""What a feedback page says, as plain data; the template turns it into HTML.

Everything about one question is in its `QuestionPart`: what is to be said about a question besides goes in there.
"""

from __future__ import annotations

from dataclasses import dataclass

from stepgrade.report.wording import (
    OUTCOMES,
    SKIPPED_OPTIONAL,
    checks_text,
    end_state_text,
    finding_text,
    helpers_text,
    is_left_out,
    plain,
    points_text,
    question_points,
)
from stepgrade.result import CheckResult, Outcome, QuestionResult, Result

SIGNS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.SKIPPED: "–", Outcome.ERROR: "!"}
NO_CHECKS = "nothing was checked"


@dataclass(frozen=True)
class CheckLine:
    """One check; ``outcome`` in words, ``kind`` for the page's style, ``finding`` empty where it stands above."""

    title: str
    outcome: str
    sign: str
    kind: str
    finding: str


@dataclass(frozen=True)
class QuestionPart:
    """One question: its line in the table on top, and what stands below its test cell."""

    id: str
    anchor: str
    points: str
    max_points: str
    optional: bool
    state: str
    checks_passed: str
    helpers: str  # with whose helper functions it was judged, empty for the student's own
    first_finding: str
    checks: tuple[CheckLine, ...]


@dataclass(frozen=True)
class Summary:
    """What stands on top of the page."""

    assignment: str
    student: str
    points: str
    max_points: str
    state: str
    repairs: tuple[str, ...]
    environment: str
    submission: str


def summary_of(result: Result) -> Summary:
    """Return what the page says about the whole submission."""
    versions = result.environment
    named = ", ".join(
        f"{name} {plain(versions[name])}" for name in ("stepgrade", "python", "numpy") if name in versions
    )
    return Summary(
        plain(result.assignment),
        plain(result.student or ""),
        points_text(result.points),
        points_text(result.max_points),
        end_state_text(result),
        tuple(plain(repair.message) for repair in result.repairs),
        named,
        result.submission_sha256[:12],
    )


def question_part(result: Result, question: QuestionResult) -> QuestionPart:
    """Return what the page says about one question."""
    first = question.first_finding
    return QuestionPart(
        question.id,
        f"question-{question.id}",
        points_text(question_points(result, question)),
        points_text(question.max_points),
        question.max_points == 0,
        _state(result, question),
        checks_text(question),
        helpers_text(question),
        finding_text(first) if first is not None else "",
        tuple(_line(check, is_first=check is first) for check in question.checks),
    )


def _line(check: CheckResult, *, is_first: bool) -> CheckLine:
    return CheckLine(
        plain(check.title),
        OUTCOMES[check.outcome].lower(),
        SIGNS[check.outcome],
        check.outcome.value,
        "" if is_first or check.outcome is Outcome.PASSED else finding_text(check),
    )


def _state(result: Result, question: QuestionResult) -> str:
    """Return in a word or two how a question went."""
    if question_points(result, question) is None:
        return "no mark"
    if not question.checks:
        return NO_CHECKS
    if is_left_out(question):
        return SKIPPED_OPTIONAL
    if question.first_finding is None:
        return "all checks passed, with correct helpers" if question.follow_through else "all checks passed"
    return f"{checks_text(question)} checks passed" if question.passed_share else "no check passed"
