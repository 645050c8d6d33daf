"""The worked solution: the source notebook with its solutions, executed, for after the deadline.

It is written to ``solution/<assignment>/``: the notebook, the source folder's other files, so that the notebook runs
where it lies, and an HTML page that needs no other file and no network. Never to ``release/``, which is committed and
handed out before the deadline.

What nbgrader needs is taken out (markers, metadata), and so are hidden tests and mark schemes. Beside the notebook's
own solutions, nothing of ``hidden/`` is in it, neither in a cell nor in what a cell printed.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions
from traitlets.config import Config

from stepgrade.assignment import Assignment, make_work_dir
from stepgrade.course.configuration import load_config
from stepgrade.course.release.leakproof import EXECUTION_TIMEOUT_S, MARKERS, leaked_hidden_code
from stepgrade.course.release.solution_page import solution_page
from stepgrade.errors import StepgradeError

FOLDER = "solution"
# What teaching tools wrote into a cell's metadata, of no use to a reader.
TOOLS_METADATA = ("nbgrader", "lines_to_next_cell", "deletable", "editable")
NOT_HANDED_OUT = ("__pycache__", ".ipynb_checkpoints", ".pytest_cache")


class SolutionRefused(StepgradeError):
    """The source notebook does not run, or shows what must stay hidden; an older worked solution stays in place."""

    names_nobody = True


@dataclass(frozen=True)
class WorkedSolution:
    """What was written."""

    folder: Path
    notebook: Path
    page: Path


@dataclass(frozen=True)
class _Origin:
    """Where a cell comes from: its number in the source notebook, its name, and whether it is a solution."""

    number: int
    grade_id: str
    solves: bool

    def __str__(self) -> str:
        return f"cell {self.number}" + (f" ({self.grade_id})" if self.grade_id else "")


def write_worked_solution(assignment: Assignment) -> WorkedSolution:
    """Execute the source notebook in a copy of its folder, and write ``solution/<assignment>/`` anew.

    The instructor's own code runs, in the kernel of this environment and outside the sandbox.

    Raises
    ------
    SolutionRefused
        If a cell fails, or something of ``hidden/`` would be handed out; then nothing is written.
    """
    name = assignment.name
    work = make_work_dir(assignment.course)
    with tempfile.TemporaryDirectory(dir=work, prefix="solution-") as folder:
        built = Path(folder) / name
        shutil.copytree(assignment.source_dir, built, ignore=shutil.ignore_patterns(*NOT_HANDED_OUT))
        notebook, origins = _for_readers(assignment)
        _execute(notebook, origins, built, assignment)
        _refuse_hidden(notebook, origins, built, assignment)
        nbformat.write(notebook, built / f"{name}.ipynb")
        (built / f"{name}.html").write_text(solution_page(notebook, name, built), encoding="utf-8")
        place = assignment.course / FOLDER / name
        _put(built, place, aside=Path(folder) / "old")
    return WorkedSolution(place, place / f"{name}.ipynb", place / f"{name}.html")


def _for_readers(assignment: Assignment) -> tuple[nbformat.NotebookNode, list[_Origin]]:
    """Return the source notebook without outputs, hidden tests and nbgrader's traces, and where each cell is from."""
    notebook = nbformat.read(assignment.source_notebook, as_version=4)
    config = load_config(assignment.course)
    solutions = ClearSolutions(config=config)
    markers = (solutions.begin_solution_delimeter, solutions.end_solution_delimeter)
    kept, origins = [], []
    for number, cell in enumerate(notebook.cells, start=1):
        graded = cell.metadata.get("nbgrader", {})
        solves = bool(graded.get("solution")) or any(marker in cell.source for marker in markers)
        origin = _Origin(number, graded.get("grade_id", ""), solves)
        was_empty = not cell.source.strip()
        cell.source = _without_markers(_without_hidden_tests(cell, origin, assignment, config), markers)
        if not cell.source.strip() and not was_empty:
            continue  # there was nothing in it but hidden tests
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        for key in TOOLS_METADATA:
            cell.metadata.pop(key, None)
        kept.append(cell)
        origins.append(origin)
    notebook.cells = kept
    notebook.metadata.pop("celltoolbar", None)
    return notebook, origins


def _without_hidden_tests(cell: Any, origin: _Origin, assignment: Assignment, config: Config) -> str:
    try:
        for step in (ClearHiddenTests(config=config), ClearMarkScheme(config=config)):
            cell, _ = step.preprocess_cell(cell, {}, origin.number)
    except RuntimeError as error:  # a region without an end, or in a cell where nbgrader wants none
        raise SolutionRefused(f"{assignment.source_notebook}, {origin}: {error}; mend it and try again") from error
    return str(cell.source)


def _without_markers(source: str, markers: tuple[str, str]) -> str:
    return "\n".join(line for line in source.split("\n") if not any(marker in line for marker in markers))


def _execute(notebook: nbformat.NotebookNode, origins: list[_Origin], folder: Path, assignment: Assignment) -> None:
    running = origins[0] if origins else None

    def remember(cell: Any, cell_index: int) -> None:
        nonlocal running
        running = origins[cell_index]

    with tempfile.TemporaryDirectory() as sockets:
        client = NotebookClient(
            notebook,
            # Sockets in the file system: TCP ports collide now and then, and the kernel warns about them.
            config=Config({"KernelManager": {"transport": "ipc", "ip": f"{sockets}/kernel"}}),
            timeout=EXECUTION_TIMEOUT_S,
            skip_cells_with_tag="",  # the training section too
            record_timing=False,
            resources={"metadata": {"path": str(folder)}},
            on_cell_start=remember,
        )
        try:
            client.execute()
        except CellExecutionError as error:
            raise _failed(assignment, running, f"raises {error.ename}: {error.evalue}") from error
        except CellTimeoutError as error:
            raise _failed(assignment, running, f"takes longer than {EXECUTION_TIMEOUT_S} s") from error
        except DeadKernelError as error:
            raise _failed(assignment, running, "ends its process (too much memory, or a call to exit)") from error


def _failed(assignment: Assignment, origin: _Origin | None, what: str) -> SolutionRefused:
    return SolutionRefused(
        f"the worked solution of {assignment.name} is not written: {origin} of {assignment.source_notebook} {what}. "
        "A worked solution must run from top to bottom; mend the cell and try again"
    )


def _refuse_hidden(
    notebook: nbformat.NotebookNode, origins: list[_Origin], built: Path, assignment: Assignment
) -> None:
    """Look for hidden code in all but the solutions: other cells, what any cell printed, files that it wrote."""
    looked_at = nbformat.v4.new_notebook()
    for cell, origin in zip(notebook.cells, origins, strict=True):
        looked_at.cells += [] if origin.solves else [nbformat.v4.new_raw_cell(cell.source)]
        looked_at.cells += [nbformat.v4.new_raw_cell(text) for text in _printed(cell)]
    nbformat.write(looked_at, built / f"{assignment.name}.ipynb")
    problems = list(leaked_hidden_code(assignment, built))
    for cell, origin in zip(notebook.cells, origins, strict=True):
        problems += [f"{origin} still holds the marker {marker!r}" for marker in MARKERS if marker in cell.source]
    if problems:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        raise SolutionRefused(
            f"the worked solution of {assignment.name} is not written, because it would show what is hidden:\n"
            f"{listed}\nMend {assignment.source_notebook} and try again."
        )


def _printed(cell: Any) -> Iterator[str]:
    """Yield every text among the outputs of a cell."""
    for output in cell.get("outputs", []):
        yield output.get("text", "")
        yield from (content for kind, content in output.get("data", {}).items() if kind.startswith("text/"))


def _put(built: Path, place: Path, aside: Path) -> None:
    for leftover in [path for path in built.rglob("*") if path.name in NOT_HANDED_OUT]:
        shutil.rmtree(leftover)
    place.parent.mkdir(exist_ok=True)
    if place.exists():
        place.rename(aside)
    built.rename(place)
