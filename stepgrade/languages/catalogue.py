"""Catalogues: one file per language in gettext's format, which every translators' tool opens."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import polib

from stepgrade.errors import StepgradeError
from stepgrade.languages.unit import MESSAGE, Unit

# As in the attribute `lang` of HTML: "fr", "zh", "pt-BR".
TAG = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}")
LIKE = 0.6  # a text that has changed less than this is shown to the translator with its old translation
WIDTH = 100
FILLED_IN = ("public test", MESSAGE, "phrase")  # the kinds whose places in braces are filled in


def is_tag(text: object) -> bool:
    """Tell whether ``text`` can be the tag of a language, and so the name of a file."""
    return isinstance(text, str) and TAG.fullmatch(text) is not None


def read_catalogue(path: Path) -> polib.POFile:
    """Return the catalogue in ``path``.

    Raises
    ------
    StepgradeError
        If there is none, or it is none.
    """
    if not path.is_file():
        raise StepgradeError(f"{path} does not exist; `stepgrade translate` makes it")
    try:
        return polib.pofile(str(path), encoding="utf-8", wrapwidth=WIDTH, check_for_duplicates=True)
    except (OSError, ValueError) as error:
        raise StepgradeError(f"{path} is no catalogue: {error}") from None


def new_catalogue(units: Sequence[Unit], language: str, about: str) -> polib.POFile:
    """Return a catalogue in which nothing is translated; ``about`` names what it is of."""
    catalogue = polib.POFile(wrapwidth=WIDTH)
    catalogue.metadata = {
        "Project-Id-Version": about,
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    catalogue.extend(_entry(unit) for unit in units)
    return catalogue


def updated_catalogue(old: polib.POFile, units: Sequence[Unit]) -> polib.POFile:
    """Return the catalogue for what there is to translate now.

    Translations of texts that are still there stay, with their translator's comments. A text that has changed a little
    keeps its old translation, marked fuzzy until somebody has looked at it. What is gone is dropped.
    """
    catalogue = new_catalogue(units, "", "")
    catalogue.metadata, catalogue.header = old.metadata, old.header
    known = {entry.msgid: entry for entry in old if not entry.obsolete}
    wanted = {entry.msgid for entry in catalogue}
    gone = {text: entry for text, entry in known.items() if text not in wanted and entry.msgstr}
    for entry in catalogue:
        before = known.get(entry.msgid)
        if before is not None:
            _take(entry, before)
            entry.previous_msgid = before.previous_msgid
        elif like := difflib.get_close_matches(entry.msgid, gone, n=1, cutoff=LIKE):
            _take(entry, gone.pop(like[0]))
            entry.previous_msgid = like[0]
            entry.flags = sorted({*entry.flags, "fuzzy"})
    return catalogue


def compiled(entries: Iterable[polib.POEntry], language: str) -> bytes:
    """Return a catalogue of these entries as the standard library's ``gettext`` reads it."""
    catalogue = polib.MOFile()
    catalogue.metadata = {"Language": language, "Content-Type": "text/plain; charset=UTF-8"}
    catalogue.extend(polib.MOEntry(msgid=entry.msgid, msgstr=entry.msgstr) for entry in entries)
    return bytes(catalogue.to_binary())


def _entry(unit: Unit) -> polib.POEntry:
    fills_in = unit.kind in FILLED_IN and "{" in unit.text
    return polib.POEntry(
        msgid=unit.text,
        comment=unit.kind,
        occurrences=[(unit.place, "")] if unit.place else [],
        flags=["python-brace-format"] if fills_in else [],
    )


def _take(entry: polib.POEntry, before: polib.POEntry) -> None:
    entry.msgstr, entry.tcomment = before.msgstr, before.tcomment
    entry.flags = sorted({*entry.flags, *(["fuzzy"] if before.fuzzy else [])})
