"""Values as plain bytes: how arguments go into the student's process and how answers come back.

A message is four bytes of length, that many bytes of JSON (a tree of tagged nodes), and behind it the arrays' raw
C-ordered bytes. Nothing here unpickles, evaluates or trusts a size: whoever sends, ``decode`` either returns plain
values within the bounds below or raises `MalformedMessage`.

The calls of a check have inputs and outputs of the same shapes for every student, so that messages differ in their
arrays and hardly in their heads. A head is written, and read and checked, once, and then known.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

MAX_MESSAGE_BYTES = 64 * 2**20
MAX_HEAD_BYTES = 2**20  # read as JSON, it takes some twenty times its size; a right one has a few hundred bytes
MAX_DEPTH = 6
MAX_NODES = 1000
MAX_DIMENSIONS = 8
ARRAY_KINDS = "fiub"  # floats, signed and unsigned integers, booleans; nothing else ever becomes an array
N_KNOWN_HEADS = 1024
MAX_KNOWN_HEAD_BYTES = 4096  # so that what is known stays small, whatever students send

_LENGTH = struct.Struct("<I")


class MalformedMessage(ValueError):
    """The bytes are not a message of this format, or exceed its bounds."""


@dataclass(frozen=True)
class Foreign:
    """Stands for a value that does not travel (an object, a complex number, a function); only its type name does."""

    type_name: str


def encode(value: Any) -> bytes:
    """Return ``value`` (None, bool, int, float, str, array, or tuples, lists, dicts of these) as one message.

    An array that is not C-contiguous is marked, so that the receiver rebuilds a non-contiguous one.

    Raises
    ------
    TypeError
        For any other value.
    """
    blobs: list[bytes] = []
    head = _written_head(_node(value, blobs))
    return b"".join([_LENGTH.pack(len(head)), head, *blobs])


def _node(item: Any, blobs: list[bytes]) -> tuple[Any, ...]:
    """Return a node, a tuple of its kind and its fields, so that it can be looked up; add the bytes of its arrays."""
    match item:
        case np.ndarray() | np.generic():
            return _array_node(np.asarray(item), blobs, scalar=isinstance(item, np.generic))
        case None:
            return ("none",)
        case bool():
            return "bool", item
        case int():
            return "int", str(item)
        case float():
            return "float", item.hex()
        case str():
            return "str", item
        case tuple() | list():
            return type(item).__name__, tuple([_node(part, blobs) for part in item])
        case dict():
            return "dict", tuple([(key, _node(part, blobs)) for key, part in item.items()])
    raise TypeError(f"a {type(item).__name__} cannot be sent; expected plain values and arrays")


def _array_node(array: np.ndarray, blobs: list[bytes], *, scalar: bool) -> tuple[Any, ...]:
    if array.dtype.kind not in ARRAY_KINDS:
        raise TypeError(f"an array of dtype {array.dtype} cannot be sent; expected numbers")
    little_endian = array.astype(array.dtype.newbyteorder("<"), copy=False)
    blobs.append(little_endian.tobytes())
    return "array", little_endian.dtype.str, array.shape, scalar, not array.flags.c_contiguous


def decode(message: bytes, foreign_name: Callable[[str], str] = str) -> Any:
    """Return the value in ``message``; lists and tuples, numbers and arrays keep their kind.

    ``foreign_name`` decides what is shown of the type name that came for a value that does not travel.

    Raises
    ------
    MalformedMessage
        If anything about the bytes is not as `encode` writes it: structure, sizes, dtypes, left-over bytes.
    """
    if len(message) > MAX_MESSAGE_BYTES:
        raise MalformedMessage(f"{len(message)} bytes, expected at most {MAX_MESSAGE_BYTES}")
    if len(message) < _LENGTH.size:
        raise MalformedMessage("too short for a message")
    (length,) = _LENGTH.unpack_from(message)
    if length > MAX_HEAD_BYTES:
        raise MalformedMessage(f"a head of {length} bytes, expected at most {MAX_HEAD_BYTES}")
    position = _LENGTH.size + length
    head = message[_LENGTH.size : position]
    plan = _known_head(head) if length <= MAX_KNOWN_HEAD_BYTES else _read_head(head)
    if plan.n_bytes != len(message) - position:
        raise MalformedMessage(f"{len(message) - position} bytes of arrays, expected {plan.n_bytes}")
    return plan.build(_Source(message, position, foreign_name))


@lru_cache(N_KNOWN_HEADS)
def _written_head(node: tuple[Any, ...]) -> bytes:
    return json.dumps(_document(node)).encode()


def _document(node: tuple[Any, ...]) -> dict[str, Any]:
    match node:
        case ("none",):
            return {"t": "none"}
        case ("tuple" | "list") as kind, parts:
            return {"t": kind, "v": [_document(part) for part in parts]}
        case "dict", items:
            return {"t": "dict", "v": [[key, _document(part)] for key, part in items]}
        case "array", dtype, shape, scalar, strided:
            return {"t": "array", "dtype": dtype, "shape": shape, "scalar": scalar, "strided": strided}
        case kind, content:
            return {"t": kind, "v": content}
    raise TypeError(f"no node: {node!r}")


@dataclass
class _Source:
    """A message that is being read, and how far."""

    message: bytes
    position: int
    foreign_name: Callable[[str], str]


Build = Callable[[_Source], Any]


@dataclass(frozen=True)
class _Plan:
    """A checked head: how to make its value, and how many bytes of arrays that takes."""

    build: Build
    n_bytes: int


def _read_head(head: bytes) -> _Plan:
    try:
        tree = json.loads(head.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise MalformedMessage("the head is not JSON") from error
    reading = _HeadReading()
    try:
        return _Plan(reading.build_of(tree, 0), reading.n_bytes)
    except MalformedMessage:
        raise
    except (ValueError, OverflowError) as error:
        raise MalformedMessage("a number is not written as a number") from error


_known_head = lru_cache(N_KNOWN_HEADS)(_read_head)


class _HeadReading:
    """Checks the nodes of a head, and makes of each what will build its value; counts the bytes that arrays take."""

    def __init__(self) -> None:
        self.n_bytes = 0
        self._n_nodes = 0

    def build_of(self, node: Any, depth: int) -> Build:
        self._n_nodes += 1
        if self._n_nodes > MAX_NODES or depth > MAX_DEPTH or not isinstance(node, dict):
            raise MalformedMessage("too many or too deep values, or a node that is no object")
        kind, content = node.get("t"), node.get("v")
        match kind, content:
            case "none", None:
                return _always(None)
            case "bool", bool():
                return _always(content)
            case "int", str() if len(content) < 400:
                return _always(int(content))
            case "float", str() if len(content) < 100:
                return _always(float.fromhex(content))
            case "str", str():
                return _always(content)
            case "other", str():
                name = content[:100]
                return lambda source: Foreign(source.foreign_name(name))
            case "list", list():
                parts = [self.build_of(part, depth + 1) for part in content]
                return lambda source: [build(source) for build in parts]
            case "tuple", list():
                parts = [self.build_of(part, depth + 1) for part in content]
                return lambda source: tuple([build(source) for build in parts])
            case "dict", list():
                items = [self._item(item, depth + 1) for item in content]
                return lambda source: {key: build(source) for key, build in items}
            case "array", None:
                return self._array(node)
        raise MalformedMessage(f"unknown or badly formed node {str(kind)[:40]!r}")

    def _item(self, item: Any, depth: int) -> tuple[str, Build]:
        if not (isinstance(item, list) and len(item) == 2 and isinstance(item[0], str)):
            raise MalformedMessage("a dict's item is not a pair of name and value")
        return item[0], self.build_of(item[1], depth)

    def _array(self, node: dict[str, Any]) -> Build:
        shape, dtype_text = node.get("shape"), node.get("dtype")
        if not (
            isinstance(shape, list)
            and len(shape) <= MAX_DIMENSIONS
            and all(type(side) is int and 0 <= side <= MAX_MESSAGE_BYTES for side in shape)
            and isinstance(dtype_text, str)
            and dtype_text[:1] in "<|"
            and dtype_text[1:2] in ARRAY_KINDS
            and dtype_text[2:] in {"1", "2", "4", "8", "16"}
        ):
            raise MalformedMessage("an array's shape or dtype is not plain")
        try:
            dtype = np.dtype(dtype_text)
        except TypeError as error:
            raise MalformedMessage(f"no such dtype: {dtype_text!r}") from error
        count = math.prod(shape)
        n_bytes = count * dtype.itemsize
        # NumPy refuses an empty array, too, whose other sides are too many entries.
        if math.prod(side for side in shape if side) * dtype.itemsize > MAX_MESSAGE_BYTES:
            raise MalformedMessage("an array's shape promises more bytes than any message has")
        self.n_bytes += n_bytes
        is_scalar = node.get("scalar") is True and not shape

        def build(source: _Source) -> Any:
            # A copy: the message's buffer is read-only and shared.
            array = np.frombuffer(source.message, dtype, count, source.position).copy().reshape(shape)
            source.position += n_bytes
            return array[()] if is_scalar else array

        return build


def _always(value: Any) -> Build:
    return lambda source: value
