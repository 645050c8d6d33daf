"""A filter of system calls, and answering for those that it does not decide itself.

The kernel can stop a process in a call and ask another whether it may go on. Only numbers are looked at here,
never memory that the asking process could change meanwhile.
"""

import ctypes
import errno
import fcntl
import struct
from typing import NamedTuple

import world

SECCOMP_NUMBER = {"x86_64": 317, "aarch64": 277}
SET_MODE_FILTER = 1
NEW_LISTENER = 1 << 3

# _IOWR('!', 0, struct seccomp_notif) and _IOWR('!', 1, struct seccomp_notif_resp)
NOTIF_RECV, NOTIF_SEND = 0xC0502100, 0xC0182101
NOTIFICATION = struct.Struct("=QIIiIQ6Q")
RESPONSE = struct.Struct("=QqiI")
CONTINUE = 1


class SockFprog(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def install(program, *, asking=False):
    """Let the kernel refuse every call that is not on the list, for this process and all that it starts.

    With ``asking`` return the descriptor on which it asks about the calls that the program leaves to somebody else.
    """
    number = world.number_here(SECCOMP_NUMBER)
    bpf = SockFprog(len(program) // 8, program)
    flags = NEW_LISTENER if asking else 0
    return world.checked("seccomp filter", world.libc().syscall(number, SET_MODE_FILTER, flags, ctypes.byref(bpf)))


class Request(NamedTuple):
    """A system call that waits for an answer: the thread that makes it, its number and arguments."""

    id: int
    thread: int
    call: int
    arguments: tuple


def receive(listener):
    """Return the next call that waits, None if whoever made it is gone."""
    buffer = bytearray(NOTIFICATION.size)
    try:
        fcntl.ioctl(listener, NOTIF_RECV, buffer)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.EINTR):
            return None
        raise
    number, thread, _flags, call, _arch, _ip, *arguments = NOTIFICATION.unpack(buffer)
    return Request(number, thread, call, tuple(arguments))


def let_pass(listener, request):
    _respond(listener, RESPONSE.pack(request.id, 0, 0, CONTINUE))


def refuse(listener, request, number):
    """Let the call fail with that error number; 0 lets it succeed without being made."""
    _respond(listener, RESPONSE.pack(request.id, 0, -number, 0))


def _respond(listener, response):
    try:
        fcntl.ioctl(listener, NOTIF_SEND, bytearray(response))
    except OSError as error:
        if error.errno != errno.ENOENT:  # it was interrupted or killed, and does not wait any more
            raise
