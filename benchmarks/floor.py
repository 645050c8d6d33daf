"""The floor of a mark: the same cells and calls in an equally isolated warm child, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from stepgrade import student_code
from stepgrade.grade import Grader
from stepgrade.sandbox import LEAN_IMPORTS, Boundary, Limits, Reply, Session
from stepgrade.sandbox.session import Replies, Request, call_requests


@dataclass
class Requests:
    """What a grader asked of a session, in order: cells to run, and functions to call with encoded arguments."""

    cells: list[tuple[str, str]] = field(default_factory=list)
    calls: list[tuple[str, Sequence[tuple[bytes, bool]]]] = field(default_factory=list)

    def repeat(self, boundary: Boundary, limits: Limits) -> None:
        """Open a world, run the cells, make the calls, close it. No notebook, no verdict, no fork per question."""
        requests = [Request({"do": "run", "name": name}, source.encode()) for name, source in self.cells]
        for name, arguments in self.calls:
            requests += call_requests(name, arguments)
        with Session(boundary, limits, seed=0, imports=LEAN_IMPORTS) as session:
            for _ in Replies(session, requests, limits.call_cpu_s):
                pass


def recorded(grader: Grader, notebook: bytes, student: str) -> Requests:
    """Grade once; return what the grader asked of the session."""
    requests = Requests()

    class Recording(Session):
        def run(self, cells: Sequence[tuple[str, str]]) -> Iterator[Reply]:
            requests.cells.extend(cells)
            return super().run(cells)

        def call(
            self,
            function: str,
            arguments: Sequence[bytes],
            needs_after: Sequence[bool] | None = None,
            *,
            one_by_one: bool = False,
        ) -> Iterator[Reply]:
            # What was sent ahead and then not looked at is no part of the floor.
            answered: list[tuple[bytes, bool]] = []
            requests.calls.append((function, answered))
            pairs = zip(arguments, needs_after or (), strict=True)
            for pair, reply in zip(
                pairs, super().call(function, arguments, needs_after, one_by_one=one_by_one), strict=False
            ):
                answered.append(pair)
                yield reply

    with session_class(Recording):
        grader.grade(notebook, student)
    return requests


@contextmanager
def session_class(replacement: type[Session]) -> Iterator[None]:
    """Have the grader open sessions of another class for a while."""
    student_code.Session = replacement  # type: ignore[misc]
    try:
        yield
    finally:
        student_code.Session = Session  # type: ignore[misc]


def open_and_close(boundary: Boundary, limits: Limits) -> None:
    """Open a world with an idle session in it, and close it."""
    with Session(boundary, limits, seed=0, imports=LEAN_IMPORTS) as session:
        list(session.run([("<nothing>", "")]))  # the world is there when it has answered
