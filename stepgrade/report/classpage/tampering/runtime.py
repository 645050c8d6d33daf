"""What happened while a submission was graded that honest work does not cause."""

from __future__ import annotations

from collections.abc import Iterator

from stepgrade.report.classpage.tampering.sign import Sign
from stepgrade.result import Result

# The sandbox's words for it (stepgrade/sandbox/session.py); a test holds both together.
REASONS = {
    "its process sent something else than an answer": "no_answer",
    "its process closed the channel": "no_answer",
    "its process ended itself": "ended_itself",
}


def signs_in_result(result: Result) -> Iterator[Sign]:
    """Yield where a process of the submission ended itself, or sent what is no answer."""
    for question in result.questions:
        reasons = (str(check.params.get("reason", "")) for check in question.checks if check.code == "stopped")
        for reason in dict.fromkeys(reasons):
            if (what := _what(reason)) is not None:
                yield Sign(what, f"while {question.id} was asked, {reason}")
    for repair in result.repairs:
        if repair.code == "cell_left_out" and (what := _what(repair.message)) is not None:
            yield Sign(what, repair.message)


def _what(text: str) -> str | None:
    return next((what for reason, what in REASONS.items() if reason in text), None)
