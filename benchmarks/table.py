"""Measured times, and the Markdown that shows them beside what was asked for."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path


@dataclass
class Times:
    """Seconds of one thing, measured several times."""

    seconds: list[float] = field(default_factory=list)

    def measure(self, action: Callable[[], object]) -> None:
        started = time.perf_counter()
        action()
        self.seconds.append(time.perf_counter() - started)

    @property
    def median_s(self) -> float:
        return statistics.median(self.seconds)

    @property
    def median_ms(self) -> float:
        return 1000 * statistics.median(self.seconds)

    @property
    def cells(self) -> tuple[str, ...]:
        """How often, median, least and most, in milliseconds."""
        low, high = 1000 * min(self.seconds), 1000 * max(self.seconds)
        return str(len(self.seconds)), f"{self.median_ms:.1f}", f"{low:.1f}", f"{high:.1f}"


@dataclass(frozen=True)
class Figure:
    """One figure to reach: what was measured, what is asked for, and whether it holds."""

    what: str
    got: str
    asked: str
    holds: bool

    @classmethod
    def at_most(cls, what: str, got_ms: float, most_ms: float) -> Figure:
        return cls(what, f"{got_ms:.1f} ms", f"at most {most_ms:.1f} ms", got_ms <= most_ms)

    @classmethod
    def times(cls, what: str, ratio: float, least: float) -> Figure:
        """``ratio`` is to be at least ``least``."""
        return cls(
            what, f"{ratio:.2f} times" if least < 10 else f"{ratio:.0f} times", f"at least {least:g}", ratio >= least
        )

    @property
    def cells(self) -> tuple[str, ...]:
        return self.what, self.got, self.asked, "yes" if self.holds else "**no**"


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table whose columns but the first are aligned to the right."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def replace_block(page: Path, name: str, text: str) -> None:
    """Put ``text`` between the two comments of that name in a Markdown page, in the place of what is there.

    Raises
    ------
    ValueError
        If the page has no such comments.
    """
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, also_found, after = rest.partition(end)
    if not (found and also_found):
        raise ValueError(f"{page} has no lines {begin.strip()} and {end.strip()}")
    page.write_text(f"{before}{begin}\n{text.rstrip()}\n\n{end}{after}", encoding="utf-8")


def machine() -> str:
    """Return processor, cores, load and system in one line."""
    names = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    processor = names[0] if names else platform.processor() or platform.machine()
    cores = len(os.sched_getaffinity(0))
    return f"{processor}, {cores} cores, {platform.system()} {platform.release()}, load {os.getloadavg()[0]:.1f}"


def versions() -> str:
    """Return the versions of everything that the times depend on, in one line."""
    names = ("stepgrade", "numpy", "nbgrader", "nbconvert", "ipykernel")
    packages = ", ".join(f"{name} {metadata.version(name)}" for name in names)
    return f"Python {platform.python_version()}, {packages}"


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).is_file() else []
