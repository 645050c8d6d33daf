"""What a worker finds out about one submission for the class report, and where the report lies.

nbgrader is not imported here. The text of a submission is read, as hostile as ever; its code runs only for a diagnosis,
in the sandbox.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from stepgrade.assignment import Assignment
from stepgrade.course.diagnosing import diagnoses_of, kept_diagnoses
from stepgrade.course.work import worker_grader
from stepgrade.diagnose import Diagnosis
from stepgrade.errors import StepgradeError
from stepgrade.evidence import graded_bytes
from stepgrade.notebook import Cell, DamagedNotebook, Graded, read_notebook
from stepgrade.report.classpage import ClassReport, Recognised, Seen, answers_of, signs_of
from stepgrade.report.output import write_whole
from stepgrade.result import Result
from stepgrade.sandbox import DEFAULT_BOUNDARY, find_boundary

REPORTS = "reports"
PAGE = "index.html"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LookTask:
    """One submission to look into: plain data. ``result`` is its Result as JSON.

    ``diagnose``: whether misconceptions are looked for where nobody has yet; else no code of the submission runs.
    """

    course: str
    assignment: str
    result: str
    diagnose: bool = True
    boundary: str = DEFAULT_BOUNDARY


def look_into(task: LookTask) -> Seen:
    """Return what there is to know about one submission; what goes wrong with it is said in its ``problem``."""
    grader = worker_grader(task.course, task.assignment, task.boundary)
    assignment, result = grader.assignment, Result.from_json(task.result)
    try:
        cells = _cells(assignment, result)
        diagnoses: tuple[Diagnosis, ...] | None
        if task.diagnose:
            diagnoses = diagnoses_of(result, assignment, grader.boundary or find_boundary())
        else:
            diagnoses = kept_diagnoses(result, assignment)
        return Seen(
            tuple(_recognised(diagnoses or ())),
            signs_of(result, cells, assignment.source_cells),
            tuple(answers_of(cells, assignment.source_cells, _graded(assignment))),
            diagnosed=diagnoses is not None,
        )
    except Exception as error:  # one submission must not end the report; the page says what was left out
        if not isinstance(error, StepgradeError):
            logger.error("%s: the submission could not be looked into", result.student, exc_info=error)
        return Seen(problem=str(error) or type(error).__name__)


def report_folder(assignment: Assignment) -> Path:
    """Return where the class report lies."""
    return assignment.course / REPORTS / assignment.name


def write_report(assignment: Assignment, report: ClassReport) -> Path:
    """Write the page and its tables; return the page's path.

    Raises
    ------
    StepgradeError
        If one of them cannot be written.
    """
    from stepgrade.report.classpage.page import class_page

    folder = report_folder(assignment)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StepgradeError(f"{folder} cannot be made ({error.strerror}); make room for it") from error
    for table in report.tables:
        write_whole(folder / f"{table.name}.csv", table.csv())
    page = folder / PAGE
    write_whole(page, class_page(report).encode("utf-8", "replace"))
    return page


def _cells(assignment: Assignment, result: Result) -> tuple[Cell, ...]:
    content = graded_bytes(assignment.course, assignment.name, result.submission_sha256, str(result.student))
    try:
        return read_notebook(content).cells
    except DamagedNotebook:  # its Result says so
        return ()


def _graded(assignment: Assignment) -> list[Graded]:
    return [
        Graded(question.id, question.specification.function, question.specification.parameters)
        for question in assignment.questions
    ]


def _recognised(diagnoses: tuple[Diagnosis, ...]) -> list[Recognised]:
    return [
        Recognised(diagnosis.question, one.name, one.sentence)
        for diagnosis in diagnoses
        for one in diagnosis.misconceptions
    ]
