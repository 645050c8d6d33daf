"""Marks into nbgrader: stepgrade judges the submission, nbgrader's gradebook stores the points.

Stands in ``c.Autograde.autograde_preprocessors`` in the place of nbgrader's execution and scoring. A graded cell's
points come from the Result alone: no output, NaN, warning or silence of a cell earns or costs anything.
"""

from __future__ import annotations

import os
import re
import textwrap
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import SaveAutoGrades
from traitlets import Unicode

from stepgrade.assignment import Assignment
from stepgrade.errors import NoSuchFile
from stepgrade.grade import Grader
from stepgrade.result import Outcome, QuestionResult, Result

RESULT_FILE = "result.json"
GLUE = "\N{WORD JOINER}"
LINE_WIDTH = 88  # of the check table: fits a page beside nbgrader's margin
SECRET_VARIABLE = "STEPGRADE_SECRET_FILE"  # noqa: S105 - the variable's name, not a secret


class ScoreSubmission(SaveAutoGrades):
    """Grade the submitted file, write the check table into the graded cells and the points into the gradebook."""

    secret_file = Unicode(
        os.environ.get(SECRET_VARIABLE, ""),
        help="File with the course secret that hidden inputs derive from; empty: a public demo key.",
    ).tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        course = self.parent.parent.coursedir
        names = resources["nbgrader"]
        submitted = Path(course.format_path(course.submitted_directory, names["student"], names["assignment"]))
        assignment = Assignment.find(names["assignment"], Path(course.root))
        grader = Grader(assignment, secret=read_secret(self.secret_file))
        self._result = grader.grade_file(submitted / f"{names['notebook']}.ipynb", names["student"])
        nb, resources = super().preprocess(nb, resources)
        graded = Path(course.format_path(course.autograded_directory, names["student"], names["assignment"]))
        (graded / RESULT_FILE).write_text(self._result.to_json(indent=1) + "\n", encoding="utf-8")
        return nb, resources

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        question = self._question_of(cell)
        if question is not None:
            table = nbformat.v4.new_output("stream", name="stdout", text=check_table(self._result, question))
            cell.outputs = [table]
        return super().preprocess_cell(cell, resources, cell_index)

    def _add_score(self, cell: Any, resources: Any) -> None:
        question = self._question_of(cell)
        if question is None:  # a cell that a person grades
            super()._add_score(cell, resources)
            return
        grade = self.gradebook.find_grade(question.id, self.notebook_id, self.assignment_id, self.student_id)
        has_mark = self._result.points is not None
        grade.auto_score = question.points if has_mark else None
        grade.needs_manual_grade = grade.manual_score is not None or not has_mark
        self.gradebook.db.commit()

    def _question_of(self, cell: Any) -> QuestionResult | None:
        nbgrader = cell.metadata.get("nbgrader", {})
        if not nbgrader.get("grade"):
            return None
        questions = {question.id: question for question in self._result.questions}
        return questions.get(nbgrader.get("grade_id"))


def read_secret(path: str) -> bytes | None:
    """Return the course secret in the file at ``path``, None where no file is named.

    Raises
    ------
    NoSuchFile
        If the named file does not exist.
    """
    if not path:
        return None
    try:
        return Path(path).read_bytes().strip()
    except OSError as error:
        raise NoSuchFile(f"the course secret {path} cannot be read ({error.strerror})") from error


def check_table(result: Result, question: QuestionResult) -> str:
    """Return what a student reads below a graded cell: points, the first finding, then every check."""
    if not question.checks:
        return _wrapped(f"{question.id}: {question.points:g} of {question.max_points:g} points. {result.reason}") + "\n"
    passed = sum(check.outcome is Outcome.PASSED for check in question.checks)
    checks = f"{passed} of {len(question.checks)} checks passed"
    if question.max_points:
        lines = [f"{question.id}: {question.points:g} of {question.max_points:g} points, {checks}"]
    else:
        lines = [f"{question.id} (optional): {checks}"]
    if question.follow_through:
        own = f": with your own it would be {question.own_points:g} points" if question.max_points else ""
        lines.append(_wrapped(f"Judged with correct helper functions{own}."))
    if question.first_finding is not None:
        lines.append(_wrapped(f"Look at this first: {question.first_finding.message}"))
    words = {
        Outcome.PASSED: "passed",
        Outcome.FAILED: "FAILED",
        Outcome.SKIPPED: "not counted",
        Outcome.ERROR: "grader error",
    }
    width = max(len(words[check.outcome]) for check in question.checks)
    lines += [f"  {words[check.outcome]:{width}}  {check.title}" for check in question.checks]
    return "\n".join(lines) + "\n"


def _wrapped(text: str) -> str:
    """Return ``text`` in lines of bounded width; a shape such as (2, 3) stays in one line."""
    glued = re.sub(r"\([\d, ]+\)", lambda shape: shape.group().replace(" ", GLUE), text)
    lines = textwrap.fill(glued, LINE_WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return lines.replace(GLUE, " ")
