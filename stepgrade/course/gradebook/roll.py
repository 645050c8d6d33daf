"""Who is in the class: whoever handed something in, and whoever stands in the gradebook."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry, Student, SubmittedAssignment
from nbgrader.coursedir import CourseDirectory

from stepgrade.assignment import Assignment
from stepgrade.course.configuration import load_config
from stepgrade.course.handin import is_student_id, students_in
from stepgrade.errors import StepgradeError

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
    StepgradeError
        If the gradebook does not know the assignment.
    """
    course = CourseDirectory(config=load_config(assignment.course))
    submitted = students_in(Path(course.root) / course.submitted_directory)
    with Gradebook(course.db_url, course.course_id) as gradebook:
        try:
            duedate = gradebook.find_assignment(assignment.name).duedate
        except MissingEntry:
            raise StepgradeError(
                f"the gradebook does not know {assignment.name} yet; run `stepgrade release {assignment.name}` first"
            ) from None
        # Ids alone: whole rows, of a large class, are what this command would need most memory for.
        known = {row[0] for row in gradebook.db.query(Student.id)}
        submissions = gradebook.db.query(SubmittedAssignment.student_id).join(SubmittedAssignment.assignment)
        in_gradebook = {row[0] for row in submissions.filter_by(name=assignment.name)}
    # A name that is typed into the gradebook may be a path; one that is a folder's cannot.
    for name in sorted(name for name in known if not is_student_id(name)):
        logger.error("%r in the gradebook cannot be a folder's name, so it gets no row; rename it there", name)
    students = tuple(sorted({*submitted, *filter(is_student_id, known)}))
    return Roll(students, frozenset(in_gradebook), duedate)
