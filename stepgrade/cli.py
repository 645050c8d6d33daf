"""The command line: verbs that match the rooms. Heavy imports wait until a verb needs them."""

from __future__ import annotations

import difflib
import logging
import re
import shutil
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import stepgrade
from stepgrade.errors import StepgradeError

if TYPE_CHECKING:
    from stepgrade.assignment import Assignment
    from stepgrade.grade import Grader
    from stepgrade.result import Result

FAILED, OUR_ERROR = 1, 3  # exit codes; 0 and 2 are click's own
STDOUT = Path("-")


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
        except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception:  # Python would end with 1, which a CI job reads as the student's failure
            click.echo(traceback.format_exc(), nl=False, err=True)
            click.echo("stepgrade: an error of stepgrade's own, not of the submission; please report it", err=True)
            ctx.exit(OUR_ERROR)


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
      stepgrade check my_notebook.ipynb
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


Decorator = Callable[[Callable[..., None]], Callable[..., None]]

no_sandbox_option: Decorator = click.option(
    "--no-sandbox",
    is_flag=True,
    help="Run without the sandbox: student code then runs as an ordinary process with your rights; it can read, change "
    "and send whatever you can. Every Result records it.",
)


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
@click.option("--fail-under", metavar="POINTS", type=float, help="Exit 0 from so many points on; default: all of them.")
@_output_option("json", "the Result (docs/results.md)")
@_output_option("junit", "a JUnit report")
@_output_option("markdown", "a summary for a CI job")
@no_sandbox_option
@click.pass_obj
def check(
    course: Path,
    submission: Path,
    assignment: str | None,
    student: str | None,
    seed: str | None,
    fail_under: float | None,
    json_path: Path | None,
    junit_path: Path | None,
    markdown_path: Path | None,
    *,
    no_sandbox: bool,
) -> None:
    """Grade one notebook, or a .py file with the functions.

    Reads FILE, source/ and hidden/; writes nothing but the reports that are asked for. Prints a table, unless a
    report goes to stdout. STEPGRADE_SECRET_FILE names the file with the course secret; without one, a public demo
    key makes the inputs.

    \b
    Exit code:
      0  every question that is worth points is full, or --fail-under is reached
      1  something is missing or failed, or FILE is damaged
      2  usage, or a path that does not exist
      3  an error of the grader, never of the student

    \b
    Example, in a course folder:
      stepgrade check my_notebook.ipynb --json result.json --markdown summary.md
    """
    outputs = {"json": json_path, "junit": junit_path, "markdown": markdown_path}
    reports = {form: path for form, path in outputs.items() if path is not None}
    _ensure_writable(reports, submission)
    _ensure_seed(seed)
    _ensure_name(student)
    from stepgrade.recognise import recognise

    found = _find(assignment, course) if assignment else recognise(submission, course)
    _ensure_reachable(fail_under, found)
    grader = _grader(found, sandboxed=not no_sandbox)
    result = grader.grade_file(submission, student or None, seed.lower() if seed else None)
    _report(result, reports)
    click.get_current_context().exit(_exit_code(result, fail_under))


@main.command()
def boundary() -> None:
    """Say in one line what stands between student code and this machine.

    Prints the boundary that `check` and `grade` would use here. Where there is none, says what to do next, with exit
    code 3.

    \b
    Example:
      stepgrade boundary
    """
    from stepgrade.sandbox import find_boundary

    click.echo(find_boundary(sandboxed=True).line)


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
    found = _find(assignment, course)
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
    found = _find(assignment, course)
    from stepgrade.course.classrun import ClassRun

    run = ClassRun(found)
    students = run.students()
    _watch("Writing feedback", run.feedback(), len(students))
    n_pages = sum(run.page(student).is_file() for student in students)
    click.echo(f"{n_pages} feedback pages are in feedback/STUDENT/{assignment}/{assignment}.html")


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


def _grader(assignment: Assignment, *, sandboxed: bool) -> Grader:
    from stepgrade.grade import Grader
    from stepgrade.sandbox import find_boundary
    from stepgrade.secret import read_secret, secret_file

    return Grader(assignment, secret=read_secret(secret_file()), boundary=find_boundary(sandboxed=sandboxed))


def _ensure_writable(reports: dict[str, Path], submission: Path) -> None:
    """Refuse before grading what could not be written after it, or would overwrite the submission."""
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


def _report(result: Result, reports: dict[str, Path]) -> None:
    """Print what belongs on stdout, then write the files."""
    from stepgrade.report.output import rendered, write_whole
    from stepgrade.report.terminal import result_table

    if STDOUT in reports.values():
        click.echo(rendered(next(form for form, path in reports.items() if path == STDOUT), result), nl=False)
    else:
        encoding = sys.stdout.encoding or "utf-8"  # not every terminal has every character
        table = result_table(result, shutil.get_terminal_size().columns)
        click.echo(table.encode(encoding, "replace").decode(encoding))
    for form, path in reports.items():
        if path != STDOUT:
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
