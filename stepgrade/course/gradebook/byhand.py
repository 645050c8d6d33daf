"""Whose answers wait for a person's grade."""

from __future__ import annotations

from nbgrader.api import Grade, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import func

from stepgrade.assignment import Assignment
from stepgrade.course.gradebook.roll import gradebook_of


def answers_by_hand(assignment: Assignment) -> dict[str, int]:
    """Return how many answers of each student nbgrader shows as waiting for a manual grade; nobody with none.

    Raises
    ------
    GradebookUnavailable
        If the gradebook cannot be read now.
    StepgradeError
        If it does not know the assignment.
    """
    with gradebook_of(assignment) as (session, row):
        query = (
            session.query(SubmittedAssignment.student_id, func.count(Grade.id))
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .filter(SubmittedAssignment.assignment_id == row.id, Grade.needs_manual_grade)
            .group_by(SubmittedAssignment.student_id)
        )
        return {found[0]: found[1] for found in query}
