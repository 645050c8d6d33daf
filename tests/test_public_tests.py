"""What students run: right work passes and prints one line, wrong work fails with a message that helps.

The wrong implementations are the plain loops with a line or two changed, most of them as learners were seen to do it.

Not caught here, and why:

- a function that looks its inputs up and returns stored answers: the inputs are public, and marks come from others;
- a ``zero_pad`` whose ring is within 1e-8 of zero: the same tolerance holds for all values;
- ``conv_forward`` that computes its result without ``zero_pad`` and ``conv_single_step``: right, only longer;
- a mask that marks the maximum of a window that holds nan: no exercise asks for it;
- float32 results for float64 inputs, where they happen to agree to 1e-6: close enough for every use in the notebook.
"""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

import public_tests
from tests import implementations

COURSE = Path(__file__).parents[1]
PUBLIC_TESTS = COURSE / "public_tests.py"
FUNCTIONS = {
    "zero_pad": 6,
    "conv_single_step": 5,
    "conv_forward": 10,
    "pool_forward": 14,
    "conv_backward": 7,
    "create_mask_from_window": 5,
    "distribute_value": 7,
    "pool_backward": 10,
}
STUB = """def {name}(*args, **kwargs):
    # YOUR CODE HERE
    raise NotImplementedError("{name}: write your code here")
"""


def notebook(*changes: tuple[str, str, str], **sources: str) -> dict[str, Any]:
    """The eight functions in one namespace, as in a notebook, some lines changed: (function, old line, new line)."""
    code = {name: sources.get(name) or inspect.getsource(getattr(implementations, name)) for name in FUNCTIONS}
    for name, old, new in changes:
        assert old in code[name], f"{name} has no {old!r} to change"
        code[name] = code[name].replace(old, new)
    namespace: dict[str, Any] = {"np": np}
    exec("\n".join(code.values()), namespace)  # noqa: S102  a notebook is one namespace too
    return namespace


def check(name: str, target: object) -> None:
    getattr(public_tests, f"{name}_test")(target)


def message(name: str, *changes: tuple[str, str], **sources: str) -> str:
    """What the test of ``name`` says of the plain loops with these lines changed."""
    target = notebook(*((name, old, new) for old, new in changes), **sources)[name]
    with pytest.raises(Exception) as caught:
        check(name, target)
    return "\n".join([str(caught.value), *getattr(caught.value, "__notes__", ())])


def unwrapped(text: str) -> str:
    return " ".join(text.split())


# Right work


@pytest.mark.parametrize("variant", ["", "_vectorised"])
@pytest.mark.parametrize(("name", "inputs"), FUNCTIONS.items())
def test_right_work_passes_with_one_line(name, inputs, variant, capsys):
    check(name, getattr(implementations, name + variant))
    assert capsys.readouterr().out == f"{name}: all tests passed ({inputs} inputs)\n"


@pytest.mark.parametrize(
    "returned",
    ["float(Z)", "np.float64(Z)", "np.array(Z)", "Z.item()", "np.float32(Z) if s.dtype == np.float32 else Z"],
)
def test_a_single_step_may_be_any_kind_of_one_number(returned, capsys):
    check("conv_single_step", notebook(("conv_single_step", "return Z", f"return {returned}"))["conv_single_step"])


@pytest.mark.parametrize("name", ["conv_forward", "pool_forward"])
def test_the_cache_may_hold_copies(name, capsys):
    change = (name, "return", "cache = tuple(x.copy() for x in cache)\n    return")
    check(name, notebook(change)[name])


def test_zero_pad_may_return_floats_for_whole_numbers(capsys):
    check("zero_pad", notebook(("zero_pad", "return X_pad", "return X_pad.astype(float)"))["zero_pad"])


def test_dead_code_after_the_return_does_no_harm(capsys):
    change = ("zero_pad", "return X_pad", "return X_pad\n    raise NotImplementedError")
    check("zero_pad", notebook(change)["zero_pad"])


@pytest.mark.parametrize("warning", ["DeprecationWarning", "RuntimeWarning", "UserWarning"])
def test_a_warning_does_not_fail_a_test(warning, capsys):
    line = f"import warnings; warnings.warn('careful', {warning})\n    return Z"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check("conv_single_step", notebook(("conv_single_step", "return Z", line))["conv_single_step"])
    printed = capsys.readouterr()
    assert printed.out.count("\n") == 1
    assert not printed.err


def test_the_other_editions_names_are_the_same_tests():
    assert public_tests.conv_forward_test_2 is public_tests.conv_forward_test
    assert public_tests.pool_forward_test_1 is public_tests.pool_forward_test
    assert public_tests.pool_forward_test_2 is public_tests.pool_forward_test


def three_figures(conv_forward: Callable[..., Any]) -> tuple[Any, Any, Any]:
    generator = np.random.RandomState(1)
    A_prev, W, b = generator.randn(2, 5, 7, 4), generator.randn(3, 3, 4, 8), generator.randn(1, 1, 1, 8)
    Z, cache = conv_forward(A_prev, W, b, {"pad": 1, "stride": 2})
    return np.mean(Z), Z[0, 2, 1], cache[0][1][2][3]


def test_three_figures_of_a_right_forward_pass_are_accepted(capsys):
    public_tests.conv_forward_test_1(*three_figures(implementations.conv_forward))
    assert capsys.readouterr().out == "conv_forward: all tests passed (3 figures)\n"


@pytest.mark.parametrize(
    ("position", "got", "label"),
    [(0, 0.25, "mean of Z"), (0, None, "mean of Z"), (1, np.zeros(8), "Z[0, 2, 1]"), (2, "four", "cache[0][1][2][3]")],
)
def test_one_wrong_figure_of_three_is_named(position, got, label):
    figures = list(three_figures(implementations.conv_forward))
    figures[position] = got
    with pytest.raises(AssertionError, match=re.escape(f"conv_forward: {label} differs for A_prev (2, 5, 7, 4)")):
        public_tests.conv_forward_test_1(*figures)


# Work that is not there yet


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_unfilled_stub_is_called_not_written_yet(name):
    first, second = message(name, **{name: STUB.format(name=name)}).splitlines()
    optional = name not in ("zero_pad", "conv_single_step", "conv_forward", "pool_forward")
    assert first == f"{name} is not written yet{' (optional: it costs nothing if left open)' * optional}."
    assert second.startswith("Replace `raise NotImplementedError` with your code")


def test_an_unfilled_stub_stays_a_not_implemented_error_by_name():
    with pytest.raises(NotImplementedError) as caught:
        check("zero_pad", notebook(zero_pad=STUB.format(name="zero_pad"))["zero_pad"])
    assert caught.type.__name__ == caught.type.__qualname__ == "NotImplementedError"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_notebook_of_stubs_names_each_function_itself(name):
    said = message(name, **{each: STUB.format(name=each) for each in FUNCTIONS})
    assert said.startswith(f"{name} is not written yet")


def test_a_leftover_raise_below_finished_code_is_pointed_out():
    said = message("zero_pad", ("return X_pad", "raise NotImplementedError"))
    assert "delete that line" in said


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_that_returns_nothing_is_told_so(name):
    said = unwrapped(message(name, ("    return ", "    pass; ")))
    assert f"{name} returned None" in said
    assert "return statement" in said


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_result_of_a_call_instead_of_the_function_is_explained(name):
    with pytest.raises(AssertionError) as caught:
        check(name, np.zeros((2, 2)))
    assert f"{name}_test({name}). It got an array of shape (2, 2)." in unwrapped(str(caught.value))


def test_a_function_that_takes_other_arguments_is_told_so():
    said = message("pool_forward", ('hparameters, mode="max"):', "hparameters):\n    mode = 'max'"))
    assert unwrapped(said).startswith("pool_forward(A_prev, hparameters, mode) cannot be called: ")
    assert "3 were given" in unwrapped(said)


ZEROS = {
    "zero_pad": "return 0.0 * X_pad",
    "conv_single_step": "return 0.0 * Z",
    "conv_forward": "return 0.0 * Z, cache",
    "pool_forward": "return 0.0 * A, cache",
    "conv_backward": "return 0.0 * dA_prev, 0.0 * dW, 0.0 * db",
    "create_mask_from_window": "return mask & False",
    "distribute_value": "return 0.0 * a",
    "pool_backward": "return 0.0 * dA_prev",
}


@pytest.mark.parametrize(("name", "zeros"), ZEROS.items())
def test_zeros_of_the_right_shape_fail(name, zeros):
    last = inspect.getsource(getattr(implementations, name)).rstrip().rpartition("\n")[2].strip()
    said = message(name, (last, zeros))
    assert "Nothing but zeros came back" in said or "Every entry is False" in said


# Wrong work

STRIDE = ("h * stride", "h"), ("w * stride", "w")
PAD_FIRST = [('stride, pad = hparameters["stride"], hparameters["pad"]', "pad, stride = hparameters.values()")]
F_FIRST = [('f, stride = hparameters["f"], hparameters["stride"]', "f, stride = hparameters.values()")]
WRONG = [
    # zero_pad
    (
        "zero_pad",
        "channels padded too",
        [("(0, 0)))", "(pad, pad)))")],
        "The channels are padded as well",
    ),
    (
        "zero_pad",
        "every axis padded",
        [("((0, 0), (pad, pad), (pad, pad), (0, 0))", "pad")],
        "All four axes are padded",
    ),
    (
        "zero_pad",
        "one side only",
        [("(pad, pad), (pad, pad)", "(0, pad), (0, pad)")],
        "The zeros are below and on the right only.",
    ),
    (
        "zero_pad",
        "height only",
        [("(pad, pad), (pad, pad)", "(pad, pad), (0, 0)")],
        "(1, 5, 3, 1), expected (1, 5, 5, 1)",
    ),
    ("zero_pad", "ring of ones", [("(0, 0)))", "(0, 0)), constant_values=1)")], "the ring around it is zero"),
    ("zero_pad", "edge repeated", [("(0, 0)))", "(0, 0)), mode='edge')")], "the ring around it is zero"),
    (
        "zero_pad",
        "fixed pad",
        [("(pad, pad), (pad, pad)", "(1, 1), (1, 1)")],
        "expected (4, 9, 9, 2) for X (4, 3, 3, 2), pad 3",
    ),
    (
        "zero_pad",
        "height and width of one another",
        [("return X_pad", "return X_pad.transpose(0, 2, 1, 3)")],
        "Height and width are swapped.",
    ),
    (
        "zero_pad",
        "crop with minus pad",
        [("return X_pad", "O = 0. * X_pad; O[:, pad:-pad, pad:-pad] = X; return O")],
        "The place for X ends at minus pad.",
    ),
    (
        "zero_pad",
        "no pad of 0",
        [("X_pad = np", "assert pad\n    X_pad = np")],
        "Here pad is 0, so no ring is there",
    ),
    ("zero_pad", "a list", [("return X_pad", "return X_pad.tolist()")], "X_pad is a list of 1, expected an array"),
    (
        "zero_pad",
        "a nan in the ring",
        [("return X_pad", "X_pad = X_pad * 1.; X_pad[0, 0, 0, 0] = np.nan; return X_pad")],
        "nan",
    ),
    (
        "zero_pad",
        "X overwritten",
        [("return X_pad", "X[:] = 0; return X_pad")],
        "X is no longer the same after the call",
    ),
    # conv_single_step
    ("conv_single_step", "no bias", [(" + b.item()", "")], "The bias is missing"),
    (
        "conv_single_step",
        "bias in every product",
        [("* W", "* W + b"), (" + b.item()", "")],
        "b is added to every product",
    ),
    ("conv_single_step", "an array", [("b.item()", "b")], "Z is an array of shape (1, 1, 1), expected one number"),
    (
        "conv_single_step",
        "products not added up",
        [("np.sum(s) + b.item()", "s + b")],
        "Z is an array of shape (2, 2, 1)",
    ),
    (
        "conv_single_step",
        "a matrix product",
        [("a_slice_prev * W", "a_slice_prev[..., 0] @ W[..., 0]")],
        "number by number",
    ),
    (
        "conv_single_step",
        "first channel only",
        [("* W", "[..., :1] * W[..., :1]")],
        "differs for a_slice_prev (4, 4, 3)",
    ),
    ("conv_single_step", "mean for sum", [("np.sum", "np.mean")], "got      Z = 3"),
    (
        "conv_single_step",
        "cut to a whole number",
        [("return Z", "return int(Z)")],
        "has dtype int64, expected a float type",
    ),
    ("conv_single_step", "bias taken off", [("+ b", "- b")], "got      Z = 7"),
    (
        "conv_single_step",
        "window overwritten",
        [("s = ", "a_slice_prev *= 1 * W; s = 0 + "), (" * W\n", "\n")],
        "a_slice_prev is no longer the same",
    ),
    (
        "conv_single_step",
        "window overwritten, no bias",
        [("s = ", "a_slice_prev *= 1 * W; s = 0 + "), (" * W\n", "\n"), ("+ b", "+ 0 * b")],
        "The function also changes a_slice_prev",
    ),
    # conv_forward
    (
        "conv_forward",
        "no padding",
        [("+ 2 * pad", ""), ("zero_pad(A_prev, pad)", "A_prev")],
        "The input is not padded",
    ),
    (
        "conv_forward",
        "stride ignored in the size",
        [("// stride + 1", "+ 1")],
        "n_H and n_W are computed as if stride were 1",
    ),
    (
        "conv_forward",
        "stride ignored everywhere",
        [("// stride + 1", "+ 1"), *STRIDE],
        "stride is not used",
    ),
    ("conv_forward", "stride ignored in the corners", STRIDE, "windows start one pixel apart"),
    (
        "conv_forward",
        "corners swapped",
        [("vert_start:vert_end, horiz_start:horiz_end", "horiz_start:horiz_end, vert_start:vert_end")],
        "Rows and columns of the window are exchanged.",
    ),
    ("conv_forward", "horizontal corner from h", [("= w * stride", "= h * stride")], "Z differs"),
    ("conv_forward", "width from the height", [("n_W = (n_W_prev", "n_W = (n_H_prev")], "expected (2, 2, 3, 2)"),
    ("conv_forward", "stride where pad belongs", [("2 * pad", "2 * stride")], "stride stands in the place of pad"),
    ("conv_forward", "pad counted seven times", [("2 * pad", "7 * pad")], "reaches past the edge"),
    (
        "conv_forward",
        "height and width swapped",
        [("return Z", "return Z.transpose(0, 2, 1, 3)")],
        "Height and width are swapped.",
    ),
    ("conv_forward", "loops one filter short", [("range(n_C)", "range(max(n_C - 1, 1))")], "all of them in channel 1"),
    ("conv_forward", "loops one row short", [("range(n_H)", "range(n_H - 1)")], "Z differs"),
    ("conv_forward", "first example read", [("A_prev_pad[i,", "A_prev_pad[0,")], "all of them in example 1"),
    ("conv_forward", "last example only", [("range(m)", "range(m - 1, m)")], "Z differs"),
    ("conv_forward", "channels lost", [("horiz_end, :]", "horiz_end, :1]")], "Z differs for A_prev (2, 4, 6, 2)"),
    ("conv_forward", "first bias for all", [("b[:, :, :, c]", "b[:, :, :, 0]")], "Z differs"),
    ("conv_forward", "bias twice", [("return Z", "return Z + b")], "Z differs"),
    ("conv_forward", "no bias", [("b[:, :, :, c]", "0 * b[:, :, :, c]")], "The biases are missing."),
    ("conv_forward", "relu applied", [("return Z", "return np.maximum(Z, 0)")], "Z differs"),
    (
        "conv_forward",
        "zeros like the input",
        [("np.zeros((m, n_H, n_W, n_C))", "np.zeros_like(A_prev)")],
        "expected (1, 2, 2, 1)",
    ),
    (
        "conv_forward",
        "the dtype of whole-number inputs",
        [("np.zeros((m, n_H, n_W, n_C))", "np.zeros((m, n_H, n_W, n_C), A_prev.dtype)")],
        "room for fractions; a dtype taken over from whole-number inputs has none",
    ),
    ("conv_forward", "kernel turned round", [("W[:, :, :, c]", "W[::-1, ::-1, :, c]")], "Z differs"),
    (
        "conv_forward",
        "other hparameters in the cache",
        [("W, b, hparameters)\n    return", "W, b, dict(hparameters, pad=0))\n    return")],
        "cache[3] is a dict with pad 0, stride 2, expected hparameters",
    ),
    ("conv_forward", "Z alone", [("return Z, cache", "return Z")], "expected the tuple (Z, cache)"),
    ("conv_forward", "a list", [("return Z, cache", "return [Z, cache]")], "returned a list of 2"),
    (
        "conv_forward",
        "cache order",
        [("cache = (A_prev, W, b, ", "cache = (W, A_prev, b, ")],
        "cache[0] is W, expected A_prev",
    ),
    (
        "conv_forward",
        "cache a list",
        [("(A_prev, W, b, hparameters)\n    return", "[A_prev, W, b, hparameters]\n    return")],
        "list of 4",
    ),
    (
        "conv_forward",
        "padded in cache",
        [("= (A_prev, W", "= (A_prev_pad, W")],
        "cache[0] is an array of shape (1, 5, 5, 1)",
    ),
    ("conv_forward", "input overwritten", [("return Z", "A_prev += 1; return Z")], "A_prev is no longer the same"),
    (
        "conv_forward",
        "hparameters emptied",
        [("return Z", "hparameters.clear(); return Z")],
        "hparameters is no longer the same",
    ),
    ("conv_forward", "hparameters by position", PAD_FIRST, "W (3, 3, 2, 2), stride 2, pad 1"),
    # pool_forward
    ("pool_forward", "stride ignored in the size", [("// stride", "")], "computed as if stride were 1"),
    (
        "pool_forward",
        "stride ignored in the corners",
        STRIDE,
        "A differs for A_prev (2, 5, 5, 3), f 3, stride 2, mode max",
    ),
    ("pool_forward", "max and average swapped", [('== "max"', '!= "max"')], "The two modes are exchanged"),
    ("pool_forward", "always max", [("np.mean", "np.max")], "mode average"),
    ("pool_forward", "default average", [('mode="max"', 'mode="average"')], "A call without a mode"),
    (
        "pool_forward",
        "whole plane",
        [("vert_start : vert_start + f, horiz_start : horiz_start + f", ":, :")],
        "Every output looks at the whole image.",
    ),
    ("pool_forward", "window over channels", [(", c]\n", ", :]\n")], "A differs for A_prev (2, 5, 5, 3)"),
    (
        "pool_forward",
        "window side for stride",
        [('hparameters["stride"]', 'hparameters["f"]')],
        "A has shape (1, 1, 1, 1), expected (1, 2, 2, 1)",
    ),
    ("pool_forward", "first example read", [("A_prev[i,", "A_prev[0,")], "A[1, 1] = "),
    (
        "pool_forward",
        "height and width swapped",
        [("return A", "return A.swapaxes(1, 2)")],
        "Height and width are swapped.",
    ),
    (
        "pool_forward",
        "corners swapped",
        [
            (
                "vert_start : vert_start + f, horiz_start : horiz_start + f",
                "horiz_start : horiz_start + f, vert_start : vert_start + f",
            )
        ],
        "A differs",
    ),
    (
        "pool_forward",
        "maximum from zero",
        [("np.max(window)", "max(0, np.max(window))")],
        "mean of A = ",
    ),
    (
        "pool_forward",
        "zeros_like on whole numbers",
        [("np.zeros((m, n_H, n_W, n_C))", "np.zeros((m, n_H, n_W, n_C), A_prev.dtype)")],
        "room for fractions; a dtype taken over from whole-number inputs has none",
    ),
    ("pool_forward", "loops two rows only", [("range(n_H)", "range(min(n_H, 2))")], "mean of A = "),
    (
        "pool_forward",
        "no views",
        [("A_prev.shape\n", "A_prev.shape\n    assert A_prev.flags.c_contiguous\n")],
        "A_prev (2, 5, 8, 2) (a view), f 3, stride 2, mode max",
    ),
    ("pool_forward", "A alone", [("return A, cache", "return A")], "expected the tuple (A, cache)"),
    (
        "pool_forward",
        "cache order",
        [("(A_prev, hparameters)\n", "(hparameters, A_prev)\n")],
        "cache[0] is hparameters, expected A_prev",
    ),
    (
        "pool_forward",
        "result cached",
        [("(A_prev, hparameters)\n", "(A, hparameters)\n")],
        "cache[0] is an array of shape (1, 2, 2, 1)",
    ),
    ("pool_forward", "hparameters by position", F_FIRST, "A_prev (2, 5, 8, 2), stride 3, f 2, mode average"),
    # conv_backward
    (
        "conv_backward",
        "crop with minus pad",
        [("pad : pad + n_H_prev, pad : pad + n_W_prev", "pad:-pad, pad:-pad")],
        "The crop ends at minus pad.",
    ),
    (
        "conv_backward",
        "no pad of 0",
        [("    A_prev_pad = ", "    assert pad\n    A_prev_pad = ")],
        "Here pad is 0, so no ring is there",
    ),
    ("conv_backward", "stride ignored", STRIDE, "windows start one pixel apart"),
    ("conv_backward", "last example only", [("        dA_prev[i] =", "    dA_prev[i] =")], "all of them in example 0"),
    (
        "conv_backward",
        "random start of dA",
        [("dA_prev = np.zeros(A_prev.shape)", "dA_prev = 0.01 * np.random.randn(*A_prev.shape)")],
        "dA_prev differs",
    ),
    ("conv_backward", "random start of dW", [("np.zeros(W.shape)", "0.01 * np.random.randn(*W.shape)")], "dW differs"),
    ("conv_backward", "random start of db", [("np.zeros(b.shape)", "0.01 * np.random.randn(*b.shape)")], "db differs"),
    (
        "conv_backward",
        "dZ forgotten in dA",
        [("W[:, :, :, c] * dZ[i, h, w, c]", "W[:, :, :, c]")],
        "dA_prev gets the filters as they are.",
    ),
    (
        "conv_backward",
        "dZ forgotten in dW",
        [("window * dZ[i, h, w, c]", "window")],
        "dW gets the windows as they are.",
    ),
    ("conv_backward", "dZ counted in db", [("] += dZ[i, h, w, c]", "] += 1")], "db counts the positions"),
    ("conv_backward", "overwritten windows", [("horiz_end, :] += W", "horiz_end, :] = W")], "dA_prev differs"),
    (
        "conv_backward",
        "unpadded window",
        [("A_prev_pad = zero_pad(A_prev, pad)", "A_prev_pad = zero_pad(A_prev, 0)")],
        "of the padded window times its number of dZ",
    ),
    (
        "conv_backward",
        "padding kept",
        [("return dA_prev", "return dA_prev_pad")],
        "dA_prev still has its ring.",
    ),
    (
        "conv_backward",
        "mean over examples",
        [("return dA_prev, dW, db", "return dA_prev, dW / m, db / m")],
        "dW differs",
    ),
    (
        "conv_backward",
        "order of the three",
        [("return dA_prev, dW, db", "return dW, dA_prev, db")],
        "dA_prev has shape (2, 2, 1, 1)",
    ),
    (
        "conv_backward",
        "two of three",
        [("return dA_prev, dW, db", "return dA_prev, dW")],
        "returned a tuple of 2, expected the tuple (dA_prev, dW, db)",
    ),
    (
        "conv_backward",
        "db without its axes",
        [("return dA_prev, dW, db", "return dA_prev, dW, db[0, 0, 0]")],
        "db has shape (1,), expected (1, 1, 1, 1)",
    ),
    (
        "conv_backward",
        "zeros_like on whole numbers",
        [("np.zeros(A_prev.shape)", "np.zeros_like(A_prev)")],
        "have no room for fractions",
    ),
    (
        "conv_backward",
        "stride at most f",
        [("    A_prev_pad = ", "    assert stride <= f\n    A_prev_pad = ")],
        "pad 1, stride 3",
    ),
    (
        "conv_backward",
        "no views",
        [("    A_prev_pad = ", "    assert A_prev.flags.c_contiguous\n    A_prev_pad = ")],
        "dZ (1, 2, 2, 1) (a view), A_prev (1, 3, 3, 1) (a view)",
    ),
    ("conv_backward", "dZ overwritten", [("return dA_prev", "dZ *= 0; return dA_prev")], "dZ is no longer the same"),
    ("conv_backward", "hparameters by position", PAD_FIRST, "of float32, stride 2, pad 1"),
    # create_mask_from_window
    (
        "create_mask_from_window",
        "the maximum itself",
        [("x == np.max(x)", "np.max(x)")],
        "mask is the number 3, expected an array",
    ),
    (
        "create_mask_from_window",
        "ones and zeros",
        [("return mask", "return mask * 1")],
        "expected bool, which is True and False",
    ),
    (
        "create_mask_from_window",
        "the minimum",
        [("np.max", "np.min")],
        "expected mask = [[False, False], [False, True]]",
    ),
    (
        "create_mask_from_window",
        "absolute values",
        [("x == np.max(x)", "abs(x) == np.max(abs(x))")],
        "mask differs for x (2, 5)",
    ),
    ("create_mask_from_window", "row by row", [("np.max(x)", "np.max(x, axis=1, keepdims=True)")], "mask differs"),
    (
        "create_mask_from_window",
        "first tie only",
        [("x == np.max(x)", "(np.arange(x.size) == x.argmax()).reshape(x.shape)")],
        "Only one position is marked",
    ),
    (
        "create_mask_from_window",
        "positive only",
        [("x == np.max(x)", "(x == np.max(x)) & (x > 0)")],
        "In a window of negative numbers nothing is marked",
    ),
    (
        "create_mask_from_window",
        "x overwritten",
        [("return mask", "x[:] = mask; return mask")],
        "x is no longer the same",
    ),
    # distribute_value
    ("distribute_value", "height plus width", [("n_H * n_W", "n_H + n_W")], "height plus width"),
    ("distribute_value", "not divided", [(" / (n_H * n_W)", "")], "Every cell gets all of dz."),
    ("distribute_value", "dz forgotten", [("dz / ", "1 / ")], "all the shares together make dz again"),
    ("distribute_value", "dz cut to a whole number", [("dz / ", "int(dz) / ")], "differs for dz 2.5, shape (1, 3)"),
    ("distribute_value", "size of dz", [("dz / ", "abs(dz) / ")], "differs for dz -3, shape (2, 3)"),
    ("distribute_value", "whole-number division", [("dz / ", "dz // ")], "cut to whole numbers"),
    (
        "distribute_value",
        "cut to whole numbers",
        [("return a", "return a.astype(int)")],
        "room for fractions; a dtype taken over from whole-number inputs has none",
    ),
    ("distribute_value", "one number", [("return a", "return average")], "a is the number 0.5, expected an array"),
    ("distribute_value", "shape turned", [("return a", "return a.T")], "a has shape (3, 2), expected (2, 3)"),
    # pool_backward
    ("pool_backward", "stride ignored", STRIDE, "dA (1, 1, 2, 1) of whole numbers"),
    (
        "pool_backward",
        "stride ignored, average",
        [*STRIDE, ('== "max"', '== "max" and stride == 1')],
        "dA_prev differs",
    ),
    ("pool_backward", "dA forgotten", [("mask * dA[i, h, w, c]", "mask")], "every maximum gets 1"),
    ("pool_backward", "overwritten windows", [("+= share", "= share")], "Each window replaces what was there."),
    ("pool_backward", "max and average swapped", [('== "max"', '!= "max"')], "The two modes are exchanged"),
    (
        "pool_backward",
        "not shared",
        [("distribute_value(dA[i, h, w, c], (f, f))", "dA[i, h, w, c]")],
        "every cell of the window gets the whole number",
    ),
    ("pool_backward", "fixed dA", [("dA[i, h, w, c]", "dA[i, 0, 0, c]")], "dA_prev differs"),
    ("pool_backward", "mask times the window", [("mask * dA", "mask * A_prev[i, h, w, c] * dA")], "dA_prev differs"),
    (
        "pool_backward",
        "window over channels",
        [("horiz_end, c] += share", "horiz_end, :] += share[..., None]")],
        "dA_prev differs",
    ),
    ("pool_backward", "first example only", [("range(m)", "range(1)")], "dA_prev[1, 1]"),
    (
        "pool_backward",
        "shape of dA",
        [("return dA_prev", "return dA_prev[:, :n_H, :n_W]")],
        "dA_prev has shape (1, 2, 2, 1)",
    ),
    (
        "pool_backward",
        "zeros_like on whole numbers",
        [("np.zeros(A_prev.shape)", "np.zeros_like(A_prev)"), ("+= share", "+= share.astype(dA_prev.dtype)")],
        "room for fractions; a dtype taken over from whole-number inputs has none",
    ),
    (
        "pool_backward",
        "a tuple",
        [("return dA_prev", "return dA_prev, cache")],
        "dA_prev is a tuple of 2, expected an array",
    ),
    ("pool_backward", "stride at most f", [("dA_prev = np", "assert stride <= f\n    dA_prev = np")], "f 2, stride 3"),
    (
        "pool_backward",
        "no views",
        [("dA_prev = np", "assert dA.flags.c_contiguous\n    dA_prev = np")],
        "(a view), A_prev (2, 4, 5, 2) (a view), f 2, stride 2, mode max",
    ),
    ("pool_backward", "hparameters by position", F_FIRST, "stride 2, f 3, mode max"),
    (
        "pool_backward",
        "maximum from zero",
        [("mask * dA", "(mask & (A_prev[i, vert_start:vert_end, horiz_start:horiz_end, c] >= 0)) * dA")],
        "dA_prev differs",
    ),
    ("pool_backward", "dA overwritten", [("return dA_prev", "dA[:] = 0; return dA_prev")], "dA is no longer the same"),
]


@pytest.mark.parametrize(("name", "what", "changes", "telling"), WRONG, ids=[f"{row[0]}: {row[1]}" for row in WRONG])
def test_wrong_work_fails_and_is_told_why(name, what, changes, telling):
    said = message(name, *changes)
    assert unwrapped(telling) in unwrapped(said)
    assert "mend" not in said, "the helpers are right"
    assert "np." not in said
    assert len(said.splitlines()) <= 12
    assert all(len(line) <= (150 if line.startswith("  ") else 100) for line in said.splitlines())
    assert said.startswith(name) or f"{name} was called with" in said


@pytest.mark.parametrize("name", ["zero_pad", "conv_forward", "pool_forward", "conv_backward"])
def test_a_function_that_remembers_earlier_calls_by_their_sizes_fails(name):
    remembered: dict[str, Any] = {}

    def remembering(*args):
        inputs = [part for value in args for part in (value if isinstance(value, tuple) else (value,))]
        key = str([value.shape if isinstance(value, np.ndarray) else value for value in inputs])
        return remembered.setdefault(key, getattr(implementations, name)(*args))

    with pytest.raises(AssertionError, match=f"^{name}: "):
        check(name, remembering)


def test_every_function_meets_enough_wrong_implementations():
    counts = {name: sum(row[0] == name for row in WRONG) for name in FUNCTIONS}
    assert min(counts.values()) >= 7, counts
    assert len({(row[0], row[1]) for row in WRONG}) == len(WRONG) >= 45


def test_the_message_reads_as_the_style_guide_has_it():
    said = message("conv_forward", ("+ 2 * pad", ""), ("zero_pad(A_prev, pad)", "A_prev"))
    assert said.splitlines() == [
        "conv_forward: Z has shape (1, 1, 1, 1), expected (1, 2, 2, 1) for A_prev (1, 3, 3, 1),",
        "W (2, 2, 1, 1), pad 1, stride 2.",
        "The input is not padded: Z has the size without padding. A_prev gets pad rings of zeros before any",
        "window is cut out of it.",
        "Read again: 3. Zero padding.",
        "Rule: n_H = floor((n_H_prev - f + 2 * pad) / stride) + 1, and n_W likewise; one channel for each",
        "filter of W.",
    ]


def test_wrong_numbers_stand_below_those_that_were_given():
    said = message("conv_forward", ("b[:, :, :, c]", "0 * b[:, :, :, c]"))
    assert said.splitlines()[:-4] == [
        "conv_forward: Z differs for A_prev (1, 3, 3, 1), W (2, 2, 1, 1), pad 0, stride 1.",
        "  given    A_prev = [[2, 0, 1], [1, 3, 2], [0, 1, 4]], W = [[1, -1], [0, 2]], b = 1",
        "  got      Z[0, :, :, 0] = [[8, 3], [0, 9]]",
        "  expected Z[0, :, :, 0] = [[9, 4], [1, 10]]",
    ]


def test_numbers_that_look_alike_are_shown_with_more_digits():
    said = message("conv_single_step", ("return Z", "return Z * (1 + 1e-5)"))
    assert "got      Z = 9.00009\n" in said
    said = message("conv_single_step", ("return Z", "return Z * (1 + 1.2e-6 * (len(W) == 5))"))
    assert "got      Z = -3.54437131\n  expected Z = -3.54436706\n" in said


# Exceptions, helpers, state


def test_an_exception_arrives_unchanged_with_the_input_as_a_note():
    target = notebook(("zero_pad", "return X_pad", "return X_pad[pad, 'x']"))["zero_pad"]
    with pytest.raises(IndexError) as caught:
        check("zero_pad", target)
    assert caught.value.__notes__ == ["zero_pad was called with X (1, 3, 3, 1) of whole numbers, pad 1."]


def test_an_assertion_of_the_students_own_is_theirs():
    said = message("conv_single_step", ("return Z", "assert Z > 100, 'my own'; return Z"))
    assert said.startswith("my own\nconv_single_step was called with a_slice_prev (2, 2, 1), W (2, 2, 1).")


def test_a_bias_that_cannot_be_cast_is_explained():
    said = message("conv_single_step", ("b.item()", "int('one')"))
    assert "take the number out before you add it" in said


def test_the_commonest_cast_of_the_bias_passes_or_is_explained(capsys):
    changed = ("conv_single_step", "b.item()", "float(b)")
    try:  # a DeprecationWarning up to NumPy 2.3, a TypeError from 2.4
        check("conv_single_step", notebook(changed)["conv_single_step"])
        assert capsys.readouterr().out == "conv_single_step: all tests passed (5 inputs)\n"
    except TypeError as error:
        assert "take the number out before you add it" in error.__notes__[0]


HELPERS = [
    ("conv_forward", "zero_pad", ("(0, 0)))", "(0, 0)), constant_values=1)")),
    ("conv_forward", "conv_single_step", (" + b.item()", "")),
    ("conv_backward", "zero_pad", ("(0, 0)))", "(pad, pad)))")),
    ("pool_backward", "create_mask_from_window", ("np.max", "np.min")),
    ("pool_backward", "distribute_value", ("n_H * n_W", "1")),
]


@pytest.mark.parametrize(("name", "helper", "change"), HELPERS)
def test_a_broken_helper_is_named_in_the_first_line(name, helper, change, capsys):
    with pytest.raises(AssertionError) as caught:
        check(name, notebook((helper, *change))[name])
    said = str(caught.value)
    assert said.startswith(f"mend {helper} first: ")
    assert f"\n{name}" in said
    assert not capsys.readouterr().out


@pytest.mark.parametrize(("name", "helper"), [row[:2] for row in HELPERS])
def test_an_unwritten_helper_is_named_in_the_first_line(name, helper):
    said = message(name, **{helper: STUB.format(name=helper)})
    assert said.startswith(f"mend {helper} first: {helper} is not written yet")


def test_a_helper_that_raises_is_named_with_its_exception():
    said = message("conv_forward", zero_pad="def zero_pad(X, pad):\n    print('noise')\n    return X.padded(pad)\n")
    assert said.startswith("mend zero_pad first: it raises AttributeError: ")
    assert "\nconv_forward raised AttributeError: " in said


def test_a_broken_helper_that_is_not_used_changes_no_verdict(capsys):
    namespace = notebook(zero_pad=STUB.format(name="zero_pad"))
    namespace["conv_forward"].__globals__["zero_pad"] = implementations.zero_pad
    check("conv_forward", namespace["conv_forward"])
    own = inspect.getsource(implementations.conv_forward).replace(
        "zero_pad(A_prev, pad)", "np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))"
    )
    check("conv_forward", notebook(zero_pad=STUB.format(name="zero_pad"), conv_forward=own)["conv_forward"])


@pytest.mark.parametrize("stand_in", ["absent", 3, np.add])
def test_helpers_that_are_absent_or_no_functions_are_passed_over(stand_in):
    namespace = notebook(("conv_forward", "A_prev_pad = zero_pad(A_prev, pad)", "A_prev_pad = A_prev"))
    del namespace["zero_pad"]
    if stand_in != "absent":
        namespace["zero_pad"] = stand_in
    with pytest.raises((AssertionError, ValueError)) as caught:
        check("conv_forward", namespace["conv_forward"])
    assert "mend" not in str(caught.value)


class Padder:
    def __call__(self, X, pad):
        return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))


def test_an_object_that_can_be_called_will_do(capsys):
    check("zero_pad", Padder())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_numpys_own_random_state_is_left_alone(name, capsys):
    np.random.seed(5)
    expected = np.random.rand()
    np.random.seed(5)
    check(name, getattr(implementations, name))
    assert np.random.rand() == expected


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_target_that_spoils_its_inputs_does_not_spoil_the_next_run(name, capsys):
    def spoil(*args):
        for value in (*args, *(args[1] if isinstance(args[-1], tuple) else ())):
            if isinstance(value, np.ndarray):
                value.fill(7)
        return getattr(implementations, name)(*args)

    if name != "distribute_value":  # it gets no array
        with pytest.raises(AssertionError):
            check(name, spoil)
    check(name, getattr(implementations, name))


# What a notebook shows


@pytest.fixture(scope="module")
def shell() -> InteractiveShell:
    return InteractiveShell(colors="nocolor")


@pytest.fixture
def shown(shell, capsys) -> Callable[..., list[str]]:
    """``shown(name, *changes, **sources)``: what stands below a cell that runs one test, one function to a cell."""

    def run(name: str, *changes: tuple[str, str, str], **sources: str) -> list[str]:
        shell.reset()
        code = {each: sources.get(each) or inspect.getsource(getattr(implementations, each)) for each in FUNCTIONS}
        for each, old, new in changes:
            code[each] = code[each].replace(old, new)
        for cell in ["import numpy as np\nfrom public_tests import *", *code.values()]:
            shell.run_cell(cell, store_history=True).raise_error()
        capsys.readouterr()
        assert not shell.run_cell(f"{name}_test({name})", store_history=True).success
        return capsys.readouterr().out.rstrip().splitlines()

    return run


BY_HAND, _, _ = PUBLIC_TESTS.read_text().partition("# Generated")
OURS = {line.strip() for line in BY_HAND.splitlines() if len(line.strip()) > 12}
SHOWN = {
    "wrong numbers": (
        "conv_forward",
        [("conv_forward", "h * stride", "h"), ("conv_forward", "w * stride", "w")],
        "AssertionError: conv_forward: Z differs for A_prev (1, 3, 3, 1), W (2, 2, 1, 1), pad 1, stride 2.",
        "expected Z[0, :, :, 0] = [[5, 3], [0, 10]]",
    ),
    "a wrong shape": (
        "pool_forward",
        [("pool_forward", "// stride", "")],
        "AssertionError: pool_forward: A has shape (2, 3, 3, 3), expected (2, 2, 2, 3) for A_prev (2, 5, 5, 3), f 3,",
        "Read again: 6. Pooling.",
    ),
    "an exception": (
        "zero_pad",
        [("zero_pad", "return X_pad", "return X_pad[pad, 'x']")],
        "-" * 75,
        "----> 3     return X_pad[pad, 'x']",
    ),
    "arguments that do not fit": (
        "zero_pad",
        [("zero_pad", "(X, pad):", "(X):\n    pad = 1")],
        "AssertionError: zero_pad(X, pad) cannot be called: zero_pad() takes 1 positional argument but 2 were",
        "given",
    ),
    "a wrong helper": (
        "conv_forward",
        [("zero_pad", "(0, 0)))", "(0, 0)), constant_values=1)")],
        "AssertionError: mend zero_pad first: X_pad differs for X (1, 3, 3, 1) of whole numbers, pad 1.",
        "conv_forward: Z differs",
    ),
    "a helper that raises": (
        "conv_forward",
        [("zero_pad", "return X_pad", "return X_pad.ring")],
        "AssertionError: mend zero_pad first: it raises AttributeError: ",
        "conv_forward raised AttributeError: ",
    ),
}


@pytest.mark.parametrize(("name", "changes", "first", "further"), SHOWN.values(), ids=SHOWN)
def test_a_notebook_shows_the_message_and_nothing_of_our_own_lines(shown, name, changes, first, further):
    lines = shown(name, *changes)
    assert lines[0].startswith(first)
    assert further in "\n".join(lines)
    assert len(lines) <= 14
    assert not [line for line in lines if any(ours in line for ours in OURS)]
    assert "public_tests.py" not in "\n".join(lines)


def test_a_notebook_shows_two_lines_for_a_stub(shown):
    first, _ = shown("conv_backward", conv_backward=STUB.format(name="conv_backward"))
    assert first == ("NotImplementedError: conv_backward is not written yet (optional: it costs nothing if left open).")


def test_a_notebook_shows_the_input_below_an_exception_of_the_students_own(shown):
    lines = shown("zero_pad", ("zero_pad", "return X_pad", "return X_pad[pad, 'x']"))
    assert lines[-1] == "zero_pad was called with X (1, 3, 3, 1) of whole numbers, pad 1."
    assert [line for line in lines if line.startswith("----> 1 zero_pad_test(zero_pad)")]


def test_outside_a_notebook_a_failure_is_an_ordinary_traceback(tmp_path):
    code = "from public_tests import zero_pad_test\nzero_pad_test(lambda X, pad: X)"
    done = subprocess.run([sys.executable, "-c", code], cwd=COURSE, capture_output=True, text=True, check=False)
    assert done.stderr.startswith("Traceback (most recent call last):")
    assert "\nAssertionError: zero_pad: X_pad has shape (1, 3, 3, 1), expected (1, 5, 5, 1)" in done.stderr


# The file itself


def test_star_import_brings_the_tests_and_nothing_else():
    namespace: dict[str, Any] = {}
    exec("from public_tests import *", namespace)  # noqa: S102  as the notebook does
    namespace.pop("__builtins__")
    others = {"conv_forward_test_1", "conv_forward_test_2", "pool_forward_test_1", "pool_forward_test_2"}
    assert set(namespace) == {f"{name}_test" for name in FUNCTIONS} | others
    assert sorted(public_tests.__all__) == public_tests.__all__


def test_it_needs_nothing_but_numpy():
    tree = ast.parse(PUBLIC_TESTS.read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported - set(sys.stdlib_module_names) == {"numpy"}


def test_it_works_in_a_plain_namespace_of_another_process():
    code = f"from pathlib import Path; source = Path({str(PUBLIC_TESTS)!r}).read_text(); import numpy as np\n"
    code += inspect.getsource(implementations.zero_pad)
    code += "\nspace = {}; exec(source, space); space['zero_pad_test'](zero_pad)"
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("zero_pad: all tests passed (6 inputs)\n", "")


def test_the_copy_that_students_get_is_the_same_to_the_byte():
    assert (COURSE / "source" / "cnn_step_by_step" / "public_tests.py").read_bytes() == PUBLIC_TESTS.read_bytes()
