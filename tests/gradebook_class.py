"""A class of the tiny course, graded twice, with all a gradebook can hold: answers for a person, late penalties."""

from __future__ import annotations

import copy
import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Base, Gradebook
from nbgrader.utils import parse_utc
from sqlalchemy import UniqueConstraint, create_engine, inspect, select

from stepgrade.assignment import Assignment
from stepgrade.course.autograded.restored import answer_checksums
from stepgrade.course.gradebook import GradebookEntry
from stepgrade.course.release.build import build_release
from stepgrade.course.release.notebook_text import sync
from stepgrade.result import Result
from tests.conftest import COURSE, RIGHT_TINY, TINY_COURSE

DUE = datetime(2026, 5, 1, 12)
LATE_PLUGIN = """
from nbgrader.plugins import BasePlugin

class PointPerHour(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        if student_id == "excused":
            return None
        if student_id == "ahead":
            return -1.0
        return total_seconds_late / 3600

c.AssignLatePenalties.plugin_class = PointPerHour
"""
SOLUTIONS = {f"{question}_solution": source for question, source in RIGHT_TINY.items()}
WRONG = SOLUTIONS | {"halve_solution": "def halve(x):\n    return x"}


def make_course(course: Path, *, db_url: str | None = None) -> Assignment:
    """Make a released tiny course with a due date, a late penalty plugin, and cells that a person grades."""
    shutil.copytree(TINY_COURSE, course, ignore=shutil.ignore_patterns("__pycache__"))
    config = (COURSE / "nbgrader_config.py").read_text() + LATE_PLUGIN
    if db_url is not None:
        config += f"c.CourseDirectory.db_url = {db_url!r}\n"
    (course / "nbgrader_config.py").write_text(config)
    sync("tiny", course, from_notebook=False)
    assignment = Assignment.find("tiny", course)
    notebook = nbformat.read(assignment.source_notebook, as_version=4)
    notebook.cells += [
        _cell(
            "markdown", "### BEGIN SOLUTION\nBecause.\n### END SOLUTION", "explain", grade=True, solution=True, points=3
        ),
        _cell("markdown", "Make a drawing.", "draw", task=True, points=2),
        _cell("code", "assert True", "undescribed", grade=True, points=1),
    ]
    nbformat.write(notebook, assignment.source_notebook)
    assignment = Assignment.find("tiny", course)
    build_release(assignment)
    with Gradebook(db_url or sqlite_url(course / "gradebook.db")) as gradebook:
        gradebook.update_or_create_assignment("tiny", duedate=DUE)
    return assignment


def _cell(kind: str, source: str, grade_id: str, **metadata: Any) -> nbformat.NotebookNode:
    nbgrader = {"grade": False, "solution": False, "task": False, "schema_version": 3, "grade_id": grade_id}
    nbgrader |= {"locked": not metadata.get("solution", False), "cell_type": kind} | metadata
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    return make(source, metadata={"nbgrader": nbgrader}, id=grade_id)


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def answered(assignment: Assignment, answers: dict[str, str], without: tuple[str, ...] = ()) -> bytes:
    """Return the released notebook with these answers by ``grade_id``."""
    notebook = nbformat.read(assignment.release_dir / "tiny.ipynb", as_version=4)
    kept = []
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(grade_id, cell.source)
        if grade_id not in without:
            kept.append(cell)
    notebook.cells = kept
    return json.dumps(notebook).encode()


def hand_in(assignment: Assignment, student: str, content: bytes | None, timestamp: datetime | None = None) -> None:
    folder = assignment.course / "submitted" / student / "tiny"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if content is not None:
        (folder / "tiny.ipynb").write_bytes(content)
    if timestamp is not None:
        (folder / "timestamp.txt").write_text(f"{timestamp:%Y-%m-%d %H:%M:%S.%f} UTC")


def hand_in_first_round(assignment: Assignment) -> None:
    right, wrong = answered(assignment, SOLUTIONS), answered(assignment, WRONG)
    explained = answered(assignment, SOLUTIONS | {"explain": "Because *I* say so.", "draw": "Make a drawing. o"})
    early, hour = DUE - timedelta(days=1), timedelta(hours=1)
    for student in ("right", "goes", "worse", "loses_timestamp"):
        hand_in(assignment, student, right, early)
    hand_in(assignment, "wrong", wrong)
    for student in ("untouched", "deletes_cells"):
        hand_in(assignment, student, answered(assignment, {}), early)
    hand_in(assignment, "cells_deleted", answered(assignment, SOLUTIONS, without=("explain", "halve_solution", "draw")))
    for student in ("damaged", "mends"):
        hand_in(assignment, student, b'{"cells": [', early)
    for student in ("missing", "comes", "bob "):
        hand_in(assignment, student, None)
    hand_in(assignment, "[ada]", right)
    for student in ("explained", "graded_by_hand", "grade_stays"):
        hand_in(assignment, student, explained, early)
    for student in ("late", "excused", "ahead", "extended", "extension_taken"):
        hand_in(assignment, student, right, DUE + 1.5 * hour)
    hand_in(assignment, "very_late", wrong, DUE + 100 * hour)
    hand_in(assignment, "late_damaged", b"", DUE + hour)
    hand_in(assignment, "late_by_hand", explained, DUE + 12 * hour)


def hand_in_second_round(assignment: Assignment) -> None:
    right, wrong = answered(assignment, SOLUTIONS), answered(assignment, WRONG)
    early = DUE - timedelta(hours=2)
    hand_in(assignment, "worse", wrong, DUE + timedelta(minutes=10))
    hand_in(assignment, "loses_timestamp", right)
    hand_in(assignment, "goes", None)
    hand_in(assignment, "comes", right, early)
    hand_in(assignment, "mends", right, early)
    hand_in(assignment, "deletes_cells", answered(assignment, SOLUTIONS, without=("explain", "halve_solution")), early)
    hand_in(assignment, "explained", answered(assignment, SOLUTIONS), early)
    hand_in(assignment, "untouched", right, early)
    hand_in(assignment, "graded_by_hand", answered(assignment, WRONG | {"explain": "Otherwise."}), early)


EXTENSIONS = {"extended": timedelta(hours=3), "extension_taken": timedelta(0), "late": timedelta(minutes=30)}


def work_between_the_rounds(db_url: str) -> None:
    """Do what a person does in the formgrader, and grant extensions."""
    for student, cell, score, extra in (
        ("graded_by_hand", "explain", 2.5, 0.5),
        ("graded_by_hand", "draw", 2.0, None),
        ("graded_by_hand", "halve", 3.0, None),
        ("grade_stays", "explain", 3.0, None),
        ("late_by_hand", "explain", 3.0, 1.0),
        ("worse", "quarter", 1.0, None),
        ("goes", "quarter", None, 2.0),
        ("goes", "explain", 1.0, None),
    ):
        grade_by_hand(db_url, student, cell, score, extra)
    with Gradebook(db_url) as gradebook:
        gradebook.find_comment("explain", "tiny", "tiny", "graded_by_hand").manual_comment = "well said"
        gradebook.find_comment("halve_solution", "tiny", "tiny", "untouched").manual_comment = "come and see me"
        gradebook.db.commit()
        gradebook.grant_extension("tiny", "extension_taken", hours=5)


def grade_by_hand(db_url: str, student: str, cell: str, score: float | None, extra: float | None = None) -> None:
    with Gradebook(db_url) as gradebook:
        grade = gradebook.find_grade(cell, "tiny", "tiny", student)
        grade.manual_score, grade.extra_credit = score, extra
        grade.needs_manual_grade = score is None and grade.auto_score is None
        gradebook.db.commit()


def grant_extensions(db_url: str) -> None:
    with Gradebook(db_url) as gradebook:
        for student, extension in EXTENSIONS.items():
            gradebook.grant_extension("tiny", student, minutes=extension.total_seconds() / 60)


def entries_of(assignment: Assignment, extensions: dict[str, timedelta]) -> list[GradebookEntry]:
    """Return what a class run would record of what lies in submitted/ and autograded/."""
    return [
        _entry(assignment.course, folder.name, extensions.get(folder.name))
        for folder in sorted((assignment.course / "submitted").iterdir())
    ]


def _entry(course: Path, student: str, extension: timedelta | None) -> GradebookEntry:
    graded = course / "autograded" / student / "tiny"
    result = Result.from_json((graded / "result.json").read_text())
    if not (graded / "tiny.ipynb").exists():
        return GradebookEntry(result)
    note = course / "submitted" / student / "tiny" / "timestamp.txt"
    timestamp = parse_utc(note.read_text()).isoformat() if note.exists() else None
    restored = nbformat.read(graded / "tiny.ipynb", as_version=4)
    return GradebookEntry(result, answer_checksums(restored), timestamp, extension)


def rows_of(db_url: str) -> dict[str, list[dict[str, Any]]]:
    """Return every row and column of every table; ids are replaced by what they stand for."""
    engine = create_engine(db_url)
    tables = Base.metadata.sorted_tables
    assert set(inspect(engine).get_table_names()) == {table.name for table in tables} | {"alembic_version"}
    meaning: dict[tuple[str, Any], Any] = {}
    found = {}
    with engine.connect() as connection:
        for table in tables:
            found[table.name] = []
            for stored in connection.execute(select(table)).mappings():
                row: dict[str, Any] = dict(copy.copy(stored))
                for column in table.columns:
                    for key in column.foreign_keys:
                        row[column.name] = meaning.get((key.column.table.name, row[column.name]), "points nowhere")
                meaning[table.name, stored["id"]] = row["id"] = _natural_id(table, row)
                found[table.name].append(row)
            found[table.name].sort(key=lambda row: str(row["id"]))
    engine.dispose()
    return found


def _natural_id(table: Any, row: dict[str, Any]) -> Any:
    unique = [list(c.columns.keys()) for c in table.constraints if isinstance(c, UniqueConstraint)]
    names = next((columns for columns in unique if columns != ["id"]), ["id"])
    return tuple(row[name] for name in names)
