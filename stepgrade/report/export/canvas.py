"""Canvas: one column of the gradebook that was exported there, filled to be imported again.

The export has the columns Student (or LastName, FirstName), ID, SIS User ID, SIS Login ID, sometimes Integration ID and
Root Account, then Section, then one column per assignment, titled ``Title (id)``. Below the header stands a row
"Points Possible", and before it, where scores are posted by hand, one of "Manual Posting".
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from stepgrade.errors import UsageError
from stepgrade.report.export.decimals import decimal_sign, exact_totals, number
from stepgrade.report.export.filling import Filled, Filling, ids_of, matching_column, scaling
from stepgrade.report.export.sheet import Row, Sheet

# In the order in which an institution's own ids are likely to stand there.
MATCHED_BY = ("SIS Login ID", "SIS User ID", "Integration ID", "ID")
# Excused, and not assigned: decisions that a person made in Canvas.
NEVER_OVERWRITTEN = frozenset({"ex", "n/a"})
_TITLE_WITH_ID = re.compile(r"(?P<title>.*) \(\d+\)", re.DOTALL)
_POSTING = re.compile(r"(muted|manual posting.*)?", re.IGNORECASE)


def fill_canvas(
    export_path: Path,
    column: str,
    totals: Mapping[str, float | None],
    out: Path,
    *,
    max_points: float,
    match_by: str | None = None,
    lms_ids: Mapping[str, str] | None = None,
    scale: bool = False,
) -> Filled:
    """Write to ``out`` the gradebook of ``export_path`` with the totals in one column; no other byte changes.

    A student without a mark keeps the old cell: to Canvas a blank over a score is a change.

    Parameters
    ----------
    column : str
        The column's whole title, ``Title (id)``, or the title alone where it is unique.
    totals : student -> what counts in the end, None where there is no mark
    max_points : float
        What the assignment is worth here; Canvas's points must be the same, or ``scale`` be True.
    match_by : str, optional
        The column that says who a row is about; without it the likeliest of ``MATCHED_BY``.
    lms_ids : student -> what that column calls them; without it our own id

    Raises
    ------
    UsageError
        If anything in the file or the marks is doubtful; then nothing is written.
    """
    sheet = Sheet.read(export_path)
    _check_header(sheet)
    exact = exact_totals(totals)
    ids = ids_of(totals, lms_ids)
    index = _column_titled(sheet, column)
    points_row, students = _rows(sheet)
    possible = _points_possible(sheet, points_row, index)
    candidates = [sheet.column(name) for name in MATCHED_BY if name in sheet.header]
    filling = Filling(
        sheet,
        students,
        index,
        exact,
        ids,
        sign=decimal_sign(row[index] for row in (points_row, *students)),
        factor=scaling(max_points, possible, repr(sheet.header[index]), scale=scale),
        never_overwritten=NEVER_OVERWRITTEN,
    )
    return filling.write(matching_column(sheet, students, candidates, ids, match_by), out)


def _check_header(sheet: Sheet) -> None:
    named = sheet.header[0] == "Student" or sheet.header[:2] == ("LastName", "FirstName")
    if not (named and "ID" in sheet.header and "Section" in sheet.header):
        raise UsageError(
            f"{sheet.path} is no gradebook exported from Canvas: its header should begin with Student, ID and hold "
            f"Section, but it begins with {', '.join(sheet.header[:5])}; in Canvas, export the entire gradebook as CSV"
        )


def _column_titled(sheet: Sheet, wanted: str) -> int:
    first = sheet.header.index("Section") + 1
    columns = dict(enumerate(sheet.header[first:], start=first))
    whole = [index for index, title in columns.items() if title == wanted.strip()]
    bare = [index for index, title in columns.items() if _bare(title) == wanted.strip()]
    found = whole or bare
    if len(found) == 1:
        return found[0]
    if found:
        titles = ", ".join(repr(columns[index]) for index in found)
        raise UsageError(
            f"{sheet.path} has {len(found)} columns {wanted!r}: {titles}; give the whole title with its id"
        )
    assignments = [title for title in columns.values() if _TITLE_WITH_ID.fullmatch(title)]
    close = difflib.get_close_matches(wanted, [*assignments, *map(_bare, assignments)], n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"its assignments: {', '.join(map(repr, assignments)) or 'none'}"
    raise UsageError(f"{sheet.path} has no column {wanted!r}; {hint}")


def _bare(title: str) -> str:
    match = _TITLE_WITH_ID.fullmatch(title)
    return match["title"].strip() if match else title


def _rows(sheet: Sheet) -> tuple[Row, list[Row]]:
    """Return the row of points and the students' rows; the row on posting is neither."""
    points = [row for row in sheet.rows if "Points Possible" in row[0]]
    if len(points) != 1:
        raise UsageError(
            f"{sheet.path} should have one row 'Points Possible' below its header, and has {len(points)}; "
            "export the gradebook again and leave that row in"
        )
    others = [row for row in sheet.rows if row is not points[0]]
    return points[0], [row for row in others if not all(_POSTING.fullmatch(cell.text.strip()) for cell in row.cells)]


def _points_possible(sheet: Sheet, points_row: Row, index: int) -> Decimal:
    text = points_row[index]
    points = number(text)
    if points is None:
        raise UsageError(
            f"{sheet.path}, line {points_row.line}: {sheet.header[index]!r} is worth {text or 'nothing'!r} points; "
            "expected a number. What Canvas computes cannot be filled, and an assignment needs its points set there"
        )
    return points
