"""The course's nbgrader configuration, loaded the way nbgrader's own commands load it."""

from __future__ import annotations

from pathlib import Path

from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from stepgrade.errors import NoCourse, UsageError
from stepgrade.secret import secret_file

CONFIG_FILE = "nbgrader_config.py"


def load_config(course: Path) -> Config:
    """Return the configuration of the course folder, with its root set.

    Raises
    ------
    NoCourse
        If the folder has no ``nbgrader_config.py``.
    UsageError
        If that file stops with an error.
    """
    if not (course / CONFIG_FILE).is_file():
        raise NoCourse(f"{course} is no course folder: it has no {CONFIG_FILE}; change to yours, or use --course")
    try:
        config: Config = PyFileConfigLoader(CONFIG_FILE, path=str(course)).load_config()
    except Exception as error:  # it is Python, and may do anything
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        raise UsageError(
            f"{course / CONFIG_FILE}{line} stops with {type(error).__name__}: {error}; correct it"
        ) from error
    config.CourseDirectory.root = str(course.resolve())
    return config


def configured_secret_file(course: Path) -> str:
    """Return the path of the course secret: what nbgrader_config.py says, else the environment; empty for none."""
    return str(load_config(course).ScoreSubmission.get("secret_file") or secret_file())
