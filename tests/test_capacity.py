"""How many workers a machine carries, on machines that are folders of control group files."""

from __future__ import annotations

import math
import os

import pytest

from stepgrade.run import capacity, default_workers

MIB = 2**20
GIB = 2**30
PLENTY_KIB = 64 * 2**20
NO_LIMIT_V1 = 9223372036854771712


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """``machine(groups="0::/a\\n", files={"a/cpu.max": "1 2"})``: 16 cores, 64 GiB where nothing else is said."""

    def build(groups=None, files=(), cores=16, available_kib=PLENTY_KIB):
        for name, content in dict(files).items():
            path = tmp_path / "fs" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{content}\n")
        if groups is not None:
            (tmp_path / "cgroup").write_text(groups)
        if available_kib is not None:
            (tmp_path / "meminfo").write_text(
                f"MemTotal: 99999999 kB\nMemAvailable:   {available_kib} kB\nBuffers: 0 kB\n"
            )
        monkeypatch.setattr(capacity, "GROUPS", tmp_path / "fs")
        monkeypatch.setattr(capacity, "OWN_GROUPS", tmp_path / "cgroup")
        monkeypatch.setattr(capacity, "MEMINFO", tmp_path / "meminfo")
        monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(cores)), raising=False)

    return build


def test_one_worker_per_core_that_the_process_may_use(machine):
    machine(cores=3)
    assert default_workers(1024) == 3


def test_the_cores_of_a_system_without_affinity_or_control_groups(machine, monkeypatch):
    machine(available_kib=None)
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert capacity.available_memory_mib() == math.inf
    assert default_workers(1024) == 6


@pytest.mark.parametrize(
    ("quota", "n_workers"), [("400000 100000", 4), ("150000 100000", 1), ("20000 100000", 1), ("max 100000", 16)]
)
def test_a_quota_of_version_2(machine, quota, n_workers):
    machine("0::/\n", {"cpu.max": quota})
    assert default_workers(1024) == n_workers


@pytest.mark.parametrize(("quota", "n_workers"), [(400000, 4), (-1, 16)])
def test_a_quota_of_version_1(machine, quota, n_workers):
    machine("2:cpu,cpuacct:/\n", {"cpu/cpu.cfs_quota_us": quota, "cpu/cpu.cfs_period_us": 100000})
    assert default_workers(1024) == n_workers


@pytest.mark.parametrize("strict", ["cpu.max", "a/cpu.max", "a/b c/cpu.max"])
def test_the_strictest_quota_of_the_group_and_all_around_it(machine, strict):
    quotas = {"cpu.max": "max 100000", "a/cpu.max": "900000 100000", "a/b c/cpu.max": "800000 100000"}
    machine("0::/a/b c\n", quotas | {strict: "200000 100000"})
    assert default_workers(1024) == 2


def test_the_quota_of_another_group_is_not_ours(machine):
    machine("0::/a\n", {"b/cpu.max": "100000 100000", "a/b/cpu.max": "100000 100000"})
    assert default_workers(1024) == 16


def test_a_group_whose_name_is_the_hosts_is_the_mounted_one(machine):
    machine("0::/kubepods/pod7\n", {"cpu.max": "300000 100000"})
    assert default_workers(1024) == 3


def test_both_versions_side_by_side(machine):
    groups = "4:memory:/jobs\n3:cpu:/jobs\n1:name=systemd:/\n0::/\n"
    files = {"cpu/jobs/cpu.cfs_quota_us": 500000, "cpu/jobs/cpu.cfs_period_us": 100000}
    machine(groups, files | {"memory/memory.limit_in_bytes": NO_LIMIT_V1, "memory/memory.usage_in_bytes": 1})
    assert default_workers(1024) == 5
    assert capacity.available_memory_mib() == PLENTY_KIB / 1024


@pytest.mark.parametrize(
    ("available_mib", "n_workers"),
    [(100, 1), (1024 + 250, 1), (1024 + 250 + 499, 1), (1024 + 250 + 500, 2), (1024 + 250 + 5 * 500, 6), (10**6, 16)],
)
def test_one_submission_can_reach_its_limit_beside_the_other_workers(machine, available_mib, n_workers):
    machine(available_kib=available_mib * 1024)
    assert default_workers(1024) == n_workers


def test_memory_that_a_group_of_version_2_has_left(machine):
    machine("0::/a/b\n", {"memory.max": "max", "memory.current": 0, "a/memory.max": 3 * GIB, "a/memory.current": GIB})
    assert capacity.available_memory_mib() == 2048


def test_memory_that_a_group_of_version_1_has_left(machine):
    files = {"memory/a/memory.limit_in_bytes": 3 * GIB, "memory/a/memory.usage_in_bytes": GIB}
    machine("4:memory:/a\n", files)
    assert capacity.available_memory_mib() == 2048


@pytest.mark.parametrize(
    ("groups", "folder", "limit", "used", "cache"),
    [
        ("0::/\n", "", "memory.max", "memory.current", "inactive_file"),
        ("4:memory:/\n", "memory/", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ],
)
def test_files_in_memory_are_not_in_the_way(machine, groups, folder, limit, used, cache):
    statistics = f"anon {GIB}\n{cache} {512 * MIB}\nslab 7"
    machine(groups, {folder + limit: 2 * GIB, folder + used: 2 * GIB, f"{folder}memory.stat": statistics})
    assert capacity.available_memory_mib() == 512


@pytest.mark.parametrize(("n_workers", "cores"), [(4, (0, 1, 2, 3)), (3, ()), (5, ())])
def test_each_worker_has_a_core_of_its_own_where_there_are_as_many(machine, n_workers, cores):
    machine(cores=4)
    assert capacity.own_cores(n_workers) == cores


def test_this_machine_has_room_for_a_worker():
    assert default_workers(1024) >= 1
    assert capacity.available_memory_mib() > 0
