"""Draw the figures of the notebook: ``python hidden/cnn_step_by_step/make_figures.py [--out DIR]``.

Reads nothing. Writes one SVG file per entry of ``FIGURES``, by default into ``source/cnn_step_by_step/images``,
and prints their paths. Every number in a picture is computed from the constants below, so the picture and the code
cell beside it cannot drift apart. The same Matplotlib gives the same bytes; its version stands in each file.

Coordinates are CSS pixels with the origin at the top left: a figure of 400 x 200 is shown 400 pixels wide.
"""

from __future__ import annotations

import argparse
import io
import pathlib
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, PathPatch, Rectangle
from matplotlib.path import Path

IMAGES = pathlib.Path(__file__).resolve().parents[2] / "source" / "cnn_step_by_step" / "images"

# The worked example of the whole notebook.
X = np.array([[2, 0, 1], [1, 3, 2], [0, 1, 4]])
W = np.array([[1, -1], [0, 2]])
B = 1
PAD = 1
F = len(W)

STRIDE, CELL = 2, (1, 0)  # four_corners: the output cell (h, w) whose window is shaded
VOLUME, FILTER_SIDE, FILTER_COUNT = (5, 5, 3), 3, 2  # stacked_filters
DA_MASK, DZ_SHARE = 5, 6  # mask_and_share: the gradients that arrive

# The network of the outline: a handwritten three, and filters that answer to upper, left and lower edges.
DIGIT_ROWS = "..####..", ".##..##.", ".....##.", "...###..", ".....##.", "......#.", ".##..##.", "..####.."
DIGIT = np.array([[int(c == "#") for c in row] for row in DIGIT_ROWS])
UPPER_EDGE = np.array([[-1, -1, -1], [0, 0, 0], [1, 1, 1]])
EDGE_FILTERS = UPPER_EDGE, UPPER_EDGE.T, -UPPER_EDGE
PROBABILITIES = 0.01, 0.01, 0.04, 0.80, 0.01, 0.06, 0.01, 0.01, 0.03, 0.02

# Two blues that also differ in lightness, so they stay apart for every kind of colour vision and in print.
CURRENT, REST = "#6baed6", "#deebf7"
WHITE, BLACK, GREY = "#ffffff", "#000000", "#666666"
PALETTE = frozenset({CURRENT, REST, WHITE, BLACK, GREY})

POINTS_PER_PIXEL = 0.75
# What a browser draws the letters with: the first that it has. The second of each is as wide as the first.
FONTS = {
    "DejaVu Sans": "'DejaVu Sans', Verdana, sans-serif",
    "DejaVu Sans Mono": "'DejaVu Sans Mono', Menlo, monospace",
}
STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with Matplotlib, so every machine measures the same letters
    "font.size": 9,
    "mathtext.fontset": "dejavusans",
    "svg.fonttype": "none",  # letters as letters: they can be read aloud, and take a third of the bytes of outlines
    "svg.hashsalt": "stepgrade",  # without it the ids in the file are random
    "hatch.linewidth": 0.75,
}


def canvas(width: int, height: int) -> tuple[Figure, Axes]:
    """Return a white figure of ``width`` x ``height`` CSS pixels, and axes measured in these pixels."""
    figure = Figure(figsize=(width * POINTS_PER_PIXEL / 72, height * POINTS_PER_PIXEL / 72), facecolor=WHITE)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    return figure, axes


def number(value: float) -> str:
    """Write a number as the notebook's text does, with a true minus sign."""
    return f"{value:g}".replace("-", "\u2212")


def listed(A: np.ndarray) -> str:
    """Write all numbers of an array in a row, with commas, for a text alternative."""
    return ", ".join(f"{value:g}" for value in A.ravel())


def text(axes: Axes, x: float, y: float, words: str, **options: Any) -> None:
    """Write ``words``, by default centred at (x, y), black, 9 pt."""
    axes.text(x, y, words, **{"ha": "center", "va": "center_baseline", "color": BLACK} | options)


def code(axes: Axes, x: float, y: float, words: str, **options: Any) -> None:
    """Write a name of the program in typewriter letters; at 8 pt they look as large as the text at 9 pt."""
    text(axes, x, y, words, **{"family": "DejaVu Sans Mono", "size": 8} | options)


def box(axes: Axes, x: float, y: float, width: float, height: float, **options: Any) -> None:
    """Draw a rectangle with its top left corner at (x, y)."""
    look: dict[str, Any] = {"facecolor": WHITE, "edgecolor": BLACK, "linewidth": 1, "joinstyle": "miter"} | options
    axes.add_patch(Rectangle((x, y), width, height, clip_on=False, **look))


def line(axes: Axes, xs: Sequence[float], ys: Sequence[float]) -> None:
    """Draw a black line through the given points."""
    axes.plot(xs, ys, color=BLACK, linewidth=1, solid_joinstyle="miter", clip_on=False)


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], *, light: bool = False) -> None:
    """Draw an arrow; ``light`` is the grey, dashed style of the way back."""
    look: dict[str, Any] = {"color": GREY, "linestyle": (0, (3, 2))} if light else {"color": BLACK}
    tip = "->,head_length=3.5,head_width=2"
    axes.add_patch(FancyArrowPatch(start, end, arrowstyle=tip, shrinkA=0, shrinkB=0, linewidth=1, **look))


def cells(axes: Axes, left: float, top: float, values: Any, size: float, fills: Any = REST, width: float = 0) -> None:
    """Draw an array as a grid with its values inside.

    Parameters
    ----------
    left, top : float, pixels; the top left corner of the grid
    values : (rows, columns) array of numbers or booleans
    size : float, pixels; the side of one cell
    fills : one colour, or a (rows, columns) array of colours
    width : float, pixels; the width of one cell where it differs from its height, 0 where it does not
    """
    values = np.asarray(values)
    fills = np.broadcast_to(np.asarray(fills, dtype=object), values.shape)
    width = width or size
    for (row, column), value in np.ndenumerate(values):
        x, y = left + column * width, top + row * size
        box(axes, x, y, width, size, facecolor=fills[row, column])
        words = str(value) if values.dtype == bool else number(value)
        text(axes, x + width / 2, y + size / 2, words)


def indices(axes: Axes, left: float, top: float, shape: tuple[int, ...], size: float) -> None:
    """Number the rows and columns of a grid, outside of it, in grey."""
    for row in range(shape[0]):
        text(axes, left - 10, top + (row + 0.5) * size, str(row), size=8, color=GREY)
    for column in range(shape[1]):
        text(axes, left + (column + 0.5) * size, top - 10, str(column), size=8, color=GREY)


def plane(axes: Axes, left: float, top: float, fills: Any, size: float, edge: str = BLACK) -> None:
    """Draw a grid of coloured squares without numbers, inside a black border."""
    rows, columns = np.shape(fills)
    right, bottom = left + columns * size, top + rows * size
    bands: dict[str, list[Any]] = {}  # one path per colour, one rectangle per run of cells: a small file
    for row in range(rows):
        x, y = left, top + row * size
        for colour, run in groupby(fills[row]):
            end = x + size * len(list(run))
            if colour != REST:
                bands.setdefault(colour, []).append([(x, y), (end, y), (end, y + size), (x, y + size), (x, y)])
            x = end
    box(axes, left, top, right - left, bottom - top, facecolor=REST, linewidth=0)
    for colour, corners in bands.items():
        path = Path.make_compound_path(*(Path(band, closed=True) for band in corners))
        axes.add_patch(PathPatch(path, facecolor=colour, linewidth=0, clip_on=False))
    across = [[(left, top + row * size), (right, top + row * size)] for row in range(1, rows)]
    down = [[(left + column * size, top), (left + column * size, bottom)] for column in range(1, columns)]
    grid = Path.make_compound_path(*(Path(ends) for ends in across + down))
    axes.add_patch(PathPatch(grid, facecolor="none", edgecolor=edge, linewidth=0.5, clip_on=False))
    box(axes, left, top, right - left, bottom - top, facecolor="none")


def stack(
    axes: Axes, left: float, middle: float, planes: Sequence[Any], size: float, step: float, edge: str = BLACK
) -> tuple[float, float, float]:
    """Draw planes behind one another, the first in front; return the right, top and bottom edge of the stack.

    The stack begins at ``left`` and is centred on the height ``middle``, in pixels; ``size`` is the side of a cell,
    ``step`` the distance from plane to plane, smaller than ``size``.
    """
    depth = (len(planes) - 1) * step
    side = len(planes[0]) * size
    top = middle - (side - depth) / 2  # of the front plane
    for channel in reversed(range(len(planes))):
        fills = planes[channel].copy()
        if channel > 0:  # all but the first row and the last column is hidden, as step < size: keep the file small
            fills[1:, :-1] = REST
        plane(axes, left + channel * step, top - channel * step, fills, size, edge)
    return left + side + depth, top - depth, top + side


def bars(axes: Axes, left: float, middle: float) -> None:
    """Draw the probability of each digit as a bar, the largest one dark."""
    pitch = 11
    for digit, probability in enumerate(PROBABILITIES):
        y = middle + (digit - (len(PROBABILITIES) - 1) / 2) * pitch
        fill = CURRENT if probability == max(PROBABILITIES) else REST
        text(axes, left - 7, y, str(digit), size=8)
        box(axes, left, y - 4, 2 + 36 * probability, 8, facecolor=fill)


def shaded(shape: tuple[int, ...], vert_start: int, vert_end: int, horiz_start: int, horiz_end: int) -> Any:
    """Return fills of ``shape`` in which one window stands out."""
    fills = np.full(shape, REST, dtype=object)
    fills[vert_start:vert_end, horiz_start:horiz_end] = CURRENT
    return fills


def ring(shape: tuple[int, ...], pad: int) -> Any:
    """Return fills of ``shape``: white where the padding is."""
    fills = np.full(shape, WHITE, dtype=object)
    fills[pad:-pad, pad:-pad] = REST
    return fills


def signs(A: Any) -> Any:
    """Return fills: dark where ``A`` is positive, light where it is zero, white where it is negative."""
    return np.where(A > 0, CURRENT, np.where(A < 0, WHITE, REST))


def windows(A: Any, f: int, stride: int = 1) -> Any:
    """Return all windows of a 2-D array, shape (n_H, n_W, f, f)."""
    return np.lib.stride_tricks.sliding_window_view(A, (f, f))[::stride, ::stride]


def convolve(A: Any, filt: Any, b: int = 0, stride: int = 1) -> Any:
    """Return the convolution of one plane with one filter, shape (n_H, n_W)."""
    return (windows(A, len(filt), stride) * filt).sum(axis=(2, 3)) + b


def outline() -> Figure:
    """Show the whole network, and which function acts where."""
    figure, axes = canvas(600, 220)
    pixel, middle = 6, 108
    padded = np.pad(DIGIT, 1)
    Z = [convolve(padded, filt) for filt in EDGE_FILTERS]
    A = [np.maximum(channel, 0) for channel in Z]
    P = [windows(channel, 2, 2).max(axis=(2, 3)) for channel in A]
    frame = np.where(ring(padded.shape, 1) == WHITE, WHITE, signs(padded))
    for left, planes in [
        (12, [signs(DIGIT)]),
        (106, [frame]),
        (232, [signs(channel) for channel in Z]),
        (344, [signs(channel) for channel in A]),
        (456, [signs(channel) for channel in P]),
    ]:
        right, _, _ = stack(axes, left, middle, planes, pixel, 5, edge=WHITE)
        n_H, n_W = planes[0].shape
        n_C = 1 if len(planes) == 1 else "$n_C$"  # three planes stand for any number of filters
        text(axes, (left + right) / 2, middle + 46, f"{n_H} × {n_W} × {n_C}")
    bars(axes, 562, middle)
    for start, end, above, below in [
        (66, 100, "pad", ""),
        (172, 226, "convolve", ""),
        (296, 338, "ReLU", ""),
        (408, 450, "pool", ""),
        (496, 544, "dense", "softmax"),
    ]:
        arrow(axes, (start, middle), (end, middle))
        text(axes, (start + end) / 2, middle - 11, above)
        text(axes, (start + end) / 2, middle + 11, below)
    code(axes, 83, 60, "zero_pad")
    code(axes, 202, 60, "conv_single_step")
    for start, end, name in [(57, 254, "conv_forward"), (389, 469, "pool_forward")]:
        line(axes, (start, start, end, end), (43, 37, 37, 43))
        code(axes, (start + end) / 2, 24, name)
    for start, end, name in [(544, 496, ""), (469, 389, "pool_backward"), (338, 296, ""), (254, 57, "conv_backward")]:
        arrow(axes, (start, 184), (end, 184), light=True)
        code(axes, (start + end) / 2, 200, name)
    return figure


def padding() -> Figure:
    """Show X inside a ring of zeros."""
    figure, axes = canvas(400, 188)
    size, middle = 28, 106
    X_pad = np.pad(X, PAD)
    for left, name, A, fills in [(32, "X", X, REST), (228, "X_pad", X_pad, ring(X_pad.shape, PAD))]:
        side = len(A) * size
        cells(axes, left, middle - side / 2, A, size, fills)
        code(axes, left + side / 2, middle - side / 2 - 14, f"{name}  {A.shape}")
    arrow(axes, (128, middle), (216, middle))
    text(axes, 172, middle - 12, f"pad = {PAD}")
    return figure


def one_window() -> Figure:
    """Show one step: multiply, add up, add the bias."""
    figure, axes = canvas(400, 124)
    size, top = 26, 34
    middle = top + F * size / 2
    Z = convolve(X, W, B)
    products = X[:F, :F] * W
    total = int(products.sum())
    for left, write, name, A, fills in [  # at one height: the rows of the window and of W face each other
        (8, code, "X", X, shaded(X.shape, 0, F, 0, F)),
        (110, code, "W", W, WHITE),
        (186, text, "products", products, CURRENT),
        (340, code, "Z", Z, shaded(Z.shape, 0, 1, 0, 1)),
    ]:
        cells(axes, left, top, A, size, fills)
        write(axes, left + len(A) * size / 2, top - 14, name)
    text(axes, 98, middle, "×")
    text(axes, 174, middle, "=")
    arrow(axes, (246, middle), (332, middle))
    text(axes, 289, middle - 12, f"{number(total)} + {number(B)} = {number(total + B)}")
    text(axes, 289, middle + 13, "sum + b")
    return figure


def four_corners() -> Figure:
    """Show the corners of one window at stride 2, and what the floor leaves unread."""
    figure, axes = canvas(400, 194)
    size, left, top = 26, 128, 50
    X_pad = np.pad(X, PAD)
    Z = convolve(X_pad, W, B, STRIDE)
    h, w = CELL
    vert_start, horiz_start = h * STRIDE, w * STRIDE
    vert_end, horiz_end = vert_start + F, horiz_start + F
    unread = (len(Z) - 1) * STRIDE + F  # rows and columns from this one on lie in no window
    cells(axes, left, top, X_pad, size, shaded(X_pad.shape, vert_start, vert_end, horiz_start, horiz_end))
    hatched(axes, left, top, X_pad, size, unread)
    indices(axes, left, top, X_pad.shape, size)
    for name, value in [("vert_start", vert_start), ("vert_end", vert_end)]:
        y = top + value * size
        line(axes, (left - 22, left), (y, y))
        code(axes, left - 27, y, f"{name} = {value}", ha="right")
    for name, value, side, gap in [("horiz_start", horiz_start, "right", -5), ("horiz_end", horiz_end, "left", 5)]:
        x = left + value * size
        line(axes, (x, x), (top - 36, top))
        code(axes, x + gap, top - 31, f"{name} = {value}", ha=side)

    Z_left, Z_top = 332, top + vert_start * size
    arrow(axes, (left + len(X_pad) * size + 10, Z_top + size), (Z_left - 22, Z_top + size))
    cells(axes, Z_left, Z_top, Z, size, shaded(Z.shape, h, h + 1, w, w + 1))
    indices(axes, Z_left, Z_top, Z.shape, size)
    code(axes, Z_left + size, Z_top - 28, "Z")
    return figure


def hatched(axes: Axes, left: float, top: float, A: Any, size: float, unread: int) -> None:
    """Hatch the rows and columns of ``A`` from ``unread`` on, and explain the pattern to the right."""
    for (row, column), value in np.ndenumerate(A):
        if max(row, column) >= unread:
            x, y = left + column * size, top + row * size
            pattern(axes, x, y, size)
            text(
                axes,
                x + size / 2,
                y + size / 2,
                number(value),
                bbox={"facecolor": WHITE, "edgecolor": "none", "pad": 1},
            )
    key = left + len(A) * size + 16
    pattern(axes, key, top + (len(A) - 0.75) * size, size / 2)
    text(axes, key + 20, top + (len(A) - 0.5) * size, "never read", ha="left")


def pattern(axes: Axes, x: float, y: float, size: float) -> None:
    """Draw one hatched cell."""
    box(axes, x, y, size, size, hatch="////", edgecolor=GREY, linewidth=0)
    box(axes, x, y, size, size, facecolor="none")


def stacked_filters() -> Figure:
    """Show a volume, two filters as deep as it is, their planes, and the stack of the planes."""
    figure, axes = canvas(520, 232)
    size, step, middle = 16, 8, 114
    n_H, n_W, n_C_prev = VOLUME
    volume = shaded((n_H, n_W), 0, FILTER_SIDE, 0, FILTER_SIDE)
    filt = np.full((FILTER_SIDE, FILTER_SIDE), CURRENT, dtype=object)
    channel = shaded((n_H - FILTER_SIDE + 1, n_W - FILTER_SIDE + 1), 0, 1, 0, 1)

    right, top, bottom = stack(axes, 16, middle, [volume] * n_C_prev, size, step)
    code(axes, (16 + right) / 2, top - 14, "A_prev")
    text(axes, (16 + right) / 2, bottom + 14, str(VOLUME))
    for k in range(FILTER_COUNT):
        row = middle + (k - (FILTER_COUNT - 1) / 2) * 112
        arrow(axes, (right + 8, middle + (row - middle) * 0.25), (176, row))
        filter_right, top, bottom = stack(axes, 184, row, [filt] * n_C_prev, size, step)
        text(axes, (184 + filter_right) / 2, top - 12, f"filter {k}")
        text(axes, (184 + filter_right) / 2, bottom + 13, str((*filt.shape, n_C_prev)))
        arrow(axes, (filter_right + 8, row), (310, row))
        text(axes, (filter_right + 318) / 2, row - 11, "sum + b")
        plane_right, top, bottom = stack(axes, 318, row, [channel], size, step)
        text(axes, (318 + plane_right) / 2, top - 12, f"plane {k}")
        text(axes, (318 + plane_right) / 2, bottom + 13, str(channel.shape))
        arrow(axes, (plane_right + 8, row), (430, middle + (row - middle) * 0.25))
    right, top, bottom = stack(axes, 438, middle, [channel] * FILTER_COUNT, size, step)
    code(axes, (438 + right) / 2, top - 14, "Z")
    text(axes, (438 + right) / 2, bottom + 14, str((*channel.shape, FILTER_COUNT)))
    return figure


def pooling() -> Figure:
    """Show the largest and the average value of one window."""
    figure, axes = canvas(420, 150)
    size, middle = 30, 78
    window = [number(value) for value in X[:F, :F].ravel()]
    largest, average = windows(X, F).max(axis=(2, 3)), windows(X, F).mean(axis=(2, 3))
    cells(axes, 10, middle - len(X) * size / 2, X, size, shaded(X.shape, 0, F, 0, F))
    code(axes, 10 + len(X) * size / 2, middle - len(X) * size / 2 - 14, "X")
    arrow(axes, (108, middle), (138, middle))
    for left, mode, A, rule in [
        (150, "max", largest, f"max({', '.join(window)})"),
        (306, "average", average, f"({' + '.join(window)}) / {F * F}"),
    ]:
        cells(axes, left, middle - size, A, size, shaded(A.shape, 0, 1, 0, 1))
        code(axes, left + size, middle - size - 14, f'mode="{mode}"')
        text(axes, left + size, middle + size + 16, f"{rule} = {number(A[0, 0])}")
    return figure


def mask_and_share() -> Figure:
    """Show both ways in which pooling hands its gradient back."""
    figure, axes = canvas(400, 200)
    size, wide = 26, 38
    window = X[:F, :F]
    mask = window == window.max()
    fills = np.where(mask, CURRENT, REST)
    top = 36
    middle = top + size
    code(axes, 16, top - 18, "create_mask_from_window", ha="left")
    cells(axes, 16, top, window, size, fills)
    arrow(axes, (82, middle), (136, middle))
    cells(axes, 150, top, mask, size, fills, width=wide)
    text(axes, 244, middle, "×")
    cells(axes, 262, middle - size / 2, [[DA_MASK]], size, CURRENT)
    text(axes, 306, middle, "=")
    cells(axes, 324, top, mask * DA_MASK, size, fills)

    share = np.full((F, F), DZ_SHARE / (F * F))
    top = 136
    middle = top + size
    code(axes, 16, top - 18, "distribute_value", ha="left")
    cells(axes, 29, middle - size / 2, [[DZ_SHARE]], size, CURRENT)
    arrow(axes, (82, middle), (310, middle))
    text(axes, 196, middle - 12, f"{DZ_SHARE} / ({F} · {F}) = {number(share[0, 0])}")
    cells(axes, 324, top, share, size, CURRENT)
    return figure


class Entry(NamedTuple):
    """A figure: how it is drawn, its name, and the text for those who cannot see it."""

    draw: Callable[[], Figure]
    title: str
    description: str


FIGURES = {
    "outline": Entry(
        outline,
        "The network of this notebook",
        "A digit of 8 x 8 pixels is padded, convolved, passed through ReLU, pooled and sent to a dense layer with "
        "softmax, which gives ten probabilities. conv_forward covers padding and convolution and calls zero_pad and "
        "conv_single_step; pool_forward pools; below, pool_backward and conv_backward lead back.",
    ),
    "padding": Entry(
        padding,
        "Zero padding with pad = 1",
        "The 3 x 3 array X becomes the 5 x 5 array X_pad: the same nine numbers in the middle, with a ring of zeros, "
        "one cell wide, around them.",
    ),
    "one_window": Entry(
        one_window,
        "One step of a convolution",
        "The top-left 2 x 2 window of X, with the numbers 2, 0, 1, 3, is multiplied cell by cell with W, with the "
        "numbers 1, -1, 0, 2. The products 2, 0, 0, 6 add up to 8; with b = 1 this gives 9, stored in Z[0, 0].",
    ),
    "four_corners": Entry(
        four_corners,
        "The four corners of a window at stride 2",
        "X_pad, 5 x 5, with the window of output cell h = 1, w = 0 shaded: rows 2 and 3, columns 0 and 1, so "
        "vert_start = 2, vert_end = 4, horiz_start = 0, horiz_end = 2. The last row and the last column are hatched: "
        "they are never read. The output Z is 2 x 2, with the cell Z[1, 0] shaded.",
    ),
    "stacked_filters": Entry(
        stacked_filters,
        "Two filters give two planes",
        "A volume of shape (5, 5, 3) is read by two filters of shape (3, 3, 3). Each filter spans all three channels "
        "and gives one 3 x 3 plane; the two planes, stacked, are the output Z of shape (3, 3, 2).",
    ),
    "pooling": Entry(
        pooling,
        "Max and average pooling",
        "The top-left 2 x 2 window of X, with the numbers 2, 0, 1, 3, gives 3 in the max-pooled array and 1.5 in the "
        "average-pooled array, each at position [0, 0]. "
        # Plain lists: brackets within brackets end a Markdown image for some readers, JupyterLab among them.
        f"All results: max {listed(windows(X, F).max(axis=(2, 3)))}, "
        f"average {listed(windows(X, F).mean(axis=(2, 3)))}.",
    ),
    "mask_and_share": Entry(
        mask_and_share,
        "Where pooling sends its gradient",
        "Above: the window 2, 0, 1, 3 has its maximum 3 at the lower right; the mask is True there only, and the mask "
        "times the gradient 5 is 0, 0, 0, 5. Below: the gradient 6 is shared over 2 x 2 cells, 1.5 in each.",
    ),
}


def describe(svg: str, name: str, entry: Entry) -> str:
    """Give an SVG its text alternative, and the version of Matplotlib that drew it."""
    opening = svg.index("<svg ")
    body = svg.index(">", opening) + 1
    ids = f"{name}-title", f"{name}-desc"
    return "".join(
        [
            svg[: opening + len("<svg ")],
            f'role="img" aria-labelledby="{" ".join(ids)}" ',
            svg[opening + len("<svg ") : body],
            f'\n <title id="{ids[0]}">{escape(entry.title)}</title>',
            f'\n <desc id="{ids[1]}">{escape(entry.description)}</desc>',
            f"\n <!-- drawn with Matplotlib {matplotlib.__version__} -->",
            svg[body:],
        ]
    )


def compact(svg: str) -> str:
    """Return the same picture in half the bytes: a feedback page carries all figures of its notebook."""
    svg = re.sub(r"\s+", " ", svg).replace("> <", "><")
    svg = re.sub(r"\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}", svg)
    svg = re.sub(r' transform="rotate\(-?0(\.0)? [^"]*"', "", svg)
    svg = re.sub(r"font-family: '([^']*)'[^;\"]*", lambda found: f"font-family: {FONTS[found[1]]}", svg)
    named = {name for names in re.findall(r'(?:#|labelledby=")([\w -]+)', svg) for name in names.split()}
    svg = re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in named else "", svg)
    while (opened := re.sub(r"<g>((?:(?!</?g[ >]).)*)</g>", r"\1", svg)) != svg:  # groups of nothing, inner first
        svg = opened
    looks = [look for look, times in Counter(re.findall(r' style="([^"]*)"', svg)).items() if times > 1]
    for number, look in enumerate(looks):
        svg = svg.replace(f' style="{look}"', f' class="k{number}"')
    rules = "".join(f".k{number}{{{look}}}" for number, look in enumerate(looks))
    return svg.replace("</style>", f"{rules}</style>", 1)


def drawn(name: str, entry: Entry) -> str:
    """Return a figure as the text of an SVG file."""
    buffer = io.StringIO()
    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # a reader's own matplotlibrc must not change the figures
        matplotlib.rcParams.update(STYLE)
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))  # the date would change the bytes
        entry.draw().savefig(buffer, format="svg", metadata=nothing)
    return f"{compact(describe(buffer.getvalue(), name, entry))}\n"


def write_figures(figures: Mapping[str, Entry], images: pathlib.Path, arguments: Iterable[str] | None) -> None:
    """Write every figure, into ``images`` unless the command line says otherwise; print their paths."""
    parser = argparse.ArgumentParser(description="Draw the figures of the notebook as SVG files.")
    parser.add_argument(
        "--out", type=pathlib.Path, default=images, metavar="DIR", help="where to write (default: %(default)s)"
    )
    out = parser.parse_args(None if arguments is None else list(arguments)).out
    out.mkdir(parents=True, exist_ok=True)
    for name, entry in figures.items():
        path = out / f"{name}.svg"
        path.write_bytes(drawn(name, entry).encode())  # bytes: the same line ends on every system
        sys.stdout.write(f"{path}\n")


def render(name: str) -> str:
    """Return the figure of that name as the text of an SVG file."""
    return drawn(name, FIGURES[name])


def main(arguments: Iterable[str] | None = None) -> None:
    write_figures(FIGURES, IMAGES, arguments)


if __name__ == "__main__":
    main()
