"""The system calls that student code may make; the kernel refuses all others.

A list of what is allowed, so that a call that nobody thought of is refused too. No program can be started, no
socket opened but a pair of one's own, no namespace made, nothing mounted, traced, or handed to the kernel to run.
"""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

from stepgrade.sandbox.refusal import SandboxUnavailable

FILES = """
    access chdir chmod close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64 fallocate
    fchdir fchmod fchmodat fdatasync fgetxattr flistxattr flock fstat fstatfs fsync ftruncate getcwd getdents
    getdents64 getxattr lgetxattr link linkat listxattr llistxattr lseek lstat mkdir mkdirat newfstatat open openat
    pipe pipe2 pread64 preadv pwrite64 pwritev read readlink readlinkat readv rename renameat renameat2 rmdir sendfile
    stat statfs statx symlink symlinkat truncate umask unlink unlinkat utime utimensat utimes write writev
"""
# No files in memory: what is in them counts for no process.
MEMORY = "brk madvise mincore mmap mprotect mremap msync munmap"
PROCESSES = """
    clone exit exit_group fork vfork futex futex_waitv get_robust_list set_robust_list set_tid_address arch_prctl rseq
    membarrier getegid geteuid getgid getgroups getpgid getpgrp getpid getppid getresgid getresuid getsid gettid getuid
    getcpu getrandom getrlimit getrusage kill restart_syscall rt_sigaction rt_sigpending rt_sigprocmask
    rt_sigreturn rt_sigsuspend rt_sigtimedwait sched_getaffinity sched_getparam sched_getscheduler sched_yield setpgid
    setrlimit setsid sigaltstack sysinfo tgkill times tkill uname wait4 waitid
"""
TIME = """
    alarm clock_getres clock_gettime clock_nanosleep getitimer gettimeofday nanosleep pause setitimer time timer_create
    timer_delete timer_getoverrun timer_gettime timer_settime
"""
WAITING = """
    epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_wait eventfd eventfd2 poll ppoll pselect6 select
    timerfd_create timerfd_gettime timerfd_settime
"""
# Of an already open pair of sockets, such as multiprocessing makes; none can be opened to anything else.
SOCKET_PAIRS = """
    getpeername getsockname getsockopt recvfrom recvmsg sendmsg sendto setsockopt shutdown socketpair
"""
ALLOWED = " ".join([FILES, MEMORY, PROCESSES, TIME, WAITING, SOCKET_PAIRS, "fcntl ioctl prctl prlimit64"]).split()

# What a landlocked world's keeper is asked about.
FORKING = ("clone", "fork", "vfork")
SIGNALLING = ("kill", "tkill", "tgkill")
# What changes or tells more of a path than that it is there, and Landlock does not know: without mounts of one's own,
# all that the same user owns could be reached by it.
ON_PATHS = (
    "chmod", "fchmod", "fchmodat", "getxattr", "lgetxattr", "listxattr", "llistxattr", "utime", "utimensat", "utimes",
)  # fmt: skip
# On its way from socket to socket a removed file takes space, and nobody who looks for it finds it.
HIDING_FILES = ("sendmsg",)

NEW_NAMESPACES = 0x7E020080  # every CLONE_NEW flag of clone(2)
IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # terminal's state and size, bytes waiting, flags of a file
PRCTLS = (15, 16)  # the name of a thread
# Copies, flags, locks, a pipe's size; not who gets a signal when something can be read, which may be anybody.
FCNTLS = (*range(8), 36, 37, 38, *range(1030, 1033))
UNIX, STREAM, TYPE_OF_SOCKET = 1, 1, 0xF


@cache
def seccomp_program(*, left_out: tuple[str, ...] = ()) -> bytes:
    """Return the filter as the kernel's own program, made by libseccomp for this machine.

    Calls that are ``left_out`` are refused like all that are not on the list.

    Raises
    ------
    SandboxUnavailable
        If libseccomp is not on this machine.
    """
    pyseccomp = _libseccomp()
    # Refused calls say "not implemented": the C library then falls back to an older call where there is one.
    filters = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.ENOSYS))
    for name in ALLOWED:
        if name not in left_out and _exists(pyseccomp, name):
            for conditions in _conditions(pyseccomp, name):
                filters.add_rule(pyseccomp.ALLOW, name, *conditions)
    return _program(filters)


@cache
def asking_program(asked: tuple[str, ...]) -> bytes:
    """Return a filter that lets these calls wait until a supervisor has answered, and passes all others.

    Of several filters the strictest counts: what the other one refuses is refused, and nobody is asked.
    """
    pyseccomp = _libseccomp()
    filters = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in asked:
        if _exists(pyseccomp, name):
            filters.add_rule(pyseccomp.NOTIFY, name)
    return _program(filters)


def _libseccomp() -> ModuleType:
    try:
        import pyseccomp
    except (ImportError, RuntimeError) as error:
        raise SandboxUnavailable(
            f"libseccomp cannot be used ({error}); install your system's libseccomp package (libseccomp2 on Debian and "
            "Ubuntu)"
        ) from None
    module: ModuleType = pyseccomp
    return module


def _program(filters: Any) -> bytes:
    with tempfile.TemporaryFile() as file:
        filters.export_bpf(file)
        file.seek(0)
        return file.read()


def _conditions(pyseccomp: ModuleType, name: str) -> Iterator[tuple[Any, ...]]:
    """Yield what the arguments of a call must be, each time as conditions that all have to hold."""

    def argument(index: int, value: int) -> Any:
        return pyseccomp.Arg(index, pyseccomp.EQ, value)

    def masked(index: int, bits: int, value: int) -> Any:
        return pyseccomp.Arg(index, pyseccomp.MASKED_EQ, bits, value)

    match name:
        case "clone":
            yield (masked(0, NEW_NAMESPACES, 0),)
        case "ioctl" | "fcntl":
            yield from ((argument(1, value),) for value in (IOCTLS if name == "ioctl" else FCNTLS))
        case "prctl":
            yield from ((argument(0, value),) for value in PRCTLS)
        case "prlimit64":  # one's own limits; those of other processes of the same user could be lowered to nothing
            yield (argument(0, 0),)
        case "socketpair":  # datagrams could be sent to any address
            yield argument(0, UNIX), masked(1, TYPE_OF_SOCKET, STREAM)
        case _:
            yield ()


def _exists(pyseccomp: ModuleType, name: str) -> bool:
    """Tell whether this machine has the call: an older libseccomp does not know the newest, nor ARM the oldest."""
    number: int = pyseccomp.resolve_syscall(pyseccomp.system_arch(), name)
    return number >= 0
