"""One Result as Markdown, for the summary of a CI job.

The tables hold words of ours and of the course only. What may quote a student stands in code blocks, whose fence is
longer than any in the text: there no mark-up, HTML, link or @mention is acted on, on any service.
"""

from __future__ import annotations

import re
from itertools import groupby

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
    wrapped,
)
from stepgrade.result import Outcome, QuestionResult, Result

MAX_BYTES = 1_000_000  # GitHub shows a summary of up to 1,024 KiB and drops a longer one altogether
LINE_WIDTH = 100
INDENT = "    "


def markdown_summary(result: Result) -> str:
    """Return the summary; findings that would make it too long for CI services are counted instead of shown."""
    parts = [_heading(result), _table(result), _facts(result)]
    left = MAX_BYTES - sum(len(part.encode()) for part in parts)
    findings = [_findings(question) for question in result.questions if _has_findings(question)]
    for number, block in enumerate(findings):
        left -= len(block.encode()) + 1
        if left < 0:
            parts.append(f"The findings of {len(findings) - number} more questions are left out: too long.\n")
            break
        parts.append(block)
    return "\n".join(parts)


def _heading(result: Result) -> str:
    total = f"{points_text(result.points)} of {points_text(result.max_points)} points"
    student = f"\nStudent: {code(result.student)}\n" if result.student else ""
    return f"## {escaped(result.assignment)}: {total}\n{student}"


def _table(result: Result) -> str:
    lines = ["| Question | Points | Checks passed | Remark |", "| :--- | ---: | ---: | :--- |"]
    lines += [_row(result, question) for question in result.questions]
    lines.append(f"| **Total** | **{points_text(result.points)} / {points_text(result.max_points)}** | | |")
    return "\n".join(lines) + "\n"


def _row(result: Result, question: QuestionResult) -> str:
    name = escaped(question.id)
    if is_left_out(question):
        return f"| {name} | {points_text(None)} | {points_text(None)} | {SKIPPED_OPTIONAL} |"
    points = "optional"
    if question.max_points:
        points = f"{points_text(question_points(result, question))} / {points_text(question.max_points)}"
    return f"| {name} | {points} | {checks_text(question)} | {helpers_text(question)} |"


def _facts(result: Result) -> str:
    facts = [f"End state: {end_state_text(result)}"]
    facts += [f"Repaired: {plain(repair.message)}" for repair in result.repairs]
    facts.append(f"Boundary: {plain(result.environment.get('boundary', 'unknown'))}")
    facts.append(f"Again: {plain(result.replay)}")
    return _block(facts)


def _has_findings(question: QuestionResult) -> bool:
    return question.first_finding is not None and not is_left_out(question)


def _findings(question: QuestionResult) -> str:
    lines = []
    found = [check for check in question.checks if check.outcome is not Outcome.PASSED]
    for finding, checks in groupby(found, finding_text):  # checks with the same finding share it
        lines += [f"{OUTCOMES[check.outcome]}: {plain(check.title)}" for check in checks]
        lines += wrapped(finding, LINE_WIDTH, INDENT, INDENT)
    return f"### {escaped(question.id)}\n\n{_block(lines)}"


def escaped(text: str) -> str:
    """Return ``text`` with every sign escaped that could be mark-up; an underscore within a word is none."""
    return re.sub(r"(?!(?<=[a-zA-Z0-9])_[a-zA-Z0-9])([!-/:-@\[-`{-~])", r"\\\1", plain(text))


def code(text: str) -> str:
    """Return a code span that nothing in ``text`` ends."""
    fence = "`" * (_longest_run(text) + 1)
    return f"{fence} {plain(text)} {fence}"


def _block(lines: list[str]) -> str:
    text = "\n".join(lines)
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}text\n{text}\n{fence}\n"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
