"""Runs a submitted notebook to be looked at, never for marks: all of it, figures included, in a world of its own."""

from stepgrade.showing.execution import CellState, ShownCell, ShownNotebook, released_files
from stepgrade.showing.notebook import executed, reference_figures
from stepgrade.showing.outputs import Output, OutputKind
from stepgrade.showing.places import question_places
from stepgrade.showing.png import checked_png

__all__ = [
    "CellState",
    "Output",
    "OutputKind",
    "ShownCell",
    "ShownNotebook",
    "checked_png",
    "executed",
    "question_places",
    "reference_figures",
    "released_files",
]
