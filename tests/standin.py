"""A class run with a stand-in for grading: as quick as a run can be, for tests of journal, memory and recovery.

``python -m tests.standin FOLDER N_STUDENTS`` grades them with two workers; it can be killed and started again.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sqlite3
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from stepgrade.run import ClassRun, Journal, Key, LocalWorkers, Recorder, Wanted, environment_key, plan

N_WORKERS = 2
WINDOW = 8


class GradebookGone(Exception):
    """The stand-in of a gradebook that cannot be reached."""


@dataclass(frozen=True)
class Task:
    """One stand-in submission: ``act`` is what its worker does besides."""

    student: str
    folder: str
    act: str = ""
    known: str | None = None


def work(task: Task) -> dict:
    """Count that the student was graded, act, and return a Result's stand-in."""
    once = Path(task.folder, "acted", task.student)
    if task.act and not once.exists():
        once.parent.mkdir(exist_ok=True)
        once.touch()
        ACTS[task.act]()
    if task.act == "kill every time":
        os.kill(os.getpid(), 9)
    state = "grader_error" if task.act == "fail every time" else "graded"
    return finished(task.student, state)


ACTS = {
    "kill every time": lambda: None,
    "fail every time": lambda: None,
    "kill once": lambda: os.kill(os.getpid(), 9),
    "sleep": lambda: time.sleep(0.2),
}


def raise_timeout() -> None:
    raise TimeoutError("of the task's own")


def be_alone(folder: Path) -> None:
    """Fail if another one is at it in the same folder."""
    (folder / "at it").mkdir()
    time.sleep(0.1)
    (folder / "at it").rmdir()


def die_at_the_first_starts(folder: Path, n: int) -> None:
    """Prepare a worker in vain ``n`` times; a file in the folder for each start."""
    (folder / str(os.getpid())).touch()
    if len(list(folder.iterdir())) <= n:
        os.kill(os.getpid(), 9)


def die_at_most_starts(folder: Path, n: int) -> None:
    """Prepare a worker in vain ``n`` times, but not the one that is first; a file in the folder for each start."""
    try:
        (folder / "first").touch(exist_ok=False)
    except FileExistsError:
        die_at_the_first_starts(folder, n + 1)


def key(student: str, version: str = "1") -> Key:
    environment = environment_key({"python": "here"})
    return Key(hand_in=f"hand-in of {student}", seed="0", assignment_version=version, environment=environment)


def finished(student: str, state: str = "graded", reason: str = "") -> dict:
    """Return what a worker returns."""
    result = {
        "student": student,
        "seed": "0",
        "assignment_version": "1",
        "environment": {"python": "here"},
        "end_state": state,
        "points": None if state == "grader_error" else float(len(student)),
        "reason": reason,
        "filling": "x" * 5000,
    }
    return {"result": json.dumps(result), "digest": f"hand-in of {student}", "timestamp": None}


def graded(student: str, state: str = "graded", reason: str = "") -> dict:
    """Return what the journal holds of it."""
    done = finished(student, state, reason)
    result = json.loads(done["result"])
    summary = {name: result[name] for name in ("student", "end_state", "points")}
    return done | summary | {"key": dataclasses.asdict(key(student)), "result": result}


def without_mark(task: Task, reason: str) -> dict:
    return finished(task.student, "grader_error", reason)


def students(n: int) -> list[str]:
    return [f"student {number:05}" for number in range(n)]


def wanted(names: list[str], folder: Path, act: str = "", version: str = "1") -> list[Wanted]:
    return [Wanted(Task(name, str(folder), act), key(name, version)) for name in names]


class Gradebook:
    """A table that counts how often each student was written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with closing(sqlite3.connect(path)) as base, base:
            base.execute("create table if not exists mark (student text primary key, points real)")

    def record(self, batch: list[dict]) -> None:
        with closing(sqlite3.connect(self._path, timeout=20)) as base, base:
            base.executemany(
                "insert into mark values (?, ?) on conflict (student) do update set points = excluded.points",
                [(entry["student"], entry["points"]) for entry in batch],
            )

    def marks(self) -> dict[str, float]:
        with closing(sqlite3.connect(self._path)) as base:
            return dict(base.execute("select student, points from mark"))


def grade_class(folder: Path, names: list[str], act: str = "", work=work) -> list[str]:
    """Grade with local workers; return whom this run has graded, in order."""
    gradebook = Gradebook(folder / "gradebook.db")
    path = folder / "journal.jsonl"
    with Journal(path, writing=True) as journal, LocalWorkers(N_WORKERS) as workers:
        recorder = Recorder(path, gradebook.record, GradebookGone)
        run = ClassRun(journal, workers, work, without_mark, recorder, WINDOW)
        return [done.planned.student for done in run.grade(list(plan(wanted(names, folder, act), journal)))]


if __name__ == "__main__":
    grade_class(Path(sys.argv[1]), students(int(sys.argv[2])), act=sys.argv[3] if len(sys.argv) > 3 else "")
