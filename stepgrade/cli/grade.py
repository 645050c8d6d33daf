"""A class."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stepgrade.cli.group import OUR_ERROR, main
from stepgrade.cli.options import boundary_options, find, roster_option, workers_options
from stepgrade.cli.privacy import is_private, people
from stepgrade.cli.progress import Progress

if TYPE_CHECKING:
    from stepgrade.assignment import Assignment
    from stepgrade.cli.classroom import Classroom
    from stepgrade.run import Done, Journal, Planned

MAX_ROWS = 400  # of a table that a person reads
MAX_LISTED = 50  # lines of a list


@main.command()
@click.argument("assignment")
@click.option("--student", "students", metavar="NAME", multiple=True, help="Only this one; can be given several times.")
@click.option("--force", is_flag=True, help="Grade everyone anew, whatever is known already.")
@click.option("--dry-run", is_flag=True, help="Say what would be graded and why, and change nothing.")
@roster_option
@workers_options
@boundary_options
@click.pass_obj
def grade(
    course: Path,
    assignment: str,
    students: tuple[str, ...],
    roster: Path | None,
    n_workers: int | None,
    cluster: str | None,
    *,
    force: bool,
    dry_run: bool,
    insecure_cluster: bool,
    boundary: str,
) -> None:
    """Grade a class: what is new or changed under submitted/, in parallel.

    Reads submitted/STUDENT/ASSIGNMENT, writes autograded/, nbgrader's gradebook and the journal
    .stepgrade/ASSIGNMENT/journal.jsonl. It can be stopped at any moment; the same command goes on where it was. What
    would come out the same is not graded again: after a check was changed, only the questions that it concerns.

    \b
    Exit code:
      0  everyone has a Result
      2  usage
      3  some submission could not be graded, or an error of the grader; no mark is lost, run it again

    \b
    Example:
      stepgrade grade cnn_step_by_step --roster class.csv  # who has handed in nothing is listed, too
      stepgrade grade cnn_step_by_step --student ada --force
      stepgrade grade cnn_step_by_step --boundary landlock  # in a container without namespaces
    """
    found = find(assignment, course)
    from stepgrade.cli.workforce import workers

    with workers(n_workers, cluster, found, boundary, insecure=insecure_cluster) as place:
        executor, window, known = place
        with uncollected():  # these import nbgrader, while the workers prepare themselves
            from stepgrade.cli.classroom import Classroom, why_graded
            from stepgrade.course.configuration import configured_secret_file
            from stepgrade.course.roster import Roster
            from stepgrade.run import Journal, journal_path, plan
            from stepgrade.secret import read_secret

        classroom = Classroom(
            found,
            read_secret(configured_secret_file(found.course)),
            boundary,
            roster=Roster.read(roster) if roster else None,
        )
        chosen = _chosen(classroom, students)
        environment = known.result()
        click.echo(f"boundary: {environment['boundary']}", err=True)
        with Journal(journal_path(found.course, found.name), writing=not dry_run) as journal:
            planned = deque(plan(classroom.wanted(chosen, environment), journal, force=force))
            if dry_run:
                _list([f"{one.student}: {why_graded(one, journal, found)}" for one in planned])
                click.echo(f"{len(planned)} of {len(chosen)} submissions would be graded")
                return
            try:
                changes, failed = _graded(len(planned), classroom.grade(_taken(planned), journal, executor, window))
            except KeyboardInterrupt:
                click.echo(f"\nstopped; {len(journal)} Results are safe, and the same command goes on", err=True)
                raise
            _show(found, chosen, journal)
    if changes:
        click.echo(f"\nmarks that have changed:{f' {len(changes)}' * is_private()}")
        _list(changes)
    if failed:
        click.echo(f"\nwithout a mark, because the grader failed: {people(failed, MAX_LISTED)}", err=True)
        click.get_current_context().exit(OUR_ERROR)


@contextmanager
def uncollected() -> Iterator[None]:
    """Import what stays to the end: Python's garbage collector does not look through it, now or later."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _chosen(classroom: Classroom, students: tuple[str, ...]) -> tuple[str, ...]:
    everyone = classroom.students
    if unknown := sorted(set(students) - set(everyone)):
        raise click.UsageError(f"--student {unknown[0]}: nobody of that name in submitted/, gradebook or roster")
    if not everyone:
        name = classroom.assignment.name
        raise click.UsageError(f"there is nothing under submitted/*/{name}; put submissions there first")
    return tuple(sorted(set(students))) or everyone


def _taken(planned: deque[Planned]) -> Iterator[Planned]:
    """Yield what is planned and forget it: the journal knows as much of whoever has been graded."""
    while planned:
        yield planned.popleft()


def _graded(n_planned: int, run: Iterable[Done]) -> tuple[list[str], list[str]]:
    """Follow the run; return whose marks have changed, and whom the grader failed on."""
    from stepgrade.cli.classroom import what_changed

    def steps() -> Iterator[tuple[Done, str]]:
        return ((done, done.graded["end_state"]) for done in run)

    changes, failed = [], []
    for done in Progress("Grading", n_planned).follow(steps()):
        if text := what_changed(done):
            changes.append(text)
        if done.graded["end_state"] == "grader_error":
            failed.append(done.planned.student)
    return sorted(changes), sorted(failed)


def _show(assignment: Assignment, students: Sequence[str], journal: Journal) -> None:
    from stepgrade.report.table import marks_table

    if len(students) > MAX_ROWS or is_private():
        click.echo(f"{people(students, 0)}; `stepgrade export {assignment.name} --csv marks.csv` has their marks")
        return
    click.echo(marks_table(assignment, ((student, journal.result(student)) for student in students)))


def _list(lines: Sequence[str]) -> None:
    """Print lines about students; in private nothing, since whoever calls this says how many there are."""
    if is_private():
        return
    for line in lines[:MAX_LISTED]:
        click.echo(f"  {line}")
    if len(lines) > MAX_LISTED:
        click.echo(f"  and {len(lines) - MAX_LISTED} more")
