"""The hidden checks: what is asked of each question, with which inputs, at which weight.

Every input is drawn fresh from a seed. Whatever is asked here stands in the function's docstring in the notebook.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.random import Generator

from stepgrade.judge import Case, Check, Role, Specification, Unchanged, Values

from . import solution

Cases = Callable[[Generator], Sequence[Case]]


def tables(*shapes: tuple[int, int], dtype: type = np.float64) -> Cases:
    return lambda rng: [Case({"X": (10 * rng.normal(size=shape)).astype(dtype)}) for shape in shapes]


CENTER = Specification(
    function="center",
    parameters=("X",),
    returns=("C",),
    reference=solution.center,
    checks=(
        Check(
            "oblong",
            "tables whose height and width differ",
            4,
            tables((4, 3), (2, 5)),
            Values("C"),
            "Each column has a mean of its own, and that is subtracted from this column alone.",
        ),
        Check(
            "integers",
            "whole numbers and float32 as input",
            2,
            lambda rng: [*tables((3, 4), dtype=np.int64)(rng), *tables((5, 2), dtype=np.float32)(rng)],
            Values("C"),
            "A mean of whole numbers need not be whole.",
        ),
        Check("single", "one row, and one column", 2, tables((1, 4), (5, 1)), Values("C")),
        Check("unchanged", "the input is not modified", 2, tables((3, 2)), Unchanged(), role=Role.SUPPORTING),
    ),
)

QUESTIONS = {"center": CENTER}
