"""Local worker processes that lose nothing but the task in hand when one of them dies."""

from __future__ import annotations

import collections
import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from multiprocessing import connection
from typing import Any, ParamSpec, TypeVar

from stepgrade.errors import StepgradeError
from stepgrade.run.capacity import own_cores

P = ParamSpec("P")
T = TypeVar("T")

MOST_STARTS = 5  # of one worker in a row while no worker finishes anything, before that is expected to go on


class ExecutorGone(StepgradeError):
    """Nothing is left that could work."""

    exit_code = 3
    names_nobody = True


class WorkerLost(Exception):
    """The process that worked on a task is gone, so many ``times``; whether it had finished is not known."""

    def __init__(self, times: int = 1) -> None:
        super().__init__(times)
        self.times = times


class TookTooLong(Exception):
    """A task was not done after all the time that it is given; its process was ended."""


class LocalWorkers(Executor):
    """``n_workers`` processes, each behind a thread of its own that starts another one in the place of one that died.

    The standard `ProcessPoolExecutor` is broken as a whole when one of its processes dies, and gives up every task
    that was handed to it. Here each process is a pool of its own, so the task in hand is the only one that ends with
    `WorkerLost`. A process that dies before it was ready is no task's fault: another one is started. Where that
    happens again and again, and no other process finishes anything meanwhile, the tasks end with `ExecutorGone`.

    Parameters
    ----------
    n_workers : int
    prepare : callable
        What every process does before its first task, those that take the place of another included. It begins at
        once; what it raises, the tasks raise.
    patience_s : float or None
        A task that takes longer ends with `TookTooLong`, and its process with it; None: it may take for ever.
    silent : bool
        What the processes print is dropped: a log record or a traceback of theirs may name a student.
    """

    def __init__(
        self,
        n_workers: int,
        prepare: Callable[[], object] = os.getpid,
        *,
        patience_s: float | None = None,
        silent: bool = False,
    ) -> None:
        self._prepare = prepare
        self._patience_s = patience_s
        self._silent = silent
        self._own = threading.local()
        self._cores = collections.deque(own_cores(n_workers))
        self._threads = ThreadPoolExecutor(n_workers, "worker", initializer=self._begin_thread)
        self._pools: set[ProcessPoolExecutor] = set()
        self._stopped = False
        self._n_finished = 0  # tasks; that it has changed is all that is asked of it, so threads need no lock
        for _ in range(n_workers):
            self._threads.submit(self._ready_pool)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        return self._threads.submit(self._work, fn, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - the base's
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
        for pool in tuple(self._pools):
            pool.shutdown(wait)

    def kill(self) -> None:
        """Give up everything at once: what is in hand ends with `WorkerLost`."""
        self._stopped = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():
            child.kill()

    def _begin_thread(self) -> None:
        """Take the core on which this thread's process is to stay, and each that takes its place."""
        self._own.core = self._cores.popleft() if self._cores else None
        # A process inherits this: Ctrl-C, which it will leave to its parent, must not meet it while it starts.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

    def _work(self, fn: Callable[..., T], args: Any, kwargs: Any) -> T:
        pool = self._ready_pool()
        try:
            future = pool.submit(fn, *args, **kwargs)
            if wait([future], self._patience_s).not_done:
                with contextlib.suppress(ProcessLookupError):  # it has ended just now
                    os.kill(self._own.process, signal.SIGKILL)
                self._give_up(pool)
                raise TookTooLong(f"it was not done after {self._patience_s:.0f} s, and its worker was ended")
            value = future.result()
        except BrokenExecutor as error:
            self._give_up(pool)
            raise WorkerLost from error
        self._n_finished += 1
        return value

    def _ready_pool(self) -> ProcessPoolExecutor:
        """Return this thread's process; start one, and have it prepare itself, if there is none."""
        pool: ProcessPoolExecutor | None = getattr(self._own, "pool", None)
        n_starts, n_finished = 0, self._n_finished
        while pool is None:
            if self._stopped:
                raise WorkerLost
            if n_finished != self._n_finished:  # others get on
                n_starts, n_finished = 0, self._n_finished
            if n_starts == MOST_STARTS:
                raise ExecutorGone(
                    f"worker processes end while they start, {n_starts} times in a row; look at the memory limit of "
                    "this machine or container and at the sandbox. `stepgrade check` on one submission shows more"
                )
            n_starts += 1
            started = self._started()
            try:
                self._own.process = started.submit(_prepared, self._prepare).result()
                pool = self._own.pool = started
            except BrokenExecutor:
                self._give_up(started)
            except BaseException:
                self._give_up(started)
                raise
        return pool

    def _started(self) -> ProcessPoolExecutor:
        # A fork would inherit the threads' locks; a fresh interpreter has nothing of this process.
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(1, mp_context=context, initializer=_begin, initargs=(self._silent, self._own.core))
        self._pools.add(pool)
        return pool

    def _give_up(self, pool: ProcessPoolExecutor) -> None:
        self._own.pool = None
        self._pools.discard(pool)
        pool.shutdown(wait=False)


def _prepared(prepare: Callable[[], object]) -> int:
    prepare()
    return os.getpid()


def _begin(silent: bool, core: int | None) -> None:  # noqa: FBT001 - a pool hands it over by position
    if core is not None:
        with contextlib.suppress(OSError):  # a core can be taken away from us; then any other will do
            os.sched_setaffinity(0, {core})  # what it starts stays there, too
    if silent:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(nowhere, stream)
        os.close(nowhere)
    _live_no_longer_than_parent()


def _live_no_longer_than_parent() -> None:
    """Have this worker end with the process that started it, and leave Ctrl-C to that one."""
    with contextlib.suppress(ValueError):  # not the main thread
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # what it starts is to have its own
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
