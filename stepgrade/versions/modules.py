"""The hidden modules as top-level statements, and the names that these bind and read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from stepgrade.errors import StepgradeError

Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Target:
    """Something in a hidden module: a top-level name, or with ``name`` None the module as a whole."""

    module: str
    name: str | None


@dataclass(eq=False)
class Statement:
    """A top-level statement, or one entry of a table that is split by key."""

    module: Module
    node: ast.AST
    position: tuple[int, int]

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes of its syntax tree."""
        return list(_without_docstrings(self.node))

    @cached_property
    def content(self) -> str:
        """The statement without comments, layout and docstrings: its syntax tree as text, without positions."""
        return f"{self.module.name}: {ast.dump(self.node)}"

    @cached_property
    def words(self) -> set[str]:
        """What it mentions: ``name``, ``.attribute``, and ``module name`` for what comes from another package."""
        names = {node.id for node in self.nodes if isinstance(node, ast.Name)}
        attributes = {f".{node.attr}" for node in self.nodes if isinstance(node, ast.Attribute)}
        foreign = self.module.foreign
        origins = {f"module {foreign[name].split('.')[0]}" for name in (names | {"*"}) & foreign.keys()}
        return names | attributes | origins

    @cached_property
    def loads(self) -> list[tuple[ast.Name, bool]]:
        """The names it reads that are not local to a function in it, each with whether a function reads it."""
        return list(_loads(self.node, frozenset(), inside=False))


@dataclass(eq=False)
class Module:
    """A hidden module.

    Attributes
    ----------
    bindings : dict
        Top-level name -> every statement that may bind it.
    imports : dict
        Name -> what it may stand for in other hidden modules. An import inside a function counts as one of the module.
    foreign : dict
        Name -> the module outside of the hidden folder that it may come from.
    stars : list
        Hidden modules of which everything is imported.
    """

    name: str
    siblings: frozenset[str]
    statements: list[Statement] = field(default_factory=list)
    bindings: dict[str, list[Statement]] = field(default_factory=dict)
    imports: dict[str, list[Target]] = field(default_factory=dict)
    foreign: dict[str, str] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    leads_elsewhere: bool = False

    @classmethod
    def parsed(cls, name: str, text: bytes, siblings: frozenset[str]) -> Module:
        """Return the module of that text; ``siblings`` are the names of all modules of the folder.

        Raises
        ------
        StepgradeError
            If it cannot be read as Python.
        """
        try:
            tree = ast.parse(text, f"{name}.py")
        except (SyntaxError, ValueError) as error:
            line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
            raise StepgradeError(f"{name}.py{line}: this is not Python ({error}); correct it and grade again") from None
        module = cls(name, siblings)
        for node in tree.body:
            module._add(node)
        return module

    def _add(self, node: ast.stmt) -> None:
        if _is_constant_expression(node):
            return  # a docstring, or a remark in quotes
        statement = Statement(self, node, (node.lineno, node.col_offset))
        self.statements.append(statement)
        for name in dict.fromkeys(_bound_names(node)):
            self.bindings.setdefault(name, []).append(statement)
        for parent in statement.nodes:
            self.parents |= {child: parent for _, child in _children(parent)}
            if isinstance(parent, ast.Import | ast.ImportFrom):
                self._add_import(parent, statement)

    def _add_import(self, node: ast.Import | ast.ImportFrom, statement: Statement) -> None:
        source = node.module if isinstance(node, ast.ImportFrom) else None
        relative = isinstance(node, ast.ImportFrom) and node.level > 0
        self.leads_elsewhere |= isinstance(node, ast.ImportFrom) and node.level > 1
        for alias in node.names:
            name = alias.asname or alias.name.split(".")[0]
            if name != "*" and statement not in self.bindings.setdefault(name, []):
                self.bindings[name].append(statement)
            target = Target(alias.name, None) if source is None else Target(source, alias.name)
            if target.module in self.siblings:
                self._add_sibling(name, target)
            elif relative:
                self.leads_elsewhere = True
            if not relative:
                self.foreign[name] = target.module

    def _add_sibling(self, name: str, target: Target) -> None:
        if name == "*":
            self.stars.append(target.module)
        else:
            self.imports.setdefault(name, []).append(target)


def _is_constant_expression(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _bound_names(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement binds in its own scope; imports are looked at apart."""
    if isinstance(node, Definition):
        yield node.name
        return
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest
    elif isinstance(node, ast.Lambda):
        return
    elif isinstance(node, Comprehension):
        named = [part.target for part in ast.walk(node) if isinstance(part, ast.NamedExpr)]
        yield from (target.id for target in named)
        return
    for _, child in _children(node):
        yield from _bound_names(child)


def _loads(node: ast.AST, local: frozenset[str], *, inside: bool) -> Iterator[tuple[ast.Name, bool]]:
    """Yield the names that are read, without those that are surely local to a function.

    Where a name is local for some reason that is not looked at here, it is yielded: that costs a needless grading.
    """
    if isinstance(node, ast.Name):
        if isinstance(node.ctx, ast.Load) and node.id not in local:
            yield node, inside
        return
    if isinstance(node, Scope):
        own = local | _locals_of(node)
        for name, child in _children(node):
            here = name == "body"
            yield from _loads(child, own if here else local, inside=inside or here)
        return
    if isinstance(node, Comprehension):
        own = local | {name for generator in node.generators for name in _bound_names(generator.target)}
        first = node.generators[0].iter
        yield from _loads(first, local, inside=inside)
        for _, child in _children(node):
            for part in ast.iter_child_nodes(child) if isinstance(child, ast.comprehension) else (child,):
                if part is not first:
                    yield from _loads(part, own, inside=inside)
        return
    for _, child in _children(node):
        yield from _loads(child, local, inside=inside)


def _children(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield the children and the names of the fields that hold them; operators and the like hold no names."""
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            yield from ((name, child) for child in value if isinstance(child, ast.AST))
        elif isinstance(value, ast.AST) and value._fields:
            yield name, value


def _locals_of(scope: Scope) -> frozenset[str]:
    arguments = {node.arg for node in ast.iter_child_nodes(scope.args) if isinstance(node, ast.arg)}
    body = scope.body if isinstance(scope.body, list) else [scope.body]
    imported = {alias.asname or alias.name.split(".")[0] for node in body for alias in _aliases(node)}
    return frozenset(arguments.union(*map(_assigned, body)) - imported)


def _aliases(node: ast.AST) -> Iterator[ast.alias]:
    return (part for part in ast.walk(node) if isinstance(part, ast.alias))


def _assigned(node: ast.AST) -> set[str]:
    """Return the names that a function's statement assigns, not those of functions and comprehensions in it."""
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Store) else set()
    if isinstance(node, Definition | ast.Lambda | Comprehension):
        return set()
    return set().union(*(_assigned(child) for _, child in _children(node)))


def _without_docstrings(root: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes of a tree, and take the docstrings out of it."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Definition) and _is_constant_expression(node.body[0]):
            node.body = node.body[1:] or [ast.Pass()]
        yield node
        waiting += (child for _, child in _children(node))
