"""What a notebook says about its own graded cells, where the release says something else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from stepgrade.notebook import Cell
from stepgrade.report.classpage.tampering.sign import Sign
from stepgrade.result import printable

MANY_COPIES = 3  # one copy is a slip of the hand in Jupyter
SKIPPING_TAGS = frozenset({"skip-execution", "raises-exception", "remove-cell", "remove-input", "nbgrader-skip"})
MAX_NAME = 80


def signs_in_cells(cells: Sequence[Cell], source_cells: Sequence[Cell]) -> Iterator[Sign]:
    """Yield where a submission's graded cells are not those of the release.

    A notebook with less than half of the release's ids is of another edition, or has lost its metadata: both are
    repaired before the marks, and neither is listed.
    """
    released = {cell.grade_id: cell for cell in source_cells if cell.grade_id is not None}
    graded = {name: cell for name, cell in released.items() if cell.points is not None}
    if 2 * len({cell.grade_id for cell in cells} & released.keys()) < len(released):
        return
    texts = {"".join(cell.source.split()): name for name, cell in graded.items()}
    copies = Counter(cell.grade_id for cell in cells if cell.grade_id is not None)
    for number, cell in enumerate(cells, start=1):
        name = cell.grade_id
        if name is None:
            continue
        given = released.get(name)
        if cell.points is not None and (given is None or given.points is None):
            yield _sign("points_added", name, f"says that it is worth {cell.points:g} points", number)
        if copies[name] >= MANY_COPIES:
            yield _sign("copies", name, f"stands in the notebook {copies.pop(name)} times", number)
        if name in graded:
            yield from _changes(cell, graded[name], texts, number)


def _changes(cell: Cell, given: Cell, texts: dict[str, str], number: int) -> Iterator[Sign]:
    """Yield what is not as the release has it in one of its graded cells."""
    name = str(given.grade_id)
    if cell.points != given.points:
        says = "is not marked as graded" if cell.points is None else f"says that it is worth {cell.points:g} points"
        yield _sign("points_changed", name, f"{says}; in the release it is worth {given.points:g}", number)
    if cell.kind != given.kind:
        yield _sign("retyped", name, f"is a {cell.kind} cell, where the release has a {given.kind} cell", number)
    if tags := sorted(cell.tags & SKIPPING_TAGS - given.tags):
        yield _sign("tagged", name, f"has the tag {tags[0]}", number)
    text = "".join(cell.source.split())
    if text in texts and texts[text] != name:
        yield _sign("swapped", name, f"holds the test of {texts[text]}", number)
    elif not any(line and line in text for line in map(_squeezed, given.source.split("\n"))):
        yield _sign("test_replaced", name, "has nothing left of the release's test", number)


def _sign(what: str, name: str, says: str, number: int) -> Sign:
    return Sign(what, f"the graded cell {printable(name[:MAX_NAME])} {says}", number)


def _squeezed(line: str) -> str:
    return "".join(line.split())
