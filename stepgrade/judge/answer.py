"""What came back from one call of a student's function: plain data, whatever process it was made in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stepgrade.result import EndState


@dataclass(frozen=True)
class Returned:
    """The function returned: its value, and, where they were asked for, its arguments as they were after the call."""

    value: Any
    arguments_after: tuple[Any, ...]


@dataclass(frozen=True)
class Raised:
    """The function raised an exception. ``line`` is the student's own line where it happened, if known.

    ``text`` may carry the hidden inputs: it is used to recognise known cases and never shown. ``leftover`` says that
    the function holds a complete answer, and the stub's ``raise NotImplementedError`` besides.
    """

    type_name: str
    text: str = ""
    line: str = ""
    leftover: bool = False


@dataclass(frozen=True)
class NotDefined:
    """There is no function of that name; ``reason`` says what became of it, if known."""

    reason: str = ""


@dataclass(frozen=True)
class NotCallable:
    """The name is bound to something else than a function."""

    type_name: str


@dataclass(frozen=True)
class Stopped:
    """The call did not come back within its limits, or took its process with it."""

    state: EndState
    reason: str


Answer = Returned | Raised | NotDefined | NotCallable | Stopped
