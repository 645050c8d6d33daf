"""The truth of a class run: one line per Result, appended and on the disk before anything else is told of it.

A line is a JSON object. ``{"graded": ...}`` holds what a worker returned, the Result in it and the key that it was
made from; ``{"recorded": {student: position}}`` says which of these lines the gradebook has. The latest line of a
student counts. A line that a crash cut short is no line: it is removed when the journal is next opened for writing.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import itertools
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from stepgrade.assignment import WORK, make_work_dir
from stepgrade.errors import StepgradeError

NAME = "journal.jsonl"
WRITE_BYTES = 2**20


class RunInProgress(StepgradeError):
    """Another command is writing this journal."""

    exit_code = 3
    names_nobody = True


class JournalUnusable(StepgradeError):
    """The journal cannot be written, or holds what no run has written."""

    exit_code = 3
    names_nobody = True


@dataclass(frozen=True, slots=True)
class Key:
    """What a Result was made from; an equal key gives the same Result."""

    hand_in: str
    seed: str
    assignment_version: str
    environment: str


@dataclass(frozen=True, slots=True)
class Entry:
    """Where the latest line of a student lies, and what can be told without reading it again."""

    position: int
    key: Key
    end_state: str
    points: float | None


def journal_path(course: Path, assignment: str) -> Path:
    """Return where the journal of an assignment lies."""
    return course / WORK / assignment / NAME


class Journal:
    """The journal of one assignment; what it holds in memory is a few words per student.

    Use as a context manager. Without ``writing`` it can be read while another command writes it.

    Raises
    ------
    RunInProgress
        If another process has it open for writing.
    JournalUnusable
        If a line in its middle is no line of a journal, or it cannot be locked for writing.
    """

    def __init__(self, path: Path, *, writing: bool = False) -> None:
        self.path = path
        self._writing = writing
        self._entries: dict[str, Entry] = {}
        self._recorded: dict[str, int] = {}

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as files:
            self._writer = files.enter_context(self._locked()) if self._writing else None
            self._reader = files.enter_context(self.path.open("rb")) if self.path.exists() else None
            self._end = self._read_index()
            if self._writer is not None:
                self._writer.truncate(self._end)
            self._files = files.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def students(self) -> tuple[str, ...]:
        """Everyone with a line, sorted."""
        return tuple(sorted(self._entries))

    def latest(self, student: str) -> Entry | None:
        """Return the entry that counts, None where there is none."""
        return self._entries.get(student)

    def graded(self, student: str) -> dict[str, Any]:
        """Return what the worker returned for the entry that counts; KeyError where there is none."""
        return self._line(self._entries[student].position)

    def result(self, student: str) -> dict[str, Any] | None:
        """Return the Result that counts, as a document; None where there is none."""
        return self.graded(student)["result"] if student in self._entries else None

    def history(self, student: str) -> Iterator[dict[str, Any]]:
        """Yield everything that workers returned for a student, oldest first."""
        for position, document in self._lines():
            if document.get("graded", {}).get("student") == student:
                yield self._line(position)

    def repeated(self) -> Iterator[list[dict[str, Any]]]:
        """Yield, for each student who has several, everything that workers returned, oldest first; students sorted.

        The journal is read through once, and one student's lines are in memory at a time.
        """
        positions: dict[str, list[int]] = defaultdict(list)
        for position, document in self._lines():
            if "graded" in document:
                positions[document["graded"]["student"]].append(position)
        for _, own in sorted(positions.items()):
            if len(own) > 1:
                yield [self._line(position) for position in own]

    def unrecorded(self) -> Iterator[str]:
        """Yield the students whose latest line the gradebook does not have."""
        for student, entry in self._entries.items():
            if self._recorded.get(student) != entry.position:
                yield student

    def append(self, graded: Iterable[Mapping[str, Any]]) -> None:
        """Append what workers returned; when this returns, the disk has it."""
        documents = [{"graded": entry} for entry in graded]
        for document, position in zip(documents, self._append(documents), strict=True):
            self._note(document, position)

    def mark_recorded(self, positions: Mapping[str, int]) -> None:
        """Note that the gradebook has these lines."""
        document = {"recorded": dict(positions)}
        self._append([document])
        self._note(document, 0)

    def _append(self, documents: Sequence[Mapping[str, Any]]) -> list[int]:
        if self._writer is None:
            raise TypeError("the journal is open for reading only")
        lines = [json.dumps(document, ensure_ascii=False).encode() + b"\n" for document in documents]
        data = b"".join(lines)
        try:
            for start in range(0, len(data), WRITE_BYTES):
                part = data[start : start + WRITE_BYTES]
                if self._writer.write(part) != len(part):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._writer.fileno())
        except OSError as error:
            with contextlib.suppress(OSError):  # half a line that stays behind is removed at the next opening
                self._writer.truncate(self._end)
            raise JournalUnusable(
                f"{self.path} cannot be written ({error.strerror}); what it holds is safe. Make room and run it again"
            ) from error
        positions = list(itertools.accumulate(map(len, lines), initial=self._end))
        self._end = positions.pop()
        return positions

    def _locked(self) -> FileIO:
        if self.path.parent.parent.name == WORK:
            make_work_dir(self.path.parent.parent.parent)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = FileIO(self.path, "a")
        except OSError as error:
            raise JournalUnusable(
                f"{self.path} cannot be written ({error.strerror}); look whose the course folder is, and whether its "
                "disk is full or read-only"
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise RunInProgress(
                f"another command is grading {self.path.parent.name} in this course; wait for it, or stop it"
            ) from None
        except OSError as error:  # network file systems without a lock service
            file.close()
            raise JournalUnusable(
                f"{self.path} cannot be locked ({error.strerror}); put the course on a file system that can, "
                "and run it again"
            ) from error
        return file

    def _read_index(self) -> int:
        """Note all whole lines; return where the last one ends."""
        end = 0
        for position, document in self._lines():
            try:
                self._note(document, position)
            except (AttributeError, KeyError, TypeError):
                raise self._not_a_line(position) from None
            end = self._reader.tell() if self._reader is not None else 0
        return end

    def _lines(self) -> Iterator[tuple[int, dict[str, Any]]]:
        if self._reader is None:
            return
        position = 0
        self._reader.seek(0)
        while (line := self._reader.readline()).endswith(b"\n"):
            try:
                document = json.loads(line)
            except ValueError:
                raise self._not_a_line(position) from None
            yield position, document
            position += len(line)
            self._reader.seek(position)

    def _line(self, position: int) -> dict[str, Any]:
        if self._reader is None:  # the first line was written after the opening
            self._reader = self._files.enter_context(self.path.open("rb"))
        self._reader.seek(position)
        graded: dict[str, Any] = json.loads(self._reader.readline())["graded"]
        return graded

    def _not_a_line(self, position: int) -> JournalUnusable:
        return JournalUnusable(
            f"{self.path}, byte {position}: not a line of a journal. Move the file away to grade everyone anew"
        )

    def _note(self, document: Mapping[str, Any], position: int) -> None:
        if "recorded" in document:
            self._recorded |= document["recorded"]
            return
        graded = document["graded"]
        key = Key(**{name: sys.intern(text) for name, text in graded["key"].items()})
        self._entries[graded["student"]] = Entry(position, key, sys.intern(graded["end_state"]), graded["points"])
