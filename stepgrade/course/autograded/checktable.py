"""What a student reads below a graded cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stepgrade.report.wording import OUTCOMES, wrapped
from stepgrade.result import Outcome, QuestionResult, Result

LINE_WIDTH = 88  # fits a page beside nbgrader's margin
FURTHER = "  "


def question_of(metadata: Mapping[str, Any], result: Result) -> QuestionResult | None:
    """Return the question that a cell with this metadata asks, None where it asks none that was judged."""
    nbgrader = metadata.get("nbgrader", {})
    if not nbgrader.get("grade"):
        return None
    return next((question for question in result.questions if question.id == nbgrader.get("grade_id")), None)


def check_table(result: Result, question: QuestionResult) -> str:
    """Return points, the first finding, then every check."""
    if not question.checks:
        return "\n".join(
            [*_lines(f"{question.id}: {question.points:g} of {question.max_points:g} points. {result.reason}"), ""]
        )
    passed = sum(check.outcome is Outcome.PASSED for check in question.checks)
    checks = f"{passed} of {len(question.checks)} checks passed"
    if question.max_points:
        lines = [f"{question.id}: {question.points:g} of {question.max_points:g} points, {checks}"]
    else:
        lines = [f"{question.id} (optional): {checks}"]
    if question.follow_through:
        own = f": with your own it would be {question.own_points:g} points" if question.max_points else ""
        lines += _lines(f"Judged with correct helper functions{own}.")
    if question.first_finding is not None:
        lines += _lines(f"Look at this first: {question.first_finding.message}")
    width = max(len(OUTCOMES[check.outcome]) for check in question.checks)
    lines += [f"  {OUTCOMES[check.outcome]:{width}}  {check.title}" for check in question.checks]
    return "\n".join([*lines, ""])


def _lines(text: str) -> list[str]:
    return wrapped(text, LINE_WIDTH, "", FURTHER, break_long_words=False)
