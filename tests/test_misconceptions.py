"""The catalogues of misconceptions: each is wrong in its own way, and says so in words that a student can read."""

from __future__ import annotations

import copy
import inspect
import itertools
import re
import shutil

import numpy as np
import pytest

from stepgrade.diagnose import likeness
from stepgrade.judge import Raised, Returned, judge
from stepgrade.judge.verdict import Examination
from stepgrade.result import Outcome
from stepgrade.versions import question_versions
from tests.conftest import ASSIGNMENT, COURSE
from tests.test_public_tests import FUNCTIONS

SEEDS = [f"{number:02x}" * 32 for number in range(4)]
HIDDEN = COURSE / "hidden" / ASSIGNMENT
LONGEST_SENTENCE = 220
# What a learner's slip can raise; anything else is a slip of ours.
RAISED_BY_LEARNERS = {"ValueError", "IndexError", "UFuncTypeError", "ZeroDivisionError"}

every_question = pytest.mark.parametrize("question", FUNCTIONS)


@pytest.fixture(scope="session")
def catalogues(hidden):
    return hidden("misconceptions").CATALOGUES


@pytest.fixture
def imitate(catalogues):
    """``imitate(question, *names)``: the function of somebody with these misconceptions."""
    return lambda question, *names: catalogues[question].imitate(frozenset(names))


@pytest.fixture
def names_of(catalogues):
    return lambda question: [misconception.name for misconception in catalogues[question].misconceptions]


@pytest.fixture
def forms_of(catalogues):
    """``forms_of(question)``: every name under which something can be imitated, and whose form it is."""
    return lambda question: {form: one.name for one in catalogues[question].misconceptions for form in one.forms}


@pytest.fixture
def compatible_pairs(imitate, names_of):
    """``compatible_pairs(question)``: names and function of every pair that is not refused."""

    def pairs(question):
        for names in itertools.combinations(names_of(question), 2):
            try:
                yield names, imitate(question, *names)
            except ValueError:
                continue

    return pairs


@pytest.fixture
def specifications(hidden):
    return hidden("checks").QUESTIONS


@pytest.fixture
def is_full(specifications, answering):
    def judged(question, function, seed):
        checks = judge(question, specifications[question], answering({question: function}), seed)
        assert all(check.outcome is not Outcome.ERROR for check in checks)
        return all(check.outcome is Outcome.PASSED for check in checks)

    return judged


@pytest.fixture
def answers(specifications):
    """``answers(question, function)``: what a function answers, one by one, to the inputs of all checks."""

    def answered(question, function):
        for arguments in copy.deepcopy(Examination(question, specifications[question], SEEDS[0]).calls):
            try:
                value = function(*arguments)
            except Exception as error:
                yield Raised(type(error).__name__)
            else:
                yield Returned(value, arguments)

    return answered


def alike(one, other):
    """Tell whether two answers look the same: kinds, shapes, numbers, what became of the inputs; or the exception."""
    match one, other:
        case Raised(), Raised():
            return one.type_name == other.type_name
        case Returned(), Returned():
            return alike((one.value, one.arguments_after), (other.value, other.arguments_after))
        case ((tuple() | list()), (tuple() | list())):
            return len(one) == len(other) and all(map(alike, one, other))
        case np.ndarray(), np.ndarray():
            same_kind = one.dtype.kind == other.dtype.kind and one.shape == other.shape
            return same_kind and np.allclose(one, other, rtol=1e-5, atol=1e-7)
        case ((float() | np.floating()), (float() | np.floating())):
            return bool(np.isclose(one, other, rtol=1e-5, atol=1e-7))
    return type(one) is type(other) and one == other


def all_alike(some, others):
    return all(map(alike, some, others))


# What they do


@every_question
@pytest.mark.parametrize("seed", SEEDS)
def test_without_a_fault_an_imitation_is_right(imitate, is_full, question, seed):
    assert is_full(question, imitate(question), seed)


@every_question
@pytest.mark.parametrize("seed", SEEDS[:3])
def test_every_form_of_every_misconception_loses_points(imitate, forms_of, is_full, question, seed):
    assert [form for form in forms_of(question) if is_full(question, imitate(question, form), seed)] == []


@every_question
def test_no_two_forms_answer_alike_as_a_diagnosis_sees_it(imitate, forms_of, answers, question):
    """Neither of two misconceptions, which could not be told apart, nor of one, which would be none."""
    given = {form: list(answers(question, imitate(question, form))) for form in forms_of(question)}
    assert [
        pair for pair in itertools.combinations(given, 2) if all(map(likeness.alike, given[pair[0]], given[pair[1]]))
    ] == []


@every_question
def test_two_faults_never_make_a_right_answer(imitate, compatible_pairs, answers, question):
    right = list(answers(question, imitate(question)))
    pairs = compatible_pairs(question)
    assert [names for names, function in pairs if all_alike(answers(question, function), right)] == []


@every_question
def test_a_form_raises_what_learners_code_does(imitate, forms_of, answers, question):
    raised = {
        (form, answer.type_name)
        for form in forms_of(question)
        for answer in answers(question, imitate(question, form))
        if isinstance(answer, Raised)
    }
    assert [row for row in raised if row[1] not in RAISED_BY_LEARNERS] == []


@every_question
def test_two_faults_go_together_or_are_refused(compatible_pairs, answers, question):
    raised = {
        (names, answer.type_name)
        for names, function in compatible_pairs(question)
        for answer in answers(question, function)
        if isinstance(answer, Raised)
    }
    assert [row for row in raised if row[1] not in RAISED_BY_LEARNERS] == []


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("zero_pad", {"before_only", "after_only"}),
        ("conv_single_step", {"bias_forgotten", "bias_subtracted"}),
        ("conv_forward", {"stride_ignored", "stride_ignored_everywhere"}),
        ("pool_forward", {"modes_swapped", "always_max"}),
        ("conv_backward", {"crop_missing", "crop_outside_loop"}),
        ("create_mask_from_window", {"maximum_returned", "value_kept"}),
        ("distribute_value", {"not_divided", "divided_by_sum"}),
        ("pool_backward", {"not_shared", "divided_by_f"}),
    ],
)
def test_names_that_exclude_each_other_are_refused(imitate, question, names):
    first, second = sorted(names)
    with pytest.raises(ValueError, match=f"{first} and {second} exclude each other"):
        imitate(question, *names)


@every_question
def test_two_forms_of_one_misconception_are_refused(catalogues, imitate, question):
    for one in catalogues[question].misconceptions:
        for form in one.also:
            with pytest.raises(ValueError, match=f"{one.name} and {form} exclude each other"):
                imitate(question, one.name, form)


def test_a_form_excludes_what_its_misconception_excludes(imitate):
    with pytest.raises(ValueError, match="cache_missing and cache_reordered/3210 exclude each other"):
        imitate("conv_forward", "cache_reordered/3210", "cache_missing")


def test_a_way_is_no_name_by_itself(imitate):
    with pytest.raises(ValueError, match="no misconception of this question: channels_too"):
        imitate("conv_forward", "channels_too")


def test_a_cache_may_have_any_order_but_the_right_one(forms_of, imitate):
    forms = [form for form, name in forms_of("conv_forward").items() if name == "cache_reordered"]
    A_prev, W, b = np.zeros((1, 2, 3, 1)), np.ones((1, 1, 1, 2)), np.ones((1, 1, 1, 2))
    inputs = A_prev, W, b, {"stride": 1, "pad": 0}
    caches = [imitate("conv_forward", form)(*inputs)[1] for form in forms]
    orders = [[[each is entry for each in inputs].index(True) for entry in cache] for cache in caches]
    assert sorted(orders) == [list(order) for order in itertools.permutations(range(4))][1:]


def test_what_learners_were_seen_to_combine_is_not_refused(imitate):
    imitate("conv_forward", "horizontal_from_h", "width_from_height")
    imitate("conv_forward", "stride_ignored", "bias_forgotten")
    imitate("conv_backward", "end_at_minus_pad", "crop_outside_loop")


@every_question
def test_a_name_of_no_misconception_is_refused(imitate, question):
    with pytest.raises(ValueError, match="no misconception of this question: typo"):
        imitate(question, "typo")


@every_question
def test_every_imitation_has_the_parameters_of_the_question(imitate, forms_of, specifications, question):
    for name in forms_of(question):
        assert tuple(inspect.signature(imitate(question, name)).parameters) == specifications[question].parameters


def test_a_gradient_from_random_numbers_is_the_same_in_every_call(imitate, answers):
    function = imitate("conv_backward", "random_start")
    assert all_alike(answers("conv_backward", function), answers("conv_backward", function))


# What they say


@pytest.fixture(scope="session")
def misconceptions(catalogues):
    return [(question, each) for question in catalogues for each in catalogues[question].misconceptions]


@pytest.fixture(scope="session")
def notebook_text():
    return (HIDDEN / f"{ASSIGNMENT}.py").read_text(encoding="utf-8")


def test_there_are_enough_of_them_for_every_question(catalogues):
    counts = {question: len(catalogue.misconceptions) for question, catalogue in catalogues.items()}
    assert list(counts) == list(FUNCTIONS)
    assert min(counts.values()) >= 10, counts
    assert sum(counts.values()) >= 150, counts


@every_question
def test_names_and_sentences_are_told_apart(catalogues, question):
    for words in (
        [m.name for m in catalogues[question].misconceptions],
        [m.sentence for m in catalogues[question].misconceptions],
    ):
        assert len(set(words)) == len(words)


def test_forms_are_told_apart_in_the_whole_question(catalogues):
    for catalogue in catalogues.values():
        forms = [form for one in catalogue.misconceptions for form in one.forms]
        assert len(set(forms)) == len(forms)


def test_a_way_of_writing_has_no_fault_s_name(catalogues):
    for catalogue in catalogues.values():
        ways = {form.split("/")[1] for one in catalogue.misconceptions for form in one.also}
        assert ways.isdisjoint(one.name for one in catalogue.misconceptions)


def test_names_are_words_for_a_result(misconceptions):
    assert [each.name for _, each in misconceptions if not re.fullmatch(r"[A-Za-z]\w+", each.name, re.ASCII)] == []


def test_sentences_are_short_and_end_with_a_full_stop(misconceptions):
    for _, each in misconceptions:
        assert 40 <= len(each.sentence) <= LONGEST_SENTENCE, each
        assert each.sentence.endswith("."), each
        assert "  " not in each.sentence, each


def test_sentences_hold_no_code(misconceptions):
    code = re.compile(r"`|\bnp\b|[\[\]{}=]|//|\*\*|\+\s|:\w|\w\(")
    assert [each.sentence for _, each in misconceptions if code.search(each.sentence)] == []


def test_names_in_sentences_are_those_of_the_notebook(misconceptions, notebook_text):
    named = {
        word for _, each in misconceptions for word in re.findall(r"\b\w*_\w*\b|\b\w*[a-z][A-Z]\w*\b", each.sentence)
    }
    named -= {"ReLU"}
    assert {word for word in named if not re.search(rf"\b{word}\b", notebook_text)} == set()
    assert {"n_H_prev", "A_prev", "dZ"} & named


def test_sections_are_headings_of_the_notebook(misconceptions, notebook_text):
    headings = re.findall(r"^# #+ (.+)$", notebook_text, re.MULTILINE)
    without_points = {re.sub(r" \(.*points\).*", "", heading) for heading in headings}
    assert {each.section for _, each in misconceptions} <= without_points


# What they must not touch


def test_no_mark_depends_on_them(tmp_path):
    without = shutil.copytree(HIDDEN, tmp_path / "hidden", ignore=shutil.ignore_patterns("__pycache__"))
    for module in ["misconceptions.py", "faults.py", "reasons.py", *(path.name for path in HIDDEN.glob("wrong_*.py"))]:
        (without / module).unlink()
    assert question_versions(without, list(FUNCTIONS)) == question_versions(HIDDEN, list(FUNCTIONS))
