"""A submitted notebook with what it shows, and the figures that right answers draw."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache

from stepgrade.assignment import Assignment
from stepgrade.sandbox import Boundary
from stepgrade.showing.execution import ShownNotebook, run_notebook

MAX_KNOWN = 100


def executed(
    submission: bytes, assignment: Assignment, boundary: Boundary, more_files: Mapping[str, bytes] | None = None
) -> ShownNotebook:
    """Run the notebook in ``submission``; a cell that hangs or ends its process is shown as stopped.

    ``more_files`` are what the submission's release has besides: catalogues of another language, by their names.

    Raises
    ------
    DamagedNotebook
        If it is not a notebook.
    """
    return run_notebook(submission, assignment, boundary, reference_figures(assignment, boundary), more_files)


def reference_figures(assignment: Assignment, boundary: Boundary) -> Mapping[bytes, bytes]:
    """Return the images of the figures that the instructor's notebook draws, by their fingerprints.

    Nearly all figures of nearly all students are the same, and drawing them is most of what a page costs. Only images
    from this run are shown again: a student's process can name a fingerprint, but never say what it looks like.
    """
    source = assignment.source_notebook.read_bytes()
    return _figures(assignment, boundary, hashlib.sha256(source).digest())


@lru_cache(maxsize=4)
def _figures(assignment: Assignment, boundary: Boundary, _version: bytes) -> Mapping[bytes, bytes]:
    """Run the instructor's notebook, once per process and version of it, in a world of its own that then ends."""
    shown = run_notebook(assignment.source_notebook.read_bytes(), assignment, boundary, {})
    outputs = [output for cell in shown.cells for output in cell.outputs if output.fingerprint]
    return {output.fingerprint: output.png for output in outputs[:MAX_KNOWN]}
