"""The peer: stock nbgrader in a course folder of its own, timed as whole commands."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
from peer_tests import HIDDEN_TESTS
from submissions import ASSIGNMENT, COURSE, STYLES, students_notebook

BIN = Path(sys.executable).parent
FULL_MARKS = 100.0


class PeerFailed(Exception):
    """The peer did not do what is to be timed, so that its time would mean nothing."""


class Peer:
    """A course of stock nbgrader with right submissions, graded anew for every measurement.

    Parameters
    ----------
    folder : Path, empty, for everything that is written
    n_students : int, how many submissions the longer of the two commands grades; odd, so that beyond the first one
        all styles are there equally often
    demonstrations : bool, whether its notebooks hold what we never run for marks
    """

    def __init__(self, folder: Path, n_students: int, *, demonstrations: bool) -> None:
        self._folder = folder
        self._demonstrations = demonstrations
        self._built = folder / "built"
        self.n_students = n_students
        self._build()

    def per_submission_s(self) -> tuple[float, float]:
        """Grade one submission, then all; return the time of one beyond the first, and that of the command for one."""
        alone = self._autograde(1)
        return (self._autograde(self.n_students) - alone) / (self.n_students - 1), alone

    def _build(self) -> None:
        source = self._built / "source" / ASSIGNMENT
        source.mkdir(parents=True)
        shutil.copy(COURSE / "source" / ASSIGNMENT / "public_tests.py", source)
        nbformat.write(peers_source(demonstrations=self._demonstrations), source / f"{ASSIGNMENT}.ipynb")
        self._nbgrader(self._built, "generate_assignment", ASSIGNMENT)
        release = self._built / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        notebooks = [students_notebook(style, release) for style in STYLES]
        for number in range(self.n_students):
            handed_in = self._built / "handed_in" / f"student{number}" / ASSIGNMENT
            handed_in.mkdir(parents=True)
            shutil.copy(source / "public_tests.py", handed_in)
            (handed_in / release.name).write_bytes(notebooks[number % len(notebooks)])

    def _autograde(self, n_students: int) -> float:
        """Return the seconds of one ``nbgrader autograde`` in a copy where nothing has been graded yet."""
        course = self._folder / "course"
        shutil.copytree(self._built, course, ignore=shutil.ignore_patterns("handed_in"))
        try:
            for number in range(n_students):
                student = f"student{number}"
                shutil.copytree(self._built / "handed_in" / student, course / "submitted" / student)
            started = time.perf_counter()
            self._nbgrader(course, "autograde", ASSIGNMENT)
            seconds = time.perf_counter() - started
            self._check_marks(course, n_students)
        finally:
            shutil.rmtree(course)
        return seconds

    def _check_marks(self, course: Path, n_students: int) -> None:
        self._nbgrader(course, "export", "--to", "grades.csv")
        with (course / "grades.csv").open(newline="") as file:
            scores = [float(row["score"]) for row in csv.DictReader(file)]
        if scores != [FULL_MARKS] * n_students:
            raise PeerFailed(f"nbgrader gave {scores} to {n_students} right submissions, expected {FULL_MARKS} each")

    def _nbgrader(self, course: Path, *arguments: str) -> None:
        # Its own settings folders: nothing that this machine's user has configured counts.
        own = {
            name: str(self._folder / "settings") for name in ("JUPYTER_CONFIG_DIR", "IPYTHONDIR", "JUPYTER_DATA_DIR")
        }
        done = subprocess.run(  # noqa: S603 - nbgrader of this environment, on notebooks of this repository
            [BIN / "nbgrader", *arguments],
            cwd=course,
            env=os.environ | own | {"PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PeerFailed(f"nbgrader {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr[-2000:]}")


def peers_source(*, demonstrations: bool) -> nbformat.NotebookNode:
    """Return our assignment as an instructor of stock nbgrader would hold it, up to the last graded cell.

    What follows is training, which neither side runs. ``demonstrations``: with the cells between the exercises, some
    of which draw figures; without them only imports, solution cells and test cells are left.
    """
    notebook = nbformat.read(COURSE / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)
    settings = [cell.metadata.get("nbgrader", {}) for cell in notebook.cells]
    first_code = [cell.cell_type for cell in notebook.cells].index("code")  # the imports
    last = max(index for index, own in enumerate(settings) if own.get("grade"))
    for cell, own in zip(notebook.cells, settings, strict=True):
        if cell.cell_type == "code" and own.get("grade"):
            hidden = HIDDEN_TESTS[own["grade_id"]]
            cell.source += f"\n### BEGIN HIDDEN TESTS{hidden.rstrip()}\n### END HIDDEN TESTS"
    notebook.cells = [
        cell
        for index, (cell, own) in enumerate(zip(notebook.cells, settings, strict=True))
        if index <= last and (demonstrations or cell.cell_type != "code" or index == first_code or "grade_id" in own)
    ]
    return notebook
