"""Marks for other programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stepgrade.cli.group import main
from stepgrade.cli.options import find
from stepgrade.cli.privacy import is_private, people
from stepgrade.errors import NobodyGraded, StepgradeError

if TYPE_CHECKING:
    from stepgrade.assignment import Assignment
    from stepgrade.result import Result
    from stepgrade.run import Journal

LMS = ("canvas", "moodle")
FORMS = ("csv", "json_lines", *LMS, "junit", "markdown", "classroom50")
# Which forms an option belongs to; to others it would mean nothing.
BELONGS = {
    "output": LMS,
    "column": LMS,
    "match_by": LMS,
    "lms_max_points": LMS,
    "scale": LMS,
    "roster": (*LMS, "classroom50"),
    "roster_column": (*LMS, "classroom50"),
    "names": ("junit", "markdown"),
    "classroom": ("classroom50",),
    "commits": ("classroom50",),
}


def _path_option(name: str, text: str, *, exists: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return an option for a file: one that is there, or one to write, where ``-`` is standard output."""
    kind = click.Path(exists=exists, dir_okay=False, allow_dash=not exists, path_type=Path)
    return click.option(name, metavar="FILE", type=kind, help=text)


@main.command()
@click.argument("assignment")
@_path_option("--csv", "Write a table: a student a row, a question a column.", exists=False)
@_path_option("--json-lines", "Write the Results, one document a line (docs/results.md).", exists=False)
@_path_option("--canvas", "Fill a column of this gradebook file, exported from Canvas.", exists=True)
@_path_option("--moodle", "Fill a column of this file, exported from Moodle.", exists=True)
@_path_option("--junit", "Write a report for CI services, a test per student and question.", exists=False)
@_path_option("--markdown", "Write a summary of the class, in numbers.", exists=False)
@click.option(
    "--classroom50",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write Classroom 50's result.json for everyone; needs --classroom and --commits.",
)
@_path_option("--output", "Where the filled file goes.", exists=False)
@click.option("--column", metavar="NAME", help="The column to fill.")
@click.option("--match-by", metavar="NAME", help="The column that names the student; default: the one that fits.")
@_path_option("--roster", "A CSV that says how others name our students.", exists=True)
@click.option("--roster-column", metavar="NAME", help="The column of the roster that does.")
@click.option(
    "--lms-max-points", metavar="POINTS", type=float, help="What the column counts, where its file is silent."
)
@click.option("--scale", is_flag=True, help="Convert to the column's points, where they are others than ours.")
@click.option("--names", is_flag=True, help="Let --junit and --markdown name students, with their marks.")
@click.option("--classroom", metavar="CLASSROOM/ASSIGNMENT", help="What Classroom 50 calls them.")
@_path_option("--commits", "A CSV of what was fetched: student, url, commit, committed.", exists=True)
@click.pass_context
def export(ctx: click.Context, /, assignment: str, **options: Any) -> None:
    """Write the marks of a class for other programs.

    Reads the journal of `grade`, and from nbgrader's gradebook what a person gave besides, and penalties. A mark that
    does not exist is an empty field, never a 0. Canvas and Moodle take back the file that they exported, with one
    column filled (docs/export.md). The reports for CI services name nobody, unless they are asked to (docs/ci.md).
    Where a file is written, - means stdout.

    \b
    Example:
      stepgrade export cnn_step_by_step --csv marks.csv
      stepgrade export cnn_step_by_step --canvas export.csv --column "CNN step by step" --output filled.csv
      stepgrade export cnn_step_by_step --moodle worksheet.csv --output filled.csv
    """
    form = _form(ctx)
    _ensure_fitting(ctx, form)
    found = find(assignment, ctx.obj)
    write = {"junit": _junit, "markdown": _markdown, "classroom50": _classroom50}.get(form, _marks)
    write(found, options)


def _form(ctx: click.Context) -> str:
    chosen = [name for name in FORMS if ctx.params[name] is not None]
    if len(chosen) != 1:
        *others, last = map(_option, FORMS)
        raise click.UsageError(f"expected one of {', '.join(others)} and {last}")
    return chosen[0]


def _ensure_fitting(ctx: click.Context, form: str) -> None:
    """Refuse options that would be passed over, and miss those that are needed."""
    given = {name for name in BELONGS if ctx.params[name] not in (None, False)}
    if strange := sorted(name for name in given if form not in BELONGS[name]):
        raise click.UsageError(f"{_option(strange[0])} belongs to {' and '.join(map(_option, BELONGS[strange[0]]))}")
    if form in LMS and "output" not in given:
        raise click.UsageError(f"--{form} needs --output, the file to write; the exported one stays as it is")
    if form == "canvas" and "column" not in given:
        raise click.UsageError("--canvas needs --column, the title of the assignment there")
    if form == "classroom50" and not {"classroom", "commits"} <= given:
        raise click.UsageError("--classroom50 needs --classroom and --commits (docs/ci.md)")
    if ("roster" in given) != ("roster_column" in given):
        raise click.UsageError("--roster and --roster-column belong together")


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _marks(found: Assignment, options: dict[str, Any]) -> None:
    """Write the marks that count, in one of the files for people and learning platforms."""
    from stepgrade.course.gradebook.totals import class_totals
    from stepgrade.report import export as forms
    from stepgrade.run import Journal, journal_path

    if (out := options["json_lines"]) is not None:
        _say(f"{forms.write_json_lines(_results(found), out)} Results are in {out}", out)
        return
    with Journal(journal_path(found.course, found.name)) as journal:
        _ensure_recorded(found, journal)
        totals = class_totals(found)
        if (out := options["csv"]) is not None:
            n_students = forms.write_csv(_results_of(_lines_in(journal, found)), totals, out)
            _say(f"{n_students} students are in {out}", out)
            return
    shared = {name: options[name] for name in ("column", "match_by", "scale")}
    shared |= {"max_points": found.max_points, "lms_ids": _lms_ids(options)}
    if options["canvas"] is not None:
        filled = forms.fill_canvas(options["canvas"], shared.pop("column"), totals, options["output"], **shared)
    else:
        shared["lms_max_points"] = options["lms_max_points"]
        filled = forms.fill_moodle(options["moodle"], totals, options["output"], **shared)
    first, *about_students = filled.messages
    click.echo(first, err=True)
    for message in about_students:
        click.echo(message.partition(":")[0] if is_private() else message, err=True)
    _say(f"{options['output']} is ready to be imported", options["output"])


def _junit(found: Assignment, options: dict[str, Any]) -> None:
    from stepgrade.course.configuration import configured_secret_file
    from stepgrade.report.export import Pseudonyms, class_junit
    from stepgrade.report.output import write_whole
    from stepgrade.secret import read_secret

    names, out = options["names"], options["junit"]
    pseudonyms = Pseudonyms(read_secret(configured_secret_file(found.course)), found.name)
    report = class_junit(_results(found), found.name, str if names else pseudonyms, names=names)
    write_whole(out, report.encode())
    _say(f"the JUnit report is in {out}, {'with names' if names else 'without names'}", out)


def _markdown(found: Assignment, options: dict[str, Any]) -> None:
    from stepgrade.report.export import class_summary
    from stepgrade.report.output import write_whole

    names, out = options["names"], options["markdown"]
    write_whole(out, class_summary(_results(found), found.name, names=names).encode("utf-8", "backslashreplace"))
    _say(f"the summary is in {out}, {'with names and marks' if names else 'without names'}", out)


def _classroom50(found: Assignment, options: dict[str, Any]) -> None:
    from stepgrade.report.export import Classroom, read_commits, write_classroom50
    from stepgrade.result import Result

    classroom, commits = Classroom.named(options["classroom"]), read_commits(options["commits"])
    graded = ((Result.from_document(line["result"]), line["timestamp"]) for line in _lines(found))
    written = write_classroom50(graded, commits, _lms_ids(options), classroom, options["classroom50"])
    click.echo(f"{written} ({options['classroom50']}/STUDENT/result.json)")


def _say(sentence: str, out: Path) -> None:
    """Say what was written, unless it went where the sentence would go."""
    from stepgrade.report.output import STDOUT

    if out != STDOUT:
        click.echo(sentence)


def _lms_ids(options: dict[str, Any]) -> dict[str, str] | None:
    from stepgrade.course.roster import Roster

    return Roster.read(options["roster"]).others_names(options["roster_column"]) if options["roster"] else None


def _results(assignment: Assignment) -> Iterator[Result]:
    return _results_of(_lines(assignment))


def _results_of(lines: Iterable[dict[str, Any]]) -> Iterator[Result]:
    from stepgrade.result import Result

    return (Result.from_document(line["result"]) for line in lines)


class MarksNotRecorded(StepgradeError):
    """The gradebook, whose marks would be exported, has others than the journal."""

    exit_code = 3
    names_nobody = True


def _ensure_recorded(assignment: Assignment, journal: Journal) -> None:
    """Refuse marks that are older than the journal's: of a run that was stopped, or a gradebook put back since."""
    from stepgrade.cli.classroom import unlike
    from stepgrade.course.gradebook.roll import class_roll

    if others := unlike(journal, class_roll(assignment)):
        raise MarksNotRecorded(
            f"the gradebook has other marks than those graded last, of {people(others, 10)}; run "
            f"`stepgrade grade {assignment.name}`, which records them, and export again"
        )


def _lines(assignment: Assignment) -> Iterator[dict[str, Any]]:
    from stepgrade.run import Journal, journal_path

    with Journal(journal_path(assignment.course, assignment.name)) as journal:
        yield from _lines_in(journal, assignment)


def _lines_in(journal: Journal, assignment: Assignment) -> Iterator[dict[str, Any]]:
    """Yield what the journal has of everyone, one at a time: a class's Results are large."""
    if not journal.students:
        raise NobodyGraded(f"nobody is graded yet; run `stepgrade grade {assignment.name}` first")
    for student in journal.students:
        yield journal.graded(student)
