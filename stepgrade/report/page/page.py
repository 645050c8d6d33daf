"""From a Result and the notebook that it is about to one HTML file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pygments  # type: ignore[import-untyped]
from jinja2 import Template
from markupsafe import Markup
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import PythonLexer  # type: ignore[import-untyped]
from pygments.token import Comment, Keyword, Name, Number, Operator, String, Token  # type: ignore[import-untyped]

from stepgrade.assignment import Assignment
from stepgrade.diagnose import Diagnosis
from stepgrade.languages.edition import Edition, edition_of
from stepgrade.languages.speech import Speech
from stepgrade.notebook import DamagedNotebook
from stepgrade.phrases import Say, phrase
from stepgrade.report.disclosure import Disclosure
from stepgrade.report.page.content import QuestionPart, question_part, summary_of
from stepgrade.report.page.pictures import Pictures, png_url
from stepgrade.report.page.prose import prose
from stepgrade.report.templates import template_environment
from stepgrade.result import Result, printable
from stepgrade.sandbox import Boundary
from stepgrade.showing import (
    CellState,
    Output,
    OutputKind,
    ShownCell,
    ShownNotebook,
    executed,
    question_places,
    released_files,
)
from stepgrade.showing.png import size_of

HERE = Path(__file__).parent
FIRST_LEVEL = 2  # of the heading that the notebook stands under
MAX_CODE = 20_000  # characters of one cell
MAX_COLOURED = 8000
# The kinds of signs that page.css has a colour for.
COLOURED = (Comment, Keyword, Name.Builtin, Name.Class, Name.Function, Number, Operator.Word, String)
MAX_OWN_PROSE = 150_000  # characters of the student's own text cells together; what is beyond is shown as typed
MAX_OWN_HTML = 6 * 2**20  # what they may become, images included
NO_SUBMISSION = phrase("There is no notebook to show.")


@dataclass(frozen=True)
class OutputView:
    """One output as the template wants it: a kind for its style, and a text or an image."""

    kind: str
    text: str = ""
    image: str = ""
    alt: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class CellView:
    """One cell as the template wants it; ``questions`` are those whose checks stand below it."""

    number: int
    state: str
    reason: str
    body: Markup
    outputs: tuple[OutputView, ...]
    questions: tuple[QuestionPart, ...]


def page_of(
    result: Result,
    submission: bytes | None,
    assignment: Assignment,
    boundary: Boundary,
    diagnoses: Sequence[Diagnosis] = (),
    show: Disclosure = Disclosure.ALL,
) -> str:
    """Return the feedback page of one submission, as an HTML document that needs no other file.

    The notebook is run for it, in a world of its own. The page is in the language of the notebook. The same Result and
    a notebook that shows the same twice give the same page.

    Parameters
    ----------
    result : Result
    submission : bytes or None
        The notebook as it was handed in; None where there is none.
    assignment : Assignment
    boundary : Boundary
        Where the notebook is run.
    diagnoses : sequence of Diagnosis
        What is known about the questions that are wrong.
    show : Disclosure
        How much of all that the student is shown.
    """
    helpers = {question.id: question.helpers for question in assignment.questions}
    known = {diagnosis.question: diagnosis for diagnosis in diagnoses}
    edition = edition_of(submission or b"", assignment)
    speech = edition.speech
    parts = {
        question.id: question_part(result, question, helpers.get(question.id, ()), known.get(question.id), show, speech)
        for question in result.questions
    }
    reason, shown = speech.say(NO_SUBMISSION), None
    if submission is not None:
        try:
            shown = executed(submission, assignment, boundary, edition.files)
        except DamagedNotebook as error:
            reason = speech.say("It cannot be shown: {reason}.", reason=printable(speech.again(str(error))))
    cells, placed = _cells(shown, parts, assignment, edition) if shown is not None else ((), frozenset())
    return _template().render(
        summary=summary_of(result, parts, assignment.points_by_hand, speech),
        questions=tuple(parts.values()),
        unplaced=[part for name, part in parts.items() if name not in placed],
        cells=cells,
        n_left_out=shown.n_left_out if shown is not None else 0,
        reason="" if shown is not None else reason,
        language=speech.language,
        say=_saying(speech),
        style=Markup(_style()),  # noqa: S704 - our own file
    )


def _saying(speech: Speech) -> Callable[..., Markup]:
    """Return what says a phrase of ours as HTML; values are text, but for what is HTML already."""

    def said(template: str, **values: object) -> Markup:
        return Markup.escape(speech.say(template)).format(**values)

    return said


def _cells(
    shown: ShownNotebook, parts: Mapping[str, QuestionPart], assignment: Assignment, edition: Edition
) -> tuple[tuple[CellView, ...], frozenset[str]]:
    """Return the cells, and the questions that have found their place below one."""
    places = question_places([cell.cell.plain for cell in shown.cells], assignment)
    bodies, speech = _bodies(shown.cells, assignment, edition), edition.speech
    views, placed = [], set[str]()
    for index, (cell, body) in enumerate(zip(shown.cells, bodies, strict=True)):
        names = [name for name in places.get(index, ()) if name in parts]
        placed.update(names)
        views.append(
            CellView(
                cell.number,
                "" if cell.state in (CellState.TEXT, CellState.RUN) else speech.say(cell.state.value),
                speech.again(cell.reason),
                body,
                tuple(_output(output, cell.number, speech) for output in cell.outputs),
                tuple(parts[name] for name in names),
            )
        )
    return tuple(views), frozenset(placed)


def _bodies(cells: Sequence[ShownCell], assignment: Assignment, edition: Edition) -> Iterator[Markup]:
    """Yield the cells' own text as HTML, made here and nowhere else of what a student wrote."""
    pictures = Pictures.of(released_files(assignment.release_dir))
    released, say = edition.prose, edition.speech.say
    level, n_own, n_html = FIRST_LEVEL, 0, 0
    for cell in cells:
        source = cell.cell.source
        if cell.state is not CellState.TEXT:
            yield Markup(_coloured(source, say))  # noqa: S704 - escaped by Pygments, or as plain text
        elif cell.cell.kind == "raw" or n_own > MAX_OWN_PROSE or n_html > MAX_OWN_HTML:
            yield Markup("<pre>{}</pre>").format(source)
        else:
            is_released = source in released
            html, level = prose(source, pictures, cell.cell.attachments, level, released=is_released, say=say)
            n_own, n_html = (n_own, n_html) if is_released else (n_own + len(source), n_html + len(html))
            yield Markup(html)  # noqa: S704 - made by prose


def _coloured(source: str, say: Say) -> str:
    if len(source) > MAX_CODE:
        source = f"{source[:MAX_CODE]}\n{say('... the rest of this cell is left out ...')}"
    return _highlighted(source) if len(source) <= MAX_COLOURED else str(Markup.escape(source))


@lru_cache(maxsize=256)
def _highlighted(source: str) -> str:
    # What has no colour gets no element: most of a page would be elements of signs and names.
    tokens = ((kind if any(kind in one for one in COLOURED) else Token.Text, text) for kind, text in _tokens(source))
    return str(pygments.format(tokens, HtmlFormatter(nowrap=True, classprefix="c-"))).rstrip("\n")


def _tokens(source: str) -> Iterator[tuple[Any, str]]:
    yield from PythonLexer(stripnl=False).get_tokens(source)


def _output(output: Output, number: int, speech: Speech) -> OutputView:
    if output.kind is not OutputKind.PICTURE:
        text = speech.again(output.text) if output.kind is OutputKind.NOTE else output.text
        return OutputView(output.kind.name.lower(), text)
    width, height = size_of(output.png)
    described = speech.say("Figure drawn by code cell {n}", n=number)
    return OutputView("picture", "", png_url(output.png), described, width, height)


@cache
def _template() -> Template:
    return template_environment(HERE).get_template("page.html.j2")


@cache
def _style() -> str:
    return (HERE / "page.css").read_text(encoding="utf-8")
