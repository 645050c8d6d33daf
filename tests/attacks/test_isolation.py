"""What student code finds around itself behind any boundary, told by itself through a function that returns a text."""

from __future__ import annotations

import os
import pkgutil
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from stepgrade.grade import Grader
from stepgrade.sandbox.boundary import ENVIRONMENT
from stepgrade.sandbox.packages import course_packages
from stepgrade.sandbox.places import interpreter, other_packages
from tests.attacks.conftest import LIMITS

Ask = Callable[[str], Any]


@pytest.fixture(scope="module", params=["bubblewrap", "landlock"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_only_the_course_packages_and_the_standard_library_can_be_imported(ask: Ask) -> None:
    found = ask(
        "import pkgutil\nfound = sorted({m.name for m in pkgutil.iter_modules()} - set(sys.stdlib_module_names))"
    )
    course = {place.name.partition(".")[0] for place in course_packages() if not place.name.endswith("-info")}
    of_python = ("_sysconfigdata", "_ctypes_test", "_test", "_xx", "xx", "test", "__hello__", "__phello__")
    tests_of_python = {name for name in found if name.startswith(of_python)}
    # What a distribution puts among the standard library's files, as Debian does its sitecustomize.
    beside = {module.name for module in pkgutil.iter_modules([sysconfig.get_path("stdlib")])}
    assert set(found) - tests_of_python - beside <= course
    assert {"numpy", "h5py", "matplotlib", "IPython"} <= set(found)
    assert not {"scipy", "sklearn", "autograd", "nbgrader", "stepgrade", "pip", "pytest"} & set(found)


def test_the_import_path_has_only_the_standard_library_and_the_course_packages(ask: Ask, grader: Grader) -> None:
    path = ask("found = sys.path")
    assert [entry for entry in path if "site-packages" in entry or "dist-packages" in entry] == []
    assert "" not in path
    assert grader.boundary
    assert grader.boundary.packages in path
    assert grader.boundary.inside not in path


def test_no_file_of_the_repository_the_homes_or_the_users_can_be_opened(ask: Ask, attacked_course: Path) -> None:
    repository = Path(__file__).parents[2]
    ours = [repository / name for name in ("", "hidden", "source", "stepgrade", "pyproject.toml", "tests/conftest.py")]
    course = [path for path in attacked_course.rglob("*") if "__pycache__" not in path.parts]
    outside = """
        /etc/passwd /etc/shadow /etc/hostname /etc/resolv.conf /root/.bashrc /root/.ssh /var /run /boot /srv
        /mnt /media /sys /proc/1/environ /proc/self/environ /proc/self/mem /dev/shm /dev/pts /usr/bin /bin/sh /home
    """
    paths = {*map(str, [*ours, *course]), *outside.split()} - set(map(str, interpreter().parents))
    opened = ask(
        f"found = []\nfor path in {sorted(paths)!r}:\n"
        "    try:\n        os.close(os.open(path, os.O_RDONLY))\n        found.append(path)\n"
        "    except OSError:\n        pass"
    )
    assert opened == []


def test_no_installed_package_but_the_courses_can_be_opened_by_its_real_path(ask: Ask) -> None:
    paths = [click.__file__, pytest.__file__, *map(str, other_packages())]
    opened = ask(
        f"found = []\nfor path in {paths!r}:\n"
        "    try:\n        os.close(os.open(path, os.O_RDONLY))\n        found.append(path)\n"
        "    except OSError:\n        pass\n"
        "found = [path for path in found if not os.path.isdir(path) or os.listdir(path)]"
    )
    assert opened == []


def test_the_folder_that_can_be_written_is_empty_and_private(ask: Ask) -> None:
    listed, mode = ask("found = os.listdir('.'), os.stat('.').st_mode & 0o7777")
    assert listed == []
    assert mode == 0o700


def test_temporary_files_and_the_home_are_in_that_folder(ask: Ask) -> None:
    here, temporary, home = ask("import tempfile\nfound = os.getcwd(), tempfile.gettempdir(), os.path.expanduser('~')")
    assert here == temporary == home


def test_there_is_no_capability(ask: Ask) -> None:
    *_, capabilities = ask(
        "import ctypes, struct\n"
        "header = ctypes.create_string_buffer(struct.pack('=Ii', 0x20080522, 0))\n"
        "data = ctypes.create_string_buffer(24)\n"
        "number = {'x86_64': 125, 'aarch64': 90}[os.uname().machine]\n"
        "answer = ctypes.CDLL(None, use_errno=True).syscall(number, header, data)\n"
        "found = answer, ctypes.get_errno(), data.raw.hex()"
    )
    assert capabilities == "00" * 24  # the call itself may be refused, and then says nothing


def test_there_is_no_network_interface_to_use(ask: Ask) -> None:
    refused = ask(
        "import errno, socket\n"
        "found = []\n"
        "for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_PACKET):\n"
        "    try:\n"
        "        socket.socket(family)\n"
        "        found.append(None)\n"
        "    except OSError as error:\n"
        "        found.append(errno.errorcode[error.errno])"
    )
    assert set(refused) == {"ENOSYS"}


def test_the_environment_is_exactly_what_was_chosen(ask: Ask, kind: str) -> None:
    here, found = ask("found = os.getcwd(), dict(os.environ)")
    known = {name: value for name, value in found.items() if name not in ("PWD", "LC_CTYPE")}
    assert known == ENVIRONMENT | ({"HOME": here, "TMPDIR": here} if kind == "landlock" else {})


def test_the_machine_has_no_name_of_ours(ask: Ask) -> None:
    words = ask("found = [sys.executable, *sys.argv, *sys.orig_argv, os.getcwd(), os.path.expanduser('~')]")
    repository = str(Path(__file__).parents[2])
    assert [word for word in words if repository in word or "hidden" in word] == []


def test_open_are_the_standard_streams_the_channel_and_the_forks_own_pipes(ask: Ask) -> None:
    found = ask(
        "import stat\nfound = {}\n"
        "for number in range(1024):\n"
        "    try:\n"
        "        state = os.fstat(number)\n"
        "    except OSError:\n"
        "        continue\n"
        "    mode = state.st_mode\n"
        "    found[number] = 'socket' if stat.S_ISSOCK(mode) else 'pipe' if stat.S_ISFIFO(mode) else (\n"
        "        'null' if stat.S_ISCHR(mode) and state.st_rdev == os.stat('/dev/null').st_rdev else 'other')"
    )
    streams = {number: found.pop(number) for number in ("0", "1", "2")}
    assert set(streams.values()) == {"null"}
    kinds = sorted(found.values())
    assert kinds.count("socket") == 1
    assert set(kinds) <= {"socket", "pipe"}


def test_the_limits_cannot_be_raised(ask: Ask, kind: str) -> None:
    found = ask(
        "import resource\n"
        "names = ('RLIMIT_AS', 'RLIMIT_NPROC', 'RLIMIT_NOFILE', 'RLIMIT_FSIZE', 'RLIMIT_CORE', 'RLIMIT_MSGQUEUE')\n"
        "found = {name: resource.getrlimit(getattr(resource, name))[1] for name in names}"
    )
    if kind == "bubblewrap":  # behind Landlock this would count all processes of the user; a keeper counts
        assert found["RLIMIT_NPROC"] == LIMITS.processes
    assert found["RLIMIT_NOFILE"] == LIMITS.open_files
    assert found["RLIMIT_FSIZE"] == LIMITS.disk_mib * 2**20
    assert found["RLIMIT_CORE"] == found["RLIMIT_MSGQUEUE"] == 0
    assert LIMITS.memory_mib * 2**20 <= found["RLIMIT_AS"] <= (LIMITS.memory_mib + 2048) * 2**20


# By name and number on x86-64.
REFUSED = """
    execve=59 execveat=322 unshare=272 setns=308 mount=165 umount2=166 pivot_root=155 chroot=161 ptrace=101
    process_vm_readv=310 process_vm_writev=311 pidfd_open=434 pidfd_getfd=438 keyctl=250 add_key=248 bpf=321
    io_uring_setup=425 userfaultfd=323 perf_event_open=298 personality=135 mknod=133 clone3=435 socket=41 connect=42
    bind=49 seccomp=317 open_by_handle_at=304 name_to_handle_at=303 syslog=103 init_module=175 mbind=237 shmget=29
    msgget=68 mq_open=240 inotify_init1=294 fanotify_init=300 setuid=105 capset=126 kcmp=312 vmsplice=278
"""


@pytest.mark.parametrize("call", REFUSED.split())
def test_the_kernel_refuses_calls_that_no_answer_needs(ask: Ask, call: str) -> None:
    if os.uname().machine != "x86_64":
        pytest.skip("the numbers are those of x86-64; other machines have the same filter by name")
    number = int(call.partition("=")[2])
    answer, reason = ask(
        "import ctypes, errno\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        f"answer = libc.syscall({number}, 0, 0, 0, 0, 0, 0)\n"
        "found = answer, errno.errorcode.get(ctypes.get_errno())"
    )
    assert (answer, reason) == (-1, "ENOSYS")
