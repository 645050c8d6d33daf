"""The first difference between an answer and what was asked: a code, its parameters, and the English sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from stepgrade.phrases import phrase

# One template per code, so that a translation needs the code and the parameters only. A template names what was
# got, what was expected and the next step; seeded cases show shapes, positions and rules, never values.
TEMPLATES = {
    "not_defined": phrase("{function} is not defined: {reason}"),
    "not_callable": phrase(
        "{function} is {got}, expected a function. Is the name used for something else further down?"
    ),
    "unfilled": phrase("{function} is not written yet: its cell still raises NotImplementedError."),
    "unfilled_helper": phrase("{function} calls a function that is not written yet (NotImplementedError{line})."),
    "leftover_stub": phrase(
        "{function} still holds the line `raise NotImplementedError` of the empty exercise, "
        "which stops your code. Delete that line."
    ),
    "removed_name": phrase("{function} uses {old}{line}, which NumPy no longer has. Write {new} instead."),
    "raised": phrase("{function} raised {type}{line} for {inputs}."),
    "stopped": phrase("{function} was stopped for {inputs}: {reason}"),
    "not_tried": phrase("{function} was not called again: two calls before this one had to be stopped."),
    "returned_none": phrase("{function} returned None, expected {expected}. Is the return statement there?"),
    "not_a_tuple": phrase("{function} returned {got}, expected {expected} as a tuple."),
    "wrong_count": phrase("{function} returned a tuple of {got} values, expected {n}: {expected}."),
    "wrong_type": phrase("{function}: {name} is {got}, expected {expected}."),
    "not_a_number": phrase("{function}: {name} is an array of shape {got}, expected one number."),
    "wrong_shape": phrase("{function}: {name} has shape {got}, expected {expected} for {inputs}."),
    "wrong_dtype": phrase("{function}: {name} has dtype {got}, expected {expected} for {inputs}."),
    "not_finite": phrase(
        "{function}: {name} contains NaN or infinity, first at {index}, for {inputs}. Is every position filled?"
    ),
    "wrong_values": phrase(
        "{function}: {name} differs at {wrong} of {total} positions, first at {index}, for {inputs}."
    ),
    "wrong_number": phrase("{function}: {name} has another value than expected for {inputs}."),
    "input_modified": phrase(
        "{function} changes its input {name}. Work on a copy: the caller still needs the original."
    ),
    "wrong_cache": phrase("{function}: the cache must hold {expected}, in this order; {detail}."),
    "property": phrase("{function}: {detail}"),
    "no_value_check_passed": phrase("Counts only when at least one of the checks on values passes."),
    "grader_error": phrase("The grader failed here, not you: {reason}. Please tell your instructor."),
}


@dataclass(frozen=True)
class Finding:
    """One difference; ``message`` renders it."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return TEMPLATES[self.code].format(**self.params)
