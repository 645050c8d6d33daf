"""Mutants of a module: its functions with one small change each, as a slip of the keyboard or of the mind makes it.

They are made here and not by a tool. mutmut switches mutants on by the name that a module has on the import path, and
hidden modules have a name of their own; it would, besides, change the reference that a mutant is compared with.
cosmic-ray writes each mutant into the file and starts a process for it. Both would bring twenty packages into the
locked environment that every course installs, and neither swaps arguments or the ends of a slice.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

ARITHMETIC = {
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Div, ast.Add],
    ast.Div: [ast.Mult, ast.FloorDiv],
    ast.FloorDiv: [ast.Div, ast.Mult],
    ast.Pow: [ast.Mult],
}
COMPARISON = {
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.Lt: [ast.LtE, ast.GtE],
    ast.LtE: [ast.Lt, ast.Gt],
    ast.Gt: [ast.GtE, ast.LtE],
    ast.GtE: [ast.Gt, ast.Lt],
    ast.In: [ast.NotIn],
    ast.NotIn: [ast.In],
}
# Names that are easily taken for each other.
TWINS = {"n_H": "n_W", "n_H_prev": "n_W_prev", "h": "w", "p": "q", "m": "n_C", "stride": "pad", "f": "stride"}
TWINS |= {"vert_start": "horiz_start", "vert_end": "horiz_end", "n_C": "n_C_prev", "i": "c"}
TWINS |= {"max": "min", "sum": "mean", "zeros": "ones"}
NAMES = {name: {other for pair in TWINS.items() if name in pair for other in pair} - {name} for name in TWINS}
NAMES |= {other: {name for name in TWINS if TWINS[name] == other} | NAMES.get(other, set()) for other in TWINS.values()}


@dataclass(frozen=True)
class Mutant:
    """A module with one change.

    Parameters
    ----------
    function : str
        The top-level function that holds the change.
    change : str
        The first line of the statement as it is now, or in place of which one it stands, or which one is gone.
    code : types.CodeType
        The whole module, to be run.
    """

    function: str
    change: str
    code: types.CodeType

    def functions(self) -> dict[str, object]:
        """Run the module and return its namespace."""
        namespace: dict[str, object] = {"__name__": "mutant"}
        exec(self.code, namespace)  # noqa: S102 our own module
        return namespace


def mutants(source: str) -> Iterator[Mutant]:
    """Return the mutants of all top-level functions, in the order of the source."""
    tree = ast.parse(source)
    for function in tree.body:
        if not isinstance(function, ast.FunctionDef):
            continue
        for place in _places(function):
            for other in _replacements(place.node):
                place.put(ast.copy_location(other, place.node))
                change = _first_line(place.statement)
                if place.node is place.statement:
                    change = f"{_first_line(other)} instead of {change}"
                try:
                    code = compile(ast.fix_missing_locations(tree), "<mutant>", "exec", dont_inherit=True)
                except (SyntaxError, ValueError):
                    continue
                finally:
                    place.put(place.node)
                yield Mutant(function.name, change, code)


@dataclass(frozen=True)
class Place:
    """A node of a tree, what holds it and under which name or number, and the statement that it is part of."""

    holder: ast.AST | list
    key: str | int
    statement: ast.stmt

    @cached_property
    def node(self) -> ast.AST:
        return self.holder[self.key] if isinstance(self.holder, list) else getattr(self.holder, self.key)

    def put(self, node: ast.AST) -> None:
        if isinstance(self.holder, list):
            self.holder[self.key] = node
        else:
            setattr(self.holder, self.key, node)


def _places(function: ast.FunctionDef) -> Iterator[Place]:
    defaults = function.args.defaults
    yield from (Place(defaults, number, function) for number in range(len(defaults)))
    first = 1 if ast.get_docstring(function) else 0
    for number in range(first, len(function.body)):
        yield from _from(Place(function.body, number, function.body[number]))


def _from(place: Place) -> Iterator[Place]:
    node = place.node
    yield place
    if isinstance(node, ast.Raise):  # what an error says
        return
    for name, value in ast.iter_fields(node):
        for number, part in enumerate(value) if isinstance(value, list) else [(name, value)]:
            if isinstance(part, ast.AST):
                statement = part if isinstance(part, ast.stmt) else place.statement
                yield from _from(Place(value if isinstance(value, list) else node, number, statement))


def _first_line(node: ast.AST) -> str:
    return ast.unparse(node).partition("\n")[0]


def _replacements(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield from map(ast.Constant, (value + 1, value - 1))
        case ast.Constant(value=str(value)):
            yield ast.Constant(f"{value}_")
        case ast.Name(id=name, ctx=ctx):
            yield from (ast.Name(other, ctx) for other in sorted(NAMES.get(name, ())))
        case ast.Attribute(value=value, attr=name, ctx=ctx):
            yield from (ast.Attribute(value, other, ctx) for other in sorted(NAMES.get(name, ())))
        case ast.BinOp(left=left, op=op, right=right):
            yield from (ast.BinOp(left, other(), right) for other in ARITHMETIC.get(type(op), ()))
            if not isinstance(op, ast.Add | ast.Mult):
                yield ast.BinOp(right, op, left)
            yield from (left, right)
        case ast.UnaryOp(operand=operand):
            yield operand
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.Compare(left=left, ops=[op], comparators=comparators):
            yield from (ast.Compare(left, [other()], comparators) for other in COMPARISON.get(type(op), ()))
        case ast.IfExp(body=body, orelse=orelse):
            yield from (body, orelse)
        case ast.Slice(lower=lower, upper=upper, step=step):
            yield from (ast.Slice(None, upper, step) for _ in (lower,) if lower)
            yield from (ast.Slice(lower, None, step) for _ in (upper,) if upper)
            yield from (ast.Slice(lower, upper, None) for _ in (step,) if step)
        case ast.Tuple(elts=elements, ctx=ctx):
            yield from (ast.Tuple(swapped, ctx) for swapped in _with_neighbours_swapped(elements))
        case ast.Call(func=function, args=arguments, keywords=keywords):
            yield from (ast.Call(function, swapped, keywords) for swapped in _with_neighbours_swapped(arguments))
            yield from (ast.Call(function, arguments, [k for k in keywords if k is not gone]) for gone in keywords)
            if len(arguments) > 1:
                yield ast.Call(function, arguments[:-1], keywords)
            yield from arguments[:1]
            match function:
                case ast.Attribute(value=ast.expr() as value) if ast.unparse(value) != "np":
                    yield value
        case ast.AugAssign(target=target, op=op, value=value):
            yield from (ast.AugAssign(target, other(), value) for other in ARITHMETIC.get(type(op), ()))
            yield ast.Assign([target], value)
            yield ast.Pass()
        case ast.If(body=body, orelse=orelse):
            yield from (ast.If(ast.Constant(value), body, orelse) for value in (True, False))
        case ast.Assign() | ast.Expr() | ast.For():
            yield ast.Pass()


def _with_neighbours_swapped(nodes: list[ast.expr]) -> Iterator[list[ast.expr]]:
    for k in range(len(nodes) - 1):
        if ast.dump(nodes[k]) != ast.dump(nodes[k + 1]):
            yield [*nodes[:k], nodes[k + 1], nodes[k], *nodes[k + 2 :]]
