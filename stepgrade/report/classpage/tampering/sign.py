"""One thing that is worth a look."""

from __future__ import annotations

from dataclasses import dataclass

MAX_SIGNS = 20  # of one submission; who wants to see more opens it
MAX_SOURCE = 160  # characters of a line


@dataclass(frozen=True, slots=True)
class Sign:
    """Something in a submission that is worth a look.

    Parameters
    ----------
    what : str
        A word for its kind.
    sentence : str
        What it is, in words for staff.
    cell, line : int
        Where: the cell's number in the notebook and the line in it, from 1; 0 where it is in none.
    source : str
        The line itself.
    """

    what: str
    sentence: str
    cell: int = 0
    line: int = 0
    source: str = ""
