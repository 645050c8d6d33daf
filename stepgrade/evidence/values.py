"""Values as text and as data, of bounded size: a student's function may return 64 MiB of anything."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from stepgrade.judge.wire import Foreign
from stepgrade.result import printable

MAX_ENTRIES = 30  # of an array that is printed whole
FIRST, LAST = 4, 1  # of the others' numbers
MAX_LINES = 60  # of one value, which may be a tuple of many
MAX_TEXT = 200
MAX_NUMBERS = 4096  # of an array as data
WIDTH = 96
INDENT = "  "


def value_lines(value: Any, names: Sequence[str] = ()) -> list[str]:
    """Return a value in lines: exact shapes and dtypes, numbers that read back as they are, the rest of it counted.

    ``names`` are those of a tuple's entries, where it has as many.
    """
    lines = list(_lines(value, names))
    if len(lines) <= MAX_LINES:
        return lines
    return [*lines[:MAX_LINES], f"... and {len(lines) - MAX_LINES} more lines (--json has more)"]


def value_data(value: Any) -> Any:
    """Return a value as JSON data; an array with its hash, and its first numbers in C order."""
    match value:
        case np.ndarray() | np.generic():
            return _array_data(np.asarray(value))
        case tuple() | list():
            return {type(value).__name__: [value_data(part) for part in value]}
        case dict():
            return {"dict": [[str(name)[:MAX_TEXT], value_data(part)] for name, part in value.items()]}
        case float():
            return _number(value)
        case str():
            return value[:MAX_TEXT]
        case Foreign(type_name):
            return {"type": type_name}
    return value


def _lines(value: Any, names: Sequence[str] = ()) -> Iterator[str]:
    match value:
        case np.ndarray():
            yield from _array_lines(value)
        case np.generic():
            yield f"{printable(str(value))} ({value.dtype})"
        case tuple() | list():
            yield f"{type(value).__name__} of {len(value)}"
            labels = names if len(names) == len(value) else [f"[{number}]" for number in range(len(value))]
            for label, part in zip(labels, value, strict=True):
                yield from _named(label, part)
        case dict():
            yield f"dict of {len(value)}"
            for name, part in value.items():
                yield from _named(f"[{_quoted(str(name))}]", part)
        case str():
            yield _quoted(value)
        case Foreign(type_name):
            yield f"a value of type {printable(type_name)}, which is not taken out of the sandbox"
        case _:
            yield repr(value)


def _named(name: str, value: Any) -> Iterator[str]:
    first, *rest = _lines(value)
    yield f"{INDENT}{name} {first}"
    for line in rest:
        yield INDENT + line


def _array_lines(array: np.ndarray) -> Iterator[str]:
    layout = "" if array.flags.c_contiguous else ", not contiguous"
    yield f"array {tuple(map(int, array.shape))} {array.dtype}{layout}"
    if array.size > MAX_ENTRIES:
        numbers = [*array.ravel()[:FIRST], "...", *array.ravel()[-LAST:]]
        yield f"{INDENT}{', '.join(map(str, numbers))} ({array.size} numbers)"
        return
    text = np.array2string(array, max_line_width=WIDTH, floatmode="unique", separator=", ")
    for line in filter(str.strip, text.split("\n")):
        yield INDENT + line


def _quoted(text: str) -> str:
    return repr(printable(text[:MAX_TEXT])) + ("..." if len(text) > MAX_TEXT else "")


def _array_data(array: np.ndarray) -> dict[str, Any]:
    first = array.ravel()[:MAX_NUMBERS]
    is_float = first.dtype.kind == "f"
    return {
        "shape": list(array.shape),
        "dtype": str(array.dtype),
        "contiguous": bool(array.flags.c_contiguous),
        "sha256": hashlib.sha256(array.tobytes()).hexdigest(),
        "values": [_number(float(number)) for number in first] if is_float else first.tolist(),
        "left_out": array.size - first.size,
    }


def _number(number: float) -> float | str:
    return number if math.isfinite(number) else str(number)  # JSON has no NaN
