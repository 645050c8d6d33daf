"""What a wrong number is made from: told where it comes from other entries than it should, and only there."""

from __future__ import annotations

import numpy as np
import pytest

from stepgrade.diagnose import reading as room
from stepgrade.diagnose.reading import MAX_ENTRIES, reading
from stepgrade.diagnose.recognition import answer_of
from stepgrade.diagnose.smallest import SmallestInput
from stepgrade.judge import Case, Raised, Returned, Specification, Values, finding_without_value

IMAGE = np.arange(12.0).reshape(1, 3, 4, 1)


@pytest.fixture(scope="session")
def specifications(hidden):
    return hidden("checks").QUESTIONS


@pytest.fixture
def told(specifications):
    """``told(question, part, function, case)``: the reading for the first difference in that part."""

    def reading_of(question, part, function, case):
        spec = question if isinstance(question, Specification) else specifications[question]
        return reading(spec, smallest_of(spec, part, function, case), asking(function))

    return reading_of


def asking(function):
    return lambda calls: [answer_of(function, Case(dict(enumerate(arguments)))) for arguments in calls]


def smallest_of(spec, part, function, case):
    answer = answer_of(function, case)
    if not isinstance(answer, Returned):
        return SmallestInput(case, answer, finding_without_value(spec, case, answer))
    finding = Values(part).verify(spec, [case], [answer])
    assert finding is not None
    return SmallestInput(case, answer, finding)


def places(entries):
    return set(map(tuple, np.argwhere(entries).tolist()))


def pooling(mode, A_prev=IMAGE):
    return Case({"A_prev": A_prev, "hparameters": {"f": 2, "stride": 1}, "mode": mode})


def one_pixel_to_the_right(A_prev, hparameters, mode="max"):
    """Pool 2x2 windows of stride 1, each of them one pixel off; the last one as it should be."""
    pool = np.max if mode == "max" else np.mean
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    A = np.zeros((m, n_H_prev - 1, n_W_prev - 1, n_C))
    for i, h, w, c in np.ndindex(A.shape):
        left = min(w + 1, n_W_prev - 2)
        A[i, h, w, c] = pool(A_prev[i, h : h + 2, left : left + 2, c])
    return A, (A_prev, hparameters)


@pytest.mark.parametrize("mode", ["max", "average"])
def test_a_window_one_pixel_off_is_told(told, mode):
    seen = told("pool_forward", "A", one_pixel_to_the_right, pooling(mode))
    assert seen.name == "A_prev"
    assert places(seen.read) == {(0, 0, 1, 0), (0, 0, 2, 0), (0, 1, 1, 0), (0, 1, 2, 0)}
    assert places(seen.expected) == {(0, 0, 0, 0), (0, 0, 1, 0), (0, 1, 0, 0), (0, 1, 1, 0)}
    np.testing.assert_array_equal(seen.values, IMAGE)


@pytest.mark.parametrize("mode", ["max", "average"])
def test_it_is_told_of_whole_numbers_and_of_negative_ones_too(told, mode):
    for image in (IMAGE.astype(np.int64), IMAGE.astype(np.float32), IMAGE - 20):
        seen = told("pool_forward", "A", one_pixel_to_the_right, pooling(mode, image))
        assert places(seen.read) == {(0, 0, 1, 0), (0, 0, 2, 0), (0, 1, 1, 0), (0, 1, 2, 0)}


def test_no_entry_is_read_where_a_number_was_never_filled_in(told):
    def empty(A_prev, hparameters, mode="max"):
        return np.zeros((1, 2, 3, 1)), (A_prev, hparameters)

    seen = told("pool_forward", "A", empty, pooling("max"))
    assert places(seen.read) == set()
    assert len(places(seen.expected)) == 4


def convolution():
    W, b = np.array([1.0, 2, -3, 4]).reshape(2, 2, 1, 1), np.full((1, 1, 1, 1), 5.0)
    return Case({"A_prev": IMAGE - 5, "W": W, "b": b, "hparameters": {"stride": 1, "pad": 0}})


@pytest.mark.parametrize("fault", ["bias_subtracted", "bias_twice", "bias_in_every_product", "relu_applied"])
def test_where_all_is_read_that_should_be_nothing_is_told(told, hidden, fault):
    function = hidden("misconceptions").CATALOGUES["conv_forward"].imitate(frozenset({fault}))
    assert told("conv_forward", "Z", function, convolution()) is None


def test_an_array_that_is_not_read_at_all_is_told(told, hidden):
    function = hidden("misconceptions").CATALOGUES["conv_forward"].imitate(frozenset({"bias_forgotten"}))
    seen = told("conv_forward", "Z", function, convolution())
    assert (seen.name, places(seen.read), places(seen.expected)) == ("b", set(), {(0, 0, 0, 0)})


def test_an_entry_of_a_tuple_has_its_own_name(told, hidden):
    function = hidden("misconceptions").CATALOGUES["conv_backward"].imitate(frozenset({"filter_flipped"}))
    parts = {"cache": ("A_prev", "W", "b", "hparameters")}
    case = Case({"dZ": np.ones((1, 2, 3, 1)), "cache": tuple(convolution().arguments.values())}, parts)
    seen = told("conv_backward", "dA_prev", function, case)
    assert (seen.name, places(seen.read), places(seen.expected)) == ("W", {(1, 1, 0, 0)}, {(0, 0, 0, 0)})


# Where nothing is told


def test_not_of_truth_values_which_no_change_of_one_entry_need_turn(specifications):
    def row_by_row(x):
        return x == x.max(axis=1, keepdims=True)

    case, spec = Case({"x": np.arange(6.0).reshape(2, 3)}), specifications["create_mask_from_window"]
    answer = answer_of(row_by_row, case)
    finding = Values("mask", kinds="b").verify(spec, [case], [answer])
    assert reading(spec, SmallestInput(case, answer, finding), asking(row_by_row)) is None


@pytest.mark.parametrize(
    "function",
    [
        pytest.param(lambda A_prev, *_: (A_prev, None), id="another shape"),
        pytest.param(lambda A_prev, *_: (np.full((1, 2, 3, 1), np.nan), None), id="not finite"),
        pytest.param(lambda *_: 1 / 0, id="an exception"),
        pytest.param(lambda *_: None, id="nothing returned"),
    ],
)
def test_not_where_no_number_is_wrong(told, function):
    assert told("pool_forward", "A", function, pooling("max")) is None


@pytest.mark.parametrize("change", [lambda A: A.sum(), lambda A: A[:, :0], lambda A: A[..., 0]])
def test_not_where_a_changed_input_changes_what_comes_back(told, change):
    def moody(A_prev, hparameters, mode="max"):
        A, cache = one_pixel_to_the_right(A_prev, hparameters, mode)
        return (A if A_prev.max() == IMAGE.max() else change(A)), cache

    assert told("pool_forward", "A", moody, pooling("max")) is None


def test_not_where_a_changed_input_raises(told):
    def refusing(A_prev, hparameters, mode="max"):
        if A_prev.max() > 100:
            raise ValueError
        return one_pixel_to_the_right(A_prev, hparameters, mode)

    assert told("pool_forward", "A", refusing, pooling("max")) is None


def test_not_of_more_entries_than_are_tried(told):
    most = np.arange(float(MAX_ENTRIES)).reshape(1, 10, -1, 1)
    too_many = np.arange(MAX_ENTRIES + 1.0).reshape(1, 11, 11, 1)
    assert told("pool_forward", "A", one_pixel_to_the_right, pooling("max", most)) is not None
    assert told("pool_forward", "A", one_pixel_to_the_right, pooling("max", too_many)) is None


def test_the_number_of_calls_is_bounded(specifications):
    asked = []

    def ask(calls):
        asked.extend(calls)
        return asking(one_pixel_to_the_right)(calls)

    smallest = smallest_of(specifications["pool_forward"], "A", one_pixel_to_the_right, pooling("max"))
    reading(specifications["pool_forward"], smallest, ask)
    assert len(asked) == 1 + IMAGE.size * len(room.CHANGES)


def test_the_input_itself_stays_as_it_is(told):
    case = pooling("max", IMAGE.copy())
    told("pool_forward", "A", one_pixel_to_the_right, case)
    np.testing.assert_array_equal(case.arguments["A_prev"], IMAGE)


def test_an_exception_has_no_reading(specifications):
    spec, case = specifications["pool_forward"], pooling("max")
    finding = finding_without_value(spec, case, Raised("ValueError"))
    assert reading(spec, SmallestInput(case, Raised("ValueError"), finding), asking(one_pixel_to_the_right)) is None
