"""Which entries of its inputs one number of an output really comes from: found by changing them one by one."""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from stepgrade.diagnose.diagnosis import Reading
from stepgrade.diagnose.recognition import Ask, answer_of
from stepgrade.diagnose.smallest import SmallestInput
from stepgrade.judge import Answer, Case, Returned, Specification, part_of

MAX_ENTRIES = 120  # of all arrays together; each is two calls
CHANGES = (1000.0, -1000.0)  # so much that any maximum moves there; a ReLU hides one of them


def reading(spec: Specification, smallest: SmallestInput, ask: Ask) -> Reading | None:
    """Return what the first wrong number is made from, where that is not what it should be made from.

    None where nothing is wrong with that, there are too many entries to try, or no number is wrong. A truth value is
    no number: it tells how entries compare, and a change of one need not turn it.
    """
    place = smallest.finding.params.get("index")
    if smallest.finding.code != "wrong_values" or not place:
        return None
    part, index = str(smallest.finding.params["name"]), ast.literal_eval(place)
    arrays = list(_arrays(smallest.case))
    if sum(array.size for _, array in arrays) > MAX_ENTRIES:
        return None
    changed = [case for path, array in arrays for case in _with_each_entry_changed(smallest.case, path, array.size)]
    cases = [smallest.case, *changed]
    got = _numbers(spec, part, index, ask([tuple(case.arguments.values()) for case in cases]))
    right = _numbers(spec, part, index, [answer_of(spec.reference, case) for case in cases])
    if got is None or right is None:
        return None
    start = 1
    for path, array in arrays:
        entries = slice(start, start + array.size * len(CHANGES))
        start = entries.stop
        read, expected = (_moved(numbers[0], numbers[entries]).reshape(array.shape) for numbers in (got, right))
        if not np.array_equal(read, expected):
            return Reading(_name(smallest.case, path), array, read, expected)
    return None


def _arrays(case: Case) -> Iterator[tuple[tuple[Any, ...], np.ndarray]]:
    """Yield every array of numbers among the arguments, and where it is."""
    for name, value in case.arguments.items():
        for path, part in [((name,), value)] if not isinstance(value, tuple) else _entries(name, value):
            if isinstance(part, np.ndarray) and part.dtype.kind in "fi":
                yield path, part


def _entries(name: str, value: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    return (((name, number), part) for number, part in enumerate(value))


def _name(case: Case, path: tuple[Any, ...]) -> str:
    name, *entry = path
    return case.parts[name][entry[0]] if entry and name in case.parts else str(name)


def _with_each_entry_changed(case: Case, path: tuple[Any, ...], size: int) -> Iterator[Case]:
    for number, change in itertools.product(range(size), CHANGES):
        changed = copy.deepcopy(case)
        array = changed.arguments[path[0]] if len(path) == 1 else changed.arguments[path[0]][path[1]]
        array.flat[number] += change
        yield changed


def _numbers(spec: Specification, part: str, index: tuple[int, ...], answers: Sequence[Answer]) -> np.ndarray | None:
    """Return the number at that place of every answer; None where an answer has none."""
    numbers = []
    for answer in answers:
        if not isinstance(answer, Returned):
            return None
        value = part_of(spec, part, answer.value)
        if not isinstance(value, np.ndarray) or value.ndim != len(index) or value.dtype.kind == "b":
            return None
        try:
            numbers.append(float(value[index]))
        except IndexError:
            return None
    return np.array(numbers)


def _moved(before: float, after: np.ndarray) -> np.ndarray:
    """Tell for each entry whether one of its changes moved the number."""
    raised, lowered = ~np.isclose(after.reshape(-1, 2).T, before, rtol=1e-9, atol=1e-9, equal_nan=True)
    either: np.ndarray = raised | lowered
    return either
