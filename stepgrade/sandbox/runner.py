"""Runs inside the student's process: executes cells, calls functions, sends plain bytes back.

This file is self-contained (standard library and NumPy only): it is started by its path, and nothing else of ours
can be imported beside student code. It holds no secret, and nothing that it says decides a mark: the grader takes
arrays from it and judges them itself.

Protocol, over two inherited descriptors: a request is a length (8 bytes, little-endian), that many bytes of JSON,
and a payload of the length that the JSON names; a reply has the same form. The payload's format is that of
``stepgrade.judge.wire``, written a second time here because nothing can be shared with untrusted code.
"""

import ast
import builtins
import json
import math
import os
import resource
import struct
import sys
import traceback
import types
import warnings

import numpy as np

LENGTH = struct.Struct("<Q")
WIRE_LENGTH = struct.Struct("<I")


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
    text = json.dumps(head | {"payload_bytes": len(payload)}).encode()
    write_all(descriptor, LENGTH.pack(len(text)) + text + payload)


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


def encode(item):
    """Return any value as a message; what is not plain becomes a node that names its type."""
    blobs = []

    def node(item, depth=0):
        if item is None:
            return {"t": "none"}
        if depth > 6:
            return {"t": "other", "v": "deeply nested value"}
        if isinstance(item, (np.ndarray, np.generic)) and np.asarray(item).dtype.kind in "fiub":
            array = np.asarray(item)
            array = array.astype(array.dtype.newbyteorder("<"), copy=False)
            blobs.append(array.tobytes())
            return {
                "t": "array",
                "dtype": array.dtype.str,
                "shape": list(array.shape),
                "scalar": isinstance(item, np.generic),
            }
        if isinstance(item, bool):
            return {"t": "bool", "v": item}
        if isinstance(item, int) and abs(item) < 1 << 1000:
            return {"t": "int", "v": str(int(item))}
        if isinstance(item, float):
            return {"t": "float", "v": float(item).hex()}
        if isinstance(item, str):
            return {"t": "str", "v": str(item)[:1000]}
        if isinstance(item, (tuple, list)) and len(item) <= 100:
            kind = "tuple" if isinstance(item, tuple) else "list"
            return {"t": kind, "v": [node(part, depth + 1) for part in item]}
        if isinstance(item, dict) and len(item) <= 100 and all(isinstance(key, str) for key in item):
            return {"t": "dict", "v": [[key, node(part, depth + 1)] for key, part in item.items()]}
        return {"t": "other", "v": type(item).__name__}

    head = json.dumps(node(item)).encode()
    return b"".join([WIRE_LENGTH.pack(len(head)), head, *blobs])


class QuietShell:
    """What ``get_ipython()`` returns here: every method exists and does nothing but run the body of a cell magic."""

    TRANSPARENT = frozenset({"time", "timeit", "capture", "prun", "debug"})

    def __init__(self, run):
        self._run = run

    def run_cell_magic(self, magic, line, body):
        if magic in self.TRANSPARENT:
            self._run(body)

    def __getattr__(self, name):
        return lambda *args, **kwargs: None


def limit_cpu(seconds):
    """Let the kernel end this process once it has used ``seconds`` more of CPU time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used.ru_utime + used.ru_stime + seconds), hard))


def plain_python(source):
    """Turn notebook syntax (magics, shell lines, ``?``) into Python; plain Python stays as it is."""
    try:
        ast.parse(source)
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager

        return TransformerManager().transform_cell(source)
    return source


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


def run_cell(source, name, namespace, source_of):
    """Execute one cell, statement by statement.

    A statement that raises costs itself: the definitions, imports and assignments behind it still run. So a missing
    module, or a call in the middle that only works elsewhere, does not take the functions below it away.
    """
    try:
        python = plain_python(source)
        source_of[name] = python.splitlines()
        tree = ast.parse(python, name)
    except Exception as error:
        return described(error, source_of)
    failed, missing = [], []
    for statement in tree.body:
        if failed and not isinstance(statement, PREPARING):
            continue
        try:
            exec(compile(ast.Module([statement], []), name, "exec"), namespace)
        except ImportError as error:
            missing.append(str(error.name or "")[:100])
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            failed.append(described(error, source_of))
    return (failed[0] if failed else {"status": "done"}) | {"missing": missing[:20]}


def call_function(name, payload, namespace, source_of):
    """Call one function; return the reply's head and payload."""
    if name not in namespace:
        return {"status": "not_defined"}, b""
    function = namespace[name]
    if not callable(function):
        return {"status": "not_callable", "type": type(function).__name__[:100]}, b""
    arguments = decode(payload)
    try:
        value = function(*arguments)
        return {"status": "returned"}, encode((value, arguments))
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        return described(error, source_of), b""


def main():
    requests, replies = int(sys.argv[1]), int(sys.argv[2])
    settings = json.loads(sys.argv[3])
    memory = settings["memory_mib"] * 2**20
    if sys.platform == "linux":  # elsewhere the address space of NumPy alone may exceed any sane limit
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")  # a warning never costs a mark
    np.random.seed(settings["numpy_seed"])
    os.environ["MPLBACKEND"] = "agg"

    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    namespace = module.__dict__
    namespace["__builtins__"] = builtins
    source_of = {}

    def run_body(body):
        run_cell(body, "<cell magic>", namespace, source_of)

    namespace["get_ipython"] = lambda: QuietShell(run_body)

    send(replies, {"status": "ready"})
    while True:
        try:
            head, payload = receive(requests)
        except EOFError:
            return
        limit_cpu(head["cpu_s"])
        if head["do"] == "run":
            reply, answer = run_cell(payload.decode(), head["name"], namespace, source_of), b""
        else:
            reply, answer = call_function(head["name"], payload, namespace, source_of)
        send(replies, reply, answer)


if __name__ == "__main__":
    main()
