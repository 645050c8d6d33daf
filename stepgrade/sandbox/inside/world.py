"""One submission's world: namespaces, mounts, limits, and a first process that reaps and reports.

Runs in the template's process and in what it forks, before any code of a student. Everything goes through the C
library by number, because Python has no names for most of it before 3.12.
"""

import base64
import ctypes
import json
import os
import resource
import signal
import struct
import sys

NEW_USER, NEW_MOUNT, NEW_PID = 0x10000000, 0x00020000, 0x20000000
NEW_IPC, NEW_UTS, NEW_NET = 0x08000000, 0x04000000, 0x40000000
NAMESPACES = NEW_USER | NEW_MOUNT | NEW_PID | NEW_IPC | NEW_UTS | NEW_NET

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
SECCOMP_MODE_FILTER = 2
CAPABILITY_VERSION_3 = 0x20080522

# The C library has no wrapper for clone without a stack of its own, and none for capset.
CLONE_NUMBER = {"x86_64": 56, "aarch64": 220}
CAPSET_NUMBER = {"x86_64": 126, "aarch64": 91}

UID_INSIDE = 1000
NOBODY = 65534
WRITABLE = "/tmp"  # the world's own, empty and alone in it


class WorldFailed(Exception):
    """A step of building the world was refused by the kernel."""


def libc():
    return ctypes.CDLL(None, use_errno=True)


def checked(what, result):
    if result == -1:
        raise WorldFailed(f"{what}: {os.strerror(ctypes.get_errno())}")
    return result


def fork_into_namespaces():
    """Fork, with the child as the first process of namespaces of its own; return as ``os.fork`` does.

    One system call instead of fork, unshare and fork again: each fork of the warm process costs milliseconds.
    """
    number = CLONE_NUMBER.get(os.uname().machine)
    if number is None:
        raise WorldFailed(f"no system call number known for {os.uname().machine}")
    python = ctypes.PyDLL(None, use_errno=True)  # unlike CDLL it keeps the interpreter's lock, as os.fork does
    python.PyOS_BeforeFork()
    pid = python.syscall(number, NAMESPACES | signal.SIGCHLD, 0, 0, 0, 0)
    if pid == 0:
        python.PyOS_AfterFork_Child()
    else:
        python.PyOS_AfterFork_Parent()
    return checked("new namespaces", pid)


def become_nobody():
    """Give root up for good: a limit on processes does not bind it, and no file of the machine is ours to write."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


def map_user(outer_uid, outer_gid):
    """Become an ordinary user without a name; outside, it stays who it was."""
    # /proc/self belongs to root while a process is not dumpable, and the maps could not be written.
    libc().prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{UID_INSIDE} {outer_uid} 1"),
        ("gid_map", f"{UID_INSIDE} {outer_gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    # The whole world is the first to go when memory runs out, never the template.
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    libc().prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def mount_own_folders(disk_mib):
    """Cover what is shared by an empty folder of the world's own, and /proc by one that stays empty."""
    mount = libc().mount
    flags = MS_NOSUID | MS_NODEV | MS_NOEXEC
    options = f"size={disk_mib}m,nr_inodes=4096,mode=0700,uid={UID_INSIDE},gid={UID_INSIDE}".encode()
    checked("mount /tmp", mount(b"tmpfs", WRITABLE.encode(), b"tmpfs", ctypes.c_ulong(flags), options))
    checked("mount /proc", mount(b"tmpfs", b"/proc", b"tmpfs", ctypes.c_ulong(flags | MS_RDONLY), b"size=4k,mode=0555"))
    os.chdir(WRITABLE)


def drop_capabilities():
    header = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
    number = CAPSET_NUMBER[os.uname().machine]
    checked("drop capabilities", libc().syscall(number, header, b"\0" * 24))


def install_filter(program):
    """Let the kernel refuse every system call that is not on the list, for this process and all that it starts."""

    class SockFprog(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]

    checked("no new privileges", libc().prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    bpf = SockFprog(len(program) // 8, program)
    checked("seccomp filter", libc().prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(bpf), 0, 0))


def limit_resources(settings):
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: settings["open_files"],
        resource.RLIMIT_FSIZE: settings["disk_mib"] * 2**20,
    }
    if sys.platform == "linux":  # elsewhere the address space of NumPy alone may exceed any sane limit
        limits[resource.RLIMIT_AS] = settings["memory_mib"] * 2**20 + address_space_bytes()
        limits[resource.RLIMIT_MSGQUEUE] = 0
    if settings["isolated"]:  # without a user namespace this would count all processes of the user
        limits[resource.RLIMIT_NPROC] = settings["processes"]
    for name, value in limits.items():
        resource.setrlimit(name, (value, value))
    # The timers of the runner are the limit; this one stands behind them, for a process that takes its timer away.
    cpu_s = int(settings["submission_cpu_s"]) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))


ADDRESS_SPACE = []  # measured once, while there is a /proc to ask


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


def be_init(channel, report, settings, serve):
    """Be the world's first process: build it, fork the student's session, reap until that is dead, and report.

    The first process of a namespace gets no signal from inside it, and its death ends every other process. So no
    student code runs in it; what it says about the session's end is the kernel's word.
    """
    try:
        map_user(settings["uid"], settings["gid"])
        mount_own_folders(settings["disk_mib"])
        drop_capabilities()
        session = os.fork()
        if session == 0:
            os.close(report)
            be_session(channel, settings, serve)
        os.close(channel)
        write_status(report, wait_for(session))
    except BaseException as error:
        os.write(report, f"failed {error}"[:500].encode())
    os._exit(0)


def be_session(channel, settings, serve):
    """Limit this process for good, then run the student's code in it; never return."""
    try:
        os.setsid()
        # Of its own: a file that worlds shared would have one position, one size, and one owner.
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in range(3):
            os.dup2(nothing, standard)
        os.close(nothing)
        limit_resources(settings)
        if settings["isolated"]:
            install_filter(base64.b64decode(settings["filter"]))
        serve(channel, settings)
    finally:
        os._exit(0)


def wait_for(pid):
    while True:  # orphans of the world are reaped on the way
        ended, status = os.wait()
        if ended == pid:
            return status


def write_status(report, status):
    os.write(report, f"ended {os.waitstatus_to_exitcode(status)}".encode())


def open_world(channel, report, settings, serve):
    """Fork a session, isolated or not; return the process id whose death ends it."""
    if settings["isolated"]:
        settings = settings | {"uid": os.getuid(), "gid": os.getgid()}
        address_space_bytes()
        pid = fork_into_namespaces()
        if pid == 0:
            close_all_but(channel, report)
            be_init(channel, report, settings, serve)
        return pid
    pid = os.fork()
    if pid == 0:
        if sys.platform == "linux":
            libc().prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        close_all_but(channel)
        os.chdir(settings["folder"])
        be_session(channel, settings, serve)
    return pid


def probe(settings):
    """Build one world with nothing in it; print how it ended."""
    become_nobody()
    report, report_end = os.pipe()
    channel = os.open("/dev/null", os.O_RDWR)
    pid = open_world(channel, report_end, settings, lambda channel, settings: None)
    os.waitpid(pid, 0)
    sys.stdout.write(os.read(report, 600).decode())


if __name__ == "__main__":
    try:
        probe(json.loads(sys.argv[1]))
    except (OSError, WorldFailed) as error:
        sys.exit(str(error))
