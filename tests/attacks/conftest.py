"""A course to attack, with a gradebook in it, and one grader that all attacks share."""

from __future__ import annotations

import json
import re
import select
import shutil
import socket
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stepgrade.assignment import Assignment
from stepgrade.grade import Grader
from stepgrade.judge import wire
from stepgrade.result import EndState, Result
from stepgrade.sandbox import ALL_IMPORTS, LEAN_IMPORTS, Budget, Limits, Session
from stepgrade.sandbox.landlock import seen_folder
from stepgrade.sandbox.template import stop_templates
from tests.attacks.attack import MARK, Attack, Notebook
from tests.attacks.watcher import Watcher
from tests.conftest import boundary_or_skip, make_tiny_course

# Small, so that what meets a limit meets it soon; memory, processes, files and disk are the defaults.
LIMITS = Limits(cell_cpu_s=1, call_cpu_s=0.5, submission_cpu_s=6, wall_s=1.5, submission_wall_s=6)
# For what is not to end by the time of a whole submission: a busy machine needs more of it.
PATIENT = replace(LIMITS, submission_cpu_s=60, submission_wall_s=60)
# For a session that all tests of a file ask.
MANY_QUESTIONS = replace(LIMITS, submission_cpu_s=100, submission_wall_s=1000)

# A line of the reference's helper: stands in no attack, so a message that holds it has it from the sandbox.
REFERENCE_LINE = "x / 2"
# Inputs are drawn from a normal distribution, so they have many digits; no message of ours has.
HIDDEN_NUMBER = re.compile(r"\d\.\d{6}")

# A text of more characters is cut on its way out of a session.
PART = 900

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
    course = make_tiny_course(tmp_path_factory.mktemp("attacked"))
    (course / "gradebook.db").write_bytes(b"marks of the whole class")
    (course / "submitted" / "ada" / "tiny").mkdir(parents=True)
    shutil.copy(course / "source" / "tiny" / "tiny.ipynb", course / "submitted" / "ada" / "tiny")
    return course


@pytest.fixture(scope="package")
def release(attacked_course: Path) -> Notebook:
    notebook: Notebook = json.loads((attacked_course / "source" / "tiny" / "tiny.ipynb").read_text())
    return notebook


@pytest.fixture(scope="package")
def temporary() -> Iterator[Path]:
    """The folder that this process's temporary files go to, so that every one of them is seen."""
    seen_folder()  # made once per process, so it must outlive this folder
    # Not in pytest's own folder, which nobody but its user may pass through.
    with tempfile.TemporaryDirectory(prefix="stepgrade-attacked-") as folder, pytest.MonkeyPatch.context() as patch:
        Path(folder).chmod(0o755)
        patch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)
        stop_templates()  # what they write lies in there


@pytest.fixture(scope="module")
def kind() -> str:
    """The kind of boundary that is attacked; a file of tests may have another one, or several."""
    return "bubblewrap"


@pytest.fixture(scope="module")
def grader(attacked_course: Path, release: Notebook, temporary: Path, kind: str) -> Grader:
    """One grader for all attacks that meet a limit of time."""
    return _grader(LIMITS, attacked_course, release, kind)


@pytest.fixture(scope="module")
def patient_grader(attacked_course: Path, release: Notebook, temporary: Path, kind: str) -> Grader:
    """One grader for all others."""
    return _grader(PATIENT, attacked_course, release, kind)


def _grader(limits: Limits, course: Path, release: Notebook, kind: str) -> Grader:
    """Return a grader with its templates warm and everything imported that grading imports."""
    boundary = boundary_or_skip(kind)
    grader = Grader(Assignment.find("tiny", course), limits=limits, boundary=boundary)
    assert grader.grade(HONEST.submission(release)).points == 10
    with Session(boundary, limits, seed=1, imports=ALL_IMPORTS) as session:
        list(session.run([("<nothing>", "")]))
    return grader


@pytest.fixture(scope="module")
def session(grader: Grader) -> Iterator[Session]:
    assert grader.boundary
    with Session(grader.boundary, LIMITS, seed=1, budget=Budget(MANY_QUESTIONS), imports=LEAN_IMPORTS) as session:
        list(session.run([("<nothing>", "")]))  # the world is there when it has answered
        yield session


@pytest.fixture
def ask(session: Session) -> Callable[[str], Any]:
    return asking(session)


def asking(session: Session) -> Callable[[str], Any]:
    """``ask(code)``: what ``code`` has left in ``found``, in a fork of the session as questions get it."""

    def ask(code: str) -> Any:
        session.begin()
        source = (
            "import json, os, sys\nproblem = ''\n"
            f"try:\n{textwrap.indent(code.strip(), '    ')}\n"
            "except Exception as error:\n    problem = repr(error)\n"
            "told = json.dumps([problem, None if problem else found])\n"
            f"def part(number):\n    return told[{PART} * number:{PART} * (number + 1)]"
        )
        (reply,) = session.run([("<asked>", source)])
        assert reply.status == "done", reply.words
        text = ""
        for number in range(200):
            (reply,) = session.call("part", [wire.encode((number,))])
            part, _ = wire.decode(reply.payload)
            text += part
            if len(part) < PART:
                break
        session.end()
        problem, found = json.loads(text)
        assert problem == ""
        return found

    return ask


@pytest.fixture(scope="module")
def watcher(grader: Grader, patient_grader: Grader, attacked_course: Path, temporary: Path) -> Watcher:
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


def texts(result: Result) -> list[str]:
    """Return all that a student or an instructor reads of a Result."""
    checks = [check.message for question in result.questions for check in question.checks]
    return [result.reason, *(repair.message for repair in result.repairs), *checks]


@pytest.fixture
def assert_harmless(
    kind: str,
    grader: Grader,
    patient_grader: Grader,
    release: Notebook,
    watcher: Watcher,
    listeners: tuple[socket.socket, ...],
    tmp_path: Path,
) -> Callable[[Attack], None]:
    """``assert_harmless(attack)``: hand it in; it earns nothing, and neither leaves nor tells anything."""

    def carry_out(attack: Attack) -> None:
        path = attack.hand_in(tmp_path, release, listeners[0].getsockname()[1])
        ends = attack.ends_behind(kind)
        chosen = grader if EndState.TIMED_OUT in ends else patient_grader
        before = watcher.look()

        result = chosen.grade_file(path)
        left = watcher.left_since(before)
        said = texts(result)
        document = result.to_json()

        assert result.points == 0.0, said
        assert result.end_state in ends, said
        assert any(attack.says in text for text in said), said
        assert all(text.isprintable() for text in said), said
        assert json.loads(document.encode())["points"] == 0.0
        assert not HIDDEN_NUMBER.search(" ".join(said)), said
        assert REFERENCE_LINE not in " ".join(said), said
        assert left == []
        assert select.select(listeners, [], [], 0)[0] == []
        assert chosen.grade(HONEST.submission(release)).points == 10.0

    return carry_out
