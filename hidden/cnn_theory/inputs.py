"""Small inputs of every kind that the docstrings allow, for the smallest one on which an answer is still wrong.

What is drawn first is made small first, and what stands first in a list counts as smallest. The numbers are whole and
all different, so that one sees what went where.
"""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from stepgrade.judge import Case

Draw = st.DrawFn
FILTER = (1, -1, 2, 3, -2, 4, -3)  # no two filters, rows or columns of it are alike

dtypes = st.sampled_from([np.float64, np.int64, np.float32])
heights = st.sampled_from([2, 3, 1, 4])
widths = st.sampled_from([3, 2, 4, 1, 5])
sides = st.sampled_from([2, 1, 3])
counts = st.sampled_from([2, 1, 3])


def counted(shape: tuple[int, ...], dtype: type) -> np.ndarray:
    return np.arange(1, np.prod(shape) + 1).reshape(shape).astype(dtype)


def filter_of(shape: tuple[int, ...], dtype: type) -> np.ndarray:
    return np.resize(FILTER, shape).astype(dtype)


@st.composite
def turned(draw: Draw) -> Case:
    return Case({"X": counted((draw(heights), draw(widths)), draw(dtypes))})


@st.composite
def wide(draw: Draw) -> Case:
    shape, filter_shape, dtype = (draw(heights), draw(widths)), (draw(sides), draw(sides)), draw(dtypes)
    return Case({"X": counted(shape, dtype), "W": filter_of(filter_shape, dtype)})


@st.composite
def one_by_one(draw: Draw) -> Case:
    m, n_H, n_W = draw(st.integers(1, 2)), draw(heights), draw(widths)
    n_C_prev, n_C, dtype = draw(counts), draw(counts), draw(dtypes)
    b = np.resize([1, -2, 5], (1, 1, 1, n_C)).astype(dtype)
    A_prev, W = counted((m, n_H, n_W, n_C_prev), dtype), filter_of((1, 1, n_C_prev, n_C), dtype)
    return Case({"A_prev": A_prev, "W": W, "b": b / 2 if dtype is np.int64 else b})


@st.composite
def costs(draw: Draw) -> Case:
    sizes = {name: draw(st.integers(least, 9)) for name, least in (("n_H", 2), ("n_W", 3), ("n_C_prev", 4), ("n_C", 5))}
    return Case(sizes | {"f": draw(st.sampled_from([3, 1, 2, 5]))})


@st.composite
def matrices(draw: Draw) -> Case:
    n_H, n_W, stride, pad = draw(heights), draw(widths), draw(st.integers(1, 3)), draw(st.integers(0, 2))
    f = draw(st.sampled_from([side for side in (2, 1, 3) if side <= min(n_H, n_W) + 2 * pad]))
    return Case({"W": filter_of((f, f), draw(dtypes)), "n_H": n_H, "n_W": n_W, "stride": stride, "pad": pad})


INPUTS: dict[str, st.SearchStrategy[Case]] = {
    "rot180": turned(),
    "wide_convolve": wide(),
    "conv_1x1": one_by_one(),
    "conv_cost": costs(),
    "conv_matrix": matrices(),
}
