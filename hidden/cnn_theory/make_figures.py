"""Draw the figures of the notebook: ``python hidden/cnn_theory/make_figures.py [--out DIR]``.

Writes one SVG file per entry of ``FIGURES``, by default into ``source/cnn_theory/images``, and prints their paths.
Cells, arrows and letters are drawn by the script of the first assignment, so that both notebooks look alike; every
number is computed from the constants below. The same Matplotlib gives the same bytes; its version stands in each file.
"""

from __future__ import annotations

import importlib.util
import pathlib
from collections.abc import Iterable
from types import ModuleType

import numpy as np
from matplotlib.figure import Figure

HIDDEN = pathlib.Path(__file__).resolve().parents[1]
IMAGES = HIDDEN.parent / "source" / "cnn_theory" / "images"


def script(path: pathlib.Path) -> ModuleType:
    """Import a script that belongs to no package."""
    spec = importlib.util.spec_from_file_location(f"figures_of_{path.parent.name}", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pencil = script(HIDDEN / "cnn_step_by_step" / "make_figures.py")
CURRENT, REST, WHITE, GREY = pencil.CURRENT, pencil.REST, pencil.WHITE, pencil.GREY
PALETTE = pencil.PALETTE

# The worked example of both notebooks.
X, W = pencil.X, pencil.W
U, V = W.shape
CHANNELS = np.stack([X, np.flip(X)])  # one_by_one: the image, and the same turned by 180 degrees
B = np.array([1, -1])
DIRECT = [(256, 256, 3)]  # bottleneck: n_C_prev, n_C and f of each layer
THROUGH = [(256, 64, 1), (64, 256, 3)]
SIDE = 100


def wide() -> Figure:
    """Show the filter at the corner of the padded image, where it touches a single pixel."""
    figure, axes = pencil.canvas(400, 182)
    size, middle = 25, 102
    X_pad = np.pad(X, ((U - 1, U - 1), (V - 1, V - 1)))
    products = pencil.windows(X_pad, U) * W
    Y = products.sum(axis=(2, 3))
    fills = pencil.ring(X_pad.shape, U - 1)
    fills[:U, :V] = CURRENT
    for left, name, A, colours in [
        (10, "X, padded", X_pad, fills),
        (174, "W", W, CURRENT),
        (290, "Y", Y, pencil.shaded(Y.shape, 0, 1, 0, 1)),
    ]:
        top = middle - len(A) * size / 2
        pencil.cells(axes, left, top, A, size, colours)
        pencil.code(axes, left + A.shape[1] * size / 2, top - 14, f"{name}  {A.shape}")
    pencil.arrow(axes, (234, middle), (282, middle))
    terms = " + ".join(map(pencil.number, products[0, 0].ravel()))
    pencil.text(axes, 213, middle + 46, f"{terms} = {pencil.number(Y[0, 0])}")
    return figure


def one_by_one() -> Figure:
    """Show one pixel of two channels, the matrix that mixes them, and the pixel of the two results."""
    figure, axes = pencil.canvas(400, 206)
    size, middle = 22, 118
    result = np.tensordot(CHANNELS, W, axes=(0, 0)) + B
    for left, A, name in [(16, CHANNELS, "A_prev"), (318, np.moveaxis(result, -1, 0), "Z")]:
        pencil.code(axes, left + 1.5 * size, 12, name)
        for k, channel in enumerate(A):
            top = 42 + k * 92
            pencil.cells(axes, left, top, channel, size, pencil.shaded(channel.shape, 0, 1, 0, 1))
            pencil.text(axes, left + 1.5 * size, top - 10, f"channel {k}", size=8, color=GREY)
    for left, name, A, fills in [
        (112, "pixel", [CHANNELS[:, 0, 0]], CURRENT),
        (174, "W[0, 0]", W, WHITE),
        (236, "b", [B], WHITE),
    ]:
        height = len(A) * size
        pencil.cells(axes, left, middle - height / 2, A, size, fills)
        pencil.code(axes, left + size, middle - size - 12, name)
    pencil.text(axes, 165, middle, "×")
    pencil.text(axes, 227, middle, "+")
    for y, y_pixel in [(53, -7), (145, 7)]:
        pencil.arrow(axes, (86, y), (108, middle + y_pixel))
        pencil.arrow(axes, (284, middle + y_pixel), (313, y))
    return figure


def multiplications(layers: Iterable[tuple[int, int, int]]) -> int:
    """Return how many multiplications it takes to fill the outputs of all layers, each SIDE x SIDE pixels."""
    return sum(SIDE * SIDE * n_C * f * f * n_C_prev for n_C_prev, n_C, f in layers)


def bottleneck() -> Figure:
    """Show the layer of the example, and the same through fewer channels."""
    figure, axes = pencil.canvas(400, 168)
    for row, layers in enumerate((DIRECT, THROUGH)):
        y = 44 + row * 78
        places = [36, 322] if len(layers) == 1 else [36, 179, 322]
        channels = [layers[0][0], *(n_C for _, n_C, _ in layers)]
        for x, n_C in zip(places, channels, strict=True):
            width = 6 + 28 * n_C / 256
            pencil.box(axes, x - width / 2, y - 20, width, 40, facecolor=REST if n_C == 256 else CURRENT)
            pencil.text(axes, x, y + 31, str(n_C))
        for start, end, (_, _, f) in zip(places, places[1:], layers, strict=False):
            pencil.arrow(axes, (start + 24, y), (end - 24, y))
            pencil.text(axes, (start + end) / 2, y - 12, f"{f} × {f}")
        pencil.text(axes, 346, y - 7, f"{multiplications(layers) / 1e9:.2f}", ha="left")
        pencil.text(axes, 346, y + 8, "billion", ha="left", size=8, color=GREY)
    pencil.text(
        axes, 200, 12, f"channels of {SIDE} × {SIDE} pixels, and the multiplications it takes", size=8, color=GREY
    )
    return figure


def matrix_of(filt: np.ndarray, n_H: int, n_W: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the matrix of a convolution without padding, and where entries of the filter stand in it."""
    f = len(filt)
    numbers = np.arange(n_H * n_W).reshape(n_H, n_W)
    under = pencil.windows(numbers, f).reshape(-1, f * f)  # the pixels that each output reads
    C, taken = np.zeros((len(under), n_H * n_W), int), np.zeros((len(under), n_H * n_W), bool)
    np.put_along_axis(C, under, np.broadcast_to(filt.ravel(), under.shape), axis=1)
    np.put_along_axis(taken, under, values=True, axis=1)
    return C, taken


def matrix() -> Figure:
    """Show the matrix of the worked example, the image as a column, and their product."""
    figure, axes = pencil.canvas(400, 196)
    size, middle = 19, 104
    C, taken = matrix_of(W, *X.shape)
    fills = np.where(taken, REST, WHITE)
    fills[0, taken[0]] = CURRENT
    x_fills = pencil.shaded((X.size, 1), 0, 0, 0, 0)
    x_fills[taken[0], 0] = CURRENT
    for left, name, A, colours in [
        (28, "C", C, fills),
        (242, "x", X.reshape(-1, 1), x_fills),
        (320, "Z", (C @ X.ravel()).reshape(-1, 1), pencil.shaded((len(C), 1), 0, 1, 0, 1)),
    ]:
        top = middle - len(A) * size / 2
        pencil.cells(axes, left, top, A, size, colours)
        if name == "C":
            pencil.indices(axes, left, top, A.shape, size)
        pencil.code(axes, left + A.shape[1] * size / 2, top - (28 if name == "C" else 10), f"{name}  {A.shape}")
    pencil.text(axes, 222, middle, "×")
    pencil.text(axes, 290, middle, "=")
    return figure


FIGURES = {
    "wide": pencil.Entry(
        wide,
        "The first window of a wide convolution",
        "X, 3 x 3, in a ring of zeros one cell wide, and the 2 x 2 filter W with the numbers 1, -1, 0, 2. Of the "
        "top-left window only the lower right cell, a 2, belongs to X. It lies under the 2 of W and gives 4, which is "
        "Y[0, 0] of the 4 x 4 result.",
    ),
    "one_by_one": pencil.Entry(
        one_by_one,
        "A 1x1 kernel mixes the channels of one pixel",
        "Two channels of 3 x 3 pixels. The pixel in row 0, column 0 holds 2 in channel 0 and 4 in channel 1. As a row "
        "it is multiplied by the 2 x 2 matrix W with the numbers 1, -1, 0, 2, which gives 2 and 6; with b = 1 and -1 "
        "this makes 3 and 5, the same pixel of the two output channels.",
    ),
    "bottleneck": pencil.Entry(
        bottleneck,
        "A 3x3 convolution, directly and through a bottleneck",
        f"Above: 256 channels go through 3 x 3 filters into 256 channels, with {multiplications(DIRECT) / 1e9:.2f} "
        "billion multiplications. Below: 256 channels go through 1 x 1 kernels into 64, and these through 3 x 3 "
        f"filters into 256, with {multiplications(THROUGH) / 1e9:.2f} billion.",
    ),
    "matrix": pencil.Entry(
        matrix,
        "A convolution as a matrix",
        "The matrix C has 4 rows and 9 columns. Row 0 holds the filter's numbers 1, -1, 0, 2 in columns 0, 1, 3 and 4 "
        "and zeros elsewhere; the rows below hold the same numbers further to the right. Times x, the column of 2, 0, "
        "1, 1, 3, 2, 0, 1, 4, it gives 8, 3, 0, 9.",
    ),
}


def render(name: str) -> str:
    """Return the figure of that name as the text of an SVG file."""
    return str(pencil.drawn(name, FIGURES[name]))


def main(arguments: Iterable[str] | None = None) -> None:
    pencil.write_figures(FIGURES, IMAGES, arguments)


if __name__ == "__main__":
    main()
