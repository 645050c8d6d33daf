"""A built release in another language: its texts and comments are changed, its code, ids and points are not."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import nbformat

from stepgrade.assignment import Assignment
from stepgrade.languages.edition import edition_in, marked


def translate_release(assignment: Assignment, built: Path, language: str) -> Collection[str]:
    """Translate the English release in ``built``, in place; return the names of the files that were added."""
    edition = edition_in(language, assignment)
    path = built / assignment.source_notebook.name
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    for cell in notebook.cells:
        cell.source = edition.speech.cell(cell.cell_type, cell.source)
    notebook.metadata = nbformat.from_dict(marked(notebook.metadata, language))
    nbformat.write(notebook, path)
    for text in built.glob("*.md"):
        text.write_text(edition.speech.cell("markdown", text.read_text(encoding="utf-8")), encoding="utf-8")
    for name, content in edition.files.items():
        (built / name).write_bytes(content)
    return tuple(edition.files)
