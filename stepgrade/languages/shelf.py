"""Where catalogues lie: an assignment's in its hidden folder, since they hold what nobody was told; the kit's here."""

from __future__ import annotations

from pathlib import Path

import polib

import stepgrade
from stepgrade.assignment import Assignment
from stepgrade.errors import UsageError
from stepgrade.languages import extraction
from stepgrade.languages.catalogue import ENGLISH, is_tag, new_catalogue, read_catalogue, updated_catalogue

HERE = Path(__file__).parent
FOLDER = "languages"


def catalogue_path(assignment: Assignment | None, language: str) -> Path:
    """Return where the catalogue of a language lies; that of the kit without an assignment.

    Raises
    ------
    UsageError
        If ``language`` is no tag of another language than English.
    """
    if not is_tag(language) or language == ENGLISH:
        raise UsageError(f"{language!r} is no language to translate into; give a tag such as fr, zh or pt-BR")
    return (assignment.hidden_dir / FOLDER if assignment else HERE) / f"{language}.po"


def languages_of(assignment: Assignment | None) -> tuple[str, ...]:
    """Return the languages that there is a catalogue for, sorted."""
    folder = assignment.hidden_dir / FOLDER if assignment else HERE
    return tuple(sorted(path.stem for path in folder.glob("*.po") if is_tag(path.stem)))


def fresh_catalogue(assignment: Assignment | None, language: str) -> polib.POFile:
    """Return the catalogue of a language as it should be now, with the translations that are there."""
    units = extraction.of_assignment(assignment) if assignment else extraction.of_kit()
    path = catalogue_path(assignment, language)
    if path.is_file():
        return updated_catalogue(read_catalogue(path), units)
    return new_catalogue(units, language, assignment.name if assignment else f"stepgrade {stepgrade.__version__}")
