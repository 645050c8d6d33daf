"""What an LMS calls our students, where that is not our own id: one column of a roster."""

from __future__ import annotations

from pathlib import Path

from stepgrade.errors import UsageError
from stepgrade.report.export.sheet import Sheet

STUDENT = "student"


def read_lms_ids(roster: Path, column: str) -> dict[str, str]:
    """Return student -> id in the LMS, from a CSV with a column "student" and one that is named here.

    A student without an entry there is not in the mapping, and will be reported as not in the LMS's file.

    Raises
    ------
    UsageError
        If the file lacks a column, or has a student twice.
    """
    sheet = Sheet.read(roster)
    ours, theirs = sheet.column(STUDENT), sheet.column(column)
    lms_ids: dict[str, str] = {}
    for row in sheet.rows:
        if row[ours] in lms_ids:
            raise UsageError(
                f"{roster}, line {row.line}: {row[ours]!r} stands there a second time; keep one of the rows"
            )
        if row[ours] and row[theirs]:
            lms_ids[row[ours]] = row[theirs]
    return lms_ids
