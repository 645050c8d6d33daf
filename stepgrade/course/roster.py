"""The course's one CSV: who there is, how an LMS names them, who works in which group, who has more time.

Every error names the file and the line, since it is read by somebody who has a spreadsheet open beside it.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import zip_longest
from pathlib import Path

from stepgrade.course.handin import is_student_id
from stepgrade.errors import NoSuchFile, UsageError

MAX_BYTES = 10 * 2**20
MAX_EXTENSION = timedelta(days=366)
COLUMNS = ("student", "group", "extension", "name", "email", "lms_id", "login")

_SPELLINGS = {name.replace("_", ""): name for name in COLUMNS}  # "LMS-ID", "lms id", "E-Mail"
# Excel's own first line, which names the separator, and what keeps its zeros from being dropped: ="001001".
_SEPARATOR_LINE = re.compile(r'"?sep=([,;\t])"?\r?\n', re.IGNORECASE)
_TEXT_FORMULA = re.compile(r'="([^"]*)"')
_MISSPELT = 0.8  # likeness from which another column's name is taken for a slip
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}
_DURATION = re.compile(
    r"(\d{1,5}(?:[.,]\d{1,3})?)\s*(w|weeks?|d|days?|h|hours?|min|minutes?)(?![a-z])\s*", re.IGNORECASE
)


@dataclass(frozen=True)
class Student:
    """One row; empty where the roster says nothing.

    Parameters
    ----------
    extension : timedelta or datetime or None
        So much more time, or the due date of this student, with its zone.
    line : int
        Where it stands in the file.
    cells : tuple of pairs
        Column and cell, of all columns that the roster has.
    """

    student: str
    group: str = ""
    extension: timedelta | datetime | None = None
    name: str = ""
    email: str = ""
    lms_id: str = ""
    login: str = ""
    line: int = 0
    cells: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True)
class Found:
    """Whose something is: ``student`` is None where nobody fits, or nobody alone; ``note`` says what to look at."""

    student: str | None
    note: str = ""


@dataclass(frozen=True)
class Roster:
    """Everybody in the course's CSV, in its order."""

    students: tuple[Student, ...]
    path: Path = field(default=Path("roster"), compare=False)

    @classmethod
    def read(cls, path: Path) -> Roster:
        """Read the CSV: UTF-8, with ``,``, ``;`` or tabs between the columns, whose names are in the first line.

        A line ``sep=;`` may stand before it.

        Raises
        ------
        NoSuchFile
            If there is no file at ``path``.
        UsageError
            If it is no such CSV, or two rows contradict each other; the message names the line.
        """
        if not path.is_file():
            raise NoSuchFile(f"{path} is not a file; expected a CSV with the columns {', '.join(COLUMNS)}")
        students = tuple(_students(path, _text(path)))
        _refuse_twins(path, students)
        return cls(students, path)

    def __contains__(self, student: object) -> bool:
        return student in self._rows

    @property
    def identifies(self) -> bool:
        """Whether some column tells how others name the students."""
        return any(row.name or row.email or row.lms_id or row.login for row in self.students)

    def extension(self, student: str, duedate: datetime | None) -> timedelta | None:
        """Return how much later than ``duedate`` the student may hand in; None where the roster does not say.

        0 for what is not later: that takes away an extension which stands in the gradebook.

        Parameters
        ----------
        duedate : datetime or None
            Of the assignment; in UTC where it has no zone, which is how nbgrader keeps it. Without one, a new due date
            is no extension of anything.
        """
        row = self._rows.get(student)
        granted = row.extension if row else None
        if isinstance(granted, datetime):
            if duedate is None:
                return None
            granted -= duedate if duedate.tzinfo else duedate.replace(tzinfo=UTC)
        return None if granted is None else max(granted, timedelta(0))

    def others_names(self, column: str) -> dict[str, str]:
        """Return student -> what another program calls them, by a column, which may be any.

        A student without an entry there is not in the mapping.

        Raises
        ------
        UsageError
            If there is no such column, or more than one.
        """
        wanted = _meant(column.strip().casefold())
        names: dict[str, str] = {}
        for row in self.students:
            fitting = [cell for name, cell in row.cells if name == wanted]
            if len(fitting) != 1:
                columns = ", ".join(name for name, _ in row.cells)
                raise UsageError(f"{self.path} has {len(fitting) or 'no'} column {column!r}; it has {columns[:200]}")
            names[row.student] = fitting[0]
        return {student: name for student, name in names.items() if name}

    def members(self, group: str) -> tuple[str, ...]:
        """Return the students of a group, sorted; compared without regard to case, spaces and signs."""
        return self._teams.get(_squeezed(group), ())

    def team(self, student: str) -> tuple[str, ...]:
        """Return everybody whose hand-in the student's is: the members of the group, or the student alone."""
        row = self._rows.get(student)
        return (self.members(row.group) if row else ()) or (student,)

    def student_of(self, *, name: str = "", lms_id: str = "", login: str = "", email: str = "") -> Found:
        """Return the student whom all of what is given fits.

        What fits nobody is passed over, as a number that Moodle gave in another assignment; where what fits points to
        two people, nobody is returned.
        """
        given = (
            ("login", login.casefold()),
            ("email", email.casefold()),
            ("name", _squeezed(name)),
            ("lms_id", lms_id),
        )
        fitting = {key: rows for key in given if (rows := self._index.get(key))}
        if not fitting:
            return Found(None, "no row of the roster fits")
        agreed = set.intersection(*map(set, fitting.values()))
        if len(agreed) != 1:
            lines = sorted({row.line for rows in fitting.values() for row in rows})
            return Found(None, f"no row of the roster fits alone, but lines {', '.join(map(str, lines))} do in part")
        (row,) = agreed
        only_by_number = [column for column, _ in fitting] == ["lms_id"] and name and row.name
        return Found(
            row.student, f"by its number alone: the roster has the name {row.name!r}" if only_by_number else ""
        )

    @cached_property
    def _rows(self) -> dict[str, Student]:
        return {row.student: row for row in self.students}

    @cached_property
    def _teams(self) -> dict[str, tuple[str, ...]]:
        teams: dict[str, list[str]] = {}
        for row in self.students:
            teams.setdefault(_squeezed(row.group), []).append(row.student)
        return {group: tuple(sorted(members)) for group, members in teams.items() if group}

    @cached_property
    def _index(self) -> dict[tuple[str, str], list[Student]]:
        index: dict[tuple[str, str], list[Student]] = {}
        for row in self.students:
            keys = {("login", row.login.casefold()), ("email", row.email.casefold()), ("lms_id", row.lms_id)}
            for key in keys | {("name", spelling) for spelling in _spellings(row.name)}:
                if key[1]:
                    index.setdefault(key, []).append(row)
        return index


def _text(path: Path) -> str:
    content = path.read_bytes()[: MAX_BYTES + 1]
    if len(content) > MAX_BYTES:
        raise UsageError(f"{path} has more than {MAX_BYTES // 2**20} MiB; expected a CSV with one line per student")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise UsageError(f"{path}, line {line}: not UTF-8; save it as 'CSV UTF-8' and try again") from None


def _students(path: Path, text: str) -> Iterator[Student]:
    named = _SEPARATOR_LINE.match(text)
    text, n_skipped = (text[named.end() :], 1) if named else (text, 0)
    header, _, _ = text.partition("\n")
    # csv.Sniffer guesses from letters too, and wrongly where rows are few.
    delimiter = named[1] if named else max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] = []
    try:
        for cells in reader:
            line = reader.line_num + n_skipped
            where = f"{path}, line {line}"
            cells = [_plain(cell) for cell in cells]
            if not columns:
                columns = _columns(where, cells)
            elif any(cells):
                yield _student(where, line, columns, cells)
    except csv.Error as error:
        raise UsageError(f"{path}, line {reader.line_num + n_skipped}: no CSV ({error}); a quote may be open") from None
    if not columns:
        raise UsageError(f"{path} is empty; expected the columns {', '.join(COLUMNS)}, of which student is required")


def _plain(cell: str) -> str:
    cell = cell.strip()
    formula = _TEXT_FORMULA.fullmatch(cell)
    return formula[1].strip() if formula else cell


def _columns(where: str, cells: list[str]) -> list[str]:
    given = [cell.casefold() for cell in cells]
    names = [name if (meant := _meant(name)) in given else meant for name in given]
    for name in names:
        close = difflib.get_close_matches(name, COLUMNS, n=1, cutoff=_MISSPELT)
        if close and name not in COLUMNS and close[0] not in names:
            raise UsageError(
                f"{where}: there is a column {name!r}; expected {close[0]!r}. Rename it so, or remove it if it holds "
                "something else"
            )
    for name in COLUMNS:
        if names.count(name) > 1:
            raise UsageError(f"{where}: there are {names.count(name)} columns {name!r}; expected one")
    if "student" not in names:
        raise UsageError(f"{where}: got the columns {', '.join(names)[:200]}; expected one named 'student'")
    return names


def _meant(name: str) -> str:
    """Return the column that is meant by a name with other hyphens and spaces, else the name."""
    return _SPELLINGS.get(re.sub(r"[\s_-]+", "", name), name)


def _student(where: str, line: int, columns: list[str], cells: list[str]) -> Student:
    if len(cells) > len(columns):
        raise UsageError(
            f"{where}: got {len(cells)} cells, expected {len(columns)}; put a cell that holds the separator in quotes"
        )
    row = {name: cell for name, cell in zip(columns, cells, strict=False) if name in COLUMNS}
    student = unicodedata.normalize("NFC", row.pop("student", ""))
    if not is_student_id(student):
        raise UsageError(
            f"{where}: {student!r} cannot be a student's name here; expected a letter, a digit or _, then also "
            ". - @ + ' ( ) and, inside, spaces and commas; at most 100 of them, and no path"
        )
    number = re.fullmatch(r"\D*\s(\d+)", row.get("lms_id", ""))  # "Participant 123", as Moodle's worksheet has it
    if number:
        row["lms_id"] = number[1]
    extension = _extension(where, row.pop("extension", ""))
    every = tuple(zip_longest(columns, cells, fillvalue=""))
    return Student(student=student, extension=extension, line=line, cells=every, **row)


def _extension(where: str, text: str) -> timedelta | datetime | None:
    if not text:
        return None
    expected = "expected a duration like 48h or 2 days, or a new due date with its zone like 2026-03-01T23:59+01:00"
    parts = _DURATION.findall(text)
    if parts and not _DURATION.sub("", text):
        duration = sum(
            (timedelta(**{_UNITS[unit[0].lower()]: float(number.replace(",", "."))}) for number, unit in parts),
            timedelta(0),
        )
        if duration > MAX_EXTENSION:
            raise UsageError(f"{where}: the extension {text!r} is longer than {MAX_EXTENSION.days} days; {expected}")
        return duration
    try:
        duedate = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{where}: got the extension {text!r}; {expected}") from None
    if duedate.tzinfo is None:
        raise UsageError(f"{where}: the new due date {text!r} has no time zone; {expected}")
    return duedate


def _refuse_twins(path: Path, students: tuple[Student, ...]) -> None:
    """Refuse two rows for one person, also where only a file system that ignores case would take them for one."""
    for column in ("student", "lms_id", "login", "email"):
        seen: dict[str, int] = {}
        for row in students:
            key = getattr(row, column).casefold()
            if key and seen.setdefault(key, row.line) != row.line:
                raise UsageError(
                    f"{path}, line {row.line}: {column} {getattr(row, column)!r} stands in line {seen[key]} already; "
                    "expected one line per student"
                )
    groups = {_squeezed(row.group): row for row in students if row.group}
    for row in students:
        named = groups.get(_squeezed(row.student))
        if named and _squeezed(row.group) != _squeezed(row.student):
            raise UsageError(
                f"{path}, line {named.line}: the group {named.group!r} is named like a student outside of it"
            )


def _squeezed(name: str) -> str:
    """Return the letters and digits of a name, as two systems that drop different signs both have them."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())


def _spellings(name: str) -> frozenset[str]:
    """Return what a name may be squeezed to, whichever of its words a system puts first."""
    words = [word for word in (_squeezed(word) for word in re.split(r"[\s,]+", name)) if word]
    return frozenset("".join(words[start:] + words[:start]) for start in range(len(words)))
