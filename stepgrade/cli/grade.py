"""A class."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from stepgrade.cli.options import find, no_sandbox_option
from stepgrade.cli.group import main


@main.command()
@click.argument("assignment")
@no_sandbox_option
@click.pass_obj
def grade(course: Path, assignment: str, *, no_sandbox: bool) -> None:
    """Grade everything under submitted/, and print one table.

    Reads submitted/STUDENT/ASSIGNMENT, writes autograded/ and nbgrader's gradebook.

    \b
    Example:
      stepgrade grade cnn_step_by_step
    """
    found = find(assignment, course)
    from stepgrade.course.classrun import ClassRun

    run = ClassRun(found, sandboxed=not no_sandbox)
    run.ensure_released()
    students = run.students()
    if not students:
        raise click.UsageError(f"there is nothing under submitted/*/{assignment}; put submissions there first")
    from stepgrade.sandbox import find_boundary

    boundary = find_boundary(sandboxed=not no_sandbox)
    if not boundary.isolated:
        click.echo(f"boundary: {boundary.line}", err=True)
    _watch("Grading", run.autograde(), len(students))
    from stepgrade.report.table import marks_table

    click.echo(marks_table(found, {student: run.result_file(student) for student in students}))


@main.command()
@click.argument("assignment")
@click.pass_obj
def feedback(course: Path, assignment: str) -> None:
    """Write one feedback page per graded student.

    Reads autograded/STUDENT/ASSIGNMENT and the gradebook, writes feedback/STUDENT/ASSIGNMENT.

    \b
    Example:
      stepgrade feedback cnn_step_by_step
    """
    found = find(assignment, course)
    from stepgrade.course.classrun import ClassRun

    run = ClassRun(found)
    students = run.students()
    _watch("Writing feedback", run.feedback(), len(students))
    n_pages = sum(run.page(student).is_file() for student in students)
    click.echo(f"{n_pages} feedback pages are in feedback/STUDENT/{assignment}/{assignment}.html")


def _watch(what: str, steps: Iterable[str], total: int) -> None:
    """Run ``steps``: a progress bar on a terminal, a plain line each in a log."""
    if sys.stderr.isatty():
        with click.progressbar(steps, length=total, label=what, file=sys.stderr) as bar:
            for _ in bar:
                pass
        return
    for number, student in enumerate(steps, start=1):
        click.echo(f"{what}: {number}/{total} {student}", err=True)
