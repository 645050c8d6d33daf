"""A world of namespaces within bubblewrap's: own mounts, processes and network, and a first process.

That one reaps, and reports how the session has ended.
"""

import base64
import ctypes
import functools
import os
import resource
import signal

import seccomp
import world

NEW_USER, NEW_MOUNT, NEW_PID = 0x10000000, 0x00020000, 0x20000000
NEW_IPC, NEW_UTS, NEW_NET = 0x08000000, 0x04000000, 0x40000000
NAMESPACES = NEW_USER | NEW_MOUNT | NEW_PID | NEW_IPC | NEW_UTS | NEW_NET

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8

CLONE_NUMBER = {"x86_64": 56, "aarch64": 220}  # the C library has no wrapper without a stack of its own

UID_INSIDE = 1000
WRITABLE = "/tmp"  # the world's own, empty and alone in it


def enter(settings):
    """bubblewrap has hidden all but what the template needs; root goes once everything is mounted."""
    world.become_nobody()


def open_world(channel, report, settings, serve):
    """Fork the first process of a world, whose death ends every other."""
    settings = settings | {"uid": os.getuid(), "gid": os.getgid()}
    world.address_space_bytes()
    pid = fork_into_namespaces()
    if pid == 0:
        world.close_all_but(channel, report)
        be_init(channel, report, settings, serve)
    return pid


def close_world(pid, report, wait):
    text = world.report_of(report, wait)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)  # the first process of a namespace is gone only after all others are
    return text


@functools.cache
def interpreter():
    """Return the C library's and Python's own functions; unlike CDLL it keeps the lock, as os.fork does."""
    return ctypes.PyDLL(None, use_errno=True)


def fork_into_namespaces():
    """Fork, with the child as the first process of namespaces of its own; return as ``os.fork`` does.

    One system call instead of fork, unshare and fork again: each fork of the warm process costs milliseconds.
    """
    number = world.number_here(CLONE_NUMBER)
    python = interpreter()
    python.PyOS_BeforeFork()
    pid = python.syscall(number, NAMESPACES | signal.SIGCHLD, 0, 0, 0, 0)
    if pid == 0:
        python.PyOS_AfterFork_Child()
    else:
        python.PyOS_AfterFork_Parent()
    return world.checked("new namespaces", pid)


def be_init(channel, report, settings, serve):
    """Be the world's first process: build it, fork the student's session, reap until that is dead, and report.

    The first process of a namespace gets no signal from inside it, and its death ends every other process. So no
    student code runs in it; what it says about the session's end is the kernel's word.
    """
    try:
        map_user(settings["uid"], settings["gid"])
        mount_own_folders(settings["disk_mib"])
        world.drop_capabilities()
        session = os.fork()
        if session == 0:
            os.close(report)
            world.be_session(channel, settings, serve, lambda: confine(settings))
        os.close(channel)
        world.write_status(report, wait_for(session))
    except BaseException as error:
        world.write_failure(report, error)
    os._exit(0)


def confine(settings):
    # Counted by user namespace, so that only the world's own processes are.
    resource.setrlimit(resource.RLIMIT_NPROC, (settings["processes"], settings["processes"]))
    world.give_up_new_privileges()
    seccomp.install(base64.b64decode(settings["filter"]))


def map_user(outer_uid, outer_gid):
    """Become an ordinary user without a name; outside, it stays who it was."""
    # The whole world is the first to go when memory runs out; and a process that is not dumpable could not write maps.
    world.first_to_go()
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{UID_INSIDE} {outer_uid} 1"),
        ("gid_map", f"{UID_INSIDE} {outer_gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    world.libc().prctl(world.PR_SET_DUMPABLE, 0, 0, 0, 0)


def mount_own_folders(disk_mib):
    """Cover what is shared by an empty folder of the world's own, and /proc by one that stays empty."""
    mount = world.libc().mount
    flags = MS_NOSUID | MS_NODEV | MS_NOEXEC
    options = f"size={disk_mib}m,nr_inodes=4096,mode=0700,uid={UID_INSIDE},gid={UID_INSIDE}".encode()
    world.checked("mount /tmp", mount(b"tmpfs", WRITABLE.encode(), b"tmpfs", ctypes.c_ulong(flags), options))
    read_only = ctypes.c_ulong(flags | MS_RDONLY)
    world.checked("mount /proc", mount(b"tmpfs", b"/proc", b"tmpfs", read_only, b"size=4k,mode=0555"))
    os.chdir(WRITABLE)


def wait_for(pid):
    while True:  # orphans of the world are reaped on the way
        ended, status = os.wait()
        if ended == pid:
            return status
