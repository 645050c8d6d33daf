"""What a course folder holds on the disk, a file with several names counted once."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from submissions import ASSIGNMENT

SECTOR = 512  # bytes; the unit of st_blocks, whatever the file system's is
GENERATED = ("submitted", "autograded", "feedback", "gradebook.db")
WORK = ".stepgrade"


@dataclass
class Usage:
    """Files, folders, and bytes: those that the files hold, and those that the disk gave for them."""

    what: str
    n_files: int = 0
    n_folders: int = 0
    size: int = 0
    allocated: int = 0


def usage_of(course: Path) -> Iterator[Usage]:
    """Yield what each generated part of a course takes; what a run keeps of its own is told apart by its name."""
    own = sorted(path.relative_to(course).as_posix() for path in (course / WORK / ASSIGNMENT).glob("*"))
    seen: set[tuple[int, int]] = set()
    for what in (*GENERATED, *own):
        if (course / what).exists():
            yield _usage(course / what, what, seen)


def _usage(path: Path, what: str, seen: set[tuple[int, int]]) -> Usage:
    usage = Usage(what)
    for place in (
        path,
        *(Path(folder) / name for folder, folders, files in os.walk(path) for name in (*folders, *files)),
    ):
        status = place.lstat()
        usage.n_folders += stat.S_ISDIR(status.st_mode)
        usage.n_files += not stat.S_ISDIR(status.st_mode)
        if (status.st_dev, status.st_ino) not in seen:
            seen.add((status.st_dev, status.st_ino))
            usage.size += status.st_size
            usage.allocated += status.st_blocks * SECTOR
    return usage
