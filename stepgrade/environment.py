"""What a grade depends on besides submission, assignment and seed."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib import metadata
from pathlib import Path

import numpy as np

import stepgrade
from stepgrade.sandbox import COURSE_PACKAGES, Boundary, find_boundary

# The rooms and files of this package whose code decides a mark.
DECIDING = (
    "grade.py",
    "student_code.py",
    "own_words.py",
    "assignment.py",
    "result.py",
    "judge/**/*.py",
    "notebook/**/*.py",
    "sandbox/**/*.py",
)


def environment(boundary: Boundary) -> dict[str, str]:
    """Return it by name; two Results with the same one can be compared, and parts of them exchanged."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "stepgrade": stepgrade.__version__,
        "engine": _engine(),
        "boundary": boundary.line,
    }


def environment_here(kind: str) -> dict[str, str]:
    """Return that of a grade made by this process behind a boundary of that kind; workers can be asked for it.

    Raises
    ------
    SandboxUnavailable
        If this machine has no such boundary.
    """
    return environment(find_boundary(kind))


@cache
def _engine() -> str:
    """Return a hash of the deciding code and of the versions of the packages beside student code.

    The version of stepgrade alone would not tell a changed checkout from an unchanged one.
    """
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for pattern in DECIDING:
        for path in sorted(package.glob(pattern)):
            digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    for name in COURSE_PACKAGES:
        digest.update(f"{name} {metadata.version(name)}\n".encode())
    return digest.hexdigest()[:16]
