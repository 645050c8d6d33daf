"""The grader's side of one student session: open it, run cells, call functions, close it."""

from __future__ import annotations

import collections
import contextlib
import signal
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from stepgrade.phrases import phrase
from stepgrade.result import EndState
from stepgrade.sandbox.boundary import Boundary
from stepgrade.sandbox.channel import Channel, ChannelClosed, ChannelTimeout, NotAReply, Reply
from stepgrade.sandbox.limits import Limits
from stepgrade.sandbox.packages import ALL_IMPORTS
from stepgrade.sandbox.refusal import SandboxFailed
from stepgrade.sandbox.template import Ending, warm_template

NOT_AN_ANSWER = phrase("its process sent something else than an answer")
TOO_SLOW = phrase("it took too long. Is there a loop that never ends?")
TOO_LARGE = phrase("its answer is larger than any right one")
TOO_MUCH_MEMORY = phrase("it took more memory than is allowed")
TOO_MUCH_WRITTEN = phrase("it wrote more into files than is allowed")
USED_UP = phrase("the submission has used up its time")
# The kernel ends a session that sleeps too long; this much later the grader does, if the session prevented that.
WALL_SLACK_S = 1.0
# Far below what a socket of this kind buffers, so that sending ahead can never block both ends.
AHEAD_BYTES = 64 * 2**10
MAX_STRAY = 1000  # replies that nobody has asked for, in a row; as many as a question has calls can be on their way
HEAD_BYTES = 512  # more than any head of a request takes without what it says of each call
CALL_BYTES = 128  # more than that takes; it also bounds how many calls are on their way
TIME_SIGNALS = (signal.SIGPROF, signal.SIGXCPU, signal.SIGALRM)


class Stop(Exception):
    """A limit was reached, or a process went away."""

    def __init__(self, state: EndState, reason: str) -> None:
        super().__init__(reason)
        self.state = state
        self.reason = reason


class QuestionStopped(Stop):
    """The process of one question is gone; the session, with all that the cells made, is still there."""


class SessionEnded(Stop):
    """The session itself is gone."""


class BudgetSpent(Stop):
    """The submission has had all the time that it gets."""


class Budget:
    """The time that all sessions of one submission may take together."""

    def __init__(self, limits: Limits) -> None:
        self._cpu_s = limits.submission_cpu_s
        self.deadline = time.monotonic() + limits.submission_wall_s

    def spend(self, cpu_s: float) -> None:
        self._cpu_s -= cpu_s

    @property
    def spent(self) -> bool:
        """Whether nothing is left."""
        return self._cpu_s <= 0 or time.monotonic() > self.deadline

    def check(self) -> None:
        """Raise `BudgetSpent` when nothing is left."""
        if self.spent:
            raise BudgetSpent(EndState.TIMED_OUT, USED_UP)


@dataclass(frozen=True)
class Request:
    """What is asked of a session, and how many replies that has."""

    head: dict[str, Any]
    payload: bytes = b""
    n_replies: int = 1

    @property
    def n_bytes(self) -> int:
        return HEAD_BYTES + CALL_BYTES * self.n_replies + len(self.payload)


class Replies:
    """The replies to a series of requests, in order.

    The first requests are sent at once, and others ahead of their replies, as far as they surely fit into the
    socket's buffer: a process that has its next request at hand need not be woken for it, which is most of the cost of
    a short one. Whatever `Stop` comes of that is raised where the reply is asked for.
    """

    def __init__(self, session: Session, requests: Iterable[Request], cpu_s: float) -> None:
        self._session = session
        self._cpu_s = cpu_s
        self._unsent = collections.deque(requests)
        self._n_left = sum(request.n_replies for request in self._unsent)
        # For each reply that is lacking the size of the request whose last one it is, else 0.
        self._waiting: collections.deque[int] = collections.deque()
        self._lost: Stop | None = None
        try:
            self._send_ahead()
        except Stop as stop:
            self._lost = stop

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Reply:
        if not self._n_left:
            raise StopIteration
        if self._lost is not None:
            raise self._lost
        self._n_left -= 1
        self._send_ahead()
        if self._waiting:
            self._waiting.popleft()
        elif self._unsent:
            self._session.budget.check()
        return self._session.reply(self._cpu_s)

    def _send_ahead(self) -> None:
        while self._unsent and not self._session.budget.spent:
            request = self._unsent[0]
            if self._waiting and sum(self._waiting) + request.n_bytes > AHEAD_BYTES:
                return
            limits = {"cpu_s": self._cpu_s, "wall_s": self._session.wall_s}
            try:
                self._session.send(request.head | limits, request.payload)
            except ChannelClosed:  # at which request it went is told by the replies that are there
                self._unsent.clear()
                return
            self._session.outstanding += request.n_replies
            self._waiting.extend([0] * (request.n_replies - 1) + [request.n_bytes])
            self._unsent.popleft()


class Session:
    """One world with a student's session in it.

    Use as a context manager; leaving it ends every process of the world. ``run`` executes cells in the session;
    between ``begin`` and ``end`` cells and calls go to a fork of it. Every `Stop` says what is gone, and is about
    the request whose reply was asked for. ``imports`` are those of its `Template`.
    """

    def __init__(
        self,
        boundary: Boundary,
        limits: Limits,
        seed: int,
        budget: Budget | None = None,
        imports: tuple[str, ...] = ALL_IMPORTS,
    ) -> None:
        self._limits = limits
        self._boundary = boundary
        self._seed = seed
        self._imports = imports
        self.budget = budget or Budget(limits)
        self._begun = 0  # forks for questions, so far
        self._question = 0  # the number of the present one, 0 for none
        self.outstanding = 0  # requests without a reply yet
        self._open = False
        self._ready = False  # whether the session has said that it is there

    def open(self) -> Self:
        """Have a world made, without waiting for it.

        Raises
        ------
        SandboxFailed
            If the template cannot be started. A world that cannot be made shows at the first request.
        """
        self._template = warm_template(self._boundary, self._limits, self._imports)
        self._oom_kills_before = self._oom_kills = self._oom_kills_now()
        self._number, end = self._template.open({"seed": self._seed})
        self._channel = Channel(end, self._limits.message_mib * 2**20)
        self._open = True
        return self

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def is_open(self) -> bool:
        return self._open

    def ran_out_of_memory(self) -> bool:
        """Tell whether the kernel had to kill a process of this session, or one that it left running."""
        return self._oom_kills_now() > self._oom_kills_before

    def close(self) -> None:
        """End every process of the world, wait until the last is gone, and remove what it wrote."""
        with contextlib.suppress(SandboxFailed):  # a template that is gone has taken its worlds with it
            self._end(wait=False)

    def run(self, cells: Sequence[tuple[str, str]]) -> Iterator[Reply]:
        """Execute cells, each a name that stands for it in tracebacks, and its source; yield one reply each."""
        requests = [Request({"do": "run", "name": name}, source.encode()) for name, source in cells]
        return Replies(self, requests, self._limits.cell_cpu_s)

    def call(
        self,
        function: str,
        arguments: Sequence[bytes],
        needs_after: Sequence[bool] | None = None,
        *,
        one_by_one: bool = False,
    ) -> Iterator[Reply]:
        """Call ``function`` with each of ``arguments`` (of ``stepgrade.judge.wire``); yield one reply each.

        Its payload is the pair of the value and the arguments as they are after the call, where they are needed (None:
        always). Replies wait for each other unless calls are asked for ``one_by_one``: if the session ends, some that
        were made may not have been told.
        """
        calls = zip(arguments, needs_after or [True] * len(arguments), strict=True)
        requests = call_requests(function, calls, 0 if one_by_one else AHEAD_BYTES)
        return Replies(self, requests, self._limits.call_cpu_s)

    def write(self, files: Mapping[str, bytes]) -> None:
        """Put files, by their relative paths, into the one folder of the world that can be written."""
        requests = [Request({"do": "write", "name": name}, content) for name, content in files.items()]
        for _reply in Replies(self, requests, self._limits.cell_cpu_s):
            pass

    def show(self, name: str, source: str, cpu_s: float, known: Sequence[str] = ()) -> Reply:
        """Execute a cell to be looked at; the reply's payload is what it printed, displayed and drew.

        Figures whose fingerprints are ``known`` are not drawn, only named.
        """
        request = Request({"do": "show", "name": name, "known": known}, source.encode())
        return next(Replies(self, [request], cpu_s))

    @property
    def wall_s(self) -> float:
        """Seconds that one request may take on the clock."""
        return self._limits.wall_s

    @property
    def in_question(self) -> bool:
        """Whether calls have a fork of the session to go to."""
        return self._open and self._question > 0

    def begin(self) -> None:
        """Fork the session for the calls of one question; nothing that they do outlives it."""
        self._begun += 1
        self._question = self._begun
        try:
            self.send({"do": "begin"})
        except ChannelClosed:
            raise self._gone() from None

    def settle(self) -> None:
        """Read the replies that nobody has asked for; all of them may take as long as one."""
        deadline = self._deadline()
        while self.outstanding:
            self.reply(self._limits.call_cpu_s, deadline)

    def end(self) -> None:
        """End the question's fork, if it is still there."""
        if self.in_question:
            # Every answer that anyone waits for has arrived.
            with contextlib.suppress(QuestionStopped, ChannelClosed):
                self.settle()
                self.send({"do": "end"})
            self._question = 0

    def reply(self, cpu_s: float, deadline: float | None = None) -> Reply:
        """Return the next reply, or raise the `Stop` that came instead of it."""
        if not self._ready:
            self._wait_until_ready()
        deadline = deadline or self._deadline()
        reply = self._receive(deadline)
        n_stray = 0
        while reply.words.get("question") != self._question:  # of a question that ended badly after its last answer
            n_stray += 1
            if n_stray > MAX_STRAY:
                raise self._lost(EndState.CRASHED, NOT_AN_ANSWER)
            reply = self._receive(deadline)
        self.outstanding -= 1
        # What a session says of its time can only cost it: a liar is still bounded by wall time.
        self.budget.spend(reply.seconds("cpu_s", cpu_s))
        if reply.status == "over":
            if not self._question:
                raise self._lost(EndState.CRASHED, NOT_AN_ANSWER)
            self._question = self.outstanding = 0
            raise QuestionStopped(*self._cause(reply.exit_code()))
        return reply

    def _wait_until_ready(self) -> None:
        try:
            self._receive(time.monotonic() + self._limits.start_wall_s)
        except SessionEnded as ended:
            raise SandboxFailed(f"a session could not be started: {ended.reason}") from ended
        self._ready = True

    def send(self, head: dict[str, Any], payload: bytes = b"") -> None:
        """Write one request.

        Raises
        ------
        ChannelClosed
            If the session is gone; how it went is told by the replies that are still there.
        """
        if not self._ready and len(payload) > AHEAD_BYTES:  # a smaller one waits in the socket's buffer
            self._wait_until_ready()
        deadline = self._deadline()
        try:
            self._channel.send(head | {"question": self._question}, payload, deadline)
        except ChannelTimeout:
            raise self._lost(EndState.TIMED_OUT, TOO_SLOW) from None

    def _deadline(self) -> float:
        """Return until when the session may take for one thing: no call outlasts what the submission has left."""
        return min(time.monotonic() + self._limits.wall_s, self.budget.deadline) + WALL_SLACK_S

    def _receive(self, deadline: float) -> Reply:
        try:
            return self._channel.receive(deadline)
        except ChannelTimeout:
            raise self._lost(EndState.TIMED_OUT, TOO_SLOW) from None
        except NotAReply:
            raise self._lost(EndState.CRASHED, NOT_AN_ANSWER) from None
        except ChannelClosed:
            raise self._gone() from None

    def _lost(self, state: EndState, reason: str) -> SessionEnded:
        self.close()
        return SessionEnded(state, reason)

    def _gone(self) -> SessionEnded:
        ending = self._end(wait=True)
        if ending.failure:
            raise SandboxFailed(f"a world could not be built: {ending.failure}")
        return SessionEnded(*self._cause(ending.exit_code))

    def _end(self, *, wait: bool) -> Ending:
        if not self._open:
            return Ending()
        self._open = False
        self._channel.close()
        return self._template.close(self._number, wait=wait)

    def _oom_kills_now(self) -> int:
        group = self._template.control_group
        return group.oom_kills() if group is not None else 0

    def _cause(self, exit_code: int | None) -> tuple[EndState, str]:
        """Return end state and reason of a process that ended by itself."""
        before, self._oom_kills = self._oom_kills, self._oom_kills_now()
        if self._oom_kills > before:
            return EndState.OUT_OF_MEMORY, TOO_MUCH_MEMORY
        if exit_code is None:
            return EndState.CRASHED, phrase("its process closed the channel")
        if exit_code >= 0:
            return EndState.CRASHED, phrase("its process ended itself (exit code {code})", code=exit_code)
        try:
            name = signal.Signals(-exit_code).name
        except ValueError:
            name = f"signal {-exit_code}"
        if -exit_code in TIME_SIGNALS:
            return EndState.TIMED_OUT, TOO_SLOW
        if -exit_code == signal.SIGXFSZ:
            return EndState.CRASHED, TOO_MUCH_WRITTEN
        return EndState.CRASHED, phrase("its process was ended by {signal}", signal=name)


def call_requests(
    function: str, calls: Iterable[tuple[bytes, bool]], most_bytes: int = AHEAD_BYTES
) -> Iterator[Request]:
    """Yield requests for all ``calls``, each with as many as fit into ``most_bytes``, and at least one."""
    together: list[tuple[bytes, bool]] = []
    n_bytes = HEAD_BYTES
    for call in calls:
        size = CALL_BYTES + len(call[0])
        if together and n_bytes + size > most_bytes:
            yield _request(function, together)
            together, n_bytes = [], HEAD_BYTES
        together.append(call)
        n_bytes += size
    if together:
        yield _request(function, together)


def _request(function: str, calls: Sequence[tuple[bytes, bool]]) -> Request:
    head = {"do": "call", "name": function, "calls": [(len(arguments), after) for arguments, after in calls]}
    return Request(head, b"".join(arguments for arguments, _ in calls), len(calls))
