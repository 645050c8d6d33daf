"""The system calls that student code may make; the kernel refuses all others.

A list of what is allowed, so that a call that nobody thought of is refused too. No program can be started, no
socket opened but a pair of one's own, no namespace made, nothing mounted, traced, or handed to the kernel to run.
"""

from __future__ import annotations

import errno
import tempfile
from functools import cache
from types import ModuleType

from stepgrade.sandbox.refusal import SandboxUnavailable

FILES = """
    access chdir chmod close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64 fallocate
    fchdir fchmod fchmodat fcntl fdatasync fgetxattr flistxattr flock fstat fstatfs fsync ftruncate getcwd getdents
    getdents64 getxattr lgetxattr link linkat listxattr llistxattr lseek lstat mkdir mkdirat newfstatat open openat
    pipe pipe2 pread64 preadv pwrite64 pwritev read readlink readlinkat readv rename renameat renameat2 rmdir sendfile
    stat statfs statx symlink symlinkat truncate umask unlink unlinkat utime utimensat utimes write writev
"""
MEMORY = "brk madvise memfd_create mincore mmap mprotect mremap msync munmap"
PROCESSES = """
    exit exit_group fork vfork futex futex_waitv get_robust_list set_robust_list set_tid_address arch_prctl rseq
    membarrier getegid geteuid getgid getgroups getpgid getpgrp getpid getppid getresgid getresuid getsid gettid getuid
    getcpu getrandom getrlimit getrusage kill prlimit64 restart_syscall rt_sigaction rt_sigpending rt_sigprocmask
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
ALLOWED = " ".join([FILES, MEMORY, PROCESSES, TIME, WAITING, SOCKET_PAIRS]).split()

NEW_NAMESPACES = 0x7E020080  # every CLONE_NEW flag of clone(2)
IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # terminal's state and size, bytes waiting, flags of a file
PRCTLS = (15, 16)  # the name of a thread


@cache
def seccomp_program() -> bytes:
    """Return the filter as the kernel's own program, made by libseccomp for this machine.

    Raises
    ------
    SandboxUnavailable
        If libseccomp is not on this machine.
    """
    try:
        import pyseccomp
    except (ImportError, RuntimeError) as error:
        raise SandboxUnavailable(
            f"libseccomp cannot be used ({error}); install your system's libseccomp package (libseccomp2 on Debian and "
            "Ubuntu)"
        ) from None
    # Refused calls say "not implemented": the C library then falls back to an older call where there is one.
    filters = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.ENOSYS))
    for name in ALLOWED:
        if _exists(pyseccomp, name):
            filters.add_rule(pyseccomp.ALLOW, name)
    filters.add_rule(pyseccomp.ALLOW, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, NEW_NAMESPACES, 0))
    for name, argument, values in (("ioctl", 1, IOCTLS), ("prctl", 0, PRCTLS)):
        for value in values:
            filters.add_rule(pyseccomp.ALLOW, name, pyseccomp.Arg(argument, pyseccomp.EQ, value))
    with tempfile.TemporaryFile() as file:
        filters.export_bpf(file)
        file.seek(0)
        return file.read()


def _exists(pyseccomp: ModuleType, name: str) -> bool:
    """Tell whether this machine has the call: an older libseccomp does not know the newest, nor ARM the oldest."""
    number: int = pyseccomp.resolve_syscall(pyseccomp.system_arch(), name)
    return number >= 0
