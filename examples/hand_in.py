"""Puts an example class into submitted/: one notebook per file of examples/class, or of another assignment's class.

A file holds the cells that its student wrote, each behind a line ``# %% <question>``; answers in words are comments.
The line ``# %% everything else as in <file>`` takes the remaining cells from another file; cells that nobody wrote stay
as the release has them.

Run from the course folder: ``python examples/hand_in.py [--assignment ASSIGNMENT] [COURSE]``
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from pathlib import Path

import nbformat

ASSIGNMENT = "cnn_step_by_step"
CLASS = Path(__file__).with_name("class")
CLASSES = {ASSIGNMENT: CLASS, "cnn_theory": Path(__file__).with_name("class_theory")}
CELL = re.compile(r"^# %% (.+)$", re.MULTILINE)
REST = "everything else as in "


def written_cells(path: Path) -> dict[str, str]:
    """Return the source of each question's cell, as the student of that file wrote it."""
    _, *parts = CELL.split(path.read_text(encoding="utf-8"))
    cells: dict[str, str] = {}
    for title, source in zip(parts[::2], parts[1::2], strict=True):
        if title.startswith(REST):
            cells |= written_cells(path.with_name(f"{title.removeprefix(REST)}.py"))
        else:
            cells[title] = source.strip()
    return cells


def notebook_of(path: Path, release: Path) -> nbformat.NotebookNode:
    """Return the release's notebook with that student's cells filled in."""
    notebook = nbformat.read(release, as_version=4)
    cells = written_cells(path)
    for cell in notebook.cells:
        question = cell.metadata.get("nbgrader", {}).get("grade_id", "").removesuffix("_solution")
        if cell.metadata.get("nbgrader", {}).get("solution") and question in cells:
            written = cells.pop(question)
            cell.source = written if cell.cell_type == "code" else re.sub(r"^# ?", "", written, flags=re.MULTILINE)
    if cells:
        raise SystemExit(f"{path} has cells for {', '.join(cells)}, but {release} has no such question")
    return notebook


def main(course: Path, assignment: str = ASSIGNMENT) -> None:
    release = course / "release" / assignment / f"{assignment}.ipynb"
    if not release.is_file():
        raise SystemExit(f"{release} does not exist; run `stepgrade release {assignment}` first")
    students = sorted(CLASSES[assignment].glob("*.py"))
    for path in students:
        folder = course / "submitted" / path.stem / assignment
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        nbformat.write(notebook_of(path, release), folder / release.name)
    sys.stdout.write(f"{len(students)} notebooks of examples/{CLASSES[assignment].name} are in submitted/\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Put an example class into submitted/.")
    parser.add_argument("--assignment", choices=CLASSES, default=ASSIGNMENT, help="whose (default: %(default)s)")
    parser.add_argument("course", nargs="?", type=Path, default=Path(), metavar="COURSE", help="the course folder")
    options = parser.parse_args()
    main(options.course, options.assignment)
