"""Attacks that write: the gradebook, the source, other submissions, and whatever else is shared."""

from __future__ import annotations

from tests.attacks.attack import MARK, Attack, Kind, winning


def _writes(name: str, cell: str, **more: object) -> Attack:
    return winning(name, Kind.WRITING, cell, **more)


ATTACKS = (
    _writes(
        "the gradebook is written by a relative path",
        "import sqlite3\n"
        "for path in ('gradebook.db', '../gradebook.db', '../../gradebook.db', '../../../gradebook.db'):\n"
        "    try:\n"
        "        if os.path.getsize(path) >= 0:\n"
        "            open(path, 'ab').write(b'more')\n"
        "            won = True\n"
        "    except OSError:\n"
        "        pass",
    ),
    _writes(
        "every folder of the disk is written",
        "own = os.getcwd()\n"
        "known = ['/', '/tmp', '/dev/shm', '/var/tmp', '/run', os.path.dirname(own), *sys.path]\n"
        "for folder in [*known, *(folder for folder, _, _ in os.walk('/'))]:\n"
        "    if folder != own and not folder.startswith(own + '/'):\n"
        "        try:\n"
        f"            open(os.path.join(folder, '{MARK}'), 'w').write('x')\n"
        "            won = True\n"
        "        except OSError:\n"
        "            pass",
    ),
    _writes(
        "the course packages are changed for the next submission",
        "import numpy\nwith open(numpy.__file__, 'a') as file:\n    file.write('raise SystemExit')\nwon = True",
    ),
    _writes(
        "the runner's file is changed for the next submission",
        "with open(sys.modules['runner'].__file__, 'a') as file:\n    file.write('raise SystemExit')\nwon = True",
    ),
    _writes(
        "the rights of the root folder are changed",
        "for path in ('/', '/usr', '/stepgrade', '/stepgrade/inside/runner.py', os.path.dirname(os.getcwd())):\n"
        "    try:\n"
        "        os.chmod(path, 0o777)\n"
        "        won = True\n"
        "    except OSError:\n"
        "        pass",
    ),
    _writes(
        "rights, times and size of a package's file are changed",
        "import numpy\n"
        "path = numpy.__file__\n"
        "file = os.open(path, os.O_RDONLY)\n"
        "changes = (lambda: os.chmod(path, 0o755), lambda: os.fchmod(file, 0o755), lambda: os.utime(path),\n"
        "           lambda: os.utime(file), lambda: os.truncate(path, os.path.getsize(path)),\n"
        "           lambda: os.setxattr(path, 'user.x', b'x'), lambda: os.chown(path, os.getuid(), os.getgid()))\n"
        "for change in changes:\n"
        "    try:\n"
        "        change()\n"
        "        won = True\n"
        "    except OSError:\n"
        "        pass",
    ),
    _writes(
        "a package's file is moved away, and gets a second name that can be written",
        "import numpy\n"
        "path = numpy.__file__\n"
        f"for change in (lambda: os.link(path, '{MARK}'), lambda: os.rename(path, '{MARK}'),\n"
        f"               lambda: os.rename(os.path.dirname(path), '{MARK}')):\n"
        "    try:\n"
        "        change()\n"
        "        won = True\n"
        "    except OSError:\n"
        "        pass",
    ),
    _writes(
        "shared memory is written",
        "from multiprocessing import shared_memory\n"
        f"memory = shared_memory.SharedMemory('{MARK}', create=True, size=100)\n"
        "won = True",
    ),
    Attack(
        "links lead out of the world",
        Kind.WRITING,
        (
            "import os\n"
            "for number, target in enumerate(('/', '/etc', '/work', '/root', '/home', '/var/tmp', '/dev/shm')):\n"
            f"    link = f'{MARK}{{number}}'\n"
            "    os.symlink(target, link)\n"
            "    try:\n"
            f"        open(os.path.join(link, '{MARK}'), 'w').write('x')\n"
            "    except OSError:\n"
            "        pass",
        ),
    ),
    Attack(
        "a file and a link change places all the time",
        Kind.WRITING,
        (
            "import os, threading, time\n"
            "def race():\n"
            "    end = time.monotonic() + 60\n"
            "    while time.monotonic() < end:\n"
            f"        os.symlink('/etc/passwd', '{MARK}')\n"
            f"        os.unlink('{MARK}')\n"
            f"        open('{MARK}', 'w').close()\n"
            f"        os.unlink('{MARK}')\n"
            "threading.Thread(target=race, daemon=True).start()",
        ),
    ),
    Attack(
        "files are left for the next submission",
        Kind.WRITING,
        (
            "import os\n"
            f"for name in ('{MARK}', 'sitecustomize.py', 'usercustomize.py', 'numpy.py', 'matplotlibrc'):\n"
            "    for folder in ('/tmp', os.getcwd(), os.path.expanduser('~'), '/dev/shm', '/var/tmp'):\n"
            "        try:\n"
            "            open(f'{folder}/{name}', 'w').write('raise SystemExit')\n"
            "        except OSError:\n"
            "            pass",
        ),
    ),
    # Standard output and error are inherited: what they share must not be felt by whoever comes next.
    Attack(
        "the end of the error stream is moved as far as files may go",
        Kind.WRITING,
        (
            "import os\n"
            "for stream in (1, 2):\n"
            "    try:\n"
            "        os.lseek(stream, 64 * 2**20, 0)\n"
            "    except OSError:\n"
            "        pass",
        ),
    ),
    _writes(
        "the error stream is a file that the grader reads",
        "import stat\nfor stream in (0, 1, 2):\n    won = won or stat.S_ISREG(os.fstat(stream).st_mode)",
    ),
    _writes(
        "a message for the next submission is left in the error stream's position",
        "os.write(2, b'x' * 1000)\nwon = os.lseek(2, 0, 1) >= 1000",
    ),
    Attack(
        "the standard streams are made non-blocking, locked and cut",
        Kind.WRITING,
        (
            "import fcntl, os\n"
            "for stream in (0, 1, 2):\n"
            "    fcntl.fcntl(stream, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND)\n"
            "    for do in (lambda: fcntl.flock(stream, fcntl.LOCK_EX), lambda: os.ftruncate(stream, 0)):\n"
            "        try:\n"
            "            do()\n"
            "        except OSError:\n"
            "            pass",
        ),
    ),
)
