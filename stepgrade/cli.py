"""The command line: verbs that match the rooms. Heavy imports wait until a verb needs them."""

from __future__ import annotations

import difflib
import logging
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import stepgrade
from stepgrade.errors import StepgradeError

if TYPE_CHECKING:
    from stepgrade.assignment import Assignment


class Verbs(click.Group):
    """A group whose errors know their exit code, and that suggests the verb that was meant."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            close = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            if not close:
                raise
            raise click.UsageError(f"{error.message} Did you mean {close[0]}?", ctx) from None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except StepgradeError as error:
            click.echo(f"stepgrade: {error}", err=True)
            ctx.exit(error.exit_code)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(stepgrade.__version__)
@click.option(
    "--course",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The course folder; default: the current one.",
)
@click.pass_context
def main(ctx: click.Context, course: Path) -> None:
    """Build, grade and explain Jupyter assignments.

    \b
    Example, in a course folder:
      stepgrade release cnn_step_by_step
      stepgrade grade cnn_step_by_step
    """
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(message)s")
    ctx.obj = course


@main.command()
@click.argument("assignment")
@click.pass_obj
def release(course: Path, assignment: str) -> None:
    """Build what students download, and prove that it leaks nothing.

    Reads source/ASSIGNMENT and hidden/ASSIGNMENT, writes release/ASSIGNMENT and nbgrader's gradebook. If the proof
    finds a leak, the old release stays and every problem is listed.

    \b
    Example:
      stepgrade release cnn_step_by_step
    """
    found = _find(assignment, course)
    from stepgrade.course.release import build_release

    place = build_release(found)
    click.echo(f"{place.relative_to(found.course)} is built and proved: no solution, no hidden check, no output in it")


@main.command()
@click.argument("assignment")
@click.pass_obj
def grade(course: Path, assignment: str) -> None:
    """Grade everything under submitted/, and print one table.

    Reads submitted/STUDENT/ASSIGNMENT, writes autograded/ and nbgrader's gradebook.

    \b
    Example:
      stepgrade grade cnn_step_by_step
    """
    found = _find(assignment, course)
    from stepgrade.course.classrun import ClassRun

    run = ClassRun(found)
    run.ensure_released()
    students = run.students()
    if not students:
        raise click.UsageError(f"there is nothing under submitted/*/{assignment}; put submissions there first")
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
    found = _find(assignment, course)
    from stepgrade.course.classrun import ClassRun

    run = ClassRun(found)
    students = run.students()
    _watch("Writing feedback", run.feedback(), len(students))
    click.echo(f"{len(students)} feedback pages are in feedback/STUDENT/{assignment}/{assignment}.html")


@main.command()
@click.argument("assignment")
@click.option(
    "--from",
    "origin",
    type=click.Choice(["notebook", "text"]),
    required=True,
    help="Which of the two was edited; the other is written anew.",
)
@click.pass_obj
def sync(course: Path, assignment: str, origin: str) -> None:
    """Bring the source notebook and its text form together.

    The notebook source/ASSIGNMENT/ASSIGNMENT.ipynb also exists as text, hidden/ASSIGNMENT/ASSIGNMENT.py, for review.

    \b
    Example, after editing the notebook in Jupyter:
      stepgrade sync cnn_step_by_step --from notebook
    """
    from stepgrade.course import notebook_text

    written = notebook_text.sync(assignment, course.resolve(), from_notebook=origin == "notebook")
    click.echo(f"wrote {written.relative_to(course.resolve())}")


def _find(name: str, course: Path) -> Assignment:
    from stepgrade.assignment import Assignment

    return Assignment.find(name, course)


def _watch(what: str, steps: Iterable[str], total: int) -> None:
    """Run ``steps``: a progress bar on a terminal, a plain line each in a log."""
    if sys.stderr.isatty():
        with click.progressbar(steps, length=total, label=what, file=sys.stderr) as bar:
            for _ in bar:
                pass
        return
    for number, student in enumerate(steps, start=1):
        click.echo(f"{what}: {number}/{total} {student}", err=True)


if __name__ == "__main__":
    main()
