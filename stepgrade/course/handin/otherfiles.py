"""The files beside a submitted notebook: which of them may go on, and copying those."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from stepgrade.course.handin.entries import NOTEBOOK_NAME, Entry
from stepgrade.course.handin.timestamp import TIMESTAMP_FILE
from stepgrade.errors import StepgradeError
from stepgrade.notebook import open_regular

# What the formgrader may serve from autograded/ to an instructor's browser: nothing that a browser would execute.
SAFE_SUFFIXES = frozenset({".csv", ".h5", ".json", ".md", ".npy", ".npz", ".png", ".py", ".txt"})
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
RESULT_FILE = "result.json"  # ours, beside the autograded notebook: never a student's

MAX_FILES = 200
MAX_FILE_BYTES = 5 * 2**20
MAX_TOTAL_BYTES = 20 * 2**20


@dataclass(frozen=True)
class OtherFile:
    """A file of the student's that may be copied: where it lies, its place beside the notebook, and its SHA-256."""

    path: Path
    relative: Path
    sha256: str


def safe_files(notebook: Path, entries: Iterable[Entry], source_dir: Path) -> tuple[list[OtherFile], list[str]]:
    """Return the safe files beside and below the notebook, within bounds, and what is left aside, each with why."""
    safe: list[OtherFile] = []
    left: list[str] = []
    total = 0
    for entry in entries:
        if entry.is_named_notebook or not entry.path.is_relative_to(notebook.parent):
            continue
        relative = entry.path.relative_to(notebook.parent)
        if relative.name == RESULT_FILE or relative == Path(TIMESTAMP_FILE):
            continue
        size = entry.status.st_size
        if why := _why_unsafe(entry, relative, source_dir):
            # A clone holds all of the release; the course's own is put in its place, so nothing is missed.
            if entry.is_regular and (source_dir / relative).is_file():
                continue
            left.append(f"{relative.as_posix()} ({why})")
        elif size > MAX_FILE_BYTES or len(safe) >= MAX_FILES or total + size > MAX_TOTAL_BYTES:
            left.append(f"{relative.as_posix()} (too large or too many)")
        elif (content := _content(entry.path)) is None:
            left.append(f"{relative.as_posix()} (cannot be read)")
        elif relative.suffix.lower() == ".png" and not content.startswith(PNG_SIGNATURE):
            left.append(f"{relative.as_posix()} (not a PNG image)")
        else:
            total += size
            safe.append(OtherFile(entry.path, relative, hashlib.sha256(content).hexdigest()))
    return safe, left


def copy_files(files: Iterable[OtherFile], folder: Path) -> None:
    """Copy ``files`` to their places below ``folder``.

    Raises
    ------
    StepgradeError
        If one of them is not what it was when it was found.
    """
    for file in files:
        content = _content(file.path)
        if content is None or hashlib.sha256(content).hexdigest() != file.sha256:
            raise StepgradeError(f"{file.relative.as_posix()} changed while it was graded; grade again")
        target = folder / file.relative
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _why_unsafe(entry: Entry, relative: Path, source_dir: Path) -> str:
    if stat.S_ISLNK(entry.status.st_mode):
        return "a link"
    if not entry.is_regular:
        return "not an ordinary file"
    if relative.suffix.lower() not in SAFE_SUFFIXES:
        return "a kind of file that is not shown"
    if any(NOTEBOOK_NAME.fullmatch(part) for part in relative.parts):
        return "in a folder named like a notebook"
    # The course's own files are put on top: a folder in the place of a file would stop that.
    in_the_way = (source_dir / relative).is_dir() or any((source_dir / above).is_file() for above in relative.parents)
    return "in the place of a file of the release" if in_the_way else ""


def _content(path: Path) -> bytes | None:
    try:
        with open_regular(path) as file:
            return file.read(MAX_FILE_BYTES)
    except OSError:
        return None
