"""What several test files share: the course folder, the assignment, and calling functions without a process."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest

from stepgrade.assignment import Assignment
from stepgrade.course.notebook_text import to_notebook
from stepgrade.judge import Answer, NotDefined, Raised, Returned, wire
from stepgrade.sandbox import runner

COURSE = Path(__file__).parents[1]
ASSIGNMENT = "cnn_step_by_step"


@pytest.fixture(scope="session")
def assignment() -> Assignment:
    return Assignment.find(ASSIGNMENT, COURSE)


@pytest.fixture(scope="session")
def hidden() -> Callable[[str], ModuleType]:
    """``hidden(module)`` imports a module of the assignment's hidden folder, as part of a package of its own."""
    import sys

    package = ModuleType("hidden_under_test")
    package.__path__ = [str(COURSE / "hidden" / ASSIGNMENT)]
    sys.modules[package.__name__] = package
    return lambda name: importlib.import_module(f"{package.__name__}.{name}")


@pytest.fixture
def answering() -> Callable[[Mapping[str, Any]], Callable[[str, tuple[Any, ...]], Answer]]:
    """``answering(functions)`` is a ``call`` for the judge that lives in this process, bytes in between included."""

    def caller(functions: Mapping[str, Any]) -> Callable[[str, tuple[Any, ...]], Answer]:
        def call(name: str, arguments: tuple[Any, ...]) -> Answer:
            if name not in functions:
                return NotDefined("no cell defines it")
            received = runner.decode(wire.encode(arguments))
            try:
                value = functions[name](*received)
            except Exception as error:
                return Raised(type(error).__name__, str(error), "")
            return Returned(*wire.decode(runner.encode((value, received))))

        return call

    return caller


TINY_SOURCE = '''# %% [markdown]
# # Tiny

# %%
import numpy as np
from public_tests import *

# %% nbgrader={"grade": false, "grade_id": "halve_solution", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def halve(x):
    """Return half of x."""
    ### BEGIN SOLUTION
    half_of_everything = x / 2
    return half_of_everything
    ### END SOLUTION

# %%
shown = halve(np.ones(3))

# %% nbgrader={"grade": true, "grade_id": "halve", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
halve_test(halve)

# %% nbgrader={"grade": false, "grade_id": "quarter_solution", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def quarter(x):
    """Return a quarter of x."""
    ### BEGIN SOLUTION
    return halve(halve(x))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "quarter", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
quarter_test(quarter)

# %% nbgrader={"grade": false, "grade_id": "double_solution", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def double(x):
    """Return twice x (optional)."""
    ### BEGIN SOLUTION
    return x + x
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "double", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
double_test(double)

# %% tags=["training", "skip-execution"]
print("training")
'''

TINY_CHECKS = """
from stepgrade.judge import Case, Check, Role, Specification, Unchanged, Values

from . import solution


def arrays(*shapes):
    return lambda rng: [Case({"x": rng.normal(size=shape)}) for shape in shapes]


def question(function, reference):
    return Specification(function, ("x",), ("y",), reference, (
        Check("line", "one axis", 2, arrays((5,), (4,)), Values("y")),
        Check("plane", "two axes", 1, arrays((2, 3)), Values("y")),
        Check("unchanged", "the input is not modified", 1, arrays((3,)), Unchanged(), role=Role.SUPPORTING),
    ))


QUESTIONS = {
    "halve": question("halve", solution.halve_reference),
    "quarter": question("quarter", solution.quarter_reference),
    "double": question("double", solution.double_reference),
}
"""


@pytest.fixture
def tiny_course(tmp_path: Path) -> Path:
    """A course with one assignment of three small questions, the last of them optional."""
    course = tmp_path / "course"
    (course / "source/tiny").mkdir(parents=True)
    (course / "hidden/tiny").mkdir(parents=True)
    (course / "nbgrader_config.py").write_text((COURSE / "nbgrader_config.py").read_text())
    (course / "source/tiny/tiny.ipynb").write_text(to_notebook(TINY_SOURCE))
    (course / "source/tiny/public_tests.py").write_text(
        "def halve_test(target): target(1.0)\n"
        "def quarter_test(target): target(1.0)\n"
        "def double_test(target): target(1.0)\n"
    )
    (course / "hidden/tiny/solution.py").write_text(
        "def halve_reference(x): return x * 0.5 + 0 * x.sum()\n"
        "def quarter_reference(x): return x * 0.25 + 0 * x.sum()\n"
        "def double_reference(x): return x * 2.0 + 0 * x.sum()\n"
    )
    (course / "hidden/tiny/checks.py").write_text(TINY_CHECKS)
    (course / "hidden/tiny/helpers.py").write_text(
        'HELPERS = {"quarter": ("halve",)}\nSOURCE = {"halve": "def halve(x):\\n    return x / 2\\n"}\n'
    )
    return course


@pytest.fixture
def tiny(tiny_course: Path) -> Assignment:
    return Assignment.find("tiny", tiny_course)


RIGHT_TINY = {
    "halve": "def halve(x):\n    return x / 2",
    "quarter": "def quarter(x):\n    return halve(halve(x))",
    "double": "def double(x):\n    return 2 * x",
}


@pytest.fixture
def hand_in(tiny: Assignment) -> Callable[..., bytes]:
    """``hand_in(halve="...", extra=[...])``: a submission of the tiny assignment, right where nothing else is said.

    ``extra`` cells come before the first solution cell.
    """

    def submission(extra: list[str] | None = None, **cells: str) -> bytes:
        notebook = nbformat.read(tiny.source_notebook, as_version=4)
        for cell in notebook.cells:
            question = cell.metadata.get("nbgrader", {}).get("grade_id", "").removesuffix("_solution")
            if cell.metadata.get("nbgrader", {}).get("solution"):
                cell.source = cells.get(question, RIGHT_TINY[question])
        added = [nbformat.v4.new_code_cell(source) for source in extra or []]
        notebook.cells[2:2] = added
        return nbformat.writes(notebook).encode()

    return submission
