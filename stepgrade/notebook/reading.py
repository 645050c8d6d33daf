"""Cells as the rescue sees them: their text made readable, their kind put right, their names known."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from stepgrade.notebook.intake import Cell
from stepgrade.notebook.release import Release, is_solution, only_defines
from stepgrade.notebook.syntax import (
    MAX_CELL_CHARACTERS,
    Function,
    Names,
    functions_in_text,
    functions_of,
    imports_something,
    names_of,
    packages_in_text,
    packages_of,
    parsed,
    with_plain_spaces,
    without_notebook_syntax,
)
from stepgrade.phrases import phrase
from stepgrade.result import Repair

# All cells that are looked at together; a filled notebook has some 50,000 characters of its own.
MAX_CHARACTERS = 400_000
MAX_TITLE = 120
N_TITLE_LINES = 20


@dataclass(frozen=True, eq=False)
class Code:
    """A text and what is read off it alone; nothing is read twice.

    ``tree`` is None where the text does not parse even without its notebook syntax; ``names`` are empty then.
    """

    source: str
    tree: ast.Module | None = None
    names: Names = field(default_factory=Names)

    @classmethod
    def of(cls, source: str) -> Code:
        tree, text = _tree_of(source)
        return cls(source, tree, names_of(tree, text) if tree else Names())

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        return functions_of(self.tree) if self.tree else ()

    @cached_property
    def means_to_bind(self) -> frozenset[str]:
        return self.names.binds if self.tree else frozenset(functions_in_text(self.source))

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """The comments on top, as far as one of them may name the function below."""
        lines = self.source.split("\n", N_TITLE_LINES)[:N_TITLE_LINES]
        return tuple(line[:MAX_TITLE] for line in lines if line.startswith("#"))

    @cached_property
    def imports(self) -> bool:
        return self.tree is not None and imports_something(self.tree)

    @cached_property
    def packages(self) -> tuple[tuple[str, str], ...]:
        """The packages that it imports, each with the name that stands for it; see `packages_of`."""
        if "import" not in self.source:
            return ()
        return tuple(packages_of(self.tree)) if self.tree else packages_in_text(self.source)

    @cached_property
    def only_defines(self) -> bool:
        return self.tree is not None and only_defines(self.tree)


@dataclass(frozen=True)
class Piece:
    """One code cell of the submission.

    ``is_given`` says that the release has this very cell, as another kind than a solution; ``was`` is the cell's type.
    """

    index: int
    code: Code
    grade_id: str | None = None
    is_given: bool = False
    was: str = "code"
    trains: bool = False

    @property
    def name(self) -> str:
        return phrase("cell {number}", number=self.index + 1)

    @property
    def source(self) -> str:
        return self.code.source

    @property
    def tree(self) -> ast.Module | None:
        return self.code.tree

    @property
    def names(self) -> Names:
        return self.code.names

    def means_to_define(self, function: str) -> bool:
        return function in self.code.means_to_bind

    def with_source(self, source: str) -> Piece:
        """Return this piece with another text."""
        return replace(self, code=Code.of(source))


def pieces_of(
    submitted: Sequence[Cell], release: Release, functions: Sequence[str], note: Callable[[Repair], None]
) -> tuple[Piece, ...]:
    """Return the code cells of a submission, those included that were code before somebody changed their type."""
    wanted = {f for f in functions if not any(_defines_in_text(c, f) for c in submitted if c.kind == "code")}
    left = MAX_CHARACTERS
    pieces = []
    for index, cell in enumerate(submitted):
        if not cell.source.strip() or not (cell.kind == "code" or _was_code(cell, wanted, release)):
            continue
        if len(cell.source) > min(left, MAX_CELL_CHARACTERS):
            text = phrase("cell {number} is too large to be an answer, and was left out", number=index + 1)
            note(Repair("cell_too_large", text))
            continue
        piece = _piece(index, cell, release)
        left -= 0 if piece.is_given and piece.source == cell.source else len(cell.source)
        if cell.kind != "code":
            if piece.tree is None:  # it was text all along
                continue
            piece = replace(piece, was=cell.kind)
        if piece.source != cell.source and not piece.is_given:
            text = phrase(
                "cell {number} has spaces or signs that look like nothing but that Python does not read "
                "(they come from web pages); they were replaced",
                number=index + 1,
            )
            note(Repair("spaces_replaced", text))
        pieces.append(piece)
    return tuple(pieces)


def _defines_in_text(cell: Cell, function: str) -> bool:
    return function in cell.source and function in functions_in_text(cell.source)


def _was_code(cell: Cell, wanted: set[str], release: Release) -> bool:
    """Tell whether a cell that is no code may have been: a solution, a lost definition, the release's imports."""
    if len(cell.source) > MAX_CELL_CHARACTERS:
        return False
    if is_solution(cell.grade_id) and cell.grade_id in release.grade_ids:
        return bool(functions_in_text(cell.source))
    if any(_defines_in_text(cell, function) for function in wanted):
        return True
    given = release.exact_text(cell.source) if "import" in cell.source else None
    return given is not None and any(statement in given for statement in release.imports.values())


def _piece(index: int, cell: Cell, release: Release) -> Piece:
    given = release.own_text(cell.source)
    trains = release.trains(cell, given)
    if given is not None:
        return Piece(index, _given(given), cell.grade_id, is_given=True, trains=trains)
    code = Code.of(cell.source)
    if code.tree is None:
        plain = with_plain_spaces(cell.source)
        repaired = Code.of(plain) if plain != cell.source else code
        code = repaired if repaired.tree else code
    return Piece(index, code, cell.grade_id, trains=trains)


@lru_cache(maxsize=512)
def _given(source: str) -> Code:
    """Return a text of the release, looked through once for all submissions; no student's text gets in here."""
    return Code.of(source)


def tree_of(source: str) -> ast.Module | None:
    """Return the syntax tree of a cell's text, its notebook syntax left out; None if it does not parse even so."""
    return _tree_of(source)[0]


def _tree_of(source: str) -> tuple[ast.Module | None, str]:
    tree = parsed(source)
    if tree is not None:
        return tree, source
    plain = without_notebook_syntax(source)
    return (parsed(plain) if plain != source else None), plain
