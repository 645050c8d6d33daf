"""A real Dask cluster for tests: a scheduler and workers on this machine, which a test may kill."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys

import psutil

from tests.conftest import COURSE

START_S = 60  # for whatever a test waits for; a machine may be busy


class Dask:
    """A scheduler on a free port of this machine, and its workers, each a process of its own."""

    def __init__(self, protocol: str = "tcp", **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"{protocol}://127.0.0.1:{probe.getsockname()[1]}"
        self.environment = {**os.environ, "PYTHONPATH": str(COURSE)}
        self.environment |= {f"DASK_DISTRIBUTED__{name}": value for name, value in settings.items()}
        self._processes: list[subprocess.Popen] = []

    def __enter__(self) -> Dask:
        self.scheduler = self._start("scheduler", f"--host={self.address}")
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            kill_all(process)

    def start_worker(self, *options: str, cwd=COURSE) -> subprocess.Popen:
        return self._start("worker", self.address, "--nthreads=1", "--memory-limit=0", *options, cwd=cwd)

    def wait_for_workers(self, n: int, security=None) -> None:
        import distributed  # an optional extra

        with distributed.Client(self.address, timeout=START_S, security=security, set_as_default=False) as client:
            client.wait_for_workers(n, timeout=START_S)

    def _start(self, kind: str, *options: str, cwd=COURSE) -> subprocess.Popen:
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", "--no-dashboard", *options]
        process = subprocess.Popen(command, cwd=cwd, env=self.environment, stderr=subprocess.DEVNULL)
        self._processes.append(process)
        return process


def kill_all(process: subprocess.Popen) -> None:
    """Kill it with its children, and first: a nanny starts another worker in the place of a dead one."""
    if process.poll() is None:
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        for member in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        psutil.wait_procs(family[1:], timeout=10)
    process.wait()
