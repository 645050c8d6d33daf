"""How many workers a machine carries: by the CPU time and the memory that this process may use, not by its cores."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
OWN_GROUPS = Path("/proc/self/cgroup")
MEMINFO = Path("/proc/meminfo")
# Of a worker itself and its warm template, measured (docs/scale.md).
WORKER_MIB = 250


def default_workers(submission_mib: int) -> int:
    """Return how many submissions can be graded at once: one per CPU, as long as each finds its memory.

    Parameters
    ----------
    submission_mib : int
        The memory limit of one submission, MiB. Honest ones take a small part of it, so that what counts is that one
        of the workers can reach it.
    """
    by_cpu = int(available_cpus())
    memory_mib = available_memory_mib()
    if math.isinf(memory_mib):
        return by_cpu
    by_memory = 1 + int((memory_mib - submission_mib - WORKER_MIB) // (2 * WORKER_MIB))
    return max(1, min(by_cpu, by_memory))


def own_cores(n_workers: int) -> tuple[int, ...]:
    """Return a core for each worker to stay on, where there are as many workers as cores; none otherwise.

    A worker and the student code that it waits for wake each other all the time. Across cores that costs more than
    both together on one: the other core has gone to sleep, and in a virtual machine its host as well. Whose core is
    busy with something else just takes fewer submissions.
    """
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return tuple(cores) if len(cores) == n_workers else ()


def available_cpus() -> float:
    """Return the CPUs that this process may use, at least 1: its affinity, and the quota of its control groups."""
    cores = float(len(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else float(os.cpu_count() or 1)
    return max(1.0, min([cores, *_cpu_quotas()]))


def available_memory_mib() -> float:
    """Return the memory that is left to this process, in MiB; infinite where nothing says."""
    return min([math.inf, *_free_mib(), *_groups_free_mib()])


def _cpu_quotas() -> Iterator[float]:
    for group in _groups("cpu"):
        match _words(group / "cpu.max"):  # version 2: "quota period", "max" for none
            case [quota, period] if quota != "max":
                yield float(quota) / float(period)
        match _words(group / "cpu.cfs_quota_us"), _words(group / "cpu.cfs_period_us"):
            case [quota], [period] if float(quota) > 0:
                yield float(quota) / float(period)


def _groups_free_mib() -> Iterator[float]:
    for group in _groups("memory"):
        for limit, used, cache in (
            ("memory.max", "memory.current", "inactive_file"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        ):
            match _words(group / limit), _words(group / used):
                case [most], [now] if most != "max":
                    # Files read before are counted as used, and given up as soon as memory is needed.
                    statistics = _words(group / "memory.stat")
                    given_up = dict(zip(statistics[::2], statistics[1::2], strict=False)).get(cache, "0")
                    yield (float(most) - float(now) + float(given_up)) / 2**20


def _free_mib() -> Iterator[float]:
    match [line.split() for line in _lines(MEMINFO) if line.startswith("MemAvailable:")]:
        case [[_, kib, *_]]:
            yield float(kib) / 1024


def _groups(controller: str) -> Iterator[Path]:
    """Yield the folder of this process's control group, and of each one around it: all their limits count.

    In a container the name may be the host's, which does not exist here; then the mounted folder is the group's.
    """
    for line in _lines(OWN_GROUPS):
        _, controllers, name = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        mounted = GROUPS / controller if controllers else GROUPS
        group = mounted / name.lstrip("/")
        yield from (group, *(around for around in group.parents if around.is_relative_to(mounted)))


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def _words(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []
