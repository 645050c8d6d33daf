"""The smallest input: it is found for every misconception, in few calls, and is the same each time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import strategies as st

from stepgrade.diagnose import smallest
from stepgrade.diagnose.recognition import answer_of
from stepgrade.diagnose.smallest import MAX_CALLS, smallest_input
from stepgrade.judge import Case, Property, Raised, Returned, Specification, Stopped, Unchanged, Values, judge
from stepgrade.result import EndState, Outcome
from tests.test_public_tests import FUNCTIONS

SEED = "5a" * 32
MOST_ENTRIES = 40  # of all arrays together
DOUBLE = Specification("double", ("x",), ("y",), lambda x: 2.0 * x, ())
RIGHT = DOUBLE.reference


@st.composite
def arrays(draw):
    return Case({"x": np.full(draw(st.integers(1, 12)), float(draw(st.integers(0, 1000))))})


ARRAYS = arrays()


class Asked:
    """Asks a function of this process, and keeps what was asked."""

    def __init__(self, function):
        self._function = function
        self.inputs = []

    def __call__(self, calls):
        self.inputs += [arguments[0] for arguments in calls]
        return [answer_of(self._function, Case(dict(enumerate(arguments)))) for arguments in calls]


def search(ask, *, requirement=Values("y"), inputs=ARRAYS, seed=SEED):  # noqa: B008 immutable
    return smallest_input(DOUBLE, requirement, inputs, seed, ask)


def wrong_from(length, number):
    return lambda x: RIGHT(x) + (len(x) >= length and x[0] >= number)


@pytest.mark.parametrize(("length", "number"), [(1, 0), (1, 17), (3, 0), (5, 640), (8, 3)])
def test_it_is_the_smallest_that_is_wrong(length, number):
    found = search(Asked(wrong_from(length, number)))
    assert found.case.arguments["x"].tolist() == [number] * length


def test_it_comes_with_what_the_function_made_of_it_and_what_is_wrong_with_that():
    found = search(Asked(wrong_from(2, 3)))
    assert found.answer.value.tolist() == [7, 7]
    assert found.finding.message == "double: y differs at 2 of 2 positions, first at (0,), for x (2,)."


def test_what_raises_is_wrong_too():
    def raising(x):
        if len(x) == 4:
            raise IndexError
        return RIGHT(x)

    found = search(Asked(raising))
    assert len(found.case.arguments["x"]) == 4
    assert found.answer == Raised("IndexError")
    assert found.finding.code == "raised"


def test_another_requirement_has_another_smallest_input():
    def spoiling(x):
        y = RIGHT(x)
        x[3:] = 0
        return y

    found = search(Asked(spoiling), requirement=Unchanged())
    assert found.case.arguments["x"].tolist() == [1, 1, 1, 1]
    assert found.finding.code == "input_modified"


def test_in_place_of_a_relation_between_several_answers_the_values_of_one_are_asked_for():
    def relation(cases, values):
        raise AssertionError("no relation of several calls can be asked of one")

    found = search(Asked(wrong_from(2, 0)), requirement=Property(relation))
    assert found.finding.code == "wrong_values"
    assert len(found.case.arguments["x"]) == 2


def test_for_right_work_none_is_found_in_a_bounded_number_of_calls():
    asked = Asked(RIGHT)
    assert search(asked) is None
    assert 0 < len(asked.inputs) <= MAX_CALLS


def test_work_that_is_always_wrong_needs_few_calls():
    asked = Asked(lambda x: 3 * x + 1)
    assert search(asked).case.arguments["x"].tolist() == [0]
    assert len(asked.inputs) <= 20


LONG_WAY_DOWN = st.builds(lambda numbers: Case({"x": np.array(numbers)}), st.lists(st.integers(1, 10**4), min_size=9))


def test_the_number_of_calls_is_bounded_however_long_the_way_to_the_smallest_is(monkeypatch):
    monkeypatch.setattr(smallest, "MAX_CALLS", 30)
    asked = Asked(lambda x: RIGHT(x) + (x.sum() > 10**4))
    found = search(asked, inputs=LONG_WAY_DOWN)
    assert len(asked.inputs) == 30
    assert found.case.arguments["x"].sum() > 10**4  # perhaps not the smallest, but a wrong one


def test_no_input_is_asked_twice():
    asked = Asked(wrong_from(3, 100))
    search(asked)
    assert len({x.tobytes() for x in asked.inputs}) == len(asked.inputs)


def test_the_same_seed_asks_the_same_and_finds_the_same():
    first, again, other = (Asked(lambda x: RIGHT(x) + (x.sum() > 10**4)) for _ in range(3))
    found = [search(asked, inputs=LONG_WAY_DOWN) for asked in (first, again)]
    search(other, inputs=LONG_WAY_DOWN, seed="5b" * 32)
    assert [x.tolist() for x in first.inputs] == [x.tolist() for x in again.inputs]
    assert [x.tolist() for x in first.inputs] != [x.tolist() for x in other.inputs]
    assert found[0].case.arguments["x"].tolist() == found[1].case.arguments["x"].tolist()


@pytest.mark.parametrize("n_before", [0, 5])
def test_an_answer_that_was_stopped_ends_the_search(n_before):
    n_asked = 0

    def ask(calls):
        nonlocal n_asked
        n_asked += 1
        if n_asked > n_before:
            return [Stopped(EndState.TIMED_OUT, "too long")]
        return [Returned(RIGHT(*arguments), arguments) for arguments in calls]

    assert search(ask) is None
    assert n_asked == n_before + 1


def test_what_was_found_before_an_answer_was_stopped_is_kept():
    wrong = []

    def ask(calls):
        if wrong:
            return [Stopped(EndState.TIMED_OUT, "too long")]
        wrong.append(calls[0][0])
        return [Returned(RIGHT(*arguments) + 1, arguments) for arguments in calls]

    assert search(ask).case.arguments["x"].tolist() == wrong[0].tolist()


# The questions of the assignment


@pytest.fixture(scope="session")
def catalogues(hidden):
    return hidden("misconceptions").CATALOGUES


@pytest.fixture(scope="session")
def searched(hidden):
    """``searched(question, function)``: the smallest input for what its first failed check asks, and the calls."""
    specifications, inputs = hidden("checks").QUESTIONS, hidden("inputs").INPUTS

    def found(question, function):
        spec = specifications[question]
        judged = judge(question, spec, lambda _, calls: Asked(function)(list(calls)), SEED)
        checks = zip(spec.checks, judged, strict=True)
        failed = next(check for check, seen in checks if seen.outcome is Outcome.FAILED)
        asked = Asked(function)
        return smallest_input(spec, failed.requires, inputs[question], SEED, asked), len(asked.inputs)

    return found


# What shows in views of a larger array alone has no input that could be pasted into a cell.
IN_VIEWS_ALONE = {"neighbours_assumed"}


@pytest.mark.parametrize("question", FUNCTIONS)
def test_one_is_found_for_every_misconception_in_few_calls_and_a_person_can_follow_it(catalogues, searched, question):
    names = [one.name for one in catalogues[question].misconceptions if one.name not in IN_VIEWS_ALONE]
    found = {name: searched(question, catalogues[question].imitate(frozenset({name}))) for name in names}
    assert [name for name, (one, _) in found.items() if one is None] == []
    assert max(n_calls for _, n_calls in found.values()) < MAX_CALLS
    sizes = {name: n_entries(tuple(one.case.arguments.values())) for name, (one, _) in found.items()}
    assert max(sizes.values()) <= MOST_ENTRIES, sizes


@pytest.mark.slow
@pytest.mark.parametrize("question", FUNCTIONS)
def test_one_is_found_for_every_form_of_a_misconception_in_few_calls(catalogues, searched, question):
    for form in (form for one in catalogues[question].misconceptions for form in one.also):
        found, n_calls = searched(question, catalogues[question].imitate(frozenset({form})))
        assert found is not None, form
        assert n_calls <= MAX_CALLS / 2, form


def n_entries(value):
    if isinstance(value, tuple):
        return sum(map(n_entries, value))
    return value.size if isinstance(value, np.ndarray) else 0
