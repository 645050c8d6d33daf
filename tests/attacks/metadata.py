"""Attacks by what a notebook says about its own cells."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from tests.attacks.attack import Attack, Kind, Notebook, code_cell, solution_of

Cell = dict[str, Any]


def _changed(name: str, change: Callable[[Notebook], None], **more: Any) -> Attack:
    return Attack(name, Kind.METADATA, change=change, **more)


def _graded(notebook: Notebook) -> list[Cell]:
    return [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]


def _solutions(notebook: Notebook) -> list[Cell]:
    return [cell for cell in notebook["cells"] if solution_of(cell)]


def _set(cells: Callable[[Notebook], list[Cell]], **values: Any) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        for cell in cells(notebook):
            cell["metadata"]["nbgrader"] |= values

    return change


def _skip(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = ["skip-execution", "remove-cell", "nbgrader-skip", "raises-exception", "training"]


def _duplicate(notebook: Notebook) -> None:
    notebook["cells"] += [copy.deepcopy(cell) for cell in _graded(notebook) for _ in range(5)]


def _swap(notebook: Notebook) -> None:
    first, second = _graded(notebook)[:2]
    first["metadata"], second["metadata"] = second["metadata"], first["metadata"]


def _retype(notebook: Notebook) -> None:
    for cell in _graded(notebook):
        cell["cell_type"] = "markdown"


def _delete(notebook: Notebook) -> None:
    notebook["cells"] = [cell for cell in notebook["cells"] if not cell["metadata"].get("nbgrader", {}).get("grade")]


def _add_graded(notebook: Notebook) -> None:
    nbgrader = copy.deepcopy(_graded(notebook)[0]["metadata"]["nbgrader"]) | {"grade_id": "bonus", "points": 1000}
    notebook["cells"].append(code_cell("bonus = 1000", nbgrader=nbgrader))


def _replace_tests(notebook: Notebook) -> None:
    for cell in _graded(notebook):
        cell["source"] = "import sys\nprint('passed')"
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "10.0"}]


def _metadata_is(value: Any) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        notebook["metadata"] = value
        for cell in notebook["cells"]:
            cell["metadata"] = value

    return change


def _kernel(notebook: Notebook) -> None:
    notebook["metadata"]["kernelspec"] = {"name": "bash", "language": "bash", "display_name": "\x1b[2J"}


ATTACKS = (
    _changed("every cell has a tag that skips it", _skip),
    _changed("graded cells are duplicated", _duplicate),
    _changed("graded cells are swapped", _swap),
    _changed("graded cells are renamed", _set(_graded, grade_id="double")),
    _changed("graded cells have names that clear the terminal", _set(_graded, grade_id="\x1b[2J<script>")),
    _changed("graded cells are retyped", _retype),
    _changed("graded cells are deleted", _delete),
    _changed("graded cells are no longer graded", _set(_graded, grade=False, locked=False)),
    _changed("points are a text", _set(_graded, points="10")),
    _changed("points are a million", _set(_graded, points=10**6)),
    _changed("points are not a number", _set(_graded, points=float("nan"))),
    _changed("points are negative", _set(_graded, points=-4)),
    _changed("points are an object", _set(_graded, points={"points": 10})),
    _changed("the schema is of the future", _set(_graded, schema_version=99)),
    _changed("the schema is a list", _set(_graded, schema_version=[3])),
    _changed(
        "solution cells are also graded by hand, with points", _set(_solutions, grade=True, points=100, task=True)
    ),
    _changed("solution cells all have one name", _set(_solutions, grade_id="halve_solution")),
    _changed("a graded cell of its own is added, with a thousand points", _add_graded),
    _changed("test cells are replaced by printing", _replace_tests),
    _changed("metadata is a list", _metadata_is([1, 2])),
    _changed("metadata is null", _metadata_is(None)),
    _changed("nbgrader's metadata is a text", _metadata_is({"nbgrader": "full marks"})),
    _changed("the kernel is another language's", _kernel),
    _changed(
        "cell ids repeat and clear the terminal",
        lambda notebook: [cell.update(id="\x1b[2J<img onerror=alert(1)>") for cell in notebook["cells"]][:0] and None,
    ),
)
