"""Whether something was written in a notebook, or it is the release as it was handed out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stepgrade.assignment import Assignment
from stepgrade.notebook import Cell, DamagedNotebook, read_bytes, read_notebook
from stepgrade.notebook.release import squeezed
from stepgrade.notebook.syntax import code_of


@dataclass(frozen=True)
class HandedOut:
    """What the release's cells say, in all languages that it was built in.

    Parameters
    ----------
    texts : frozenset of str
        Of all cells, without white space.
    code : frozenset of str
        What the code cells do: a translated release has other comments and docstrings, and may not be built here.
    """

    texts: frozenset[str]
    code: frozenset[str]

    @classmethod
    def of(cls, assignment: Assignment) -> HandedOut:
        """Read what there is of the release; where there is none, every notebook with a cell was begun."""
        name = assignment.name
        folders = [assignment.release_dir, *assignment.course.glob(f"release-*/{name}")]
        cells = [cell for folder in folders for cell in _cells(folder / f"{name}.ipynb")]
        code = {code_of(cell.source) for cell in cells if cell.kind == "code"} - {""}
        return cls(frozenset(squeezed(cell.source) for cell in cells), frozenset(code))

    def is_begun(self, path: Path) -> bool:
        """Tell whether a code cell, or an answer in prose, of the notebook is not as it was handed out.

        False for what is no notebook. True for what the system does not let us read: nobody knows what is in it, and
        if it is chosen, the reason is told.
        """
        try:
            cells = read_notebook(read_bytes(path)).cells
        except DamagedNotebook as error:
            return isinstance(error.__cause__, OSError)
        # Prose without an id is the instructor's, and may have been handed out in a language that is not built here.
        return any(self._is_new(cell) for cell in cells if cell.kind == "code" or cell.grade_id)

    def _is_new(self, cell: Cell) -> bool:
        text = squeezed(cell.source)
        if not text or text in self.texts:
            return False
        return cell.kind != "code" or code_of(cell.source) not in self.code


def _cells(path: Path) -> tuple[Cell, ...]:
    try:
        return read_notebook(read_bytes(path)).cells
    except DamagedNotebook:
        return ()
