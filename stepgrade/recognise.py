"""Which assignment a submitted file belongs to: by its name, else by the questions that it answers."""

from __future__ import annotations

import logging
import shlex
from dataclasses import dataclass
from pathlib import Path

from stepgrade.assignment import Assignment
from stepgrade.errors import StepgradeError, UnknownAssignment
from stepgrade.notebook import SOLUTION_SUFFIX, DamagedNotebook, defined_names, read_bytes, read_notebook

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Written:
    """What a submitted file names: the ids of its graded cells, and the functions that it defines."""

    grade_ids: frozenset[str]
    functions: frozenset[str]


def recognise(path: Path, course: Path) -> Assignment:
    """Return the assignment that the file at ``path`` is a submission of.

    Its name decides where that is the name of an assignment, followed by anything that is no letter or digit
    ("cnn (1).ipynb", "cnn_ada.ipynb"). Else the one assignment of the course that it answers most questions of.

    Raises
    ------
    UnknownAssignment
        If no assignment fits, or several fit equally well.
    """
    known = known_assignments(course)
    if not known:
        raise UnknownAssignment(f"{course.resolve() / 'source'} holds no assignment; {_where_to_look(path)}")
    named = [assignment for assignment in known if _is_named_after(path.stem, assignment.name)]
    if named:
        return max(named, key=lambda assignment: len(assignment.name))
    listed = ", ".join(assignment.name for assignment in known)
    try:
        written = _written(path)
    except DamagedNotebook as error:
        if len(known) == 1:  # whatever it was meant to be, it could only be this one; grading says what is damaged
            return known[0]
        raise UnknownAssignment(
            f"{path} does not say which assignment it is ({error}); name one of {listed} with --assignment"
        ) from None
    fits = {assignment.name: _fit(assignment, written) for assignment in known}
    best = [assignment for assignment in known if fits[assignment.name] == max(fits.values())]
    if not fits[best[0].name]:
        raise UnknownAssignment(
            f"{path} answers no question of any assignment of this course; name one of {listed} with --assignment"
        )
    if len(best) > 1:
        equal = ", ".join(assignment.name for assignment in best)
        raise UnknownAssignment(f"{path} fits {equal} equally well; name one of them with --assignment")
    return best[0]


def known_assignments(course: Path) -> tuple[Assignment, ...]:
    """Return the assignments under ``source/`` of a course folder, sorted by name; empty where there are none."""
    notebooks = sorted((course / "source").glob("*/*.ipynb"))
    return tuple(Assignment.find(path.parent.name, course) for path in notebooks if path.stem == path.parent.name)


def _is_named_after(stem: str, name: str) -> bool:
    stem, name = stem.casefold(), name.casefold()
    return stem == name or (stem.startswith(name) and not stem[len(name)].isalnum())


def _written(path: Path) -> Written:
    content = read_bytes(path)
    if path.suffix == ".py":
        return Written(frozenset(), frozenset(defined_names(content.decode("utf-8", "replace"))))
    cells = read_notebook(content).cells
    return Written(
        frozenset(cell.grade_id.removesuffix(SOLUTION_SUFFIX) for cell in cells if cell.grade_id),
        frozenset(name for cell in cells if cell.kind == "code" for name in defined_names(cell.source)),
    )


def _fit(assignment: Assignment, written: Written) -> int:
    """Count the assignment's questions that are answered, by the cell's id or by a function of the same name."""
    try:
        cells = assignment.source_cells
    except StepgradeError as error:
        logger.warning("%s is not considered: %s", assignment.name, error)
        return 0
    questions = {cell.grade_id for cell in cells if cell.grade_id and cell.points is not None}
    functions = {
        cell.grade_id.removesuffix(SOLUTION_SUFFIX): defined_names(cell.source)
        for cell in cells
        if cell.grade_id and cell.grade_id.endswith(SOLUTION_SUFFIX)
    }
    return sum(
        question in written.grade_ids or not written.functions.isdisjoint(functions.get(question, ()))
        for question in questions
    )


def _where_to_look(path: Path) -> str:
    file = shlex.quote(str(path))
    for folder in path.resolve().parents:
        if known_assignments(folder):
            return f"{folder} is a course folder: run `stepgrade --course {shlex.quote(str(folder))} check {file}`"
    return f"run it in a course folder, or name one: `stepgrade --course FOLDER check {file}`"
