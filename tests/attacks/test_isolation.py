"""What student code finds around itself, told by itself through a function that returns a text."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stepgrade.grade import Grader
from stepgrade.judge import wire
from stepgrade.sandbox import Session, find_boundary
from stepgrade.sandbox.boundary import ENVIRONMENT
from stepgrade.sandbox.packages import course_packages
from tests.attacks.attack import MARK
from tests.attacks.conftest import LIMITS

# A text of more characters is cut on its way out.
PART = 900
Ask = Callable[[str], Any]


@pytest.fixture(scope="module")
def session(grader: Grader) -> Iterator[Session]:
    with Session(find_boundary(), LIMITS, seed=1) as session:
        list(session.run([("<nothing>", "")]))  # the world is there when it has answered
        yield session


@pytest.fixture
def ask(session: Session) -> Ask:
    """``ask(code)``: what ``code`` has left in ``found``, in a fork of the session as questions get it."""

    def ask(code: str) -> Any:
        session.begin()
        source = (
            "import json, os, sys\nproblem = ''\n"
            f"try:\n{textwrap.indent(code.strip(), '    ')}\n"
            "except Exception as error:\n    problem = repr(error)\n"
            "told = json.dumps([problem, None if problem else found])\n"
            f"def part(number):\n    return told[{PART} * number:{PART} * (number + 1)]"
        )
        (reply,) = session.run([("<asked>", source)])
        assert reply.status == "done", reply.words
        text = ""
        for number in range(200):
            (reply,) = session.call("part", [wire.encode((number,))])
            part, _ = wire.decode(reply.payload)
            text += part
            if len(part) < PART:
                break
        session.end()
        problem, found = json.loads(text)
        assert problem == ""
        return found

    return ask


def test_only_the_course_packages_and_the_standard_library_can_be_imported(ask: Ask) -> None:
    found = ask(
        "import pkgutil\nfound = sorted({m.name for m in pkgutil.iter_modules()} - set(sys.stdlib_module_names))"
    )
    course = {place.name.partition(".")[0] for place in course_packages() if not place.name.endswith("-info")}
    of_python = ("_sysconfigdata", "_ctypes_test", "_test", "_xx", "xx", "test", "__hello__", "__phello__")
    tests_of_python = {name for name in found if name.startswith(of_python)}
    assert set(found) - tests_of_python <= course
    assert {"numpy", "h5py", "matplotlib", "IPython"} <= set(found)
    assert not {"scipy", "sklearn", "autograd", "nbgrader", "stepgrade", "pip", "pytest"} & set(found)


def test_the_import_path_has_only_the_standard_library_and_the_course_packages(ask: Ask) -> None:
    path = ask("found = sys.path")
    assert [entry for entry in path if "site-packages" in entry or "dist-packages" in entry] == []
    assert "" not in path
    assert "/stepgrade/packages" in path
    assert "/stepgrade/inside" not in path


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
    paths = [*(f"{repository}/{name}" for name in inside), *outside.split()]
    assert ask(f"found = [path for path in {paths!r} if os.path.exists(path)]") == []


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
    assert found == ["__init__.py", "display.py", "figures.py", "runner.py", "warm.py", "world.py"]


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


def test_the_user_is_nobody_in_particular_and_has_no_capability(ask: Ask) -> None:
    ids, groups, capabilities = ask(
        "import ctypes, struct\n"
        "header = ctypes.create_string_buffer(struct.pack('=Ii', 0x20080522, 0))\n"
        "data = ctypes.create_string_buffer(24)\n"
        "number = {'x86_64': 125, 'aarch64': 90}[os.uname().machine]\n"
        "answer = ctypes.CDLL(None, use_errno=True).syscall(number, header, data)\n"
        "found = [*os.getresuid(), *os.getresgid()], os.getgroups(), (answer, ctypes.get_errno(), data.raw.hex())"
    )
    assert ids == [1000] * 6
    assert set(groups) <= {65534}
    assert capabilities[2] == "00" * 24  # the call itself may be refused, and then says nothing


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
    from stepgrade.sandbox import warm_template

    group = warm_template(find_boundary(), LIMITS).control_group
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


def test_the_environment_is_exactly_what_was_chosen(ask: Ask) -> None:
    found = ask("found = dict(os.environ)")
    assert {name: value for name, value in found.items() if name not in ("PWD", "LC_CTYPE")} == ENVIRONMENT


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


def test_the_limits_cannot_be_raised(ask: Ask) -> None:
    found = ask(
        "import resource\n"
        "names = ('RLIMIT_AS', 'RLIMIT_NPROC', 'RLIMIT_NOFILE', 'RLIMIT_FSIZE', 'RLIMIT_CORE', 'RLIMIT_MSGQUEUE')\n"
        "found = {name: resource.getrlimit(getattr(resource, name))[1] for name in names}"
    )
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
