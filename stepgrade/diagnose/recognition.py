"""Which misconception reproduces what a function returns: exactly one, on fresh inputs, or none is named."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from stepgrade.diagnose.catalogue import Catalogue, Misconception
from stepgrade.diagnose.likeness import alike
from stepgrade.judge import Answer, Case, Raised, Returned, Specification, Stopped, seeds

# ``ask(arguments of each call) -> one Answer each``, with the arguments as they are afterwards.
Ask = Callable[[Sequence[tuple[Any, ...]]], Sequence[Answer]]

MAX_CASES = 30
FURTHER_ROUNDS = 2  # of the checks whose answers were wrong, so that several inputs speak for a name
MIN_WRONG = 2
MAX_PAIRS = 200  # where more might explain it, nothing would be known of the others


@dataclass(frozen=True)
class Observed:
    """What a function answered to fresh inputs, and what the reference does."""

    cases: tuple[Case, ...]
    answers: tuple[Answer, ...]
    expected: tuple[Answer, ...]

    @cached_property
    def wrong(self) -> tuple[int, ...]:
        """The positions of the wrong answers."""
        pairs = zip(self.answers, self.expected, strict=True)
        return tuple(number for number, pair in enumerate(pairs) if not alike(*pair))

    @cached_property
    def speaks(self) -> bool:
        """Whether misconceptions can be told apart: there are several wrong answers, no stops, and some values."""
        return (
            len(self.wrong) >= MIN_WRONG
            and not any(isinstance(answer, Stopped) for answer in self.answers)
            and any(isinstance(answer, Returned) for answer in self.answers)
        )

    def is_explained_by(self, function: Callable[..., Any]) -> bool:
        """Tell whether ``function`` answers as was observed, to every input."""
        right = (number for number in range(len(self.cases)) if number not in self.wrong)
        return all(self._fits(function, number) for number in (*self.wrong, *right))

    def is_suggested_by(self, function: Callable[..., Any]) -> bool:
        """Tell whether ``function`` gives one of the wrong values that were observed."""
        values = (number for number in self.wrong if isinstance(self.answers[number], Returned))
        return any(self._fits(function, number) for number in values)

    def _fits(self, function: Callable[..., Any], number: int) -> bool:
        return alike(self.answers[number], answer_of(function, self.cases[number]))


def observed(question_id: str, spec: Specification, seed: str, ask: Ask) -> Observed:
    """Call a function on inputs of the kind that its checks draw, but on no input of a check."""
    cases: list[Case] = []
    answers: list[Answer] = []
    expected: list[Answer] = []
    checks = spec.checks
    for number in range(1 + FURTHER_ROUNDS):
        drawn = [
            (check.id, case)
            for check in checks
            for case in check.cases(seeds.generator(seed, question_id, f"diagnosis {number}: {check.id}"))
        ][: MAX_CASES - len(cases)]
        got = ask([tuple(case.arguments.values()) for _, case in drawn])
        right = [answer_of(spec.reference, case) for _, case in drawn]
        cases += [case for _, case in drawn]
        answers += got
        expected += right
        wrong = {name for (name, _), *pair in zip(drawn, got, right, strict=True) if not alike(*pair)}
        checks = tuple(check for check in checks if check.id in wrong)
        if any(isinstance(answer, Stopped) for answer in got):
            break
    return Observed(tuple(cases), tuple(answers), tuple(expected))


def recognised(catalogue: Catalogue, seen: Observed) -> tuple[Misconception, ...]:
    """Return the one misconception that explains what was seen, or the one pair of them; else nothing.

    A pair is looked for where one of the two explains some of the wrong values by itself.
    """
    if not seen.speaks:
        return ()
    singles = [
        one
        for one in catalogue.misconceptions
        if any(seen.is_explained_by(catalogue.imitate(frozenset({form}))) for form in one.forms)
    ]
    if singles:
        return tuple(singles) if len(singles) == 1 else ()
    pairs = list(itertools.islice(_explaining_pairs(catalogue, seen), 2))
    return pairs[0] if len(pairs) == 1 else ()


def answer_of(function: Callable[..., Any], case: Case) -> Answer:
    """Return what a function of ours answers, as if a student's had."""
    arguments = _received(tuple(case.arguments.values()))
    try:
        with np.errstate(all="ignore"):
            value = function(*arguments)
    except Exception as error:  # imitations raise what learners' functions would
        return Raised(type(error).__name__)
    return Returned(value, arguments)


def _received(value: Any) -> Any:
    """Return a copy as it arrives at a student's function: with gaps in memory where the original has some."""
    match value:
        case tuple():
            return tuple(map(_received, value))
        case np.ndarray() if not value.flags.c_contiguous:
            spread = np.zeros((*value.shape[:-1], 2 * value.shape[-1]), value.dtype)
            spread[..., ::2] = value
            return spread[..., ::2]
    return copy.copy(value)


def _explaining_pairs(catalogue: Catalogue, seen: Observed) -> Iterator[tuple[Misconception, ...]]:
    every = catalogue.misconceptions
    suggested = [one for one in every if seen.is_suggested_by(catalogue.imitate(frozenset({one.name})))]
    pairs = {frozenset({one.name, other.name}): (one, other) for one in suggested for other in every if one != other}
    if len(pairs) > MAX_PAIRS:
        return
    for names, pair in pairs.items():
        try:
            function = catalogue.imitate(names)
        except ValueError:  # they exclude each other
            continue
        if seen.is_explained_by(function):
            yield pair
