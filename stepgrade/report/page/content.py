"""What a feedback page says, as plain data; the template turns it into HTML.

Everything about one question is in its `QuestionPart`: what is to be said about a question besides goes in there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from stepgrade.diagnose import Diagnosis
from stepgrade.languages.speech import Speech
from stepgrade.phrases import joined, phrase
from stepgrade.report.disclosure import Disclosure
from stepgrade.report.page.example import ExampleView, example_view
from stepgrade.report.wording import (
    OUTCOMES,
    SKIPPED_OPTIONAL,
    checks_text,
    end_state_text,
    finding_text,
    is_left_out,
    plain,
    points_text,
    question_points,
)
from stepgrade.result import CheckResult, Outcome, QuestionResult, Result

SIGNS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.SKIPPED: "–", Outcome.ERROR: "!"}
NO_CHECKS = phrase("nothing was checked")
IN_ENGLISH = Speech()


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
    helpers: str  # what it earns with which correct helper functions, empty for the student's own
    first: str  # what to look at first: the misconception, else what was found; empty where there is nothing
    first_finding: str  # what was found, where the misconception stands in front of it
    checks: tuple[CheckLine, ...]
    example: ExampleView | None = None


@dataclass(frozen=True)
class Summary:
    """What stands on top of the page."""

    assignment: str
    student: str
    points: str
    max_points: str
    by_hand: str  # points for answers that a person reads, which are not among these; empty for none
    state: str
    start: tuple[str, str] | None  # the question to begin with, and what to look at there
    repairs: tuple[str, ...]
    environment: str
    submission: str


def summary_of(
    result: Result, parts: Mapping[str, QuestionPart], points_by_hand: float = 0.0, speech: Speech = IN_ENGLISH
) -> Summary:
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
        points_text(points_by_hand) if points_by_hand else "",
        end_state_text(result, speech.say, speech.again),
        next(((part.id, part.first) for part in parts.values() if part.first and not part.optional), None),
        tuple(plain(speech.again(repair.message)) for repair in result.repairs),
        named,
        result.submission_sha256[:12],
    )


def question_part(
    result: Result,
    question: QuestionResult,
    helpers: Sequence[str] = (),
    diagnosis: Diagnosis | None = None,
    show: Disclosure = Disclosure.ALL,
    speech: Speech = IN_ENGLISH,
) -> QuestionPart:
    """Return what the page says about one question; ``helpers`` are the functions of others that it may call."""
    first = question.first_finding
    finding = _finding(first, speech) if first is not None and show >= Disclosure.RULE else ""
    sentence = ""
    if diagnosis is not None and show >= Disclosure.MISCONCEPTION:
        sentence = plain(diagnosis.sentence_in(speech.say, speech.given))
    example = diagnosis.example if diagnosis is not None and show >= Disclosure.SMALLEST else None
    return QuestionPart(
        question.id,
        f"question-{question.id}",
        points_text(question_points(result, question)),
        points_text(question.max_points),
        question.max_points == 0,
        _state(result, question, speech),
        _follow_through(result, question, helpers, speech),
        sentence or finding,
        finding if sentence else "",
        tuple(_lines(question.checks, finding, speech, show)),
        None if example is None else example_view(example, speech, with_pictures=show >= Disclosure.ALL),
    )


def _follow_through(result: Result, question: QuestionResult, helpers: Sequence[str], speech: Speech) -> str:
    """Say what a question earns with correct helpers, which count, and what it would with the student's own."""
    if not question.follow_through:
        return ""
    say = speech.say
    wrong = [one.id for one in result.questions if one.id in helpers and one.passed_share < 1]
    correct = say("correct helper functions")
    if wrong:
        correct = say("a correct {functions}", functions=joined(wrong, say))
    if not question.max_points:
        return say("With {helpers}, {n} checks pass.", helpers=correct, n=checks_text(question, say))
    values = {
        "helpers": correct,
        "function": question.id,
        "points": points_text(question.points),
        "most": points_text(question.max_points),
        "own": points_text(question.own_points),
    }
    if question.points != question.max_points:
        return say(
            "With {helpers}, your {function} earns more: {points} of {most}. "
            "That counts; with your own it would be {own}.",
            **values,
        )
    return say(
        "With {helpers}, your {function} is right: {points} of {most}. That counts; with your own it would be {own}.",
        **values,
    )


def _finding(check: CheckResult, speech: Speech) -> str:
    found = speech.finding(check.code, check.params, check.message)
    return finding_text(replace(check, message=found, misconception=speech.given(check.misconception or "")))


def _lines(checks: Sequence[CheckResult], said: str, speech: Speech, show: Disclosure) -> Iterator[CheckLine]:
    """Yield a line for each check; what has been ``said`` on top, or by a line above, is not said again."""
    told = {said}
    for check in checks:
        tells = show >= Disclosure.RULE and check.outcome is not Outcome.PASSED
        finding = _finding(check, speech) if tells else ""
        yield CheckLine(
            plain(speech.given(check.title)),
            speech.say(OUTCOMES[check.outcome]).lower(),
            SIGNS[check.outcome],
            check.outcome.value,
            "" if finding in told else finding,
        )
        told.add(finding)


def _state(result: Result, question: QuestionResult, speech: Speech) -> str:
    """Return in a word or two how a question went."""
    say = speech.say
    if question_points(result, question) is None:
        return say("no mark")
    if not question.checks:
        return say(NO_CHECKS)
    if is_left_out(question):
        return say(SKIPPED_OPTIONAL)
    if question.first_finding is None:
        helped = say("all checks passed, with correct helpers")
        return helped if question.follow_through else say("all checks passed")
    if not question.passed_share:
        return say("no check passed")
    return say("{n} checks passed", n=checks_text(question, say))
