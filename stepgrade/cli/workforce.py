"""Who works on a class: local processes, or a cluster. Nothing here imports nbgrader, which takes seconds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from functools import partial

from stepgrade.assignment import Assignment
from stepgrade.cli.privacy import is_private
from stepgrade.course.work import prepare
from stepgrade.environment import environment_here
from stepgrade.run import LocalWorkers, cluster, default_workers

LOCAL_WINDOW = 4  # tasks per worker: enough that none ever waits
CLUSTER_WINDOW = 1000


@contextmanager
def workers(
    n_workers: int | None, address: str | None, assignment: Assignment, boundary: str, *, insecure: bool = False
) -> Iterator[tuple[Executor, int, Mapping[str, str]]]:
    """Yield the executor, how many tasks to hand it at once, and the environment of what it grades.

    Local workers begin to prepare themselves at once, while whoever asks for them imports nbgrader. They are killed
    when the block is left by an exception: nobody waits for what they have in hand.
    """
    with ExitStack() as stack:
        if address is not None:
            executor = stack.enter_context(cluster(address, insecure=insecure))
            yield executor, CLUSTER_WINDOW, executor.alike(partial(environment_here, boundary))
            return
        n_workers = n_workers or default_workers(assignment.limits.memory_mib)
        prepared = partial(prepare, str(assignment.course), assignment.name, boundary)
        local = stack.enter_context(LocalWorkers(n_workers, prepared, silent=is_private()))
        try:
            yield local, LOCAL_WINDOW * n_workers, environment_here(boundary)
        except BaseException:
            local.kill()
            raise
