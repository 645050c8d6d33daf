"""The student's functions as something to call: cells run in a session that is started again whenever it was lost."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from stepgrade.assignment import Assignment
from stepgrade.judge import Answer, NotCallable, NotDefined, Raised, Returned, Stopped, wire
from stepgrade.notebook import Rescued, RunCell, defined_names
from stepgrade.own_words import OwnWords
from stepgrade.result import EndState, Repair
from stepgrade.sandbox import (
    NOT_AN_ANSWER,
    TOO_LARGE,
    TOO_MUCH_MEMORY,
    Boundary,
    Budget,
    BudgetSpent,
    Limits,
    Reply,
    Session,
    SessionEnded,
    Stop,
)

# A notebook whose cells kill the session one after the other is not worth more than these attempts.
MAX_RESTARTS_FOR_CELLS = 3
MAX_SESSIONS = 20
# What differs between two runs of the same code and means nothing to its author.
ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")


class Sessions:
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


class StudentCode:
    """The student's cells in a session that is started again whenever it was lost."""

    def __init__(self, seed: str, limits: Limits, boundary: Boundary, assignment: Assignment) -> None:
        self.repairs: list[Repair] = []
        self.states: list[EndState] = []
        self._cells: list[RunCell] = []  # without those that were left out
        self._leftover: frozenset[str] = frozenset()
        self._sessions = Sessions(boundary, limits, int(seed[:8], 16))
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
