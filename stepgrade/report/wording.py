"""Words that the reports share: how points, outcomes and findings read, and text that is safe to print."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Callable

from stepgrade.phrases import Say, phrase
from stepgrade.result import CheckResult, EndState, Outcome, QuestionResult, Result

NO_MARK = "-"
SKIPPED_OPTIONAL = phrase("skipped (optional)")
GLUE = "\N{NO-BREAK SPACE}"  # as wide as the space it stands for; `plain` text holds none
MAX_TEXT = 2000  # of one message: a student's own line may be as long as the file

OUTCOMES = {
    Outcome.PASSED: phrase("passed"),
    Outcome.FAILED: phrase("FAILED"),
    Outcome.ERROR: phrase("grader error"),
    Outcome.SKIPPED: phrase("not counted"),
}

END_STATES = {
    EndState.GRADED: phrase("graded"),
    EndState.CRASHED: phrase("graded; student code ended its process"),
    EndState.TIMED_OUT: phrase("graded; student code was stopped at its time limit"),
    EndState.OUT_OF_MEMORY: phrase("graded; student code was stopped at its memory limit"),
    EndState.GRADER_ERROR: phrase("grader error: there is no mark"),
    EndState.DAMAGED: phrase("damaged: it cannot be read as a submission"),
    EndState.MISSING: phrase("missing: no notebook was handed in, so there is no mark"),
}


def points_text(points: float | None) -> str:
    """Return points without trailing zeros, "-" where there is no mark."""
    return NO_MARK if points is None else f"{points:.2f}".rstrip("0").rstrip(".")


def question_points(result: Result, question: QuestionResult) -> float | None:
    """Return a question's points, None where the whole submission has no mark."""
    return None if result.points is None else question.points


def is_unanswered(question: QuestionResult) -> bool:
    """Tell whether a question was never begun."""
    return bool(question.checks) and all(
        check.outcome is Outcome.FAILED and check.code in {"unfilled", "not_defined"} for check in question.checks
    )


def is_left_out(question: QuestionResult) -> bool:
    """Tell whether an optional question was never begun, which is nobody's failure."""
    return question.max_points == 0 and is_unanswered(question)


def end_state_text(result: Result, say: Say = phrase, again: Callable[[str], str] = str) -> str:
    """Return the end state in words, with the reason where one is given.

    ``say`` says a phrase in the reader's language, ``again`` what was said in English before.
    """
    words = say(END_STATES[result.end_state])
    return f"{words} ({plain(again(result.reason))})" if result.reason else words


def checks_text(question: QuestionResult, say: Say = phrase) -> str:
    """Return how many checks passed, in the language of ``say``."""
    passed = sum(check.outcome is Outcome.PASSED for check in question.checks)
    return say("{n} of {total}", n=passed, total=len(question.checks)) if question.checks else NO_MARK


def helpers_text(question: QuestionResult) -> str:
    """Say that a question was judged with correct helper functions, and what it would earn without."""
    if not question.follow_through:
        return ""
    earned = f"{points_text(question.own_points)} of {points_text(question.max_points)} points"
    own = f" (with the student's own: {earned})" if question.max_points else ""
    return f"judged with correct helper functions{own}"


def finding_text(check: CheckResult) -> str:
    """Return what was found, and the misconception where one was recognised."""
    return plain(" ".join(filter(None, (check.message, check.misconception))))


def wrapped(text: str, width: int, first: str, further: str, *, break_long_words: bool = True) -> list[str]:
    """Return ``text`` in lines of bounded width behind the given indents; a shape such as (2, 3) stays in one line.

    A word that is longer than a line is broken, or else sticks out.
    """
    glued = re.sub(r"\([\d, ]+\)", lambda shape: shape.group().replace(" ", GLUE), text)
    lines = textwrap.wrap(
        glued,
        width,
        initial_indent=first,
        subsequent_indent=further,
        break_long_words=break_long_words,
        break_on_hyphens=False,
    )
    return [line.replace(GLUE, " ") for line in lines]


def plain(text: str) -> str:
    """Return ``text`` as one line that no terminal, browser or parser acts on.

    A message may quote a student's line, and that may hold anything: terminal commands, characters that turn the
    direction of writing, halves of surrogate pairs, what XML forbids.
    """
    visible = "".join(map(_visible, text[: MAX_TEXT + 1]))
    return visible if len(text) <= MAX_TEXT else visible[:MAX_TEXT] + "..."


def _visible(character: str) -> str:
    if character.isspace():
        return " "
    if unicodedata.category(character) == "Cf":
        return ""
    return character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"
