"""What the release says about its cells: the ground that a submission is compared with."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from stepgrade.notebook.intake import Cell
from stepgrade.notebook.selection import TRAINING_TAG
from stepgrade.notebook.stubs import skeleton
from stepgrade.notebook.syntax import Function, code_of, functions_in_text, functions_of, parsed, statements

SOLUTION_SUFFIX = "_solution"
# An edited cell is still the release's if at least this share of the lines of the longer one agree.
SAME_CELL = 0.5


@dataclass(frozen=True)
class Release:
    """The instructor's cells, looked through once.

    ``code`` maps the text of a cell, without white space, to the cell. ``training_ids`` and ``training`` hold the ids
    and the lines of the cells that train a network. ``imports`` maps a name to the statement that imports it.
    ``skeletons`` maps a function to what its stub contains besides the ``raise``.

    A release in another language has other comments and docstrings, and the same code: that is what its cells are
    known by. So no mark depends on a translation, nor on which languages there are.
    """

    grade_ids: frozenset[str]
    code: dict[str, Cell]
    training_ids: frozenset[str]
    training: tuple[frozenset[str], ...]
    imports: dict[str, str]
    skeletons: dict[str, str]

    def exact_text(self, source: str) -> str | None:
        """Return the release's text of the code cell that ``source`` is but for white space, None if it has none."""
        if source in self._resemblance:
            return source
        given = self.code.get(squeezed(source))
        return given.source if given else None

    def own_text(self, source: str) -> str | None:
        """Return the release's text of a code cell that differs in white space, comments and docstrings at most.

        None if it has no such cell.
        """
        exact = self.exact_text(source)
        if exact is not None:
            return exact
        if not self.skeletons.keys().isdisjoint(functions_in_text(source)):
            return None  # an answer, which need not be read once more
        return self._by_code.get(code_of(source) or None)

    def trains(self, cell: Cell, given: str | None) -> bool:
        """Tell whether the release has this cell, perhaps with changes, as one that trains a network.

        ``given`` is the cell's `own_text`.
        """
        if cell.grade_id in self.training_ids:
            return True
        return self._resembles_training(cell.source) if given is None else self._resemblance[given]

    @cached_property
    def _by_code(self) -> dict[str | None, str]:
        """Map what a cell does to its text."""
        known = {code_of(cell.source): cell.source for cell in self.code.values()}
        return {code: source for code, source in known.items() if code}

    @cached_property
    def _resemblance(self) -> dict[str, bool]:
        """Tell of the release's own texts whether they train: most cells of every submission are among them."""
        return {cell.source: self._resembles_training(cell.source) for cell in self.code.values()}

    def _resembles_training(self, source: str) -> bool:
        lines = _lines(source)
        return any(len(lines & given) >= SAME_CELL * max(len(lines), len(given)) for given in self.training)


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
        training_ids=frozenset(cell.grade_id for cell in training if cell.grade_id is not None),
        training=tuple(_lines(cell.source) for cell in training),
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
    """Return the lines without white space and comments, as far as something is left of them."""
    code = (squeezed(line.partition("#")[0]) for line in source.split("\n"))
    return frozenset(line for line in code if line)


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
