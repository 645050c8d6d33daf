"""What students read."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stepgrade.cli.group import OUR_ERROR, main
from stepgrade.cli.options import boundary_options, find, show_option, workers_options
from stepgrade.cli.privacy import is_private, people
from stepgrade.errors import NobodyGraded
from stepgrade.report.disclosure import LEVELS

if TYPE_CHECKING:
    from stepgrade.assignment import Assignment
    from stepgrade.course.pages import PageTask
    from stepgrade.run import Journal


@main.command()
@click.argument("assignment")
@click.option("--student", "students", metavar="NAME", multiple=True, help="Only this one; can be given several times.")
@click.option("--force", is_flag=True, help="Write every page anew.")
@show_option("what nbgrader_config.py says, before and after the deadline", *LEVELS)
@workers_options
@boundary_options
@click.pass_obj
def feedback(
    course: Path,
    assignment: str,
    students: tuple[str, ...],
    show: str | None,
    n_workers: int | None,
    cluster: str | None,
    *,
    force: bool,
    insecure_cluster: bool,
    boundary: str,
) -> None:
    """Write one feedback page per graded student.

    Reads what `grade` has kept, runs each notebook once more to be looked at, and writes
    feedback/STUDENT/ASSIGNMENT/ASSIGNMENT.html: one file that needs no other and no network. A page that is there
    already and would come out the same is left alone.

    Where an answer is wrong, the page names the misconception that explains it, if exactly one does, and shows the
    smallest input on which it is wrong. How much of that is shown is yours to set (docs/feedback.md).

    \b
    Example:
      stepgrade feedback cnn_step_by_step
      stepgrade feedback cnn_step_by_step --show misconception
    """
    found = find(assignment, course)
    from stepgrade.cli.workforce import workers
    from stepgrade.course.pages import PageTask, is_written
    from stepgrade.run import Journal, journal_path

    with Journal(journal_path(found.course, found.name)) as journal:
        graded = _graded(found, journal, students)
        shown = _shown(found, graded, show)

        def task_of(student: str) -> PageTask:
            result = json.dumps(journal.graded(student)["result"])
            return PageTask(str(found.course), found.name, result, boundary, shown[student])

        missing = [student for student in graded if force or not is_written(found, student, task_of(student))]
        failed = []
        if missing:  # else nobody is called to work
            with workers(n_workers, cluster, found, boundary, insecure=insecure_cluster) as place:
                executor, window, environment = place
                environment.result()  # or why there is no boundary
                failed = _written(missing, task_of, executor, window)
    click.echo(_said(found, [student for student in graded if student not in failed]))
    if failed:
        click.get_current_context().exit(OUR_ERROR)


def _said(assignment: Assignment, students: Sequence[str]) -> str:
    """Return where the pages of these students are; of a single one, where exactly."""
    from stepgrade.course.pages import page_file

    one = len(students) == 1
    student = students[0] if one and not is_private() else "STUDENT"
    place = page_file(assignment, student).relative_to(assignment.course)
    return f"{len(students)} feedback {'page is' if one else 'pages are'} in {place}"


def _shown(assignment: Assignment, students: Sequence[str], show: str | None) -> dict[str, str]:
    """Return how much each student is shown."""
    if show is not None:
        return dict.fromkeys(students, show)
    from stepgrade.course.disclosure import disclosures

    return {student: level.word for student, level in disclosures(assignment, students).items()}


def _written(students: list[str], task_of: Callable[[str], PageTask], executor: Executor, window: int) -> list[str]:
    """Have the pages written; return whose could not be."""
    from stepgrade.cli.workforce import outcomes
    from stepgrade.course.pages import write_page

    failed = []
    for outcome in outcomes("Writing feedback", executor, write_page, students, task_of, window):
        if outcome.error is not None:
            failed.append(outcome.item)
            if not is_private():
                click.echo(f"{outcome.item}: no page: {outcome.error or type(outcome.error).__name__}", err=True)
    if failed and is_private():
        click.echo(f"{people(failed, 0)} without a page", err=True)
    return failed


def _graded(assignment: Assignment, journal: Journal, students: tuple[str, ...]) -> tuple[str, ...]:
    """Return who is to have a page: everyone who handed something in; others lose what an earlier run wrote."""
    from stepgrade.course.pages import forget_page

    if unknown := sorted(set(students) - set(journal.students)):
        raise click.UsageError(f"--student {unknown[0]}: nobody of that name is graded")
    entries = {student: journal.latest(student) for student in students or journal.students}
    graded = tuple(name for name, entry in entries.items() if entry is not None and entry.end_state != "missing")
    for student in entries.keys() - set(graded):
        forget_page(assignment, student)
    if students and not graded:
        raise NobodyGraded(f"{people(students, 10)}: nothing was handed in, so there is no page to write")
    if not graded:
        raise NobodyGraded(f"nobody is graded yet; run `stepgrade grade {assignment.name}` first")
    return graded
