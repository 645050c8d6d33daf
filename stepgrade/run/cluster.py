"""An existing cluster as the executor: Dask's distributed, an optional extra; the only module that knows it."""

from __future__ import annotations

import asyncio
import faulthandler
import ipaddress
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from functools import partial
from typing import Any, ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

import stepgrade
from stepgrade.errors import StepgradeError
from stepgrade.run.workers import WorkerLost

CONNECT_TIMEOUT_S = 10
SILENT = logging.CRITICAL + 1

P = ParamSpec("P")
T = TypeVar("T")

_turn = threading.Lock()


class NoCluster(StepgradeError):
    """The cluster cannot be used."""

    exit_code = 3
    names_nobody = True


@contextmanager
def cluster(address: str, *, insecure: bool = False, patience_s: float | None = None) -> Iterator[ClusterExecutor]:
    """Yield an executor on the cluster; what is in hand at the end is given up.

    A worker does one task at a time, whatever its number of threads, so it needs one (``--nthreads 1``). These
    threads live as long as the worker does; a sandbox ends with the thread that has started it.

    Parameters
    ----------
    address : str
        Of the scheduler: ``tls://HOST:PORT``, with the certificates of Dask's own configuration; ``tcp://`` on this
        machine only.
    insecure : bool
        Also take ``tcp://`` to another machine, where whoever can reach the scheduler can run anything on it.
    patience_s : float or None
        A worker that takes longer for one task ends itself, and its nanny starts it again; the task counts as one that
        has killed its worker. None: it may take for ever.

    Raises
    ------
    NoCluster
        If distributed is missing, the address is not safe, no scheduler answers there, or it has no workers that have
        this version of stepgrade.
    """
    _ensure_safe(address, insecure=insecure)
    try:
        import distributed
    except ModuleNotFoundError:
        raise NoCluster("--cluster needs Dask's distributed; install stepgrade[cluster]") from None
    with _silenced("distributed", "distributed.client", "distributed.gc", "tornado", "tornado.application"):
        security = _security(distributed, address)
        asyncio.run(_ensure_workers(distributed, address, security))
        with _client(distributed, address, security) as client:
            _ensure_same_version(client)
            yield ClusterExecutor(client, patience_s)


class ClusterExecutor(Executor):
    """Tasks through a client whose scheduler can go away at any moment.

    The client's own executor leaves a future pending for ever when the scheduler goes while its result is fetched.
    Here it is cancelled, as all the others are, and `submit` raises RuntimeError from then on. A task whose workers
    died more often than the scheduler allows (``distributed.scheduler.allowed-failures``) ends with `WorkerLost`.
    """

    def __init__(self, client: Any, patience_s: float | None) -> None:
        self._client = client
        self._patience_s = patience_s
        self._alone = asyncio.Lock()

    def alike(self, function: Callable[[], T]) -> T:
        """Return what ``function`` returns on every worker.

        Raises
        ------
        NoCluster
            If it differs: then where a task is done would decide what comes of it.
        """
        (first, value), *others = self._client.run(function).items()
        for worker, other in others:
            if other != value:
                raise NoCluster(
                    f"the workers at {first} and {worker} are not alike: {value} and {other}; "
                    "give all of them the same installation and the same kind of machine"
                )
        return cast(T, value)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        if self._client.status != "running":  # it may still be trying to connect again, but what was in hand is gone
            raise RuntimeError("the connection to the scheduler is closed")
        # Not pure: equal arguments are another attempt. No retries: which errors are worth one, the run knows.
        begin = partial(self._client.submit, _in_turn, self._patience_s, fn, args, kwargs, pure=False, retries=0)
        return asyncio.run_coroutine_threadsafe(self._outcome(begin(), begin), self._client.loop.asyncio_loop)

    async def _outcome(self, task: Any, begin: Callable[[], Any]) -> Any:
        from distributed import KilledWorker

        try:
            return await self._result(task)
        except KilledWorker:
            pass
        # Whatever waited on a worker that died is suspected with the guilty one; one by one they can be told apart.
        async with self._alone:
            try:
                return await self._result(begin())
            except KilledWorker as error:
                raise WorkerLost(2 * (error.allowed_failures + 1)) from error

    async def _result(self, task: Any) -> Any:
        try:
            (result,) = await self._client.gather([task], asynchronous=True)
        except (Exception, asyncio.CancelledError):
            if task.status == "error":  # the task's own
                raise
            raise asyncio.CancelledError from None
        return result


def _in_turn(patience_s: float | None, fn: Callable[..., T], args: Any, kwargs: Any) -> T:
    """Do a task on a worker, once no other thread of it does one: there is one template, and one time to be out of."""
    with _turn:
        if patience_s is not None:
            faulthandler.dump_traceback_later(patience_s, exit=True)  # also out of C code that gives nobody else a turn
        try:
            return fn(*args, **kwargs)
        finally:
            faulthandler.cancel_dump_traceback_later()


def _security(distributed: Any, address: str) -> Any:
    """Return what Dask's configuration says of certificates."""
    try:
        security = distributed.Security()
        context = security.get_connection_args("client")["ssl_context"]
    except (OSError, ValueError) as error:
        raise NoCluster(f"the certificates of Dask's configuration cannot be used: {error}") from error
    if context is None and address.startswith("tls://"):
        raise NoCluster(
            "tls:// needs certificates, and Dask's configuration names none; set distributed.comm.tls.ca-file, "
            "client.cert and client.key (DASK_DISTRIBUTED__COMM__TLS__CA_FILE, ..._CLIENT__CERT, ..._CLIENT__KEY)"
        )
    return security


async def _ensure_workers(distributed: Any, address: str, security: Any) -> None:
    """Ask whether there are any; the client itself would wait for ever for one that says nothing."""

    async def asked() -> Any:
        arguments = security.get_connection_args("client")
        async with distributed.rpc(address, timeout=CONNECT_TIMEOUT_S, connection_args=arguments) as scheduler:
            return await scheduler.identity(n_workers=-1)

    try:
        identity = await asyncio.wait_for(asked(), CONNECT_TIMEOUT_S)
        n_workers = len(identity["workers"])
    except TimeoutError:
        raise _no_answer(address, f"nothing came within {CONNECT_TIMEOUT_S} s") from None
    except Exception as error:  # another program may listen there, and its answer be read as anything
        raise _no_answer(address, _innermost(error)) from error
    if not n_workers:
        raise NoCluster(f"the cluster at {address} has no workers; start some with `dask worker {address}`")


def _client(distributed: Any, address: str, security: Any) -> Any:
    try:
        return distributed.Client(address, timeout=CONNECT_TIMEOUT_S, security=security, set_as_default=False)
    except (OSError, ImportError) as error:  # ImportError: versions of packages that do not fit
        raise _no_answer(address, _innermost(error)) from error


def _innermost(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error) or type(error).__name__


def _ensure_same_version(client: Any) -> None:
    """Ask each worker for its version, so that one without stepgrade does not fail on half of the class."""
    for worker, version in client.run(_version, on_error="return").items():
        if version != stepgrade.__version__:
            raise NoCluster(
                f"the worker at {worker} has not stepgrade {stepgrade.__version__}, which this run has, but "
                f"{version!r}; install it there and start the worker again"
            )


def _version() -> str:
    return stepgrade.__version__


def _no_answer(address: str, reason: str) -> NoCluster:
    return NoCluster(
        f"no scheduler answers at {address} ({reason}); check the address, or leave --cluster out to grade on this "
        "machine"
    )


@contextmanager
def _silenced(*names: str) -> Iterator[None]:
    """Keep the library's loggers off the terminal: what matters to the run is raised."""
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(SILENT)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _ensure_safe(address: str, *, insecure: bool) -> None:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or port is None or parts.scheme not in ("tls", "tcp"):
        raise NoCluster(f"--cluster is {address!r}, expected tls://HOST:PORT (or tcp://127.0.0.1:PORT)")
    if parts.scheme == "tcp" and not insecure and not _is_loopback(host):
        raise NoCluster(
            f"{address} is not encrypted, and a scheduler without TLS runs whatever it is sent; "
            "use tls://, or --insecure-cluster if nobody else can reach that network"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
