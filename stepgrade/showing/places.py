"""Where in a notebook the checks of a question belong: right below its test cell."""

from __future__ import annotations

from collections.abc import Sequence

from stepgrade.assignment import Assignment
from stepgrade.notebook import Cell, Graded, rescue
from stepgrade.notebook.release import squeezed


def question_places(cells: Sequence[Cell], assignment: Assignment) -> dict[int, list[str]]:
    """Return the questions whose checks stand below a cell, by the cell's place.

    A test cell is found by its ``grade_id``, then by its text. Where a notebook has lost it, the checks stand below the
    function that was graded; a question with neither has no place.
    """
    code = {index: cell for index, cell in enumerate(cells) if cell.kind == "code"}
    tests = {cell.grade_id: squeezed(cell.source) for cell in assignment.source_cells if cell.points is not None}
    by_id = {cell.grade_id: index for index, cell in reversed(code.items())}
    by_text = {squeezed(cell.source): index for index, cell in reversed(code.items())}
    found = {question.id: by_id.get(question.id, by_text.get(tests[question.id])) for question in assignment.questions}
    if None in found.values():
        answers = _answers(cells, assignment)
        found |= {name: answers.get(name) for name, index in found.items() if index is None}
    places: dict[int, list[str]] = {}
    for name, index in found.items():
        if index is not None:
            places.setdefault(index, []).append(name)
    return places


def _answers(cells: Sequence[Cell], assignment: Assignment) -> dict[str, int]:
    """Return the places of the cells whose functions are graded."""
    graded = [
        Graded(question.id, question.specification.function, question.specification.parameters)
        for question in assignment.questions
    ]
    found = rescue(cells, assignment.source_cells, graded).cells
    return {cell.question: cell.index for cell in found if cell.question is not None and cell.index is not None}
