"""How submissions enter nbgrader: read as untrusted files, graded cells as the instructor wrote them.

Used as ``c.Autograde.exporter_class``, so that a damaged notebook or broken metadata never ends a class run.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.converters import Autograde

from stepgrade.assignment import Assignment
from stepgrade.course.handin import HandIn
from stepgrade.course.harmless import harmless_cell, harmless_outputs, harmless_prose
from stepgrade.course.nomark import forget_marks
from stepgrade.course.tidied import hand_ins_of
from stepgrade.notebook import DamagedNotebook, notebook_node, read_bytes

NOTEBOOK_MINOR = 5  # cells have ids from nbformat 4.5 on


class SubmissionExporter(NotebookExporter):
    """nbconvert's `NotebookExporter` for notebooks that nobody vouches for.

    nbgrader makes it once per run, before it opens a submission: there, the run is turned to the tidied submissions.
    """

    def __init__(self, config: Any = None, **kw: Any) -> None:
        super().__init__(config=config, **kw)
        self.hand_ins: dict[str, HandIn] = {}
        if isinstance(self.parent, Autograde):
            self.hand_ins = hand_ins_of(self.parent)

    def from_filename(self, filename: str, resources: dict[str, Any] | None = None, **kw: Any) -> tuple[str, Any]:
        resources = resources if resources is not None else {}
        course, names = self.parent.coursedir, resources["nbgrader"]
        assignment = Assignment.find(names["assignment"], Path(course.root))
        source = notebook_node(read_bytes(assignment.source_notebook))
        clean = Path(course.format_path(course.submitted_directory, names["student"], assignment.name))
        path = Path(filename)
        if path.parent == clean:  # nbgrader's first pass; the second one reads what the first one wrote
            # Until the new marks are there, there are none: not those of an earlier run either.
            forget_marks(course, names["student"], assignment.name, someone_must_look=True)
            path = self.hand_ins[names["student"]].notebook or path
        try:
            node = notebook_node(read_bytes(path))
        except DamagedNotebook as error:
            self.log.warning("%s: %s", path, error)
            node = _stand_in(str(error))
        return self.from_notebook_node(restore(node, source), resources, **kw)


def restore(node: nbformat.NotebookNode, source: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return the submission with nbgrader's metadata as the instructor's ``source`` has it, and nothing active.

    A cell keeps its ``nbgrader`` metadata only if the source knows its id and it is the first of that id; graded
    cells that are missing are put back, behind the cell that precedes them in the source or else at the end. Code
    is the student's to the letter; a student's prose stays readable, but a browser executes nothing of it.
    """
    originals = {
        cell.metadata.nbgrader.grade_id: _without_outputs(cell) for cell in source.cells if "nbgrader" in cell.metadata
    }
    prose = {cell.source: cell for cell in source.cells if cell.cell_type != "code" and "nbgrader" not in cell.metadata}
    page_ids = frozenset(f"{grade_id}{part}" for grade_id in originals for part in ("", "-comment", "_extra_credit"))
    cells: list[Any] = []
    seen: set[str] = set()
    for cell in node.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if isinstance(grade_id, str) and grade_id in originals and grade_id not in seen:
            seen.add(grade_id)
            cells.append(_with_metadata_of(originals[grade_id], cell, page_ids))
        elif cell.cell_type != "code" and cell.source in prose:
            cells.append(copy.deepcopy(prose[cell.source]))
        else:
            cells.append(harmless_cell(cell, page_ids))
    known = [cell.metadata.nbgrader.grade_id for cell in source.cells if "nbgrader" in cell.metadata]
    for before, grade_id in zip([None, *known], known, strict=False):
        if grade_id not in seen and originals[grade_id].metadata.nbgrader.grade:
            cells.insert(_position_after(cells, before), copy.deepcopy(originals[grade_id]))
            seen.add(grade_id)
    # Ids must be unique, and are not needed from here on: made anew by position, so that builds are byte-equal.
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    return nbformat.from_dict(
        {"nbformat": 4, "nbformat_minor": NOTEBOOK_MINOR, "metadata": source.metadata, "cells": cells}
    )


def _with_metadata_of(
    original: nbformat.NotebookNode, cell: nbformat.NotebookNode, page_ids: frozenset[str]
) -> nbformat.NotebookNode:
    restored = copy.deepcopy(original)
    if original.metadata.nbgrader.grade and not original.metadata.nbgrader.solution:
        return restored  # a test cell: nothing in it is the student's
    if original.cell_type == "code":
        restored.source = cell.source
        restored.outputs = harmless_outputs(cell.get("outputs"))
        return restored
    if cell.source == original.source:
        return restored
    restored.pop("attachments", None)
    restored.source, attachments = harmless_prose(cell.source, cell.get("attachments"), page_ids)
    if attachments:
        restored.attachments = attachments
    return restored


def _without_outputs(cell: nbformat.NotebookNode) -> nbformat.NotebookNode:
    plain = copy.deepcopy(cell)
    if plain.cell_type == "code":
        plain.outputs, plain.execution_count = [], None
    return plain


def _position_after(cells: list[Any], grade_id: str | None) -> int:
    for position, cell in enumerate(cells):
        if grade_id is not None and cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id:
            return position + 1
    return len(cells)


def _stand_in(reason: str) -> nbformat.NotebookNode:
    text = f"**This submission could not be read**: {reason}."
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
