"""What can go wrong around grading, as one tree.

    StepgradeError                      exit code 3: ours
    ├── UsageError                      exit code 2: a name or a path that does not exist
    │   ├── UnknownAssignment
    │   ├── NoSuchFile
    │   ├── NoCourse, NoSecret          the course folder, or its secret, is not what it should be
    │   └── NobodyGraded
    ├── ReleaseRefused                  the release would leak, or does not hold together
    ├── SolutionRefused                 the worked solution would leak, or a cell of it fails
    ├── SandboxUnavailable              this machine cannot isolate student code
    ├── SandboxFailed                   a sandbox that was there is gone
    ├── RunInProgress                   another command grades this class
    ├── JournalUnusable                 the journal cannot be written, or is none
    ├── ExecutorGone, NoCluster         nothing is left that could work
    └── GradebookUnavailable            the database is locked, full or gone; what was graded is safe

A student's mistake is never one of these: it is an outcome inside a Result.

``names_nobody`` says of a class that its messages never hold a student's name, mark or words. Only these are shown with
``--private``: whoever writes a new class and forgets it hides a message, and shows no name.

``also`` is what went wrong besides, while whoever raised the error was ending; it is told after it.
"""

from __future__ import annotations

from typing import ClassVar


class StepgradeError(Exception):
    """Root of all errors that stepgrade raises on purpose."""

    exit_code = 3
    names_nobody: ClassVar[bool] = False
    also: Exception | None = None


def in_words(error: Exception) -> str:
    """Return an error's message, with its type where nobody of ours has worded it."""
    return str(error) if isinstance(error, StepgradeError) else f"{type(error).__name__}: {error}"


class UsageError(StepgradeError):
    """The command was given something that does not exist or cannot be meant."""

    exit_code = 2


class UnknownAssignment(UsageError):
    """No folder of that name under ``source/``."""

    names_nobody = True


class NoSuchFile(UsageError):
    """A path that does not exist."""


class NoCourse(UsageError):
    """The folder is no course folder."""

    names_nobody = True


class NoSecret(UsageError):
    """The file of the course secret cannot be read, or is empty."""

    names_nobody = True


class NobodyGraded(UsageError):
    """There is no Result yet that could be shown or exported."""

    names_nobody = True


class ReleaseRefused(StepgradeError):
    """The built release leaks or is broken; the old release stays in place."""

    names_nobody = True
