"""Small arrays as pictures: numbers on colours that are told apart without colour vision, with outlines around some."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Template

from stepgrade.phrases import columns_of
from stepgrade.report.page.pictures import svg_url
from stepgrade.report.plane import number_text
from stepgrade.report.templates import template_environment

SIDE = 38  # of a cell, pixels
TOP = 22
TITLE_PX = 6.6  # of a Latin letter
WRONG, SHOULD, DOES = "#d55e00", "#0072b2", "#d55e00"  # of a palette for everybody (Okabe and Ito)
DARK, LIGHT = "#111", "#fff"


@dataclass(frozen=True)
class Mark:
    """An outline around cells."""

    cells: np.ndarray
    colour: str
    dashed: bool = False
    inset: int = 2


@dataclass(frozen=True)
class Panel:
    """One array in a picture; ``colours`` is a map of Matplotlib's, ``limits`` the values at its ends."""

    title: str
    values: np.ndarray
    limits: tuple[float, float]
    colours: str = "cividis"
    marks: tuple[Mark, ...] = ()


def picture(panel: Panel) -> tuple[str, int, int]:
    """Return a picture of the panel as an address for an image, its width and its height."""
    rows, columns = panel.values.shape
    width, height = max(columns * SIDE, round(columns_of(panel.title) * TITLE_PX)) + 2, TOP + rows * SIDE + 2
    svg = _template().render(
        title=panel.title,
        cells=list(_cells(panel)),
        marks=list(_marks(panel)),
        width=width,
        height=height,
        side=SIDE,
    )
    return svg_url(svg.encode()), width, height


def _cells(panel: Panel) -> Iterator[dict[str, Any]]:
    for (row, column), value in np.ndenumerate(panel.values):
        fill, ink = _colours(panel, float(value))
        yield {"x": column * SIDE + 1, "y": TOP + row * SIDE, "fill": fill, "ink": ink, "text": number_text(value)}


def _marks(panel: Panel) -> Iterator[dict[str, Any]]:
    for mark in panel.marks:
        for row, column in np.argwhere(mark.cells):
            place = {"x": column * SIDE + 1, "y": TOP + row * SIDE}
            yield place | {"colour": mark.colour, "dashed": mark.dashed, "inset": mark.inset}


def _colours(panel: Panel, value: float) -> tuple[str, str]:
    from matplotlib import colormaps  # late: only pages of wrong answers need it

    low, high = panel.limits
    share = 0.5 if not np.isfinite(value) or high <= low else (value - low) / (high - low)
    red, green, blue, _ = colormaps[panel.colours](float(np.clip(share, 0, 1)), bytes=True)
    # Relative luminance, roughly: which ink is read on it.
    ink = DARK if 0.299 * red + 0.587 * green + 0.114 * blue > 130 else LIGHT
    return f"#{red:02x}{green:02x}{blue:02x}", ink


@cache
def _template() -> Template:
    return template_environment(Path(__file__).parent).get_template("heatmap.svg.j2")
