"""Whether two answers are the same answer: as close as a right one must be to the reference."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from stepgrade.judge import TOLERANCE, TOLERANCE_FLOAT32, Answer, Raised, Returned
from stepgrade.judge.wire import ARRAY_KINDS


def alike(one: Answer, other: Answer) -> bool:
    """Tell whether both returned the same and left their arguments alike, or both raised an exception.

    Of which type is left aside: a loop of one's own ends with another one than NumPy does, for the same slip.
    """
    match one, other:
        case Raised(), Raised():
            return True
        case Returned(), Returned():
            both = (one.value, one.arguments_after), (other.value, other.arguments_after)
            return _alike(*both, TOLERANCE_FLOAT32 if _any_float32(one.arguments_after) else TOLERANCE)
    return False


def _alike(one: Any, other: Any, tolerance: tuple[float, float]) -> bool:
    match one, other:
        case ((tuple() | list()), (tuple() | list())):
            pairs = zip(one, other, strict=False)
            return len(one) == len(other) and all(_alike(*pair, tolerance) for pair in pairs)
        case dict(), dict():
            return one.keys() == other.keys() and all(_alike(one[key], other[key], tolerance) for key in one)
        case ((tuple() | list() | dict()), _) | (_, (tuple() | list() | dict())):
            return False
    first, second = np.asarray(one), np.asarray(other)
    if first.dtype.kind not in ARRAY_KINDS or second.dtype.kind not in ARRAY_KINDS:
        return type(one) is type(other) and isinstance(one, str | None) and one == other
    if first.shape != second.shape or (first.dtype.kind == "b") != (second.dtype.kind == "b"):
        return False
    if np.array_equal(first, second):  # much quicker, and most arguments are as they were
        return True
    rtol, atol = tolerance
    return bool(np.allclose(first, second, rtol, atol, equal_nan=True))


def _any_float32(values: Iterable[Any]) -> bool:
    return any(
        _any_float32(value) if isinstance(value, tuple) else getattr(value, "dtype", None) == np.float32
        for value in values
    )
