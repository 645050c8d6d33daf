"""A new assignment."""

from __future__ import annotations

from pathlib import Path

import click

from stepgrade.cli.group import main


@main.command()
@click.argument("name")
@click.pass_obj
def new(course: Path, name: str) -> None:
    """Make the skeleton of a new assignment, with one question that works from end to end.

    Writes source/NAME, hidden/NAME and examples/NAME: a notebook and its text form, reference, checks, misconceptions,
    public tests, a right and a wrong example. Replace them piece by piece (docs/new_assignment.md).

    \b
    Example:
      stepgrade new least_squares
      stepgrade release least_squares
      stepgrade check examples/least_squares/right.py --assignment least_squares
    """
    from stepgrade.course.newassignment import make_assignment

    course = course.resolve()
    for path in make_assignment(name, course):
        click.echo(path.relative_to(course))
    click.echo(
        f"\nnext:\n  stepgrade release {name}\n  stepgrade check examples/{name}/right.py --assignment {name}\n"
        f"  stepgrade check examples/{name}/rows_centred.py --assignment {name}"
    )
