"""Tests that you run yourself, one for each function of the notebook.

``zero_pad_test(zero_pad)`` hands your function several inputs and compares what comes back with numbers that were
worked out beforehand. It stops at the first difference and tells you the input, what came back, what was expected,
the rule behind it, and where it can, what you may have misunderstood. A function that passes gives one line.

The inputs stand below, test by test, and you are welcome to read them; the smallest can be worked by hand. Your mark
comes from other inputs of the same kind, so a function that follows the rules passes both.
"""

import contextlib
import copy
import gettext
import io
import re
import struct
import textwrap
import traceback
import types
import warnings
import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np

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
        (_say("mean of {name}").format(name="Z"), np.asarray(z_mean), np.float64(0.5511276474566768)),
        ("Z[0, 2, 1]", np.asarray(z_0_2_1), _numbers(_Z_0_2_1, (8,))),
        ("cache[0][1][2][3]", np.asarray(cache_0_1_2_3), _numbers("-1.1191154 1.9560789 -0.3264995 -1.34267579", (4,))),
    ]:
        alike = got.dtype.kind in "iuf" and got.shape == expected.shape
        if not alike or not np.allclose(got, expected, rtol=1e-6, atol=1e-8):
            what = _say("{name} differs for {inputs}.").format(name=label, inputs=about)
            raise _Failed("\n".join([f"conv_forward: {what}", *_got_expected(label, got, expected)]))
    print("conv_forward:", _say("all tests passed ({n} figures)").format(n=3))


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
        _case({"dz": 1.0, "shape": (4, 1)}, a=_array((4, 1), "0.25 0.25 0.25 0.25")),
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

__all__ = [name for name in dir() if "_test" in name]


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


def _catalogue():
    """What the messages are in another language: a catalogue beside this file. Without one they are in English."""
    here = Path(globals().get("__file__", "public_tests.py"))  # whoever pastes this into a cell has no file
    try:
        with here.with_suffix(".mo").open("rb") as file:
            return gettext.GNUTranslations(file)
    except (OSError, ValueError, LookupError, struct.error):  # none there, or one that is damaged
        return gettext.NullTranslations()


_CATALOGUE = _catalogue()


def _say(sentence):
    """The sentence in the language of the messages."""
    return _CATALOGUE.gettext(sentence)


def _hint(got, want, given):
    """What can be told of a wrong array from its size or its numbers alone; "" if nothing can."""
    if not isinstance(got, np.ndarray | int | float | np.number):
        return ""
    got = np.asarray(got)
    turned = got.swapaxes(1, 2) if got.ndim == 4 else got
    if turned.shape == want.shape and (got.shape != want.shape or not _values("", turned, want, "")):
        return _say("Height and width are swapped.")
    if got.shape == want.shape and not got.any():
        return _say("Every entry is False.") if want.kinds == "b" else _say("Nothing but zeros came back.")
    for name, value in _flat(given).items():
        if isinstance(value, np.ndarray) and np.array_equal(got, value):
            return _say("These are the numbers of {name}.").format(name=name)
    return ""


def _hint_if_raised(function, given, error):
    """A word on what is special about an input on which the function raised; "" if nothing is."""
    pad = given.get("pad", _flat(given).get("hparameters", {}).get("pad"))
    if function == "conv_single_step":
        return _say("b has shape (1, 1, 1), one number inside brackets: take the number out before you add it.")
    if function in ("zero_pad", "conv_backward") and pad == 0:
        return _say("Here pad is 0, so no ring is there: a slice that counts pad back from the end is empty.")
    if function in ("conv_forward", "pool_forward") and ("broadcast" in str(error) or "zero-size" in str(error)):
        return _say("A window that reaches past the edge is smaller than f x f: look at n_H, n_W and the corners.")
    return ""


def _about(given):
    """An input in words: "A_prev (2, 5, 7, 4), W (3, 3, 4, 8), pad 1, stride 2"."""
    words = []
    for name, value in _flat(given).items():
        if isinstance(value, dict):
            words += [f"{key} {number}" for key, number in value.items()]
            words += [_say("mode left out (so max)")] if "f" in value and "mode" not in given else []
        elif not isinstance(value, np.ndarray):
            words.append(f"{name} {_show(value) if np.ndim(value) == 0 else value}")
        elif name != "b":
            array = "{name} {shape}"
            if value.dtype.kind == "i":
                array = _say("{name} {shape} of whole numbers")
            elif value.dtype == np.float32:
                array = _say("{name} {shape} of float32")
            view = "" if value.flags.c_contiguous else " " + _say("(a view)")
            words.append(array.format(name=name, shape=value.shape) + view)
    return ", ".join(words)


def _given(given):
    """The numbers of an input whose arrays are all small, as a line beside those that came back."""
    arrays = {name: value for name, value in _flat(given).items() if isinstance(value, np.ndarray)}
    if not arrays or max(value.size for value in arrays.values()) > 16:
        return []
    listed = ", ".join(f"{name} = {_show(value.squeeze())}" for name, value in arrays.items())
    return [f"  {_say('given'):8} {listed}"]


def _got_expected(label, got, expected):
    """Two lines, with as many digits as it takes to tell the two apart."""
    digits = next((n for n in (6, 9, 12) if _show(got, n) != _show(expected, n)), 17)
    return [
        f"  {_say('got'):8} {label} = {_show(got, digits)}",
        f"  {_say('expected'):8} {label} = {_show(expected, digits)}",
    ]


def _show(value, digits=6):
    """Numbers in nested brackets, in the same words on every version of NumPy."""
    if np.ndim(value):
        return f"[{', '.join(_show(part, digits) for part in value)}]"
    return format(value + 0, f".{digits}g") if np.asarray(value).dtype.kind in "iuf" else str(value)


def _kind(value):
    """What came back, in words: "an array of shape (2, 3)", "a tuple of 2"."""
    kind = type(value).__name__
    if isinstance(value, np.ndarray):
        return _say("an array of shape {shape}").format(shape=value.shape)
    if isinstance(value, tuple | list):
        return _say("a {type} of {n}").format(type=kind, n=len(value))
    if isinstance(value, dict):
        entries = ", ".join(f"{key} {entry}" for key, entry in value.items())
        return _say("a dict with {entries}").format(entries=entries)[:80]
    if isinstance(value, int | float | np.number):
        return _say("the number {number}").format(number=_show(value))
    return "None" if value is None else _say("a {type}").format(type=kind)


def _wrapped(text):
    """Lines short enough for a notebook, no word and no shape cut; rows of numbers, indented, may be longer."""
    lines = []
    for line in text.split("\n"):
        width, indent = (150, " " * 11) if line.startswith("  ") else (100, "")
        whole = line if indent else re.sub(r" (?=\(?\d)", "\xa0", line)  # a name stays beside its shape or number
        lines += textwrap.wrap(
            _in_columns(whole.expandtabs()),
            width,
            subsequent_indent=indent,
            expand_tabs=False,
            replace_whitespace=False,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return re.sub("[\0\v]", "", "\n".join(lines)).replace("\xa0", " ")


def _in_columns(line):
    """The line with a sign more behind each Chinese or Korean letter, which is two columns wide.

    Behind a Chinese one it is white space, where the line may end; but no line begins with a comma.
    """
    wide = re.sub("[\u1100-\u11ff\u2e80-\ufaff\uff01-\uff60]", lambda letter: letter[0] + "\0", line)
    return re.sub("(?<=[\u3001-\u9fff\uff01-\uff07\uff09-\uff60])\0(?![，。、；：？！）”])", "\v", wide)


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
        use = _say("{function}_test takes the function itself, as in {function}_test({function}). It got {kind}.")
        raise _Failed(use.format(function=function, kind=_kind(target)))
    try:
        for case in cases:
            fault = _difference(function, case, *_call(target, case))
            if fault:
                break
    except Exception as error:
        *_, (innermost, _) = traceback.walk_tb(error.__traceback__)
        if innermost.f_code is _call.__code__:
            call = f"{function}({', '.join(case.given)})"
            raise _Failed(_say("{call} cannot be called: {error}").format(call=call, error=error)) from error
        own = innermost.f_code is getattr(target, "__code__", innermost.f_code)
        if isinstance(error, NotImplementedError) and own:
            unwritten = _say("{function} is not written yet.")
            if function in _OPTIONAL:
                unwritten = _say("{function} is not written yet (optional: it costs nothing if left open).")
            todo = _say(
                "Replace `raise NotImplementedError` with your code; if it stands there already, delete that line."
            )
            raise _Unwritten(f"{unwritten.format(function=function)}\n{todo}") from None
        first = _mend_first(function, target)
        if first:
            raised = _say("{function} raised {error}").format(function=function, error=_named(error))
            raise _Failed(f"{first}\n{raised}") from error
        hint = _misconception(function, target, cases) or _hint_if_raised(function, case.given, error)
        called = _say("{function} was called with {inputs}.").format(function=function, inputs=_about(case.given))
        error.add_note(_wrapped(f"{called} {hint}".rstrip()))
        raise
    if fault:
        lines, hint, rule = fault
        first = _mend_first(function, target)
        hint = "" if first else _misconception(function, target, cases) or _unsteady(function, target, case) or hint
        rule = rule and _say("Rule: {rule}").format(rule=rule)
        raise _Failed("\n".join(filter(None, [first, *lines, hint, rule])))
    print(f"{function}:", _say("all tests passed ({n} inputs)").format(n=len(cases)))


def _call(target, case):
    """Hand copies of the inputs to the target: what it returns, and the copies, which it may have changed."""
    __tracebackhide__ = True
    handed = copy.deepcopy(case.given)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return target(*handed.values()), handed


def _mend_first(function, target):
    """Of the helpers beside a target that failed, the first that fails its own test: one line on it."""
    for name in _HELPERS.get(function, ()):
        helper = getattr(target, "__globals__", {}).get(name)
        if isinstance(helper, types.FunctionType):
            try:
                with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                    globals()[f"{name}_test"](helper)
            except Exception as error:
                why = _say("it raises {error}").format(error=_named(error))
                if isinstance(error, _Verdict):
                    why = error.args[0].removeprefix(f"{name}: ")
                return _say("mend {helper} first: {reason}").format(helper=name, reason=why.splitlines()[0])
    return ""


def _named(error):
    return f"{type(error).__name__}: {error}"


def _difference(function, case, got, handed):
    """Compare what one case gave, shape before values: lines on the first difference, a hint, the rule; or ()."""
    about = _about(case.given)
    names = _RETURNS.get(function, tuple(case.wanted))
    if got is None:
        none = _say("{function} returned None for {inputs}.").format(function=function, inputs=about)
        return [none], _say("Does it end with a return statement?"), ""
    if len(names) > 1 and not (isinstance(got, tuple) and len(got) == len(names)):
        other = _say("{function} returned {kind}, expected the tuple ({names}), for {inputs}.")
        words = {"function": function, "kind": _kind(got), "names": ", ".join(names), "inputs": about}
        return [other.format(**words)], "", ""
    outputs = dict(zip(names, got if len(names) > 1 else (got,), strict=True))
    changed = _changed(case.given, handed)
    for aspect in (_shape, _dtype, _finite, _values):
        for name, want in case.wanted.items():
            what, *details = aspect(name, outputs[name], want, about) or [""]
            if what:
                hint = _hint(outputs[name], want, case.given) if aspect in (_shape, _values) else ""
                if changed:
                    also = _say("The function also changes {name}, which should stay as it came in.")
                    hint = f"{hint} {also.format(name=changed[0])}".strip()
                given = _given(case.given) if details else []
                rule = _say(_RULES[function, name][aspect is not _shape])
                if aspect is _dtype and want.kinds == "f":
                    rule = _say(
                        "The result needs room for fractions; a dtype taken over from whole-number inputs has none."
                    )
                return [f"{function}: {what}", *given, *details], hint, rule
    if changed:
        rule = _say("The inputs stay as they came in; write to arrays of your own.")
        what = _say("{name} is no longer the same after the call, for {inputs}.").format(name=changed[0], inputs=about)
        return [f"{function}: {what}"], "", rule
    return _cache(function, outputs.get("cache"), case.given, about) if "cache" in names else ()


def _shape(name, got, want, about):
    array = isinstance(got, np.ndarray)
    fits = array if want.shape else isinstance(got, int | float | np.number) or (array and got.shape == ())
    if not fits:
        what = _say("{name} is {kind}, expected one number for {inputs}.")
        if want.shape:
            what = _say("{name} is {kind}, expected an array for {inputs}.")
        return [what.format(name=name, kind=_kind(got), inputs=about)]
    what = _say("{name} has shape {got}, expected {expected} for {inputs}.")
    words = {"name": name, "got": np.shape(got), "expected": want.shape, "inputs": about}
    return [] if np.shape(got) == want.shape else [what.format(**words)]


def _dtype(name, got, want, about):
    dtype = np.asarray(got).dtype
    what = {
        "f": _say("{name} has dtype {dtype}, expected a float type, with room for fractions, for {inputs}."),
        "iuf": _say("{name} has dtype {dtype}, expected numbers, for {inputs}."),
        "b": _say("{name} has dtype {dtype}, expected bool, which is True and False, for {inputs}."),
    }
    words = {"name": name, "dtype": dtype, "inputs": about}
    return [] if dtype.kind in want.kinds else [what[want.kinds].format(**words)]


def _finite(name, got, want, about):
    wrong = np.argwhere(~np.isfinite(got))
    what = _say("{name} holds nan or inf, first at {place} for {inputs}.")
    return [what.format(name=name, place=f"{name}{wrong[0].tolist() or ''}", inputs=about)] if len(wrong) else []


def _values(name, got, want, about):
    got = np.asarray(got)
    differs = _say("{name} differs for {inputs}.").format(name=name, inputs=about)
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
            return [differs, *_got_expected(label, part, expected)]
        first = np.unravel_index(np.arange(got.size).reshape(got.shape)[index][wrong][0], got.shape)
        label = f"{name}[{', '.join(map(str, first))}]"
        axes = [word for word, i in zip(words, index, strict=False) if isinstance(i, slice)]
        lines = _got_expected(label, part[wrong][0], expected[wrong][0])
        return [differs, *lines, _where(wrong, axes)]
    if want.mean is not None and not np.isclose(got.mean(), want.mean, **want.tolerance):
        return [differs, *_got_expected(_say("mean of {name}").format(name=name), got.mean(), want.mean)]
    return []


def _where(wrong, axes):
    """Say how many differ, and where, if they all lie in some of the examples, rows, columns or channels."""
    one = {
        "example": _say("in example {which}"),
        "row": _say("in row {which}"),
        "column": _say("in column {which}"),
        "channel": _say("in channel {which}"),
    }
    several = {
        "example": _say("in examples {which}"),
        "row": _say("in rows {which}"),
        "column": _say("in columns {which}"),
        "channel": _say("in channels {which}"),
    }
    places = ""
    for axis, word in enumerate(axes):
        hit = [k for k in range(wrong.shape[axis]) if wrong.take(k, axis).any()]
        if len(hit) < wrong.shape[axis]:
            place = (several if len(hit) > 1 else one)[word].format(which=", ".join(map(str, hit)))
            places = _say("{one} and {other}").format(one=places, other=place) if places else place
    what = _say("{n} of {total} numbers differ.")
    if places:
        what = _say("{n} of {total} numbers differ, all of them {places}.")
    return what.format(n=wrong.sum(), total=wrong.size, places=places)


def _cache(function, cache, given, about):
    """The cache holds the inputs, in order."""
    names = [name for name in given if name != "mode"]
    rule = _say("The cache is the tuple ({names}), the inputs as they came in.").format(names=", ".join(names))
    if not isinstance(cache, tuple) or len(cache) != len(names):
        what = _say("cache is {kind}, expected a tuple of {n}, for {inputs}.")
        return [f"{function}: {what.format(kind=_kind(cache), n=len(names), inputs=about)}"], "", rule
    for k, name in enumerate(names):
        if not _same(cache[k], given[name]):
            got = next((other for other in names if _same(cache[k], given[other])), _kind(cache[k]))
            what = _say("cache[{k}] is {got}, expected {name}, for {inputs}.")
            return [f"{function}: {what.format(k=k, got=got, name=name, inputs=about)}"], "", rule
    return ()


def _changed(given, handed):
    """The names of the inputs that are no longer what they were, in order."""
    after = _flat(handed)
    return [name for name, value in _flat(given).items() if not _same(after[name], value)]


def _same(a, b):
    if isinstance(b, np.ndarray):
        return isinstance(a, np.ndarray) and np.array_equal(a, b)
    return isinstance(a, type(b)) and a == b


def _flat(given):
    """The arguments by name; those inside a cache under names of their own."""
    inside = {4: ("A_prev", "W", "b", "hparameters"), 2: ("A_prev", "hparameters")}
    flat = {}
    for name, value in given.items():
        flat |= dict(zip(inside[len(value)], value, strict=True)) if name == "cache" else {name: value}
    return flat


# What was misunderstood


def _misconception(function, target, cases):
    """The one sentence on record that fits what the target makes of all cases; "" if none fits, or several do."""
    fitting = [
        (sentence, section, expected)
        for sentence, rows in re.findall(r"((?:\S.*\n)+)((?: .*\n)+)", _MISCONCEPTIONS)
        for name, section, *expected in map(str.split, rows.splitlines())
        if name == function and len(expected) == len(cases)
    ]
    for k, case in enumerate(cases):
        if fitting:  # what fits nothing any more is not called again: it might not come back
            seen = _fingerprint(function, target, case)
            fitting = [row for row in fitting if _alike(row[2][k], seen)]
    if len(fitting) != 1:
        return ""
    [(sentence, section, _)] = fitting
    again = _say("Read again: {section}.").format(section=_say(_SECTIONS[section]))
    return f"{_say(' '.join(sentence.split()))}\n{again}"


def _unsteady(function, target, case):
    """A word on a target that makes something else of a case each time; "" if it does not."""
    if _alike(*(_fingerprint(function, target, case) for _ in range(2))):
        return ""
    return _say("The same input gives another result each time: something random goes in, or is left from before.")


def _fingerprint(function, target, case):
    """What a target makes of a case, in four characters; what they mean stands above what is generated."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            got, handed = _call(target, case)
    except Exception as error:
        words = [type(error).__name__, *re.findall("[a-z-]+", str(error).lower())[:3]]
        return f"!{zlib.crc32(' '.join(words).encode()) % 1000:03}"
    try:
        if not _difference(function, case, got, handed):
            return "."
        changed = [_flat(handed)[name] for name in _changed(case.given, handed)]
        row = np.nan_to_num(np.array(_row((got, *changed)), float), nan=7e3, posinf=8e3, neginf=9e3)
        weights = np.random.RandomState(0).uniform(1, 9, row.size)
        return f"{round(row @ weights * 1000) % 10_000:04}"
    except Exception:
        return "?"  # nothing that could be computed with


def _row(value):
    """All of a value as one row of numbers, which also shows parts and shapes, and what is True or False."""
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple | list):
        return [len(value), *(number for part in value for number in _row(part))]
    array = np.asarray(value)
    return [array.dtype.kind == "b", *array.shape, *array.ravel().tolist()]


def _alike(one, other):
    """Two fingerprints are the same, but for rounding in the last digit."""
    return one == other or ((one + other).isdigit() and (int(one) - int(other) + 2) % 10_000 <= 4)


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
    return SimpleNamespace(shape=shape, places=places, mean=mean, kinds=kinds)


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


# Misunderstandings that are known. Under each sentence: the functions that it may be said of, the section of the
# notebook to read again, and what such a function makes of the inputs of its test, one after the other. "." is what is
# expected, "!" an exception, and four digits are a fingerprint: the end of a weighted sum of all the numbers that come
# back, enough to know a wrong result when it comes again, and too little to work one out.

# Generated by make_fingerprints.py, not to be edited.
_SECTIONS = {
    "3": "3. Zero padding",
    "4": "4. One step",
    "5": "5. The forward pass",
    "6": "6. Pooling",
    "7.1": "7.1 Convolution, backwards",
    "7.2": "7.2 The mask of a maximum",
    "7.3": "7.3 Sharing an average",
    "7.4": "7.4 Pooling, backwards",
}
_MISCONCEPTIONS = """
X comes back as it went in, without zeros around it. Height and width must grow by pad on every side.
  zero_pad 3   5545 8784 0290 4590 0935    .
The zeros are above and on the left only. The ring has four sides: pad rows above and below, pad columns left and right.
  zero_pad 3   4146 9354 8885 0424 3163    .
The zeros are below and on the right only. The ring has four sides: pad rows above and below, pad columns left and
right.
  zero_pad 3   4544 7759 3995 6895 5766    .
Zeros are added above and below, but not left and right. The width grows by pad on both sides too.
  zero_pad 3   6410 0552 8159 8090 3311    .
Zeros are added left and right, but not above and below. The height grows by pad on both sides too.
  zero_pad 3   8700 7560 1853 1245 4445    .
The channels are padded as well, so every image gets extra channels full of zeros. Only height and width grow; the last
axis stays as it is.
  zero_pad 3   3838 2557 6989 1028 8610    .
The examples are padded as well, so the batch gets extra images full of zeros. Only height and width grow; the first
axis stays as it is.
  zero_pad 3   8948 3801 0985 7556 3009    .
All four axes are padded, the examples and the channels too. Only the two axes in the middle, height and width, get
zeros.
  zero_pad 3   2801 7580 1957 2731 0935    .
Width and channels are padded. The axes are example, row, column, channel: height and width are the two in the middle,
not the last two.
  zero_pad 3   1812 7256 9541 9491 9477    .
Examples and height are padded. The first axis counts the examples of the batch; height and width are the two axes after
it.
  zero_pad 3   3533 7292 9984 6512 0677    .
The ring is 2 * pad pixels wide. It must be pad pixels wide on each side; that makes the image larger by 2 * pad in all.
  zero_pad 3   5138 9045 3642 7110 6148    .
pad is divided between two opposite sides. Each side gets pad zeros, so that height and width grow by 2 * pad in all.
  zero_pad 3   5545 8784 4660 1601 0935    .
The ring is one pixel wide, whatever pad is. The argument pad says how wide it must be.
  zero_pad 3      .    . 4660 1601    . 1310
The ring repeats the pixels at the border of the image. It must hold zeros only.
  zero_pad 3   6102 7056 6270 1234 7177    .
The ring shows the pixels of the image again, as in a mirror. It must hold zeros only.
  zero_pad 3   8956 0693 7273 0446 5745    .
Axes of length 1 are dropped from the result. A batch of one example, or of images with one channel, has four axes like
any other.
  zero_pad     3   8173 1559    .    .    . 4338
  conv_forward 5   8097 1183 6772    .    .    .    .    . 7019 5611
  pool_forward 6   3203 9903 5299    .    .    .    .    . 5287 8978    .    . 9285 8130
The place for X ends at minus pad. For pad 0 that is minus zero, and such a slice is empty. Count the end from the
front: it works for every pad.
  zero_pad 3      .    .    .    .    . !084
The bias is missing: what comes back is the sum of the products alone. b is added to this sum once.
  conv_single_step 4   1967 6643 9775 1347 1347
b is added to every product before the sum, so it counts as often as there are products. It is added once, after the
sum.
  conv_single_step 4   5256 0549 3241 8328 8328
b is subtracted from the sum of the products. The bias must be added.
  conv_single_step 4   6145 8645 4796 2102 2102
The window and the filter are multiplied as matrices. A filter works entry by entry: each number of the window times the
number at the same place of W.
  conv_single_step 4   !524 !524 !524 !524 !524
Only the first channel counts. The filter is as deep as the window, and the products of all channels go into one sum.
  conv_single_step 4      . 6960 9595 9568 9568
There is one sum for each channel. The products of all channels belong to the same sum, so that one window gives one
number.
  conv_single_step 4   9444 1041 5402 5187 5187
Only the first axis is added up, as Python's own sum does it, and an array is left. The sum runs over height, width and
channels.
  conv_single_step 4   8732 3389 2050 8965 8965
The products come back without being added up. One window and one filter give one number: the sum of all products, plus
b.
  conv_single_step 4   4244 8422 2258 6178 6178
The products are averaged. They must be added up and not divided by their number.
  conv_single_step 4   2857 2581 0162 8625 8625
Z is an array with one number in it, because b is one. Take the number out of b before you add it: Z is that number
itself.
  conv_single_step 4   6465 7796 9102 9952 9952
The filter is turned by 180 degrees. In this notebook it is not turned: each entry of W meets the number at the same
place of the window.
  conv_single_step 4   6145 6774 1986    .    .
Negative results become 0. That is ReLU, a layer of its own; one step returns the sum plus the bias, negative or not.
  conv_single_step 4      . 5391 5391 5391 5391
The products are written into a_slice_prev, which the caller still needs. Put them into an array of their own.
  conv_single_step 4   9065 4987 2222 6638 6638
hparameters is read by position, as if its entries always stood in the same order. The entries of a dictionary are found
by their names.
  conv_forward  5   !948 !948 1762    . 2439 0720 !948 8588 7892 !948
  pool_forward  6   1802 1802 7763 5551 5551 0986 0986 6167 3482 2567 3031    .    .    .
  conv_backward 7.1 9263 1552    . !951 0228 7706 9424
  pool_backward 7.4 0944 0944 !341 5554 4492 4076 6360    .    .    .
The numbers are taken out of hparameters, and the caller no longer finds them there. Look them up and leave them where
they are.
  conv_forward  5   1488 7497 6175 4567 6542 5311 6728 2846 0270 8675
  pool_forward  6   7188 3804 4130 7178 1507 5777 6732 1461 9565 5365 4960 7389 5829 4659
  conv_backward 7.1 7967 3600 5918 0210 0955 8394 2979
  pool_backward 7.4 9505 7132 5122 6808 1751 8956 9883 1751 1708 7901
The windows start one pixel apart, whatever stride is. From one output position to the next the window moves stride
pixels, down and across.
  conv_forward  5      .    . 3304 7292 3650    . 9142    . 9547 1876
  pool_forward  6      .    .    .    .    .    .    . 1209    .    . 2093 6202 3828 9451
  conv_backward 7.1 9232 1537 9103    .    . 6266 9232
  pool_backward 7.4    .    .    .    . 2249 0525 9251 2249 7186 7049
n_H and n_W are computed as if stride were 1, but the windows move by stride, so the last ones lie outside of the input.
A larger stride gives fewer windows.
  conv_forward 5      .    . !149 !149 !149    . !149    . !149 0885
  pool_forward 6      .    .    .    .    .    .    . 3139 9545 2804 !341 0872 !341 0583
stride is not used: the size and the windows are those of stride 1. A larger stride gives fewer windows, and they start
further apart.
  conv_forward 5      .    . 9883 9279 0718    . 0964    . 1135 6959
  pool_forward 6      .    .    .    .    .    .    . 8830 0994 3822 3704 2543 4099 1848
The window moves by its own side f. How far it moves is stride, a number of its own: windows may overlap, and there may
be pixels between them.
  conv_forward  5   1308 5140    . 4584 1752 2606 8042 8040 8819 6959
  pool_forward  6   0136 7935 4136 9903 0178 5008 7794 1052    .    . 6289 8668    .    .
  conv_backward 7.1    .    .    . !149 !951 !951 2577
  pool_backward 7.4 3010 !951 !341 !951    . !149 5699    .    .    .
The window is stride pixels high and wide. Its side is f; stride says only how far it moves.
  conv_forward 5   8925 3774    . !149 !149 5231 !149    . !149 1956
  pool_forward 6   9826 9826 2235 3917 3917 5826 5826 1182 3482 2567 2969 1581    .    .
In the output size stride stands in the place of pad. The ring is what makes the input larger: pad pixels on each side.
  conv_forward 5   !149 !149 3801 !149 1941 1068 !149 9096 !149 0885
The input is not padded: Z has the size without padding. A_prev gets pad rings of zeros before any window is cut out of
it.
  conv_forward 3      .    . 1765 4584 1432 0576    . 8743 2210    .
The windows are cut out of A_prev and not out of the padded input, so at the lower and right edge they are too small.
  conv_forward 5      .    . 4745 !149 4217 !149    . !149 !149    .
The input is padded, but n_H and n_W are those without padding, so part of the padded input is never read. pad belongs
in the size too.
  conv_forward 5      .    . 9229 5400 8606 0938    . 7061 4810    .
n_H and n_W count pad once. The ring is on both sides of the image, so it adds twice its width.
  conv_forward 5      .    .    .    . 8606 5304    . 1245 7771    .
n_H and n_W are rounded up, so the last windows reach beyond the input. Only whole windows count, and what is left over
is not read.
  conv_forward 5      .    . 3801 !149    .    .    .    . !149 7312
  pool_forward 6      .    .    .    .    .    .    .    . 9545 2804 6633    . 3287 9081
n_H and n_W are one too small: the last window that fits is not counted. There is one place more than there are moves
from one place to the next.
  conv_forward 5   1308 5140 9229 5400 8606 2899 9451 5254 4810 1577
  pool_forward 6   0136 7935 4136 8530 4003 6489 7801 1052 0888 0888 7857 8805 4550 7768
n_W is computed from the height of the input. The width of the output follows from n_W_prev.
  conv_forward 5      .    .    . 5243 4286 0952 4087 2442 7771 7312
  pool_forward 6      .    .    .    .    .    .    .    .    .    . 0034 1686 0949 7014
n_H comes from the width of the input and n_W from its height. The axes of a batch are example, row, column, channel:
height comes before width.
  conv_forward 5      .    .    . !149 1286 !149 7041 !149 1398 8535
  pool_forward 6      .    .    .    .    .    .    .    .    .    . 4225 0674 !341 5233
Rows and columns of the window are exchanged. The vertical corners belong to h and to the second axis, the horizontal
ones to w and to the third.
  conv_forward  5   7530 3539 0064 !149 5120 !149 7995 !149 3571 1347
  pool_forward  6      . 5012 1858 1266 5864 3710 6789 1976    .    . 2355 1395 !341 5015
  conv_backward 7.1 8490 6166 !951 !149 2958 !951 3238
  pool_backward 7.4    . 9567 !341 !951 2249 !951 !341 2249 5122 4957
The horizontal corners are computed from h. They follow from the column w; only the vertical corners follow from the row
h.
  conv_forward  5   1610 2639 2083 8948 1308 4028 5272 5435 9573 8581
  pool_forward  6   3624 1257 5613 2602 9392 7565 0756 3421    .    . 1502 0321 5469 9202
  conv_backward 7.1 9253 1547 4353 5270 2040 2006 2446
  pool_backward 7.4 7177 3809 !341 !951 2249 5120 6644 2249 9362 8759
The windows are read from memory as if each number had 8 bytes. Those of a float32 array have 4; every array knows its
own strides.
  conv_forward  5      .    .    .    .    .    .    .    .    . 5225
  pool_forward  6      .    .    .    .    .    .    .    .    .    .    .    . 6466    .
  conv_backward 7.1    .    . 0277    .    .    .    .
The loops over h and w stop one too early, so the last row and the last column stay 0. A range stops before its end by
itself.
  conv_forward 5   9213 4778 4523 5152 6504 3011 5494 5527 0496 0278
  pool_forward 6   1891 9690 7624 0699 9118 8736 7929 2506 7841 7841 5770 3456 7422 0640
The loop over the filters stops one too early, so the last channel of Z stays 0 or is not there. Each of the n_C filters
gives one channel.
  conv_forward 5   6005 5973 3852 6111 6384 3744 9281 6316 5765 0187
Every window is cut out of the first example. In the loop over the examples, example i has windows of its own.
  conv_forward  5      .    .    . 7532 3152 7394 1586 8049    .    .
  pool_forward  6      .    .    . 1226 5673 6736 7583 2560 7792 1451 4252 2389    .    .
  conv_backward 7.1    .    . 1711 1517    . 0065    .
  pool_backward 7.4    .    . 9056    .    .    .    .    . 1617    .
Only the first example is worked on. Perhaps the return statement stands inside the loop over the examples, so that the
others are never reached.
  conv_forward  5      .    .    . 2015 0046 6018 5891 0972    .    .
  pool_forward  6      .    .    . 9645 1464 7109 0280 5898 4183 4599 1703 2348    .    .
  conv_backward 7.1    .    . 3703 5873    . 0038    .
  pool_backward 7.4    .    . 4541 8750    .    .    .    . 5539 7826
Only the last example is filled, the others stay 0. The loops over h, w and c belong inside the loop over the examples.
  conv_forward 5      .    .    . 4045 3111 0287 0826 6969    .    .
  pool_forward 6      .    .    . 2400 4910 8225 6008 8030 6208 1592 4019 5802    .    .
The biases are missing. Filter c adds its own number of b at every position of its channel of Z.
  conv_forward 5   3211 9219 5744 3797 5839 6613 2302 6673 2537 1180
The bias is added to every product before the sum, so it counts as often as there are products. It is added once, after
the sum.
  conv_forward 4   6190 2199 8723 6530 0121 1159 7310 1753 1296    .
The bias is subtracted from the sum of the products. It must be added.
  conv_forward 4   4966 0975 7499 4757 5720 6487 9941 9922 1442 8954
The bias is added twice. One step adds it already, so nothing more is added to what the step returns.
  conv_forward 5   9700 5709 2234 1879 6077 6866 7025 0174 4727 5633
All filters add the first number of b. Filter c has a bias of its own, the number of b with index c.
  conv_forward 5      .    .    . 4973 5951 6380 5199 1715 4938 4550
The filters are turned by 180 degrees. In this notebook they are not turned: each entry of W meets the pixel at the same
place of the window.
  conv_forward 4   2553 0532 3079 6536 5405 1429 2436    . 0715    .
Negative numbers of Z become 0. That is ReLU, a layer of its own, which comes later; Z holds negative numbers too.
  conv_forward 5      . 1532    . 7198 7427 4154 3137 8113 5618 4629
Only the first channel of the input is read. A filter is as deep as its input: the products of all n_C_prev channels go
into one sum.
  conv_forward 5      .    .    . 7065 7167 2210 1146 5191 7501    .
All channels of Z come from the first filter. Channel c of Z belongs to filter c, and the last axis of W counts the
filters.
  conv_forward 5      .    .    . 0885 1950 2583 4627 8254 0928 7633
Z has as many channels as the input. The depth of Z is the number of filters n_C, which is the last axis of W.
  conv_forward 5      .    .    .    . 1332 7456 5486 9351 4897 5359
With whole numbers as input, Z is cut to whole numbers, because it took its dtype from the input. Z must be a float
array from the start.
  conv_forward 5      .    .    .    .    .    .    .    . 7441    .
The cache has another order. The backward pass expects the tuple (A_prev, W, b, hparameters), and it knows the entries
by their places alone.
  conv_forward 5   9204 5333 1737 5698 3503 1202 7461 9224 4962 1623
The cache holds the padded input. The backward pass expects A_prev as it came in, and pads it itself.
  conv_forward 5      .    . 5638 2460 2154 2576    . 5270 2910    .
Only Z comes back. The function returns two things: Z, and the cache for the backward pass.
  conv_forward 5   9304 7710 4458 7705 5615 1529 8481 5543 8257 8446
The window is one row and one column too small. A slice stops before its end, so its length is the end minus the start.
  pool_forward 6   9826 9826 2235 4137 5450 5826 5826 1182 3482 2567 2969 8473 0436 0436
The windows are read from memory as if the numbers of A_prev lay there one behind the other. In a view of a larger array
they do not; every array knows its own strides.
  pool_forward  6      .    .    .    .    .    .    .    .    .    . 3858    .    .    .
  pool_backward 7.4    .    .    .    .    .    .    .    . 0121    .
Every output looks at the whole image. It must look at its own window only, which the four corners cut out.
  pool_forward 6   0468 1425 1393 3620 8404 6574 7543 3120 4177 0077 6023 8088 9831 3774
The window is cut through all channels, so they all get the same number. Pooling treats each channel on its own.
  pool_forward 6      .    .    . 0951 3284 7017 7200 8845 3906 8447 7368 1316 9966 8773
All channels of A come from the first channel of A_prev. Channel c of A is made from channel c of A_prev.
  pool_forward 6      .    .    . 7312 5093 6153 9795 2323 4820 4269 9124 2312 0754 1153
The loop over the channels stops one too early, so the last channel stays 0. Pooling keeps all n_C channels.
  pool_forward 6   7489 7489 7456 5991 6054 0404 9269 6024 5820 7323 6411 5611 9423 1920
The two modes are exchanged: mode max is treated as average, and mode average as max.
  pool_forward  6   6173 9557 0900 5178 0849 0056 9102 7806 8350 2550 3709 3031 7222 8393
  pool_backward 7.4 1741 4115 1417 9732 3566 6360 4076 3566 2510 6317
Mode average is treated as max too. In mode average all numbers of a window count the same, so the two modes need code
of their own.
  pool_forward  6      . 9557 0900    . 0849    . 9102    .    . 2550    . 3031    . 8393
  pool_backward 7.4    . 4115    . 9732    . 6360    .    .    . 6317
Mode max is treated as average too. In mode max only the largest number of a window counts, so the two modes need code
of their own.
  pool_forward  6   6173    .    . 5178    . 0056    . 7806 8350    . 3709    . 7222    .
  pool_backward 7.4 1741    . 1417    . 3566    . 4076 3566 2510    .
A call without a mode is treated as average. If mode is left out, it is max.
  pool_forward  6   6173    .    .    .    .    .    .    .    .    .    .    .    .    .
  pool_backward 7.4 1741    .    .    .    .    .    .    .    .    .
In mode average the numbers of a window are added up but not divided. The average is their sum divided by how many they
are.
  pool_forward 6      . 2225 3628    . 7032    . 1531    .    . 2417    . 8000    . 3616
In mode average the sum is divided by f. f is the side of the window; the number of its cells is f * f.
  pool_forward 6      . 4857 5542    . 3142    . 3881    .    . 9367    . 5757    . 9354
No maximum is below 0, because the search starts from 0. If all numbers of a window are negative, their maximum is
negative too.
  pool_forward 6      .    .    .    .    . 1412    .    .    .    .    .    . 5091    .
With whole numbers as input, averages are cut to whole numbers, because A took its dtype from the input. A must be a
float array from the start.
  pool_forward 6      .    .    .    .    .    .    .    .    .    .    .    .    . 5020
The cache has another order. The backward pass expects the tuple (A_prev, hparameters), and it knows the entries by
their places alone.
  pool_forward 6   0497 7113 7854 9464 3793 6602 7556 7677 9255 5055 3868 6297 0508 9337
The cache holds the output A. The backward pass needs the input A_prev, to see where the maxima were.
  pool_forward 6   7683 4796 3626 1803 7243 2948 8909 6983 6051 0397 1617 6900 3668 9942
Only A comes back. The function returns two things: A, and the cache for the backward pass.
  pool_forward 6   7179 6884 2003 3523 8590 6992 8583 3008 7233 5619 6319 5783 3627 2473
The crop ends at minus pad. For pad 0 that is minus zero, and such a slice is empty. Count the end from the front: it
works for every pad.
  conv_backward 7.1    .    .    .    . !084 !084    .
dA_prev still has its ring. Its shape is that of A_prev: take pad pixels off on every side.
  conv_backward 7.1 1789 7991 8290 3832    .    . 4645
Only the last example of dA_prev is filled, because the ring is taken off after the loop, when i is the last example.
Take it off in every example.
  conv_backward 7.1    .    . 7776 9037    . 4636    .
In all three gradients each window replaces what was there. What went into several outputs gets a contribution from each
of them, and these add up.
  conv_backward 7.1 2018 7930 7781 4197 0471 8002 0509
In dA_prev each contribution replaces what was there. A pixel gets one from every filter and from every window that it
was in, and they add up.
  conv_backward 7.1    .    . 4968 2681 7918 7644    .
dW holds only what the last window contributes. All windows of all examples contribute, and their contributions add up.
  conv_backward 7.1 0716 7279 3199 9722 6816 7003 9208
db holds the last number of dZ of each filter. It is the sum over all positions and all examples.
  conv_backward 7.1 3878 8860 0669 1432 6866 9361 8890
dW and db are divided by m. They are sums over the examples: an average over the batch belongs to the loss, and dZ
contains it already.
  conv_backward 7.1    .    . 3671 3343    . 9729    .
dW is divided by m. It is a sum over the examples: an average over the batch belongs to the loss, and dZ contains it
already.
  conv_backward 7.1    .    . 7200 1230    . 2688    .
db is divided by m. It is a sum over the examples: an average over the batch belongs to the loss, and dZ contains it
already.
  conv_backward 7.1    .    . 6999 6932    . 0044    .
For dW the windows are cut out of A_prev without its ring. In the forward pass the filter lay on the padded input, so it
is that which is needed here.
  conv_backward 7.1 0922 2382 !149 !149    .    . !149
dA_prev gets the filters as they are. The filter must be multiplied by dZ of this position, which says how much the loss
depends on that output.
  conv_backward 7.1 1652 6227 7519 9850 5517 9802 7792
dW gets the windows as they are. The window must be multiplied by dZ of this position, which says how much the loss
depends on that output.
  conv_backward 7.1 4432 7698 6531 7839 1603 9081 9491
db counts the positions: each of them adds 1. It must add its number of dZ, since the bias went into that output as it
is.
  conv_backward 7.1 9460 2884 3397 7274 2448 6917 4472
dA_prev gets the windows and dW gets the filters. A pixel was multiplied by a filter entry: its gradient needs that
entry, and the gradient of the entry the pixel.
  conv_backward 7.1 3659 3751 8643 6137 2036 9846 0008
For dA_prev the filters are turned by 180 degrees. A filter goes back to its window as it lay there in the forward pass.
  conv_backward 7.1 8166 6004 8308 9972 4111 7082 4837
With whole numbers as input, the gradients start as whole numbers too and have no room for fractions. They must be float
arrays from the start.
  conv_backward 7.1    . !719    .    .    .    .    .
db has lost three of its axes. A gradient has the shape of the array it belongs to, and b has the shape (1, 1, 1, n_C).
  conv_backward 7.1 1732 3762 2917 5263 4720 7016 6744
The mask holds the maximum at its position. A mask says where, not how much: True there, False elsewhere.
  create_mask_from_window 7.2 2155 5090 8412 1671 0236
The maximum itself comes back. What is asked for is where it stands: an array with the shape of x, True at the maximum
and False elsewhere.
  create_mask_from_window 7.2 2857 4501 0835 8679 0458
The index of the maximum comes back. What is asked for is an array with the shape of x, True at the maximum and False
elsewhere.
  create_mask_from_window 7.2 2857 6145 1213 5391 5391
Only one position is marked, although the maximum stands at several. All of them must be True.
  create_mask_from_window 7.2    .    .    . 4686    .
The smallest entry is marked. Max pooling passes on the largest one, so that is where True belongs.
  create_mask_from_window 7.2 0642 4365 8956 9006    .
The entry farthest from 0 is marked. The sign counts: -5 is smaller than 2, so of these two 2 is the maximum.
  create_mask_from_window 7.2    .    . 8956    .    .
In a window of negative numbers nothing is marked, because the search starts from 0. The maximum of negative numbers is
negative.
  create_mask_from_window 7.2    .    . 0552    . 3293
The largest entry of every row is marked. A window has one maximum, over all rows and columns.
  create_mask_from_window 7.2 6998 7589 2263 1388    .
The largest entry of every column is marked. A window has one maximum, over all rows and columns.
  create_mask_from_window 7.2 6998 3522 0593    .    .
True and False are exchanged: here False stands at the maximum. True belongs there, and False elsewhere.
  create_mask_from_window 7.2 9531 4502 6867 9240 3293
The mask holds the numbers 1 and 0. It must be a boolean array: True and False.
  create_mask_from_window 7.2 5887 4165 9997 0599 0961
The maximum is subtracted from x itself, which the caller still needs. Compare x with its maximum and leave both as they
are.
  create_mask_from_window 7.2 2128 2587 4501 9694 5708
The mask is written into x, which the caller still needs. Return an array of its own.
  create_mask_from_window 7.2 5648 6596 1816 4035 7696
Every cell gets all of dz. The cells share it: added up, they must give dz again.
  distribute_value 7.3 4135 6900 5208 7556 7229 4933    .
dz is divided by height plus width. The number of cells is height times width; for a 2x2 window both happen to be 4.
  distribute_value 7.3    .    . 1531 7720 8676 6700 0112
dz is divided by the height alone. The number of cells is height times width.
  distribute_value 7.3 0944 7327 9160 8238    . 4933    .
dz is divided by the width alone. The number of cells is height times width.
  distribute_value 7.3 0944 7327 7144 8238 7229    .    .
dz is divided by the height squared, as if the window were a square. The width may be another number.
  distribute_value 7.3    .    . 6136    . 5487 4933    .
dz is divided by the number of cells twice. After the first division the number is a share already.
  distribute_value 7.3 0652 6450 0115 2003 5487 1472    .
The cells add up to 1, whatever dz is. What is shared is dz.
  distribute_value 7.3 3551 3551 9107 2003    . 2309 0961
The shares are cut to whole numbers. A share is a fraction, even if dz is a whole number.
  distribute_value 7.3 7753 0944 7144    . 4038 7290 1458
With a whole number to share, the shares are cut to whole numbers, because the array took its dtype from dz. It must be
a float array from the start.
  distribute_value 7.3 7753    .    . 7306    .    .    .
The share of one cell comes back, a single number. What is asked for is an array of the given shape, with this share in
every cell.
  distribute_value 7.3 8302 4124 2479 1213 6846 0242 1725
Height and width of the result are exchanged. shape is (n_H, n_W): rows first, then columns.
  distribute_value 7.3    .    . 5591    . 8447 0763    .
Each window replaces what was there. Where windows overlap, a pixel collects from each of them, and the contributions
add up.
  pool_backward 7.4 5444 2815 8964 5713    . 9226    .    .    .    .
In mode max every maximum gets 1. It must get the number of dA that belongs to its window.
  pool_backward 7.4 0194    . 3863    . 0398    . 7968 0398 3577    .
In mode max the mask is multiplied by a window of dA. One window of A_prev belongs to one number of dA: that at position
h, w.
  pool_backward 7.4 9461    . 6567    . !149    . !149 !149 !149    .
In mode max the values of A_prev are multiplied into the result. They decide where the gradient goes, not how large it
is.
  pool_backward 7.4 7914    . 5097    . 5026    . 3000 6413 3971    .
The mask looks for the maximum of the whole image. Each window has a maximum of its own, and that is where its gradient
goes.
  pool_backward 7.2 5444    . 5141    . 4352    . 5403 4352 5276    .
In mode max a window of negative numbers passes nothing back, because the search starts from 0. The maximum of negative
numbers is negative.
  pool_backward 7.2    .    .    .    .    .    .    . 5403    .    .
The mask is made from a window through all channels, so that only one place in all of them gets a gradient. Each channel
has its own windows.
  pool_backward 7.4    .    . 1061    .    .    .    .    . 1066    .
In mode average every cell of the window gets the whole number of dA. The cells share it equally.
  pool_backward 7.3    . 7092    . 5273    . 8866    .    .    . 1787
In mode average dA is divided by f. f is the side of the window; the number of its cells is f * f.
  pool_backward 7.3    . 6858    . 6036    . 9891    .    .    . 2269
In mode average dA is divided by f plus f. The number of cells is height times width; for f 2 both happen to be 4.
  pool_backward 7.3    .    .    .    .    . 7647    .    .    .    .
In mode average dA is divided by 4, whatever f is. A window has f * f cells, which are 4 for f 2 only.
  pool_backward 7.3    .    .    .    .    . 3769    .    .    .    .
In mode average dA itself is divided, although the caller still needs it. Put the shares into an array of their own.
  pool_backward 7.4    . 6683    . 9766    . !719    .    .    . 5222
With whole numbers as input, dA_prev starts as whole numbers too and has no room for fractions. It must be a float array
from the start.
  pool_backward 7.4    .    .    .    .    . !719    .    .    .    .
"""
# The end of what is generated.
