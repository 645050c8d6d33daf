"""The course folder with plain nbgrader: the same marks, whatever is handed in."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from stepgrade.course.classrun import ClassRun
from stepgrade.course.release import build_release
from stepgrade.report.table import marks_table

pytestmark = pytest.mark.slow
BIN = Path(sys.executable).parent


def nbgrader(course: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of nbgrader's commands as a person would, in an environment that is not activated."""
    command = [str(BIN / "nbgrader"), *arguments]
    path = os.pathsep.join(part for part in os.environ["PATH"].split(os.pathsep) if part != str(BIN))
    done = subprocess.run(
        command, cwd=course, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture
def submit(tiny_course):
    def put(student: str, content: bytes, name: str = "tiny.ipynb") -> None:
        folder = tiny_course / "submitted" / student / "tiny"
        folder.mkdir(parents=True)
        (folder / name).write_bytes(content)

    return put


def results(course: Path) -> dict[str, dict]:
    return {
        path.parts[-3]: json.loads(path.read_text()) for path in sorted(course.glob("autograded/*/tiny/result.json"))
    }


def test_plain_nbgrader_commands_give_the_marks_of_the_judge_and_export_them(tiny_course, submit, hand_in):
    submit("ada", hand_in())
    submit("bob", hand_in(halve="def halve(x):\n    return x / 2 if x.ndim == 1 else x"))
    nbgrader(tiny_course, "generate_assignment", "tiny")
    nbgrader(tiny_course, "autograde", "tiny")
    nbgrader(tiny_course, "generate_feedback", "tiny")
    nbgrader(tiny_course, "export")
    marks = {
        row["student_id"]: float(row["score"])
        for row in csv.DictReader((tiny_course / "grades.csv").read_text().splitlines())
    }
    assert marks == {"ada": 10.0, "bob": 9.0}
    assert {student: result["points"] for student, result in results(tiny_course).items()} == marks
    assert not list((tiny_course / "feedback").rglob("result.json")), "a Result carries the seed of hidden inputs"
    page = (tiny_course / "feedback/bob/tiny/tiny.html").read_text()
    assert "halve: 3 of 4 points, 2 of 3 checks passed" in page
    assert "FAILED  two axes" in page
    assert "double (optional): 3 of 3 checks passed" in page
    assert "tiny: 9 of 10 points" in page
    assert re.search(r'<a href="#halve">halve</a>:\s*3 of 4 points', page)


def test_a_committed_release_does_not_keep_nbgrader_from_filling_its_database(tiny, tiny_course, submit, hand_in):
    build_release(tiny)
    (tiny_course / "gradebook.db").unlink()  # what a fresh clone looks like: a release, no database
    submit("ada", hand_in())
    nbgrader(tiny_course, "generate_assignment", "tiny")
    nbgrader(tiny_course, "autograde", "tiny")
    assert results(tiny_course)["ada"]["points"] == 10.0


def edited(content: bytes, edit) -> bytes:
    notebook = nbformat.reads(content.decode(), as_version=4)
    edit(notebook)
    return json.dumps(notebook).encode()  # as it is: nbformat would repair what is broken


def of_question(notebook, grade_id):
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def without_test_cell(notebook):
    notebook.cells.remove(of_question(notebook, "quarter"))


def without_metadata(notebook):
    for cell in notebook.cells:
        cell.metadata.clear()


def with_doubled_test_cell(notebook):
    notebook.cells.append(of_question(notebook, "quarter").copy())


def with_points_as_text(notebook):
    of_question(notebook, "quarter").metadata.nbgrader.points = "6000"


def with_unknown_schema(notebook):
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.schema_version = 99


def with_test_cell_as_markdown(notebook):
    cell = of_question(notebook, "quarter")
    cell.cell_type = "markdown"
    del cell["outputs"], cell["execution_count"]


def with_skip_tags(notebook):
    for cell in notebook.cells:
        cell.metadata["tags"] = ["skip-execution"]


UNUSUAL = {
    edit.__name__: edit
    for edit in (
        without_test_cell,
        without_metadata,
        with_doubled_test_cell,
        with_points_as_text,
        with_unknown_schema,
        with_test_cell_as_markdown,
        with_skip_tags,
    )
}
DAMAGED = {"not_json": b'{"cells": [', "empty": b"", "no_notebook": b"[1, 2]", "binary": b"\x89PNG\xff"}


def test_no_submission_stops_the_class_or_the_marks_of_others(tiny, submit, hand_in, capfd):
    build_release(tiny)
    submit("ada", hand_in())
    for student, edit in UNUSUAL.items():
        submit(student, edited(hand_in(), edit))
    for student, content in DAMAGED.items():
        submit(student, content)
    submit("zoe", hand_in(quarter="def quarter(x):\n    return x"))
    run = ClassRun(tiny)
    run.ensure_released()
    assert len(list(run.autograde())) == len(UNUSUAL) + len(DAMAGED) + 2

    graded = results(tiny.course)
    assert {student: graded[student]["points"] for student in UNUSUAL} == dict.fromkeys(UNUSUAL, 10.0)
    assert {student: graded[student]["end_state"] for student in DAMAGED} == dict.fromkeys(DAMAGED, "damaged")
    assert (graded["ada"]["points"], graded["zoe"]["points"]) == (10.0, 4.0)
    assert "Traceback" not in capfd.readouterr().err

    with Gradebook(f"sqlite:///{tiny.course / 'gradebook.db'}") as gradebook:
        in_gradebook = {entry.student.id: entry.score for entry in gradebook.assignment_submissions("tiny")}
    assert in_gradebook == {student: result["points"] for student, result in graded.items()}

    table = marks_table(tiny, {student: run.result_file(student) for student in run.students()})
    assert "damaged; the file is not JSON (line 1)" in table
    assert len(table.splitlines()) == 2 + len(graded)


def test_what_a_browser_would_execute_is_dropped_from_outputs(tiny, submit, hand_in):
    def with_script(notebook):
        notebook.cells[1].outputs = [
            nbformat.v4.new_output(
                "display_data", data={"text/html": "<script>alert(1)</script>", "text/plain": "kept"}
            ),
            nbformat.v4.new_output("execute_result", data={"image/svg+xml": "<svg onload='alert(2)'/>"}),
            nbformat.v4.new_output("stream", name="stderr", text="also kept"),
        ]

    build_release(tiny)
    submit("eve", edited(hand_in(), with_script))
    assert list(ClassRun(tiny).autograde()) == ["eve"]
    graded = (tiny.course / "autograded/eve/tiny/tiny.ipynb").read_text()
    assert "alert" not in graded
    assert graded.count("kept") == 2


def test_the_instructor_can_give_the_optional_half_points_without_a_code_change(tiny_course, submit, hand_in):
    source = tiny_course / "source/tiny/tiny.ipynb"
    notebook = nbformat.read(source, as_version=4)
    of_question(notebook, "double").metadata.nbgrader.points = 5
    nbformat.write(notebook, source)
    from stepgrade.assignment import Assignment

    tiny = Assignment.find("tiny", tiny_course)
    build_release(tiny)
    submit("ada", hand_in())
    list(ClassRun(tiny).autograde())
    assert results(tiny_course)["ada"]["points"] == 15.0
