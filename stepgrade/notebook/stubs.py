"""Telling an answer from a stub: what is unfilled, and what is filled but still raises."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from stepgrade.notebook.syntax import Function

MAX_LINE = 200  # marks and blanks are short; the patterns below are slow on what is not

SOLUTION_START = re.compile(r"#+[ \t]*BEGIN SOLUTION")
SOLUTION_END = re.compile(r"#+[ \t]*END SOLUTION")
# Other editions mark the place to fill in: "### START CODE HERE ### (1 line)", "# YOUR CODE STARTS HERE".
BLANK_START = re.compile(r"#.*\b(?:START|BEGIN|STARTS|BEGINS)\b.*\b(?:CODE|HERE)\b", re.IGNORECASE)
BLANK_END = re.compile(r"#.*\b(?:END|ENDS)\b.*\b(?:CODE|HERE)\b", re.IGNORECASE)
NOTHING_FILLED_IN = re.compile(r"=\s*None\s*$|\(\s*None(?:\s*,\s*None)*\s*\)|^(?:pass|\.\.\.)$|^return(?:\s+None)?$")
ONLY_LEADS = re.compile(r"^(?:if|elif|else|for|with)\b.*:$")


def is_stub(function: Function, lines: Sequence[str], given: str = "") -> bool:
    """Tell whether nobody wrote an answer into ``function``.

    Parameters
    ----------
    lines : the lines of the cell
    given : `skeleton` of the release's function, "" where the release leaves nothing but a stub
    """
    answer = written_statements(function)
    if not answer or (given and _as_text(answer) == given):
        return True
    own = [line.strip()[:MAX_LINE] for line in lines[function.lineno : function.end_lineno]]
    blanks = _between_marks(own)
    if blanks is not None:
        return all(NOTHING_FILLED_IN.search(line) or ONLY_LEADS.match(line) for line in blanks)
    return any("None" in line for line in own) and _assigns_only_none(function)


def skeleton(function: Function, source: str) -> str:
    """Return what the stub of ``function`` does besides its docstring and its ``raise``, as a syntax tree's text.

    ``source`` is the instructor's cell: statements between nbgrader's solution marks are not part of the stub.
    """
    hidden = _solution_lines(source)
    return _as_text([statement for statement in written_statements(function) if statement.lineno not in hidden])


def written_statements(function: Function) -> list[ast.stmt]:
    """Return the statements of ``function`` that do something: no docstring, no ``raise NotImplementedError``."""
    return [statement for statement in function.body if not _says_nothing(statement)]


def _as_text(statements: Sequence[ast.stmt]) -> str:
    try:
        return "\n".join(ast.dump(statement) for statement in statements)
    except RecursionError:
        return "an expression nested too deeply for a stub"


def has_leftover_raise(function: Function) -> bool:
    """Tell whether a function that returns an answer still runs into its stub's ``raise NotImplementedError``."""
    return _runs_into_raise(function.body) and any(
        isinstance(node, ast.Return) and node.value is not None for node in _own_nodes(function)
    )


def _runs_into_raise(body: Sequence[ast.stmt]) -> bool:
    # An `if` or `try` around it is the student's own way to refuse an input.
    for statement in body:
        if isinstance(statement, ast.Return):
            return False
        if _raises_not_implemented(statement):
            return True
        if isinstance(statement, ast.For | ast.While | ast.With) and _runs_into_raise(statement.body):
            return True
    return False


def _own_nodes(function: Function) -> list[ast.AST]:
    """Return the nodes of a function without those of the functions inside of it."""
    nodes: list[ast.AST] = []
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        nodes.append(node)
        if not isinstance(node, Function | ast.Lambda | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(node))
    return nodes


def _says_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    if isinstance(statement, ast.Return):
        return statement.value is None or _is_none(statement.value)
    return isinstance(statement, ast.Pass) or _raises_not_implemented(statement)


def _raises_not_implemented(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.Raise):
        return False
    raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
    return isinstance(raised, ast.Name) and raised.id in {"NotImplementedError", "NotImplemented"}


def _assigns_only_none(function: Function) -> bool:
    """Tell whether there are blanks ``X = None`` and nothing that computes."""
    nodes = _own_nodes(function)
    assigned = [n.value for n in nodes if isinstance(n, ast.Assign | ast.AnnAssign | ast.AugAssign)]
    returned = [n.value for n in nodes if isinstance(n, ast.Return)]
    passed_on = ast.Name | ast.Tuple | None
    return any(map(_is_none, assigned)) and all(_is_none(v) or isinstance(v, passed_on) for v in assigned + returned)


def _is_none(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _solution_lines(source: str) -> frozenset[int]:
    inside, hidden = False, set()
    for number, line in enumerate(source.split("\n"), start=1):
        if SOLUTION_START.search(line):
            inside = True
        if inside:
            hidden.add(number)
        if SOLUTION_END.search(line):
            inside = False
    return frozenset(hidden)


def _between_marks(lines: Sequence[str]) -> list[str] | None:
    """Return the lines of code between an edition's marks, without comments; None if there are no marks."""
    inside, marked, code = False, False, []
    for line in lines:
        if BLANK_END.search(line):
            inside = False
        elif BLANK_START.search(line):
            inside = marked = True
        elif inside:
            code.append(line.partition("#")[0].strip())
    return [line for line in code if line] if marked else None
