"""The plots of the class report: small SVG images with text that scales, the same bytes for the same numbers.

Two blues and an orange that every kind of eyesight tells apart; nothing is said by colour alone.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from stepgrade.report.wording import plain, points_text

DARK, LIGHT, ORANGE, INK, LINE = "#1f4e8c", "#a9c6e8", "#c25e00", "#1b1f24", "#d0d4da"
WIDTH = 4.6  # inches, at which the smallest text is still read on a phone
WRAP = 64  # characters of a label
SMALL = 8.5  # points
STYLE: Any = {  # Matplotlib's own type lists the settings of one version
    "svg.fonttype": "none",  # text stays text: smaller, and a reader's own font
    "svg.hashsalt": "stepgrade",  # ids that do not differ from run to run
    "text.parse_math": False,  # a title may hold a dollar sign
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "axes.edgecolor": LINE,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "hatch.linewidth": 0.6,
    "grid.color": "#eceef1",
}


@dataclass(frozen=True)
class Bar:
    """One bar: a label above it, its length, and the number at its end; ``until`` draws a thin line on to there."""

    label: str
    length: float
    number: str
    until: float | None = None


@dataclass(frozen=True)
class Dot:
    """One check in the plot of pass rate and discrimination; ``label`` is written beside it, where there is one."""

    x: float
    y: float
    label: str = ""


def histogram(parts: Sequence[tuple[float, float, int]], median: float | None, unit: str) -> bytes:
    """Return how many students lie in each part, with the median as a line."""
    with _figure(2.4) as (figure, axes):
        lefts, widths = [low for low, _, _ in parts], [high - low for low, high, _ in parts]
        counts = [n for *_, n in parts]
        columns = axes.bar(lefts, counts, widths, align="edge", color=DARK, edgecolor="white")
        axes.bar_label(columns, labels=[str(n) if n else "" for n in counts], padding=1, fontsize=SMALL)
        axes.set_ylim(0, 1.2 * max([1, *counts]))
        if median is not None:
            axes.axvline(median, color=ORANGE, linewidth=1.5, linestyle="--")
            right = bool(parts) and median > (parts[0][0] + parts[-1][1]) / 2
            axes.annotate(
                f"median {points_text(median)}",
                (median, 1),
                xycoords=("data", "axes fraction"),
                xytext=(-4 if right else 4, -9),
                textcoords="offset points",
                ha="right" if right else "left",
                color=ORANGE,
            )
        axes.set_xlabel(unit)
        axes.set_ylabel("students")
        axes.yaxis.get_major_locator().set_params(integer=True)
        axes.grid(visible=False, axis="x")
        return _svg(figure)


def bars(rows: Sequence[Bar], unit: str, *, largest: float | None = None) -> bytes:
    """Return horizontal bars, the first on top, each with its label above it."""
    labels = [textwrap.wrap(plain(row.label), WRAP)[:2] or [""] for row in rows]
    heights = [0.30 + 0.14 * len(lines) for lines in labels]
    total = sum(heights)
    with _figure(total + 0.55) as (figure, axes):
        top = 0.0
        largest = largest or max((max(row.length, row.until or 0) for row in rows), default=1) or 1
        for row, lines, height in zip(rows, labels, heights, strict=True):
            middle = -(top + height - 0.16)
            axes.barh(middle, row.length, 0.2, color=DARK)
            if row.until is not None:
                axes.plot([row.length, row.until], [middle, middle], color=DARK, linewidth=1.5)
                axes.plot([row.until], [middle], marker="|", color=DARK, markersize=8, markeredgewidth=1.5)
            end = max(row.length, row.until or 0)
            axes.text(end + largest * 0.015, middle, row.number, va="center", fontsize=SMALL)
            axes.text(0, middle + 0.14, "\n".join(lines), va="bottom", fontsize=SMALL, linespacing=1.1)
            top += height
        axes.set_xlim(0, largest * 1.12)
        axes.set_ylim(-total - 0.05, 0.02)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(unit)
        return _svg(figure)


def stacked(rows: Sequence[tuple[str, Sequence[int]]], parts: Sequence[str], unit: str) -> bytes:
    """Return a bar per row, cut into ``parts``, which differ in brightness and hatching; counts stand in them."""
    looks = [(DARK, "", "white"), (LIGHT, "", INK), ("white", "////", INK), ("#eceef1", "", INK)]
    with _figure(0.44 * len(rows) + 1.0) as (figure, axes):
        longest = max((sum(counts) for _, counts in rows), default=1) or 1
        for number, (label, counts) in enumerate(rows):
            start = 0
            for n, (colour, hatch, ink) in zip(counts, looks, strict=False):
                axes.barh(-number, n, 0.46, left=start, color=colour, hatch=hatch, edgecolor=INK, linewidth=0.4)
                if n > 0.06 * longest:
                    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8} if hatch else None
                    axes.text(
                        start + n / 2, -number, str(n), ha="center", va="center", fontsize=SMALL, color=ink, bbox=box
                    )
                start += n
            axes.text(0, -number + 0.27, plain(label)[:WRAP], va="bottom", fontsize=SMALL)
        keys = [Patch(facecolor=c, hatch=h, edgecolor=INK, linewidth=0.4) for c, h, _ in looks[: len(parts)]]
        figure.legend(
            keys,
            parts,
            loc="outside lower center",
            ncols=len(parts),
            frameon=False,
            fontsize=SMALL,
            handlelength=1.5,
            columnspacing=1,
        )
        axes.set_ylim(-len(rows) + 0.6, 0.7)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(unit)
        return _svg(figure)


def scatter(dots: Sequence[Dot]) -> bytes:
    """Return checks by pass rate and discrimination; those with a label are marked with a cross, too."""
    with _figure(2.8) as (figure, axes):
        ordinary = [dot for dot in dots if not dot.label]
        labelled = [dot for dot in dots if dot.label]
        axes.axhline(0, color=INK, linewidth=0.8)
        axes.plot([d.x for d in ordinary], [d.y for d in ordinary], "o", color=DARK, markersize=5, alpha=0.75)
        axes.plot([d.x for d in labelled], [d.y for d in labelled], "X", color=ORANGE, markersize=7)
        for dot in labelled:
            axes.annotate(dot.label, (dot.x, dot.y), xytext=(5, 3), textcoords="offset points", fontsize=SMALL)
        axes.set_xlim(-3, 103)
        axes.set_ylim(min([-0.25, *(dot.y - 0.1 for dot in dots)]), 1)
        axes.set_xlabel("pass rate in percent")
        axes.set_ylabel("discrimination")
        return _svg(figure)


@contextmanager
def _figure(height: float) -> Iterator[tuple[Figure, Any]]:
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        FigureCanvasSVG(figure)
        yield figure, figure.add_subplot()


def _svg(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return file.getvalue()
