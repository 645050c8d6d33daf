"""What a worker process does for one feedback page: after the marks, and never changing one."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import stepgrade
from stepgrade import languages, report, showing
from stepgrade.assignment import Assignment
from stepgrade.course.diagnosing import diagnoses_of, diagnosing_code
from stepgrade.course.work import worker_grader
from stepgrade.evidence import NO_BYTES, graded_bytes
from stepgrade.languages.shelf import FOLDER
from stepgrade.report.disclosure import Disclosure
from stepgrade.report.output import write_whole
from stepgrade.report.page import page_of
from stepgrade.result import Result
from stepgrade.sandbox import DEFAULT_BOUNDARY, find_boundary

FEEDBACK = "feedback"


@dataclass(frozen=True)
class PageTask:
    """One page to write: plain data. ``result`` is the Result as JSON, ``show`` the name of a `Disclosure`."""

    course: str
    assignment: str
    result: str
    boundary: str = DEFAULT_BOUNDARY
    show: str = Disclosure.ALL.word


def page_file(assignment: Assignment, student: str) -> Path:
    """Return where the feedback page of a student lies."""
    return assignment.course / FEEDBACK / student / assignment.name / f"{assignment.name}.html"


def is_written(assignment: Assignment, student: str, task: PageTask) -> bool:
    """Return whether the page that this task would write is there already."""
    note, page = _note_file(assignment, student), page_file(assignment, student)
    if not note.is_file() or not page.is_file():
        return False
    return note.read_bytes() == _fingerprint(assignment, task, page.read_bytes()).encode()


def write_page(task: PageTask) -> None:
    """Write the page of a graded submission, with the notebook as it was graded."""
    grader = worker_grader(task.course, task.assignment, task.boundary)
    assignment = grader.assignment
    result = Result.from_json(task.result)
    if result.student is None:
        raise ValueError("a Result without a student has no page")
    submission = None
    if result.submission_sha256 != NO_BYTES:
        submission = graded_bytes(assignment.course, assignment.name, result.submission_sha256, result.student)
    boundary, show = grader.boundary or find_boundary(), Disclosure.of(task.show)
    diagnoses = diagnoses_of(result, assignment, boundary) if show >= Disclosure.MISCONCEPTION else ()
    page = page_of(result, submission, assignment, boundary, diagnoses, show)
    target, note = page_file(assignment, result.student), _note_file(assignment, result.student)
    for place in (target, note):
        place.parent.mkdir(parents=True, exist_ok=True)
    content = page.encode("utf-8", "replace")
    write_whole(target, content)
    write_whole(note, _fingerprint(assignment, task, content).encode())


def forget_page(assignment: Assignment, student: str) -> None:
    """Remove the page of what an earlier run has graded and nobody hands in any more."""
    shutil.rmtree(page_file(assignment, student).parent, ignore_errors=True)
    _note_file(assignment, student).unlink(missing_ok=True)


def _note_file(assignment: Assignment, student: str) -> Path:
    return assignment.run_dir / "pages" / student


def _fingerprint(assignment: Assignment, task: PageTask, page: bytes) -> str:
    """Return what tells whether ``page`` is there, and would be made again: all that it is made of, and its bytes."""
    lasting = json.dumps({**json.loads(task.result), "timing": {}}, sort_keys=True)
    ingredients = _ingredients(
        assignment.source_dir, assignment.release_dir, assignment.hidden_dir / FOLDER, assignment.course / FOLDER
    )
    parts = (stepgrade.__version__, ingredients, diagnosing_code(assignment), task.show, lasting)
    return hashlib.sha256("\0".join(parts).encode() + page).hexdigest()


@cache
def _ingredients(*folders: Path) -> str:
    """Return a hash of the files that every page shows something of, and of the code that makes pages."""
    digest = hashlib.sha256()
    for folder in (
        *folders,
        Path(report.__file__).parent,
        Path(showing.__file__).parent,
        Path(languages.__file__).parent,
    ):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
