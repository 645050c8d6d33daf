"""The marks that count: what was graded, with what a person gave besides, less what lateness costs."""

from __future__ import annotations

from typing import Any

from nbgrader.api import Grade, Student, SubmittedAssignment, SubmittedNotebook
from sqlalchemy.orm import Session

from stepgrade.assignment import Assignment
from stepgrade.course.gradebook.roll import gradebook_of


def class_totals(assignment: Assignment) -> dict[str, float | None]:
    """Return the total of every student in the gradebook, None where there is no mark (yet).

    Raises
    ------
    GradebookUnavailable
        If the gradebook cannot be read now.
    StepgradeError
        If it does not know the assignment.
    """
    with gradebook_of(assignment) as (session, row):
        totals: dict[str, float | None] = dict.fromkeys(found[0] for found in session.query(Student.id))
        unmarked = submissions_without_mark(session)
        submissions = session.query(SubmittedAssignment).filter_by(assignment_id=row.id)
        marked = (submission for submission in submissions if submission.id not in unmarked)
        return totals | {submission.student_id: total(submission) for submission in marked}


def submissions_without_mark(session: Session) -> frozenset[str]:
    """Return the ids of submissions with a cell that is worth points and has none, from the grader or a person."""
    query = (
        session.query(SubmittedAssignment.id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .filter(Grade.auto_score.is_(None), Grade.manual_score.is_(None), Grade.max_score > 0)
        .distinct()
    )
    return frozenset(found[0] for found in query)


def total(submission: Any) -> float:
    """Return what the course counts for a submission that has a mark."""
    return max(0.0, float(submission.score) - float(submission.late_submission_penalty or 0.0))
