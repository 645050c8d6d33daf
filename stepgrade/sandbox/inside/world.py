"""What every world has, whatever it is built of: limits, an own session, and the end of it.

Runs in the template's process and in what it forks, before any code of a student. Everything goes through the C
library by number, because Python has no names for most of it before 3.12.

A kind of world is a module of this folder with three functions: ``enter(settings)`` gives up what the template
itself does not need, ``open_world(channel, report, settings, serve)`` forks a session and returns the process to
close it by, and ``close_world(pid, report, wait)`` ends it with all that it started, and returns how its session
ended if it did so by itself.
"""

import ctypes
import functools
import os
import resource
import select
import struct
import sys

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
CAPABILITY_VERSION_3 = 0x20080522
CAPSET_NUMBER = {"x86_64": 126, "aarch64": 91}  # the C library has no wrapper

NOBODY = 65534
STATUS_PATIENCE_S = 2.0
IT_HOLDS = b"it holds"
ADDRESS_SPACE = []  # measured once, while there is a /proc to ask


class WorldFailed(Exception):
    """A step of building the world was refused by the kernel."""


@functools.cache
def libc():
    """Return the C library.

    Loaded once, by the template: it makes types and functions, which every fork would make anew in pages of its own.
    """
    library = ctypes.CDLL(None, use_errno=True)
    for name in ("prctl", "syscall", "mount"):
        getattr(library, name)
    return library


def checked(what, result):
    if result == -1:
        raise WorldFailed(f"{what}: {os.strerror(ctypes.get_errno())}")
    return result


def number_here(numbers):
    """Return the number of a system call on this machine, from its numbers by machine."""
    machine = os.uname().machine
    if machine not in numbers:
        raise WorldFailed(f"no system call number known for {machine}")
    return numbers[machine]


def become_nobody():
    """Give root up for good: a limit on processes does not bind it, and no file of the machine is ours to write."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


def drop_capabilities():
    number = number_here(CAPSET_NUMBER)
    header = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
    checked("drop capabilities", libc().syscall(number, header, b"\0" * 24))


def give_up_new_privileges():
    checked("no new privileges", libc().prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def die_with_parent(number):
    libc().prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)


def first_to_go():
    """Have the kernel end this process before any other when memory runs out, never the template."""
    # /proc/self belongs to root while a process is not dumpable.
    libc().prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
    file = os.open("/proc/self/oom_score_adj", os.O_WRONLY)  # without cutting it, which Landlock calls another right
    os.write(file, b"1000")
    os.close(file)


def limit_resources(settings):
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: settings["open_files"],
        resource.RLIMIT_FSIZE: settings["disk_mib"] * 2**20,
    }
    if sys.platform == "linux":  # elsewhere the address space of NumPy alone may exceed any sane limit
        limits[resource.RLIMIT_AS] = settings["memory_mib"] * 2**20 + address_space_bytes()
        limits[resource.RLIMIT_MSGQUEUE] = 0
    for name, value in limits.items():
        resource.setrlimit(name, (value, value))
    # The timers of the runner are the limit; this one stands behind them, for a process that takes its timer away.
    cpu_s = int(settings["submission_cpu_s"]) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))


def address_space_bytes():
    if not ADDRESS_SPACE:
        with open("/proc/self/statm") as file:
            ADDRESS_SPACE.append(int(file.read().split()[0]) * resource.getpagesize())
    return ADDRESS_SPACE[0]


def close_all_but(*kept):
    previous = 2
    for descriptor in sorted(kept):
        os.closerange(previous + 1, descriptor)
        previous = descriptor
    os.closerange(previous + 1, 1 << 16)


def be_session(channel, settings, serve, confine=lambda: None):
    """Hold and limit this process for good, then run the student's code in it; never return.

    ``confine`` gives up what its kind of world takes away. It comes first, because what it needs of the kernel may be
    counted by user: under the limits of a session, another session's student could use it up.
    """
    try:
        os.setsid()
        # Of its own: a file that worlds shared would have one position, one size, and one owner.
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in range(3):
            os.dup2(nothing, standard)
        os.close(nothing)
        confine()
        limit_resources(settings)
        serve(channel, settings)
    finally:
        os._exit(0)


def say_it_holds(channel, settings):
    """Be the session of a trial that has nothing to try: that it has come so far is what its kind of world can show."""
    os.write(channel, IT_HOLDS)


def write_status(report, status):
    os.write(report, f"ended {os.waitstatus_to_exitcode(status)}".encode())


def write_failure(report, error):
    os.write(report, f"failed {error}"[:500].encode())


def report_of(report, wait):
    """Return what a world has written about its session's end; ``wait`` a moment for it."""
    readable, _, _ = select.select([report], [], [], STATUS_PATIENCE_S if wait else 0)
    return os.read(report, 600).decode("utf-8", "replace") if readable else ""
