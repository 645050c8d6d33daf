"""Marks for other programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stepgrade.cli.group import main
from stepgrade.cli.options import find
from stepgrade.errors import UsageError

if TYPE_CHECKING:
    from stepgrade.assignment import Assignment
    from stepgrade.report.export import Filled
    from stepgrade.result import Result

LMS_OPTIONS = ("output", "column", "match_by", "roster", "roster_column", "lms_max_points", "scale")


def _path_option(name: str, text: str, *, exists: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    kind = click.Path(exists=exists, dir_okay=False, path_type=Path)
    return click.option(name, metavar="FILE", type=kind, help=text)


@main.command()
@click.argument("assignment")
@_path_option("--csv", "Write a table: a student a row, a question a column.", exists=False)
@_path_option("--json-lines", "Write the Results, one document a line (docs/results.md).", exists=False)
@_path_option("--canvas", "Fill a column of this gradebook file, exported from Canvas.", exists=True)
@_path_option("--moodle", "Fill a column of this file, exported from Moodle.", exists=True)
@_path_option("--output", "Where the filled file goes.", exists=False)
@click.option("--column", metavar="NAME", help="The column to fill.")
@click.option("--match-by", metavar="NAME", help="The column that names the student; default: the one that fits.")
@_path_option("--roster", "A CSV that says how the file names our students.", exists=True)
@click.option("--roster-column", metavar="NAME", help="The column of the roster that does.")
@click.option(
    "--lms-max-points", metavar="POINTS", type=float, help="What the column counts, where its file is silent."
)
@click.option("--scale", is_flag=True, help="Convert to the column's points, where they are others than ours.")
@click.pass_context
def export(  # the options of one verb, passed on in groups
    ctx: click.Context,
    assignment: str,
    csv: Path | None,
    json_lines: Path | None,
    canvas: Path | None,
    moodle: Path | None,
    output: Path | None,
    column: str | None,
    match_by: str | None,
    roster: Path | None,
    roster_column: str | None,
    lms_max_points: float | None,
    *,
    scale: bool,
) -> None:
    """Write the marks of a class for other programs.

    Reads the journal of `grade`, and from nbgrader's gradebook what a person gave besides, and penalties. A mark that
    does not exist is an empty field, never a 0. Canvas and Moodle take back the file that they exported, with one
    column filled (docs/export.md).

    \b
    Example:
      stepgrade export cnn_step_by_step --csv marks.csv
      stepgrade export cnn_step_by_step --canvas export.csv --column "CNN step by step" --output filled.csv
    """
    chosen = [name for name in ("csv", "json_lines", "canvas", "moodle") if ctx.params[name] is not None]
    if len(chosen) != 1:
        raise click.UsageError("expected one of --csv, --json-lines, --canvas and --moodle")
    _ensure_fitting(ctx, chosen[0])
    found = find(assignment, ctx.obj)
    from stepgrade.course.gradebook.totals import class_totals
    from stepgrade.report import export as forms

    totals = class_totals(found)
    if csv is not None:
        click.echo(f"{forms.write_csv(_results(found), totals, csv)} students are in {csv}")
        return
    if json_lines is not None:
        click.echo(f"{forms.write_json_lines(_results(found), json_lines)} Results are in {json_lines}")
        return
    ids = forms.read_lms_ids(roster, roster_column) if roster and roster_column else None
    filled: Filled
    if canvas is not None and output is not None and column is not None:
        filled = forms.fill_canvas(
            canvas, column, totals, output, max_points=found.max_points, match_by=match_by, lms_ids=ids, scale=scale
        )
    elif moodle is not None and output is not None:
        filled = forms.fill_moodle(
            moodle,
            totals,
            output,
            max_points=found.max_points,
            column=column,
            match_by=match_by,
            lms_ids=ids,
            lms_max_points=lms_max_points,
            scale=scale,
        )
    for message in filled.messages:
        click.echo(message, err=True)
    click.echo(f"{output} is ready to be imported")


def _ensure_fitting(ctx: click.Context, form: str) -> None:
    """Refuse options that would be passed over, and miss those that are needed."""
    given = {name for name in LMS_OPTIONS if ctx.params[name] not in (None, False)}
    if form in ("csv", "json_lines") and given:
        raise click.UsageError(f"--{min(given).replace('_', '-')} belongs to --canvas and --moodle")
    if form in ("canvas", "moodle") and "output" not in given:
        raise click.UsageError(f"--{form} needs --output, the file to write; the exported one stays as it is")
    if form == "canvas" and "column" not in given:
        raise click.UsageError("--canvas needs --column, the title of the assignment there")
    if ("roster" in given) != ("roster_column" in given):
        raise click.UsageError("--roster and --roster-column belong together")


def _results(assignment: Assignment) -> Iterator[Result]:
    from stepgrade.result import Result
    from stepgrade.run import Journal, journal_path

    path = journal_path(assignment.course, assignment.name)
    with Journal(path) as journal:
        if not journal.students:
            raise UsageError(f"nobody is graded yet; run `stepgrade grade {assignment.name}` first")
        for student in journal.students:
            yield Result.from_document(journal.graded(student)["result"])
