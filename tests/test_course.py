"""The course folder with plain nbgrader: the same marks, whatever is handed in."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import bs4
import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbgrader.api import Gradebook
from nbgrader.server_extensions.formgrader.handlers import template_path
from traitlets.config import Config

from stepgrade.course.gradebook.roll import class_roll
from stepgrade.course.release.build import build_release
from stepgrade.evidence import EvidenceNotKept
from stepgrade.grade import Grader
from stepgrade.report.table import marks_table
from stepgrade.sandbox import find_boundary
from tests.inline import grade_class, write_pages, written_result

pytestmark = pytest.mark.slow
BIN = Path(sys.executable).parent


def nbgrader(course: Path, *arguments: str, exit_code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run one of nbgrader's commands as a person would, in an environment that is not activated."""
    command = [str(BIN / "nbgrader"), *arguments]
    path = os.pathsep.join(part for part in os.environ["PATH"].split(os.pathsep) if part != str(BIN))
    done = subprocess.run(
        command, cwd=course, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == exit_code, done.stderr
    return done


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


def test_a_committed_release_does_not_keep_nbgrader_from_filling_its_database(released, tiny_course, submit, hand_in):
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


def test_no_submission_stops_the_class_or_the_marks_of_others(released, submit, hand_in, capfd):
    submit("ada", hand_in())
    for student, edit in UNUSUAL.items():
        submit(student, edited(hand_in(), edit))
    for student, content in DAMAGED.items():
        submit(student, content)
    submit("zoe", hand_in(quarter="def quarter(x):\n    return x"))
    assert len(grade_class(released)) == len(UNUSUAL) + len(DAMAGED) + 2

    graded = results(released.course)
    assert {student: graded[student]["points"] for student in UNUSUAL} == dict.fromkeys(UNUSUAL, 10.0)
    assert {student: graded[student]["end_state"] for student in DAMAGED} == dict.fromkeys(DAMAGED, "damaged")
    assert (graded["ada"]["points"], graded["zoe"]["points"]) == (10.0, 4.0)
    assert "Traceback" not in capfd.readouterr().err

    with Gradebook(f"sqlite:///{released.course / 'gradebook.db'}") as gradebook:
        in_gradebook = {entry.student.id: entry.score for entry in gradebook.assignment_submissions("tiny")}
    assert in_gradebook == {student: result["points"] for student, result in graded.items()}

    table = marks_table(
        released, ((student, written_result(released, student)) for student in class_roll(released).students)
    )
    assert "damaged; the file is not JSON (line 1)" in table
    assert len(table.splitlines()) == 2 + len(graded)


def hand_in_oddities(folder: Path, right: bytes) -> dict[str, str]:
    """Fill ``submitted/`` with what nbgrader stumbles over before it reads a notebook; return each one's end state."""

    def of(student: str, content: bytes | None = right, name: str = "tiny.ipynb") -> Path:
        place = folder / student / "tiny"
        place.mkdir(parents=True)
        if content is not None:
            (place / name).write_bytes(content)
        return place

    of("renamed", name="tiny (1).ipynb")
    of("zz_right")
    (of("nested", None) / "tiny").mkdir()
    (folder / "nested/tiny/tiny/tiny.ipynb").write_bytes(right)
    (of("linked", None) / "tiny.ipynb").symlink_to(folder.parent / "source/tiny/tiny.ipynb")
    (of("linked_to_solution") / "notes.py").symlink_to(folder.parent / "hidden/tiny/solution.py")
    os.mkfifo(of("pipe") / "data.txt")
    os.mkfifo(of("pipe_as_notebook", None) / "tiny.ipynb")
    (of("folder_as_notebook", None) / "tiny.ipynb").mkdir()
    of("loop").joinpath("again").symlink_to("..", target_is_directory=True)
    (of("large") / "data.txt").write_bytes(bytes(10 * 2**20))
    (of("late") / "timestamp.txt").write_text("the day after")
    (of("in_the_way") / "public_tests.py").mkdir()
    (folder / "in_the_way/tiny/public_tests.py/x.py").touch()
    of("empty", None)
    of("no_notebook", b"x", "report.pdf")
    (folder / "no_folder").mkdir()
    (folder / "a_file.ipynb").write_bytes(right)
    of("not_json", b'{"cells": [')
    missing = dict.fromkeys(("empty", "no_notebook", "no_folder", "a_file"), "missing")
    damaged = dict.fromkeys(("linked", "pipe_as_notebook", "folder_as_notebook", "not_json"), "damaged")
    names = {path.name.removesuffix(".ipynb") for path in folder.iterdir()}
    return dict.fromkeys(names, "graded") | missing | damaged


@pytest.mark.parametrize("way", ["stepgrade grade", "nbgrader autograde"])
def test_whatever_lies_in_submitted_everyone_gets_a_row_and_the_others_their_marks(released, hand_in, capfd, way):
    expected = hand_in_oddities(released.course / "submitted", hand_in())
    if way == "stepgrade grade":
        assert len(grade_class(released)) == len(expected)
        assert "Traceback" not in capfd.readouterr().err
    else:
        nbgrader(released.course, "autograde", "tiny")
    graded = results(released.course)
    assert {student: result["end_state"] for student, result in graded.items()} == expected
    marks = {"graded": 10.0, "damaged": 0.0, "missing": None}
    assert {student: result["points"] for student, result in graded.items()} == {
        student: marks[state] for student, state in expected.items()
    }
    assert all(result["reason"] for result in graded.values() if result["end_state"] != "graded")
    told = {student: [repair["code"] for repair in result["repairs"]] for student, result in graded.items()}
    assert told["renamed"] == told["nested"] == ["notebook_renamed"]
    assert told["late"] == ["timestamp_left_aside"]
    for student in ("linked_to_solution", "pipe", "loop", "large", "in_the_way"):
        assert told[student] == ["files_left_aside"], student
    assert told["zz_right"] == []

    assert not any(path.is_symlink() for path in (released.course / "autograded").rglob("*"))
    assert "half_of_everything" not in "".join(p.read_text() for p in (released.course / "autograded").rglob("*.py"))
    left = [
        path.name for path in (released.course / ".stepgrade").iterdir() if path.name.startswith(("submitted-", "auto"))
    ]
    assert left == [], "what was in the making is removed"
    with Gradebook(f"sqlite:///{released.course / 'gradebook.db'}") as gradebook:
        in_gradebook = {entry.student.id: entry.score for entry in gradebook.assignment_submissions("tiny")}
        assert {student.id for student in gradebook.students} == set(expected)
    assert in_gradebook == {student: marks[state] for student, state in expected.items() if state != "missing"}

    table = marks_table(
        released, ((student, written_result(released, student)) for student in class_roll(released).students)
    )
    assert len(table.splitlines()) == 2 + len(expected)
    assert "missing: submitted/empty/tiny is empty" in table


def test_who_hands_in_after_having_been_missing_is_graded_by_the_plain_command_too(released, submit, hand_in):
    submit("ada", hand_in())
    (released.course / "submitted/bob/tiny").mkdir(parents=True)
    nbgrader(released.course, "autograde", "tiny")
    assert results(released.course)["bob"]["end_state"] == "missing"
    (released.course / "submitted/bob/tiny/tiny.ipynb").write_bytes(hand_in())
    nbgrader(released.course, "autograde", "tiny")
    assert results(released.course)["bob"]["points"] == 10.0


def test_what_an_earlier_run_left_is_not_shown_when_the_submission_is_gone(released, submit, hand_in):
    submit("ada", hand_in())
    grade_class(released)
    write_pages(released)
    assert (released.course / "feedback/ada/tiny/tiny.html").is_file()
    (released.course / "submitted/ada/tiny/tiny.ipynb").unlink()
    grade_class(released)
    write_pages(released)
    assert [path.name for path in (released.course / "autograded/ada/tiny").iterdir()] == ["result.json"]
    assert not (released.course / "feedback/ada/tiny").exists()
    with Gradebook(f"sqlite:///{released.course / 'gradebook.db'}") as gradebook:
        submission = gradebook.find_submission("tiny", "ada")
        assert [grade.auto_score for grade in submission.notebooks[0].grades] == [None] * 3


def test_who_only_stands_in_the_gradebook_gets_a_row_unless_the_name_is_a_path(released, submit, hand_in, caplog):
    submit("ada", hand_in())
    with Gradebook(f"sqlite:///{released.course / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_student("zoe")
        gradebook.update_or_create_student("../../escape")
    assert grade_class(released) == ["ada", "zoe"]
    assert results(released.course)["zoe"]["reason"] == "nothing was handed in; expected submitted/zoe/tiny/tiny.ipynb"
    assert "'../../escape' in the gradebook cannot be a folder's name" in caplog.text


def test_a_folder_whose_name_is_no_text_is_said_and_the_others_are_graded(released, submit, hand_in, caplog):
    submit("ada", hand_in())
    Path(os.fsdecode(os.fsencode(released.course / "submitted") + b"/J\xfcrgen/tiny")).mkdir(parents=True)
    assert grade_class(released) == ["ada"]
    assert "is no text in UTF-8, so it gets no row; rename it and grade again" in caplog.text


def test_a_folder_whose_name_is_no_name_is_said_and_the_others_are_graded(released, submit, hand_in):
    for student in ("[ada]", "bob "):
        submit(student, hand_in())
    submit("cyd", hand_in())
    grade_class(released)
    states = {student: result["end_state"] for student, result in results(released.course).items()}
    assert states == {"[ada]": "grader_error", "bob ": "grader_error", "cyd": "graded"}


def marks_in_gradebook(course: Path) -> dict[str, dict[str, float | None]]:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        return {
            submission.student.id: {grade.name: grade.auto_score for grade in submission.notebooks[0].grades}
            for submission in gradebook.assignment_submissions("tiny")
        }


def test_nbgrader_and_the_grader_give_the_same_points_to_every_question(released, submit, hand_in):
    submissions = {
        "right": hand_in(),
        "half": hand_in(halve="def halve(x):\n    return x / 2 if x.ndim == 1 else x"),
        "helped": hand_in(halve="def halve(x):\n    return x"),
        "broken": hand_in(quarter="def quarter(x:\n"),
        "nan": hand_in(halve="def halve(x):\n    return x * float('nan')"),
        "noisy": hand_in(extra=["import sys, warnings", "print('x', file=sys.stderr)", "warnings.warn('x')"]),
    }
    for student, content in submissions.items():
        submit(student, content)
    nbgrader(released.course, "autograde", "tiny")
    boundary = find_boundary()
    expected = {
        student: {
            question.id: question.points
            for question in Grader(released, boundary=boundary).grade(content, student).questions
        }
        for student, content in submissions.items()
    }
    assert marks_in_gradebook(released.course) == expected
    assert expected["right"] == expected["noisy"] == {"halve": 4.0, "quarter": 6.0, "double": 0.0}
    assert expected["nan"]["halve"] == 0.0


OUTPUTS = {
    "nan": nbformat.v4.new_output("execute_result", data={"text/plain": "nan"}),
    "number": nbformat.v4.new_output("execute_result", data={"text/plain": "6"}),
    "text": nbformat.v4.new_output("execute_result", data={"text/plain": "'all tests passed'"}),
    "stderr": nbformat.v4.new_output("stream", name="stderr", text="a warning"),
    "silence": None,
}


def test_saved_outputs_of_a_graded_cell_earn_nothing_and_cost_nothing(released, submit, hand_in):
    def with_output(output):
        def edit(notebook):
            of_question(notebook, "quarter").outputs = [output] if output else []

        return edit

    for name, output in OUTPUTS.items():
        submit(f"wrong_{name}", edited(hand_in(quarter="def quarter(x):\n    return None"), with_output(output)))
        submit(f"right_{name}", edited(hand_in(), with_output(output)))
    grade_class(released)
    marks = {student: points["quarter"] for student, points in marks_in_gradebook(released.course).items()}
    assert marks == {f"{kind}_{name}": value for name in OUTPUTS for kind, value in (("wrong", 0.0), ("right", 6.0))}


def test_a_test_cell_that_hidden_does_not_describe_is_for_a_person_and_not_full_marks_for_silence(tiny_course, submit):
    source = tiny_course / "source/tiny/tiny.ipynb"
    notebook = nbformat.read(source, as_version=4)
    extra = nbformat.from_dict(json.loads(json.dumps(of_question(notebook, "quarter"))))
    extra.metadata.nbgrader.grade_id, extra.source, extra.id = "undescribed", "assert True", "undescribed"
    notebook.cells.append(extra)
    nbformat.write(notebook, source)
    submit("ada", source.read_bytes())
    nbgrader(tiny_course, "generate_assignment", "tiny")
    nbgrader(tiny_course, "autograde", "tiny")
    assert marks_in_gradebook(tiny_course)["ada"] == {"halve": 4.0, "quarter": 6.0, "double": 0.0, "undescribed": None}


HOSTILE_PROSE = (
    "# readable\n<script>alert(1)</script> <img src=x onerror=alert(2)> [x](javascript:alert(3))\n\n"
    "```mermaid\n<img src=x onerror=alert(4)>\n```\n"
)


def with_active_content(notebook):
    solution = of_question(notebook, "halve_solution")
    solution.outputs = [
        nbformat.v4.new_output("display_data", data={"text/html": "<script>alert(5)</script>", "text/plain": "kept"}),
        nbformat.v4.new_output("execute_result", data={"image/svg+xml": "<svg onload='alert(6)'/>"}),
        nbformat.v4.new_output("display_data", data={"image/png": "PHNjcmlwdD5hbGVydCg3KTwvc2NyaXB0Pg=="}),
        nbformat.v4.new_output("stream", name="stderr", text="also kept \x1b[31m<script>alert(8)</script>"),
        nbformat.v4.new_output("error", ename="<b>", evalue="x", traceback=["<script>alert(9)</script>"]),
    ]
    code = nbformat.v4.new_code_cell("1", metadata={"tags": ['"><script>alert(10)</script>']})
    code.execution_count = "<script>alert(11)</script>"
    prose = nbformat.v4.new_markdown_cell(HOSTILE_PROSE)
    missing = nbformat.v4.new_markdown_cell("![x](attachment:none.png)")
    raw = nbformat.v4.new_raw_cell("<script>alert(12)</script>", metadata={"raw_mimetype": "text/html"})
    notebook.cells += [code, prose, missing, raw]
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"x": "<script>alert(13)</script>"}}
    notebook.metadata["title"] = "</title><script>alert(14)</script>"


def active(page: str) -> list[str]:
    """Return every element of a page that could run something and mentions what the student wrote."""
    soup = bs4.BeautifulSoup(page, "html.parser")
    return [
        str(tag)
        for tag in soup.find_all(True)
        if (tag.name in {"script", "iframe", "svg", "object", "embed"} and "alert(" in str(tag))
        or any("alert(" in str(value) for value in tag.attrs.values())
        or (tag.name == "img" and "PHNjcmlwdD" in str(tag))
    ]


def test_nothing_of_a_submission_is_executed_in_the_formgrader_or_the_feedback(released, submit, hand_in):
    submit("eve", edited(hand_in(), with_active_content))
    submit("zoe", hand_in())
    grade_class(released)
    nbgrader(released.course, "generate_feedback", "tiny")
    assert results(released.course)["eve"]["points"] == 10.0

    feedback = (released.course / "feedback/eve/tiny/tiny.html").read_text()
    config = Config()
    config.HTMLExporter.template_name = "formgrade"  # as nbgrader's server extension sets it
    config.HTMLExporter.extra_template_basedirs = [str(template_path)]
    names = ("assignment_id", "notebook_id", "submission_id", "base_url", "student", "notebook_path")
    resources = dict.fromkeys(names, "x") | {"index": 0, "total": 1, "first_name": "", "last_name": ""}
    exporter = HTMLExporter(config=config)
    formgrader, _ = exporter.from_filename(str(released.course / "autograded/eve/tiny/tiny.ipynb"), resources=resources)
    for page in (feedback, formgrader):
        assert active(page) == []
        text = bs4.BeautifulSoup(page, "html.parser").get_text()
        for words in ("readable", "alert(1)", "kept", "also kept", "alert(12)"):
            assert words in text, words


def test_the_instructor_can_give_the_optional_half_points_without_a_code_change(tiny_course, submit, hand_in):
    source = tiny_course / "source/tiny/tiny.ipynb"
    notebook = nbformat.read(source, as_version=4)
    of_question(notebook, "double").metadata.nbgrader.points = 5
    nbformat.write(notebook, source)
    from stepgrade.assignment import Assignment

    tiny = Assignment.find("tiny", tiny_course)
    build_release(tiny)
    submit("ada", hand_in())
    grade_class(tiny)
    assert results(tiny_course)["ada"]["points"] == 15.0


def test_nbgrader_is_imported_without_the_jupyter_server_and_its_commands_still_load():
    program = (
        "import sys, stepgrade.course, nbgrader.api\n"
        "assert not any(name.startswith(('nbgrader.server_extensions', 'jupyter_server')) for name in sys.modules)\n"
        "from nbgrader.apps import NbGraderApp\n"
        "from nbgrader.server_extensions.formgrader import handlers\n"
        "print(NbGraderApp.version)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == metadata.version("nbgrader")


def test_nobody_is_graded_where_the_checks_cannot_be_kept(released, submit, hand_in):
    submit("ada", hand_in())
    released.run_dir.mkdir(parents=True)
    (released.run_dir / "versions").write_text("in the way")
    with pytest.raises(EvidenceNotKept, match="make room, and run it again"):
        grade_class(released)
    assert not (released.course / "autograded").exists()
