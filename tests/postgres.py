"""A real PostgreSQL for tests: a private server on a free port, from the system's package."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

USER = "stepgrade"
START_TIMEOUT_S = 60


class Postgres:
    """A server with an empty database cluster in ``folder``; it is stopped and started at will."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self._run("initdb", "--username", USER, "--auth", "trust", "--encoding", "UTF8", "--no-sync", "-D", self._data)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self._port}/{database}"

    def start(self) -> None:
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        log = str(self._folder / "log")
        self._run("pg_ctl", "start", "-w", "-t", str(START_TIMEOUT_S), "-D", self._data, "-l", log, "-o", options)

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", self._data)

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def _run(self, program: str, *arguments: str) -> None:
        # The server refuses to run as root, whatever its data may be worth.
        identity = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []} if _is_root() else {}
        # Not a pipe: the server inherits it and would keep it open as long as it runs.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [self._programs / program, *arguments], stdout=output, stderr=output, cwd="/", check=False, **identity
            )
            output.seek(0)
            assert done.returncode == 0, f"{program} failed: {output.read().decode(errors='replace')}"


def _is_root() -> bool:
    return os.geteuid() == 0


def _programs() -> Path | None:
    """Return the folder with the server's programs; Debian keeps them outside of PATH, one folder per version."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    found = packaged[-1] if packaged else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A running server with nothing in it."""
    programs = _programs()
    if programs is None:
        pytest.skip("NO POSTGRESQL: the gradebook is not tested on it; install the package postgresql and test again")
    # Not in pytest's temporary folder: that is root's alone where the tests run as root, and the server does not.
    with tempfile.TemporaryDirectory(prefix="stepgrade-postgres-") as name:
        folder = Path(name)
        if _is_root():
            shutil.chown(folder, "nobody")
        server = Postgres(programs, folder)
        server.start()
        try:
            yield server
        finally:
            with suppress(AssertionError):  # a test may have stopped it
                server.stop()
