"""What stands in nbgrader's gradebook after a run: the same questions to stepgrade's and to stock nbgrader's."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

MARKS = """
    SELECT submitted_assignment.student_id, SUM(grade.auto_score)
    FROM submitted_assignment
    JOIN submitted_notebook ON submitted_notebook.assignment_id = submitted_assignment.id
    JOIN grade ON grade.notebook_id = submitted_notebook.id
    GROUP BY submitted_assignment.student_id
"""
BYTES = "SELECT name, SUM(pgsize) FROM dbstat GROUP BY name"
INDEXES = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'index'"


def recorded_marks(course: Path) -> dict[str, float]:
    """Return the automatic marks by student; who has none is left out."""
    with _opened(course) as database:
        return {student: points for student, points in database.execute(MARKS) if points is not None}


def tables(course: Path) -> dict[str, tuple[int, int]]:
    """Return rows and bytes of every table, its indexes included."""
    with _opened(course) as database:
        table_of = dict(database.execute(INDEXES))
        sizes: dict[str, int] = {}
        for name, size in database.execute(BYTES):
            table = table_of.get(name, name)
            sizes[table] = sizes.get(table, 0) + size
        names = [name for name in sizes if not name.startswith("sqlite_")]
        rows = {name: database.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name in names}  # noqa: S608
    return {name: (rows[name], sizes[name]) for name in names}


@contextmanager
def _opened(course: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{course / 'gradebook.db'}?mode=ro", uri=True)) as database:
        yield database
