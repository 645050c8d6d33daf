"""The course's folders of hand-ins: written aside, swapped in by renaming, and nothing that was there is lost.

submitted/STUDENT/ASSIGNMENT/                       what counts
.stepgrade/earlier/ASSIGNMENT/STUDENT/20260301T100000Z/   what does not any more, by its time in UTC, else by a number
"""

from __future__ import annotations

import hashlib
import itertools
import os
import stat
import unicodedata
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from stepgrade.assignment import Assignment
from stepgrade.course.arrivals.batch import Arrived
from stepgrade.course.arrivals.layouts import parsed
from stepgrade.course.arrivals.source import READ_ERRORS, Entry
from stepgrade.course.handin.entries import NOTEBOOK_NAME
from stepgrade.course.handin.timestamp import MAX_TIMESTAMP_BYTES, TIMESTAMP_FILE
from stepgrade.errors import StepgradeError
from stepgrade.notebook import MAX_NOTEBOOK_BYTES, open_regular

MAX_FILES = 1000
MAX_FILE_BYTES = MAX_NOTEBOOK_BYTES
MAX_HAND_IN_BYTES = 100 * 2**20
MAX_TOTAL_BYTES = 64 * 2**30  # of one source: thousands of bombs, each within the limit of its hand-in

_CHUNK = 2**20
_DIGITS = "%Y%m%dT%H%M%SZ"


class Unreadable(Exception):
    """A file that is there and cannot be read: which, and why."""


class Shelf:
    """Where the hand-ins of one assignment lie.

    Parameters
    ----------
    aside : Path
        An empty folder on the same file system, for what is in the making.
    """

    def __init__(self, assignment: Assignment, aside: Path) -> None:
        self.submitted = assignment.course / "submitted"
        self._earlier = assignment.work_dir / "earlier" / assignment.name
        self._assignment = assignment.name
        self._aside = aside
        self._numbers = itertools.count()
        self._total = 0
        self._taken_names = {_folded(path.name): path.name for path in self.submitted.glob("*")}

    def place_of(self, student: str) -> Path:
        return self.submitted / student / self._assignment

    def why_not(self, student: str) -> str:
        """Return why nothing can be put into the student's folder; empty if it can, which reserves its name."""
        same = self._taken_names.setdefault(_folded(student), student)
        if same != student:
            return f"a file system that ignores case would take {student} for {same}; rename one of them"
        place = self.submitted / student
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            return f"{place} is not a folder; remove it and collect again"
        return ""

    def write_aside(self, arrived: Arrived, refuse: Callable[[Entry, str], None]) -> Path:
        """Write a hand-in into a folder of its own, notebooks first, within bounds; tell ``refuse`` what stays behind.

        Raises
        ------
        Unreadable
            If a notebook cannot be read: what came cannot replace what is there.
        StepgradeError
            If everything together is more than a class hands in.
        """
        folder = self._aside / f"in-{next(self._numbers)}"
        folder.mkdir()
        written = total = 0
        seen: set[str] = set()
        for path, entry in sorted(arrived.files.items(), key=lambda item: (not NOTEBOOK_NAME.fullmatch(item[0]), item)):
            room = min(MAX_FILE_BYTES, MAX_HAND_IN_BYTES - total)
            if _folded(path) in seen:
                refuse(entry, "the same name as another file, but for capitals")
            elif written >= MAX_FILES:
                refuse(entry, f"more than {MAX_FILES} files in one hand-in")
            else:
                seen.add(_folded(path))
                size, reason = self._copied(entry, folder / path, room)
                if reason:
                    refuse(entry, reason)
                written, total = written + 1, total + size
        self._total += total
        if self._total > MAX_TOTAL_BYTES:
            raise StepgradeError(
                f"more than {MAX_TOTAL_BYTES // 2**30} GiB were handed in; collect it in smaller parts"
            )
        if arrived.handed_in is not None:
            note = arrived.handed_in.replace(tzinfo=None).isoformat(" ") + " UTC\n"
            (folder / TIMESTAMP_FILE).write_text(note, encoding="ascii")
        return folder

    @staticmethod
    def _copied(entry: Entry, target: Path, room: int) -> tuple[int, str]:
        try:
            return _copy(entry, target, room)
        except Unreadable as error:
            target.unlink(missing_ok=True)
            if NOTEBOOK_NAME.fullmatch(target.name):
                raise
            return 0, f"cannot be read: {error.args[1]}"

    def is_same(self, folder: Path, other: Path) -> bool:
        """Return whether both hold the same files; of the time, only if ``folder`` has one."""
        if _digest(folder) != _digest(other):
            return False
        time = self.time_of(folder)
        return time is None or time == self.time_of(other)

    def time_of(self, folder: Path) -> datetime | None:
        try:
            with open_regular(folder / TIMESTAMP_FILE) as file:
                return parsed(file.read(MAX_TIMESTAMP_BYTES + 1))
        except OSError:
            return None

    def put(self, folder: Path, student: str) -> Path | None:
        """Make ``folder`` the student's hand-in; return where the one that was there is kept now, if there was one.

        Between the two renamings the place is empty: who is stopped there has lost nothing, and collects again.
        """
        place = self.place_of(student)
        kept = self.keep(place, student) if os.path.lexists(place) else None
        place.parent.mkdir(parents=True, exist_ok=True)
        _rename(folder, place)
        return kept

    def keep(self, folder: Path, student: str) -> Path | None:
        """Move a folder to the earlier ones; None, and it is gone, if the very same is there already."""
        shelf = self._earlier / student
        shelf.mkdir(parents=True, exist_ok=True)
        if any(self.is_same(folder, other) for other in shelf.iterdir()):
            _rename(folder, self._aside / f"out-{next(self._numbers)}")
            return None
        time = self.time_of(folder)
        names = (time.strftime(_DIGITS) + (f"-{n}" if n > 1 else "") if time else str(n) for n in itertools.count(1))
        target = next(shelf / name for name in names if not os.path.lexists(shelf / name))
        _rename(folder, target)
        return target


def _copy(entry: Entry, target: Path, room: int) -> tuple[int, str]:
    """Copy at most ``room`` bytes; return how many were read, and why there is no file now, if there is none."""
    size = 0
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            for chunk in _chunks(entry):
                size += len(chunk)
                if size > room:
                    break
                file.write(chunk)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        return 0, "a file and a folder of the same name"
    if size > room:
        target.unlink()
        return room, f"more than {room / 2**20:.0f} MiB"
    os.utime(target, (entry.modified.timestamp(),) * 2)
    return size, ""


def _chunks(entry: Entry) -> Iterator[bytes]:
    try:
        with entry.open() as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except READ_ERRORS as error:
        raise Unreadable("/".join(entry.parts), str(error)) from error


def _rename(source: Path, target: Path) -> None:
    try:
        source.rename(target)
    except OSError as error:
        raise StepgradeError(
            f"{source} cannot be moved to {target} ({error.strerror}); both must be on one file system, with room"
        ) from error


def _digest(path: Path) -> str:
    """Return a hash of everything in a folder but the time of hand-in; links are not followed."""
    digest = hashlib.sha256()
    for entry in sorted(path.rglob("*")) if stat.S_ISDIR(path.lstat().st_mode) else [path]:
        mode = entry.lstat().st_mode
        relative = entry.relative_to(path)
        # What begins with a dot is what Jupyter and file managers leave behind where they looked.
        if (
            stat.S_ISDIR(mode)
            or relative == Path(TIMESTAMP_FILE)
            or any(part.startswith(".") for part in relative.parts)
        ):
            continue
        content = hashlib.sha256(str(stat.S_IFMT(mode)).encode())
        if stat.S_ISREG(mode):
            with open_regular(entry) as file:
                while chunk := file.read(_CHUNK):
                    content.update(chunk)
        name = relative.as_posix().encode("utf-8", "surrogateescape")
        digest.update(hashlib.sha256(name).digest() + content.digest())
    return digest.hexdigest()


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
