"""The class report: its numbers by arithmetic, its page whatever students write, and the command from end to end."""

from __future__ import annotations

import ast
import csv
import dataclasses
import io
import itertools
import json
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tracemalloc
from contextlib import closing
from pathlib import Path

import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

from stepgrade.cli import main
from stepgrade.notebook import Cell, Graded, functions_of
from stepgrade.report.classpage import Answer, Recognised, Seen, Sign, Tally, answers_of, class_report, disagreements
from stepgrade.report.classpage.attention import MANY_REPAIRS, Why, attention
from stepgrade.report.classpage.content import ClassReport
from stepgrade.report.classpage.equal_answers import MAX_GROUP, MIN_NODES, EqualAnswers, spelled
from stepgrade.report.classpage.listing import MIN_COMMON
from stepgrade.report.classpage.page import MAX_NAMES, MAX_ROWS, class_page
from stepgrade.report.classpage.plots import Bar, Dot, bars, histogram, scatter, stacked
from stepgrade.report.classpage.statistics import MIN_STUDENTS, PassRate, bins, quantile
from stepgrade.report.classpage.tables import Column, Kind, Table, percent
from stepgrade.result import CheckResult, EndState, Outcome, QuestionResult, Repair, Result
from tests.conftest import COURSE, RIGHT_TINY, make_tiny_course
from tests.honest.test_honest import STYLES, Handwriting

HOSTILE = "</td><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}\x1b[2J‮&amp;"
PASSED, FAILED, SKIPPED, ERROR = Outcome.PASSED, Outcome.FAILED, Outcome.SKIPPED, Outcome.ERROR
VERSION = "b" * 64
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

REPORT_HELP = """\
Usage: stepgrade report [OPTIONS] ASSIGNMENT

  Write the class report: STAFF ONLY, one page and its tables as CSV.

  Reads what `grade` has kept, and from nbgrader's gradebook whose answers wait
  for a person. Looks for the misconceptions behind wrong answers, which runs
  them once more, in the sandbox; what was found stays. Writes
  reports/ASSIGNMENT/index.html, which needs no network, and the CSV files
  beside it. No mark changes (docs/classreport.md).

  Exit code:
    0  the report is written
    2  usage, or nobody is graded yet
    3  some submission could not be looked into, or an error of stepgrade's own

  Example:
    stepgrade report cnn_step_by_step

Options:
  --no-diagnosis      Do not look for misconceptions where nobody has yet.
                      Quicker, and no student code runs.
  --workers N         Processes that grade; default: as many as CPU time and
                      memory allow.  [x>=1]
  --cluster ADDRESS   Grade on this Dask cluster instead, as tls://HOST:8786.
  --insecure-cluster  Take a cluster without TLS that is not on this machine.
  --boundary KIND     What student code runs behind: bubblewrap (default), or
                      landlock, which needs no namespaces and is weaker
                      (docs/security.md). Every Result records it.
  --no-sandbox        Run without the sandbox: student code then runs as an
                      ordinary process with your rights; it can read, change and
                      send whatever you can. Every Result records it.
  -h, --help          Show this message and exit.
"""


def question(id: str, *outcomes: Outcome, max_points: float = 10.0, code: str = "wrong_values") -> QuestionResult:
    """A question whose checks have weight 1 each."""
    checks = tuple(
        CheckResult(f"check {n} of {id}", outcome, 1, "" if outcome is PASSED else code)
        for n, outcome in enumerate(outcomes)
    )
    share = sum(outcome is PASSED for outcome in outcomes) / len(outcomes) if outcomes else 0
    return QuestionResult(id, max_points * share, max_points, follow_through=False, checks=checks, version="v1")


def result(student: str, *questions: QuestionResult, **more: object) -> Result:
    facts: dict[str, object] = {
        "assignment": "tiny",
        "end_state": EndState.GRADED,
        "reason": "",
        "seed": "5" * 64,
        "demo_key": True,
        "submission_sha256": student.encode().hex().ljust(64, "0"),
        "assignment_version": VERSION,
        "environment": {"python": "3.11.7", "numpy": "2.3.5", "stepgrade": "0.1.0"},
    }
    return Result(student=student, questions=questions, **(facts | more))


def report_of(*added: Result | tuple[Result, Seen]) -> ClassReport:
    """The report about these students."""
    tally = Tally("tiny", VERSION)
    for one in added:
        tally.add(*one if isinstance(one, tuple) else (one,))
    return class_report(tally)


def rows(report: ClassReport, name: str) -> list[dict[str, object]]:
    """The rows of a table by the names of its columns."""
    table = report.table(name)
    return [dict(zip([column.name for column in table.columns], row, strict=True)) for row in table.rows]


class TestArithmetic:
    def test_a_quantile_lies_between_two_values_by_proportion(self):
        assert quantile([4, 1, 3, 2], 0.5) == 2.5
        assert quantile([0, 10], 0.9) == 9
        assert quantile([7], 0.25) == 7
        assert quantile([], 0.5) is None

    def test_a_value_on_a_border_counts_above_it_and_full_points_in_the_last_part(self):
        assert bins([0, 4.99, 5, 10], 10, 2) == [(0, 5, 2), (5, 10, 2)]

    def test_the_pass_rate_counts_what_did_not_count_as_not_passed(self):
        rate = PassRate()
        for passed, skipped in ((True, False), (False, False), (False, True), (True, False)):
            rate.add(0, passed=passed, skipped=skipped)
        assert (rate.n, rate.n_passed, rate.n_failed, rate.n_skipped, rate.rate) == (4, 2, 1, 1, 0.5)

    def test_discrimination_is_1_where_exactly_those_pass_who_have_the_rest_and_minus_1_where_the_others_do(self):
        right, backwards = PassRate(), PassRate()
        for number in range(MIN_STUDENTS):
            right.add(5.0 * (number % 2), passed=bool(number % 2))
            backwards.add(5.0 * (number % 2), passed=not number % 2)
        assert right.discrimination == pytest.approx(1)
        assert backwards.discrimination == pytest.approx(-1)
        assert backwards.is_backwards
        assert not right.is_backwards

    def test_discrimination_is_the_correlation(self):
        generator = np.random.default_rng(1)
        rest, passed = generator.normal(50, 20, 200), generator.random(200) < 0.3
        rate = PassRate()
        for points, one in zip(rest, passed, strict=True):
            rate.add(float(points), passed=bool(one))
        assert rate.discrimination == pytest.approx(np.corrcoef(rest, passed)[0, 1])

    def test_discrimination_is_silent_about_few_students_and_where_all_did_the_same(self):
        few, all_pass, same_rest = PassRate(), PassRate(), PassRate()
        for number in range(MIN_STUDENTS):
            all_pass.add(number, passed=True)
            same_rest.add(0.1, passed=bool(number % 2))
            if number:
                few.add(number, passed=bool(number % 2))
        assert few.discrimination is all_pass.discrimination is same_rest.discrimination is None
        assert PassRate().rate is None

    def test_a_little_below_0_is_chance(self):
        rate = PassRate()
        for number in range(100):
            rate.add(number % 10, passed=number % 2 == 0)
        assert -0.2 < rate.discrimination < 0
        assert not rate.is_backwards

    def test_a_share_is_never_0_or_100_percent_where_somebody_is_left(self):
        assert [percent(share) for share in (0, 0.004, 0.5, 0.997, 1)] == ["0 %", "< 1 %", "50 %", "> 99 %", "100 %"]


class TestNumbers:
    def test_of_a_question(self):
        report = report_of(
            result("ada", question("f", PASSED, PASSED), timing={"questions.f_s": 1.0}),
            result("bo", question("f", PASSED, FAILED), timing={"questions.f_s": 3.0}),
            result("cy", question("f", FAILED, FAILED), timing={}),
            result("di", question("f", FAILED, FAILED, code="unfilled"), timing={"questions.f_s": 2.0}),
        )
        assert rows(report, "questions") == [
            {
                "question": "f",
                "max_points": 10,
                "mean": (10 + 5 + 0 + 0) / 4,
                "median": (0 + 5) / 2,
                "students": 4,
                "unanswered": 1,
                "full": 1,
                "in_part": 1,
                "nothing": 1,
                "recognised": 0,
                "median_s": 2.0,
                "p90_s": pytest.approx(2.8),
                "total_s": 6.0,
            }
        ]

    def test_of_checks(self):
        report = report_of(
            result("ada", question("f", PASSED, PASSED)),
            result("bo", question("f", PASSED, FAILED)),
            result("cy", question("f", FAILED, SKIPPED)),
            result("di", question("f", ERROR, PASSED)),
        )
        first, second = rows(report, "checks")
        assert [first[name] for name in ("number", "students", "passed", "failed", "not_counted")] == [1, 3, 2, 1, 0]
        assert [second[name] for name in ("number", "students", "passed", "failed", "not_counted")] == [2, 4, 2, 1, 1]
        assert (first["pass_rate"], second["pass_rate"]) == (2 / 3, 2 / 4)

    def test_discrimination_compares_with_the_points_for_the_other_questions(self):
        outcomes = [(n % 3 > 0, n % 4 > 0, n % 5 > 1) for n in range(60)]
        report = report_of(
            *(
                result(
                    f"s{n}",
                    question("f", *(PASSED if x else FAILED for x in (a, b))),
                    question("g", *[(c and PASSED) or FAILED]),
                )
                for n, (a, b, c) in enumerate(outcomes)
            )
        )
        found = [row["discrimination"] for row in rows(report, "checks")]
        a, b, c = np.transpose(outcomes).astype(float)
        assert found == pytest.approx([np.corrcoef(a, c)[0, 1], np.corrcoef(b, c)[0, 1], np.corrcoef(c, a + b)[0, 1]])

    def test_with_one_question_it_compares_with_its_other_checks(self):
        outcomes = [(n % 2 > 0, n % 3 > 0, n % 4 > 0) for n in range(48)]
        report = report_of(
            *(
                result(
                    f"s{n}",
                    question("f", *(PASSED if x else FAILED for x in one)),
                    question("optional", PASSED, max_points=0),
                )
                for n, one in enumerate(outcomes)
            )
        )
        a, b, c = np.transpose(outcomes).astype(float)
        assert rows(report, "checks")[0]["discrimination"] == pytest.approx(np.corrcoef(a, b + c)[0, 1])

    def test_an_optional_question_counts_those_who_began_it(self):
        left_out = question("g", FAILED, max_points=0, code="unfilled")
        report = report_of(
            result("ada", question("f", PASSED), left_out),
            result("bo", question("f", PASSED), question("g", PASSED, max_points=0)),
        )
        assert rows(report, "checks")[1]["students"] == 1
        assert rows(report, "questions")[1]["unanswered"] == 1
        assert rows(report, "questions")[1]["mean"] is None

    def test_the_last_row_of_the_marks_says_that_it_has_the_full_ones_too(self):
        table = report_of(result("ada", question("f", PASSED))).table("marks")
        assert table.rows[-1] == (9, 10, 1, 1)
        assert [column.title for column in table.columns][:2] == ["from", "to"]
        assert "full points in the last one" in table.title

    def test_who_has_no_mark_is_in_no_distribution_and_a_damaged_file_is_a_0(self):
        report = report_of(
            result("ada", question("f", PASSED)),
            result("bo", question("f"), end_state=EndState.GRADER_ERROR),
            result("cy", question("f"), end_state=EndState.MISSING),
            result("di", question("f"), end_state=EndState.DAMAGED, reason="not JSON"),
        )
        assert [(row["from"], row["students"]) for row in rows(report, "marks") if row["students"]] == [(0, 1), (9, 1)]
        assert rows(report, "questions")[0]["students"] == 1
        assert {row["end_state"]: row["share"] for row in rows(report, "end_states")} == dict.fromkeys(
            ("graded", "grader_error", "damaged", "missing"), 1 / 4
        )
        assert [(fact.name, fact.value) for fact in report.facts][:3] == [
            ("Students", "4"),
            ("With a mark", "2"),
            ("Mean", "5 of 10"),
        ]

    def test_of_repairs(self):
        report = report_of(
            result("ada", repairs=(Repair("moved", "cell 1"), Repair("moved", "cell 2"), Repair("renamed", "x"))),
            result("bo", repairs=(Repair("moved", "cell 9"),)),
        )
        assert rows(report, "repairs") == [
            {"repair": "moved", "students": 2, "times": 3, "example": "cell 1", "who": ("ada", "bo")},
            {"repair": "renamed", "students": 1, "times": 1, "example": "x", "who": ("ada",)},
        ]

    def test_of_misconceptions(self):
        wrong, right = question("f", FAILED), question("f", PASSED)
        stride = Recognised("f", "stride_ignored", "The windows start one pixel apart.")
        report = report_of(
            (result("ada", wrong), Seen((stride,))),
            (result("bo", wrong), Seen()),
            (result("cy", right), Seen()),
            (result("di", right), Seen()),
        )
        (row,) = rows(report, "misconceptions")
        assert (row["students"], row["share_of_wrong"], row["share_of_class"]) == (1, 1 / 2, 1 / 4)
        assert row["who"] == ("ada",)
        assert rows(report, "questions")[0]["recognised"] == 1

    def test_are_no_class_without_students(self):
        report = class_report(Tally("tiny", VERSION))
        assert "There is no mark yet." in class_page(report)


class TestWords:
    def test_name_the_misconceptions_that_most_have_once_for_all_questions(self):
        wrong = (question("f", FAILED), question("g", FAILED))
        stride = [Recognised(name, "stride", "One pixel apart.") for name in "fg"]
        bias = Recognised("f", "bias", "No bias.")
        report = report_of(
            (result("ada", *wrong), Seen(tuple(stride))),
            (result("bo", *wrong), Seen((stride[1],))),
            (result("cy", *wrong), Seen((bias,))),
        )
        first, second = report.to_teach
        assert (first.name, first.questions, first.n, first.share) == ("stride", ("g", "f"), 2, 2 / 3)
        assert (second.name, second.n) == ("bias", 1)
        assert "2 students (67 %): One pixel apart." in words(class_page(report))

    def test_name_the_hardest_check_that_counts(self):
        report = report_of(
            result("ada", question("f", PASSED, FAILED), question("bonus", FAILED, max_points=0)),
            result("bo", question("f", PASSED, PASSED), question("bonus", FAILED, max_points=0)),
        )
        assert report.hardest.title == "check 1 of f"
        assert "The hardest check: 50 % pass “check 1 of f” of f." in words(class_page(report))

    def test_say_that_nothing_was_hard(self):
        page = words(class_page(report_of(result("ada", question("f", PASSED)))))
        assert "Every check that counts is passed by everybody." in page
        assert "No misconception was recognised." in page
        assert "Who needs a person Nobody." in page

    def test_name_a_check_that_weaker_students_pass(self):
        strong = [(question("f", FAILED, PASSED), question("g", PASSED))] * 12
        weak = [(question("f", PASSED, FAILED), question("g", FAILED))] * 12
        report = report_of(*(result(f"s{n}", *one) for n, one in enumerate(strong + weak)))
        assert [check.title for check in report.backwards] == ["check 0 of f"]
        assert "A check to look at: weaker students pass “check 0 of f” of f more often" in words(class_page(report))

    def test_say_who_needs_a_person_the_most_urgent_first(self):
        report = report_of(
            result("ada", question("f"), end_state=EndState.DAMAGED, reason="not JSON"),
            result("bo", question("f"), end_state=EndState.GRADER_ERROR, reason="disk full"),
            result("cy", question("f"), end_state=EndState.DAMAGED, reason="empty"),
        )
        assert [(people.why, people.students) for people in report.people] == [
            (Why.NO_MARK.value, ("bo",)),
            (Why.DAMAGED.value, ("ada", "cy")),
        ]

    def test_warn_of_what_the_numbers_are_not_to_be_trusted_in(self):
        tally = Tally("tiny", VERSION, gradebook_read=False)
        tally.add(result("ada", assignment_version="old"), Seen(diagnosed=False))
        tally.add(result("bo", environment={"python": "3.14.0"}), Seen(problem="the graded bytes are gone"))
        notes = class_report(tally).notes
        assert [note.split(":")[0] for note in notes] == [
            "Graded with another version of the assignment than there is now",
            "Misconceptions were not looked for in 1 submission",
            "1 submission could not be looked into",
            "The gradebook could not be read, so nobody is listed whose answers wait for a person's grade.",
            "Not everybody was graded in the same environment.",
        ]

    @pytest.mark.parametrize("name", ["python", "numpy", "stepgrade", "engine", "boundary"])
    def test_compare_environments_in_everything_that_a_result_says_of_its_own(self, name):
        known = {"python": "3.11.7", "numpy": "2.3.5", "stepgrade": "0.1.0", "engine": "e1", "boundary": "bubblewrap"}
        report = report_of(result("ada", environment=known), result("bo", environment=known | {name: "other"}))
        assert report.notes == ("Not everybody was graded in the same environment.",)
        assert report_of(*(result(student, environment=known) for student in ("ada", "bo"))).notes == ()


def words(page: str) -> str:
    """What a person reads of a page, in one line."""
    return (
        " ".join(BeautifulSoup(page, "html.parser").get_text(" ").split())
        .replace(" .", ".")
        .replace(" ,", ",")
        .replace(" :", ":")
    )


class TestWhoNeedsAPerson:
    @pytest.mark.parametrize(
        ("state", "why"),
        [
            (EndState.GRADER_ERROR, Why.NO_MARK),
            (EndState.DAMAGED, Why.DAMAGED),
            (EndState.TIMED_OUT, Why.TIMED_OUT),
            (EndState.OUT_OF_MEMORY, Why.OUT_OF_MEMORY),
        ],
    )
    def test_is_whose_grading_did_not_end_well(self, state, why):
        (one,) = attention(result("ada", end_state=state, reason="why"))
        assert (one.student, one.why, one.detail) == ("ada", why, "why")

    @pytest.mark.parametrize("state", [EndState.GRADED, EndState.CRASHED, EndState.MISSING])
    def test_is_nobody_else(self, state):
        assert list(attention(result("ada", end_state=state))) == []
        nothing = "nothing was handed in; expected submitted/ada/tiny/tiny.ipynb"
        assert list(attention(result("ada", end_state=EndState.MISSING, reason=nothing))) == []

    def test_is_who_handed_in_something_else_than_a_notebook(self):
        reason = "submitted/ada/tiny holds no notebook, only work.docx; expected tiny.ipynb"
        (one,) = attention(result("ada", end_state=EndState.MISSING, reason=reason))
        assert (one.why, one.detail) == (Why.NO_NOTEBOOK, reason)

    def test_is_who_handed_in_another_notebook(self):
        other = (Repair("other_edition", "the notebook is of another edition"),)
        nothing = question("f", FAILED, code="not_defined")
        (one,) = attention(result("ada", nothing, repairs=other))
        assert one.why is Why.OTHER_NOTEBOOK
        assert list(attention(result("ada", nothing, question("g", PASSED), repairs=other))) == []

    def test_is_who_handed_in_several_notebooks(self):
        aside = Repair("notebooks_left_aside", "besides a.ipynb there is b.ipynb; not graded")
        (one,) = attention(result("ada", question("f"), repairs=(aside,)))
        assert one.why is Why.SEVERAL
        assert one.detail.endswith(" points: besides a.ipynb there is b.ipynb; not graded")

    def test_is_told_by_the_question_where_it_was_stopped(self):
        stopped = question("f", FAILED, code="stopped")
        (one,) = attention(result("ada", stopped, question("g", FAILED), end_state=EndState.TIMED_OUT))
        assert one.detail == "f"

    def test_is_whose_answers_wait_for_a_grade_by_hand(self):
        assert [one.detail for one in attention(result("ada"), 1)] == ["1 answer"]
        assert [one.detail for one in attention(result("ada"), 2)] == ["2 answers"]
        assert [one.why for one in attention(result("ada", end_state=EndState.DAMAGED), 2)] == [Why.DAMAGED]

    def test_is_whose_notebook_needed_many_repairs(self):
        repairs = tuple(Repair("cell_moved", str(n)) for n in range(MANY_REPAIRS))
        assert list(attention(result("ada", repairs=repairs[1:]))) == []
        assert [one.detail for one in attention(result("ada", repairs=repairs))] == [f"{MANY_REPAIRS}: cell moved"]


class TestDisagreement:
    FIRST = result("ada", question("f", PASSED, PASSED), question("g", PASSED))

    def then(self, *outcomes: Outcome, **more: object) -> Result:
        return dataclasses.replace(self.FIRST, questions=(question("f", *outcomes), question("g", PASSED)), **more)

    def test_is_a_check_that_came_out_differently_from_the_same(self):
        (found,) = disagreements([self.FIRST, self.then(PASSED, FAILED)])
        assert dataclasses.astuple(found) == ("ada", "f", "check 1 of f", "passed", "failed")

    def test_is_listed_once_however_often_it_happens(self):
        flips = [self.then(PASSED, outcome) for outcome in (FAILED, PASSED, FAILED)]
        assert len(disagreements([self.FIRST, *flips])) == 1

    def test_is_found_behind_other_results(self):
        other = self.then(FAILED, FAILED, submission_sha256="f" * 64)
        assert len(disagreements([self.FIRST, other, self.then(FAILED, PASSED)])) == 1

    @pytest.mark.parametrize(
        "change",
        [
            {"submission_sha256": "f" * 64},
            {"seed": "6" * 64},
            {"environment": {"python": "3.14.0"}},
            {"end_state": EndState.TIMED_OUT},
            {"end_state": EndState.OUT_OF_MEMORY},
            {"end_state": EndState.CRASHED},
        ],
        ids=lambda change: ", ".join(change),
    )
    def test_is_not_where_something_else_differs_or_something_was_stopped(self, change):
        assert disagreements([self.FIRST, self.then(PASSED, FAILED, **change)]) == []

    def test_is_not_where_the_question_is_another_version(self):
        changed = dataclasses.replace(question("f", PASSED, FAILED), version="v2")
        assert disagreements([self.FIRST, dataclasses.replace(self.FIRST, questions=(changed,))]) == []

    def test_is_an_alarm_on_top_of_the_page(self):
        tally = Tally("tiny", VERSION)
        tally.add(self.FIRST)
        tally.add_history(disagreements([self.FIRST, self.then(PASSED, FAILED)]))
        assert "Alarm: 1 check outcome differed when the same was graded twice." in words(
            class_page(class_report(tally))
        )


LONG = '''
def f(A, size):
    """Slide."""
    # from top to bottom
    n = A.shape[0] - size + 1
    out = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            window = A[i : i + size, j : j + size]
            out[i, j] = np.sum(window * window) / (size * size)
    helper = lambda x, k=2: [x * y for y in range(k)]
    return out + helper(1)[0]
'''
OTHER_NAMES = '''
def f(A: np.ndarray, size: int) -> np.ndarray:
    count: int = A.shape[0] - size + 1
    result = np.zeros((count, count))  # zeros first

    for row in range(count):
        for column in range(count):
            part = A[row:row + size, column:column + size]
            result[row, column] = (
                np.sum(part * part) / (size * size)
            )
    f2 = lambda z, n=2: [z * q for q in range(n)]
    """here it comes"""
    pass
    return result + f2(1)[0]
    raise NotImplementedError("f: write your code here")
'''


def body(source: str, *given: str) -> list[str]:
    (function,) = functions_of(ast.parse(source))
    return spelled(function, [ast.dump(ast.parse(text).body[0]) for text in given]).words


class TestEqualAnswers:
    def test_are_equal_whatever_their_own_names_comments_and_layout(self):
        assert body(LONG) == body(OTHER_NAMES)

    @pytest.mark.parametrize(
        ("old", "new"),
        [("range(n)", "range(0, n)"), ("(n, n)", "(n, n, 1)"), ("np.sum", "sum"), ("size", "f_size"), ("k=2", "k=3")],
    )
    def test_are_not_where_they_do_something_else_or_call_a_parameter_otherwise(self, old, new):
        assert body(LONG) != body(LONG.replace(old, new))

    def test_are_compared_without_what_the_release_gives(self):
        assert body("def f(x):\n    y = x + 1\n    return y * y", "y = x + 1") == body("def f(x):\n    return y * y")

    def test_keep_names_that_come_from_outside_and_those_declared_global(self):
        shown = body("def f(x):\n    global calls\n    calls += 1\n    return zero_pad(x, pad=calls)")
        assert all(name in shown for name in ("'calls'", "'zero_pad'", "'pad'", "'x'"))

    def test_of_one_idea_are_not_compared_and_others_are(self):
        release = [Cell("code", "def f(A, size):\n    raise NotImplementedError", "f_solution")]
        graded = [Graded("f", "f", ("A", "size"))]
        cells = [Cell("code", "import numpy as np"), Cell("code", LONG, "f_solution")]
        (answer,) = answers_of(cells, release, graded)
        assert (answer.question, answer.n_lines) == ("f", 8)
        assert answer.n_nodes >= MIN_NODES
        short = Cell("code", "def f(A, size):\n    return np.sum(A) / size", "f_solution")
        assert list(answers_of([short], release, graded)) == []
        assert list(answers_of(release, release, graded)) == []

    def test_of_two_handwritings_are_never_long_and_equal(self, assignment):
        questions = [question.id for question in assignment.questions]
        graded = [Graded(one.id, one.id, one.specification.parameters) for one in assignment.questions]
        places: dict[tuple[str, str], set[str]] = {}
        for style in STYLES:
            hand = Handwriting.read(style, questions)
            cells = [Cell("code", source) for source in hand.cells(questions)]
            for answer in answers_of(cells, assignment.source_cells, graded):
                places.setdefault((answer.question, answer.fingerprint), set()).add(hand.answers[answer.question])
        assert len(places) > 60
        assert [key for key, texts in places.items() if len(texts) > 1] == []

    def test_that_nobody_can_read_are_left_out(self):
        release = [Cell("code", "def f(x):\n    raise NotImplementedError", "f_solution")]
        deep = Cell("code", "def f(x):\n    return x" + "+1" * 20_000, "f_solution")
        broken = Cell("code", "def f(x:\n    return", "f_solution")
        for cell in (deep, broken):
            assert list(answers_of([cell], release, [Graded("f", "f", ("x",))])) == []


def answer(question: str, fingerprint: str = "same", n_lines: int = 10) -> Answer:
    return Answer(question, fingerprint, 10 * n_lines, n_lines)


class TestGroups:
    def test_are_answers_in_several_files_the_longest_first(self):
        equal = EqualAnswers()
        equal.add("ada", "1", [answer("f"), answer("g", n_lines=20), answer("h", "own")])
        equal.add("bo", "2", [answer("f"), answer("g", n_lines=20)])
        equal.add("cy", "3", [answer("f")])
        assert [(group.question, group.n_files, group.students) for group in equal.groups()] == [
            ("g", 2, ("ada", "bo")),
            ("f", 3, ("ada", "bo", "cy")),
        ]

    def test_pairs_that_share_most_answers_come_first(self):
        equal = EqualAnswers()
        equal.add("ada", "1", [answer("f"), answer("g"), answer("h")])
        equal.add("bo", "2", [answer("f"), answer("g"), answer("h")])
        equal.add("cy", "3", [answer("f"), answer("g")])
        equal.add("di", "4", [answer("f")])
        pairs = equal.pairs()
        assert [(pair.students, pair.questions, pair.n_lines) for pair in pairs] == [
            (("ada", "bo"), ("f", "g", "h"), 30),
            (("ada", "cy"), ("f", "g"), 20),
            (("bo", "cy"), ("f", "g"), 20),
        ]

    def test_count_the_very_same_file_once(self):
        equal = EqualAnswers()
        for student, file in (("ada", "1"), ("bo", "1"), ("cy", "2")):
            equal.add(student, file, [answer("f"), answer("g")])
        assert equal.same_files() == [("ada", "bo")]
        assert {(group.n_files, group.students) for group in equal.groups()} == {(2, ("ada", "bo", "cy"))}
        assert [pair.students for pair in equal.pairs()] == [("ada", "cy")]

    def test_an_untouched_release_in_many_hands_is_nothing(self):
        equal = EqualAnswers()
        equal.add("ada", "1", [])
        equal.add("bo", "1", [])
        assert equal.same_files() == equal.groups() == equal.pairs() == []

    def test_what_stands_in_many_files_is_everybodys_and_makes_no_pair(self):
        equal = EqualAnswers()
        for n in range(MAX_GROUP + 1):
            equal.add(f"s{n}", str(n), [answer("f"), answer("g")])
        assert equal.pairs() == []
        assert equal.groups()[0].n_files == MAX_GROUP + 1

    def test_three_hundred_students_take_a_moment(self):
        equal = EqualAnswers()
        for n in range(300):
            equal.add(f"s{n}", str(n), [answer(f"q{q}", str((n * q) % 150)) for q in range(8)])
        assert len(equal.pairs()) > 100


class TestWorthALook:
    def test_lists_each_sign_with_its_place(self):
        sign = Sign("process", "copies, ends or signals a process: os.fork", 3, 2, "os.fork()")
        report = report_of((result("ada"), Seen(signs=(sign, Sign("no_answer", "sent no answer")))))
        assert rows(report, "worth_a_look") == [
            {"student": "ada", "cell": 3, "line": 2, "what": sign.sentence, "source": "os.fork()"},
            {"student": "ada", "cell": None, "line": None, "what": "sent no answer", "source": ""},
        ]
        assert "No mark was affected by anything in this list" in words(class_page(report))

    def test_lists_what_many_have_once(self):
        common, own = Sign("network", "reaches for the network: urllib.request", 1, 1), Sign("process", "forks", 1, 1)
        added = [(result(f"s{n}"), Seen(signs=(common, own) if n == 0 else (common,))) for n in range(MIN_COMMON)]
        report = report_of(*added)
        assert [row["what"] for row in rows(report, "worth_a_look")] == ["forks"]
        assert rows(report, "in_many_submissions") == [{"what": common.sentence, "students": MIN_COMMON}]


def big_class(n_students: int = 300) -> Tally:
    """A class of students whose every word is hostile where they choose it."""
    generator = random.Random(1)  # noqa: S311 - no secret
    tally = Tally("tiny", VERSION)
    for n in range(n_students):
        student = f"s{n}{HOSTILE}" if n % 10 == 0 else f"s{n}"
        outcomes = [generator.choice([PASSED, PASSED, FAILED]) for _ in range(4)]
        judged = result(
            student,
            question("f", *outcomes),
            question("g", *outcomes[::-1], max_points=5.0),
            repairs=(Repair("cell_left_out", HOSTILE),),
            reason=HOSTILE,
            end_state=EndState.TIMED_OUT if n % 50 == 0 else EndState.GRADED,
            timing={"questions.f_s": generator.random(), "questions.g_s": 0.5},
        )
        seen = Seen(
            (Recognised("f", "stride_ignored", "The windows start one pixel apart."),) if n % 3 == 0 else (),
            (Sign("process", f"forks {n}: {HOSTILE}", 1, 1, HOSTILE),) if n % 7 == 0 else (),
            (answer("f", str(n % 140)), answer("g", str(n % 140))),
        )
        tally.add(judged, seen, n_by_hand=n % 40 == 0)
    first = result(f"=cmd{HOSTILE}", question("f", PASSED))
    tally.add_history(disagreements([first, dataclasses.replace(first, questions=(question("f", FAILED),))]))
    return tally


@pytest.fixture(scope="module")
def page() -> str:
    return class_page(class_report(big_class()))


@pytest.fixture
def soup(page: str) -> BeautifulSoup:
    return BeautifulSoup(page, "html.parser")


class TestThePage:
    def test_says_on_top_that_it_is_for_staff_only(self, soup):
        assert soup.body.find(True, recursive=True).get_text(" ", strip=True).startswith("STAFF ONLY.")
        assert "staff only" in soup.title.text

    def test_has_no_script_and_needs_no_network_and_no_other_file(self, soup):
        policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
        assert policy.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'")
        assert soup.find_all(["script", "link", "iframe", "object", "embed", "form", "base", "svg"]) == []
        for element in soup.find_all(True):
            assert not any(name.startswith("on") or name == "style" for name in element.attrs), element
        assert all(image["src"].startswith("data:image/svg+xml;base64,") for image in soup.find_all("img"))
        assert all(re.fullmatch(r"#\w+|\w+\.csv", link["href"]) for link in soup.find_all("a"))

    def test_shows_what_students_chose_as_text(self, page, soup):
        assert "<script" not in page
        assert "onerror=alert" not in re.sub(r"&lt;img src=x onerror=alert\(1\)&gt;", "", page)
        assert "\x1b" not in page
        assert "‮" not in page
        assert "{{ 7 * 7 }}" in soup.text
        assert "49" not in {cell.text for cell in soup.find_all("td", class_="names")}

    def test_has_the_same_bytes_twice(self, page):
        assert class_page(class_report(big_class())) == page

    def test_names_every_plot_and_every_table_for_those_who_do_not_see_them(self, soup):
        assert all(len(image["alt"]) > 20 for image in soup.find_all("img"))
        assert len(soup.find_all("img")) == 6
        for table in soup.find_all("table"):
            assert soup.find(id=table["aria-labelledby"]).text
            assert all(cell.get("scope") == "col" for cell in table.find_all("th"))
        levels = [int(heading.name[1]) for heading in soup.find_all(re.compile("^h[1-6]$"))]
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
        ids = [element["id"] for element in soup.find_all(id=True)]
        assert len(ids) == len(set(ids))

    def test_leads_to_each_of_its_sections(self, soup):
        targets = [link["href"] for link in soup.nav.find_all("a")]
        assert len(targets) == 9
        assert all(soup.find(id=target[1:]).name == "section" for target in targets)

    def test_folds_many_names_away_and_leaves_long_tables_to_the_csv(self, soup):
        folded = soup.find("section", id="misconceptions").find("details")
        assert folded.summary.text == f"and {100 - MAX_NAMES} more"
        repairs = soup.find("section", id="states").find_all("details")[-1]
        assert repairs.summary.text == f"and {300 - MAX_NAMES} more"
        assert repairs.text.endswith(f"and {300 - MAX_NAMES - 100} in the CSV")
        pairs = soup.find(id="table-equal_pairs").find_next("table")
        assert len(pairs.find_all("tr")) == MAX_ROWS + 1
        assert pairs.find_next(class_="csv").text.startswith("80 more rows are in equal_pairs.csv")

    def test_leaves_out_columns_in_which_nothing_stands(self, soup):
        header = [cell.text for cell in soup.find(id="table-checks").find_next("table").find_all("th")]
        assert header[-1] == "discrimination"

    def test_is_small(self, page):
        assert len(page) < 600_000


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: install the system's package chromium")
@pytest.mark.parametrize("width", [360, 1280])
def test_in_a_browser_the_page_asks_for_nothing_complains_of_nothing_and_fits(page, tmp_path, width):
    from playwright.sync_api import sync_playwright

    file = tmp_path / "index.html"
    file.write_text(page, encoding="utf-8")
    said, asked = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        shown = browser.new_page(viewport={"width": width, "height": 900})
        for event in ("console", "pageerror", "dialog"):
            shown.on(event, lambda what: said.append(str(what)))
        shown.on("request", lambda request: asked.append(request.url))
        shown.goto(file.as_uri())
        shown.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
        widths = shown.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        broken = shown.evaluate("[...document.images].filter(image => !image.naturalWidth).length")
        browser.close()
    assert said == []
    assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
    assert widths[0] <= widths[1]
    assert broken == 0


class TestPlots:
    def test_are_svg_without_a_date_and_the_same_bytes_twice(self):
        for draw in (
            lambda: histogram([(0.0, 5.0, 1), (5.0, 10.0, 3)], 7.5, "points"),
            lambda: bars([Bar("a <b> & $x_1$ label", 1.0, "1 to 2", 2.0)], "seconds"),
            lambda: stacked([("f", (1, 2, 0, 3))], ("full", "in part", "nothing", "not begun"), "students"),
            lambda: scatter([Dot(50, -0.5, "7"), Dot(80, 0.4)]),
        ):
            svg = draw()
            assert svg.startswith(b"<?xml")
            assert b"<dc:date>" not in svg
            assert svg == draw()

    def test_keep_labels_as_text_and_take_no_sign_for_markup(self):
        svg = bars([Bar("a <b> & $x_1$ label", 1.0, "1")], "seconds").decode()
        assert "a &lt;b&gt; &amp; $x_1$ label" in svg

    def test_change_no_setting_of_matplotlib(self):
        import matplotlib as mpl

        before = dict(mpl.rcParams)
        bars([Bar("a", 1.0, "1")], "seconds")
        assert dict(mpl.rcParams) == before


class TestCsv:
    def test_holds_nothing_that_a_spreadsheet_would_execute(self):
        table = Table(
            "t",
            "T",
            (Column("a", "A"), Column("who", "who", Kind.NAMES), Column("n", "n", Kind.COUNT)),
            (("=cmd|' /C calc'!A0", ("ada", "=1+1", "@x"), 3), ("-2", (), None), ("\t=1", ("+1",), -0.5)),
        )
        read = list(csv.reader(io.StringIO(table.csv().decode())))
        assert read == [
            ["a", "who", "n"],
            ["'=cmd|' /C calc'!A0", "ada; '=1+1; '@x", "3"],
            ["'-2", "", ""],
            [" '=1", "'+1", "-0.5"],
        ]

    def test_of_every_table_is_harmless_whatever_students_write(self):
        for table in class_report(big_class(60)).tables:
            for row in csv.reader(io.StringIO(table.csv().decode())):
                for cell in row:
                    assert not re.match(r"[=+@\t\r]|-(?![\d.]+$)", cell), (table.name, cell)
                    assert cell.isprintable()


@pytest.mark.slow
def test_two_thousand_students_need_a_few_words_each():
    generator = random.Random(2)  # noqa: S311 - no secret

    def one(n: int) -> tuple[Result, Seen]:
        checks = [generator.choice([PASSED, FAILED]) for _ in range(5)]
        judged = [question(f"q{q}", *checks) for q in range(8)]
        timing = {f"questions.q{q}_s": generator.random() for q in range(8)}
        found = tuple(answer(f"q{q}", f"{n % 900:020}") for q in range(5))
        sign = Sign("process", "forks", n, 1, "os.fork()" * 10)
        return result(f"student{n}", *judged, timing=timing), Seen((), (sign,) if n % 9 == 0 else (), found)

    tally = Tally("tiny", VERSION)
    tally.add(*one(0))
    tracemalloc.start()
    try:
        for n in range(1, 2001):
            tally.add(*one(n))
        kept, _ = tracemalloc.get_traced_memory()
        page = class_page(class_report(tally))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept / 2000 < 3000  # bytes of one student, where a Result takes ten times as many
    assert peak < 60 * 2**20
    assert len(page) < 10**6


# The command


def stepgrade(course: Path, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command on a course, with one worker where it has workers."""
    one = ["--workers", "1"] if arguments[0] in ("grade", "report") else []
    command = [sys.executable, "-m", "stepgrade.cli", "--course", str(course), *arguments, *one]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    return done


CATALOGUE = """
from stepgrade.diagnose import Catalogue, Misconception

def imitate(names):
    return (lambda x: x) if names else (lambda x: x / 2)

SENTENCE = "What comes in comes out: nothing is halved."
CATALOGUES = {"halve": Catalogue((Misconception("not_halved", SENTENCE, "Halves"),), imitate)}
"""


WRONG = "def halve(x):\n    return x"
CLASS: dict[str, dict[str, str]] = {
    "ada": {},
    "bo": {"halve": WRONG},
    "cy": {"halve": WRONG, "double": "import numpy as np\nnp.isclose = print\ndef double(x):\n    return 2 * x"},
    "fay": {"double": LONG.replace("def f(A, size)", "def double(A, size)")},
    "gil": {"double": OTHER_NAMES.replace("def f(A", "def double(A")},
}


@pytest.fixture(scope="module")
def graded_class(tmp_path_factory) -> Path:
    """A class that is graded: right, wrong in a known way, tampering, two who are equal, damaged, missing."""
    course = make_tiny_course(tmp_path_factory.mktemp("class"))
    (course / "hidden/tiny/misconceptions.py").write_text(CATALOGUE)
    stepgrade(course, "release", "tiny")
    notebook = nbformat.read(course / "source/tiny/tiny.ipynb", as_version=4)
    for student, answers in CLASS.items():
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("solution"):
                question = cell.metadata.nbgrader.grade_id.removesuffix("_solution")
                cell.source = (RIGHT_TINY | answers)[question]
        _hand_in(course, student, "tiny.ipynb", nbformat.writes(notebook))
    _hand_in(course, "di", "tiny.ipynb", "junk")
    _hand_in(course, "ed", "notes.txt", "tomorrow")
    stepgrade(course, "grade", "tiny")
    return course


def _hand_in(course: Path, student: str, name: str, content: str) -> None:
    folder = course / "submitted" / student / "tiny"
    folder.mkdir(parents=True)
    (folder / name).write_text(content)


@pytest.mark.slow
class TestTheCommand:
    @pytest.fixture
    def course(self, graded_class, tmp_path) -> Path:
        return Path(shutil.copytree(graded_class, tmp_path / "course"))

    def tables(self, course, *names: str) -> list[list[dict[str, str]]]:
        folder = course / "reports/tiny"
        return [list(csv.DictReader((folder / f"{name}.csv").read_text().splitlines())) for name in names]

    def test_writes_the_page_and_its_tables_the_same_twice(self, course):
        done = stepgrade(course, "report", "tiny")
        assert done.stdout == ("the class report is in reports/tiny/index.html, with its tables as CSV; staff only\n")
        first = {path.name: path.read_bytes() for path in (course / "reports/tiny").iterdir()}
        page = first["index.html"].decode()
        linked = set(re.findall(r'href="(\w+\.csv)"', page))
        assert linked <= first.keys()
        misconceptions, look, people, states, groups = self.tables(
            course, "misconceptions", "worth_a_look", "needs_a_person", "end_states", "equal_answers"
        )
        assert [
            (row["misconception"], row["students"], row["share_of_wrong"], row["who"]) for row in misconceptions
        ] == [("not_halved", "2", "1.00", "bo; cy")]
        assert [(row["student"], row["what"]) for row in look] == [
            ("cy", "puts something else in the place of: numpy.isclose")
        ]
        assert [(row["student"], row["why"]) for row in people] == [
            ("di", "the file cannot be read"),
            ("ed", "something was handed in, but no notebook"),
        ]
        assert {row["end_state"]: row["students"] for row in states} == {"graded": "5", "damaged": "1", "missing": "1"}
        assert [(row["question"], row["who"]) for row in groups] == [("double", "fay; gil")]
        assert "What comes in comes out: nothing is halved." in page
        result = json.loads((course / "autograded/bo/tiny/result.json").read_text())
        assert result["seed"] not in page
        stepgrade(course, "report", "tiny")
        assert {path.name: path.read_bytes() for path in (course / "reports/tiny").iterdir()} == first

    def test_leaves_misconceptions_that_nobody_knows_yet_alone_when_told_to(self, course):
        stepgrade(course, "report", "tiny", "--no-diagnosis")
        assert self.tables(course, "misconceptions") == [[]]
        page = (course / "reports/tiny/index.html").read_text()
        assert "Misconceptions were not looked for in 4 submissions" in page
        stepgrade(course, "report", "tiny")
        stepgrade(course, "report", "tiny", "--no-diagnosis")  # what is known stays known
        assert len(self.tables(course, "misconceptions")[0]) == 1

    def test_says_whose_answers_wait_for_a_person(self, course):
        with closing(sqlite3.connect(course / "gradebook.db")) as base, base:
            base.execute(
                "update grade set needs_manual_grade = 1 where notebook_id in (select submitted_notebook.id from "
                "submitted_notebook join submitted_assignment on submitted_assignment.id = "
                "submitted_notebook.assignment_id where submitted_assignment.student_id = 'ada')"
            )
        stepgrade(course, "report", "tiny", "--no-diagnosis")
        (people,) = self.tables(course, "needs_a_person")
        assert ("ada", "answers wait for a person's grade", "3 answers") in [tuple(row.values()) for row in people]

    def test_goes_on_without_a_gradebook_and_says_so(self, course):
        (course / "gradebook.db").rename(course / "elsewhere.db")
        done = stepgrade(course, "report", "tiny", "--no-diagnosis")
        assert "whose answers wait for a person's grade is left out: the gradebook" in done.stderr
        assert "The gradebook could not be read" in (course / "reports/tiny/index.html").read_text()

    def test_writes_the_rest_where_a_submission_is_gone_and_says_so(self, course):
        shutil.rmtree(course / ".stepgrade/tiny/graded")
        shutil.rmtree(course / "submitted/ada")
        stepgrade(course, "report", "tiny", "--no-diagnosis", code=3)
        assert (
            "1 submission could not be looked into: the graded bytes of ada"
            in (course / "reports/tiny/index.html").read_text()
        )

    def test_alarms_where_the_journal_has_the_same_graded_with_another_outcome(self, course):
        journal = course / ".stepgrade/tiny/journal.jsonl"
        lines = map(json.loads, journal.read_text().splitlines())
        (line,) = [line for line in lines if line.get("graded", {}).get("student") == "ada"]
        line["graded"]["result"]["questions"][0]["checks"][0]["outcome"] = "failed"
        with journal.open("a") as file:
            file.write(json.dumps(line) + "\n")
        stepgrade(course, "report", "tiny", "--no-diagnosis")
        (found,) = self.tables(course, "disagreements")[0]
        assert (found["student"], found["question"], found["first"], found["then"]) == (
            "ada",
            "halve",
            "passed",
            "failed",
        )


def test_before_anybody_is_graded_there_is_nothing_to_report(tiny_course):
    shown = CliRunner().invoke(main, ["--course", str(tiny_course), "report", "tiny"])
    assert shown.exit_code == 2
    assert "nobody is graded yet; run `stepgrade grade tiny` first" in shown.stderr


def test_an_unknown_assignment_is_a_usage_error(tiny_course):
    shown = CliRunner().invoke(main, ["--course", str(tiny_course), "report", "tinny"])
    assert shown.exit_code == 2
    assert "did you mean tiny?" in shown.stderr


def test_the_whole_help():
    shown = CliRunner().invoke(main, ["report", "--help"], prog_name="stepgrade", terminal_width=80)
    assert shown.output == REPORT_HELP


def test_git_ignores_reports_but_for_their_readme():
    ignored = subprocess.run(["git", "check-ignore", "-q", "reports/tiny/index.html"], cwd=COURSE)
    kept = subprocess.run(["git", "check-ignore", "-q", "reports/README.md"], cwd=COURSE)
    assert (ignored.returncode, kept.returncode) == (0, 1)


def test_looking_into_submissions_imports_neither_nbgrader_nor_matplotlib():
    script = (
        "import sys, stepgrade.course.classreport; "
        "print(sorted({'nbgrader', 'matplotlib', 'jinja2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
