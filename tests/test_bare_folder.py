"""Students without an installation: a hosted notebook has NumPy, h5py and Matplotlib, and the release's files.

It is run by a Python of that kind, an old NumPy's if ``BARE_PYTHON`` names one (``make test-hosted`` does), and without
Jupyter: what a cell does there does not depend on who sends it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.conftest import ASSIGNMENT, COURSE, script

hand_in = script(COURSE / "examples/hand_in.py")

PYTHON = os.environ.get("BARE_PYTHON", sys.executable)
HOSTED = "BARE_PYTHON" in os.environ
RELEASE = COURSE / "release" / ASSIGNMENT
EXERCISES = 8
# Every code cell in turn.
RUN = """
import json, sys
left_out = sys.argv[1:]
cells = json.load(open("cnn_step_by_step.ipynb", encoding="utf-8"))["cells"]
shared = {"__name__": "__main__"}
for number, cell in enumerate(cells):
    if cell["cell_type"] == "code" and not {*left_out} & {*cell["metadata"].get("tags", [])}:
        exec(compile("".join(cell["source"]), f"cell {number}", "exec"), shared)
print("numpy", shared["np"].__version__, *sorted(m for m in ("IPython", "nbgrader", "stepgrade") if m in sys.modules))
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    """The release in a folder of its own, solved by the student with plain loops."""
    folder = tmp_path / "unzipped"
    shutil.copytree(RELEASE, folder, ignore=shutil.ignore_patterns(".venv", ".ipynb_checkpoints", "__pycache__"))
    notebook = hand_in.notebook_of(hand_in.CLASS / "right_loops.py", RELEASE / f"{ASSIGNMENT}.ipynb")
    nbformat.write(notebook, folder / f"{ASSIGNMENT}.ipynb")
    return folder


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PYTHON, "-W", "error", "-c", RUN, *([] if HOSTED else ["training"])],  # which takes half a minute
        cwd=folder,
        env={"PATH": os.environ["PATH"], "MPLBACKEND": "agg", "HOME": str(folder)},
        capture_output=True,
        text=True,
    )


def test_the_release_alone_is_enough_to_solve_it_and_to_test_it(folder):
    done = run(folder)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("all tests passed") == EXERCISES
    assert done.stdout.splitlines()[-1].split() == ["numpy", numpy_there()]
    if HOSTED:
        assert "Both halves are there: the filters learn" in done.stdout


def numpy_there() -> str:
    asked = subprocess.run(
        [PYTHON, "-c", "import numpy; print(numpy.__version__)"], capture_output=True, text=True, check=True
    )
    return asked.stdout.strip()


@pytest.mark.skipif(not HOSTED, reason="the Python of this run is not an old one")
def test_the_old_numpy_is_old():
    assert numpy_there().startswith("2.0.")
