"""How submissions enter nbgrader: read as untrusted files, graded cells as the instructor wrote them.

Used as ``c.Autograde.exporter_class``, so that a damaged notebook or broken metadata never ends a class run.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.preprocessors import NbGraderPreprocessor

from stepgrade.assignment import Assignment
from stepgrade.notebook import DamagedNotebook, joined, notebook_node, read_bytes

NOTEBOOK_MINOR = 5  # cells have ids from nbformat 4.5 on
SAFE_IMAGES = ("image/png",)


class SubmissionExporter(NotebookExporter):
    """nbconvert's `NotebookExporter` for notebooks that nobody vouches for."""

    def from_filename(self, filename: str, resources: dict[str, Any] | None = None, **kw: Any) -> tuple[str, Any]:
        path = Path(filename)
        resources = resources if resources is not None else {}
        name = resources.get("nbgrader", {}).get("assignment") or path.parent.name
        assignment = Assignment.find(name, Path(self.parent.coursedir.root))
        try:
            node = notebook_node(read_bytes(path))
        except DamagedNotebook as error:
            self.log.warning("%s: %s", path, error)
            node = _stand_in(str(error))
        restored = restore(node, notebook_node(read_bytes(assignment.source_notebook)))
        return self.from_notebook_node(restored, resources, **kw)


def restore(node: nbformat.NotebookNode, source: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return the submission with nbgrader's metadata as the instructor's ``source`` has it.

    A cell keeps its ``nbgrader`` metadata only if the source knows its id and it is the first of that id; graded
    cells that are missing are put back, behind the cell that precedes them in the source or else at the end. The
    student's own text is never changed.
    """
    originals = {cell.metadata.nbgrader.grade_id: cell for cell in source.cells if "nbgrader" in cell.metadata}
    cells: list[Any] = []
    seen: set[str] = set()
    for cell in node.cells:
        grade_id = cell.metadata.pop("nbgrader", {}).get("grade_id")
        if isinstance(grade_id, str) and grade_id in originals and grade_id not in seen:
            seen.add(grade_id)
            cell = _with_metadata_of(originals[grade_id], cell)
        cells.append(cell)
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


def _with_metadata_of(original: nbformat.NotebookNode, cell: nbformat.NotebookNode) -> nbformat.NotebookNode:
    if original.metadata.nbgrader.grade and not original.metadata.nbgrader.solution:
        return copy.deepcopy(original)  # a test cell: nothing in it is the student's
    restored = copy.deepcopy(original)
    restored.source = cell.source
    if original.cell_type == cell.cell_type == "code":
        restored.outputs = cell.outputs
    return restored


def _position_after(cells: list[Any], grade_id: str | None) -> int:
    for position, cell in enumerate(cells):
        if grade_id is not None and cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id:
            return position + 1
    return len(cells)


def _stand_in(reason: str) -> nbformat.NotebookNode:
    text = f"**This submission could not be read**: {reason}."
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])


class KeepTextAndImages(NbGraderPreprocessor):
    """Keep of the student's own saved outputs only text and PNG images: the formgrader opens them in a browser."""

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        if cell.cell_type == "code":
            cell.outputs = [safe for output in cell.outputs if (safe := _safe(output)) is not None]
        return cell, resources


def _safe(output: Any) -> nbformat.NotebookNode | None:
    if not isinstance(output, dict):
        return None
    match output.get("output_type"):
        case "stream":
            return nbformat.v4.new_output("stream", name="stdout", text=joined(output.get("text")))
        case "error":
            traceback = [joined(line) for line in output.get("traceback", []) if isinstance(line, str)]
            return nbformat.v4.new_output(
                "error",
                ename=joined(output.get("ename")),
                evalue=joined(output.get("evalue")),
                traceback=traceback,
            )
        case "display_data" | "execute_result":
            data = output.get("data")
            kept = {
                mime: joined(content)
                for mime, content in (data.items() if isinstance(data, dict) else ())
                if mime in (*SAFE_IMAGES, "text/plain")
            }
            return nbformat.v4.new_output("display_data", data=kept) if kept else None
    return None
