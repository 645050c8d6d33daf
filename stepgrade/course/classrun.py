"""A class run through nbgrader: autograde and feedback for every submission, one after the other."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory

from stepgrade.assignment import Assignment
from stepgrade.course.configuration import load_config
from stepgrade.errors import StepgradeError

logger = logging.getLogger(__name__)


class ClassRun:
    """nbgrader's commands on one assignment of a course, student by student."""

    def __init__(self, assignment: Assignment) -> None:
        config = load_config(assignment.course)
        self._assignment = assignment
        self._api = NbGraderAPI(coursedir=CourseDirectory(config=config), config=config)

    def students(self) -> tuple[str, ...]:
        """Return the students who handed something in, sorted."""
        submitted = self._assignment.course / "submitted"
        return tuple(sorted(path.parent.name for path in submitted.glob(f"*/{self._assignment.name}") if path.is_dir()))

    def autograde(self) -> Iterator[str]:
        """Grade every submission anew; yield each student when done. One that nbgrader refuses is logged."""
        for student in self.students():
            outcome = self._api.autograde(self._assignment.name, student, force=True, create=True)
            if not outcome["success"]:
                logger.error("%s could not be graded:\n%s", student, outcome["error"] or outcome["log"])
            yield student

    def feedback(self) -> Iterator[str]:
        """Write a feedback page for every graded submission; yield each student when done."""
        for student in self.students():
            outcome = self._api.generate_feedback(self._assignment.name, student, force=True)
            if not outcome["success"]:
                logger.error("%s has no feedback:\n%s", student, outcome["error"] or outcome["log"])
            yield student

    def result_file(self, student: str) -> Path:
        """Return where the Result of a graded submission lies."""
        from stepgrade.course.scoring import RESULT_FILE

        return self._assignment.course / "autograded" / student / self._assignment.name / RESULT_FILE

    def ensure_released(self) -> None:
        """Check that the gradebook knows the assignment.

        Raises
        ------
        StepgradeError
            If it was never released from this course folder.
        """
        if self._assignment.name not in {entry["name"] for entry in self._api.get_assignments() if entry["max_score"]}:
            raise StepgradeError(
                f"the gradebook does not know {self._assignment.name} yet; "
                f"run `stepgrade release {self._assignment.name}` first"
            )
