"""The smallest input on which a function is still wrong: found by shrinking, never one that a mark was made with."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepgrade.diagnose.recognition import Ask
from stepgrade.judge import (
    Answer,
    Case,
    Finding,
    Property,
    Requirement,
    Returned,
    Specification,
    Stopped,
    Values,
    finding_without_value,
    wire,
)

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

MAX_CALLS = 240  # each is a call of the student's function; time would be no bound that gives the same twice
MAX_EXAMPLES = 160  # that are tried before one is found


@dataclass(frozen=True)
class SmallestInput:
    """An input, what the function answered, and what is wrong with that."""

    case: Case
    answer: Answer
    finding: Finding


def smallest_input(
    spec: Specification, requirement: Requirement, inputs: SearchStrategy[Case], seed: str, ask: Ask
) -> SmallestInput | None:
    """Return the smallest of ``inputs`` on which the answer does not meet ``requirement``; None where none is found.

    The search ends for good with the first call that had to be stopped: each further one would cost its whole time.
    """
    from hypothesis import Phase, find, settings  # late: half of what a right answer's `check` would take
    from hypothesis.errors import NoSuchExample

    search = _Search(spec, requirement, ask)
    try:
        case: Case = find(
            inputs,
            search.is_wrong,
            settings=settings(
                max_examples=MAX_EXAMPLES, phases=(Phase.generate, Phase.shrink), database=None, deadline=None
            ),
            random=random.Random(seed),  # noqa: S311 - the same search each time
        )
    except NoSuchExample:
        return None
    return search.found(case)


class _Search:
    """Asks about inputs, each of them once; a bounded number of them."""

    def __init__(self, spec: Specification, requirement: Requirement, ask: Ask) -> None:
        self._spec = spec
        self._requirements = _one_by_one(spec, requirement)
        self._ask = ask
        self._seen: dict[bytes, SmallestInput | None] = {}  # None: the answer was right
        self._n_left = MAX_CALLS

    def is_wrong(self, case: Case) -> bool:
        key = _key(case)
        if key not in self._seen and self._n_left:
            self._n_left -= 1
            self._seen[key] = self._examined(case)
        return self._seen.get(key) is not None

    def found(self, case: Case) -> SmallestInput | None:
        return self._seen.get(_key(case))

    def _examined(self, case: Case) -> SmallestInput | None:
        (answer,) = self._ask([tuple(case.arguments.values())])
        if isinstance(answer, Stopped):
            self._n_left = 0
            return None
        if not isinstance(answer, Returned):
            return SmallestInput(case, answer, finding_without_value(self._spec, case, answer))
        findings = (requirement.verify(self._spec, (case,), (answer,)) for requirement in self._requirements)
        finding = next(filter(None, findings), None)
        return None if finding is None else SmallestInput(case, answer, finding)


def _one_by_one(spec: Specification, requirement: Requirement) -> list[Requirement]:
    """Return what a single answer can be asked for in place of a relation between several: its values."""
    if not isinstance(requirement, Property):
        return [requirement]
    return [Values(part) for part in spec.returns if part != "cache"]


def _key(case: Case) -> bytes:
    return wire.encode(tuple(case.arguments.values()))
