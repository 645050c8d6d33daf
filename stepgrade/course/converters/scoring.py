"""Marks into nbgrader: stepgrade judges the submission, nbgrader's gradebook stores the points.

Stands in ``c.Autograde.autograde_preprocessors`` in the place of nbgrader's execution and scoring. A graded cell's
points come from the Result alone: no output, NaN, warning or silence of a cell earns or costs anything.
"""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import SaveAutoGrades
from traitlets import Enum, Unicode

from stepgrade.assignment import Assignment
from stepgrade.course.autograded.checktable import check_table, question_of
from stepgrade.course.handin import RESULT_FILE
from stepgrade.grade import Grader
from stepgrade.report.output import rendered, write_whole
from stepgrade.sandbox import BOUNDARIES, DEFAULT_BOUNDARY, NO_BOUNDARY, find_boundary
from stepgrade.secret import read_secret, secret_file


class ScoreSubmission(SaveAutoGrades):
    """Grade the submitted file, write the check table into the graded cells and the points into the gradebook."""

    secret_file = Unicode(
        secret_file(),
        help="File with the course secret that hidden inputs derive from; empty: a public demo key.",
    ).tag(config=True)

    boundary = Enum(
        (*BOUNDARIES, NO_BOUNDARY.kind),
        default_value=DEFAULT_BOUNDARY,
        help=(
            "What student code runs behind: 'bubblewrap', or 'landlock', which needs no namespaces and is weaker. "
            "'none': it runs as an ordinary process with your own rights, and can read, change and send away whatever "
            "you can; only for code that you trust."
        ),
    ).tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        course = self.parent.parent.coursedir
        names = resources["nbgrader"]
        assignment = Assignment.find(names["assignment"], Path(course.root))
        hand_in = self.parent.hand_ins[names["student"]]
        result = self.grader(assignment).grade_file(hand_in.notebook, names["student"])
        self._result = dataclasses.replace(result, repairs=hand_in.repairs + result.repairs)
        nb, resources = super().preprocess(nb, resources)
        graded = Path(course.format_path(course.autograded_directory, names["student"], names["assignment"]))
        write_whole(graded / RESULT_FILE, rendered("json", self._result))
        return nb, resources

    def grader(self, assignment: Assignment) -> Grader:
        """Return the grader that this course is configured to have.

        Raises
        ------
        SandboxUnavailable
            If this machine has no boundary, and the course was not told to do without.
        """
        return _grader(assignment, read_secret(self.secret_file), self.boundary, assignment.version)

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        question = question_of(cell.metadata, self._result)
        if question is not None:
            table = nbformat.v4.new_output("stream", name="stdout", text=check_table(self._result, question))
            cell.outputs = [table]
        return super().preprocess_cell(cell, resources, cell_index)

    def _add_score(self, cell: Any, resources: Any) -> None:
        question = question_of(cell.metadata, self._result)
        if question is None and cell.metadata.nbgrader.get("solution"):  # an answer that a person grades
            super()._add_score(cell, resources)
            return
        grade = self.gradebook.find_grade(
            cell.metadata.nbgrader["grade_id"], self.notebook_id, self.assignment_id, self.student_id
        )
        # A test cell that hidden/ does not describe: nbgrader would take its silence for full marks.
        has_mark = question is not None and self._result.points is not None
        grade.auto_score = question.points if question is not None and has_mark else None
        grade.needs_manual_grade = grade.manual_score is not None or not has_mark
        self.gradebook.db.commit()


@lru_cache(maxsize=4)
def _grader(assignment: Assignment, secret: bytes | None, boundary: str, version: str) -> Grader:
    """Return the process's one grader for these; ``version`` tells an edited assignment from the cached one."""
    return Grader(assignment, secret=secret, boundary=find_boundary(boundary))
