"""What student code finds behind Landlock, where it is weaker than namespaces, and what holds all the same."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stepgrade.grade import Grader
from stepgrade.sandbox import Budget, Limits, Session, SessionEnded, warm_template
from stepgrade.sandbox.inside import written
from tests.attacks.attack import MARK, Notebook
from tests.attacks.conftest import HONEST, LIMITS, MANY_QUESTIONS, asking
from tests.attacks.generator import ATTACKS
from tests.conftest import boundary_or_skip

Ask = Callable[[str], Any]
PATIENCE_S = 30
# For what takes long on a machine that has other things to do, too.
ROOMY = Limits(cell_cpu_s=10, wall_s=20, submission_wall_s=60)

# ``refused(f)``: the name of the error that a call ends with, None if it went well.
REFUSED = """
import errno, signal, socket
def refused(call, *arguments):
    try:
        call(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno]
"""


@pytest.fixture(scope="module")
def kind() -> str:
    return "landlock"


def template_pid(session: Session) -> int:
    return session._template._process.pid


def has_come(is_so: Callable[[], bool]) -> bool:
    """Tell whether something is so, after waiting a moment."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.02)
    return is_so()


def is_gone(pid: int) -> bool:
    """Tell whether a process is no more; what is dead and not waited for counts as gone."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


class TestFiles:
    def test_that_a_path_is_there_can_be_seen_but_not_what_is_in_it(self, ask: Ask) -> None:
        size, error = ask(
            f"{REFUSED}\nfound = os.stat('/etc/passwd').st_size, refused(os.open, '/etc/passwd', os.O_RDONLY)"
        )
        assert size == os.stat("/etc/passwd").st_size  # noqa: PTH116 - weaker than namespaces
        assert error == "EACCES"

    @pytest.mark.parametrize("folder", ["/", "/etc", "/tmp", "/proc", "/dev", "/dev/shm", "..", "/proc/self/fd"])  # noqa: S108
    def test_no_folder_can_be_listed_but_the_own_one_and_those_of_python(self, ask: Ask, folder: str) -> None:
        assert ask(f"{REFUSED}\nfound = refused(os.listdir, {folder!r})") == "EACCES"

    def test_where_python_and_its_packages_lie_can_be_seen(self, ask: Ask) -> None:
        import numpy

        real = ask("import numpy\nfound = os.path.realpath(numpy.__file__)")
        assert real == os.path.realpath(numpy.__file__)  # weaker than namespaces

    def test_nothing_can_be_written_but_the_own_folder(self, ask: Ask, temporary: Path) -> None:
        places = ["/", "/tmp", "/var/tmp", "/dev/shm", "/run", "/dev", "..", str(temporary)]  # noqa: S108
        errors = ask(
            f"{REFUSED}\n"
            f"places = {places!r} + sys.path\n"
            f"found = [refused(os.mkdir, os.path.join(place, '{MARK}')) for place in places]\n"
            f"found += [refused(os.symlink, '/', os.path.join(place, '{MARK}')) for place in places]\n"
            f"found += [refused(os.open, os.path.join(place, '{MARK}'), os.O_CREAT | os.O_WRONLY) for place in places]"
        )
        assert set(errors) <= {"EACCES", "EROFS"}

    def test_nothing_but_a_stream_can_be_made_in_the_own_folder_either(self, ask: Ask) -> None:
        errors = ask(
            f"{REFUSED}\nimport stat\n"
            "found = [refused(os.mknod, 'x', kind | 0o600) for kind in (stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFCHR)]"
        )
        assert set(errors) == {"ENOSYS"}

    def test_a_link_out_of_the_own_folder_leads_nowhere(self, ask: Ask, attacked_course: Path) -> None:
        gradebook = str(attacked_course / "gradebook.db")
        errors = ask(
            f"{REFUSED}\nos.symlink({gradebook!r}, 'link')\n"
            "found = refused(os.open, 'link', os.O_RDONLY), refused(os.open, 'link', os.O_WRONLY), "
            "refused(os.truncate, 'link', 0), refused(os.chmod, 'link', 0o777), refused(os.utime, 'link')\n"
            "os.unlink('link')"
        )
        assert set(errors) <= {"EACCES", "ENOSYS"}

    def test_rights_and_times_cannot_be_changed_not_even_of_own_files(self, ask: Ask) -> None:
        errors = ask(
            f"{REFUSED}\nopen('own', 'w').close()\n"
            "found = [refused(os.chmod, 'own', 0o777), refused(os.utime, 'own'), refused(os.listxattr, 'own')]\n"
            "os.unlink('own')"
        )
        assert set(errors) == {"ENOSYS"}  # weaker than namespaces: `shutil.copy2` fails, for one


class TestProcesses:
    def test_nobody_elses_process_can_be_signalled(self, ask: Ask, session: Session) -> None:
        others = [1, os.getpid(), os.getppid(), template_pid(session)]
        assert set(ask(f"{REFUSED}\nfound = [refused(os.kill, number, 0) for number in {others!r}]")) == {"EPERM"}

    def test_the_keeper_cannot_be_signalled(self, grader: Grader) -> None:
        assert grader.boundary
        with Session(grader.boundary, LIMITS, seed=1) as session:
            (reply,) = session.run([("<cell>", "import os\nos.kill(os.getppid(), 9)")])
            assert (reply.status, reply.word("type")) == ("raised", "PermissionError")

    def test_own_processes_can(self, ask: Ask) -> None:
        assert ask(
            "import signal, time\nchild = os.fork()\n"
            "if child == 0:\n    time.sleep(60)\n    os._exit(0)\n"
            "os.kill(child, signal.SIGTERM)\nfound = os.waitpid(child, 0)[1]"
        ) == int(signal.SIGTERM)

    def test_a_signal_to_everybody_reaches_own_processes_only(self, grader: Grader, release: Notebook) -> None:
        assert grader.boundary
        cell = (
            "import os, signal, time\nchildren = []\n"
            "for _ in range(3):\n"
            "    child = os.fork()\n"
            "    if child == 0:\n        os.setsid()\n        time.sleep(60)\n        os._exit(0)\n"
            "    children.append(child)\n"
            "os.kill(-1, signal.SIGKILL)\n"
            "ended = [os.waitpid(child, 0)[1] for child in children]\n"
            "assert ended == [signal.SIGKILL] * 3, ended"
        )
        with Session(grader.boundary, LIMITS, seed=1) as other, Session(grader.boundary, LIMITS, seed=1) as session:
            (reply,) = session.run([("<cell>", cell)])
            assert reply.status == "done", reply.words
            (reply,) = other.run([("<cell>", "x = 1")])
            assert reply.status == "done"

    def test_which_processes_there_are_can_be_found_out(self, ask: Ask, session: Session) -> None:
        there, not_there = ask(
            f"{REFUSED}\nfound = refused(os.getpgid, {template_pid(session)}), refused(os.getpgid, 2**22 - 1)"
        )
        assert (there, not_there) == (None, "ESRCH")  # weaker than namespaces

    def test_nothing_of_another_process_can_be_read(self, ask: Ask, session: Session) -> None:
        names = ("environ", "mem", "maps", "cmdline", "fd", "root", "cwd", "status", "stack")
        errors = ask(
            f"{REFUSED}\n"
            f"found = [refused(os.open, f'/proc/{{pid}}/{{name}}', os.O_RDONLY)\n"
            f"         for pid in ({os.getpid()}, {template_pid(session)}) for name in {names!r}]\n"
            f"found += [refused(os.readlink, f'/proc/{os.getpid()}/{{name}}') for name in ('cwd', 'exe', 'root')]"
        )
        assert set(errors) == {"EACCES"}

    def test_as_many_processes_as_are_allowed_can_be_started_whoever_else_has_some(self, grader: Grader) -> None:
        assert grader.boundary
        cell = (
            "import os, time\nn_started = 0\n"
            "try:\n"
            "    while n_started < 200:\n"
            "        if os.fork() == 0:\n            time.sleep(60)\n            os._exit(0)\n"
            "        n_started += 1\n"
            "except BlockingIOError:\n    pass\n"
            f"assert n_started == {ROOMY.processes} - 1, n_started"
        )
        with Session(grader.boundary, ROOMY, seed=1) as session, Session(grader.boundary, ROOMY, seed=1) as other:
            for each in (session, other):
                (reply,) = each.run([("<cell>", cell)])
                assert reply.status == "done", reply.words

    def test_threads_count_as_well(self, ask: Ask) -> None:
        n_started = ask(
            "import threading\nend = threading.Event()\nfound = 0\n"
            "try:\n"
            "    while found < 200:\n"
            "        threading.Thread(target=end.wait).start()\n        found += 1\n"
            "except RuntimeError:\n    pass\n"
            "end.set()"
        )
        assert n_started == LIMITS.processes - 2  # the session, and the fork of it that asks


# A single file cannot grow beyond what the folder may hold.
FILLING = {attack.name: attack.cells[0] for attack in ATTACKS if attack.fills and attack.name != "the disk is filled"}
FILLING["a folder is closed to be looked at"] = "import os\nos.mkdir('closed', 0)"


class TestTheFolderIsWatched:
    @pytest.mark.parametrize("cell", FILLING.values(), ids=FILLING)
    def test_a_session_that_fills_it_is_ended(self, grader: Grader, temporary: Path, cell: str) -> None:
        assert grader.boundary
        before = set(temporary.rglob("world-*"))
        with Session(grader.boundary, ROOMY, seed=1) as session:
            replies = session.run([("<cell>", cell), ("<cell>", "import time\ntime.sleep(1)")])
            with pytest.raises(SessionEnded, match="more into files than is allowed"):
                list(replies)
        assert set(temporary.rglob("world-*")) == before

    def test_what_was_removed_in_time_costs_nothing(self, grader: Grader) -> None:
        assert grader.boundary
        cell = "import os\nfor _ in range(20):\n    open('x', 'wb').write(bytes(30 * 2**20))\n    os.unlink('x')"
        with Session(grader.boundary, ROOMY, seed=1) as session:
            assert [reply.status for reply in session.run([("<cell>", cell), ("<cell>", "x = 1")])] == ["done"] * 2

    def test_arrays_in_files_are_no_offence(self, grader: Grader) -> None:
        assert grader.boundary
        cell = (
            "import os, tempfile, time\nimport numpy as np\n"
            "kept = [np.memmap(file, 'float64', 'w+', shape=2**20) for file in ('x', tempfile.TemporaryFile())]\n"
            "for array in kept:\n    array[:] = 1\n"
            "os.unlink('x')\ntime.sleep(0.5)"
        )
        with Session(grader.boundary, ROOMY, seed=1) as session:
            (reply,) = session.run([("<cell>", cell)])
            assert reply.status == "done", reply.words

    def test_processes_stand_still_meanwhile_and_go_on_afterwards_unless_they_had_stopped(self) -> None:
        with subprocess.Popen(["sleep", "60"]) as going, subprocess.Popen(["sleep", "60"]) as stopped:
            try:
                stopped.send_signal(signal.SIGSTOP)
                assert has_come(lambda: written.has_stopped(stopped.pid))
                with written.standing_still([going.pid, stopped.pid]):
                    assert has_come(lambda: written.has_stopped(going.pid))
                assert has_come(lambda: not written.has_stopped(going.pid))
                assert written.has_stopped(stopped.pid)
            finally:
                going.kill()
                stopped.kill()


LEAVES = (
    "import os, time\nleft = os.fork()\n"
    "if left == 0:\n    os.setsid()\n    time.sleep(600)\n    os._exit(0)\n"
    "raise ValueError(f'{os.getppid()} {left}')"
)


class TestWhatIsLeft:
    @pytest.fixture
    def leaving(self, grader: Grader) -> Iterator[tuple[Session, int, int]]:
        """A session that has left a process, its keeper, and that process."""
        assert grader.boundary
        with Session(grader.boundary, ROOMY, seed=1) as session:
            (reply,) = session.run([("<cell>", LEAVES)])
            keeper, left = map(int, reply.word("text").split())
            assert Path(f"/proc/{left}").exists()
            yield session, keeper, left

    def test_is_ended_with_the_session(self, leaving: tuple[Session, int, int]) -> None:
        session, keeper, left = leaving
        session.close()
        assert not Path(f"/proc/{left}").exists()
        assert not Path(f"/proc/{keeper}").exists()

    def test_is_ended_when_the_keeper_was_killed(self, leaving: tuple[Session, int, int]) -> None:
        session, keeper, left = leaving
        os.kill(keeper, signal.SIGKILL)
        time.sleep(0.1)
        session.close()
        assert not Path(f"/proc/{left}").exists()

    def test_is_ended_when_the_template_was_killed(self, leaving: tuple[Session, int, int]) -> None:
        session, keeper, left = leaving
        session._template._process.kill()
        assert has_come(lambda: is_gone(left))
        assert has_come(lambda: is_gone(keeper))

    def test_is_ended_when_the_template_stops(self, leaving: tuple[Session, int, int]) -> None:
        session, keeper, left = leaving
        session._template.stop()
        assert not Path(f"/proc/{left}").exists()
        assert not Path(f"/proc/{keeper}").exists()


@pytest.fixture(scope="module", params=[3, 5], ids=lambda abi: f"ABI {abi}")
def old(request: pytest.FixtureRequest, temporary: Path) -> Iterator[Session]:
    boundary = replace(boundary_or_skip("landlock"), line=f"landlock as of ABI {request.param}", abi=request.param)
    with Session(boundary, LIMITS, seed=1, budget=Budget(MANY_QUESTIONS)) as session:
        list(session.run([("<nothing>", "")]))
        yield session
    warm_template(boundary, LIMITS).stop()


class TestAKernelWithAnOlderLandlock:
    """What this kernel's Landlock knows beyond that version is left out, so that the rest has to hold alone."""

    @pytest.fixture
    def ask(self, old: Session) -> Ask:
        return asking(old)

    def test_nobody_elses_process_can_be_signalled(self, ask: Ask, old: Session) -> None:
        others = [1, os.getpid(), os.getppid(), template_pid(old)]
        errors = ask(
            f"{REFUSED}\nimport ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
            f"found = []\nfor number in {others!r}:\n"
            "    found.append(refused(os.kill, number, 0))\n"
            "    found.append(refused(os.kill, -number, 0)) if number > 1 else None\n"
            "    for call in (lambda: libc.tgkill(number, number, 0), lambda: libc.syscall(200, number, 0)):\n"
            "        found.append(errno.errorcode[ctypes.get_errno()] if call() < 0 else None)"
        )
        assert set(errors) == {"EPERM"}

    def test_own_processes_and_threads_can(self, ask: Ask) -> None:
        assert ask(
            "import signal, threading, time\nchild = os.fork()\n"
            "if child == 0:\n    time.sleep(60)\n    os._exit(0)\n"
            "os.kill(child, signal.SIGTERM)\nfound = [os.waitpid(child, 0)[1]]\n"
            "caught = []\nsignal.signal(signal.SIGUSR1, lambda *_: caught.append(1))\n"
            "signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)\nos.kill(os.getpid(), signal.SIGUSR1)\n"
            "signal.raise_signal(signal.SIGUSR1)\nfound.append(len(caught))"
        ) == [int(signal.SIGTERM), 3]

    def test_a_signal_to_everybody_reaches_own_processes_only(self, ask: Ask) -> None:
        assert (
            ask(
                "import signal, time\nchildren = []\n"
                "for _ in range(3):\n"
                "    child = os.fork()\n"
                "    if child == 0:\n        os.setsid()\n        time.sleep(60)\n        os._exit(0)\n"
                "    children.append(child)\n"
                "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                "os.kill(-1, 0)\n"
                "for child in children:\n    os.kill(child, signal.SIGKILL)\n"
                "found = [os.waitpid(child, 0)[1] for child in children]"
            )
            == [int(signal.SIGKILL)] * 3
        )

    def test_no_socket_can_be_opened_and_no_datagram_sent(self, ask: Ask) -> None:
        errors = ask(
            f"{REFUSED}\nfound = [refused(socket.socket, family) for family in (socket.AF_INET, socket.AF_UNIX)]\n"
            "found.append(refused(socket.socketpair, socket.AF_UNIX, socket.SOCK_DGRAM))"
        )
        assert set(errors) == {"ENOSYS"}

    def test_an_honest_submission_gets_its_marks(self, grader: Grader, old: Session, release: Notebook) -> None:
        graded = replace(grader, boundary=old._boundary).grade(HONEST.submission(release))
        assert graded.points == 10.0
        assert graded.replay.endswith("--boundary landlock")
