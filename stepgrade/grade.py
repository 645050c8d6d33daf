"""One submission in, one Result out: the only place where notebook, sandbox and judge meet."""

from __future__ import annotations

import difflib
import hashlib
import platform
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import stepgrade
from stepgrade.assignment import Assignment, Question
from stepgrade.judge import Answer, NotCallable, NotDefined, Raised, Returned, Stopped, judge, seeds, wire
from stepgrade.notebook import (
    DamagedNotebook,
    RunCell,
    cells_for_marks,
    cells_of,
    defined_names,
    notebook_node,
    read_bytes,
)
from stepgrade.result import (
    CheckResult,
    EndState,
    Outcome,
    QuestionResult,
    Repair,
    Result,
    rounded_points,
    worst,
)
from stepgrade.sandbox import NOT_AN_ANSWER, Limits, Reply, SandboxFailed, Session, SessionEnded

# A notebook whose cells kill the session one after the other is not worth more than these attempts.
MAX_RESTARTS_FOR_CELLS = 3


@dataclass(frozen=True)
class Grader:
    """Everything that a grade depends on besides the submission.

    Parameters
    ----------
    assignment : Assignment
    secret : bytes or None
        The course secret that seeds derive from; None: a public demo key, and the Result says so.
    limits : Limits
    """

    assignment: Assignment
    secret: bytes | None = None
    limits: Limits = field(default_factory=Limits)

    def grade_file(self, path: Path, student: str | None = None) -> Result:
        """Grade the notebook at ``path``; a file that cannot be read is a Result with end state ``damaged``."""
        try:
            content = read_bytes(path)
        except DamagedNotebook as error:
            return self._without_marks(EndState.DAMAGED, str(error), b"", student)
        return self.grade(content, student)

    def grade(self, submission: bytes, student: str | None = None) -> Result:
        """Grade the bytes of one notebook."""
        started = time.perf_counter()
        try:
            cells = cells_of(notebook_node(submission))
        except DamagedNotebook as error:
            return self._without_marks(EndState.DAMAGED, str(error), submission, student)
        to_run = cells_for_marks(cells, self.assignment.source_cells)
        seed = self._seed(submission, student)
        repairs: list[Repair] = []
        states: list[EndState] = []
        try:
            with self._student(to_run, seed) as student_code:
                questions = []
                for question in self.assignment.questions:
                    checks = judge(question.id, question.specification, student_code.call, seed)
                    questions.append(self._best(question, checks, student_code.cells, seed))
                repairs += student_code.repairs
                states += student_code.states
        except SandboxFailed as error:
            return self._without_marks(EndState.GRADER_ERROR, str(error), submission, student)
        errors = [c for q in questions for c in q.checks if c.outcome is Outcome.ERROR]
        if errors:
            states.append(EndState.GRADER_ERROR)
        return Result(
            assignment=self.assignment.name,
            student=student,
            end_state=worst(*states),
            reason=errors[0].message if errors else "",
            questions=tuple(questions),
            seed=seed,
            demo_key=self.secret is None,
            submission_sha256=hashlib.sha256(submission).hexdigest(),
            assignment_version=self.assignment.version,
            environment=environment(),
            repairs=tuple(repairs),
            timing={"total_s": round(time.perf_counter() - started, 3)},
        )

    def _best(
        self, question: Question, own: tuple[CheckResult, ...], to_run: Sequence[RunCell], seed: str
    ) -> QuestionResult:
        """Judge once more with the reference's helpers where the student's own do not earn all; the better counts."""
        mine = _question_result(question, own, follow_through=False)
        if mine.passed_share == 1 or not question.helpers or own[0].code in {"not_defined", "not_callable"}:
            return mine
        helpers = self.assignment.helper_source(question)
        with self._student(to_run, seed, helpers) as student_code:
            checks = judge(question.id, question.specification, student_code.call, seed)
        helped = _question_result(question, checks, follow_through=True, own_points=mine.points)
        return helped if helped.passed_share > mine.passed_share else mine

    @contextmanager
    def _student(self, cells: Sequence[RunCell], seed: str, helpers: str = "") -> Iterator[_StudentCode]:
        code = _StudentCode(cells, helpers, seed, self.limits, self.assignment)
        try:
            yield code
        finally:
            code.close()

    def _seed(self, submission: bytes, student: str | None) -> str:
        who = student if student is not None else hashlib.sha256(submission).hexdigest()
        return seeds.course_seed(self.secret or seeds.DEMO_KEY, self.assignment.name, who)

    def _without_marks(self, state: EndState, reason: str, submission: bytes, student: str | None) -> Result:
        """Return a Result without any judged check; ``damaged`` earns 0, every other state no mark."""
        questions = tuple(
            QuestionResult(question.id, 0.0, question.max_points, follow_through=False, checks=())
            for question in self.assignment.questions
        )
        return Result(
            assignment=self.assignment.name,
            student=student,
            end_state=state,
            reason=reason,
            questions=questions,
            seed=self._seed(submission, student),
            demo_key=self.secret is None,
            submission_sha256=hashlib.sha256(submission).hexdigest(),
            assignment_version=self.assignment.version,
            environment=environment(),
        )


def environment() -> dict[str, str]:
    """Return the versions that a grade depends on."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "stepgrade": stepgrade.__version__,
        "boundary": "none (ordinary process)",
    }


def _question_result(
    question: Question,
    checks: tuple[CheckResult, ...],
    *,
    follow_through: bool,
    own_points: float | None = None,
) -> QuestionResult:
    unrounded = QuestionResult(question.id, 0.0, question.max_points, follow_through, checks)
    points = rounded_points(unrounded.passed_share, question.max_points)
    own = points if own_points is None else own_points
    return QuestionResult(question.id, points, question.max_points, follow_through, checks, own)


class _StudentCode:
    """The student's cells in a session that is started again whenever it was lost.

    ``helpers`` is source that is executed after the cells (follow-through), empty for the student's own code.
    """

    def __init__(
        self, cells: Sequence[RunCell], helpers: str, seed: str, limits: Limits, assignment: Assignment
    ) -> None:
        self.repairs: list[Repair] = []
        self.states: list[EndState] = []
        self.cells = list(cells)  # without those that were left out
        self._helpers = helpers
        self._numpy_seed = int(seed[:8], 16)
        self._limits = limits
        # The release's own modules (its public tests) are not there for marks, and nobody misses them.
        self._known_modules = {path.stem for path in assignment.source_dir.glob("*.py")}
        self._graded = {question.specification.function for question in assignment.questions}
        self._session: Session | None = None
        self._why_not_defined: dict[str, str] = {}
        self._lost_cells = 0

    def call(self, function: str, arguments: tuple[Any, ...]) -> Answer:
        """Call one of the student's functions; whatever happens comes back as an `Answer`."""
        try:
            reply = self._ready_session().call(function, wire.encode(arguments))
        except SessionEnded as ended:
            self.close()
            self.states.append(ended.state)
            return Stopped(ended.state, ended.reason)
        return self._answer(function, reply)

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def _answer(self, function: str, reply: Reply) -> Answer:
        match reply.status:
            case "returned":
                return _returned(reply.payload)
            case "raised":
                return Raised(reply.word("type"), reply.word("text"), reply.word("line"))
            case "not_callable":
                return NotCallable(reply.word("type"))
            case "not_defined":
                return NotDefined(self._why_undefined(function))
        return Stopped(EndState.CRASHED, NOT_AN_ANSWER)

    def _ready_session(self) -> Session:
        while self._session is None:
            session = Session(self._limits, self._numpy_seed).__enter__()
            try:
                self._run_cells(session)
            except SessionEnded:
                session.close()
            else:
                self._session = session
        return self._session

    def _run_cells(self, session: Session) -> None:
        """Run all cells; one that ends the session is left out from then on, and the session is to start again."""
        for cell in list(self.cells):
            try:
                reply = session.run(cell.source, cell.name)
            except SessionEnded as ended:
                self._leave_out(cell, ended)
                raise
            if reply.status == "raised":
                self._why_not_defined |= dict.fromkeys(_functions_of(cell), _why(reply))
            self._note_missing(reply.word_list("missing"))
        if self._helpers:
            session.run(self._helpers, "<reference helpers>")

    def _leave_out(self, cell: RunCell, ended: SessionEnded) -> None:
        self._lost_cells += 1
        self.states.append(ended.state)
        self.repairs.append(
            Repair("cell_left_out", f"{cell.name} was left out, because it ends the session: {ended.reason}")
        )
        self._why_not_defined |= dict.fromkeys(_functions_of(cell), f"its cell ends the session: {ended.reason}")
        self.cells.remove(cell)
        if self._lost_cells >= MAX_RESTARTS_FOR_CELLS:
            # Cells that define nothing are not worth another attempt.
            self.cells = [kept for kept in self.cells if _functions_of(kept) or "import" in kept.source]

    def _note_missing(self, modules: tuple[str, ...]) -> None:
        for module in modules:
            repair = Repair("module_missing", f"{module} is not available to the grader; its import was left out")
            if module not in self._known_modules and repair not in self.repairs:
                self.repairs.append(repair)

    def _why_undefined(self, function: str) -> str:
        if function in self._why_not_defined:
            return self._why_not_defined[function]
        defined = {name for cell in self.cells for name in defined_names(cell.source)}
        if function in defined:
            return "its cell does not run as Python. Is there a line with %% on top of it?"
        for name in difflib.get_close_matches(function, defined - self._graded, n=1):
            return f"there is a function {name}; if that is the one, call it {function}."
        return f"no cell that runs defines it. Is the name spelled {function}?"


def _functions_of(cell: RunCell) -> tuple[str, ...]:
    own = () if cell.question is None else (cell.question,)
    return (*own, *defined_names(cell.source))


def _returned(payload: bytes) -> Answer:
    try:
        decoded = wire.decode(payload)
    except wire.MalformedMessage:
        return Stopped(EndState.CRASHED, NOT_AN_ANSWER)
    match decoded:
        case (value, tuple() as arguments_after):
            return Returned(value, arguments_after)
    return Stopped(EndState.CRASHED, NOT_AN_ANSWER)


def _why(reply: Reply) -> str:
    line = f" at `{reply.word('line', 120)}`" if reply.word("line") else ""
    return f"its cell stops with {reply.word('type', 60)}: {reply.word('text', 200)}{line}"
