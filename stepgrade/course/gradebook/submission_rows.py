"""nbgrader's rows of a batch of submissions: read with a handful of queries, made where they are missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Course,
    Grade,
    Notebook,
    SourceCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    new_uuid,
)
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session, load_only

from stepgrade.errors import StepgradeError

# The kinds of cells in nbgrader's column ``type``; a cell in which a person grades an answer is two rows.
GRADE, SOLUTION, TASK = "GradeCell", "SolutionCell", "TaskCell"


class SubmissionRows:
    """The rows of one assignment and some students.

    Rows refer to each other by id, not as objects: an object's collection would be read from the database when it is
    touched, once per row.
    """

    def __init__(self, session: Session, name: str, students: Collection[str]) -> None:
        self._session = session
        self.assignment = _assignment(session, name)
        # Two recorders wait for each other here, where the database does not lock as a whole.
        session.execute(select(Course.id).where(Course.id == self.assignment.course_id).with_for_update(key_share=True))
        notebooks = select(Notebook.id, Notebook.name).where(Notebook.assignment_id == self.assignment.id)
        self.notebook_names: dict[str, str] = {row.id: row.name for row in session.execute(notebooks)}
        if name not in self.notebook_names.values():
            raise _not_released(name)  # added by hand, for its due date
        cells = select(BaseCell.id, BaseCell.name, BaseCell.type, BaseCell.notebook_id)
        found = session.execute(cells.where(BaseCell.notebook_id.in_(self.notebook_names))).all()
        self.cells: dict[str, Any] = {cell.id: cell for cell in found}
        self._load(students)

    def checksums(self, notebook: str) -> dict[str, str]:
        """Return the checksum of every cell of the release, by ``grade_id``."""
        found = (
            select(SourceCell.name, SourceCell.checksum)
            .join(Notebook, Notebook.id == SourceCell.notebook_id)
            .where(Notebook.assignment_id == self.assignment.id, Notebook.name == notebook)
        )
        return {row.name: row.checksum for row in self._session.execute(found)}

    def submission(self, student: str) -> Any | None:
        """Return the student's submission, None where there is none."""
        return self._submissions.get(student)

    def ensure_student(self, student: str) -> None:
        """Add the student where the gradebook has none of that id."""
        if student not in self._students:
            self._students.add(student)
            self._session.add(Student(id=student))

    def ensure_submission(self, student: str) -> Any:
        """Return the student's submission with a row for everything that can be graded or commented on."""
        self.ensure_student(student)
        if student not in self._submissions:
            submission = SubmittedAssignment(id=new_uuid(), assignment_id=self.assignment.id, student_id=student)
            self._session.add(submission)
            self._submissions[student] = submission
        submission = self._submissions[student]
        own = self._notebooks[submission.id]
        for notebook_id in self.notebook_names.keys() - own.keys():
            own[notebook_id] = SubmittedNotebook(id=new_uuid(), notebook_id=notebook_id, assignment_id=submission.id)
            self._session.add(own[notebook_id])
        for notebook_id, notebook in own.items():
            self._ensure_cells(notebook_id, notebook.id)
        return submission

    def notebook(self, submission: Any, name: str) -> Any:
        """Return the submission's notebook of that name."""
        return next(
            row for row in self._notebooks[submission.id].values() if self.notebook_names[row.notebook_id] == name
        )

    def grades(self, submission: Any) -> Iterator[tuple[Any, Any]]:
        """Yield every cell that can be graded, and its grade."""
        for notebook in self._notebooks[submission.id].values():
            for cell_id, grade in self._grades[notebook.id].items():
                yield self.cells[cell_id], grade

    def comments(self, submission: Any) -> Iterator[tuple[Any, Any]]:
        """Yield every cell that can be commented on, and its comment."""
        for notebook in self._notebooks[submission.id].values():
            for cell_id, comment in self._comments[notebook.id].items():
                yield self.cells[cell_id], comment

    def _load(self, students: Collection[str]) -> None:
        session = self._session
        self._students = set(session.scalars(select(Student.id).where(Student.id.in_(students))))
        submissions = select(SubmittedAssignment).where(
            SubmittedAssignment.assignment_id == self.assignment.id, SubmittedAssignment.student_id.in_(students)
        )
        self._submissions = {row.student_id: row for row in session.scalars(submissions)}
        submission_ids = [row.id for row in self._submissions.values()]
        notebooks = session.scalars(
            select(SubmittedNotebook).where(SubmittedNotebook.assignment_id.in_(submission_ids))
        ).all()
        self._notebooks: dict[str, dict[str, Any]] = defaultdict(dict)
        for notebook in notebooks:
            self._notebooks[notebook.assignment_id][notebook.notebook_id] = notebook
        notebook_ids = [notebook.id for notebook in notebooks]
        # Only what is written: nbgrader computes scores and maxima of every row in subqueries otherwise.
        self._grades = self._by_cell(
            notebook_ids, Grade, (Grade.auto_score, Grade.manual_score, Grade.needs_manual_grade)
        )
        self._comments = self._by_cell(notebook_ids, Comment, (Comment.auto_comment,))

    def _by_cell(self, notebook_ids: list[str], kind: Any, columns: tuple[Any, ...]) -> dict[str, dict[str, Any]]:
        found = (
            select(kind)
            .where(kind.notebook_id.in_(notebook_ids))
            .options(load_only(kind.notebook_id, kind.cell_id, *columns))
        )
        rows: dict[str, dict[str, Any]] = defaultdict(dict)
        for row in self._session.scalars(found):
            rows[row.notebook_id][row.cell_id] = row
        return rows

    def _ensure_cells(self, notebook_id: str, submitted_id: str) -> None:
        for cell in self.cells.values():
            if cell.notebook_id != notebook_id:
                continue
            for kinds, rows, make in (
                ({GRADE, TASK}, self._grades, Grade),
                ({SOLUTION, TASK}, self._comments, Comment),
            ):
                if cell.type in kinds and cell.id not in rows[submitted_id]:
                    row = make(id=new_uuid(), cell_id=cell.id, notebook_id=submitted_id)
                    rows[submitted_id][cell.id] = row
                    self._session.add(row)


def _assignment(session: Session, name: str) -> Any:
    found = None
    if inspect(session.connection()).has_table(Assignment.__tablename__):
        found = session.scalar(select(Assignment).where(Assignment.name == name))
    if found is None:
        raise _not_released(name)
    return found


def _not_released(name: str) -> StepgradeError:
    return StepgradeError(f"the gradebook does not know {name} yet; run `stepgrade release {name}` first")
