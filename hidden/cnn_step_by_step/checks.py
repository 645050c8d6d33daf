"""The hidden checks of the assignment: for every question, what is asked, with which inputs, at which weight.

Every input is drawn fresh from a seed. Shapes separate wrong implementations: height and width differ, the window
differs from the stride, some rows and columns are left over. Ties of a maximum occur in ``create_mask_from_window``
only. Whatever is asked here stands in the function's docstring in the notebook. Which misconception fails which check
is in ``docs/checks.md``; why a check stays that no misconception fails alone, in ``reasons.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.random import Generator

from stepgrade.judge import (
    Cache,
    Case,
    Check,
    DtypeKind,
    Property,
    Role,
    ScalarShape,
    Specification,
    Unchanged,
    Values,
    near,
    phrase,
)

from . import solution

Cases = Callable[[Generator], Sequence[Case]]
Draw = Callable[[Generator, tuple[int, ...]], np.ndarray]


def whole_numbers(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return distinct integers of both signs: no ties, and no accidental zeros of a whole array."""
    size = int(np.prod(shape))
    return (rng.permutation(size) - size // 2).reshape(shape)


def strided(array: np.ndarray) -> np.ndarray:
    """Return an array of equal values that is not contiguous in memory."""
    spread = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
    spread[..., ::2] = array
    return spread[..., ::2]


def normal(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.normal(size=shape)


def float32(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.normal(size=shape).astype(np.float32)


def spread_out(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
    return strided(rng.normal(size=shape))


def below_zero(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
    return -1 - rng.random(size=shape)


def reaching_above_zero(draw: Draw) -> Draw:
    """Put a number above zero into every window of side 2: a maximum that starts from 0 shows in its own check only."""

    def drawn(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
        A_prev = draw(rng, shape)
        one_of_each = A_prev[:, ::2, ::2]  # a window of side 2 or more has one of these, wherever it lies
        one_of_each[one_of_each <= 0] += 1 - 2 * A_prev.min()  # larger than all that was drawn, so nothing ties
        return A_prev

    return drawn


def either_sign(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
    return reaching_above_zero(normal)(rng, shape)


def twice(cases: Cases) -> Cases:
    """Two inputs of the same shapes: what a function keeps from one call must not come back in the next."""
    return lambda rng: [*cases(rng), *cases(rng)]


def each(*several: Cases) -> Cases:
    return lambda rng: [case for cases in several for case in cases(rng)]


def in_either_order(cases: Cases) -> Cases:
    """Two inputs of the same shapes; in the second the entries of ``hparameters`` stand in the other order."""

    def turned(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(turned, value))
        return dict(reversed(value.items())) if isinstance(value, dict) else value

    def drawn(rng: Generator) -> list[Case]:
        others = [Case({k: turned(v) for k, v in case.arguments.items()}, case.parts) for case in cases(rng)]
        return [*cases(rng), *others]

    return drawn


def padding(shape: tuple[int, ...], pad: int, draw: Draw = normal) -> Cases:
    return lambda rng: [Case({"X": draw(rng, shape), "pad": pad})]


ZERO_PAD = Specification(
    function="zero_pad",
    parameters=("X", "pad"),
    returns=("X_pad",),
    reference=solution.zero_pad,
    checks=(
        Check(
            "pad_1",
            "pad 1 around a batch whose height and width differ",
            4,
            twice(padding((3, 4, 6, 2), 1)),
            Values("X_pad"),
            "Rows and columns get zeros on both sides; examples and channels get none.",
        ),
        Check(
            "pad_3",
            "pad 3 around another batch",
            3,
            padding((2, 5, 3, 3), 3),
            Values("X_pad"),
            "The ring is pad pixels wide on every side.",
        ),
        Check(
            "single",
            "one example with one channel (m = 1, n_C = 1)",
            2,
            padding((1, 3, 5, 1), 2),
            Values("X_pad"),
            "Only height and width grow, whatever the number of examples and channels.",
        ),
        Check(
            "integers",
            "whole numbers and float32 as input",
            2,
            each(padding((2, 3, 4, 2), 1, whole_numbers), padding((2, 3, 4, 2), 1, float32)),
            Values("X_pad"),
            "The values in the middle stay what they are.",
        ),
        Check(
            "strided",
            "input that is a view of a larger array",
            1,
            padding((2, 4, 3, 2), 2, spread_out),
            Values("X_pad"),
        ),
        Check(
            "pad_0",
            "pad 0 adds nothing",
            1,
            padding((2, 4, 3, 2), 0),
            Values("X_pad"),
            "With pad 0 the result equals the input.",
            Role.SUPPORTING,
        ),
        Check(
            "unchanged",
            "the input is not modified",
            1,
            padding((2, 3, 4, 2), 1),
            Unchanged(),
            role=Role.SUPPORTING,
        ),
    ),
)


def steps(*shapes: tuple[int, ...], bias: float = 0.0, dtype: type = np.float64) -> Cases:
    """Cases whose sums have either sign in turn; ``bias`` scales the bias, 0 asks for the sum of products alone."""

    def cases(rng: Generator) -> list[Case]:
        made = []
        for number, shape in enumerate(shapes):
            a_slice_prev, W = rng.normal(size=(2, *shape))
            sign = 1 if number % 2 == 0 else -1
            W *= sign * np.sign(np.sum(a_slice_prev * W))
            b = sign * bias * (1 + rng.random(size=(1, 1, 1)))
            arguments = {"a_slice_prev": a_slice_prev, "W": W, "b": b}
            made.append(Case({name: array.astype(dtype) for name, array in arguments.items()}))
        return made

    return cases


def whole_number_steps(rng: Generator) -> list[Case]:
    """Two sums of opposite signs, neither of them 0."""
    a_slice_prev, W = whole_numbers(rng, (3, 3, 2)), whole_numbers(rng, (3, 3, 2))
    b = rng.integers(2, 9, size=(1, 1, 1)) * (1 if np.sum(a_slice_prev * W) >= 0 else -1)
    return [Case({"a_slice_prev": a_slice_prev, "W": sign * W, "b": sign * b}) for sign in (1, -1)]


CONV_SINGLE_STEP = Specification(
    function="conv_single_step",
    parameters=("a_slice_prev", "W", "b"),
    returns=("Z",),
    reference=solution.conv_single_step,
    checks=(
        Check(
            "products",
            "the sum of the products (the bias is 0)",
            4,
            steps((3, 3, 4), (3, 3, 4), (4, 4, 2), (1, 1, 5)),
            Values("Z"),
            "Multiply entry by entry, then add everything up, over height, width and channels.",
        ),
        Check(
            "bias",
            "the bias is added, once",
            4,
            steps((2, 2, 3), (2, 2, 3), (5, 5, 1), bias=3.0),
            Values("Z"),
            "One window gives one sum, and the bias is added to that sum once.",
        ),
        Check(
            "integers",
            "whole numbers and float32 as input",
            2,
            each(whole_number_steps, steps((3, 3, 3), (3, 3, 3), bias=1.0, dtype=np.float32)),
            Values("Z"),
        ),
        Check(
            "scalar",
            "Z is one number, not an array",
            1,
            steps((3, 3, 2), bias=1.0),
            ScalarShape("Z"),
            role=Role.SUPPORTING,
        ),
        Check(
            "unchanged",
            "the inputs are not modified",
            1,
            steps((3, 3, 2), bias=1.0),
            Unchanged(),
            role=Role.SUPPORTING,
        ),
    ),
)


def convolution(
    A_prev: tuple[int, ...],
    f: int,
    n_C: int,
    *,
    stride: int,
    pad: int,
    bias: bool = False,
    dtype: type = np.float64,
) -> Cases:
    """One forward pass; without ``bias`` b is 0, so that a forgotten bias costs its own check only."""

    def cases(rng: Generator) -> list[Case]:
        b = rng.normal(size=(1, 1, 1, n_C)) + 2 if bias else np.zeros((1, 1, 1, n_C))
        return [
            convolution_case(
                rng.normal(size=A_prev).astype(dtype),
                rng.normal(size=(f, f, A_prev[-1], n_C)).astype(dtype),
                b.astype(dtype),
                stride,
                pad,
            )
        ]

    return cases


BY_NAME = "The entries of a dictionary are told apart by their names, not by their order."


def convolution_case(A_prev: np.ndarray, W: np.ndarray, b: np.ndarray, stride: int, pad: int) -> Case:
    return Case({"A_prev": A_prev, "W": W, "b": b, "hparameters": {"stride": stride, "pad": pad}})


def whole_number_convolution(rng: Generator) -> list[Case]:
    """Whole numbers in A_prev and W; the bias is not whole, so that a result cut to whole numbers shows."""
    A_prev, W = whole_numbers(rng, (1, 3, 2, 2)), whole_numbers(rng, (3, 3, 2, 3))
    b = rng.choice(np.arange(2, 9), size=(1, 1, 1, 3), replace=False) + 0.5
    return [convolution_case(A_prev, W, b, 1, 1)]


def strided_convolution(pad: int) -> Cases:
    def cases(rng: Generator) -> list[Case]:
        f = 2 + pad  # so that a pixel of padding adds one row and one column of positions, no more
        A_prev, W = spread_out(rng, (1, 4, 3, 2)), spread_out(rng, (f, f, 2, 3))
        return [convolution_case(A_prev, W, np.zeros((1, 1, 1, 3)), 1, pad)]

    return cases


def a_sum_of_inputs(rng: Generator) -> list[Case]:
    """Two inputs and their combination P + 2 Q, with the same filters and no bias."""
    W, b = rng.normal(size=(2, 2, 2, 2)), np.zeros((1, 1, 1, 2))
    P, Q = rng.normal(size=(2, 2, 4, 2, 2))
    return [convolution_case(A_prev, W, b, 2, 1) for A_prev in (P, Q, P + 2 * Q)]


def is_linear(cases: Sequence[Case], values: Sequence[Any]) -> str:
    (Z_P, _), (Z_Q, _), (Z_sum, _) = values
    if near(Z_sum, Z_P + 2 * Z_Q):
        return ""
    return phrase(
        "without a bias a convolution is linear, so the output for P + 2 Q must be that of P plus twice that of Q; "
        "here it is not. Does something else than products and sums happen, or does a call remember the last one?"
    )


CONV_FORWARD = Specification(
    function="conv_forward",
    parameters=("A_prev", "W", "b", "hparameters"),
    returns=("Z", "cache"),
    reference=solution.conv_forward,
    checks=(
        Check(
            "same",
            "stride 1 with padding, height and width differ",
            4,
            twice(convolution((2, 3, 2, 2), 5, 3, stride=1, pad=2)),
            Values("Z"),
            "Each output position looks at its own window of the padded input.",
        ),
        Check(
            "valid",
            "stride 1 without padding (pad 0)",
            4,
            convolution((2, 4, 3, 3), 2, 2, stride=1, pad=0),
            Values("Z"),
            "With pad 0 the windows lie inside the input, and the output is smaller by f - 1.",
        ),
        Check(
            "stride_2",
            "stride 2 with padding, a row or column is left over",
            6,
            convolution((3, 4, 5, 2), 3, 3, stride=2, pad=1),
            Values("Z"),
            "The window moves stride pixels from one output position to the next, in both directions.",
        ),
        Check(
            "stride_3",
            "stride 3, larger than the window",
            4,
            convolution((2, 8, 5, 2), 2, 2, stride=3, pad=0),
            Values("Z"),
            "The window's corners follow from stride times the position, its side is f.",
        ),
        Check(
            "wide_pad",
            "padding wider than the window",
            2,
            convolution((1, 1, 2, 2), 2, 2, stride=1, pad=3),
            Values("Z"),
            "pad and f are independent of each other.",
        ),
        Check(
            "by_name",
            "stride and pad in either order in hparameters",
            1,
            in_either_order(convolution((1, 2, 3, 2), 4, 2, stride=1, pad=2)),
            Values("Z"),
            BY_NAME,
        ),
        Check(
            "bias",
            "each filter adds its own bias, once",
            5,
            convolution((2, 3, 2, 2), 3, 4, stride=1, pad=1, bias=True),
            Values("Z"),
            "Filter c adds b[0, 0, 0, c] to every position of its plane.",
        ),
        Check(
            "single",
            "one example, one channel, one filter; also a filter of one pixel",
            1,
            each(convolution((1, 4, 3, 1), 3, 1, stride=1, pad=0), convolution((1, 2, 3, 2), 1, 2, stride=1, pad=0)),
            Values("Z"),
        ),
        Check("integers", "whole numbers as input", 1, whole_number_convolution, Values("Z")),
        Check(
            "float32",
            "float32 input",
            1,
            convolution((1, 3, 2, 2), 3, 3, stride=1, pad=1, bias=True, dtype=np.float32),
            Values("Z"),
        ),
        Check("strided", "inputs that are views of larger arrays", 1, strided_convolution(pad=0), Values("Z")),
        Check(
            "linear",
            "linearity: twice the input gives twice the output",
            1,
            a_sum_of_inputs,
            Property(is_linear),
            role=Role.SUPPORTING,
        ),
        Check(
            "cache",
            "the cache holds what the backward pass needs",
            3,
            convolution((1, 2, 3, 2), 3, 2, stride=1, pad=1, bias=True),
            Cache("cache", ("A_prev", "W", "b", "hparameters")),
            role=Role.SUPPORTING,
        ),
        Check(
            "unchanged",
            "the inputs are not modified",
            1,
            convolution((1, 2, 3, 2), 3, 2, stride=1, pad=1, bias=True),
            Unchanged(),
            role=Role.SUPPORTING,
        ),
    ),
)


def pooling(
    A_prev: tuple[int, ...],
    f: int,
    stride: int,
    mode: str | None,
    draw: Draw = either_sign,
) -> Cases:
    """One pooling; ``mode`` None leaves the argument out."""

    def cases(rng: Generator) -> list[Case]:
        arguments = {"A_prev": draw(rng, A_prev), "hparameters": {"stride": stride, "f": f}}
        return [Case(arguments if mode is None else arguments | {"mode": mode})]

    return cases


def both_modes(cases_of: Callable[[str], Cases]) -> Cases:
    return lambda rng: [*cases_of("max")(rng), *cases_of("average")(rng)]


POOL_FORWARD = Specification(
    function="pool_forward",
    parameters=("A_prev", "hparameters", "mode"),
    returns=("A", "cache"),
    reference=solution.pool_forward,
    checks=(
        Check(
            "max",
            "maximum, stride 1",
            4,
            twice(pooling((2, 4, 3, 3), 2, 1, "max")),
            Values("A"),
            "Each output is the largest value of its own window, channel by channel.",
        ),
        Check(
            "max_stride",
            "maximum, stride 2, a row or column is left over",
            4,
            pooling((3, 6, 7, 2), 3, 2, "max"),
            Values("A"),
            "The window moves stride pixels from one output position to the next.",
        ),
        Check(
            "average",
            "average, stride 1",
            4,
            twice(pooling((2, 4, 5, 3), 3, 1, "average")),
            Values("A"),
            "Each output is the mean of its own window, channel by channel.",
        ),
        Check(
            "average_stride",
            "average, stride 3, larger than the window",
            4,
            pooling((2, 8, 5, 2), 2, 3, "average"),
            Values("A"),
            "The window moves stride pixels, its side is f.",
        ),
        Check(
            "below_zero",
            "the maximum of values that are all negative",
            2,
            pooling((2, 4, 6, 2), 2, 2, "max", below_zero),
            Values("A"),
            "The maximum of negative numbers is negative.",
        ),
        Check(
            "single",
            "one example with one channel; also a window of one pixel",
            2,
            each(both_modes(lambda mode: pooling((1, 2, 3, 1), 2, 1, mode)), pooling((1, 3, 2, 2), 1, 1, "average")),
            Values("A"),
        ),
        Check(
            "integers",
            "whole numbers as input: an average need not be whole",
            2,
            both_modes(lambda mode: pooling((2, 4, 3, 2), 2, 1, mode, reaching_above_zero(whole_numbers))),
            Values("A"),
            "The result of an average needs room for fractions, whatever the dtype of the input.",
        ),
        Check(
            "float32",
            "float32 input",
            1,
            both_modes(lambda mode: pooling((2, 4, 3, 2), 2, 1, mode, reaching_above_zero(float32))),
            Values("A"),
        ),
        Check(
            "strided",
            "input that is a view of a larger array",
            1,
            both_modes(lambda mode: pooling((2, 5, 7, 2), 3, 2, mode, reaching_above_zero(spread_out))),
            Values("A"),
        ),
        Check(
            "default_mode",
            "the mode is max when none is given",
            1,
            pooling((2, 6, 4, 2), 2, 2, None),
            Values("A"),
            "A call without a mode pools by the maximum.",
            Role.SUPPORTING,
        ),
        Check(
            "by_name",
            "stride and f in either order in hparameters",
            1,
            in_either_order(pooling((2, 4, 5, 2), 3, 1, "max")),
            Values("A"),
            BY_NAME,
        ),
        Check(
            "cache",
            "the cache holds what the backward pass needs",
            3,
            pooling((1, 4, 5, 2), 2, 2, "max"),
            Cache("cache", ("A_prev", "hparameters")),
            role=Role.SUPPORTING,
        ),
        Check(
            "unchanged",
            "the inputs are not modified",
            2,
            both_modes(lambda mode: pooling((1, 4, 5, 2), 2, 2, mode)),
            Unchanged(),
            role=Role.SUPPORTING,
        ),
    ),
)


CACHE_OF_CONVOLUTION = {"cache": ("A_prev", "W", "b", "hparameters")}
CACHE_OF_POOLING = {"cache": ("A_prev", "hparameters")}


def output_sides(A_prev: np.ndarray, f: int, stride: int, pad: int = 0) -> tuple[int, int]:
    """Return (n_H, n_W) = floor((n_prev - f + 2 pad) / stride) + 1 of a convolution or, without pad, a pooling."""
    n_H, n_W = ((side - f + 2 * pad) // stride + 1 for side in A_prev.shape[1:3])
    return n_H, n_W


def gradient_case(forward: Case, dZ: Draw, rng: Generator) -> Case:
    A_prev, W, _, hparameters = cache = tuple(forward.arguments.values())
    shape = (len(A_prev), *output_sides(A_prev, len(W), **hparameters), W.shape[-1])
    return Case({"dZ": dZ(rng, shape), "cache": cache}, CACHE_OF_CONVOLUTION)


def conv_gradient(
    A_prev: tuple[int, ...], f: int, n_C: int, *, stride: int, pad: int, dtype: type = np.float64
) -> Cases:
    def cases(rng: Generator) -> list[Case]:
        (forward,) = convolution(A_prev, f, n_C, stride=stride, pad=pad, bias=True, dtype=dtype)(rng)
        return [gradient_case(forward, lambda rng, shape: rng.normal(size=shape).astype(dtype), rng)]

    return cases


def whole_number_conv_gradient(rng: Generator) -> list[Case]:
    """Whole numbers went in, the gradient that comes back is not whole."""
    (forward,) = whole_number_convolution(rng)
    return [gradient_case(forward, normal, rng)]


def strided_conv_gradient(rng: Generator) -> list[Case]:
    (forward,) = strided_convolution(pad=1)(rng)
    return [gradient_case(forward, spread_out, rng)]


def is_adjoint(cases: Sequence[Case], values: Sequence[Any]) -> str:
    """<conv(x), dZ> = <x, dA_prev> without a bias: the backward pass is the transpose of the forward pass."""
    (case,), ((dA_prev, _, _),) = cases, values
    A_prev, W, b, hparameters = case.arguments["cache"]
    Z, _ = solution.conv_forward(A_prev, W, np.zeros_like(b), hparameters)
    forward, backward = np.vdot(Z, case.arguments["dZ"]), np.vdot(A_prev, dA_prev)
    if near(backward, forward):
        return ""
    return phrase(
        "dA_prev is not the transpose of the forward pass: the sum of Z * dZ (for b = 0) and the sum of "
        "A_prev * dA_prev must be equal, and differ here."
    )


def matches_differences(cases: Sequence[Case], values: Sequence[Any]) -> str:
    """Compare dW and db at every index with central finite differences of sum(Z * dZ)."""
    (case,), ((_, dW, db),) = cases, values
    dZ, (A_prev, W, b, hparameters) = case.arguments["dZ"], case.arguments["cache"]
    for name, gradient, numeric in (
        ("dW", dW, differences(W, lambda W: loss_of_each(A_prev, W, b, hparameters, dZ))),
        ("db", db, differences(b, lambda b: loss_of_each(A_prev, W, b, hparameters, dZ))),
    ):
        if not near(gradient, numeric, rtol=1e-5, atol=1e-7):
            ratio = float(np.vdot(gradient, numeric) / np.vdot(numeric, numeric))
            if ratio and near(gradient, ratio * numeric, rtol=1e-5, atol=1e-7):
                factor = f"{ratio:.4g}"
                return phrase(
                    "{name} is the gradient times {factor}: a constant factor is wrong.", name=name, factor=factor
                )
            return phrase("{name} is not the gradient that a small change of {array} shows.", name=name, array=name[1:])
    return ""


def differences(parameter: np.ndarray, losses: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return the central finite difference at every index; ``losses`` takes many shifted parameters at once."""
    step = 1e-3  # the loss is linear in W and in b, so a large step costs no accuracy
    steps = step * np.eye(parameter.size).reshape(-1, *parameter.shape)
    return ((losses(parameter + steps) - losses(parameter - steps)) / (2 * step)).reshape(parameter.shape)


def loss_of_each(
    A_prev: np.ndarray, W: np.ndarray, b: np.ndarray, hparameters: dict[str, int], dZ: np.ndarray
) -> np.ndarray:
    """Return sum(Z * dZ) for each of many W, or each of many b, in one convolution: all filters side by side."""
    n = max(len(W) if W.ndim == 5 else 1, len(b) if b.ndim == 5 else 1)
    many_W, many_b = np.broadcast_to(W, (n, *W.shape[-4:])), np.broadcast_to(b, (n, *b.shape[-4:]))
    all_W, all_b = (np.moveaxis(many, 0, -2).reshape(*many.shape[1:4], -1) for many in (many_W, many_b))
    Z, _ = solution.conv_forward(A_prev, all_W, all_b, hparameters)
    return np.einsum("mhwnc,mhwc->n", Z.reshape(*Z.shape[:3], n, -1), dZ)


CONV_BACKWARD = Specification(
    function="conv_backward",
    parameters=("dZ", "cache"),
    returns=("dA_prev", "dW", "db"),
    reference=solution.conv_backward,
    checks=(
        Check(
            "dA",
            "dA_prev, stride 1 with padding",
            4,
            twice(conv_gradient((2, 3, 2, 2), 5, 3, stride=1, pad=2)),
            Values("dA_prev"),
            "Every output position adds its filter, times dZ there, to the window that it came from.",
        ),
        Check(
            "dA_stride",
            "dA_prev, stride 2, a row or column is left over",
            4,
            each(
                conv_gradient((3, 4, 5, 2), 3, 2, stride=2, pad=1),
                conv_gradient((1, 4, 5, 2), 2, 2, stride=3, pad=2),
            ),
            Values("dA_prev"),
            "The windows of the backward pass are those of the forward pass, stride included.",
        ),
        Check(
            "dW",
            "dW, stride 1 with padding",
            4,
            twice(conv_gradient((2, 3, 2, 3), 3, 2, stride=1, pad=1)),
            Values("dW"),
            "Every output position adds the window that it came from, times dZ there.",
        ),
        Check(
            "dW_stride",
            "dW, stride 2, a row or column is left over",
            3,
            each(
                conv_gradient((3, 5, 4, 2), 3, 2, stride=2, pad=1),
                conv_gradient((1, 3, 5, 1), 2, 2, stride=3, pad=2),
            ),
            Values("dW"),
            "The windows of the backward pass are those of the forward pass, stride included.",
        ),
        Check(
            "db",
            "db",
            3,
            conv_gradient((2, 3, 2, 2), 3, 5, stride=1, pad=1),
            Values("db"),
            "The bias of a filter reaches every position of its plane, in every example.",
        ),
        Check(
            "pad_0",
            "pad = 0: the crop of the padded gradient must leave all of it",
            1,
            conv_gradient((2, 3, 4, 2), 2, 3, stride=1, pad=0),
            Values("dA_prev"),
            "With pad 0 nothing is cropped: a slice that ends at minus zero is empty.",
        ),
        Check(
            "by_name",
            "stride and pad in either order in hparameters",
            1,
            in_either_order(conv_gradient((1, 2, 3, 2), 4, 2, stride=1, pad=2)),
            Values("dA_prev", also=("dW", "db")),
            BY_NAME,
        ),
        Check(
            "integers",
            "whole numbers as input",
            1,
            whole_number_conv_gradient,
            Values("dA_prev", also=("dW", "db")),
            "The gradients need room for fractions, whatever the dtype of the inputs.",
        ),
        Check(
            "strided",
            "inputs that are views of larger arrays",
            1,
            strided_conv_gradient,
            Values("dA_prev", also=("dW", "db")),
        ),
        Check(
            "float32",
            "float32 input",
            1,
            conv_gradient((1, 3, 2, 2), 3, 3, stride=1, pad=1, dtype=np.float32),
            Values("dA_prev", also=("dW", "db")),
        ),
        Check(
            "adjoint",
            "the backward pass is the transpose of the forward pass",
            1,
            conv_gradient((1, 3, 2, 2), 3, 3, stride=1, pad=1),
            Property(is_adjoint),
            role=Role.SUPPORTING,
        ),
        Check(
            "differences",
            "dW and db agree with small changes of W and b, at all indices",
            1,
            conv_gradient((2, 3, 2, 1), 2, 2, stride=1, pad=1),
            Property(matches_differences),
            role=Role.SUPPORTING,
        ),
        Check(
            "unchanged",
            "dZ and the cache are not modified",
            1,
            conv_gradient((1, 2, 3, 2), 3, 2, stride=1, pad=1),
            Unchanged(),
            role=Role.SUPPORTING,
        ),
    ),
)


def windows(*shapes: tuple[int, int], draw: Draw) -> Cases:
    return lambda rng: [Case({"x": draw(rng, shape)}) for shape in shapes]


def inner_maximum(draw: Draw) -> Draw:
    """Move the maximum off the corners, where a mask that never looks would often be right by chance."""

    def drawn(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
        x = draw(rng, shape)
        n_H, n_W = shape
        here, there = np.unravel_index(x.argmax(), shape), (n_H // 2, int(rng.integers(1, n_W - 1)))
        x[here], x[there] = x[there], x[here]
        return x

    return drawn


def window_of_either_sign(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return a window whose maximum is above zero; its smallest value lies further from zero than its maximum."""
    size = int(np.prod(shape))
    return rng.permutation(np.linspace(2, -4, size) + rng.random(size) / 10).reshape(shape)


def tied(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return a window whose maximum stands at two positions, with smaller values elsewhere."""
    x = window_of_either_sign(rng, shape)
    first, second = rng.choice(x.size, size=2, replace=False)
    x.flat[[first, second]] = x.max() + rng.random()
    return x


CREATE_MASK_FROM_WINDOW = Specification(
    function="create_mask_from_window",
    parameters=("x",),
    returns=("mask",),
    reference=solution.create_mask_from_window,
    checks=(
        Check(
            "position",
            "True at the maximum, False elsewhere",
            3,
            each(
                windows((3, 3), (3, 5), (2, 4), draw=inner_maximum(window_of_either_sign)),
                windows((2, 2), (4, 2), (1, 1), draw=window_of_either_sign),
            ),
            Values("mask", kinds="biuf"),
            "The mask marks where the maximum stands; it does not repeat its value.",
        ),
        Check(
            "below_zero",
            "a window of negative values",
            1,
            windows((3, 4), (2, 3), (5, 3), draw=inner_maximum(below_zero)),
            Values("mask", kinds="biuf"),
            "The maximum of negative numbers is negative.",
        ),
        Check(
            "ties",
            "a maximum that stands at two positions",
            1,
            windows((3, 3), (2, 3), (4, 2), draw=tied),
            Values("mask", kinds="biuf"),
            "Every position that holds the maximum is marked.",
        ),
        Check(
            "integers",
            "whole numbers and float32 as input",
            1,
            each(
                windows((3, 4), (2, 3), draw=inner_maximum(whole_numbers)),
                windows((4, 3), (3, 5), draw=inner_maximum(float32)),
            ),
            Values("mask", kinds="biuf"),
        ),
        Check(
            "boolean",
            "the mask is boolean",
            1,
            windows((2, 2), draw=normal),
            DtypeKind("mask", "b", "bool"),
            role=Role.SUPPORTING,
        ),
        Check(
            "unchanged",
            "the window is not modified",
            1,
            windows((3, 3), draw=below_zero),
            Unchanged(),
            role=Role.SUPPORTING,
        ),
    ),
)


def shares(*shapes: tuple[int, int], whole: bool = False) -> Cases:
    """Numbers of both signs to share; a whole one is odd, so among an even number of cells its share is not whole."""

    def cases(rng: Generator) -> list[Case]:
        return [
            Case(
                {"dz": sign * (2 * int(rng.integers(1, 50)) + 1 if whole else float(rng.normal() + 5)), "shape": shape}
            )
            for shape in shapes
            for sign in (1, -1)
        ]

    return cases


DISTRIBUTE_VALUE = Specification(
    function="distribute_value",
    parameters=("dz", "shape"),
    returns=("a",),
    reference=solution.distribute_value,
    checks=(
        Check(
            "square",
            "a square window",
            2,
            shares((2, 2), (3, 3), (4, 4)),
            Values("a"),
            "Every one of the n_H * n_W cells gets the same share.",
        ),
        Check(
            "oblong",
            "a window whose height and width differ",
            2,
            shares((2, 3), (5, 1)),
            Values("a"),
            "The number of cells is height times width.",
        ),
        Check(
            "integers",
            "a whole number: its share need not be whole",
            1,
            shares((2, 3), whole=True),
            Values("a"),
        ),
    ),
)


def pool_gradient(
    A_prev: tuple[int, ...],
    f: int,
    stride: int,
    mode: str | None,
    draw: Draw = either_sign,
    dA: Draw = normal,
) -> Cases:
    def cases(rng: Generator) -> list[Case]:
        (forward,) = pooling(A_prev, f, stride, mode, draw)(rng)
        image, hparameters, *_ = forward.arguments.values()
        shape = (len(image), *output_sides(image, f, stride), image.shape[-1])
        arguments = {"dA": dA(rng, shape), "cache": (image, hparameters)}
        return [Case(arguments if mode is None else arguments | {"mode": mode}, CACHE_OF_POOLING)]

    return cases


def conserves(cases: Sequence[Case], values: Sequence[Any]) -> str:
    (case,), (dA_prev,) = cases, values
    if near(dA_prev.sum(), case.arguments["dA"].sum()):
        return ""
    return phrase("sharing an average loses nothing, so dA_prev must have the same sum as dA; here the sums differ.")


POOL_BACKWARD = Specification(
    function="pool_backward",
    parameters=("dA", "cache", "mode"),
    returns=("dA_prev",),
    reference=solution.pool_backward,
    checks=(
        Check(
            "max",
            "maximum, stride 1: windows overlap",
            4,
            twice(pool_gradient((2, 4, 3, 3), 2, 1, "max")),
            Values("dA_prev"),
            "The gradient goes to the position that was the maximum; where windows overlap, contributions add up.",
        ),
        Check(
            "max_stride",
            "maximum, stride 2, a row or column is left over",
            4,
            each(pool_gradient((3, 6, 7, 2), 3, 2, "max"), pool_gradient((1, 7, 8, 2), 2, 3, "max")),
            Values("dA_prev"),
            "The windows of the backward pass are those of the forward pass, stride included.",
        ),
        Check(
            "average",
            "average, stride 1: windows overlap",
            4,
            each(twice(pool_gradient((2, 3, 4, 3), 2, 1, "average")), pool_gradient((1, 5, 4, 1), 3, 1, "average")),
            Values("dA_prev"),
            "Every cell of a window gets an equal share, and shares of overlapping windows add up.",
        ),
        Check(
            "average_stride",
            "average, a stride larger than the window",
            4,
            each(pool_gradient((3, 8, 6, 2), 2, 3, "average"), pool_gradient((1, 7, 8, 1), 3, 4, "average")),
            Values("dA_prev"),
            "The windows of the backward pass are those of the forward pass; pixels that no window saw get nothing.",
        ),
        Check(
            "below_zero",
            "the maximum of windows that are all negative",
            2,
            pool_gradient((2, 4, 6, 2), 2, 2, "max", below_zero),
            Values("dA_prev"),
            "The maximum of negative numbers is negative, and the gradient goes to its position.",
        ),
        Check(
            "by_name",
            "stride and f in either order in hparameters",
            1,
            in_either_order(pool_gradient((1, 4, 5, 2), 3, 1, "max")),
            Values("dA_prev"),
            BY_NAME,
        ),
        Check(
            "integers",
            "whole numbers as input: a share need not be whole",
            1,
            each(
                both_modes(lambda mode: pool_gradient((1, 4, 5, 2), 2, 2, mode, reaching_above_zero(whole_numbers))),
                pool_gradient((1, 2, 5, 2), 2, 2, "average", whole_numbers, whole_numbers),
            ),
            Values("dA_prev"),
            "A share needs room for fractions, whatever the dtype of the input.",
        ),
        Check(
            "float32",
            "float32 input",
            1,
            both_modes(lambda mode: pool_gradient((1, 4, 3, 2), 2, 1, mode, reaching_above_zero(float32), float32)),
            Values("dA_prev"),
        ),
        Check(
            "strided",
            "inputs that are views of larger arrays",
            1,
            both_modes(
                lambda mode: pool_gradient((1, 4, 3, 2), 2, 1, mode, reaching_above_zero(spread_out), spread_out)
            ),
            Values("dA_prev"),
        ),
        Check(
            "default_mode",
            "the mode is max when none is given",
            1,
            pool_gradient((1, 6, 4, 2), 2, 2, None),
            Values("dA_prev"),
            "A call without a mode is the backward pass of the maximum.",
            Role.SUPPORTING,
        ),
        Check(
            "conserves",
            "sharing an average keeps the sum",
            1,
            pool_gradient((1, 5, 4, 2), 3, 1, "average"),
            Property(conserves),
            role=Role.SUPPORTING,
        ),
        Check(
            "unchanged",
            "dA and the cache are not modified",
            1,
            both_modes(lambda mode: pool_gradient((1, 3, 4, 2), 2, 1, mode)),
            Unchanged(),
            role=Role.SUPPORTING,
        ),
    ),
)


QUESTIONS = {
    specification.function: specification
    for specification in (
        ZERO_PAD,
        CONV_SINGLE_STEP,
        CONV_FORWARD,
        POOL_FORWARD,
        CONV_BACKWARD,
        CREATE_MASK_FROM_WINDOW,
        DISTRIBUTE_VALUE,
        POOL_BACKWARD,
    )
}
