"""What comes out of grading: one Result per submission, as one JSON document.

The names and their meanings are a contract with everything that reads Results later; ``SCHEMA`` changes when
one of them does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

SCHEMA = "stepgrade/result/1"


class Outcome(StrEnum):
    """Outcome of one check; never a bare bool."""

    PASSED = "passed"
    FAILED = "failed"  # the student's
    ERROR = "error"  # ours
    SKIPPED = "skipped"  # the message says why


class EndState(StrEnum):
    """The worst thing that happened to a submission, ``GRADED`` when nothing did."""

    GRADED = "graded"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    GRADER_ERROR = "grader_error"  # ours: no mark, never a 0
    DAMAGED = "damaged"  # no notebook can be read: mark 0, with the reason
    MISSING = "missing"  # nothing was handed in: no mark


SEVERITY = (
    EndState.GRADED,
    EndState.CRASHED,
    EndState.TIMED_OUT,
    EndState.OUT_OF_MEMORY,
    EndState.GRADER_ERROR,
)


def worst(*states: EndState) -> EndState:
    """Return the most severe of ``states``."""
    return max(states, key=SEVERITY.index, default=EndState.GRADED)


@dataclass(frozen=True)
class CheckResult:
    """One check: ``code`` and ``params`` are the finding, ``message`` is its English rendering."""

    title: str
    outcome: Outcome
    weight: int
    code: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    message: str = ""
    misconception: str | None = None


@dataclass(frozen=True)
class QuestionResult:
    """One question: the better of the student's own helpers and, where asked for, the reference's helpers.

    ``follow_through`` is True where the checks shown were run with the reference's helpers; ``own_points`` are
    the points without them.
    """

    id: str
    points: float
    max_points: float
    follow_through: bool
    checks: tuple[CheckResult, ...]
    own_points: float = 0.0
    version: str = ""  # a hash of everything in the hidden folder that decides this question's points

    @property
    def first_finding(self) -> CheckResult | None:
        """The first check that did not pass, None where all did."""
        return next((check for check in self.checks if check.outcome is not Outcome.PASSED), None)

    @property
    def passed_share(self) -> Fraction:
        """Passed weight over total weight, also for a question that is worth 0 points."""
        total = sum(check.weight for check in self.checks)
        passed = sum(check.weight for check in self.checks if check.outcome is Outcome.PASSED)
        return Fraction(passed, total) if total else Fraction(0)


@dataclass(frozen=True)
class Repair:
    """One thing that was put right before grading."""

    code: str
    message: str


@dataclass(frozen=True)
class Result:
    """Everything about one graded submission."""

    assignment: str
    student: str | None
    end_state: EndState
    reason: str
    questions: tuple[QuestionResult, ...]
    seed: str
    demo_key: bool
    submission_sha256: str
    assignment_version: str
    environment: dict[str, str]
    replay: str = ""  # the command that gives this again
    repairs: tuple[Repair, ...] = ()
    timing: dict[str, float] = field(default_factory=dict)

    @property
    def points(self) -> float | None:
        """Sum of the questions' points; None where there is no mark (a missing one is not a 0)."""
        if self.end_state in (EndState.GRADER_ERROR, EndState.MISSING):
            return None
        return float(sum(Decimal(str(question.points)) for question in self.questions))

    @property
    def max_points(self) -> float:
        return float(sum(Decimal(str(question.max_points)) for question in self.questions))

    def seconds(self, question_id: str) -> float | None:
        """Return how long that question took to judge; None where it was kept from an earlier Result, or not judged."""
        return self.timing.get(question_timing(question_id))

    def question(self, question_id: str) -> QuestionResult:
        """Return the question with that id; KeyError where there is none."""
        for question in self.questions:
            if question.id == question_id:
                return question
        raise KeyError(question_id)

    @classmethod
    def from_json(cls, text: str) -> Result:
        """Return the Result in a document that `to_json` wrote.

        Raises
        ------
        ValueError
            If it is no such document, or one of another schema.
        """
        return cls.from_document(json.loads(text))

    @classmethod
    def from_document(cls, document: Any) -> Result:
        """Return the Result in what such a document says, or raise ValueError."""
        try:
            if document["schema"] != SCHEMA:
                raise ValueError(f"a document of {document['schema']!r}, expected {SCHEMA!r}")
            fields = {name: document[name] for name in cls.__dataclass_fields__}
            return cls(
                **fields
                | {
                    "end_state": EndState(fields["end_state"]),
                    "questions": tuple(map(_question_from, fields["questions"])),
                    "repairs": tuple(Repair(**repair) for repair in fields["repairs"]),
                }
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a Result ({type(error).__name__}: {error})") from error

    def to_json(self) -> str:
        """Return the document; byte-identical for equal Results."""
        document = {"schema": SCHEMA, "points": self.points, "max_points": self.max_points}
        document |= vars(self) | {
            # Not `dataclasses.asdict`, which copies every value of every check.
            "questions": [vars(question) | {"checks": list(map(vars, question.checks))} for question in self.questions],
            "repairs": list(map(vars, self.repairs)),
        }
        return json.dumps(document, ensure_ascii=False, sort_keys=True)


def _question_from(document: dict[str, Any]) -> QuestionResult:
    checks = tuple(CheckResult(**check | {"outcome": Outcome(check["outcome"])}) for check in document["checks"])
    return QuestionResult(**document | {"checks": checks})


def question_timing(question_id: str) -> str:
    """Return the name under which a Result's timing has the seconds of a question."""
    return f"questions.{question_id}_s"


def rounded_points(share: Fraction, max_points: float) -> float:
    """Return ``share * max_points``, rounded half up to 0.01; exact in between, so no machine rounds otherwise."""
    exact = share * Fraction(str(max_points))
    hundredths = Decimal(exact.numerator) / Decimal(exact.denominator)
    return float(hundredths.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def printable(text: str) -> str:
    """Return ``text`` without what no terminal, page or file should get: control characters and lone surrogates."""
    return text if text.isprintable() else "".join(sign if sign.isprintable() else " " for sign in text)
