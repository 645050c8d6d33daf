"""Reading submitted files: untrusted, and checked before anything else looks at them."""

from __future__ import annotations

import errno
import os
import re
import stat
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import Any

from stepgrade.notebook.document import DamagedNotebook, document_of, graded_parts, text_of, with_plain_newlines
from stepgrade.notebook.syntax import parsed
from stepgrade.phrases import phrase
from stepgrade.result import Repair

MAX_NOTEBOOK_BYTES = 50 * 2**20
MAX_PYTHON_BYTES = 2 * 2**20
# Cell marks of the py:percent format, and the places where a file without marks can be cut.
PERCENT = re.compile(r"^(?=#[ \t]*%%)", re.MULTILINE)
PERCENT_TEXT = re.compile(r"#[ \t]*%%[^\n]*\[(?:markdown|md|raw)\]")
DEFINITION = re.compile(r"@|(?:async[ \t]+)?def\b|class\b")


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


@dataclass(frozen=True)
class Submitted:
    """The cells of a submitted notebook, and what reading it had to put right."""

    cells: tuple[Cell, ...]
    repairs: tuple[Repair, ...] = ()


class NotRegular(OSError):
    """What was to be opened is a link, a folder, a pipe or a device."""


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file for reading.

    It is opened once, without following a link and without waiting for the other end of a pipe, and what was opened is
    examined: a file that is swapped in between changes nothing.

    Raises
    ------
    NotRegular
        If it is anything but a regular file.
    OSError
        If it cannot be opened.
    """
    if path.is_symlink():  # where the system has no O_NOFOLLOW, this is all the protection there is
        raise NotRegular(errno.EINVAL, "not an ordinary file", str(path))
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotRegular(errno.EINVAL, "not an ordinary file", str(path))
    return os.fdopen(descriptor, "rb")


def read_bytes(path: Path) -> bytes:
    """Return the content of a submitted file, opened as `open_regular` does.

    Raises
    ------
    DamagedNotebook
        If it is not a regular file (a link, a folder, a pipe), cannot be read, or is too large.
    """
    try:
        with open_regular(path) as file:
            content = file.read(MAX_NOTEBOOK_BYTES + 1)
    except NotRegular:
        raise DamagedNotebook(
            phrase("{file} is not an ordinary file; hand in the notebook itself, not a link or folder", file=path.name)
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise DamagedNotebook(phrase("{file} cannot be read ({reason})", file=path.name, reason=reason)) from error
    if len(content) > MAX_NOTEBOOK_BYTES:
        raise DamagedNotebook(
            phrase(
                "{file} has more than {n} MiB, which is the most that is read; "
                "clear the outputs (Edit, Clear Outputs of All Cells) and hand it in again",
                file=path.name,
                n=MAX_NOTEBOOK_BYTES // 2**20,
            )
        )
    return content


def read_notebook(content: bytes) -> Submitted:
    """Return the cells of a notebook in their plain form; needs no nbformat, whose import is slow.

    Raises
    ------
    DamagedNotebook
        If it is not JSON, or not a notebook.
    """
    version, cells = graded_parts(content)
    repairs = []
    if version < 4:
        message = phrase("the notebook is of the old format {version}; it was read as format 4", version=version)
        repairs.append(Repair("older_format", message))
    if any("\r" in cell["source"] for cell in cells):
        repairs.append(Repair("line_ends", phrase("line ends of another system (CR) were replaced")))
    return Submitted(tuple(_plain_cell(cell) for cell in cells), tuple(repairs))


def notebook_document(content: bytes) -> dict[str, Any]:
    """Return the notebook in ``content`` as a dictionary in the form of nbformat 4, with line ends of one kind.

    Every structure that grading touches is checked; a cell need not have an id.

    Raises
    ------
    DamagedNotebook
        If it is not JSON, or not a notebook.
    """
    document = document_of(content)
    for cell in document["cells"]:
        cell["source"] = with_plain_newlines(cell["source"])
    return document | {"nbformat": 4, "nbformat_minor": 5}


def python_cells(content: bytes) -> tuple[Cell, ...]:
    """Return the cells of a Python file: what stands between its ``# %%`` lines, without the Markdown cells.

    A file without such lines is one cell; if it does not parse, it is cut at its definitions, so that a slip costs
    the definition that it is in.

    Raises
    ------
    DamagedNotebook
        If the file is not text, or too large.
    """
    if len(content) > MAX_PYTHON_BYTES:
        text = phrase("the file has more than {n} MiB, too much for a Python file", n=MAX_PYTHON_BYTES // 2**20)
        raise DamagedNotebook(text)
    if b"\0" in content:
        raise DamagedNotebook(phrase("the file is not text, so it is no Python file"))
    text = with_plain_newlines(text_of(content))
    parts = PERCENT.split(text)
    if len(parts) == 1 and parsed(text) is None:
        parts = _cut_at_definitions(text)
    return tuple(Cell("code", part) for part in parts if part.strip() and not PERCENT_TEXT.match(part))


def _cut_at_definitions(text: str) -> list[str]:
    parts, decorated = [""], False
    for line in text.splitlines(keepends=True):
        if DEFINITION.match(line) and not decorated:
            parts.append("")
        decorated = line.startswith("@") or (decorated and line[:1] in (" ", "\t", ")", "\n"))
        parts[-1] += line
    return parts


def _plain_cell(cell: Any) -> Cell:
    nbgrader = cell["metadata"].get("nbgrader", {})
    grade_id = nbgrader.get("grade_id")
    points = nbgrader.get("points") if nbgrader.get("grade") else None
    tags = cell["metadata"].get("tags", [])
    return Cell(
        kind=cell["cell_type"],
        source=with_plain_newlines(cell["source"]),
        grade_id=grade_id if isinstance(grade_id, str) else None,
        points=float(points) if isinstance(points, int | float) and not isinstance(points, bool) else None,
        tags=frozenset(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else frozenset(),
    )
