"""The hidden checks of the assignment: right work is full at every seed, and what they promise to ask they ask."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from stepgrade.judge import judge
from stepgrade.result import Outcome, QuestionResult
from tests import implementations
from tests.test_public_tests import FUNCTIONS, WRONG, notebook

SEEDS = [f"{number:02x}" * 32 for number in range(12)]


@pytest.fixture
def share(hidden, answering):
    """``share(question, functions, seed)``: passed weight over total weight, exactly."""
    specifications = hidden("checks").QUESTIONS

    def judged(name, functions, seed=SEEDS[0]):
        checks = judge(name, specifications[name], answering(functions), seed)
        assert all(check.outcome is not Outcome.ERROR for check in checks)
        return QuestionResult(name, 0.0, 0.0, follow_through=False, checks=checks).passed_share

    return judged


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("variant", ["", "_vectorised"])
def test_right_work_is_full_at_every_seed(share, seed, variant):
    functions = {name: getattr(implementations, name + variant) for name in FUNCTIONS}
    assert {name: share(name, functions, seed) for name in FUNCTIONS} == dict.fromkeys(FUNCTIONS, 1)


# The public tests ask for tuples to the letter; the hidden checks look at what is in them.
HARMLESS = {("conv_forward", "a list"), ("conv_forward", "cache a list")}


@pytest.mark.parametrize(("name", "what", "changes", "_"), WRONG, ids=[f"{row[0]}: {row[1]}" for row in WRONG])
def test_whatever_the_public_tests_catch_the_hidden_checks_catch_too(share, name, what, changes, _):
    functions = notebook(*((name, old, new) for old, new in changes))
    if (name, what) in HARMLESS:
        assert share(name, functions) == 1
    else:
        assert share(name, functions) < 1


def filled(value):
    """Return a function that answers with the right structure and shapes, every number replaced by ``value``."""

    def forged(right):
        def replaced(part):
            if isinstance(part, np.ndarray):
                return np.array(value(part), dtype=float) * np.ones(part.shape)
            return value(np.array([part])).item() if isinstance(part, int | float | np.number) else part

        def answer(*arguments):
            result = right(*arguments)
            return tuple(map(replaced, result)) if isinstance(result, tuple) else replaced(result)

        return answer

    return forged


FORGERIES = {
    "None": lambda right: lambda *arguments: None,
    "its first input": lambda right: lambda *arguments: arguments[0],
    "all its inputs": lambda right: lambda *arguments: arguments,
    "zeros": filled(lambda part: np.zeros(part.shape)),
    "ones": filled(lambda part: np.ones(part.shape)),
    "noise": filled(lambda part: np.random.default_rng(0).normal(size=part.shape)),
    "NaN": filled(lambda part: np.full(part.shape, np.nan)),
}


@pytest.mark.parametrize("forgery", FORGERIES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_that_does_nothing_earns_nothing_at_any_seed(share, name, forgery):
    functions = {name: FORGERIES[forgery](getattr(implementations, name))}
    assert [share(name, functions, seed) for seed in SEEDS] == [0] * len(SEEDS)


def test_a_mask_that_always_marks_the_same_corner_earns_nothing(share):
    def corner(x):
        mask = np.zeros(x.shape, bool)
        mask[-1, -1] = True
        return mask

    assert [share("create_mask_from_window", {"create_mask_from_window": corner}, seed) for seed in SEEDS] == [0] * 12


@pytest.mark.parametrize("change", ["max(Z, 0.0)", "abs(Z)", "min(Z, 0.0)"])
def test_the_sign_of_a_single_step_is_asked_for_at_every_seed(share, change):
    functions = notebook(("conv_single_step", "return Z", f"return {change}"))
    assert max(share("conv_single_step", functions, seed) for seed in SEEDS) <= 0.25


@pytest.mark.parametrize("name", ["zero_pad", "conv_forward", "pool_forward", "conv_backward", "pool_backward"])
def test_a_function_that_remembers_earlier_calls_loses_points(share, name):
    remembered = {}

    def memoised(*arguments):
        key = str([np.shape(a) if isinstance(a, np.ndarray) else a for a in _flat(arguments)])
        return remembered.setdefault(key, getattr(implementations, name)(*arguments))

    assert share(name, {name: memoised}) < 0.85


def _flat(arguments):
    return [part for a in arguments for part in (a if isinstance(a, tuple) else (a,))]


LARGER_STRIDE = "assert stride <= f"
CONTIGUOUS = "assert A_prev.flags.c_contiguous"
ASKED = [
    ("conv_backward", "float gradients cut to the dtype of whole-number inputs", [
        ("dW = np.zeros(W.shape)", "dW = np.zeros_like(W)"),
        ("dW[:, :, :, c] +=", "dW[:, :, :, c] += (0 * W[:, :, :, c]) +"),
        ("return dA_prev, dW, db", "return dA_prev, dW.astype(W.dtype), db"),
    ]),
    ("conv_backward", "one example", [("for i in range(m)", "assert m > 1\n    for i in range(m)")]),
    ("conv_backward", "pad 2", [("dW = np", "assert pad < 2\n    dW = np")]),
    ("conv_backward", "stride larger than the filter", [("dW = np", f"{LARGER_STRIDE}\n    dW = np")]),
    ("conv_backward", "a view of a larger array", [("dW = np", f"{CONTIGUOUS}\n    dW = np")]),
    ("pool_backward", "stride larger than f", [("dA_prev = ", f"{LARGER_STRIDE} or mode != 'max'\n    dA_prev = ")]),
    ("pool_backward", "a view of a larger array", [("dA_prev = ", "assert dA.flags.c_contiguous\n    dA_prev = ")]),
    ("pool_backward", "more than two examples", [("range(m)", "range(min(m, 2))")]),
    ("pool_forward", "a view of a larger array", [("A = np", f"{CONTIGUOUS}\n    A = np")]),
    ("conv_forward", "a bias that is not whole", [("b[:, :, :, c])", "b[..., c].astype(A_prev.dtype))")]),
    ("conv_forward", "a filter of one pixel", [("Z = np", "assert f > 1\n    Z = np")]),
    ("distribute_value", "a negative number", [("return a", "return abs(a)")]),
    ("create_mask_from_window", "float32", [("return mask", "return mask & (x.dtype != np.float32)")]),
    ("create_mask_from_window", "a window of one entry", [("return mask", "return mask & (x.size > 1)")]),
    ("create_mask_from_window", "ties at any value", [("x == np.max(x)", "x >= max(float(np.max(x)), 5)")]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "what", "changes"), ASKED, ids=[f"{row[0]}: {row[1]}" for row in ASKED])
def test_what_the_docstrings_promise_is_asked(share, name, what, changes):
    functions = notebook(*((name, old, new) for old, new in changes))
    assert all(share(name, functions, seed) < 1 for seed in SEEDS[:4])


@pytest.mark.parametrize(("name", "returned"), [("conv_forward", "Z"), ("pool_forward", "A")])
def test_a_missing_cache_costs_the_cache_check_only(share, hidden, name, returned):
    weights = {check.id: check.weight for check in hidden("checks").QUESTIONS[name].checks}
    functions = notebook((name, f"return {returned}, cache", f"return {returned}"))
    assert share(name, functions) == 1 - Fraction(weights["cache"], sum(weights.values()))


def test_titles_are_distinct_and_ids_unique_in_each_question(hidden):
    for specification in hidden("checks").QUESTIONS.values():
        for values in ([c.id for c in specification.checks], [c.title for c in specification.checks]):
            assert len(set(values)) == len(values), specification.function
