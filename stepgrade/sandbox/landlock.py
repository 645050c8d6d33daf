"""The boundary for machines that allow no namespaces: Landlock, a filter of system calls, and a process that reaps.

What must not be reached is there and refused, where `bubblewrap` has nothing there. So it is weaker, as
docs/security.md says, and only taken when somebody asks for it.
"""

from __future__ import annotations

import atexit
import ctypes
import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from stepgrade.sandbox.boundary import Boundary, encoded, next_step, trial
from stepgrade.sandbox.cgroup import memory_is_limited
from stepgrade.sandbox.limits import Limits
from stepgrade.sandbox.packages import course_packages
from stepgrade.sandbox.places import (
    DEVICES,
    INSIDE,
    other_packages,
    parts_without,
    readable_files,
    standard_library,
)
from stepgrade.sandbox.refusal import SandboxUnavailable
from stepgrade.sandbox.syscalls import (
    FORKING,
    HIDING_FILES,
    ON_PATHS,
    SIGNALLING,
    asking_program,
    seccomp_program,
)

# Before the third, a file that may not be written could be cut to nothing.
OLDEST, NEWEST = 3, 7
NETWORK_SINCE, SIGNALS_SINCE = 4, 6
NOBODY = 65534
# To give files away, to remove them again (twice), to change group, to change user.
CAPABILITIES_TO_BECOME_NOBODY = (0, 1, 3, 6, 7)


@dataclass(frozen=True)
class Landlock(Boundary):
    """Landlock in version ``abi`` of the kernel's interface; ``as_nobody`` where root can become nobody."""

    abi: int
    as_nobody: bool = False

    kind = "landlock"
    option = "--boundary landlock"
    worlds = "landlocked"
    has_own_folders = True

    @property
    def inside(self) -> str:
        return str(seen_folder() / "inside")

    @property
    def packages(self) -> str:
        return str(seen_folder() / "packages")

    def environment(self, home: Path) -> dict[str, str]:
        return super().environment(home) | {"TMPDIR": str(home)}

    def settings(self, limits: Limits, folder: Path) -> dict[str, Any]:
        library = seen_folder() / "library"
        asked = FORKING if self.abi >= SIGNALS_SINCE else (*FORKING, *SIGNALLING)
        return super().settings(limits, folder) | {
            "asking": encoded(asking_program(asked)),
            "filter": encoded(seccomp_program(left_out=(*ON_PATHS, *HIDING_FILES))),
            "abi": self.abi,
            "as_nobody": self.as_nobody,
            "writable": str(folder),
            "library": [str(library), str(library / "lib-dynload")],
            "readable": list(map(str, _readable())),
            "roots": list(map(str, _roots())),
            "devices": [device for device in DEVICES if Path(device).exists()],
        }

    def hand_over(self, folder: Path) -> None:
        if self.as_nobody:
            os.chown(folder, NOBODY, NOBODY, follow_symlinks=False)
            folder.parent.chmod(0o711)  # stays the grader's, so that nobody can put something else in its place


def find_landlock() -> Landlock:
    """Return this boundary, tried by building one world in it.

    Raises
    ------
    SandboxUnavailable
        If it is not to be had here.
    """
    abi = min(landlock_version(), NEWEST)
    if abi < OLDEST:
        raise SandboxUnavailable(
            f"this kernel's Landlock has version {abi} of its interface, and {OLDEST} is needed (Linux 6.2): before, "
            f"student code could cut files to nothing. {next_step()}"
        )
    as_nobody = os.getuid() == 0 and _can_become_nobody()
    user = "" if as_nobody or os.getuid() != 0 else "; root without capabilities"
    boundary = Landlock(f"landlock (ABI {abi}{_lacks(abi)}), seccomp{user}; {memory_is_limited()}", abi, as_nobody)
    with tempfile.TemporaryDirectory(prefix="stepgrade-trial-") as name:
        folder = Path(name).resolve()
        world = folder / "world"
        world.mkdir(mode=0o700)
        boundary.hand_over(world)
        failure = trial(boundary, folder, {"folder": str(world)})
    if failure:
        raise SandboxUnavailable(f"student code cannot be held by Landlock here: {failure}. {next_step()}")
    return boundary


def landlock_version() -> int:
    """Return which version of Landlock's interface this kernel has.

    Raises
    ------
    SandboxUnavailable
        If it has none.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version: int = libc.syscall(444, None, ctypes.c_size_t(0), 1)
    if version > 0:
        return version
    reasons = {
        errno.ENOSYS: "this kernel was built without it, or the container's filter of system calls refuses it",
        errno.EOPNOTSUPP: "this kernel was started without it (/sys/kernel/security/lsm lists what it has)",
        errno.EPERM: "the container's filter of system calls refuses it",
    }
    number = ctypes.get_errno()
    raise SandboxUnavailable(f"there is no Landlock here: {reasons.get(number, os.strerror(number))}. {next_step()}")


def offer() -> str:
    """Return a sentence part that offers this boundary to whoever cannot have another one; empty where it cannot be."""
    try:
        if landlock_version() < OLDEST:
            return ""
    except SandboxUnavailable:
        return ""
    return (
        f"take {Landlock.option}, which needs no namespaces and is weaker (student code sees that other files and "
        "processes are there, though it cannot open or signal them), "
    )


def _lacks(abi: int) -> str:
    """Say what an older version leaves to the filter of system calls alone."""
    if abi < NETWORK_SINCE:
        return ", network and signals held by seccomp alone"
    return ", signals held by seccomp alone" if abi < SIGNALS_SINCE else ""


def _can_become_nobody() -> bool:
    """Tell whether root may change its user here, and nobody could still read what is imported."""
    return _has_capabilities() and _has_nobody() and all(map(_others_can_read, (*_readable(), _temporary())))


def _has_capabilities() -> bool:
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    return all(int(status["CapEff"], 16) >> bit & 1 for bit in CAPABILITIES_TO_BECOME_NOBODY)


def _has_nobody() -> bool:
    """Tell whether there is such a user and group; a container that is no root's own may have a single one."""
    for name in ("uid_map", "gid_map"):
        ranges = (map(int, line.split()) for line in (Path("/proc/self") / name).read_text().splitlines())
        if not any(first <= NOBODY < first + length for first, _, length in ranges):
            return False
    return Path("/proc/self/setgroups").read_text().strip() == "allow"


def _temporary() -> Path:
    return Path(tempfile.gettempdir()).resolve()


def _others_can_read(path: Path) -> bool:
    can_pass = all(parent.stat().st_mode & stat.S_IXOTH for parent in path.parents)
    return can_pass and bool(path.stat().st_mode & stat.S_IROTH)


def _readable() -> list[Path]:
    """Return the files and folders that a world may read.

    A rule about a folder is one about all beneath it, and nothing can be taken away again: so what must not be read is
    left out by naming everything beside it.
    """
    hidden = other_packages()
    parts = (part for root in readable_files() for part in parts_without(root, hidden))
    return [*parts, INSIDE, *(place.resolve() for place in course_packages()), seen_folder()]


def _roots() -> list[Path]:
    """Return the few folders that all of these lie in; a rule takes time in every session that is opened."""
    packages = {place.resolve().parent for place in course_packages()}
    return [*readable_files(), INSIDE, *sorted(packages), seen_folder()]


@cache
def seen_folder() -> Path:
    """Return a folder of links to all that is imported, made once per process and removed at its end.

    ``library`` stands for the standard library, which can not be listed where installed packages lie beneath it.
    """
    folder = Path(tempfile.mkdtemp(prefix="stepgrade-seen-")).resolve()
    atexit.register(_remove, folder, os.getpid())
    folder.chmod(0o755)
    (folder / "inside").symlink_to(INSIDE)
    hidden = other_packages()
    _link((path for path in standard_library().iterdir() if path.resolve() not in hidden), folder / "library")
    _link(course_packages(), folder / "packages")
    return folder


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # not a fork of it
        shutil.rmtree(folder, ignore_errors=True)


def _link(places: Iterable[Path], folder: Path) -> None:
    folder.mkdir(mode=0o755)
    for place in places:
        (folder / place.name).symlink_to(place)
