"""The smallest example of a wrong answer as the page shows it: code to paste, what came of it, pictures of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from stepgrade.diagnose import Example, Reading
from stepgrade.languages.speech import Speech
from stepgrade.phrases import Say, phrase
from stepgrade.report.page.heatmap import DOES, SHOULD, WRONG, Mark, Panel, picture
from stepgrade.report.plane import Plane, nested, outcome_lines, plane_of, shape_text

MAX_RANGES = 4  # entries that are named one by one, where they are no block


@dataclass(frozen=True)
class PictureView:
    """Panels side by side, as far as there is room, with what they show in words for whoever does not see them.

    A panel is the address of an image, its width and its height.
    """

    panels: tuple[tuple[str, int, int], ...]
    alt: str
    caption: str


@dataclass(frozen=True)
class ExampleView:
    """What stands below the checks of a question; ``outcome`` are lines of what was got and expected."""

    code: str
    outcome: str
    pictures: tuple[PictureView, ...]


def example_view(example: Example, speech: Speech, *, with_pictures: bool) -> ExampleView:
    """Return the example as the template wants it."""
    say = speech.say
    pictures = filter(None, (_outputs(example, say), _reading(example, say))) if with_pictures else ()
    outcome = outcome_lines(replace(example, message=speech.again(example.message)), say)
    return ExampleView("\n".join(example.code), "\n".join(outcome), tuple(pictures))


def _outputs(example: Example, say: Say) -> PictureView | None:
    """Draw what was expected, what was got, and the difference where both have one shape."""
    if example.expected is None or example.got is None or example.got.ndim != example.expected.ndim:
        return None
    expected, got = (plane_of(array, example.index) for array in (example.expected, example.got))
    if expected is None or got is None or max(expected.values.size, got.values.size) < 2:
        return None
    finite = np.concatenate([plane.values[np.isfinite(plane.values)].ravel() for plane in (expected, got)])
    limits = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    part = example.part or say("result")
    title = say("expected {array}", array=f"{part}{expected.label}")
    panels = [Panel(title, expected.values, limits)]
    if expected.values.shape != got.values.shape:
        panels.append(Panel(say("got {array}", array=f"{part}{got.label}"), got.values, limits))
        caption = say(
            "Expected and got: the shape is {got} instead of {expected}.",
            got=shape_text(example.got),
            expected=shape_text(example.expected),
        )
        return _view(panels, _words(part, expected, got, say), caption)
    wrong = ~np.isclose(got.values.astype(float), expected.values.astype(float), rtol=1e-6, atol=1e-8)
    outline = (Mark(wrong, WRONG),)
    panels.append(Panel(say("got {array}", array=f"{part}{got.label}"), got.values, limits, marks=outline))
    if expected.values.dtype.kind != "b" and got.values.dtype.kind != "b":
        difference = got.values.astype(float) - expected.values.astype(float)
        most = float(np.max(np.abs(difference[np.isfinite(difference)]), initial=0.0)) or 1.0
        panels.append(Panel(say("got - expected"), difference, (-most, most), "PuOr", outline))
    places = ", ".join(f"({row}, {column})" for row, column in np.argwhere(wrong).tolist())
    words = f"{_words(part, expected, got, say)} {say('Wrong at {places}.', places=places)}"
    return _view(panels, words, say("Expected, got, and their difference; wrong cells are outlined."))


def _reading(example: Example, say: Say) -> PictureView | None:
    """Draw which entries of an input a wrong number is made from, and which it should be made from."""
    reading = example.reading
    if reading is None:
        return None
    either = reading.expected if reading.expected.any() else reading.read
    plane = plane_of(reading.values, np.argwhere(either)[0].tolist()) if either.any() else None
    number = f"{example.part}[{', '.join(map(str, example.index))}]"
    words = say(
        "{number} is made from {read}; it should be made from {expected}.",
        number=number,
        read=entries_text(reading.name, reading.read, say),
        expected=entries_text(reading.name, reading.expected, say),
    )
    if plane is None or plane.values.size < 2:
        return None
    values = plane.values.astype(float)
    marks = Mark(plane.of(reading.expected), SHOULD), Mark(plane.of(reading.read), DOES, dashed=True, inset=6)
    panel = Panel(f"{reading.name}{plane.label}", values, _limits(reading), marks=marks)
    colours = say("Solid, blue: what it should be made from. Dashed, orange: what it is made from.")
    return _view([panel], words, f"{words} {colours}")


def entries_text(name: str, chosen: np.ndarray, say: Say = phrase) -> str:
    """Return entries of an array in words: ``A_prev[0, 0:2, 1:3, 0]`` where they are a block."""
    places = np.argwhere(chosen)
    if not len(places):
        return say("no entry of {name}", name=name)
    low, high = places.min(axis=0), places.max(axis=0) + 1
    if np.prod(high - low) == len(places):
        ranges = [str(a) if b == a + 1 else f"{a}:{b}" for a, b in zip(low.tolist(), high.tolist(), strict=True)]
        return f"{name}[{', '.join(ranges)}]"
    named = [f"{name}[{', '.join(map(str, place))}]" for place in places[:MAX_RANGES].tolist()]
    if len(places) > MAX_RANGES:
        return say("{names} and {n} more", names=", ".join(named), n=len(places) - MAX_RANGES)
    return ", ".join(named)


def _view(panels: Sequence[Panel], alt: str, caption: str) -> PictureView:
    return PictureView(tuple(map(picture, panels)), alt, caption)


def _words(part: str, expected: Plane, got: Plane, say: Say) -> str:
    return say(
        "Expected {expected}; got {got}.",
        expected=f"{part}{expected.label} = {nested(expected.values)}",
        got=f"{part}{got.label} = {nested(got.values)}",
    )


def _limits(reading: Reading) -> tuple[float, float]:
    return float(np.min(reading.values)), float(np.max(reading.values))
