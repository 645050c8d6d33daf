"""The course's CSV: read as spreadsheets write it, refused with the line where it cannot be meant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stepgrade.course.roster import Roster
from stepgrade.errors import NoSuchFile, UsageError

DUE = datetime(2026, 3, 1, 22, 0)  # as nbgrader keeps it: UTC, without a zone


@pytest.fixture
def roster(tmp_path):
    """``roster(text)``: the Roster of a CSV with that content."""

    def read(content: str | bytes) -> Roster:
        path = tmp_path / "roster.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return Roster.read(path)

    return read


@pytest.mark.parametrize(
    "content",
    [
        "student,group\nada,blue\nbob,blue\n",
        "\ufeffstudent;group\r\nada;blue\r\nbob;blue\r\n",
        "group\tstudent\nblue\tada\n\t\nblue\tbob",
        'Student , GROUP,remarks\n"ada",blue,"a, b\nc"\n bob , blue,\n',
        "\ufeffsep=;\r\nstudent;group\r\nada;blue\r\nbob;blue\r\n",
        '"sep=,"\nstudent,group,a;b;c;d\nada,blue,\nbob,blue,\n',
    ],
)
def test_it_is_read_as_spreadsheets_write_it(roster, content):
    assert roster(content).members("Blue") == ("ada", "bob")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("48h", timedelta(hours=48)),
        ("2 days", timedelta(days=2)),
        ("1d 12h", timedelta(hours=36)),
        ("1.5 days", timedelta(hours=36)),
        ("30 min", timedelta(minutes=30)),
        ("1 week", timedelta(days=7)),
        ("2026-03-03T23:00+01:00", timedelta(days=2)),
        ("2026-03-01 23:00Z", timedelta(hours=1)),
        ("2026-02-01T23:59Z", timedelta(0)),
        ("2026-03-01T22:00Z", timedelta(0)),
        ("0h", timedelta(0)),
        ("", None),
    ],
)
def test_an_extension_is_a_duration_or_a_new_due_date(roster, text, expected):
    assert roster(f'student,extension\nada,"{text}"\n').extension("ada", DUE) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [("E-Mail", "email"), ("e mail", "email"), ("LMS-ID", "lms_id"), ("lms id", "lms_id"), ("Log-in", "login")],
)
def test_a_column_may_be_spelt_with_a_hyphen_or_a_space(roster, header, expected):
    (student,) = roster(f"student,{header}\nada,77\n").students
    assert getattr(student, expected) == "77"


def test_beside_the_column_itself_another_spelling_is_passed_over(roster):
    (student,) = roster("student,E-Mail,email\nada,other,ada@x.org\n").students
    assert student.email == "ada@x.org"


@pytest.mark.parametrize("cell", ['="001001"', '"=""001001"""'])
def test_digits_that_a_spreadsheet_wrote_as_a_formula_are_a_text(roster, cell):
    (student,) = roster(f"student,lms_id\n{cell},{cell}\n").students
    assert (student.student, student.lms_id) == ("001001", "001001")


def test_lines_are_counted_as_in_the_file_also_behind_the_separators(roster):
    with pytest.raises(UsageError, match=r"line 3: '\.\./eve' cannot be"):
        roster("sep=;\nstudent;name\n../eve;x\n")


def test_the_letters_that_are_named_are_those_that_are_accepted(roster):
    name = "_ada1.-@+'(x) y, z"
    assert roster(f'student\n"{name}"\n').students[0].student == name
    with pytest.raises(UsageError) as refused:
        roster("student\n=A1\n")
    assert "a letter, a digit or _, then also . - @ + ' ( ) and, inside, spaces and commas" in str(refused.value)


def test_a_due_date_may_carry_its_zone(roster):
    course = roster("student,extension\nada,2026-03-02T00:00+01:00\n")
    assert course.extension("ada", DUE.replace(tzinfo=UTC)) == timedelta(hours=1)


def test_no_extension_is_said_without_a_due_date_too(roster):
    assert roster("student,extension\nada,0h\n").extension("ada", None) == timedelta(0)


def test_without_a_due_date_a_new_one_extends_nothing(roster):
    assert roster("student,extension\nada,2026-03-02T00:00Z\n").extension("ada", None) is None


def test_who_is_not_in_the_roster_has_no_extension_and_no_group(roster):
    course = roster("student,extension\nada,48h\n")
    assert course.extension("eve", DUE) is None
    assert course.team("eve") == ("eve",)


def test_a_student_without_a_group_is_a_team_of_one(roster):
    course = roster("student,group\nada,\nbob,\n")
    assert course.team("ada") == ("ada",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty; expected the columns student"),
        ("name,group\nAda,blue\n", "line 1: got the columns name, group; expected one named 'student'"),
        ("student,extention\nada,48h\n", "line 1: there is a column 'extention'; expected 'extension'. Rename it so"),
        ("student,group,group\nada,a,b\n", "line 1: there are 2 columns 'group'"),
        ("student\nada\n../eve\n", "line 3: '../eve' cannot be a student's name"),
        ("student,group\nada,blue\n,blue\n", "line 3: '' cannot be a student's name"),
        ("student\nada\nADA\n", "line 3: student 'ADA' stands in line 2 already"),
        ("student,lms_id\nada,7\nbob,7\n", "line 3: lms_id '7' stands in line 2 already"),
        ("student,group\nada,blue,48h\n", "line 2: got 3 cells, expected 2"),
        ("student,extension\nada,soon\n", "line 2: got the extension 'soon'; expected a duration like 48h"),
        ("student,extension\nada,-48h\n", "line 2: got the extension '-48h'"),
        ("student,extension\nada,5000 days\n", "line 2: the extension '5000 days' is longer than 366 days"),
        ("student,extension\nada,2026-03-02T00:00\n", "line 2: the new due date '2026-03-02T00:00' has no time zone"),
        ("student,group\nada,bob\nbob,\n", "line 2: the group 'bob' is named like a student outside of it"),
        ('student\n"ada\n', "no CSV"),
        (b"student\nad\xe4\n", "line 2: not UTF-8; save it as 'CSV UTF-8'"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(roster, content, message):
    with pytest.raises(UsageError) as refused:
        roster(content)
    assert message in str(refused.value)


def test_a_path_without_a_file_is_named(tmp_path):
    with pytest.raises(NoSuchFile, match=r"none\.csv is not a file"):
        Roster.read(tmp_path / "none.csv")


NAMES = "student,name,lms_id,login,email\na1,Ada King Lovelace,67,ada,ada@x.org\nb1,Bob Bu,68,,\nb2,Bob Bu,69,,\n"


@pytest.mark.parametrize(
    "given",
    [
        {"name": "Ada King Lovelace"},
        {"name": "Lovelace, Ada King"},
        {"name": "lovelaceadaking"},
        {"name": "Somebody Else", "login": "ADA"},
        {"lms_id": "67"},
        {"name": "Ada King Lovelace", "lms_id": "4711"},
        {"email": "Ada@x.org"},
    ],
)
def test_a_student_is_found_by_whatever_a_system_calls_them(roster, given):
    assert roster(NAMES).student_of(**given).student == "a1"


def test_two_of_one_name_are_told_apart_by_their_number(roster):
    course = roster(NAMES)
    assert course.student_of(name="Bob Bu", lms_id="69").student == "b2"
    found = course.student_of(name="Bob Bu")
    assert (found.student, "lines 3, 4" in found.note) == (None, True)


def test_a_name_and_a_number_of_two_people_name_nobody(roster):
    assert roster(NAMES).student_of(name="Ada King Lovelace", lms_id="68").student is None


def test_a_number_with_another_name_is_accepted_and_said(roster):
    found = roster(NAMES).student_of(name="Adah Byron", lms_id="67")
    assert (found.student, found.note) == ("a1", "by its number alone: the roster has the name 'Ada King Lovelace'")


def test_moodles_word_before_a_participants_number_is_no_part_of_it(roster):
    assert roster("student,lms_id\nada,Teilnehmer/in 4711\n").student_of(lms_id="4711").student == "ada"


def test_a_large_roster_is_searched_quickly(tmp_path):
    path = Path(tmp_path / "roster.csv")
    rows = "".join(f"s{n},First{n} Last{n},{n}\n" for n in range(20_000))
    path.write_text("student,name,lms_id\n" + rows)
    course = Roster.read(path)
    found = {course.student_of(name=f"last{n}first{n}", lms_id=str(n)).student for n in range(20_000)}
    assert len(found) == 20_000
