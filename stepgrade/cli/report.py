"""What staff read about a class."""

from __future__ import annotations

import json
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stepgrade.cli.group import OUR_ERROR, main
from stepgrade.cli.options import boundary_options, find, workers_options
from stepgrade.errors import NobodyGraded, StepgradeError

if TYPE_CHECKING:
    from stepgrade.assignment import Assignment
    from stepgrade.report.classpage import Seen, Tally
    from stepgrade.run import Journal


@main.command()
@click.argument("assignment")
@click.option(
    "--no-diagnosis",
    is_flag=True,
    help="Do not look for misconceptions where nobody has yet. Quicker, and no student code runs.",
)
@workers_options
@boundary_options
@click.pass_obj
def report(
    course: Path,
    assignment: str,
    n_workers: int | None,
    cluster: str | None,
    *,
    no_diagnosis: bool,
    insecure_cluster: bool,
    boundary: str,
) -> None:
    """Write the class report: STAFF ONLY, one page and its tables as CSV.

    Reads what `grade` has kept, and from nbgrader's gradebook whose answers wait for a person. Looks for the
    misconceptions behind wrong answers, which runs them once more, in the sandbox; what was found stays. Writes
    reports/ASSIGNMENT/index.html, which needs no network, and the CSV files beside it. No mark changes
    (docs/classreport.md).

    \b
    Exit code:
      0  the report is written
      2  usage, or nobody is graded yet
      3  some submission could not be looked into, or an error of stepgrade's own

    \b
    Example:
      stepgrade report cnn_step_by_step
    """
    found = find(assignment, course)
    from stepgrade.cli.workforce import workers
    from stepgrade.run import Journal, journal_path

    boundary = "none" if no_diagnosis else boundary  # nothing of a student's runs
    with Journal(journal_path(found.course, found.name)) as journal:
        if not journal.students:
            raise NobodyGraded(f"nobody is graded yet; run `stepgrade grade {found.name}` first")
        with workers(n_workers, cluster, found, boundary, insecure=insecure_cluster) as (executor, window, known):
            by_hand = _by_hand(found)  # imports nbgrader, while the workers prepare themselves
            known.result()  # or why there is no boundary
            seen = _looked_into(found, journal, executor, window, boundary, diagnose=not no_diagnosis)
        tally = _tally(found, journal, seen, by_hand)
    from stepgrade.course.classreport import write_report
    from stepgrade.report.classpage import class_report

    page = write_report(found, class_report(tally))
    click.echo(f"the class report is in {page.relative_to(found.course)}, with its tables as CSV; staff only")
    if tally.problems:
        click.get_current_context().exit(OUR_ERROR)


def _by_hand(assignment: Assignment) -> dict[str, int] | None:
    """Return whose answers wait for a person, None where the gradebook does not say."""
    from stepgrade.course.gradebook.byhand import answers_by_hand

    try:
        return answers_by_hand(assignment)
    except StepgradeError as error:
        click.echo(f"whose answers wait for a person's grade is left out: {error}", err=True)
        return None


def _looked_into(
    assignment: Assignment, journal: Journal, executor: Executor, window: int, boundary: str, *, diagnose: bool
) -> dict[str, Seen]:
    """Have every submission looked into; return what was found, by student."""
    from stepgrade.cli.workforce import outcomes
    from stepgrade.course.classreport import LookTask, look_into
    from stepgrade.report.classpage import Seen

    def task_of(student: str) -> LookTask:
        result = json.dumps(journal.graded(student)["result"])
        return LookTask(str(assignment.course), assignment.name, result, diagnose, boundary)

    students = [student for student in journal.students if _has_bytes(journal, student)]
    seen = {}
    for outcome in outcomes("Looking into submissions", executor, look_into, students, task_of, window):
        error = outcome.error
        seen[outcome.item] = outcome.value if error is None else Seen(problem=str(error) or type(error).__name__)
    return seen


def _has_bytes(journal: Journal, student: str) -> bool:
    from stepgrade.evidence import NO_BYTES

    return bool(journal.graded(student)["result"]["submission_sha256"] != NO_BYTES)


def _tally(assignment: Assignment, journal: Journal, seen: dict[str, Seen], by_hand: dict[str, int] | None) -> Tally:
    """Count the class, in the order of its names, so that the same journal gives the same report."""
    from stepgrade.report.classpage import Tally, disagreements
    from stepgrade.result import Result

    tally = Tally(assignment.name, assignment.version, gradebook_read=by_hand is not None)
    for student in journal.students:
        result = Result.from_document(journal.graded(student)["result"])
        tally.add(result, seen.pop(student, None), (by_hand or {}).get(student, 0))
    for lines in journal.repeated():
        tally.add_history(disagreements([Result.from_document(line["result"]) for line in lines]))
    return tally
