"""Who is in the class: whoever handed something in, and whoever stands in the gradebook."""

from __future__ import annotations

import logging
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory

from stepgrade.assignment import Assignment
from stepgrade.course.configuration import load_config
from stepgrade.course.handin import is_student_id, students_in
from stepgrade.errors import StepgradeError

logger = logging.getLogger(__name__)


def class_roll(assignment: Assignment) -> tuple[str, ...]:
    """Return the students of the class, sorted.

    Raises
    ------
    StepgradeError
        If the gradebook does not know the assignment.
    """
    course = CourseDirectory(config=load_config(assignment.course))
    submitted = students_in(Path(course.root) / course.submitted_directory)
    with Gradebook(course.db_url, course.course_id) as gradebook:
        try:
            gradebook.find_assignment(assignment.name)
        except MissingEntry:
            raise StepgradeError(
                f"the gradebook does not know {assignment.name} yet; run `stepgrade release {assignment.name}` first"
            ) from None
        known = {student.id for student in gradebook.students}
    # A name that is typed into the gradebook may be a path; one that is a folder's cannot.
    for name in sorted(name for name in known if not is_student_id(name)):
        logger.error("%r in the gradebook cannot be a folder's name, so it gets no row; rename it there", name)
    return tuple(sorted({*submitted, *filter(is_student_id, known)}))
