"""A world that is none: an ordinary process with all the rights of whoever grades, for code that is trusted."""

import contextlib
import os
import signal
import sys
import time

import world


def enter(settings):
    """The template keeps what it has."""


def open_world(channel, report, settings, serve):
    pid = os.fork()
    if pid == 0:
        if sys.platform == "linux":
            world.die_with_parent(signal.SIGKILL)
        world.close_all_but(channel)
        os.chdir(settings["folder"])
        world.be_session(channel, settings, serve)
    return pid


def close_world(pid, report, wait):
    deadline = time.monotonic() + (world.STATUS_PATIENCE_S if wait else 0)
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
