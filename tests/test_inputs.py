"""The small inputs for a smallest example: the docstrings allow each of them, and together they show every slip."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from stepgrade.diagnose.recognition import answer_of
from stepgrade.judge import Returned, Values
from tests.test_public_tests import FUNCTIONS

DTYPES = {np.dtype(np.float64), np.dtype(np.float32), np.dtype(np.int64)}
thoroughly = settings(max_examples=150, deadline=None)


@pytest.fixture(scope="session")
def inputs(hidden):
    return hidden("inputs").INPUTS


@pytest.fixture(scope="session")
def specifications(hidden):
    return hidden("checks").QUESTIONS


def windows(A_prev, f, stride):
    """Yield every window that pooling looks at."""
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    tops, lefts = range(0, n_H_prev - f + 1, stride), range(0, n_W_prev - f + 1, stride)
    for i, c, top, left in itertools.product(range(m), range(n_C), tops, lefts):
        yield A_prev[i, top : top + f, left : left + f, c]


def assert_numbers(array, n_axes):
    assert array.ndim == n_axes
    assert array.size
    assert array.dtype in DTYPES
    assert np.isfinite(array).all()


def assert_convolution(A_prev, W, b, hparameters):
    assert_numbers(A_prev, 4)
    assert_numbers(W, 4)
    assert_numbers(b, 4)
    f, f_too, n_C_prev, n_C = W.shape
    assert f == f_too >= 1
    assert n_C_prev == A_prev.shape[3]
    assert b.shape == (1, 1, 1, n_C)
    assert set(hparameters) == {"stride", "pad"}
    assert all(type(number) is int for number in hparameters.values())
    assert hparameters["stride"] >= 1
    assert hparameters["pad"] >= 0
    assert f <= min(A_prev.shape[1:3]) + 2 * hparameters["pad"]


def assert_pooling(A_prev, hparameters, mode="max"):
    assert_numbers(A_prev, 4)
    assert set(hparameters) == {"f", "stride"}
    assert all(type(number) is int and number >= 1 for number in hparameters.values())
    assert hparameters["f"] <= min(A_prev.shape[1:3])
    assert mode in {"max", "average"}
    assert all(len(np.unique(window)) == window.size for window in windows(A_prev, **hparameters)), "a tie"


@pytest.mark.parametrize("question", FUNCTIONS)
@thoroughly
@given(data=st.data())
def test_the_reference_takes_every_input_and_leaves_it_as_it_is(inputs, specifications, question, data):
    case, spec = data.draw(inputs[question]), specifications[question]
    answer = answer_of(spec.reference, case)
    assert isinstance(answer, Returned)
    np.testing.assert_equal(answer.arguments_after, tuple(case.arguments.values()))
    parts = [part for part in spec.returns if part != "cache"]
    assert Values(parts[0], tuple(parts[1:]), "fiub").verify(spec, [case], [answer]) is None


@pytest.mark.parametrize("question", FUNCTIONS)
@thoroughly
@given(data=st.data())
def test_its_arguments_are_those_of_the_question(inputs, specifications, question, data):
    case = data.draw(inputs[question])
    parameters = specifications[question].parameters
    assert tuple(case.arguments) == parameters[: len(case.arguments)]
    assert set(parameters[len(case.arguments) :]) <= {"mode"}
    assert all(len(case.arguments[name]) == len(entries) for name, entries in case.parts.items())


@thoroughly
@given(data=st.data())
def test_padding_has_a_batch_and_a_ring(inputs, data):
    X, pad = data.draw(inputs["zero_pad"]).arguments.values()
    assert_numbers(X, 4)
    assert type(pad) is int
    assert pad >= 0


@thoroughly
@given(data=st.data())
def test_a_step_has_a_window_and_a_filter_of_one_shape_and_one_bias(inputs, data):
    a_slice_prev, W, b = data.draw(inputs["conv_single_step"]).arguments.values()
    assert_numbers(a_slice_prev, 3)
    assert_numbers(W, 3)
    f, f_too, _ = a_slice_prev.shape
    assert a_slice_prev.shape == W.shape
    assert f == f_too
    assert b.shape == (1, 1, 1)


@thoroughly
@given(data=st.data())
def test_a_convolution_has_filters_that_fit_into_the_padded_input(inputs, data):
    assert_convolution(**data.draw(inputs["conv_forward"]).arguments)


@thoroughly
@given(data=st.data())
def test_pooling_has_windows_that_fit_into_the_input_and_no_tie_in_any(inputs, data):
    assert_pooling(**data.draw(inputs["pool_forward"]).arguments)


@thoroughly
@given(data=st.data())
def test_a_gradient_of_a_convolution_has_the_shape_of_its_output(inputs, specifications, data):
    dZ, cache = data.draw(inputs["conv_backward"]).arguments.values()
    assert_convolution(*cache)
    assert_numbers(dZ, 4)
    assert dZ.shape == specifications["conv_forward"].reference(*cache)[0].shape


@thoroughly
@given(data=st.data())
def test_a_gradient_of_pooling_has_the_shape_of_its_output(inputs, specifications, data):
    dA, cache, *mode = data.draw(inputs["pool_backward"]).arguments.values()
    assert_pooling(*cache, *mode)
    assert_numbers(dA, 4)
    assert dA.shape == specifications["pool_forward"].reference(*cache)[0].shape


@thoroughly
@given(data=st.data())
def test_a_window_for_a_mask_has_its_maximum_at_one_position_or_at_two(inputs, data):
    (x,) = data.draw(inputs["create_mask_from_window"]).arguments.values()
    assert_numbers(x, 2)
    assert np.count_nonzero(x == x.max()) in {1, 2}


@thoroughly
@given(data=st.data())
def test_what_is_shared_is_a_number_and_there_is_a_shape(inputs, data):
    dz, shape = data.draw(inputs["distribute_value"]).arguments.values()
    assert type(dz) in {int, float}
    assert dz
    assert len(shape) == 2
    assert all(type(side) is int and side >= 1 for side in shape)


# Together they show what there is to see


def exists(strategy, condition):
    phases = Phase.generate, Phase.shrink
    return find(strategy, condition, settings=settings(max_examples=2000, deadline=None, database=None, phases=phases))


@pytest.mark.parametrize("question", ["conv_forward", "pool_forward"])
@pytest.mark.parametrize(
    "is_so",
    [
        pytest.param(lambda A_prev, hparameters: A_prev.shape[1] != A_prev.shape[2], id="height and width differ"),
        pytest.param(lambda A_prev, hparameters: len(A_prev) > 1, id="several examples"),
        pytest.param(lambda A_prev, hparameters: A_prev.shape[3] > 1, id="several channels"),
        pytest.param(lambda A_prev, hparameters: A_prev.shape[3] == len(A_prev) == 1, id="one example, one channel"),
        pytest.param(lambda A_prev, hparameters: hparameters["stride"] > 1, id="a stride"),
        pytest.param(lambda A_prev, hparameters: A_prev.max() < 0, id="negative numbers only"),
        pytest.param(lambda A_prev, hparameters: A_prev.dtype == np.int64, id="whole numbers"),
        pytest.param(lambda A_prev, hparameters: A_prev.dtype == np.float32, id="float32"),
        pytest.param(lambda A_prev, hparameters: next(iter(hparameters)) == "stride", id="stride first"),
        pytest.param(lambda A_prev, hparameters: next(reversed(hparameters)) == "stride", id="stride last"),
    ],
)
def test_there_is_an_input_for_every_kind_of_slip(inputs, question, is_so):
    exists(inputs[question], lambda case: is_so(case.arguments["A_prev"], case.arguments["hparameters"]))


@pytest.mark.parametrize("mode", ["max", "average", None])
def test_pooling_comes_in_both_modes_and_without_one(inputs, mode):
    for question in ("pool_forward", "pool_backward"):
        exists(inputs[question], lambda case: case.arguments.get("mode") == mode)


def test_the_smallest_of_all_shows_more_than_a_pixel(inputs):
    smallest = exists(inputs["conv_forward"], lambda case: True).arguments
    assert smallest["A_prev"].tolist() == [[[[1], [2], [3]], [[4], [5], [6]]]]
    assert smallest["W"].shape == (2, 2, 1, 1)
