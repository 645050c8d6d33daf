"""Putting right what happened to a notebook between the release and the grader, and saying so.

Cells are found by their ``grade_id``, then by the function they define. What a cell defines wins over what its metadata
says, and metadata never takes away a cell that an answer needs.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from stepgrade.notebook.definitions import REPAIR_CELL, Definitions, Graded
from stepgrade.notebook.intake import Cell
from stepgrade.notebook.reading import Code, Piece, pieces_of
from stepgrade.notebook.release import SOLUTION_SUFFIX, Release, is_solution, release_of
from stepgrade.notebook.selection import Candidate, Reason, RunCell, needed
from stepgrade.notebook.syntax import functions_in_text, names_of, parsed
from stepgrade.phrases import phrase
from stepgrade.result import Repair

MAX_REPAIRS = 50  # a notebook that needs more is not read by people
# A notebook with this share of the release's cells is the release's, whatever its metadata says.
SAME_NOTEBOOK = 0.3


@dataclass(frozen=True)
class Rescued:
    """What runs for marks, in order; what was put right; which complete answers still raise NotImplementedError.

    ``leftover`` names graded functions. Where the definition that counts returns an answer but runs into the stub's
    ``raise NotImplementedError`` first, nothing is repaired: the student is to be told.

    ``packages`` are those whose contents the cells use, as far as their text shows it: most notebooks import more.
    """

    cells: tuple[RunCell, ...]
    repairs: tuple[Repair, ...]
    leftover: frozenset[str]
    packages: frozenset[str]


def rescue(
    submitted: Sequence[Cell], release: Sequence[Cell], graded: Sequence[Graded], *, of_notebook: bool = True
) -> Rescued:
    """Return the cells that run for marks.

    Parameters
    ----------
    submitted : the cells that a student handed in
    release : the instructor's cells, solutions included
    graded : the functions that are graded
    of_notebook : False for a Python file, which has no metadata to lose
    """
    return _Rescue(submitted, release_of(tuple(release)), graded, of_notebook=of_notebook).result()


def defined_names(source: str) -> tuple[str, ...]:
    """Return the functions and classes that a cell defines, or means to define if it does not parse."""
    tree = parsed(source)
    return tuple(sorted(names_of(tree, source).defines)) if tree else functions_in_text(source)


@dataclass
class _Rescue:
    submitted: Sequence[Cell]
    release: Release
    graded: Sequence[Graded]
    of_notebook: bool = field(kw_only=True)
    repairs: list[Repair] = field(default_factory=list)

    def result(self) -> Rescued:
        functions = [graded.function for graded in self.graded]
        pieces = pieces_of(self.submitted, self.release, functions, self._enter)
        cell_ids = frozenset(cell.grade_id for cell in self.submitted if cell.grade_id)
        shares_ids = not self.release.grade_ids.isdisjoint(cell_ids)
        if self.of_notebook and not shares_ids:
            self._say_what_it_is(pieces)
        definitions = Definitions(
            {piece.index: piece for piece in pieces},
            self.graded,
            self.release,
            cell_ids if shares_ids else None,
            self._note,
        )
        for graded in self.graded:
            definitions.settle(graded)
        cells = self._selected(definitions, of_release=shares_ids and self.of_notebook)
        imports = self._missing_imports(cells, definitions.pieces)
        codes = [definitions.pieces[cell.index].code for cell in cells if cell.index in definitions.pieces]
        packages = _used_packages([*(Code.of(cell.source) for cell in imports), *codes])
        return Rescued((*imports, *cells), tuple(self.repairs), frozenset(definitions.leftover), packages)

    def _say_what_it_is(self, pieces: Sequence[Piece]) -> None:
        n_given = sum(piece.is_given for piece in pieces)
        if n_given >= SAME_NOTEBOOK * len(self.release.code):
            text = phrase("the notebook lost its metadata; the questions were found by their functions")
            self._note("metadata_lost", text)
        else:
            text = phrase(
                "the notebook is of another edition; the questions were found by the names of their functions"
            )
            self._note("other_edition", text)

    def _selected(self, definitions: Definitions, *, of_release: bool) -> list[RunCell]:
        pieces = [piece for piece in definitions.pieces.values() if piece.tree is None or piece.tree.body]
        questions = {piece.index: self._question_of(piece) for piece in pieces}
        always = {index for index, question in questions.items() if question is not None} | set(definitions.aliases)
        chosen = needed(
            [
                Candidate(_reason(piece, is_own=piece.index in always, of_release=of_release), piece.names)
                for piece in pieces
            ]
        )
        cells: list[RunCell] = []
        for piece, runs in zip(pieces, chosen, strict=True):
            if runs:
                number = piece.index + 1
                if piece.was != "code":
                    text = phrase(
                        "{cell} is a {kind} cell with code in it; it was run as code", cell=piece.name, kind=piece.was
                    )
                    self._note("cell_retyped", text)
                cells.append(RunCell(f"<cell {number}>", piece.source, questions[piece.index], piece.index))
                cells += definitions.aliases.get(piece.index, ())
        return cells

    def _question_of(self, piece: Piece) -> str | None:
        for graded in self.graded:
            if piece.means_to_define(graded.function):
                return graded.question
        if not is_solution(piece.grade_id):
            return None
        return next((g.question for g in self.graded if piece.grade_id == g.question + SOLUTION_SUFFIX), None)

    def _missing_imports(self, cells: Sequence[RunCell], pieces: Mapping[int, Piece]) -> list[RunCell]:
        """Return the release's imports of names that are used before any cell binds them."""
        bound, used_later = set(dir(builtins)), set[str]()
        missing: dict[str, None] = {}
        for cell in cells:
            piece = pieces.get(-1 if cell.index is None else cell.index)
            if piece is None:
                continue
            bound |= piece.names.binds
            missing |= dict.fromkeys(sorted(piece.names.touches - bound))
            used_later |= piece.names.uses
        missing |= dict.fromkeys(sorted(used_later - bound))
        statements = {self.release.imports[name]: None for name in missing if name in self.release.imports}
        if not statements:
            return []
        source = "\n".join(statements)
        listed = "; ".join(statements)
        text = phrase("no cell imports what the answers use; put in front: {imports}", imports=listed)
        self._note("imports_restored", text)
        return [RunCell(REPAIR_CELL, source)]

    def _note(self, code: str, message: str) -> None:
        self._enter(Repair(code, message))

    def _enter(self, repair: Repair) -> None:
        if len(self.repairs) < MAX_REPAIRS:
            self.repairs.append(repair)


def _used_packages(cells: Sequence[Code]) -> frozenset[str]:
    used = frozenset[str]().union(*(code.names.uses for code in cells))
    imported = (pair for code in cells for pair in code.packages)
    return frozenset(package for name, package in imported if not name or name in used)


def _reason(piece: Piece, *, is_own: bool, of_release: bool) -> Reason:
    if is_own:
        return Reason.ALWAYS
    if piece.trains:
        return Reason.NEVER if piece.is_given else Reason.IF_NEEDED
    if piece.tree is None or piece.code.imports or piece.names.by_text:
        return Reason.ALWAYS
    if piece.is_given:
        return Reason.IF_CALLED if piece.code.only_defines else Reason.NEVER
    # In a notebook of this release, what the student wrote is meant; in another, most of it is the author's.
    return Reason.ALWAYS if of_release else Reason.IF_NEEDED
