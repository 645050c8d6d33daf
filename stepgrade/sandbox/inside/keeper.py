"""The process that keeps a landlocked world together, in place of the first process that a namespace would have.

It runs no student code. Every process of the world asks it before it forks, so that their number is limited without
counting other processes of the same user, and so that none can slip away while they are ended. Whoever loses its
parent becomes its child: it ends them all when the session is over, or when the template lets go, or is gone.
"""

import contextlib
import errno
import os
import select
import signal
import time

import seccomp
import world
import written

PR_SET_CHILD_SUBREAPER = 36
WAIT_ALL = 0x40000000  # __WALL: for a child that was told to end without a signal, too
LOOK_S = 0.1  # how often the size of what was written is looked at, by default
PAUSES_PER_LOOK = 9  # the world stands still meanwhile: at most a tenth of its time, however many processes it has

# By machine: what sends a signal to one process or thread, and what to a thread of a given process.
KILL = {"x86_64": (62, 200), "aarch64": (129, 130)}
TGKILL = {"x86_64": 234, "aarch64": 131}


def adopt_orphans():
    """Become the parent of every descendant whose own parent ends."""
    world.checked("adopt orphans", world.libc().prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))


def children(process, thread=None):
    """Return the children of a process, or of one of its threads."""
    try:
        with open(f"/proc/{process}/task/{thread or process}/children") as file:
            return [int(number) for number in file.read().split()]
    except FileNotFoundError:
        if process == os.getpid():
            raise world.WorldFailed("this kernel does not tell a process's children (CONFIG_PROC_CHILDREN)") from None
        return []  # gone in the meantime
    except ProcessLookupError:
        return []


def end_children(spared=()):
    """Kill every child of this process, and those that come to it when their own parents die, until there is none.

    The list is exact, since a child leaves it only when it is waited for here.
    """
    while found := set(children(os.getpid())).difference(spared):
        for child in found:
            os.kill(child, signal.SIGKILL)
        for child in found:
            os.waitpid(child, WAIT_ALL)


class Keeper:
    """Watches over one world until its session has ended, or the template lets go of the leash."""

    def __init__(self, session, listener, leash, settings):
        self._session = session
        self._listener = listener
        self._leash = leash
        self._most_processes = settings["processes"]
        self._most_bytes = settings["disk_mib"] * 2**20
        self._folder = settings["folder"]
        self._kill, self._tgkill = world.number_here(KILL), world.number_here(TGKILL)

    def watch(self):
        """Return the session's status, None if the template has let go before."""
        ended = os.pidfd_open(self._session)
        events = select.poll()
        for descriptor in (self._leash, self._listener, ended):
            events.register(descriptor, select.POLLIN)
        next_look = time.monotonic() + LOOK_S
        while True:
            ready = {descriptor for descriptor, _ in events.poll(LOOK_S * 1000)}
            if self._leash in ready:
                return None
            if ended in ready:
                return os.waitpid(self._session, 0)[1]
            if self._listener in ready and (request := seccomp.receive(self._listener)) is not None:
                self._answer(request)
            if (now := time.monotonic()) > next_look:
                if written.is_too_much(self._folder, self._threads(), self._most_bytes):
                    os.kill(self._session, signal.SIGKILL)
                    os.waitpid(self._session, 0)
                    return signal.SIGXFSZ  # the status of a process that this signal has ended
                took_s = time.monotonic() - now
                next_look = now + took_s + max(LOOK_S, PAUSES_PER_LOOK * took_s)

    def _answer(self, request):
        if request.call in self._kill or request.call == self._tgkill:
            self._answer_signal(request)
            return
        self._reap()
        if sum(map(len, self._threads().values())) < self._most_processes:
            seccomp.let_pass(self._listener, request)
        else:
            seccomp.refuse(self._listener, request, errno.EAGAIN)

    def _answer_signal(self, request):
        """Decide about a signal, on kernels whose Landlock does not: it may go to the world's own processes only."""
        target = request.arguments[0] & 0xFFFFFFFF
        world_threads = self._threads()
        if request.call != self._tgkill and target == 0xFFFFFFFF:  # -1: everybody
            for process, threads in world_threads.items():
                if request.thread not in threads:
                    self._signal(process, request.arguments[1] & 0xFFFFFFFF)
            seccomp.refuse(self._listener, request, 0)
        # 0 is the sender's own group, which nobody from outside of its session can be in.
        elif target == 0 or any(target == process or target in threads for process, threads in world_threads.items()):
            seccomp.let_pass(self._listener, request)
        else:
            seccomp.refuse(self._listener, request, errno.EPERM)

    def _signal(self, process, number):
        with contextlib.suppress(OSError):
            os.kill(process, number)

    def _reap(self):
        for child in children(os.getpid()):
            if child != self._session:
                os.waitpid(child, os.WNOHANG | WAIT_ALL)

    def _threads(self):
        """Return the threads of each process of the world."""
        found = {}
        waiting = children(os.getpid())
        while waiting:
            process = waiting.pop()
            try:
                found[process] = {int(name) for name in os.listdir(f"/proc/{process}/task")}
            except (FileNotFoundError, ProcessLookupError):
                continue
            for thread in found[process]:
                waiting += children(process, thread)
        return found
