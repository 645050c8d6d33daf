"""What an attack is, and how it becomes a submission of the tiny assignment."""

from __future__ import annotations

import copy
import json
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from stepgrade.result import EndState

# Part of the name of everything that an attack writes, listens on or leaves: what to look for afterwards.
MARK = "left_by_an_attack"
# Stands in an attack's source for the port of a listener outside, which must never be reached.
LISTENER_PORT = "LISTENER_PORT"
# Should the sandbox fail, whatever never ends in an attack still ends after this time.
BOUND_S = 60

QUESTIONS = ("halve", "quarter", "double")
DOES_NOTHING = {name: f"def {name}(x):\n    return 0 * x" for name in QUESTIONS}
# Right only where the attack's own cell has set ``won``: so a mark of 0 says that it has not.
RIGHT_IF_WON = {
    name: f"def {name}(x):\n    return {factor} * x if won else 0 * x"
    for name, factor in zip(QUESTIONS, (0.5, 0.25, 2), strict=True)
}
# Code that would hurt the machine without a sandbox asks this first: no world can read anything in /proc.
ONLY_INSIDE = """
import os
try:
    open("/proc/self/comm").close()
except OSError:
    pass
else:
    raise SystemExit("not in a world: this would hurt the machine")
"""


class Kind(StrEnum):
    """The kinds of attack that a grader has to expect."""

    FORGING = "verdict forged in the student's process"
    SEARCHING = "solution found"
    METADATA = "cell metadata"
    WRITING = "gradebook, source or other submissions written"
    PROCESSES = "processes that outlive the run, parent killed"
    EXHAUSTING = "endless loops, memory, output, recursion, huge or lying arrays"
    DESCRIPTORS = "every open descriptor sprayed with junk"
    REACHING = "network, environment, /proc, kernel"
    FILES = "files that are not notebooks"
    BROWSER = "script that runs in the browser of whoever opens the feedback"


GRADED = frozenset({EndState.GRADED})
CRASHED = frozenset({EndState.CRASHED})
TIMED_OUT = frozenset({EndState.TIMED_OUT})
OUT_OF_MEMORY = frozenset({EndState.OUT_OF_MEMORY})
DAMAGED = frozenset({EndState.DAMAGED})

Notebook = dict[str, Any]


@dataclass(frozen=True)
class Attack:
    """One submission that tries something, with functions that do nothing.

    Parameters
    ----------
    name : str
        Says what it does.
    kind : Kind
    cells : tuple of str
        Cells of its own, in front of the solution cells; each imports something, so that it runs for marks.
    answers : mapping
        Solution cells by question; where none is given, a function that returns zeros.
    change : callable or None
        Changes the notebook's JSON in place.
    make : callable or None
        ``make(folder, notebook bytes) -> path``: writes the file that is handed in, for what is no notebook.
    ends : set of EndState
        The end states that are right; more than one where it is a matter of chance.
    says : str
        What a message, a repair or the reason must say, in part.
    slow : bool
        Takes more than two seconds, because it meets a limit of time or memory.
    fills : bool
        Writes more than is allowed. Where the folder has no size of its own, whoever watches over it ends the session.
    kinds : tuple of str
        The boundaries that it fails behind. What holds behind the other one stands in ``test_landlock.py``.
    """

    name: str
    kind: Kind
    cells: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    change: Callable[[Notebook], None] | None = None
    make: Callable[[Path, bytes], Path] | None = None
    ends: frozenset[EndState] = GRADED
    says: str = ""
    slow: bool = False
    fills: bool = False
    kinds: tuple[str, ...] = ("bubblewrap", "landlock")

    def ends_behind(self, kind: str) -> frozenset[EndState]:
        """Return the end states that are right behind a boundary of that kind."""
        # On a busy machine its time may be over first: it stands still while somebody looks.
        return self.ends | CRASHED | TIMED_OUT if self.fills and kind == "landlock" else self.ends

    def submission(self, release: Notebook, port: int = 0) -> bytes:
        """Return the notebook; ``release`` is the assignment's own, and stays as it is."""
        notebook = copy.deepcopy(release)
        for cell in notebook["cells"]:
            question = solution_of(cell)
            if question:
                cell["source"] = self._with_port(self.answers.get(question, DOES_NOTHING[question]), port)
        notebook["cells"][2:2] = [code_cell(self._with_port(source, port)) for source in self.cells]
        if self.change is not None:
            self.change(notebook)
        return json.dumps(notebook).encode()

    def hand_in(self, folder: Path, release: Notebook, port: int = 0) -> Path:
        """Write what is handed in into ``folder``, and return its path."""
        content = self.submission(release, port)
        if self.make is not None:
            return self.make(folder, content)
        path = folder / "tiny.ipynb"
        path.write_bytes(content)
        return path

    @staticmethod
    def _with_port(source: str, port: int) -> str:
        return source.replace(LISTENER_PORT, str(port))


def winning(name: str, kind: Kind, cell: str, **more: Any) -> Attack:
    """Return an attack whose one cell sets ``won`` where it succeeds, which would make every function right."""
    # One statement, so that what stands behind a refusal does not run: cells go on after a statement that raises.
    tried = f"try:\n{textwrap.indent(cell, '    ')}\nexcept Exception:\n    pass"
    return Attack(name, kind, (f"import os, sys\nwon = False\n{tried}",), RIGHT_IF_WON, **more)


def code_cell(source: str, **metadata: Any) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": None, "metadata": metadata, "outputs": [], "source": source}


def solution_of(cell: Mapping[str, Any]) -> str:
    """Return the question that a cell of the release answers, an empty string for every other cell."""
    nbgrader = cell["metadata"].get("nbgrader", {})
    return nbgrader["grade_id"].removesuffix("_solution") if nbgrader.get("solution") else ""


def answering(body: str, *questions: str) -> dict[str, str]:
    """Return solution cells whose function has ``body``, for the questions named, else for all."""
    indented = "\n".join(f"    {line}" for line in body.strip("\n").split("\n"))
    return {name: f"def {name}(x):\n{indented}" for name in questions or QUESTIONS}
