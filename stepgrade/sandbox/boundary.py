"""What a boundary is: how a template is started behind it, and what its worlds are built of.

There are three kinds, each in a module of its own but the one that is none. Nothing outside of this room asks which one
it has: it takes ``line`` for the Result, and ``option`` for the command that gives the Result again.
"""

from __future__ import annotations

import base64
import json
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from stepgrade.sandbox.limits import Limits
from stepgrade.sandbox.packages import package_folder
from stepgrade.sandbox.places import INSIDE, interpreter

PROBE_TIMEOUT_S = 30
# Without site and its path files nothing is importable but the standard library and what the template adds.
PYTHON_FLAGS = ("-P", "-S", "-s")
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


def next_step(instead: str = "") -> str:
    """Say what can be done where there is no boundary; ``instead`` is another one that can be had."""
    return (
        f"Grade in a place that has one (docs/security.md shows a container, WSL2 and CI), {instead}or add "
        "--no-sandbox for notebooks that you trust: they then run with all your rights"
    )


@dataclass(frozen=True)
class Boundary(ABC):
    """Where student code runs; ``line`` says so in one line, in every Result.

    ``kind`` is what one calls it, ``option`` what one types to have it, ``worlds`` the module of ``inside`` that builds
    its worlds. ``has_own_folders`` says that the grader makes the folder that a world can write, and removes it.
    """

    line: str

    kind: ClassVar[str]
    option: ClassVar[str]
    worlds: ClassVar[str]
    isolates: ClassVar[bool] = True
    has_own_folders: ClassVar[bool] = False

    @property
    @abstractmethod
    def inside(self) -> str:
        """The folder of our files, as the template sees it."""

    @property
    @abstractmethod
    def packages(self) -> str:
        """The folder of course packages, as the template sees it."""

    def command(self, program: Iterable[str]) -> list[str]:
        """Return the command that runs ``program`` (arguments of Python) behind this boundary."""
        return [str(interpreter()), *PYTHON_FLAGS, *program]

    def environment(self, home: Path) -> dict[str, str]:
        """Return the environment of the template, which may write into the folder ``home``."""
        return ENVIRONMENT | {"HOME": str(home)}

    def settings(self, limits: Limits, folder: Path) -> dict[str, Any]:
        """Return what a template needs to know to build worlds with these limits; it may write into ``folder``."""
        names = ("memory_mib", "processes", "open_files", "disk_mib", "message_mib", "submission_cpu_s")
        # Alone: a signal to everybody reaches nobody but the submission's own processes.
        return {"worlds": self.worlds, "alone": self.isolates} | {name: getattr(limits, name) for name in names}

    def hand_over(self, folder: Path) -> None:  # noqa: B027 - most have nothing to do
        """Let the user that worlds run as have a folder of the grader's."""


class NoBoundary(Boundary):
    """None: an ordinary process of the user who grades."""

    kind = "none"
    option = "--no-sandbox"
    worlds = "plain"
    isolates = False
    has_own_folders = True

    @property
    def inside(self) -> str:
        return str(INSIDE)

    @property
    def packages(self) -> str:
        return str(package_folder())


NO_BOUNDARY = NoBoundary("none (--no-sandbox): student code ran as an ordinary process of the user who graded")


def encoded(program: bytes) -> str:
    """Return a filter of system calls as it travels in settings."""
    return base64.b64encode(program).decode()


def trial(boundary: Boundary, folder: Path, world: dict[str, Any]) -> str:
    """Build one world and end it; return "" if that went well, else what failed."""
    settings = json.dumps(boundary.settings(Limits(), folder) | world)
    try:
        done = subprocess.run(  # noqa: S603 - our own file, behind the boundary that is tried
            boundary.command([f"{boundary.inside}/probe.py", settings]),
            env=boundary.environment(folder),
            capture_output=True,
            text=True,
            timeout=PROBE_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.stdout == "ended 0":
        return ""
    return done.stdout.strip() or (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
