"""The step before nbgrader's converter: what it will read of a submission, made safe, in a folder aside.

nbgrader copies every file of a submission and follows links while it does so; a link would carry the gradebook into
``autograded/``, a pipe would hold the run up for ever, and a notebook under another name ends it. Here the files are
looked at without following or opening anything but regular files. What was handed in stays where it is, unchanged.
"""

from __future__ import annotations

import errno
import itertools
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbgrader.utils import parse_utc

from stepgrade.assignment import Assignment
from stepgrade.result import EndState, Repair

# What the formgrader may serve from autograded/ to an instructor's browser: nothing that a browser would execute.
SAFE_SUFFIXES = frozenset({".csv", ".h5", ".json", ".md", ".npy", ".npz", ".png", ".py", ".txt"})
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
TIMESTAMP = "timestamp.txt"
RESULT_FILE = "result.json"  # ours, beside the autograded notebook: never a student's

MAX_FILES = 200
MAX_DEPTH = 5
MAX_FILE_BYTES = 5 * 2**20
MAX_TOTAL_BYTES = 20 * 2**20
MAX_ENTRIES = 5000  # looked at, in one submission
MAX_TIMESTAMP_BYTES = 200
MAX_LISTED = 5  # names in one message

# "tiny.ipynb", and what browsers and mail programs make of it: "tiny.ipynb.txt", "TINY.IPYNB".
_NOTEBOOK = re.compile(r"(?P<stem>.+)\.ipynb(\.(txt|json|download))?", re.IGNORECASE)
_STUDENT_ID = re.compile(r"\w(?:[\w .,@+'()-]*[\w.@+'()-])?")
# Left by file managers and Jupyter, not by students.
_NOISE = frozenset({"__MACOSX", "__pycache__", "desktop.ini", "Thumbs.db"})


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
    """

    student: str
    notebook: Path | None
    repairs: tuple[Repair, ...] = ()
    end_state: EndState = EndState.GRADED
    reason: str = ""


@dataclass(frozen=True)
class _File:
    path: Path
    status: os.stat_result
    depth: int

    @property
    def regular(self) -> bool:
        return stat.S_ISREG(self.status.st_mode)


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


def tidy_submission(folder: Path, student: str, assignment: Assignment, clean: Path) -> HandIn:
    """Make ``clean`` of what was handed in in ``folder``: the notebook's place under its right name, and safe files.

    Parameters
    ----------
    folder : Path
        ``submitted/STUDENT/ASSIGNMENT``; nothing in it is changed.
    clean : Path
        A folder that does not exist yet. The notebook in it is an empty stand-in: our exporter and the grader read
        the student's own file, and nbgrader only asks whether there is one. Not made where nothing can be graded.
    """
    if not is_student_id(student):
        return _unusable(
            student, f"{student!r} cannot be a student's name here; rename the folder {folder.parent} and grade again"
        )
    expected = f"{assignment.name}.ipynb"
    try:
        files, notes = _walk(folder)
        found = _choose([file for file in files if _is_candidate(file, folder)], folder, assignment)
        if found is None and not _is_folder(folder):
            beside, _ = _walk(folder.parent, depth=1)
            found = next((file for file in beside if file.path.name == expected and file.regular), None)
        if found is None:
            return HandIn(student, None, end_state=EndState.MISSING, reason=_why_missing(folder, files, expected))
        if found.regular:
            os.close(_opened(found.path))
    except OSError as error:
        where = _listed([Path(error.filename or folder).name])
        return _unusable(student, f"{where} cannot be read ({error.strerror}); mend that and grade again")

    repairs = [*_about_the_choice(found, files, folder, expected), *notes]
    clean.mkdir(parents=True)
    (clean / expected).touch()
    if found.path.parent.is_relative_to(folder):
        repairs += _copy_others(found.path, files, clean, assignment)
    repairs += _copy_timestamp(folder / TIMESTAMP, clean / TIMESTAMP)
    return HandIn(student, found.path, tuple(repairs))


def _unusable(student: str, reason: str) -> HandIn:
    return HandIn(student, None, end_state=EndState.GRADER_ERROR, reason=reason)


def _owner(entry: os.DirEntry[str]) -> str:
    path = Path(entry.name)
    is_lone_file = not entry.is_dir(follow_symlinks=False) and path.suffix.lower() in {".ipynb", ".zip"}
    return path.stem if is_lone_file else entry.name


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _walk(folder: Path, depth: int = MAX_DEPTH) -> tuple[list[_File], list[Repair]]:
    """Return the entries below ``folder`` that are no folders, and notes on what was not looked at."""
    files: list[_File] = []
    notes: list[Repair] = []
    for entry in _entries(folder, 0, depth, notes):
        if len(files) == MAX_ENTRIES:
            notes.append(_left_aside(f"everything behind the first {MAX_ENTRIES} files"))
            break
        files.append(entry)
    return files, notes


def _entries(folder: Path, level: int, max_level: int, notes: list[Repair]) -> Iterator[_File]:
    if not _is_folder(folder):
        return
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in itertools.islice(entries, MAX_ENTRIES + 1))
    except OSError as error:
        if level == 0:
            raise
        notes.append(_left_aside(f"{folder.name} ({error.strerror})"))
        return
    for name in names:
        if name.startswith(".") or name in _NOISE:
            continue
        path = folder / name
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode):
            yield _File(path, status, level)
        elif level + 1 >= max_level:
            if max_level == MAX_DEPTH:
                notes.append(_left_aside(f"the folder {name}, {MAX_DEPTH} folders deep"))
        else:
            if _NOTEBOOK.fullmatch(name):
                yield _File(path, status, level)
            yield from _entries(path, level + 1, max_level, notes)


def _is_candidate(file: _File, folder: Path) -> bool:
    return _NOTEBOOK.fullmatch(file.path.name) is not None and len(file.path.relative_to(folder).parts) <= 2


def _choose(candidates: list[_File], folder: Path, assignment: Assignment) -> _File | None:
    """Return the file to grade: the right name, else the most similar, else the newest; a regular one before others."""
    ids = [question.id.encode() for question in assignment.questions]

    def order(file: _File) -> tuple[object, ...]:
        match = _NOTEBOOK.fullmatch(file.path.name)
        stem = match["stem"] if match else ""
        if file.path.name == f"{assignment.name}.ipynb":
            likeness = 0
        elif stem.lower() == assignment.name.lower():
            likeness = 1
        else:
            likeness = 2 if _squeezed(assignment.name) in _squeezed(stem) else 3
        named = sum(name in _start_of(file.path) for name in ids) if file.regular else 0
        return (not file.regular, likeness, file.depth, -named, -file.status.st_mtime_ns, str(file.path))

    return min(candidates, key=order, default=None)


def _squeezed(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())


def _start_of(path: Path, size: int = 2**20) -> bytes:
    try:
        descriptor = _opened(path)
    except OSError:
        return b""  # if this one is chosen, opening it says why it cannot be read
    with os.fdopen(descriptor, "rb") as file:
        return file.read(size)


def _opened(path: Path) -> int:
    """Open a regular file; neither a link nor a pipe that took its place in the meantime.

    Raises
    ------
    OSError
        If it cannot be read, or is not a regular file.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return descriptor


def _why_missing(folder: Path, files: list[_File], expected: str) -> str:
    place = Path(*folder.parts[-3:])
    if _is_folder(folder):
        if not files:
            return f"{place} is empty; expected {expected} in it"
        return f"{place} holds no notebook, only {_listed([file.path.name for file in files])}; expected {expected}"
    for path, meant in ((folder, "a folder"), (folder.parent, "a folder")):
        try:
            status = path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        if stat.S_ISLNK(status.st_mode):
            return f"{Path(*path.parts[-3:])} is a link, which is not followed; expected {meant} with {expected}"
        if not stat.S_ISDIR(status.st_mode):
            return f"{path.name} is a file; expected {meant}, {place}, with {expected} in it"
    return f"nothing was handed in; expected {place / expected}"


def _about_the_choice(found: _File, files: list[_File], folder: Path, expected: str) -> Iterator[Repair]:
    if found.path != folder / expected:
        base = folder if found.path.is_relative_to(folder) else folder.parent
        place = _listed([found.path.relative_to(base).as_posix()])
        yield Repair("notebook_renamed", f"{place} was taken as {expected}; hand it in under that name")
    others = [
        file.path.relative_to(folder).as_posix()
        for file in files
        if _NOTEBOOK.fullmatch(file.path.name) and file.path != found.path
    ]
    if others:
        yield Repair(
            "notebooks_left_aside", f"besides {_listed([found.path.name])} there is {_listed(others)}; not graded"
        )


def _copy_others(notebook: Path, files: list[_File], clean: Path, assignment: Assignment) -> Iterator[Repair]:
    """Copy the safe files beside and below the notebook, within bounds; say in one repair what was left aside."""
    left: list[str] = []
    copied = total = 0
    for file in files:
        if not file.path.is_relative_to(notebook.parent) or _NOTEBOOK.fullmatch(file.path.name):
            continue
        relative = file.path.relative_to(notebook.parent)
        if relative.name == RESULT_FILE or relative == Path(TIMESTAMP):
            continue
        size = file.status.st_size
        if why := _why_unsafe(file, relative, assignment):
            left.append(f"{relative.as_posix()} ({why})")
        elif size > MAX_FILE_BYTES or copied >= MAX_FILES or total + size > MAX_TOTAL_BYTES:
            left.append(f"{relative.as_posix()} (too large or too many)")
        elif (content := _content(file.path)) is None:
            left.append(f"{relative.as_posix()} (cannot be read)")
        elif relative.suffix.lower() == ".png" and not content.startswith(PNG_SIGNATURE):
            left.append(f"{relative.as_posix()} (not a PNG image)")
        else:
            copied, total = copied + 1, total + size
            target = clean / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    if left:
        yield _left_aside(_listed(left))


def _why_unsafe(file: _File, relative: Path, assignment: Assignment) -> str:
    if stat.S_ISLNK(file.status.st_mode):
        return "a link"
    if not file.regular:
        return "not an ordinary file"
    if relative.suffix.lower() not in SAFE_SUFFIXES:
        return "a kind of file that is not shown"
    if any(_NOTEBOOK.fullmatch(part) for part in relative.parts):
        return "in a folder named like a notebook"
    released = assignment.source_dir / relative
    # nbgrader puts the release's own files on top: a folder in the place of a file would stop it.
    in_the_way = released.is_dir() or any((assignment.source_dir / above).is_file() for above in relative.parents)
    return "in the place of a file of the release" if in_the_way else ""


def _content(path: Path, size: int = MAX_FILE_BYTES) -> bytes | None:
    try:
        with os.fdopen(_opened(path), "rb") as file:
            return file.read(size)
    except OSError:
        return None


def _copy_timestamp(path: Path, target: Path) -> Iterator[Repair]:
    """Keep nbgrader's note of when it was handed in where it is one: another text would end nbgrader's run."""
    if not os.path.lexists(path):
        return
    content = _content(path, MAX_TIMESTAMP_BYTES + 1)
    try:
        if content is None or len(content) > MAX_TIMESTAMP_BYTES:
            raise ValueError("not a short text")
        text = content.decode("ascii").strip()
        if text:
            parse_utc(text).isoformat()
    except (ValueError, OverflowError, TypeError, AttributeError):  # what dateutil raises on a hostile text
        yield Repair("timestamp_left_aside", f"{TIMESTAMP} holds no time, so no lateness is counted")
        return
    target.write_text(text, encoding="ascii")


def _left_aside(what: str) -> Repair:
    return Repair("files_left_aside", f"left aside, because it is not needed for the marks: {what}")


def _listed(names: list[str]) -> str:
    """Return the first names in one line, in printable letters only: students choose them."""
    shown = ["".join(letter if letter.isprintable() else "?" for letter in name)[:80] for name in names[:MAX_LISTED]]
    more = f" and {len(names) - MAX_LISTED} more" if len(names) > MAX_LISTED else ""
    return ", ".join(shown) + more
