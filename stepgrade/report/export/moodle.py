"""Moodle: one column of a file that was exported there, filled to be imported again. Two kinds of file:

- the **grading worksheet** of an assignment: Identifier ("Participant 123"), Full name, sometimes more about the
  student, Status, Grade, Maximum Grade, ..., Last modified (grade), Feedback comments. Its titles and the word in
  Identifier are in the teacher's language, so it is recognised by its structure;
- the **grades of a course** as plain text: names, ID number, email address and the like, then a column per grade item,
  last the time of the export.

One wrong row cancels a whole import of the second kind, and the first kind skips it without a word. So every row is
looked at before anything is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from stepgrade.errors import UsageError
from stepgrade.report.export.decimals import decimal_sign, exact_totals, number
from stepgrade.report.export.filling import Filled, Filling, ids_of, matching_column, scaling
from stepgrade.report.export.sheet import Sheet

NO_GRADE = ("", "-")
_IDENTIFIER = re.compile(r"\D.*?(?P<number>\d+)")
# How columns are called that say who a row is about, where they stand among the first two: files made by hand.
_IDS = frozenset({"id", "userid", "id number", "idnumber", "username", "email", "email address", "useremail"})


def fill_moodle(
    export_path: Path,
    totals: Mapping[str, float | None],
    out: Path,
    *,
    max_points: float,
    column: str | None = None,
    match_by: str | None = None,
    lms_ids: Mapping[str, str] | None = None,
    lms_max_points: float | None = None,
    scale: bool = False,
) -> Filled:
    """Write to ``out`` the file of ``export_path`` with the totals in one column; no other byte changes.

    A student without a mark keeps the old cell.

    Parameters
    ----------
    totals : student -> what counts in the end, None where there is no mark
    max_points : float
        What the assignment is worth here; Moodle's must be the same, or ``scale`` be True.
    column : str, optional
        The column to fill. In a grading worksheet it is found without it; a file of grades needs it.
    match_by : str, optional
        The column that says who a row is about; without it the one in which most students stand. A participant's
        number counts only where it is named here: small numbers are too easily somebody else's.
    lms_ids : student -> what that column calls them; without it our own id
    lms_max_points : float, optional
        What the item is worth in Moodle; a worksheet says it itself, a file of grades does not.

    Raises
    ------
    UsageError
        If anything in the file or the marks is doubtful; then nothing is written.
    """
    sheet = Sheet.read(export_path)
    exact = exact_totals(totals)
    ids = ids_of(totals, lms_ids)
    worksheet = _is_worksheet(sheet)
    index = _grade_column(sheet, column, worksheet=worksheet)
    _check_grades(sheet, index)
    maximum = _maximum(sheet, index) if worksheet else _declared(lms_max_points)
    factor = scaling(max_points, maximum, repr(sheet.header[index]), scale=scale)
    _check_range(exact, maximum or Decimal(str(max_points)), factor)
    columns = [index, index + 1] if worksheet else [index]
    sign = decimal_sign(row[place] for row in sheet.rows for place in columns)
    if worksheet and match_by == sheet.header[0]:
        numbered = {identifier["number"]: row[0] for row in sheet.rows if (identifier := _identifier(row[0]))}
        ids = {student: numbered.get(lms_id.strip(), lms_id) for student, lms_id in ids.items()}
    matched_by = matching_column(sheet, sheet.rows, _candidates(sheet, index, worksheet=worksheet), ids, match_by)
    if not worksheet:
        _check_everybody_named(sheet, matched_by)
    return Filling(sheet, sheet.rows, index, exact, ids, sign, factor).write(matched_by, out)


def _is_worksheet(sheet: Sheet) -> bool:
    """Return whether every row begins with a word and a number, and a grade stands before its maximum."""
    return all(_identifier(row[0]) for row in sheet.rows) and bool(_grades_before_their_maximum(sheet))


def _identifier(text: str) -> re.Match[str] | None:
    return _IDENTIFIER.fullmatch(text)


def _grades_before_their_maximum(sheet: Sheet) -> list[int]:
    """Return the columns that hold grades or nothing, and have the same number above 0 in all rows to their right."""
    found = []
    for index in range(1, len(sheet.header) - 1):
        maxima = {number(row[index + 1]) for row in sheet.rows}
        maximum = maxima.pop()
        if maxima or not maximum or maximum < 0:
            continue
        grades = [Decimal(0) if row[index] in NO_GRADE else number(row[index]) for row in sheet.rows]
        if all(grade is not None and grade <= maximum for grade in grades):
            found.append(index)
    return found


def _grade_column(sheet: Sheet, name: str | None, *, worksheet: bool) -> int:
    if name is not None:
        return sheet.column(name)
    columns = ", ".join(map(repr, sheet.header))
    if not worksheet:
        raise UsageError(
            f"{sheet.path} is no grading worksheet (rows that begin with a participant's number, a grade with its "
            f"maximum to the right), so the column to fill must be named with --column; its columns: {columns}"
        )
    found = _grades_before_their_maximum(sheet)
    if len(found) > 1:
        choices = ", ".join(repr(sheet.header[index]) for index in found)
        raise UsageError(f"{sheet.path}: {choices} may all be the grade; name the right one with --column")
    return found[0]


def _maximum(sheet: Sheet, index: int) -> Decimal:
    maximum = number(sheet.rows[0][index + 1]) if index in _grades_before_their_maximum(sheet) else None
    if maximum is None:
        raise UsageError(
            f"{sheet.path}: to the right of {sheet.header[index]!r} should stand its maximum, the same in every row; "
            "name the column of the grades with --column, or download the worksheet again"
        )
    return maximum


def _declared(points: float | None) -> Decimal | None:
    return None if points is None else Decimal(str(points))


def _check_grades(sheet: Sheet, index: int) -> None:
    """Refuse a column that holds anything but grades: letters, percentages and scales are other columns."""
    wrong = [row for row in sheet.rows if row[index] not in NO_GRADE and number(row[index]) is None]
    if wrong:
        listed = ", ".join(f"line {row.line}: {row[index]!r}" for row in wrong[:5])
        raise UsageError(
            f"{sheet.path}: {sheet.header[index]!r} should hold numbers, and holds {listed}; fill the column of real "
            "grades (not letters, percentages or a scale), and undo what a spreadsheet made of it"
        )


def _check_range(totals: Mapping[str, Decimal | None], maximum: Decimal, factor: Fraction) -> None:
    above = [student for student, total in totals.items() if total is not None and Fraction(total) * factor > maximum]
    if above:
        listed = ", ".join(f"{student}: {totals[student]}" for student in above[:5])
        raise UsageError(
            f"Moodle takes no mark above the maximum of {maximum} points, and there are some: {listed}; correct them, "
            "or raise the maximum there and export again"
        )


def _candidates(sheet: Sheet, grade_column: int, *, worksheet: bool) -> list[int]:
    """Return the columns left of the grade that may say who a row is about; names of people do not."""
    if worksheet:
        return list(range(2, grade_column))
    return [i for i, title in enumerate(sheet.header[:grade_column]) if i > 1 or title.casefold() in _IDS]


def _check_everybody_named(sheet: Sheet, column: int) -> None:
    """Refuse rows without an id: Moodle's import gives their grade to the student of the row before, or cancels."""
    nameless = [str(row.line) for row in sheet.rows if not row[column]]
    if nameless:
        raise UsageError(
            f"{sheet.path}: {sheet.header[column]!r} is blank on line {', '.join(nameless[:10])}; Moodle's import goes "
            "wrong on such a row. Name another column with --match-by, or delete the rows and try again"
        )
