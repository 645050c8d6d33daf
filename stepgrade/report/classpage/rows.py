"""What is said about one thing of a class: a check, a question, a misconception. The page and the tables show these."""

from __future__ import annotations

from dataclasses import dataclass

from stepgrade.report.classpage.tally import CheckTally


@dataclass(frozen=True)
class Fact:
    """One number on top of the page."""

    name: str
    value: str


@dataclass(frozen=True)
class Part:
    """How many students have from ``low`` to below ``high`` points; the last part has the full ones, too."""

    low: float
    high: float
    n: int
    share: float


@dataclass(frozen=True)
class Check:
    """One check, with its number in the table."""

    number: int
    question: str
    title: str
    optional: bool
    tally: CheckTally

    @property
    def rate(self) -> float:
        return self.tally.pass_rate.rate or 0.0


@dataclass(frozen=True)
class Answered:
    """One question: how it was answered, and how long judging that took; points are None for an optional one."""

    question: str
    max_points: float
    mean: float | None
    median: float | None
    n: int
    n_unanswered: int
    n_full: int
    n_partly: int
    n_nothing: int
    n_recognised: int
    median_s: float | None
    p90_s: float | None
    total_s: float | None


@dataclass(frozen=True)
class Misconception:
    """One misconception and who has it; ``n_wrong`` is how many answered its question not fully."""

    question: str
    name: str
    sentence: str
    students: tuple[str, ...]
    n_wrong: int
    n_class: int

    @property
    def n(self) -> int:
        return len(self.students)


@dataclass(frozen=True)
class ToTeach:
    """What to teach again: one misunderstanding, in all questions where it shows."""

    name: str
    sentence: str
    questions: tuple[str, ...]
    n: int
    share: float


@dataclass(frozen=True)
class People:
    """Who needs a person, for one reason."""

    why: str
    students: tuple[str, ...]
