"""How far a long work is: a bar on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeVar

import click

T = TypeVar("T")

LINES = 20  # in a log, for a whole class


class Progress:
    """Passes things on, and shows how many of ``total`` there were, of which kinds, how fast, and for how long still.

    Parameters
    ----------
    what : str
        What is being done, "Grading".
    total : int
    """

    def __init__(self, what: str, total: int) -> None:
        self._what = what
        self._total = total
        self._done = 0
        self._kinds: Counter[str] = Counter()
        self._started = time.monotonic()

    def follow(self, steps: Iterable[tuple[T, str]]) -> Iterator[T]:
        """Yield what comes; the word beside each names its kind, or is empty."""
        show = self._on_terminal if sys.stderr.isatty() else self._in_log
        yield from show(steps)

    def _count(self, kind: str) -> None:
        self._done += 1
        if kind:
            self._kinds[kind] += 1

    @property
    def _summary(self) -> str:
        return ", ".join(f"{kind} {number}" for kind, number in sorted(self._kinds.items()))

    def _in_log(self, steps: Iterable[tuple[T, str]]) -> Iterator[T]:
        step = max(1, self._total // LINES)
        for thing, kind in steps:
            self._count(kind)
            if self._done % step == 0 or self._done == self._total:
                rate = self._done / max(time.monotonic() - self._started, 1e-9)
                left = f"{rate:.1f} per second, {(self._total - self._done) / rate:.0f} s left"
                click.echo(f"{self._what}: {self._done}/{self._total} ({self._summary or 'done'}), {left}", err=True)
            yield thing

    def _on_terminal(self, steps: Iterable[tuple[T, str]]) -> Iterator[T]:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (
            TextColumn(self._what),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[kinds]}", markup=False),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
        )
        with Bar(*columns, console=Console(stderr=True)) as bar:
            row = bar.add_task(self._what, total=self._total, kinds="", rate="")
            for thing, kind in steps:
                self._count(kind)
                rate = self._done / max(time.monotonic() - self._started, 1e-9)
                bar.update(row, completed=self._done, kinds=self._summary, rate=f"{rate:.1f}/s")
                yield thing
