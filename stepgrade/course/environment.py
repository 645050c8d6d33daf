"""Works around what nbgrader expects of the machine it runs on, and what it costs to import."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any


def put_environment_on_path() -> None:
    """Let nbgrader find its own tools when the environment is not activated.

    nbgrader 0.9.6 makes a new database by calling ``alembic`` by name (``api.get_alembic_version``).
    """
    tools = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if tools not in path:
        os.environ["PATH"] = os.pathsep.join([tools, *path])


def do_without_grammar_of_addresses() -> None:
    """Let nbgrader be imported in half the time.

    It imports jsonschema, which imports rfc3987_syntax for the format "iri", which builds its grammar anew at every
    import (1.1.0: nearly two seconds). No schema of a notebook has that format, and jsonschema does without where the
    package is missing.
    """
    modules: dict[str, Any] = sys.modules
    modules.setdefault("rfc3987_syntax", None)  # the import system's sign for a module that is missing
