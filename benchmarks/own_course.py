"""A course folder of our own with a class in it, and the command in copies of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from class_mix import RIGHT, HandIn
from gradebook import recorded_marks
from peer import BIN, FULL_MARKS, WrongMarks
from submissions import ASSIGNMENT, COURSE


class CommandFailed(Exception):
    """stepgrade did not do what is to be timed."""


class OwnCourse:
    """The assignment in a folder with a gradebook of its own.

    Parameters
    ----------
    folder : Path
        Made here; where it is there already, it is taken as it is.
    limits : str
        Of a submission, as ``limits.toml`` has them; empty: the assignment's own.
    """

    def __init__(self, folder: Path, limits: str = "") -> None:
        self.folder = folder
        if folder.exists():
            return
        new = folder.with_name(f"{folder.name}.new")  # so that who is stopped meanwhile begins anew
        shutil.rmtree(new, ignore_errors=True)
        for name in ("source", "hidden"):
            shutil.copytree(COURSE / name / ASSIGNMENT, new / name / ASSIGNMENT)
        shutil.copy(COURSE / "nbgrader_config.py", new)
        if limits:
            (new / "hidden" / ASSIGNMENT / "limits.toml").write_text(limits, encoding="utf-8")
        stepgrade(new, "release", ASSIGNMENT)
        new.rename(folder)

    def hand_in(self, hand_ins: Iterable[HandIn]) -> None:
        """Put notebooks into ``submitted/``; those that are there stay."""
        for hand_in in hand_ins:
            notebook = self.folder / "submitted" / hand_in.student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
            if not notebook.exists():
                notebook.parent.mkdir(parents=True, exist_ok=True)
                half = notebook.with_suffix(".half")
                half.write_bytes(hand_in.notebook())
                half.rename(notebook)


def stepgrade(course: Path, *arguments: str, cores: int = 2) -> None:
    """Run the command to its end, on so many of the cores that this process has.

    Raises
    ------
    CommandFailed
        If it does not end with 0.
    """
    done = subprocess.run(  # noqa: S603 - our own command, on notebooks of this repository
        [BIN / "stepgrade", "--course", course, *arguments],
        check=False,
        capture_output=True,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores]),
    )
    if done.returncode:
        raise CommandFailed(f"stepgrade {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr[-2000:]}")


def check_marks(course: Path, hand_ins: Iterable[HandIn]) -> None:
    """Refuse to go on unless everyone has a mark in the gradebook, and right submissions, and no others, a full one.

    Raises
    ------
    WrongMarks
        If that is not so.
    """
    marks = recorded_marks(course)
    for hand_in in hand_ins:
        mark = marks.get(hand_in.student)
        if mark is None or (mark == FULL_MARKS) != (hand_in.kind == RIGHT):
            raise WrongMarks(f"{hand_in.student} ({hand_in.style}) has {mark} in the gradebook of {course}")
