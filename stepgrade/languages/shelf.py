"""Where catalogues lie.

An assignment's lie in its hidden folder, since they hold what nobody was told: ``hidden/ASSIGNMENT/languages/TAG.po``.
The kit's own lie beside this file; a course that speaks another language, or says things otherwise, has its own in
``languages/TAG.po``.
"""

from __future__ import annotations

from pathlib import Path

import polib

import stepgrade
from stepgrade.assignment import Assignment
from stepgrade.errors import UsageError
from stepgrade.languages import extraction
from stepgrade.languages.catalogue import is_tag, new_catalogue, read_catalogue, updated_catalogue
from stepgrade.languages.speech import ENGLISH

HERE = Path(__file__).parent
FOLDER = "languages"


def assignment_catalogue(assignment: Assignment, language: str) -> Path:
    """Return where the catalogue of an assignment lies, or would lie.

    Raises
    ------
    UsageError
        If ``language`` is no tag of another language than English.
    """
    return assignment.hidden_dir / FOLDER / _file(language)


def kit_catalogue(course: Path, language: str) -> Path:
    """Return where the kit's catalogue lies that holds for a course, or where a new one is to be put.

    Raises
    ------
    UsageError
        If ``language`` is no tag of another language than English.
    """
    own, shipped = course / FOLDER / _file(language), HERE / _file(language)
    is_ours = shipped.is_file() or course.resolve() == HERE.parents[1]
    return shipped if is_ours and not own.is_file() else own


def languages_of(assignment: Assignment) -> tuple[str, ...]:
    """Return the languages that an assignment has a catalogue for, sorted."""
    return _languages(assignment.hidden_dir / FOLDER)


def languages_of_kit(course: Path) -> tuple[str, ...]:
    """Return the languages that the kit has a catalogue for, sorted."""
    return tuple(sorted({*_languages(HERE), *_languages(course / FOLDER)}))


def fresh_catalogue(path: Path, language: str, assignment: Assignment | None) -> polib.POFile:
    """Return the catalogue in ``path`` as it should be now, with the translations that are there.

    It is that of an assignment, or without one the kit's.
    """
    units = extraction.of_assignment(assignment) if assignment else extraction.of_kit()
    if path.is_file():
        return updated_catalogue(read_catalogue(path), units)
    return new_catalogue(units, language, assignment.name if assignment else f"stepgrade {stepgrade.__version__}")


def _file(language: str) -> str:
    if not is_tag(language) or language == ENGLISH:
        raise UsageError(f"{language!r} is no language to translate into; give a tag such as fr, zh or pt-BR")
    return f"{language}.po"


def _languages(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in folder.glob("*.po") if is_tag(path.stem)))
