"""Slips with hparameters, output sizes and the corners of a window: the four functions that move one invite them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from stepgrade.diagnose import Misconception

from .faults import Faults

SENTENCES = {
    # The dictionary
    "read_by_position": "hparameters is read by position, as if its entries always stood in the same order. "
    "The entries of a dictionary are found by their names.",
    "hparameters_emptied": "The numbers are taken out of hparameters, and the caller no longer finds them there. Look "
    "them up and leave them where they are.",
    # The size of the output
    "stride_ignored_in_size": "n_H and n_W are computed as if stride were 1, but the windows move by stride, so the "
    "last ones lie outside of the input. A larger stride gives fewer windows.",
    "stride_ignored_everywhere": "stride is not used: the size and the windows are those of stride 1. "
    "A larger stride gives fewer windows, and they start further apart.",
    "rounded_up": "n_H and n_W are rounded up, so the last windows reach beyond the input. Only whole windows count, "
    "and what is left over is not read.",
    "one_missing_in_size": "n_H and n_W are one too small: the last window that fits is not counted. There is one "
    "place more than there are moves from one place to the next.",
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
    # The numbers in memory, for whoever lays out a view of all windows by hand
    "eight_bytes_assumed": "The windows are read from memory as if each number had 8 bytes. Those of a float32 array "
    "have 4; every array knows its own strides.",
    "neighbours_assumed": "The windows are read from memory as if the numbers of A_prev lay there one behind the "
    "other. In a view of a larger array they do not; every array knows its own strides.",
    # The loops
    "last_row_and_column_missing": "The loops over h and w stop one too early, so the last row and the last column "
    "stay 0. A range stops before its end by itself.",
    "first_example_read": "Every window is cut out of the first example. In the loop over the examples, example i "
    "has windows of its own.",
    "first_example_only": "Only the first example is worked on. Perhaps the return statement stands inside the loop "
    "over the examples, so that the others are never reached.",
    "last_example_only": "Only the last example is filled, the others stay 0. The loops over h, w and c belong "
    "inside the loop over the examples.",
    # The result
    "axes_squeezed": "Axes of length 1 are dropped from the result. A batch of one example, or of images with one "
    "channel, has four axes like any other.",
}


def slips(section: str, *names: str) -> list[Misconception]:
    """Return some of these misconceptions, for a question that refers its readers to ``section``."""
    return [Misconception(name, SENTENCES[name], section) for name in names]


# Of each set, one at most.
ALTERNATIVES = [
    {"read_by_position", "hparameters_emptied"},
    {"stride_ignored", "stride_ignored_in_size", "stride_ignored_everywhere", "window_side_as_stride"},
    {"rounded_up", "stride_ignored_in_size", "stride_ignored_everywhere"},
    {"eight_bytes_assumed", "neighbours_assumed"},
    {"stride_as_window_side", "window_one_short"},
    {"width_from_height", "sizes_swapped"},
    {"corners_swapped", "horizontal_from_h"},
    {"first_example_read", "first_example_only", "last_example_only"},
]


def entries(faults: Faults, hparameters: dict[str, int], *names: str) -> tuple[int, ...]:
    """Return the entries of these names."""
    if "read_by_position" in faults:
        return tuple(hparameters.values())
    if "hparameters_emptied" in faults:
        return tuple(hparameters.pop(name) for name in names)
    return tuple(hparameters[name] for name in names)


def as_laid_out(faults: Faults, A_prev: np.ndarray) -> np.ndarray:
    """Return what a view sees whose steps through the memory of ``A_prev`` were worked out by hand."""
    if "eight_bytes_assumed" in faults and A_prev.itemsize < 8:
        return np.resize(A_prev.ravel()[:: 8 // A_prev.itemsize], A_prev.shape)  # at the end, whatever lies behind it
    if "neighbours_assumed" in faults and not A_prev.flags.c_contiguous:
        owner = A_prev.base if isinstance(A_prev.base, np.ndarray) else A_prev
        return owner.ravel(order="K")[: A_prev.size].reshape(A_prev.shape)
    return A_prev


def output_size(faults: Faults, A_prev: np.ndarray, f: int, stride: int, ring: int = 0) -> tuple[int, int]:
    """Return n_H and n_W; ``ring`` is what padding adds to height and to width."""
    _, n_H_prev, n_W_prev, _ = A_prev.shape
    if "width_from_height" in faults:
        n_W_prev = n_H_prev
    if "sizes_swapped" in faults:
        n_H_prev, n_W_prev = n_W_prev, n_H_prev
    if "edge_excluded" in faults:  # as the end of a range is, which misses only a window that ends at the edge
        faults, ring = faults - {"one_missing_in_size"}, ring - 1
    if "window_side_as_stride" in faults:
        stride = f
    if faults & {"stride_ignored_in_size", "stride_ignored_everywhere"}:
        stride = 1
    first = 0 if "one_missing_in_size" in faults else 1
    up = stride - 1 if "rounded_up" in faults else 0
    return (n_H_prev - f + ring + up) // stride + first, (n_W_prev - f + ring + up) // stride + first


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
