"""What lies in a submission's folder, looked at without following or opening anything."""

from __future__ import annotations

import itertools
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from stepgrade.phrases import phrase
from stepgrade.result import Repair

MAX_DEPTH = 5
MAX_ENTRIES = 5000  # looked at, in one submission
MAX_LISTED = 5  # names in one message

# "tiny.ipynb", and what browsers and mail programs make of it: "tiny.ipynb.txt", "TINY.IPYNB".
NOTEBOOK_NAME = re.compile(r"(?P<stem>.+)\.ipynb(\.(txt|json|download))?", re.IGNORECASE)
# Left by file managers, Python and Jupyter, not by students.
_NOISE = frozenset({"__MACOSX", "__pycache__", "desktop.ini", "Thumbs.db"})


@dataclass(frozen=True)
class Entry:
    """Something in a folder that is not a folder, or is one in the place of a notebook."""

    path: Path
    status: os.stat_result
    depth: int

    @property
    def is_regular(self) -> bool:
        return stat.S_ISREG(self.status.st_mode)

    @property
    def is_named_notebook(self) -> bool:
        return NOTEBOOK_NAME.fullmatch(self.path.name) is not None


def walk(folder: Path, depth: int = MAX_DEPTH) -> tuple[list[Entry], list[Repair]]:
    """Return the entries below ``folder``, and notes on what was not looked at.

    Raises
    ------
    OSError
        If ``folder`` itself cannot be read.
    """
    notes: list[Repair] = []
    entries = list(itertools.islice(_entries(folder, 0, depth, notes), MAX_ENTRIES + 1))
    if len(entries) > MAX_ENTRIES:
        notes.append(left_aside([phrase("everything behind the first {n} files", n=MAX_ENTRIES)]))
    return entries[:MAX_ENTRIES], notes


def is_folder(path: Path) -> bool:
    """Tell whether ``path`` is a folder itself, and not a link to one."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def left_aside(names: list[str]) -> Repair:
    return Repair(
        "files_left_aside", phrase("left aside, because it is not needed for the marks: {files}", files=listed(names))
    )


def legible(name: str) -> str:
    """Return a name that a sender chose, with a question mark for every sign that cannot be printed."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)


def listed(names: Iterable[str]) -> str:
    """Return the first names in one line, in printable letters only: students choose them."""
    names = list(names)
    shown = [legible(name)[:80] for name in names[:MAX_LISTED]]
    if len(names) > MAX_LISTED:
        return phrase("{names} and {n} more", names=", ".join(shown), n=len(names) - MAX_LISTED)
    return ", ".join(shown)


def _entries(folder: Path, level: int, max_level: int, notes: list[Repair]) -> Iterator[Entry]:
    if not is_folder(folder):
        return
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in itertools.islice(entries, MAX_ENTRIES + 1))
    except OSError as error:
        if level == 0:
            raise
        notes.append(left_aside([f"{folder.name} ({error.strerror})"]))
        return
    for name in names:
        if name.startswith(".") or name.endswith(".pyc") or name in _NOISE:
            continue
        path = folder / name
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode):
            yield Entry(path, status, level)
        elif level + 1 >= max_level:
            if max_level == MAX_DEPTH:
                notes.append(left_aside([phrase("the folder {name}, {n} folders deep", name=name, n=MAX_DEPTH)]))
        else:
            if NOTEBOOK_NAME.fullmatch(name):
                yield Entry(path, status, level)
            yield from _entries(path, level + 1, max_level, notes)
