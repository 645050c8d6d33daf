"""Removing what hostile code has written."""

from __future__ import annotations

import contextlib
import itertools
import os
from pathlib import Path


def remove_tree(folder: Path) -> None:
    """Remove a folder and all in it, however deep it is and whatever rights it has; no link is followed.

    Nobody may be writing in it any more. A folder within is moved to the top before it is opened: no path grows beyond
    what the system takes, and nothing recurses.
    """
    numbers = itertools.count()
    waiting = [folder]
    while waiting:
        emptied = waiting.pop()
        with contextlib.suppress(OSError):
            emptied.chmod(0o700)
            for entry in list(os.scandir(emptied)):
                with contextlib.suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        moved = folder.with_name(f"{folder.name}-{next(numbers)}")
                        _move(Path(entry.path), moved)
                        waiting.append(moved)
                    else:
                        Path(entry.path).unlink()
            emptied.rmdir()


def _move(folder: Path, target: Path) -> None:
    try:
        folder.rename(target)
    except PermissionError:  # its owner, unlike root, can only move a folder that is open to writing
        folder.chmod(0o700)
        folder.rename(target)
