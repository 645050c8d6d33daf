"""An input as lines of Python that a student can paste into a cell."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

import numpy as np

from stepgrade.judge import Case, Specification

WIDTH = 88


def pasted(spec: Specification, case: Case, part: str = "") -> tuple[str, ...]:
    """Return lines that make the arguments, call the function, and print the output named ``part`` (else all)."""
    lines = [line for name, value in case.arguments.items() for line in _assigned(name, value, case)]
    call = f"{spec.function}({', '.join(case.arguments)})"
    if part and len(spec.returns) > 1:
        return (*lines, f"{', '.join(spec.returns)} = {call}", f"print({part})")
    return (*lines, f"print({call})")


def _assigned(name: str, value: Any, case: Case) -> Iterator[str]:
    if name in case.parts:
        for entry, part in zip(case.parts[name], value, strict=True):
            yield from _assigned(entry, part, Case({}))
        yield f"{name} = ({', '.join(case.parts[name])})"
    else:
        yield from textwrap.wrap(f"{name} = {_text(value)}", WIDTH, subsequent_indent="    ", break_long_words=False)


def _text(value: Any) -> str:
    if not isinstance(value, np.ndarray):
        return repr(value)
    numbers = ", ".join(map(repr, value.ravel().tolist()))
    shape = tuple(map(int, value.shape))
    if value.dtype == np.float32:
        return f"np.float32(np.reshape([{numbers}], {shape}))"
    return f"np.reshape([{numbers}], {shape})"
