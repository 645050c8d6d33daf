"""Whose files are whose: an LMS's names, nbgrader's tree, or one folder for each student.

    nbgrader   ada/tiny/tiny.ipynb, ada/tiny/timestamp.txt
    folders    tiny-ada/..., ada/...        clones, or anything else with a notebook in it

A zip and the folder that somebody unpacked it to are the same here, and so is either in one more folder.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, tzinfo

from stepgrade.assignment import Assignment
from stepgrade.course.arrivals.batch import Batch, Sender
from stepgrade.course.arrivals.clones import CommitClock
from stepgrade.course.arrivals.lms import read_canvas, read_moodle
from stepgrade.course.arrivals.source import READ_ERRORS, Entry, Source
from stepgrade.course.handin.entries import NOTEBOOK_NAME
from stepgrade.course.handin.timestamp import MAX_TIMESTAMP_BYTES, TIMESTAMP_FILE, utc_time
from stepgrade.errors import UsageError

MAX_WRAPPERS = 2


def sort_out(source: Source, assignment: Assignment, zip_times: tzinfo | None = None) -> Batch:
    """Return the hand-ins of a source, whichever of the layouts it has.

    Parameters
    ----------
    zip_times : tzinfo or None
        The zone of the times in a zip, if these are times of hand-in; an LMS's are not.

    Raises
    ------
    UsageError
        If no file is named in a way that is understood.
    """
    zone = zip_times if source.is_zip else None
    for layout, read in _LAYOUTS.items():
        for above in _wrappers(source):
            batch = Batch(source, above, assignment, zone, layout)
            read(batch)
            if batch.hand_ins:
                return batch
    names = sorted({entry.parts[0] for entry in source.entries})[:3]
    raise UsageError(
        f"{source.path} holds {', '.join(map(repr, names)) or 'no file'}, and nothing that is understood; expected the "
        f"zip of Moodle or Canvas, folders STUDENT/{assignment.name}, or a folder with one clone for each student"
    )


def _wrappers(source: Source) -> Iterator[tuple[str, ...]]:
    """Give the folders that everything lies in: none, then the one, if there is but one, and what that has alone."""
    for depth in range(MAX_WRAPPERS + 1):
        shared = {entry.parts[:depth] for entry in source.entries}
        if len(shared) != 1 or any(len(entry.parts) <= depth for entry in source.entries):
            return
        yield from shared


def _read_tree(batch: Batch) -> None:
    """Find the hand-ins of a tree like ``submitted/``."""
    theirs: dict[str, list[tuple[str, Entry]]] = defaultdict(list)
    without = batch.folders
    for student, rest, entry in batch:
        is_clone = (*batch.above, student) in batch.source.clones
        if len(rest) > 1 and rest[0] == batch.assignment.name and not is_clone:
            theirs[student].append(("/".join(rest[1:]), entry))
        else:
            without.add(student)
    for student in sorted(without - theirs.keys()):
        batch.refuse(student, f"beside folders of students; expected {student}/{batch.assignment.name}, and no clone")
    for student, files in sorted(theirs.items()):
        batch.add(
            Sender("folder", student),
            f"{student}/{batch.assignment.name}",
            [(path, entry) for path, entry in files if path != TIMESTAMP_FILE],
            handed_in=_noted(files),
            folder=batch.source.path.joinpath(*batch.above, student, batch.assignment.name),
        )


def _read_folders(batch: Batch) -> None:
    """Find one hand-in in each folder; of a clone, the files of its working tree at the time of its commit."""
    if batch.above in batch.source.clones:
        raise UsageError(f"{batch.source.path} is one clone; expected a folder with one clone for each student")
    theirs: dict[str, list[tuple[str, Entry]]] = {name: [] for name in batch.folders}
    others = {path.name for path in (batch.assignment.course / "source").glob("*/")} - {batch.assignment.name}
    for name, rest, entry in batch:
        if not rest:
            batch.refuse(entry, "a file beside the folders; expected one folder for each student")
        elif rest[0] not in others:  # one clone often holds all assignments
            theirs.setdefault(name, []).append(("/".join(rest), entry))
        else:
            theirs.setdefault(name, [])
    with CommitClock() as clock:
        for name, files in sorted(theirs.items()):
            is_clone = (*batch.above, name) in batch.source.clones
            if reason := _why_no_hand_in([path for path, _ in files], is_clone=is_clone):
                batch.refuse(name, reason)
                continue
            git_dir = batch.source.clones.get((*batch.above, name))
            handed_in, note = clock.time_of(git_dir) if git_dir else (None, "")
            batch.add(Sender("folder", name), name, files, handed_in=handed_in, notes=(note,) if note else ())


def _why_no_hand_in(paths: list[str], *, is_clone: bool) -> str:
    places = {path.rpartition("/")[0] for path in paths if NOTEBOOK_NAME.fullmatch(path) and path.count("/") <= 1}
    if not places:
        return "no notebook in it"
    # A folder of folders may be a class in one more folder; a clone is one student's, whatever it holds.
    if len(places) > 1 and "" not in places and not is_clone:
        return f"notebooks in {len(places)} folders; expected one hand-in, or a clone"
    return ""


def _noted(files: list[tuple[str, Entry]]) -> datetime | None:
    for path, entry in files:
        if path == TIMESTAMP_FILE:
            with contextlib.suppress(*READ_ERRORS), entry.open() as file:
                return parsed(file.read(MAX_TIMESTAMP_BYTES + 1))
    return None


def parsed(timestamp: bytes) -> datetime | None:
    """Return the time that nbgrader would read in a ``timestamp.txt``; None where it would find none."""
    if 0 < len(timestamp) <= MAX_TIMESTAMP_BYTES:
        # What dateutil raises on a hostile text.
        with contextlib.suppress(ValueError, OverflowError, TypeError, AttributeError):
            return datetime.fromisoformat(utc_time(timestamp.decode("ascii").strip())).replace(tzinfo=UTC)
    return None


_LAYOUTS: dict[str, Callable[[Batch], None]] = {
    "Moodle's names": read_moodle,
    "Canvas's names": read_canvas,
    "nbgrader's folders": _read_tree,
    "a folder for each student": _read_folders,
}
