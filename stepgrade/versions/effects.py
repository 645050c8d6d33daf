"""What a statement may do besides binding its names: change a value that others read, read files, look names up."""

from __future__ import annotations

import ast

from stepgrade.versions.modules import Definition, Module, Statement


def _words(text: str, modules: str = "") -> frozenset[str]:
    return frozenset(text.split()) | {f"module {name}" for name in modules.split()}


# With these a statement may read or bind any name, by ways that the text does not show.
_DYNAMIC = _words(
    "globals locals vars exec eval compile delattr setattr __import__ __builtins__ __path__ .__class__ .__dict__ "
    ".__globals__ .__path__ .__setattr__ .f_globals .f_locals",
    modules="builtins ctypes gc importlib pkgutil runpy sys",
)
# These look at files, at source text, at docstrings.
_READING = _words(
    "open load loadtxt genfromtxt fromfile memmap getsource __annotations__ __doc__ __file__ __loader__ __spec__ "
    ".open .load .loadtxt .genfromtxt .fromfile .memmap .getsource .read_text .read_bytes "
    ".__annotations__ .__code__ .__doc__ .__file__ .__loader__ .__spec__",
    modules="codecs configparser csv doctest fileinput glob h5py inspect io json linecache os pathlib pickle scipy "
    "shelve shutil sqlite3 subprocess tempfile tokenize tomllib traceback zipfile",
)
_FROZEN = _words("Cache Check DtypeKind Property ScalarShape Specification Unchanged Values")
_READS_OF_CONTAINERS = _words("copy count get index items keys values")
# Where a value stands as an operand it is looked at, not kept and not changed.
Looking = (
    ast.Compare
    | ast.BinOp
    | ast.BoolOp
    | ast.UnaryOp
    | ast.FormattedValue
    | ast.Subscript
    | ast.If
    | ast.While
    | ast.arg
)
Wrapping = ast.Tuple | ast.List | ast.Set | ast.Dict | ast.IfExp | ast.keyword


def is_dynamic(statement: Statement) -> bool:
    """Tell whether names may be read or bound by ways that the text does not show."""
    return not _DYNAMIC.isdisjoint(statement.words) or any(
        isinstance(node, ast.Global) or _changes_a_class(node) for node in statement.nodes
    )


def _changes_a_class(node: ast.AST) -> bool:
    """Tell whether a class method stores something in its class, or calls something that the class holds."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        chain: ast.AST = node.func.value
        return isinstance(chain, ast.Attribute | ast.Subscript) and _root(chain) == "cls"
    stored = isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load)
    return stored and _root(node) in ("cls", "type")


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def reads_files(statement: Statement) -> bool:
    """Tell whether files, source text or docstrings may be read."""
    return not _READING.isdisjoint(statement.words)


def has_effect(node: ast.AST) -> bool:
    """Tell whether a top-level statement may do more than bind names: then it counts for every question."""
    if isinstance(node, Definition | ast.Import | ast.Pass):
        return False
    if isinstance(node, ast.ImportFrom):
        return any(alias.name == "*" for alias in node.names)
    if isinstance(node, ast.Assign):
        return not all(map(_is_plain, node.targets))
    if isinstance(node, ast.AnnAssign):
        return not _is_plain(node.target)
    if isinstance(node, ast.If | ast.Try | ast.For):
        return any(has_effect(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)) or any(
            has_effect(part) for handler in getattr(node, "handlers", ()) for part in handler.body
        )
    return type(node).__name__ != "TypeAlias"  # Python 3.12's statement; 3.11 has no such class


def _is_plain(target: ast.expr) -> bool:
    if isinstance(target, ast.Tuple | ast.List):
        return all(map(_is_plain, target.elts))
    return isinstance(target, ast.Name)


def may_change(module: Module, node: ast.expr, value: ast.AST | None) -> bool:
    """Tell whether the place where a value is read may change it or keep it for somebody who does.

    Parameters
    ----------
    module : Module
        Where it is read.
    node : ast.expr
        The name, or ``module.name``, that is read.
    value : ast.AST or None
        What the name is bound to; None if that is not one plain assignment.
    """
    if not isinstance(getattr(node, "ctx", None), ast.Load):
        return True
    place, parent, reached, method = node, module.parents[node], False, ""
    while isinstance(parent, ast.Attribute | ast.Subscript | ast.Starred) and parent.value is place:
        reached |= not isinstance(parent, ast.Starred)
        method = parent.attr if isinstance(parent, ast.Attribute) else ""
        if not isinstance(parent.ctx, ast.Load):
            return True
        place, parent = parent, module.parents[parent]
    if isinstance(value, ast.ClassDef):
        return bool(method) and isinstance(parent, ast.Call) and parent.func is place
    if _is_constant(module, value):
        return False
    if isinstance(place, ast.Starred) or _is_iterated(place, parent):
        return not isinstance(value, ast.Tuple | ast.List | ast.Set | ast.Dict | ast.ListComp | ast.DictComp)
    if reached and _holds_constants(module, value) and (not method or method in _READS_OF_CONTAINERS):
        return False
    return _is_kept(module, place, parent)


def _is_iterated(place: ast.AST, parent: ast.AST) -> bool:
    return isinstance(parent, ast.For | ast.comprehension) and parent.iter is place


def _is_kept(module: Module, place: ast.AST, parent: ast.AST) -> bool:
    while isinstance(parent, Wrapping):
        place, parent = parent, module.parents[parent]
    if isinstance(parent, ast.Call) and parent.func is not place:
        return not _is_ours(module, parent)
    if isinstance(parent, ast.AnnAssign):
        return parent.annotation is not place
    if isinstance(parent, ast.FunctionDef):
        return parent.returns is not place
    return not isinstance(parent, Looking)


def _is_ours(module: Module, call: ast.Call) -> bool:
    """Tell whether something of stepgrade is called: checks and cases are frozen and change nothing they are given."""
    return module.foreign.get(_root(call), "").split(".")[0] == "stepgrade"


def _is_constant(module: Module, value: ast.AST | None) -> bool:
    if isinstance(value, ast.Tuple):
        return all(_is_constant(module, part) for part in value.elts)
    if isinstance(value, ast.BinOp):
        return _is_constant(module, value.left) and _is_constant(module, value.right)
    if isinstance(value, ast.UnaryOp):
        return _is_constant(module, value.operand)
    if isinstance(value, ast.Call):
        return _is_ours(module, value) and _root(value) in _FROZEN
    if isinstance(value, ast.Subscript | ast.Attribute):  # such as Callable[[int], str], np.float64
        return _is_constant(module, value.value)
    if isinstance(value, ast.Name):
        return value.id in module.foreign and value.id not in module.imports
    return isinstance(value, ast.Constant | ast.Lambda)


def _holds_constants(module: Module, value: ast.AST | None) -> bool:
    if isinstance(value, ast.Dict):
        return all(_is_constant(module, part) for part in value.values)
    return isinstance(value, ast.List) and all(_is_constant(module, part) for part in value.elts)
