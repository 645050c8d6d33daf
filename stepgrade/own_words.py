"""What may be shown of the words that come from the sandbox."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable


class OwnWords:
    """What may be shown of the words that come from the sandbox while hidden inputs and helpers are in there.

    Only what the student wrote, and names that everybody knows: a function could hide an input, or the source of a
    reference helper, in the name of a type or in a line that it claims to have failed at.
    """

    KNOWN_TYPES = frozenset(name for name, value in vars(builtins).items() if isinstance(value, type)) | {
        "AxisError",
        "JSONDecodeError",
        "LinAlgError",
        "NoneType",
        "_ArrayMemoryError",
        "_UFuncBinaryResolutionError",
        "_UFuncInputCastingError",
        "_UFuncNoLoopError",
        "_UFuncOutputCastingError",
        "array of bytes",
        "array of objects",
        "array of other things",
        "array of text",
        "builtin_function_or_method",
        "complex array",
        "complex128",
        "dict_items",
        "dict_keys",
        "dict_values",
        "function",
        "generator",
        "method",
        "module",
        "ufunc",
    }

    def __init__(self, sources: Iterable[str]) -> None:
        text = "\n".join(sources)
        self._lines = {line.strip()[:200] for line in text.splitlines()}
        self._names = set(re.findall(r"\w+", text))

    def type_name(self, name: str) -> str:
        """Return ``name``, or "another type" where it is neither known nor the student's."""
        return name if name in self.KNOWN_TYPES or name in self._names else "another type"

    def line(self, line: str) -> str:
        """Return ``line`` if the student wrote it, else an empty string."""
        return line if line in self._lines else ""
