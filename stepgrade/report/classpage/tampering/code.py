"""What the student's cells say that is worth a look, read from their syntax trees."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from stepgrade.notebook import Cell, Function, release_of, tree_of
from stepgrade.report.classpage.tampering.names import Names
from stepgrade.report.classpage.tampering.sign import MAX_SOURCE, Sign
from stepgrade.report.classpage.tampering.vocabulary import (
    COMPARISONS,
    EVERYDAY_MODULES,
    GRADER_WORD,
    INNER_ATTRIBUTES,
    KIND_OF_IMPORT,
    KIND_OF_USE,
    OUTSIDE,
    PLACE,
    PROTOCOLS,
    SENTENCES,
    WALKS,
    is_replaceable,
    kind_of,
)

TRUTHS = frozenset({"numpy.True_", "numpy.False_", "numpy.bool_"})
SPACES = ("builtins.globals", "builtins.vars")  # functions that return a module's names
WRITING = frozenset("wax+")  # letters of a file's mode
COMPUTED = "(a computed name)"
MAX_NAME = 100
MAX_NAMES = 4


def signs_in_code(cells: Sequence[Cell], source_cells: Sequence[Cell]) -> Iterator[Sign]:
    """Yield what the code cells say that the student wrote or changed; the release's own are passed over.

    Each thing is listed once per cell. A cell that does not parse does not run, and is not read.
    """
    release = release_of(tuple(source_cells))
    names = Names()
    for number, cell in enumerate(cells, start=1):
        if cell.kind != "code":
            continue
        given = release.own_text(cell.source)
        reader = _Reader(number, cell.source, names)
        for statement in _released_imports(given) if given is not None else _statements(cell.source):
            try:
                reader.visit(statement)
            except RecursionError:  # nested deeper than anybody writes
                continue
        if given is None:
            reader.read_shell_lines()
            yield from reader.signs()


def _statements(source: str) -> Sequence[ast.stmt]:
    tree = tree_of(source)
    return tree.body if tree else ()


@lru_cache(maxsize=512)
def _released_imports(source: str) -> Sequence[ast.stmt]:
    """Return what a cell of the release says about the meaning of names; no student's text gets in here."""
    return [one for one in _statements(source) if isinstance(one, ast.Import | ast.ImportFrom)]


class _Reader(ast.NodeVisitor):
    def __init__(self, number: int, source: str, names: Names) -> None:
        self._number = number
        self._lines = source.split("\n")
        self._names = names
        self._found: dict[tuple[str, str], int] = {}  # kind and name: the first line
        self._functions: dict[str, bool] = {}  # defined here: whether something was found in it
        self._threads: list[tuple[str, int]] = []

    def signs(self) -> Iterator[Sign]:
        """Yield what was found, in the order of its lines."""
        for name, line in self._threads:
            if self._functions.get(name):
                self._found.setdefault(("thread", name), line)
        places: dict[tuple[int, str], list[str]] = defaultdict(list)
        for (kind, name), line in sorted(self._found.items()):
            places[line, kind].append(name)
        for (line, kind), names in sorted(places.items()):
            text = self._lines[line - 1].strip() if 0 < line <= len(self._lines) else ""
            yield Sign(kind, f"{SENTENCES[kind]}: {_listed(names)}", self._number, line, text[:MAX_SOURCE])

    def read_shell_lines(self) -> None:
        """Look at what is handed to a shell or a magic; none of it runs."""
        for line, text in enumerate(self._lines, start=1):
            if text.lstrip()[:1] in ("!", "%"):
                for word in text.split():
                    if PLACE.search(word):
                        self._note("place", word, line)

    def _note(self, kind: str, name: str, where: ast.AST | int) -> None:
        line = where if isinstance(where, int) else getattr(where, "lineno", 0)
        self._found.setdefault((kind, name[:MAX_NAME]), line)

    # Names

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._note_import(alias.name, node)
            self._names.bind(*(alias.asname, alias.name) if alias.asname else (2 * (alias.name.partition(".")[0],)))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        self._note_import(module, node)
        for alias in node.names:
            name = f"{module}.{alias.name}"
            if kind_of(module, KIND_OF_IMPORT) is None:
                self._note_import(name, node)
            self._names.bind(alias.asname or alias.name, name)

    def _note_import(self, name: str, node: ast.AST) -> None:
        kind = kind_of(name, KIND_OF_IMPORT)
        if kind is not None:
            self._note(kind, name, node)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._note_use(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if node.attr in INNER_ATTRIBUTES:
            self._note("memory", node.attr, node)
        if isinstance(node.ctx, ast.Load) and self._note_use(node):
            return
        self.generic_visit(node)

    def _note_use(self, node: ast.AST) -> bool:
        name = self._names.meaning(node)
        kind = kind_of(name, KIND_OF_USE) if name else None
        if kind is None or name is None:
            return False
        self._note(kind, name, node)
        return True

    # What gets another value

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self._store(target, node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        self._store(node.target, None)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
            self._store(node.target, node.value)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self._note_environment(node.iter)
        self.visit(node.iter)
        first = node.iter.elts[0] if isinstance(node.iter, ast.Tuple | ast.List) and node.iter.elts else None
        self._store(node.target, first)
        for statement in [*node.body, *node.orelse]:
            self.visit(statement)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self._note_environment(node.iter)
        self.generic_visit(node)

    def visit_Starred(self, node: ast.Starred) -> None:
        self._note_environment(node.value)
        self.generic_visit(node)

    def _note_environment(self, iterated: ast.AST) -> None:
        if self._names.meaning(iterated) == "os.environ":
            self._note("environment", "os.environ", iterated)

    def _store(self, target: ast.AST, value: ast.AST | None) -> None:
        match target:
            case ast.Name(id=name):
                self._names.bind(name, self._names.meaning(value) if value is not None else None)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for part in parts:
                    self._store(part, None)
            case ast.Attribute():
                self._note_replaced(self._names.meaning(target), target)
                self.visit(target)
            case ast.Subscript(value=space, slice=key):
                self._note_entry(space, key, target)
                self.visit(target)
            case _:
                self.visit(target)

    def _note_replaced(self, name: str | None, node: ast.AST) -> None:
        if name is not None and is_replaceable(name):
            self._note("replaced", name, node)

    def _note_entry(self, space: ast.AST, key: ast.AST, node: ast.AST) -> None:
        """Look at ``space[key] = ...``: a module's names are a dictionary, and so are the modules."""
        entry = str(key.value) if isinstance(key, ast.Constant) else COMPUTED
        if self._names.meaning(space) == "sys.modules":
            self._note("replaced", f"sys.modules[{entry}]", node)
        elif (module := self._module_of(space)) is not None:
            self._note_replaced(f"{module}.{entry}", node)

    def _module_of(self, space: ast.AST) -> str | None:
        match space:
            case ast.Attribute(value=module, attr="__dict__"):
                return self._names.meaning(module)
            case ast.Call(func=function, args=[module]) if self._names.meaning(function) in SPACES:
                return self._names.meaning(module)
            case ast.Name(id="__builtins__"):
                return "builtins"
        return None

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if self._names.meaning(node.value) == "sys.modules" and isinstance(node.ctx, ast.Load):
            match node.slice:
                case ast.Constant(value=str(module)) if not EVERYDAY_MODULES.match(module):
                    self._note("internals", f"sys.modules[{module!r}]", node)
        self.generic_visit(node)

    # Calls

    def visit_Call(self, node: ast.Call) -> None:
        match self._names.meaning(node.func), node.args:
            case "builtins.setattr", [target, key, *_]:
                entry = str(key.value) if isinstance(key, ast.Constant) else COMPUTED
                module = self._names.meaning(target)
                self._note_replaced(f"{module}.{entry}" if module else None, node)
            case "builtins.type", [name, _, _] if not _is_ordinary_name(name):
                self._note("telling", ast.unparse(name), node)
            case "builtins.open", [ast.Attribute(attr="__file__") as file, *mode]:
                self._note_library(file, [*mode, *(keyword.value for keyword in node.keywords)])
            case "threading.Thread", _:
                targets = (keyword.value for keyword in node.keywords if keyword.arg == "target")
                self._threads += [(target.id, node.lineno) for target in targets if isinstance(target, ast.Name)]
            case "importlib.import_module" | "builtins.__import__" | "importlib.util.find_spec", [
                ast.Constant(value=str(module)),
                *_,
            ]:
                self._note_import(module, node)
            case (str(walk), places) if walk in WALKS:
                self._note_folders(node.func, places)
            case _:
                self._note_update(node.func)
        self.generic_visit(node)

    def _note_folders(self, function: ast.AST, arguments: Sequence[ast.AST]) -> None:
        match function:
            case ast.Attribute(value=ast.Call(args=[_, *_] as path)):  # Path("/").rglob("*")
                arguments = path
        match arguments:
            case [ast.Constant(value=str(start)), *_] | [
                ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]),
                *_,
            ]:
                if OUTSIDE.match(start):
                    self._note("folders", start, function)

    def _note_update(self, function: ast.AST) -> None:
        match function:
            case ast.Attribute(value=space, attr="update") if (module := self._module_of(space)) is not None:
                self._note_replaced(f"{module}.{COMPUTED}", function)

    def _note_library(self, file: ast.Attribute, modes: Iterable[ast.AST]) -> None:
        letters = {letter for mode in modes if isinstance(mode, ast.Constant) for letter in str(mode.value)}
        name = self._names.meaning(file)
        if name is not None and letters & WRITING:
            self._note("library", name, file)

    # Classes, functions, texts

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for statement in node.body:
            match statement:
                case ast.FunctionDef(name=name):
                    self._note_method(node.name, name, _only_value(statement), statement)
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        if isinstance(target, ast.Name):
                            self._note_method(node.name, target.id, _only_value(value), statement)
        self.generic_visit(node)

    def visit_Dict(self, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                self._note_method("a type", key.value, _only_value(value), node)
        self.generic_visit(node)

    def _note_method(self, owner: str, name: str, value: ast.AST | None, node: ast.AST) -> None:
        if name in PROTOCOLS:
            self._note("protocol", f"{owner}.{name}", node)
        elif name == "__class__":
            self._note("disguise", f"{owner}.{name}", node)
        elif name in COMPARISONS and value is not None and self._is_constant(value):
            self._note("always_equal", f"{owner}.{name}", node)

    def _is_constant(self, value: ast.AST) -> bool:
        if isinstance(value, ast.Constant):
            return isinstance(value.value, bool | int | float)
        return self._names.meaning(value.func if isinstance(value, ast.Call) else value) in TRUTHS

    def visit_FunctionDef(self, node: Function) -> None:
        before = len(self._found)
        for outside in [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]:
            self.visit(outside)
        self._names.enter(node)
        for statement in node.body:
            self.visit(statement)
        self._names.leave()
        self._functions[node.name] = len(self._found) > before

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._names.enter(node)
        self.visit(node.body)
        self._names.leave()

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring may name anything
            self.visit(node.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        if not isinstance(node.value, str) or len(node.value) > MAX_SOURCE or "://" in node.value:
            return
        if PLACE.search(node.value) and not any(map(str.isspace, node.value)):
            self._note("place", node.value, node)
        elif GRADER_WORD.search(node.value):
            self._note("internals", repr(node.value), node)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    return ", ".join(names[:MAX_NAMES]) + more


def _is_ordinary_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and str(node.value).isidentifier()


def _only_value(node: ast.AST) -> ast.AST | None:
    """Return what a function or lambda returns that does nothing else."""
    match node:
        case ast.Lambda(body=value):
            return value
        case ast.FunctionDef(body=[*says_nothing, ast.Return(value=value)]):
            return value if all(isinstance(one, ast.Expr) for one in says_nothing) else None
    return None
