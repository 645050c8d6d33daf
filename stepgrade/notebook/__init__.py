"""Reads untrusted notebooks and finds what is to be graded in them."""

from stepgrade.notebook.intake import Cell, DamagedNotebook, cells_of, joined, notebook_node, read_bytes
from stepgrade.notebook.selection import TRAINING_TAG, RunCell, cells_for_marks, defined_names

__all__ = [
    "TRAINING_TAG",
    "Cell",
    "DamagedNotebook",
    "RunCell",
    "cells_for_marks",
    "cells_of",
    "defined_names",
    "joined",
    "notebook_node",
    "read_bytes",
]
