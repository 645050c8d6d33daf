"""Marks for an LMS and for a spreadsheet: the right cell, every other byte as it was, and nobody lost."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stepgrade.course.roster import Roster
from stepgrade.errors import StepgradeError, UsageError
from stepgrade.report.export import fill_canvas, fill_moodle, write_csv, write_json_lines
from stepgrade.report.export.sheet import Sheet
from stepgrade.result import EndState, QuestionResult, Repair, Result

TOTALS = {"ada": 85.5, "bob": 40.0, "cyd": None}

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Warm-up (11),CNN step by step (12),Final Score\r\n"
    ",,,,,,Manual Posting,\r\n"
    "    Points Possible,,,,,10.00,100.00,(read only)\r\n"
    '"Lovelace, Ada",501,S-1,ada,"One, Two",9.00,,90.00\r\n'
    '"Builder, ""Bob""",502,S-2,bob,One,8.00,"12.00",\r\n'
    '"Charisse, Cyd",503,S-3,cyd,One,,77.25,\r\n'
    '"=""=Student, Test""",504,,9f3c,One,,,\r\n'
)
WORKSHEET = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Last modified (grade)","Feedback comments"\n'
    '"Participant 71","Ada Lovelace",ada,"Submitted for grading",,100.00,-,\n'
    '"Participant 72","Bob Builder",bob,"Submitted for grading",12.00,100.00,"Friday, 20 November, 3:00 PM","a\nb"\n'
    '"Participant 73","Cyd Charisse",cyd,"No submission",,100.00,-,\n'
)
ARBEITSBLATT = (
    "\ufeffID;Vollständiger Name;E-Mail-Adresse;Status;Bewertung;Bestwertung;Bewertung kann geändert werden\r\n"
    '"Teilnehmer/in 71";"Ada Lovelace";ada;"Zur Bewertung abgegeben";;"100,00";Ja\r\n'
    '"Teilnehmer/in 72";"Bob Builder";bob;"Zur Bewertung abgegeben";12,50;"100,00";Ja\r\n'
)
GRADES = (
    '"First name","Last name","ID number","Email address","Assignment: CNN (Real)","Last downloaded from this course"\n'
    "Ada,Lovelace,S1,ada,-,1763650000\n"
    "Bob,Builder,S2,bob,12.00,1763650000\n"
    "Cyd,Charisse,S3,cyd,-,1763650000\n"
)


@pytest.fixture
def export(tmp_path):
    """``export(text)`` is a file as an LMS exports it."""

    def file(text: str | bytes) -> Path:
        path = tmp_path / "export.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return file


@pytest.fixture
def out(tmp_path):
    return tmp_path / "filled.csv"


@pytest.fixture
def canvas(export, out):
    def fill(text=CANVAS, column="CNN step by step", totals=TOTALS, max_points=100.0, **options):
        return fill_canvas(export(text), column, totals, out, max_points=max_points, **options)

    return fill


@pytest.fixture
def moodle(export, out):
    def fill(text=WORKSHEET, totals=TOTALS, max_points=100.0, **options):
        return fill_moodle(export(text), totals, out, max_points=max_points, **options)

    return fill


def result(student="ada", *, end_state=EndState.GRADED, reason="", repairs=(), **points) -> Result:
    questions = tuple(
        QuestionResult(id=name, points=earned, max_points=10.0, follow_through=False, checks=())
        for name, earned in (points or {"first": 7.5, "second": 10.0}).items()
    )
    return Result("tiny", student, end_state, reason, questions, "00", False, "00", "00", {}, repairs=repairs)


class TestCanvas:
    def test_only_the_cells_of_the_marks_change(self, canvas, out):
        canvas()
        expected = CANVAS.replace('"One, Two",9.00,,', '"One, Two",9.00,85.5,').replace('8.00,"12.00"', '8.00,"40"')
        assert out.read_bytes() == expected.encode()

    @pytest.mark.parametrize("sign", ["", "\ufeff"])
    @pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
    @pytest.mark.parametrize("last", ["", "\n"])
    def test_without_marks_the_file_comes_out_as_it_was(self, canvas, out, sign, line_end, last):
        text = (sign + CANVAS.replace("\r\n", "\n").rstrip("\n") + last).replace("\n", line_end)
        canvas(text, totals=dict.fromkeys(TOTALS))
        assert out.read_bytes() == text.encode()

    def test_bytes_that_are_no_utf_8_stay_as_they_were(self, canvas, out):
        text = CANVAS.replace("Charisse", "Chärisse").encode("latin-1")
        canvas(text)
        assert b"Ch\xe4risse" in out.read_bytes()

    def test_a_column_is_found_by_its_whole_title(self, canvas):
        assert canvas(column="CNN step by step (12)").column == "CNN step by step (12)"

    def test_a_title_that_two_columns_have_is_refused_with_both(self, canvas, out):
        with pytest.raises(UsageError, match=r"2 columns 'Warm-up': 'Warm-up \(11\)', 'Warm-up \(12\)'"):
            canvas(CANVAS.replace("CNN step by step", "Warm-up"), column="Warm-up")
        assert not out.exists()

    def test_a_mistyped_title_gets_a_suggestion(self, canvas):
        with pytest.raises(UsageError, match="did you mean 'CNN step by step'"):
            canvas(column="CNN step by stp")

    def test_a_score_stays_where_there_is_no_mark(self, canvas, out):
        filled = canvas()
        assert filled.without_mark == ("cyd",)
        assert b",77.25," in out.read_bytes()

    def test_a_cell_that_holds_the_mark_already_stays_as_it_is_written(self, canvas, out):
        text = CANVAS.replace('"12.00"', '"40.00"')
        filled = canvas(text, totals={"bob": 40.0})
        assert (filled.same, filled.changes) == (("bob",), ())
        assert out.read_bytes() == text.encode()

    @pytest.mark.parametrize("decision", ["EX", "N/A"])
    def test_what_a_person_decided_stays_and_is_reported(self, canvas, out, decision):
        filled = canvas(CANVAS.replace('"12.00"', decision))
        assert [(kept.student, kept.old) for kept in filled.kept] == [("bob", decision)]
        assert f"8.00,{decision},".encode() in out.read_bytes()

    def test_points_that_differ_are_refused_with_both_numbers(self, canvas, out):
        with pytest.raises(UsageError, match=r"worth 100\.00 points in the LMS, and 20\.0 here"):
            canvas(max_points=20.0)
        assert not out.exists()

    def test_marks_are_scaled_where_asked_for(self, canvas):
        filled = canvas(totals={"ada": 1.0, "bob": 2.0}, max_points=3.0, scale=True)
        assert [change.new for change in filled.changes] == ["33.33", "66.67"]

    def test_a_column_that_canvas_computes_is_refused(self, canvas):
        with pytest.raises(UsageError, match=r"'Final Score' is worth '\(read only\)' points"):
            canvas(column="Final Score")

    @pytest.mark.parametrize(
        ("ids", "column"),
        [
            ({"ada": "S-1", "bob": "S-2", "cyd": "S-3"}, "SIS User ID"),
            ({"ada": "501", "bob": "502", "cyd": "503"}, "ID"),
            ({"ada": "ADA", "bob": "Bob", "cyd": "cyd"}, "SIS Login ID"),
        ],
    )
    def test_students_are_found_by_any_id_of_canvas(self, canvas, ids, column):
        filled = canvas(lms_ids=ids)
        assert (filled.matched_by, [c.student for c in filled.changes]) == (column, ["ada", "bob"])

    def test_the_column_named_by_the_user_decides(self, canvas):
        ids = {"ada": "Lovelace, Ada", "bob": 'Builder, "Bob"'}
        filled = canvas(totals={"ada": 1.0, "bob": 2.0}, lms_ids=ids, match_by="Student")
        assert [(change.student, change.line) for change in filled.changes] == [("ada", 4), ("bob", 5)]

    def test_ids_that_fit_few_students_fit_none(self, canvas):
        with pytest.raises(UsageError, match="Name the column with --match-by"):
            canvas(totals={"501": 1.0, "7": 2.0, "8": 3.0, "9": 4.0})

    def test_those_whom_only_one_side_knows_are_reported(self, canvas):
        filled = canvas(totals={**TOTALS, "eve": 99.0})
        assert filled.not_in_file == ("eve",)
        assert filled.not_ours == ('line 7 (="=Student, Test")',)
        assert any("eve" in message for message in filled.messages)
        assert any("line 7" in message for message in filled.messages)

    def test_two_rows_of_one_student_are_refused_with_their_lines(self, canvas, out):
        with pytest.raises(UsageError, match="'bob' on lines 5, 6"):
            canvas(CANVAS.replace("S-3,cyd", "S-3,bob"))
        assert not out.exists()

    def test_two_of_our_students_on_one_row_are_refused(self, canvas):
        with pytest.raises(UsageError, match="several of our students the same"):
            canvas(lms_ids={"ada": "ada", "bob": "Ada"})

    def test_a_row_with_a_cell_too_many_is_refused_with_its_line(self, canvas):
        with pytest.raises(UsageError, match="line 6 has 9"):
            canvas(CANVAS.replace("77.25,", "77,25,"))

    def test_semicolons_and_decimal_commas_stay(self, canvas, out):
        text = CANVAS.replace('"One, Two"', "One").replace("Lovelace, Ada", "Lovelace Ada").replace(",", ";")
        text = text.replace(".", ",")
        canvas(text)
        assert b"9,00;85,5;90,00" in out.read_bytes()

    def test_a_decimal_comma_is_quoted_where_commas_separate(self, canvas, out):
        canvas(CANVAS.replace("100.00", '"100,00"').replace("12.00", "12,00").replace("77.25", '"77,25"'))
        assert b'9.00,"85,5",90.00' in out.read_bytes()

    def test_last_and_first_names_may_have_columns_of_their_own(self, canvas):
        text = "LastName,FirstName,ID,SIS Login ID,Section,CNN (12)\nPoints Possible,,,,,100\nLovelace,Ada,1,ada,One,\n"
        assert len(canvas(text, column="CNN", totals={"ada": 5.0}).changes) == 1

    def test_another_file_is_refused_as_no_gradebook(self, canvas):
        with pytest.raises(UsageError, match="no gradebook exported from Canvas"):
            canvas(GRADES)

    def test_the_exported_file_is_not_overwritten(self, export):
        path = export(CANVAS)
        with pytest.raises(UsageError, match="give another path"):
            fill_canvas(path, "CNN step by step", TOTALS, path, max_points=100.0)


class TestMoodleWorksheet:
    def test_only_the_cells_of_the_marks_change(self, moodle, out):
        filled = moodle()
        expected = WORKSHEET.replace('grading",,', 'grading",85.5,').replace("12.00", "40")
        assert out.read_bytes() == expected.encode()
        assert (filled.column, filled.matched_by) == ("Grade", "Email address")

    def test_a_german_worksheet_keeps_its_commas_its_mark_and_its_line_ends(self, moodle, out):
        moodle(ARBEITSBLATT)
        expected = ARBEITSBLATT.replace('abgegeben";;', 'abgegeben";85,5;').replace("12,50", "40")
        assert out.read_bytes() == expected.encode()

    def test_tabs_separate_too(self, moodle, out):
        text = ARBEITSBLATT.replace(";", "\t")
        moodle(text)
        assert out.read_bytes().count(b"\t") == text.count("\t")
        assert b'\t85,5\t"100,00"' in out.read_bytes()

    def test_a_french_comma_between_commas_is_quoted(self, moodle, out):
        text = 'Identifiant,"Nom complet","Adresse de courriel",Statut,Note,"Note maximale"\n'
        text += 'Participant 1,"Ada Lovelace",ada,"Remis",,"100,00"\n'
        moodle(text, totals={"ada": 85.5})
        assert b'"Remis","85,5","100,00"' in out.read_bytes()

    @pytest.mark.parametrize("ids", [{"ada": "71", "bob": "72"}, {"ada": "Participant 71", "bob": "participant 72"}])
    def test_participants_are_found_by_their_number_where_asked_for(self, moodle, ids):
        filled = moodle(lms_ids=ids, match_by="Identifier")
        assert [(change.student, change.line) for change in filled.changes] == [("ada", 2), ("bob", 3)]

    def test_a_number_is_not_taken_for_a_participants_unasked(self, moodle):
        with pytest.raises(UsageError, match="Name the column with --match-by"):
            moodle(totals={"71": 1.0, "72": 2.0})

    def test_names_of_people_are_not_taken_for_ids_unasked(self, moodle):
        totals = {"Ada Lovelace": 1.0, "Bob Builder": 2.0}
        with pytest.raises(UsageError, match="Name the column with --match-by"):
            moodle(totals=totals)
        assert len(moodle(totals=totals, match_by="Full name").changes) == 2

    def test_lines_are_counted_through_cells_with_several(self, moodle):
        text = WORKSHEET + '"Participant 74","Cyd Again",cyd,-,,100.00,-,\n'
        with pytest.raises(UsageError, match="'cyd' on lines 5, 6"):
            moodle(text)

    def test_points_come_from_the_worksheet(self, moodle):
        with pytest.raises(UsageError, match=r"worth 100\.00 points in the LMS, and 50\.0 here"):
            moodle(max_points=50.0)

    def test_a_mark_that_moodle_would_skip_is_refused(self, moodle, out):
        with pytest.raises(UsageError, match=r"above the maximum of 100\.00 points.*ada: 100\.5"):
            moodle(totals={"ada": 100.5})
        assert not out.exists()

    def test_one_wrong_grade_keeps_the_whole_file_from_being_written(self, moodle, out):
        with pytest.raises(UsageError, match="line 3: 'Good'"):
            moodle(WORKSHEET.replace("12.00", "Good"), column="Grade")
        assert not out.exists()

    def test_points_and_commas_in_one_column_are_refused(self, moodle):
        with pytest.raises(UsageError, match="with a point and with a comma"):
            moodle(WORKSHEET.replace("12.00", '"12,00"'))

    def test_blind_marking_without_names_is_recognised(self, moodle):
        text = "Identifier,Status,Grade,Maximum Grade\nParticipant 7,Submitted,,100.00\n"
        assert len(moodle(text, totals={"7": 1.0}, match_by="Identifier").changes) == 1

    def test_the_column_can_be_named(self, moodle):
        assert moodle(column="Grade").column == "Grade"

    def test_a_named_column_without_its_maximum_beside_it_is_refused(self, moodle):
        with pytest.raises(UsageError, match="should stand its maximum"):
            moodle(column="Feedback comments", text=WORKSHEET.replace('"a\nb"', ""))


class TestMoodleGrades:
    def test_only_the_cells_of_the_marks_change(self, moodle, out):
        moodle(GRADES, column="Assignment: CNN (Real)")
        assert out.read_bytes() == GRADES.replace("ada,-", "ada,85.5").replace("12.00", "40").encode()

    def test_the_column_must_be_named(self, moodle):
        with pytest.raises(UsageError, match="must be named with --column"):
            moodle(GRADES)

    def test_a_row_without_an_id_is_refused_with_its_line(self, moodle, out):
        with pytest.raises(UsageError, match="'Email address' is blank on line 4"):
            moodle(GRADES.replace("cyd,-", ",-"), column="Assignment: CNN (Real)")
        assert not out.exists()

    @pytest.mark.parametrize("grade", ["85.00 %", "B+", "1e3", "nan"])
    def test_a_column_of_something_else_than_grades_is_refused(self, moodle, grade):
        with pytest.raises(UsageError, match="should hold numbers"):
            moodle(GRADES.replace("12.00", grade), column="Assignment: CNN (Real)")

    def test_points_that_the_user_names_are_compared(self, moodle):
        with pytest.raises(UsageError, match=r"worth 10\.0 points in the LMS, and 100\.0 here"):
            moodle(GRADES, column="Assignment: CNN (Real)", lms_max_points=10.0)

    def test_first_names_are_no_ids(self, moodle):
        with pytest.raises(UsageError, match="Name the column with --match-by"):
            moodle(GRADES.replace(",ada", ",x").replace(",bob", ",y"), column="Assignment: CNN (Real)")


class TestRoster:
    def test_a_roster_says_what_the_lms_calls_a_student(self, moodle, tmp_path):
        roster = tmp_path / "roster.csv"
        roster.write_text("student,matriculation\nada,S1\nbob,S2\ncyd,\n")
        ids = Roster.read(roster).others_names("matriculation")
        filled = moodle(GRADES, column="Assignment: CNN (Real)", lms_ids=ids)
        assert filled.matched_by == "ID number"
        assert filled.not_in_file == ("cyd",)

    def test_a_student_twice_in_the_roster_is_refused_with_the_line(self, tmp_path):
        roster = tmp_path / "roster.csv"
        roster.write_text("student,id\nada,1\nada,2\n")
        with pytest.raises(UsageError, match="line 3: student 'ada' stands in line 2 already"):
            Roster.read(roster).others_names("id")

    @pytest.mark.parametrize(
        ("text", "column"),
        [
            ("sep=;\r\nstudent;Login\r\nada;a1\r\n", "Login"),
            ("\ufeffStudent,E-Mail\nada,a1\n", "email"),
            ("student\tLMS ID\nada\ta1\nbob\n", "lms-id"),
            ('student,number\n="ada",="a1"\n', "Number"),
        ],
    )
    def test_a_roster_is_read_as_for_collecting(self, tmp_path, text, column):
        roster = tmp_path / "roster.csv"
        roster.write_text(text, encoding="utf-8", newline="")
        assert Roster.read(roster).others_names(column) == {"ada": "a1"}

    def test_a_column_that_is_not_there_is_missed(self, tmp_path):
        roster = tmp_path / "roster.csv"
        roster.write_text("student,login\nada,1\n")
        with pytest.raises(UsageError, match="has no column 'number'; it has student, login"):
            Roster.read(roster).others_names("number")

    def test_a_column_that_is_there_twice_is_refused(self, tmp_path):
        roster = tmp_path / "roster.csv"
        roster.write_text("student,number,number\nada,1,2\n")
        with pytest.raises(UsageError, match="has 2 column 'number'; it has student, number, number"):
            Roster.read(roster).others_names("number")


class TestMarksThatAreNone:
    @pytest.mark.parametrize("total", [float("nan"), float("inf"), -1.0])
    def test_what_is_no_mark_is_refused_with_its_student(self, moodle, total):
        with pytest.raises(UsageError, match="ada: "):
            moodle(totals={"ada": total})


@settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    table=st.lists(st.lists(st.text("ab1.é \"'\n", max_size=5), min_size=3, max_size=3), min_size=1, max_size=4),
    separator=st.sampled_from(",;\t"),
    line_end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
    column=st.integers(0, 2),
    new=st.text('9,;." ', min_size=1, max_size=4),
)
def test_any_other_csv_reader_sees_the_one_changed_cell(export, table, separator, line_end, quoting, column, new):
    table = [["first", "second", "third"], *([f"x{row[0]}", *row[1:]] for row in table)]
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=line_end, quoting=quoting).writerows(table)
    sheet = Sheet.read(export(text.getvalue()))
    cell = sheet.rows[-1].cells[column]
    changed = sheet.with_cells({cell: new}).decode()
    table[-1][column] = new
    assert list(csv.reader(io.StringIO(changed, newline=""), delimiter=separator)) == table
    assert changed.startswith(text.getvalue()[: cell.start])
    assert changed.endswith(text.getvalue()[cell.end :])


class TestFilesThatCannotBeRead:
    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            (b"", "no row below its header"),
            (b"Student,ID\n", "no row below its header"),
            ("Student,ID\n1,2\n".encode("utf-16"), "no CSV in UTF-8"),
            (b'Student,ID\n"open,1\n', "line 2: a quotation mark opens"),
        ],
    )
    def test_it_is_said_what_is_wrong(self, canvas, content, complaint):
        with pytest.raises(UsageError, match=complaint):
            canvas(content)

    def test_a_missing_file_is_named(self, tmp_path, out):
        with pytest.raises(UsageError, match=r"none\.csv cannot be read"):
            fill_moodle(tmp_path / "none.csv", {}, out, max_points=1.0)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class TestTable:
    def test_a_row_per_student_has_a_column_per_question(self, out):
        repairs = (Repair("cell_ids", "new cell ids"),)
        write_csv([result(repairs=repairs)], {"ada": 16.25}, out)
        (row,) = rows_of(out)
        assert list(row) == [
            *("student", "end_state", "points", "total", "max_points", "first", "second", "repairs", "reason"),
        ]
        assert list(row.values()) == ["ada", "graded", "17.5", "16.25", "20.0", "7.5", "10.0", "1", ""]

    def test_a_missing_mark_is_an_empty_cell(self, out):
        write_csv([result(), result("bob", end_state=EndState.GRADER_ERROR, reason="disk full")], TOTALS, out)
        ada, bob, cyd = rows_of(out)
        assert (ada["total"], bob["points"], bob["first"], bob["reason"]) == ("85.5", "", "", "disk full")
        assert (cyd["end_state"], cyd["points"], cyd["total"], cyd["second"]) == ("missing", "", "", "")

    def test_a_mark_without_a_result_is_no_missing_hand_in(self, out):
        write_csv([result()], {"ada": 17.5, "bob": 3.0}, out)
        _, bob = rows_of(out)
        assert (bob["end_state"], bob["points"], bob["total"]) == ("no_result", "", "3.0")

    def test_a_mark_of_zero_is_a_zero(self, out):
        write_csv([result(end_state=EndState.DAMAGED, first=0.0)], {"ada": 0.0}, out)
        (row,) = rows_of(out)
        assert (row["points"], row["total"], row["first"]) == ("0.0", "0.0", "0.0")

    @pytest.mark.parametrize(
        ("name", "cell"),
        [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("＝1", "'＝1"),
            ("  =1", "  '=1"),
            ('"=1', "\"'=1"),
            ("' =1", "' '=1"),
            ("\t=1", "'\t'=1"),
            ("\r=1", "'\r'=1"),
            ("\tx", "'\tx"),
        ],
    )
    def test_what_a_spreadsheet_would_execute_gets_an_apostrophe(self, out, name, cell):
        write_csv([result(name, reason=name, **{name: 1.0})], {name: 1.0}, out)
        (row,) = rows_of(out)
        assert (row["student"], row["reason"], list(row)[5]) == (cell, cell, cell)

    def test_what_another_countrys_spreadsheet_would_cut_is_harmless_too(self, out):
        write_csv([result(reason='a; =HYPERLINK("x")')], {"ada": 1.0}, out)
        assert rows_of(out)[0]["reason"] == 'a; \'=HYPERLINK("x")'

    def test_ordinary_words_stay(self, out):
        write_csv([result("o'brien-smith", reason="b has shape (2, -1), expected a = 3")], {"o'brien-smith": 1.0}, out)
        (row,) = rows_of(out)
        assert (row["student"], row["reason"]) == ("o'brien-smith", "b has shape (2, -1), expected a = 3")

    def test_two_results_of_one_student_are_refused(self, out):
        with pytest.raises(StepgradeError, match="'ada' has two Results"):
            write_csv([result(), result()], TOTALS, out)
        assert not out.exists()

    def test_a_result_that_the_gradebook_does_not_know_is_refused(self, out):
        with pytest.raises(StepgradeError, match="no entry"):
            write_csv([result("eve")], TOTALS, out)

    def test_who_has_no_mark_need_not_stand_in_the_gradebook(self, out):
        """As a folder does whose name can be no student's: it never gets there."""
        refused = result("eve<1>", end_state=EndState.GRADER_ERROR, reason="rename it")
        assert write_csv([refused, result()], {"ada": 17.5}, out) == 2
        assert '"eve<1>","grader_error","",""' in out.read_text()


def test_json_lines_are_written_as_they_come_and_are_there_whole_or_not_at_all(out):
    """A class's Results are large."""
    out.write_text("of the last time")

    def results():
        for number in range(50):
            yield result(f"student {number}")
        assert sum(file.stat().st_size for file in out.parent.iterdir() if file != out) > 0
        raise StepgradeError("the journal ends here")

    with pytest.raises(StepgradeError, match="ends here"):
        write_json_lines(results(), out)
    assert out.read_text() == "of the last time"
    assert list(out.parent.iterdir()) == [out]


def test_json_lines_hold_one_document_each(out):
    write_json_lines([result(reason="two\nlines\u2028three\x85and \udc80"), result("bob")], out)
    first, second = out.read_text(encoding="utf-8").splitlines()
    assert json.loads(first)["reason"] == "two\nlines\u2028three\x85and \udc80"
    assert json.loads(second)["student"] == "bob"
