"""The student's functions as something to call: cells run in a session that is started again whenever it was lost."""

from __future__ import annotations

import difflib
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from stepgrade.assignment import Assignment
from stepgrade.judge import Answer, Examination, NotCallable, NotDefined, Raised, Returned, Stopped, wire
from stepgrade.notebook import Rescued, RunCell, defined_names
from stepgrade.own_words import OwnWords
from stepgrade.phrases import phrase
from stepgrade.result import EndState, Repair
from stepgrade.sandbox import (
    ALL_IMPORTS,
    FURTHER_IMPORTS,
    LEAN_IMPORTS,
    NOT_AN_ANSWER,
    TOO_LARGE,
    TOO_MUCH_MEMORY,
    Boundary,
    Budget,
    BudgetSpent,
    Limits,
    QuestionStopped,
    Reply,
    Session,
    SessionEnded,
    Stop,
)

# A notebook whose cells kill the session one after the other is not worth more than these attempts.
MAX_RESTARTS_FOR_CELLS = 3
MAX_SESSIONS = 20
MAX_COMPARED = 500  # functions whose names may be meant for another; no honest notebook has as many
# What differs between two runs of the same code and means nothing to its author.
ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")


class Calls:
    """Calls of one function.

    ``answers`` are to be taken one by one; ``conclusive`` then says whether no other calls can have spoiled them: these
    were the first in their fork of the session, or what they lack is time, which each call has for itself.
    """

    answers: Iterator[Answer]

    def __init__(
        self, function: str, arguments: Iterable[tuple[Any, ...]], needs_arguments_after: Sequence[bool]
    ) -> None:
        self.function = function
        arguments = tuple(arguments)
        self.n_arguments = [len(each) for each in arguments]
        self.conclusive = True
        self.one_by_one = False  # so that it is sure which of them ended the session
        self.waiting = [wire.encode(each) for each in arguments]  # those without an answer yet
        self.needs_arguments_after = needs_arguments_after
        self.replies: Iterator[Reply] | None = None  # once they are sent

    @property
    def n_after(self) -> int | None:
        """How many arguments the next answer has to bring back; None where nobody needs them."""
        position = len(self.n_arguments) - len(self.waiting)
        return self.n_arguments[position] if self.needs_arguments_after[position] else None


class ExaminationCalls(Calls):
    """The calls of one examination."""

    def __init__(self, examination: Examination) -> None:
        super().__init__(examination.function, examination.calls, examination.needs_arguments_after)
        self.examination = examination


class Sessions:
    """The sessions of one submission, one after the other, with one budget of time for all of them."""

    def __init__(self, boundary: Boundary, limits: Limits, seed: int) -> None:
        self._boundary = boundary
        self._limits = limits
        self._seed = seed
        self._budget = Budget(limits)
        self._imports: tuple[str, ...] = LEAN_IMPORTS
        self._ahead: Session | None = None
        self._n_opened = 0

    def open_ahead(self) -> None:
        self._ahead = self._opened()

    def provide(self, packages: frozenset[str]) -> None:
        """Have sessions made from now on by a template that has imported what is used."""
        if not packages.isdisjoint(module.partition(".")[0] for module in FURTHER_IMPORTS):
            self._imports = ALL_IMPORTS
            self.close_ahead()

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
        return Session(self._boundary, self._limits, self._seed, self._budget, self._imports).open()


class StudentCode:
    """The student's cells in a session that is started again whenever it was lost."""

    def __init__(self, seed: str, limits: Limits, boundary: Boundary, assignment: Assignment) -> None:
        self.repairs: list[Repair] = []
        self.states: list[EndState] = []
        self.cells_s = 0.0  # seconds until sessions were there and had run the cells
        self._cells: list[RunCell] = []  # without those that were left out
        self._leftover: frozenset[str] = frozenset()
        self._own_words = OwnWords(())
        self._sessions = Sessions(boundary, limits, int(seed[:8], 16))
        self._session: Session | None = None
        self._helpers = ""
        self._why_not_defined: dict[str, str] = {}
        self._defined: frozenset[str] | None = None  # by the cells; once somebody has asked
        self._lost_cells = 0
        # The release's own modules (its public tests) are not there for marks, and nobody misses them.
        self._known_modules = assignment.modules
        self._graded = {question.specification.function for question in assignment.questions}

    def open_ahead(self) -> None:
        """Have the first session made while nobody waits for it."""
        self._sessions.open_ahead()

    def take(self, rescued: Rescued) -> None:
        """Take the cells that are to run."""
        self._cells = list(rescued.cells)
        self._defined = None
        self._leftover = rescued.leftover
        self._own_words = OwnWords(cell.source for cell in rescued.cells)
        self._sessions.provide(rescued.packages)

    def answered(
        self, examinations: Iterable[Examination], *, helpers: str = "", together: bool = False
    ) -> Iterator[ExaminationCalls]:
        """Yield the calls of each examination, with answers to take; whatever happens to a call comes as an `Answer`.

        The calls of an examination are made in a fork of the session where ``helpers`` have been executed besides;
        ``together``: in one fork for all examinations, as long as it lives. They are taken one ahead: the next one's
        inputs are drawn while this one's calls run, and its calls are sent when this one's last answer has come, so
        that the student's process need not wait for the judging.
        """
        self._helpers = helpers
        upcoming = (ExaminationCalls(examination) for examination in examinations)
        calls = next(upcoming, None)
        while calls is not None:
            self._send(calls)
            following = next(upcoming, None)
            calls.answers = self._answers(calls, following, together=together)
            yield calls
            calls.answers = iter(())  # or the two would keep each other until the garbage collector comes
            if following is None or (following.replies is None and not together):
                self._end_question()
            elif calls.waiting:
                self._settle()
            calls = following

    def further_answers(
        self, function: str, arguments: Sequence[tuple[Any, ...]], *, helpers: str = ""
    ) -> list[Answer]:
        """Return the answers to calls that nobody is marked by, with the arguments as they are afterwards.

        All such calls are made in one fork of the session, as long as it lives and has the same helpers.
        """
        if helpers != self._helpers:
            self._end_question()
            self._helpers = helpers
        return list(self._answers(Calls(function, arguments, [True] * len(arguments)), None, together=True))

    def _send(self, calls: Calls) -> None:
        """Have ``calls`` made, if the session is there; if it is not, that is left to the first answer."""
        if calls.replies is None and self._session is not None and self._session.is_open and not self._helpers:
            with suppress(SessionEnded):  # what is wrong shows when the first answer is asked for
                calls.replies = self._asked(self._session, calls)

    def _answers(self, calls: Calls, following: Calls | None, *, together: bool) -> Iterator[Answer]:
        while calls.waiting:
            try:
                replies = calls.replies or self._asked(self._ready_session(), calls)
                for reply in replies:
                    n_after = calls.n_after
                    calls.waiting = calls.waiting[1:]
                    if not calls.waiting and following is not None:
                        if not together:
                            self._end_question()
                        self._send(following)
                    yield self._answer(calls.function, reply, n_after)
            except Stop as stop:
                if isinstance(stop, SessionEnded):
                    self.close()
                    if not calls.one_by_one and len(calls.waiting) > 1:
                        calls.one_by_one, calls.replies = True, None
                        continue
                calls.waiting = calls.waiting[1:]
                calls.conclusive |= stop.state is EndState.TIMED_OUT
                self.states.append(stop.state)
                yield Stopped(stop.state, stop.reason)
            calls.replies = None

    def _end_question(self) -> None:
        if self._session is not None:
            try:
                self._session.end()
            except SessionEnded:
                self._session = None  # whatever it did on leaving, every answer had arrived

    def _settle(self) -> None:
        """Have done with calls whose answers were not asked for."""
        if self._session is not None and self._session.is_open:
            try:
                self._session.settle()
            except QuestionStopped:
                pass  # the next calls are made in a fork of their own
            except SessionEnded:
                self._session = None

    def close(self) -> None:
        self._sessions.close_ahead()
        if self._session is not None:
            if self._session.ran_out_of_memory():
                self.states.append(EndState.OUT_OF_MEMORY)
            self._session.close()
            self._session = None

    def _answer(self, function: str, reply: Reply, n_after: int | None) -> Answer:
        match reply.status:
            case "returned":
                answer = self._returned(reply.payload, n_after)
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

    def _returned(self, payload: bytes, n_after: int | None) -> Answer:
        try:
            decoded = wire.decode(payload, self._own_words.type_name)
        except wire.MalformedMessage:
            return Stopped(EndState.CRASHED, NOT_AN_ANSWER)
        match decoded:
            # Arguments that are not there would be neither changed nor the wrong ones.
            case (value, tuple() as arguments_after) if n_after is None or len(arguments_after) == n_after:
                return Returned(value, arguments_after)
        return Stopped(EndState.CRASHED, NOT_AN_ANSWER)

    def _asked(self, session: Session, calls: Calls) -> Iterator[Reply]:
        if session.in_question:
            calls.conclusive = False
        else:
            session.begin()
            if self._helpers:
                list(session.run([("<reference helpers>", self._helpers)]))
        n_answered = len(calls.needs_arguments_after) - len(calls.waiting)
        needs_after = calls.needs_arguments_after[n_answered:]
        return session.call(calls.function, calls.waiting, needs_after, one_by_one=calls.one_by_one)

    def _ready_session(self) -> Session:
        if self._session is not None and self._session.is_open:
            return self._session
        started = time.perf_counter()
        try:
            return self._new_session()
        finally:
            self.cells_s += time.perf_counter() - started

    def _new_session(self) -> Session:
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
                text = phrase("{module} is not available to the grader; its import was left out", module=module)
                self._note("module_missing", text)
        for magic in reply.word_list("left_out"):
            text = phrase("{magic} in {cell} does nothing in the grader; it was left out", magic=magic, cell=cell.name)
            self._note("magic_left_out", text)

    def _leave_out(self, cell: RunCell, ended: SessionEnded) -> None:
        self._lost_cells += 1
        self.states.append(ended.state)
        text = phrase("{cell} was left out, because it ends the session: {reason}", cell=cell.name, reason=ended.reason)
        self._note("cell_left_out", text)
        why = phrase("its cell ends the session: {reason}", reason=ended.reason)
        self._why_not_defined |= dict.fromkeys(_functions_of(cell), why)
        self._cells.remove(cell)
        self._defined = None
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
        if self._defined is None:
            self._defined = frozenset(name for cell in self._cells for name in defined_names(cell.source))
        self._why_not_defined[function] = why = _why_undefined(function, self._defined, self._graded)
        return why


def _why_undefined(function: str, defined: frozenset[str], graded: set[str]) -> str:
    if function in defined:
        return phrase("its cell does not run as Python. Is there a line with %% on top of it?")
    if len(defined) <= MAX_COMPARED:
        for name in difflib.get_close_matches(function, defined - graded, n=1):
            return phrase(
                "there is a function {name}; if that is the one, call it {function}.", name=name, function=function
            )
    return phrase("no cell that runs defines it. Is the name spelled {function}?", function=function)


def _functions_of(cell: RunCell) -> tuple[str, ...]:
    own = () if cell.question is None else (cell.question,)
    return (*own, *defined_names(cell.source))


def _why(reply: Reply) -> str:
    line = phrase(" at `{line}`", line=reply.word("line", 120)) if reply.word("line") else ""
    text = ADDRESS.sub("0x...", reply.word("text", 200))
    return phrase("its cell stops with {type}: {text}{line}", type=reply.word("type", 60), text=text, line=line)
