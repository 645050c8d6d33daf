"""A class run through nbgrader: autograde and feedback for every submission, one after the other."""

from __future__ import annotations

import glob
import logging
from collections.abc import Iterator
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import GenerateFeedback
from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory

from stepgrade.assignment import Assignment
from stepgrade.course.configuration import load_config
from stepgrade.course.errorlog import cause, collected_errors
from stepgrade.course.handin import is_student_id, students_in
from stepgrade.course.nomark import forget_graded, record_without_mark, result_file
from stepgrade.course.scoring import ScoreSubmission
from stepgrade.course.tidied import TidiedAutograde
from stepgrade.errors import StepgradeError
from stepgrade.grade import Grader
from stepgrade.result import EndState

logger = logging.getLogger(__name__)


class ClassRun:
    """nbgrader's autograde and feedback on one assignment of a course, student by student.

    Parameters
    ----------
    assignment : Assignment
    sandboxed : bool
        False: student code runs as an ordinary process with your rights.
    """

    def __init__(self, assignment: Assignment, *, sandboxed: bool = True) -> None:
        self._assignment = assignment
        self._config = load_config(assignment.course)
        self._config.CourseDirectory.assignment_id = assignment.name
        if not sandboxed:
            self._config.ScoreSubmission.sandboxed = False
        # nbgrader's exchange needs a shared folder that most machines do not have; nothing here uses it.
        self._coursedir = CourseDirectory(config=self._config)

    def students(self) -> tuple[str, ...]:
        """Return everyone who handed something in or stands in the gradebook, sorted."""
        submitted = students_in(Path(self._coursedir.root) / self._coursedir.submitted_directory)
        with self._gradebook() as gradebook:
            known = {student.id for student in gradebook.students}
        # A name that is typed into the gradebook may be a path; one that is a folder's cannot.
        for name in sorted(name for name in known if not is_student_id(name)):
            logger.error("%r in the gradebook cannot be a folder's name, so it gets no row; rename it there", name)
        return tuple(sorted({*submitted, *filter(is_student_id, known)}))

    def autograde(self) -> Iterator[str]:
        """Grade every submission anew; yield each student when done.

        Everyone gets a Result: where nothing was handed in or the grader failed, one without a mark, with the reason.

        Raises
        ------
        SandboxUnavailable
            If this machine has no boundary; nothing is changed then.
        """
        self._grader()
        for student in self.students():
            converter = TidiedAutograde(student, coursedir=self._coursedir, config=self._config, force=True)
            try:
                self._run(converter)
            except StepgradeError as error:
                logger.error("%s could not be graded: %s", student, error)
                self._record_fault(student, str(error))
            yield student

    def feedback(self) -> Iterator[str]:
        """Write a feedback page for every graded submission; yield each student when done."""
        name = self._assignment.name
        for student in self.students():
            graded = self.result_file(student).with_name(f"{name}.ipynb")
            if graded.is_file():
                self._coursedir.student_id = glob.escape(student)
                try:
                    self._run(GenerateFeedback(coursedir=self._coursedir, config=self._config, force=True))
                except StepgradeError as error:
                    logger.error("%s could not be given feedback: %s", student, error)
            else:
                forget_graded(self.page(student).parent)  # of an earlier submission
            yield student

    def result_file(self, student: str) -> Path:
        """Return where the Result of a submission lies."""
        return result_file(self._coursedir, student, self._assignment.name)

    def page(self, student: str) -> Path:
        """Return where the feedback page of a submission lies."""
        name = self._assignment.name
        folder = self._coursedir.format_path(self._coursedir.feedback_directory, student, name)
        return Path(folder) / f"{name}.html"

    def ensure_released(self) -> None:
        """Check that the gradebook knows the assignment.

        Raises
        ------
        StepgradeError
            If it was never released from this course folder.
        """
        name = self._assignment.name
        with self._gradebook() as gradebook:
            try:
                gradebook.find_assignment(name)
            except MissingEntry:
                raise StepgradeError(
                    f"the gradebook does not know {name} yet; run `stepgrade release {name}` first"
                ) from None

    def _gradebook(self) -> Gradebook:
        return Gradebook(self._coursedir.db_url, self._coursedir.course_id)

    def _grader(self) -> Grader:
        return ScoreSubmission(config=self._config).grader(self._assignment)

    def _run(self, converter: BaseConverter) -> None:
        with collected_errors(converter.log) as errors:
            try:
                converter.start()
            except (Exception, SystemExit) as error:  # nbgrader raises bare exceptions of many kinds
                raise StepgradeError(cause(errors, error)) from error

    def _record_fault(self, student: str, reason: str) -> None:
        result = self._grader().without_marks(EndState.GRADER_ERROR, reason, student=student)
        record_without_mark(self._coursedir, student, result)
