"""What a worker process does with one submission: find it, grade it, write its folder in ``autograded/``.

Plain data comes in and goes out, so that the worker may be another process or another machine with the same course
folder. A task can be done twice: the second time writes the same again. nbgrader is not imported here.
"""

from __future__ import annotations

import atexit
import dataclasses
import gc
import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypedDict

from stepgrade.assignment import Assignment
from stepgrade.course.autograded import write_autograded, write_result_alone
from stepgrade.course.autograded.restored import answer_checksums, originals_of, restore, stand_in
from stepgrade.course.handin import HandIn, find_hand_in
from stepgrade.errors import StepgradeError, in_words
from stepgrade.evidence import keep_submission
from stepgrade.grade import Grader
from stepgrade.notebook import DamagedNotebook, notebook_document, read_bytes
from stepgrade.result import EndState, Result
from stepgrade.sandbox import DEFAULT_BOUNDARY, LEAN_IMPORTS, find_boundary, warm_template

logger = logging.getLogger(__name__)

SUBMITTED = "submitted"
# Of the garbage collector: a notebook makes tens of thousands, and none of them refer to each other in a circle.
OBJECTS_PER_COLLECTION = 200_000


@dataclass(frozen=True, slots=True)
class Task:
    """One submission to grade.

    Parameters
    ----------
    course : str
        The course folder.
    assignment : str
    assignment_version : str
        Which the worker's own copy must have.
    student : str
    seed : str or None
        Of the submission's hidden inputs; the course secret stays where tasks are made. None: the public demo key's.
    boundary : str
        The kind that student code runs behind; "none": as an ordinary process with the worker's rights.
    known : str or None
        An earlier Result as JSON; what would come out the same is kept from it.
    """

    course: str
    assignment: str
    assignment_version: str
    student: str
    seed: str | None = None
    boundary: str = DEFAULT_BOUNDARY
    known: str | None = None


class Done(TypedDict):
    """What comes back of a task.

    ``result`` is the Result as JSON; ``timestamp`` and ``digest`` are the hand-in's; ``checksums`` are those of the
    cells that students answer in, by ``grade_id``, None where no notebook was written.
    """

    result: str
    timestamp: str | None
    digest: str | None
    checksums: dict[str, str] | None


def graded(task: Task) -> Done:
    """Grade one submission and write its folder in ``autograded/``.

    Whatever goes wrong with this submission is a Result, at worst a ``grader_error`` with the reason.

    Raises
    ------
    StepgradeError
        If the task cannot be done here, whoever's submission it is: no such assignment or release, another version of
        the assignment, no sandbox.
    """
    grader = worker_grader(task.course, task.assignment, task.boundary)
    _check_version(grader.assignment, task)
    originals_of(grader.assignment)  # without a release nobody can be graded
    hand_in = None
    try:
        hand_in = find_hand_in(submitted_folder(grader.assignment, task.student), task.student, grader.assignment)
        return _graded(task, grader, hand_in)
    except Exception as error:  # one submission must not end the class run; the reason goes into its Result
        return _failed(task, grader, hand_in, error)


@lru_cache(maxsize=4)
def worker_grader(course: str, name: str, boundary: str) -> Grader:
    """Return the process's one grader for these; the hidden modules stay as they were when it was made."""
    return Grader(Assignment.find(name, Path(course)), boundary=find_boundary(boundary))


def prepare(course: str, name: str, boundary: str) -> None:
    """Make ready what the first submission would wait for: the assignment, and the template that worlds come from."""
    grader = worker_grader(course, name, boundary)
    warm_template(grader.boundary or find_boundary(), grader.assignment.limits, LEAN_IMPORTS)
    originals_of(grader.assignment)
    _ = grader.assignment.version  # for which the hidden code is read, and kept
    gc.collect()
    gc.freeze()  # what is here now stays; looking through it again and again would cost a twentieth of a mark
    gc.set_threshold(OBJECTS_PER_COLLECTION)
    atexit.register(gc.freeze)  # nor is what came since looked through at the process's end


def _check_version(assignment: Assignment, task: Task) -> None:
    if assignment.version != task.assignment_version:
        raise StepgradeError(
            f"this worker has version {assignment.version[:12]} of {assignment.name} in {assignment.course}, the run "
            f"asks for {task.assignment_version[:12]}; give the worker the run's course folder, or start it again if "
            "hidden/ or source/ was edited since it started"
        )


def submitted_folder(assignment: Assignment, student: str) -> Path:
    """Return where a student's submission lies."""
    return assignment.course / SUBMITTED / student / assignment.name


def _graded(task: Task, grader: Grader, hand_in: HandIn) -> Done:
    if hand_in.notebook is None:
        result = grader.without_marks(hand_in.end_state, hand_in.reason, student=task.student, seed=task.seed)
        write_result_alone(grader.assignment, task.student, result)
        return _done(result, hand_in, None)
    known = Result.from_json(task.known) if task.known is not None else None
    result, document = _read_and_graded(task, grader, hand_in.notebook, known)
    result = dataclasses.replace(result, repairs=hand_in.repairs + result.repairs)
    notebook = restore(document, originals_of(grader.assignment, document))
    write_autograded(grader.assignment, hand_in, notebook, result)
    return _done(result, hand_in, answer_checksums(notebook))


def _read_and_graded(task: Task, grader: Grader, notebook: Path, known: Result | None) -> tuple[Result, dict[str, Any]]:
    """Return the Result and the notebook as it was graded, from one reading of the file."""
    try:
        content = read_bytes(notebook)
    except DamagedNotebook as error:
        damaged = grader.without_marks(EndState.DAMAGED, str(error), student=task.student, seed=task.seed)
        return damaged, stand_in(str(error))
    keep_submission(grader.assignment.course, grader.assignment.name, content)
    result = grader.grade(content, task.student, task.seed, known=known)
    try:
        return result, notebook_document(content)
    except DamagedNotebook as error:
        return result, stand_in(str(error))


def _failed(task: Task, grader: Grader, hand_in: HandIn | None, error: Exception) -> Done:
    if not isinstance(error, StepgradeError):
        logger.error("%s: the grader failed", task.student, exc_info=error)
    return without_mark(task, grader, in_words(error), hand_in)


def without_mark(task: Task, grader: Grader, reason: str, hand_in: HandIn | None = None) -> Done:
    """Return that the grader failed, and why; write it in the place of whatever an earlier run left."""
    result = grader.without_marks(EndState.GRADER_ERROR, reason, student=task.student, seed=task.seed)
    try:
        write_result_alone(grader.assignment, task.student, result)
    except (OSError, StepgradeError) as error:
        also = f"{reason}; nor can the Result be written: {error}"
        result = grader.without_marks(EndState.GRADER_ERROR, also, student=task.student, seed=task.seed)
    return _done(result, hand_in, None)


def _done(result: Result, hand_in: HandIn | None, checksums: dict[str, str] | None) -> Done:
    return Done(
        result=result.to_json(),
        timestamp=hand_in.timestamp if hand_in else None,
        digest=hand_in.digest if hand_in else None,
        checksums=checksums,
    )
