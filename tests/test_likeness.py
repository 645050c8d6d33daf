"""Likeness: two answers are the same answer where a right one may differ from the reference as much."""

from __future__ import annotations

import numpy as np
import pytest

from stepgrade.diagnose.likeness import alike
from stepgrade.judge import NotDefined, Raised, Returned, Stopped
from stepgrade.judge.wire import Foreign
from stepgrade.result import EndState

ONES = np.ones((2, 3))


def returned(value, *arguments_after):
    return Returned(value, arguments_after)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(ONES, ONES.copy(), id="equal arrays"),
        pytest.param(ONES, ONES * (1 + 1e-7), id="as close as float64 asks for"),
        pytest.param(ONES, ONES.astype(int), id="whole numbers that are integers"),
        pytest.param(ONES, ONES.astype(np.float32), id="another precision"),
        pytest.param(1.5, np.float64(1.5), id="a number of Python's and one of NumPy's"),
        pytest.param(np.float64(1.5), np.array(1.5), id="a number and an array without axes"),
        pytest.param(np.array([np.nan, np.inf]), np.array([np.nan, np.inf]), id="NaN and infinity at the same places"),
        pytest.param((ONES, 2), [ONES, 2], id="a tuple and a list"),
        pytest.param({"f": 2, "stride": 1}, {"stride": 1, "f": 2}, id="dictionaries in another order"),
        pytest.param(None, None, id="nothing"),
        pytest.param("max", "max", id="text"),
        pytest.param(np.zeros((2, 0)), np.zeros((2, 0)), id="empty arrays"),
        pytest.param([], (), id="empty containers"),
        pytest.param(True, np.True_, id="truth values"),
    ],
)
def test_alike(one, other):
    assert alike(returned(one), returned(other))
    assert alike(returned(other), returned(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(ONES, ONES * (1 + 1e-5), id="farther than float64 allows"),
        pytest.param(ONES, ONES.T, id="transposed"),
        pytest.param(ONES[0, 0], ONES[:1, 0], id="a number and an array of one"),
        pytest.param(ONES, np.ones((1, 2, 3)), id="one axis more"),
        pytest.param(np.zeros((2, 0)), np.zeros((0, 2)), id="empty arrays of different shapes"),
        pytest.param(ONES, ONES == 1, id="numbers and truth values"),
        pytest.param(1, True, id="a number and a truth value"),
        pytest.param(np.array([np.nan, 0.0]), np.array([0.0, np.nan]), id="NaN elsewhere"),
        pytest.param(np.array([np.inf]), np.array([-np.inf]), id="the opposite infinity"),
        pytest.param((ONES, 2), (ONES, 2, 3), id="one entry more"),
        pytest.param((ONES, 2), ONES, id="a tuple and its first entry"),
        pytest.param([1, 2], np.array([1, 2]), id="a list and an array"),
        pytest.param([[1], [1, 2]], [[1], [2, 1]], id="ragged lists"),
        pytest.param({"f": 2}, {"f": 2, "stride": 1}, id="another key"),
        pytest.param({"f": 2}, {"f": 3}, id="another value"),
        pytest.param({}, (), id="a dictionary and a tuple"),
        pytest.param(None, 0, id="nothing and a number"),
        pytest.param("max", "average", id="text"),
        pytest.param("2", 2, id="text and a number"),
        pytest.param(Foreign("Tensor"), Foreign("Tensor"), id="objects of which only the type's name arrived"),
        pytest.param(10**30, 10**30, id="a number that no array holds"),
    ],
)
def test_not_alike(one, other):
    assert not alike(returned(one), returned(other))
    assert not alike(returned(other), returned(one))


def test_float32_inputs_allow_what_a_check_allows_there():
    inputs = ONES.astype(np.float32)
    one, other = 1e3 * ONES, 1e3 * ONES + 0.5
    assert alike(returned(one, inputs), returned(other, inputs))
    assert alike(returned(one, (inputs, {"f": 2})), returned(other, (inputs, {"f": 2})))
    assert not alike(returned(one, ONES), returned(other, ONES))


def test_what_became_of_the_inputs_counts():
    assert alike(returned(ONES, ONES, {"f": 2}), returned(ONES, ONES.copy(), {"f": 2}))
    assert not alike(returned(ONES, ONES), returned(ONES, 2 * ONES))
    assert not alike(returned(ONES, {"f": 2}), returned(ONES, {}))


def test_exceptions_are_alike_whatever_their_type():
    assert alike(Raised("ValueError", "shapes"), Raised("IndexError"))


def test_an_exception_is_like_no_value():
    assert not alike(Raised("ValueError"), returned(None))
    assert not alike(returned(None), Raised("ValueError"))


@pytest.mark.parametrize("answer", [Stopped(EndState.TIMED_OUT, ""), NotDefined()])
def test_where_there_was_no_answer_nothing_is_alike(answer):
    assert not alike(answer, answer)
