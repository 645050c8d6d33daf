"""The grader's side of one student session: start it, run cells, call functions, close it.

Today the session is an ordinary child process in an empty folder: it keeps the judging out of the student's
process, but does not yet keep the student's process away from the machine (README, "What it protects against").
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from stepgrade.errors import StepgradeError
from stepgrade.result import EndState
from stepgrade.sandbox.limits import Limits
from stepgrade.sandbox.packages import matplotlib_config, package_folder

RUNNER = Path(__file__).with_name("runner.py")
NOT_AN_ANSWER = "its process sent something else than an answer"
MAX_HEAD_BYTES = 64 * 2**10
_LENGTH = struct.Struct("<Q")


class SandboxFailed(StepgradeError):
    """The session could not be started: ours to mend, no mark for the student."""


class SessionEnded(Exception):
    """The session is gone: its process was stopped by a limit, or ended by itself."""

    def __init__(self, state: EndState, reason: str) -> None:
        super().__init__(reason)
        self.state = state
        self.reason = reason


@dataclass(frozen=True)
class Reply:
    """What the runner answered: a few untrusted words, and opaque bytes that only the judge decodes."""

    status: str
    payload: bytes = b""
    words: dict[str, Any] = field(default_factory=dict)

    def word(self, name: str, most: int = 500) -> str:
        """Return one of the words as text of bounded length, whatever was sent."""
        value = self.words.get(name, "")
        return value[:most] if isinstance(value, str) else ""

    def word_list(self, name: str, most: int = 20) -> tuple[str, ...]:
        """Return one of the words as a bounded list of texts, whatever was sent."""
        values = self.words.get(name, ())
        texts = values[:most] if isinstance(values, list) else ()
        return tuple(text[:100] for text in texts if isinstance(text, str))


class Session:
    """One student's process.

    Use as a context manager; leaving it kills the process and removes its folder. ``run`` and ``call`` raise
    `SessionEnded` when the process does not answer within the limits or is gone.
    """

    def __init__(self, limits: Limits, numpy_seed: int) -> None:
        self._limits = limits
        self._settings = {"memory_mib": limits.memory_mib, "numpy_seed": numpy_seed}

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="stepgrade-", ignore_cleanup_errors=True)
        shutil.copytree(matplotlib_config(), Path(self._folder.name) / "matplotlib-config")
        to_child, self._requests = os.pipe()
        self._replies, from_child = os.pipe()
        os.set_blocking(self._replies, False)
        os.set_blocking(self._requests, False)
        # Without site and its path files nothing is importable but the standard library and PYTHONPATH.
        command = [
            sys.executable,
            "-P",
            "-S",
            "-s",
            str(RUNNER),
            str(to_child),
            str(from_child),
            json.dumps(self._settings),
        ]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own file
            command,
            cwd=self._folder.name,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(to_child, from_child),
            start_new_session=True,
        )
        os.close(to_child)
        os.close(from_child)
        try:
            self._reply(self._limits.start_wall_s)
        except SessionEnded as ended:
            self.close()
            raise SandboxFailed(f"the student's process could not be started: {ended.reason}") from ended
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill the process with everything that it started in its process group, and remove its folder."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._requests)
        os.close(self._replies)
        self._folder.cleanup()

    def run(self, source: str, name: str) -> Reply:
        """Execute one cell; ``name`` stands for it in tracebacks."""
        return self._ask({"do": "run", "name": name, "cpu_s": self._limits.cell_cpu_s}, source.encode())

    def call(self, function: str, arguments: bytes) -> Reply:
        """Call ``function`` with arguments encoded by ``stepgrade.judge.wire``."""
        return self._ask({"do": "call", "name": function, "cpu_s": self._limits.call_cpu_s}, arguments)

    def _environment(self) -> dict[str, str]:
        # Nothing of the grader's environment reaches the student: no secret, no path, no locale surprise.
        home = self._folder.name
        return {
            "HOME": home,
            "TMPDIR": home,
            "MPLCONFIGDIR": f"{home}/matplotlib-config",
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(package_folder()),
            "PYTHONHASHSEED": "0",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }

    def _ask(self, head: dict[str, Any], payload: bytes) -> Reply:
        text = json.dumps(head | {"payload_bytes": len(payload)}).encode()
        deadline = time.monotonic() + self._limits.wall_s
        self._write(_LENGTH.pack(len(text)) + text + payload, deadline)
        return self._reply(self._limits.wall_s)

    def _write(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            _, writable, _ = select.select([], [self._requests], [], max(0.0, deadline - time.monotonic()))
            if not writable:
                raise self._stopped_for_time()
            try:
                view = view[os.write(self._requests, view) :]
            except BrokenPipeError:
                raise self._gone() from None

    def _reply(self, wall_s: float) -> Reply:
        deadline = time.monotonic() + wall_s
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size, deadline))
        if length > MAX_HEAD_BYTES:
            raise SessionEnded(EndState.CRASHED, NOT_AN_ANSWER)
        try:
            words = json.loads(self._read(length, deadline))
            status, payload_bytes = words["status"], words["payload_bytes"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise SessionEnded(EndState.CRASHED, NOT_AN_ANSWER) from None
        if not (type(payload_bytes) is int and 0 <= payload_bytes <= self._limits.message_bytes):
            raise SessionEnded(EndState.OUT_OF_MEMORY, "its answer is larger than any right one")
        return Reply(str(status)[:50], self._read(payload_bytes, deadline), words)

    def _read(self, n_bytes: int, deadline: float) -> bytes:
        chunks = []
        while n_bytes:
            readable, _, _ = select.select([self._replies], [], [], max(0.0, deadline - time.monotonic()))
            if not readable:
                raise self._stopped_for_time()
            chunk = os.read(self._replies, min(n_bytes, 1 << 20))
            if not chunk:
                raise self._gone()
            chunks.append(chunk)
            n_bytes -= len(chunk)
        return b"".join(chunks)

    def _stopped_for_time(self) -> SessionEnded:
        return SessionEnded(EndState.TIMED_OUT, "it took too long. Is there a loop that never ends?")

    def _gone(self) -> SessionEnded:
        try:
            status = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return SessionEnded(EndState.CRASHED, "its process closed the channel")
        if status == -signal.SIGXCPU:
            return self._stopped_for_time()
        if status == -signal.SIGKILL:
            return SessionEnded(EndState.OUT_OF_MEMORY, "its process was killed, most likely for using too much memory")
        return SessionEnded(EndState.CRASHED, f"its process ended (status {status})")
