"""What one submission may use; every number of the sandbox is set here and nowhere else."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from stepgrade.errors import StepgradeError


class BadLimits(StepgradeError):
    """A file of limits that does not say what it should."""

    names_nobody = True


@dataclass(frozen=True)
class Limits:
    """Limits of one submission.

    CPU time decides, because wall time depends on what else the machine does; wall time is for sleepers only.
    """

    cell_cpu_s: float = 10.0
    call_cpu_s: float = 2.0
    submission_cpu_s: float = 60.0  # of all cells and calls together
    wall_s: float = 20.0  # of one cell or call
    submission_wall_s: float = 120.0
    start_wall_s: float = 60.0  # of the interpreter and its imports, once per grading process
    memory_mib: int = 2048  # beyond what the interpreter and the course packages take
    processes: int = 64  # threads included
    open_files: int = 128
    disk_mib: int = 64  # of the one folder that can be written, and so of one file
    message_mib: int = 64  # of what one call returns

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Return the limits of an assignment: the defaults, changed by what the TOML file at ``path`` says, if any.

        Raises
        ------
        BadLimits
            If the file is no TOML, names an unknown limit, or gives one that is no positive number.
        """
        if not path.is_file():
            return cls()
        try:
            wanted = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise BadLimits(f"{path} is not TOML: {error}") from None
        known: dict[str, Callable[[float], float]] = {
            f.name: type(getattr(cls(), f.name)) for f in dataclasses.fields(cls)
        }
        for name, value in wanted.items():
            if name not in known:
                raise BadLimits(f"{path} names the limit {name!r}; there are: {', '.join(known)}")
            if type(value) not in (int, float) or not 0 < value < float("inf"):
                raise BadLimits(f"{path} sets {name} to {value!r}, expected a positive number")
        numbers: dict[str, Any] = {name: known[name](value) for name, value in wanted.items()}
        return cls(**numbers)
