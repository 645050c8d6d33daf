"""Runs student code; the only place that knows about processes and limits."""

from stepgrade.sandbox.limits import Limits
from stepgrade.sandbox.session import Reply, SandboxFailed, Session, SessionEnded

__all__ = ["Limits", "Reply", "SandboxFailed", "Session", "SessionEnded"]
