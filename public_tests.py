"""Tests that you run yourself, one for each function of the notebook.

``zero_pad_test(zero_pad)`` hands your function several inputs and compares what comes back with numbers that were
worked out beforehand. It stops at the first difference and tells you the input, what came back, what was expected
and the rule behind it. A function that passes gives one line.

The inputs stand below, test by test, and you are welcome to read them; the smallest can be worked by hand. Your mark
comes from other inputs of the same kind, so a function that follows the rules passes both.
"""

import contextlib
import copy
import io
import re
import textwrap
import traceback
import types
import warnings
from types import SimpleNamespace

import numpy as np

__all__ = [
    "conv_backward_test",
    "conv_forward_test",
    "conv_forward_test_1",
    "conv_forward_test_2",
    "conv_single_step_test",
    "create_mask_from_window_test",
    "distribute_value_test",
    "pool_backward_test",
    "pool_forward_test",
    "pool_forward_test_1",
    "pool_forward_test_2",
    "zero_pad_test",
]

# The array, the filter and the bias that the notebook works by hand: one example, one channel, one filter.
_X = np.reshape([[2.0, 0.0, 1.0], [1.0, 3.0, 2.0], [0.0, 1.0, 4.0]], (1, 3, 3, 1))
_X_turned = _X[:, ::-1]  # upside down: the same sizes, other numbers
_W = np.reshape([[1.0, -1.0], [0.0, 2.0]], (2, 2, 1, 1))
_b = np.ones((1, 1, 1, 1))
_Z_0_2_1 = "-2.17796037 8.07171329 -0.5772704 3.36286738 4.48113645 -2.89198428 10.99288867 3.03171932"


# The tests, in the order of the notebook


def zero_pad_test(target):
    """A ring of zeros around height and width."""
    __tracebackhide__ = True  # an exception in your code is shown without this frame
    (x,), (y,), oblong = _draws(1, (4, 3, 3, 2)), _draws(1, (5, 4, 4, 3)), _whole((2, 2, 4, 3))
    flat = _whole((1, 3, 2, 1)).astype(np.float32)
    # The row that the notebook prints: x[1, 1] moves three rows down and three columns to the right.
    row = {"1, 4, 3:6": "0.90085595 -0.68372786 / -0.12289023 -0.93576943 / -0.26788808 0.53035547"}
    ring = "0 0 0 0 0 / 0 2 0 1 0 / 0 1 3 2 0 / 0 0 1 4 0 / 0 0 0 0 0"
    cases = [
        _case({"X": _X.astype(int), "pad": 1}, X_pad=_array((1, 5, 5, 1), ring, kinds="iuf")),
        _case({"X": _X_turned, "pad": 1}, X_pad=_array((1, 5, 5, 1), _ringed(_X_turned, rows=(1, 4), columns=(1, 4)))),
        _case({"X": x, "pad": 3}, X_pad=_array((4, 9, 9, 2), _ringed(x, rows=(3, 6), columns=(3, 6)) | row)),
        _case({"X": y, "pad": 2}, X_pad=_array((5, 8, 8, 3), _ringed(y, rows=(2, 6), columns=(2, 6)))),
        _case({"X": oblong, "pad": 1}, X_pad=_array((2, 4, 6, 3), _ringed(oblong, rows=(1, 3), columns=(1, 5)))),
        _case({"X": flat, "pad": 0}, X_pad=_array((1, 3, 2, 1), flat[0, :, :, 0])),
    ]
    _run("zero_pad", target, cases)


def conv_single_step_test(target):
    """One window times one filter, summed, and the bias added once."""
    __tracebackhide__ = True
    window, W, b = np.reshape([[2.0, 0.0], [1.0, 3.0]], (2, 2, 1)), _W[..., 0], _b[0]
    whole = np.reshape([3, -1, -2, 5], (1, 1, 4)), np.reshape([2, 4, -1, -3], (1, 1, 4)), np.reshape([-7], (1, 1, 1))
    cases = [
        # The products are 2, 0, 0 and 6; their sum is 8, and b makes it 9.
        _case(_step(window, W, b), Z=_array((), "9")),
        _case(_step(*_draws(1, (4, 4, 3), (4, 4, 3), (1, 1, 1))), Z=_array((), "-6.999089450680221")),
        _case(_step(*_draws(3, (5, 5, 3), (5, 5, 3), (1, 1, 1))), Z=_array((), "-3.5443670581382474")),
        # 6 - 4 + 2 - 15 = -11, and b makes it -18.
        _case(_step(*whole), Z=_array((), "-18", kinds="iuf")),
        _case(_step(*_float32(whole)), Z=_array((), "-18")),
    ]
    _run("conv_single_step", target, cases)


def conv_forward_test(target):
    """Every filter over every window: the sizes, the numbers, the cache."""
    __tracebackhide__ = True
    first = _draws(1, (2, 5, 7, 4), (3, 3, 4, 8), (1, 1, 1, 8))
    A_prev, W, b, W_5, b_5 = _draws(3, (2, 5, 7, 4), (3, 3, 4, 8), (1, 1, 1, 8), (5, 5, 4, 8), (1, 1, 1, 8))
    wide = _whole((2, 4, 6, 2)), _whole((3, 3, 2, 2), 7), np.reshape([5.0, -2.0], (1, 1, 1, 2))
    whole = [array.astype(int) for array in (_whole((1, 3, 5, 2), 11), _whole((2, 2, 2, 3), 5))]
    b_3 = np.reshape([0.5, -1, 4], (1, 1, 1, 3))
    small = _whole((1, 5, 4, 1), 13), np.reshape([2, -1], (1, 1, 1, 2)), np.reshape([0.5, 3], (1, 1, 1, 2))
    z_wide = (
        "160 -197  -79 351  110 -665 / 188 -682  312 534  -372 -487 / "
        "-385 94  249 -7  -629 141 / -394 362  349 -369  -238 550"
    )
    z_pad_3 = {"1, 1, 2": "1.09777894 -3.70372117 -0.00172052 0.71077027 1.50925501 -0.6819232 -1.06130287 0.20069312"}
    z_pad_0 = {
        "1, 1, 2": "-3.65408778 -0.50314423 -2.5734302 -3.41311936 4.03398627 2.56888215 -0.65869053 -0.26749602"
    }
    z_whole = "0.5 -1 4  0.5 -1 4  0.5 -1 4 / 0.5 -1 4  -11.5 -6 -9  -14.5 7 -5"
    z_small = "-11.5 9  6.5 0 / 8.5 -1  0.5 3 / 2.5 2  -5.5 6"
    cases = [
        _case(_conv(_X, _W, _b, pad=0, stride=1), Z=_array((1, 2, 2, 1), "9 4 / 1 10")),
        _case(_conv(_X_turned, _W, _b, pad=0, stride=1), Z=_array((1, 2, 2, 1), "6 2 / -1 4")),
        # The four corners of the notebook: windows start in rows and columns 0 and 2 of the padded array.
        _case(_conv(_X, _W, _b, pad=1, stride=2), Z=_array((1, 2, 2, 1), "5 3 / 0 10")),
        # The entries of hparameters in the other order.
        _case(_conv(*wide, stride=2, pad=1), Z=_array((2, 2, 3, 2), z_wide)),
        _case(_conv(*first, pad=1, stride=2), Z=_array((2, 3, 4, 8), {"0, 2, 1": _Z_0_2_1}, mean=0.5511276474566768)),
        _case(_conv(A_prev, W, b, pad=3, stride=1), Z=_array((2, 9, 11, 8), z_pad_3, mean=0.19093182914656)),
        _case(_conv(A_prev, W, b, pad=0, stride=2), Z=_array((2, 2, 3, 8), z_pad_0, mean=0.20212082120007)),
        _case(_conv(A_prev, W_5, b_5, pad=6, stride=1), Z=_array((2, 13, 15, 8), {}, mean=-0.5384027772160062)),
        # Whole numbers in A_prev and W, and a ring as wide as the filter: the first row of windows sees zeros alone.
        _case(_conv(*whole, b_3, pad=2, stride=3), Z=_array((1, 2, 3, 3), z_whole)),
        _case(_conv(*_float32(small), pad=0, stride=2), Z=_array((1, 3, 2, 2), z_small)),
    ]
    _run("conv_forward", target, cases)


def conv_forward_test_1(z_mean, z_0_2_1, cache_0_1_2_3):
    """Three figures of one call of yours (seed 1): the mean of Z, Z[0, 2, 1] and cache[0][1][2][3]."""
    __tracebackhide__ = True
    about = "A_prev (2, 5, 7, 4), W (3, 3, 4, 8), pad 1, stride 2 (seed 1)"
    for label, got, expected in [
        ("mean of Z", np.asarray(z_mean), np.float64(0.5511276474566768)),
        ("Z[0, 2, 1]", np.asarray(z_0_2_1), _numbers(_Z_0_2_1, (8,))),
        ("cache[0][1][2][3]", np.asarray(cache_0_1_2_3), _numbers("-1.1191154 1.9560789 -0.3264995 -1.34267579", (4,))),
    ]:
        alike = got.dtype.kind in "iuf" and got.shape == expected.shape
        if not alike or not np.allclose(got, expected, rtol=1e-6, atol=1e-8):
            lines = [f"conv_forward: {label} differs for {about}.", *_got_expected(label, got, expected)]
            raise _Failed("\n".join(lines))
    print("conv_forward: all tests passed (3 figures)")


def pool_forward_test(target):
    """The largest number, or the mean, of every window, channel by channel; then the cache."""
    __tracebackhide__ = True
    (A_prev,), (A_4,), oblong = _draws(1, (2, 5, 5, 3)), _draws(1, (2, 4, 4, 3)), _whole((2, 5, 8, 2), 163)
    negative = (_whole((1, 4, 7, 2), 59) - 60).astype(int)
    max_3 = "1.96710175 0.84616065 1.27375593 / 1.96710175 0.84616065 1.23616403 / 1.62765075 1.12141771 1.2245077"
    mean_3 = {
        "1, 1, :2": "0.44497696 -0.00261695 -0.31040307 / 0.50811474 -0.23493734 -0.23961183",
        "1, 1, 2": "0.11872677 0.17255229 -0.22112197",
    }
    max_2 = {
        "1, 1, :2": "1.19891788 0.74055645 0.07734007 / 0.31515939 0.84616065 0.07734007",
        "1, 1, 2:": "0.69803203 0.84616065 1.2245077 / 0.69803203 1.12141771 1.2245077",
    }
    mean_2 = {"1, 1, 0": "0.11583785 0.34545544 -0.6561907"}
    max_3_stride_2 = {
        "0, 0": "1.74481176 0.90159072 1.65980218 / 1.74481176 1.6924546 1.65980218",
        "0, 1": "1.13162939 1.51981682 2.18557541 / 1.13162939 1.6924546 2.18557541",
    }
    max_4 = "1.74481176 0.86540763 1.13376944 / 1.13162939 1.51981682 2.18557541"
    mean_4 = "0.02105773 -0.20328806 -0.40389855 / -0.22154621 0.51716526 0.48155844"
    max_oblong = "67 73  81 58  80 74 / 79 73  64 72  80 72 / 62 70  78 70  78 69 / 76 68  76 53  75 69"
    mean_oblong = (
        "-33.25 3.75  25.75 -18.75  3.25 -0.5 / 31.25 -13.25  8.75 5  -13.75 23.25 / "
        "-7.25 -11  11 7.25  29.25 -15.25 / -24.25 12.75  -6 -9.75  12.25 -32.25"
    )
    max_negative = "-43 -37  -44 -35  -42 -36 / -41 -32  -39 -33  -40 -31"
    mean_negative = "-73.25 -51  -58 -65.25  -72.25 -50 / -55 -62.25  -69.25 -47  -54 -61.25"
    cases = [
        _case(_pool(_X, f=2, stride=1), A=_array((1, 2, 2, 1), "3 3 / 3 4")),  # without a mode it is "max"
        _case(_pool(_X, f=2, stride=1, mode="average"), A=_array((1, 2, 2, 1), "1.5 1.5 / 1.25 2.5")),
        _case(_pool(_X_turned, f=2, stride=1, mode="average"), A=_array((1, 2, 2, 1), "1.25 2.5 / 1.5 1.5")),
        _case(_pool(A_prev, f=3, stride=1, mode="max"), A=_array((2, 3, 3, 3), {"1, 1": max_3}, mean=1.36709013677)),
        _case(_pool(A_prev, f=3, stride=1, mode="average"), A=_array((2, 3, 3, 3), mean_3, mean=0.0517803713164)),
        _case(_pool(A_prev, f=2, stride=1, mode="max"), A=_array((2, 4, 4, 3), max_2, mean=0.994288947856)),
        _case(_pool(A_prev, f=2, stride=1, mode="average"), A=_array((2, 4, 4, 3), mean_2, mean=0.0533152109287)),
        _case(_pool(A_prev, f=3, stride=2, mode="max"), A=_array((2, 2, 2, 3), max_3_stride_2, mean=1.36744099961)),
        _case(_pool(A_4, f=3, stride=2, mode="max"), A=_array((2, 1, 1, 3), max_4)),
        _case(_pool(A_4, f=3, stride=2, mode="average"), A=_array((2, 1, 1, 3), mean_4)),
        _case(_pool(_view(oblong), f=3, stride=2, mode="max"), A=_array((2, 2, 3, 2), max_oblong)),
        # The entries of hparameters in the other order.
        _case(
            _pool(oblong, f=2, stride=3, mode="average") | {"hparameters": {"stride": 3, "f": 2}},
            A=_array((2, 2, 3, 2), mean_oblong),
        ),
        # Negative numbers alone, first as float32, then as whole numbers.
        _case(_pool(*_float32([negative]), f=2, stride=2, mode="max"), A=_array((1, 2, 3, 2), max_negative)),
        _case(_pool(negative, f=2, stride=2, mode="average"), A=_array((1, 2, 3, 2), mean_negative)),
    ]
    _run("pool_forward", target, cases)


def conv_backward_test(target):
    """Three gradients. dZ is drawn here and owes nothing to your conv_forward."""
    __tracebackhide__ = True
    inputs = _draws(1, (2, 5, 7, 3), (3, 3, 3, 4), (1, 1, 1, 4))
    dZ = np.reshape([[1.0, 2.0], [3.0, -1.0]], (1, 2, 2, 1))
    whole = [x.astype(int) for x in (_X, _W, _b)]
    small = _whole((2, 2, 3, 2), 7), _whole((2, 3, 4, 2), 11), _whole((2, 2, 2, 2), 5), np.ones((1, 1, 1, 2))
    dA_small = (
        "-5 -1  2 -2  -1 -5  2 4 / 8 -6  2 -3  -3 2  -6 8 / 7 8  2 2  -3 -3  -5 -6 / "
        "-2 -4  2 6  -5 -1  2 -2 / -2 0  -4 7  8 -6  2 -3 / -4 -2  -5 -4  7 8  2 2"
    )
    dW_small = "-20 17  14 -17 / -1 -4  3 9 / -9 44  -20 -25 / 22 15  -16 18"
    pad_2 = (
        {"1, 4, 2": "17.49331773 -3.37362399 6.34353357"},
        {"2, 0, 1": "-1.49887937 -1.16665113 9.40018957 0.66145691"},
        "-9.83299461 -3.32395371 7.30558343 -2.13467461",
        (0.204439121613, 0.116254820405),
    )
    pad_0 = (
        {"1, 4, 2": "1.20041287 2.30461292 -1.28625113"},
        {"2, 0, 1": "-2.34859366 -1.57768128 -4.97216829 4.89050366"},
        "-6.6626244 -2.59221223 -2.82711036 5.83617343",
        (-0.0229118479319, -0.196733921991),
    )

    def case(dZ, A_prev, W, b, dA_prev, dW, db, means=(None, None), **hparameters):
        return _case(
            {"dZ": dZ, "cache": (A_prev, W, b, hparameters)},
            dA_prev=_array(A_prev.shape, dA_prev, means[0]),
            dW=_array(W.shape, dW, means[1]),
            db=_array(b.shape, db),
        )

    cases = [
        # Four windows that do not overlap: the filter times 1, 2, 3 and -1; then the ring is cut off.
        case(dZ, _X, _W, _b, "2 0 4 / -3 -1 1 / 6 0 -2", "-3 1 / -1 0", "5", pad=1, stride=2),
        # Whole numbers in A_prev and W, fractions in dZ.
        case(dZ / 2, *whole, "1 0 2 / -1.5 -0.5 0.5 / 3 0 -1", "-1.5 0.5 / -0.5 0", "2.5", pad=1, stride=2),
        # The entries of hparameters in the other order.
        case(*_float32(small), dA_small, dW_small, "-3 0", stride=2, pad=1),
        case(*_draws(2, (2, 7, 9, 4)), *inputs, *pad_2, pad=2, stride=1),
        # No ring, and windows that overlap: the middle of dA_prev gets 2 + 0 - 3 - 1 = -2.
        case(dZ, _X, _W, _b, "1 1 -2 / 3 -2 5 / 0 6 -2", "2 9 / 6 6", "5", pad=0, stride=1),
        case(*_draws(2, (2, 2, 3, 4)), *inputs, *pad_0, pad=0, stride=2),
        # A stride larger than f: no window reads the middle row or the middle column.
        case(_view(dZ), _view(_X), _W, _b, "2 0 0 / 0 0 0 / -3 0 -1", "-4 0 / 2 2", "5", pad=1, stride=3),
    ]
    _run("conv_backward", target, cases)


def create_mask_from_window_test(target):
    """True where the maximum stands, every time it stands there."""
    __tracebackhide__ = True
    whole = np.array([[-1, 2, 3], [2, -3, 2], [1, 5, -2]])
    negative = np.reshape([-7.0, -2.5, -9.0, -4.0, -3.0, -8.0, -6.0, -5.0, -2.75, -10.0], (2, 5))
    cases = [
        _case({"x": _X[0, :2, :2, 0]}, mask=_array((2, 2), "0 0 / 0 1", kinds="b")),
        _case({"x": whole}, mask=_array((3, 3), "0 0 0 / 0 0 0 / 0 1 0", kinds="b")),
        _case({"x": negative}, mask=_array((2, 5), "0 1 0 0 0 / 0 0 0 0 0", kinds="b")),
        # Three maxima, all equal.
        _case({"x": np.float32([[4, 1], [4, 4], [0, 2]])}, mask=_array((3, 2), "1 0 / 1 1 / 0 0", kinds="b")),
        _case({"x": np.array([[-6.0]])}, mask=_array((1, 1), "1", kinds="b")),
    ]
    _run("create_mask_from_window", target, cases)


def distribute_value_test(target):
    """Equal shares of one number."""
    __tracebackhide__ = True
    cases = [
        _case({"dz": 2, "shape": (2, 2)}, a=_array((2, 2), "0.5 0.5 / 0.5 0.5")),
        _case({"dz": 6.0, "shape": (2, 2)}, a=_array((2, 2), "1.5 1.5 / 1.5 1.5")),
        # Six cells: -3 / 6 = -0.5.
        _case({"dz": -3.0, "shape": (2, 3)}, a=_array((2, 3), "-0.5 -0.5 -0.5 / -0.5 -0.5 -0.5")),
        _case({"dz": 100, "shape": (10, 10)}, a=_array((10, 10), 1)),
        _case({"dz": np.float32(1), "shape": (4, 1)}, a=_array((4, 1), "0.25 0.25 0.25 0.25")),
        _case({"dz": 2.5, "shape": (1, 3)}, a=_array((1, 3), 2.5 / 3)),
        _case({"dz": -7.5, "shape": (1, 1)}, a=_array((1, 1), "-7.5")),
    ]
    _run("distribute_value", target, cases)


def pool_backward_test(target):
    """Every number of dA goes back to its window: to the maximum, or to all cells in equal shares."""
    __tracebackhide__ = True
    A_prev, dA = _draws(1, (5, 5, 3, 2), (5, 4, 2, 2))
    dA_hand = np.reshape([[4.0, 8.0], [-4.0, 12.0]], (1, 2, 2, 1))
    A_row, dA_row = _whole((1, 3, 5, 1), 17).astype(int), np.reshape([9, 18], (1, 1, 2, 1))
    A_four, dA_four = _whole((2, 4, 5, 2)), 4 * _whole((2, 2, 2, 2), 17)
    max_seeded = {"1, 1": "0 0 / 5.05844394 -1.68282702 / 0 0"}
    mean_seeded = {"1, 1": "0.08485462 0.2787552 / 1.26461098 -0.25749373 / 1.17975636 -0.53624893"}
    max_four = {
        "0, :, :, 0": "0 0 -8 0 0 / -32 0 0 0 0 / 16 0 0 0 0 / 0 0 -28 0 0",
        "0, :, :, 1": "0 0 4 0 0 / 0 -20 0 0 0 / 0 0 -16 0 0 / 28 0 0 0 0",
        "1, :, :, 0": "0 0 20 0 0 / 0 -4 0 0 0 / -24 0 0 0 0 / 0 0 0 0 0",
        "1, :, :, 1": "8 0 0 0 0 / 0 0 32 0 0 / 0 0 12 0 0 / 0 -12 0 0 0",
    }
    mean_four = {
        "0, :, :, 0": "-8 -8 -2 -2 0 / -8 -8 -2 -2 0 / 4 4 -7 -7 0 / 4 4 -7 -7 0",
        "0, :, :, 1": "-5 -5 1 1 0 / -5 -5 1 1 0 / 7 7 -4 -4 0 / 7 7 -4 -4 0",
        "1, :, :, 0": "-1 -1 5 5 0 / -1 -1 5 5 0 / -6 -6 0 0 0 / -6 -6 0 0 0",
        "1, :, :, 1": "2 2 8 8 0 / 2 2 8 8 0 / -3 -3 3 3 0 / -3 -3 3 3 0",
    }

    def case(dA, A_prev, f, stride, values, kinds="f", **mode):
        given = {"dA": dA, "cache": (A_prev, {"f": f, "stride": stride}), **mode}
        return _case(given, dA_prev=_array(A_prev.shape, values, kinds=kinds))

    cases = [
        # Without a mode it is "max". The 3 in the middle is the maximum of three windows: 4 + 8 - 4 = 8.
        case(dA_hand, _X, 2, 1, "0 0 0 / 0 8 0 / 0 0 12"),
        case(dA_hand, _X, 2, 1, "1 3 2 / 0 5 5 / -1 2 3", mode="average"),
        case(dA, A_prev, 2, 1, max_seeded, mode="max"),
        case(dA, A_prev, 2, 1, mean_seeded, mode="average"),
        # Two windows of whole numbers, stride 2: they share the middle column.
        case(dA_row, A_row, 3, 2, "0 0 0 0 18 / 0 0 0 0 0 / 0 9 0 0 0", kinds="iuf", mode="max"),
        case(dA_row, A_row, 3, 2, "1 1 3 2 2 / 1 1 3 2 2 / 1 1 3 2 2", mode="average"),
        # A stride larger than f: no window reads the middle column.
        case(dA_row, A_row, 2, 3, "0 0 0 0 18 / 9 0 0 0 0 / 0 0 0 0 0", kinds="iuf", mode="max"),
        # Negative numbers alone, and the entries of hparameters in the other order.
        _case(
            {"dA": dA_row, "cache": (A_row - 9, {"stride": 2, "f": 3}), "mode": "max"},
            dA_prev=_array(A_row.shape, "0 0 0 0 18 / 0 0 0 0 0 / 0 9 0 0 0", kinds="iuf"),
        ),
        # Two examples, two channels; no window of stride 2 reaches the last column.
        case(_view(dA_four), _view(A_four), 2, 2, max_four, mode="max"),
        case(*_float32([dA_four, A_four]), 2, 2, mean_four, mode="average"),
    ]
    _run("pool_backward", target, cases)


# Names that other editions of these exercises use.
conv_forward_test_2 = conv_forward_test
pool_forward_test_1 = pool_forward_test
pool_forward_test_2 = pool_forward_test


# What the messages say

# The rule behind every output: one sentence on its shape, one on its numbers.
_RULES = {
    ("zero_pad", "X_pad"): (
        "Height and width grow by pad on both sides; examples and channels stay as they are.",
        "X stands unchanged in the middle, and the ring around it is zero.",
    ),
    ("conv_single_step", "Z"): (
        "The result is one number, not an array of shape (1, 1, 1) or of any other shape.",
        "Multiply window and filter number by number, add up all the products, then add b once.",
    ),
    ("conv_forward", "Z"): (
        "n_H = floor((n_H_prev - f + 2 * pad) / stride) + 1, and n_W likewise; one channel for each filter of W.",
        "Z[i, h, w, c] is one window of example i, all channels, times filter c, summed, plus b of filter c. "
        "Windows start stride pixels apart.",
    ),
    ("pool_forward", "A"): (
        "n_H = floor((n_H_prev - f) / stride) + 1, and n_W likewise; examples and channels stay as they are.",
        "A[i, h, w, c] is the largest number (mode max) or the mean (mode average) of one f x f window in channel c. "
        "Windows start stride pixels apart.",
    ),
    ("conv_backward", "dA_prev"): (
        "dA_prev has the shape of A_prev, without the padding.",
        "Each number of dZ sends its filter, times that number, back to its window. Where windows overlap, the "
        "contributions add up. What falls on the padding is dropped.",
    ),
    ("conv_backward", "dW"): (
        "dW has the shape of W.",
        "dW of a filter is the sum, over all examples and windows, of the padded window times its number of dZ.",
    ),
    ("conv_backward", "db"): ("db has the shape of b.", "db of a filter is the sum of all its numbers in dZ."),
    ("create_mask_from_window", "mask"): (
        "The mask has the shape of x. It says where the maximum stands, not how large it is.",
        "True at every position that holds the maximum of x, False everywhere else.",
    ),
    ("distribute_value", "a"): (
        "The array has the shape that was asked for.",
        "Every cell gets the same share of dz, and all the shares together make dz again.",
    ),
    ("pool_backward", "dA_prev"): (
        "dA_prev has the shape of A_prev.",
        "Mode max: each number of dA goes to where the maximum of its window stands. Mode average: it is shared "
        "equally among the cells of its window. Where windows overlap, the contributions add up.",
    ),
}

# Slips that show in a wrong size: function, sentence, and the wrong size for each right one.
_NO_PADDING = "This is the size without padding."
_NO_STRIDE = "This is the size with stride 1."
_SIZES = [
    (
        "zero_pad",
        "This is the size when the channels are padded as well.",
        {(1, 5, 5, 1): (1, 5, 5, 3), (4, 9, 9, 2): (4, 9, 9, 8)},
    ),
    ("zero_pad", "This is the size when every axis is padded.", {(1, 5, 5, 1): (3, 5, 5, 3)}),
    (
        "zero_pad",
        "This is the size when only one side is padded.",
        {(1, 5, 5, 1): (1, 4, 4, 1), (4, 9, 9, 2): (4, 6, 6, 2)},
    ),
    ("conv_forward", _NO_PADDING, {(1, 2, 2, 1): (1, 1, 1, 1), (2, 3, 4, 8): (2, 2, 3, 8), (2, 2, 3, 2): (2, 1, 2, 2)}),
    ("conv_forward", _NO_STRIDE, {(1, 2, 2, 1): (1, 4, 4, 1), (2, 3, 4, 8): (2, 5, 7, 8), (2, 2, 3, 2): (2, 4, 6, 2)}),
    ("conv_forward", _NO_STRIDE, {(2, 2, 3, 8): (2, 3, 5, 8)}),
    ("pool_forward", _NO_STRIDE, {(2, 2, 2, 3): (2, 3, 3, 3), (2, 2, 3, 2): (2, 3, 6, 2)}),
    ("conv_backward", "This is the size of the padded array.", {(1, 3, 3, 1): (1, 5, 5, 1)}),
]

# Slips that show in wrong numbers: function, sentence, and the wrong numbers for the right ones.
_NO_BIAS = "This is what comes out without b."
_BIAS_EACH = "This is what comes out when b is added to every product, before the sum."
_ONE_APART = "Here the windows start one pixel apart, although the stride is 2."
_SWAPPED = "This is the result of the other mode."
_PLANE = "This is what comes out when the window is the whole array."
_LAST_WINS = "This is what comes out when each window replaces those before it; contributions add up."
_ONE_TIE = "Here only one of three equal maxima is marked."
_UNSHARED = "This is what comes out when every cell gets the whole number."
_EDGES = "This is what comes out when dz is divided by height plus width."
_UNSCALED = "This is what comes out when every incoming gradient counts as 1."
_SLIPS = [
    ("conv_single_step", _NO_BIAS, {"9": "8", "-18": "-11"}),
    ("conv_single_step", _BIAS_EACH, {"9": "12", "-6.999089450680221": "-23.1602122025", "-18": "-39"}),
    ("conv_forward", _NO_BIAS, {"9 4 / 1 10": "8 3 / 0 9", "5 3 / 0 10": "4 2 / -1 9"}),
    ("conv_forward", _BIAS_EACH, {"9 4 / 1 10": "12 7 / 4 13", "5 3 / 0 10": "8 6 / 3 13"}),
    ("conv_forward", _ONE_APART, {"5 3 / 0 10": "5 1 / 1 9"}),
    ("pool_forward", _SWAPPED, {"3 3 / 3 4": "1.5 1.5 / 1.25 2.5", "1.5 1.5 / 1.25 2.5": "3 3 / 3 4"}),
    ("pool_forward", _PLANE, {"3 3 / 3 4": "4 4 / 4 4"}),
    ("conv_backward", _ONE_APART, {"2 0 4 / -3 -1 1 / 6 0 -2": "-2 5 0 / 6 -2 0 / 0 0 0", "-3 1 / -1 0": "-2 6 / 3 2"}),
    ("conv_backward", _UNSCALED, {"2 0 4 / -3 -1 1 / 6 0 -2": "2 0 2 / -1 1 -1 / 2 0 2", "-3 1 / -1 0": "3 3 / 1 7"}),
    ("conv_backward", _UNSCALED, {"5": "4"}),
    ("create_mask_from_window", _ONE_TIE, {"1 0 / 1 1 / 0 0": "1 0 / 0 0 / 0 0"}),
    ("distribute_value", _UNSHARED, {"0.5 0.5 / 0.5 0.5": "2 2 / 2 2"}),
    ("distribute_value", _EDGES, {"-0.5 -0.5 -0.5 / -0.5 -0.5 -0.5": "-0.6 -0.6 -0.6 / -0.6 -0.6 -0.6"}),
    ("pool_backward", _UNSCALED, {"0 0 0 / 0 8 0 / 0 0 12": "0 0 0 / 0 3 0 / 0 0 1"}),
    ("pool_backward", _SWAPPED, {"0 0 0 / 0 8 0 / 0 0 12": "1 3 2 / 0 5 5 / -1 2 3"}),
    ("pool_backward", _SWAPPED, {"1 3 2 / 0 5 5 / -1 2 3": "0 0 0 / 0 8 0 / 0 0 12"}),
    ("pool_backward", _LAST_WINS, {"0 0 0 / 0 8 0 / 0 0 12": "0 0 0 / 0 0 0 / 0 0 12"}),
    ("pool_backward", _UNSHARED, {"1 3 2 / 0 5 5 / -1 2 3": "4 12 8 / 0 20 20 / -4 8 12"}),
    ("pool_backward", _ONE_APART, {"1 1 3 2 2 / 1 1 3 2 2 / 1 1 3 2 2": "1 3 3 2 0 / 1 3 3 2 0 / 1 3 3 2 0"}),
]


def _hint(function, got, want, given):
    """What can be told of a wrong array from its size or its numbers alone; "" if nothing can."""
    if not isinstance(got, np.ndarray | int | float | np.number):
        return ""
    shape = np.shape(got)
    if shape != want.shape:
        for name, sentence, sizes in _SIZES:
            if name == function and sizes.get(want.shape) == shape:
                return sentence
        swapped = len(shape) == 4 and want.shape == (shape[0], shape[2], shape[1], shape[3])
        return "Height and width are swapped." if swapped else ""
    for name, sentence, numbers in _SLIPS:
        wrong = numbers.get(want.text) if name == function else None
        if wrong and np.allclose(got, _numbers(wrong, shape), rtol=1e-6, atol=1e-8):
            return sentence
    if want.text and len(shape) == 4 and shape[1] == shape[2]:
        turned = np.swapaxes(_numbers(want.text, shape), 1, 2)
        if np.allclose(got, turned, rtol=1e-6, atol=1e-8):
            return "Height and width are swapped."
    if not np.any(got):
        return "Every entry is False." if want.kinds == "b" else "Nothing but zeros came back."
    for name, value in _flat(given).items():
        if np.shape(value) == shape and np.array_equal(got, value):
            return f"These are the numbers of {name}."
    return ""


def _hint_if_raised(function, given, error):
    """A word on what is special about an input on which the function raised."""
    inputs = _flat(given)
    pad = inputs.get("pad", inputs.get("hparameters", {}).get("pad"))
    if function == "conv_single_step":
        return " b has shape (1, 1, 1), one number inside brackets: take the number out before you add it."
    if function in ("zero_pad", "conv_backward") and pad == 0:
        return " Here pad is 0, so no ring is there: a slice that counts pad back from the end of an axis is empty."
    if function == "conv_backward" and inputs["A_prev"].dtype.kind == "i":
        return " A_prev and W hold whole numbers here and dZ does not: the gradients need room for fractions."
    if function in ("conv_forward", "pool_forward") and ("broadcast" in str(error) or "zero-size" in str(error)):
        look = "the padding, n_H, n_W" if function == "conv_forward" else "n_H, n_W"
        return f" A window that reaches past the edge comes out smaller than f x f: look at {look} and the corners."
    return ""


def _about(given):
    """An input in words: "A_prev (2, 5, 7, 4), W (3, 3, 4, 8), pad 1, stride 2"."""
    words = []
    for name, value in _flat(given).items():
        if isinstance(value, dict):
            words += [f"{key} {number}" for key, number in value.items()]
            words += ["mode left out (so max)"] if "f" in value and "mode" not in given else []
        elif not isinstance(value, np.ndarray):
            words.append(f"{name} {_show(value) if np.ndim(value) == 0 else value}")
        elif name != "b":
            dtype = " of whole numbers" if value.dtype.kind == "i" else " of float32" * (value.dtype == np.float32)
            words.append(f"{name} {value.shape}{dtype}{' (a view)' * (not value.flags.c_contiguous)}")
    return ", ".join(words)


def _given(given):
    """The numbers of an input whose arrays are all small, as a line beside those that came back."""
    arrays = {name: value for name, value in _flat(given).items() if isinstance(value, np.ndarray)}
    if not arrays or max(value.size for value in arrays.values()) > 16:
        return []
    return [f"  given    {', '.join(f'{name} = {_show(value.squeeze())}' for name, value in arrays.items())}"]


def _got_expected(label, got, expected):
    """Two lines, with as many digits as it takes to tell the two apart."""
    for digits in (6, 9, 12, 17):
        texts = _show(got, digits), _show(expected, digits)
        if texts[0] != texts[1]:
            break
    return [f"  got      {label} = {texts[0]}", f"  expected {label} = {texts[1]}"]


def _show(value, digits=6):
    """Numbers in nested brackets, in the same words on every version of NumPy."""
    if np.ndim(value):
        return f"[{', '.join(_show(part, digits) for part in value)}]"
    return format(value + 0, f".{digits}g") if np.asarray(value).dtype.kind in "iuf" else str(value)


def _kind(value):
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, dict):
        return f"a dict with {', '.join(f'{key} {entry}' for key, entry in value.items())}"[:80]
    if isinstance(value, int | float | np.number):
        return f"the number {_show(value)}"
    return "None" if value is None else f"a {type(value).__name__}"


def _wrapped(text):
    """Lines short enough for a notebook, no word and no shape cut; rows of numbers, indented, may be longer."""
    lines = []
    for line in text.split("\n"):
        width, indent = (150, " " * 11) if line.startswith("  ") else (100, "")
        whole = line if indent else re.sub(r" (?=\(?\d)", "\xa0", line)  # a name stays beside its shape or number
        lines += textwrap.wrap(whole, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines).replace("\xa0", " ")


# How a test goes


class _Verdict(Exception):
    """What a test says; a notebook shows it without the frames of this file."""

    def __str__(self):
        return _wrapped(self.args[0])

    def _render_traceback_(self):
        return [f"{type(self).__name__}: {self}"]


# A notebook reports an exception by the name of its class.
_Failed = type("AssertionError", (_Verdict, AssertionError), {"__module__": "builtins"})
_Unwritten = type("NotImplementedError", (_Verdict, NotImplementedError), {"__module__": "builtins"})

_RETURNS = {"conv_forward": ("Z", "cache"), "pool_forward": ("A", "cache"), "conv_backward": ("dA_prev", "dW", "db")}
_OPTIONAL = ("conv_backward", "create_mask_from_window", "distribute_value", "pool_backward")
_HELPERS = {
    "conv_forward": ("zero_pad", "conv_single_step"),
    "conv_backward": ("zero_pad",),
    "pool_backward": ("create_mask_from_window", "distribute_value"),
}


def _run(function, target, cases):
    """Call the target on every case; print one line, or raise at the first difference."""
    __tracebackhide__ = True
    if not callable(target):
        use = f"{function}_test takes the function itself, as in {function}_test({function})"
        raise _Failed(f"{use}. It got {_kind(target)}.")
    try:
        for case in cases:
            fault = _difference(function, target, case)
            if fault:
                break
    except Exception as error:
        *_, (innermost, _) = traceback.walk_tb(error.__traceback__)
        if innermost.f_code is _difference.__code__:
            raise _Failed(f"{function}({', '.join(case.given)}) cannot be called: {error}") from error
        own = innermost.f_code is getattr(target, "__code__", innermost.f_code)
        if isinstance(error, NotImplementedError) and own:
            open_ = " (optional: it costs nothing if left open)" * (function in _OPTIONAL)
            todo = "Replace `raise NotImplementedError` with your code; if it stands there already, delete that line."
            raise _Unwritten(f"{function} is not written yet{open_}.\n{todo}") from None
        first = _mend_first(function, target)
        if first:
            raise _Failed(f"{first}{function} raised {type(error).__name__}: {error}") from error
        raise
    if fault:
        raise _Failed(_mend_first(function, target) + fault)
    print(f"{function}: all tests passed ({len(cases)} inputs)")


def _mend_first(function, target):
    """Of the helpers beside a target that failed, the first that fails its own test: one line on it."""
    for name in _HELPERS.get(function, ()):
        helper = getattr(target, "__globals__", {}).get(name)
        if isinstance(helper, types.FunctionType):
            silence = io.StringIO()
            try:
                with contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence):
                    globals()[f"{name}_test"](helper)
            except Exception as error:
                told = isinstance(error, _Verdict)
                why = error.args[0].removeprefix(f"{name}: ") if told else f"it raises {type(error).__name__}: {error}"
                return f"mend {name} first: {why.splitlines()[0]}\n"
    return ""


def _difference(function, target, case):
    """Compare what one case gives, shape before values; the first difference as a message, or ""."""
    __tracebackhide__ = True
    handed = copy.deepcopy(case.given)  # the target may change what it gets; the case stays as it is
    about = _about(case.given)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            got = target(*handed.values())
    except Exception as error:
        error.add_note(_wrapped(f"{function} was called with {about}.{_hint_if_raised(function, case.given, error)}"))
        raise
    names = _RETURNS.get(function, tuple(case.wanted))
    if got is None:
        return f"{function} returned None for {about}. Does it end with a return statement?"
    if len(names) > 1 and not (isinstance(got, tuple) and len(got) == len(names)):
        return f"{function} returned {_kind(got)}, expected the tuple ({', '.join(names)}), for {about}."
    outputs = dict(zip(names, got if len(names) > 1 else (got,), strict=True))
    after = _flat(handed)
    changed = [name for name, value in _flat(case.given).items() if not _same(after[name], value)]
    for aspect in (_type, _shape, _dtype, _finite, _values):
        for name, want in case.wanted.items():
            what, *details = aspect(name, outputs[name], want) or [""]
            if what:
                hint = _hint(function, outputs[name], want, case.given) if aspect in (_shape, _values) else ""
                if changed:
                    hint += f" The function also changes {changed[0]}, which should stay as it came in."
                first = f"{function}: {what} for {about}."
                lines = [first, *_given(case.given), *details, hint.strip()] if details else [f"{first} {hint}".strip()]
                rule = _RULES[function, name][aspect not in (_type, _shape)]
                if aspect is _dtype and want.kinds == "f":
                    rule = "The result needs room for fractions; a dtype taken over from whole-number inputs has none."
                return "\n".join([*filter(None, lines), f"Rule: {rule}"])
    if changed:
        rule = "Rule: the inputs stay as they came in; write to arrays of your own."
        return f"{function}: {changed[0]} is no longer the same after the call, for {about}.\n{rule}"
    return _cache(function, outputs.get("cache"), case.given, about) if "cache" in names else ""


def _type(name, got, want):
    array = isinstance(got, np.ndarray)
    fits = array if want.shape else isinstance(got, int | float | np.number) or (array and got.shape == ())
    return [] if fits else [f"{name} is {_kind(got)}, expected " + ("an array" if want.shape else "one number")]


def _shape(name, got, want):
    return [] if np.shape(got) == want.shape else [f"{name} has shape {np.shape(got)}, expected {want.shape}"]


def _dtype(name, got, want):
    dtype = np.asarray(got).dtype
    expected = {"f": "a float type, with room for fractions", "iuf": "numbers", "b": "bool, which is True and False"}
    return [] if dtype.kind in want.kinds else [f"{name} has dtype {dtype}, expected {expected[want.kinds]},"]


def _finite(name, got, want):
    wrong = np.argwhere(~np.isfinite(got))
    return [f"{name} holds nan or inf, first at {name}{wrong[0].tolist() or ''}"] if len(wrong) else []


def _values(name, got, want):
    got = np.asarray(got)
    words = ("example", "row", "column", "channel")[: got.ndim] if got.ndim != 2 else ("row", "column")
    for place, values in want.places.items():
        index = _index(place)
        part = got[index]
        expected = _numbers(values, part.shape)
        wrong = ~np.isclose(part, expected, **want.tolerance)
        if not wrong.any():
            continue
        if part.size <= 25 and part.ndim <= 2:
            expected = expected.astype(bool) if want.kinds == "b" else expected
            label = name if set(place) <= set(", :") and part.ndim == got.ndim else f"{name}[{place}]"
            return [f"{name} differs", *_got_expected(label, part, expected)]
        first = np.unravel_index(np.arange(got.size).reshape(got.shape)[index][wrong][0], got.shape)
        label = f"{name}[{', '.join(map(str, first))}]"
        axes = [word for word, i in zip(words, index, strict=False) if isinstance(i, slice)]
        lines = _got_expected(label, part[wrong][0], expected[wrong][0])
        return [f"{name} differs", *lines, f"{wrong.sum()} of {wrong.size} numbers differ{_where(wrong, axes)}."]
    if want.mean is not None and not np.isclose(got.mean(), want.mean, **want.tolerance):
        return [f"{name} differs", *_got_expected(f"mean of {name}", got.mean(), want.mean)]
    return []


def _where(wrong, axes):
    """Say where differences lie, if they all lie in some of the examples, rows, columns or channels."""
    words = []
    for axis, word in enumerate(axes):
        hit = [k for k in range(wrong.shape[axis]) if wrong.take(k, axis).any()]
        if len(hit) < wrong.shape[axis]:
            words.append(f"{word}{'s' * (len(hit) > 1)} {', '.join(map(str, hit))}")
    return f", all of them in {' and in '.join(words)}" if words else ""


def _cache(function, cache, given, about):
    """The cache holds the inputs, in order."""
    names = [name for name in given if name != "mode"]
    rule = f"Rule: the cache is the tuple ({', '.join(names)}), the inputs as they came in."
    if not isinstance(cache, tuple) or len(cache) != len(names):
        return f"{function}: cache is {_kind(cache)}, expected a tuple of {len(names)}, for {about}.\n{rule}"
    for k, name in enumerate(names):
        if not _same(cache[k], given[name]):
            got = next((other for other in names if _same(cache[k], given[other])), _kind(cache[k]))
            return f"{function}: cache[{k}] is {got}, expected {name}, for {about}.\n{rule}"
    return ""


def _same(a, b):
    if isinstance(b, np.ndarray):
        return isinstance(a, np.ndarray) and np.array_equal(a, b)
    return isinstance(a, type(b)) and a == b


def _flat(given):
    """The arguments by name; those inside a cache under names of their own."""
    names = {4: ("A_prev", "W", "b", "hparameters"), 2: ("A_prev", "hparameters"), 0: ()}
    cache = given.get("cache", ())
    inside = dict(zip(names[len(cache)], cache, strict=True))
    first, *more = given.items()
    return dict([first]) | inside | {name: value for name, value in more if name != "cache"}


# What the cases are made of


def _draws(seed, *shapes):
    """Normal numbers, one array per shape, as after np.random.seed(seed); NumPy's own generator is left alone."""
    generator = np.random.RandomState(seed)
    return [generator.randn(*shape) for shape in shapes]


def _whole(shape, modulus=97):
    """Whole numbers in a scrambled order, about half of them negative; the first ``modulus`` are all different."""
    return (np.arange(np.prod(shape)) * 37.0 % modulus - modulus // 2).reshape(shape)


def _float32(arrays):
    return [array.astype(np.float32) for array in arrays]


def _view(array):
    """The same numbers, stored column by column."""
    return array.swapaxes(1, 2).copy().swapaxes(1, 2)


def _step(a_slice_prev, W, b):
    return {"a_slice_prev": a_slice_prev, "W": W, "b": b}


def _conv(A_prev, W, b, **hparameters):
    return {"A_prev": A_prev, "W": W, "b": b, "hparameters": hparameters}


def _pool(A_prev, f, stride, **mode):
    return {"A_prev": A_prev, "hparameters": {"f": f, "stride": stride}, **mode}


def _case(given, **wanted):
    """One input: the arguments by name and the wanted outputs by name. float32 is compared less closely."""
    single = any(getattr(value, "dtype", None) == np.float32 for value in _flat(given).values())
    for want in wanted.values():
        want.tolerance = {"rtol": 1e-3, "atol": 1e-5} if single else {"rtol": 1e-6, "atol": 1e-8}
    return SimpleNamespace(given=given, wanted=wanted)


def _array(shape, values, mean=None, kinds="f"):
    """A wanted array: shape, values (all, or those at some places), mean, and the kinds of dtype it may have."""
    places = values if isinstance(values, dict) else {", ".join("0" if n == 1 else ":" for n in shape): values}
    text = values if isinstance(values, str) else ""
    return SimpleNamespace(shape=shape, places=places, text=text, mean=mean, kinds=kinds)


def _ringed(X, rows, columns):
    """Places of a padded array: X where these rows and columns meet, 0 above, below, left and right of them."""
    (top, bottom), (left, right) = rows, columns
    middle = {f":, {top}:{bottom}, {left}:{right}, :": X}
    return middle | {f":, :{top}": 0, f":, {bottom}:": 0, f":, :, :{left}": 0, f":, :, {right}:": 0}


def _numbers(values, shape):
    """Values as an array; they may be a text such as "9 4 / 1 10", whose strokes only help the eye."""
    if isinstance(values, str):
        return np.reshape([float(value) for value in values.replace("/", " ").split()], shape)
    return np.broadcast_to(values, shape)


def _index(place):
    """The text "0, :, 3:6" as an index."""
    ends = [[int(end) if end.strip() else None for end in part.split(":")] for part in place.split(",") if part]
    return tuple(slice(*pair) if len(pair) > 1 else pair[0] for pair in ends)
