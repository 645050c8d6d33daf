"""How many workers a machine carries: by the CPU time and the memory that this process may use, not by its cores."""

from __future__ import annotations

import os
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
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
    memory_mib = available_memory_mib()
    by_memory = 1 + max(0, int((memory_mib - submission_mib - WORKER_MIB) // (2 * WORKER_MIB)))
    return max(1, min(int(available_cpus()), by_memory))


def available_cpus() -> float:
    """Return the CPUs that this process may use: its affinity, and the quota of its control group."""
    cores = float(len(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else float(os.cpu_count() or 1)
    return max(1.0, min(cores, _cpu_quota()))


def available_memory_mib() -> float:
    """Return the memory that is left to this process, in MiB; infinite where nothing says."""
    return min(_free_mib(), _group_memory_mib())


def _cpu_quota() -> float:
    match _words("cpu.max"):  # version 2: "quota period", "max" for none
        case [quota, period] if quota != "max":
            return float(quota) / float(period)
    quotas, periods = _words("cpu/cpu.cfs_quota_us"), _words("cpu/cpu.cfs_period_us")
    if quotas and periods and float(quotas[0]) > 0:
        return float(quotas[0]) / float(periods[0])
    return float("inf")


def _group_memory_mib() -> float:
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        limits, usages = _words(limit), _words(used)
        if limits and usages and limits[0] != "max":
            return (float(limits[0]) - float(usages[0])) / 2**20
    return float("inf")


def _free_mib() -> float:
    if MEMINFO.exists():
        for line in MEMINFO.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return float(line.split()[1]) / 1024
    return float("inf")


def _words(name: str) -> list[str]:
    path = GROUPS / name
    return path.read_text().split() if path.exists() else []
