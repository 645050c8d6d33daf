"""Slips with the size of an output and with the corners of a window: all four functions that move one invite them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stepgrade.diagnose import Misconception

from .faults import Faults

SENTENCES = {
    # The size of the output
    "stride_ignored_in_size": "n_H and n_W are computed as if stride were 1, but the windows move by stride, so the "
    "last ones lie outside of the input. A larger stride gives fewer windows.",
    "stride_ignored_everywhere": "stride is not used: the size and the windows are those of stride 1. "
    "A larger stride gives fewer windows, and they start further apart.",
    "one_missing_in_size": "n_H and n_W are one too small. The division counts how often the window moves; the place "
    "where it begins counts as well.",
    "width_from_height": "n_W is computed from the height of the input. The width of the output follows from n_W_prev.",
    "sizes_swapped": "n_H comes from the width of the input and n_W from its height. The axes of a batch are example, "
    "row, column, channel: height comes before width.",
    # The corners of the window
    "stride_ignored": "The windows start one pixel apart, whatever stride is. From one output position to the next "
    "the window moves stride pixels, down and across.",
    "window_side_as_stride": "The window moves by its own side f. How far it moves is stride, a number of its own: "
    "windows may overlap, and there may be pixels between them.",
    "stride_as_window_side": "The window is stride pixels high and wide. Its side is f; stride says only how far it "
    "moves.",
    "window_one_short": "The window is one row and one column too small. A slice stops before its end, so its length "
    "is the end minus the start.",
    "corners_swapped": "Rows and columns of the window are exchanged. The vertical corners belong to h and to the "
    "second axis, the horizontal ones to w and to the third.",
    "horizontal_from_h": "The horizontal corners are computed from h. They follow from the column w; only the "
    "vertical corners follow from the row h.",
    # The loops
    "last_row_and_column_missing": "The loops over h and w stop one too early, so the last row and the last column "
    "stay 0. A range stops before its end by itself.",
    "first_example_read": "Every window is cut out of the first example. In the loop over the examples, example i "
    "has windows of its own.",
    "first_example_only": "Only the first example is worked on. Perhaps the return statement stands inside the loop "
    "over the examples, so that the others are never reached.",
    "last_example_only": "Only the last example is filled, the others stay 0. The loops over h, w and c belong "
    "inside the loop over the examples.",
}


def slips(section: str, *names: str) -> list[Misconception]:
    """Return some of these misconceptions, for a question that refers its readers to ``section``."""
    return [Misconception(name, SENTENCES[name], section) for name in names]


# Of each set, one at most.
ALTERNATIVES = [
    {"stride_ignored", "stride_ignored_in_size", "stride_ignored_everywhere", "window_side_as_stride"},
    {"stride_as_window_side", "window_one_short"},
    {"width_from_height", "sizes_swapped"},
    {"corners_swapped", "horizontal_from_h"},
    {"first_example_read", "first_example_only", "last_example_only"},
]


def output_size(faults: Faults, A_prev: np.ndarray, f: int, stride: int, ring: int = 0) -> tuple[int, int]:
    """Return n_H and n_W; ``ring`` is what padding adds to height and to width."""
    _, n_H_prev, n_W_prev, _ = A_prev.shape
    if "width_from_height" in faults:
        n_W_prev = n_H_prev
    if "sizes_swapped" in faults:
        n_H_prev, n_W_prev = n_W_prev, n_H_prev
    if "window_side_as_stride" in faults:
        stride = f
    if faults & {"stride_ignored_in_size", "stride_ignored_everywhere"}:
        stride = 1
    first = 0 if "one_missing_in_size" in faults else 1
    return (n_H_prev - f + ring) // stride + first, (n_W_prev - f + ring) // stride + first


def positions(faults: Faults, n_H: int, n_W: int) -> Iterator[tuple[int, ...]]:
    """Return the output positions (h, w) that the loops visit."""
    short = 1 if "last_row_and_column_missing" in faults else 0
    return np.ndindex(max(n_H - short, 0), max(n_W - short, 0))


def corners(faults: Faults, h: int, w: int, f: int, stride: int) -> tuple[slice, slice]:
    """Return the rows and the columns of the window at output position (h, w)."""
    side = f
    if "stride_as_window_side" in faults:
        side = stride
    if "window_one_short" in faults:
        side = f - 1
    if "window_side_as_stride" in faults:
        stride = f
    if faults & {"stride_ignored", "stride_ignored_everywhere"}:
        stride = 1
    if "horizontal_from_h" in faults:
        w = h
    vertical = slice(h * stride, h * stride + side)
    horizontal = slice(w * stride, w * stride + side)
    return (horizontal, vertical) if "corners_swapped" in faults else (vertical, horizontal)


def examples_done(faults: Faults) -> slice:
    """Return the examples that the loop over them works on."""
    if "first_example_only" in faults:
        return slice(1)
    return slice(-1, None) if "last_example_only" in faults else slice(None)


def examples_read(faults: Faults) -> slice:
    """Return the examples that windows are cut out of; a single one stands for all."""
    return slice(1) if "first_example_read" in faults else examples_done(faults)
