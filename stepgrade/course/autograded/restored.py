"""A submission with its graded cells as the instructor wrote them, and nothing in it that a browser would execute.

What nbgrader's `OverwriteKernelspec` and `OverwriteCells` restore from the gradebook is restored here from ``source/``
and ``release/``, which the gradebook was filled from; so they find nothing left to do, or need not run at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from stepgrade.assignment import Assignment
from stepgrade.course.autograded.harmless import harmless_cell, harmless_outputs, harmless_prose
from stepgrade.errors import StepgradeError
from stepgrade.languages.edition import edition_in, language_of
from stepgrade.languages.speech import Speech
from stepgrade.notebook import DamagedNotebook, notebook_document, read_bytes

NOTEBOOK_MINOR = 5  # cells have ids from nbformat 4.5 on
MAX_PROSE_IN_ALL = (
    200_000  # characters of the student's own that are looked into; a parser takes long over hostile ones
)
# What Jupyter keeps in memory and nbformat writes to no file.
_TRANSIENT = frozenset({"orig_nbformat", "orig_nbformat_minor", "signature", "trusted"})

Cell = dict[str, Any]  # in the form of nbformat 4


@dataclass(frozen=True)
class Originals:
    """The instructor's notebook, ready to restore submissions; nothing in it may be changed.

    Parameters
    ----------
    metadata : dict
        Of the notebook.
    cells : dict of str to Cell
        Those with nbgrader's metadata, by ``grade_id``, in their order, with nbgrader's checksum in it. A cell that
        students answer in has the release's text, without the solution.
    prose : dict of str to Cell
        The other ones that are no code, by their text, in English and in the submission's language.
    said : dict of str to str
        What the release of the submission's language has in the cells that students answer in, by ``grade_id``.
    """

    metadata: dict[str, Any]
    cells: dict[str, Cell]
    prose: dict[str, Cell]
    said: dict[str, str]

    @property
    def page_ids(self) -> frozenset[str]:
        """The ids that the formgrader's input fields have."""
        return frozenset(f"{name}{part}" for name in self.cells for part in ("", "-comment", "_extra_credit"))


def originals_of(assignment: Assignment, document: Mapping[str, Any] | None = None) -> Originals:
    """Return what submissions of ``assignment`` are restored from, or one in the language of its ``document``.

    Raises
    ------
    StepgradeError
        If source and release cannot be read, or the release has not all of the source's cells and their points.
    """
    release = assignment.release_dir / assignment.source_notebook.name
    language = language_of((document or {}).get("metadata", {}), assignment)
    speech = edition_in(language, assignment).speech
    try:
        return _originals(*_edition(assignment.source_notebook), *_edition(release), speech)
    except (DamagedNotebook, OSError) as error:
        raise StepgradeError(f"{error}; run `stepgrade release {assignment.name}` first") from error


def restore(document: Mapping[str, Any], originals: Originals) -> dict[str, Any]:
    """Return the submission with nbgrader's metadata as the instructor's notebook has it, and nothing active.

    A cell keeps its ``nbgrader`` metadata only if the instructor's notebook knows its id and it is the first of that
    id; graded cells that are missing are put back, behind the cell that precedes them there or else at the end. Code
    is the student's to the letter; a student's prose stays readable, but a browser executes nothing of it. What was to
    be answered and was not is in English, by which nbgrader knows it.
    """
    cells: list[Cell] = []
    seen: set[str] = set()
    n_prose = 0
    page_ids = originals.page_ids
    for cell in document["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if isinstance(grade_id, str) and grade_id in originals.cells and grade_id not in seen:
            seen.add(grade_id)
            unanswered = cell["source"] == originals.said.get(grade_id)
            untouched = cell | {"source": originals.cells[grade_id]["source"]} if unanswered else cell
            cells.append(_with_metadata_of(originals.cells[grade_id], untouched, page_ids))
        elif cell["cell_type"] != "code" and cell["source"] in originals.prose:
            cells.append(originals.prose[cell["source"]])
        else:
            cells.append(harmless_cell(cell, page_ids, as_text=n_prose > MAX_PROSE_IN_ALL))
            n_prose += len(cell["source"]) if cell["cell_type"] != "code" else 0
    for before, grade_id in zip([None, *originals.cells], originals.cells, strict=False):
        original = originals.cells[grade_id]
        if grade_id not in seen and original["metadata"]["nbgrader"].get("grade"):
            cells.insert(_position_after(cells, before), original)
    # Ids must be unique, and are not needed from here on: made anew by position, so that builds are byte-equal.
    cells = [cell | {"id": f"cell-{number}"} for number, cell in enumerate(cells)]
    return {"nbformat": 4, "nbformat_minor": NOTEBOOK_MINOR, "metadata": originals.metadata, "cells": cells}


def stand_in(reason: str) -> dict[str, Any]:
    """Return a notebook in the place of one that cannot be read."""
    text = f"**This submission could not be read**: {reason}."
    return {"cells": [{"cell_type": "markdown", "metadata": {}, "source": text}]}


def answer_checksums(notebook: Mapping[str, Any]) -> dict[str, str]:
    """Return nbgrader's checksum of every cell that students answer in, by ``grade_id``, of a restored notebook."""
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: checksum(cell)
        for cell in notebook["cells"]
        if _is(cell, "solution") or _is(cell, "task")
    }


def checksum(cell: Cell) -> str:
    """Return nbgrader's checksum of a cell, by which it tells an answer from the release's text."""
    nbgrader = cell["metadata"]["nbgrader"]
    flags = (_is(cell, "grade"), _is(cell, "solution"), _is_locked(cell))
    parts = [cell["source"], cell["cell_type"], *map(str, flags), nbgrader["grade_id"]]
    if _is(cell, "grade"):
        parts.append(str(float(nbgrader["points"])))
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()


def _with_metadata_of(original: Cell, cell: Cell, page_ids: frozenset[str]) -> Cell:
    if _is(original, "grade") and not _is(original, "solution"):
        return original  # a test cell: nothing in it is the student's
    if original["cell_type"] == "code":
        source = original["source"] if _is_locked(original) else cell["source"]
        return original | {"source": source, "outputs": harmless_outputs(cell.get("outputs"))}
    if _is_locked(original) or cell["source"] == original["source"]:
        return original
    prose, attachments = harmless_prose(cell["source"], cell.get("attachments"), page_ids)
    restored = {key: part for key, part in original.items() if key != "attachments"} | {"source": prose}
    return restored | {"attachments": attachments} if attachments else restored


def _position_after(cells: list[Cell], grade_id: str | None) -> int:
    for position, cell in enumerate(cells):
        if grade_id is not None and cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id:
            return position + 1
    return len(cells)


def _edition(path: Path) -> tuple[Path, int, int]:
    status = path.stat()
    return path, status.st_mtime_ns, status.st_size


@lru_cache(maxsize=12)
def _originals(
    source: Path, _s_time: int, _s_size: int, release: Path, _r_time: int, _r_size: int, speech: Speech
) -> Originals:
    """Return what two files hold, read again when one of them is written."""
    instructors = notebook_document(read_bytes(source))
    released = {
        cell["metadata"]["nbgrader"]["grade_id"]: cell
        for cell in notebook_document(read_bytes(release))["cells"]
        if _has_role(cell)
    }
    cells, prose, said = {}, {}, {}
    for cell in map(_lasting, instructors["cells"]):
        if _has_role(cell):
            grade_id = cell["metadata"]["nbgrader"]["grade_id"]
            if grade_id not in released:
                raise StepgradeError(f"{release} has no cell {grade_id}, which {source} has; build the release again")
            ours, theirs = (one["metadata"]["nbgrader"].get("points") for one in (cell, released[grade_id]))
            if ours != theirs:
                raise StepgradeError(
                    f"{grade_id} is worth {ours} points in {source} and {theirs} in {release}, which the gradebook "
                    "was filled from; build the release again, and then grade"
                )
            cells[grade_id] = _with_checksum(cell, released[grade_id]["source"])
            if _is(cell, "solution") and speech.assignment:
                said[grade_id] = speech.cell(cell["cell_type"], released[grade_id]["source"])
        elif cell["cell_type"] != "code":
            prose[cell["source"]] = cell
            if speech.assignment:
                text = speech.cell(cell["cell_type"], cell["source"])
                prose[text] = cell | {"source": text}
    return Originals(_without_transient(instructors["metadata"]), cells, prose, said)


def _lasting(cell: Cell) -> Cell:
    """Return a cell of the instructor's without outputs and without what is not for files."""
    kept = {key: part for key, part in cell.items() if key != "id"}
    kept["metadata"] = _without_transient(cell["metadata"])
    return kept | ({"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {})


def _with_checksum(cell: Cell, released: str) -> Cell:
    answered = cell | {"source": released} if _is(cell, "solution") else cell
    nbgrader = cell["metadata"]["nbgrader"] | {"checksum": checksum(answered)}
    return answered | {"metadata": cell["metadata"] | {"nbgrader": nbgrader}}


def _without_transient(metadata: dict[str, Any]) -> dict[str, Any]:
    return {key: part for key, part in metadata.items() if key not in _TRANSIENT}


def _has_role(cell: Cell) -> bool:
    return any(_is(cell, role) for role in ("grade", "solution", "locked", "task"))


def _is(cell: Cell, role: str) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get(role))


def _is_locked(cell: Cell) -> bool:
    return not _is(cell, "solution") and (_is(cell, "grade") or _is(cell, "locked"))
