"""Telling the gradebook of Results, beside the run: grading never waits for it."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

BATCH = 200
# A batch that is not full is recorded all the same, so that a person who looks sees how far the run is.
BATCH_S = 1.0
RETRY_S = 1.0
PATIENCE_S = 60.0  # with a gradebook that is not there, once nothing else is left to do

Graded = dict[str, Any]
Record = Callable[[Sequence[Graded]], None]


class Recorder(threading.Thread):
    """A thread that takes lines of the journal, by student and position, and hands what they hold to ``record``.

    Parameters
    ----------
    journal : Path
        Read with a file of its own, so that nothing but positions waits in memory.
    record : callable
        Takes up to `BATCH` of what workers returned, all or nothing; calling it twice with the same changes nothing.
    transient : exception class
        What ``record`` raises when the gradebook cannot be reached now; it is tried again. Anything else, the journal
        that cannot be read included, ends the recording, and is raised where the run ends.
    """

    def __init__(self, journal: Path, record: Record, transient: type[Exception]) -> None:
        super().__init__(name="recorder", daemon=True)
        self._journal = journal
        self._record = record
        self._transient = transient
        self._waiting: queue.SimpleQueue[tuple[str, int] | None] = queue.SimpleQueue()
        self._recorded: queue.SimpleQueue[dict[str, int]] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._abandoned = False
        self.error: BaseException | None = None

    def put(self, student: str, position: int) -> None:
        """Have a line recorded when there is time."""
        self._waiting.put((student, position))

    def recorded(self) -> dict[str, int]:
        """Return what the gradebook has got since this was asked last."""
        positions: dict[str, int] = {}
        while not self._recorded.empty():
            positions |= self._recorded.get()
        return positions

    def close(self) -> None:
        """Wait until everything is recorded, or cannot be.

        Raises
        ------
        BaseException
            What has ended the thread: it ends silently, and the run would seem to have recorded everything.
        """
        self._closing.set()
        self._waiting.put(None)
        self.join()
        if self.error is not None:
            raise self.error

    def abandon(self) -> None:
        """End after what is being recorded now, without waiting for that; the next run records the rest."""
        self._abandoned = True
        self._closing.set()
        self._waiting.put(None)

    def run(self) -> None:
        try:
            more = True
            while more and not self._abandoned:
                positions, more = self._next_batch()
                if positions:
                    self._attempt(positions)
        except BaseException as error:  # nobody else would ever see it
            self.error = error

    def _next_batch(self) -> tuple[dict[str, int], bool]:
        """Return the next lines to record, and whether any can follow."""
        positions: dict[str, int] = {}
        until = None
        while len(positions) < BATCH:
            try:
                wait_s = None if until is None else max(0.0, until - time.monotonic())
                item = self._waiting.get(timeout=wait_s)
            except queue.Empty:
                break
            if item is None:
                return positions, False
            student, position = item
            positions[student] = position
            until = until or time.monotonic() + BATCH_S
        return positions, True

    def _attempt(self, positions: dict[str, int]) -> None:
        graded = self._lines(positions)
        waiting_since = None  # when nothing else was left to do
        while True:
            try:
                self._record(graded)
            except self._transient:
                if self._closing.is_set():
                    waiting_since = waiting_since or time.monotonic()
                    if self._abandoned or time.monotonic() - waiting_since > PATIENCE_S:
                        raise
                time.sleep(RETRY_S)
            else:
                self._recorded.put(positions)
                return

    def _lines(self, positions: dict[str, int]) -> list[Graded]:
        graded = []
        with self._journal.open("rb") as file:
            for position in positions.values():
                file.seek(position)
                graded.append(json.loads(file.readline())["graded"])
        return graded
