"""Works around what nbgrader expects of the machine it runs on."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def put_environment_on_path() -> None:
    """Let nbgrader find its own tools when the environment is not activated.

    nbgrader 0.9.6 makes a new database by calling ``alembic`` by name (``api.get_alembic_version``).
    """
    tools = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if tools not in path:
        os.environ["PATH"] = os.pathsep.join([tools, *path])
