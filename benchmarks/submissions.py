"""The notebooks that both sides grade: two right students of examples/class, and the neighbours nobody wants."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import nbformat

COURSE = Path(__file__).resolve().parent.parent
ASSIGNMENT = "cnn_step_by_step"
RELEASE = COURSE / "release" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
STYLES = ("right_loops", "right_vectorised")

# Every attack is bounded in itself, whatever the sandbox does. The functions beside it do nothing.
ATTACKS = {
    "4 GB of memory": "kept = [bytearray(64 * 2**20) for _ in range(64)]",
    "200 processes, asleep": """
import os, time
for _ in range(200):
    if os.fork() == 0:
        time.sleep(5)
        os._exit(0)
time.sleep(3)
""",
    "200 processes, busy": """
import os, time
until = time.monotonic() + 5
for _ in range(200):
    try:
        child = os.fork()
    except OSError:
        break
    if child == 0:
        while time.monotonic() < until:
            pass
        os._exit(0)
time.sleep(3)
""",
    "200 MB of output": """
import sys
for _ in range(200):
    sys.stdout.write("x" * 2**20)
    sys.stderr.write("x" * 2**10)
""",
    "endless loop": """
import time
until = time.monotonic() + 60
while time.monotonic() < until:
    pass
""",
}
DOES_NOTHING = """
def zero_pad(X, pad): return X
def conv_single_step(a_slice_prev, W, b): return 0.0
def conv_forward(A_prev, W, b, hparameters): return A_prev, None
def pool_forward(A_prev, hparameters, mode="max"): return A_prev, None
"""


def students_notebook(style: str, release: Path = RELEASE) -> bytes:
    """Return the notebook at ``release``, filled in as that student of examples/class did."""
    return nbformat.writes(example_notebook(style, release)).encode()


def example_notebook(style: str, release: Path = RELEASE) -> nbformat.NotebookNode:
    """Return the same as an object."""
    return _hand_in().notebook_of(COURSE / "examples" / "class" / f"{style}.py", release)


def attack_notebook(attack: str) -> bytes:
    """Return the release with functions that do nothing, and that attack in a cell of its own at the end."""
    notebook = nbformat.read(RELEASE, as_version=4)
    # The name is used, so that the cell runs for marks whatever it defines.
    for source in (DOES_NOTHING, ATTACKS[attack]):
        notebook.cells.append(nbformat.v4.new_code_cell(source.strip()))
    return nbformat.writes(notebook).encode()


def _hand_in() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hand_in", COURSE / "examples" / "hand_in.py")
    if spec is None or spec.loader is None:
        raise ImportError(f"{COURSE / 'examples' / 'hand_in.py'} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
