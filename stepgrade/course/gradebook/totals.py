"""The marks that count: what was graded, with what a person gave besides, less what lateness costs."""

from __future__ import annotations

from typing import Any

from nbgrader.api import Grade, Gradebook, MissingEntry, SubmittedAssignment, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory

from stepgrade.assignment import Assignment
from stepgrade.course.configuration import load_config
from stepgrade.errors import StepgradeError


def class_totals(assignment: Assignment) -> dict[str, float | None]:
    """Return the total of every student in the gradebook, None where there is no mark (yet).

    Raises
    ------
    StepgradeError
        If the gradebook does not know the assignment.
    """
    course = CourseDirectory(config=load_config(assignment.course))
    with Gradebook(course.db_url, course.course_id) as gradebook:
        try:
            submissions = gradebook.assignment_submissions(assignment.name)
        except MissingEntry:
            raise StepgradeError(
                f"the gradebook does not know {assignment.name} yet; run `stepgrade release {assignment.name}` first"
            ) from None
        totals: dict[str, float | None] = dict.fromkeys(student.id for student in gradebook.students)
        unmarked = submissions_without_mark(gradebook)
        marked = (submission for submission in submissions if submission.id not in unmarked)
        return totals | {submission.student_id: total(submission) for submission in marked}


def submissions_without_mark(gradebook: Gradebook) -> frozenset[str]:
    """Return the ids of submissions with a cell that is worth points and has none, from the grader or a person."""
    query = (
        gradebook.db.query(SubmittedAssignment.id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .filter(Grade.auto_score.is_(None), Grade.manual_score.is_(None), Grade.max_score > 0)
        .distinct()
    )
    return frozenset(row[0] for row in query)


def total(submission: Any) -> float:
    """Return what the course counts for a submission that has a mark."""
    return max(0.0, float(submission.score) - float(submission.late_submission_penalty or 0.0))
