"""A class run through nbgrader: autograde and feedback for every submission, one after the other."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import BaseConverter
from nbgrader.coursedir import CourseDirectory

from stepgrade.assignment import Assignment
from stepgrade.course.configuration import load_config
from stepgrade.course.errorlog import cause, collected_errors
from stepgrade.course.scoring import RESULT_FILE
from stepgrade.errors import StepgradeError

logger = logging.getLogger(__name__)


class ClassRun:
    """nbgrader's autograde and feedback on one assignment of a course, student by student."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._config = load_config(assignment.course)
        self._config.CourseDirectory.assignment_id = assignment.name
        # nbgrader's exchange needs a shared folder that most machines do not have; nothing here uses it.
        self._coursedir = CourseDirectory(config=self._config)

    def students(self) -> tuple[str, ...]:
        """Return the students who handed something in, sorted."""
        submitted = self._assignment.course / "submitted"
        return tuple(sorted(path.parent.name for path in submitted.glob(f"*/{self._assignment.name}") if path.is_dir()))

    def autograde(self) -> Iterator[str]:
        """Grade every submission anew; yield each student when done. One that nbgrader refuses is logged."""
        return self._convert(Autograde, "graded")

    def feedback(self) -> Iterator[str]:
        """Write a feedback page for every graded submission; yield each student when done."""
        return self._convert(GenerateFeedback, "given feedback")

    def result_file(self, student: str) -> Path:
        """Return where the Result of a graded submission lies."""
        return self._assignment.course / "autograded" / student / self._assignment.name / RESULT_FILE

    def ensure_released(self) -> None:
        """Check that the gradebook knows the assignment.

        Raises
        ------
        StepgradeError
            If it was never released from this course folder.
        """
        name = self._assignment.name
        with Gradebook(self._coursedir.db_url, self._coursedir.course_id) as gradebook:
            try:
                gradebook.find_assignment(name)
            except MissingEntry:
                raise StepgradeError(
                    f"the gradebook does not know {name} yet; run `stepgrade release {name}` first"
                ) from None

    def _convert(self, verb: type[BaseConverter], done: str) -> Iterator[str]:
        for student in self.students():
            self._coursedir.student_id = student
            converter = verb(coursedir=self._coursedir, config=self._config, force=True)
            with collected_errors(converter.log) as errors:
                try:
                    converter.start()
                except (Exception, SystemExit) as error:  # nbgrader raises bare exceptions of many kinds
                    logger.error("%s could not be %s: %s", student, done, cause(errors, error))
            yield student
