"""A class run: submissions to workers, Results to the journal, and from there to the gradebook."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from dataclasses import dataclass
from typing import Any

from stepgrade.errors import StepgradeError
from stepgrade.result import EndState
from stepgrade.run.journal import Entry, Journal
from stepgrade.run.plan import Planned, Reason, Task, environment_key
from stepgrade.run.recorder import Graded, Recorder
from stepgrade.run.workers import WorkerLost

MAX_ATTEMPTS = 3  # of a submission whose worker was lost, or that the grader failed on
LOST = "its worker was lost {n} times; grade it alone with --student to see why"

Finished = Mapping[str, Any]
Work = Callable[[Any], Finished]  # a task in, plain data out; runs in a worker


class ExecutorGone(StepgradeError):
    """Nothing is left that could work."""

    exit_code = 3


@dataclass(frozen=True)
class Done:
    """A submission whose Result is in the journal; ``before`` is the one that counted until then."""

    planned: Planned
    graded: Graded
    before: Graded | None


class ClassRun:
    """One run over one assignment.

    Parameters
    ----------
    journal : Journal
        Open for writing.
    executor : Executor
        Local workers, or a cluster.
    work : callable
        A module-level function: takes a task, returns ``{"result": a Result as JSON, "digest": that of the hand-in}``,
        and what else the gradebook needs. ``known`` of the task is the Result that counted until now, as JSON.
    without_mark : callable
        ``without_mark(task, reason)`` returns the same for a task that no worker could finish.
    recorder : Recorder
        Not yet started.
    window : int
        How many tasks are handed to the executor at once, so that memory does not grow with the class.
    """

    def __init__(
        self,
        journal: Journal,
        executor: Executor,
        work: Work,
        without_mark: Callable[[Task, str], Finished],
        recorder: Recorder,
        window: int,
    ) -> None:
        self._journal = journal
        self._executor = executor
        self._work = work
        self._without_mark = without_mark
        self._recorder = recorder
        self._window = window
        self._in_hand: dict[Future[Finished], tuple[Planned, int]] = {}

    def grade(self, planned: Iterable[Planned], also_record: Iterable[str] = ()) -> Iterator[Done]:
        """Grade everything that is planned; yield each when its Result is on the disk.

        What an earlier run has graded and not recorded is recorded too, and once more what is known of
        ``also_record``.

        Raises
        ------
        ExecutorGone
            If the executor is. What is in the journal stays; a further run goes on from there.
        """
        self._recorder.start()
        for student in {*self._journal.unrecorded(), *also_record}:
            self._record(student)
        waiting = iter(planned)
        self._submit_next(waiting)
        while self._in_hand:
            finished, _ = wait(self._in_hand, return_when=FIRST_COMPLETED)
            yield from self._take(finished)
            self._note_recorded()
            self._submit_next(waiting)
        try:
            self._recorder.close()
        finally:
            self._note_recorded()

    def _submit_next(self, waiting: Iterator[Planned]) -> None:
        while len(self._in_hand) < self._window and (planned := next(waiting, None)) is not None:
            self._submit(planned, attempt=1)

    def _submit(self, planned: Planned, attempt: int) -> None:
        task: Any = planned.wanted.task
        if planned.reason is not Reason.FORCED and self._journal.latest(planned.student) is not None:
            known = self._journal.graded(planned.student)["result"]
            task = dataclasses.replace(task, known=json.dumps(known))
        try:
            future = self._executor.submit(self._work, task)
        except RuntimeError as error:  # what a standard executor raises when it is shut down
            raise self._gone() from error
        self._in_hand[future] = planned, attempt

    def _take(self, finished: set[Future[Finished]]) -> Iterator[Done]:
        done = []
        for future in finished:
            planned, attempt = self._in_hand.pop(future)
            graded = self._graded(future, planned, attempt)
            if graded is not None:
                has_one = self._journal.latest(planned.student) is not None
                before = self._journal.graded(planned.student) if has_one else None
                done.append(Done(planned, graded, before))
        self._journal.append([one.graded for one in done])
        for one in done:
            self._record(one.planned.student)
        yield from done

    def _graded(self, future: Future[Finished], planned: Planned, attempt: int) -> Graded | None:
        """Return the journal's line about what the worker returned; None where it is tried again."""
        try:
            graded = _line(planned, future.result())
        except CancelledError:
            raise self._gone() from None
        except StepgradeError:
            raise
        except WorkerLost:
            graded = _line(planned, self._without_mark(planned.wanted.task, LOST.format(n=attempt)))
        except Exception as error:  # the cluster's own ways to say that a worker is lost
            graded = _line(planned, self._without_mark(planned.wanted.task, f"no worker could grade it: {error}"))
        if graded["end_state"] == EndState.GRADER_ERROR and attempt < MAX_ATTEMPTS:
            self._submit(planned, attempt + 1)
            return None
        return graded

    def _gone(self) -> ExecutorGone:
        return ExecutorGone(
            f"the workers are gone; {len(self._journal)} Results are safe in {self._journal.path}. "
            "Run the same command again to go on"
        )

    def _record(self, student: str) -> None:
        entry: Entry | None = self._journal.latest(student)
        if entry is not None:
            self._recorder.put(student, entry.position)

    def _note_recorded(self) -> None:
        positions = self._recorder.recorded()
        if positions:
            self._journal.mark_recorded(positions)


def _line(planned: Planned, finished: Finished) -> Graded:
    result = json.loads(finished["result"])
    key = {
        "hand_in": finished["digest"] or "",
        "seed": result["seed"],
        "assignment_version": result["assignment_version"],
        "environment": environment_key(result["environment"]),
    }
    summary = {"student": planned.student, "end_state": result["end_state"], "points": result["points"]}
    return {**finished, **summary, "key": key, "result": result}
