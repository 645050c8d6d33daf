"""What is translated as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

# ``speak(English) -> what is said instead``; the English itself where nobody has translated it.
Speak = Callable[[str], str]

MESSAGE = "message of a check"  # a kind: what hidden checks say, with places to fill in


@dataclass(frozen=True)
class Unit:
    """One text in English, what it is, and where it comes from; both help a translator.

    ``kind`` also says what a translation must keep (`stepgrade.languages.faults`).
    """

    text: str
    kind: str
    place: str = ""
