"""What a layout reads and what it makes of it: entries of a source in, hand-ins and refusals out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from stepgrade.assignment import Assignment
from stepgrade.course.arrivals.source import NO_ZIP_TIME, Entry, Refusal, Source
from stepgrade.course.handin.timestamp import TIMESTAMP_FILE


@dataclass(frozen=True)
class Sender:
    """Who handed in, in the words of where it comes from.

    Parameters
    ----------
    system : str
        ``moodle``, ``canvas`` or ``folder``.
    name : str
        A person's or a group's; of a folder, the folder's.
    number : str
        Moodle's number of the participant or group, Canvas's of the user; empty where there is none.
    """

    system: str
    name: str
    number: str = ""


@dataclass(frozen=True)
class Arrived:
    """One hand-in as it came.

    Parameters
    ----------
    files : dict of str to Entry
        By the path that they get below ``submitted/STUDENT/ASSIGNMENT``.
    order : tuple
        The greatest is the newest, of hand-ins of the same source.
    handed_in : datetime or None
        In UTC, where it is known.
    folder : Path or None
        Where it lies, if it comes from a tree of nbgrader's.
    """

    sender: Sender
    origin: str
    files: dict[str, Entry]
    order: tuple[float, int]
    handed_in: datetime | None = None
    notes: tuple[str, ...] = ()
    folder: Path | None = None


@dataclass
class Batch:
    """The entries of a source below the folders that all of them share, and what is found in them.

    Parameters
    ----------
    above : tuple of str
        The shared folders.
    zone : tzinfo or None
        Of the entries' times, where these are times of hand-in.
    """

    source: Source
    above: tuple[str, ...]
    assignment: Assignment
    zone: tzinfo | None = None
    layout: str = ""
    hand_ins: list[Arrived] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    def __iter__(self) -> Iterator[tuple[str, tuple[str, ...], Entry]]:
        """Give of each entry the name that says whose it is, the path below that, and the entry."""
        for entry in self.source.entries:
            first, *rest = entry.parts[len(self.above) :]
            yield first, tuple(rest), entry

    @property
    def folders(self) -> set[str]:
        """The names that say whose something is, those of folders with nothing in them included."""
        depth = len(self.above)
        return {path[depth] for path in self.source.folders if len(path) == depth + 1 and path[:depth] == self.above}

    def refuse(self, what: Entry | str, reason: str) -> None:
        origin = what if isinstance(what, str) else "/".join(what.parts)
        self.refused.append(Refusal(origin, reason))

    def add(
        self,
        sender: Sender,
        origin: str,
        files: Iterable[tuple[str, Entry]],
        *,
        handed_in: datetime | None = None,
        sequence: int = 0,
        notes: tuple[str, ...] = (),
        folder: Path | None = None,
    ) -> None:
        """Add a hand-in; a ``timestamp.txt`` among its files stays behind.

        Parameters
        ----------
        sequence : int
            Grows with the hand-ins of a source that numbers them; 0 where the times have to say which is newer.
        """
        kept: dict[str, Entry] = {}
        for path, entry in files:
            if path.casefold() == TIMESTAMP_FILE:
                self.refuse(entry, "the sender's own, and when it was handed in is not theirs to say")
                continue
            if path in kept:
                self.refuse(kept[path], "there is another one of this name behind it, which is taken")
            kept[path] = entry
        modified = max((entry.modified for entry in kept.values()), default=datetime.fromtimestamp(0, UTC))
        if handed_in is None and self.zone is not None:
            if any(entry.modified == NO_ZIP_TIME for entry in kept.values()):  # the newest of its files may be that one
                notes = (*notes, "no time of hand-in: the zip has none for a file of it")
            else:
                handed_in = modified.replace(tzinfo=self.zone).astimezone(UTC)
        order = (0.0 if sequence else (handed_in or modified).timestamp(), sequence)
        self.hand_ins.append(Arrived(sender, origin, kept, order, handed_in, notes, folder))
