"""Reads untrusted notebooks, puts right what can be, and finds what is to be graded in them."""

from stepgrade.notebook.definitions import Graded
from stepgrade.notebook.document import DamagedNotebook, joined
from stepgrade.notebook.intake import (
    MAX_NOTEBOOK_BYTES,
    Cell,
    NotRegular,
    Submitted,
    notebook_document,
    open_regular,
    python_cells,
    read_bytes,
    read_notebook,
)
from stepgrade.notebook.release import SOLUTION_SUFFIX
from stepgrade.notebook.rescue import Rescued, defined_names, rescue
from stepgrade.notebook.selection import TRAINING_TAG, RunCell

__all__ = [
    "MAX_NOTEBOOK_BYTES",
    "SOLUTION_SUFFIX",
    "TRAINING_TAG",
    "Cell",
    "DamagedNotebook",
    "Graded",
    "NotRegular",
    "Rescued",
    "RunCell",
    "Submitted",
    "defined_names",
    "joined",
    "notebook_document",
    "open_regular",
    "python_cells",
    "read_bytes",
    "read_notebook",
    "rescue",
]
