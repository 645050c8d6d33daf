"""The warm template: imports the course packages once, and forks one world per submission.

Started by path with a clean environment: ``python warm.py DESCRIPTOR SETTINGS``. It never holds a solution, a check
or a secret, runs no student code, and ends when the grader's end of its control socket is closed.

Protocol: one JSON object a line. ``open`` comes with the student channel's descriptor and has no answer, so that nobody
waits for a world that is being made; ``close`` is answered by one line.
"""

import contextlib
import functools
import gc
import json
import os
import select
import signal
import socket
import sys
import time

STATUS_PATIENCE_S = 2.0


def import_course_packages(packages):
    """Import what nearly every submission needs, and draw once: the first figure loads what no import does."""
    for name in packages:
        __import__(name)
    import matplotlib.pyplot as plt

    figure = plt.figure()
    figure.add_subplot().set_title("$x$")
    figure.canvas.draw()
    plt.close("all")


class Worlds:
    """The worlds that are open, by number: their first process, and the pipe on which it reports."""

    def __init__(self, settings, serve, world):
        self._settings = settings
        self._serve = serve
        self._world = world
        self._open = {}

    def open(self, request, channel):
        """Fork a world. What failed is told when it is closed: whoever waits for it sees its channel closed."""
        settings = self._settings | request["settings"]
        report, report_end = os.pipe()
        pid = None
        try:
            pid = self._world.open_world(channel, report_end, settings, self._serve)
        except (OSError, self._world.WorldFailed) as error:
            os.write(report_end, f"failed {error}"[:500].encode())
        finally:
            os.close(channel)
            os.close(report_end)
        self._open[request["world"]] = pid, report

    def close(self, request):
        """End a world; say how its session ended, if it did so by itself."""
        pid, report = self._open.pop(request["world"])
        try:
            if pid is None or self._settings["isolated"]:
                text = self._report_of(report, request["wait"])
                if pid is not None:
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)  # the first process of a namespace is gone only after all others are
                return {"report": text}
            return {"report": self._end_of(pid, request["wait"])}
        finally:
            os.close(report)

    def _report_of(self, report, wait):
        readable, _, _ = select.select([report], [], [], STATUS_PATIENCE_S if wait else 0)
        return os.read(report, 600).decode("utf-8", "replace") if readable else ""

    def _end_of(self, pid, wait):
        deadline = time.monotonic() + (STATUS_PATIENCE_S if wait else 0)
        ended, status = os.waitpid(pid, os.WNOHANG)
        while not ended and time.monotonic() < deadline:
            time.sleep(0.01)
            ended, status = os.waitpid(pid, os.WNOHANG)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        if not ended:
            os.waitpid(pid, 0)
            return ""
        return f"ended {os.waitstatus_to_exitcode(status)}"


class Requests:
    """The lines that the grader sends, and the descriptors that came with them, in the same order."""

    def __init__(self, control):
        self._control = control
        self._buffer = b""
        self._descriptors = []

    def next(self):
        """Return the next request, None when the grader is gone."""
        while b"\n" not in self._buffer:
            part, received, _, _ = socket.recv_fds(self._control, 1 << 16, 8)
            if not part:
                return None
            self._buffer += part
            self._descriptors += received
        line, _, self._buffer = self._buffer.partition(b"\n")
        return json.loads(line)

    def descriptor(self):
        return self._descriptors.pop(0)


def main():
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(sys.argv[2])
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, here)
    sys.path.append(settings["packages"])
    import display
    import runner
    import world

    sys.path.remove(here)  # student code finds course packages only
    if settings["isolated"]:
        world.become_nobody()
    import_course_packages(settings["imports"])
    worlds = Worlds(settings, functools.partial(runner.serve, display=display), world)
    gc.collect()
    gc.freeze()  # what is here now is never collected, so its pages stay shared with every fork
    control.sendall(b'{"ready": true}\n')
    requests = Requests(control)
    while (request := requests.next()) is not None:
        if request["do"] == "open":
            worlds.open(request, requests.descriptor())
        else:
            control.sendall(json.dumps(worlds.close(request)).encode() + b"\n")
    os._exit(0)


if __name__ == "__main__":
    main()
