"""A Result and the same grade made again: what differs, and what the reason may be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from stepgrade.result import EndState, Result

# What is noted about the folder that was handed in, before its notebook is graded: grading bytes cannot give it again.
HAND_IN_REPAIRS = frozenset({"timestamp_left_aside", "notebook_renamed", "notebooks_left_aside", "files_left_aside"})
# The environment is compared apart; the command to replay says how student code was run, which the boundary says too.
APART = ("timing", "environment", "replay")
MISSING = "nothing"

WHAT_CHANGED = {
    "engine": "the grader's own code, or a package beside student code, has changed",
    "boundary": "student code runs behind another boundary",
    "python": "another Python",
    "numpy": "another NumPy",
    "stepgrade": "another release of stepgrade",
}


@dataclass(frozen=True)
class Difference:
    """One value of the Result that is another now, as JSON; ``where`` is its path in the document."""

    where: str
    then: Any
    now: Any


def differences(then: Result, now: Result) -> tuple[Difference, ...]:
    """Return all that differs between two Results of the same bytes, timing and environment aside.

    Versions are not compared across minor versions of Python, whose syntax trees they are made from.
    """
    versions = _minor(then) == _minor(now)
    return tuple(_different("", _comparable(then, versions=versions), _comparable(now, versions=versions)))


def environment_changes(then: Result, now: Result) -> dict[str, tuple[str, str]]:
    """Return by name what the environment was and is, where that differs."""
    names = sorted(then.environment.keys() | now.environment.keys())
    pairs = {name: (then.environment.get(name, MISSING), now.environment.get(name, MISSING)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def reasons(then: Result, now: Result, *, steady: bool) -> tuple[str, ...]:
    """Return why the two may differ; ``steady``: calling the function once more gave what grading had found."""
    found = [
        f"{name}: {WHAT_CHANGED.get(name, 'has changed')} (it was {old}, it is {new})"
        for name, (old, new) in environment_changes(then, now).items()
    ]
    states = {then.end_state, now.end_state}
    if EndState.GRADER_ERROR in states:
        found.append("the grader failed in one of the two, which says nothing about the submission")
    if states & {EndState.TIMED_OUT, EndState.OUT_OF_MEMORY}:
        found.append("a limit was reached; near a limit the speed and load of the machine decide")
    if then.assignment_version != now.assignment_version and _minor(then) == _minor(now):
        found.append("the kept copy of the assignment is not what its name says; it was edited since")
    if not steady:
        found.append("the submission does not give the same answers every time it is called")
    return tuple(found) or ("nothing that is known: the submission may not give the same answers every time it is run",)


def hand_in_repairs(result: Result) -> int:
    """Return how many of the repairs, at the front, concern the folder that was handed in."""
    return sum(repair.code in HAND_IN_REPAIRS for repair in result.repairs)


def _minor(result: Result) -> list[str]:
    return result.environment.get("python", "").split(".")[:2]


def _comparable(result: Result, *, versions: bool) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(result.to_json())
    for name in APART:
        del document[name]
    document["repairs"] = [repair for repair in document["repairs"] if repair["code"] not in HAND_IN_REPAIRS]
    document["questions"] = {question["id"]: question for question in document["questions"]}
    if not versions:
        del document["assignment_version"]
        for question in document["questions"].values():
            del question["version"]
    return document


def _different(where: str, then: Any, now: Any) -> Iterator[Difference]:
    match then, now:
        case dict(), dict():
            for name in dict.fromkeys((*then, *now)):
                place = f"{where}.{name}" if where else name
                yield from _different(place, then.get(name, MISSING), now.get(name, MISSING))
        case list(), list() if len(then) == len(now):
            for number, (one, other) in enumerate(zip(then, now, strict=True), start=1):
                yield from _different(f"{where}[{number}]", one, other)
        case _ if then != now:
            yield Difference(where, then, now)
