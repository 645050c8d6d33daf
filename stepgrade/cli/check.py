"""One submission."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stepgrade.cli.group import FAILED, OUR_ERROR, main
from stepgrade.cli.options import DEFAULT_BOUNDARY, Decorator, boundary_option, boundary_options, find, show_option
from stepgrade.errors import in_words
from stepgrade.report.disclosure import Disclosure

if TYPE_CHECKING:
    from stepgrade.assignment import Assignment
    from stepgrade.diagnose import Diagnosis
    from stepgrade.grade import Grader
    from stepgrade.result import Result


def _output_option(form: str, what: str) -> Decorator:
    return click.option(
        f"--{form}",
        f"{form}_path",
        metavar="PATH",
        type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
        help=f"Write {what} to PATH (- for stdout).",
    )


@main.command()
@click.argument("submission", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--assignment", metavar="NAME", help="Which assignment it is; default: what its name or content says.")
@click.option("--student", metavar="NAME", help="Whose it is; the inputs of the checks differ from student to student.")
@click.option("--seed", metavar="HEX", help="Replay: the seed of an earlier Result, 64 hexadecimal digits.")
@show_option("smallest", *Disclosure.SMALLEST.up_to_here[1:])
@click.option("--fail-under", metavar="POINTS", type=float, help="Exit 0 from so many points on; default: all of them.")
@_output_option("json", "the Result (docs/results.md)")
@_output_option("junit", "a JUnit report")
@_output_option("markdown", "a summary for a CI job")
@boundary_options
@click.pass_obj
def check(
    course: Path,
    submission: Path,
    assignment: str | None,
    student: str | None,
    seed: str | None,
    show: str | None,
    fail_under: float | None,
    json_path: Path | None,
    junit_path: Path | None,
    markdown_path: Path | None,
    *,
    boundary: str,
) -> None:
    """Grade one notebook, or a .py file with the functions.

    Reads FILE, source/ and hidden/; writes nothing but the reports that are asked for. Prints a table, unless a
    report goes to stdout. STEPGRADE_SECRET_FILE names the file with the course secret; without one, a public demo
    key makes the inputs.

    A wrong answer is looked into when the marks are made: if exactly one misconception explains it, that is named, and
    the smallest input on which it is wrong is shown.

    \b
    Exit code:
      0  every question that is worth points is full, or --fail-under is reached
      1  something is missing or failed, or FILE is damaged
      2  usage, or a path that does not exist
      3  an error of the grader, never of the student

    \b
    Example, in a course folder:
      stepgrade check my_notebook.ipynb --json result.json --markdown summary.md
      stepgrade check my_notebook.ipynb --boundary landlock
    """
    outputs = {"json": json_path, "junit": junit_path, "markdown": markdown_path}
    reports = {form: path for form, path in outputs.items() if path is not None}
    _ensure_writable(reports, submission)
    _ensure_seed(seed)
    _ensure_name(student)
    from stepgrade.recognise import recognise

    found = find(assignment, course) if assignment else recognise(submission, course)
    _ensure_reachable(fail_under, found)
    grader = _grader(found, boundary)
    result = grader.grade_file(submission, student or None, seed.lower() if seed else None)
    level = Disclosure.of(show) if show else Disclosure.SMALLEST
    diagnoses = _diagnoses(result, submission, grader) if level >= Disclosure.MISCONCEPTION else ()
    _report(result, reports, diagnoses, with_examples=level >= Disclosure.SMALLEST)
    click.get_current_context().exit(_exit_code(result, fail_under))


@main.command("boundary")
@boundary_option
def show_boundary(boundary: str | None) -> None:
    """Say in one line what stands between student code and this machine.

    Prints the boundary that `check` and `grade` would use here. Where there is none, says what to do next, with exit
    code 3.

    \b
    Example:
      stepgrade boundary
      stepgrade boundary --boundary landlock
    """
    from stepgrade.sandbox import find_boundary

    click.echo(find_boundary(boundary or DEFAULT_BOUNDARY).line)


def _grader(assignment: Assignment, boundary: str) -> Grader:
    from stepgrade.grade import Grader
    from stepgrade.sandbox import find_boundary
    from stepgrade.secret import read_secret, secret_file

    return Grader(assignment, secret=read_secret(secret_file()), boundary=find_boundary(boundary))


def _ensure_writable(reports: dict[str, Path], submission: Path) -> None:
    """Refuse before grading what could not be written after it, or would overwrite the submission."""
    from stepgrade.report.output import STDOUT

    places = [path.resolve() if path != STDOUT else path for path in reports.values()]
    for (form, path), place in zip(reports.items(), places, strict=True):
        if places.count(place) > 1:
            raise click.UsageError(f"two reports go to {path}; give each a path of its own")
        if place == submission.resolve():
            raise click.UsageError(f"--{form} {path} would overwrite the submission; give another path")
        if path != STDOUT and not place.parent.is_dir():
            raise click.UsageError(f"--{form} {path}: the folder {path.parent} does not exist; create it first")


def _ensure_seed(seed: str | None) -> None:
    if seed is not None and not re.fullmatch("[0-9a-fA-F]{64}", seed):
        raise click.UsageError(
            f"--seed has {len(seed)} characters, expected 64 hexadecimal digits: the seed of a Result (--json shows it)"
        )


def _ensure_name(student: str | None) -> None:
    if student and not student.isprintable():
        raise click.UsageError(f"--student is {student!r}, expected a name of letters, digits and signs in UTF-8")


def _ensure_reachable(fail_under: float | None, assignment: Assignment) -> None:
    best = sum(question.max_points for question in assignment.questions)
    if fail_under is not None and not 0 <= fail_under <= best:
        raise click.UsageError(
            f"--fail-under is {fail_under:g}, expected 0 to {best:g}, the points of {assignment.name}"
        )


def _diagnoses(result: Result, submission: Path, grader: Grader) -> tuple[Diagnosis, ...]:
    """Look into what is wrong; nothing where nothing is, or where nothing can be read."""
    from stepgrade.notebook import DamagedNotebook, python_cells, read_bytes, read_notebook
    from stepgrade.sandbox import find_boundary

    if all(question.passed_share == 1 for question in result.questions):
        return ()
    from stepgrade.diagnose import diagnosed

    of_notebook = submission.suffix != ".py"
    try:
        content = read_bytes(submission)
        cells = read_notebook(content).cells if of_notebook else python_cells(content)
    except DamagedNotebook:
        return ()
    try:
        return diagnosed(result, cells, grader.assignment, grader.boundary or find_boundary(), of_notebook=of_notebook)
    except Exception as error:  # the hidden catalogue may raise anything, and the marks are there already
        click.echo(f"nothing is said about wrong answers: {in_words(error)}", err=True)
        return ()


def _report(result: Result, reports: dict[str, Path], diagnoses: tuple[Diagnosis, ...], *, with_examples: bool) -> None:
    """Print the table, unless a report goes to stdout in its place, and write the reports."""
    from stepgrade.report.explained import example_lines, with_misconceptions
    from stepgrade.report.output import STDOUT, rendered, write_whole
    from stepgrade.report.terminal import result_table

    result = with_misconceptions(result, diagnoses)
    if STDOUT not in reports.values():
        encoding = sys.stdout.encoding or "utf-8"  # not every terminal has every character
        table = result_table(result, shutil.get_terminal_size().columns)
        if with_examples:
            table = "\n".join([table, "", *example_lines(diagnoses)])
        click.echo(table.encode(encoding, "replace").decode(encoding))
    for form, path in reports.items():
        write_whole(path, rendered(form, result))


def _exit_code(result: Result, fail_under: float | None) -> int:
    from stepgrade.result import EndState

    if result.end_state is EndState.GRADER_ERROR:
        return OUR_ERROR
    if result.points is None or result.end_state is EndState.DAMAGED:
        return FAILED
    if fail_under is not None:
        return 0 if result.points >= fail_under else FAILED
    full = all(question.points >= question.max_points for question in result.questions)
    return 0 if full else FAILED
