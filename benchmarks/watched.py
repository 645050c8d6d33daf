"""A command that is watched while it runs: memory, CPU time, and how far its progress lines say that it is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

PROGRESS = re.compile(r": (\d+)/\d+ \(")
SAMPLE_S = 2.0
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass
class Watched:
    """One run of a command.

    Parameters
    ----------
    wall_s, cpu_s : float
        CPU time is that of all processes that were waited for; 0 until the command has ended.
    own_cpu_s : float
        Of the command's own process, without the workers.
    own_peak_kib : int
        ``VmHWM`` of the command's own process.
    others_kib : int
        The most that all its descendants had together at one moment, shared pages counted once where the kernel says.
    points : list of (float, int)
        After so many seconds so many submissions were done.
    ended : bool
    """

    wall_s: float = 0.0
    cpu_s: float = 0.0
    own_cpu_s: float = 0.0
    own_peak_kib: int = 0
    others_kib: int = 0
    points: list[tuple[float, int]] = field(default_factory=list)
    ended: bool = False

    @property
    def document(self) -> dict[str, Any]:
        return asdict(self)


def watch(command: Sequence[str | Path], keep: Callable[[Watched], None]) -> Watched:
    """Run a command to its end; hand what is known so far to ``keep`` every few seconds, in case it is cut short.

    Raises
    ------
    subprocess.CalledProcessError
        If it does not end with 0.
    """
    seen = Watched()
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own command, on notebooks of this repository
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    sampler = threading.Thread(target=_sample, args=(process.pid, seen, started, keep), daemon=True)
    sampler.start()
    try:
        for line in process.stderr or ():
            sys.stderr.write(line)
            if match := PROGRESS.search(line):
                seen.points.append((time.perf_counter() - started, int(match[1])))
    except BaseException:
        process.terminate()
        raise
    # The command's zombie still tells its CPU time to who waits for it, its children's included.
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seen.wall_s = time.perf_counter() - started
    sampler.join()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, [str(part) for part in command])
    seen.cpu_s = usage.ru_utime + usage.ru_stime
    seen.ended = True
    keep(seen)
    return seen


def _sample(pid: int, seen: Watched, started: float, keep: Callable[[Watched], None]) -> None:
    """Look all the time at the command's own process; every few seconds, how much memory its descendants have."""
    due = 0.0
    while peak := _status_kib(pid, "VmHWM"):
        seen.own_peak_kib = max(seen.own_peak_kib, peak)
        seen.own_cpu_s = _cpu_s(pid)
        seen.wall_s = time.perf_counter() - started
        if seen.wall_s >= due:
            seen.others_kib = max(seen.others_kib, sum(_memory_kib(child) for child in _descendants(pid)))
            keep(seen)
            due = seen.wall_s + SAMPLE_S
        time.sleep(0.1)


def _descendants(pid: int) -> Iterator[int]:
    for task in _listed(Path(f"/proc/{pid}/task")):
        for child in _read(task / "children").split():
            yield int(child)
            yield from _descendants(int(child))


def _memory_kib(pid: int) -> int:
    """Return the proportional share of a process's pages, or all that are resident where that cannot be read."""
    for line in _read(Path(f"/proc/{pid}/smaps_rollup")).splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return _status_kib(pid, "VmRSS")


def _cpu_s(pid: int) -> float:
    """Return the CPU time of one process, 0 where it is gone."""
    _, _, numbers = _read(Path(f"/proc/{pid}/stat")).rpartition(")")  # its name may hold anything
    return sum(map(int, numbers.split()[11:13])) / TICKS_PER_S


def _status_kib(pid: int, name: str) -> int:
    """Return a line of the process's status, 0 where the process is gone or has no memory any more."""
    for line in _read(Path(f"/proc/{pid}/status")).splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    return 0


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # the process has ended
        return []


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # the process has ended, or is somebody else's
        return ""
