"""Who is in the class: whoever handed something in, and whoever stands in the gradebook."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment as AssignmentRow
from nbgrader.api import Grade, Student, SubmittedAssignment, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import func
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
    """The class, and what the gradebook has of it.

    Parameters
    ----------
    students : tuple of str
        Sorted.
    automatic : mapping
        Student -> the sum of the automatic marks, None without one; of everyone whose submission the gradebook has.
    late : frozenset of str
        Whose marks depend on the due date, or did when they were recorded.
    duedate : datetime or None
        Until when they could hand in (UTC).
    """

    students: tuple[str, ...]
    automatic: Mapping[str, float | None]
    late: frozenset[str]
    duedate: datetime | None

    def has(self, student: str, points: float | None) -> bool:
        """Tell whether these points are those of the gradebook, which may have been put back from a backup since."""
        automatic = self.automatic.get(student)
        if points is None:
            return not automatic  # 0: an answer for a person that is none
        return automatic is not None and math.isclose(automatic, points, abs_tol=1e-9)


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
        automatic, late, duedate = _automatic_marks(session, row), _late(session, row), row.duedate
    # A name that is typed into the gradebook may be a path; one that is a folder's cannot.
    for name in sorted(name for name in known if not is_student_id(name)):
        logger.error("%r in the gradebook cannot be a folder's name, so it gets no row; rename it there", name)
    return Roll(tuple(sorted({*submitted, *filter(is_student_id, known)})), automatic, late, duedate)


def _automatic_marks(session: Session, assignment: Any) -> dict[str, float | None]:
    query = (
        session.query(SubmittedAssignment.student_id, func.sum(Grade.auto_score))
        .outerjoin(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .outerjoin(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .filter(SubmittedAssignment.assignment_id == assignment.id)
        .group_by(SubmittedAssignment.student_id)
    )
    return {found[0]: found[1] for found in query}


def _late(session: Session, assignment: Any) -> frozenset[str]:
    mine = SubmittedAssignment.assignment_id == assignment.id
    penalties = session.query(SubmittedAssignment.student_id).join(
        SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id
    )
    late = {found[0] for found in penalties.filter(mine, SubmittedNotebook.late_submission_penalty != 0)}
    if assignment.duedate is not None:
        columns = (SubmittedAssignment.student_id, SubmittedAssignment.timestamp, SubmittedAssignment.extension)
        handed_in = session.query(*columns).filter(mine, SubmittedAssignment.timestamp.is_not(None))
        late |= {found.student_id for found in handed_in if found.timestamp > _extended(assignment, found.extension)}
    return frozenset(late)


def _extended(assignment: Any, extension: timedelta | None) -> datetime:
    duedate: datetime = assignment.duedate
    return duedate + (extension or timedelta())


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
