"""Which definition of a graded function counts, and what is put right so that it does."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from stepgrade.notebook.reading import Code, Piece
from stepgrade.notebook.release import SOLUTION_SUFFIX, Release
from stepgrade.notebook.selection import RunCell
from stepgrade.notebook.stubs import has_leftover_raise, is_stub
from stepgrade.notebook.syntax import Function, takes
from stepgrade.phrases import joined, phrase

REPAIR_CELL = "<repair>"
# Older editions have such a line on top of every graded cell: "# GRADED FUNCTION: zero_pad".
TITLE = r"#+\s*(?:%%|.*\b(?:FUNCTION|EXERCISE|QUESTION|TASK)\b)[\s\d.:()-]*\b{function}\b"
MAX_NAME = 80


@dataclass(frozen=True)
class Graded:
    """A graded function: the question it answers, its name, the names of its parameters."""

    question: str
    function: str
    parameters: tuple[str, ...]


class Definitions:
    """The pieces of one submission, in which `settle` looks for one function after the other.

    Parameters
    ----------
    pieces : by their index; changed where a definition is taken out
    cell_ids : the ``grade_id`` of every submitted cell, None where the notebook has none of the release's
    note : called with code and message of every repair
    """

    def __init__(
        self,
        pieces: dict[int, Piece],
        graded: Sequence[Graded],
        release: Release,
        cell_ids: frozenset[str] | None,
        note: Callable[[str, str], None],
    ) -> None:
        self.pieces = pieces
        self.aliases: dict[int, list[RunCell]] = {}  # what runs right behind a piece
        self.leftover: set[str] = set()
        self._names = {each.function for each in graded}
        self._known_stubs: dict[tuple[Code, str], list[Function]] = {}
        self._release = release
        self._cell_ids = cell_ids
        self._note = note

    def settle(self, graded: Graded) -> None:
        """Settle which definition of one function counts."""
        function = graded.function
        defining = [piece for piece in self.pieces.values() if piece.means_to_define(function)]
        filled = [piece for piece in defining if not self._stubs(piece, function) or self._answers(piece, function)]
        if not filled:
            own = self._own(graded)
            if own is None or not self._renamed(graded, own):
                if not defining:
                    self._note_missing(graded)
                return
            filled = [own]
        if any(piece.was == "code" for piece in filled):
            # An answer in a text cell beside one in code was put aside by its author.
            for piece in (aside for aside in filled if aside.was != "code"):
                self._take_out(self.pieces[piece.index], self._answers(self.pieces[piece.index], function))
            filled = [piece for piece in filled if piece.was == "code"]
        stubs = [piece for piece in defining if self._stubs(piece, function)]
        for piece in stubs:
            self._take_out(self.pieces[piece.index], self._stubs(self.pieces[piece.index], function))
        readable = [piece for piece in filled if piece.tree is not None]
        if readable:
            self._say_which_counts(graded, readable, stubs)
            if any(map(has_leftover_raise, self._answers(readable[-1], function)[-1:])):
                self.leftover.add(function)

    def _stubs(self, piece: Piece, function: str) -> list[Function]:
        stubs = self._known_stubs.get((piece.code, function))
        if stubs is None:
            given, lines = self._release.skeletons.get(function, ""), piece.source.split("\n")
            stubs = [f for f in piece.code.functions if f.name == function and is_stub(f, lines, given)]
            self._known_stubs[piece.code, function] = stubs
        return stubs

    def _answers(self, piece: Piece, function: str) -> list[Function]:
        """Return the filled functions of that name in a piece; empty where it is bound in another way."""
        stubs = {id(stub) for stub in self._stubs(piece, function)}
        return [f for f in piece.code.functions if f.name == function and id(f) not in stubs]

    def _own(self, graded: Graded) -> Piece | None:
        """Return the question's own cell: by its ``grade_id``, else by a comment that names the function."""
        grade_id = graded.question + SOLUTION_SUFFIX
        for piece in self.pieces.values():
            if piece.grade_id == grade_id:
                return piece
        titled = re.compile(TITLE.format(function=re.escape(graded.function)), re.IGNORECASE)
        return next((piece for piece in self.pieces.values() if any(map(titled.match, piece.code.titles))), None)

    def _renamed(self, graded: Graded, own: Piece) -> bool:
        """Give the only function of a question's own cell the right name; tell whether there is one."""
        others = [function for function in own.code.functions if function.name != graded.function]
        if len(others) != 1 or others[0].name in self._names or not takes(others[0], len(graded.parameters)):
            return False
        if is_stub(others[0], own.source.split("\n")):
            return False
        name = others[0].name
        if len(name) > MAX_NAME:
            return False
        alias = RunCell(REPAIR_CELL, f"{graded.function} = {name}", graded.question)
        self.aliases.setdefault(own.index, []).append(alias)
        text = phrase(
            "the function {name} in {cell} was graded as {function}; call it {function}",
            name=name,
            cell=own.name,
            function=graded.function,
        )
        self._note("function_renamed", text)
        return True

    def _take_out(self, piece: Piece, definitions: Sequence[Function]) -> None:
        """Take definitions out of a piece; what else the piece holds stays, line by line where it was."""
        lines = piece.source.split("\n")
        for function in definitions:
            first = min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
            last = function.end_lineno or first
            indent = lines[first - 1][: function.col_offset]  # inside of an `if` something must stand in its place
            lines[first - 1 : last] = [f"{indent}pass" if indent else "", *[""] * (last - first)]
        self.pieces[piece.index] = piece.with_source("\n".join(lines))

    def _say_which_counts(self, graded: Graded, filled: Sequence[Piece], stubs: Sequence[Piece]) -> None:
        function, counts = graded.function, filled[-1]
        complete = [piece for piece in filled if self._answers(piece, function)]
        if len(complete) > 1:
            text = phrase(
                "{function} is defined in {cells}; the last one counts", function=function, cells=_listed(complete)
            )
            self._note("cell_duplicated", text)
        grade_id = graded.question + SOLUTION_SUFFIX
        if self._cell_ids is not None and all(piece.grade_id != grade_id for piece in filled):
            text = phrase(
                "{function} was found in {cell}, not in the cell made for it", function=function, cell=counts.name
            )
            self._note("cell_found_by_function", text)
        elif stubs:
            text = phrase(
                "{function} is unfilled in {cells}; the answer in {cell} counts",
                function=function,
                cells=_listed(stubs),
                cell=counts.name,
            )
            self._note("stub_ignored", text)

    def _note_missing(self, graded: Graded) -> None:
        grade_id = graded.question + SOLUTION_SUFFIX
        if self._cell_ids is not None and grade_id not in self._cell_ids:
            text = phrase(
                "the cell of {function} is missing; the others were graded without it", function=graded.function
            )
            self._note("cell_missing", text)


def _listed(pieces: Sequence[Piece]) -> str:
    shown = [piece.name for piece in pieces[:4]]
    more = [phrase("{n} more", n=len(pieces) - 4)] if len(pieces) > 4 else []
    return joined([*shown, *more])
