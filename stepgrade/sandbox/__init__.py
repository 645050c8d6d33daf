"""Runs student code; the only place that knows about processes, limits and namespaces."""

from stepgrade.sandbox.boundary import NO_BOUNDARY, Boundary
from stepgrade.sandbox.bubblewrap import Bubblewrap
from stepgrade.sandbox.channel import Reply
from stepgrade.sandbox.kinds import BOUNDARIES, DEFAULT_BOUNDARY, find_boundary
from stepgrade.sandbox.limits import BadLimits, Limits
from stepgrade.sandbox.packages import ALL_IMPORTS, COURSE_PACKAGES, FURTHER_IMPORTS, LEAN_IMPORTS
from stepgrade.sandbox.refusal import SandboxFailed, SandboxUnavailable
from stepgrade.sandbox.session import (
    NOT_AN_ANSWER,
    TOO_LARGE,
    TOO_MUCH_MEMORY,
    TOO_SLOW,
    Budget,
    BudgetSpent,
    QuestionStopped,
    Session,
    SessionEnded,
    Stop,
)
from stepgrade.sandbox.template import warm_template

__all__ = [
    "ALL_IMPORTS",
    "BOUNDARIES",
    "COURSE_PACKAGES",
    "DEFAULT_BOUNDARY",
    "FURTHER_IMPORTS",
    "LEAN_IMPORTS",
    "NOT_AN_ANSWER",
    "NO_BOUNDARY",
    "TOO_LARGE",
    "TOO_MUCH_MEMORY",
    "TOO_SLOW",
    "BadLimits",
    "Boundary",
    "Bubblewrap",
    "Budget",
    "BudgetSpent",
    "Limits",
    "QuestionStopped",
    "Reply",
    "SandboxFailed",
    "SandboxUnavailable",
    "Session",
    "SessionEnded",
    "Stop",
    "find_boundary",
    "warm_template",
]
