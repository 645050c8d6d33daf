"""Small arrays in words: which rows and columns of them are looked at, and the numbers there.

An array of four axes is a batch (example, row, column, channel), one of three a filter or a window (row, column,
channel): rows and columns are shown, of one example and one channel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stepgrade.diagnose import Example
from stepgrade.phrases import Say, phrase
from stepgrade.report.wording import plain

ROW_AXIS = {2: 0, 3: 0, 4: 1}  # by the number of axes; the columns are on the next one
MOST_SIDE = 12  # rows and columns of what is shown


@dataclass(frozen=True)
class Plane:
    """Rows and columns of an array, and how an index says which ones: ``[0, :, :, 2]``."""

    values: np.ndarray
    selection: tuple[Any, ...]

    @property
    def label(self) -> str:
        if not self.selection or all(isinstance(part, slice) for part in self.selection):
            return ""
        return f"[{', '.join(':' if isinstance(part, slice) else str(part) for part in self.selection)}]"

    def of(self, other: np.ndarray) -> np.ndarray:
        """Return the same rows and columns of another array of that shape."""
        return np.atleast_2d(other[self.selection])


def plane_of(array: np.ndarray, index: Sequence[int] = ()) -> Plane | None:
    """Return the rows and columns in which ``index`` lies; None where they are too many, or the array too deep."""
    place = [*index] if len(index) == array.ndim else [0] * array.ndim
    selection: list[Any] = list(place)
    if array.ndim == 1:
        selection = [slice(None)]
    elif array.ndim > 1:
        if array.ndim not in ROW_AXIS:
            return None
        row = ROW_AXIS[array.ndim]
        selection[row : row + 2] = [slice(None), slice(None)]
    if any(number >= side for number, side in zip(place, array.shape, strict=True)):
        return None
    values = np.atleast_2d(array[tuple(selection)])
    return Plane(values, tuple(selection)) if values.size and max(values.shape) <= MOST_SIDE else None


def outcome_lines(example: Example, say: Say = phrase) -> Iterator[str]:
    """Yield what came back and what was expected, or what was raised, or else the difference in words.

    ``say`` says a phrase in the reader's language; the example's message is said as it stands.
    """
    if example.raised:
        yield say("raises {error}", error=plain(example.raised))
        return
    if example.expected is None or example.got is None:
        yield plain(example.message)
        return
    name = example.part or say("the result")
    words = say("got"), say("expected")
    width = max(8, *map(len, words)) if all(map(str.isascii, words)) else 0
    for word, array in zip(words, (example.got, example.expected), strict=True):
        alike = example.got.shape == example.expected.shape
        shape = "" if alike else say(" of shape {shape}", shape=shape_text(array))
        plane = plane_of(array, example.index) if array.ndim > 2 else None
        part = f"{name}{plane.label}" if plane is not None else name
        yield f"{word:{width}} {part} = {nested(array if plane is None else plane.values)}{shape}"


def nested(array: np.ndarray) -> str:
    """Return numbers in nested brackets, in the same words on every version of NumPy."""
    if not array.ndim:
        return number_text(array[()])
    return f"[{', '.join(nested(part) for part in array)}]"


def number_text(value: Any) -> str:
    """Return a number in few characters, as it stands in a cell."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    return f"{float(value) + 0:.4g}"


def shape_text(array: np.ndarray) -> str:
    """Return the shape of an array as a tuple is written."""
    return str(tuple(map(int, array.shape)))
