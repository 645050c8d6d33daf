"""Which cells train a network: they take long, so they are not run to be looked at.

The instructor marks them in the source notebook with the cell tag ``training``.
"""

from __future__ import annotations

from collections.abc import Sequence

from stepgrade.notebook import Cell
from stepgrade.notebook.reading import Code
from stepgrade.notebook.release import release_of


def training_cells(submitted: Sequence[Cell], release: Sequence[Cell]) -> frozenset[int]:
    """Return the places of the cells that train, and of the student's own that need what only these make."""
    known = release_of(tuple(release))
    code = [(index, cell) for index, cell in enumerate(submitted) if cell.kind == "code"]
    given = {index: known.own_text(cell.source) for index, cell in code}
    training = {index for index, cell in code if known.trains(cell, given[index])}
    if not training:
        return frozenset()
    own = [index for index, _ in code if index > min(training) and index not in training and given[index] is None]
    if own:
        names = {index: Code.of(cell.source).names for index, cell in code}
        elsewhere = {name for index, _ in code if index not in {*training, *own} for name in names[index].binds}
        trained = {name for index in training for name in names[index].binds} - elsewhere
        for index in own:
            if trained & names[index].touches:
                training.add(index)
                trained |= names[index].binds - elsewhere
            else:
                trained -= names[index].binds
    return frozenset(training)
