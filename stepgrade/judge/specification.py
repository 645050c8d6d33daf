"""What an assignment's hidden folder says about a question: the words that ``checks.py`` is written in.

A `Specification` describes one graded function and lists its checks. A `Check` is data: a title that a student
can read, a weight, a generator of seeded cases, and the requirement that the answers must meet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np

from stepgrade.judge.requirement import Requirement


@dataclass(frozen=True)
class Case:
    """One concrete input.

    Parameters
    ----------
    arguments : dict
        The arguments by name, in the order of the signature (they are passed by position).
    parts : mapping
        For an argument that is a tuple: the names of its entries, for messages.
    """

    arguments: dict[str, Any]
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Role(Enum):
    """What passing the check proves.

    A ``VALUE`` check cannot be passed without computing. A ``SUPPORTING`` check (inputs unchanged, the cache, the
    type, an input that may be returned as it is) could be passed by a function that does nothing: it counts only
    when at least one value check of the same question passes.
    """

    VALUE = "value"
    SUPPORTING = "supporting"


@dataclass(frozen=True)
class Check:
    """One aspect of a question.

    Parameters
    ----------
    id : str
        Unique within the question. The seed of the cases derives from it, so renaming it changes the inputs.
    title : str
        What a student reads: the situation that is checked, not the answer.
    weight : int
        Share of the question's points, relative to the other checks.
    cases : callable
        ``cases(rng) -> sequence of Case``; draws everything random from ``rng``.
    requires : Requirement
        What the answers to the cases must meet.
    rule : str
        One sentence that helps when the values are wrong; names no code and no number of the case.
    """

    id: str
    title: str
    weight: int
    cases: Callable[[np.random.Generator], Sequence[Case]]
    requires: Requirement
    rule: str = ""
    role: Role = Role.VALUE


@dataclass(frozen=True)
class Specification:
    """One graded function: its name, its parameters, the names of what it returns, the reference, the checks."""

    function: str
    parameters: tuple[str, ...]
    returns: tuple[str, ...]
    reference: Callable[..., Any]
    checks: tuple[Check, ...]
