"""An existing cluster as the executor: Dask's distributed, an optional extra."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from urllib.parse import urlsplit

from stepgrade.errors import StepgradeError

CONNECT_TIMEOUT_S = 10


class NoCluster(StepgradeError):
    """The cluster cannot be used."""

    exit_code = 3


@contextmanager
def cluster(address: str, *, insecure: bool = False) -> Iterator[tuple[Executor, int]]:
    """Yield the executor of the cluster's client, and the number of its workers.

    Parameters
    ----------
    address : str
        Of the scheduler: ``tls://host:8786``; ``tcp://`` on this machine only.
    insecure : bool
        Also take ``tcp://`` to another machine, where whoever can reach the scheduler can run anything on it.

    Raises
    ------
    NoCluster
        If distributed is missing, the address is not safe, nobody answers there, or there are no workers.
    """
    _ensure_safe(address, insecure=insecure)
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise NoCluster("--cluster needs Dask's distributed; install stepgrade[cluster]") from None
    try:
        client = Client(address, timeout=CONNECT_TIMEOUT_S, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise NoCluster(
            f"no scheduler answers at {address} within {CONNECT_TIMEOUT_S} s ({error}); "
            "check the address, or leave --cluster out to grade on this machine"
        ) from error
    with client:
        n_workers = len(client.scheduler_info(n_workers=-1)["workers"])
        if not n_workers:
            raise NoCluster(f"the cluster at {address} has no workers; start some with `dask worker {address}`")
        with client.get_executor(pure=False) as executor:
            yield executor, n_workers


def _ensure_safe(address: str, *, insecure: bool) -> None:
    parts = urlsplit(address)
    if parts.scheme not in ("tls", "tcp") or not parts.hostname:
        raise NoCluster(f"--cluster is {address!r}, expected tls://HOST:PORT (or tcp://127.0.0.1:PORT)")
    if parts.scheme == "tcp" and not insecure and not _is_loopback(parts.hostname):
        raise NoCluster(
            f"{address} is not encrypted, and a scheduler without TLS runs whatever it is sent; "
            "use tls://, or --insecure-cluster if nobody else can reach that network"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
