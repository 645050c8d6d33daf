"""What a class costs: `stepgrade grade` and `feedback` beside stock nbgrader, and two workers beside one."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import click
from class_mix import ENDLESS, HandIn, class_of
from own_course import OwnCourse, check_marks, stepgrade
from peer import PeerCourse, PeerFailed, check_peers_marks
from submissions import ASSIGNMENT
from table import Figure, Times, machine, markdown, versions

from stepgrade.sandbox import find_boundary

CORES = 2
PEERS = {"the released notebook": True, "exercises only": False}
# The peer has one limit, per cell, of wall time.
PEERS_CONFIGURATION = "c = get_config()\nc.ExecutePreprocessor.timeout = 2\n"
TOTAL, EACH = "2 s of CPU time in all", "2 s of CPU time per cell and per call"
LIMITS = {TOTAL: "submission_cpu_s = 2\n", EACH: "cell_cpu_s = 2\ncall_cpu_s = 2\n"}
MARKS, PAGES = "autograde", "autograde + generate_feedback"


@dataclass(frozen=True)
class Amount:
    """How much is measured.

    Parameters
    ----------
    n_class : int
        Our class, whole in every round.
    n_peers : int
        What the peer grades in one round: the next so many of a class with the same shares.
    rounds : int
        So many that rounds times ``n_peers`` has the shares exactly.
    """

    n_class: int
    n_peers: int
    rounds: int


FULL = Amount(n_class=200, n_peers=20, rounds=5)
QUICK = Amount(n_class=30, n_peers=2, rounds=1)


@dataclass
class Run:
    """Everything, interleaved, so that what else the machine does meets all sides alike."""

    amount: Amount
    folder: Path
    peers: Sequence[str]
    pages: bool
    times: dict[str, Times] = field(default_factory=lambda: defaultdict(Times))

    def measure(self) -> None:
        """Fill ``times``."""
        hand_ins = tuple(class_of(self.amount.n_class))
        progress("courses are built")
        self._own = {limits: OwnCourse(self.folder / f"own{n}", LIMITS[limits]) for n, limits in enumerate(LIMITS)}
        self._peers = {kind: self._peer(kind) for kind in self.peers}
        for course in self._own.values():
            course.hand_in(hand_ins)
        for number in range(self.amount.rounds):
            progress(f"round {number + 1} of {self.amount.rounds}: stepgrade")
            self._own_class(hand_ins)
            self._workers([one for one in hand_ins if one.kind != ENDLESS], number)
            for kind, peer in self._peers.items():
                progress(f"round {number + 1} of {self.amount.rounds}: nbgrader, {kind}")
                self._peers_class(kind, peer, number)

    def _peer(self, kind: str) -> PeerCourse:
        peer = PeerCourse(
            self.folder / kind.replace(" ", "_"), demonstrations=PEERS[kind], configuration=PEERS_CONFIGURATION
        )
        for hand_in in class_of(self.amount.n_peers * self.amount.rounds):
            peer.hand_in(hand_in.student, hand_in.notebook(peer.release))
        return peer

    def _own_class(self, hand_ins: Sequence[HandIn]) -> None:
        for limits in LIMITS:
            with self._copied(limits) as course:
                self.times[own(limits)].measure(lambda: stepgrade(course, "grade", ASSIGNMENT, "--workers", str(CORES)))
                check_marks(course, hand_ins)
                if self.pages and limits == TOTAL:
                    self.times[OWN_PAGES].measure(lambda: stepgrade(course, "feedback", ASSIGNMENT))
                    check_pages(course, len(hand_ins))

    def _workers(self, hand_ins: Sequence[HandIn], number: int) -> None:
        """Grade the class without the endless ones, with one worker and with two; who is first changes.

        One worker has two cores, too, and uses more than one: it judges while student code runs, and the command
        records besides. So it is measured on one core as well.
        """
        students = {hand_in.student for hand_in in hand_ins}
        for n_workers, cores in ((1, 1), (1, CORES), (2, CORES))[:: 1 if number % 2 else -1]:
            with self._copied(TOTAL, students) as course:
                self.times[by_workers(n_workers, cores)].measure(
                    lambda: stepgrade(course, "grade", ASSIGNMENT, "--workers", str(n_workers), cores=cores)  # noqa: B023
                )
                check_marks(course, hand_ins)
        with self._copied(TOTAL, {hand_ins[0].student}) as course:
            self.times[ONE].measure(lambda: stepgrade(course, "grade", ASSIGNMENT, "--workers", "1"))

    def _peers_class(self, kind: str, peer: PeerCourse, number: int) -> None:
        every = tuple(class_of(self.amount.n_peers * self.amount.rounds))
        hand_ins = every[number * self.amount.n_peers : (number + 1) * self.amount.n_peers]
        commands = {MARKS: "autograde", PAGES: "generate_feedback"} if self.pages else {MARKS: "autograde"}
        with peer.copied([]) as course:  # it finds no submission, and ends where it would begin with them
            (course / "submitted").mkdir()
            for what, command in commands.items():
                seconds = peer.nbgrader(course, command, ASSIGNMENT, may_fail=True)
                self.times[start_of(kind, what)].seconds.append(seconds)
        with peer.copied(hand_in.student for hand_in in hand_ins) as course:
            for what, command in commands.items():
                seconds = peer.nbgrader(course, command, ASSIGNMENT, may_fail=True)
                self.times[peers(kind, what)].seconds.append(seconds)
            check_peers_marks(course, hand_ins)
            if self.pages and not any((course / "feedback").glob(f"*/*/{ASSIGNMENT}.html")):
                raise PeerFailed("nbgrader generate_feedback wrote no page")

    @contextmanager
    def _copied(self, limits: str, students: Iterable[str] | None = None) -> Iterator[Path]:
        course = self.folder / "course"
        shutil.copytree(self._own[limits].folder, course)
        try:
            for folder in () if students is None else (course / "submitted").iterdir():
                if folder.name not in students:
                    shutil.rmtree(folder)
            yield course
        finally:
            shutil.rmtree(course)


OWN_PAGES = "stepgrade feedback, after that"
ONE = "stepgrade grade --workers 1, one submission"


def own(limits: str) -> str:
    return f"stepgrade grade --workers {CORES}, {limits}"


def by_workers(n_workers: int, cores: int) -> str:
    confined = "" if cores == CORES else ", on one core"
    return f"stepgrade grade --workers {n_workers}{confined}, without the endless ones"


def peers(kind: str, what: str) -> str:
    return f"nbgrader {what.rpartition(' ')[2]}, {kind}"


def start_of(kind: str, what: str) -> str:
    return f"{peers(kind, what)}, nothing to do"


def check_pages(course: Path, n_pages: int) -> None:
    found = len(list((course / "feedback").glob(f"*/{ASSIGNMENT}/*.html")))
    if found != n_pages:
        raise click.ClickException(f"stepgrade feedback wrote {found} pages, expected {n_pages}")


def scaled_s(run: Run, kind: str, what: str) -> float:
    """Return what the peer's command takes for our whole class: its start once, each submission as in all rounds."""
    start_s = run.times[start_of(kind, what)].median_s
    graded_s = sum(seconds - start_s for seconds in run.times[peers(kind, what)].seconds)
    return start_s + graded_s * run.amount.n_class / (run.amount.n_peers * run.amount.rounds)


def figures(run: Run) -> list[Figure]:
    """Return the figures to reach, and whether they were."""
    found = []
    for kind in run.peers:
        marks_s = scaled_s(run, kind, MARKS)
        for limits in LIMITS:
            ratio = marks_s / run.times[own(limits)].median_s
            found.append(Figure.times(f"marks, against autograde ({kind}); {limits}", ratio, 60))
        if run.pages:
            own_s = run.times[own(TOTAL)].median_s + run.times[OWN_PAGES].median_s
            ratio = (marks_s + scaled_s(run, kind, PAGES)) / own_s
            found.append(Figure.times(f"marks and pages, against {PAGES} ({kind}); {TOTAL}", ratio, 10))
    alone, one, two, start = (
        run.times[name].median_s for name in (by_workers(1, 1), by_workers(1, CORES), by_workers(2, CORES), ONE)
    )
    found.append(Figure.times("two workers on two cores against one on one core, the whole command", alone / two, 1.8))
    found.append(Figure.times("two workers against one, both on two cores", one / two, 1.8))
    found.append(Figure.times("the same, less the command for one submission", (one - start) / (two - start), 1.8))
    return found


def report(run: Run) -> str:
    """Return everything that was measured, as Markdown."""
    kinds = Counter(hand_in.kind for hand_in in class_of(run.amount.n_class))
    scaled = [
        (peers(kind, what), f"{scaled_s(run, kind, what):.0f}")
        for kind in run.peers
        for what in ((MARKS, PAGES) if run.pages else (MARKS,))
    ]
    seconds = [
        (name, str(len(t.seconds)), *(f"{s:.2f}" for s in (t.median_s, min(t.seconds), max(t.seconds))))
        for name, t in run.times.items()
    ]
    n_peers = run.amount.n_peers * run.amount.rounds
    parts = [
        "# What a class costs",
        f"- machine: {machine()}\n- versions: {versions()}\n- boundary: {find_boundary().line}\n"
        f"- class: {run.amount.n_class} submissions ({', '.join(f'{n} {kind}' for kind, n in kinds.items())})\n"
        f"- the peer: {run.amount.rounds} rounds of {run.amount.n_peers}, together {n_peers} with such shares",
        markdown(("figure", "measured", "to reach", "reached"), [figure.cells for figure in figures(run)]),
        "Whole commands, in seconds.",
        markdown(("command", "n", "median", "min", "max"), seconds),
        f"The peer's, for {run.amount.n_class} submissions: its start once, and the mean of all that it graded.",
        markdown(("command", "seconds"), scaled),
    ]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def progress(text: str) -> None:
    click.echo(f"{time.strftime('%H:%M:%S')} {text}", err=True)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="One short round: does it work? The numbers mean little.")
@click.option(
    "--rounds", type=int, help=f"Instead of {FULL.rounds}; the shares of the peer's class are exact with that."
)
@click.option("--pages/--no-pages", default=True, help="Whether feedback pages are made, too.")
@click.option(
    "--peer",
    "peers",
    type=click.Choice([*PEERS]),
    multiple=True,
    default=tuple(PEERS),
    help="Only this kind of the peer's notebooks.",
)
@click.option("--table", type=click.Path(dir_okay=False, path_type=Path), help="Also write the tables to this file.")
def main(*, quick: bool, rounds: int | None, pages: bool, peers: tuple[str, ...], table: Path | None) -> None:
    """Measure what a class of 200 costs, beside stock nbgrader on 20 of it, and print Markdown tables.

    Reads source/, hidden/, the release and examples/class of this repository; works in a temporary folder. Everything
    it starts has two cores, whatever the machine has. Takes about half an hour (--quick: three minutes), on a machine
    that does nothing else.

    Example: python benchmarks/classrun.py --table benchmarks/CLASSRUN.md
    """
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    with tempfile.TemporaryDirectory(prefix="stepgrade-benchmark-") as folder:
        amount = QUICK if quick else FULL
        run = Run(replace(amount, rounds=rounds or amount.rounds), Path(folder), peers, pages)
        run.measure()
    text = report(run)
    if table is not None:
        table.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
