"""What is graded: an assignment's questions, points, hidden folder and release, found by name in a course folder."""

from __future__ import annotations

import difflib
import hashlib
import importlib
import sys
import traceback
import types
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from stepgrade.errors import StepgradeError, UnknownAssignment
from stepgrade.judge import Specification
from stepgrade.notebook import Cell, DamagedNotebook, read_bytes, read_notebook
from stepgrade.sandbox import Limits
from stepgrade.versions import question_versions

WORK = ".stepgrade"  # in the course folder: what is kept and what is in the making; never committed


def make_work_dir(course: Path) -> Path:
    """Make the folder for that; it holds seeds, submissions and hidden code, so it is its owner's alone."""
    folder = course / WORK
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@dataclass(frozen=True)
class Question:
    """One graded function of an assignment; a question of 0 points is optional."""

    id: str
    max_points: float
    specification: Specification
    helpers: tuple[str, ...] = ()
    version: str = ""  # a hash of everything that decides its points

    @property
    def optional(self) -> bool:
        return self.max_points == 0


@dataclass(frozen=True)
class Assignment:
    """An assignment in a course folder.

    Parameters
    ----------
    name : str
        Name of its folders under ``source/`` and ``hidden/``.
    course : Path
        The course folder.
    """

    name: str
    course: Path

    @classmethod
    def find(cls, name: str, course: Path) -> Assignment:
        """Return the assignment of that name.

        Raises
        ------
        UnknownAssignment
            If ``source/<name>/<name>.ipynb`` does not exist.
        """
        assignment = cls(name, course.resolve())
        if assignment.source_notebook.is_file():
            return assignment
        known = sorted(
            path.parent.name for path in (course / "source").glob("*/*.ipynb") if path.stem == path.parent.name
        )
        close = [one for one in known if one.startswith(name)] or difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known here: {', '.join(known) or 'none'}"
        raise UnknownAssignment(f"no assignment {name!r} under {course / 'source'}; {hint}")

    @property
    def source_dir(self) -> Path:
        return self.course / "source" / self.name

    @property
    def hidden_dir(self) -> Path:
        return self.course / "hidden" / self.name

    @property
    def release_dir(self) -> Path:
        return self.course / "release" / self.name

    @property
    def work_dir(self) -> Path:
        return self.course / WORK

    @property
    def run_dir(self) -> Path:
        """Where the runs of this assignment keep what they know, and what they have in the making."""
        return self.work_dir / self.name

    @property
    def source_notebook(self) -> Path:
        return self.source_dir / f"{self.name}.ipynb"

    @cached_property
    def modules(self) -> frozenset[str]:
        """The names of the Python modules that the release hands out beside the notebook."""
        return frozenset(path.stem for path in self.source_dir.glob("*.py"))

    @cached_property
    def limits(self) -> Limits:
        """The limits of a submission: the defaults, or what ``hidden/<name>/limits.toml`` says instead."""
        return Limits.from_file(self.hidden_dir / "limits.toml")

    @cached_property
    def source_cells(self) -> tuple[Cell, ...]:
        """The instructor's cells, solutions included.

        Raises
        ------
        StepgradeError
            If the source notebook cannot be read.
        """
        try:
            return read_notebook(read_bytes(self.source_notebook)).cells
        except DamagedNotebook as error:
            raise StepgradeError(f"{self.source_notebook} cannot be used: {error}") from None

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """The questions in the notebook's order, with the points that the notebook's metadata gives.

        Raises
        ------
        StepgradeError
            If notebook and hidden folder do not name the same questions.
        """
        points = {cell.grade_id: cell.points for cell in self.source_cells if cell.points is not None}
        specifications: dict[str, Specification] = self.hidden_module("checks").QUESTIONS
        helpers: dict[str, tuple[str, ...]] = self.hidden_module("helpers").HELPERS
        unknown = sorted(specifications.keys() - points.keys())
        if unknown:
            raise StepgradeError(
                f"{self.hidden_dir / 'checks.py'} describes {', '.join(unknown)}, but {self.source_notebook} has no "
                "graded cell of that grade_id; add the cell or remove the description"
            )
        # Of prose the ids alone decide, which cells a submission is recognised by; of code the tags, too, what runs.
        notebook = repr(
            [
                (cell.grade_id, *((cell.source, sorted(cell.tags)) if cell.kind == "code" else ()))
                for cell in self.source_cells
            ]
        )
        return tuple(
            Question(
                name,
                points[name] or 0.0,
                specifications[name],
                helpers.get(name, ()),
                _hash(self.hidden_versions[name], notebook, repr(points[name])),
            )
            for name in points
            if name in specifications
        )

    @cached_property
    def hidden_versions(self) -> dict[str, str]:
        """The version of what each question has in the hidden folder, a part of the question's own."""
        return question_versions(self.hidden_dir, list(self.hidden_module("checks").QUESTIONS))

    @property
    def points_by_hand(self) -> float:
        """What the answers are worth that a person reads: graded cells that no check describes."""
        judged = {question.id for question in self.questions}
        return sum(cell.points or 0.0 for cell in self.source_cells if cell.grade_id not in judged)

    @property
    def max_points(self) -> float:
        """What the whole assignment is worth, answers that a person reads included."""
        return sum(question.max_points for question in self.questions) + self.points_by_hand

    def helper_source(self, question: Question) -> str:
        """Return the reference's source of the question's helpers, for follow-through."""
        source: dict[str, str] = self.hidden_module("helpers").SOURCE
        return "\n\n".join(source[name] for name in question.helpers)

    @cached_property
    def version(self) -> str:
        """A hash of everything that decides marks: the versions of all questions."""
        return _hash(*(f"{question.id} {question.version}" for question in self.questions))

    def has_hidden_module(self, module: str) -> bool:
        """Tell whether the assignment has ``hidden/<name>/<module>.py``."""
        return (self.hidden_dir / f"{module}.py").is_file()

    def hidden_module(self, module: str) -> types.ModuleType:
        """Import ``hidden/<name>/<module>.py`` as part of a package of its own, under a name nobody else uses.

        Raises
        ------
        StepgradeError
            If there is none, or it cannot be imported.
        """
        path = self.hidden_dir / f"{module}.py"
        if not self.has_hidden_module(module):
            raise StepgradeError(f"{path} does not exist; every assignment has one (docs/architecture.md)")
        package = "stepgrade_hidden_" + hashlib.sha256(str(self.hidden_dir).encode()).hexdigest()[:12]
        if package not in sys.modules:
            parent = types.ModuleType(package)
            parent.__path__ = [str(self.hidden_dir)]
            sys.modules[package] = parent
        try:
            return importlib.import_module(f"{package}.{module}")
        except Exception as error:  # an instructor's file, edited by hand: whatever it raises is about that file
            place = _place_in(self.hidden_dir, error) or str(path)
            raise StepgradeError(
                f"{place}: {type(error).__name__}: {getattr(error, 'msg', error)}; mend it and run the command again"
            ) from error


def _place_in(folder: Path, error: Exception) -> str:
    """Return the deepest file and line below ``folder`` that an error comes from; empty if there is none."""
    places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError):
        places.append((error.filename or "", error.lineno))
    own = [f"{file}, line {line}" for file, line in places if Path(file).is_relative_to(folder)]
    return own[-1] if own else ""


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
