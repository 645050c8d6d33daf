"""Runs student code; the only place that knows about processes and limits."""

from stepgrade.sandbox.limits import Limits
from stepgrade.sandbox.session import NOT_AN_ANSWER, Reply, SandboxFailed, Session, SessionEnded

__all__ = ["NOT_AN_ANSWER", "Limits", "Reply", "SandboxFailed", "Session", "SessionEnded"]
