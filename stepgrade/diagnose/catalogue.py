"""The words of ``hidden/<assignment>/misconceptions.py``: plausible wrong functions, and the sentence that helps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Misconception:
    """One named, plausible misunderstanding of a question.

    Parameters
    ----------
    name : str
        A word for staff and for Results, unique within the question: ``stride_ignored``.
    sentence : str
        What a student reads: what is happening, and why it is not what was asked; never the code to type.
    section : str
        The heading of the notebook to read again, as it stands there.
    also : tuple of str
        Names under which `Catalogue.imitate` knows the same thought, written in other ways that answer otherwise.
    """

    name: str
    sentence: str
    section: str
    also: tuple[str, ...] = ()

    @property
    def forms(self) -> tuple[str, ...]:
        """Every name of it that can be imitated."""
        return (self.name, *self.also)


@dataclass(frozen=True)
class Catalogue:
    """The misconceptions of one question.

    Parameters
    ----------
    misconceptions : tuple of Misconception
    imitate : callable
        ``imitate(names)`` returns the function, with the question's parameters, that somebody with exactly these
        misconceptions would write; with none of them, a right one. Names that exclude each other: ValueError.
    """

    misconceptions: tuple[Misconception, ...]
    imitate: Callable[[frozenset[str]], Callable[..., Any]]
