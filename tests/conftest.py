"""What several test files share: the course folder, the assignment, and calling functions without a process."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest

from stepgrade.assignment import Assignment
from stepgrade.course.release.build import build_release
from stepgrade.course.release.notebook_text import sync
from stepgrade.judge import Answer, Call, NotDefined, Raised, Returned, wire
from stepgrade.sandbox import Boundary, SandboxUnavailable, find_boundary
from stepgrade.sandbox.inside import runner

COURSE = Path(__file__).parents[1]
ASSIGNMENT = "cnn_step_by_step"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Let pools of processes start: they ask for the main module's __spec__, which pytest-xdist's may not have."""
    main = sys.modules["__main__"]
    if not hasattr(main, "__spec__"):
        main.__spec__ = None


# The files that take longest, measured: a process that is given one of them last keeps everybody waiting.
LONGEST = (
    "test_class.py",
    "test_readme.py",
    "test_attacks.py",
    "test_ci.py",
    "test_cluster.py",
    "test_run.py",
    "test_classreport.py",
    "test_course.py",
    "test_worked_solution.py",
    "test_gradebook.py",
    "test_sandbox.py",
    "test_export.py",
    "test_honest.py",
    "test_recognition.py",
    "test_browser.py",
    "test_attacks_landlock.py",
    "test_privacy.py",
    "test_cnn_theory.py",
    "test_misconceptions.py",
    "test_fingerprints.py",
    "test_neighbours.py",
    "test_release.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


def boundary_or_skip(kind: str) -> Boundary:
    """Return that boundary; where the kernel has no Landlock, what is tested behind it is skipped loudly."""
    try:
        return find_boundary(kind)
    except SandboxUnavailable as error:
        if kind != "landlock":
            raise
        pytest.skip(f"there is no Landlock to test: {error}")


def script(path: Path, name: str = "") -> ModuleType:
    """Import a file of the repository that lies in no package, under its own name or under that one."""
    name = name or path.stem
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def assignment() -> Assignment:
    return Assignment.find(ASSIGNMENT, COURSE)


@pytest.fixture(scope="session")
def hidden() -> Callable[[str], ModuleType]:
    """``hidden(module)`` imports a module of the assignment's hidden folder, as part of a package of its own."""
    package = ModuleType("hidden_under_test")
    package.__path__ = [str(COURSE / "hidden" / ASSIGNMENT)]
    sys.modules[package.__name__] = package
    return lambda name: importlib.import_module(f"{package.__name__}.{name}")


@pytest.fixture
def answering() -> Callable[[Mapping[str, Any]], Call]:
    """``answering(functions)`` is a ``call`` for the judge that lives in this process, bytes in between included."""

    def caller(functions: Mapping[str, Any]) -> Call:
        def answer(name: str, arguments: tuple[Any, ...]) -> Answer:
            if name not in functions:
                return NotDefined("no cell defines it")
            received = runner.decode(wire.encode(arguments))
            try:
                value = functions[name](*received)
            except Exception as error:
                return Raised(type(error).__name__, str(error), "")
            return Returned(*wire.decode(runner.encode(value, received)))

        return lambda name, calls: (answer(name, arguments) for arguments in calls)

    return caller


TINY_COURSE = Path(__file__).with_name("tiny_course")


def make_tiny_course(folder: Path) -> Path:
    """Make a course with one assignment of three small questions, the last of them optional."""
    course = folder / "course"
    shutil.copytree(TINY_COURSE, course, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(COURSE / "nbgrader_config.py", course)
    sync("tiny", course, from_notebook=False)
    return course


@pytest.fixture
def tiny_course(tmp_path: Path) -> Path:
    return make_tiny_course(tmp_path)


@pytest.fixture
def tiny(tiny_course: Path) -> Assignment:
    return Assignment.find("tiny", tiny_course)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny course with its release and its gradebook: built once, since every build starts a kernel."""
    course = make_tiny_course(tmp_path_factory.mktemp("built"))
    build_release(Assignment.find("tiny", course))
    return course


@pytest.fixture
def released(tiny: Assignment, built: Path) -> Assignment:
    """The tiny assignment, released."""
    shutil.copytree(built / "release", tiny.course / "release")
    shutil.copy(built / "gradebook.db", tiny.course)
    return tiny


RIGHT_TINY = {
    "halve": "def halve(x):\n    return x / 2",
    "quarter": "def quarter(x):\n    return halve(halve(x))",
    "double": "def double(x):\n    return 2 * x",
}


@pytest.fixture
def hand_in(tiny: Assignment) -> Callable[..., bytes]:
    """``hand_in(halve="...", extra=[...])``: a submission of the tiny assignment, right where nothing else is said.

    ``extra`` cells come before the first solution cell.
    """

    def submission(extra: list[str] | None = None, **cells: str) -> bytes:
        notebook = nbformat.read(tiny.source_notebook, as_version=4)
        for cell in notebook.cells:
            question = cell.metadata.get("nbgrader", {}).get("grade_id", "").removesuffix("_solution")
            if cell.metadata.get("nbgrader", {}).get("solution"):
                cell.source = cells.get(question, RIGHT_TINY[question])
        added = [nbformat.v4.new_code_cell(source) for source in extra or []]
        notebook.cells[2:2] = added
        return nbformat.writes(notebook).encode()

    return submission


@pytest.fixture
def submit(tiny_course: Path) -> Callable[..., None]:
    """``submit(student, content)``: hand a notebook in to the tiny course."""

    def put(student: str, content: bytes, name: str = "tiny.ipynb") -> None:
        folder = tiny_course / "submitted" / student / "tiny"
        folder.mkdir(parents=True)
        (folder / name).write_bytes(content)

    return put
