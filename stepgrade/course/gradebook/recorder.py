"""Results into nbgrader's gradebook, many submissions in one transaction.

What stands there afterwards is what ``nbgrader autograde`` writes with `ScoreSubmission` and `AssignLatePenalties`, one
submission after the other; a test compares every row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from stepgrade.assignment import Assignment
from stepgrade.course.gradebook.database import Database, GradebookUnavailable
from stepgrade.course.gradebook.late import LatePenalties
from stepgrade.course.gradebook.submission_rows import GRADE, TASK, SubmissionRows
from stepgrade.course.handin import is_student_id
from stepgrade.errors import StepgradeError
from stepgrade.result import EndState, Result

__all__ = ["GradebookEntry", "GradebookRecorder", "GradebookUnavailable"]

LOCK_WAIT_S = 5.0
NO_RESPONSE = "No response."  # nbgrader's words below an answer that is still the release's


@dataclass(frozen=True)
class GradebookEntry:
    """What is recorded of one submission; plain data, so that it can come from another process.

    Parameters
    ----------
    result : Result
        With a student.
    checksums : mapping of str to str, or None
        `stepgrade.course.autograded.restored.answer_checksums` of the graded notebook. None where no
        notebook was graded: then no submission is made, and an earlier one loses its automatic marks.
    timestamp : str or None
        When it was handed in, in ISO format, UTC without an offset, as nbgrader stores it. None: an earlier one stays,
        as with nbgrader.
    extension : timedelta or None
        What the due date is put off by; 0 takes an extension away. None: what stands in the gradebook stays.
    """

    result: Result
    checksums: Mapping[str, str] | None = None
    timestamp: str | None = None
    extension: timedelta | None = None

    @property
    def student(self) -> str:
        if self.result.student is None:
            raise ValueError(f"a Result of {self.result.assignment} without a student cannot be recorded; name one")
        return self.result.student


class GradebookRecorder:
    """Records Results of one assignment; one call of `record` is one transaction.

    Parameters
    ----------
    assignment : Assignment
    config : Config
        The course's, as `load_config` returns it: its ``db_url`` and its late penalties count.
    lock_wait_s : float
        How long a call waits for a transaction that somebody else has open.
    """

    def __init__(self, assignment: Assignment, config: Config, *, lock_wait_s: float = LOCK_WAIT_S) -> None:
        coursedir = CourseDirectory(config=config)
        self._assignment = assignment
        self._database = Database(coursedir.db_url, lock_wait_s=lock_wait_s)
        self._penalties = LatePenalties(config, coursedir)

    def record(self, entries: Sequence[GradebookEntry]) -> None:
        """Record the entries, all of them or none; recording them again changes nothing.

        What a person gave stays: manual scores, extra credit, comments. A student's last entry counts.

        Raises
        ------
        GradebookUnavailable
            If the database is locked, full or gone; the same call may succeed later.
        StepgradeError
            If the gradebook does not know the assignment or one of its questions, or the late penalty plugin fails.
        """
        newest = {entry.student: entry for entry in entries}
        if not newest:
            return
        with self._database.transaction() as session:
            rows = SubmissionRows(session, self._assignment.name, newest)
            checksums = rows.checksums(self._assignment.name)
            converted = []
            for entry in newest.values():
                if entry.checksums is None:
                    self._record_nothing(rows, entry)
                else:
                    converted.append(self._record_marks(rows, entry, entry.checksums, checksums))
            session.flush()
            self._penalties.assign(session, converted)

    def _record_nothing(self, rows: SubmissionRows, entry: GradebookEntry) -> None:
        """Do what `nomark.forget_marks` does."""
        if is_student_id(entry.student):
            rows.ensure_student(entry.student)
        submission = rows.submission(entry.student)
        if submission is None:
            return
        someone_must_look = entry.result.end_state is not EndState.MISSING
        for _, grade in rows.grades(submission):
            grade.auto_score = None
            grade.needs_manual_grade = someone_must_look or grade.manual_score is not None

    def _record_marks(
        self, rows: SubmissionRows, entry: GradebookEntry, answered: Mapping[str, str], released: Mapping[str, str]
    ) -> tuple[Any, Any]:
        submission = rows.ensure_submission(entry.student)
        notebook = rows.notebook(submission, self._assignment.name)
        if entry.timestamp is not None:
            submission.timestamp = datetime.fromisoformat(entry.timestamp)
        if entry.extension is not None:
            submission.extension = entry.extension or None
        unanswered = {name for name, checksum in answered.items() if checksum == released.get(name)}
        scores = self._scores(rows, entry.result, unanswered)
        for cell, grade in rows.grades(submission):
            is_scored = cell.type == GRADE and cell.notebook_id == notebook.notebook_id
            grade.auto_score = scores.get(cell.name) if is_scored else None
            grade.needs_manual_grade = grade.auto_score is None or grade.manual_score is not None
        for cell, comment in rows.comments(submission):
            if cell.notebook_id == notebook.notebook_id and cell.name in answered:
                is_silent = cell.name in unanswered and cell.type != TASK
                comment.auto_comment = NO_RESPONSE if is_silent else None
        return submission, notebook

    def _scores(self, rows: SubmissionRows, result: Result, unanswered: set[str]) -> dict[str, float | None]:
        """Return the automatic scores by ``grade_id``: an answer for a person has one only where it is no answer."""
        known = {cell.name for cell in rows.cells.values() if cell.type == GRADE}
        unknown = [question.id for question in result.questions if question.id not in known]
        if unknown:
            name = self._assignment.name
            raise StepgradeError(
                f"the gradebook knows no graded cell {', '.join(unknown)} of {name}; "
                f"run `stepgrade release {name}` and record again"
            )
        has_mark = result.points is not None
        points = {question.id: question.points if has_mark else None for question in result.questions}
        return dict.fromkeys(unanswered, 0.0) | points
