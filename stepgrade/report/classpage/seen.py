"""What was found out about one submission besides its Result: plain data that comes from a worker."""

from __future__ import annotations

from dataclasses import dataclass

from stepgrade.report.classpage.equal_answers import Answer
from stepgrade.report.classpage.tampering import Sign


@dataclass(frozen=True, slots=True)
class Recognised:
    """A misconception that explains the answers to one question."""

    question: str
    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Seen:
    """One submission, looked into.

    Parameters
    ----------
    recognised : tuple of Recognised
    signs : tuple of Sign
        What is worth a look.
    answers : tuple of Answer
        Those that are long enough to be compared with others'.
    diagnosed : bool
        Whether misconceptions were looked for.
    problem : str
        Why it could not be looked into, empty where it could.
    """

    recognised: tuple[Recognised, ...] = ()
    signs: tuple[Sign, ...] = ()
    answers: tuple[Answer, ...] = ()
    diagnosed: bool = True
    problem: str = ""
