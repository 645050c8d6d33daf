"""What a run has to do: whose Result is missing, or was made from something else than there is now."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from stepgrade.result import EndState
from stepgrade.run.journal import Entry, Journal, Key


class Task(Protocol):
    """One submission to grade: plain data that travels to a worker."""

    @property
    def student(self) -> str: ...


class Reason(StrEnum):
    """Why a submission is graded."""

    NEW = "new"
    HANDED_IN_ANEW = "handed in anew"
    QUESTIONS = "the assignment has changed"
    SEED = "the course secret has changed"
    ENVIRONMENT = "the environment has changed"
    GRADER_ERROR = "the grader failed on it before"
    NO_FOLDER = "its folder in autograded/ is gone, or a file of it"
    FORCED = "forced"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A submission as it is now, and the task that would grade it.

    ``has_folder`` says whether what its last grading wrote beside the Result is still there.
    """

    task: Task
    key: Key
    has_folder: bool = True

    @property
    def student(self) -> str:
        return self.task.student


@dataclass(frozen=True, slots=True)
class Planned:
    """A submission that is to be graded, and why."""

    wanted: Wanted
    reason: Reason

    @property
    def student(self) -> str:
        return self.wanted.student


def plan(wanted: Iterable[Wanted], journal: Journal, *, force: bool = False) -> Iterator[Planned]:
    """Yield what has to be graded, in the given order."""
    for one in wanted:
        reason = Reason.FORCED if force else _reason(one.key, journal.latest(one.student))
        if reason is None and not one.has_folder:
            reason = Reason.NO_FOLDER
        if reason is not None:
            yield Planned(one, reason)


def environment_key(environment: Mapping[str, str]) -> str:
    """Return a Result's environment as one word of its key."""
    return json.dumps(environment, sort_keys=True)


def _reason(key: Key, entry: Entry | None) -> Reason | None:
    if entry is None:
        return Reason.NEW
    if entry.end_state == EndState.GRADER_ERROR:
        return Reason.GRADER_ERROR
    if key.hand_in != entry.key.hand_in:
        return Reason.HANDED_IN_ANEW
    if key.seed != entry.key.seed:
        return Reason.SEED
    if key.assignment_version != entry.key.assignment_version:
        return Reason.QUESTIONS
    if key.environment != entry.key.environment:
        return Reason.ENVIRONMENT
    return None
