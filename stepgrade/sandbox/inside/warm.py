"""The warm template: imports course packages once, and forks one world per submission.

Started by path with a clean environment: ``python warm.py DESCRIPTOR SETTINGS``. It never holds a solution, a check
or a secret, runs no student code, and ends when the grader's end of its control socket is closed.

Protocol: one JSON object a line. ``open`` comes with the student channel's descriptor and has no answer, so that nobody
waits for a world that is being made; ``close`` is answered by one line.
"""

import functools
import gc
import importlib
import json
import os
import socket
import sys

INPUT_TRANSFORMER = "IPython.core.inputtransformer2"  # makes Python of magics and of pasted prompts
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)  # the interpreter was told to look nowhere but in its standard library

import world  # noqa: E402


def import_course_packages(names):
    """Import modules, and draw once where that is what they are for: the first figure loads what no import does."""
    for name in names:
        __import__(name)
    if "matplotlib.pyplot" not in names:
        return
    import matplotlib.pyplot as plt

    figure = plt.figure()
    figure.add_subplot().set_title("$x$")
    figure.canvas.draw()
    plt.close("all")


class Worlds:
    """The worlds that are open, by number: the process to close each by, and the pipe on which it reports."""

    def __init__(self, settings, serve, kind):
        self._settings = settings
        self._serve = serve
        self._kind = kind
        self._open = {}

    def open(self, request, channel):
        """Fork a world. What failed is told when it is closed: whoever waits for it sees its channel closed."""
        settings = self._settings | request["settings"]
        report, report_end = os.pipe()
        pid = None
        try:
            pid = self._kind.open_world(channel, report_end, settings, self._serve)
        except (OSError, world.WorldFailed) as error:
            world.write_failure(report_end, error)
        finally:
            os.close(channel)
            os.close(report_end)
        self._open[request["world"]] = pid, report

    def close_all(self):
        for number in list(self._open):
            self.close({"world": number, "wait": False})

    def close(self, request):
        """End a world; say how its session ended, if it did so by itself."""
        pid, report = self._open.pop(request["world"])
        try:
            if pid is None:
                return {"report": world.report_of(report, request["wait"])}
            return {"report": self._kind.close_world(pid, report, request["wait"])}
        finally:
            os.close(report)


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
    del sys.argv[1:], sys.orig_argv[-2:]  # they name folders of this machine
    kind = importlib.import_module(settings["worlds"])
    kind.enter(settings)
    sys.path[1:] = [*settings.get("library", sys.path[1:]), settings["packages"]]
    import display
    import postponed
    import runner

    sys.path.remove(HERE)  # student code finds course packages only
    import_course_packages(settings["imports"])
    postponed.import_alone(INPUT_TRANSFORMER)
    for name in settings["postponed"]:
        postponed.postpone(name)
    worlds = Worlds(settings, functools.partial(runner.serve, display=display), kind)
    world.libc()
    gc.collect()
    gc.freeze()  # what is here now is never collected, so its pages stay shared with every fork
    control.sendall(b'{"ready": true}\n')
    requests = Requests(control)
    while (request := requests.next()) is not None:
        if request["do"] == "open":
            worlds.open(request, requests.descriptor())
        else:
            control.sendall(json.dumps(worlds.close(request)).encode() + b"\n")
    worlds.close_all()
    os._exit(0)


if __name__ == "__main__":
    main()
