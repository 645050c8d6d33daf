"""nbgrader's CSV of all marks, without marks that do not exist: nbgrader writes 0 for a student it never graded."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin

from stepgrade.course.gradebook.totals import submissions_without_mark, total

COLUMNS = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)
DEFAULT_FILE = "grades.csv"


class MarksExport(ExportPlugin):
    """One row per assignment and student, in nbgrader's columns; the score is empty where there is no mark."""

    def export(self, gradebook: Gradebook) -> None:
        destination = Path(self.to or DEFAULT_FILE)
        assignments = {str(name) for name in self.assignment}
        students = {str(name) for name in self.student}
        unmarked = submissions_without_mark(gradebook.db)
        with destination.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            table.writeheader()
            for assignment in gradebook.assignments:
                for student in gradebook.students:
                    if (not assignments or assignment.name in assignments) and (not students or student.id in students):
                        table.writerow(_row(gradebook, assignment, student, unmarked))
        self.log.info("Exported grades to %s", destination)


def _row(gradebook: Gradebook, assignment: Any, student: Any, unmarked: frozenset[str]) -> dict[str, Any]:
    row = {
        "assignment": assignment.name,
        "duedate": assignment.duedate,
        "student_id": student.id,
        "last_name": student.last_name,
        "first_name": student.first_name,
        "email": student.email,
        "max_score": assignment.max_score,
    }
    try:
        submission = gradebook.find_submission(assignment.name, student.id)
    except MissingEntry:
        return row
    row["timestamp"] = submission.timestamp
    if submission.id not in unmarked:
        row |= {
            "raw_score": submission.score,
            "late_submission_penalty": submission.late_submission_penalty or 0.0,
            "score": total(submission),
        }
    return row
