"""What the release says about its cells: the ground that a submission is compared with."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from stepgrade.notebook.intake import Cell
from stepgrade.notebook.selection import TRAINING_TAG
from stepgrade.notebook.stubs import skeleton
from stepgrade.notebook.syntax import Function, functions_of, parsed, statements

SOLUTION_SUFFIX = "_solution"
# An edited cell is still the release's if at least this share of the lines of the longer one agree.
SAME_CELL = 0.5


@dataclass(frozen=True)
class Release:
    """The instructor's cells, looked through once.

    ``code`` maps the text of a cell, without white space, to the cell. ``imports`` maps a name to the statement that
    imports it. ``skeletons`` maps a function to what its stub contains besides the ``raise``.
    """

    grade_ids: frozenset[str]
    code: dict[str, Cell]
    training: tuple[tuple[str | None, frozenset[str]], ...]
    imports: dict[str, str]
    skeletons: dict[str, str]

    def has(self, cell: Cell) -> bool:
        return squeezed(cell.source) in self.code

    def trains(self, cell: Cell) -> bool:
        """Tell whether the release has this cell, perhaps in other words, as one that trains a network."""
        lines = _lines(cell.source)
        return any(
            (grade_id is not None and grade_id == cell.grade_id)
            or len(lines & given) >= SAME_CELL * max(len(lines), len(given))
            for grade_id, given in self.training
        )


@lru_cache(maxsize=8)
def release_of(cells: tuple[Cell, ...]) -> Release:
    """Return what there is to know about the instructor's cells, solutions included."""
    code = [cell for cell in cells if cell.kind == "code"]
    training = [cell for cell in code if TRAINING_TAG in cell.tags]
    solutions = [cell for cell in code if is_solution(cell.grade_id)]
    others = [cell for cell in code if cell not in training and cell not in solutions]
    return Release(
        grade_ids=frozenset(cell.grade_id for cell in cells if cell.grade_id),
        code={squeezed(cell.source): cell for cell in [*training, *others]},
        training=tuple((cell.grade_id, _lines(cell.source)) for cell in training),
        imports={name: text for cell in others for name, text in _imports(cell.source)},
        skeletons={f.name: skeleton(f, cell.source) for cell in solutions for f in _functions(cell.source)},
    )


def is_solution(grade_id: str | None) -> bool:
    return grade_id is not None and grade_id.endswith(SOLUTION_SUFFIX)


def squeezed(source: str) -> str:
    """Return a text without white space, which editors and version control change on their own."""
    return "".join(source.split())


def only_defines(tree: ast.Module) -> bool:
    """Tell whether running the cell does nothing but define functions and classes, and import."""
    allowed = Function | ast.ClassDef | ast.Import | ast.ImportFrom
    return all(isinstance(statement, allowed) for statement in statements(tree))


def _lines(source: str) -> frozenset[str]:
    return frozenset(line for line in map(squeezed, source.split("\n")) if line)


def _functions(source: str) -> Sequence[Function]:
    tree = parsed(source)
    return functions_of(tree) if tree else ()


def _imports(source: str) -> list[tuple[str, str]]:
    tree = parsed(source)
    found = [s for s in statements(tree) if isinstance(s, ast.Import | ast.ImportFrom)] if tree else []
    return [
        ((alias.asname or alias.name).partition(".")[0], ast.unparse(statement))
        for statement in found
        for alias in statement.names
    ]
