"""A class to grade: right, wrong, broken and endless submissions in fixed shares, no two of them byte-equal.

Made from ``examples/class``: a student's work is that of one file there, with names and remarks of their own.
"""

from __future__ import annotations

import ast
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from submissions import RELEASE, example_notebook

RIGHT, WRONG, BROKEN, ENDLESS = "right", "wrong", "broken", "endless"
SHARES = {RIGHT: 0.70, WRONG: 0.20, BROKEN: 0.08, ENDLESS: 0.02}
HALF_A_FILE, KILLS = "half_a_file", "kills_its_process"
# Which files of examples/class stand for a kind; two that are none of them are made of right_loops.
STYLES = {
    RIGHT: ("right_loops", "right_vectorised", "right_float_b", "right_noisy"),
    WRONG: ("bias_forgotten", "max_average_swapped", "no_padding", "stride_ignored", "wrong_axis_padded"),
    BROKEN: ("does_not_parse", HALF_A_FILE, "untouched", KILLS, "raises"),
    ENDLESS: ("endless_loop",),
}
WARN = ("right_float_b", "right_noisy")  # right, and something is written to stderr
KILLING = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
REMARKS = ("my answer, version", "tried again after the lecture,", "see my notes, page", "took me a while, attempt")


@dataclass(frozen=True)
class HandIn:
    """What one student hands in: which kind of submission, and after which example."""

    student: str
    kind: str
    style: str

    def notebook(self, release: Path = RELEASE) -> bytes:
        """Return the notebook at ``release`` as this student filled it in; the same bytes each time."""
        made_here = self.style in (HALF_A_FILE, KILLS)
        notebook = example_notebook("right_loops" if made_here else self.style, release)
        generator = random.Random(self.student)  # noqa: S311 - a class that is the same each time
        answers = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]
        for cell in answers:
            cell.source = varied(cell.source, generator)
        if self.style == KILLS:
            answers[1].source += f"\n\n{KILLING}"
        content = nbformat.writes(notebook).encode()
        return content[: len(content) // 2] if self.style == HALF_A_FILE else content


def class_of(n: int, *, endless: bool = True) -> Iterator[HandIn]:
    """Yield ``n`` hand-ins whose first ones, however many, have the shares of the whole class as nearly as they can."""
    shares = {kind: share for kind, share in SHARES.items() if endless or kind != ENDLESS}
    whole = sum(shares.values())
    kinds: Counter[str] = Counter()
    for number in range(n):
        lacking = {kind: share / whole * (number + 1) - kinds[kind] for kind, share in shares.items()}
        kind = max(lacking, key=lacking.__getitem__)
        yield HandIn(f"s{number:07}", kind, STYLES[kind][kinds[kind] % len(STYLES[kind])])
        kinds[kind] += 1


def varied(source: str, generator: random.Random) -> str:
    """Return a cell with a remark of its own, and with other names for the local variables of its functions."""
    remark = f"# {generator.choice(REMARKS)} {generator.randrange(10**6)}\n"
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return remark + source
    lines = [line.encode() for line in source.split("\n")]
    renamed = [(name, new) for function in _functions(tree) for name, new in _renamed(function, generator)]
    for name, new in sorted(renamed, key=lambda pair: (pair[0].lineno, pair[0].col_offset), reverse=True):
        line = lines[name.lineno - 1]
        end = name.col_offset + len(name.id.encode())
        lines[name.lineno - 1] = line[: name.col_offset] + new.encode() + line[end:]
    return remark + b"\n".join(lines).decode()


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    return (node for node in tree.body if isinstance(node, ast.FunctionDef))


def _renamed(function: ast.FunctionDef, generator: random.Random) -> Iterator[tuple[ast.Name, str]]:
    """Yield each place where a local variable stands, and its new name."""
    nodes = list(ast.walk(function))
    kept = {node.arg for node in nodes if isinstance(node, ast.arg)}
    for node in nodes:
        if isinstance(node, ast.JoinedStr):  # places in them are told differently by different Pythons
            kept |= {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        elif isinstance(node, ast.Global | ast.Nonlocal):
            kept.update(node.names)
    names = [node for node in nodes if isinstance(node, ast.Name)]
    own = sorted({name.id for name in names if isinstance(name.ctx, ast.Store)} - kept)
    new = {name: f"{name}_{generator.randrange(1000)}" for name in own}
    return ((name, new[name.id]) for name in names if name.id in new)
