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
@click.option(
    "--language",
    "languages",
    metavar="TAG",
    multiple=True,
    help="Write it in this language instead, into release-TAG/ASSIGNMENT; may be repeated.",
)
@click.pass_obj
def release(course: Path, assignment: str, languages: tuple[str, ...], *, solution: bool) -> None:
    """Build what students download, and prove that it leaks nothing.

    Reads source/ASSIGNMENT and hidden/ASSIGNMENT, writes release/ASSIGNMENT and nbgrader's gradebook. If the proof
    finds a leak, the old release stays and every problem is listed.

    In another language, for which hidden/ASSIGNMENT/languages has a catalogue, only what people read is different:
    marks and the gradebook are those of the English release (docs/languages.md).

    \b
    Example:
      stepgrade release cnn_step_by_step
      stepgrade release cnn_step_by_step --language zh --language ko
      stepgrade release cnn_step_by_step --solution
    """
    found = find(assignment, course)
    if solution and languages:
        raise click.UsageError("the worked solution is in English; leave out --language or --solution")
    if solution:
        from stepgrade.course.release.worked_solution import write_worked_solution

        written = write_worked_solution(found)
        click.echo(f"{written.page.relative_to(found.course)} is the worked solution, without any hidden check")
        return
    from stepgrade.course.release.build import build_release, build_translated

    for language in dict.fromkeys(languages):
        built = build_translated(found, language)
        left = f"; {built.n_open} of {built.n_texts} texts are still in English" if built.n_open else ""
        click.echo(f"{built.place.relative_to(found.course)} is built and proved, in the language {language}{left}")
    if languages:
        return
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
