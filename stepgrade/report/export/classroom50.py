"""Classroom 50's result file: one ``result.json`` per student, in its schema ``classroom50/result/v1``.

Its scores are whole numbers, so each question's points are rounded half up, and the score is their sum. Its
``datetime`` is when the graded commit was made, and lateness is counted there; so these are the points as they were
graded, without the penalties of nbgrader's gradebook.
"""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Self

from stepgrade.errors import UsageError
from stepgrade.report.export.sheet import Sheet
from stepgrade.report.output import write_whole
from stepgrade.result import QuestionResult, Result

SCHEMA = "classroom50/result/v1"
FILE = "result.json"


@dataclass(frozen=True)
class Commit:
    """What was fetched of a student: the repository's address, the commit, and when it was made, in UTC."""

    url: str
    sha: str
    made: datetime

    @property
    def tag(self) -> str:
        """The name of the submission, as Classroom 50 makes it."""
        return f"submit/{self.made:%Y-%m-%dT%H-%M-%SZ}-{self.sha[:7]}"


@dataclass(frozen=True)
class Classroom:
    """The assignment as Classroom 50 calls it: ``cs-2026/cnn``, where everybody has a repository of their own."""

    classroom: str
    assignment: str

    @classmethod
    def named(cls, text: str) -> Self:
        """Return what ``CLASSROOM/ASSIGNMENT`` says, or raise UsageError."""
        classroom, _, assignment = text.partition("/")
        if not classroom or not assignment or "/" in assignment:
            raise UsageError(f"--classroom is {text!r}, expected CLASSROOM/ASSIGNMENT, as Classroom 50 calls them")
        return cls(classroom, assignment)


@dataclass(frozen=True)
class Written:
    """What became of everybody, as numbers of students."""

    files: int
    without_mark: int
    other_commit: int

    def __str__(self) -> str:
        return (
            f"files written: {self.files}; without a mark: {self.without_mark}; "
            f"another commit graded than fetched, or none: {self.other_commit}"
        )


def read_commits(path: Path) -> dict[str, Commit]:
    """Return what was fetched of whom, from a CSV with the columns student, url, commit and committed.

    Raises
    ------
    UsageError
        If a column is missing, or a cell is not what it should be.
    """
    sheet = Sheet.read(path)
    student, url, sha, made = map(sheet.column, ("student", "url", "commit", "committed"))
    commits = {}
    for row in sheet.rows:
        try:
            moment = datetime.fromisoformat(row[made])
        except ValueError:
            raise UsageError(
                f"{path}, line {row.line}: {row[made]!r} is no time; fetch the repositories again"
            ) from None
        commits[row[student]] = Commit(
            row[url].removesuffix("/").removesuffix(".git"), row[sha], moment.astimezone(UTC)
        )
    return commits


def write_classroom50(
    graded: Iterable[tuple[Result, str | None]],
    commits: Mapping[str, Commit],
    owners: Mapping[str, str] | None,
    classroom: Classroom,
    folder: Path,
) -> Written:
    """Write ``folder/STUDENT/result.json`` for everybody who has a mark for the commit that was fetched.

    Who has none loses the file that an earlier run wrote: a missing mark is no 0, and no old mark.

    Parameters
    ----------
    graded : iterable of (Result, str or None)
        With the time of the hand-in in UTC, as nbgrader notes it.
    owners : mapping or None
        Whose repository it is, by student; None where students are called by their login anyway.
    """
    n_written = n_without_mark = n_other = 0
    for result, handed_in in graded:
        student = result.student or ""
        owner = student if owners is None else owners.get(student)
        commit = commits.get(student)
        target = folder / student / FILE
        if result.points is None:
            n_without_mark += 1
        elif commit is None or owner is None or handed_in is None or _utc(handed_in) != commit.made:
            n_other += 1
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            document = _document(result, owner, commit, classroom)
            write_whole(target, (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode())
            n_written += 1
            continue
        target.unlink(missing_ok=True)
    return Written(n_written, n_without_mark, n_other)


def _document(result: Result, owner: str, commit: Commit, classroom: Classroom) -> dict[str, Any]:
    tests = [_test(question) for question in result.questions if question.max_points]
    commit_url = f"{commit.url}/commit/{commit.sha}"
    return {
        "schema": SCHEMA,
        "classroom": classroom.classroom,
        "assignment": classroom.assignment,
        "assignment_type": "individual",
        "owner": owner,
        "submission": commit.tag,
        "commit": commit_url,
        "release": f"{commit.url}/releases/tag/{urllib.parse.quote(commit.tag, safe='')}",
        "review": commit_url,
        "datetime": f"{commit.made:%Y-%m-%dT%H:%M:%SZ}",
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }


def _test(question: QuestionResult) -> dict[str, Any]:
    return {
        "test-name": question.id,
        "passed": question.points >= question.max_points,
        "score": _whole(question.points),
        "max-score": _whole(question.max_points),
    }


def _whole(points: float) -> int:
    return int(Decimal(str(points)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _utc(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
