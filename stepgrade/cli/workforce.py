"""Who works on a class: local processes, or a cluster. Nothing here imports nbgrader, which takes seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from stepgrade.assignment import Assignment
from stepgrade.cli.privacy import is_private
from stepgrade.cli.progress import Progress
from stepgrade.course.work import prepare
from stepgrade.environment import environment_here
from stepgrade.run import LocalWorkers, Outcome, WorkerLost, cluster, default_workers, each

LOCAL_WINDOW = 4  # tasks per worker: enough that none ever waits
CLUSTER_WINDOW = 1000
# Of a submission's whole time on the clock, which bounds student code: whatever takes so much longer is the grader
# itself, on a file that nobody thought of. One such file must not hold up a class.
PATIENCE = 10


@contextmanager
def workers(
    n_workers: int | None, address: str | None, assignment: Assignment, boundary: str, *, insecure: bool = False
) -> Iterator[tuple[Executor, int, Future[Mapping[str, str]]]]:
    """Yield the executor, how many tasks to hand it at once, and the environment of what it grades, once it is known.

    Local workers begin to prepare themselves at once, and the boundary is tried, while whoever asks for them imports
    nbgrader. They are killed when the block is left by an exception: nobody waits for what they have in hand.
    """
    patience_s = PATIENCE * assignment.limits.submission_wall_s
    with ExitStack() as stack:
        if address is not None:
            executor = stack.enter_context(cluster(address, insecure=insecure, patience_s=patience_s))
            known: Future[Mapping[str, str]] = Future()
            known.set_result(executor.alike(partial(environment_here, boundary)))
            yield executor, CLUSTER_WINDOW, known
            return
        n_workers = n_workers or default_workers(assignment.limits.memory_mib)
        prepared = partial(prepare, str(assignment.course), assignment.name, boundary)
        local = stack.enter_context(LocalWorkers(n_workers, prepared, patience_s=patience_s, silent=is_private()))
        aside = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="environment"))
        try:
            yield local, LOCAL_WINDOW * n_workers, aside.submit(environment_here, boundary)
        except BaseException:
            local.kill()
            raise


def outcomes(
    what: str,
    executor: Executor,
    function: Callable[[Any], Any],
    students: Sequence[str],
    task_of: Callable[[str], Any],
    window: int,
) -> Iterator[Outcome[str]]:
    """Yield what became of each student's task, in the order of their ends, and show how far ``what`` is.

    For what comes after the marks: a task is tried again where its worker was lost, and no other failure is.
    """

    def was_lost(outcome: Outcome[str]) -> bool:
        return isinstance(outcome.error, WorkerLost)

    def steps() -> Iterator[tuple[Outcome[str], str]]:
        for finished in each(executor, function, students, task_of, window, was_lost):
            yield from ((outcome, "failed" if outcome.error else "") for outcome in finished)

    return Progress(what, len(students)).follow(steps())
