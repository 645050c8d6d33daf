"""Small arrays as pictures: numbers on colours that are told apart without colour vision, with outlines around some.

An array of four axes is a batch (example, row, column, channel), one of three a filter or a window (row, column,
channel): rows and columns are drawn, of one example and one channel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from stepgrade.report.page.pictures import svg_url

ROW_AXIS = {2: 0, 3: 0, 4: 1}  # by the number of axes; the columns are on the next one
MOST_SIDE = 12  # rows and columns of what is drawn
SIDE = 38  # of a cell, pixels
TOP = 22
GAP = 26
TITLE_PX = 6.6  # of a character
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


@dataclass(frozen=True)
class Plane:
    """Rows and columns of an array, and how an index says which ones: ``[0, :, :, 2]``."""

    values: np.ndarray
    selection: tuple[Any, ...]

    @property
    def label(self) -> str:
        if not self.selection or all(isinstance(part, slice) for part in self.selection):
            return ""
        return f"[{', '.join(':' if isinstance(part, slice) else str(part) for part in self.selection)}]"

    def of(self, other: np.ndarray) -> np.ndarray:
        """Return the same rows and columns of another array of that shape."""
        return np.atleast_2d(other[self.selection])


def plane_of(array: np.ndarray, index: Sequence[int] = ()) -> Plane | None:
    """Return the rows and columns in which ``index`` lies; None where they are too many, or the array too deep."""
    place = [*index] if len(index) == array.ndim else [0] * array.ndim
    selection: list[Any] = list(place)
    if array.ndim == 1:
        selection = [slice(None)]
    elif array.ndim > 1:
        if array.ndim not in ROW_AXIS:
            return None
        row = ROW_AXIS[array.ndim]
        selection[row : row + 2] = [slice(None), slice(None)]
    if any(number >= side for number, side in zip(place, array.shape, strict=True)):
        return None
    values = np.atleast_2d(array[tuple(selection)])
    return Plane(values, tuple(selection)) if values.size and max(values.shape) <= MOST_SIDE else None


def picture(panels: Sequence[Panel]) -> tuple[str, int, int]:
    """Return a picture of the panels side by side as an address for an image, its width and its height."""
    drawn, x = [], 0
    for panel in panels:
        drawn.append({"x": x, "title": panel.title, "cells": list(_cells(panel)), "marks": list(_marks(panel))})
        x += max(panel.values.shape[1] * SIDE, round(len(panel.title) * TITLE_PX)) + GAP
    width = x - GAP + 2
    height = TOP + max(len(panel.values) for panel in panels) * SIDE + 2
    svg = _template().render(panels=drawn, width=width, height=height, side=SIDE)
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


def number_text(value: Any) -> str:
    """Return a number in few characters, as it stands in a cell."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    return f"{float(value) + 0:.4g}"


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("heatmap.svg.j2")
