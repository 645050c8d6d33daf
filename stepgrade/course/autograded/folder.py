"""``autograded/STUDENT/ASSIGNMENT/``: what nbgrader's Autograde leaves there, written in a few milliseconds.

nbgrader and nbconvert are not imported: they take seconds to come, and copy and check a notebook a dozen times.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from stepgrade.assignment import Assignment, make_work_dir
from stepgrade.course.autograded.checktable import check_table, question_of
from stepgrade.course.autograded.coursefiles import FILE_MODE, SHARED, put_course_files
from stepgrade.course.handin import RESULT_FILE, HandIn, copy_hand_in
from stepgrade.errors import StepgradeError
from stepgrade.report.output import rendered
from stepgrade.result import Result

AUTOGRADED = "autograded"
PREFIX = "autograded-"
# Texts that nbformat writes as a list of lines.
_IN_LINES = frozenset({"application/javascript", "image/svg+xml"})


def autograded_folder(assignment: Assignment, student: str) -> Path:
    """Return where the graded submission of ``student`` lies.

    Raises
    ------
    StepgradeError
        If the name would lead elsewhere.
    """
    if student in {"", ".", ".."} or "/" in student or os.sep in student or "\0" in student:
        raise StepgradeError(f"{student!r} cannot be a folder's name; rename the student")
    return assignment.course / AUTOGRADED / student / assignment.name


def write_autograded(assignment: Assignment, hand_in: HandIn, notebook: Mapping[str, Any], result: Result) -> None:
    """Write the restored ``notebook`` with its check tables, the files beside it, and the Result."""
    with _replacing(assignment, hand_in.student) as folder:
        copy_hand_in(hand_in, folder)
        put_course_files(assignment.source_dir, folder, assignment.run_dir)
        (folder / assignment.source_notebook.name).write_bytes(_written(with_check_tables(notebook, result)))
        (folder / RESULT_FILE).write_bytes(rendered("json", result))
        for path in folder.rglob("*"):
            if not path.is_dir():
                path.chmod(FILE_MODE)


def write_result_alone(assignment: Assignment, student: str, result: Result) -> None:
    """Write a Result that has no notebook, in the place of whatever an earlier run left."""
    with _replacing(assignment, student) as folder:
        (folder / RESULT_FILE).write_bytes(rendered("json", result))


def with_check_tables(notebook: Mapping[str, Any], result: Result) -> dict[str, Any]:
    """Return ``notebook`` with the check table as the only output of every graded cell."""
    return {**notebook, "cells": [_with_table(cell, result) for cell in notebook["cells"]]}


def forget_unfinished(assignment: Assignment) -> None:
    """Remove what a run that was killed left aside, and old copies of course files; for who holds the journal's lock.

    That lock is the assignment's, so nothing is touched that another assignment's run may have in the making.
    """
    for prefix in (PREFIX, SHARED):
        for path in assignment.run_dir.glob(f"{prefix}*"):
            _remove(path)


@contextmanager
def _replacing(assignment: Assignment, student: str) -> Iterator[Path]:
    """Give a folder to write into; when done, it takes the place of the student's. Nobody ever sees half of it."""
    place = autograded_folder(assignment, student)
    make_work_dir(assignment.course)
    new, old = (assignment.run_dir / f"{PREFIX}{uuid.uuid4().hex}" for _ in range(2))
    new.mkdir(parents=True)
    try:
        yield new
        place.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(place):
            place.rename(old)
        new.rename(place)
    finally:
        for path in (new, old):
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _with_table(cell: dict[str, Any], result: Result) -> dict[str, Any]:
    question = question_of(cell["metadata"], result)
    if question is None:
        return cell
    return cell | {"outputs": [{"output_type": "stream", "name": "stdout", "text": check_table(result, question)}]}


def _written(notebook: Mapping[str, Any]) -> bytes:
    """Return the notebook as nbformat writes it: keys in order, one line of text a line."""
    document = {**notebook, "cells": [_in_lines(cell) for cell in notebook["cells"]]}
    compact = json.dumps(document, ensure_ascii=False, sort_keys=True).encode()
    return msgspec.json.format(compact, indent=1) + b"\n"


def _in_lines(cell: dict[str, Any]) -> dict[str, Any]:
    written = cell | {"source": cell["source"].splitlines(keepends=True)}
    if "outputs" in cell:
        written["outputs"] = [_output_in_lines(output) for output in cell["outputs"]]
    if "attachments" in cell:
        written["attachments"] = {name: _bundle_in_lines(bundle) for name, bundle in cell["attachments"].items()}
    return written


def _output_in_lines(output: dict[str, Any]) -> dict[str, Any]:
    if "text" in output:
        return output | {"text": output["text"].splitlines(keepends=True)}
    return output | {"data": _bundle_in_lines(output["data"])} if "data" in output else output


def _bundle_in_lines(bundle: dict[str, Any]) -> dict[str, Any]:
    return {
        kind: text.splitlines(keepends=True)
        if isinstance(text, str) and (kind.startswith("text/") or kind in _IN_LINES)
        else text
        for kind, text in bundle.items()
    }
