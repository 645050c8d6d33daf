"""Where the rooms meet for a class: what is to be graded, who does it, and who is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from functools import cached_property
from pathlib import Path
from typing import Any

from stepgrade.assignment import Assignment
from stepgrade.course.autograded import autograded_folder, forget_unfinished
from stepgrade.course.configuration import load_config
from stepgrade.course.gradebook import GradebookEntry, GradebookRecorder, GradebookUnavailable
from stepgrade.course.gradebook.roll import Roll, class_roll
from stepgrade.course.handin import RESULT_FILE, find_hand_in
from stepgrade.course.roster import Roster
from stepgrade.course.work import Done as Graded
from stepgrade.course.work import Task, graded, submitted_folder, without_mark
from stepgrade.evidence import keep_assignment
from stepgrade.grade import Grader
from stepgrade.judge import seeds
from stepgrade.result import EndState, Result
from stepgrade.run import (
    ClassRun,
    Done,
    Entry,
    Journal,
    Key,
    Planned,
    Reason,
    Recorder,
    Wanted,
    environment_key,
)
from stepgrade.sandbox import DEFAULT_BOUNDARY, find_boundary


class Classroom:
    """One assignment's class.

    Parameters
    ----------
    assignment : Assignment
    secret : bytes or None
        The course secret, which stays here: tasks carry the seed that it gives.
    boundary : str
        Its kind.
    roster : Roster or None
        Who may hand in later.
    """

    def __init__(
        self,
        assignment: Assignment,
        secret: bytes | None,
        boundary: str = DEFAULT_BOUNDARY,
        roster: Roster | None = None,
    ) -> None:
        self.assignment = assignment
        self._secret = secret
        self._boundary = boundary
        self._roster = roster

    @cached_property
    def roll(self) -> Roll:
        """Who is in the class."""
        return class_roll(self.assignment)

    @property
    def students(self) -> tuple[str, ...]:
        """Everyone in the class, and in the roster, sorted: who has handed in nothing has a Result that says so."""
        listed = self._roster.students if self._roster else ()
        return tuple(sorted({*self.roll.students, *(row.student for row in listed)}))

    def result_file(self, student: str) -> Path:
        """Return where the Result of a student lies."""
        return autograded_folder(self.assignment, student) / RESULT_FILE

    def wanted(self, students: Iterable[str], environment: Mapping[str, str]) -> Iterator[Wanted]:
        """Yield what each submission is now, and the task that would grade it."""
        name, version = self.assignment.name, self.assignment.version
        where = environment_key(environment)
        for student in students:
            seed = seeds.course_seed(self._secret, name, student)
            task = Task(str(self.assignment.course), name, version, student, seed, self._boundary)
            hand_in = find_hand_in(submitted_folder(self.assignment, student), student, self.assignment)
            key = Key(hand_in.digest or "", seed, version, where)
            yield Wanted(task, key, has_folder=self._has_folder(student, with_notebook=hand_in.notebook is not None))

    def _has_folder(self, student: str, *, with_notebook: bool) -> bool:
        """Tell whether what a grading wrote is there; a file without content is what a power cut leaves of one."""
        files = [self.result_file(student)]
        if with_notebook:
            files.append(files[0].with_name(f"{self.assignment.name}.ipynb"))
        return all(file.is_file() and file.stat().st_size for file in files)

    def grade(self, planned: Iterable[Planned], journal: Journal, executor: Executor, window: int) -> Iterator[Done]:
        """Grade what is planned; yield each when its Result is in the journal. The gradebook has them all at the end.

        What the journal has and the gradebook lacks is recorded too: another gradebook may have been made since.
        """
        forget_unfinished(self.assignment)
        recorder = Recorder(journal.path, self._record, GradebookUnavailable)
        # A roster may hold extensions that were not known when its students were graded; the due date, the penalties
        # and the gradebook itself may be others than then.
        lacking = journal.students if self._roster else {*unlike(journal, self.roll), *self.roll.late}
        keep_assignment(self.assignment)
        run = ClassRun(journal, executor, graded, self._without_mark, recorder, window)
        yield from run.grade(planned, lacking)

    @cached_property
    def _gradebook(self) -> GradebookRecorder:
        return GradebookRecorder(self.assignment, load_config(self.assignment.course))

    def _record(self, lines: Sequence[dict[str, Any]]) -> None:
        self._gradebook.record(
            [
                GradebookEntry(
                    Result.from_document(line["result"]),
                    line["checksums"],
                    line["timestamp"],
                    self._roster.extension(line["student"], self.roll.duedate) if self._roster else None,
                )
                for line in lines
            ]
        )

    def _without_mark(self, task: Any, reason: str) -> Graded:
        return without_mark(task, Grader(self.assignment, boundary=find_boundary(self._boundary)), reason)


def unlike(journal: Journal, roll: Roll) -> list[str]:
    """Return whose marks in the gradebook are not those of the journal, sorted."""
    return [student for student in journal.students if not _is_like(journal.latest(student), roll, student)]


def _is_like(entry: Entry | None, roll: Roll, student: str) -> bool:
    if entry is None:
        return True
    has_row = entry.end_state not in (EndState.MISSING, EndState.GRADER_ERROR)
    return roll.has(student, entry.points) and (student in roll.automatic or not has_row)


def why_graded(planned: Planned, journal: Journal, assignment: Assignment) -> str:
    """Return why somebody is to be graded; where the assignment has changed, with the questions that did."""
    if planned.reason is not Reason.QUESTIONS:
        return str(planned.reason)
    old = {one["id"]: one["version"] for one in journal.graded(planned.student)["result"]["questions"]}
    return _because(planned.reason, [one.id for one in assignment.questions if old.get(one.id) != one.version])


def what_changed(done: Done) -> str:
    """Return whose mark has changed, in all or for a question, from what to what, and why; empty where it has not."""
    if done.before is None:
        return ""
    old, new = ({one["id"]: one for one in line["result"]["questions"]} for line in (done.before, done.graded))
    both = [(old[name], one) for name, one in new.items() if name in old]
    moved = [(was, one) for was, one in both if was["points"] != one["points"]]
    before, after = done.before["points"], done.graded["points"]
    if before == after and (after is None or not moved):
        return ""
    if after is None:
        return f"{done.planned.student}: {_points(before)} -> no mark: {done.graded['result']['reason']}"
    parts = [f"{one['id']} {was['points']:g} -> {one['points']:g}" for was, one in moved]
    changed = [one["id"] for was, one in both if was["version"] != one["version"]]
    why = _because(done.planned.reason, changed)
    return f"{done.planned.student}: {_points(before)} -> {_points(after)}; {', '.join(parts) or 'no question'}: {why}"


def _because(reason: Reason, changed: Sequence[str]) -> str:
    return f"{reason} ({', '.join(changed)})" if changed else str(reason)


def _points(points: float | None) -> str:
    return "no mark" if points is None else f"{points:g}"
