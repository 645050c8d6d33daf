"""Attacks on what is open: the channel above all."""

from __future__ import annotations

from stepgrade.result import EndState
from tests.attacks.attack import CRASHED, Attack, Kind, answering
from tests.attacks.forging import CHANNEL

BY_CHANCE = frozenset({EndState.GRADED, EndState.CRASHED, EndState.TIMED_OUT})


def _cell(name: str, cell: str, **more: object) -> Attack:
    return Attack(name, Kind.DESCRIPTORS, (f"{CHANNEL}\nimport fcntl, socket, time\n{cell}",), **more)


def _call(name: str, body: str, **more: object) -> Attack:
    cells = (f"{CHANNEL}\nimport fcntl, socket, time",)
    return Attack(name, Kind.DESCRIPTORS, cells, answering(body, "halve"), **more)


SPRAY = (
    "for descriptor in range(3, 256):\n"
    "    try:\n        os.set_blocking(descriptor, False)\n        os.write(descriptor, {junk})\n"
    "    except OSError:\n        pass"
)

ATTACKS = (
    _cell("every descriptor is sprayed with junk", SPRAY.format(junk="os.urandom(4096)"), ends=CRASHED),
    _cell("every descriptor is sprayed with zeros", SPRAY.format(junk="bytes(65536)"), ends=CRASHED),
    _cell(
        "every descriptor is sprayed with JSON",
        SPRAY.format(junk='b\'{"points": 10, "status": "passed"}\\n\' * 50'),
        ends=CRASHED,
    ),
    _call(
        "every descriptor is sprayed by a call", SPRAY.format(junk="os.urandom(4096)") + "\nreturn 0 * x", ends=CRASHED
    ),
    _cell("every descriptor is closed", "os.closerange(0, 256)", ends=CRASHED),
    _call("every descriptor is closed by a call", "os.closerange(0, 256)\nreturn 0 * x", ends=BY_CHANCE),
    _cell("the channel is shut down", "socket.socket(fileno=os.dup(channel)).shutdown(socket.SHUT_RDWR)", ends=CRASHED),
    _call(
        "the channel is shut down by a call",
        "socket.socket(fileno=os.dup(channel)).shutdown(socket.SHUT_RDWR)\nreturn 0 * x",
        ends=CRASHED,
    ),
    _cell("the channel is replaced by nothing", "os.dup2(os.open('/dev/null', os.O_RDWR), channel)", ends=CRASHED),
    _cell(
        "the channel is replaced by noise",
        "os.dup2(os.open('/dev/urandom', os.O_RDWR), channel)",
        ends=BY_CHANCE,
        slow=True,
    ),
    _cell("the channel does not wait any more", "os.set_blocking(channel, False)", ends=BY_CHANCE),
    _cell(
        "the channel's buffers are made tiny",
        "s = socket.socket(fileno=os.dup(channel))\n"
        "s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)\ns.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)",
    ),
    _cell(
        "the channel has a timeout of a microsecond",
        "s = socket.socket(fileno=os.dup(channel))\n"
        "s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack('ll', 0, 1))",
        ends=BY_CHANCE,
    ),
    _cell(
        "descriptors are sent to the grader",
        "s = socket.socket(fileno=os.dup(channel))\n"
        "files = [os.open('/dev/null', os.O_RDONLY) for _ in range(50)]\n"
        "socket.send_fds(s, [b'{'], files)",
        ends=BY_CHANCE,
        slow=True,
    ),
    _call(
        "descriptors are sent with an answer",
        "s = socket.socket(fileno=os.dup(channel))\n"
        "payload = answer(array([5]), bytes(40))\n"
        "head = json.dumps({'status': 'returned', 'question': 1, 'payload_bytes': len(payload)}).encode()\n"
        "socket.send_fds(s, [struct.pack('<Q', len(head)) + head + payload], [0, 1, 2])\n"
        "return 0 * x",
    ),
    _cell(
        "a child fights for the channel",
        "if os.fork() == 0:\n"
        "    end = time.monotonic() + 20\n"
        "    while time.monotonic() < end:\n"
        "        os.read(channel, 1)\n"
        "    os._exit(0)",
        ends=BY_CHANCE,
        slow=True,
    ),
    _call(
        "a child answers instead",
        "if os.fork() == 0:\n"
        "    for _ in range(20):\n"
        "        reply(answer(array([5]), bytes(40)))\n"
        "    os._exit(0)\n"
        "return 0 * x",
        ends=BY_CHANCE,
    ),
    _call(
        "an answer is begun and never finished",
        "tell(json.dumps({'status': 'returned', 'payload_bytes': 100}), b'x')\ntime.sleep(60)",
        ends=frozenset({EndState.TIMED_OUT, EndState.CRASHED}),
        slow=True,
    ),
    _call(
        "an answer comes one byte at a time",
        "payload = answer(array([5]), bytes(40))\n"
        "head = json.dumps({'status': 'returned', 'question': 1, 'payload_bytes': len(payload)}).encode()\n"
        "for byte in struct.pack('<Q', len(head)) + head + payload:\n"
        "    os.write(channel, bytes([byte]))\n"
        "    time.sleep(0.001)\n"
        "return 0 * x",
        ends=CRASHED,
    ),
    _cell(
        "the question's pipes are searched and written",
        "import stat\n"
        "real_fork = os.fork\n"
        "def fork():\n"
        "    for descriptor in range(3, 64):\n"
        "        try:\n"
        "            if stat.S_ISFIFO(os.fstat(descriptor).st_mode):\n"
        "                os.write(descriptor, b'.')\n"
        "        except OSError:\n            pass\n"
        "    return real_fork()\n"
        "os.fork = fork",
        ends=BY_CHANCE,
        slow=True,
    ),
)
