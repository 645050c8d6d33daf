"""What instructors write, and what students download."""

from __future__ import annotations

from pathlib import Path

import click

from stepgrade.cli.group import main
from stepgrade.cli.options import find


@main.command()
@click.argument("assignment")
@click.option(
    "--solution",
    is_flag=True,
    help="Write the worked solution instead, executed, into solution/ASSIGNMENT: for after the deadline.",
)
@click.pass_obj
def release(course: Path, assignment: str, *, solution: bool) -> None:
    """Build what students download, and prove that it leaks nothing.

    Reads source/ASSIGNMENT and hidden/ASSIGNMENT, writes release/ASSIGNMENT and nbgrader's gradebook. If the proof
    finds a leak, the old release stays and every problem is listed.

    \b
    Example:
      stepgrade release cnn_step_by_step
      stepgrade release cnn_step_by_step --solution
    """
    found = find(assignment, course)
    if solution:
        from stepgrade.course.release.worked_solution import write_worked_solution

        written = write_worked_solution(found)
        click.echo(f"{written.page.relative_to(found.course)} is the worked solution, without any hidden check")
        return
    from stepgrade.course.release.build import build_release

    place = build_release(found)
    click.echo(f"{place.relative_to(found.course)} is built and proved: no solution, no hidden check, no output in it")


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
    from stepgrade.course.release import notebook_text

    written = notebook_text.sync(assignment, course.resolve(), from_notebook=origin == "notebook")
    click.echo(f"wrote {written.relative_to(course.resolve())}")
