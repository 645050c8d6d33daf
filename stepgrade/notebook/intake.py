"""Reading submitted notebooks: untrusted files, checked before anything else looks at them."""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat

MAX_NOTEBOOK_BYTES = 50 * 2**20
MAX_CELLS = 5000


class DamagedNotebook(Exception):
    """The file is no notebook that can be read; the message says why, in words for the student."""


@dataclass(frozen=True)
class Cell:
    """One cell, reduced to what grading needs.

    ``kind`` is "code", "markdown" or "raw"; ``grade_id`` is nbgrader's, None where there is none.
    """

    kind: str
    source: str
    grade_id: str | None = None
    points: float | None = None
    tags: frozenset[str] = field(default_factory=frozenset)


def read_bytes(path: Path) -> bytes:
    """Return the content of a submitted file.

    Raises
    ------
    DamagedNotebook
        If it is not a regular file (a link, a folder, a pipe), cannot be read, or is too large.
    """
    try:
        status = path.lstat()
    except OSError as error:
        raise DamagedNotebook(f"{path.name} cannot be read ({error.strerror})") from error
    if not stat.S_ISREG(status.st_mode):
        raise DamagedNotebook(f"{path.name} is not an ordinary file; hand in the notebook itself, not a link or folder")
    if status.st_size > MAX_NOTEBOOK_BYTES:
        size = status.st_size / 2**20
        raise DamagedNotebook(
            f"{path.name} has {size:.0f} MiB, at most {MAX_NOTEBOOK_BYTES // 2**20} are read; "
            "clear the outputs (Edit, Clear Outputs of All Cells) and hand it in again"
        )
    return path.read_bytes()


def notebook_node(content: bytes) -> nbformat.NotebookNode:
    """Return the notebook in ``content`` as nbformat 4, with every structure that grading touches checked.

    Raises
    ------
    DamagedNotebook
        If it is not JSON, or not a notebook.
    """
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise DamagedNotebook("the file is not text in UTF-8, so it is not a notebook") from None
    except json.JSONDecodeError as error:
        raise DamagedNotebook(
            f"the file is not JSON (line {error.lineno}), so it is not a notebook, or only a part of one; "
            "download it again from Jupyter (File, Download) and hand it in again"
        ) from None
    except RecursionError:
        raise DamagedNotebook("the file is nested too deeply for a notebook") from None
    if not isinstance(document, dict) or not isinstance(document.get("nbformat"), int):
        raise DamagedNotebook("the file is JSON but not a notebook (it has no nbformat)")
    try:
        node = nbformat.convert(nbformat.from_dict(document), 4)
    except Exception as error:  # nbformat raises many kinds on a hostile document
        raise DamagedNotebook(f"the notebook's structure is broken ({type(error).__name__})") from None
    if not isinstance(node.get("cells"), list) or len(node.cells) > MAX_CELLS:
        raise DamagedNotebook("the notebook has no list of cells, or far too many")
    node.cells = [_checked(cell) for cell in node.cells if _is_cell(cell)]
    if not isinstance(node.get("metadata"), dict):
        node.metadata = nbformat.NotebookNode()
    return node


def cells_of(node: nbformat.NotebookNode) -> tuple[Cell, ...]:
    """Return the cells of a checked notebook in their plain form."""
    return tuple(_plain(cell) for cell in node.cells)


def joined(text: Any) -> str:
    """Return a text that notebook files store as one string or as a list of lines."""
    lines = text if isinstance(text, list) else [text]
    return "".join(line for line in lines if isinstance(line, str))


def _joined_output(output: nbformat.NotebookNode) -> nbformat.NotebookNode:
    if "text" in output:
        output.text = joined(output.text)
    data = output.get("data")
    if isinstance(data, dict):
        output.data = nbformat.from_dict({m: joined(v) if isinstance(v, list) else v for m, v in data.items()})
    return output


def _is_cell(cell: Any) -> bool:
    return isinstance(cell, dict) and cell.get("cell_type") in ("code", "markdown", "raw")


def _checked(cell: nbformat.NotebookNode) -> nbformat.NotebookNode:
    source = cell.get("source", "")
    cell.source = joined(source).replace("\r\n", "\n").encode("utf-8", "replace").decode("utf-8")
    if not isinstance(cell.get("metadata"), dict):
        cell.metadata = nbformat.NotebookNode()
    if not isinstance(cell.metadata.get("nbgrader", {}), dict):
        del cell.metadata["nbgrader"]
    if cell.cell_type == "code":
        outputs = cell.get("outputs")
        cell.outputs = [_joined_output(o) for o in outputs if isinstance(o, dict)] if isinstance(outputs, list) else []
        cell.setdefault("execution_count", None)
    return cell


def _plain(cell: nbformat.NotebookNode) -> Cell:
    nbgrader = cell.metadata.get("nbgrader", {})
    grade_id = nbgrader.get("grade_id")
    points = nbgrader.get("points") if nbgrader.get("grade") else None
    tags = cell.metadata.get("tags", [])
    return Cell(
        kind=cell.cell_type,
        source=cell.source,
        grade_id=grade_id if isinstance(grade_id, str) else None,
        points=float(points) if isinstance(points, int | float) else None,
        tags=frozenset(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else frozenset(),
    )
