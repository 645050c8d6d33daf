"""Attacks that reach for the network, the environment, /proc, and parts of the kernel that no answer needs."""

from __future__ import annotations

from stepgrade.result import EndState
from tests.attacks.attack import CRASHED, LISTENER_PORT, MARK, Attack, Kind, winning


def _reach(name: str, cell: str, **more: object) -> Attack:
    return winning(name, Kind.REACHING, cell, **more)


def _any_of(*statements: str) -> str:
    """Return code that tries each statement by itself, and has won when one of them does not raise."""
    tries = "\n".join(f"try:\n    {statement}\n    won = True\nexcept OSError:\n    pass" for statement in statements)
    return f"import socket\n{tries}"


# Numbers of x86-64; elsewhere they are other calls or none, and refused all the same.
CALL = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
buffer = ctypes.create_string_buffer(4096)
"""


def _syscall(name: str, *calls: str, **more: object) -> Attack:
    """Return an attack that wins if one of these calls of the kernel succeeds."""
    lines = "\n".join(f"won = won or libc.syscall({call}) >= 0" for call in calls)
    return _reach(name, f"{CALL}\n{lines}", **more)


NETWORK = (
    _reach("a server outside is reached", _any_of(f"socket.create_connection(('127.0.0.1', {LISTENER_PORT}), 1)")),
    _reach(
        "datagrams are sent outside",
        _any_of(
            f"socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {LISTENER_PORT}))",
            "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b'x', ('::1', 53))",
        ),
    ),
    _reach(
        "an abstract socket outside is reached",
        _any_of(
            f"socket.socket(socket.AF_UNIX).connect('\\0{MARK}-{LISTENER_PORT}')",
            "a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
            f"    a.sendto(b'x', '\\0{MARK}-{LISTENER_PORT}')",
        ),
    ),
    _reach(
        "the host is asked by vsock, netlink and raw packets",
        _any_of(
            "socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).connect((2, 1024))",
            "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)",
            "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
            "socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)",
            "socket.socket(40, socket.SOCK_STREAM)",
        ),
    ),
    _reach(
        "a name is looked up",
        _any_of("socket.getaddrinfo('localhost.localdomain', 80, socket.AF_INET)[0][9]").replace(
            "except OSError", "except (OSError, IndexError)"
        ),
    ),
    _reach("a server is opened", _any_of("s = socket.socket()\n    s.bind(('127.0.0.1', 0))\n    s.listen()")),
)

# Behind Landlock it can be seen that a path is there, and nothing else of it.
SEEN = "lambda path: os.path.exists(path)"
OPENED = "lambda path: os.close(os.open(path, os.O_RDONLY)) is None"


def _found(name: str, how: str, *paths: str, **more: object) -> Attack:
    return _reach(
        name,
        f"found = {how}\n"
        f"for path in {paths!r}:\n"
        "    try:\n        won = won or found(path)\n    except OSError:\n        pass",
        **more,
    )


KERNEL_AND_DEVICES = (
    "/sys/kernel", "/dev/mem", "/dev/kmem", "/dev/kmsg", "/dev/fuse", "/dev/kvm", "/dev/vda", "/dev/sda", "/dev/tty",
    "/dev/ptmx", "/dev/net/tun", "/proc/sysrq-trigger", "/proc/kcore", "/sys/fs/cgroup",
)  # fmt: skip
USERS = ("/etc/passwd", "/etc/shadow", "/etc/hostname")

PLACES = (
    _reach(
        "secrets are looked for in the environment",
        "won = any(word in name.upper() for name in os.environ for word in ('SECRET', 'TOKEN', 'KEY', 'PASS', 'AWS'))",
    ),
    _reach("processes are listed", "won = any(name.isdigit() for name in os.listdir('/proc'))"),
    _reach("the first process's files are opened", "won = bool(os.listdir('/proc/1/fd') + os.listdir('/proc/1/root'))"),
    _found("kernel and devices are seen", SEEN, *KERNEL_AND_DEVICES, kinds=("bubblewrap",)),
    _found("kernel and devices are opened", OPENED, *KERNEL_AND_DEVICES),
    _found("users of the machine are seen", SEEN, *USERS, kinds=("bubblewrap",)),
    _found("users of the machine are read", OPENED, *USERS),
    _reach(
        "a device is made",
        _any_of(
            f"os.mknod('/tmp/{MARK}', 0o20666, os.makedev(1, 1))",
            f"os.mknod('/tmp/{MARK}b', 0o60666, os.makedev(254, 0))",
        ),
    ),
    _reach("a handle of a file is opened", f"{CALL}\nwon = libc.syscall(304, -100, buffer, 0) >= 0"),
)

RIGHTS = (
    _reach(
        "limits are raised",
        "import resource\n"
        "for name in (resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE,\n"
        "             resource.RLIMIT_CPU, resource.RLIMIT_CORE):\n"
        "    try:\n"
        "        resource.setrlimit(name, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
        "        won = True\n"
        "    except (OSError, ValueError):\n"
        "        pass",
    ),
    _reach(
        "limits of another process are asked for and lowered",
        "import resource\n"
        "for number in (1, os.getppid()):\n"
        "    try:\n"
        "        resource.prlimit(number, resource.RLIMIT_CORE, (0, 0))\n"
        "        won = True\n"
        "    except OSError:\n"
        "        pass",
    ),
    _reach(
        "another process is to get a signal when something can be read",
        "import fcntl, struct\n"
        "file = os.pipe()[0]\n"
        "for command, value in ((fcntl.F_SETOWN, os.getppid()), (15, struct.pack('ii', 1, os.getppid())),\n"
        "                       (fcntl.F_SETSIG, 9)):\n"
        "    try:\n"
        "        fcntl.fcntl(file, command, value)\n"
        "        won = True\n"
        "    except OSError:\n"
        "        pass",
    ),
    _reach(
        "another user is become",
        _any_of("os.setuid(0)", "os.setresuid(0, 0, 0)", "os.setgid(0)", "os.setgroups([0])", "os.seteuid(65534)"),
    ),
    _reach(
        "priority is raised",
        _any_of(
            "os.nice(-5)",
            "os.setpriority(os.PRIO_PROCESS, 0, -5)",
            "os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))",
        ),
    ),
    _reach(
        "the root is changed",
        _any_of("os.chroot('/tmp')", "os.unshare(0)").replace("except OSError", "except (OSError, AttributeError)"),
    ),
    _reach(
        "a program is started",
        "import subprocess\n"
        "for command in (['/bin/sh', '-c', 'true'], [sys.executable, '-c', '1'], ['/usr/bin/true']):\n"
        "    try:\n"
        "        won = won or subprocess.run(command, timeout=5).returncode == 0\n"
        "    except OSError:\n"
        "        pass",
    ),
    _reach(
        "a program is started from memory",
        "with open(sys.executable, 'rb') as file:\n"
        "    program = file.read(10**8)\n"
        f"memory = os.memfd_create('{MARK}', 0)\n"
        "os.write(memory, program)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    try:\n"
        "        os.execve(memory, ['python', '-c', 'pass'], {})\n"
        "    finally:\n"
        "        os._exit(1)\n"
        "won = os.waitpid(child, 0)[1] == 0",
    ),
)

KERNEL = (
    _syscall(
        "namespaces are made", "272, 0x10000000", "272, 0x00020000", "272, 0x20000000", "308, 0, 0", "435, buffer, 88"
    ),
    _reach(
        "a namespace is made by clone",
        f"{CALL}\n"
        "child = libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0)\n"
        "if child == 0:\n    libc._exit(0)\n"
        "won = child > 0",
    ),
    _syscall(
        "file systems are mounted and moved",
        "165, b'none', b'/tmp', b'tmpfs', 0, 0",
        "166, b'/proc', 2",
        "155, b'/tmp', b'/tmp'",
        "428, -100, b'/', 1",
        "430, b'tmpfs', 0",
        "442, -100, b'/', 0, buffer, 32",
        "161, b'/tmp'",
    ),
    _syscall(
        "other processes are traced",
        "101, 0, 0, 0, 0",
        "101, 16, 1, 0, 0",
        "310, 1, buffer, 1, buffer, 1, 0",
        "311, 1, buffer, 1, buffer, 1, 0",
        "312, 1, 1, 0, 0, 0",
        "434, 1, 0",
        "438, 3, 0, 0",
    ),
    _syscall("keys are read", "250, 0, -3, 1", "248, b'user', b'x', b'y', 1, -3", "249, b'user', b'x', 0, -3"),
    _syscall("programs are given to the kernel", "321, 0, buffer, 72", "321, 5, buffer, 72", "317, 1, 0, buffer"),
    _syscall("rings of io_uring are made", "425, 8, buffer", "426, 0, 0, 0, 0, 0", "427, 0, 0, 0, 0"),
    _syscall("page faults are handled by the process itself", "323, 0", "323, 1"),
    _syscall("performance is counted", "298, buffer, 0, -1, -1, 0"),
    _syscall("the personality is changed", "135, 0x0040000", "135, 0xffffffff"),
    _syscall(
        "the process is made dumpable, traceable or unfiltered",
        "157, 4, 1, 0, 0, 0",
        "157, 0x59616d61, -1, 0, 0, 0",
        "157, 22, 0, 0, 0, 0",
        "157, 38, 0, 0, 0, 0",
        "157, 8, 1, 0, 0, 0",
    ),
    _syscall(
        "the clock and the name of the machine are set",
        "164, buffer, 0",
        "170, b'x', 1",
        "171, b'x', 1",
        "227, 0, buffer",
        "305, 0, buffer",
    ),
    _syscall(
        "modules, swap, quotas and the log are reached",
        "175, buffer, 0, b''",
        "313, 0, b'', 0",
        "167, b'/tmp/x', 0",
        "179, 0x80000700, 0, 0, 0",
        "103, 10, 0, 0",
        "163, 0",
    ),
    _syscall(
        "the terminal is written for somebody else", "16, 0, 0x5412, b'x'", "16, 1, 0x541C, b'x'", "16, 2, 0x5412, b'x'"
    ),
    _syscall(
        "messages are left in the kernel",
        "68, 0x5354, 0o1666",
        "29, 0x5354, 4096, 0o1666",
        "64, 0x5354, 1, 0o1666",
        "240, b'left_by_an_attack', 66, 0o600, 0",
    ),
    _syscall("files are watched", "253,", "294, 0", "300, 0, 0"),
    _syscall(
        "memory of the machine is moved and locked", "279, 0, 0, 0, 0, 0, 0", "151, 1", "237, 0, 4096, 0, 0, 0, 0"
    ),
    _reach(
        "calls of the kernel are made under their other numbers",
        f"{CALL}\nwon = libc.syscall(0x40000000 | 39) > 0",
        ends=frozenset({EndState.GRADED, EndState.CRASHED}),
    ),
    _reach(
        "calls of the kernel are made as 32-bit programs make them",
        "import ctypes, mmap, platform\n"
        "if platform.machine() == 'x86_64':\n"
        "    code = mmap.mmap(-1, 4096, prot=7)\n"
        "    code.write(bytes.fromhex('53b814000000cd805bc3'))  # getpid, by interrupt 0x80\n"
        "    address = ctypes.addressof(ctypes.c_char.from_buffer(code))\n"
        "    won = ctypes.CFUNCTYPE(ctypes.c_int)(address)() > 0\n"
        "else:\n"
        "    os.abort()",
        ends=CRASHED,
    ),
)

ATTACKS = (*NETWORK, *PLACES, *RIGHTS, *KERNEL)
