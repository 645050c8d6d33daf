"""The course secret: what the hidden inputs of a course derive from; it lives outside of the repository."""

from __future__ import annotations

import os
from pathlib import Path

from stepgrade.errors import NoSecret

SECRET_VARIABLE = "STEPGRADE_SECRET_FILE"  # noqa: S105 - the variable's name, not a secret


def secret_file() -> str:
    """Return the path that the environment names, empty where it names none."""
    return os.environ.get(SECRET_VARIABLE, "")


def read_secret(path: str) -> bytes | None:
    """Return the course secret in the file at ``path``, None where no file is named.

    Raises
    ------
    NoSecret
        If the named file cannot be read, or is empty: an empty secret is one that everybody knows.
    """
    if not path:
        return None
    try:
        secret = Path(path).read_bytes().strip()
    except OSError as error:
        raise NoSecret(f"the course secret {path} cannot be read ({error.strerror})") from error
    if not secret:
        raise NoSecret(
            f"the course secret {path} is empty; write a long random line into it, "
            f"or unset {SECRET_VARIABLE} to use the public demo key"
        )
    return secret
