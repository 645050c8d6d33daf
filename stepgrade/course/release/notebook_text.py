"""The source notebook as text: a py:percent file that can be reviewed, searched and translated.

Cell ids are derived (from ``grade_id``, else from type, text and position), so that two conversions give equal bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import jupytext
import nbformat

from stepgrade.errors import NoSuchFile

FORMAT = {"extension": ".py", "format_name": "percent"}


def paths(assignment: str, course: Path) -> tuple[Path, Path]:
    """Return where the notebook and its text form lie."""
    return (
        course / "source" / assignment / f"{assignment}.ipynb",
        course / "hidden" / assignment / f"{assignment}.py",
    )


def sync(assignment: str, course: Path, *, from_notebook: bool) -> Path:
    """Write one of the two forms from the other; return the path that was written.

    Raises
    ------
    NoSuchFile
        If the form to read does not exist.
    """
    notebook_path, text_path = paths(assignment, course)
    origin, target = (notebook_path, text_path) if from_notebook else (text_path, notebook_path)
    if not origin.is_file():
        raise NoSuchFile(f"{origin} does not exist, so {target.name} cannot be made from it")
    content = origin.read_text(encoding="utf-8")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(to_text(content) if from_notebook else to_notebook(content), encoding="utf-8")
    return target


def to_text(notebook_json: str) -> str:
    """Return the py:percent form of a notebook."""
    notebook = nbformat.reads(notebook_json, as_version=4)
    # Which version wrote it is no part of the notebook, and would be another line to review with each.
    return re.sub(r"^# +jupytext_version: .*\n", "", str(jupytext.writes(notebook, fmt=FORMAT)), flags=re.MULTILINE)


def to_notebook(text: str) -> str:
    """Return the notebook of a py:percent text, as JSON with derived cell ids and without outputs."""
    notebook = jupytext.reads(text, fmt=FORMAT)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata.pop("jupytext", None)
    notebook.metadata["language_info"] = {"name": "python"}
    taken: set[str] = set()
    for position, cell in enumerate(notebook.cells):
        cell.id = _derived_id(cell, position, taken)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.validate(notebook)
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _derived_id(cell: nbformat.NotebookNode, position: int, taken: set[str]) -> str:
    grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
    content = f"{cell.cell_type}\0{cell.source}"
    candidate = str(grade_id) if grade_id else hashlib.sha256(content.encode()).hexdigest()[:12]
    if candidate in taken:  # two equal cells
        candidate = f"{candidate}-{position}"
    taken.add(candidate)
    return candidate
