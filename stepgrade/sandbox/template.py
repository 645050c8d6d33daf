"""The grader's side of the warm template: start it, open and close worlds, put it away."""

from __future__ import annotations

import atexit
import itertools
import json
import os
import shlex
import shutil
import socket
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepgrade.sandbox.boundary import Boundary
from stepgrade.sandbox.cgroup import ControlGroup
from stepgrade.sandbox.limits import Limits
from stepgrade.sandbox.packages import ALL_IMPORTS
from stepgrade.sandbox.refusal import SandboxFailed
from stepgrade.sandbox.removal import remove_tree

ANSWER_TIMEOUT_S = 30.0
MAX_ANSWER_BYTES = 64 * 2**10

_running: dict[tuple[Boundary, Limits, tuple[str, ...]], Template] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Ending:
    """How a world's session ended: its exit code (negative: the signal), or what failed while it was built."""

    exit_code: int | None = None
    failure: str = ""


class Template:
    """One warm process behind a boundary, and the worlds that it has forked.

    ``imports`` are the modules that it has imported. The others of `ALL_IMPORTS` are there, too, and read where a
    world uses them.

    Raises
    ------
    SandboxFailed
        If it cannot be started.
    """

    def __init__(self, boundary: Boundary, limits: Limits, imports: tuple[str, ...] = ALL_IMPORTS) -> None:
        self.boundary = boundary
        self.owner = os.getpid()
        self.control_group = ControlGroup.make(limits.memory_mib) if boundary.isolates else None
        self._numbers = itertools.count(1)
        self._folder = Path(tempfile.mkdtemp(prefix="stepgrade-template-")).resolve()
        home = self._folder / "home"
        home.mkdir(mode=0o700)
        boundary.hand_over(home)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the template
        settings = boundary.settings(limits, self._folder) | {
            "packages": boundary.packages,
            "imports": imports,
            "postponed": [name for name in ALL_IMPORTS if name not in imports],
        }
        self._control, theirs = socket.socketpair()
        program = [f"{boundary.inside}/warm.py", str(theirs.fileno()), json.dumps(settings)]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own file
                self._in_control_group(boundary.command(program)),
                env=boundary.environment(home),
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        self._control.settimeout(limits.start_wall_s)
        self._ready = False

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def open(self, world: dict[str, Any]) -> tuple[int, socket.socket]:
        """Have a world forked; return its number and the grader's end of its channel, without waiting for it."""
        self._wait_until_ready()
        ours, theirs = socket.socketpair()
        number = next(self._numbers)
        if self.boundary.has_own_folders:
            folder = self._folder_of(number)
            folder.mkdir(mode=0o700)
            self.boundary.hand_over(folder)
            world = world | {"folder": str(folder)}
        with theirs:
            try:
                self._send({"do": "open", "world": number, "settings": world}, [theirs.fileno()])
            except SandboxFailed:
                ours.close()
                raise
        return number, ours

    def close(self, world: int, *, wait: bool) -> Ending:
        """End a world, its processes and what it wrote; ``wait`` a moment for one that is ending by itself."""
        self._send({"do": "close", "world": world, "wait": wait}, [])
        kind, _, rest = str(self._answer()["report"]).partition(" ")
        if self.boundary.has_own_folders:
            remove_tree(self._folder_of(world))
        match kind:
            case "ended":
                return Ending(int(rest))
            case "failed":
                return Ending(failure=rest)
        return Ending()

    def stop(self) -> None:
        """End the template and every world that is still open."""
        self._control.close()  # it ends by itself at that, and its namespace with it
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()
        if self.control_group is not None:
            self.control_group.remove()
        if self.boundary.has_own_folders:
            for world in self._folder.glob("world-*"):  # of a template that was killed
                remove_tree(world)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _folder_of(self, world: int) -> Path:
        return self._folder / f"world-{world}"

    def _in_control_group(self, command: list[str]) -> list[str]:
        if self.control_group is None:
            return command
        # The shell joins the group first and then becomes the command: nothing of it ever runs outside.
        join = " && ".join(f"echo 0 > {shlex.quote(str(file))}" for file in self.control_group.members)
        return ["/bin/sh", "-c", f'{join} && exec "$@"', "sh", *command]

    def _wait_until_ready(self) -> None:
        if not self._ready:
            self._answer()
            self._control.settimeout(ANSWER_TIMEOUT_S)
            self._ready = True

    def _send(self, request: dict[str, Any], descriptors: list[int]) -> None:
        line = json.dumps(request).encode() + b"\n"
        try:
            sent = socket.send_fds(self._control, [line], descriptors) if descriptors else 0
            self._control.sendall(line[sent:])
        except OSError:
            raise self._failed() from None

    def _answer(self) -> dict[str, Any]:
        line = b""
        while not line.endswith(b"\n"):
            try:
                part = self._control.recv(MAX_ANSWER_BYTES)
            except OSError:
                part = b""
            if not part:
                raise self._failed()
            line += part
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _failed(self) -> SandboxFailed:
        self._process.kill()
        status = self._process.wait()
        errors: list[str] = []
        if not self._errors.closed:  # as it is when the template was stopped
            self._errors.seek(0)
            errors = self._errors.read(MAX_ANSWER_BYTES).decode("utf-8", "replace").strip().splitlines()
        return SandboxFailed(
            f"the process that submissions are forked from is gone (status {status}): {(errors or ['no message'])[-1]}"
        )


def warm_template(boundary: Boundary, limits: Limits, imports: tuple[str, ...] = ALL_IMPORTS) -> Template:
    """Return this process's template for that boundary with those imports, started when there is none alive."""
    with _lock:
        key = (boundary, limits, imports)
        template = _running.get(key)
        if template is not None and template.owner == os.getpid() and template.alive:
            return template
        if template is not None and template.owner == os.getpid():
            template.stop()
        _running[key] = Template(boundary, limits, imports)
        return _running[key]


@atexit.register
def stop_templates() -> None:
    """End every template of this process."""
    with _lock:
        while _running:
            _, template = _running.popitem()
            if template.owner == os.getpid():
                template.stop()
