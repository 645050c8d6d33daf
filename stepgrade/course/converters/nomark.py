"""A submission without a mark: a Result with the reason where the table reads it, and no 0 in the gradebook."""

from __future__ import annotations

import shutil
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory

from stepgrade.course.handin import RESULT_FILE, is_student_id
from stepgrade.report.output import rendered, write_whole
from stepgrade.result import EndState, Result


def result_file(course: CourseDirectory, student: str, assignment: str) -> Path:
    """Return where the Result of a submission lies."""
    return Path(course.format_path(course.autograded_directory, student, assignment)) / RESULT_FILE


def record_without_mark(course: CourseDirectory, student: str, result: Result) -> None:
    """Write a Result that is no mark, in the place of whatever an earlier run left."""
    place = result_file(course, student, result.assignment)
    forget_graded(place.parent)
    place.parent.mkdir(parents=True, exist_ok=True)
    write_whole(place, rendered("json", result))
    forget_marks(course, student, result.assignment, someone_must_look=result.end_state is not EndState.MISSING)


def forget_graded(folder: Path) -> None:
    """Remove what an earlier run left in ``autograded/``, so that it is never shown as today's."""
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


def forget_marks(course: CourseDirectory, student: str, assignment: str, *, someone_must_look: bool) -> None:
    """Take every automatic mark of a submission out of the gradebook; what a person gave stays.

    nbgrader writes a 0 for a notebook that is missing, and leaves the marks of an earlier run where a new one fails.
    """
    with Gradebook(course.db_url, course.course_id) as gradebook:
        if is_student_id(student):
            gradebook.update_or_create_student(student)
        try:
            submission = gradebook.find_submission(assignment, student)
        except MissingEntry:
            return
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                grade.auto_score = None
                grade.needs_manual_grade = someone_must_look or grade.manual_score is not None
        gradebook.db.commit()
