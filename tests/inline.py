"""Grading a class, and writing its pages, in the process of the test: what `stepgrade grade` and `feedback` do."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from stepgrade.assignment import Assignment
from stepgrade.cli.classroom import Classroom
from stepgrade.course.pages import PageTask, forget_page, page_file, write_page
from stepgrade.course.work import worker_grader
from stepgrade.environment import environment_here
from stepgrade.run import Journal, journal_path, plan


def grade_class(assignment: Assignment) -> list[str]:
    """Grade everyone anew; return the students."""
    worker_grader.cache_clear()  # a worker process sees one state of the course
    classroom = Classroom(Assignment.find(assignment.name, assignment.course), None)
    place = journal_path(assignment.course, assignment.name)
    with Journal(place, writing=True) as journal, ThreadPoolExecutor(1) as executor:
        wanted = classroom.wanted(classroom.roll.students, environment_here("bubblewrap"))
        planned = list(plan(wanted, journal, force=True))
        return sorted(done.planned.student for done in classroom.grade(planned, journal, executor, 1))


def write_pages(assignment: Assignment) -> None:
    """Write the feedback page of everyone who handed something in."""
    with Journal(journal_path(assignment.course, assignment.name)) as journal:
        for student in journal.students:
            if journal.latest(student).end_state == "missing":
                forget_page(assignment, student)
            else:
                result = json.dumps(journal.graded(student)["result"])
                write_page(PageTask(str(assignment.course), assignment.name, result))


def result_file(assignment: Assignment, student: str) -> Path:
    return Classroom(assignment, None).result_file(student)


def written_result(assignment: Assignment, student: str) -> dict | None:
    """Return what lies in autograded/, as a document."""
    file = result_file(assignment, student)
    return json.loads(file.read_text("utf-8")) if file.exists() else None


__all__ = ["grade_class", "page_file", "result_file", "write_pages", "written_result"]
