"""What people and CI services read: every form of a Result, also of odd and hostile ones."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from stepgrade.errors import StepgradeError
from stepgrade.report.junit import junit_xml
from stepgrade.report.markdown import MAX_BYTES, markdown_summary
from stepgrade.report.output import rendered, write_whole
from stepgrade.report.terminal import result_table
from stepgrade.report.wording import is_left_out, plain, points_text
from stepgrade.result import CheckResult, EndState, Outcome, QuestionResult, Repair, Result
from tests.conftest import COURSE

HOSTILE = (
    "`x` | ``` </failure>]]> <img src=x onerror=alert(1)> <!-- @everyone [click](javascript:1) http://example.org "
    "\x1b[2J\x00\ud800\ufffe\u202e\r\n# heading\n"
)
PASSED = CheckResult("two axes", Outcome.PASSED, 2)
FAILED = CheckResult("one axis", Outcome.FAILED, 1, "wrong_shape", {"got": "(2,)"}, "halve: y has shape (2,).")
UNFILLED = CheckResult("one axis", Outcome.FAILED, 1, "unfilled", {}, "double is not written yet.")
NOT_COUNTED = CheckResult("unchanged", Outcome.SKIPPED, 1, "no_value_check_passed", {}, "Counts only beside another.")
OURS = CheckResult("one axis", Outcome.ERROR, 1, "grader_error", {}, "The grader failed here, not you.")


def question(*checks, id="halve", points=0.0, max_points=4.0, **more):
    return QuestionResult(id, points, max_points, more.pop("follow_through", False), checks, **more)


def result(*questions, end_state=EndState.GRADED, **more):
    facts = {
        "assignment": "tiny",
        "student": None,
        "reason": "",
        "seed": "5" * 64,
        "demo_key": True,
        "submission_sha256": "a" * 64,
        "assignment_version": "b" * 64,
        "environment": {
            "python": "3.11.7",
            "numpy": "2.3.5",
            "stepgrade": "0.1.0",
            "engine": "c" * 16,
            "boundary": "bubblewrap",
        },
        "replay": "stepgrade check tiny.ipynb --seed " + "5" * 64,
        "timing": {"total_s": 0.25},
    }
    return Result(end_state=end_state, questions=questions, **(facts | more))


HALF = result(question(PASSED, FAILED, points=2.67), question(UNFILLED, UNFILLED, id="double", max_points=0.0))
DAMAGED = result(question(), question(id="double", max_points=0.0), end_state=EndState.DAMAGED, reason="it is not JSON")
BROKEN = result(question(OURS, PASSED), end_state=EndState.GRADER_ERROR, reason="the grader failed")


def hostile_result():
    check = CheckResult(f"title {HOSTILE}", Outcome.FAILED, 1, "raised", {"line": HOSTILE}, HOSTILE, HOSTILE)
    return result(
        question(check, check, id="half|`*<b>"),
        student=f"ada {HOSTILE}",
        reason=HOSTILE,
        repairs=(Repair("cell_left_out", HOSTILE),),
        replay=HOSTILE,
    )


class TestTheTable:
    def test_the_whole_table_of_an_ordinary_result(self):
        assert result_table(HALF, 80).splitlines() == [
            "tiny",
            "",
            "question        points  checks",
            "-" * 80,
            "halve         2.67 / 4  1 of 2",
            "    halve: y has shape (2,).",
            "double               -  skipped (optional)",
            "-" * 80,
            "total         2.67 / 4",
            "",
            "end state  graded",
            "boundary   bubblewrap",
            "inputs     from the public demo key: anybody can know them",
            "again      stepgrade check tiny.ipynb --seed " + "5" * 64,
        ]

    @pytest.mark.parametrize("width", [40, 80, 110])
    def test_no_line_but_the_one_to_copy_is_wider_than_the_terminal(self, width):
        long = CheckResult("a", Outcome.FAILED, 1, "raised", {}, "words " * 60)
        table = result_table(result(question(long), repairs=(Repair("a", "words " * 40),)), width)
        assert all(len(line) <= width for line in table.splitlines() if not line.startswith("again"))

    def test_a_shape_is_never_broken_over_two_lines(self):
        check = CheckResult("a", Outcome.FAILED, 1, "wrong_shape", {}, "A_prev (10, 20, 30, 40) " * 20)
        broken = [line for line in result_table(result(question(check))).splitlines() if re.search(r"\([^)]*$", line)]
        assert broken == []

    def test_where_there_is_no_mark_a_dash_stands_for_it_with_the_reason(self):
        table = result_table(BROKEN)
        assert "halve            - / 4  1 of 2" in table
        assert "total            - / 4" in table
        assert "grader error: there is no mark (the grader failed)" in table

    def test_a_damaged_file_is_a_0_with_the_reason(self):
        table = result_table(DAMAGED)
        assert "total            0 / 4" in table
        assert "damaged: it cannot be read as a submission (it is not JSON)" in table

    def test_follow_through_is_shown_with_the_points_that_it_saved(self):
        followed = question(PASSED, points=4.0, own_points=1.0, follow_through=True)
        shown = result_table(result(followed))
        assert "judged with correct helper functions (with the student's own: 1 of 4 points)" in shown

    def test_the_misconception_stands_behind_the_message(self):
        check = CheckResult("a", Outcome.FAILED, 1, "wrong_values", {}, "y differs.", "This halves twice.")
        assert "y differs. This halves twice." in result_table(result(question(check)))

    def test_every_repair_is_listed(self):
        repairs = (Repair("renamed", "cell 3 was found by its function"), Repair("module_missing", "torch is missing"))
        table = result_table(result(question(PASSED, points=4.0), repairs=repairs))
        assert "repaired   cell 3 was found by its function\nrepaired   torch is missing" in table

    def test_nothing_that_a_terminal_acts_on_gets_through(self):
        table = result_table(hostile_result())
        assert all(character.isprintable() for character in table.replace("\n", ""))


class TestTheOptionalQuestion:
    def test_that_was_never_begun_is_left_out(self):
        assert is_left_out(question(UNFILLED, UNFILLED, max_points=0.0))

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param(question(UNFILLED), id="it is worth points"),
            pytest.param(question(UNFILLED, FAILED, max_points=0.0), id="it was begun"),
            pytest.param(question(PASSED, max_points=0.0), id="it is right"),
            pytest.param(question(max_points=0.0), id="nothing was judged"),
        ],
    )
    def test_is_shown_like_any_other_otherwise(self, other):
        assert not is_left_out(other)


class TestJUnit:
    def parsed(self, of):
        return ElementTree.fromstring(junit_xml(of))  # noqa: S314 - our own output

    def test_a_suite_stands_for_a_question_and_a_case_for_a_check(self):
        report = self.parsed(HALF)
        assert report.tag == "testsuites"
        assert [suite.get("name") for suite in report] == ["halve", "double"]
        assert [case.get("name") for case in report[0].iter("testcase")] == ["two axes", "one axis"]
        assert {case.get("classname") for case in report[0].iter("testcase")} == {"tiny.halve"}

    def test_the_four_outcomes_are_told_apart(self):
        cases = self.parsed(result(question(PASSED, FAILED, OURS, NOT_COUNTED))).iter("testcase")
        assert [[child.tag for child in case] for case in cases] == [[], ["failure"], ["error"], ["skipped"]]

    def test_the_counts_of_the_whole_are_those_of_its_cases(self):
        report = self.parsed(result(question(PASSED, FAILED, OURS, NOT_COUNTED), question(FAILED, id="double")))
        assert {name: report.get(name) for name in ("tests", "failures", "errors", "skipped", "time")} == {
            "tests": "5",
            "failures": "2",
            "errors": "1",
            "skipped": "1",
            "time": "0.250",
        }

    def test_an_optional_question_that_was_never_begun_is_skipped(self):
        double = self.parsed(HALF)[1]
        assert {skipped.get("message") for skipped in double.iter("skipped")} == {"skipped (optional)"}
        assert double.get("failures") == "0"

    def test_names_are_unique_where_titles_are_not(self):
        names = [case.get("name") for case in self.parsed(result(question(FAILED, FAILED, PASSED))).iter("testcase")]
        assert names == ["one axis", "one axis (2)", "two axes"]

    @pytest.mark.parametrize(
        ("of", "kinds"),
        [
            pytest.param(DAMAGED, ["failure", "skipped"], id="damaged"),
            pytest.param(result(question(), end_state=EndState.GRADER_ERROR), ["error"], id="grader error"),
            pytest.param(result(question(), end_state=EndState.MISSING), ["failure"], id="missing"),
        ],
    )
    def test_what_could_not_be_judged_is_never_counted_as_fine(self, of, kinds):
        assert [case[0].tag for case in self.parsed(of).iter("testcase")] == kinds

    def test_the_points_of_a_question_are_its_properties(self):
        properties = {p.get("name"): p.get("value") for p in self.parsed(HALF)[0].iter("property")}
        assert properties == {"points": "2.67", "max_points": "4", "end_state": "graded"}

    def test_hostile_text_cannot_break_out(self):
        report = self.parsed(hostile_result())
        assert len(list(report.iter("testcase"))) == 2
        assert {element.tag for element in report.iter()} == {
            "testsuites",
            "testsuite",
            "properties",
            "property",
            "testcase",
            "failure",
        }


class TestMarkdown:
    def test_the_whole_summary_of_an_ordinary_result(self):
        assert markdown_summary(HALF).splitlines() == [
            "## tiny: 2.67 of 4 points",
            "",
            "| Question | Points | Checks passed | Remark |",
            "| :--- | ---: | ---: | :--- |",
            "| halve | 2.67 / 4 | 1 of 2 |  |",
            "| double | - | - | skipped (optional) |",
            "| **Total** | **2.67 / 4** | | |",
            "",
            "```text",
            "End state: graded",
            "Boundary: bubblewrap",
            "Again: stepgrade check tiny.ipynb --seed " + "5" * 64,
            "```",
            "",
            "### halve",
            "",
            "```text",
            "FAILED: one axis",
            "    halve: y has shape (2,).",
            "```",
        ]

    def test_checks_with_the_same_finding_share_it(self):
        summary = markdown_summary(result(question(UNFILLED, UNFILLED)))
        assert summary.count("FAILED: one axis") == 2
        assert summary.count("double is not written yet.") == 1

    def test_what_may_quote_a_student_stands_in_code_only(self):
        """Blocks and spans are cut out the way a reader of Markdown does, by the length of their fences."""
        summary = markdown_summary(hostile_result())
        outside = re.sub(r"(?ms)^(`{3,})text\n.*?^\1$", "", summary)
        outside = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", outside)
        assert not re.search(r"everyone|onerror|javascript|http|(?<!\\)[<`]", outside)
        assert "Student:" in outside

    def test_the_table_keeps_its_columns_whatever_a_question_is_called(self):
        rows = [line for line in markdown_summary(hostile_result()).splitlines() if line.startswith("| ")]
        assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5}

    def test_where_there_is_no_mark_a_dash_stands_for_it_with_the_reason(self):
        summary = markdown_summary(BROKEN)
        assert "| halve | - / 4 |" in summary
        assert "grader error: there is no mark (the grader failed)" in summary

    def test_it_stays_shorter_than_what_services_show_and_says_what_it_leaves_out(self):
        checks = [
            CheckResult(f"check {n}", Outcome.FAILED, 1, "raised", {}, f"{n} " + "word " * 10**5) for n in range(9)
        ]
        summary = markdown_summary(result(*(question(*checks, id=f"q{n}") for n in range(100))))
        assert len(summary.encode()) < MAX_BYTES + 1000 < 1024 * 1000
        assert re.search(r"The findings of \d+ more questions are left out", summary)


SCHEMA = json.loads((COURSE / "docs/result.schema.json").read_text(encoding="utf-8"))


class TestTheSchema:
    def test_is_a_valid_schema_that_describes_every_field(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        levels = [SCHEMA, SCHEMA["properties"]["environment"], *SCHEMA["$defs"].values()]
        assert all(level["additionalProperties"] is False for level in levels)
        assert all(sorted(level["required"]) == sorted(level["properties"]) for level in levels)
        described = [field for level in levels for field in level["properties"].values() if "const" not in field]
        assert all("description" in field for field in described)

    def test_holds_for_the_example_of_its_page(self):
        example = re.findall(r"```json\n(.*?)```", (COURSE / "docs/results.md").read_text(encoding="utf-8"), re.DOTALL)
        jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(*example))

    @pytest.mark.parametrize("end_state", EndState)
    def test_holds_for_every_end_state(self, end_state):
        checks = (PASSED, FAILED, OURS, NOT_COUNTED)
        document = result(question(*checks), end_state=end_state, student="ada", repairs=(Repair("a", "b"),)).to_json()
        jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(document))

    @pytest.mark.parametrize(
        "change",
        [
            pytest.param({"verdict": "good"}, id="a field that is not described"),
            pytest.param({"points": -1}, id="negative points"),
            pytest.param({"end_state": "fine"}, id="an unknown end state"),
            pytest.param({"schema": "stepgrade/result/2"}, id="another version"),
            pytest.param({"seed": "abc"}, id="a seed that is none"),
        ],
    )
    def test_refuses_anything_else(self, change):
        document = json.loads(HALF.to_json()) | change
        assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(document)


class TestFiles:
    def test_json_survives_text_that_is_no_unicode(self):
        document = json.loads(rendered("json", hostile_result()))
        assert document["questions"][0]["checks"][0]["message"] == HOSTILE

    def test_an_unknown_form_is_refused_by_name(self):
        with pytest.raises(ValueError, match="unknown form 'pdf'"):
            rendered("pdf", HALF)

    def test_a_report_replaces_the_old_one_and_leaves_nothing_else(self, tmp_path):
        path = tmp_path / "result.json"
        path.write_text("old")
        write_whole(path, b"new")
        assert path.read_text() == "new"
        assert list(tmp_path.iterdir()) == [path]

    def test_a_report_has_the_rights_of_an_ordinary_file(self, tmp_path):
        (tmp_path / "ordinary").write_text("")
        write_whole(tmp_path / "report", b"")
        modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("ordinary", "report")}
        assert len(modes) == 1

    def test_the_umask_of_the_process_is_left_alone_for_its_other_threads(self, tmp_path, monkeypatch):
        monkeypatch.setattr(os, "umask", None)
        write_whole(tmp_path / "report", b"new")

    def test_a_link_stays_a_link(self, tmp_path):
        (tmp_path / "link").symlink_to(tmp_path / "target")
        write_whole(tmp_path / "link", b"new")
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "target").read_text() == "new"

    def test_a_device_is_written_to_and_not_replaced(self, tmp_path):
        (tmp_path / "null").symlink_to("/dev/null")
        write_whole(tmp_path / "null", b"new")
        assert not (tmp_path / "null").is_file()

    def test_a_pipe_is_written_to(self):
        reading, writing = os.pipe()
        write_whole(Path(f"/dev/fd/{writing}"), b"new")
        assert os.read(reading, 10) == b"new"
        os.close(reading)
        os.close(writing)

    def test_a_place_that_cannot_be_written_is_named_with_the_reason(self, tmp_path):
        with pytest.raises(StepgradeError, match="cannot be written"):
            write_whole(tmp_path / "no folder" / "report", b"")


class TestWords:
    @pytest.mark.parametrize(
        ("points", "text"), [(None, "-"), (0.0, "0"), (15.0, "15"), (28.57, "28.57"), (100.0, "100")]
    )
    def test_points_have_no_trailing_zeros(self, points, text):
        assert points_text(points) == text

    def test_plain_text_keeps_every_script_and_loses_what_is_no_text(self):
        assert plain("größe 畳み込み\u202e\x1b[1m\nnext") == "größe 畳み込み\N{REPLACEMENT CHARACTER}[1m next"

    def test_a_message_as_long_as_a_file_is_cut(self):
        assert len(plain("x" * 10**6)) < 2100
