"""What one mark costs: stepgrade, its floor, and stock nbgrader, side by side in one run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import click
from floor import Requests, open_and_close, recorded
from peer import BIN, Peer
from stopwatch import STEPS, Stopwatch, breakdown
from submissions import ASSIGNMENT, COURSE, STYLES, students_notebook
from table import Figure, Times, machine, markdown, versions

from stepgrade.assignment import Assignment
from stepgrade.grade import Grader
from stepgrade.sandbox import NO_BOUNDARY, Boundary, Limits, find_boundary

# The peer's notebooks, with and without the cells that our grader does not run: name, and whether they are there.
PEERS = {"the released notebook": True, "exercises only": False}
ISOLATED, BARE = "world opened and closed", "process opened and closed without isolation"
CHECK = "stepgrade check from the shell, cold"
# Any secret of its own: the Result then says nothing of a demo key, and the work is the same.
SECRET = b"benchmarks"


def peer_of(kind: str) -> str:
    return f"nbgrader autograde, each further submission, {kind}"


def command_of(kind: str) -> str:
    return f"nbgrader autograde, the command for one submission, {kind}"


def marks_of(style: str) -> str:
    return f"stepgrade marks, {style}"


def floor_of(style: str) -> str:
    return f"floor, {style}"


def bare_floor_of(style: str) -> str:
    return f"floor without isolation, {style}"


@dataclass(frozen=True)
class Amount:
    """How much is measured: rounds, each of some passes over the short times, then the peer and the shell once."""

    rounds: int
    passes: int
    peers_students: int


FULL = Amount(rounds=7, passes=6, peers_students=7)
QUICK = Amount(rounds=1, passes=3, peers_students=3)


@dataclass
class Run:
    """One run of everything, interleaved, so that what else the machine does meets all sides alike."""

    amount: Amount
    folder: Path
    boundary: Boundary = field(default_factory=find_boundary)
    times: dict[str, Times] = field(default_factory=lambda: defaultdict(Times))
    watches: dict[str, list[Stopwatch]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self._grader = Grader(Assignment.find(ASSIGNMENT, COURSE), SECRET, boundary=self.boundary)
        self._limits: Limits = self._grader.assignment.limits
        self._notebooks = {style: students_notebook(style) for style in STYLES}
        self._requests = {style: self._warmed_up(style) for style in STYLES}

    def measure(self) -> None:
        """Fill ``times`` and ``watches``."""
        progress("nbgrader builds its courses")
        peers = {
            kind: Peer(self.folder / kind, self.amount.peers_students, demonstrations=demonstrations)
            for kind, demonstrations in PEERS.items()
        }
        for number in range(1, self.amount.rounds + 1):
            progress(f"round {number} of {self.amount.rounds}")
            for _ in range(self.amount.passes):
                self._short_times()
            self.times[CHECK].measure(self._check)
            for kind, peer in peers.items():
                further, alone = peer.per_submission_s()
                self.times[peer_of(kind)].seconds.append(further)
                self.times[command_of(kind)].seconds.append(alone)

    def _warmed_up(self, style: str) -> Requests:
        """Use everything once, so that what only a first time costs is not measured; return the floor's requests."""
        result = self._grader.grade(self._notebooks[style], style)
        if result.points != result.max_points:
            raise click.ClickException(
                f"{style} gets {result.points} of {result.max_points}; it is to be a right answer"
            )
        requests = recorded(self._grader, self._notebooks[style], style)
        for boundary in (self.boundary, NO_BOUNDARY):
            requests.repeat(boundary, self._limits)
        return requests

    def _short_times(self) -> None:
        for style in STYLES:
            notebook, requests = self._notebooks[style], self._requests[style]
            self.times[marks_of(style)].measure(lambda: self._grader.grade(notebook, style))  # noqa: B023 - used at once
            self.times[floor_of(style)].measure(lambda: requests.repeat(self.boundary, self._limits))  # noqa: B023
            self.times[bare_floor_of(style)].measure(lambda: requests.repeat(NO_BOUNDARY, self._limits))  # noqa: B023
            self.times[ISOLATED].measure(lambda: open_and_close(self.boundary, self._limits))
            self.times[BARE].measure(lambda: open_and_close(NO_BOUNDARY, self._limits))
            self.watches[style].append(breakdown(self._grader, notebook, style))

    def _check(self) -> None:
        notebook = self.folder / f"{ASSIGNMENT}.ipynb"
        notebook.write_bytes(self._notebooks[STYLES[0]])
        subprocess.run(  # noqa: S603 - our own command, on a notebook of this repository
            [BIN / "stepgrade", "--course", COURSE, "check", notebook], check=True, capture_output=True
        )


def figures(times: dict[str, Times]) -> list[Figure]:
    """Return the figures to reach, and whether they were."""
    found = []
    for style in STYLES:
        marks, floor = times[marks_of(style)].median_ms, times[floor_of(style)].median_ms
        found.append(Figure.at_most(f"marks, {style}: 1.5 times the floor and 15 ms", marks, 1.5 * floor + 15))
        for kind in PEERS:
            ratio = times[peer_of(kind)].median_ms / marks
            what = f"nbgrader per submission ({kind}) / marks, {style}"
            found.append(Figure(what, f"{ratio:.1f}", "at least 35", ratio >= 35))
    isolation = times[ISOLATED].median_ms - times[BARE].median_ms
    return [
        *found,
        Figure.at_most("isolation: a world's opening and closing, less a bare process's", isolation, 5),
        Figure.at_most(CHECK, times[CHECK].median_ms, 2500),
    ]


def report(run: Run) -> str:
    """Return everything that was measured, as Markdown."""
    watched = {
        style: [_median_ms([watch.seconds[step] for watch in run.watches[style]]) for step in STEPS] for style in STYLES
    }
    rows = [[step, *(f"{watched[style][i]:.1f}" for style in STYLES)] for i, step in enumerate(STEPS)]
    cpu = [_median_ms([watch.student_cpu_s for watch in run.watches[style]]) for style in STYLES]
    rows.append(["(student's cells and calls, CPU time in the world)", *(f"{ms:.1f}" for ms in cpu)])
    rows.append(["(calls)", *(str(run.watches[style][0].n_calls) for style in STYLES)])
    parts = [
        "# What one mark costs",
        f"- machine: {machine()}\n- versions: {versions()}\n- boundary: {run.boundary.line}",
        markdown(("figure", "measured", "to reach", "reached"), [figure.cells for figure in figures(run.times)]),
        "All times in milliseconds.",
        markdown(("per submission", "n", "median", "min", "max"), [(name, *t.cells) for name, t in run.times.items()]),
        "Where the time of a mark goes (the grader's clock; medians, so they need not add up):",
        markdown(("step", *STYLES), rows),
    ]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _median_ms(seconds: list[float]) -> float:
    return 1000 * statistics.median(seconds)


def progress(text: str) -> None:
    click.echo(text, err=True)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="One short round: does it work? The numbers mean little.")
@click.option("--table", type=click.Path(dir_okay=False, path_type=Path), help="Also write the tables to this file.")
def main(*, quick: bool, table: Path | None) -> None:
    """Measure what one mark costs, beside its floor and stock nbgrader, and print Markdown tables.

    Reads the release, examples/class and hidden/ of this repository; works in a temporary folder. Takes about ten
    minutes (--quick: one), on a machine that does nothing else.

    Example: python benchmarks/marks.py --table benchmarks/RESULTS.md
    """
    with tempfile.TemporaryDirectory(prefix="stepgrade-benchmark-") as folder:
        run = Run(QUICK if quick else FULL, Path(folder))
        run.measure()
    text = report(run)
    if table is not None:
        table.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
