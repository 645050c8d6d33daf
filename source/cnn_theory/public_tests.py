"""Tests that you run yourself, one for each function of the notebook.

``rot180_test(rot180)`` hands your function several inputs and compares what comes back with numbers that were worked
out beforehand. It stops at the first difference and tells you the input, what came back, what was expected and the rule
behind it. A function that passes gives one line.

The inputs stand below, and you are welcome to read them; the smallest can be worked by hand. Your mark comes from other
inputs of the same kind, so a function that follows the rules passes both.
"""

import copy
import textwrap
import warnings

import numpy as np

__all__ = ["conv_1x1_test", "conv_cost_test", "conv_matrix_test", "rot180_test", "wide_convolve_test"]

# The image and the filter that the notebook works by hand.
_X = np.array([[2, 0, 1], [1, 3, 2], [0, 1, 4]])
_W = np.array([[1, -1], [0, 2]])


def rot180_test(target):
    """Every entry moves to the opposite place."""
    __tracebackhide__ = True  # an exception in your code is shown without this frame
    oblong = np.float32([[1, -2, 3, -4], [5, 6, -7, 8]])
    cases = [
        ({"X": _X}, {"R": "4 1 0 / 2 3 1 / 1 0 2"}),
        ({"X": oblong}, {"R": "8 -7 6 5 / -4 3 -2 1"}),
        ({"X": np.array([[0.5, -1.5, 2.5]])}, {"R": "2.5 -1.5 0.5"}),
        ({"X": oblong.T[:3]}, {"R": "-7 3 / 6 -2 / 5 1"}),
    ]
    _run("rot180", target, cases)


def wide_convolve_test(target):
    """The filter slides as far over the edge as it still touches a pixel."""
    __tracebackhide__ = True
    oblong, tall = np.array([[1.0, -2, 3, 0], [4, 0, -1, 2]]), np.array([[1.0, 2], [0, -1], [3, 0]])
    cases = [
        ({"X": _X, "W": _W}, {"Y": "4 0 2 0 / 0 8 3 1 / -1 0 9 2 / 0 -1 -3 4"}),
        ({"X": oblong, "W": tall}, {"Y": "0 3 -6 9 0 / -1 14 -3 -3 6 / -2 -3 5 1 0 / 8 4 -2 3 2"}),
        # The filter is larger than the image.
        ({"X": tall, "W": oblong}, {"Y": "2 3 -2 4 8 / 0 1 5 -3 -2 / 6 -3 -3 14 -1 / 0 9 -6 3 0"}),
        # No ring above and below: the filter has one row.
        ({"X": np.float32(_X), "W": np.float32([[2, -1]])}, {"Y": "-2 4 -1 2 / -1 -1 4 4 / 0 -1 -2 8"}),
        ({"X": oblong, "W": np.array([[-3.0]])}, {"Y": "-3 6 -9 0 / -12 0 3 -6"}),
    ]
    _run("wide_convolve", target, cases)


def conv_1x1_test(target):
    """One matrix over the channels, for every pixel."""
    __tracebackhide__ = True
    two_channels = np.stack([_X, np.array([[4, 1, 0], [2, 3, 1], [1, 0, 2]])], axis=-1).reshape(1, 3, 3, 2)
    by_hand = {"A_prev": two_channels, "W": _W.reshape(1, 1, 2, 2), "b": np.reshape([1, -1], (1, 1, 1, 2))}
    up = {
        "A_prev": np.reshape([3.0, -1, 2, 0, -4, 1, 5, -2], (2, 2, 1, 2)),
        "W": np.reshape([1.0, 0, -2, 0.5, 3, 1], (1, 1, 2, 3)),
        "b": np.zeros((1, 1, 1, 3)),
    }
    down = {
        "A_prev": np.reshape([1, 2, 3, -1, 0, 4, 2, -2, 5, 0, 1, -3], (1, 1, 4, 3)),
        "W": np.reshape([2, -1, 1], (1, 1, 3, 1)),
        "b": np.reshape([0.5], (1, 1, 1, 1)),
    }
    single = {name: np.float32(array) for name, array in up.items()} | {"b": np.float32([[[[1, -2, 0.25]]]])}
    cases = [
        (by_hand, {"Z": ((1, 3, 3, 2), "3 5  1 1  2 -2 / 2 2  4 2  3 -1 / 1 1  2 -2  5 -1")}),
        (up, {"Z": ((2, 2, 1, 3), "2.5 -3 -7 / 2 0 -4 // -3.5 3 9 / 4 -6 -12")}),
        # Whole numbers in A_prev and W, and a bias that is not.
        (down, {"Z": ((1, 1, 4, 1), "3.5 2.5 11.5 -3.5")}),
        (single, {"Z": ((2, 2, 1, 3), "3.5 -5 -6.75 / 3 -2 -3.75 // -2.5 1 9.25 / 5 -8 -11.75")}),
    ]
    _run("conv_1x1", target, cases)


def conv_cost_test(target):
    """Three numbers: multiplications, activations, parameters."""
    __tracebackhide__ = True
    sizes, costs = ("n_H", "n_W", "n_C_prev", "n_C", "f"), ("multiplications", "activations", "parameters")
    layers = [
        ((2, 2, 1, 1, 2), (16, 4, 4)),
        # Not square: 5 * 7 * 4 = 140 outputs, each with 3 * 3 * 3 = 27 multiplications.
        ((5, 7, 3, 4, 3), (3_780, 140, 108)),
        ((6, 4, 16, 2, 1), (768, 48, 32)),
        ((100, 100, 256, 256, 3), (5_898_240_000, 2_560_000, 589_824)),
        ((100, 100, 256, 64, 1), (163_840_000, 640_000, 16_384)),
        ((100, 100, 64, 256, 3), (1_474_560_000, 2_560_000, 147_456)),
    ]
    cases = [(dict(zip(sizes, layer, strict=True)), dict(zip(costs, cost, strict=True))) for layer, cost in layers]
    _run("conv_cost", target, cases)


def conv_matrix_test(target):
    """A row for each output, a column for each pixel."""
    __tracebackhide__ = True
    nine = np.arange(-4.0, 5).reshape(3, 3)
    by_hand = "1 -1 0 0 2 0 0 0 0 / 0 1 -1 0 0 2 0 0 0 / 0 0 0 1 -1 0 0 2 0 / 0 0 0 0 1 -1 0 0 2"
    corners = "2 0 0 0 0 0 0 0 0 / 0 0 2 0 0 0 0 0 0 / 0 0 0 -1 0 0 2 0 0 / 0 0 0 0 1 -1 0 0 2"
    sparse = "-2 0 0 0 0 0 0 0 0 0 / 0 0 0 -2 0 0 0 0 0 0"
    matrices = [
        ((_W, 3, 3, 1, 0), by_hand),
        # The four corners of the first notebook: windows begin in rows and columns 0 and 2 of the padded image.
        ((_W, 3, 3, 2, 1), corners),
        ((np.float32(_W), 2, 4, 1, 0), "1 -1 0 0 0 2 0 0 / 0 1 -1 0 0 0 2 0 / 0 0 1 -1 0 0 0 2"),
        # With a ring, a 3x3 filter has an output for each of four pixels.
        ((nine, 2, 2, 1, 1), "0 1 3 4 / -1 0 2 3 / -3 -2 0 1 / -4 -3 -1 0"),
        ((nine, 3, 4, 1, 0), "-4 -3 -2 0 -1 0 1 0 2 3 4 0 / 0 -4 -3 -2 0 -1 0 1 0 2 3 4"),
        # A stride larger than the filter, pixels left over.
        ((np.array([[-2.0]]), 2, 5, 3, 0), sparse),
        # A ring so wide that three of four windows see no pixel.
        ((_W, 2, 3, 3, 2), "0 0 0 0 0 0 / 0 0 0 0 0 0 / 0 0 0 0 0 0 / 0 0 0 0 1 -1"),
    ]
    arguments = ("W", "n_H", "n_W", "stride", "pad")
    cases = [(dict(zip(arguments, given, strict=True)), {"C": C}) for given, C in matrices]
    _run("conv_matrix", target, cases)


# What the messages say

# One sentence on the shape, one on the numbers.
_RULES = {
    "rot180": (
        "The shape stays (M, N).",
        "R[i, j] is X[M - 1 - i, N - 1 - j]: rows and columns both come in reverse order.",
    ),
    "wide_convolve": (
        "Y has M + U - 1 rows and N + V - 1 columns: it is larger than X.",
        "Slide W as it is over X in a ring of zeros, U - 1 rows and V - 1 columns wide; multiply and add up.",
    ),
    "conv_1x1": (
        "Examples, height and width stay; the last axis has one channel for each column of W[0, 0].",
        "Each output channel is the sum over the input channels of pixel times weight, plus its own bias.",
    ),
    "conv_cost": (
        "Three numbers: multiplications, activations, parameters.",
        "Each output value takes f * f * n_C_prev multiplications; activations are output values; parameters are "
        "filter entries, shared by all positions. Biases are not counted.",
    ),
    "conv_matrix": (
        "C has a row for each output, floor((n - f + 2 * pad) / stride) + 1 in either direction, and a column for "
        "each pixel of the unpadded image.",
        "The row of output [h, w] holds W[u, v] in the column of pixel [h * stride + u - pad, w * stride + v - pad], "
        "if there is such a pixel, and zeros elsewhere. Pixels are counted row after row.",
    ),
}

# What comes out of the first input of a test after a common slip.
_SLIPS = {
    "rot180": {
        "2 1 0 / 0 3 1 / 1 2 4": "This is the transpose, mirrored at the diagonal.",
        "0 1 4 / 1 3 2 / 2 0 1": "Only the rows come in reverse order.",
        "1 0 2 / 2 3 1 / 4 1 0": "Only the columns come in reverse order.",
    },
    "wide_convolve": {
        "2 -2 1 -1 / 1 6 -1 0 / 0 3 9 0 / 0 0 2 8": "This is the result with the filter turned.",
        "8 3 / 0 9": "This is the convolution without padding.",
    },
    "conv_1x1": {"2 6 0 2 1 -1 1 3 3 3 2 0 0 2 1 -1 4 0": "This is the result without b."},
    "conv_matrix": {
        "2 0 0 -1 1 0 0 0 0 / 0 2 0 0 -1 1 0 0 0 / 0 0 0 2 0 0 -1 1 0 / 0 0 0 0 2 0 0 -1 1": "The filter is turned.",
    },
}


class _Failed(AssertionError):
    """What a test says; a notebook shows it without the frames of this file."""

    def _render_traceback_(self):
        return [f"AssertionError: {self}"]


def _run(function, target, cases):
    """Call the target on every case; print one line, or raise at the first difference."""
    __tracebackhide__ = True
    if not callable(target):
        raise _Failed(f"{function}_test takes the function itself, as in {function}_test({function}).")
    for given, wanted in cases:
        handed = copy.deepcopy(given)  # the target may change what it gets; the case stays as it is
        about = ", ".join(_about(name, value) for name, value in given.items())
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                got = target(*handed.values())
        except Exception as error:
            error.add_note(f"{function} was called with {about}.".replace("\xa0", " "))
            raise
        fault = _fault(function, got, wanted, about) or _changed(function, given, handed, about)
        if fault:
            lines = [textwrap.fill(line, 110, subsequent_indent="  ") for line in fault if line]
            raise _Failed("\n".join(lines).replace("\xa0", " "))
    print(f"{function}: all tests passed ({len(cases)} inputs)")


def _fault(function, got, wanted, about):
    """Compare the outputs in order, shape before values; the first difference as lines, or None."""
    if got is None:
        return [f"{function} returned None for {about}. Does it end with a return statement?"]
    if len(wanted) > 1 and not (isinstance(got, tuple | list) and len(got) == len(wanted)):
        return [f"{function} returned {_show(got)}, expected {len(wanted)} values: {', '.join(wanted)}, for {about}."]
    parts = got if len(wanted) > 1 else (got,)
    shape_rule, value_rule = _RULES[function]
    for (name, numbers), part in zip(wanted.items(), parts, strict=True):
        expected, value = _numbers(numbers), np.asarray(part)
        if expected.shape and not isinstance(part, np.ndarray):
            return [f"{function}: {name} is a {type(part).__name__}, expected an array, for {about}."]
        if value.shape != expected.shape:
            first = f"{function}: {name} has shape {_shape(value)}, expected {_shape(expected)}, for {about}."
            return [first, _slip(function, value), f"Rule: {shape_rule}"]
        if value.dtype.kind not in "iuf":
            return [f"{function}: {name} has dtype {value.dtype}, expected numbers, for {about}."]
        # Not "nearly": a count may be wrong by one in a million. float32 holds these numbers exactly, too.
        if not np.allclose(value, expected, rtol=1e-9, atol=1e-6):
            first = f"{function}: {name if expected.shape else 'the number of ' + name} differs for {about}."
            lines = [f"  got      {_show(value)}", f"  expected {_show(expected)}"]
            return [first, *lines, _slip(function, value), f"Rule: {value_rule}"]
    return None


def _changed(function, given, handed, about):
    for name, value in given.items():
        if not np.array_equal(value, handed[name]):
            first = f"{function}: {name} is no longer the same after the call, for {about}."
            return [first, "Rule: inputs stay as they came in; write to arrays of your own."]
    return None


def _slip(function, value):
    """Name a common slip by the numbers that it gives, if it is one."""
    for numbers, sentence in _SLIPS.get(function, {}).items():
        if value.size == _numbers(numbers).size and np.allclose(value.ravel(), _numbers(numbers).ravel()):
            return sentence
    return ""


def _about(name, value):
    """Describe an input: small ones with their numbers."""
    if not isinstance(value, np.ndarray):
        return f"{name} {value}"
    dtype = " of float32" if value.dtype == np.float32 else ""
    return f"{name} {_shape(value)}{dtype}" + (f" = {_show(value.squeeze())}" if value.size <= 12 else "")


def _shape(value):
    return str(value.shape).replace(" ", "\xa0")  # so that no line ends within


def _show(value):
    if isinstance(value, tuple | list | np.ndarray) and np.ndim(value):
        return f"[{', '.join(map(_show, value))}]"
    return format(value + 0, ".12g") if np.asarray(value).dtype.kind in "iuf" else str(value)


def _numbers(numbers):
    """Return numbers as an array; a text such as "9 4 / 1 10" is a matrix, one with a shape before it that array."""
    if isinstance(numbers, tuple):
        return np.reshape([float(number) for number in numbers[1].replace("/", " ").split()], numbers[0])
    if isinstance(numbers, str):
        return np.array([[float(number) for number in row.split()] for row in numbers.split("/")])
    return np.asarray(numbers)
