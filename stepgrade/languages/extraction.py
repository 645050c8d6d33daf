"""What there is to translate: of an assignment, and of the kit itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import stepgrade
from stepgrade.assignment import Assignment
from stepgrade.languages import code, markdown
from stepgrade.languages.python import phrases_in, said_in
from stepgrade.languages.unit import MESSAGE, Unit

PUBLIC_TESTS = "public_tests.py"
KIT = Path(stepgrade.__file__).parent
MARKERS = ("phrase", "say")
TEMPLATE_CALL = re.compile(r"""\bsay\((?:"([^"]*)"|'([^']*)')""")


def of_assignment(assignment: Assignment) -> tuple[Unit, ...]:
    """Return everything of an assignment that students read, each text once, in the order in which they meet it."""
    hidden = assignment.hidden_dir
    return _each_once(
        [
            *_of_notebook(assignment),
            *_of_texts(assignment),
            *_of_public_tests(assignment),
            *_of_checks(assignment),
            *_of_misconceptions(assignment),
            *(
                Unit(text, MESSAGE, path.name)
                for path in sorted(hidden.glob("*.py"))
                if path.name != f"{assignment.name}.py"
                for text in phrases_in(path.read_text(encoding="utf-8"), *MARKERS)
            ),
        ]
    )


def of_kit() -> tuple[Unit, ...]:
    """Return every phrase of the kit that students read on their page."""
    units = []
    for path in sorted(KIT.rglob("*.py")):
        place = path.relative_to(KIT).as_posix()
        if "skeleton" not in path.parts:
            units += [Unit(text, "phrase", place) for text in phrases_in(path.read_text(encoding="utf-8"), *MARKERS)]
    for path in sorted(KIT.rglob("*.j2")):
        place = path.relative_to(KIT).as_posix()
        calls = TEMPLATE_CALL.finditer(path.read_text(encoding="utf-8"))
        units += [Unit(call[1] or call[2], "phrase", place) for call in calls]
    return _each_once(units)


def _of_notebook(assignment: Assignment) -> Iterator[Unit]:
    place = assignment.source_notebook.name
    for cell in assignment.source_cells:
        if cell.kind == "markdown":
            yield from _of_markdown(released_text(cell.source), place)
        elif cell.kind == "code":
            yield from (Unit(span.text, span.kind, place) for span in code.spans_of(cell.source))


def _of_texts(assignment: Assignment) -> Iterator[Unit]:
    for path in sorted(assignment.source_dir.glob("*.md")):
        yield from _of_markdown(path.read_text(encoding="utf-8"), path.name)


def _of_public_tests(assignment: Assignment) -> Iterator[Unit]:
    path = assignment.source_dir / PUBLIC_TESTS
    if path.is_file():
        yield from (Unit(text, "public test", path.name) for text in said_in(path.read_text(encoding="utf-8")))


def _of_checks(assignment: Assignment) -> Iterator[Unit]:
    for question in assignment.questions:
        for check in question.specification.checks:
            yield Unit(check.title, "title of a check", question.id)
            if check.rule:
                yield Unit(check.rule, "rule of a check", question.id)


def _of_misconceptions(assignment: Assignment) -> Iterator[Unit]:
    if assignment.has_hidden_module("misconceptions"):
        for question, catalogue in assignment.hidden_module("misconceptions").CATALOGUES.items():
            for misconception in catalogue.misconceptions:
                yield Unit(misconception.sentence, "misconception", question)
                yield Unit(misconception.section, "heading without points and stars", question)


def _of_markdown(source: str, place: str) -> Iterator[Unit]:
    yield from (Unit(part.text, part.kind, place) for part in markdown.parts_of(source) if part.text)


def released_text(source: str) -> str:
    """Return a text cell without what nbgrader keeps from students."""
    withheld = code.withheld_rows(source)
    return "\n".join(line for row, line in enumerate(source.split("\n"), start=1) if row not in withheld)


def _each_once(units: Sequence[Unit]) -> tuple[Unit, ...]:
    first: dict[str, Unit] = {}
    for unit in units:
        first.setdefault(unit.text, unit)
    return tuple(first.values())
