"""Files we make: a table with a column per question, and the Results themselves, one JSON document per line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from stepgrade.errors import StepgradeError
from stepgrade.report.export.decimals import exact_totals, written
from stepgrade.report.output import write_in_parts, write_whole
from stepgrade.result import EndState, Result

BEFORE = ("student", "end_state", "points", "total", "max_points")
AFTER = ("repairs", "reason")
# What a spreadsheet takes for a formula: at the beginning of a cell, also after spaces and quotes, also as a full-width
# sign; and after a semicolon or tab, where a spreadsheet of another country begins a cell.
_FORMULA = re.compile(r"""((?:\A|[;\t\r\n])[\s"'`]*)([=+\-@＝＋－＠])""")
# Signs that JSON allows in a string, and at which many programs cut lines.
_LINE_ENDS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "\x85\u2028\u2029"}
_LEADING_CONTROL = re.compile(r"""\A[ "'`]*[\t\r\n]""")

_Value = str | float


class _Graded(NamedTuple):
    """What one row needs of a Result: a class's Results with all their checks are many times as large."""

    end_state: str
    points: _Value
    max_points: _Value
    questions: dict[str, float]
    repairs: _Value
    reason: str


_NOTHING = _Graded(EndState.MISSING.value, "", "", {}, "", "")
# Of a journal that was lost, or a submission that nbgrader's own command has graded.
_MARK_ALONE = _NOTHING._replace(end_state="no_result")


def write_csv(results: Iterable[Result], totals: Mapping[str, float | None], out: Path) -> int:
    """Write a row per student to ``out`` and return their number; where there is no mark, the cell is empty.

    ``points`` is the sum of the questions as they were graded, ``total`` what counts in the end, after manual grades
    and late penalties. Students who stand only in ``totals`` get a row that says "missing", or "no_result" if they have
    a mark there; those without a mark need not stand there: a folder whose name can be no student's never gets into
    the gradebook.

    Raises
    ------
    StepgradeError
        If a student has two Results, or a mark and no entry in ``totals``.
    """
    exact = exact_totals(totals)
    graded: dict[str, _Graded] = {}
    for result in results:
        student = result.student or ""
        if student in graded:
            raise StepgradeError(f"{student!r} has two Results; only the latest of each student can be exported")
        if student not in totals and result.points is not None:
            raise StepgradeError(f"{student!r} has a mark, but the gradebook has no entry; run stepgrade grade again")
        graded[student] = _graded(result)
    students = sorted(exact.keys() | graded.keys())
    questions = list(dict.fromkeys(name for row in graded.values() for name in row.questions))

    lines = io.StringIO()
    table = csv.writer(lines, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    table.writerow([*BEFORE, *map(harmless, questions), *AFTER])
    for student in students:
        total = exact.get(student)
        row = graded.get(student, _NOTHING if total is None else _MARK_ALONE)
        marks: list[_Value] = [row.questions.get(name, "") for name in questions]
        counts = "" if total is None else float(written(total, "."))
        before = [harmless(student), row.end_state, row.points, counts, row.max_points]
        table.writerow([*before, *marks, row.repairs, harmless(row.reason)])
    write_whole(out, lines.getvalue().encode("utf-8", "backslashreplace"))
    return len(students)


def _graded(result: Result) -> _Graded:
    has_mark = result.points is not None
    return _Graded(
        result.end_state.value,
        result.points if result.points is not None else "",
        result.max_points,
        {question.id: question.points for question in result.questions} if has_mark else {},
        len(result.repairs),
        result.reason,
    )


def write_json_lines(results: Iterable[Result], out: Path) -> int:
    """Write each Result as one JSON document on one line and return their number."""
    n_written = 0

    def lines() -> Iterator[bytes]:
        nonlocal n_written
        for result in results:
            yield result.to_json().translate(_LINE_ENDS).encode("utf-8", "backslashreplace") + b"\n"
            n_written += 1

    write_in_parts(out, lines())
    return n_written


def harmless(text: str) -> str:
    """Return ``text`` as a spreadsheet will show it, with an apostrophe before what it would execute."""
    text = _FORMULA.sub(r"\1'\2", text)
    return "'" + text if _LEADING_CONTROL.match(text) else text
