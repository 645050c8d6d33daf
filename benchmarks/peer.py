"""The peer: stock nbgrader in a course folder of its own, timed as whole commands."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from class_mix import RIGHT, WARN, HandIn
from gradebook import recorded_marks
from peer_tests import HIDDEN_TESTS
from submissions import ASSIGNMENT, COURSE, STYLES, students_notebook

BIN = Path(sys.executable).parent
FULL_MARKS = 100.0


class PeerFailed(Exception):
    """The peer did not do what is to be timed, so that its time would mean nothing."""


class WrongMarks(Exception):
    """The marks are not what they have to be, so that the time would mean nothing."""


class PeerCourse:
    """A course of stock nbgrader that holds our assignment, and its commands.

    Parameters
    ----------
    folder : Path, empty, for everything that is written
    demonstrations : bool, whether its notebooks hold what we never run for marks
    configuration : str, its ``nbgrader_config.py``; empty: none
    """

    def __init__(self, folder: Path, *, demonstrations: bool, configuration: str = "") -> None:
        self._folder = folder
        self.built = folder / "built"
        source = self.built / "source" / ASSIGNMENT
        source.mkdir(parents=True)
        shutil.copy(COURSE / "source" / ASSIGNMENT / "public_tests.py", source)
        nbformat.write(peers_source(demonstrations=demonstrations), source / f"{ASSIGNMENT}.ipynb")
        if configuration:
            (self.built / "nbgrader_config.py").write_text(configuration, encoding="utf-8")
        self.nbgrader(self.built, "generate_assignment", ASSIGNMENT)
        self.release = self.built / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"

    def hand_in(self, student: str, notebook: bytes) -> None:
        """Keep a submission, for the copies that ask for it."""
        handed_in = self.built / "handed_in" / student / ASSIGNMENT
        handed_in.mkdir(parents=True)
        shutil.copy(self.built / "source" / ASSIGNMENT / "public_tests.py", handed_in)
        (handed_in / self.release.name).write_bytes(notebook)

    @contextmanager
    def copied(self, students: Iterable[str]) -> Iterator[Path]:
        """Give a copy where these have handed in and nothing has been graded yet."""
        course = self._folder / "course"
        shutil.copytree(self.built, course, ignore=shutil.ignore_patterns("handed_in"))
        try:
            for student in students:
                shutil.copytree(self.built / "handed_in" / student, course / "submitted" / student)
            yield course
        finally:
            shutil.rmtree(course)

    def nbgrader(self, course: Path, *arguments: str, may_fail: bool = False) -> float:
        """Run one command and return its seconds; ``may_fail``: it ends with 1 when one of many submissions fails."""
        # Its own settings folders: nothing that this machine's user has configured counts.
        own = {
            name: str(self._folder / "settings") for name in ("JUPYTER_CONFIG_DIR", "IPYTHONDIR", "JUPYTER_DATA_DIR")
        }
        started = time.perf_counter()
        done = subprocess.run(  # noqa: S603 - nbgrader of this environment, on notebooks of this repository
            [BIN / "nbgrader", *arguments],
            cwd=course,
            env=os.environ | own | {"PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode and not may_fail:
            raise PeerFailed(f"nbgrader {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
        return time.perf_counter() - started


def check_peers_marks(course: Path, hand_ins: Iterable[HandIn]) -> None:
    """Refuse to go on unless the gradebook has full marks for whom nbgrader gives them, and for no others.

    Of right submissions these are the ones that do not warn: what a test cell writes to stderr costs all its points.

    Raises
    ------
    WrongMarks
        If that is not so.
    """
    marks = recorded_marks(course)
    for hand_in in hand_ins:
        mark = marks.get(hand_in.student)
        if (mark == FULL_MARKS) != (hand_in.kind == RIGHT and hand_in.style not in WARN):
            raise WrongMarks(f"nbgrader gives {hand_in.student} ({hand_in.style}) {mark}")


class Peer(PeerCourse):
    """A course of stock nbgrader with right submissions, graded anew for every measurement.

    Parameters
    ----------
    folder : Path, empty, for everything that is written
    n_students : int, how many submissions the longer of the two commands grades; odd, so that beyond the first one
        all styles are there equally often
    demonstrations : bool, whether its notebooks hold what we never run for marks
    """

    def __init__(self, folder: Path, n_students: int, *, demonstrations: bool) -> None:
        super().__init__(folder, demonstrations=demonstrations)
        self.n_students = n_students
        for number in range(n_students):
            self.hand_in(f"student{number}", students_notebook(STYLES[number % len(STYLES)], self.release))

    def per_submission_s(self) -> tuple[float, float]:
        """Grade one submission, then all; return the time of one beyond the first, and that of the command for one."""
        alone = self._autograde(1)
        return (self._autograde(self.n_students) - alone) / (self.n_students - 1), alone

    def _autograde(self, n_students: int) -> float:
        """Return the seconds of one ``nbgrader autograde``."""
        with self.copied(f"student{number}" for number in range(n_students)) as course:
            seconds = self.nbgrader(course, "autograde", ASSIGNMENT)
            self._check_marks(course, n_students)
        return seconds

    def _check_marks(self, course: Path, n_students: int) -> None:
        self.nbgrader(course, "export", "--to", "grades.csv")
        with (course / "grades.csv").open(newline="") as file:
            scores = [float(row["score"]) for row in csv.DictReader(file)]
        if scores != [FULL_MARKS] * n_students:
            raise PeerFailed(f"nbgrader gave {scores} to {n_students} right submissions, expected {FULL_MARKS} each")


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
