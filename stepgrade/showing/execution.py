"""The submitted notebook, run from top to bottom in a fresh world, with what every cell shows.

This comes after the marks and decides none: it runs what marking leaves out (demonstrations, figures, tests), and its
world holds the files of the release besides the notebook's cells. There is no seed of the student's in it, no hidden
input and no secret, so nothing of that kind can be printed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Self

from stepgrade.assignment import Assignment
from stepgrade.phrases import phrase
from stepgrade.result import printable
from stepgrade.sandbox import (
    TOO_SLOW,
    Boundary,
    Budget,
    BudgetSpent,
    Limits,
    Reply,
    SandboxFailed,
    Session,
    SessionEnded,
)
from stepgrade.showing.document import SubmittedCell, submitted_cells
from stepgrade.showing.outputs import Output, OutputKind, received_outputs, saved_outputs
from stepgrade.showing.training import training_cells

# A demonstration takes far less; what takes longer is a loop that never ends, and its function is called again below.
CELL_CPU_S = 5.0
CELL_CPU_AFTER_A_STOP_S = 1.0
NOTEBOOK_CPU_S = 20.0
NOTEBOOK_WALL_S = 60.0
MAX_RESTARTS = 2  # of the session, for cells that end it
SEED = 0
MAX_FILES, MAX_FILES_BYTES = 200, 20 * 2**20
MAX_PICTURES_BYTES, MAX_CHARACTERS = 12 * 2**20, 1_000_000  # of a whole notebook
USED_UP = phrase("the notebook had used up its time")
LOST_TOO_OFTEN = phrase("too many cells above have ended the session")
NO_ROOM = Output(OutputKind.NOTE, phrase("left out: the outputs of this notebook are too large for one page"))


class CellState(Enum):
    """What was done with a cell."""

    TEXT = "text"  # it is no code
    RUN = "run"
    STOPPED = phrase("stopped")
    NOT_RUN = phrase("not run")
    NOT_RUN_AGAIN = phrase("not run again")  # training: the outputs are those that the student saved


@dataclass(frozen=True)
class ShownCell:
    """A cell and what it shows; ``number`` is its place among all cells, as repairs name it, and 0 for text."""

    cell: SubmittedCell
    state: CellState
    number: int = 0
    reason: str = ""
    outputs: tuple[Output, ...] = ()


@dataclass(frozen=True)
class ShownNotebook:
    """The cells of a notebook; ``n_left_out`` are behind the last one that has room."""

    cells: tuple[ShownCell, ...] = ()
    n_left_out: int = 0


def run_notebook(
    content: bytes,
    assignment: Assignment,
    boundary: Boundary,
    known: Mapping[bytes, bytes],
    more_files: Mapping[str, bytes] | None = None,
) -> ShownNotebook:
    """Run a notebook of the assignment.

    ``known`` are images of figures that need not be drawn, ``more_files`` lie beside those of the release.

    Raises
    ------
    DamagedNotebook
        If it is not a notebook.
    """
    cells = submitted_cells(content)
    training = training_cells([cell.plain for cell in cells], assignment.source_cells)
    files = released_files(assignment.release_dir) | dict(more_files or {})
    with _Run(assignment.limits, boundary, files, known) as run:
        shown: list[ShownCell] = []
        room = _Room()
        for index, cell in enumerate(cells):
            number = index + 1
            if not room.takes(cell.source):
                return ShownNotebook(tuple(shown), len(cells) - index)
            if cell.kind != "code":
                shown.append(ShownCell(cell, CellState.TEXT))
            elif index in training:
                saved = room.fitting(saved_outputs(cell.outputs))
                shown.append(ShownCell(cell, CellState.NOT_RUN_AGAIN, number, outputs=saved))
            else:
                state, reason, outputs = run.shown(f"cell {number}", cell.source)
                shown.append(ShownCell(cell, state, number, printable(reason), room.fitting(outputs)))
    return ShownNotebook(tuple(shown))


def released_files(folder: Path) -> dict[str, bytes]:
    """Return what the students have beside the notebook, by its path in the release.

    Notebooks, hidden files and links are none of it, and nothing beyond a sensible number and size.
    """
    files: dict[str, bytes] = {}
    n_bytes = 0
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.suffix == ".ipynb" or path.is_symlink() or not path.is_file() or _is_hidden(name):
            continue
        n_bytes += path.stat().st_size
        if len(files) >= MAX_FILES or n_bytes > MAX_FILES_BYTES:
            break
        files[name.as_posix()] = path.read_bytes()
    return files


def _is_hidden(name: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in name.parts)


@dataclass
class _Room:
    """What is left of a page that a browser on a phone still opens."""

    characters: int = MAX_CHARACTERS
    n_bytes: int = MAX_PICTURES_BYTES

    def takes(self, text: str, png: bytes = b"") -> bool:
        if len(text) > self.characters or len(png) > self.n_bytes:
            return False
        self.characters -= len(text)
        self.n_bytes -= len(png)
        return True

    def fitting(self, outputs: Sequence[Output]) -> tuple[Output, ...]:
        """Return the outputs for which there is room; once a text has none, there is none for anything behind it."""
        kept = []
        for output in outputs:
            if self.takes(output.text, output.png):
                kept.append(output)
            elif output.text:
                self.characters = 0
        return tuple(kept) if len(kept) == len(outputs) else (*kept, NO_ROOM)


@dataclass
class _Run:
    """The sessions of one notebook: after a cell that ended one, the next begins with the cells that did not."""

    limits: Limits
    boundary: Boundary
    files: Mapping[str, bytes]
    known: Mapping[bytes, bytes]
    _over: str = ""  # why nothing runs any more
    _session: Session | None = None
    _done: list[tuple[str, str]] = field(default_factory=list)
    _n_lost: int = 0

    def __post_init__(self) -> None:
        self._fingerprints = [fingerprint.hex() for fingerprint in self.known]
        self._cell_cpu_s = min(CELL_CPU_S, self.limits.cell_cpu_s)
        self._budget = Budget(
            dataclasses.replace(
                self.limits,
                submission_cpu_s=min(NOTEBOOK_CPU_S, self.limits.submission_cpu_s),
                submission_wall_s=min(NOTEBOOK_WALL_S, self.limits.submission_wall_s),
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._session is not None:
            self._session.close()

    def shown(self, name: str, source: str) -> tuple[CellState, str, tuple[Output, ...]]:
        """Run one cell; return what became of it, why, and what it shows."""
        if not self._over:
            self._make_ready()
        if self._over or self._session is None:
            return CellState.NOT_RUN, self._over, ()
        try:
            reply = self._session.show(name, source, self._cell_cpu_s, self._fingerprints)
        except BudgetSpent:
            self._over = USED_UP
            return CellState.NOT_RUN, self._over, ()
        except SessionEnded as ended:
            self._lose_session()
            return CellState.STOPPED, ended.reason, ()
        self._done.append((name, source))
        return self._of(reply)

    def _of(self, reply: Reply) -> tuple[CellState, str, tuple[Output, ...]]:
        outputs = received_outputs(reply.payload, self.known)
        if reply.status == "time_is_up":
            self._hurry()
            return CellState.STOPPED, TOO_SLOW, outputs
        return CellState.RUN, "", outputs

    def _hurry(self) -> None:
        self._cell_cpu_s = min(self._cell_cpu_s, CELL_CPU_AFTER_A_STOP_S)

    def _lose_session(self) -> None:
        self._hurry()
        self._session = None
        self._n_lost += 1
        if self._n_lost > MAX_RESTARTS:
            self._over = LOST_TOO_OFTEN

    def _make_ready(self) -> None:
        """Have a session in which every cell that has run until now has run."""
        if self._session is not None:
            return
        try:
            self._budget.check()
            self._session = Session(self.boundary, self.limits, SEED, self._budget).open()
            self._session.write(self.files)
            for name, source in self._done:
                self._session.show(name, source, self._cell_cpu_s, self._fingerprints)
        except BudgetSpent:
            self._over = USED_UP
        except SessionEnded:
            self._session, self._over = None, LOST_TOO_OFTEN
        except SandboxFailed as error:
            self._session, self._over = None, phrase("the grader could not run it ({reason})", reason=error)
