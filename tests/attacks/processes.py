"""Attacks by processes, threads and signals: to outlive the run, or to take somebody else along."""

from __future__ import annotations

from stepgrade.result import EndState
from tests.attacks.attack import CRASHED, MARK, ONLY_INSIDE, TIMED_OUT, Attack, Kind, answering

ENDED_BY_CHANCE = frozenset({EndState.GRADED, EndState.CRASHED, EndState.TIMED_OUT})
LEFT_OUT = "was left out, because it ends the session"


def _cell(name: str, cell: str, **more: object) -> Attack:
    return Attack(name, Kind.PROCESSES, (f"import os, signal, sys, time\n{cell}",), **more)


def _call(name: str, body: str, **more: object) -> Attack:
    return Attack(name, Kind.PROCESSES, ("import ctypes, os, signal, sys, time",), answering(body, "double"), **more)


LEAVING = (
    _cell(
        "a daemon in a session of its own",
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "        signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "        end = time.monotonic() + 60\n"
        "        while time.monotonic() < end:\n"
        f"            open('{MARK}', 'a').write('x')\n"
        "            time.sleep(0.01)\n"
        "    os._exit(0)",
    ),
    _cell(
        "a chain of processes, each of which ends when it has started the next",
        "if os.fork() == 0:\n"
        "    end = time.monotonic() + 60\n"
        "    while time.monotonic() < end:\n"
        "        os.setsid()\n"
        "        if os.fork():\n"
        "            os._exit(0)\n"
        "    os._exit(0)",
        ends=ENDED_BY_CHANCE,
    ),
    _cell(
        "a child that tells nobody of its end is left",
        "import ctypes\n"
        "number = {'x86_64': 56, 'aarch64': 220}[os.uname().machine]\n"
        "if ctypes.CDLL(None).syscall(number, 0, 0, 0, 0, 0) == 0:\n"
        "    os.setsid()\n    time.sleep(60)\n    os._exit(0)",
        ends=ENDED_BY_CHANCE,
    ),
    _cell(
        "a child is given to the parent and left",
        "import ctypes\n"
        "number = {'x86_64': 56, 'aarch64': 220}[os.uname().machine]\n"
        "if ctypes.CDLL(None).syscall(number, 0x8000 | signal.SIGCHLD, 0, 0, 0, 0) == 0:\n"
        "    os.setsid()\n    time.sleep(60)\n    os._exit(0)",
        ends=ENDED_BY_CHANCE,
    ),
    _call(
        "a daemon is left by a call",
        "if os.fork() == 0:\n    os.setsid()\n    time.sleep(60)\n    os._exit(0)\nreturn 0 * x",
    ),
    _cell(
        "a thread that never ends",
        "import threading\nthreading.Thread(target=time.sleep, args=(60,)).start()",
    ),
    _cell(
        "work is left for the end of the process",
        "import atexit, threading\natexit.register(time.sleep, 60)\n"
        "class Last:\n    def __del__(self): time.sleep(60)\n"
        "last = Last()\nlast.again = last",
    ),
    _cell(
        "fifty children that nobody waits for",
        "for _ in range(50):\n    if os.fork() == 0:\n        os._exit(0)",
    ),
    _cell(
        "a pool of processes is left open",
        "import multiprocessing\n"
        "pool = multiprocessing.get_context('fork').Process(target=time.sleep, args=(60,))\npool.start()",
    ),
)

KILLING = (
    _cell(
        "every process that can be reached is killed", f"{ONLY_INSIDE}os.kill(-1, signal.SIGKILL)", ends=ENDED_BY_CHANCE
    ),
    _cell("the own process group is killed", f"{ONLY_INSIDE}os.kill(0, signal.SIGKILL)", ends=CRASHED, says=LEFT_OUT),
    _cell("the parent is killed", f"{ONLY_INSIDE}os.kill(os.getppid(), signal.SIGKILL)", ends=ENDED_BY_CHANCE),
    _cell("the first process is killed", f"{ONLY_INSIDE}os.kill(1, signal.SIGKILL)"),
    _cell(
        "the first process is interrupted",
        f"{ONLY_INSIDE}\nos.kill(1, signal.SIGINT)\ntime.sleep(1)",
        ends=ENDED_BY_CHANCE,
    ),
    _cell(
        "the first process gets every signal there is",
        f"{ONLY_INSIDE}\n"
        "for number in range(1, 65):\n"
        "    try:\n"
        "        os.kill(1, number)\n"
        "    except OSError:\n"
        "        pass",
        ends=ENDED_BY_CHANCE,
    ),
    _cell(
        "the first process gets limits of nothing",
        f"{ONLY_INSIDE}\nimport resource\n"
        "for name in (resource.RLIMIT_AS, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_DATA):\n"
        "    try:\n        resource.prlimit(1, name, (4096, 4096))\n    except OSError:\n        pass\n"
        "os._exit(3)",
        ends=CRASHED,
        says="exit code 3",
    ),
    _call(
        "a call kills the session it was forked from",
        f"{ONLY_INSIDE}\nos.kill(os.getppid(), signal.SIGKILL)\nreturn 0 * x",
        ends=ENDED_BY_CHANCE,
    ),
    _call(
        "a call kills everything",
        f"{ONLY_INSIDE}\nos.kill(-1, signal.SIGKILL)\nreturn 0 * x",
        ends=ENDED_BY_CHANCE,
    ),
    _cell(
        "a child kills the session later",
        f"{ONLY_INSIDE}\nsession = os.getpid()\n"
        "if os.fork() == 0:\n    time.sleep(0.05)\n    os.kill(session, signal.SIGKILL)\n    os._exit(0)",
        ends=ENDED_BY_CHANCE,
    ),
    _cell("the session stops itself", "os.kill(os.getpid(), signal.SIGSTOP)", ends=TIMED_OUT, says=LEFT_OUT, slow=True),
    _call("a call stops itself", "os.kill(os.getpid(), signal.SIGSTOP)\nreturn 0 * x", ends=TIMED_OUT, slow=True),
    _call(
        "a call stops its parent",
        f"{ONLY_INSIDE}\nos.kill(os.getppid(), signal.SIGSTOP)\nreturn 0 * x",
        ends=ENDED_BY_CHANCE,
        slow=True,
    ),
)

LEAVING_EARLY = (
    _cell("a cell calls exit", "sys.exit(0)"),
    _cell("a cell leaves at once", "os._exit(0)", ends=CRASHED, says="exit code 0"),
    _call("a call leaves at once", "os._exit(0)", ends=CRASHED, says="exit code 0"),
    _call("a call calls exit", "sys.exit('10/10')", says="SystemExit"),
    _cell("a cell aborts", "os.abort()", ends=CRASHED, says="SIGABRT"),
    _call("a call aborts", "os.abort()", ends=CRASHED, says="SIGABRT"),
    _call("a call reads from address zero", "ctypes.string_at(0)", ends=CRASHED, says="SIGSEGV"),
    _call(
        "a call overflows the stack",
        "sys.setrecursionlimit(10**7)\n"
        "nested = []\n"
        "for _ in range(10**6):\n    nested = [nested]\n"
        "return len(repr(nested)) and 0 * x",
        ends=frozenset({EndState.GRADED, EndState.CRASHED, EndState.TIMED_OUT}),
    ),
    _call("a call recurses without end", "return double(x)", says="RecursionError"),
    _call("a call raises the root of all exceptions", "raise BaseException('end')", says="BaseException"),
    _call("a call raises a keyboard interrupt", "raise KeyboardInterrupt", says="KeyboardInterrupt"),
    _call("a call raises the end of a generator", "raise GeneratorExit", says="GeneratorExit"),
    _call("a call raises out of memory by name", "raise MemoryError", ends=frozenset({EndState.OUT_OF_MEMORY})),
    _call(
        "a call raises a group of exceptions",
        "raise BaseExceptionGroup('all', [SystemExit(), KeyboardInterrupt()])",
        says="ExceptionGroup",
    ),
)

REAPING = (
    _cell(
        "every child is waited for, the runner's own too",
        "try:\n    while True:\n        os.wait()\nexcept ChildProcessError:\n    pass",
        ends=ENDED_BY_CHANCE,
    ),
    _cell(
        "the end of a child is not told to anybody",
        "signal.signal(signal.SIGCHLD, signal.SIG_IGN)",
        ends=ENDED_BY_CHANCE,
    ),
)

CLOCKS = (
    _call(
        "the timers are taken away",
        "for timer in (signal.ITIMER_REAL, signal.ITIMER_PROF, signal.ITIMER_VIRTUAL):\n"
        "    signal.setitimer(timer, 0)\n"
        "end = time.monotonic() + 60\n"
        "while time.monotonic() < end:\n    pass",
        ends=TIMED_OUT,
        slow=True,
    ),
    _call(
        "the signals of the timers are blocked and ignored",
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"
        "for number in (signal.SIGALRM, signal.SIGPROF, signal.SIGXCPU, signal.SIGTERM, signal.SIGINT):\n"
        "    signal.signal(number, signal.SIG_IGN)\n"
        "end = time.monotonic() + 60\n"
        "while time.monotonic() < end:\n    pass",
        ends=TIMED_OUT,
        slow=True,
    ),
    _call(
        "handlers of the timers' signals go on",
        "for number in (signal.SIGALRM, signal.SIGPROF, signal.SIGXCPU):\n"
        "    signal.signal(number, lambda *args: None)\n"
        "end = time.monotonic() + 60\n"
        "while time.monotonic() < end:\n    pass",
        ends=TIMED_OUT,
        slow=True,
    ),
    _cell(
        "the time is spent in children",
        "for _ in range(10):\n"
        "    if os.fork() == 0:\n"
        "        end = time.monotonic() + 60\n"
        "        while time.monotonic() < end:\n            pass",
        ends=ENDED_BY_CHANCE,
    ),
)

ATTACKS = (*LEAVING, *KILLING, *LEAVING_EARLY, *REAPING, *CLOCKS)
