"""Why student code cannot be run here."""

from __future__ import annotations

from stepgrade.errors import StepgradeError


class SandboxUnavailable(StepgradeError):
    """No boundary can be had on this machine; the message says what is missing and what to do."""

    names_nobody = True


class SandboxFailed(StepgradeError):
    """The boundary or a session could not be started: ours to mend, no mark for the student."""
