"""From what there is to say about a class to one HTML file that needs no other, no network and no script."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Template
from markupsafe import Markup

from stepgrade.report.classpage import plots
from stepgrade.report.classpage.content import ClassReport
from stepgrade.report.classpage.rows import Answered, Check
from stepgrade.report.classpage.tables import Kind, Table, Value, percent, shown
from stepgrade.report.templates import template_environment
from stepgrade.report.wording import plain

HERE = Path(__file__).parent
MAX_ROWS = 100  # of a table on the page; its CSV has all
MAX_NAMES = 6  # before the rest is folded away
MAX_FOLDED = 100
N_HARDEST = 12  # checks in the plot
N_PLOTTED = 10  # misconceptions in the plot
NUMERIC = frozenset({Kind.COUNT, Kind.SHARE, Kind.NUMBER, Kind.POINTS, Kind.SECONDS})


@dataclass(frozen=True)
class Names:
    """Names as the page shows them: the first ones, those folded away behind their number, how many are left out."""

    first: str
    folded: str = ""
    n_more: int = 0
    n_left_out: int = 0

    @classmethod
    def of(cls, names: tuple[str, ...]) -> Names:
        folded = names[MAX_NAMES : MAX_NAMES + MAX_FOLDED]
        n_more = max(0, len(names) - MAX_NAMES)
        return cls(_listed(names[:MAX_NAMES]), _listed(folded), n_more, n_more - len(folded))


@dataclass(frozen=True)
class CellView:
    """One cell of a table: a text, or names; ``kind`` is its style."""

    text: str
    kind: str
    names: Names | None = None


@dataclass(frozen=True)
class TableView:
    """One table as the template wants it; ``header`` has a title and whether numbers stand below it."""

    name: str
    title: str
    header: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[CellView, ...], ...]
    n_left_out: int

    @classmethod
    def of(cls, table: Table) -> TableView:
        """Return the table without columns in which nothing stands, and without rows beyond `MAX_ROWS`."""
        rows = table.rows[:MAX_ROWS]
        columns = [
            (index, column)
            for index, column in enumerate(table.columns)
            if any(row[index] not in ("", None) for row in rows)
        ]
        return cls(
            table.name,
            table.title,
            tuple((column.title, column.kind in NUMERIC) for _, column in columns),
            tuple(tuple(_cell(row[index], column.kind) for index, column in columns) for row in rows),
            len(table.rows) - len(rows),
        )


@dataclass(frozen=True)
class Picture:
    """One plot, and what it shows in words."""

    url: str
    alt: str

    @classmethod
    def of(cls, svg: bytes, alt: str) -> Picture:
        return cls("data:image/svg+xml;base64," + base64.b64encode(svg).decode("ascii"), alt)


def class_page(report: ClassReport) -> str:
    """Return the page; the same report gives the same bytes."""
    return _template().render(
        report=report,
        tables={table.name: TableView.of(table) for table in report.tables},
        plots=dict(_plots(report)),
        names_of=Names.of,
        n_look=len({row[0] for row in report.table("worth_a_look").rows}),
        n_pairs=len(report.table("equal_pairs").rows),
        style=Markup(_style()),  # noqa: S704 - our own file
    )


def _plots(report: ClassReport) -> Iterator[tuple[str, Picture]]:
    if report.marks:
        svg = plots.histogram([(part.low, part.high, part.n) for part in report.marks], report.median, "points")
        yield "marks", Picture.of(svg, "Histogram of the points; the numbers are in the table.")
    if report.answered:
        rows = [(one.question, (one.n_full, one.n_partly, one.n_nothing, one.n_unanswered)) for one in report.answered]
        svg = plots.stacked(rows, ("full", "in part", "no check passed", "not begun"), "students")
        yield "answered", Picture.of(svg, "How many students have each question full, in part, and not begun.")
    yield from _times(report.answered)
    yield from _check_plots([check for check in report.checks if check.tally.pass_rate.n])
    if report.misconceptions:
        bars = [plots.Bar(f"{one.name} ({one.question})", one.n, str(one.n)) for one in report.misconceptions]
        svg = plots.bars(bars[:N_PLOTTED], "students")
        yield "misconceptions", Picture.of(svg, "How many students have which misconception.")


def _times(answered: Sequence[Answered]) -> Iterator[tuple[str, Picture]]:
    bars = [
        plots.Bar(one.question, one.median_s, f"{one.median_s:.2g} to {one.p90_s:.2g}", one.p90_s)
        for one in answered
        if one.median_s is not None and one.p90_s is not None
    ]
    if bars:
        svg = plots.bars(bars, "seconds to judge one submission")
        yield "times", Picture.of(svg, "The median time to judge each question, and where nine in ten are below.")


def _check_plots(checks: Sequence[Check]) -> Iterator[tuple[str, Picture]]:
    if not checks:
        return
    hardest = sorted(checks, key=lambda check: (check.rate, check.number))[:N_HARDEST]
    bars = [
        plots.Bar(f"{one.number}  {one.question}: {one.title}", 100 * one.rate, percent(one.rate)) for one in hardest
    ]
    svg = plots.bars(bars, "percent of the students pass", largest=100)
    yield "hardest", Picture.of(svg, "The checks that fewest students pass, with their numbers in the table.")
    dots = [
        plots.Dot(100 * check.rate, value, str(check.number) if check.tally.pass_rate.is_backwards else "")
        for check in checks
        if (value := check.tally.pass_rate.discrimination) is not None
    ]
    if dots:
        alt = "Each check by pass rate and discrimination; one that more of the weaker students pass has its number."
        yield "discrimination", Picture.of(plots.scatter(dots), alt)


def _cell(value: Value, kind: Kind) -> CellView:
    names = Names.of(value) if isinstance(value, tuple) else None
    return CellView("" if names else shown(value, kind), "n" if kind in NUMERIC else kind.value, names)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(plain, names))


@cache
def _template() -> Template:
    environment = template_environment(HERE)
    environment.filters["percent"] = percent
    return environment.get_template("page.html.j2")


@cache
def _style() -> str:
    return (HERE / "page.css").read_text(encoding="utf-8")
