"""Which module, or part of one, a name in a student's code stands for, as far as its text tells."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

Scope = dict[str, str | None]  # None: a name that stands for something else
BUILTINS = frozenset(dir(builtins))
IMPORTERS = frozenset({"importlib.import_module", "builtins.__import__"})


class Names:
    """The names that are bound so far, scope by scope; all cells share the outermost one."""

    def __init__(self) -> None:
        self._scopes: list[Scope] = [{"__builtins__": "builtins"}]

    def enter(self, function: ast.AST) -> None:
        """Enter a function, whose own names hide those outside."""
        self._scopes.append(dict.fromkeys(_bound_in(function)))

    def leave(self) -> None:
        self._scopes.pop()

    def bind(self, name: str, meaning: str | None) -> None:
        self._scopes[-1][name] = meaning

    def meaning(self, node: ast.AST) -> str | None:
        """Return the dotted name of what an expression stands for: ``numpy.testing``; None where that is unknown."""
        match node:
            case ast.Name(id=name):
                return self._of_name(name)
            case ast.Attribute(value=value, attr=attribute):
                inner = self.meaning(value)
                return f"{inner}.{attribute}" if inner else None
            case ast.Call(func=ast.Name(id="get_ipython"), args=[]):
                return "get_ipython()"
            case ast.Call(func=function) if self.meaning(function) == "pathlib.Path":
                return "pathlib.Path"
            case ast.Call(func=function, args=[ast.Constant(value=str(module)), *_]):
                return module if self.meaning(function) in IMPORTERS else None
            case ast.Subscript(value=value, slice=ast.Constant(value=str(module))):
                return module if self.meaning(value) == "sys.modules" else None
        return None

    def _of_name(self, name: str) -> str | None:
        for scope in reversed(self._scopes):
            if name in scope:
                return scope[name]
        return f"builtins.{name}" if name in BUILTINS else None


def _bound_in(function: ast.AST) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
