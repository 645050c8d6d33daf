"""Who is in the class: whoever handed something in, and whoever stands in the gradebook."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment as AssignmentRow
from nbgrader.api import Student, SubmittedAssignment
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.orm import Session

from stepgrade.assignment import Assignment
from stepgrade.course.configuration import load_config
from stepgrade.course.gradebook.database import Database
from stepgrade.course.handin import is_student_id, students_in
from stepgrade.errors import StepgradeError

LOCK_WAIT_S = 20.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Roll:
    """The class: its students, sorted; whose submissions the gradebook has; until when they could hand in (UTC)."""

    students: tuple[str, ...]
    in_gradebook: frozenset[str]
    duedate: datetime | None


def class_roll(assignment: Assignment) -> Roll:
    """Look who is in the class.

    Raises
    ------
    GradebookUnavailable
        If the gradebook cannot be read now.
    StepgradeError
        If it does not know the assignment.
    """
    course = CourseDirectory(config=load_config(assignment.course))
    submitted = {name for name in students_in(Path(course.root) / course.submitted_directory) if _is_text(name)}
    with gradebook_of(assignment) as (session, row):
        # Ids alone: whole rows, of a large class, are what this command would need most memory for.
        known = {found[0] for found in session.query(Student.id)}
        submissions = session.query(SubmittedAssignment.student_id).filter_by(assignment_id=row.id)
        in_gradebook = frozenset(found[0] for found in submissions)
        duedate = row.duedate
    # A name that is typed into the gradebook may be a path; one that is a folder's cannot.
    for name in sorted(name for name in known if not is_student_id(name)):
        logger.error("%r in the gradebook cannot be a folder's name, so it gets no row; rename it there", name)
    return Roll(tuple(sorted({*submitted, *filter(is_student_id, known)})), in_gradebook, duedate)


def _is_text(name: str) -> bool:
    """Tell whether the name of something in submitted/ is text in UTF-8; say so where it is not."""
    try:
        name.encode()
    except UnicodeEncodeError:
        logger.error("%r in submitted/ is no text in UTF-8, so it gets no row; rename it and grade again", name)
        return False
    return True


def deadlines(assignment: Assignment) -> Callable[[str], datetime | None]:
    """Return a function that says until when a student can hand in (UTC), with the extension; None: no due date.

    Raises
    ------
    GradebookUnavailable
        If the gradebook cannot be read now.
    StepgradeError
        If it does not know the assignment.
    """
    with gradebook_of(assignment) as (session, row):
        duedate = row.duedate
        submissions = session.query(SubmittedAssignment.student_id, SubmittedAssignment.extension)
        extended = submissions.filter_by(assignment_id=row.id).filter(SubmittedAssignment.extension.is_not(None))
        extensions = {found.student_id: found.extension for found in extended}
    return lambda student: None if duedate is None else duedate + extensions.get(student, timedelta())


@contextmanager
def gradebook_of(assignment: Assignment) -> Iterator[tuple[Session, Any]]:
    """Open the gradebook for reading; yield its session, and the row of the assignment."""
    course = CourseDirectory(config=load_config(assignment.course))
    with Database(course.db_url, lock_wait_s=LOCK_WAIT_S, writing=False).transaction() as session:
        row = session.query(AssignmentRow).filter_by(name=assignment.name).one_or_none()
        if row is None:
            raise StepgradeError(
                f"the gradebook does not know {assignment.name} yet; run `stepgrade release {assignment.name}` first"
            )
        yield session, row
