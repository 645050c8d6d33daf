"""One submission in, one Result out: the only place where notebook, sandbox and judge meet."""

from __future__ import annotations

import hashlib
import shlex
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from stepgrade.assignment import Assignment, Question
from stepgrade.environment import environment
from stepgrade.judge import Examination, seeds
from stepgrade.notebook import (
    Cell,
    DamagedNotebook,
    Graded,
    Rescued,
    Submitted,
    python_cells,
    read_bytes,
    read_notebook,
    rescue,
)
from stepgrade.result import (
    CheckResult,
    EndState,
    Outcome,
    QuestionResult,
    Repair,
    Result,
    printable,
    question_timing,
    rounded_points,
    worst,
)
from stepgrade.sandbox import Boundary, Limits, SandboxFailed, find_boundary
from stepgrade.student_code import StudentCode

# Findings about a question's own function that neither a right helper nor a fresh fork mends.
NOTHING_TO_HELP = frozenset({"not_defined", "not_callable", "unfilled"})


@dataclass(frozen=True)
class Grader:
    """Everything that a grade depends on besides the submission.

    Parameters
    ----------
    assignment : Assignment
    secret : bytes or None
        The course secret that seeds derive from; None: a public demo key, and the Result says so.
    limits : Limits or None
        None: the assignment's own.
    boundary : Boundary or None
        Where student code runs; None: the boundary of this machine, or an error that says why there is none.
    """

    assignment: Assignment
    secret: bytes | None = None
    limits: Limits | None = None
    boundary: Boundary | None = None

    def grade_file(
        self, path: Path, student: str | None = None, seed: str | None = None, *, known: Result | None = None
    ) -> Result:
        """Grade the file at ``path``, a notebook or a ``.py`` file with the functions.

        A file that cannot be read is a Result with the end state ``damaged``. ``seed`` is that of a Result to replay.

        Raises
        ------
        SandboxUnavailable
            If this machine has no boundary, and the grader was not told to do without.
        """
        try:
            content = read_bytes(path)
        except DamagedNotebook as error:
            return self.without_marks(EndState.DAMAGED, str(error), student=student, seed=seed)
        return self.grade(content, student, seed, is_python=path.suffix == ".py", known=known)

    def grade(
        self,
        submission: bytes,
        student: str | None = None,
        seed: str | None = None,
        *,
        is_python: bool = False,
        known: Result | None = None,
    ) -> Result:
        """Grade the bytes of one notebook, or of one Python file.

        ``known`` is an earlier Result. Its questions are kept where they would come out the same: same submission,
        seed, environment and version of the question, and no limit reached anywhere, since questions share their
        submission's time.
        """
        started = time.perf_counter()
        seed = seed or self._seed(submission, student, self.secret)
        kept = self._kept(known, submission, seed)
        # The world is made while the notebook is read.
        code = StudentCode(seed, self._limits, self._boundary, self.assignment)
        laps = _Laps(code)
        try:
            code.open_ahead()
            submitted = Submitted(python_cells(submission), ()) if is_python else read_notebook(submission)
            rescued = self.rescued(submitted.cells, of_notebook=not is_python)
            code.take(rescued)
            questions = self._judged(code, seed, kept, laps)
        except DamagedNotebook as error:
            return self.without_marks(EndState.DAMAGED, str(error), submission, student, seed)
        except SandboxFailed as error:
            return self.without_marks(EndState.GRADER_ERROR, str(error), submission, student, seed)
        finally:
            code.close()
        if kept and code.states:
            return self.grade(submission, student, seed, is_python=is_python)
        errors = [check for question in questions for check in question.checks if check.outcome is Outcome.ERROR]
        states = [*code.states, EndState.GRADER_ERROR] if errors else code.states
        return self._result(
            worst(*states),
            errors[0].message if errors else "",
            questions,
            submission,
            student,
            seed,
            repairs=(*submitted.repairs, *rescued.repairs, *code.repairs),
            timing=laps.timing(time.perf_counter() - started),
        )

    def without_marks(
        self,
        state: EndState,
        reason: str,
        submission: bytes = b"",
        student: str | None = None,
        seed: str | None = None,
    ) -> Result:
        """Return a Result without any judged check; ``damaged`` earns 0, every other state no mark."""
        questions = tuple(
            QuestionResult(
                question.id, 0.0, question.max_points, follow_through=False, checks=(), version=question.version
            )
            for question in self.assignment.questions
        )
        return self._result(
            state, reason, questions, submission, student, seed or self._seed(submission, student, self.secret)
        )

    @cached_property
    def _limits(self) -> Limits:
        return self.limits or self.assignment.limits

    @cached_property
    def _boundary(self) -> Boundary:
        return self.boundary or find_boundary()

    def rescued(self, cells: Sequence[Cell], *, of_notebook: bool) -> Rescued:
        """Return what runs for marks of a submission's cells, and what had to be put right for that."""
        graded = [
            Graded(question.id, question.specification.function, question.specification.parameters)
            for question in self.assignment.questions
        ]
        return rescue(cells, self.assignment.source_cells, graded, of_notebook=of_notebook)

    def _kept(self, known: Result | None, submission: bytes, seed: str) -> dict[str, QuestionResult]:
        """Return the questions of ``known`` that judging again could not change."""
        same = (
            known is not None
            and known.end_state is EndState.GRADED
            and known.assignment == self.assignment.name
            and known.seed == seed
            and known.submission_sha256 == hashlib.sha256(submission).hexdigest()
            and known.environment == environment(self._boundary)
        )
        if known is None or not same:
            return {}
        versions = {question.id: question.version for question in self.assignment.questions}
        return {question.id: question for question in known.questions if versions.get(question.id) == question.version}

    def _judged(
        self, code: StudentCode, seed: str, kept: dict[str, QuestionResult], laps: _Laps
    ) -> tuple[QuestionResult, ...]:
        """Judge all questions with the student's own helpers, then again those that helpers may have spoiled.

        In this order, so that no process that ever held a reference helper runs before a question is judged without.
        """
        questions = [question for question in self.assignment.questions if question.id not in kept]
        judged = kept | dict(self._judged_together(code, questions, seed, laps))
        for question in questions:
            own = judged[question.id]
            if not question.helpers or own.passed_share == 1 or _nothing_to_help(own):
                continue
            if not _is_stopped_by_itself(own, [judged[name] for name in question.helpers if name in judged]):
                checks = self._judged_alone(code, question, seed, laps, self.assignment.helper_source(question))
                helped = _question_result(question, checks, follow_through=True, own_points=own.points)
                if helped.passed_share > own.passed_share:
                    judged[question.id] = helped
        return tuple(judged[question.id] for question in self.assignment.questions)

    def _judged_together(
        self, code: StudentCode, questions: Sequence[Question], seed: str, laps: _Laps
    ) -> Iterator[tuple[str, QuestionResult]]:
        """Judge questions in one fork of the session; once more, in a fork of its own, each that is not full there.

        Forks are the largest part of what a right submission costs, and nothing but outputs that equal the reference's
        makes a question full. One that is not may have been spoiled by the calls of another.
        """
        again = []
        laps.start()
        examinations = (Examination(question.id, question.specification, seed) for question in questions)
        for question, calls in zip(questions, code.answered(examinations, together=True), strict=True):
            checks = calls.examination.results(calls.answers)
            judged = _question_result(question, checks, follow_through=False)
            if judged.passed_share < 1 and not calls.conclusive and not _nothing_to_help(judged):
                again.append(question)
            laps.end(question)
            yield question.id, judged
        for question in again:
            checks = self._judged_alone(code, question, seed, laps)
            yield question.id, _question_result(question, checks, follow_through=False)

    def _judged_alone(
        self, code: StudentCode, question: Question, seed: str, laps: _Laps, helpers: str = ""
    ) -> tuple[CheckResult, ...]:
        laps.start()
        examination = Examination(question.id, question.specification, seed)
        (checks,) = [examination.results(calls.answers) for calls in code.answered([examination], helpers=helpers)]
        laps.end(question)
        return checks

    def _seed(self, submission: bytes, student: str | None, secret: bytes | None) -> str:
        who = student if student is not None else hashlib.sha256(submission).hexdigest()
        return seeds.course_seed(secret, self.assignment.name, who)

    def _result(
        self,
        state: EndState,
        reason: str,
        questions: tuple[QuestionResult, ...],
        submission: bytes,
        student: str | None,
        seed: str,
        *,
        repairs: tuple[Repair, ...] = (),
        timing: dict[str, float] | None = None,
    ) -> Result:
        replay = f"stepgrade check FILE --assignment {self.assignment.name} --seed {seed}"
        if student is not None:
            replay += f" --student {shlex.quote(student)}"
        return Result(
            assignment=self.assignment.name,
            student=student,
            end_state=state,
            reason=printable(reason),
            questions=questions,
            seed=seed,
            demo_key=seed == self._seed(submission, student, None),
            submission_sha256=hashlib.sha256(submission).hexdigest(),
            assignment_version=self.assignment.version,
            environment=environment(self._boundary),
            replay=f"{replay} {self._boundary.option}".rstrip(),
            repairs=tuple(Repair(repair.code, printable(repair.message)) for repair in repairs),
            timing=timing or {},
        )


class _Laps:
    """The seconds of the grader's clock that each question took, without those that the student's cells ran in."""

    def __init__(self, code: StudentCode) -> None:
        self._code = code
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._start = 0.0

    def start(self) -> None:
        self._start = self._now()

    def end(self, question: Question) -> None:
        """Count the time since the last start or end for ``question``."""
        now = self._now()
        self._seconds[question.id] += now - self._start
        self._start = now

    def timing(self, total_s: float) -> dict[str, float]:
        """Return a Result's timing, in which a question that was not judged now has no entry."""
        seconds = {"total_s": total_s, "cells_s": self._code.cells_s}
        seconds |= {question_timing(name): spent for name, spent in self._seconds.items()}
        return {name: round(spent, 4) for name, spent in seconds.items()}

    def _now(self) -> float:
        return time.perf_counter() - self._code.cells_s


def _nothing_to_help(question: QuestionResult) -> bool:
    return all(check.code in NOTHING_TO_HELP for check in question.checks)


def _is_stopped_by_itself(question: QuestionResult, helpers: Sequence[QuestionResult]) -> bool:
    """Tell whether stopped calls are all that a question lacks, while its helpers are full.

    Other helpers would not end its loops, and each further try takes all the time that calls get.
    """
    lacking = [check for check in question.checks if check.outcome is not Outcome.PASSED]
    stopped = all(check.code in ("stopped", "not_tried", "no_value_check_passed") for check in lacking)
    return stopped and all(helper.passed_share == 1 for helper in helpers)


def _question_result(
    question: Question,
    checks: tuple[CheckResult, ...],
    *,
    follow_through: bool,
    own_points: float | None = None,
) -> QuestionResult:
    unrounded = QuestionResult(question.id, 0.0, question.max_points, follow_through, checks)
    points = rounded_points(unrounded.passed_share, question.max_points)
    own = points if own_points is None else own_points
    return QuestionResult(question.id, points, question.max_points, follow_through, checks, own, question.version)
