"""A class for CI services: JUnit, Markdown and Classroom 50's files, which name nobody unless they are asked to."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from stepgrade.errors import UsageError
from stepgrade.report.export import (
    Classroom,
    Pseudonyms,
    class_junit,
    class_summary,
    junit,
    read_commits,
    summary,
    write_classroom50,
)
from stepgrade.report.export.classroom50 import Commit
from stepgrade.result import CheckResult, EndState, Outcome
from tests.test_report import BROKEN, DAMAGED, FAILED, HOSTILE, PASSED, UNFILLED, question, result

SECRET = b"of the course"
LEFT_OPEN = question(UNFILLED, id="double", max_points=0.0)
QUOTING = CheckResult("one axis", Outcome.FAILED, 1, "raised", {}, "halve raised ValueError at `grade = 'by Ada'`.")
CLASS = [
    result(question(PASSED, FAILED, points=2.67), LEFT_OPEN, student="ada"),
    result(question(PASSED, points=4.0), LEFT_OPEN, student="bob"),
    result(question(QUOTING, points=0.0), LEFT_OPEN, student="cyd"),
    result(
        question(), question(id="double", max_points=0.0), student="dan", end_state=EndState.DAMAGED, reason="Dan's"
    ),
    result(question(), end_state=EndState.GRADER_ERROR, student="eve", reason="/home/eve is full"),
    result(question(), end_state=EndState.MISSING, student="fay"),
]
NAMES = ("ada", "bob", "cyd", "dan", "eve", "fay", "Ada", "Dan")


def cases(report: str) -> dict[str, dict[str, ElementTree.Element]]:
    """Return question -> student -> test."""
    suites = ElementTree.fromstring(report)  # noqa: S314 - made by us
    return {suite.get("name"): {case.get("name"): case for case in suite.iter("testcase")} for suite in suites}


def verdict(case: ElementTree.Element) -> str:
    return next((child.tag for child in case), "passed")


class TestJUnit:
    def test_has_a_test_per_student_and_question(self):
        halve, double = cases(class_junit(CLASS, "tiny", str, names=True)).values()
        assert {name: verdict(case) for name, case in halve.items()} == {
            "ada": "failure",
            "bob": "passed",
            "cyd": "failure",
            "dan": "failure",
            "eve": "error",
            "fay": "skipped",
        }
        assert {name: verdict(case) for name, case in double.items()} == dict.fromkeys(
            ("ada", "bob", "cyd"), "skipped"
        ) | {"dan": "skipped"}

    def test_names_nobody_and_quotes_nobody_by_default(self):
        report = class_junit(CLASS, "tiny", Pseudonyms(SECRET, "tiny"), names=False)
        assert not [name for name in NAMES if name in report]
        assert "2.67" not in report
        assert "not passed: one axis" in report

    def test_has_names_points_and_findings_when_asked(self):
        report = class_junit(CLASS, "tiny", str, names=True)
        assert 'name="ada"' in report
        assert "2.67 of 4 points. halve: y has shape (2,)." in report

    def test_counts_and_tells_tests_apart_by_class_and_name(self):
        suites = ElementTree.fromstring(class_junit(CLASS, "tiny", str, names=True))  # noqa: S314 - made by us
        keys = [(case.get("classname"), case.get("name")) for case in suites.iter("testcase")]
        assert len(set(keys)) == len(keys) == int(suites.get("tests")) == 10
        assert (suites.get("failures"), suites.get("errors"), suites.get("skipped")) == ("3", "1", "5")

    def test_is_xml_whatever_a_student_wrote(self):
        hostile = CheckResult("title", Outcome.FAILED, 1, "raised", {}, HOSTILE)
        report = class_junit([result(question(hostile), student="ada")], "tiny", str, names=True)
        assert "onerror" in cases(report)["halve"]["ada"].find("failure").get("message")

    def test_too_long_a_report_leaves_messages_out_before_tests(self, monkeypatch):
        long = [result(question(FAILED), student=f"student {number}") for number in range(100)]
        whole = class_junit(long, "tiny", str, names=True)
        monkeypatch.setattr(junit, "MAX_BYTES", len(whole) - 1)
        shorter = class_junit(long, "tiny", str, names=True)
        assert len(cases(shorter)["halve"]) == 100
        assert "left out: the report is too long" in shorter
        monkeypatch.setattr(junit, "MAX_BYTES", 1000)
        with pytest.raises(junit.TooManyTests, match="100 tests do not go into"):
            class_junit(long, "tiny", str, names=True)


class TestPseudonyms:
    def test_are_the_same_in_every_run_and_others_in_another_assignment_or_course(self):
        names = {Pseudonyms(secret, assignment)("ada") for secret in (SECRET, b"other") for assignment in ("a", "b")}
        assert len(names) == 4
        assert Pseudonyms(SECRET, "a")("ada") in names

    def test_cannot_be_computed_from_a_class_list_where_there_is_no_secret(self):
        assert Pseudonyms(None, "tiny")("ada") != Pseudonyms(None, "tiny")("ada")


class TestSummary:
    def test_the_whole_summary_of_a_class(self):
        assert class_summary(CLASS, "tiny", names=False).splitlines() == [
            "## tiny: 6 students",
            "",
            "| End state | Students |",
            "| :--- | ---: |",
            "| graded | 3 |",
            "| grader error: there is no mark | 1 |",
            "| damaged: it cannot be read as a submission | 1 |",
            "| missing: no notebook was handed in, so there is no mark | 1 |",
            "",
            "| Question | Points | Full marks | Of | Rate |",
            "| :--- | ---: | ---: | ---: | ---: |",
            "| halve | 4 | 1 | 4 | 25% |",
            "| double | optional | 0 | 1 | 0% |",
            "",
            "| Question | Check that failed most | Students |",
            "| :--- | :--- | ---: |",
            "| halve | one axis | 2 |",
        ]

    def test_marks_stand_in_it_when_asked(self):
        lines = class_summary(CLASS, "tiny", names=True).splitlines()
        assert "| ` ada ` | 2.67 | 0 | 2.67 | graded |" in lines
        assert "| ` eve ` | - | - | - | grader error: there is no mark |" in lines

    def test_marks_that_would_be_too_long_are_counted_instead(self, monkeypatch):
        monkeypatch.setattr(summary, "MAX_BYTES", 900)
        text = class_summary(CLASS, "tiny", names=True)
        assert len(text.encode()) <= 900
        assert "more students are left out: too long for a summary." in text


COMMIT = Commit("https://github.com/org/cs-cnn-ada", "a1b2c3d" + "0" * 33, datetime(2026, 6, 1, 14, 32, 5, tzinfo=UTC))
AT = "2026-06-01T14:32:05"


def validated(document: dict) -> dict:
    """Check what Classroom 50's own collect step asks of a result."""
    assert document["schema"] == "classroom50/result/v1"
    assert document["assignment_type"] == "individual"
    assert document["submission"].startswith("submit/")
    for field in ("classroom", "assignment", "owner", "submission", "commit", "release", "review", "datetime"):
        assert isinstance(document[field], str)
        assert document[field]
    for scored in (document, *document["tests"]):
        assert type(scored["score"]) is type(scored["max-score"]) is int
        assert 0 <= scored["score"] <= scored["max-score"]
    for test in document["tests"]:
        assert set(test) == {"test-name", "passed", "score", "max-score"}
        assert type(test["passed"]) is bool
    assert document["score"] == sum(test["score"] for test in document["tests"])
    assert document["max-score"] == sum(test["max-score"] for test in document["tests"])
    return document


class TestClassroom50:
    @pytest.fixture
    def written(self, tmp_path):
        def write(*graded, commits=None, owners=None):
            commits = {"ada": COMMIT} if commits is None else commits
            report = write_classroom50(graded, commits, owners, Classroom.named("cs/cnn"), tmp_path)
            files = {path.parent.name: json.loads(path.read_text()) for path in tmp_path.glob("*/result.json")}
            return report, {name: validated(document) for name, document in files.items()}

        return write

    def test_a_file_says_what_the_schema_asks_for(self, written):
        _, files = written((CLASS[0], AT))
        assert files == {
            "ada": {
                "schema": "classroom50/result/v1",
                "classroom": "cs",
                "assignment": "cnn",
                "assignment_type": "individual",
                "owner": "ada",
                "submission": "submit/2026-06-01T14-32-05Z-a1b2c3d",
                "commit": f"https://github.com/org/cs-cnn-ada/commit/{COMMIT.sha}",
                "release": "https://github.com/org/cs-cnn-ada/releases/tag/submit%2F2026-06-01T14-32-05Z-a1b2c3d",
                "review": f"https://github.com/org/cs-cnn-ada/commit/{COMMIT.sha}",
                "datetime": "2026-06-01T14:32:05Z",
                "score": 3,
                "max-score": 4,
                "tests": [{"test-name": "halve", "passed": False, "score": 3, "max-score": 4}],
            }
        }

    @pytest.mark.parametrize(("points", "score"), [(2.49, 2), (2.5, 3), (3.5, 4), (0.0, 0), (4.0, 4)])
    def test_points_are_rounded_half_up(self, written, points, score):
        _, files = written((result(question(FAILED, points=points), student="ada"), AT))
        assert files["ada"]["score"] == score

    def test_a_missing_mark_writes_no_file_and_takes_away_an_old_one(self, written):
        written((CLASS[0], AT))
        report, files = written((result(*BROKEN.questions, end_state=EndState.GRADER_ERROR, student="ada"), AT))
        assert files == {}
        assert str(report) == "files written: 0; without a mark: 1; another commit graded than fetched, or none: 0"

    def test_a_damaged_file_is_a_0(self, written):
        _, files = written((result(*DAMAGED.questions, end_state=EndState.DAMAGED, student="ada"), AT))
        assert files["ada"]["score"] == 0

    @pytest.mark.parametrize("at", [None, "2026-06-01T14:32:06"])
    def test_what_was_graded_of_another_commit_is_not_told_of_this_one(self, written, at):
        report, files = written((CLASS[0], at))
        assert files == {}
        assert report.other_commit == 1

    def test_the_owner_of_the_repository_is_the_rosters_login(self, written):
        _, files = written((CLASS[0], AT), owners={"ada": "lovelace"})
        assert files["ada"]["owner"] == "lovelace"
        assert written((CLASS[0], AT), owners={})[1] == {}

    def test_commits_are_read_from_what_was_fetched(self, tmp_path):
        table = tmp_path / "fetched.csv"
        made = "2026-06-01T16:32:05+02:00"
        table.write_text(f"student,url,commit,committed\nada,{COMMIT.url}.git,{COMMIT.sha},{made}\n")
        assert read_commits(table) == {"ada": COMMIT}
        table.write_text(f"student,url,commit,committed\nada,{COMMIT.url},{COMMIT.sha},yesterday\n")
        with pytest.raises(UsageError, match="line 2: 'yesterday' is no time"):
            read_commits(table)

    @pytest.mark.parametrize("text", ["cs", "cs/", "/cnn", "cs/cnn/more"])
    def test_a_classroom_is_named_with_its_assignment(self, text):
        with pytest.raises(UsageError, match="expected CLASSROOM/ASSIGNMENT"):
            Classroom.named(text)
