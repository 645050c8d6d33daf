"""Works around what nbgrader expects of the machine it runs on, and what it costs to import."""

from __future__ import annotations

import importlib
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from typing import Any


def ask_alembic_here() -> None:
    """Let nbgrader make a gradebook without starting ``alembic``.

    nbgrader 0.9.6 starts that command by name to learn one word (``api.get_alembic_version``). That fails where the
    environment is not activated, and takes four seconds, since the command imports nbgrader anew.
    """
    from nbgrader import api, dbutil

    def newest_version() -> str | None:
        from alembic.script import ScriptDirectory

        return ScriptDirectory(dbutil.ALEMBIC_DIR).get_current_head()

    api.get_alembic_version = newest_version


class _Alone(MetaPathFinder, Loader):
    """Finds nbgrader, and executes nothing of the package itself; its modules are found as always."""

    def find_spec(self, name: str, path: object, target: object = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name) if name == "nbgrader" else None
        if spec is not None:
            spec.loader = self
        return spec

    def exec_module(self, module: Any) -> None:
        module.__version__ = importlib.import_module("nbgrader._version").__version__


def do_without_server_extensions() -> None:
    """Let nbgrader be imported without the Jupyter server.

    Its package imports its four extensions of that server (0.9.6: half a second and five hundred modules), which only
    the server itself asks for. So the package has its path and its version, and is not executed.
    """
    sys.meta_path.insert(0, _Alone())


def do_without_grammar_of_addresses() -> None:
    """Let nbgrader be imported in half the time.

    It imports jsonschema, which imports rfc3987_syntax for the format "iri", which builds its grammar anew at every
    import (1.1.0: nearly two seconds). No schema of a notebook has that format, and jsonschema does without where the
    package is missing.
    """
    modules: dict[str, Any] = sys.modules
    modules.setdefault("rfc3987_syntax", None)  # the import system's sign for a module that is missing
