"""The judge on small questions of its own: order of the comparison, what counts, and what is said."""

from __future__ import annotations

import dataclasses
import hmac

import numpy as np
import pytest

from stepgrade.judge import (
    Cache,
    Case,
    Check,
    DtypeKind,
    NotCallable,
    NotDefined,
    Property,
    Raised,
    Returned,
    Role,
    ScalarShape,
    Specification,
    Stopped,
    Unchanged,
    Values,
    judge,
    seeds,
)
from stepgrade.result import EndState, Outcome

SEED = "5e" * 32


def one_case(**arguments):
    return lambda rng: [Case(arguments)]


def doubling(*checks: Check) -> Specification:
    """``double(x)`` returns 2 x."""
    return Specification("double", ("x",), ("y",), lambda x: 2 * x, checks)


X = np.arange(6.0).reshape(2, 3) - 2
VALUES = Check("values", "values", 3, one_case(x=X), Values("y"), "Twice the input.")
UNCHANGED = Check("unchanged", "input unchanged", 1, one_case(x=X), Unchanged(), role=Role.SUPPORTING)


def judged(spec, answering, function):
    return judge("question", spec, answering({spec.function: function}), SEED)


def first_code(spec, answering, function):
    return judged(spec, answering, function)[0].code


@pytest.mark.parametrize("got", [6, 6.0, np.int64(6), np.float64(6)])
def test_a_reference_that_counts_in_whole_numbers_is_met_by_any_number(answering, got):
    spec = Specification("count", ("x",), ("n",), lambda x: x.size, (Check("n", "n", 1, one_case(x=X), Values("n")),))
    assert judged(spec, answering, lambda x: got)[0].outcome is Outcome.PASSED
    assert first_code(spec, answering, lambda x: got + 1) == "wrong_number"


def test_a_right_answer_passes_and_says_nothing(answering):
    (check,) = judged(doubling(VALUES), answering, lambda x: x * 2)
    assert (check.outcome, check.code, check.message) == (Outcome.PASSED, "", "")


@pytest.mark.parametrize(
    ("function", "code"),
    [
        pytest.param(lambda x: None, "returned_none", id="returns None"),
        pytest.param(lambda x: [[1.0]], "wrong_type", id="a list instead of an array"),
        pytest.param(lambda x: "text", "wrong_type", id="text"),
        pytest.param(lambda x: object(), "wrong_type", id="an object"),
        pytest.param(lambda x: x * 2j, "wrong_type", id="complex numbers do not travel"),
        pytest.param(lambda x: (2 * x)[0], "wrong_shape", id="shape before values"),
        pytest.param(lambda x: x > 0, "wrong_dtype", id="truth values instead of numbers"),
        pytest.param(lambda x: x * np.nan, "not_finite", id="NaN"),
        pytest.param(lambda x: np.full_like(x, np.inf), "not_finite", id="infinity"),
        pytest.param(lambda x: x * 2 + 1e-3, "wrong_values", id="values"),
        pytest.param(lambda x: 1 / 0, "raised", id="an exception"),
    ],
)
def test_the_first_difference_in_the_fixed_order_is_the_finding(answering, function, code):
    assert first_code(doubling(VALUES), answering, function) == code


def test_a_message_shows_shapes_positions_and_the_rule_but_no_value(answering):
    def wrong(x):
        y = 2 * x
        y[1, 0] += 0.123
        return y

    (check,) = judged(doubling(VALUES), answering, wrong)
    assert check.message == ("double: y differs at 1 of 6 positions, first at (1, 0), for x (2, 3). Twice the input.")


def test_a_message_about_an_exception_names_type_and_inputs_but_not_its_text(answering):
    def wrong(x):
        raise ValueError(f"the hidden input is {x}")

    (check,) = judged(doubling(VALUES), answering, wrong)
    assert "ValueError" in check.message
    assert "hidden input" not in check.message
    assert "hidden input" not in str(check.params)


def test_float32_inputs_are_compared_with_their_own_tolerance(answering):
    spec = doubling(Check("f", "float32", 1, one_case(x=X.astype(np.float32)), Values("y")))
    assert judged(spec, answering, lambda x: x * 2 * (1 + 1e-4))[0].outcome is Outcome.PASSED
    assert judged(doubling(VALUES), answering, lambda x: x * 2 * (1 + 1e-4))[0].outcome is Outcome.FAILED


def test_a_supporting_check_earns_nothing_without_a_value_check(answering):
    values, unchanged = judged(doubling(VALUES, UNCHANGED), answering, lambda x: np.zeros_like(x))
    assert values.outcome is Outcome.FAILED
    assert (unchanged.outcome, unchanged.code) == (Outcome.SKIPPED, "no_value_check_passed")


def test_an_input_changed_in_place_costs_its_own_check_only(answering):
    def in_place(x):
        x *= 2
        return x

    values, unchanged = judged(doubling(VALUES, UNCHANGED), answering, in_place)
    assert values.outcome is Outcome.PASSED
    assert (unchanged.outcome, unchanged.code) == (Outcome.FAILED, "input_modified")


def test_a_failure_of_the_grader_is_an_error_and_not_a_failed_check(answering):
    def broken(rng):
        raise RuntimeError("a bug in the hidden checks")

    spec = doubling(Check("broken", "broken", 1, broken, Values("y")), VALUES)
    error, values = judged(spec, answering, lambda x: 2 * x)
    assert error.outcome is Outcome.ERROR
    assert values.outcome is Outcome.PASSED


def test_the_unfilled_stub_is_named_as_such(answering):
    def stub(x):
        raise NotImplementedError("double: write your code here")

    def helper_stub(x):
        raise NotImplementedError("halve: write your code here")

    assert first_code(doubling(VALUES), answering, stub) == "unfilled"
    assert first_code(doubling(VALUES), answering, helper_stub) == "unfilled_helper"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (NotDefined("no cell defines it"), "not_defined"),
        (NotCallable("int"), "not_callable"),
        (Stopped(EndState.TIMED_OUT, "too long"), "stopped"),
        (Raised("ValueError", "secret", "return x"), "raised"),
    ],
)
def test_an_answer_without_a_value_fails_the_check_with_its_own_code(answer, code):
    (check,) = judge("question", doubling(VALUES), lambda name, calls: [answer for _ in calls], SEED)
    assert (check.outcome, check.code) == (Outcome.FAILED, code)
    assert "secret" not in check.message


def test_a_function_that_hangs_everywhere_is_not_called_at_every_check():
    asked = []

    def hang(name, calls):
        for arguments in calls:
            asked.append(arguments)
            yield Stopped(EndState.TIMED_OUT, "it took too long")

    results = judge("question", doubling(*[VALUES] * 6), hang, SEED)
    assert len(asked) == 2
    assert [result.code for result in results] == ["stopped"] * 2 + ["not_tried"] * 4


def test_a_function_that_hangs_once_loses_that_check_only():
    def hang_on_first(name, calls):
        yield Stopped(EndState.TIMED_OUT, "hangs")
        yield from (Returned(2 * arguments[0], arguments) for arguments in calls[1:])

    results = judge("question", doubling(VALUES, VALUES, VALUES), hang_on_first, SEED)
    assert [result.outcome.value for result in results] == ["failed", "passed", "passed"]


def test_a_case_that_is_not_implemented_costs_its_check_only():
    def all_but_the_first(name, calls):
        yield Raised("NotImplementedError")
        yield from (Returned(2 * arguments[0], arguments) for arguments in calls[1:])

    results = judge("question", doubling(VALUES, VALUES), all_but_the_first, SEED)
    assert [result.code for result in results] == ["unfilled", ""]


def test_a_case_that_is_not_implemented_before_one_that_returns_is_a_failed_check():
    twice = dataclasses.replace(VALUES, cases=lambda rng: [Case({"x": X}), Case({"x": X})])

    def second_only(name, calls):
        yield Raised("NotImplementedError")
        yield from (Returned(2 * arguments[0], arguments) for arguments in calls[1:])

    (check,) = judge("question", doubling(twice), second_only, SEED)
    assert check.code == "unfilled"


def test_a_check_whose_inputs_cannot_be_made_is_an_error_of_ours_and_costs_no_other_check(answering):
    def broken(rng):
        raise RuntimeError("no inputs today")

    spec = doubling(dataclasses.replace(VALUES, cases=broken), VALUES)
    error, values = judged(spec, answering, lambda x: 2 * x)
    assert (error.outcome, values.outcome) == (Outcome.ERROR, Outcome.PASSED)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("module 'numpy' has no attribute 'float'. `np.float` was a deprecated alias", "Write float instead."),
        ("`np.float_` was removed in the NumPy 2.0 release.", "Write np.float64 instead."),
        ("module 'numpy' has no attribute 'product'", "Write np.prod instead."),
    ],
)
def test_a_name_that_numpy_no_longer_has_is_named_with_what_to_write_instead(text, advice):
    answer = Raised("AttributeError", text, "x = np.float(3)")
    (check,) = judge("question", doubling(VALUES), lambda name, calls: [answer], SEED)
    assert check.code == "removed_name"
    assert advice in check.message


def test_a_leftover_line_of_the_stub_is_named():
    answer = Raised("NotImplementedError", "double", leftover=True)
    (check,) = judge("question", doubling(VALUES), lambda name, calls: [answer], SEED)
    assert "Delete that line." in check.message


class TestTuples:
    SPEC = Specification(
        "split",
        ("x", "n"),
        ("y", "cache"),
        lambda x, n: (2 * x, (x, n)),
        (
            Check("y", "y", 1, one_case(x=X, n=3), Values("y")),
            Check("cache", "cache", 1, one_case(x=X, n=3), Cache("cache", ("x", "n")), role=Role.SUPPORTING),
        ),
    )

    @pytest.mark.parametrize(
        ("function", "code"),
        [
            (lambda x, n: {"y": 2 * x}, "not_a_tuple"),
            (lambda x, n: (2 * x,), "wrong_count"),
            (lambda x, n: (2 * x, (x, n), None), "wrong_count"),
        ],
    )
    def test_structure_comes_first(self, answering, function, code):
        assert first_code(self.SPEC, answering, function) == code

    @pytest.mark.parametrize(
        ("cache", "detail"),
        [
            (lambda x, n: None, "it is None"),
            (lambda x, n: (x,), "it has 1 entries"),
            (lambda x, n: (n, x), "entry 1 is not x"),
            (lambda x, n: (2 * x, n), "entry 1 is not x"),
        ],
    )
    def test_a_wrong_cache_costs_its_own_check_and_says_what_is_wrong(self, answering, cache, detail):
        values, cached = judged(self.SPEC, answering, lambda x, n: (2 * x, cache(x, n)))
        assert values.outcome is Outcome.PASSED
        assert cached.code == "wrong_cache"
        assert detail in cached.message

    @pytest.mark.parametrize(
        ("after", "code"),
        [
            ((7 * X, 3), ""),  # changed in place, which costs another check
            ((), "wrong_cache"),
            ((None, None), "wrong_cache"),
            ((7 * X[:1], 3), "wrong_cache"),
        ],
    )
    def test_an_entry_may_be_an_input_as_the_call_left_it_but_nothing_else(self, after, code):
        entry = after[0] if after else None
        answer = Returned((2 * X, (entry, 3)), after)
        *_, cached = judge("question", self.SPEC, lambda name, calls: [answer] * len(calls), SEED)
        assert cached.code == code

    def test_a_value_without_its_cache_costs_the_cache_check_only(self, answering):
        values, cached = judged(self.SPEC, answering, lambda x, n: 2 * x)
        assert values.outcome is Outcome.PASSED
        assert cached.code == "not_a_tuple"
        assert "expected (y, cache) as a tuple" in cached.message

    def test_a_list_may_stand_for_the_tuple(self, answering):
        results = judged(self.SPEC, answering, lambda x, n: [2 * x, [x, n]])
        assert [result.outcome for result in results] == [Outcome.PASSED] * 2


class TestNumbers:
    SPEC = Specification(
        "total",
        ("x",),
        ("s",),
        lambda x: float(x.sum()),
        (
            Check("value", "value", 3, one_case(x=X + 1), Values("s")),
            Check("scalar", "one number", 1, one_case(x=X + 1), ScalarShape("s"), role=Role.SUPPORTING),
        ),
    )

    @pytest.mark.parametrize("cast", [float, np.float64, np.float32, np.array, int, lambda s: s])
    def test_any_scalar_of_number_kind_passes(self, answering, cast):
        results = judged(self.SPEC, answering, lambda x: cast(x.sum()))
        assert [result.outcome for result in results] == [Outcome.PASSED] * 2

    def test_an_array_of_one_element_fails_its_shape_check_only(self, answering):
        value, scalar = judged(self.SPEC, answering, lambda x: np.full((1, 1, 1), x.sum()))
        assert (value.outcome, scalar.outcome) == (Outcome.PASSED, Outcome.FAILED)
        assert "shape (1, 1, 1), expected one number" in scalar.message

    @pytest.mark.parametrize(
        "wrong", [pytest.param(10**5000, id="5000 digits"), 10**399, float("nan"), True, "3", None, np.zeros(2)]
    )
    def test_what_is_no_finite_number_fails(self, answering, wrong):
        assert judged(self.SPEC, answering, lambda x: wrong)[0].outcome is Outcome.FAILED


def test_a_property_that_does_not_hold_is_the_message(answering):
    relation = Property(lambda cases, values: "" if values[0].sum() == 0 else "the sum must be 0")
    spec = doubling(VALUES, Check("zero", "sum", 1, one_case(x=X), relation, role=Role.SUPPORTING))
    _, zero = judged(spec, answering, lambda x: 2 * x)
    assert (zero.code, zero.message) == ("property", "double: the sum must be 0")


def test_a_property_is_asked_only_of_answers_with_the_right_shape(answering):
    spec = doubling(Check("p", "p", 1, one_case(x=X), Property(lambda cases, values: str(values[0][1, 2]))))
    assert first_code(spec, answering, lambda x: np.zeros(1)) == "wrong_shape"


def test_a_dtype_check_names_the_dtype(answering):
    spec = doubling(Check("b", "b", 1, one_case(x=X), DtypeKind("y", "b", "bool")))
    (check,) = judged(spec, answering, lambda x: 2 * x)
    assert "y has dtype float64, expected bool" in check.message


@pytest.mark.parametrize("after", [np.float64(1), np.ones(2), None, "x", {"a": 1}, ((1,), 2)])
def test_no_answer_about_the_arguments_can_make_the_grader_fail(after):
    spec = Specification(
        "f", ("shape",), ("y",), lambda shape: np.ones(3), (Check("u", "u", 1, one_case(shape=(2, 2)), Unchanged()),)
    )
    (check,) = judge("question", spec, lambda name, calls: [Returned(np.ones(3), (after,))], SEED)
    assert (check.outcome, check.code) == (Outcome.FAILED, "input_modified")


@pytest.mark.parametrize(
    "requirement", [DtypeKind("y", "b", "bool"), ScalarShape("y"), Values("y"), Cache("c", ("x",))]
)
def test_a_requirement_on_one_part_looks_at_the_structure_first(answering, requirement):
    spec = Specification(
        "f", ("x",), ("y", "c"), lambda x: (x, (x,)), (Check("r", "r", 1, one_case(x=X), requirement),)
    )
    assert first_code(spec, answering, lambda x: (x,)) == "wrong_count"


class TestSeeds:
    def test_another_secret_assignment_or_student_gives_another_seed(self):
        made = {
            seeds.course_seed(secret, assignment, student)
            for secret in (b"one", b"two")
            for assignment in ("a", "ab")
            for student in ("bc", "c")
        }
        assert len(made) == 8

    def test_a_check_draws_from_the_number_that_its_digest_is(self):
        number = int.from_bytes(hmac.digest(bytes.fromhex(SEED), b"question\0check", "sha256"), "big")
        expected = np.random.Generator(np.random.PCG64(number)).random(3)
        assert np.array_equal(seeds.generator(SEED, "question", "check").random(3), expected)

    def test_a_check_draws_the_same_numbers_whatever_other_checks_there_are(self):
        again = [seeds.generator(SEED, "question", "check").random(3) for _ in range(2)]
        other = seeds.generator(SEED, "question", "other").random(3)
        assert np.array_equal(*again)
        assert not np.array_equal(again[0], other)
