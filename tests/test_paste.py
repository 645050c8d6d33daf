"""Pasted lines: run in a cell, they make the very arguments, call the function and print what is in question."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepgrade.diagnose.paste import WIDTH, pasted
from stepgrade.judge import Case, Specification
from tests.test_public_tests import FUNCTIONS

TWO = Specification("both", ("x", "cache"), ("y", "cache"), lambda x, cache: (x, cache), ())


def run(spec, lines, answers=("first", "second", "third")):
    """Run the lines in a cell of their own; return the arguments that the function got, and what was printed."""
    got, printed = [], []

    def function(*arguments):
        got.append(arguments)
        return answers[: len(spec.returns)] if len(spec.returns) > 1 else answers[0]

    exec("\n".join(lines), {"np": np, spec.function: function, "print": printed.append})  # noqa: S102 our own text
    (arguments,) = got
    return arguments, printed


def assert_same(one, other):
    assert type(one) is type(other)
    if isinstance(one, tuple):
        assert len(one) == len(other)
        for pair in zip(one, other, strict=True):
            assert_same(*pair)
    elif isinstance(one, np.ndarray):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        np.testing.assert_array_equal(one, other)
    elif isinstance(one, dict):
        assert list(one.items()) == list(other.items())
    else:
        assert one == other


@pytest.mark.parametrize("question", FUNCTIONS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_run_the_lines_give_the_very_arguments(hidden, question, data):
    case = data.draw(hidden("inputs").INPUTS[question])
    spec = hidden("checks").QUESTIONS[question]
    arguments, _ = run(spec, pasted(spec, case))
    assert_same(arguments, tuple(case.arguments.values()))


@pytest.mark.parametrize("question", FUNCTIONS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_line_is_longer_than_a_cell_is_wide(hidden, question, data):
    case = data.draw(hidden("inputs").INPUTS[question])
    assert max(map(len, pasted(hidden("checks").QUESTIONS[question], case))) <= WIDTH


@pytest.mark.parametrize(
    "array",
    [
        pytest.param(np.random.default_rng(0).normal(size=(2, 3, 4)) * 1e-9, id="many digits and exponents"),
        pytest.param(np.random.default_rng(0).normal(size=(3, 3)).astype(np.float32), id="float32"),
        pytest.param(np.array([[True, False]]), id="truth values"),
        pytest.param(np.zeros((2, 0, 3)), id="empty"),
        pytest.param(np.array(2.5), id="without axes"),
        pytest.param(np.array([-(2**62), 2**62]), id="large whole numbers"),
        pytest.param(np.arange(12.0).reshape(3, 4)[:, ::2], id="not contiguous"),
    ],
)
def test_every_kind_of_array_comes_back(array):
    case = Case({"x": array, "cache": None})
    arguments, _ = run(TWO, pasted(TWO, case))
    assert_same(arguments, (array, None))


def test_all_outputs_are_printed_where_none_is_in_question():
    assert pasted(TWO, Case({"x": 1, "cache": None})) == ("x = 1", "cache = None", "print(both(x, cache))")


def test_only_the_output_in_question_is_printed():
    lines = pasted(TWO, Case({"x": 1, "cache": None}), "y")
    assert lines[-2:] == ("y, cache = both(x, cache)", "print(y)")
    assert run(TWO, lines)[1] == ["first"]


def test_a_single_output_needs_no_name():
    one = Specification("one", ("x",), ("y",), lambda x: x, ())
    assert pasted(one, Case({"x": "max"}), "y") == ("x = 'max'", "print(one(x))")


def test_the_entries_of_a_tuple_are_named_first():
    case = Case({"x": 1, "cache": (np.ones(2), {"f": 2})}, {"cache": ("A_prev", "hparameters")})
    assert pasted(TWO, case) == (
        "x = 1",
        "A_prev = np.reshape([1.0, 1.0], (2,))",
        "hparameters = {'f': 2}",
        "cache = (A_prev, hparameters)",
        "print(both(x, cache))",
    )
