"""What was measured, carried to classes that nobody has graded here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from disk import usage_of
from gradebook import tables
from submissions import ASSIGNMENT
from table import machine, markdown

if TYPE_CHECKING:
    from scale import Size

CARRIED_TO = (100_000, 1_000_000)
CORES = (2, 16, 64)
GB = 1e9
MOST_NAMES = 65_000  # of one file on ext4: the course's own files are copied beside a submission from there on


def carried(sizes: Sequence[Size], n_workers: int) -> str:
    """Return a table for `CARRIED_TO`, made from the largest class, and from two where a start counts."""
    small, large = sizes[0], sizes[-1]
    n = large.n_graded
    rows = [
        (f"hours on {cores} cores", [f"{large.wall_ms * n_workers / cores * goal / 3.6e6:.1f}" for goal in CARRIED_TO])
        for cores in CORES
    ]
    if large.cpu_ms is not None:
        rows.append(("CPU hours", [f"{large.cpu_ms * goal / 3.6e6:.1f}" for goal in CARRIED_TO]))
    own_ms = _per_further(small, large)
    rows.append(("hours of the command's own process", [f"{own_ms * goal / 3.6e6:.1f}" for goal in CARRIED_TO]))
    memory_mib = [_on_line(small, large, small.peak_mib, large.peak_mib, goal) for goal in CARRIED_TO]
    again_s = [_on_line(small, large, small.again.wall_s, large.again.wall_s, goal) for goal in CARRIED_TO]
    rows += [
        ("the command's own memory, MiB", [f"{mib:.0f}" for mib in memory_mib]),
        ("a second run with nothing changed, minutes", [f"{s / 60:.1f}" for s in again_s]),
    ]
    for use in usage_of(large.course):
        if use.allocated / n * CARRIED_TO[-1] >= GB / 10:
            rows.append(
                (f"{use.what}, GB on the disk", [f"{use.allocated / n * goal / GB:.1f}" for goal in CARRIED_TO])
            )
        if use.n_files >= n:
            entries = (use.n_files + use.n_folders) / n
            rows.append((f"{use.what}, files and folders", [f"{entries * goal:,.0f}" for goal in CARRIED_TO]))
    copied_gb = [max(0, goal - MOST_NAMES) * _course_files_bytes(large.course) / GB for goal in CARRIED_TO]
    rows.append(
        (f"more in autograded, where a file has {MOST_NAMES:,} names at most, GB", [f"{gb:.1f}" for gb in copied_gb])
    )
    n_rows = sum(rows_of for rows_of, _ in tables(large.course).values()) / n
    rows.append(("gradebook, rows", [f"{n_rows * goal:,.0f}" for goal in CARRIED_TO]))
    header = ("", *(f"{goal:,} submissions" for goal in CARRIED_TO))
    measured = f"Measured with {small.n:,} and {large.n:,} submissions on: {machine()}."
    return f"{measured}\n\n{markdown(header, [(what, *cells) for what, cells in rows])}"


def _course_files_bytes(course: Path) -> int:
    """Return the size of what lies beside each graded submission: all of ``source/`` but the notebook."""
    files = (path for path in (course / "source" / ASSIGNMENT).rglob("*") if path.is_file())
    return sum(path.stat().st_size for path in files if path.suffix != ".ipynb")


def _per_further(small: Size, large: Size) -> float:
    """Return the CPU time, in ms, that each further submission costs the command's own process."""
    if small is large:
        return large.own_cpu_ms
    further = large.own_cpu_ms * large.n - small.own_cpu_ms * small.n
    return further / (large.n - small.n)


def _on_line(small: Size, large: Size, at_small: float, at_large: float, n: int) -> float:
    """Return what a straight line through two sizes says for ``n``; with one size, its share of each submission."""
    if small is large:
        return at_large * n / large.n
    slope = (at_large - at_small) / (large.n - small.n)
    return at_large + slope * (n - large.n)
