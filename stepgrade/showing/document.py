"""The cells of a submitted notebook with what the student saved in them: outputs and attached images."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stepgrade.notebook import Cell
from stepgrade.notebook.document import document_of
from stepgrade.showing.png import checked_png

MAX_ATTACHMENTS = 20  # of one cell


@dataclass(frozen=True)
class SubmittedCell:
    """One cell; ``outputs`` are as the file has them, ``attachments`` maps names to checked PNG images."""

    kind: str
    source: str
    grade_id: str | None = None
    outputs: tuple[dict[str, Any], ...] = ()
    attachments: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def plain(self) -> Cell:
        """The cell as grading sees it."""
        return Cell(self.kind, self.source, self.grade_id)


def submitted_cells(content: bytes) -> tuple[SubmittedCell, ...]:
    """Return the cells of the notebook in ``content``.

    Raises
    ------
    DamagedNotebook
        If it is not a notebook.
    """
    cells = document_of(content)["cells"]
    attached = _attached(content) if b'"attachments"' in content else []
    return tuple(_cell(cell, attached[index] if index < len(attached) else None) for index, cell in enumerate(cells))


def _cell(cell: dict[str, Any], attachments: Any) -> SubmittedCell:
    grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
    return SubmittedCell(
        cell["cell_type"],
        cell["source"],
        grade_id if isinstance(grade_id, str) else None,
        tuple(cell.get("outputs", ())),
        _images(attachments),
    )


def _attached(content: bytes) -> list[Any]:
    """Return what each cell of a notebook of today's format has attached; the checked document leaves it out."""
    cells = json.loads(content.decode("utf-8-sig")).get("cells")
    listed = cells if isinstance(cells, list) else []
    return [cell.get("attachments") for cell in listed if isinstance(cell, dict)]


def _images(attachments: Any) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name, bundle in list(attachments.items())[:MAX_ATTACHMENTS] if isinstance(attachments, dict) else ():
        encoded = bundle.get("image/png") if isinstance(bundle, dict) else None
        png = checked_png(_decoded(encoded)) if isinstance(encoded, str) else None
        if png:
            found[name] = png
    return found


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""
