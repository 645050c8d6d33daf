"""What a submission that eats everything costs the others: an honest one beside it, and right after it."""

from __future__ import annotations

import dataclasses
import multiprocessing
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import click
from submissions import ASSIGNMENT, ATTACKS, COURSE, STYLES, attack_notebook, students_notebook
from table import Figure, Times, machine, markdown, versions

from stepgrade.assignment import Assignment
from stepgrade.grade import Grader
from stepgrade.sandbox import find_boundary

HONEST = STYLES[0]
ALONE = "alone"
CONTROL = "another honest submission"  # what any neighbour costs, on this many cores
MOST_MS = 100.0
# Until the attack is under way: its cells run some milliseconds after the start.
HEAD_START_S = 0.3


# An attack that uses up its time is to do so soon; memory, processes and output are limited as always.
SHORT = {"cell_cpu_s": 5.0, "wall_s": 8.0, "submission_cpu_s": 10.0, "submission_wall_s": 15.0}


def new_grader() -> Grader:
    assignment = Assignment.find(ASSIGNMENT, COURSE)
    limits = dataclasses.replace(assignment.limits, **SHORT)
    # Its own boundary, never none: these notebooks are not to run outside of one.
    return Grader(assignment, b"benchmarks", limits, find_boundary())


def grade_attacks(connection: Connection) -> None:
    """Grade each notebook that arrives over and over, until the next message; None ends the process."""
    grader = new_grader()
    grader.grade(students_notebook(HONEST), HONEST)  # the template is warm, as in the middle of a class run
    connection.send("ready")
    while (notebook := connection.recv()) is not None:
        end_state = ""
        while not connection.poll():
            end_state = grader.grade(notebook, "attacker").end_state.value
        connection.recv()
        connection.send(end_state)


@contextmanager
def attacker() -> Iterator[Connection]:
    """Start a second grading process with a template of its own."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=grade_attacks, args=(theirs,))
    process.start()
    try:
        ours.recv()
        yield ours
    finally:
        ours.send(None)
        process.join()


class Neighbours:
    """Times of an honest submission: alone, while each attack is graded in another process, and right after it."""

    def __init__(self) -> None:
        self.grader = new_grader()
        self.honest = students_notebook(HONEST)
        self.others = {CONTROL: self.honest} | {name: attack_notebook(name) for name in ATTACKS}
        self.beside: dict[str, Times] = defaultdict(Times)
        self.after: dict[str, Times] = defaultdict(Times)
        self.end_states: dict[str, str] = {}
        self.grade_honest()

    def grade_honest(self) -> None:
        result = self.grader.grade(self.honest, HONEST)
        if result.points != result.max_points:
            raise click.ClickException(f"{HONEST} gets {result.points} of {result.max_points} beside an attack")

    def measure(self, other: Connection, passes: int) -> None:
        """Measure one round: before each of the others alone, then beside it."""
        for name, notebook in self.others.items():
            for _ in range(passes):
                self.beside[ALONE].measure(self.grade_honest)
            other.send(notebook)
            time.sleep(HEAD_START_S)
            for _ in range(passes):
                self.beside[name].measure(self.grade_honest)
            other.send("enough")
            self.end_states[name] = other.recv()

    def measure_after(self) -> None:
        """Grade each of the others, and the honest submission at once behind it, with the same template."""
        for name, notebook in self.others.items():
            self.after[ALONE].measure(self.grade_honest)
            self.grader.grade(notebook, "attacker")
            self.after[name].measure(self.grade_honest)

    def report(self) -> str:
        """Return everything that was measured, as Markdown."""
        figures = [
            Figure.at_most(f"{name}: {when}", times[name].median_ms - times[ALONE].median_ms, MOST_MS)
            for when, times in (("beside it", self.beside), ("right after it", self.after))
            for name in ATTACKS
        ]
        rows = [
            (f"{when} {name}", *times[name].cells)
            for when, times in (("beside:", self.beside), ("after:", self.after))
            for name in (ALONE, *self.others)
        ]
        ends = ", ".join(f"{name}: {state}" for name, state in self.end_states.items())
        parts = [
            "# What a submission that eats everything costs the others",
            f"- machine: {machine()}\n- versions: {versions()}\n- boundary: {find_boundary().line}\n- ends: {ends}",
            markdown(
                ("the honest submission takes longer by", "measured", "to reach", "reached"), [f.cells for f in figures]
            ),
            "The honest submission, in milliseconds:",
            markdown(("", "n", "median", "min", "max"), rows),
        ]
        return "\n\n".join(part.rstrip() for part in parts) + "\n"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="One short round: does it work? The numbers mean little.")
@click.option("--table", type=click.Path(dir_okay=False, path_type=Path), help="Also write the tables to this file.")
def main(*, quick: bool, table: Path | None) -> None:
    """Measure what an attack costs an honest submission beside it, and right after it, and print Markdown tables.

    Grades notebooks that take 4 GB, 200 processes, 200 MB of output or endless time, within the sandbox only.

    Takes about five minutes (--quick: one and a half).

    Example: python benchmarks/neighbours.py --table benchmarks/NEIGHBOURS.md
    """
    neighbours = Neighbours()
    with attacker() as other:
        for number in range(1, (1 if quick else 5) + 1):
            click.echo(f"round {number}: beside", err=True)
            neighbours.measure(other, passes=3 if quick else 8)
    for number in range(1, (1 if quick else 3) + 1):
        click.echo(f"round {number}: after", err=True)
        neighbours.measure_after()
    text = neighbours.report()
    if table is not None:
        table.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
