"""Attacks that use up something: time, memory, processes, disk, output, descriptors. Every one is bounded."""

from __future__ import annotations

from stepgrade.result import EndState
from tests.attacks.attack import MARK, OUT_OF_MEMORY, TIMED_OUT, Attack, Kind, answering

LEFT_OUT = "was left out, because it ends the session"
LOOP = "end = time.monotonic() + 60\nwhile time.monotonic() < end:\n    pass"


def _cell(name: str, cell: str, **more: object) -> Attack:
    return Attack(name, Kind.EXHAUSTING, (f"import os, signal, sys, time\nimport numpy as np\n{cell}",), **more)


def _call(name: str, body: str, **more: object) -> Attack:
    cells = ("import os, signal, sys, time\nimport numpy as np",)
    return Attack(name, Kind.EXHAUSTING, cells, answering(body, "double"), **more)


TIME = (
    _cell("an endless loop in a cell", LOOP, ends=TIMED_OUT, says=LEFT_OUT, slow=True),
    _call("an endless loop in a call", LOOP, ends=TIMED_OUT, says="never ends"),
    _call(
        "an endless loop that ignores interrupts and swallows every exception",
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "end = time.monotonic() + 60\n"
        "while time.monotonic() < end:\n"
        "    try:\n        pass\n    except BaseException:\n        pass",
        ends=TIMED_OUT,
    ),
    _call("sleep", "time.sleep(60)", ends=TIMED_OUT, says="took too long", slow=True),
    _call("a loop inside one machine instruction of Python", "sum(range(10**10))", ends=TIMED_OUT),
    _call("a regular expression that never ends", "import re\nre.match('(a+)+$', 'a' * 40 + 'b')", ends=TIMED_OUT),
    _call("a number that takes forever to compute", "return 9 ** 9 ** 9", ends=TIMED_OUT | OUT_OF_MEMORY),
    _cell(
        "a number that the compiler computes",
        "y = 9 ** 9 ** 8",
        ends=TIMED_OUT | OUT_OF_MEMORY | {EndState.GRADED},
        slow=True,
    ),
    Attack(
        "every function takes nearly its whole time",
        Kind.EXHAUSTING,
        ("import time",),
        answering("end = time.process_time() + 0.2\nwhile time.process_time() < end:\n    pass\nreturn 0 * x"),
        # On a machine that has other things to do, all calls together may outlast the submission's time.
        ends=frozenset({EndState.GRADED, EndState.TIMED_OUT}),
        slow=True,
    ),
    Attack(
        "thirty cells that kill the session",
        Kind.EXHAUSTING,
        tuple(f"import os\nn = {n}\nos._exit({n})" for n in range(30)),
        ends=frozenset({EndState.CRASHED}),
        says=LEFT_OUT,
        slow=True,
    ),
)

# What the grader itself reads before anything runs must be bounded too.
READING = (
    Attack(
        "a cell of twelve thousand functions",
        Kind.EXHAUSTING,
        ("import os\n" + "\n".join(f"def halv{n}(): pass" for n in range(12_000)),),
        {"halve": "pass"},
        ends=frozenset({EndState.GRADED, EndState.TIMED_OUT}),
        slow=True,
    ),
    Attack(
        "thousands of names in several cells that are nearly a missing function's",
        Kind.EXHAUSTING,
        tuple("import os\n" + "\n".join(f"def qu{m}rter{n}(): pass" for n in range(4000)) for m in range(6)),
        {"quarter": "pass"},
        ends=frozenset({EndState.GRADED, EndState.TIMED_OUT}),
        slow=True,
    ),
    Attack(
        "cells of a million numbers",
        Kind.EXHAUSTING,
        ("import os\nnumbers = [" + "0," * 240_000 + "]",) * 4,
        ends=frozenset({EndState.GRADED, EndState.TIMED_OUT}),
        slow=True,
    ),
    Attack("an expression of fifty thousand terms", Kind.EXHAUSTING, ("import os\ny = 1" + "+1" * 50_000,)),
    Attack("fifty thousand attributes of attributes", Kind.EXHAUSTING, ("import os\nos" + ".a" * 50_000 + " = 1",)),
    Attack("ten thousand alternatives", Kind.EXHAUSTING, ("import os\nif os: pass\n" + "elif os: pass\n" * 10_000,)),
    Attack("fifty thousand signs", Kind.EXHAUSTING, ("import os\ny = " + "-" * 50_000 + "1",)),
    Attack("five thousand functions within functions", Kind.EXHAUSTING, ("import os\ny = " + "lambda:" * 5_000 + "1",)),
    Attack("brackets that never close", Kind.EXHAUSTING, ("import os\ny = " + "(" * 100_000,)),
    Attack(
        "two thousand definitions of one function",
        Kind.EXHAUSTING,
        ("import os\ndef halve(x): return 0 * x",) * 2_000,
        says="the last one counts",
        slow=True,
    ),
    Attack("a million carriage returns", Kind.EXHAUSTING, ("import os" + "\r" * 1_000_000,)),
    Attack("a number that is too long for decimal digits", Kind.EXHAUSTING, ("import os\ny = 0x" + "f" * 4_000,)),
    Attack(
        "such a number in an answer",
        Kind.EXHAUSTING,
        ("import os",),
        {"double": "def double(x):\n    y = 0b" + "1" * 20_000 + "\n    return 0 * x"},
    ),
    Attack("null characters in the code", Kind.EXHAUSTING, ("import os\0\ny = 1",)),
)

# Replies are read by the grader one by one; here they never end.
FLOOD = """import json, stat, struct
head = json.dumps({"status": 0, "payload_bytes": 0}).encode()
flood = (struct.pack("<Q", len(head)) + head) * 300
def is_socket(number):
    try:
        return stat.S_ISSOCK(os.fstat(number).st_mode)
    except OSError:
        return False
channel = next(filter(is_socket, range(3, 128)))
signal.setitimer(signal.ITIMER_PROF, 0)
signal.setitimer(signal.ITIMER_REAL, 0)
for _ in range(2):
    os.fork()
end = time.monotonic() + 60
while time.monotonic() < end:
    os.write(channel, flood)"""

FLOODS = (
    _call("the channel is flooded with replies to nothing", FLOOD, ends=TIMED_OUT | {EndState.CRASHED}),
    _cell("a cell floods the channel with replies", FLOOD, ends=TIMED_OUT | {EndState.CRASHED}),
)

MEMORY = (
    _cell(
        "four gigabytes in a list",
        "kept = []\nfor _ in range(64):\n    kept.append(bytes(64 * 2**20))",
        ends=OUT_OF_MEMORY,
        slow=True,
    ),
    _call(
        "four gigabytes in an array",
        "kept = [np.empty(2**26) for _ in range(8)]\nreturn 0 * x",
        ends=OUT_OF_MEMORY,
        slow=True,
    ),
    _call("an array of eight terabytes", "return np.zeros(10**12)", ends=OUT_OF_MEMORY, says="memory"),
    _call("an answer of two hundred megabytes", "return np.zeros(25 * 10**6)", ends=OUT_OF_MEMORY, says="larger"),
    _call(
        "an array that is small in memory and huge when sent",
        "return np.broadcast_to(np.zeros(1), (10**6, 10**4))",
        ends=OUT_OF_MEMORY,
    ),
    _cell(
        "four gigabytes in eight processes together",
        "for _ in range(8):\n"
        "    if os.fork() == 0:\n"
        "        try:\n            kept = [np.ones(2**23) for _ in range(8)]\n            time.sleep(3)\n"
        "        finally:\n            os._exit(0)\n"
        "for _ in range(8):\n    os.wait()",
        ends=OUT_OF_MEMORY | TIMED_OUT | {EndState.GRADED, EndState.CRASHED},
        slow=True,
    ),
    _cell(
        "memory in files without a name",
        "for _ in range(60):\n"
        "    file = os.memfd_create('left_by_an_attack')\n"
        "    for _ in range(64):\n        os.write(file, bytes(2**20))",
        ends=OUT_OF_MEMORY | TIMED_OUT | {EndState.GRADED, EndState.CRASHED},
        slow=True,
    ),
    _cell(
        "a text that grows",
        "text = 'x'\nfor _ in range(33):\n    text += text",
        ends=OUT_OF_MEMORY | TIMED_OUT,
        slow=True,
    ),
)

DISK = (
    _cell(
        "the disk is filled",
        f"with open('{MARK}', 'wb') as file:\n    for _ in range(200):\n        file.write(bytes(2**20))",
        fills=True,
    ),
    _cell(
        "the disk is filled by many files",
        f"for number in range(200):\n    open(f'{MARK}{{number}}', 'wb').write(bytes(2**20))",
        fills=True,
    ),
    _cell(
        "the disk is filled by files without a name",
        "import tempfile\nkept = [tempfile.TemporaryFile() for _ in range(20)]\n"
        "for file in kept:\n    file.write(bytes(50 * 2**20))\n    file.flush()",
        fills=True,
    ),
    _cell(
        "the disk is filled by files that are mapped, and have neither a name nor a descriptor",
        "import ctypes\nmmap = ctypes.CDLL(None).mmap\n"
        "mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]\n"
        "for _ in range(4):\n"
        f"    with open('{MARK}', 'w+b', buffering=0) as file:\n"
        "        mmap(None, 4096, 1, 1, file.fileno(), 0)\n"
        f"        os.unlink('{MARK}')\n"
        "        file.write(bytes(40 * 2**20))\n"
        "time.sleep(0.5)",
        fills=True,
    ),
    _cell(
        "the disk is filled by removed files that are on their way from socket to socket",
        "import socket, tempfile\nhere, there = socket.socketpair()\n"
        "for _ in range(4):\n"
        "    with tempfile.TemporaryFile(buffering=0) as file:\n"
        "        file.write(bytes(40 * 2**20))\n"
        "        socket.send_fds(here, [b'.'], [file.fileno()])\n"
        "time.sleep(0.5)",
    ),
    _cell(
        "the disk is filled by a process whose first thread has ended",
        "import ctypes, tempfile, threading\n"
        "def fill():\n"
        "    kept = [tempfile.TemporaryFile() for _ in range(4)]\n"
        "    for file in kept:\n        file.write(bytes(40 * 2**20))\n        file.flush()\n"
        "    time.sleep(0.5)\n    os._exit(0)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    threading.Thread(target=fill).start()\n"
        "    ctypes.CDLL(None).syscall({'x86_64': 60, 'aarch64': 93}[os.uname().machine], 0)\n"
        "os.waitpid(child, 0)",
        fills=True,
    ),
    _cell(
        "the disk is filled in a folder that changes its name all the time",
        f"os.mkdir('{MARK}')\n"
        "if os.fork() == 0:\n"
        "    end = time.monotonic() + 20\n"
        "    while time.monotonic() < end:\n"
        f"        os.rename('{MARK}', 'other')\n        os.rename('other', '{MARK}')\n"
        "n_written = 0\n"
        "while n_written < 4:\n"
        "    try:\n"
        f"        with open(f'{MARK}/{{n_written}}', 'wb') as file:\n"
        "            n_written += 1\n            file.write(bytes(40 * 2**20))\n"
        "    except FileNotFoundError:\n        pass\n"
        "time.sleep(0.5)",
        fills=True,
    ),
    _cell(
        "every inode is used",
        f"for number in range(20_000):\n    open(f'{MARK}{{number}}', 'w').close()",
        fills=True,
    ),
    _cell(
        "a file with a hole of a terabyte",
        f"with open('{MARK}', 'wb') as file:\n    file.truncate(2**40)",
    ),
    _cell(
        "folders within folders",
        f"for _ in range(3_000):\n    os.mkdir('{MARK}')\n    os.chdir('{MARK}')",
        fills=True,
    ),
)

OUTPUT = (
    _cell("two hundred megabytes are printed", "for _ in range(200):\n    print('x' * 2**20)"),
    _cell("two hundred megabytes of errors", "for _ in range(200):\n    print('x' * 2**20, file=sys.stderr)"),
    _cell("two hundred megabytes past Python", "for _ in range(200):\n    os.write(1, bytes(2**20))"),
    _cell(
        "two hundred megabytes of errors past Python",
        "for _ in range(200):\n    try:\n        os.write(2, bytes(2**20))\n    except OSError:\n        pass",
    ),
    _cell(
        "thousands of displays",
        "from IPython.display import HTML, display\nfor _ in range(5_000):\n    display(HTML('<b>x</b>'))",
        ends=TIMED_OUT | {EndState.GRADED},
    ),
    _cell(
        "ten thousand figures",
        "import matplotlib.pyplot as plt\nfor _ in range(10_000):\n    plt.figure()",
        ends=TIMED_OUT | OUT_OF_MEMORY,
        says=LEFT_OUT,
        slow=True,
    ),
    _cell("ten thousand warnings", "import warnings\nfor n in range(10_000):\n    warnings.warn(f'warning {n}')"),
)

PROCESSES = (
    _cell(
        "two hundred processes",
        "for _ in range(200):\n    if os.fork() == 0:\n        time.sleep(60)\n        os._exit(0)",
        ends=frozenset({EndState.GRADED, EndState.CRASHED}),
    ),
    _cell(
        "processes that start processes",
        "def start(depth):\n"
        "    for _ in range(2):\n"
        "        try:\n            child = os.fork()\n        except OSError:\n            return\n"
        "        if child == 0:\n"
        "            if depth < 7:\n                start(depth + 1)\n"
        "            time.sleep(60)\n            os._exit(0)\n"
        "start(1)",
        ends=frozenset({EndState.GRADED, EndState.CRASHED}),
    ),
    _cell(
        "a thousand threads",
        "import threading\n"
        "for _ in range(1_000):\n"
        "    thread = threading.Thread(target=time.sleep, args=(60,), daemon=True)\n"
        "    thread.start()",
        ends=frozenset({EndState.GRADED, EndState.CRASHED}),
    ),
    _call(
        "a call starts two hundred processes",
        "for _ in range(200):\n    if os.fork() == 0:\n        time.sleep(60)\n        os._exit(0)\nreturn 0 * x",
        ends=frozenset({EndState.GRADED, EndState.CRASHED}),
    ),
    _cell(
        "every descriptor is used",
        "kept = [os.open('/dev/null', os.O_RDONLY) for _ in range(2_000)]",
        ends=frozenset({EndState.GRADED, EndState.CRASHED}),
    ),
    _cell(
        "recursion as deep as it goes",
        "sys.setrecursionlimit(10**8)\ndef deep(n):\n    return deep(n + 1)\ndeep(0)",
        ends=OUT_OF_MEMORY | TIMED_OUT | {EndState.CRASHED},
        slow=True,
    ),
)

ATTACKS = (*TIME, *READING, *FLOODS, *MEMORY, *DISK, *OUTPUT, *PROCESSES)
