"""From what arrived to ``submitted/``: the newest hand-in of everyone, for each member of a group."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum
from pathlib import Path

from stepgrade.assignment import Assignment, make_work_dir
from stepgrade.course.arrivals.batch import Arrived, Sender
from stepgrade.course.arrivals.layouts import sort_out
from stepgrade.course.arrivals.owners import Owner, owners_of
from stepgrade.course.arrivals.shelf import Shelf, Unreadable
from stepgrade.course.arrivals.source import Entry, opened
from stepgrade.course.handin import why_no_notebook
from stepgrade.course.handin.entries import NOTEBOOK_NAME, legible
from stepgrade.course.roster import Roster
from stepgrade.errors import StepgradeError


class Fate(StrEnum):
    """What became of something that arrived."""

    TAKEN = "taken"
    UNCHANGED = "unchanged"
    EARLIER = "kept as earlier"
    LEFT_ASIDE = "left aside"
    UNKNOWN = "not in the roster"


@dataclass(frozen=True)
class Line:
    """One line of the report.

    Parameters
    ----------
    student : str
        Empty where it is nobody's.
    origin : str
        What it is called where it comes from; a sender's words, for printing to be made harmless.
    detail : str
        The reason, or what to look at; often empty.
    """

    fate: Fate
    student: str
    origin: str
    detail: str = ""

    def __str__(self) -> str:
        whose = f"{self.student}: " if self.student else ""
        detail = f" ({legible(self.detail)})" if self.detail else ""
        return f"{self.fate}: {whose}{legible(self.origin)[:160]}{detail}"


@dataclass(frozen=True)
class Collected:
    """What `collect` did, as data.

    Parameters
    ----------
    layout : str
        How the source was understood, in words.
    """

    layout: str
    lines: tuple[Line, ...]

    def of(self, fate: Fate) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.fate is fate)

    @property
    def complete(self) -> bool:
        """Whether everything found its place, and nobody needs to look."""
        return not self.of(Fate.LEFT_ASIDE) and not self.of(Fate.UNKNOWN)

    def __str__(self) -> str:
        counts = ", ".join(f"{len(self.of(fate))} {fate}" for fate in Fate if self.of(fate))
        return f"read as {self.layout}: {counts or 'nothing'}"


def collect(
    source: Path, assignment: Assignment, roster: Roster | None = None, *, zip_times: tzinfo | None = None
) -> Collected:
    """Put everyone's newest hand-in into ``submitted/STUDENT/ASSIGNMENT/``; what it replaces is kept.

    Running it again with the same source changes nothing.

    Parameters
    ----------
    source : Path
        A zip or a folder; not changed.
    zip_times : tzinfo or None
        The zone of the times in the zip, if these are times of hand-in; an LMS's are not.

    Raises
    ------
    UsageError
        If the source cannot be read, or nothing in it is understood.
    StepgradeError
        If another one collects for the same course, or the course folder cannot be written.
    """
    with _workplace(assignment.course) as aside, opened(source) as arrived:
        batch = sort_out(arrived, assignment, zip_times)
        round_ = _Round(Shelf(assignment, aside), assignment, roster)
        for student, hand_ins in round_.by_student(batch.hand_ins).items():
            round_.settle(student, hand_ins)
        lines = [
            Line(Fate.LEFT_ASIDE, "", refusal.origin, refusal.reason) for refusal in (*arrived.refused, *batch.refused)
        ]
        return Collected(batch.layout, (*round_.lines, *lines))


@dataclass(frozen=True)
class _Written:
    """A hand-in as a folder: why nothing in it can be graded, empty where something can."""

    arrived: Arrived
    folder: Path
    no_notebook: str


class _Round:
    """One collecting: who has which hand-ins, and what became of each."""

    def __init__(self, shelf: Shelf, assignment: Assignment, roster: Roster | None) -> None:
        self._shelf = shelf
        self._assignment = assignment
        self._roster = roster
        self._owners: dict[Sender, Owner] = {}
        self._told: set[tuple[str, str]] = set()
        self.lines: list[Line] = []

    def by_student(self, hand_ins: list[Arrived]) -> dict[str, list[Arrived]]:
        """Return everyone's hand-ins, those of their group included, the newest last."""
        theirs: dict[str, list[Arrived]] = defaultdict(list)
        self._owners = owners_of({one.sender for one in hand_ins}, self._assignment.name, self._roster)
        for arrived in sorted(hand_ins, key=lambda one: (one.order, one.origin)):
            owner = self._owners[arrived.sender]
            if not arrived.files:
                self._say(Fate.LEFT_ASIDE, "", arrived, "nothing in it")
                continue
            if not owner.students:
                self._say(Fate.LEFT_ASIDE, "", arrived, owner.note or "names nobody; give it to its student by hand")
            if owner.unknown:
                self._say(Fate.UNKNOWN, owner.students[0], arrived, owner.note)
            for student in owner.students:
                theirs[student].append(arrived)
        return dict(sorted(theirs.items()))

    def settle(self, student: str, hand_ins: list[Arrived]) -> None:
        """Put the newest into its place and keep the student's own others; one that can be graded before others."""
        if reason := self._shelf.why_not(student):
            for arrived in hand_ins:
                self._say(Fate.LEFT_ASIDE, student, arrived, reason)
            return
        written: list[_Written] = []
        counts: _Written | None = None
        for arrived in reversed(hand_ins):
            if counts is None or self._is_own(student, arrived):
                one = self._written(student, arrived)
                written += [one] if one else []
                counts = counts or (one if one and not one.no_notebook else None)
        if not written:
            return
        counts = counts or written[0]
        position = written.index(counts)
        for older in reversed(written[position + 1 :]):
            if self._is_own(student, older.arrived):
                self._keep(student, older, counts)
        for newer in reversed(written[:position]):
            if self._is_own(student, newer.arrived):
                self._pass_over(student, newer, "the one before it counts")
        self._take(student, counts, _doubt(counts.arrived, hand_ins))

    def _take(self, student: str, one: _Written, doubt: str) -> None:
        arrived, folder = one.arrived, one.folder
        shelf, place = self._shelf, self._shelf.place_of(student)
        owner = self._owners[arrived.sender]
        told = "" if owner.unknown else owner.note
        notes = "; ".join(filter(None, (*arrived.notes, told, doubt, one.no_notebook)))
        there = place.is_dir() and not place.is_symlink()
        if there and (folder == place or shelf.is_same(folder, place)):
            self._say(Fate.UNCHANGED, student, arrived, notes)
            return
        was, now = shelf.time_of(place) if there else None, arrived.handed_in
        if was is not None and now is not None and was > now:
            shelf.keep(folder, student)
            self._say(Fate.EARLIER, student, arrived, f"what is there is newer, of {was:%Y-%m-%d %H:%M:%S} UTC")
            return
        if one.no_notebook and there and not why_no_notebook(place):
            how = f"to take it all the same, remove {self._short(place)} and collect again"
            self._pass_over(student, one, f"what was there stays; {how}")
            return
        kept = shelf.put(folder, student)
        if kept is not None:
            self.lines.append(Line(Fate.EARLIER, student, self._short(place), f"kept in {self._short(kept)}"))
        self._say(Fate.TAKEN, student, arrived, notes)

    def _keep(self, student: str, one: _Written, counts: _Written) -> None:
        # A copy of the newest is no earlier one: a group whose members all handed the same in, or had it put there.
        if not self._shelf.is_same(one.folder, counts.folder):
            self._say(Fate.EARLIER, student, one.arrived, self._kept(student, one))

    def _pass_over(self, student: str, one: _Written, instead: str) -> None:
        """Keep a hand-in that would count if something in it could be graded; that is for somebody to look at."""
        detail = f"{one.no_notebook}; {self._kept(student, one)}, {instead}"
        self._say(Fate.LEFT_ASIDE, student, one.arrived, detail)

    def _kept(self, student: str, one: _Written) -> str:
        kept = self._shelf.keep(one.folder, student)
        return f"kept in {self._short(kept)}" if kept else "kept already"

    def _is_own(self, student: str, arrived: Arrived) -> bool:
        return student in self._owners[arrived.sender].own

    def _written(self, student: str, arrived: Arrived) -> _Written | None:
        """Return the hand-in as a folder, its own place if that is where it comes from; None if it is damaged."""
        place = self._shelf.place_of(student)
        if arrived.folder is not None and arrived.folder.resolve() == place.resolve():
            return _Written(arrived, place, why_no_notebook(place))
        refused: list[str] = []

        def refuse(entry: Entry, reason: str) -> None:
            self._left_aside(student, "/".join(entry.parts), reason)
            if NOTEBOOK_NAME.fullmatch(entry.name):
                refused.append(f"{entry.name}: {reason}")

        try:
            folder = self._shelf.write_aside(arrived, refuse)
        except Unreadable as error:
            self._left_aside(
                student, error.args[0], f"cannot be read: {error.args[1]}; nothing of this hand-in is taken"
            )
            return None
        why = why_no_notebook(folder)
        return _Written(arrived, folder, "; ".join([*refused[:3], why]) if why else "")

    def _left_aside(self, student: str, origin: str, reason: str) -> None:
        if (origin, reason) not in self._told:  # once, not for each member of a group
            self._told.add((origin, reason))
            self.lines.append(Line(Fate.LEFT_ASIDE, student, origin, reason))

    def _short(self, path: Path) -> str:
        return str(path.relative_to(self._assignment.course))

    def _say(self, fate: Fate, student: str, arrived: Arrived, detail: str) -> None:
        self.lines.append(Line(fate, student, arrived.origin, detail))


def _doubt(counts: Arrived, hand_ins: list[Arrived]) -> str:
    """Return what to look at where nothing reliable says that none of those before it is newer."""
    others = itertools.takewhile(lambda one: one is not counts, hand_ins)
    unsure = [other.origin for other in others if not counts.order[1] and None in (counts.handed_in, other.handed_in)]
    return f"there is also {', '.join(unsure[:3])}; without times of hand-in, by the files' times" if unsure else ""


@contextlib.contextmanager
def _workplace(course: Path) -> Iterator[Path]:
    """Give an empty folder aside, to one collecting at a time; what a stopped one left there is removed."""
    work = make_work_dir(course)
    with (work / "collect.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StepgradeError(
                f"somebody collects in {course} at this moment; try again when they are done"
            ) from None
        except OSError as error:  # network file systems without a lock service
            raise StepgradeError(
                f"{lock.name} cannot be locked ({error.strerror}); put the course on a file system that can, and "
                "collect again"
            ) from error
        for stale in work.glob("collect-*"):
            shutil.rmtree(stale)
        aside = Path(tempfile.mkdtemp(prefix="collect-", dir=work))
        try:
            yield aside
        finally:
            shutil.rmtree(aside, ignore_errors=True)
