"""What can go wrong around grading, as one tree.

    StepgradeError                      exit code 3: ours
    ├── UsageError                      exit code 2: a name or a path that does not exist
    │   ├── UnknownAssignment
    │   └── NoSuchFile
    ├── ReleaseRefused                  the release would leak, or does not hold together
    ├── SolutionRefused                 the worked solution would leak, or a cell of it fails
    ├── SandboxUnavailable              this machine cannot isolate student code
    ├── SandboxFailed                   a sandbox that was there is gone
    ├── RunInProgress                   another command grades this class
    ├── JournalUnusable                 the journal cannot be written, or is none
    ├── ExecutorGone, NoCluster         nothing is left that could work
    └── GradebookUnavailable            the database is locked, full or gone; what was graded is safe

A student's mistake is never one of these: it is an outcome inside a Result.
"""

from __future__ import annotations


class StepgradeError(Exception):
    """Root of all errors that stepgrade raises on purpose."""

    exit_code = 3


class UsageError(StepgradeError):
    """The command was given something that does not exist or cannot be meant."""

    exit_code = 2


class UnknownAssignment(UsageError):
    """No folder of that name under ``source/``."""


class NoSuchFile(UsageError):
    """A path that does not exist."""


class ReleaseRefused(StepgradeError):
    """The built release leaks or is broken; the old release stays in place."""
