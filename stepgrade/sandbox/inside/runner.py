"""The student's session: executes cells, and forks a process per question that calls functions.

It shares its process with student code, holds no secret, and nothing that it says decides a mark: the grader takes
arrays from it and judges them itself.

Protocol, over one inherited socket: a request is a length (8 bytes, little-endian), that many bytes of JSON, and a
payload of the length that the JSON names; a reply has the same form. ``begin`` forks the process of one question,
which answers ``call`` and ``run`` until ``end``; when it goes away by itself, the session says ``over``. A ``call``
asks for several calls of one function, and has one reply for each.
The payload's format is that of ``stepgrade.judge.wire``, written a second time here because nothing can be shared
with untrusted code.
"""

import ast
import builtins
import codeop
import contextlib
import functools
import json
import math
import mmap
import os
import random
import resource
import select
import signal
import struct
import sys
import time
import traceback
import types
import warnings

import numpy as np

LENGTH = struct.Struct("<Q")
WIRE_LENGTH = struct.Struct("<I")
OUTBOX_BYTES = 2**16
DELAY_S = 0.02  # that a reply waits for others at most, besides the call behind it
POLL_S = 0.1
HEAD_BYTES = 2**20  # of a message beside its arrays
MAX_DEPTH, MAX_NODES = 5, 900  # within what the grader accepts
HELPERS = "<reference helpers>"  # source of the grader's own, never shown


def read_exactly(descriptor, n_bytes):
    chunks = []
    while n_bytes:
        chunk = os.read(descriptor, min(n_bytes, 1 << 20))
        if not chunk:
            raise EOFError
        chunks.append(chunk)
        n_bytes -= len(chunk)
    return b"".join(chunks)


def write_all(descriptor, data):
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def receive(descriptor):
    (length,) = LENGTH.unpack(read_exactly(descriptor, LENGTH.size))
    head = json.loads(read_exactly(descriptor, length))
    return head, read_exactly(descriptor, head.get("payload_bytes", 0))


def send(descriptor, head, payload=b""):
    write_all(descriptor, framed(head, payload))


def framed(head, payload):
    text = json.dumps(head | {"payload_bytes": len(payload)}).encode()
    return LENGTH.pack(len(text)) + text + payload


class Outbox:
    """Replies on their way: those of quick calls wait for each other, since each would wake the grader.

    They wait in memory that a session shares with its questions' processes, so that the session can send them where
    a process has gone away before it did.
    """

    def __init__(self, channel):
        self._channel = channel
        self._memory = mmap.mmap(-1, OUTBOX_BYTES)
        self._flushed = 0.0  # when, on the clock

    def add(self, message):
        start = self._end()
        if start + len(message) > OUTBOX_BYTES:
            self.flush()
            start = LENGTH.size
        if start + len(message) > OUTBOX_BYTES:
            write_all(self._channel, message)
            return
        self._memory[start : start + len(message)] = message
        self._set_end(start + len(message))
        if time.monotonic() - self._flushed > DELAY_S:
            self.flush()

    def flush(self):
        waiting = self._memory[LENGTH.size : self._end()]
        self._set_end(LENGTH.size)
        write_all(self._channel, waiting)
        self._flushed = time.monotonic()

    def _end(self):
        return LENGTH.unpack_from(self._memory)[0] or LENGTH.size

    def _set_end(self, end):
        self._memory[: LENGTH.size] = LENGTH.pack(end)


def decode(message):
    """Return the value in a message of the grader (which is trusted, so nothing is checked)."""
    (length,) = WIRE_LENGTH.unpack_from(message)
    position = WIRE_LENGTH.size + length

    def value(node):
        nonlocal position
        kind, content = node["t"], node.get("v")
        if kind == "array":
            dtype, shape = np.dtype(node["dtype"]), tuple(node["shape"])
            size = math.prod(shape)
            array = np.frombuffer(message, dtype, count=size, offset=position).copy().reshape(shape)
            position += size * dtype.itemsize
            if node["strided"]:
                spread = np.zeros((*shape[:-1], 2 * shape[-1]), dtype)
                spread[..., ::2] = array
                return spread[..., ::2]
            return array[()] if node["scalar"] else array
        if kind == "int":
            return int(content)
        if kind == "float":
            return float.fromhex(content)
        if kind in ("tuple", "list"):
            parts = [value(part) for part in content]
            return tuple(parts) if kind == "tuple" else parts
        if kind == "dict":
            return {key: value(part) for key, part in content}
        return content

    return value(json.loads(message[WIRE_LENGTH.size : position]))


def encode(value, arguments, most_bytes=None):
    """Return a value, and arguments as they are now, as a message; what is not plain is named only."""
    try:
        return message_of((value, arguments), most_bytes)
    except TooManyNodes:
        return message_of((Foreign(type(value).__name__), arguments), most_bytes)


class TooManyNodes(Exception):
    """More values within values than any right answer has."""


class TooLarge(Exception):
    """More bytes than any right answer has; noticed before they are copied."""


class Foreign:
    """Stands for a value that does not travel."""

    def __init__(self, name):
        self.name = name


# What a message names an array whose entries are no numbers.
ARRAYS = {"c": "complex array", "O": "array of objects", "U": "array of text", "S": "array of bytes"}


def message_of(value, most_bytes=None):
    blobs, n_nodes, n_bytes = [], 0, 0

    def node(item, depth=0):
        nonlocal n_nodes
        n_nodes += 1
        if n_nodes > MAX_NODES:
            raise TooManyNodes
        if item is None:
            return {"t": "none"}
        if isinstance(item, Foreign):
            return {"t": "other", "v": item.name}
        if isinstance(item, (np.ndarray, np.generic)):
            return array_node(np.asarray(item), isinstance(item, np.generic))
        if isinstance(item, bool):
            return {"t": "bool", "v": item}
        if isinstance(item, int) and abs(item) < 1 << 1000:
            return {"t": "int", "v": str(int(item))}
        if isinstance(item, float):
            return {"t": "float", "v": float(item).hex()}
        if isinstance(item, str):
            return {"t": "str", "v": str(item)[:1000]}
        if isinstance(item, (tuple, list)) and depth < MAX_DEPTH:
            kind = "tuple" if isinstance(item, tuple) else "list"
            return {"t": kind, "v": [node(part, depth + 1) for part in item]}
        if isinstance(item, dict) and depth < MAX_DEPTH and all(isinstance(key, str) for key in item):
            return {"t": "dict", "v": [[key, node(part, depth + 1)] for key, part in item.items()]}
        return {"t": "other", "v": type(item).__name__}

    def array_node(array, scalar):
        if array.dtype.kind not in "fiub":
            return {"t": "other", "v": ARRAYS.get(array.dtype.kind, "array of other things")}
        nonlocal n_bytes
        n_bytes += array.nbytes
        if most_bytes is not None and n_bytes > most_bytes:
            raise TooLarge
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        blobs.append(array.tobytes())
        return {"t": "array", "dtype": array.dtype.str, "shape": list(array.shape), "scalar": scalar}

    head = json.dumps(node(value)).encode()
    return b"".join([WIRE_LENGTH.pack(len(head)), head, *blobs])


class QuietShell:
    """What ``get_ipython()`` returns here: it runs the body of some cell magics, and notes what it leaves out."""

    TRANSPARENT = frozenset({"time", "timeit", "capture", "prun", "debug"})
    HARMLESS = frozenset({"matplotlib", "pylab", "config", "load_ext", "reload_ext", "autoreload", "precision"})

    def __init__(self, run):
        self._run = run
        self.left_out = []

    def run_cell_magic(self, magic, line, body):
        if magic in self.TRANSPARENT:
            self._run(body)
        else:
            self.left_out.append(f"%%{magic}")

    def run_line_magic(self, magic, line, *_):
        if magic in self.TRANSPARENT:
            self._run(line)
        elif magic not in self.HARMLESS:
            self.left_out.append(f"%{magic}")

    def system(self, command):
        self.left_out.append(f"!{command}")

    getoutput = system

    def __getattr__(self, name):
        return lambda *args, **kwargs: None


class Deadline:
    """Let the kernel end this process after some CPU time, or after some wall time for one that sleeps."""

    def __init__(self, cpu_s, wall_s):
        self._limits = (signal.ITIMER_PROF, cpu_s), (signal.ITIMER_REAL, wall_s)

    def __enter__(self):
        self._used = cpu_s()
        for timer, seconds in self._limits:
            signal.setitimer(timer, seconds)
        return self

    def __exit__(self, *_):
        for timer, _seconds in self._limits:
            signal.setitimer(timer, 0)
        self.cpu_s = cpu_s() - self._used


def cpu_s():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def parsed(source, name):
    """Return a cell as Python, and its syntax tree; notebook syntax (magics, shell lines, ``?``) becomes Python."""
    try:
        return source, ast.parse(source, name)
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager

        python = TransformerManager().transform_cell(source)
        return python, ast.parse(python, name)


def own_line(error, source_of):
    """Return the deepest line of the student's own code in the traceback, or an empty string."""
    line = ""
    for frame in traceback.extract_tb(error.__traceback__):
        lines = source_of.get(frame.filename)
        if lines and frame.lineno and frame.lineno <= len(lines):
            line = lines[frame.lineno - 1].strip()
    return line[:200]


def described(error, source_of):
    if isinstance(error, SyntaxError):  # the line that does not parse is no frame of the traceback
        return {
            "status": "raised",
            "type": type(error).__name__,
            "text": str(error.msg)[:500],
            "line": (error.text or "").strip()[:200],
        }
    try:
        text = str(error)[:500]
    except Exception:
        text = ""
    return {
        "status": "raised",
        "type": type(error).__name__[:100],
        "text": text,
        "line": own_line(error, source_of),
        "memory": isinstance(error, MemoryError),
    }


# A statement that only shows or checks something is not tried any more once one of its cell has failed.
PREPARING = (
    ast.Import,
    ast.ImportFrom,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Assign,
    ast.AnnAssign,
    ast.AugAssign,
    ast.If,
    ast.Try,
    ast.With,
)


def run_cell(source, name, namespace, source_of, compiler):
    """Execute one cell, statement by statement; ``compiler`` remembers ``from __future__`` imports, as Jupyter does.

    A statement that raises costs itself: the definitions, imports and assignments behind it still run. So a missing
    module, or a call in the middle that only works elsewhere, does not take the functions below it away.
    """
    try:
        python, tree = parsed(source, name)
    except Exception as error:
        return described(error, source_of) | {"memory": False}  # the parser says so of code nested too deeply
    if name != HELPERS:
        source_of[name] = python.splitlines()
    failed, missing = [], []
    for statement in tree.body:
        if failed and not isinstance(statement, PREPARING):
            continue
        try:
            exec(compiler(ast.Module([statement], []), name, "exec"), namespace)
        except ImportError as error:
            missing.append(str(error.name or "")[:100])
        except BaseException as error:  # student code may raise anything
            failed.append(described(error, source_of))
    return (failed[0] if failed else {"status": "done"}) | {"missing": missing[:20]}


def call_function(name, payload, needs_after, namespace, source_of, most_bytes):
    """Call one function; return the reply's head and payload."""
    if name not in namespace:
        return {"status": "not_defined"}, b""
    function = namespace[name]
    if not callable(function):
        return {"status": "not_callable", "type": type(function).__name__[:100]}, b""
    arguments = decode(payload)
    try:
        value = function(*arguments)
        return {"status": "returned"}, encode(value, arguments if needs_after else (), most_bytes)
    except TooLarge:
        return {"status": "too_large"}, b""
    except BaseException as error:  # student code may raise anything
        return described(error, source_of), b""


class Question:
    """A fork of the session that answers until it has no more use for the channel."""

    def __init__(self, serve):
        self._finished, finishing = os.pipe()
        generator = random.getstate()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                random.setstate(generator)  # Python seeds it anew, from the clock, in every fork
                os.close(self._finished)
                serve()
                os.write(finishing, b".")
            finally:
                os._exit(0)
        os.close(finishing)

    def wait(self):
        """Wait until it has finished (None), or has gone away by itself (its status)."""
        try:
            # A process that it left behind may hold the pipe open: ask for the process itself now and then.
            while not select.select([self._finished], [], [], POLL_S)[0]:
                status = self._status(os.WNOHANG)
                if status is not None:
                    return status
            return None if os.read(self._finished, 1) else self._status()
        finally:
            os.close(self._finished)

    def _status(self, options=0):
        try:
            ended, status = os.waitpid(self._pid, options)
        except ChildProcessError:  # somebody else has waited for it
            return signal.SIGKILL
        return status if ended else None


def reap():
    """Wait for whatever has ended: questions that said so, and what they left."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


class Session:
    """The namespace that the cells share, and the requests that work on it."""

    def __init__(self, channel, settings, display):
        self._channel = channel
        self._outbox = Outbox(channel)
        self._display = display
        self._stage = None  # made by the first cell that is to be looked at
        self._most_bytes = settings["message_mib"] * 2**20 - HEAD_BYTES
        self._is_alone = settings["alone"]
        module = types.ModuleType("__main__")
        sys.modules["__main__"] = module
        self._namespace = module.__dict__
        self._namespace["__builtins__"] = builtins
        self._source_of = {}
        self._compiler = codeop.Compile()
        self._shell = QuietShell(lambda body: self._run(body, "<cell magic>"))
        self._namespace["get_ipython"] = lambda: self._shell

    def serve_cells(self):
        while True:
            head, payload = receive(self._channel)
            if head["do"] == "begin":
                self._hand_over(head["question"])
            elif not head["question"]:  # what is left of a question that went away is not for the session
                self._answer(head, payload)

    def _hand_over(self, number):
        """Let a fork answer what is asked about a question; say so if it goes away before that ends."""
        status = self._forked(number).wait()
        if status is not None:
            self._outbox.flush()
            send(self._channel, {"status": "over", "question": number, "exit": os.waitstatus_to_exitcode(status)})

    def _forked(self, number):
        reap()
        serve = functools.partial(self._serve_question, number)
        try:
            return Question(serve)
        except BlockingIOError:  # the student's code has left too many processes behind
            if not self._is_alone:
                raise
            os.kill(-1, signal.SIGKILL)  # reaches what the submission started, no more
            time.sleep(POLL_S)
            reap()
            return Question(serve)

    def _serve_question(self, number):
        while True:
            head, payload = receive(self._channel)
            if head["do"] == "end":
                return
            self._answer(head, payload, number)

    def _run(self, source, name):
        return run_cell(source, name, self._namespace, self._source_of, self._compiler)

    def _shown(self, source, head):
        if self._stage is None:
            self._stage = self._display.Stage(self._namespace, self._source_of, self._compiler, parsed)
        return self._stage.run(source, head["name"], head["cpu_s"], head["known"])

    def _answer(self, head, payload, question=0):
        if head["do"] == "call":
            self._answer_calls(head, payload, question)
            return
        self._shell.left_out.clear()
        with Deadline(head["cpu_s"], head["wall_s"]) as deadline:
            if head["do"] == "run":
                reply, answer = self._run(payload.decode(), head["name"]), b""
                reply["left_out"] = [str(text)[:100] for text in self._shell.left_out[:20]]
            elif head["do"] == "show":
                reply, answer = self._shown(payload.decode(), head)
            else:
                reply, answer = {"status": "done"}, b""
                self._display.write_file(head["name"], payload)
        send(self._channel, reply | {"question": question, "cpu_s": deadline.cpu_s}, answer)

    def _answer_calls(self, head, payload, question):
        end = 0
        for n_bytes, needs_after in head["calls"]:
            start, end = end, end + n_bytes
            with Deadline(head["cpu_s"], head["wall_s"]) as deadline:
                reply, answer = call_function(
                    head["name"],
                    payload[start:end],
                    needs_after,
                    self._namespace,
                    self._source_of,
                    self._most_bytes,
                )
            self._outbox.add(framed(reply | {"question": question, "cpu_s": deadline.cpu_s}, answer))
        self._outbox.flush()


def serve(channel, settings, display):
    """Answer requests until the grader's end of the channel is closed; ``display`` is the module of that name."""
    warnings.simplefilter("ignore")  # a warning never costs a mark
    # Every submission draws from streams of its own, the same in every run.
    random.seed(settings["seed"])
    np.random.seed(settings["seed"])
    send(channel, {"status": "ready"})
    try:
        Session(channel, settings, display).serve_cells()
    except EOFError:
        return
