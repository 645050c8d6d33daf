"""What a check asks of the answers to its cases.

Every requirement looks in the same order: structure, type, shape, dtype kind, finite, values. The first difference
is the finding; None means that the requirement is met. The reference runs here, in the grader's process.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from stepgrade.judge.finding import Finding
from stepgrade.judge.wire import Foreign
from stepgrade.phrases import phrase

if TYPE_CHECKING:
    from stepgrade.judge.answer import Returned
    from stepgrade.judge.specification import Case, Specification

# Relative and absolute, as in np.isclose.
TOLERANCE = (1e-6, 1e-8)
TOLERANCE_FLOAT32 = (1e-3, 1e-5)


class Requirement(Protocol):
    """Verifies the answers to all cases of one check at once.

    ``needs_arguments_after`` says whether it looks at ``Returned.arguments_after``, which is empty otherwise.
    """

    @property
    def needs_arguments_after(self) -> bool: ...

    def verify(self, spec: Specification, cases: Sequence[Case], answers: Sequence[Returned]) -> Finding | None: ...


@dataclass(frozen=True)
class Values:
    """The returned values named ``part`` and ``also`` equal the reference's (within the inputs' dtype's tolerance).

    Parameters
    ----------
    part : str
        One of the names in the specification's ``returns``.
    also : tuple of str
        More of them, compared after ``part``.
    kinds : str
        NumPy dtype kinds that are accepted, "fiu" for real numbers; "b" besides for a mask.
    """

    part: str
    also: tuple[str, ...] = ()
    kinds: str = "fiu"
    needs_arguments_after: ClassVar[bool] = False

    def verify(self, spec: Specification, cases: Sequence[Case], answers: Sequence[Returned]) -> Finding | None:
        for case, answer in zip(cases, answers, strict=True):
            reference = spec.reference(*case.arguments.values())
            for part in (self.part, *self.also):
                value = _without_cache(spec, part, answer.value)
                finding = structure_of(spec, value)
                if finding is None:
                    got, expected = part_of(spec, part, value), part_of(spec, part, reference)
                    if _is_right(case, got, expected, self.kinds):
                        continue
                    finding = _conforms(spec, case, part, got, expected, self.kinds)
                    finding = finding or _same_values(spec, case, part, got, expected)
                if finding is not None:
                    return finding
        return None


@dataclass(frozen=True)
class ScalarShape:
    """The returned value is one number, not an array that holds one number."""

    part: str
    needs_arguments_after: ClassVar[bool] = False

    def verify(self, spec: Specification, cases: Sequence[Case], answers: Sequence[Returned]) -> Finding | None:
        for answer in answers:
            if (finding := structure_of(spec, answer.value)) is not None:
                return finding
            got = part_of(spec, self.part, answer.value)
            if isinstance(got, np.ndarray) and got.shape:
                return Finding("not_a_number", {"function": spec.function, "name": self.part, "got": _shape(got.shape)})
        return None


@dataclass(frozen=True)
class DtypeKind:
    """The returned array's dtype is of one kind (``"b"``: boolean)."""

    part: str
    kind: str
    expected: str
    needs_arguments_after: ClassVar[bool] = False

    def verify(self, spec: Specification, cases: Sequence[Case], answers: Sequence[Returned]) -> Finding | None:
        for case, answer in zip(cases, answers, strict=True):
            if (finding := structure_of(spec, answer.value)) is not None:
                return finding
            got = part_of(spec, self.part, answer.value)
            if not isinstance(got, np.ndarray) or got.dtype.kind != self.kind:
                return Finding(
                    "wrong_dtype",
                    {
                        "function": spec.function,
                        "name": self.part,
                        "got": str(got.dtype) if isinstance(got, np.ndarray) else described(got),
                        "expected": self.expected,
                        "inputs": inputs_of(case),
                    },
                )
        return None


@dataclass(frozen=True)
class Unchanged:
    """The arguments are, after the call, what they were before it."""

    needs_arguments_after: ClassVar[bool] = True

    def verify(self, spec: Specification, cases: Sequence[Case], answers: Sequence[Returned]) -> Finding | None:
        for case, answer in zip(cases, answers, strict=True):
            after = dict(zip(case.arguments, answer.arguments_after, strict=False))
            for name, before in case.arguments.items():
                if name not in after or not _identical(before, after[name]):
                    return Finding("input_modified", {"function": spec.function, "name": name})
        return None


@dataclass(frozen=True)
class Cache:
    """The returned value named ``part`` is the tuple of the arguments named ``holds``, in that order."""

    part: str
    holds: tuple[str, ...]
    needs_arguments_after: ClassVar[bool] = True

    def verify(self, spec: Specification, cases: Sequence[Case], answers: Sequence[Returned]) -> Finding | None:
        for case, answer in zip(cases, answers, strict=True):
            if (finding := structure_of(spec, answer.value)) is not None:
                return finding
            after = dict(zip(case.arguments, answer.arguments_after, strict=False))
            detail = self._difference(case, after, part_of(spec, self.part, answer.value))
            if detail:
                expected = "(" + ", ".join(self.holds) + ")"
                return Finding("wrong_cache", {"function": spec.function, "expected": expected, "detail": detail})
        return None

    def _difference(self, case: Case, after: Mapping[str, Any], got: Any) -> str:
        if not isinstance(got, tuple | list):
            return phrase("it is {got}", got=described(got))
        if len(got) != len(self.holds):
            return phrase("it has {n} entries", n=len(got))
        for position, (name, entry) in enumerate(zip(self.holds, got, strict=True), start=1):
            given = case.arguments[name]
            # An input changed in place costs its own check, not this one too.
            is_as_left = name in after and _is_of_one_kind(given, after[name]) and _identical(after[name], entry)
            if not (_identical(given, entry) or is_as_left):
                return phrase("entry {position} is not {name} as it was given", position=position, name=name)
        return ""


@dataclass(frozen=True)
class Property:
    """A relation between the answers to several cases holds.

    Parameters
    ----------
    relation : callable
        ``relation(cases, values) -> str``: the empty string where it holds, else a sentence that says what does
        not. ``values`` are the returned values, already known to have the reference's structure and shapes.
    """

    relation: Callable[[Sequence[Case], Sequence[Any]], str]
    needs_arguments_after: ClassVar[bool] = False

    def verify(self, spec: Specification, cases: Sequence[Case], answers: Sequence[Returned]) -> Finding | None:
        values = [_without_cache(spec, spec.returns[0], answer.value) for answer in answers]
        for case, value in zip(cases, values, strict=True):
            if (finding := structure_of(spec, value)) is not None:
                return finding
            expected_value = spec.reference(*case.arguments.values())
            for part in spec.returns:
                expected, got = part_of(spec, part, expected_value), part_of(spec, part, value)
                if isinstance(expected, np.ndarray | float | int) and not _is_alike(got, expected, "fiu"):
                    finding = _conforms(spec, case, part, got, expected, "fiu")
                    if finding is not None:
                        return finding
        with np.errstate(all="ignore"):
            detail = self.relation(cases, values)
        return Finding("property", {"function": spec.function, "detail": detail}) if detail else None


def _without_cache(spec: Specification, part: str, value: Any) -> Any:
    """Let a lone first value stand for the tuple with its cache: the missing cache costs the cache's check only."""
    lone = isinstance(value, np.ndarray) and part == spec.returns[0] and spec.returns[1:] == ("cache",)
    return (value, None) if lone else value


def structure_of(spec: Specification, value: Any) -> Finding | None:
    """Return what is wrong with the outermost layer of ``value``: None instead of it, no tuple, a wrong count."""
    names = ", ".join(spec.returns)
    expected = f"({names})" if len(spec.returns) > 1 else names
    params = {"function": spec.function, "expected": expected}
    if value is None:
        return Finding("returned_none", params)
    if len(spec.returns) == 1:
        return None
    if not isinstance(value, tuple | list):
        got = described(value)
        return Finding(
            "not_a_tuple", params | {"got": phrase("a value {kind}", kind=got) if got.startswith("of ") else got}
        )
    if len(value) != len(spec.returns):
        return Finding("wrong_count", params | {"got": len(value), "n": len(spec.returns)})
    return None


def inputs_of(case: Case) -> str:
    """Describe a case by names, shapes and sizes; no value of an array is shown."""
    return ", ".join(_described_arguments(case.arguments, case.parts))


def described(value: Any) -> str:
    """Name what a value is, for a message: "an array of shape (2, 3)", "a tuple of 2", "None"."""
    match value:
        case None:
            return "None"
        case np.ndarray():
            return phrase("an array of shape {shape}", shape=_shape(value.shape))
        case tuple() | list():
            return phrase("a {type} of {n}", type=type(value).__name__, n=len(value))
        case Foreign(type_name):
            return phrase("of type {type}", type=type_name)
        case _:
            return phrase("of type {type}", type=type(value).__name__)


def _described_arguments(arguments: Mapping[str, Any], parts: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for name, value in arguments.items():
        match value:
            case np.ndarray() if value.dtype == np.float64:
                yield f"{name} {_shape(value.shape)}"
            case np.ndarray():
                yield f"{name} {_shape(value.shape)} {value.dtype}"
            case dict():
                yield from _described_arguments(value, {})
            case tuple() if name in parts:
                yield from _described_arguments(dict(zip(parts[name], value, strict=True)), {})
            case float():
                yield phrase("{name} (a number)", name=name)
            case _:
                yield f"{name} {value!r}"


def part_of(spec: Specification, part: str, value: Any) -> Any:
    """Return one of the values that were returned; a lone first value stands for the tuple with its cache."""
    alone = len(spec.returns) == 1 or (isinstance(value, np.ndarray) and part == spec.returns[0])
    return value if alone else value[spec.returns.index(part)]


def near(got: Any, expected: Any, rtol: float = TOLERANCE[0], atol: float = TOLERANCE[1]) -> bool:
    """Tell whether all of ``got`` lies within ``atol + rtol * |expected|``; NaN and infinity never do.

    np.allclose without its care for infinities, at a fifth of its time on the small arrays that are compared here.
    """
    with np.errstate(all="ignore"):
        return bool(np.all(np.abs(got - expected) <= atol + rtol * np.abs(expected)))


def _is_alike(got: Any, expected: Any, kinds: str) -> bool:
    """Tell quickly whether a value has the reference's type and shape, an accepted dtype, and finite entries.

    Where not, `_conforms` says what is wrong, or that the value is accepted all the same.
    """
    if isinstance(expected, float | int):
        return isinstance(got, float) and math.isfinite(got)
    if not (isinstance(got, np.ndarray) and got.shape == expected.shape and got.dtype.kind in kinds):
        return False
    return bool(np.isfinite(got).all())


def _is_right(case: Case, got: Any, expected: Any, kinds: str) -> bool:
    """Tell quickly whether a value is right; whatever is not goes through the steps that name the difference."""
    if not _is_alike(got, expected, kinds):
        return False
    rtol, atol = TOLERANCE_FLOAT32 if _any_float32(case.arguments.values()) else TOLERANCE
    if isinstance(expected, np.ndarray):
        got, expected = got.astype(np.float64, copy=False), expected.astype(np.float64, copy=False)
    return near(got, expected, rtol, atol)


def _conforms(spec: Specification, case: Case, name: str, got: Any, expected: Any, kinds: str) -> Finding | None:
    """Check type, shape, dtype kind and finiteness of one returned value against the reference's."""
    params = {"function": spec.function, "name": name}
    if isinstance(expected, float | int):
        return _conforms_to_number(params, case, got)
    if not isinstance(got, np.ndarray):
        return Finding("wrong_type", params | {"got": described(got), "expected": phrase("a NumPy array")})
    params |= {"inputs": inputs_of(case)}
    if got.shape != expected.shape:
        return Finding("wrong_shape", params | {"got": _shape(got.shape), "expected": _shape(expected.shape)})
    if got.dtype.kind not in kinds:
        return Finding("wrong_dtype", params | {"got": str(got.dtype), "expected": phrase("real numbers")})
    if got.dtype.kind == "f" and not np.isfinite(got).all():
        return Finding("not_finite", params | {"index": _first_index(~np.isfinite(got))})
    return None


def _conforms_to_number(params: dict[str, Any], case: Case, got: Any) -> Finding | None:
    # An array with one element passes here on purpose: its shape is a check of its own (`ScalarShape`).
    is_number = isinstance(got, int | float | np.number) and not isinstance(got, bool)
    is_single = isinstance(got, np.ndarray) and got.size == 1 and got.dtype.kind in "fiu"
    if isinstance(got, np.ndarray) and not is_single:
        return Finding("not_a_number", params | {"got": _shape(got.shape)})
    if not (is_number or is_single):
        return Finding("wrong_type", params | {"got": described(got), "expected": phrase("one number")})
    if not math.isfinite(_as_float(got)):
        return Finding("not_finite", params | {"index": "()", "inputs": inputs_of(case)})
    return None


def _same_values(spec: Specification, case: Case, name: str, got: Any, expected: Any) -> Finding | None:
    params = {"function": spec.function, "name": name, "inputs": inputs_of(case)}
    rtol, atol = TOLERANCE_FLOAT32 if _any_float32(case.arguments.values()) else TOLERANCE
    if isinstance(expected, float | int):
        close = bool(np.isclose(_as_float(got), expected, rtol, atol))
        return None if close else Finding("wrong_number", params)
    with np.errstate(all="ignore"):
        wrong = ~np.isclose(got.astype(np.float64), expected.astype(np.float64), rtol, atol)
    if not wrong.any():
        return None
    counts = {"wrong": int(wrong.sum()), "total": wrong.size, "index": _first_index(wrong)}
    return Finding("wrong_values", params | counts)


def _as_float(number: Any) -> float:
    try:
        with np.errstate(all="ignore"):
            return float(number.item() if isinstance(number, np.ndarray | np.generic) else number)
    except OverflowError:
        return math.inf


def _any_float32(values: Any) -> bool:
    return any(
        _any_float32(value) if isinstance(value, tuple) else getattr(value, "dtype", None) == np.float32
        for value in values
    )


def _identical(before: Any, after: Any) -> bool:
    """Equal to the last bit, containers included; a list may stand for a tuple."""
    match before, after:
        case np.ndarray(), np.ndarray():
            return before.dtype == after.dtype and np.array_equal(before, after)
        case ((tuple() | list()), (tuple() | list())):
            return len(before) == len(after) and all(map(_identical, before, after))
        case dict(), dict():
            return before.keys() == after.keys() and all(_identical(before[k], after[k]) for k in before)
        # A container never equals anything else; NumPy would compare entry by entry, with no single answer.
        case (np.ndarray() | tuple() | list() | dict(), _) | (_, np.ndarray() | tuple() | list() | dict()):
            return False
    return bool(before == after)


def _is_of_one_kind(before: Any, after: Any) -> bool:
    """Whether one may have become the other in place."""
    if isinstance(before, np.ndarray) and isinstance(after, np.ndarray):
        return (before.dtype, before.shape) == (after.dtype, after.shape)
    return type(before) is type(after)


def _first_index(mask: np.ndarray) -> str:
    return _shape(tuple(int(i) for i in np.argwhere(mask)[0]))


def _shape(shape: tuple[int, ...]) -> str:
    return str(tuple(int(side) for side in shape))
