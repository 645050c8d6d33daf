"""A class counted, one student after the other: what stays in memory of each is a few words."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from stepgrade.report.classpage.attention import Attention, attention
from stepgrade.report.classpage.disagreement import Disagreement
from stepgrade.report.classpage.equal_answers import EqualAnswers
from stepgrade.report.classpage.seen import Recognised, Seen
from stepgrade.report.classpage.statistics import PassRate
from stepgrade.report.classpage.tampering import Sign
from stepgrade.report.wording import is_unanswered, plain
from stepgrade.result import EndState, Outcome, QuestionResult, Result


@dataclass
class QuestionTally:
    """One question: who answered it, how well, and how long that took to judge."""

    max_points: float
    points: array[float] = field(default_factory=lambda: array("d"))
    seconds: array[float] = field(default_factory=lambda: array("d"))
    n_unanswered: int = 0
    n_full: int = 0
    n_nothing: int = 0  # answered, and no check passed
    recognised: set[str] = field(default_factory=set)  # students with a misconception that was recognised

    @property
    def n(self) -> int:
        return len(self.points)

    @property
    def n_wrong(self) -> int:
        """How many answered it, and not fully."""
        return self.n - self.n_unanswered - self.n_full


@dataclass
class CheckTally:
    weight: int
    pass_rate: PassRate = field(default_factory=PassRate)


@dataclass
class MisconceptionTally:
    sentence: str
    students: list[str] = field(default_factory=list)


@dataclass
class RepairTally:
    example: str
    n: int = 0
    students: list[str] = field(default_factory=list)


class Tally:
    """The numbers of one class.

    Parameters
    ----------
    assignment : str
    version : str
        Of the assignment as it is now.
    gradebook_read : bool
        Whether it is known whose answers wait for a person.
    """

    def __init__(self, assignment: str, version: str, *, gradebook_read: bool = True) -> None:
        self.assignment = assignment
        self.version = version
        self.gradebook_read = gradebook_read
        self.n_students = 0
        self.marks: array[float] = array("d")
        self.max_points = 0.0
        self.questions: dict[str, QuestionTally] = {}
        self.checks: dict[tuple[str, str], CheckTally] = {}
        self.misconceptions: dict[tuple[str, str], MisconceptionTally] = {}
        self.end_states: Counter[EndState] = Counter()
        self.repairs: dict[str, RepairTally] = {}
        self.attention: list[Attention] = []
        self.disagreements: list[Disagreement] = []
        self.signs: dict[str, tuple[Sign, ...]] = {}
        self.equal_answers = EqualAnswers()
        self.n_looked_into = 0
        self.n_undiagnosed = 0
        self.problems: dict[str, str] = {}
        self.other_versions: list[str] = []  # students whose Result is of an earlier assignment
        self.environments: Counter[str] = Counter()

    def add(self, result: Result, seen: Seen | None = None, n_by_hand: int = 0) -> None:
        """Count one student.

        Parameters
        ----------
        result : Result
            The one that counts.
        seen : Seen or None
            What was found out about the submission; None where there is none to look into.
        n_by_hand : int
            How many of its answers wait for a person's grade.
        """
        student = str(result.student)
        self.n_students += 1
        self.end_states[result.end_state] += 1
        self.attention += attention(result, n_by_hand)
        if result.end_state is not EndState.MISSING:
            self._add_repairs(student, result)
            self.environments[_environment(result)] += 1
            if result.assignment_version != self.version:
                self.other_versions.append(student)
        if result.points is not None:
            self.marks.append(result.points)
            self.max_points = max(self.max_points, result.max_points)
            self._add_questions(result)
        if seen is not None:
            self._add_seen(student, result, seen)

    def add_history(self, disagreements: Iterable[Disagreement]) -> None:
        """Count where Results of one student disagree."""
        self.disagreements += disagreements

    def _add_questions(self, result: Result) -> None:
        judged = [question for question in result.questions if question.checks]
        total = sum(map(_earned, judged))
        # Checks of one question stand and fall together, so it is the other questions that say something about one.
        has_others = sum(question.max_points > 0 for question in judged) > 1
        for question in judged:
            tally = self.questions.setdefault(question.id, QuestionTally(question.max_points))
            tally.points.append(question.points)
            seconds = result.seconds(question.id)
            if seconds is not None:
                tally.seconds.append(seconds)
            if is_unanswered(question):
                tally.n_unanswered += 1
                if not question.max_points:  # an optional question says nothing about who left it out
                    continue
            else:
                tally.n_full += question.passed_share == 1
                tally.n_nothing += question.passed_share == 0
            self._add_checks(question, total - _earned(question) if has_others else None)

    def _add_checks(self, question: QuestionResult, elsewhere: float | None) -> None:
        """``elsewhere``: the points for other questions; None where there is nothing but this question's own checks."""
        passed_weight = sum(check.weight for check in question.checks if check.outcome is Outcome.PASSED)
        for check in question.checks:
            tally = self.checks.setdefault((question.id, check.title), CheckTally(check.weight))
            if check.outcome is Outcome.ERROR:
                continue
            passed = check.outcome is Outcome.PASSED
            rest = passed_weight - check.weight * passed if elsewhere is None else elsewhere
            tally.pass_rate.add(rest, passed=passed, skipped=check.outcome is Outcome.SKIPPED)

    def _add_repairs(self, student: str, result: Result) -> None:
        for repair in result.repairs:
            tally = self.repairs.setdefault(repair.code, RepairTally(plain(repair.message)))
            tally.n += 1
            if tally.students[-1:] != [student]:
                tally.students.append(student)

    def _add_seen(self, student: str, result: Result, seen: Seen) -> None:
        if seen.problem:
            self.problems[student] = seen.problem
            return
        self.n_looked_into += 1
        self.n_undiagnosed += not seen.diagnosed
        for one in seen.recognised:
            self._add_recognised(student, one)
        if seen.signs:
            self.signs[student] = seen.signs
        self.equal_answers.add(student, result.submission_sha256, seen.answers)

    def _add_recognised(self, student: str, one: Recognised) -> None:
        key = one.question, one.name
        self.misconceptions.setdefault(key, MisconceptionTally(one.sentence)).students.append(student)
        if one.question in self.questions:
            self.questions[one.question].recognised.add(student)


def _earned(question: QuestionResult) -> float:
    return question.max_points * float(question.passed_share)


def _environment(result: Result) -> str:
    known = result.environment
    return (
        f"stepgrade {known.get('stepgrade', '?')} (engine {known.get('engine', '?')}), "
        f"Python {known.get('python', '?')}, NumPy {known.get('numpy', '?')}, boundary {known.get('boundary', '?')}"
    )
