"""Names that NumPy once had: learners copy them from older texts, and the error alone does not say what to write."""

from __future__ import annotations

import re

# Removed in 1.24, 2.0 and later, with what NumPy's own release notes say to write instead.
REPLACEMENTS = {
    "alltrue": "np.all",
    "asfarray": "np.asarray(..., dtype=float)",
    "bool": "bool",
    "bool8": "np.bool_",
    "cast": "np.asarray(..., dtype=...)",
    "complex": "complex",
    "complex_": "np.complex128",
    "cumproduct": "np.cumprod",
    "find_common_type": "np.result_type",
    "float": "float",
    "float_": "np.float64",
    "in1d": "np.isin",
    "Inf": "np.inf",
    "Infinity": "np.inf",
    "infty": "np.inf",
    "int": "int",
    "long": "int",
    "mat": "np.asmatrix",
    "msort": "np.sort(..., axis=0)",
    "NaN": "np.nan",
    "NAN": "np.nan",
    "NINF": "-np.inf",
    "object": "object",
    "PINF": "np.inf",
    "product": "np.prod",
    "round_": "np.round",
    "row_stack": "np.vstack",
    "sometrue": "np.any",
    "str": "str",
    "string_": "np.bytes_",
    "trapz": "np.trapezoid",
    "unicode": "str",
    "unicode_": "np.str_",
}
_MISSING = re.compile(r"module 'numpy' has no attribute '(\w+)'|`np\.(\w+)` was removed")


def removed_from_numpy(type_name: str, text: str) -> tuple[str, str] | None:
    """Return the name that is gone and what to write instead, None where the error is another one."""
    if type_name != "AttributeError" or (found := _MISSING.search(text)) is None:
        return None
    name = found[1] or found[2]
    return (f"np.{name}", REPLACEMENTS[name]) if name in REPLACEMENTS else None
