"""Stubs that name their exercise: the release's ``raise NotImplementedError("conv_forward: write your code here")``.

nbgrader has one stub text for all cells; a student with five unfilled exercises would read five equal errors.
"""

from __future__ import annotations

import ast
import re
from typing import Any

from nbgrader.preprocessors import ClearSolutions
from traitlets import Dict

PLACEHOLDER = "{function}"
STUB = f'# YOUR CODE HERE\nraise NotImplementedError("{PLACEHOLDER}: write your code here")'


class NamedStubs(ClearSolutions):
    """nbgrader's `ClearSolutions`, with the enclosing function's name in every stub."""

    code_stub = Dict({"python": STUB}, help="The stub of a solution region, by language.").tag(config=True)

    def _replace_solution_region(self, cell: Any, language: str) -> bool:
        names = self._enclosing_functions(cell.source) if cell.cell_type == "code" else []
        replaced = super()._replace_solution_region(cell, language)
        for name in names:
            cell.source = cell.source.replace(PLACEHOLDER, name, 1)
        return bool(replaced)

    def _enclosing_functions(self, source: str) -> list[str]:
        """Return, for each solution region in order, the name of the innermost function around it."""
        markers = [
            number
            for number, line in enumerate(source.splitlines(), start=1)
            if re.search(re.escape(self.begin_solution_delimeter), line)
        ]
        if not markers:
            return []
        functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
        names = []
        for marker in markers:
            # The region's comment line lies inside the function, even where it is the body's first line.
            around = [f for f in functions if f.lineno < marker <= (f.end_lineno or 0)]
            names.append(max(around, key=lambda f: f.lineno).name if around else "this cell")
        return names
