"""Small inputs of every kind that the docstrings allow, for the smallest one on which an answer is still wrong.

Only shapes, settings, dtype and one of a few patterns of numbers are drawn, in this order, which is also that in which
they are made small. What stands first in a list counts as smallest: an image of 2 x 3 pixels and a window of 2 show
more than a single pixel does. The numbers are whole and differ from their neighbours, so that a person can follow the
sums and sees what went where; zeros would be smaller still, and would show nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from stepgrade.judge import Case

from .checks import CACHE_OF_CONVOLUTION, CACHE_OF_POOLING, output_sides

Draw = st.DrawFn
FILTER = (1, -1, 2, 3, -2, 4, -3)  # no two filters, channels or windows of it are alike
BIASES = (1, -2, 5)

dtypes = st.sampled_from([np.float64, np.int64, np.float32])
heights = st.sampled_from([2, 3, 1, 4, 5])
widths = st.sampled_from([3, 2, 4, 1, 5, 6])
pads = st.sampled_from([0, 1, 2, 3])
strides = st.sampled_from([1, 2, 3])


def sides(most: int) -> st.SearchStrategy[int]:
    """Sides of a window, none larger than ``most``."""
    return st.sampled_from([f for f in (2, 1, 3) if f <= most])


def counts(most: int) -> st.SearchStrategy[int]:
    """Numbers of examples, channels or filters."""
    return st.integers(1, most)


@st.composite
def batches(draw: Draw) -> tuple[int, int, int, int]:
    """The shape (m, n_H, n_W, n_C) of a batch."""
    return draw(counts(2)), draw(heights), draw(widths), draw(counts(2))


@st.composite
def numbers(draw: Draw, shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """Whole numbers that are all different: counted up, down, below zero, or out of order with both signs."""
    counted = np.arange(1, np.prod(shape) + 1)
    scrambled = counted * 7 % (len(counted) + 1 + (len(counted) % 7 == 6)) - len(counted) // 2
    patterns = [counted, counted[::-1], counted - len(counted) - 1, scrambled]
    return patterns[draw(st.integers(0, 3))].reshape(shape).astype(dtype)


def repeated(numbers: tuple[int, ...], shape: tuple[int, ...], dtype: type) -> np.ndarray:
    return np.resize(numbers, shape).astype(dtype)


@st.composite
def padding(draw: Draw) -> Case:
    shape, pad, dtype = draw(batches()), draw(pads.filter(bool) | st.just(0)), draw(dtypes)
    return Case({"X": draw(numbers(shape, dtype)), "pad": pad})


@st.composite
def steps(draw: Draw) -> Case:
    f, n_C_prev, dtype, sign = draw(sides(3)), draw(counts(3)), draw(dtypes), draw(st.sampled_from([1, -1]))
    shape = (f, f, n_C_prev)
    W, b = repeated(FILTER, shape, dtype), repeated(BIASES, (1, 1, 1), dtype)
    return Case({"a_slice_prev": draw(numbers(shape, dtype)), "W": sign * W, "b": b})


@st.composite
def convolutions(draw: Draw) -> Case:
    m, n_H_prev, n_W_prev, n_C_prev = draw(batches())
    pad, stride = draw(pads), draw(strides)
    f = draw(sides(min(n_H_prev + 2 * pad, n_W_prev + 2 * pad)))
    n_C, dtype = draw(counts(3)), draw(dtypes)
    b = repeated(BIASES, (1, 1, 1, n_C), dtype)
    if dtype is np.int64:
        b = b / 2  # shows whether the result was cut to whole numbers, as the dtype of the input would have it
    arrays = {
        "A_prev": draw(numbers((m, n_H_prev, n_W_prev, n_C_prev), dtype)),
        "W": repeated(FILTER, (f, f, n_C_prev, n_C), dtype),
        "b": b,
    }
    return Case(arrays | {"hparameters": draw(settings(stride=stride, pad=pad))})


@st.composite
def settings(draw: Draw, **hparameters: int) -> dict[str, int]:
    """The dictionary with its keys in either order."""
    names = list(hparameters)
    return {name: hparameters[name] for name in draw(st.sampled_from([names, names[::-1]]))}


@st.composite
def poolings(draw: Draw) -> Case:
    m, n_H_prev, n_W_prev, n_C_prev = draw(batches())
    f, stride = draw(sides(min(n_H_prev, n_W_prev))), draw(strides)
    mode, dtype = draw(st.sampled_from(["max", "average", None])), draw(dtypes)
    arguments: dict[str, Any] = {
        "A_prev": draw(numbers((m, n_H_prev, n_W_prev, n_C_prev), dtype)),
        "hparameters": draw(settings(f=f, stride=stride)),
    }
    return Case(arguments if mode is None else arguments | {"mode": mode})


@st.composite
def convolution_gradients(draw: Draw) -> Case:
    cache = tuple(draw(convolutions()).arguments.values())
    A_prev, W, _, hparameters = cache
    shape = (len(A_prev), *output_sides(A_prev, len(W), **hparameters), W.shape[-1])
    return Case({"dZ": gradient(shape, A_prev), "cache": cache}, CACHE_OF_CONVOLUTION)


@st.composite
def pooling_gradients(draw: Draw) -> Case:
    A_prev, hparameters, *mode = draw(poolings()).arguments.values()
    shape = (len(A_prev), *output_sides(A_prev, **hparameters), A_prev.shape[-1])
    dA = gradient(shape, A_prev)
    if A_prev.dtype == np.int64 and draw(st.booleans()):
        dA = (2 * dA).astype(np.int64)  # whole numbers too, which cannot hold a share
    arguments = {"dA": dA, "cache": (A_prev, hparameters)}
    return Case(arguments | ({"mode": mode[0]} if mode else {}), CACHE_OF_POOLING)


def gradient(shape: tuple[int, ...], A_prev: np.ndarray) -> np.ndarray:
    """Return an incoming gradient: floats, with halves where whole numbers went in, so that a lost fraction shows."""
    dtype = np.float32 if A_prev.dtype == np.float32 else np.float64
    return repeated(FILTER, shape, dtype) / (2 if A_prev.dtype == np.int64 else 1)


@st.composite
def windows(draw: Draw) -> Case:
    shape, dtype = (draw(heights), draw(widths)), draw(dtypes)
    x = draw(numbers(shape, dtype))
    if x.size > 1 and draw(st.booleans()):  # a maximum that stands at two positions
        x.flat[0 if x.argmax() else -1] = x.max()
    return Case({"x": x})


@st.composite
def shares(draw: Draw) -> Case:
    shape = draw(heights), draw(widths)
    return Case({"dz": draw(st.sampled_from([1.0, 6.0, -3.0, 7])), "shape": shape})


INPUTS: dict[str, st.SearchStrategy[Case]] = {
    "zero_pad": padding(),
    "conv_single_step": steps(),
    "conv_forward": convolutions(),
    "pool_forward": poolings(),
    "conv_backward": convolution_gradients(),
    "create_mask_from_window": windows(),
    "distribute_value": shares(),
    "pool_backward": pooling_gradients(),
}
