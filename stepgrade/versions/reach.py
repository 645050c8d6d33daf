"""What a question reaches in the hidden folder: the graph whose nodes are statements and whose edges are names."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from stepgrade.errors import StepgradeError
from stepgrade.versions.effects import has_effect, is_dynamic, may_change, reads_files
from stepgrade.versions.modules import Module, Statement, Target
from stepgrade.versions.tables import Table, plain_value, table_named, text

FUNCTION_OR_IMPORT = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Import, ast.ImportFrom)


@dataclass(frozen=True)
class Reference:
    """A name in a hidden module that a statement reads; ``inside`` says that a function does, whenever it is called."""

    target: Target
    changes: bool
    inside: bool


@dataclass
class Reach:
    """What counts for one question; ``everything`` means every file of the hidden folder."""

    statements: set[Statement] = field(default_factory=set)
    everything: bool = False

    def in_order(self) -> list[Statement]:
        return sorted(self.statements, key=lambda item: (item.module.name, item.position, item.content))


class HiddenCode:
    """The modules ``checks`` and ``helpers`` of a hidden folder, and those that they import from there.

    Parameters
    ----------
    texts : mapping
        Name -> content, of every module of the folder.

    Raises
    ------
    StepgradeError
        If one is missing or is not Python; the message begins with the file's name.
    """

    def __init__(self, texts: Mapping[str, bytes]) -> None:
        self.modules: dict[str, Module] = {}
        waiting = ["checks", "helpers"]
        while waiting:
            name = waiting.pop()
            if name not in self.modules:
                module = self.modules[name] = _module(name, texts)
                waiting += [target.module for targets in module.imports.values() for target in targets]
                waiting += module.stars
        self.questions = table_named("QUESTIONS", self.modules["checks"])
        self.helpers = table_named("HELPERS", self.modules["helpers"])
        self.source = table_named("SOURCE", self.modules["helpers"])
        self.unclear = any(module.leads_elsewhere for module in self.modules.values())
        self.always: list[Statement] = []
        self.changed_by: dict[Target, list[Statement]] = defaultdict(list)
        self.changed_whenever: set[Target] = set()
        self._references: dict[Statement, list[Reference]] = {}
        for module in self.modules.values():
            for statement in module.statements:
                self._look_at(statement)
        for table in (self.questions, self.helpers, self.source):
            table.entangled = table.target in self.changed_by or table.target in self.changed_whenever

    def of_question(self, question_id: str) -> Reach:
        """Return what counts for a question: its checks, its helpers' sources, and all that these reach."""
        reach = Reach(everything=self.unclear)
        for statement in self.always:
            self._add(statement, reach)
        for module in self.modules.values():
            for star in module.stars:
                self._visit(Target(star, None), reach)
        self._add_entries(self.questions, self.questions.entries(question_id) or None, reach)
        named = self.helpers.entries(question_id)
        self._add_entries(self.helpers, named, reach)
        for name in [None] if named is None else [name for entry in named for name in _texts(entry.node)]:
            entries = None if name is None else self.source.entries(name) or None
            self._add_entries(self.source, entries, reach)
        return reach

    def _add_entries(self, table: Table, entries: list[Statement] | None, reach: Reach) -> None:
        """Add entries of a table; all that makes the table if they are not known."""
        if entries is None:
            self._visit(table.target, reach)
        for entry in entries or ():
            self._add(entry, reach)

    def _look_at(self, statement: Statement) -> None:
        self.unclear |= is_dynamic(statement)
        if has_effect(statement.node):
            self.always.append(statement)
        for reference in self._references_of(statement):
            if not reference.changes:
                continue
            if reference.inside:
                self.changed_whenever.add(reference.target)
            else:
                self.changed_by[reference.target].append(statement)

    def _references_of(self, statement: Statement) -> list[Reference]:
        if statement not in self._references:
            self._references[statement] = list(self._resolved(statement))
        return self._references[statement]

    def _resolved(self, statement: Statement) -> Iterator[Reference]:
        module = statement.module
        for name, inside in statement.loads:
            if name.id not in module.bindings:
                continue  # a builtin
            here = Target(module.name, name.id)
            yield Reference(here, self._changes(module, name, here, statement), inside)
            parent = module.parents[name]
            for target in module.imports.get(name.id, ()):
                if target.name is not None:
                    node: ast.expr = name
                    member = target
                elif isinstance(parent, ast.Attribute):
                    node, member = parent, Target(target.module, parent.attr)
                else:
                    self.unclear = True  # a module that is handed around
                    continue
                for origin in self._origins(member):
                    yield Reference(origin, self._changes(module, node, origin, statement), inside)

    def _origins(self, target: Target) -> set[Target]:
        """Return a name with all that it stands for, where it is imported from one hidden module to the next."""
        found, waiting = set(), [target]
        while waiting:
            target = waiting.pop()
            if target not in found:
                found.add(target)
                waiting += self.modules[target.module].imports.get(target.name or "", ())
                self.unclear |= target.name is None  # a module that is handed around
        return found

    def _changes(self, module: Module, node: ast.expr, target: Target, statement: Statement) -> bool:
        tables = (self.questions, self.helpers, self.source)
        if any(table.statement is statement and table.lists(node) for table in tables):
            return False
        return may_change(module, node, self._value(target))

    def _value(self, target: Target) -> ast.AST | None:
        """Return what a name is bound to, or None if that is not one plain binding."""
        module = self.modules.get(target.module)
        bindings = [statement.node for statement in module.bindings.get(target.name or "", ())] if module else []
        if bindings and all(isinstance(node, FUNCTION_OR_IMPORT) and not _keeps_state(node) for node in bindings):
            return ast.Constant(None)
        if len(bindings) == 1 and isinstance(bindings[0], ast.ClassDef):
            return bindings[0]
        return plain_value(bindings[0]) if len(bindings) == 1 else None

    def _visit(self, target: Target, reach: Reach) -> None:
        module = self.modules[target.module]
        statements = module.bindings.get(target.name or "")
        if statements is None:  # the whole module is meant, or something that its text does not show
            statements = module.statements
        reach.everything |= target in self.changed_whenever
        for statement in (*statements, *self.changed_by.get(target, ())):
            self._add(statement, reach)

    def _add(self, statement: Statement, reach: Reach) -> None:
        if statement in reach.statements:
            return
        reach.statements.add(statement)
        reach.everything |= reads_files(statement)
        for reference in self._references_of(statement):
            self._visit(reference.target, reach)


def _module(name: str, texts: Mapping[str, bytes]) -> Module:
    if name not in texts:
        raise StepgradeError(f"{name}.py does not exist; every assignment has one (docs/architecture.md)")
    return Module.parsed(name, texts[name], frozenset(texts))


def _keeps_state(node: ast.AST) -> bool:
    """Tell whether a function may remember something from call to call in a default argument."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    defaults = [*node.args.defaults, *(default for default in node.args.kw_defaults if default)]
    return not all(isinstance(default, ast.Constant | ast.Name | ast.Attribute | ast.UnaryOp) for default in defaults)


def _texts(node: ast.AST) -> list[str | None]:
    """Return the strings of a tuple or list; None for whatever is not a plain string."""
    return [text(part) for part in node.elts] if isinstance(node, ast.Tuple | ast.List) else [None]
