"""A class run: submissions to workers, Results to the journal, and from there to the gradebook."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from stepgrade.errors import StepgradeError
from stepgrade.result import EndState
from stepgrade.run.journal import Entry, Journal
from stepgrade.run.plan import Planned, Reason, Task, environment_key
from stepgrade.run.recorder import Graded, Recorder
from stepgrade.run.window import MAX_ATTEMPTS, Outcome, each
from stepgrade.run.workers import ExecutorGone, TookTooLong, WorkerLost

TOO_LONG = "the grader did not get through it: {reason}; look into the file before you grade it alone with --student"
LOST = "its worker was lost {n} times; grade it alone with --student to see why"

Finished = Mapping[str, Any]
Work = Callable[[Any], Finished]  # a task in, plain data out; runs in a worker


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

    def grade(self, planned: Iterable[Planned], also_record: Iterable[str] = ()) -> Iterator[Done]:
        """Grade everything that is planned; yield each when its Result is on the disk.

        What an earlier run has graded and not recorded is recorded too, and once more what is known of
        ``also_record``.

        Raises
        ------
        ExecutorGone
            If the executor is. What is in the journal stays; a further run goes on from there. What recording ended
            with, if it did, is in ``also``.
        """
        self._recorder.start()
        for student in sorted({*self._journal.unrecorded(), *also_record}):
            self._record(student)
        try:
            yield from self._grade(planned)
        except StepgradeError as error:
            try:
                self._finish_recording()
            except Exception as second:  # whoever reads of the gradebook alone would not look for the cause
                error.also = second if str(second) != str(error) else None
            raise
        except BaseException:  # stopped by whoever runs it, who does not want to wait
            self._recorder.abandon()
            raise
        self._finish_recording()

    def _grade(self, planned: Iterable[Planned]) -> Iterator[Done]:
        try:
            for outcomes in each(self._executor, self._work, planned, self._task_of, self._window, self._is_failed):
                yield from self._take(outcomes)
                self._note_recorded()
        except ExecutorGone as error:
            raise ExecutorGone(
                f"{error}; {len(self._journal)} Results are safe in {self._journal.path}. "
                "Run the same command again to go on"
            ) from error

    def _task_of(self, planned: Planned) -> Any:
        task: Any = planned.wanted.task
        if planned.reason is Reason.FORCED or self._journal.latest(planned.student) is None:
            return task
        return dataclasses.replace(task, known=json.dumps(self._journal.graded(planned.student)["result"]))

    def _is_failed(self, outcome: Outcome[Planned]) -> bool:
        if isinstance(outcome.error, WorkerLost):
            return outcome.error.times < MAX_ATTEMPTS  # a cluster tries some times by itself
        if isinstance(outcome.error, TookTooLong):
            return False  # it would again
        return outcome.error is not None or _end_state(outcome.value) == EndState.GRADER_ERROR

    def _take(self, outcomes: list[Outcome[Planned]]) -> Iterator[Done]:
        done = [Done(outcome.item, self._line(outcome), self._before(outcome.item.student)) for outcome in outcomes]
        self._journal.append([one.graded for one in done])
        for one in done:
            self._record(one.planned.student)
        yield from done

    def _line(self, outcome: Outcome[Planned]) -> Graded:
        """Return the journal's line about what became of a submission."""
        finished = outcome.value
        if isinstance(outcome.error, WorkerLost):
            times = max(outcome.attempt, outcome.error.times)
            finished = self._without_mark(outcome.item.wanted.task, LOST.format(n=times))
        elif isinstance(outcome.error, TookTooLong):
            finished = self._without_mark(outcome.item.wanted.task, TOO_LONG.format(reason=outcome.error))
        elif outcome.error is not None:  # a cluster's own ways to say that a worker is lost
            finished = self._without_mark(outcome.item.wanted.task, f"no worker could grade it: {outcome.error}")
        return _line(outcome.item, finished)

    def _before(self, student: str) -> Graded | None:
        return self._journal.graded(student) if self._journal.latest(student) is not None else None

    def _record(self, student: str) -> None:
        entry: Entry | None = self._journal.latest(student)
        if entry is not None:
            self._recorder.put(student, entry.position)

    def _finish_recording(self) -> None:
        try:
            self._recorder.close()
        finally:
            self._note_recorded()

    def _note_recorded(self) -> None:
        positions = self._recorder.recorded()
        if positions:
            self._journal.mark_recorded(positions)


def _end_state(finished: Finished) -> str:
    return str(json.loads(finished["result"])["end_state"])


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
