"""The wrong submissions: every style is right, every slip costs points, and together they cover the catalogue."""

from __future__ import annotations

import ast
import itertools
import warnings
from collections import defaultdict

import pytest

from stepgrade.judge import judge
from stepgrade.result import Outcome
from tests.wrong import right_styles, wrong_submissions

SEEDS = ["17" * 32, "2b" * 32]
# NumPy warns a learner whose window lies beyond the edge, and goes on.
LIKE_A_NOTEBOOK = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@pytest.fixture(scope="module")
def submissions():
    return list(wrong_submissions())


@pytest.fixture
def passes_every_check(hidden, answering):
    specifications = hidden("checks").QUESTIONS

    def judged(question, source, seed):
        namespace = {}
        exec(source, namespace)  # noqa: S102 our own text
        checks = judge(question, specifications[question], answering(namespace), seed)
        assert all(check.outcome is not Outcome.ERROR for check in checks)
        return all(check.outcome is Outcome.PASSED for check in checks)

    return judged


@pytest.fixture(scope="module")
def misconceptions(hidden):
    catalogues = hidden("misconceptions").CATALOGUES
    return {(question, each.name) for question in catalogues for each in catalogues[question].misconceptions}


@pytest.mark.parametrize("seed", SEEDS)
def test_every_style_is_right(passes_every_check, seed):
    assert [
        (question, style.name)
        for question, style in right_styles()
        if not passes_every_check(question, style.source, seed)
    ] == []


def test_what_a_slip_changes_stands_in_the_style_exactly_once():
    for _, style in right_styles():
        for misconception, edits in style.slips.items():
            for old, _ in edits:
                assert style.source.count(old) == 1, (style.name, misconception, old)


def test_the_changes_of_one_slip_do_not_overlap():
    for _, style in right_styles():
        for misconception, edits in style.slips.items():
            places = sorted((style.source.index(old), style.source.index(old) + len(old)) for old, _ in edits)
            for (_, end), (start, _) in itertools.pairwise(places):
                assert end <= start, (style.name, misconception)


@LIKE_A_NOTEBOOK
def test_every_slip_loses_points(passes_every_check, submissions):
    assert [
        (each.question, each.style, each.misconception)
        for each in submissions
        if each.variant == 0 and passes_every_check(each.question, each.source, SEEDS[0])
    ] == []


def without_names(source):
    """Return the program with a number for each name, by its first place in the function; remarks are gone as well."""
    tree = ast.parse(source)
    for statement in tree.body:
        numbers = {}
        for node in ast.walk(statement):
            if isinstance(node, ast.Name):
                node.id = f"name {numbers.setdefault(node.id, len(numbers))}"
    return ast.dump(tree)


def test_variants_differ_in_names_and_remarks_only(submissions):
    forms = defaultdict(set)
    for each in submissions:
        forms[each.question, each.style, each.misconception].add(without_names(each.source))
    assert {key for key, several in forms.items() if len(several) > 1} == set()


def test_there_are_many_of_them_and_no_two_are_the_same(submissions):
    sources = {each.source for each in submissions}
    assert len(sources) == len(submissions) >= 560


def test_they_are_the_same_in_every_run(submissions):
    assert list(wrong_submissions()) == submissions


def test_nearly_all_misconceptions_occur_each_in_several_styles(submissions, misconceptions):
    styles = defaultdict(set)
    for each in submissions:
        styles[each.question, each.misconception].add(each.style)
    assert set(styles) <= misconceptions
    assert len(styles) >= 0.9 * len(misconceptions)
    assert [key for key, several in styles.items() if len(several) < 2] == []


def test_there_are_enough_styles_for_every_question():
    counts = defaultdict(int)
    for question, _ in right_styles():
        counts[question] += 1
    windows_move = {"conv_forward", "pool_forward", "conv_backward", "pool_backward"}
    assert all(count >= (6 if question in windows_move else 4) for question, count in counts.items()), counts


def test_every_source_compiles_without_a_warning(submissions):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for each in submissions:
            compile(each.source, f"{each.question}/{each.style}/{each.misconception}", "exec")


def test_every_source_defines_its_question_and_needs_nothing_else(submissions):
    questions = {question for question, _ in right_styles()}
    for each in submissions:
        tree = ast.parse(each.source)
        defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert each.question in defined
        assert used & questions <= defined
