"""What student code finds around itself in namespaces of its own, where what must not be reached is not there."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stepgrade.grade import Grader
from stepgrade.sandbox import LEAN_IMPORTS, Session, find_boundary, warm_template
from stepgrade.sandbox.places import INSIDE, interpreter
from tests.attacks.attack import MARK
from tests.attacks.conftest import LIMITS

Ask = Callable[[str], Any]


def test_the_root_folder_holds_only_what_python_needs(ask: Ask) -> None:
    found = ask("found = sorted(os.listdir('/'))")
    of_python = {Path(sys.base_prefix).resolve().parts[1]}
    assert set(found) <= {"dev", "etc", "lib", "lib64", "proc", "stepgrade", "tmp", "usr"} | of_python


def test_no_file_of_the_repository_the_homes_or_the_users_can_be_read(ask: Ask) -> None:
    repository = str(Path(__file__).parents[2])
    inside = ("", "hidden", "source", "stepgrade", "pyproject.toml")
    outside = """
        /etc/passwd /etc/shadow /etc/hostname /etc/resolv.conf /root/.bashrc /root/.ssh /var /run /boot /srv /mnt /media
        /sys /dev/shm /dev/pts /usr/bin /bin/sh
    """
    paths = {*(f"{repository}/{name}" for name in inside), *outside.split()} - set(map(str, interpreter().parents))
    assert ask(f"found = [path for path in {sorted(paths)!r} if os.path.exists(path)]") == []


def test_nothing_that_is_named_like_a_secret_lies_anywhere_on_the_disk(ask: Ask) -> None:
    wanted = """
        solution.py checks.py misconceptions.py gradebook.db result.json tiny.ipynb nbgrader_config.py cnn_step_by_step
        hidden submitted
    """
    found = ask(
        f"wanted = set({wanted.split()!r})\nfound = []\n"
        "for folder, folders, files in os.walk('/'):\n"
        "    folders[:] = set(folders) - {'numpy', 'matplotlib', 'IPython', 'h5py', 'encodings', 'idlelib', 'test'}\n"
        "    found += [os.path.join(folder, name) for name in wanted & set(folders + files)]"
    )
    assert [path for path in found if "/packages/" not in path] == []


def test_a_few_files_of_ours_can_be_read(ask: Ask) -> None:
    found = ask("found = sorted(n for n in os.listdir('/stepgrade/inside') if n.endswith('.py'))")
    assert found == sorted(path.name for path in INSIDE.glob("*.py"))
    assert len(found) == 15


def test_only_the_folder_for_temporary_files_can_be_written(ask: Ask) -> None:
    found = ask(
        "found = []\n"
        "for folder, folders, _ in os.walk('/'):\n"
        f"    path = os.path.join(folder, '{MARK}')\n"
        "    try:\n"
        "        open(path, 'w').close()\n"
        "        os.unlink(path)\n"
        "        found.append(folder)\n"
        "    except OSError:\n"
        "        pass"
    )
    assert found == ["/tmp"]  # noqa: S108 - the world's own


def test_the_folder_for_temporary_files_is_empty_private_and_bounded(ask: Ask) -> None:
    listed, mode, blocks, inodes = ask(
        "import shutil\nstate = os.statvfs('/tmp')\n"
        "found = os.listdir('/tmp'), os.stat('/tmp').st_mode & 0o7777, state.f_blocks * state.f_frsize, state.f_files"
    )
    assert listed == []
    assert mode == 0o700
    assert blocks <= LIMITS.disk_mib * 2**20
    assert inodes <= 4096


def test_there_is_nothing_in_proc_and_no_device_but_the_plain_ones(ask: Ask) -> None:
    proc, devices = ask("found = os.listdir('/proc'), sorted(os.listdir('/dev'))")
    assert proc == []
    assert devices == ["full", "null", "random", "urandom", "zero"]


def test_the_user_is_nobody_in_particular(ask: Ask) -> None:
    ids, groups = ask("found = [*os.getresuid(), *os.getresgid()], os.getgroups()")
    assert ids == [1000] * 6
    assert set(groups) <= {65534}


def test_no_new_privileges_and_a_filter_are_set(session: Session, grader: Grader) -> None:
    statuses = [
        (Path("/proc") / name / "status").read_text()
        for name in os.listdir("/proc")  # noqa: PTH208 - names that are numbers
        if name.isdigit() and _is_in_a_world(int(name))
    ]
    assert statuses
    filtered = [dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line) for status in statuses]
    sessions = [status for status in filtered if status["NSpid"].split()[-1] != "1"]
    assert sessions
    for status in sessions:
        assert status["NoNewPrivs"] == "1"
        assert status["Seccomp"] == "2"
        assert {status[name].strip("0") for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {""}


def _is_in_a_world(pid: int) -> bool:
    """Tell whether a process of this grader's templates is two namespaces further down."""
    group = warm_template(find_boundary(), LIMITS, LEAN_IMPORTS).control_group
    if group is None:
        pytest.skip("without a control group, the worlds' processes are not told from others'")
    members = set(map(int, group.members[0].read_text().split()))
    if pid not in members:
        return False
    numbers = next(line for line in (Path("/proc") / str(pid) / "status").read_text().splitlines() if "NSpid" in line)
    return len(numbers.split()) == 4


def test_the_namespaces_are_its_own(session: Session, grader: Grader) -> None:
    kinds = ("user", "mnt", "pid", "ipc", "uts", "net")
    worlds = [int(name) for name in os.listdir("/proc") if name.isdigit() and _is_in_a_world(int(name))]  # noqa: PTH208
    assert worlds
    for kind in kinds:
        ours = os.stat(f"/proc/self/ns/{kind}").st_ino  # noqa: PTH116 - the link is followed
        assert ours not in {os.stat(f"/proc/{pid}/ns/{kind}").st_ino for pid in worlds}, kind  # noqa: PTH116


def test_the_processes_numbers_are_small_and_the_parents_out_of_sight(ask: Ask) -> None:
    pid, parent = ask("found = os.getpid(), os.getppid()")
    assert 1 < pid < 1000
    assert parent < 1000
