"""Right answers get full marks, whatever their handwriting: with every one of 1,000 seeds, and in the whole engine.

A lucky seed shows itself in any right answer, so a seed is put to some of the students only, in turn: each of them
meets one in twenty. ``HONEST_SHARE=1`` puts every seed to everyone (ten minutes on two cores).

Every other file of this folder is one student, in the form of ``examples/class``. A title that is no question's
names a cell of the student's own; it stands in the notebook where it stands in the file.
"""

from __future__ import annotations

import ast
import codeop
import os
import re
import sys
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest.mock import patch

import nbformat
import numpy as np
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from stepgrade.assignment import Assignment, Question
from stepgrade.grade import Grader
from stepgrade.judge import Answer, Call, Check, Raised, Returned, Specification, judge, seeds
from stepgrade.result import EndState, Outcome, Result
from tests.conftest import boundary_or_skip

ASSIGNMENT = "cnn_step_by_step"
HERE = Path(__file__).parent
COURSE = HERE.parents[1]
STYLES = sorted(path.stem for path in HERE.glob("*.py") if not path.name.startswith(("test_", "__")))
CELL = re.compile(r"^# %% (.+)$", re.MULTILINE)
REST = "everything else as in "
N_SEEDS = int(os.environ.get("HONEST_SEEDS", "1000"))  # fewer in the second run, on the newest NumPy
SHARE = int(os.environ.get("HONEST_SHARE", "20"))  # each student meets one in so many seeds
SEEDS_PER_TASK = 25

# float(b) of an array is an error from NumPy 2.4 on; the course runs 2.3, where this work is right.
REFUSED_BY_NUMPY = (
    {"float_of_array": {"conv_single_step", "conv_forward"}} if np.lib.NumpyVersion(np.__version__) >= "2.4.0" else {}
)


@dataclass
class Handwriting:
    """What one student wrote: an answer to each question, and cells of the student's own in front of them."""

    answers: dict[str, str] = field(default_factory=dict)
    own: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    END = "the end"  # what the cells behind the last answer stand in front of

    @classmethod
    def read(cls, style: str, questions: list[str]) -> Handwriting:
        # Bytes, because reading text would mend the line ends that one of the students has.
        _, *parts = CELL.split((HERE / f"{style}.py").read_bytes().decode("utf-8"))
        mine, rest, waiting = cls(), cls(), []
        for title, source in zip(map(str.strip, parts[::2]), parts[1::2], strict=True):
            if title.startswith(REST):
                rest = cls.read(title.removeprefix(REST), questions)
            elif title in questions:
                mine.answers[title] = source.strip("\r\n")
                mine.own[title], waiting = waiting, []
            else:
                waiting.append(source.strip("\r\n"))
        mine.own[cls.END] = waiting
        mine.answers = rest.answers | mine.answers
        for place, sources in rest.own.items():
            mine.own[place] = sources + mine.own[place]
        return mine

    def cells(self, questions: list[str]) -> Iterator[str]:
        for question in questions:
            yield from self.own[question]
            yield self.answers[question]
        yield from self.own[self.END]


class Shell:
    """Stands for IPython's: the magics that only watch run the cell below them, all others do nothing."""

    def __init__(self, run: Callable[[str], None]) -> None:
        self._run = run

    def run_cell_magic(self, magic: str, _line: str, body: str) -> None:
        if magic in {"time", "capture"}:
            self._run(body)

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_: None


def functions_of(cells: Iterator[str]) -> dict[str, Any]:
    """Run the cells one after the other; a missing package costs its import only."""
    remembering = codeop.Compile()  # as in a notebook, a __future__ import holds for the cells below it

    def run(source: str) -> None:
        for statement in ast.parse(TransformerManager().transform_cell(source)).body:
            with suppress(ImportError):
                exec(remembering(ast.Module([statement], []), "<cell>", "exec"), namespace)  # noqa: S102 our own files

    namespace: dict[str, Any] = {"__name__": "__main__", "np": np, "get_ipython": lambda: Shell(run)}
    for cell in cells:
        run(cell)
    return namespace


def received(value: Any) -> Any:
    """Return what arrives of an argument: a copy, not contiguous if the original is not."""
    if isinstance(value, np.ndarray):
        return value.copy() if value.flags.c_contiguous else value.repeat(2, axis=-1)[..., ::2]
    if isinstance(value, tuple):
        return tuple(map(received, value))
    return dict(value) if isinstance(value, dict) else value


def answering(functions: Mapping[str, Any]) -> Call:
    """Call without a process and without bytes in between: those are the same for every seed."""

    def answer(name: str, arguments: tuple[Any, ...]) -> Answer:
        arrived = received(arguments)
        try:
            return Returned(functions[name](*arrived), arrived)
        except Exception as error:
            return Raised(type(error).__name__, str(error))

    return lambda name, calls: (answer(name, arguments) for arguments in calls)


def drawn_once(question: Question, seed: str) -> Specification:
    """Return the specification with the cases of one seed in it, and each of the reference's answers computed once."""
    spec = question.specification
    known: dict[tuple[int, ...], Any] = {}

    def reference(*arguments: Any) -> Any:
        key = tuple(map(id, arguments))  # the cases stay alive as long as this does
        if key not in known:
            known[key] = spec.reference(*arguments)
        return known[key]

    def drawn(check: Check) -> Check:
        cases = check.cases(seeds.generator(seed, question.id, check.id))
        return replace(check, cases=lambda _rng: cases)

    return replace(spec, reference=reference, checks=tuple(map(drawn, spec.checks)))


@cache
def everybody() -> tuple[Assignment, dict[str, dict[str, Any]]]:
    """Return the assignment and every student's functions, defined once per process."""
    os.environ["MPLBACKEND"] = "agg"
    sys.stdout = sys.stderr = Path(os.devnull).open("w", encoding="utf-8")
    assignment = Assignment.find(ASSIGNMENT, COURSE)
    ids = [question.id for question in assignment.questions]
    hands = {style: functions_of(Handwriting.read(style, ids).cells(ids)) for style in STYLES}
    warnings.simplefilter("ignore")
    return assignment, hands


def judged(numbers: range) -> tuple[int, list[tuple[str, str, str]]]:
    """Judge everybody with these seeds; return the count of checks, and each that did not pass with its reason."""
    assignment, hands = everybody()
    n_checks, failures = 0, []
    for number in numbers:
        seed = seeds.course_seed(b"honest", ASSIGNMENT, f"student-{number}")
        for question in assignment.questions:
            spec = drawn_once(question, seed)
            with patch.object(seeds, "generator", lambda *_: None):  # the cases are drawn already
                results = {style: judge(question.id, spec, answering(hands[style]), seed) for style in turn(number)}
            n_checks += sum(map(len, results.values()))
            failures += [
                (style, question.id, f"student-{number}, {check.title}: {check.message}")
                for style, checks in results.items()
                for check in checks
                if check.outcome is not Outcome.PASSED
            ]
    return n_checks, failures


def turn(number: int) -> list[str]:
    """Return whom a seed is put to."""
    return [style for place, style in enumerate(STYLES) if (place + number) % SHARE == 0]


@pytest.fixture(scope="module")
def verdicts() -> tuple[int, dict[str, list[tuple[str, str]]]]:
    """All checks counted, and by student what did not pass, over all seeds."""
    blocks = [range(first, min(first + SEEDS_PER_TASK, N_SEEDS)) for first in range(0, N_SEEDS, SEEDS_PER_TASK)]
    counted, failures = 0, defaultdict(list)
    # Spawned, not forked: what students' cells do to matplotlib, logging or warnings stays out of this process.
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        for n_checks, failed in pool.map(judged, blocks):
            counted += n_checks
            for style, question, reason in failed:
                failures[style].append((question, reason))
    return counted, failures


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
def test_right_work_in_any_handwriting_passes_every_check_with_every_seed(verdicts, style):
    _, failures = verdicts
    assert {question for question, _ in failures[style]} == REFUSED_BY_NUMPY.get(style, set()), failures[style][:5]


@pytest.mark.slow
def test_every_seed_was_put_to_somebody_and_every_student_saw_every_check(verdicts, assignment):
    n_checks = sum(len(question.specification.checks) for question in assignment.questions)
    assert verdicts[0] == sum(len(turn(number)) for number in range(N_SEEDS)) * n_checks
    assert all(turn(number) for number in range(N_SEEDS))
    assert {style for number in range(SHARE) for style in turn(number)} == set(STYLES)
    assert len(STYLES) >= 15


def notebook_in(style: str, assignment: Assignment) -> bytes:
    """Return the release's notebook as that student handed it in."""
    notebook = nbformat.read(assignment.release_dir / f"{assignment.name}.ipynb", as_version=4)
    hand = Handwriting.read(style, [question.id for question in assignment.questions])
    cells = []
    for cell in notebook.cells:
        nbgrader = cell.metadata.get("nbgrader", {})
        question = nbgrader.get("grade_id", "").removesuffix("_solution") if nbgrader.get("solution") else None
        if question in hand.answers:
            cells += map(nbformat.v4.new_code_cell, hand.own[question])
            cell.source = hand.answers[question]
        cells.append(cell)
    notebook.cells = [*cells, *map(nbformat.v4.new_code_cell, hand.own[hand.END])]
    return nbformat.writes(notebook).encode()


# Those that ask most of what is around them: packages, files, recursion, output, memory.
BEHIND_LANDLOCK = ["einsum", "extra_imports", "magics", "missing_package", "noisy_200kb", "plots_everywhere", "recursion"]

EXPECTED_REPAIRS = {
    "missing_package": {"module_missing"},
    "magics": {"magic_left_out"},
    "tabs_and_crlf": {"line_ends"},
}


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
def test_right_work_in_any_handwriting_gets_full_marks_from_the_whole_engine(style, assignment):
    if style in REFUSED_BY_NUMPY:
        pytest.skip(f"NumPy {np.__version__} has no float() of an array any more; the course runs NumPy 2.3")
    submission = notebook_in(style, assignment)
    for student in ("ada", "blaise", "carl"):
        assert_full(Grader(assignment).grade(submission, student), style)


@pytest.mark.slow
@pytest.mark.parametrize("style", BEHIND_LANDLOCK)
def test_right_work_gets_full_marks_behind_landlock_too(style, assignment):
    grader = Grader(assignment, boundary=boundary_or_skip("landlock"))
    assert_full(grader.grade(notebook_in(style, assignment), "ada"), style)


def assert_full(result: Result, style: str) -> None:
    assert {q.id: str(q.passed_share) for q in result.questions} == {q.id: "1" for q in result.questions}
    assert (result.points, result.end_state) == (100.0, EndState.GRADED)
    assert {repair.code for repair in result.repairs} == EXPECTED_REPAIRS.get(style, set())
