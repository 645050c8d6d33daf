"""Recognition: wrong work by many hands gets the right name or none, right work never one, unknown slips none.

How often is measured with ``tests/wrong``, whose authors' misconceptions are known and whose code is not the
catalogue's. The functions are called directly: what a sandbox does to them is not in question here. Half of that work
is looked at, all of it with ``WRONG_SHARE=1``.
"""

from __future__ import annotations

import itertools
import os
import random
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from stepgrade.diagnose import Catalogue, Misconception, recognition
from stepgrade.diagnose.recognition import MAX_CASES, MIN_WRONG, Observed, answer_of, observed, recognised
from stepgrade.judge import Case, Check, Raised, Returned, Specification, Stopped, Values, seeds
from stepgrade.result import EndState
from tests.honest import test_honest
from tests.wrong import right_styles, wrong_submissions

SEED = "5a" * 32
WRONG_SHARE = int(os.environ.get("WRONG_SHARE", "2"))  # one in so many
# NumPy warns a learner whose window lies beyond the edge, and goes on.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def asking(function):
    """Return an ``ask`` for a function of this process."""
    return lambda calls: [answer_of(function, Case(dict(enumerate(arguments)))) for arguments in calls]


def defined(question, source):
    namespace = {}
    exec(source, namespace)  # noqa: S102 our own text
    return namespace[question]


@pytest.fixture(scope="session")
def catalogues(hidden):
    return hidden("misconceptions").CATALOGUES


@pytest.fixture(scope="session")
def seen(hidden):
    """``seen(question, function)``: what a function is observed to do."""
    specifications = hidden("checks").QUESTIONS
    return lambda question, function: observed(question, specifications[question], SEED, asking(function))


@pytest.fixture(scope="session")
def names(catalogues, seen):
    """``names(question, function)``: of the misconceptions that are recognised in it."""
    return lambda question, function: {one.name for one in recognised(catalogues[question], seen(question, function))}


# Work of many hands


def one_variant_each(submissions):
    """Return each slip of each style once, in one of its two variants: they differ in names and remarks only."""
    return [each for number, each in enumerate(submissions) if number % 2 == number // 4 % 2]


@pytest.fixture
def shares(names, capsys):
    """``shares(submissions)``: which share of them is named right, and which wrong; said in the test's output too."""

    def measured(submissions):
        verdicts = Counter()
        for each in submissions:
            found = names(each.question, defined(each.question, each.source))
            verdicts["right" if found == {each.misconception} else "wrong" if found else "unnamed"] += 1
        with capsys.disabled():
            print(f"\n{len(submissions)} wrong submissions: {dict(verdicts)}")  # noqa: T201 a measurement
        return verdicts["right"] / len(submissions), verdicts["wrong"] / len(submissions)

    return measured


@pytest.mark.slow
def test_of_500_wrong_submissions_nine_in_ten_are_named_right_and_nearly_none_wrong(shares):
    some = one_variant_each(wrong_submissions())[::WRONG_SHARE]
    assert len(some) >= 500
    assert len({(each.question, each.misconception) for each in some}) >= 140
    assert {(each.question, each.style) for each in some} == {
        (question, each.name) for question, each in right_styles()
    }
    right, wrong = shares(some)
    assert right >= 0.94
    assert wrong <= 0.003


def test_right_work_in_any_style_shows_no_wrong_answer(seen):
    wrong = [
        (question, style.name)
        for question, style in right_styles()
        if seen(question, defined(question, style.source)).wrong
    ]
    assert wrong == []


def honest_work_with_wrong_answers():
    """Return whose right functions answer wrong; to be called in a process of its own, for what their cells do."""
    assignment, hands = test_honest.everybody()
    return [
        (style, question.id)
        for style, functions in hands.items()
        for question in assignment.questions
        if question.id not in test_honest.REFUSED_BY_NUMPY.get(style, ())
        and observed(question.id, question.specification, SEED, asking(functions[question.id])).wrong
    ]


def test_right_work_in_any_handwriting_shows_no_wrong_answer():
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        assert pool.submit(honest_work_with_wrong_answers).result() == []


# Two misconceptions at once


def compatible_pairs(catalogue):
    for two in itertools.combinations([one.name for one in catalogue.misconceptions], 2):
        try:
            yield {*two}, catalogue.imitate(frozenset(two))
        except ValueError:
            continue


def test_of_two_misconceptions_mostly_both_are_named_and_nothing_is_named_besides(catalogues, names, capsys):
    """One alone is named where nothing of the other was to be seen: where all inputs that show it raise, say."""
    generator = random.Random("pairs")  # noqa: S311 the same ones each time
    pairs = [
        (two, names(question, function))
        for question, catalogue in catalogues.items()
        for two, function in generator.sample(list(compatible_pairs(catalogue)), 6)
    ]
    n_both = sum(two == named for two, named in pairs)
    n_one = sum(len(named) == 1 for _, named in pairs)
    with capsys.disabled():
        print(f"\n{len(pairs)} pairs: both named {n_both} times, one of them {n_one} times")  # noqa: T201 a measurement
    assert [(two, named) for two, named in pairs if not named <= two] == []
    assert n_both >= 0.6 * len(pairs)
    assert n_one <= 0.1 * len(pairs)


# Slips that have no name


def noisy(right):
    return lambda *arguments: right(*arguments) + np.random.default_rng().normal(size=np.shape(right(*arguments)))


def of_first(change):
    """Return what changes the first of several outputs."""

    def changed(right):
        def function(*arguments):
            first, *rest = right(*arguments)
            return change(first), *rest

        return function

    return changed


UNKNOWN = {
    "padded with a tenth": ("zero_pad", lambda right: lambda X, pad: right(X + 0.1, pad)),
    "padded and transposed": ("zero_pad", lambda right: lambda X, pad: right(X, pad).transpose(0, 2, 1, 3)),
    "a constant added": ("conv_single_step", lambda right: lambda *arguments: right(*arguments) + 0.5),
    "noise added": ("conv_single_step", noisy),
    "output transposed": ("conv_forward", of_first(lambda Z: Z.transpose(0, 2, 1, 3))),
    "output one percent too large": ("conv_forward", of_first(lambda Z: 1.01 * Z)),
    "the median of all": ("pool_forward", of_first(lambda A: np.full_like(A, np.median(A)))),
    "the opposite sign": ("conv_backward", of_first(np.negative)),
    "a mask upside down": ("create_mask_from_window", lambda right: lambda x: right(x)[::-1]),
    "one cell too many": ("distribute_value", lambda right: lambda dz, shape: right(dz, shape) / 1.1),
    "the gradient moved on": ("pool_backward", lambda right: lambda *arguments: np.roll(right(*arguments), 1, axis=1)),
    "the square of it": ("pool_backward", lambda right: lambda *arguments: right(*arguments) ** 2),
}
THREE_AT_ONCE = [
    ("conv_forward", {"bias_twice", "relu_applied", "filter_flipped"}),
    ("conv_forward", {"stride_for_pad", "first_channel_only", "cache_missing"}),
    ("pool_forward", {"divided_by_f", "first_example_read", "cache_missing"}),
    ("conv_backward", {"filter_flipped", "dZ_counted_in_db", "dW_averaged"}),
    ("pool_backward", {"dA_forgotten", "not_shared", "average_by_default"}),
]


@pytest.mark.parametrize("slip", UNKNOWN)
def test_what_is_wrong_in_another_way_gets_no_name(hidden, seen, catalogues, slip):
    question, change = UNKNOWN[slip]
    what = seen(question, change(hidden("checks").QUESTIONS[question].reference))
    assert what.speaks
    assert recognised(catalogues[question], what) == ()


@pytest.mark.parametrize(("question", "three"), THREE_AT_ONCE)
def test_three_misconceptions_at_once_get_no_name(names, catalogues, question, three):
    assert names(question, catalogues[question].imitate(frozenset(three))) == set()


# The rules, on a question of their own: double x

READ_AGAIN = "1. Doubling"


def check(name, *inputs):
    return Check(name, name, 1, lambda rng: [Case({"x": x * rng.random()}) for x in inputs], Values("y"))


DOUBLE = Specification(
    "double",
    ("x",),
    ("y",),
    lambda x: 2 * x,
    (check("small", np.ones(2), np.ones(3)), check("large", np.full(2, 100.0)), check("negative", -np.ones(2))),
)
FAULTS = {
    "tripled": lambda x: 3 * x,
    "one_added": lambda x: 2 * x + 1,
    "in_one_piece": lambda x: (2 * x).sum(),
    "in_one_piece/as_array": lambda x: (2 * x).sum(keepdims=True),
    "sign_lost": lambda x: 2 * abs(x),
}


def doubling(names):
    if {"one_added", "sign_lost"} <= names:
        raise ValueError("one_added and sign_lost exclude each other")
    if {"tripled", "one_added"} <= names:
        return lambda x: 3 * x + 1 * (x > 0)
    return FAULTS[min(names)]


def known(*names, imitate=doubling):
    also = {"in_one_piece": ("in_one_piece/as_array",)}
    return Catalogue(tuple(Misconception(each, "Look.", READ_AGAIN, also.get(each, ())) for each in names), imitate)


EVERY = known("tripled", "one_added", "in_one_piece", "sign_lost")


def found(function, catalogue=EVERY):
    return [one.name for one in recognised(catalogue, observed("double", DOUBLE, SEED, asking(function)))]


@pytest.mark.parametrize("name", ["tripled", "one_added", "in_one_piece", "sign_lost"])
def test_the_one_that_answers_alike_is_named(name):
    assert found(FAULTS[name]) == [name]


def test_another_form_gets_the_name_of_its_misconception():
    assert found(FAULTS["in_one_piece/as_array"]) == ["in_one_piece"]


def test_of_two_that_answer_alike_none_is_named():
    assert found(FAULTS["tripled"], known("tripled", "three_times", imitate=lambda _: FAULTS["tripled"])) == []


def test_one_wrong_answer_is_too_little():
    def wrong_once():
        calls = itertools.count()
        return lambda x: (3 if next(calls) == 1 else 2) * x

    what = observed("double", DOUBLE, SEED, asking(wrong_once()))
    assert len(what.wrong) == MIN_WRONG - 1
    assert not what.speaks
    assert recognised(EVERY, what) == ()


def test_an_answer_that_was_stopped_silences_all():
    def ask(calls):
        return [*asking(FAULTS["tripled"])(calls[1:]), Stopped(EndState.TIMED_OUT, "too long")]

    what = observed("double", DOUBLE, SEED, ask)
    assert len(what.wrong) >= MIN_WRONG
    assert not what.speaks
    assert recognised(EVERY, what) == ()


def test_after_an_answer_that_was_stopped_nothing_more_is_asked():
    asked = []

    def ask(calls):
        asked.append(len(calls))
        return [Stopped(EndState.TIMED_OUT, "too long")] * len(calls)

    observed("double", DOUBLE, SEED, ask)
    assert len(asked) == 1


def test_exceptions_alone_say_nothing():
    def raising(x):
        raise ValueError

    assert found(raising, known("never_right", imitate=lambda _: raising)) == []


def test_an_exception_is_like_any_other_where_values_are_alike_too():
    def raising(error):
        def function(x):
            if x.size == 3:
                raise error
            return 3 * x

        return function

    assert found(raising(IndexError), known("with_three", imitate=lambda _: raising(ValueError))) == ["with_three"]


def test_a_name_must_explain_the_right_answers_too():
    assert found(lambda x: 3 * x if x.size == 3 else 2 * x) == []


def test_two_are_named_where_together_they_explain_everything_and_one_of_them_something():
    assert found(doubling({"tripled", "one_added"})) == ["tripled", "one_added"]


def test_two_are_not_looked_for_where_neither_explains_anything():
    def both(x):
        return 5 * x

    imitations = FAULTS | {"both": both}
    catalogue = known(
        "tripled", "one_added", imitate=lambda names: imitations["both" if len(names) > 1 else min(names)]
    )
    assert found(both, catalogue) == []


def test_two_pairs_that_answer_alike_leave_it_open():
    def imitate(names):
        return doubling({"tripled", "one_added"}) if len(names) > 1 else FAULTS[min(names)]

    assert found(doubling({"tripled", "one_added"}), known("tripled", "one_added", "sign_lost", imitate=imitate)) == []


def test_more_pairs_than_are_tried_leave_it_open(monkeypatch):
    monkeypatch.setattr(recognition, "MAX_PAIRS", 1)
    assert found(doubling({"tripled", "one_added"})) == []


# What is asked


def inputs_of(what):
    return [case.arguments["x"].tobytes() for case in what.cases]


def test_no_input_is_one_that_a_mark_is_made_with():
    marked = {
        case.arguments["x"].tobytes()
        for each in DOUBLE.checks
        for case in each.cases(seeds.generator(SEED, "double", each.id))
    }
    assert marked.isdisjoint(inputs_of(observed("double", DOUBLE, SEED, asking(FAULTS["tripled"]))))


def test_the_same_seed_asks_the_same_and_another_one_something_else():
    first, again, other = (observed("double", DOUBLE, seed, asking(abs)) for seed in (SEED, SEED, "5b" * 32))
    assert inputs_of(first) == inputs_of(again)
    assert set(inputs_of(first)).isdisjoint(inputs_of(other))


def test_only_what_was_wrong_is_asked_again():
    what = observed("double", DOUBLE, SEED, asking(FAULTS["sign_lost"]))
    signs = [bool((case.arguments["x"] < 0).any()) for case in what.cases]
    assert signs == [False, False, False, True, True, True]
    assert what.wrong == (3, 4, 5)


def test_right_work_is_asked_once_and_says_nothing():
    what = observed("double", DOUBLE, SEED, asking(DOUBLE.reference))
    assert (len(what.cases), what.wrong, what.speaks) == (4, (), False)


def test_the_number_of_questions_is_bounded():
    many = Specification("double", ("x",), ("y",), DOUBLE.reference, (check("many", *[np.ones(2)] * 50),))
    assert len(observed("double", many, SEED, asking(abs)).cases) == MAX_CASES


def test_observing_changes_no_input():
    def spoiling(x):
        x *= 2
        return x

    what = observed("double", DOUBLE, SEED, asking(spoiling))
    assert what.wrong == tuple(range(len(what.cases)))
    assert inputs_of(what)[:4] == inputs_of(observed("double", DOUBLE, SEED, asking(DOUBLE.reference)))


def test_an_imitation_is_tried_on_copies():
    case = Case({"x": np.ones(2), "cache": (np.ones(2), {"stride": 1})})

    def spoiling(x, cache):
        x[:], cache[0][:] = 7, 7
        cache[1]["stride"] = 7
        return x

    answer = answer_of(spoiling, case)
    assert [value.tolist() for value in answer.arguments_after[:1]] == [[7, 7]]
    assert case.arguments["x"].tolist() == case.arguments["cache"][0].tolist() == [1, 1]
    assert case.arguments["cache"][1] == {"stride": 1}


def test_an_imitation_sees_the_gaps_in_memory_that_a_student_s_function_sees(answering):
    view = np.arange(12.0).reshape(2, 6)[:, ::2]

    def strides(x):
        return np.array([*x.strides, *x.base.ravel()])

    (theirs,) = answering({"strides": strides})("strides", [(view,)])
    ours = answer_of(strides, Case({"x": view}))
    np.testing.assert_array_equal(ours.value, theirs.value)
    np.testing.assert_array_equal(ours.arguments_after[0], view)


def test_what_a_function_of_ours_raises_is_an_answer():
    assert answer_of(lambda x: x["?"], Case({"x": {}})) == Raised("KeyError")


def test_an_answer_is_wrong_where_it_differs_from_the_reference_s():
    right, wrong = (Returned(value, ()) for value in (np.ones(2), np.zeros(2)))
    assert Observed((Case({}),) * 3, (right, wrong, Raised("ValueError")), (right,) * 3).wrong == (1, 2)
