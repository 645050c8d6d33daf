"""A control group around all processes of a template and its worlds, where the machine lets us have one.

An address-space limit is per process; only a control group counts what many processes take together. And the kernel
shares the processor among groups first: a submission that starts sixty processes gets no more of it than its neighbour.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
REMOVAL_PATIENCE_S = 2.0
# What the template itself takes, and what pages of files are counted beside a submission's own memory.
TEMPLATE_MIB = 256

_numbers = itertools.count()


@dataclass(frozen=True)
class ControlGroup:
    """One control group with a limit on memory; ``version`` is that of the kernel's interface.

    In version 1 every resource has groups of its own: ``processor`` is then the one that shares the processor.
    """

    folder: Path
    version: int
    processor: Path | None = None

    @classmethod
    def parent(cls) -> ControlGroup | None:
        """Return the group below which one can be made here, None where there is none that may be written."""
        for line in _lines(Path("/proc/self/cgroup")):
            _, controllers, path = line.split(":", 2)
            if controllers == "memory":
                return _writable(ROOT / "memory" / path.lstrip("/"), 1) or _writable(ROOT / "memory", 1)
        for line in _lines(Path("/proc/self/cgroup")):
            if line.startswith("0::"):
                # A group with processes in it cannot have groups with limits: ours is made beside it.
                beside = (ROOT / line[3:].lstrip("/")).parent
                for place in (beside, ROOT):
                    if "memory" in " ".join(_lines(place / "cgroup.subtree_control")).split():
                        return _writable(place, 2)
        return None

    @classmethod
    def make(cls, memory_mib: int) -> ControlGroup | None:
        """Make a group that holds the template and ``memory_mib`` besides; None where that is not possible."""
        parent = cls.parent()
        if parent is None:
            return None
        _remove_stale(parent.folder)
        name = f"stepgrade-{os.getpid()}-{next(_numbers)}"
        group = cls(parent.folder / name, parent.version, _processor_group(name) if parent.version == 1 else None)
        n_bytes = str((memory_mib + TEMPLATE_MIB) * 2**20)
        limit, swap = (
            ("memory.limit_in_bytes", ("memory.memsw.limit_in_bytes", n_bytes))
            if group.version == 1
            else ("memory.max", ("memory.swap.max", "0"))
        )
        try:
            group.folder.mkdir()
            (group.folder / limit).write_text(n_bytes)
        except OSError:
            group.remove()
            return None
        with contextlib.suppress(OSError):  # a machine without swap accounting has no such file
            (group.folder / swap[0]).write_text(swap[1])
        return group

    @property
    def members(self) -> list[Path]:
        """The files that a process id is written to; 0 is the writer's own."""
        return [folder / "cgroup.procs" for folder in self._folders]

    @property
    def _folders(self) -> list[Path]:
        return [self.folder] if self.processor is None else [self.folder, self.processor]

    def oom_kills(self) -> int:
        """Return how many processes the kernel has killed because the limit was reached."""
        name = "memory.oom_control" if self.version == 1 else "memory.events"
        for line in _lines(self.folder / name):
            if line.startswith("oom_kill "):
                return int(line.split()[1])
        return 0

    def remove(self) -> None:
        """Remove the group once its last process is gone."""
        deadline = time.monotonic() + REMOVAL_PATIENCE_S
        for folder in self._folders:
            while folder.is_dir() and time.monotonic() < deadline:  # later runs remove what the kernel still holds
                try:
                    folder.rmdir()
                except OSError:
                    time.sleep(0.01)


def memory_is_limited() -> str:
    """Say for whom a limit on memory holds on this machine."""
    return f"memory limited {'for all its processes' if ControlGroup.parent() else 'per process'}"


def _processor_group(name: str) -> Path | None:
    """Make a group of version 1 that shares the processor, with the weight of any other."""
    for line in _lines(Path("/proc/self/cgroup")):
        _, controllers, path = line.split(":", 2)
        if "cpu" in controllers.split(","):
            parent = ROOT / "cpu" / path.lstrip("/")
            _remove_stale(parent)
            try:
                (parent / name).mkdir()
            except OSError:
                return None
            return parent / name
    return None


def _remove_stale(folder: Path) -> None:
    """Remove the groups of grading processes that were killed and could not do so themselves."""
    for group in folder.glob("stepgrade-*-*"):
        if not Path("/proc", group.name.split("-")[1]).exists():
            with contextlib.suppress(OSError):
                group.rmdir()


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []


def _writable(folder: Path, version: int) -> ControlGroup | None:
    return ControlGroup(folder, version) if os.access(folder, os.W_OK) and folder.is_dir() else None
