"""The skeleton of a new assignment: one question that works from end to end, to be replaced piece by piece."""

from __future__ import annotations

import re
from pathlib import Path

from stepgrade.course.release.notebook_text import sync
from stepgrade.errors import UsageError

SKELETON = Path(__file__).with_name("skeleton")
PLACEHOLDER = "ASSIGNMENT"  # in names of files and in texts
NAME = re.compile(r"[a-z][a-z0-9_]*")


def make_assignment(name: str, course: Path) -> list[Path]:
    """Write ``source/<name>``, ``hidden/<name>`` and ``examples/<name>``; return the files, sorted.

    Raises
    ------
    UsageError
        If the name cannot be a module's, or one of the folders exists.
    """
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} cannot name an assignment; expected small letters, digits and _, a letter first")
    folders = {kind: course / kind / name for kind in ("source", "hidden", "examples")}
    for folder in folders.values():
        if folder.exists():
            raise UsageError(f"{folder} exists; choose another name, or move it away")
    written = []
    for file in sorted(path for path in SKELETON.rglob("*") if path.is_file() and path.suffix != ".pyc"):
        kind, *rest = file.relative_to(SKELETON).parts
        target = folders[kind].joinpath(*rest[:-1], rest[-1].replace(PLACEHOLDER, name))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(file.read_text(encoding="utf-8").replace(PLACEHOLDER, name), encoding="utf-8")
        written.append(target)
    return sorted([*written, sync(name, course, from_notebook=False)])
