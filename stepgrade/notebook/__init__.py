"""Reads untrusted notebooks, puts right what can be, and finds what is to be graded in them."""

from stepgrade.notebook.definitions import Graded
from stepgrade.notebook.document import DamagedNotebook, joined
from stepgrade.notebook.intake import (
    Cell,
    Submitted,
    cells_of,
    notebook_node,
    python_cells,
    read_bytes,
    read_notebook,
)
from stepgrade.notebook.rescue import Rescued, defined_names, rescue
from stepgrade.notebook.selection import TRAINING_TAG, RunCell

__all__ = [
    "TRAINING_TAG",
    "Cell",
    "DamagedNotebook",
    "Graded",
    "Rescued",
    "RunCell",
    "Submitted",
    "cells_of",
    "defined_names",
    "joined",
    "notebook_node",
    "python_cells",
    "read_bytes",
    "read_notebook",
    "rescue",
]
