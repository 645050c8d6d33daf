"""What was handed in: which file is graded, which others go on, and what is wrong with the rest.

nbgrader copies every file of a submission and follows links while it does so; a link would carry the gradebook into
``autograded/``, a pipe would hold the run up for ever, and a notebook under another name ends it. Here the files are
looked at without following or opening anything but regular files. What was handed in stays where it is, unchanged.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from stepgrade.assignment import Assignment
from stepgrade.course.handin.begun import HandedOut
from stepgrade.course.handin.entries import NOTEBOOK_NAME, Entry, is_folder, left_aside, listed, walk
from stepgrade.course.handin.otherfiles import OtherFile, copy_files, safe_files
from stepgrade.course.handin.timestamp import TIMESTAMP_FILE, NoTime, timestamp_text, utc_time
from stepgrade.notebook import (
    MAX_NOTEBOOK_BYTES,
    DamagedNotebook,
    NotRegular,
    open_regular,
    read_bytes,
    read_notebook,
)
from stepgrade.phrases import phrase
from stepgrade.result import EndState, Repair

MAX_LOOKED_INTO = 20  # notebooks of one submission; nobody hands in more, and each may have 50 MiB

_STUDENT_ID = re.compile(r"\w(?:[\w .,@+'()-]*[\w.@+'()-])?")


@dataclass(frozen=True)
class HandIn:
    """What was found of one submission.

    Parameters
    ----------
    student : str
    notebook : Path or None
        The student's own file that is graded; None where nothing can be graded.
    repairs : tuple of Repair
    end_state : EndState
        ``MISSING`` or ``GRADER_ERROR`` where there is nothing to grade, with the ``reason``; else ``GRADED``.
    files : tuple of OtherFile
        The student's other files that may be copied.
    timestamp_text : str or None
        What the submission's ``timestamp.txt`` says, None where there is none.
    notebook_sha256 : str
        Empty where the file is not one that would be read.
    """

    student: str
    notebook: Path | None
    repairs: tuple[Repair, ...] = ()
    end_state: EndState = EndState.GRADED
    reason: str = ""
    files: tuple[OtherFile, ...] = ()
    timestamp_text: str | None = None
    notebook_sha256: str = ""

    @property
    def timestamp(self) -> str | None:
        """When it was handed in: ISO format, UTC without an offset, as nbgrader stores it; None where nobody says."""
        return utc_time(self.timestamp_text) if self.timestamp_text else None

    @cached_property
    def digest(self) -> str:
        """A hash of everything of the submission that decides its Result and its folder in ``autograded/``."""
        name = self.notebook.name if self.notebook else None  # a message may have it
        repairs = [(repair.code, repair.message) for repair in self.repairs]
        files = [(file.relative.as_posix(), file.sha256) for file in self.files]
        parts = [name, self.notebook_sha256, repairs, self.end_state, self.reason, files, self.timestamp_text]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def is_student_id(name: str) -> bool:
    """Return whether ``name`` can be a folder and a word on a page, and nothing else: no path, no markup."""
    return len(name) <= 100 and _STUDENT_ID.fullmatch(name) is not None


def students_in(submitted: Path) -> tuple[str, ...]:
    """Return everyone with something under ``submitted``, sorted; for a lone file its name says whose it is."""
    if not submitted.is_dir():
        return ()
    with os.scandir(submitted) as entries:
        own = (entry for entry in entries if not entry.name.startswith(".") and entry.name != "README.md")
        return tuple(sorted({_owner(entry) for entry in own}))


def find_hand_in(folder: Path, student: str, assignment: Assignment) -> HandIn:
    """Look at what was handed in in ``folder``, which is ``submitted/STUDENT/ASSIGNMENT``; nothing is changed."""
    if not is_student_id(student):
        composed = unicodedata.normalize("NFC", student)
        why = "cannot be a student's name here; rename the folder"
        if composed != student and is_student_id(composed):
            why = "is stored with letters and accents apart, as macOS may do; give them as one, by renaming the folder"
        return _unusable(student, f"{student!r} {why} {folder.parent} and grade again")
    expected = f"{assignment.name}.ipynb"
    try:
        entries, notes = walk(folder)
        found = _choose([entry for entry in entries if _is_candidate(entry, folder)], assignment)
        if found is None and not is_folder(folder):
            beside, _ = walk(folder.parent, depth=1)
            found = next((entry for entry in beside if entry.path.name == expected and entry.is_regular), None)
        if found is None:
            return HandIn(student, None, end_state=EndState.MISSING, reason=_why_missing(folder, entries, expected))
        sha256 = _sha256(found)
    except OSError as error:
        where = listed([Path(error.filename or folder).name])
        return _unusable(student, f"{where} cannot be read ({error.strerror}); mend that and grade again")

    repairs = [*_about_the_choice(found, entries, folder, expected), *notes]
    files: list[OtherFile] = []
    if found.path.parent.is_relative_to(folder):
        files, left = safe_files(found.path, entries, assignment.source_dir)
        repairs += [left_aside(left)] if left else []
    text = None
    try:
        text = timestamp_text(folder)
    except NoTime:
        no_time = phrase("{file} holds no time, so no lateness is counted", file=TIMESTAMP_FILE)
        repairs.append(Repair("timestamp_left_aside", no_time))
    return HandIn(student, found.path, tuple(repairs), files=tuple(files), timestamp_text=text, notebook_sha256=sha256)


def why_no_notebook(folder: Path) -> str:
    """Return why nothing in ``folder`` can be graded as a notebook, in words for staff; empty if something can."""
    entries, _ = walk(folder)
    reasons: list[str] = []
    for entry in entries:
        if not _is_candidate(entry, folder):
            continue
        try:
            read_notebook(read_bytes(entry.path))
        except DamagedNotebook as error:
            reason = str(error).partition(";")[0]  # what the student is to do follows
            reasons.append(f"{entry.path.relative_to(folder).as_posix()}: {reason}")
        else:
            return ""
    if reasons:
        return f"no notebook that can be read: {'; '.join(reasons[:3])}"
    others = [entry.path.relative_to(folder).as_posix() for entry in entries if entry.path != folder / TIMESTAMP_FILE]
    return f"no notebook, only {', '.join(others[:3])}" if others else "no notebook, and nothing else"


def copy_hand_in(hand_in: HandIn, folder: Path) -> None:
    """Copy the safe files, and the time where one is told, into ``folder``, which exists; not the notebook.

    Raises
    ------
    StepgradeError
        If a file is no longer what it was when it was found.
    """
    copy_files(hand_in.files, folder)
    if hand_in.timestamp_text is not None:
        (folder / TIMESTAMP_FILE).write_text(hand_in.timestamp_text, encoding="ascii")


def _unusable(student: str, reason: str) -> HandIn:
    return HandIn(student, None, end_state=EndState.GRADER_ERROR, reason=reason)


def _owner(entry: os.DirEntry[str]) -> str:
    path = Path(entry.name)
    is_lone_file = not entry.is_dir(follow_symlinks=False) and path.suffix.lower() in {".ipynb", ".zip"}
    return path.stem if is_lone_file else entry.name


def _is_candidate(entry: Entry, folder: Path) -> bool:
    return entry.is_named_notebook and len(entry.path.relative_to(folder).parts) <= 2


def _choose(candidates: list[Entry], assignment: Assignment) -> Entry | None:
    """Return the file to grade: a regular one; of these, one in which something was written.

    Of several the right name, else the most similar, else the newest, else the last by name, as people count.
    """
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    ids = [question.id.encode() for question in assignment.questions]

    def order(entry: Entry) -> tuple[object, ...]:
        match = NOTEBOOK_NAME.fullmatch(entry.path.name)
        stem = match["stem"] if match else ""
        if entry.path.name == f"{assignment.name}.ipynb":
            likeness = 0
        elif stem.lower() == assignment.name.lower():
            likeness = 1
        else:
            likeness = 2 if _squeezed(assignment.name) in _squeezed(stem) else 3
        named = sum(name in _start_of(entry.path) for name in ids) if entry.is_regular else 0
        return (not entry.is_regular, likeness, entry.depth, -named, -entry.status.st_mtime_ns)

    last_first = sorted(candidates, key=lambda entry: _natural(str(entry.path)), reverse=True)
    ordered = sorted(last_first, key=order)
    handed_out = HandedOut.of(assignment)
    looked_at = (entry for entry in ordered[:MAX_LOOKED_INTO] if entry.is_regular)
    return next((entry for entry in looked_at if handed_out.is_begun(entry.path)), ordered[0])


def _natural(name: str) -> list[str | int]:
    """Return a key by which ``v10`` comes after ``v9``."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name)]


def _squeezed(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())


def _start_of(path: Path, size: int = 2**20) -> bytes:
    try:
        with open_regular(path) as file:
            return file.read(size)
    except OSError:
        return b""  # if this one is chosen, opening it says why it cannot be read


def _sha256(entry: Entry) -> str:
    """Return the hash of a notebook file, empty where the grader will not read it."""
    if not entry.is_regular:
        return ""
    try:
        with open_regular(entry.path) as file:
            if os.fstat(file.fileno()).st_size > MAX_NOTEBOOK_BYTES:
                return ""
            return hashlib.file_digest(file, "sha256").hexdigest()
    except NotRegular:  # since it was looked at
        return ""


def _why_missing(folder: Path, entries: list[Entry], expected: str) -> str:
    place = Path(*folder.parts[-3:])
    if is_folder(folder):
        if not entries:
            return phrase("{place} is empty; expected {expected} in it", place=place, expected=expected)
        others = listed(entry.path.name for entry in entries)
        return phrase(
            "{place} holds no notebook, only {others}; expected {expected}",
            place=place,
            others=others,
            expected=expected,
        )
    for path in (folder, folder.parent):
        try:
            status = path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        if stat.S_ISLNK(status.st_mode):
            return phrase(
                "{place} is a link, which is not followed; expected a folder with {expected}",
                place=Path(*path.parts[-3:]),
                expected=expected,
            )
        if not stat.S_ISDIR(status.st_mode):
            return phrase(
                "{file} is a file; expected a folder, {place}, with {expected} in it",
                file=path.name,
                place=place,
                expected=expected,
            )
    return phrase("nothing was handed in; expected {expected}", expected=place / expected)


def _about_the_choice(found: Entry, entries: list[Entry], folder: Path, expected: str) -> Iterator[Repair]:
    if found.path != folder / expected:
        base = folder if found.path.is_relative_to(folder) else folder.parent
        place = listed([found.path.relative_to(base).as_posix()])
        text = phrase("{file} was taken as {expected}; hand it in under that name", file=place, expected=expected)
        yield Repair("notebook_renamed", text)
    others = [
        entry.path.relative_to(folder).as_posix()
        for entry in entries
        if entry.is_named_notebook and entry.path != found.path
    ]
    if others:
        text = phrase(
            "besides {file} there is {others}; not graded", file=listed([found.path.name]), others=listed(others)
        )
        yield Repair("notebooks_left_aside", text)
