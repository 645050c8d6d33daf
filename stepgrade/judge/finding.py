"""The first difference between an answer and what was asked: a code, its parameters, and the English sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# One template per code, so that a translation needs the code and the parameters only. A template names what was
# got, what was expected and the next step; seeded cases show shapes, positions and rules, never values.
TEMPLATES = {
    "not_defined": "{function} is not defined: {reason}",
    "not_callable": "{function} is {got}, expected a function. Is the name used for something else further down?",
    "unfilled": "{function} is not written yet: its cell still raises NotImplementedError.",
    "unfilled_helper": "{function} calls a function that is not written yet (NotImplementedError{line}).",
    "leftover_stub": "{function} still holds the line `raise NotImplementedError` of the empty exercise, "
    "which stops your code. Delete that line.",
    "removed_name": "{function} uses {old}{line}, which NumPy no longer has. Write {new} instead.",
    "raised": "{function} raised {type}{line} for {inputs}.",
    "stopped": "{function} was stopped for {inputs}: {reason}",
    "not_tried": "{function} was not called again: two calls before this one had to be stopped.",
    "returned_none": "{function} returned None, expected {expected}. Is the return statement there?",
    "not_a_tuple": "{function} returned {got}, expected {expected} as a tuple.",
    "wrong_count": "{function} returned a tuple of {got} values, expected {n}: {expected}.",
    "wrong_type": "{function}: {name} is {got}, expected {expected}.",
    "not_a_number": "{function}: {name} is an array of shape {got}, expected one number.",
    "wrong_shape": "{function}: {name} has shape {got}, expected {expected} for {inputs}.",
    "wrong_dtype": "{function}: {name} has dtype {got}, expected {expected} for {inputs}.",
    "not_finite": "{function}: {name} contains NaN or infinity, first at {index}, for {inputs}. "
    "Is every position filled?",
    "wrong_values": "{function}: {name} differs at {wrong} of {total} positions, first at {index}, for {inputs}.",
    "wrong_number": "{function}: {name} has another value than expected for {inputs}.",
    "input_modified": "{function} changes its input {name}. Work on a copy: the caller still needs the original.",
    "wrong_cache": "{function}: the cache must hold {expected}, in this order; {detail}.",
    "property": "{function}: {detail}",
    "no_value_check_passed": "Counts only when at least one of the checks on values passes.",
    "grader_error": "The grader failed here, not you: {reason}. Please tell your instructor.",
}


@dataclass(frozen=True)
class Finding:
    """One difference; ``message`` renders it."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return TEMPLATES[self.code].format(**self.params)
