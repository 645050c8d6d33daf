"""English phrases that students read: marked where they are written, so that catalogues can find them.

Results are in English, whatever language their student reads: no mark and no byte of a Result may depend on that. A
page in another language finds the phrases again in what a Result says (`stepgrade.languages`).
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable
from typing import Protocol


class Say(Protocol):
    """What says a phrase in a language, as `phrase` does in English.

    The name ``say`` is a marker, too: catalogues are also made from the texts in calls of it.
    """

    def __call__(self, template: str, /, **values: object) -> str: ...

    def __hash__(self) -> int: ...


def phrase(template: str, /, **values: object) -> str:
    """Return a phrase in English, with the values in the places that ``template`` names in braces.

    Catalogues are made from the texts that stand in calls of this function. A template that is filled in elsewhere is
    marked by a call without values.
    """
    return template.format(**values) if values else template


def columns_of(text: str) -> int:
    """Return how many letters of Latin print are as wide as ``text``: a Chinese or Korean one takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def joined(parts: Iterable[str], say: Say = phrase) -> str:
    """Return "one and other and another" in the language of ``say``; there has to be one part at least."""
    return functools.reduce(lambda one, other: say("{one} and {other}", one=one, other=other), parts)
