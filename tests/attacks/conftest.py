"""A course to attack, with a gradebook in it, and one grader that all attacks share."""

from __future__ import annotations

import json
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from stepgrade.assignment import Assignment
from stepgrade.course.release.notebook_text import sync
from stepgrade.grade import Grader
from stepgrade.sandbox import Limits
from tests.attacks.attack import MARK, Attack, Notebook
from tests.attacks.watcher import Watcher
from tests.conftest import COURSE, TINY_COURSE

# Small, so that what meets a limit meets it soon; memory, processes, files and disk are the defaults.
LIMITS = Limits(cell_cpu_s=1, call_cpu_s=0.5, submission_cpu_s=6, wall_s=1.5, submission_wall_s=6)

# Feels whatever an attack on the streams, the disk, the packages or the memory has left behind.
HONEST = Attack(
    "an honest submission that uses what an honest submission may use",
    kind=None,  # type: ignore[arg-type] - it is none
    cells=("import os, sys, tempfile, threading, warnings\nimport numpy as np\nimport matplotlib.pyplot as plt",),
    answers={
        "halve": (
            "def halve(x):\n"
            "    print('noise', flush=True)\n"
            "    print('noise', file=sys.stderr, flush=True)\n"
            "    warnings.warn('noise')\n"
            "    with tempfile.TemporaryFile() as file:\n"
            "        file.write(bytes(2**20))\n"
            "    threads = [threading.Thread(target=len, args=('',)) for _ in range(8)]\n"
            "    [thread.start() for thread in threads]\n"
            "    [thread.join() for thread in threads]\n"
            "    return np.ones(2**21)[0] * x / 2"
        ),
        "quarter": "def quarter(x):\n    return halve(halve(x))",
        "double": "def double(x):\n    return x + x",
    },
)


@pytest.fixture(scope="package")
def attacked_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with the tiny assignment and what a student would like to read or change."""
    course = tmp_path_factory.mktemp("attacked") / "course"
    shutil.copytree(TINY_COURSE, course, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(COURSE / "nbgrader_config.py", course)
    sync("tiny", course, from_notebook=False)
    (course / "gradebook.db").write_bytes(b"marks of the whole class")
    (course / "submitted" / "ada" / "tiny").mkdir(parents=True)
    shutil.copy(course / "source" / "tiny" / "tiny.ipynb", course / "submitted" / "ada" / "tiny")
    return course


@pytest.fixture(scope="package")
def release(attacked_course: Path) -> Notebook:
    notebook: Notebook = json.loads((attacked_course / "source" / "tiny" / "tiny.ipynb").read_text())
    return notebook


@pytest.fixture(scope="package")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that this process's temporary files go to, so that every one of them is seen."""
    folder = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        yield folder


@pytest.fixture(scope="package")
def grader(attacked_course: Path, release: Notebook, temporary: Path) -> Grader:
    """One grader for all attacks, with its template warm and everything imported that grading imports."""
    grader = Grader(Assignment.find("tiny", attacked_course), limits=LIMITS)
    assert grader.grade(HONEST.submission(release)).points == 10
    return grader


@pytest.fixture(scope="package")
def watcher(grader: Grader, attacked_course: Path, temporary: Path) -> Watcher:
    return Watcher(attacked_course, temporary)


@pytest.fixture(scope="package")
def listeners() -> Iterator[tuple[socket.socket, ...]]:
    """Listeners for streams, datagrams and abstract names that nobody may reach; the first one's port names all."""
    with (
        socket.socket() as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        datagrams.bind(("127.0.0.1", port))
        abstract.bind(f"\0{MARK}-{port}")
        server.listen()
        abstract.listen()
        for listener in (server, datagrams, abstract):
            listener.setblocking(False)
        yield server, datagrams, abstract
