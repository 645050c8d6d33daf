"""Sentences that stand in Python files as they are said: in calls of ``phrase`` and, in public tests, of ``_say``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

SAYING = "_say"


def phrases_in(source: str, *markers: str) -> Iterator[str]:
    """Yield the texts that calls of ``markers`` begin with, in order; a call that begins with none says nothing here.

    A method of such a name is called like a function.
    """
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and node.args]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        if _name(call.func) in markers:
            yield from _text_of(call.args[0])


def said_in(source: str) -> Iterator[str]:
    """Yield the sentences of public tests, in order.

    They are the texts in calls of ``_say``, and where one is taken out of a table, as in ``_say(_RULES[name])``, all
    texts among the table's values.
    """
    tree = ast.parse(source)
    tables = {
        target.id: statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    named = [
        root
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == SAYING and node.args
        if (root := _root(node.args[0])) in tables
    ]
    for name in dict.fromkeys(named):
        yield from _texts_in(tables[name])
    yield from phrases_in(source, SAYING)


def texts_in(source: str) -> Iterator[str]:
    """Yield all texts that stand in a Python file, without white space at line ends and in between."""
    for node in ast.walk(ast.parse(source)):
        yield from _text_of(node)


def _text_of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value


def _texts_in(table: ast.expr) -> Iterator[str]:
    values = table.values if isinstance(table, ast.Dict) else table.elts if isinstance(table, ast.Tuple) else [table]
    for value in values:
        yield from _texts_in(value) if isinstance(value, ast.Dict | ast.Tuple) else _text_of(value)


def _name(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
