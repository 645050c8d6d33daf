"""Filling one column: which row is whose, what goes into its cell, and a report in which nobody is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from stepgrade.errors import UsageError
from stepgrade.report.export.decimals import number, written
from stepgrade.report.export.sheet import Cell, Row, Sheet
from stepgrade.report.output import write_whole

SHOWN = 10


@dataclass(frozen=True)
class Change:
    """One cell that got another text."""

    student: str
    line: int
    old: str
    new: str


@dataclass(frozen=True)
class Kept:
    """One cell that kept its text although there is a mark, because of what it says ("EX")."""

    student: str
    line: int
    old: str


@dataclass(frozen=True)
class Filled:
    """What became of every student, ours and the LMS's."""

    path: Path
    column: str
    matched_by: str
    changes: tuple[Change, ...]
    same: tuple[str, ...]  # the cell held the mark already
    without_mark: tuple[str, ...]  # no mark: the old cell stays
    kept: tuple[Kept, ...]
    not_in_file: tuple[str, ...]  # ours, without a row
    not_ours: tuple[str, ...]  # rows without a Result: "line 7 (Doe, Jane)"

    @property
    def messages(self) -> tuple[str, ...]:
        """Return sentences for a terminal; the first says what was done, the others what wants a look."""
        done = (
            f"{self.path}: {len(self.changes)} marks filled into {self.column!r}, {len(self.same)} were there already "
            f"(students matched by {self.matched_by!r})"
        )
        kept = tuple(f"{one.student} (line {one.line}: {one.old})" for one in self.kept)
        remarks = {
            "without a mark, their old cell stays": self.without_mark,
            "have a mark, but the cell says otherwise and stays": kept,
            "not in the LMS's file, so their marks are not transferred": self.not_in_file,
            "in the LMS's file, but not among our students": self.not_ours,
        }
        return (done, *(f"{len(who)} {what}: {_listed(who)}" for what, who in remarks.items() if who))


@dataclass(frozen=True)
class Filling:
    """One column of a sheet, about to be filled with the totals of the students."""

    sheet: Sheet
    rows: Sequence[Row]
    column: int
    totals: Mapping[str, Decimal | None]
    lms_ids: Mapping[str, str]
    sign: str
    factor: Fraction = Fraction(1)
    never_overwritten: frozenset[str] = frozenset()

    def write(self, matched_by: int, out: Path) -> Filled:
        """Write the filled file to ``out``, whole or not at all, and return what became of everybody."""
        if out.resolve() == self.sheet.path.resolve():
            raise UsageError(f"{out} is the file that is read; give another path, so that the two can be compared")
        mine = students_rows(self.sheet, self.rows, matched_by, self.lms_ids)
        changes: dict[Cell, Change] = {}
        same, kept = [], []
        for student, row in mine.items():
            total = self.totals[student]
            if total is None:
                continue
            cell, old = row.cells[self.column], row[self.column]
            new = written(self._scaled(total), self.sign)
            if old.casefold() in self.never_overwritten:
                kept.append(Kept(student, row.line, old))
            elif number(old) == number(new):
                same.append(student)
            else:
                changes[cell] = Change(student, row.line, old, new)
        taken = {row.line for row in mine.values()}
        write_whole(out, self.sheet.with_cells({cell: change.new for cell, change in changes.items()}))
        return Filled(
            path=out,
            column=self.sheet.header[self.column],
            matched_by=self.sheet.header[matched_by],
            changes=tuple(changes.values()),
            same=tuple(same),
            without_mark=tuple(student for student in mine if self.totals[student] is None),
            kept=tuple(kept),
            not_in_file=tuple(student for student in self.totals if student not in mine),
            not_ours=tuple(f"line {row.line} ({row[0]})" for row in self.rows if row.line not in taken),
        )

    def _scaled(self, total: Decimal) -> Decimal:
        exact = Fraction(total) * self.factor
        return Decimal(exact.numerator) / Decimal(exact.denominator)


def ids_of(totals: Mapping[str, object], lms_ids: Mapping[str, str] | None) -> dict[str, str]:
    """Return what the LMS calls each student: what the roster says, without a roster our own id."""
    if lms_ids is None:
        return {student: student for student in totals}
    return {student: lms_ids[student] for student in totals if student in lms_ids}


def matching_column(
    sheet: Sheet, rows: Sequence[Row], candidates: Sequence[int], lms_ids: Mapping[str, str], match_by: str | None
) -> int:
    """Return the column that says which row is whose: the one named, else that in which most students stand.

    Raises
    ------
    UsageError
        If fewer than half of the students or rows match: rather no marks than marks of somebody else.
    """
    wanted = {_key(lms_id) for lms_id in lms_ids.values()}
    columns = [sheet.column(match_by)] if match_by else candidates
    hits = {column: sum(bool(wanted & _keys(row[column])) for row in rows) for column in columns}
    best = max(columns, key=lambda column: hits[column], default=None)
    if best is None or hits[best] == 0 or (not match_by and 2 * hits[best] < min(len(wanted), len(rows))):
        tried = ", ".join(f"{sheet.header[column]!r} ({count} of {len(rows)})" for column, count in hits.items())
        raise UsageError(
            f"{sheet.path}: students like {_listed(list(lms_ids.values())[:3])} do not stand in its columns; "
            f"tried {tried or 'none'}. Name the column with --match-by, or give a roster that says what the LMS calls "
            f"them; the columns are {', '.join(map(repr, sheet.header))}"
        )
    return best


def students_rows(sheet: Sheet, rows: Sequence[Row], column: int, lms_ids: Mapping[str, str]) -> dict[str, Row]:
    """Return each student's row, for those who have one.

    Raises
    ------
    UsageError
        If two rows, or two of our students, are the same person.
    """
    by_key: dict[str, list[Row]] = {}
    for row in rows:
        for key in _keys(row[column]):
            by_key.setdefault(key, []).append(row)
    twice = {key: found for key, found in by_key.items() if len(found) > 1}
    if twice:
        listed = "; ".join(f"{key!r} on lines {', '.join(str(r.line) for r in found)}" for key, found in twice.items())
        raise UsageError(
            f"{sheet.path}: more than one row has the same {sheet.header[column]!r}: {listed}. Nothing is written; "
            "name another column with --match-by, or export the file again"
        )
    shared = [key for key, count in Counter(map(_key, lms_ids.values())).items() if count > 1]
    if shared:
        who = ", ".join(student for student, lms_id in lms_ids.items() if _key(lms_id) in shared)
        raise UsageError(
            f"the LMS calls several of our students the same ({_listed(shared)}): {who}; correct the roster"
        )
    return {student: by_key[_key(lms_id)][0] for student, lms_id in lms_ids.items() if _key(lms_id) in by_key}


def scaling(ours: float, theirs: Decimal | None, place: str, *, scale: bool) -> Fraction:
    """Return the factor from our points to the LMS's: 1, unless scaling is asked for.

    Raises
    ------
    UsageError
        If both differ and nobody asked to scale.
    """
    mine = Decimal(str(ours))
    if theirs is None or theirs == mine:
        return Fraction(1)
    if not scale:
        raise UsageError(
            f"{place} is worth {theirs} points in the LMS, and {mine} here; change the points there and export again, "
            "or ask for scaled marks with --scale"
        )
    if not mine or not theirs:
        raise UsageError(f"{place}: marks of {mine} points cannot be scaled to {theirs}; change the points in the LMS")
    return Fraction(theirs) / Fraction(mine)


def _key(text: str) -> str:
    return text.strip().casefold()


def _keys(cell: str) -> set[str]:
    """Return what a row may be called by this cell; a blank one is nobody's."""
    return {_key(cell)} - {""}


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
