"""The folder of a graded submission: byte for byte what nbgrader's Autograde leaves, and never half of it."""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.utils import compute_checksum

from stepgrade.assignment import Assignment
from stepgrade.course.autograded import autograded_folder, forget_unfinished, write_autograded, write_result_alone
from stepgrade.course.autograded import folder as autograded
from stepgrade.course.autograded.coursefiles import IGNORED, put_course_files
from stepgrade.course.autograded.restored import answer_checksums, checksum, originals_of, restore
from stepgrade.course.configuration import load_config
from stepgrade.course.handin import find_hand_in
from stepgrade.course.release.build import build_release
from stepgrade.course.work import Task, graded
from stepgrade.errors import StepgradeError
from stepgrade.grade import Grader
from stepgrade.notebook import notebook_document
from stepgrade.report.output import rendered
from stepgrade.result import EndState
from tests.conftest import RIGHT_TINY, make_tiny_course

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(17)).decode()
MODEL_ANSWER = "Why?\n### BEGIN SOLUTION\nBecause.\n### END SOLUTION"
ACTIVE = "# Mine\n<script>alert(1)</script> $\\href{javascript:alert(1)}{x}$ ![a](attachment:a.png)"


def add_written_cells(source: Path) -> None:
    """Give the tiny assignment what a person grades, and what nobody may change."""
    notebook = nbformat.read(source, as_version=4)
    for grade_id, text, roles in (
        (
            "words",
            "Why?\n### BEGIN SOLUTION\nBecause.\n### END SOLUTION",
            {"grade": True, "solution": True, "points": 3},
        ),
        ("rules", "Read this.", {"locked": True}),
        ("settings", "limit = 3", {"locked": True}),
    ):
        nbgrader = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
        new = nbformat.v4.new_code_cell if grade_id == "settings" else nbformat.v4.new_markdown_cell
        notebook.cells.append(new(text, metadata={"nbgrader": nbgrader | roles | {"grade_id": grade_id}}))
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(notebook, source)


@pytest.fixture(scope="module")
def released_course(tmp_path_factory) -> Path:
    """A course whose tiny assignment asks for words, too, and is released."""
    course = make_tiny_course(tmp_path_factory.mktemp("released"))
    source = course / "source" / "tiny"
    add_written_cells(source / "tiny.ipynb")
    (source / "images").mkdir()
    (source / "images" / "figure.svg").write_text("<svg/>")
    (source / "__pycache__").mkdir()
    (source / "__pycache__" / "x.pyc").touch()
    build_release(Assignment.find("tiny", course))
    return course


@pytest.fixture
def written_tiny(released_course, tiny_course) -> Assignment:
    shutil.copytree(released_course, tiny_course, dirs_exist_ok=True)
    return Assignment.find("tiny", tiny_course)


@pytest.fixture
def edited(written_tiny):
    """``edited(edit, halve="...")``: a right submission of the release, or with other cells, as ``edit`` leaves it."""

    def submission(edit=lambda notebook: None, **cells: str) -> bytes:
        notebook = nbformat.read(written_tiny.release_dir / "tiny.ipynb", as_version=4)
        for question, source in (RIGHT_TINY | cells).items():
            cells_by_id(notebook)[f"{question}_solution"].source = source
        edit(notebook)
        return json.dumps(notebook).encode()

    return submission


def cells_by_id(notebook):
    return {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}


def with_answers(notebook):
    cells_by_id(notebook)["words"].source = ACTIVE
    cells_by_id(notebook)["rules"].source = "I changed this."
    cells_by_id(notebook)["settings"].source = "limit = 4"
    cells_by_id(notebook)["halve"].source = "assert True"
    notebook.metadata["kernelspec"] = {"display_name": "R", "name": "ir"}
    notebook.cells[0].source += "\nedited"


def retyped(notebook):
    cell = cells_by_id(notebook)["quarter"]
    cell.cell_type = "markdown"
    del cell["outputs"], cell["execution_count"]
    cells_by_id(notebook)["words"].cell_type = "raw"


def without_cells(notebook):
    notebook.cells = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") != "words"]
    notebook.cells = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") != "quarter"]


def doubled(notebook):
    notebook.cells.append(cells_by_id(notebook)["quarter"].copy())


def without_metadata(notebook):
    for cell in notebook.cells:
        cell.metadata.clear()


def with_outputs(notebook):
    new = nbformat.v4.new_output
    cells_by_id(notebook)["halve_solution"].outputs = [
        new("stream", name="stderr", text="a line\x0b\u2028of text\r\n" * 600),
        new("stream", name="stdout", text="a line\n" * 600),
        new("error", ename="E", evalue="e", traceback=[f"\x1b[31m{n}" for n in range(150)]),
        new("display_data", data={"text/plain": "a\nb", "image/png": PNG, "text/html": "<b>"}),
        new("execute_result", data={"text/plain": "5"}, execution_count=3),
    ]
    code = nbformat.v4.new_code_cell("x = '\u2028é\ud83d'", execution_count=7, outputs=[new("stream", text="")])
    prose = nbformat.v4.new_markdown_cell(ACTIVE, attachments={"a.png": {"image/png": PNG}})
    raw = nbformat.v4.new_raw_cell("raw <b onclick=x>")
    notebook.cells += [code, prose, raw, nbformat.v4.new_markdown_cell("")]


@pytest.fixture
def handed_in(written_tiny, submit, edited) -> list[str]:
    """A class of everything; return the students."""
    wrong = {"halve": "def halve(x):\n    return x", "quarter": "def quarter(x):\n    return None"}
    submissions = {
        "right": edited(),
        "wrong": edited(**wrong),
        "unfilled": (written_tiny.release_dir / "tiny.ipynb").read_bytes(),
        "no_json": b'{"cells": [',
        **{
            edit.__name__: edited(edit)
            for edit in (with_answers, retyped, without_cells, doubled, without_metadata, with_outputs)
        },
    }
    for student, content in submissions.items():
        submit(student, content)
    submit("renamed", edited(), "tiny (1).ipynb")
    folder = written_tiny.course / "submitted" / "right" / "tiny"
    (folder / "data").mkdir()
    (folder / "data" / "mine.csv").write_text("1,2")
    (folder / "public_tests.py").write_text("the student's own")
    (folder / "page.html").write_text("<script>")
    (folder / "timestamp.txt").write_text("2026-03-01 10:00:00 Europe/Berlin\n")
    (written_tiny.course / "submitted" / "empty" / "tiny").mkdir(parents=True)
    return [*submissions, "renamed", "empty"]


def folders(course: Path) -> dict[str, tuple[bytes, int]]:
    """Return everything in ``autograded/`` with its mode; of a Result what may differ between two runs is left out."""
    found = {}
    for path in sorted((course / "autograded").rglob("*")):
        content = b""
        if path.is_file():
            content = path.read_bytes()
        if path.name == "result.json":
            content = json.dumps(json.loads(content) | {"timing": {}}).encode()
        found[path.relative_to(course / "autograded").as_posix()] = (content, path.stat().st_mode)
    return found


@pytest.mark.slow
def test_points_that_the_release_does_not_know_yet_are_said_before_anybody_is_graded(written_tiny):
    source = written_tiny.source_notebook
    source.write_text(source.read_text().replace('"points": 4', '"points": 5', 1))
    with pytest.raises(StepgradeError, match=r"halve is worth 5.* points in .* and 4.* build the release again"):
        originals_of(written_tiny)


def test_the_folders_are_those_of_plain_nbgrader_byte_for_byte(written_tiny, handed_in):
    """What may differ, and does not here: nbgrader's own come from the gradebook, ours from source/ and release/."""
    course = written_tiny.course
    command = [str(Path(sys.executable).with_name("nbgrader")), "autograde", "tiny"]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    expected = folders(course)
    (course / "autograded").rename(course / "of_nbgrader")
    for student in handed_in:
        graded(Task(str(course), "tiny", written_tiny.version, student))
    assert folders(course) == expected
    assert {name.partition("/")[0] for name in expected} == set(handed_in)
    assert "right/tiny/data/mine.csv" in expected
    assert "with_outputs/tiny/images/figure.svg" in expected


def restored_notebook(assignment: Assignment, content: bytes):
    return restore(notebook_document(content), originals_of(assignment))


def cell_of(notebook, grade_id):
    [cell] = [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id]
    return cell


def test_locked_cells_are_the_instructors_whatever_the_student_wrote(written_tiny, edited):
    notebook = restored_notebook(written_tiny, edited(with_answers))
    sources = [cell_of(notebook, grade_id)["source"] for grade_id in ("rules", "settings", "halve")]
    assert sources == ["Read this.", "limit = 3", "halve_test(halve)"]


def test_prose_beyond_what_is_looked_into_is_shown_as_it_was_typed(written_tiny, edited):
    def with_much_prose(notebook):
        notebook.cells += [nbformat.v4.new_markdown_cell("*word* " * 1500) for _ in range(30)]

    added = restored_notebook(written_tiny, edited(with_much_prose))["cells"][-30:]
    typed = [cell["source"].startswith("```text\n") for cell in added]
    assert typed == [False] * 20 + [True] * 10


def test_a_missing_answer_is_put_back_without_the_model_solution(written_tiny, edited):
    notebook = restored_notebook(written_tiny, edited(without_cells))
    assert cell_of(notebook, "words")["source"] == "Why?\nYOUR ANSWER HERE"
    assert "Because" not in json.dumps(notebook)


def test_checksums_are_nbgraders_and_tell_an_answer_from_the_release(written_tiny, edited):
    answered = restored_notebook(written_tiny, edited(with_answers))
    untouched = restored_notebook(written_tiny, (written_tiny.release_dir / "tiny.ipynb").read_bytes())
    for cell in nbformat.from_dict(answered).cells:
        if "nbgrader" in cell.metadata:
            assert checksum(cell) == compute_checksum(cell)
    released = {name: cell.metadata.nbgrader.checksum for name, cell in cells_by_id(_release(written_tiny)).items()}
    assert all(released[name] == found for name, found in answer_checksums(untouched).items())
    assert all(released[name] != found for name, found in answer_checksums(answered).items())


def _release(assignment):
    return nbformat.read(assignment.release_dir / "tiny.ipynb", as_version=4)


def test_without_a_release_the_message_says_what_to_run(tiny):
    with pytest.raises(StepgradeError, match="run `stepgrade release tiny` first"):
        originals_of(tiny)


def test_a_release_that_is_built_again_is_read_again(written_tiny):
    first = originals_of(written_tiny)
    assert originals_of(written_tiny) is first
    notebook = _release(written_tiny)
    cells_by_id(notebook)["words"].source = "Why, then?"
    nbformat.write(notebook, written_tiny.release_dir / "tiny.ipynb")
    assert originals_of(written_tiny).cells["words"]["source"] == "Why, then?"


def test_restoring_changes_nothing_of_the_instructors_cells(written_tiny, edited):
    before = json.dumps(dataclasses.asdict(originals_of(written_tiny)))
    for edit in (with_answers, retyped, without_cells, with_outputs):
        restored_notebook(written_tiny, edited(edit))
    assert json.dumps(dataclasses.asdict(originals_of(written_tiny))) == before


@pytest.fixture
def written(written_tiny, submit, edited):
    """``written()``: write the folder of a submission that the grader failed on."""
    submit("ada", edited())
    content = edited()
    hand_in = find_hand_in(written_tiny.course / "submitted/ada/tiny", "ada", written_tiny)
    result = Grader(written_tiny).without_marks(EndState.GRADER_ERROR, "a reason", student="ada")

    def write() -> Path:
        write_autograded(written_tiny, hand_in, restored_notebook(written_tiny, content), result)
        return autograded_folder(written_tiny, "ada")

    return write


def test_a_write_that_fails_leaves_the_old_folder_and_nothing_half_made(written, written_tiny, monkeypatch):
    folder = written()
    before = folders(written_tiny.course)

    def full(*_):
        assert folders(written_tiny.course) == before, "the new folder shows before it is complete"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(autograded, "rendered", full)
    with pytest.raises(OSError, match="No space left"):
        written()
    assert (folder / "tiny.ipynb").is_file()
    assert folders(written_tiny.course) == before
    assert list((written_tiny.course / ".stepgrade").rglob("autograded-*")) == []


def test_what_a_killed_worker_left_aside_is_removed_on_request(written_tiny):
    work = written_tiny.course / ".stepgrade" / "tiny"
    for name in ("autograded-1", "course-files-1", "journal"):
        (work / name).mkdir(parents=True)
    forget_unfinished(written_tiny)
    assert [path.name for path in work.iterdir()] == ["journal"]


def test_what_another_assignments_run_has_in_the_making_stays(written, written_tiny, monkeypatch):
    other = dataclasses.replace(written_tiny, name="other")

    def meanwhile(*arguments):
        forget_unfinished(other)
        return rendered(*arguments)

    monkeypatch.setattr(autograded, "rendered", meanwhile)
    assert (written() / "tiny.ipynb").is_file()


def test_a_result_without_a_notebook_takes_the_place_of_everything(written, written_tiny):
    folder = written()
    result = Grader(written_tiny).without_marks(EndState.MISSING, "gone", student="ada")
    write_result_alone(written_tiny, "ada", result)
    assert [path.name for path in folder.iterdir()] == ["result.json"]


@pytest.mark.parametrize("name", ["", ".", "..", "../../x", "a/b", "a\0b"])
def test_no_students_name_leads_out_of_the_folder(tiny, name):
    with pytest.raises(StepgradeError, match="cannot be a folder's name"):
        autograded_folder(tiny, name)


def test_course_files_are_links_to_one_read_only_copy_and_a_students_own_of_that_name_is_replaced(tmp_path):
    source, work = tmp_path / "source", tmp_path / "work"
    (source / "data").mkdir(parents=True)
    (source / "data" / "d.csv").write_text("1")
    (source / "tests.py").write_text("the course's")
    folders = [tmp_path / "ada", tmp_path / "bob"]
    folders[1].mkdir()
    (folders[1] / "tests.py").write_text("bob's")
    for folder in folders:
        put_course_files(source, folder, work)
    assert [(folder / "tests.py").read_text() for folder in folders] == ["the course's"] * 2
    assert (folders[0] / "data" / "d.csv").samefile(folders[1] / "data" / "d.csv")
    assert (source / "data" / "d.csv").stat().st_nlink == 1, "the course's own file is not shared"


def test_an_edited_course_file_reaches_the_next_submission_and_not_the_last(tmp_path):
    source, work = tmp_path / "source", tmp_path / "work"
    source.mkdir()
    (source / "tests.py").write_text("old")
    put_course_files(source, tmp_path / "ada", work)
    (source / "tests.py").write_text("newer")
    put_course_files(source, tmp_path / "bob", work)
    assert [(tmp_path / name / "tests.py").read_text() for name in ("ada", "bob")] == ["old", "newer"]


def test_where_there_are_no_links_course_files_are_copied(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(31, "Too many links")

    monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "tests.py").write_text("x")
    put_course_files(tmp_path / "source", tmp_path / "ada", tmp_path / "work")
    assert (tmp_path / "ada" / "tests.py").read_text() == "x"


def test_the_files_left_out_are_those_of_the_courses_configuration(tiny_course):
    assert set(load_config(tiny_course).CourseDirectory.ignore) == set(IGNORED)
