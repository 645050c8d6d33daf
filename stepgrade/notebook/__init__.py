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
from stepgrade.notebook.reading import tree_of
from stepgrade.notebook.release import SOLUTION_SUFFIX, Release, release_of
from stepgrade.notebook.rescue import Rescued, defined_names, rescue
from stepgrade.notebook.selection import TRAINING_TAG, RunCell
from stepgrade.notebook.stubs import written_statements
from stepgrade.notebook.syntax import Function, functions_of

__all__ = [
    "MAX_NOTEBOOK_BYTES",
    "SOLUTION_SUFFIX",
    "TRAINING_TAG",
    "Cell",
    "DamagedNotebook",
    "Function",
    "Graded",
    "NotRegular",
    "Release",
    "Rescued",
    "RunCell",
    "Submitted",
    "defined_names",
    "functions_of",
    "joined",
    "notebook_document",
    "open_regular",
    "python_cells",
    "read_bytes",
    "read_notebook",
    "release_of",
    "rescue",
    "tree_of",
    "written_statements",
]
