"""docs/checks.md: what each hidden check kills, and why those stay that kill nothing alone."""

from __future__ import annotations

import inspect
import re

import pytest

from stepgrade.judge import Property, judge
from stepgrade.result import Outcome
from tests import implementations
from tests.conftest import ASSIGNMENT, COURSE, script
from tests.test_public_tests import notebook

SEEDS = [f"{number:02x}" * 32 for number in range(4)]
PAGE = COURSE / "docs/checks.md"

make_checks = script(COURSE / "docs/make_checks.py")


@pytest.fixture(scope="module")
def tables(assignment):
    return list(make_checks.tables(assignment))


@pytest.fixture(scope="module")
def reasons(hidden):
    return hidden("reasons").REASONS


def test_the_page_says_what_the_checks_do_now(assignment, tables, monkeypatch):
    monkeypatch.setattr(make_checks, "tables", lambda _: tables)
    again = f"python docs/make_checks.py {ASSIGNMENT} > docs/checks.md"
    assert make_checks.page(assignment) == PAGE.read_text(encoding="utf-8"), f"the page is old, run: {again}"


def test_every_misconception_is_killed_with_every_seed(tables):
    assert [row.name for table in tables for row in table.rows if row.by_any < len(make_checks.SEEDS)] == []


def test_the_public_tests_kill_most_of_them(tables):
    killed = sum(table.n_killed_by_public_test for table in tables)
    assert killed / sum(len(table.rows) for table in tables) >= 0.85


def test_a_check_that_kills_nothing_alone_has_a_reason_and_no_other_has_one(tables, reasons):
    useless_alone = {t.question.id: {check for check, count in t.alone.items() if not count} for t in tables}
    assert {question: set(lines) for question, lines in reasons.items()} == useless_alone


def test_reasons_are_one_line_each(reasons):
    for line in (line for lines in reasons.values() for line in lines.values()):
        assert 30 <= len(line) <= 110, line
        assert line.endswith("."), line
        assert not re.search(r"[|\n]", line), line


# A right answer that demands something of its inputs: only the check that is named does not meet the demand.
DEMANDS = {
    ("zero_pad", "pad_3"): "pad < 3",
    ("zero_pad", "integers"): "X.dtype == np.float64",
    ("zero_pad", "strided"): "X.flags.c_contiguous",
    ("conv_single_step", "products"): "len(W) > 1",
    ("conv_single_step", "bias"): "W.shape[2] > 1",
    ("conv_single_step", "integers"): "W.dtype == np.float64",
    ("conv_forward", "same"): "len(W) < 5",
    ("conv_forward", "valid"): "W.shape[3] >= W.shape[2]",
    ("conv_forward", "stride_3"): "hparameters['stride'] <= len(W)",
    ("conv_forward", "wide_pad"): "hparameters['pad'] <= len(W)",
    ("conv_forward", "bias"): "W.shape[3] < 4",
    ("conv_forward", "single"): "len(W) > 1",
    ("pool_forward", "max"): "mode == 'average' or A_prev.shape[3] < 3",
    ("pool_forward", "average"): "mode == 'max' or A_prev.shape[3] < 3",
    ("pool_forward", "average_stride"): "hparameters['stride'] <= hparameters['f']",
    ("conv_backward", "dA"): "len(cache[1]) < 5",
    ("conv_backward", "dW"): "cache[1].shape[3] >= cache[1].shape[2]",
    ("conv_backward", "db"): "dZ.shape[3] < 5",
    ("conv_backward", "strided"): "cache[0].flags.c_contiguous",
    ("create_mask_from_window", "position"): "x.size > 1",
    ("create_mask_from_window", "integers"): "x.dtype == np.float64",
    ("distribute_value", "square"): "shape[0] != shape[1]",
    ("distribute_value", "oblong"): "min(shape) > 1",
    ("pool_backward", "max"): "mode == 'average' or dA.shape[3] < 3",
    ("pool_backward", "max_stride"): "mode == 'average' or cache[1]['stride'] <= cache[1]['f']",
    ("pool_backward", "average"): "mode == 'max' or dA.shape[3] < 3",
    ("pool_backward", "average_stride"): "mode == 'max' or cache[1]['stride'] <= cache[1]['f']",
}

# A right answer with another end: only the check that is named notices.
ENDS = {
    ("zero_pad", "pad_1"): "return zero_pad.__dict__.setdefault(f'{X.shape} {X.dtype} {pad}', X_pad)",
    ("zero_pad", "unchanged"): "X[:] = 0; return X_pad",
    ("conv_backward", "dA_stride"): "return dA_prev * (stride <= f), dW, db",
    ("conv_backward", "dW_stride"): "return dA_prev, dW * (stride <= f), db",
}


def seldom_wrong(question, check):
    """Return the functions of a notebook in which the question's is wrong for this check alone."""
    source = inspect.getsource(getattr(implementations, question))
    if (question, check) in DEMANDS:
        first, *_ = source.splitlines()
        return notebook((question, first, f"{first}\n    assert {DEMANDS[question, check]}"))
    *_, last = source.splitlines()
    return notebook((question, last.strip(), ENDS[question, check]))


@pytest.mark.parametrize(("question", "check"), [*DEMANDS, *ENDS])
def test_some_wrong_answers_are_failed_by_one_check_alone(hidden, answering, question, check):
    specification = hidden("checks").QUESTIONS[question]
    for seed in SEEDS:
        results = judge(question, specification, answering(seldom_wrong(question, check)), seed)
        outcomes = {c.id: result.outcome for c, result in zip(specification.checks, results, strict=True)}
        assert {c for c, outcome in outcomes.items() if outcome is not Outcome.PASSED} == {check}


def test_whatever_stays_for_a_reason_has_such_an_answer_or_is_a_property(hidden, reasons):
    checks = {(q, c.id): c for q, specification in hidden("checks").QUESTIONS.items() for c in specification.checks}
    for question, lines in reasons.items():
        properties = {check for check in lines if isinstance(checks[question, check].requires, Property)}
        assert {check for q, check in [*DEMANDS, *ENDS] if q == question} == set(lines) - properties
