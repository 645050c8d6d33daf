"""A built release in another language: its texts and comments are changed, its code, ids and points are not."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import nbformat

from stepgrade.assignment import Assignment
from stepgrade.languages import code, markdown
from stepgrade.languages.edition import edition_in, marked


def translate_release(assignment: Assignment, built: Path, language: str) -> Collection[str]:
    """Translate the English release in ``built``, in place; return the names of the files that were added."""
    edition = edition_in(language, assignment)
    speak = edition.speech.given
    path = built / assignment.source_notebook.name
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    for cell in notebook.cells:
        if cell.cell_type != "raw":
            translated = code.translated if cell.cell_type == "code" else markdown.translated
            cell.source = translated(cell.source, speak)
    notebook.metadata = nbformat.from_dict(marked(notebook.metadata, language))
    nbformat.write(notebook, path)
    for text in built.glob("*.md"):
        text.write_text(markdown.translated(text.read_text(encoding="utf-8"), speak), encoding="utf-8")
    for name, content in edition.files.items():
        (built / name).write_bytes(content)
    return tuple(edition.files)
