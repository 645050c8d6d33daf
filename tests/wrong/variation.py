"""The same work handed in by somebody else: other names for local variables, and remarks between the lines."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator

SYNONYMS = {
    "vert_start": ("top", "y1", "row0"),
    "vert_end": ("bottom", "y2", "row1"),
    "horiz_start": ("left", "x1", "col0"),
    "horiz_end": ("right", "x2", "col1"),
    "n_H": ("out_h", "H_out", "new_height"),
    "n_W": ("out_w", "W_out", "new_width"),
    "n_C": ("filters", "C_out", "depth"),
    "stride": ("s", "step"),
    "pad": ("p", "border"),
    "m": ("batch", "n_images", "N"),
    "h": ("r", "row"),
    "w": ("q", "col"),
    "c": ("k", "ch"),
    "i": ("n", "example"),
    "Z": ("out", "result"),
    "A": ("out", "pooled"),
    "mask": ("M", "where_max"),
    "window": ("patch", "win"),
}
REMARKS = (
    "see step 4",
    "checked with the small example",
    "same as in the lecture",
    "TODO ask about this",
    "works for the test",
    "careful here!!",
    "took me a while",
    "from the formula above",
)
N_REMARKS = 2


def varied(source: str, generator: random.Random) -> str:
    """Return a source that does the same; its layout is kept."""
    lines = [line.encode() for line in source.split("\n")]  # ast counts columns in bytes
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    new_names = [pair for function in functions for pair in _new_names(function, generator)]
    for name, new in sorted(new_names, key=lambda pair: (pair[0].lineno, pair[0].col_offset), reverse=True):
        line = lines[name.lineno - 1]
        end = name.col_offset + len(name.id.encode())
        lines[name.lineno - 1] = line[: name.col_offset] + new.encode() + line[end:]
    statements = list(_statements_on_their_own_line(functions[-1], lines))
    chosen = generator.sample(statements, min(N_REMARKS, len(statements)))
    for statement in sorted(chosen, key=lambda statement: statement.lineno, reverse=True):
        remark = f"{' ' * statement.col_offset}# {generator.choice(REMARKS)}"
        lines.insert(statement.lineno - 1, remark.encode())
    return b"\n".join(lines).decode()


def _new_names(function: ast.FunctionDef, generator: random.Random) -> Iterator[tuple[ast.Name, str]]:
    """Yield each place where a local variable stands, and its new name."""
    nodes = list(ast.walk(function))
    arguments = {node.arg for node in nodes if isinstance(node, ast.arg)}
    names = [node for node in nodes if isinstance(node, ast.Name)]
    taken = arguments | {name.id for name in names}
    new: dict[str, str] = {}
    for own in sorted({name.id for name in names if isinstance(name.ctx, ast.Store)} - arguments):
        free = [synonym for synonym in SYNONYMS.get(own, ()) if synonym not in taken]
        new[own] = generator.choice(free) if free else f"{own}_{generator.randrange(2, 10)}"
        taken.add(new[own])
    return ((name, new[name.id]) for name in names if name.id in new)


def _statements_on_their_own_line(function: ast.FunctionDef, lines: list[bytes]) -> Iterator[ast.stmt]:
    for node in ast.walk(function):
        if isinstance(node, ast.stmt) and not lines[node.lineno - 1][: node.col_offset].strip():
            yield node
