"""Which cells of a submission run for marks.

Only imports, solution cells, and cells that the release does not contain or that the student changed. Demonstration,
figure, public-test and training cells of the release never run: they cost time and decide nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from stepgrade.notebook.intake import Cell

TRAINING_TAG = "training"
SOLUTION_SUFFIX = "_solution"


@dataclass(frozen=True)
class RunCell:
    """One cell that runs for marks; ``question`` is the question whose solution it is, None for other cells."""

    name: str
    source: str
    question: str | None = None


def cells_for_marks(submitted: Sequence[Cell], release: Sequence[Cell]) -> tuple[RunCell, ...]:
    """Return the cells that run for marks, in the order of the notebook.

    A notebook that shares no ``grade_id`` with the release is of another edition: there every cell runs that
    imports, defines or assigns.
    """
    release_ids = {cell.grade_id for cell in release if cell.grade_id}
    is_ours = any(cell.grade_id in release_ids for cell in submitted)
    given = {_normalised(cell.source) for cell in release if cell.kind == "code"}
    selected = []
    for number, cell in enumerate(submitted, start=1):
        if cell.kind != "code" or not cell.source.strip() or TRAINING_TAG in cell.tags:
            continue
        question = _question_of(cell)
        if (
            question is not None
            or _imports(cell.source)
            or (_normalised(cell.source) not in given if is_ours else _prepares(cell.source))
        ):
            selected.append(RunCell(f"<cell {number}>", cell.source, question))
    return tuple(selected)


def _imports(source: str) -> bool:
    """Tell whether a cell imports at its top level: such a cell sets up what the solutions use."""
    tree = _parsed(source)
    return tree is not None and any(isinstance(node, ast.Import | ast.ImportFrom) for node in tree.body)


def defined_names(source: str) -> tuple[str, ...]:
    """Return the names of the functions that a cell means to define at its top level, also if it does not parse."""
    return tuple(re.findall(r"^def[ \t]+(\w+)", source, re.MULTILINE))


def _question_of(cell: Cell) -> str | None:
    if cell.grade_id and cell.grade_id.endswith(SOLUTION_SUFFIX):
        return cell.grade_id.removesuffix(SOLUTION_SUFFIX)
    return None


def _prepares(source: str) -> bool:
    tree = _parsed(source)
    # A cell that does not parse may need notebook syntax turned into Python first: let it run and see.
    return tree is None or any(
        isinstance(
            node,
            ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign | ast.AugAssign,
        )
        for node in tree.body
    )


def _parsed(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _normalised(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())
