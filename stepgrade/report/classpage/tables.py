"""Numbers as tables: on the page with words and percent signs, as CSV for other programs."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from enum import Enum

from stepgrade.report.export.marks import harmless
from stepgrade.report.wording import plain, points_text

Value = str | int | float | tuple[str, ...] | None
NOTHING = "–"
MAX_CSV_NAMES = 1000  # of students in one cell; a spreadsheet's cell takes 32,767 characters


class Kind(Enum):
    """How a column is shown."""

    TEXT = "text"
    CODE = "code"  # a word of the assignment's or of a program
    SOURCE = "source"  # a line of somebody's program
    COUNT = "count"
    SHARE = "share"  # from 0 to 1; on the page in percent
    NUMBER = "number"
    POINTS = "points"
    SECONDS = "seconds"
    NAMES = "names"  # of students


@dataclass(frozen=True)
class Column:
    """One column: ``name`` stands in the CSV's header, ``title`` on the page."""

    name: str
    title: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Table:
    """One table: ``name`` is its file's, ``title`` its caption; a row has a value per column, None for no value."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]

    def csv(self) -> bytes:
        """Return the table as CSV in UTF-8, with nothing in it that a spreadsheet would execute."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([column.name for column in self.columns])
        for row in self.rows:
            writer.writerow(map(_cell, row))
        return text.getvalue().encode("utf-8", "backslashreplace")


def shown(value: Value, kind: Kind) -> str:
    """Return a value as it stands on the page."""
    match value:
        case None:
            return NOTHING
        case tuple():
            return ", ".join(map(plain, value))
        case str():
            return plain(value)
    match kind:
        case Kind.SHARE:
            return percent(value)
        case Kind.NUMBER:
            return f"{value:.2f}".replace("-0.00", "0.00")
        case Kind.POINTS:
            return points_text(value)
        case Kind.SECONDS:
            return f"{value:.3f}" if value < 1 else f"{value:.1f}"
    return str(value)


def percent(share: float) -> str:
    """Return a share in whole percent, and never 0 % or 100 % for what is not."""
    if 0 < share < 0.01:
        return "< 1 %"
    return "> 99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"


def _cell(value: Value) -> str:
    match value:
        case None:
            return ""
        case tuple():
            names = [plain(name) for name in value[:MAX_CSV_NAMES]]
            return harmless("; ".join(names))
        case str():
            return harmless(plain(value))
        case float():
            return f"{value:.4g}" if abs(value) < 1 else f"{value:.2f}"
    return str(value)
