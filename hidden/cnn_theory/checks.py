"""The hidden checks of the assignment: for every question, what is asked, with which inputs, at which weight.

Every input is drawn fresh from a seed. Shapes separate wrong implementations: few matrices are square, the ring's rows
differ from its columns, the window differs from the stride, pixels are left over. Whatever is asked here stands in the
function's docstring in the notebook.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.random import Generator

from stepgrade.judge import Case, Check, Property, Role, Specification, Unchanged, Values, near, phrase

from . import solution

Cases = Callable[[Generator], Sequence[Case]]
Draw = Callable[[Generator, tuple[int, ...]], np.ndarray]


def normal(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.normal(size=shape)


def float32(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.normal(size=shape).astype(np.float32)


def whole(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return distinct integers of both signs."""
    size = int(np.prod(shape))
    return (rng.permutation(size) - size // 2).reshape(shape)


def strided(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return a view of a larger array, not contiguous in memory."""
    return rng.normal(size=(*shape[:-1], 2 * shape[-1]))[..., ::2]


def twice(cases: Cases) -> Cases:
    """Two inputs of the same shapes: what a function keeps from one call must not come back in the next."""
    return lambda rng: [*cases(rng), *cases(rng)]


def each(*several: Cases) -> Cases:
    return lambda rng: [case for cases in several for case in cases(rng)]


def matrix(shape: tuple[int, int], draw: Draw = normal) -> Cases:
    return lambda rng: [Case({"X": draw(rng, shape)})]


def a_matrix_and_its_turn(rng: Generator) -> list[Case]:
    X = rng.normal(size=(3, 4))
    return [Case({"X": X}), Case({"X": solution.rot180(X)})]


def comes_back(cases: Sequence[Case], values: Sequence[Any]) -> str:
    """Half a turn of half a turn is the matrix itself."""
    if np.array_equal(values[1], cases[0].arguments["X"]):
        return ""
    return phrase("two half turns are a whole turn, so the matrix must come back; here it does not.")


ROT180 = Specification(
    function="rot180",
    parameters=("X",),
    returns=("R",),
    reference=solution.rot180,
    checks=(
        Check(
            "oblong",
            "a matrix that is not square",
            3,
            twice(matrix((3, 5))),
            Values("R"),
            "Every entry moves to the opposite place: rows and columns both come in reverse order.",
        ),
        Check(
            "square",
            "a square matrix",
            2,
            matrix((4, 4)),
            Values("R"),
            "Half a turn moves the upper right entry to the lower left; it mirrors at no diagonal.",
        ),
        Check(
            "thin",
            "a single row, a single column",
            1,
            each(matrix((1, 4)), matrix((5, 1))),
            Values("R"),
            "A single row stays a row and is read backwards; a column likewise.",
        ),
        Check(
            "dtypes",
            "whole numbers and float32 as input",
            1,
            each(matrix((2, 3), whole), matrix((3, 2), float32)),
            Values("R"),
        ),
        Check("strided", "input that is a view of a larger array", 1, matrix((4, 3), strided), Values("R")),
        Check(
            "comes_back",
            "two half turns give the matrix back",
            1,
            a_matrix_and_its_turn,
            Property(comes_back),
            role=Role.SUPPORTING,
        ),
        Check("unchanged", "the input is not modified", 1, matrix((3, 4)), Unchanged(), role=Role.SUPPORTING),
    ),
)


def sliding(X: tuple[int, int], W: tuple[int, int], draw: Draw = normal) -> Cases:
    return lambda rng: [Case({"X": draw(rng, X), "W": draw(rng, W)})]


def both_turned(rng: Generator) -> list[Case]:
    X, W = rng.normal(size=(4, 3)), rng.normal(size=(2, 3))
    return [Case({"X": X, "W": W}), Case({"X": solution.rot180(X), "W": solution.rot180(W)})]


def turns_along(_: Sequence[Case], values: Sequence[Any]) -> str:
    """Turning image and filter turns the result."""
    if near(values[1], solution.rot180(values[0])):
        return ""
    return phrase(
        "with image and filter both turned by 180 degrees, the result must be the first one turned; here it is not. "
        "Is the ring equally wide on opposite sides?"
    )


def same_after_half_a_turn(rng: Generator) -> list[Case]:
    """A filter that turning does not change: the ring is asked for, and not which way round the filter lies."""
    F = rng.normal(size=(2, 3))
    return [Case({"X": rng.normal(size=(4, 5)), "W": F + solution.rot180(F)})]


WIDE_CONVOLVE = Specification(
    function="wide_convolve",
    parameters=("X", "W"),
    returns=("Y",),
    reference=solution.wide_convolve,
    checks=(
        Check(
            "oblong",
            "image and filter that are not square",
            5,
            twice(sliding((4, 6), (2, 3))),
            Values("Y"),
            "The ring has one row less than the filter on each side, and one column less; the filter is not turned.",
        ),
        Check(
            "square",
            "a square filter over a square image",
            2,
            sliding((5, 5), (3, 3)),
            Values("Y"),
            "The first window touches the image with its last entry only.",
        ),
        Check(
            "symmetric",
            "a filter that half a turn does not change",
            4,
            same_after_half_a_turn,
            Values("Y"),
            "The ring has one row less than the filter on each side, and one column less.",
        ),
        Check(
            "large_filter",
            "a filter that is larger than the image",
            2,
            sliding((2, 3), (4, 5)),
            Values("Y"),
            "The ring follows from the filter alone, so the filter may be the larger of the two.",
        ),
        Check(
            "thin",
            "a row under a column, and a filter of one entry",
            1,
            each(sliding((1, 5), (3, 1)), sliding((3, 4), (1, 1))),
            Values("Y"),
            "A side of length 1 needs no ring in that direction.",
        ),
        Check(
            "dtypes",
            "whole numbers and float32 as input",
            1,
            each(sliding((3, 4), (2, 2), whole), sliding((4, 3), (2, 3), float32)),
            Values("Y"),
        ),
        Check("strided", "inputs that are views of larger arrays", 1, sliding((4, 3), (2, 2), strided), Values("Y")),
        Check(
            "turns_along",
            "turning image and filter turns the result",
            1,
            both_turned,
            Property(turns_along),
            role=Role.SUPPORTING,
        ),
        Check(
            "unchanged", "the inputs are not modified", 1, sliding((3, 4), (2, 3)), Unchanged(), role=Role.SUPPORTING
        ),
    ),
)


def mixing(A_prev: tuple[int, ...], n_C: int, draw: Draw = normal, *, bias: bool = False) -> Cases:
    """One batch; without ``bias`` b is 0, so that a forgotten bias costs its own check only."""

    def cases(rng: Generator) -> list[Case]:
        A, W = draw(rng, A_prev), draw(rng, (1, 1, A_prev[-1], n_C))
        b = draw(rng, (1, 1, 1, n_C)) + 3 if bias else np.zeros((1, 1, 1, n_C), W.dtype)
        return [Case({"A_prev": A, "W": W, "b": b})]

    return cases


def whole_but_the_bias(rng: Generator) -> list[Case]:
    """Whole numbers in A_prev and W; the bias is not whole, so that a result cut to whole numbers shows."""
    return [
        Case(
            {
                "A_prev": whole(rng, (2, 2, 3, 2)),
                "W": whole(rng, (1, 1, 2, 3)),
                "b": rng.integers(2, 9, size=(1, 1, 1, 3)) + 0.5,
            }
        )
    ]


def two_batches_and_their_sum(rng: Generator) -> list[Case]:
    W, b = rng.normal(size=(1, 1, 3, 2)), np.zeros((1, 1, 1, 2))
    P, Q = rng.normal(size=(2, 2, 3, 2, 3))
    return [Case({"A_prev": A, "W": W, "b": b}) for A in (P, Q, P - 3 * Q)]


def is_linear(_: Sequence[Case], values: Sequence[Any]) -> str:
    """The output for P - 3 Q is that of P less three times that of Q."""
    if near(values[2], values[0] - 3 * values[1]):
        return ""
    return phrase(
        "without a bias a convolution is linear, so the output for P - 3 Q must be that of P less three times that of "
        "Q; here it is not. Does something else than products and sums happen, or does a call remember the last one?"
    )


CONV_1X1 = Specification(
    function="conv_1x1",
    parameters=("A_prev", "W", "b"),
    returns=("Z",),
    reference=solution.conv_1x1,
    checks=(
        Check(
            "more_channels",
            "from few channels to many (the bias is 0)",
            3,
            twice(mixing((2, 4, 3, 2), 5)),
            Values("Z"),
            "Each output channel is a weighted sum of all input channels of the same pixel.",
        ),
        Check(
            "fewer_channels",
            "from many channels to few (the bias is 0)",
            3,
            mixing((3, 2, 5, 6), 2),
            Values("Z"),
            "The input channels are summed over, and the output channels stay.",
        ),
        Check(
            "as_many_channels",
            "as many output as input channels: which axis of W is which",
            2,
            mixing((2, 3, 4, 3), 3),
            Values("Z"),
            "The third axis of W counts input channels, the last one output channels.",
        ),
        Check(
            "bias",
            "each output channel adds its own bias, once",
            3,
            mixing((2, 3, 4, 3), 4, bias=True),
            Values("Z"),
            "Output channel c adds its bias to the sum of every pixel, once.",
        ),
        Check(
            "single",
            "one example; one channel in, or one channel out",
            1,
            each(mixing((1, 3, 4, 1), 3), mixing((1, 2, 3, 4), 1)),
            Values("Z"),
        ),
        Check(
            "dtypes",
            "whole numbers and float32 as input",
            1,
            each(whole_but_the_bias, mixing((2, 3, 2, 3), 2, float32, bias=True)),
            Values("Z"),
            "A bias need not be whole, whatever the dtype of the image.",
        ),
        Check("strided", "inputs that are views of larger arrays", 1, mixing((2, 3, 4, 2), 3, strided), Values("Z")),
        Check(
            "linear",
            "linearity: no activation belongs in here",
            1,
            two_batches_and_their_sum,
            Property(is_linear),
            role=Role.SUPPORTING,
        ),
        Check(
            "unchanged",
            "the inputs are not modified",
            1,
            mixing((2, 3, 4, 3), 2, bias=True),
            Unchanged(),
            role=Role.SUPPORTING,
        ),
    ),
)


def layers(*, f: tuple[int, ...], channels: tuple[int, int], pixels: tuple[int, int], n: int = 3) -> Cases:
    """Layers whose four sizes all differ; ``channels`` and ``pixels`` are ranges."""

    def cases(rng: Generator) -> list[Case]:
        made = []
        for _ in range(n):
            n_H, n_W = map(int, rng.choice(np.arange(*pixels), size=2, replace=False))
            n_C_prev, n_C = map(int, rng.choice(np.arange(*channels), size=2, replace=False))
            made.append(Case({"n_H": n_H, "n_W": n_W, "n_C_prev": n_C_prev, "n_C": n_C, "f": int(rng.choice(f))}))
        return made

    return cases


USUAL = layers(f=(2, 3, 5, 7), channels=(3, 20), pixels=(5, 40))
ONE_BY_ONE = layers(f=(1,), channels=(20, 70), pixels=(5, 40), n=2)
LARGE = layers(f=(3, 5), channels=(200, 600), pixels=(90, 230), n=2)

CONV_COST = Specification(
    function="conv_cost",
    parameters=("n_H", "n_W", "n_C_prev", "n_C", "f"),
    returns=("multiplications", "activations", "parameters"),
    reference=solution.conv_cost,
    checks=(
        Check(
            "multiplications",
            "the number of multiplications",
            3,
            USUAL,
            Values("multiplications"),
            "Every output value takes one multiplication for each entry of its filter, over all input channels.",
        ),
        Check(
            "activations",
            "the number of activations",
            2,
            USUAL,
            Values("activations"),
            "Activations are the values of the output.",
        ),
        Check(
            "parameters",
            "the number of parameters",
            3,
            each(USUAL, ONE_BY_ONE, LARGE),
            Values("parameters"),
            "All positions share the filters; every filter is as deep as the input; biases are not counted.",
        ),
        Check(
            "one_by_one",
            "multiplications of a 1x1 kernel",
            1,
            ONE_BY_ONE,
            Values("multiplications"),
            "A window of one pixel still reads every input channel.",
        ),
        Check(
            "large",
            "multiplications and activations of a large layer, in billions",
            1,
            LARGE,
            Values("multiplications", ("activations",)),
        ),
    ),
)


def convolving(f: int, n_H: int, n_W: int, *, stride: int = 1, pad: int = 0, draw: Draw = normal) -> Cases:
    return lambda rng: [Case({"W": draw(rng, (f, f)), "n_H": n_H, "n_W": n_W, "stride": stride, "pad": pad})]


def scatters(cases: Sequence[Case], values: Sequence[Any]) -> str:
    """The transpose sends every number of dZ back to the pixels of its window, as a stamp of the filter."""
    for case, C in zip(cases, values, strict=True):
        W, n_H, n_W, *_ = case.arguments.values()
        f = len(W)
        dZ = np.cos(np.arange(1, len(C) + 1)).reshape(n_H - f + 1, n_W - f + 1)
        dA = np.zeros((n_H, n_W))
        for (h, w), dz in np.ndenumerate(dZ):
            dA[h : h + f, w : w + f] += dz * W
        if not near(C.T @ dZ.ravel(), dA.ravel()):
            return phrase(
                "its transpose must send each number of dZ back to the pixels of its window, times the filter entry "
                "that lay on them; here it does not. Is every entry in the column of the pixel under it?"
            )
    return ""


CONV_MATRIX = Specification(
    function="conv_matrix",
    parameters=("W", "n_H", "n_W", "stride", "pad"),
    returns=("C",),
    reference=solution.conv_matrix,
    checks=(
        Check(
            "valid",
            "stride 1 without padding, an image that is not square",
            4,
            twice(convolving(2, 3, 5)),
            Values("C"),
            "Each row holds the filter, as it is, in the columns of the pixels that lie under it.",
        ),
        Check(
            "stride",
            "stride 2, pixels left over",
            4,
            each(convolving(2, 5, 6, stride=2), convolving(3, 6, 8, stride=2)),
            Values("C"),
            "The window moves stride pixels from one output to the next, in both directions.",
        ),
        Check(
            "padded",
            "stride 1 with padding",
            4,
            each(convolving(3, 3, 4, pad=1), convolving(2, 4, 3, pad=1)),
            Values("C"),
            "An entry that lies on the ring has no column; the others keep the column of their pixel.",
        ),
        Check(
            "both",
            "stride 3 with a wide ring: some windows see no pixel at all",
            2,
            convolving(2, 4, 5, stride=3, pad=3),
            Values("C"),
            "The row of a window that lies on the ring alone is zero.",
        ),
        Check(
            "single",
            "a filter of one entry, and a filter as large as the image",
            1,
            each(convolving(1, 2, 3), convolving(3, 3, 3)),
            Values("C"),
        ),
        Check(
            "dtypes",
            "whole numbers and float32 in the filter",
            1,
            each(convolving(2, 3, 4, draw=whole), convolving(2, 4, 3, draw=float32)),
            Values("C"),
        ),
        Check(
            "strided", "a filter that is a view of a larger array", 1, convolving(2, 3, 4, draw=strided), Values("C")
        ),
        Check(
            "scatters",
            "the transpose carries a gradient back to the pixels",
            2,
            each(convolving(2, 4, 5), convolving(3, 5, 4)),
            Property(scatters),
            role=Role.SUPPORTING,
        ),
        Check("unchanged", "the filter is not modified", 1, convolving(2, 3, 4), Unchanged(), role=Role.SUPPORTING),
    ),
)


QUESTIONS = {
    "rot180": ROT180,
    "wide_convolve": WIDE_CONVOLVE,
    "conv_1x1": CONV_1X1,
    "conv_cost": CONV_COST,
    "conv_matrix": CONV_MATRIX,
}
