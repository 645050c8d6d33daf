"""An appeal."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stepgrade.cli.group import FAILED, main
from stepgrade.cli.options import boundary_options
from stepgrade.errors import UsageError

if TYPE_CHECKING:
    from stepgrade.evidence import Replay, Stored
    from stepgrade.result import Result

MAX_LISTED = 10
Lines = list[dict[str, Any]]


class NothingToReplay(UsageError):
    """No run has graded what was asked for."""


@main.command()
@click.argument("student")
@click.argument("question")
@click.option("--assignment", metavar="NAME", help="Which assignment; default: the one where the student has it.")
@click.option("--at", "number", metavar="N", type=click.IntRange(min=1), help="The student's Nth Result, from 1.")
@click.option("--submission", metavar="SHA", help="The latest Result of the submission whose sha256 begins like this.")
@click.option(
    "--json",
    "json_path",
    metavar="PATH",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="Write the same as data to PATH (- for stdout).",
)
@boundary_options
@click.pass_obj
def replay(
    course: Path,
    student: str,
    question: str,
    assignment: str | None,
    number: int | None,
    submission: str | None,
    json_path: Path | None,
    *,
    boundary: str,
) -> None:
    """Show again what was graded, for an appeal: STAFF ONLY, it shows hidden inputs.

    Reads what `grade` has kept under .stepgrade/ASSIGNMENT: the student's Result, the bytes that were graded and the
    assignment as it was. Grades these again with the same seed, says whether that gives the same Result, and shows
    the question: the code, each check, each input, both answers and the first difference. Writes nothing but --json.

    \b
    Exit code:
      0  the same Result
      1  another Result; what differs is listed, and why that may be
      2  usage, an unknown student or question included
      3  an error of the grader, or what was kept is gone

    \b
    Example, in a course folder:
      stepgrade replay ada conv_forward --assignment cnn_step_by_step
    """
    if number is not None and submission is not None:
        raise click.UsageError("--at and --submission both choose a Result; give one of them")
    name, lines = _found(course.resolve(), student, question, assignment)
    stored = _chosen(lines, student, question, number, submission)
    replayed = _replayed(course.resolve(), name, stored, question, boundary)
    _show(replayed, json_path)
    click.get_current_context().exit(0 if replayed.is_same else FAILED)


def _found(course: Path, student: str, question: str, assignment: str | None) -> tuple[str, Lines]:
    """Return the assignment where the student has the question, and the student's lines in its journal."""
    names = _assignments(course, assignment)
    histories: dict[str, Lines] = {}
    everyone: set[str] = set()
    for name in names:
        students, lines = _history(course, name, student)
        everyone.update(students)
        if lines:
            histories[name] = lines
    if not histories:
        where = ", ".join(names)
        raise NothingToReplay(f"no run of {where} has graded {student!r}; {_meant(student, everyone)}")
    asked = {name: lines for name, lines in histories.items() if question in _questions(lines)}
    if not asked:
        known = {known for lines in histories.values() for known in _questions(lines)}
        raise NothingToReplay(f"{', '.join(histories)} has no question {question!r}; {_meant(question, known)}")
    if len(asked) > 1:
        raise click.UsageError(f"{student} has {question} in {', '.join(asked)}; give one of them as --assignment")
    return next(iter(asked.items()))


def _assignments(course: Path, assignment: str | None) -> list[str]:
    from stepgrade.run import journal_path

    journals = journal_path(course, "*").relative_to(course).as_posix()
    known = sorted(path.parent.name for path in course.glob(journals))
    if not known:
        raise NothingToReplay(f"nothing was graded in {course} yet; `stepgrade grade ASSIGNMENT` keeps what it grades")
    if assignment is None:
        return known
    if assignment not in known:
        raise NothingToReplay(f"no run has graded an assignment {assignment!r} here; {_meant(assignment, known)}")
    return [assignment]


def _history(course: Path, assignment: str, student: str) -> tuple[tuple[str, ...], Lines]:
    from stepgrade.run import Journal, journal_path

    with Journal(journal_path(course, assignment)) as journal:
        lines = list(journal.history(student)) if journal.latest(student) is not None else []
        return journal.students, lines


def _questions(lines: Lines) -> list[str]:
    return list(dict.fromkeys(question["id"] for line in lines for question in line["result"]["questions"]))


def _meant(name: str, known: Iterable[str]) -> str:
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=3)
    more = f" and {len(known) - MAX_LISTED} more" if len(known) > MAX_LISTED else ""
    if close:
        return f"did you mean {' or '.join(close)}?"
    return f"there are: {', '.join(known[:MAX_LISTED]) or 'none'}{more}"


def _chosen(lines: Lines, student: str, question: str, number: int | None, submission: str | None) -> Stored:
    from stepgrade.evidence import NO_BYTES, Stored
    from stepgrade.result import Result

    results = [Result.from_document(line["result"]) for line in lines]
    at = _index(results, student, number, submission)
    result = results[at]
    if result.submission_sha256 == NO_BYTES:
        raise NothingToReplay(
            f"Result {at + 1} of {student} is {result.end_state.value!r} ({result.reason}): no bytes were graded, so "
            f"there is nothing to show again{_others(results, at)}"
        )
    if question not in {judged.id for judged in result.questions}:
        known = [judged.id for judged in result.questions]
        raise NothingToReplay(f"Result {at + 1} of {student} has no question {question!r}; {_meant(question, known)}")
    return Stored(result, at + 1, len(results), lines[at].get("timestamp"))


def _index(results: list[Result], student: str, number: int | None, submission: str | None) -> int:
    if submission is not None:
        prefix = submission.lower()
        of_it = [at for at, result in enumerate(results) if result.submission_sha256.startswith(prefix)]
        if not of_it:
            known = ", ".join(dict.fromkeys(result.submission_sha256[:12] for result in results))
            raise NothingToReplay(f"--submission {submission}: {student} has none like that; there are: {known}")
        return of_it[-1]
    if number is not None and number > len(results):
        raise NothingToReplay(f"--at {number}: {student} has {len(results)} Results; give 1 to {len(results)}")
    return (number or len(results)) - 1


def _others(results: list[Result], at: int) -> str:
    from stepgrade.evidence import NO_BYTES

    usable = [
        str(other + 1) for other, result in enumerate(results) if other != at and result.submission_sha256 != NO_BYTES
    ]
    return f"; --at {' or '.join(usable[:MAX_LISTED])} can be shown" if usable else ""


def _replayed(course: Path, name: str, stored: Stored, question: str, boundary: str) -> Replay:
    from stepgrade.evidence import assignment_as_it_was, graded_bytes
    from stepgrade.evidence import replay as graded_again
    from stepgrade.sandbox import find_boundary

    result = stored.result
    content = graded_bytes(course, name, result.submission_sha256, result.student or "")
    assignment = assignment_as_it_was(course, name, result.assignment_version)
    return graded_again(stored, content, assignment, question, find_boundary(boundary))


def _show(replayed: Replay, json_path: Path | None) -> None:
    from stepgrade.evidence import replay_json, replay_text
    from stepgrade.report.output import STDOUT, write_whole

    if json_path != STDOUT:
        encoding = sys.stdout.encoding or "utf-8"  # not every terminal has every character
        click.echo(replay_text(replayed).encode(encoding, "replace").decode(encoding))
    if json_path is not None:
        write_whole(json_path, replay_json(replayed).encode())
