"""What a log may say: names and marks, or counts alone.

``stepgrade --private VERB``, or STEPGRADE_PRIVATE=1 in the environment, is for logs that others read, those of a CI
service above all. What is written into files is not touched by it: which file gets what, its option says.
"""

from __future__ import annotations

import logging
import threading
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path

import click

import stepgrade
from stepgrade.errors import StepgradeError

VARIABLE = "STEPGRADE_PRIVATE"
# The verbs that print counts where they would print names. Any other one is refused, rather than trusted.
PRIVATE_VERBS = frozenset({"boundary", "collect", "export", "feedback", "grade", "release", "sync", "translate"})

_PACKAGE = Path(stepgrade.__file__).parent


def is_private() -> bool:
    """Whether the command that runs was asked to print no name and no mark."""
    context = click.get_current_context(silent=True)
    return bool(context and context.find_root().params.get("private"))


def ensure_private_form(verb: str) -> None:
    """Refuse a verb that would print a student's work all the same."""
    if is_private() and verb not in PRIVATE_VERBS:
        raise click.UsageError(f"`stepgrade {verb}` shows what students handed in, so it cannot be --private")


def silence() -> None:
    """Keep what libraries say out of a private log: warnings, log records, and what ends a thread."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    threading.excepthook = lambda ended: click.echo(f"a thread ended with {_where(ended.exc_value)}", err=True)


def people(students: Sequence[str], shown: int) -> str:
    """Return the names of students, up to so many of them; in private their number."""
    if is_private():
        return f"{len(students)} student{'s' * (len(students) != 1)}"
    more = f" and {len(students) - shown} more" if len(students) > shown else ""
    return ", ".join(students[:shown]) + more


def told(error: Exception) -> str:
    """Return an error's message; in private only if it can name nobody."""
    if not isinstance(error, StepgradeError):
        return told_unexpected(error)
    if not is_private() or error.names_nobody:
        return str(error)
    return f"{type(error).__name__}: the message may name a student; run it without --private to read it"


def told_unexpected(error: Exception) -> str:
    """Return what is known of an error that nobody thought of; in private what it is and where it comes from."""
    return _where(error) if is_private() else "".join(traceback.format_exception(error)).rstrip("\n")


def _where(error: BaseException | None) -> str:
    if error is None:
        return "an error"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _PACKAGE in Path(frame.filename).parents]
    if not frames:
        return type(error).__name__
    place = Path(frames[-1].filename).relative_to(_PACKAGE.parent)
    return f"{type(error).__name__} in {place}, line {frames[-1].lineno}"
