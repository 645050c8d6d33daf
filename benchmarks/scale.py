"""What grading costs as the class grows: memory, time, rows and bytes, and the same carried to a million."""

from __future__ import annotations

import itertools
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
from class_mix import class_of
from disk import usage_of
from gradebook import recorded_marks, tables
from own_course import OwnCourse, check_marks
from peer import BIN
from projection import carried
from submissions import ASSIGNMENT
from table import Figure, machine, markdown, replace_block, versions
from watched import Watched, watch

from stepgrade.sandbox import find_boundary

SIZES = "1000,10000"
MEASURED = "measured.json"  # beside each course, so that a run that is stopped goes on where it was
MIB = 1024


@dataclass
class Size:
    """A class of one size: its course folder, and what was measured there.

    ``parts`` are the runs that graded it; more than one where the measurement was stopped in between.
    """

    n: int
    folder: Path
    parts: list[Watched] = field(default_factory=list)
    again: Watched = field(default_factory=Watched)
    pages: Watched = field(default_factory=Watched)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._file.exists():
            document = json.loads(self._file.read_text(encoding="utf-8"))
            self.parts = [Watched(**part) for part in document["parts"]]
            self.again, self.pages = Watched(**document["again"]), Watched(**document["pages"])

    @property
    def course(self) -> Path:
        return self.folder / "course"

    def measure(self, n_workers: int, *, pages: bool) -> None:
        """Do what is not done yet."""
        hand_ins = tuple(class_of(self.n, endless=False))
        progress(f"{self.n}: {len(hand_ins)} notebooks are written")
        OwnCourse(self.course).hand_in(hand_ins)
        grade = ("grade", ASSIGNMENT, "--workers", str(n_workers))
        if not (self.parts and self.parts[-1].ended):
            self.parts.append(Watched())
            self._run(self.parts, grade)
            check_marks(self.course, hand_ins)
        progress(f"{self.n}: again, with nothing changed")
        again = [self.again]
        self._run(again, grade)
        (self.again,) = again
        if pages and not self.pages.ended:
            progress(f"{self.n}: feedback pages")
            made = [self.pages]
            self._run(made, ("feedback", ASSIGNMENT))
            (self.pages,) = made
        self._keep()

    def _run(self, parts: list[Watched], verb: Sequence[str]) -> None:
        def keep(seen: Watched) -> None:
            parts[-1] = seen
            self._keep()

        keep(watch([BIN / "stepgrade", "--course", self.course, *verb], keep))

    def _keep(self) -> None:
        document = {
            "parts": [part.document for part in self.parts],
            "again": self.again.document,
            "pages": self.pages.document,
        }
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(document), encoding="utf-8")
        new.rename(self._file)

    @property
    def _file(self) -> Path:
        return self.folder / MEASURED

    @property
    def n_graded(self) -> int:
        return len(recorded_marks(self.course))

    @property
    def wall_ms(self) -> float:
        """Wall time per submission, the command's start included."""
        return 1000 * sum(part.wall_s for part in self.parts) / self.n_graded

    @property
    def steady_ms(self) -> list[float]:
        """Wall time per submission between one progress line and the next, of the run that graded most."""
        points = max(self.parts, key=lambda part: len(part.points)).points
        return [
            1000 * (later - before) / (more - n)
            for (before, n), (later, more) in itertools.pairwise(points)
            if more > n
        ]

    @property
    def cpu_ms(self) -> float | None:
        """CPU time per submission of all processes, None where the measurement was stopped in between."""
        return 1000 * self.parts[0].cpu_s / self.n_graded if len(self.parts) == 1 else None

    @property
    def own_cpu_ms(self) -> float:
        """CPU time per submission of the command itself, which plans, keeps the journal and fills the gradebook."""
        return 1000 * sum(part.own_cpu_s for part in self.parts) / self.n_graded

    @property
    def tail_s(self) -> float:
        """What the last run still did when everything was graded: the gradebook, and the workers' end."""
        last = self.parts[-1]
        return last.wall_s - last.points[-1][0] if last.points else 0.0

    @property
    def peak_mib(self) -> float:
        return max(part.own_peak_kib for part in self.parts) / MIB

    @property
    def others_mib(self) -> float:
        return max(part.others_kib for part in self.parts) / MIB


def figures(sizes: Sequence[Size]) -> list[Figure]:
    """Return the figures to reach, and whether they were."""
    small, large = sizes[0], sizes[-1]
    found = []
    for size in sizes:
        what = f"the command's own peak memory, {size.n} submissions"
        found.append(Figure(what, f"{size.peak_mib:.0f} MiB", "at most 300 MiB", size.peak_mib <= 300))
    if small is not large:
        growth, slower = large.peak_mib / small.peak_mib, large.wall_ms / small.wall_ms
        ratio = f"{large.n} submissions against {small.n}"
        found += [
            Figure(f"that memory, {ratio}", f"{growth:.2f} times", "at most 1.1", growth <= 1.1),
            Figure(f"time per submission, {ratio}", f"{slower:.2f} times", "0.8 to 1.2", 0.8 <= slower <= 1.2),
        ]
        if small.cpu_ms and large.cpu_ms:
            ratio_cpu = large.cpu_ms / small.cpu_ms
            found.append(
                Figure(
                    f"CPU time per submission, {ratio}", f"{ratio_cpu:.2f} times", "0.8 to 1.2", 0.8 <= ratio_cpu <= 1.2
                )
            )
    seconds = large.again.wall_s
    found.append(
        Figure(
            f"a second run, nothing changed, {large.n} submissions", f"{seconds:.1f} s", "at most 30 s", seconds <= 30
        )
    )
    return found


def costs(sizes: Sequence[Size]) -> str:
    """Return what each size cost."""
    rows: list[tuple[str, list[str]]] = [
        ("wall time per submission, whole command, ms", [f"{size.wall_ms:.1f}" for size in sizes]),
        ("the quickest and the slowest twentieth, ms", [_range(size.steady_ms) for size in sizes]),
        (
            "CPU time per submission, all processes, ms",
            [f"{size.cpu_ms:.1f}" if size.cpu_ms else "-" for size in sizes],
        ),
        ("of it the command's own process, ms", [f"{size.own_cpu_ms:.1f}" for size in sizes]),
        ("the command's own peak memory, MiB", [f"{size.peak_mib:.0f}" for size in sizes]),
        ("from the last Result to the end of the command, s", [f"{size.tail_s:.1f}" for size in sizes]),
        ("workers, templates and worlds together, MiB", [f"{size.others_mib:.0f}" for size in sizes]),
        ("a second run, nothing changed, s", [f"{size.again.wall_s:.1f}" for size in sizes]),
        ("its peak memory, MiB", [f"{size.again.own_peak_kib / MIB:.0f}" for size in sizes]),
        ("runs that it took", [str(len(size.parts)) for size in sizes]),
    ]
    return markdown(("cost", *(f"{size.n} submissions" for size in sizes)), [(what, *cells) for what, cells in rows])


def stored(size: Size) -> str:
    """Return what lies on the disk per submission, by folder, and in the gradebook, by table."""
    n = size.n_graded
    rows = [
        (
            use.what,
            f"{use.n_files / n:.2f}",
            f"{use.n_folders / n:.2f}",
            f"{use.size / n:.0f}",
            f"{use.allocated / n:.0f}",
        )
        for use in usage_of(size.course)
    ]
    gradebook = [
        (name, f"{n_rows / n:.2f}", f"{size_b / n:.0f}") for name, (n_rows, size_b) in tables(size.course).items()
    ]
    return "\n".join(
        [
            markdown(("per submission", "files", "folders", "bytes", "bytes on the disk"), rows),
            markdown(("gradebook, per submission", "rows", "bytes with indexes"), gradebook),
        ]
    )


def _range(values: Sequence[float]) -> str:
    return f"{min(values):.1f} to {max(values):.1f}" if values else "-"


def report(sizes: Sequence[Size], n_workers: int) -> str:
    """Return everything that was measured, as Markdown."""
    parts = [
        "# What grading costs as the class grows",
        f"- machine: {machine()}\n- versions: {versions()}\n- boundary: {find_boundary().line}\n"
        f"- classes: right, wrong and broken submissions of `class_mix.py`, none endless; {n_workers} workers",
        markdown(("figure", "measured", "to reach", "reached"), [figure.cells for figure in figures(sizes)]),
        costs(sizes),
        stored(sizes[-1]),
        *_pages(sizes),
    ]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _pages(sizes: Sequence[Size]) -> Iterator[str]:
    for size in sizes:
        if size.pages.ended:
            n = size.n_graded
            n_bytes = next(use.size for use in usage_of(size.course) if use.what == "feedback")
            times = (f"{1000 * seconds / n:.0f}" for seconds in (size.pages.wall_s, size.pages.cpu_s))
            yield markdown(
                ("feedback pages", "wall time per page, ms", "CPU time per page, ms", "bytes per page"),
                [(str(n), *times, f"{n_bytes / n:.0f}")],
            )


def progress(text: str) -> None:
    click.echo(f"{time.strftime('%H:%M:%S')} {text}", err=True)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--sizes", default=SIZES, show_default=True, help="How many submissions; several with commas.")
@click.option("--workers", "n_workers", default=2, show_default=True, type=click.IntRange(min=1))
@click.option("--pages/--no-pages", default=True, help="Whether feedback pages are made of the smallest class.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(tempfile.gettempdir()) / "stepgrade-scale",
    show_default=True,
    help="Where the courses lie and stay; a run that was stopped goes on there.",
)
@click.option("--table", type=click.Path(dir_okay=False, path_type=Path), help="Also write the tables to this file.")
@click.option(
    "--carry", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Also carry them on, in this page."
)
def main(*, sizes: str, n_workers: int, pages: bool, folder: Path, table: Path | None, carry: Path | None) -> None:
    """Grade generated classes of several sizes and print what each submission costs, as Markdown tables.

    Heavy on the disk: 10,000 submissions write about 4 GB in 200,000 files, and stay in --folder; remove it
    afterwards. Takes about fifteen minutes on two cores that do nothing else; stopped at any moment, the same command
    goes on where it was, and the memory and time of all parts count.

    Example: python benchmarks/scale.py --table benchmarks/SCALE.md --carry docs/scale.md
    """
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:n_workers])
    wanted = sorted({int(size) for size in sizes.split(",")})
    measured = [Size(n, folder / str(n)) for n in wanted]
    for size in measured:
        size.measure(n_workers, pages=pages and size is measured[0])
    text = report(measured, n_workers)
    if table is not None:
        table.write_text(text, encoding="utf-8")
    if carry is not None:
        replace_block(carry, "measured", carried(measured, n_workers))
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
