"""What a cell defines and uses, read from its text: nothing here runs student code."""

from __future__ import annotations

import ast
import re
import symtable
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

# A parsed text takes about a hundred times its size; nobody writes a cell near this.
MAX_CELL_CHARACTERS = 100_000
MAX_STEPS = 1_000_000  # names times the functions that Python looks through for each

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTION_LINE = re.compile(r"^(?:async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE)
IMPORTED = re.compile(r"\b(?:from|import)[ \t]{1,9}(\w+)")
IN_PART = re.compile(r"\b(\w+)[ \t]{0,9}[.\[]")
SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
LINE_ENDS = re.compile("[\x85\u2028\u2029]")
# A number that Python reads and will not write: in decimal digits it is too long for it.
HUGE_NUMBER = re.compile(r"0[xXoObB]\w{3000}")
TRANSPARENT_MAGICS = frozenset({"time", "timeit", "capture", "prun", "debug"})  # they run their cell
# Code that reaches names by their text: what it needs cannot be read from it.
BY_TEXT = frozenset({"exec", "eval", "globals", "locals", "vars", "__import__", "get_ipython"})


@dataclass(frozen=True)
class Names:
    """The names of a cell, as far as other cells are concerned.

    ``touches`` are read, or have a part stored, when the cell runs; ``uses`` adds what its functions read when
    called; ``changes`` have a part stored. ``sets`` are the global names that functions set; ``reaches`` lists the
    functions and classes with the global names that calling them may change.
    """

    defines: frozenset[str] = frozenset()
    imports: frozenset[str] = frozenset()
    assigns: frozenset[str] = frozenset()
    touches: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()
    reaches: tuple[tuple[str, frozenset[str]], ...] = ()

    @cached_property
    def binds(self) -> frozenset[str]:
        return self.defines | self.imports | self.assigns

    @cached_property
    def by_text(self) -> bool:
        return not BY_TEXT.isdisjoint(self.uses)


def parsed(source: str) -> ast.Module | None:
    """Return the syntax tree of ``source``, None if it does not parse or is too large to try."""
    if len(source) > MAX_CELL_CHARACTERS or HUGE_NUMBER.search(source):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an odd escape in a string is the student's affair
        try:
            return ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def without_notebook_syntax(source: str) -> str:
    """Return ``source`` with its magics, shell lines and ``name?`` replaced by ``pass``, line by line.

    A cell magic that does not run its cell as Python (``%%bash``, ``%%writefile``) stays: the cell defines nothing.
    """
    magic = re.match(r"\s*%%(\w*)", source)
    if magic and magic[1] not in TRANSPARENT_MAGICS:
        return source
    return "\n".join(_without_magic(line) for line in source.split("\n"))


def with_plain_spaces(source: str) -> str:
    """Return ``source`` with spaces that Python does not take for spaces replaced, and invisible signs removed."""
    return INVISIBLE.sub("", SPACES.sub(" ", LINE_ENDS.sub("\n", source)))


def code_of(source: str) -> str:
    """Return what a cell does, as a syntax tree's text: comments, docstrings and white space are no part of it.

    Magics and shell lines count as they are written. Empty where nothing is left, or the text does not parse.
    """
    plain = without_notebook_syntax(source)
    tree = parsed(plain)
    if tree is None:
        return ""
    try:
        for node in ast.walk(tree):
            if isinstance(node, Function | ast.ClassDef) and ast.get_docstring(node, clean=False) is not None:
                node.body = node.body[1:]
        lines = zip(source.split("\n"), plain.split("\n"), strict=False)
        return "\n".join(
            [ast.dump(statement) for statement in tree.body] + [one for one, other in lines if one != other]
        )
    except RecursionError:  # nested deeper than anything of the release
        return ""


def functions_in_text(source: str) -> tuple[str, ...]:
    """Return the names of the functions that a cell means to define at its top level, also if it does not parse."""
    return tuple(FUNCTION_LINE.findall(source[:MAX_CELL_CHARACTERS]))


def statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield the statements that run when the module runs, those inside of ``if``, ``try``, ``with`` and loops too."""
    waiting = list(reversed(tree.body))
    while waiting:
        statement = waiting.pop()
        yield statement
        if isinstance(statement, Function | ast.ClassDef):
            continue
        inner = [statement, *getattr(statement, "handlers", ()), *getattr(statement, "cases", ())]
        for holder in reversed(inner):
            for part in ("finalbody", "orelse", "body"):
                waiting.extend(reversed(getattr(holder, part, ())))


def functions_of(tree: ast.Module) -> tuple[Function, ...]:
    """Return the functions that a cell defines when it runs."""
    return tuple(s for s in statements(tree) if isinstance(s, Function))


def imports_something(tree: ast.Module) -> bool:
    """Tell whether a cell imports when it runs: such a cell sets up what the answers use."""
    return any(isinstance(statement, ast.Import | ast.ImportFrom) for statement in statements(tree))


def packages_of(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the packages that a cell imports, each with the name that stands for it in other cells.

    The name is empty where something in the package is asked for at once, or would be within a function.
    """
    on_top = set(statements(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                package = alias.name.partition(".")[0]
                yield (alias.asname or package) if node in on_top else "", package
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield "", node.module.partition(".")[0]


def packages_in_text(source: str) -> tuple[tuple[str, str], ...]:
    """Return the same of a cell that does not parse, as if it used all that it imports."""
    return tuple(("", package) for package in IMPORTED.findall(source[:MAX_CELL_CHARACTERS]))


def names_of(tree: ast.Module, source: str) -> Names:
    """Return the names that a cell binds and uses; ``source`` is the text that ``tree`` was made from."""
    changes = _changed(tree)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table = symtable.symtable(source, "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _all_names(tree, changes)
    if _takes_long(table):
        return _all_names(tree, changes)
    symbols = table.get_symbols()
    defines = frozenset(s.get_name() for s in symbols if s.is_namespace())
    imports = frozenset(s.get_name() for s in symbols if s.is_imported())
    assigns = frozenset(s.get_name() for s in symbols if s.is_assigned()) - defines - imports
    touches = {s.get_name() for s in symbols if s.is_referenced()}
    in_part = set(IN_PART.findall(source))
    uses, sets, reaches = set(touches), set[str](), []
    for child in table.get_children():
        read, written = _of_functions(child)
        uses |= read
        if child.get_name() not in defines:
            touches |= read  # a comprehension or a lambda runs where it stands
        sets |= written
        reaches.append((child.get_name(), frozenset(read & in_part | written)))
    return Names(
        defines, imports, assigns, frozenset(touches), frozenset(uses), changes, frozenset(sets), tuple(reaches)
    )


def takes(function: Function, n_arguments: int) -> bool:
    """Tell whether ``function`` can be called with that many arguments by position."""
    arguments = function.args
    positional = len(arguments.posonlyargs) + len(arguments.args)
    required = positional - len(arguments.defaults)
    if any(default is None for default in arguments.kw_defaults):
        return False
    return required <= n_arguments and (n_arguments <= positional or arguments.vararg is not None)


def _without_magic(line: str) -> str:
    text = line.strip()
    is_question = text.endswith("?") and not any(sign in text for sign in "#'\"")
    return line[: len(line) - len(line.lstrip())] + "pass" if text[:1] in ("%", "!", "?") or is_question else line


def _takes_long(top: symtable.SymbolTable) -> bool:
    """Tell whether a cell has so many functions that nobody wrote it: each name is looked for among all of them."""
    n_steps, waiting = 0, [top]
    while waiting:
        table = waiting.pop()
        children = table.get_children()
        n_steps += len(children) * len(table.get_identifiers())
        waiting.extend(children)
    return n_steps > MAX_STEPS


def _of_functions(top: symtable.SymbolTable) -> tuple[set[str], set[str]]:
    """Return the global names that a function or class reads, inner ones included, and those that it sets."""
    read: set[str] = set()
    written: set[str] = set()
    waiting = [top]
    while waiting:
        table = waiting.pop()
        waiting.extend(table.get_children())
        # Of a function, only its global names matter; a Symbol of each local one would cost more than all the rest.
        names = table.get_globals() if isinstance(table, symtable.Function) else table.get_identifiers()
        for symbol in map(table.lookup, names):
            if symbol.is_global() or (table.get_type() == "class" and symbol.is_referenced()):
                read.add(symbol.get_name())
            if symbol.is_declared_global() and symbol.is_assigned():
                written.add(symbol.get_name())
    return read, written


def _all_names(tree: ast.Module, changes: frozenset[str]) -> Names:
    """Return every name that occurs, for a cell whose scopes Python cannot sort out."""
    read: set[str] = set()
    assigned: set[str] = set()
    defined: set[str] = set()
    imported: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else assigned).add(node.id)
        elif isinstance(node, Function | ast.ClassDef):
            defined.add(node.name)
        elif isinstance(node, ast.alias):
            imported.add((node.asname or node.name).partition(".")[0])
    used = frozenset(read)
    return Names(frozenset(defined), frozenset(imported), frozenset(assigned), used, used, changes)


def _changed(tree: ast.Module) -> frozenset[str]:
    """Return the names of which a part is stored when the cell runs, as in ``settings["pad"] = 1``."""
    waiting = [s for s in tree.body if not isinstance(s, Function | ast.ClassDef | ast.Import | ast.ImportFrom)]
    nodes = (node for statement in waiting for node in ast.walk(statement))
    stored = (node for node in nodes if isinstance(node, ast.Attribute | ast.Subscript))
    return frozenset(_base(node) for node in stored if not isinstance(node.ctx, ast.Load))


def _base(node: ast.expr) -> str:
    """Return the name at the root of ``a.b[c].d``, an empty string if there is none."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
