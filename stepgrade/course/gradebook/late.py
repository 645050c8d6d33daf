"""Late penalties, by the step and the plugin that the course configured for nbgrader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nbgrader.api import SubmittedNotebook
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer
from traitlets.config import Config
from traitlets.utils.importstring import import_item

from stepgrade.errors import StepgradeError


class LatePenalties:
    """What nbgrader's `AssignLatePenalties` would store, for many submissions at once.

    Parameters
    ----------
    config : Config
        The course's; where ``c.Autograde.autograde_preprocessors`` has no such step, no penalty is touched.
    coursedir : CourseDirectory
    """

    def __init__(self, config: Config, coursedir: CourseDirectory) -> None:
        # Half of what nbgrader takes to import, and needed when the first mark is recorded, not before it is given.
        from nbgrader.converters import Autograde
        from nbgrader.preprocessors import AssignLatePenalties

        steps = Autograde(coursedir=coursedir, config=config).autograde_preprocessors
        classes = [import_item(step) if isinstance(step, str) else step for step in steps]
        found = next(
            (step for step in classes if isinstance(step, type) and issubclass(step, AssignLatePenalties)), None
        )
        self._step: Any = found(config=config) if found is not None else None
        if self._step is not None:
            self._step.db_url = coursedir.db_url

    def assign(self, session: Session, submitted: Sequence[tuple[Any, Any]]) -> None:
        """Set the penalty of each pair of a submission and its notebook; the session must be flushed before."""
        if self._step is None or not self._step.enabled:
            return
        late = {notebook.id: submission for submission, notebook in submitted if _seconds_late(submission) > 0}
        # The scores as nbgrader's own expression makes them, of all late notebooks in one query.
        scored = (
            select(SubmittedNotebook).where(SubmittedNotebook.id.in_(late)).options(undefer(SubmittedNotebook.score))
        )
        if late:
            session.scalars(scored, execution_options={"populate_existing": True}).all()
        for submission, notebook in submitted:
            notebook.late_submission_penalty = self._penalty(submission, notebook) if notebook.id in late else None

    def _penalty(self, submission: Any, notebook: Any) -> float | None:
        step = self._step
        # nbgrader makes the plugin anew for each notebook (ours has the assignment's name), and it may look at these.
        step.notebook_id = step.assignment_id = submission.assignment.name
        step.student_id = submission.student_id
        step.init_plugin()
        try:
            penalty = step.plugin_inst.late_submission_penalty(
                submission.student_id, notebook.score, submission.total_seconds_late
            )
        except Exception as error:  # the course's own code
            raise StepgradeError(
                f"{type(step.plugin_inst).__name__} could not tell the late penalty of {submission.student_id}: "
                f"{type(error).__name__}: {error}; mend it and record again, nothing of these submissions is recorded"
            ) from error
        return None if penalty is None else step._check_late_penalty(notebook, penalty)


def _seconds_late(submission: Any) -> float:
    # nbgrader adds the extension to the due date, also where there is none.
    return 0.0 if submission.assignment.duedate is None else submission.total_seconds_late
