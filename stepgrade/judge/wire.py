"""Values as plain bytes: how arguments go into the student's process and how answers come back.

A message is four bytes of length, that many bytes of JSON (a tree of tagged nodes), and behind it the arrays' raw
C-ordered bytes. Nothing here unpickles, evaluates or trusts a size: whoever sends, ``decode`` either returns plain
values within the bounds below or raises `MalformedMessage`.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

MAX_MESSAGE_BYTES = 64 * 2**20
MAX_DEPTH = 6
MAX_NODES = 1000
MAX_DIMENSIONS = 8
ARRAY_KINDS = "fiub"  # floats, signed and unsigned integers, booleans; nothing else ever becomes an array

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

    def node(item: Any) -> dict[str, Any]:
        match item:
            case None:
                return {"t": "none"}
            case bool():
                return {"t": "bool", "v": item}
            case np.ndarray() | np.generic():
                return array_node(np.asarray(item), scalar=isinstance(item, np.generic))
            case int():
                return {"t": "int", "v": str(item)}
            case float():
                return {"t": "float", "v": item.hex()}
            case str():
                return {"t": "str", "v": item}
            case tuple() | list():
                return {"t": type(item).__name__, "v": [node(part) for part in item]}
            case dict():
                return {"t": "dict", "v": [[key, node(part)] for key, part in item.items()]}
        raise TypeError(f"a {type(item).__name__} cannot be sent; expected plain values and arrays")

    def array_node(array: np.ndarray, *, scalar: bool) -> dict[str, Any]:
        if array.dtype.kind not in ARRAY_KINDS:
            raise TypeError(f"an array of dtype {array.dtype} cannot be sent; expected numbers")
        little_endian = array.astype(array.dtype.newbyteorder("<"), copy=False)
        blobs.append(little_endian.tobytes())
        return {
            "t": "array",
            "dtype": little_endian.dtype.str,
            "shape": list(array.shape),
            "scalar": scalar,
            "strided": not array.flags.c_contiguous,
        }

    head = json.dumps(node(value)).encode()
    return b"".join([_LENGTH.pack(len(head)), head, *blobs])


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
    position = _LENGTH.size + length
    try:
        tree = json.loads(message[_LENGTH.size : position].decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise MalformedMessage("the head is not JSON") from error

    nodes = 0

    def value(node: Any, depth: int) -> Any:
        nonlocal nodes
        nodes += 1
        if nodes > MAX_NODES or depth > MAX_DEPTH or not isinstance(node, dict):
            raise MalformedMessage("too many or too deep values, or a node that is no object")
        kind, content = node.get("t"), node.get("v")
        match kind, content:
            case "none", None:
                return None
            case "bool", bool():
                return content
            case "int", str() if len(content) < 400:
                return int(content)
            case "float", str() if len(content) < 100:
                return float.fromhex(content)
            case "str", str():
                return content
            case "other", str():
                return Foreign(foreign_name(content[:100]))
            case "list", list():
                return [value(part, depth + 1) for part in content]
            case "tuple", list():
                return tuple(value(part, depth + 1) for part in content)
            case "dict", list():
                return dict(pair(part, depth + 1) for part in content)
            case "array", None:
                return array(node)
        raise MalformedMessage(f"unknown or badly formed node {str(kind)[:40]!r}")

    def pair(item: Any, depth: int) -> tuple[str, Any]:
        if not (isinstance(item, list) and len(item) == 2 and isinstance(item[0], str)):
            raise MalformedMessage("a dict's item is not a pair of name and value")
        return item[0], value(item[1], depth)

    def array(node: dict[str, Any]) -> Any:
        nonlocal position
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
        n_bytes = math.prod(shape) * dtype.itemsize
        if n_bytes > len(message) - position:
            raise MalformedMessage("an array's shape promises more bytes than arrived")
        # A copy: the message's buffer is read-only and shared.
        flat = np.frombuffer(message, dtype, count=math.prod(shape), offset=position).copy()
        position += n_bytes
        result = flat.reshape(shape)
        return result[()] if node.get("scalar") is True and result.ndim == 0 else result

    try:
        decoded = value(tree, 0)
    except MalformedMessage:
        raise
    except (ValueError, OverflowError) as error:
        raise MalformedMessage("a number is not written as a number") from error
    if position != len(message):
        raise MalformedMessage(f"{len(message) - position} bytes are left over")
    return decoded
