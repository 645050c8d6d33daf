"""Submissions as they arrive."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import click

from stepgrade.cli.group import FAILED, main
from stepgrade.cli.options import find, roster_option
from stepgrade.cli.privacy import is_private


@main.command()
@click.argument("assignment")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@roster_option
@click.option("--zip-times", metavar="ZONE", help="The zip's times are when things were handed in, in this time zone.")
@click.pass_obj
def collect(course: Path, assignment: str, source: Path, roster: Path | None, zip_times: str | None) -> None:
    """Put what arrived where `grade` looks for it.

    SOURCE is the zip that Moodle or Canvas offers for download, a folder of git clones, or a folder like nbgrader's
    submitted/. The newest hand-in of everyone goes to submitted/STUDENT/ASSIGNMENT, earlier ones to
    .stepgrade/earlier. Once more with the same SOURCE changes nothing (docs/submissions.md).

    \b
    Exit code:
      0  everything found its place
      1  something was left aside, or is nobody's: the list says what and why
      2  usage

    \b
    Example:
      stepgrade collect cnn_step_by_step downloads/submissions.zip --roster class.csv
      stepgrade collect cnn_step_by_step hand_ins.zip --zip-times Europe/Berlin  # its times are true
    """
    found = find(assignment, course)
    from stepgrade.course import arrivals
    from stepgrade.course.roster import Roster

    people = Roster.read(roster) if roster else None
    collected = arrivals.collect(source, found, people, zip_times=_zone(zip_times))
    for line in collected.lines:
        if not is_private() and (line.detail or line.fate is not arrivals.Fate.UNCHANGED):
            click.echo(str(line))
    click.echo(str(collected))
    click.get_current_context().exit(0 if collected.complete else FAILED)


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError):
        raise click.UsageError(f"{name!r} is no time zone; expected a name like Europe/Berlin or UTC") from None
