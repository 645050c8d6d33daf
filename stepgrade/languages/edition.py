"""An assignment in one language, as students have it: which one a notebook is in, and what its release says.

The language stands in the notebook's own metadata, ``{"stepgrade": {"language": "zh"}}``, and comes back with it. It is
a student's word: it is believed if it names a language that the assignment has a catalogue for, and decides in which
words things are said, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

import polib

from stepgrade.assignment import Assignment
from stepgrade.languages.catalogue import FILLED_IN, compiled, is_tag, read_catalogue
from stepgrade.languages.code import is_docstring
from stepgrade.languages.extraction import PUBLIC_TESTS, released_text
from stepgrade.languages.python import texts_in
from stepgrade.languages.shelf import assignment_catalogue, kit_catalogue, languages_of
from stepgrade.languages.speech import ENGLISH, Speech
from stepgrade.languages.unit import MESSAGE
from stepgrade.notebook import DamagedNotebook
from stepgrade.notebook.document import document_of

KEY, LANGUAGE = "stepgrade", "language"
_FORMATTER = Formatter()


@dataclass(frozen=True, eq=False)
class Edition:
    """``prose`` are the texts of the release's text cells, ``files`` what it has besides the English one's."""

    speech: Speech
    prose: frozenset[str]
    files: Mapping[str, bytes] = field(default_factory=dict)


def marked(metadata: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return a notebook's metadata with its language in it."""
    return {**metadata, KEY: {LANGUAGE: language}}


def language_of(metadata: Mapping[str, Any], assignment: Assignment) -> str:
    """Return the language that a notebook's metadata names; English where that is none we have."""
    named = metadata.get(KEY)
    tag = named.get(LANGUAGE) if isinstance(named, dict) else None
    return tag if is_tag(tag) and tag in languages_of(assignment) else ENGLISH


def edition_of(submission: bytes, assignment: Assignment) -> Edition:
    """Return the edition that a submitted file is of; the English one of what cannot be read."""
    if f'"{KEY}"'.encode() not in submission:  # nearly all: they are not parsed once more
        return edition_in(ENGLISH, assignment)
    try:
        metadata = document_of(submission)["metadata"]
    except DamagedNotebook:
        metadata = {}
    return edition_in(language_of(metadata, assignment), assignment)


def edition_in(language: str, assignment: Assignment) -> Edition:
    """Return the edition in a language that there is a catalogue for."""
    paths = [assignment.source_notebook]
    if language != ENGLISH:
        paths += [assignment_catalogue(assignment, language), kit_catalogue(assignment.course, language)]
    return _edition(language, assignment, tuple(map(_stamp, paths)))


@lru_cache(maxsize=32)
def _edition(language: str, assignment: Assignment, _stamps: tuple[Any, ...]) -> Edition:
    prose = [released_text(cell.source) for cell in assignment.source_cells if cell.kind == "markdown"]
    if language == ENGLISH:
        return Edition(Speech(), frozenset(prose))
    entries = list(_translated(assignment_catalogue(assignment, language)))
    texts = {entry.msgid: entry.msgstr for entry in entries}
    kit = kit_catalogue(assignment.course, language)
    speech = Speech(
        language,
        {entry.msgid: entry.msgstr for entry in _translated(kit)} if kit.is_file() else {},
        texts,
        {entry.msgid: entry.msgstr for entry in entries if entry.comment == MESSAGE},
    )
    return Edition(
        speech,
        frozenset(prose).union(speech.cell("markdown", text) for text in prose),
        _files(assignment, entries, language),
    )


def _files(assignment: Assignment, entries: list[polib.POEntry], language: str) -> dict[str, bytes]:
    """Return the catalogue that public tests look for beside them.

    It has the sentences that stand in them and no other, since the assignment's has what only hidden checks say.
    """
    path = assignment.source_dir / PUBLIC_TESTS
    if not path.is_file():
        return {}
    held = "\0".join(_squeezed(text) for text in texts_in(path.read_text(encoding="utf-8")))
    said = [entry for entry in entries if _squeezed(entry.msgid) in held]
    return {Path(PUBLIC_TESTS).with_suffix(".mo").name: compiled(said, language)} if said else {}


def _translated(path: Path) -> Iterator[polib.POEntry]:
    """Yield what is translated; without what has changed since, and without what could not be filled in."""
    for entry in read_catalogue(path):
        if entry.msgstr and not entry.fuzzy and not entry.obsolete and _fits(entry):
            yield entry


def _fits(entry: polib.POEntry) -> bool:
    if entry.comment.startswith("docstring"):
        return is_docstring(entry.msgstr)
    if entry.comment == "comment":
        return "\n" not in entry.msgstr
    if entry.comment not in FILLED_IN:
        return True
    try:
        names = [name for _, name, _, _ in _FORMATTER.parse(entry.msgid) if name is not None]
        entry.msgstr.format(**dict.fromkeys(names, ""))
    except (LookupError, ValueError, AttributeError):
        return "{" not in entry.msgid
    return True


def _stamp(path: Path) -> tuple[str, int, int]:
    try:
        status = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), status.st_mtime_ns, status.st_size


def _squeezed(text: str) -> str:
    return " ".join(text.split())
