"""Landlock by its three system calls: a process gives up every file but what lies beneath some paths, for good.

Older kernels know less of it. What a version (the kernel says "ABI") does not know is left out here, and whoever uses
it has to say what protects instead.
"""

import ctypes
import os
import struct

import world

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every machine
PATH_BENEATH = 1
NO_LOG = 1  # LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF

(
    EXECUTE,
    WRITE_FILE,
    READ_FILE,
    READ_DIR,
    REMOVE_DIR,
    REMOVE_FILE,
    MAKE_CHAR,
    MAKE_DIR,
    MAKE_REG,
    MAKE_SOCK,
    MAKE_FIFO,
    MAKE_BLOCK,
    MAKE_SYM,
    REFER,
    TRUNCATE,
    IOCTL_DEV,
) = (1 << bit for bit in range(16))
READ = READ_FILE | READ_DIR
CHANGE = READ | WRITE_FILE | TRUNCATE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_SYM | REFER
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV  # what a rule about a file can hold

BIND_TCP, CONNECT_TCP = 1, 2
ABSTRACT_SOCKETS, SIGNALS = 1, 2

# The version of the kernel's interface that brought a right; those without an entry were there from the first.
SINCE = {REFER: 2, TRUNCATE: 3, IOCTL_DEV: 5}
TCP_SINCE, SCOPES_SINCE, NO_LOG_SINCE = 4, 6, 7


class Ruleset:
    """What is still allowed, of all that version ``abi`` can refuse: nothing, until it is said.

    Neither TCP ports nor signals and abstract sockets of others can be allowed.
    """

    def __init__(self, abi):
        self._abi = abi
        rights = sum(1 << bit for bit in range(16) if SINCE.get(1 << bit, 1) <= abi)
        attributes = struct.pack("=Q", rights)
        if abi >= TCP_SINCE:
            attributes += struct.pack("=Q", BIND_TCP | CONNECT_TCP)
        if abi >= SCOPES_SINCE:
            attributes += struct.pack("=Q", ABSTRACT_SOCKETS | SIGNALS)
        self._rights = rights
        self._libc = world.libc()
        self._descriptor = world.checked(
            "Landlock ruleset",
            self._libc.syscall(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0),
        )

    def allow(self, path, rights):
        """Allow ``rights`` to the file at ``path``, or to all that lies beneath the folder."""
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            rights &= self._rights if os.path.isdir(path) else self._rights & OF_FILES
            rule = struct.pack("=Qi", rights, place)
            world.checked(
                f"Landlock rule for {path}", self._libc.syscall(ADD_RULE, self._descriptor, PATH_BENEATH, rule, 0)
            )
        finally:
            os.close(place)

    def enforce(self):
        """Hold this process, and all that it will start, to what is allowed; there is no way back."""
        flags = NO_LOG if self._abi >= NO_LOG_SINCE else 0  # else student code could fill the machine's audit log
        world.checked("Landlock", self._libc.syscall(RESTRICT_SELF, self._descriptor, flags))
        os.close(self._descriptor)
