"""One submission in, one Result out: the only place where notebook, sandbox and judge meet."""

from __future__ import annotations

import builtins
import difflib
import hashlib
import platform
import re
import shlex
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

import stepgrade
from stepgrade.assignment import Assignment, Question
from stepgrade.judge import Answer, NotCallable, NotDefined, Raised, Returned, Stopped, judge, seeds, wire
from stepgrade.notebook import (
    Cell,
    DamagedNotebook,
    Graded,
    Rescued,
    RunCell,
    Submitted,
    defined_names,
    python_cells,
    read_bytes,
    read_notebook,
    rescue,
)
from stepgrade.result import (
    CheckResult,
    EndState,
    Outcome,
    QuestionResult,
    Repair,
    Result,
    printable,
    rounded_points,
    worst,
)
from stepgrade.sandbox import (
    NOT_AN_ANSWER,
    TOO_LARGE,
    TOO_MUCH_MEMORY,
    Boundary,
    Budget,
    BudgetSpent,
    Limits,
    Reply,
    SandboxFailed,
    Session,
    SessionEnded,
    Stop,
    find_boundary,
)

# A notebook whose cells kill the session one after the other is not worth more than these attempts.
MAX_RESTARTS_FOR_CELLS = 3
MAX_SESSIONS = 20
# Findings about a question's own function that no right helper mends.
NOTHING_TO_HELP = frozenset({"not_defined", "not_callable", "unfilled"})
# What differs between two runs of the same code and means nothing to its author.
ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")


@dataclass(frozen=True)
class Grader:
    """Everything that a grade depends on besides the submission.

    Parameters
    ----------
    assignment : Assignment
    secret : bytes or None
        The course secret that seeds derive from; None: a public demo key, and the Result says so.
    limits : Limits or None
        None: the assignment's own.
    boundary : Boundary or None
        Where student code runs; None: the boundary of this machine, or an error that says why there is none.
    """

    assignment: Assignment
    secret: bytes | None = None
    limits: Limits | None = None
    boundary: Boundary | None = None

    def grade_file(self, path: Path, student: str | None = None, seed: str | None = None) -> Result:
        """Grade the file at ``path``, a notebook or a ``.py`` file with the functions.

        A file that cannot be read is a Result with the end state ``damaged``. ``seed`` is that of a Result to replay.

        Raises
        ------
        SandboxUnavailable
            If this machine has no boundary, and the grader was not told to do without.
        """
        try:
            content = read_bytes(path)
        except DamagedNotebook as error:
            return self.without_marks(EndState.DAMAGED, str(error), student=student, seed=seed)
        return self.grade(content, student, seed, is_python=path.suffix == ".py")

    def grade(
        self, submission: bytes, student: str | None = None, seed: str | None = None, *, is_python: bool = False
    ) -> Result:
        """Grade the bytes of one notebook, or of one Python file."""
        started = time.perf_counter()
        seed = seed or self._seed(submission, student)
        # The world is made while the notebook is read.
        code = _StudentCode(seed, self._limits, self._boundary, self.assignment)
        try:
            code.open_ahead()
            submitted = Submitted(python_cells(submission), ()) if is_python else read_notebook(submission)
            rescued = self._rescued(submitted.cells, of_notebook=not is_python)
            code.take(rescued)
            questions = self._judged(code, seed)
        except DamagedNotebook as error:
            return self.without_marks(EndState.DAMAGED, str(error), submission, student, seed)
        except SandboxFailed as error:
            return self.without_marks(EndState.GRADER_ERROR, str(error), submission, student, seed)
        finally:
            code.close()
        errors = [check for question in questions for check in question.checks if check.outcome is Outcome.ERROR]
        states = [*code.states, EndState.GRADER_ERROR] if errors else code.states
        return self._result(
            worst(*states),
            errors[0].message if errors else "",
            questions,
            submission,
            student,
            seed,
            repairs=(*submitted.repairs, *rescued.repairs, *code.repairs),
            timing={"total_s": round(time.perf_counter() - started, 4)},
        )

    def without_marks(
        self,
        state: EndState,
        reason: str,
        submission: bytes = b"",
        student: str | None = None,
        seed: str | None = None,
    ) -> Result:
        """Return a Result without any judged check; ``damaged`` earns 0, every other state no mark."""
        questions = tuple(
            QuestionResult(question.id, 0.0, question.max_points, follow_through=False, checks=())
            for question in self.assignment.questions
        )
        return self._result(state, reason, questions, submission, student, seed or self._seed(submission, student))

    def missing(self, student: str, reason: str) -> Result:
        """Return the Result of a student who has handed in nothing that could be graded: no mark, and why."""
        return self.without_marks(EndState.MISSING, reason, student=student)

    @cached_property
    def _limits(self) -> Limits:
        return self.limits or self.assignment.limits

    @cached_property
    def _boundary(self) -> Boundary:
        return self.boundary or find_boundary()

    def _rescued(self, cells: Sequence[Cell], *, of_notebook: bool) -> Rescued:
        graded = [
            Graded(question.id, question.specification.function, question.specification.parameters)
            for question in self.assignment.questions
        ]
        return rescue(cells, self.assignment.source_cells, graded, of_notebook=of_notebook)

    def _judged(self, code: _StudentCode, seed: str) -> tuple[QuestionResult, ...]:
        """Judge all questions with the student's own helpers, then again those that helpers may have spoiled.

        In this order, so that no process that ever held a reference helper runs before a question is judged without.
        """
        judged = {}
        for question in self.assignment.questions:
            with code.question():
                checks = judge(question.id, question.specification, code.call, seed)
            judged[question.id] = _question_result(question, checks, follow_through=False)
        for question in self.assignment.questions:
            own = judged[question.id]
            if question.helpers and own.passed_share < 1 and own.checks[0].code not in NOTHING_TO_HELP:
                with code.question(self.assignment.helper_source(question)):
                    checks = judge(question.id, question.specification, code.call, seed)
                helped = _question_result(question, checks, follow_through=True, own_points=own.points)
                if helped.passed_share > own.passed_share:
                    judged[question.id] = helped
        return tuple(judged.values())

    def _seed(self, submission: bytes, student: str | None) -> str:
        who = student if student is not None else hashlib.sha256(submission).hexdigest()
        return seeds.course_seed(self.secret or seeds.DEMO_KEY, self.assignment.name, who)

    def _result(
        self,
        state: EndState,
        reason: str,
        questions: tuple[QuestionResult, ...],
        submission: bytes,
        student: str | None,
        seed: str,
        *,
        repairs: tuple[Repair, ...] = (),
        timing: dict[str, float] | None = None,
    ) -> Result:
        replay = f"stepgrade check FILE --assignment {self.assignment.name} --seed {seed}"
        if student is not None:
            replay += f" --student {shlex.quote(student)}"
        return Result(
            assignment=self.assignment.name,
            student=student,
            end_state=state,
            reason=printable(reason),
            questions=questions,
            seed=seed,
            demo_key=self.secret is None,
            submission_sha256=hashlib.sha256(submission).hexdigest(),
            assignment_version=self.assignment.version,
            environment=environment(self._boundary),
            replay=replay if self._boundary.isolated else f"{replay} --no-sandbox",
            repairs=tuple(Repair(repair.code, printable(repair.message)) for repair in repairs),
            timing=timing or {},
        )


def environment(boundary: Boundary) -> dict[str, str]:
    """Return what a grade depends on besides submission, assignment and seed."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "stepgrade": stepgrade.__version__,
        "boundary": boundary.line,
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


class OwnWords:
    """What may be shown of the words that come from the sandbox while hidden inputs and helpers are in there.

    Only what the student wrote, and names that everybody knows: a function could hide an input, or the source of a
    reference helper, in the name of a type or in a line that it claims to have failed at.
    """

    KNOWN_TYPES = frozenset(name for name, value in vars(builtins).items() if isinstance(value, type)) | {
        "AxisError",
        "JSONDecodeError",
        "LinAlgError",
        "NoneType",
        "_ArrayMemoryError",
        "_UFuncBinaryResolutionError",
        "_UFuncInputCastingError",
        "_UFuncNoLoopError",
        "_UFuncOutputCastingError",
        "array of bytes",
        "array of objects",
        "array of other things",
        "array of text",
        "builtin_function_or_method",
        "complex array",
        "complex128",
        "dict_items",
        "dict_keys",
        "dict_values",
        "function",
        "generator",
        "method",
        "module",
        "ufunc",
    }

    def __init__(self, sources: Iterable[str]) -> None:
        text = "\n".join(sources)
        self._lines = {line.strip()[:200] for line in text.splitlines()}
        self._names = set(re.findall(r"\w+", text))

    def type_name(self, name: str) -> str:
        """Return ``name``, or "another type" where it is neither known nor the student's."""
        return name if name in self.KNOWN_TYPES or name in self._names else "another type"

    def line(self, line: str) -> str:
        """Return ``line`` if the student wrote it, else an empty string."""
        return line if line in self._lines else ""


class _Sessions:
    """The sessions of one submission, one after the other, with one budget of time for all of them."""

    def __init__(self, boundary: Boundary, limits: Limits, seed: int) -> None:
        self._boundary = boundary
        self._limits = limits
        self._seed = seed
        self._budget = Budget(limits)
        self._ahead: Session | None = None
        self._n_opened = 0

    def open_ahead(self) -> None:
        self._ahead = self._opened()

    def next(self) -> Session:
        """Return a fresh session.

        Raises
        ------
        BudgetSpent
            If the submission has had its time, or lost more sessions than an honest one ever would.
        """
        self._budget.check()
        session, self._ahead = self._ahead or self._opened(), None
        return session

    def close_ahead(self) -> None:
        """Close the session that nobody has asked for."""
        if self._ahead is not None:
            self._ahead.close()
            self._ahead = None

    def _opened(self) -> Session:
        if self._n_opened >= MAX_SESSIONS:
            raise BudgetSpent(EndState.CRASHED, "the submission has lost its session too often")
        self._n_opened += 1
        return Session(self._boundary, self._limits, self._seed, self._budget).open()


class _StudentCode:
    """The student's cells in a session that is started again whenever it was lost."""

    def __init__(self, seed: str, limits: Limits, boundary: Boundary, assignment: Assignment) -> None:
        self.repairs: list[Repair] = []
        self.states: list[EndState] = []
        self._cells: list[RunCell] = []  # without those that were left out
        self._leftover: frozenset[str] = frozenset()
        self._sessions = _Sessions(boundary, limits, int(seed[:8], 16))
        self._session: Session | None = None
        self._helpers = ""
        self._why_not_defined: dict[str, str] = {}
        self._lost_cells = 0
        # The release's own modules (its public tests) are not there for marks, and nobody misses them.
        self._known_modules = {path.stem for path in assignment.source_dir.glob("*.py")}
        self._graded = {question.specification.function for question in assignment.questions}

    def open_ahead(self) -> None:
        """Have the first session made while nobody waits for it."""
        self._sessions.open_ahead()

    def take(self, rescued: Rescued) -> None:
        """Take the cells that are to run."""
        self._cells = list(rescued.cells)
        self._leftover = rescued.leftover
        self._own_words = OwnWords(cell.source for cell in rescued.cells)

    @contextmanager
    def question(self, helpers: str = "") -> Iterator[None]:
        """Answer the calls of one question, in a fork of the session where ``helpers`` have been executed besides."""
        self._helpers = helpers
        if self._session is not None and not helpers:
            with suppress(SessionEnded):  # what is wrong shows at the first call
                self._session.begin()  # it forks while the inputs are drawn
        try:
            yield
        finally:
            if self._session is not None:
                try:
                    self._session.end()
                except SessionEnded:
                    self._session = None  # whatever it did on leaving, every answer had arrived

    def call(self, function: str, arguments: Sequence[tuple[Any, ...]]) -> Iterator[Answer]:
        """Call one of the student's functions with each of ``arguments``; whatever happens comes as an `Answer`."""
        waiting = [wire.encode(values) for values in arguments]
        while waiting:
            try:
                for reply in self._forked_session().call(function, waiting):
                    waiting = waiting[1:]
                    yield self._answer(function, reply)
            except Stop as stop:
                if isinstance(stop, SessionEnded):
                    self.close()
                waiting = waiting[1:]
                self.states.append(stop.state)
                yield Stopped(stop.state, stop.reason)

    def close(self) -> None:
        self._sessions.close_ahead()
        if self._session is not None:
            if self._session.ran_out_of_memory():
                self.states.append(EndState.OUT_OF_MEMORY)
            self._session.close()
            self._session = None

    def _answer(self, function: str, reply: Reply) -> Answer:
        match reply.status:
            case "returned":
                answer = self._returned(reply.payload)
            case "raised" if reply.words.get("memory") is True:
                answer = Stopped(EndState.OUT_OF_MEMORY, TOO_MUCH_MEMORY)
            case "too_large":
                answer = Stopped(EndState.OUT_OF_MEMORY, TOO_LARGE)
            case "raised":
                leftover = function in self._leftover
                return Raised(
                    self._own_words.type_name(reply.word("type")),
                    reply.word("text"),
                    self._own_words.line(reply.word("line")),
                    leftover,
                )
            case "not_callable":
                return NotCallable(self._own_words.type_name(reply.word("type")))
            case "not_defined":
                return NotDefined(self._why_undefined(function))
            case _:
                answer = Stopped(EndState.CRASHED, NOT_AN_ANSWER)
        if isinstance(answer, Stopped):
            self.states.append(answer.state)
        return answer

    def _returned(self, payload: bytes) -> Answer:
        try:
            decoded = wire.decode(payload, self._own_words.type_name)
        except wire.MalformedMessage:
            return Stopped(EndState.CRASHED, NOT_AN_ANSWER)
        match decoded:
            case (value, tuple() as arguments_after):
                return Returned(value, arguments_after)
        return Stopped(EndState.CRASHED, NOT_AN_ANSWER)

    def _forked_session(self) -> Session:
        session = self._ready_session()
        if not session.in_question:
            session.begin()
            if self._helpers:
                list(session.run([("<reference helpers>", self._helpers)]))
        return session

    def _ready_session(self) -> Session:
        while self._session is None or not self._session.is_open:
            session = self._sessions.next()
            try:
                self._run_cells(session)
            except SessionEnded:
                session.close()
            except BaseException:
                session.close()
                raise
            else:
                self._session = session
        return self._session

    def _run_cells(self, session: Session) -> None:
        """Run all cells; one that ends the session is left out from then on, and the session is to start again."""
        again = self._run(session, self._cells)
        # A cell above the one that makes what it uses: cells can have been moved.
        if again and len(again) < len(self._cells):
            self._run(session, again)

    def _run(self, session: Session, cells: Sequence[RunCell]) -> list[RunCell]:
        """Run ``cells``; return those that miss a name."""
        without_name = []
        replies = session.run([(cell.name, cell.source) for cell in cells])
        for cell in list(cells):
            try:
                reply = next(replies)
            except SessionEnded as ended:
                self._leave_out(cell, ended)
                raise
            self._note_what_was_left_out(cell, reply)
            if reply.status != "raised":
                continue
            if reply.words.get("memory") is True:
                self.states.append(EndState.OUT_OF_MEMORY)
            self._why_not_defined |= dict.fromkeys(_functions_of(cell), _why(reply))
            if reply.word("type") == "NameError":
                without_name.append(cell)
        return without_name

    def _note_what_was_left_out(self, cell: RunCell, reply: Reply) -> None:
        for module in reply.word_list("missing"):
            if module not in self._known_modules:
                self._note("module_missing", f"{module} is not available to the grader; its import was left out")
        for magic in reply.word_list("left_out"):
            self._note("magic_left_out", f"{magic} in {cell.name} does nothing in the grader; it was left out")

    def _leave_out(self, cell: RunCell, ended: SessionEnded) -> None:
        self._lost_cells += 1
        self.states.append(ended.state)
        self._note("cell_left_out", f"{cell.name} was left out, because it ends the session: {ended.reason}")
        self._why_not_defined |= dict.fromkeys(_functions_of(cell), f"its cell ends the session: {ended.reason}")
        self._cells.remove(cell)
        if self._lost_cells >= MAX_RESTARTS_FOR_CELLS:
            # Cells that define nothing are not worth another attempt.
            self._cells = [kept for kept in self._cells if _functions_of(kept) or "import" in kept.source]

    def _note(self, code: str, message: str) -> None:
        repair = Repair(code, message)
        if repair not in self.repairs:
            self.repairs.append(repair)

    def _why_undefined(self, function: str) -> str:
        if function in self._why_not_defined:
            return self._why_not_defined[function]
        defined = {name for cell in self._cells for name in defined_names(cell.source)}
        if function in defined:
            return "its cell does not run as Python. Is there a line with %% on top of it?"
        for name in difflib.get_close_matches(function, defined - self._graded, n=1):
            return f"there is a function {name}; if that is the one, call it {function}."
        return f"no cell that runs defines it. Is the name spelled {function}?"


def _functions_of(cell: RunCell) -> tuple[str, ...]:
    own = () if cell.question is None else (cell.question,)
    return (*own, *defined_names(cell.source))


def _why(reply: Reply) -> str:
    line = f" at `{reply.word('line', 120)}`" if reply.word("line") else ""
    text = ADDRESS.sub("0x...", reply.word("text", 200))
    return f"its cell stops with {reply.word('type', 60)}: {text}{line}"
