"""What an attack could leave on this machine, seen from outside the sandbox."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stepgrade.sandbox import cgroup
from tests.attacks.attack import MARK

PATIENCE_S = 30.0
# Where everybody may write; looked through for names that only attacks use.
SHARED = ("/tmp", "/dev/shm", "/var/tmp", "/")  # noqa: S108 - looked at, not written


@dataclass(frozen=True)
class Sight:
    """Everything that is compared, by name; equal before and after an attack."""

    processes: frozenset[str]
    descriptors: frozenset[str]
    files: frozenset[str]
    temporary: frozenset[str]
    marked: frozenset[str]
    mounts: frozenset[str]
    groups: frozenset[str]

    def differences(self, after: Sight) -> list[str]:
        """Say what is new and what is gone."""
        lines = []
        for name in self.__dataclass_fields__:
            mine, its = getattr(self, name), getattr(after, name)
            lines += [f"{name}: new: {item}" for item in sorted(its - mine)]
            lines += [f"{name}: gone: {item}" for item in sorted(mine - its)]
        return lines


@dataclass(frozen=True)
class Watcher:
    """Looks at this process's children, descriptors and groups, at a course, and at a folder for temporary files."""

    course: Path
    temporary: Path

    def look(self) -> Sight:
        return Sight(
            processes=frozenset(_processes()),
            descriptors=frozenset(_descriptors()),
            files=frozenset(map(_seen, _below(self.course))),
            temporary=frozenset(str(path) for path in _below(self.temporary)),
            marked=frozenset(name for folder in (*SHARED, str(Path.cwd())) for name in _marked(Path(folder))),
            mounts=frozenset(Path("/proc/self/mountinfo").read_text().splitlines()),
            groups=frozenset(_groups()),
        )

    def left_since(self, before: Sight) -> list[str]:
        """Return what differs from ``before``, after waiting a moment for what is on its way out."""
        deadline = time.monotonic() + PATIENCE_S
        while (differences := before.differences(self.look())) and time.monotonic() < deadline:
            time.sleep(0.05)
        return differences


def _processes() -> Iterator[str]:
    """Yield all descendants of this process, and all processes in its sandboxes' control groups."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                name, _, rest = (folder / "stat").read_text().rpartition(")")
            except OSError:  # gone in the meantime
                continue
            parents[int(folder.name)] = int(rest.split()[1]), name.partition("(")[2]
    ours = {os.getpid()}
    found = True
    while found:
        found = {pid for pid, (parent, _) in parents.items() if parent in ours} - ours
        ours |= found
    for group in _group_folders():
        ours |= set(map(int, (group / "cgroup.procs").read_text().split()))
    for pid in ours - {os.getpid()}:
        yield f"{pid} {parents.get(pid, (0, 'unknown'))[1]}"


def _descriptors() -> Iterator[str]:
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - the folder that lists itself
        try:
            target = os.readlink(f"/proc/self/fd/{name}")  # noqa: PTH115
        except OSError:  # the descriptor of the listing itself
            continue
        yield f"{name} {target}"


def _below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if "__pycache__" not in path.parts]


def _seen(path: Path) -> str:
    state = path.lstat()
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() and not path.is_symlink() else ""
    return f"{path} {state.st_mode:o} {state.st_uid} {state.st_mtime_ns} {digest}"


def _marked(folder: Path) -> Iterator[str]:
    return (entry.path for entry in os.scandir(folder) if MARK in entry.name) if folder.is_dir() else iter(())


def _group_folders() -> list[Path]:
    parent = cgroup.ControlGroup.parent()
    return list(parent.folder.glob(f"stepgrade-{os.getpid()}-*")) if parent else []


def _groups() -> Iterator[str]:
    return map(str, _group_folders())
