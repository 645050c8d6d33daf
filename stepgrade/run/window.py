"""Tasks to an executor, a bounded number at a time, so that memory does not grow with the class."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from stepgrade.errors import StepgradeError
from stepgrade.run.workers import ExecutorGone

Item = TypeVar("Item")

MAX_ATTEMPTS = 3


@dataclass(frozen=True)
class Outcome(Generic[Item]):
    """What became of an item's task: its value, or the error that it ended with."""

    item: Item
    attempt: int
    value: Any = None
    error: Exception | None = None


def each(
    executor: Executor,
    function: Callable[[Any], Any],
    items: Iterable[Item],
    task_of: Callable[[Item], Any],
    size: int,
    is_failed: Callable[[Outcome[Item]], bool],
) -> Iterator[list[Outcome[Item]]]:
    """Yield what has finished, as it does.

    Parameters
    ----------
    function : callable
        Done by the executor, on the task that ``task_of`` makes of an item when its turn has come.
    size : int
        How many tasks are handed over at once.
    is_failed : callable
        Whether an outcome calls for another attempt; there are `MAX_ATTEMPTS`.

    Raises
    ------
    ExecutorGone
        If the executor is.
    StepgradeError
        What a task ended with, where that is one: it would end every other task, too.
    """
    waiting = iter(items)
    in_hand: dict[Future[Any], tuple[Item, int]] = {}

    def submit(item: Item, attempt: int) -> None:
        try:
            in_hand[executor.submit(function, task_of(item))] = item, attempt
        except RuntimeError as error:  # what a standard executor raises when it is shut down
            raise ExecutorGone("the workers are gone") from error

    while True:
        while len(in_hand) < size and (item := next(waiting, None)) is not None:
            submit(item, 1)
        if not in_hand:
            return
        finished, _ = wait(in_hand, return_when=FIRST_COMPLETED)
        outcomes, end = [], None
        for future in finished:
            try:
                outcome = _outcome(future, *in_hand.pop(future))
                if outcome.attempt < MAX_ATTEMPTS and is_failed(outcome):
                    submit(outcome.item, outcome.attempt + 1)
                else:
                    outcomes.append(outcome)
            except StepgradeError as error:  # what has finished beside it is not lost
                end = error
        yield outcomes
        if end is not None:
            raise end


def _outcome(future: Future[Any], item: Item, attempt: int) -> Outcome[Item]:
    try:
        return Outcome(item, attempt, value=future.result())
    except CancelledError:
        raise ExecutorGone("the workers are gone") from None
    except StepgradeError:
        raise
    except Exception as error:  # whatever a task or a cluster ends with is the item's, not the run's
        return Outcome(item, attempt, error=error)
