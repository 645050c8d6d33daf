"""What in a submission is worth a look: read from its text and from its Result, never by running it.

    signs_in_code      what the student's cells say, as syntax trees
    signs_in_cells     what the notebook says about its own cells, compared with the release
    signs_in_result    what happened while it was graded

No mark depends on any of it: marks are made outside of the student's process. A sign is a place to look at, with an
innocent reason more often than not; and whoever wants to hide from a reader of text can.
"""

from __future__ import annotations

from collections.abc import Sequence

from stepgrade.notebook import Cell
from stepgrade.report.classpage.tampering.cells import signs_in_cells
from stepgrade.report.classpage.tampering.code import signs_in_code
from stepgrade.report.classpage.tampering.runtime import signs_in_result
from stepgrade.report.classpage.tampering.sign import MAX_SIGNS, Sign
from stepgrade.result import Result

__all__ = ["MAX_SIGNS", "Sign", "signs_in_cells", "signs_in_code", "signs_in_result", "signs_of"]


def signs_of(result: Result, cells: Sequence[Cell], source_cells: Sequence[Cell]) -> tuple[Sign, ...]:
    """Return everything that is worth a look in one submission, at most `MAX_SIGNS`, in the order of its cells.

    Parameters
    ----------
    result : Result
        What became of it.
    cells : sequence of Cell
        Of the submission.
    source_cells : sequence of Cell
        The instructor's.
    """
    found = [*signs_in_code(cells, source_cells), *signs_in_cells(cells, source_cells), *signs_in_result(result)]
    return tuple(sorted(found, key=lambda sign: (sign.cell == 0, sign.cell, sign.line))[:MAX_SIGNS])
