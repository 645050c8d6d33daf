"""Which cells run for marks: those that a graded function could need, and no others.

Demonstrations, figures, tests and training cost time and decide nothing. A cell that the release contains is known to
be one of these. What a student of this release wrote runs; in a notebook of another edition it is read off the names
what an answer could need. When that is in doubt, the cell runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from stepgrade.notebook.syntax import Names

TRAINING_TAG = "training"


class Reason(Enum):
    """Why a cell is looked at."""

    ALWAYS = "always"  # defines a graded function, imports, or cannot be read
    IF_NEEDED = "if needed"
    IF_CALLED = "if called"  # the release's own helpers, such as one that draws
    NEVER = "never"  # demonstrations and tests of the release


@dataclass(frozen=True)
class RunCell:
    """One cell that runs for marks; ``question`` is the question whose solution it is, None for other cells.

    ``index`` is its place among the submitted cells, from 0; None for a cell that nobody submitted.
    """

    name: str
    source: str
    question: str | None = None
    index: int | None = None


@dataclass(frozen=True)
class Candidate:
    """A code cell, for the choice whether it runs."""

    reason: Reason
    names: Names


def needed(candidates: Sequence[Candidate]) -> tuple[bool, ...]:
    """Tell for each candidate whether it runs.

    From the cells that always run, names lead to the cells that bind them, and so on. Where a needed name is data, the
    cells that touch it run too, since they may change it; and those that call a function that may change it.
    """
    return _Choice(candidates).made()


class _Choice:
    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._candidates = candidates
        self._chosen = [False] * len(candidates)
        self._binders: dict[str, list[int]] = defaultdict(list)
        self._touchers: dict[str, list[int]] = defaultdict(list)
        self._changing: dict[str, list[str]] = defaultdict(list)  # the functions that may change a name
        self._data: set[str] = set()
        self._waiting: list[str] = []
        self._touched: set[str] = set()
        self._needs_every_name = False
        for number, candidate in enumerate(candidates):
            if candidate.reason is not Reason.NEVER:
                self._enter(number, candidate.names, may_touch=candidate.reason is not Reason.IF_CALLED)

    def made(self) -> tuple[bool, ...]:
        for number, candidate in enumerate(self._candidates):
            if candidate.reason is Reason.ALWAYS:
                self._choose([number])
        seen: set[str] = set()
        while self._waiting:
            name = self._waiting.pop()
            if name not in seen:
                seen.add(name)
                self._choose(self._binders.get(name, ()))
                if name in self._data:
                    self._choose_touching(name)
        return tuple(self._chosen)

    def _enter(self, number: int, names: Names, *, may_touch: bool) -> None:
        for name in names.binds | names.changes | names.sets:
            self._binders[name].append(number)
        if not may_touch:
            return
        self._data |= names.assigns | names.sets
        for name in names.touches:
            self._touchers[name].append(number)
        for function, reached in names.reaches:
            for name in reached:
                self._changing[name].append(function)

    def _choose(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            if not self._chosen[number]:
                self._chosen[number] = True
                names = self._candidates[number].names
                self._waiting.extend(names.uses)
                if names.by_text and not self._needs_every_name:
                    self._needs_every_name = True
                    self._waiting.extend(self._binders)

    def _choose_touching(self, name: str) -> None:
        for reached in (name, *self._changing.get(name, ())):
            if reached not in self._touched:
                self._touched.add(reached)
                self._choose(self._touchers.get(reached, ()))
