"""Where the time of one mark goes, on the grader's clock: every moment counted once, at the innermost step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Self
from unittest import mock

from floor import session_class

from stepgrade import grade
from stepgrade.grade import Grader
from stepgrade.judge import Examination, wire
from stepgrade.sandbox import Reply, Session

READING, RESCUE = "reading the notebook", "rescue: which cells run"
OPENING, CELLS, FORKS, CLOSING = (
    "opening the world",
    "running the cells",
    "the fork for the questions, and each one's first answer",
    "closing the world",
)
WAITING, BYTES = "sending calls, waiting for answers", "arrays to bytes and back"
JUDGING, REST = "judging: inputs, references, comparison", "everything else"
STEPS = (READING, RESCUE, OPENING, CELLS, FORKS, WAITING, BYTES, JUDGING, CLOSING, REST)


class Stopwatch:
    """Exclusive times of nested steps; ``student_cpu_s`` is what the session says that cells and calls took."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(STEPS, 0.0)
        self.student_cpu_s = 0.0
        self.n_calls = 0
        self._steps = [REST]
        self._since = time.perf_counter()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self._switch()
        self._steps.append(name)
        try:
            yield
        finally:
            self._switch()
            self._steps.pop()

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with self.step(name):
                return function(*args, **kwargs)

        return wrapper

    def replies(self, replies: Iterator[Reply], first: str, further: str) -> Iterator[Reply]:
        """Pass on what a session yields; time the wait for the first reply apart from that for the others."""
        step = first
        while True:
            with self.step(step):
                reply = next(replies, None)
            if reply is None:
                return
            self.student_cpu_s += reply.seconds("cpu_s", most=60)
            self.n_calls += further == WAITING
            step = further
            yield reply

    def stop(self) -> None:
        """Count what has passed since the last step."""
        self._switch()

    def _switch(self) -> None:
        now = time.perf_counter()
        self.seconds[self._steps[-1]] += now - self._since
        self._since = now


def breakdown(grader: Grader, notebook: bytes, student: str) -> Stopwatch:
    """Grade once under a stopwatch."""
    watch = Stopwatch()

    class Timed(Session):
        def __enter__(self) -> Self:
            with watch.step(OPENING):
                return super().__enter__()

        def close(self) -> None:
            with watch.step(CLOSING):
                super().close()

        def begin(self) -> None:
            with watch.step(FORKS):
                super().begin()

        def end(self) -> None:
            with watch.step(FORKS):
                super().end()

        def run(self, cells: Sequence[tuple[str, str]]) -> Iterator[Reply]:
            return watch.replies(super().run(cells), CELLS, CELLS)

        def call(
            self,
            function: str,
            arguments: Sequence[bytes],
            needs_after: Sequence[bool] | None = None,
            *,
            one_by_one: bool = False,
        ) -> Iterator[Reply]:
            return watch.replies(super().call(function, arguments, needs_after, one_by_one=one_by_one), FORKS, WAITING)

    timed = (
        (grade, "read_notebook", READING),
        (grade, "rescue", RESCUE),
        (Examination, "__init__", JUDGING),
        (Examination, "results", JUDGING),
        (wire, "encode", BYTES),
        (wire, "decode", BYTES),
    )
    with ExitStack() as patches:
        patches.enter_context(session_class(Timed))
        for owner, name, step in timed:
            patches.enter_context(mock.patch.object(owner, name, watch.timed(step, getattr(owner, name))))
        grader.grade(notebook, student)
    watch.stop()
    return watch
