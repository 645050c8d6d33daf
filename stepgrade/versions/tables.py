"""``QUESTIONS``, ``HELPERS`` and ``SOURCE``: of a table only the entry of a question's own key counts."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from stepgrade.versions.modules import Module, Statement, Target


@dataclass
class Table:
    """A top-level dictionary of a hidden module.

    Attributes
    ----------
    split : dict or None
        Key -> its entries; None where the table is not written in a way that shows its keys.
    entangled : bool
        Whether something else may change the table, so that only the whole of it can count.
    """

    module: Module
    name: str
    statement: Statement | None = None
    split: dict[str, list[Statement]] | None = None
    entangled: bool = False

    @property
    def target(self) -> Target:
        return Target(self.module.name, self.name)

    def entries(self, key: str) -> list[Statement] | None:
        """Return the entries of a key, none if the table has no such key; None if that is not known."""
        return None if self.split is None or self.entangled else self.split.get(key, [])

    def lists(self, node: ast.AST) -> bool:
        """Tell whether a name is an entry of the table, which keeps it but changes nothing."""
        return self.split is not None and any(node is entry.node for of in self.split.values() for entry in of)


def table_named(name: str, module: Module) -> Table:
    """Return the table of that name, split by key where its text shows the keys."""
    bindings = module.bindings.get(name, [])
    value = plain_value(bindings[0].node) if len(bindings) == 1 else None
    pairs = _pairs(value, module)
    if pairs is None:
        return Table(module, name)
    split: dict[str, list[Statement]] = {}
    for key, part in pairs:
        split.setdefault(key, []).append(Statement(module, part, (part.lineno, part.col_offset)))
    return Table(module, name, bindings[0], split)


def plain_value(node: ast.AST) -> ast.expr | None:
    """Return the value of ``NAME = value``; None if that is not what the statement is."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    plain = len(targets) == 1 and isinstance(targets[0], ast.Name)
    return node.value if plain and isinstance(node, ast.Assign | ast.AnnAssign) else None


def _pairs(value: ast.expr | None, module: Module) -> list[tuple[str, ast.expr]] | None:
    if isinstance(value, ast.Dict):
        keys = [text(key) for key in value.keys]
        return None if None in keys else [(key or "", part) for key, part in zip(keys, value.values, strict=True)]
    if isinstance(value, ast.DictComp):
        return _pairs_of_comprehension(value, module)
    return None


def _pairs_of_comprehension(value: ast.DictComp, module: Module) -> list[tuple[str, ast.expr]] | None:
    """Return the pairs of ``{item.attribute: item for item in (FIRST, SECOND)}``."""
    (loop, *others) = value.generators
    if (
        others or loop.ifs or not isinstance(loop.target, ast.Name)
        or not isinstance(loop.iter, ast.Tuple | ast.List)
        or not _is_name(value.value, loop.target.id)
        or not (isinstance(value.key, ast.Attribute) and _is_name(value.key.value, loop.target.id))
    ):  # fmt: skip
        return None
    keys = [_attribute(part, value.key.attr, module) for part in loop.iter.elts]
    return None if None in keys else [(key or "", part) for key, part in zip(keys, loop.iter.elts, strict=True)]


def _attribute(item: ast.expr, attribute: str, module: Module) -> str | None:
    """Return the attribute of ``NAME = Specification(attribute="text", ...)``; None where it does not stand there."""
    if not isinstance(item, ast.Name):
        return None
    bindings = [statement.node for statement in module.bindings.get(item.id, ())]
    call = plain_value(bindings[0]) if len(bindings) == 1 else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        return None
    if not module.foreign.get(call.func.id, "").startswith("stepgrade."):
        return None
    return next((text(keyword.value) for keyword in call.keywords if keyword.arg == attribute), None)


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def text(node: ast.expr | None) -> str | None:
    """Return the value of a plain string, None for everything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
