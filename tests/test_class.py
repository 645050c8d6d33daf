"""A whole class, graded for real with `stepgrade grade`: parallel, resumable, and what it survives."""

from __future__ import annotations

import csv
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from concurrent.futures import Executor, Future
from contextlib import closing

import nbformat
import psutil
import pytest

from stepgrade.assignment import Assignment
from stepgrade.cli.classroom import Classroom, what_changed
from stepgrade.course.work import Task
from stepgrade.environment import environment_here
from stepgrade.result import Result
from stepgrade.run import Done, Journal, Planned, Reason, Wanted, WorkerLost, journal_path, plan
from tests.conftest import RIGHT_TINY, make_tiny_course
from tests.dask import Dask

pytestmark = pytest.mark.slow

N_STUDENTS = 100
KINDS = {
    "right": RIGHT_TINY,
    "no_halve": RIGHT_TINY | {"halve": "def halve(x):\n    return x"},
    "raises": RIGHT_TINY | {"quarter": "def quarter(x):\n    raise ValueError('no')"},
    "crashes": RIGHT_TINY | {"quarter": "import os\ndef quarter(x):\n    os._exit(3)"},
    "broken": RIGHT_TINY | {"halve": "def halve(x:\n"},
}
NAMES = [f"{kind} {number:02}" for number in range(N_STUDENTS // 5) for kind in KINDS]
FEW = NAMES[:40]


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A course with the tiny assignment released and a hundred submissions, not graded yet."""
    course = make_tiny_course(tmp_path_factory.mktemp("class"))
    run(course, "release", "tiny")
    for number, name in enumerate(NAMES):
        folder = course / "submitted" / name / "tiny"
        folder.mkdir(parents=True)
        (folder / "tiny.ipynb").write_text(notebook(course, KINDS[name[:-3]], number))
    return course


@pytest.fixture
def course(released, tmp_path):
    copy = tmp_path / "course"
    shutil.copytree(released, copy)
    return copy


@pytest.fixture
def few(course):
    """The course with two fifths of its submissions: enough to be disturbed on the way."""
    for name in set(NAMES).difference(FEW):
        shutil.rmtree(course / "submitted" / name)
    return course


@pytest.fixture(scope="module")
def undisturbed(released, tmp_path_factory):
    """The course after a run that nothing disturbed."""
    course = tmp_path_factory.mktemp("undisturbed") / "course"
    shutil.copytree(released, course)
    run(course, "grade", "tiny")
    return course


@pytest.fixture(scope="module")
def expected(undisturbed):
    """What an undisturbed run gives."""
    return results(undisturbed), marks(undisturbed)


@pytest.fixture(scope="module")
def expected_of_few(expected):
    by_student, rows = expected
    return {name: by_student[name] for name in FEW}, [row for row in rows if row[0] in FEW]


@pytest.fixture
def graded(undisturbed, tmp_path):
    """A copy of the course after that run."""
    copy = tmp_path / "graded"
    shutil.copytree(undisturbed, copy, symlinks=True)
    return copy


def notebook(course, cells, number):
    document = nbformat.read(course / "source/tiny/tiny.ipynb", as_version=4)
    for cell in document.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            question = cell.metadata.nbgrader.grade_id.removesuffix("_solution")
            cell.source = f"# student {number}\n{cells[question]}"
    return nbformat.writes(document)


def command(course, *arguments):
    return [sys.executable, "-m", "stepgrade.cli", "--course", str(course), *arguments]


def run(course, *arguments, code=0):
    if "--student" in arguments:  # one process is enough for one or two
        arguments = (*arguments, "--workers", "1")
    done = subprocess.run(command(course, *arguments), capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def journal_lines(course):
    text = (course / ".stepgrade/tiny/journal.jsonl").read_text()
    return [line["graded"] for line in map(json.loads, text.splitlines()) if "graded" in line]


def results(course):
    """Return the Results of the journal, by student, without what may differ between two runs."""
    return {line["student"]: line["result"] | {"timing": {}} for line in journal_lines(course)}


def marks(course):
    """Return every automatic mark in the gradebook, by student and cell; each row once."""
    query = """
        select student.id, base_cell.name, grade.auto_score, grade.needs_manual_grade from grade
        join submitted_notebook on submitted_notebook.id = grade.notebook_id
        join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
        join student on student.id = submitted_assignment.student_id
        join base_cell on base_cell.id = grade.cell_id order by 1, 2
    """
    with closing(sqlite3.connect(course / "gradebook.db")) as base:
        return base.execute(query).fetchall()


class TestAClass:
    def test_has_a_result_and_marks_for_everyone(self, expected):
        by_student, rows = expected
        assert sorted(by_student) == sorted(NAMES)
        points = {name: result["points"] for name, result in by_student.items()}
        assert {kind: {points[name] for name in NAMES if name.startswith(kind)} for kind in KINDS} == {
            "right": {10.0},
            "no_halve": {6.0},
            "raises": {4.0},
            "crashes": {4.0},
            "broken": {6.0},
        }
        assert len(rows) == len(set(rows)) == 3 * N_STUDENTS
        totals = {name: sum(row[2] for row in rows if row[0] == name) for name in NAMES}
        assert totals == points

    def test_gives_the_same_results_with_one_worker(self, few, expected_of_few):
        run(few, "grade", "tiny", "--workers", "1")
        assert (results(few), marks(few)) == expected_of_few

    def test_gives_the_same_results_on_a_cluster(self, few, expected_of_few):
        pytest.importorskip("distributed", reason="install stepgrade[cluster] to test grading on a Dask cluster")
        with Dask() as dask:
            for _ in range(2):
                dask.start_worker("--no-nanny")
            dask.wait_for_workers(2)
            run(few, "grade", "tiny", "--cluster", dask.address)
        assert (results(few), marks(few)) == expected_of_few

    def test_that_has_not_changed_is_left_alone(self, graded, expected):
        run(graded, "grade", "tiny")
        assert len(journal_lines(graded)) == N_STUDENTS
        assert (results(graded), marks(graded)) == expected

    def test_can_be_planned_without_touching_it(self, course):
        shown = run(course, "grade", "tiny", "--dry-run")
        assert "100 of 100 submissions would be graded" in shown.stdout
        assert "broken 00: new" in shown.stdout
        assert not (course / ".stepgrade/tiny").exists()

    def test_can_be_graded_one_by_one(self, course):
        run(course, "grade", "tiny", "--student", "right 03", "--student", "broken 07")
        assert {line["student"] for line in journal_lines(course)} == {"right 03", "broken 07"}
        missed = run(course, "grade", "tiny", "--student", "nobody", code=2)
        assert "nobody of that name" in missed.stderr

    def test_can_be_forced(self, course):
        run(course, "grade", "tiny", "--student", "right 03")
        run(course, "grade", "tiny", "--student", "right 03", "--force")
        assert [line["student"] for line in journal_lines(course)] == ["right 03", "right 03"]

    def test_is_seeded_by_the_secret_that_the_course_names(self, course):
        secret = course.parent / "secret"
        secret.write_text("a long random line, kept elsewhere")
        with (course / "nbgrader_config.py").open("a") as config:
            config.write(f"\nc.ScoreSubmission.secret_file = {str(secret)!r}\n")
        run(course, "grade", "tiny", "--student", "right 03")
        (line,) = journal_lines(course)
        assert not line["result"]["demo_key"]
        assert secret.read_text() not in (course / ".stepgrade/tiny/journal.jsonl").read_text()


class TestFixAndRegrade:
    def test_a_changed_check_changes_the_marks_that_it_concerns_and_says_whose(self, graded):
        checks = graded / "hidden/tiny/checks.py"
        # One question alone: halve is from now on judged like double.
        checks.write_text(
            checks.read_text().replace(
                '"halve": question("halve", solution.halve_reference)',
                '"halve": question("halve", solution.double_reference)',
            )
        )
        planned = run(graded, "grade", "tiny", "--dry-run")
        assert "broken 00: the assignment has changed (halve)" in planned.stdout
        regraded = run(graded, "grade", "tiny")
        assert "right 00: 10 -> 6; halve 4 -> 0: the assignment has changed (halve)" in regraded.stdout
        assert "broken 00: " not in regraded.stdout.partition("marks that have changed")[2]  # it had no points there
        second = {line["student"]: line["result"] for line in journal_lines(graded)[N_STUDENTS:]}
        assert second["right 00"]["points"] == 6.0
        run(graded, "grade", "tiny", "--force", "--student", "right 00")
        fresh = journal_lines(graded)[-1]["result"]
        assert second["right 00"] | {"timing": {}} == fresh | {"timing": {}}

    def test_points_that_go_from_one_question_to_another_are_told_though_the_mark_is_the_same(self):
        def line(points, **questions):
            made = [{"id": name, "points": number, "version": "1"} for name, number in questions.items()]
            return {"points": points, "result": {"questions": made}}

        def told(before, after):
            return what_changed(Done(Planned(Wanted(Task("", "tiny", "1", "ada"), None), Reason.SEED), after, before))

        assert told(line(8.0, a=3.0, b=5.0), line(8.0, a=5.0, b=3.0)) == (
            "ada: 8 -> 8; a 3 -> 5, b 5 -> 3: the course secret has changed"
        )
        assert told(line(8.0, a=3.0, b=5.0), line(8.0, a=3.0, b=5.0, c=0.0)) == ""
        assert told(line(None, a=0.0), line(None, a=4.0)) == ""

    def test_a_submission_handed_in_anew_is_graded_anew(self, course):
        run(course, "grade", "tiny", "--student", "raises 00")
        shutil.copy(course / "submitted/right 00/tiny/tiny.ipynb", course / "submitted/raises 00/tiny/tiny.ipynb")
        regraded = run(course, "grade", "tiny", "--student", "raises 00")
        assert "raises 00: 4 -> 10; quarter 0 -> 6: handed in anew" in regraded.stdout

    def test_a_submission_that_is_taken_away_leaves_no_mark_and_says_so(self, course):
        run(course, "grade", "tiny", "--student", "right 00")
        shutil.rmtree(course / "submitted/right 00/tiny")
        regraded = run(course, "grade", "tiny", "--student", "right 00")
        assert "right 00: 10 -> no mark: " in regraded.stdout
        assert {row[2] for row in marks(course) if row[0] == "right 00"} == {None}

    def test_what_a_run_keeps_is_its_owners_alone(self, course):
        run(course, "grade", "tiny", "--student", "right 00")
        assert (course / ".stepgrade").stat().st_mode & 0o077 == 0

    def test_a_gradebook_made_anew_gets_what_the_journal_has(self, graded, expected):
        (graded / "gradebook.db").unlink()
        run(graded, "release", "tiny")
        run(graded, "grade", "tiny")
        assert (results(graded), marks(graded)) == expected
        assert len(journal_lines(graded)) == N_STUDENTS


class TestAGradebookThatIsNotAsTheRunLeftIt:
    def test_put_back_from_a_backup_gets_the_marks_of_later_runs_and_is_not_exported_before(self, course):
        both = ("--student", "right 00", "--student", "raises 00")
        run(course, "grade", "tiny", *both)
        shutil.copy(course / "gradebook.db", course / "backup.db")
        shutil.copy(course / "submitted/right 00/tiny/tiny.ipynb", course / "submitted/raises 00/tiny/tiny.ipynb")
        shutil.rmtree(course / "submitted/right 00/tiny")
        run(course, "grade", "tiny", *both)
        (course / "backup.db").replace(course / "gradebook.db")
        export = ("export", "tiny", "--csv", str(course / "marks.csv"))
        refused = run(course, *export, code=3).stderr
        assert "the gradebook has other marks than those graded last, of raises 00, right 00; run" in refused
        run(course, "grade", "tiny", *both)
        assert {row[2] for row in marks(course) if row[0] == "right 00"} == {None}
        assert sum(row[2] for row in marks(course) if row[0] == "raises 00") == 10
        run(course, *export)

    def test_a_due_date_that_is_set_and_put_off_later_decides_about_penalties(self, course):
        with (course / "nbgrader_config.py").open("a") as config:
            config.write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
        (course / "submitted/right 00/tiny/timestamp.txt").write_text("2026-03-03 12:00:00 UTC")
        penalties = []
        for duedate in (None, "2026-03-01 00:00:00.000000", "2026-04-01 00:00:00.000000"):
            with closing(sqlite3.connect(course / "gradebook.db")) as base:
                base.execute("update assignment set duedate = ?", (duedate,))
                base.commit()
            run(course, "grade", "tiny", "--student", "right 00")
            with closing(sqlite3.connect(course / "gradebook.db")) as base:
                penalties += base.execute("select late_submission_penalty from submitted_notebook").fetchall()
        assert penalties == [(None,), (10.0,), (None,)]
        assert len(journal_lines(course)) == 1

    def test_what_it_has_already_is_not_recorded_again(self, graded):
        before = (graded / ".stepgrade/tiny/journal.jsonl").read_bytes()
        run(graded, "grade", "tiny")
        assert (graded / ".stepgrade/tiny/journal.jsonl").read_bytes() == before


@pytest.mark.parametrize("lost", ["result.json", "tiny.ipynb"])
def test_a_file_in_autograded_that_a_power_cut_left_empty_is_written_again(course, lost):
    run(course, "grade", "tiny", "--student", "right 00")
    file = course / "autograded/right 00/tiny" / lost
    file.chmod(0o644)
    file.write_bytes(b"")
    again = run(course, "grade", "tiny", "--student", "right 00")
    assert file.stat().st_size
    assert re.search(r"^right 00 .* 10$", again.stdout, re.MULTILINE)


class TestFromTheLearningPlatformAndBack:
    @pytest.fixture
    def download(self, course):
        """What Canvas offers: ada handed in twice, bo handed in no notebook; nobody has been collected before."""
        right, wrong = (course / f"submitted/{name}/tiny/tiny.ipynb" for name in ("right 00", "raises 00"))
        path = course.parent / "submissions.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(wrong, "lovelaceada_67_1001_tiny.ipynb")
            archive.write(right, "lovelaceada_67_1002_tiny-1.ipynb")
            archive.writestr("bobo_68_1003_notes.txt", "I will hand in tomorrow")
        shutil.rmtree(course / "submitted")
        return path

    def test_the_marks_of_what_was_downloaded_go_into_the_exported_file(self, course, download):
        roster = course.parent / "roster.csv"
        roster.write_text("student,lms_id\nada,67\nbo,68\n")
        gradebook = course.parent / "canvas.csv"
        gradebook.write_text(
            "Student,ID,SIS User ID,SIS Login ID,Section,Tiny (5)\n"
            "    Points Possible,,,,,10\n"
            '"Lovelace, Ada",67,,ada,one,\n'
            '"Bo, Bo",68,,bo,one,3\n'
        )
        collected = run(course, "collect", "tiny", str(download), "--roster", str(roster))
        assert "taken: ada" in collected.stdout
        assert "taken: bo: bobo_68_1003_notes.txt (no notebook, only notes.txt)" in collected.stdout
        graded = run(course, "grade", "tiny")
        assert "ada" in graded.stdout

        filled = course.parent / "filled.csv"
        options = ["--column", "Tiny", "--match-by", "SIS Login ID", "--output", str(filled)]
        run(course, "export", "tiny", "--canvas", str(gradebook), *options)
        assert filled.read_text().splitlines()[2:] == ['"Lovelace, Ada",67,,ada,one,10', '"Bo, Bo",68,,bo,one,3']

        run(course, "export", "tiny", "--csv", str(course.parent / "marks.csv"))
        rows = list(csv.DictReader((course.parent / "marks.csv").read_text("utf-8-sig").splitlines()))
        assert [(row["student"], row["total"]) for row in rows] == [("ada", "10.0"), ("bo", "")]

        again = run(course, "collect", "tiny", str(download), "--roster", str(roster))
        assert "taken: ada" not in again.stdout

    def test_options_of_another_form_are_refused(self, course):
        refused = run(course, "export", "tiny", "--csv", "marks.csv", "--column", "Tiny", code=2)
        assert "--column belongs to --canvas and --moodle" in refused.stderr
        refused = run(course, "export", "tiny", code=2)
        assert "expected one of --csv, --json-lines, --canvas, --moodle, --junit, --markdown and" in refused.stderr


class TestFeedback:
    def test_everyone_who_handed_in_gets_a_page_and_those_that_are_there_are_left_alone(self, course):
        chosen = [option for name in ("right 03", "crashes 02") for option in ("--student", name)]
        run(course, "grade", "tiny", *chosen)
        assert run(course, "feedback", "tiny").stdout == "2 feedback pages are in feedback/STUDENT/tiny/tiny.html\n"
        one = run(course, "feedback", "tiny", "--student", "right 03")
        assert one.stdout == "1 feedback page is in feedback/right 03/tiny/tiny.html\n"
        unnamed = run(course, "--private", "feedback", "tiny", "--student", "right 03")
        assert unnamed.stdout == "1 feedback page is in feedback/STUDENT/tiny/tiny.html\n"
        pages = {path.parts[-3]: path.stat().st_mtime_ns for path in course.glob("feedback/*/tiny/tiny.html")}
        assert sorted(pages) == ["crashes 02", "right 03"]
        shutil.copy(course / "submitted/right 01/tiny/tiny.ipynb", course / "submitted/crashes 02/tiny/tiny.ipynb")
        run(course, "grade", "tiny", *chosen)
        run(course, "feedback", "tiny")
        again = {path.parts[-3]: path.stat().st_mtime_ns for path in course.glob("feedback/*/tiny/tiny.html")}
        assert again["right 03"] == pages["right 03"]
        assert again["crashes 02"] > pages["crashes 02"]

    def test_pages_need_marks(self, course):
        assert "nobody is graded yet" in run(course, "feedback", "tiny", code=2).stderr


class TestFaults:
    def test_killed_at_several_moments_it_loses_nothing_and_doubles_nothing(self, few, expected_of_few):
        rng = random.Random(11)  # noqa: S311 - moments, not secrets
        for _ in range(4):  # ten of a class of ten thousand are in test_run.py
            started = len(journal_lines(few)) if (few / ".stepgrade/tiny/journal.jsonl").exists() else 0
            process = subprocess.Popen(command(few, "grade", "tiny", "--workers", "2"), stderr=subprocess.DEVNULL)
            until = started + rng.randrange(0, 10)  # a moment in grading, not in the start
            while process.poll() is None and n_whole_lines(few) < until:
                time.sleep(0.01)
            time.sleep(rng.uniform(0, 0.2))
            process.kill()
            assert process.wait() in (-signal.SIGKILL, 0)
        run(few, "grade", "tiny")
        assert (results(few), marks(few)) == expected_of_few
        assert len(journal_lines(few)) == len(FEW)

    def test_stopped_from_the_keyboard_it_ends_at_once_and_says_how_to_go_on(self, course):
        process = subprocess.Popen(
            command(course, "grade", "tiny"), stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        while n_whole_lines(course) < 5:
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)  # a terminal tells the workers, too
        _, said = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "Results are safe, and the same command goes on" in said
        assert "Traceback" not in said
        assert n_whole_lines(course) < N_STUDENTS

    def test_workers_killed_on_the_way_change_nothing(self, few, expected_of_few):
        process = subprocess.Popen(command(few, "grade", "tiny", "--workers", "2"), stderr=subprocess.DEVNULL)
        n_killed = 0
        while process.poll() is None:
            workers = [child for child in psutil.Process(process.pid).children() if is_worker(child)]
            if workers and n_whole_lines(few) >= 8 * (n_killed + 1):
                workers[0].kill()
                n_killed += 1
            time.sleep(0.05)
        assert n_killed >= 3
        assert process.returncode == 0
        assert (results(few), marks(few)) == expected_of_few

    def test_who_lost_every_worker_has_no_mark_anywhere(self, course):
        run(course, "grade", "tiny", "--student", "right 00")

        class Losing(Executor):
            def submit(self, fn, /, *args, **kwargs):
                future = Future()
                future.set_exception(WorkerLost(3))
                return future

        classroom = Classroom(Assignment.find("tiny", course), None)
        with Journal(journal_path(course, "tiny"), writing=True) as journal:
            planned = list(plan(classroom.wanted(["right 00"], environment_here("bubblewrap")), journal, force=True))
            (done,) = classroom.grade(planned, journal, Losing(), 1)
        written = Result.from_json(classroom.result_file("right 00").read_text())
        assert written == Result.from_document(done.graded["result"])
        assert written.points is None
        assert "its worker was lost 3 times" in written.reason
        assert {row[2] for row in marks(course) if row[0] == "right 00"} == {None}

    def test_two_at_once_do_not_get_into_each_others_way(self, few, expected_of_few):
        path = few / ".stepgrade/tiny/journal.jsonl"
        path.parent.mkdir(parents=True)
        with Journal(path, writing=True):  # as a run holds it that is not done yet
            second = run(few, "grade", "tiny", code=3)
        assert "another command is grading tiny in this course; wait for it, or stop it" in second.stderr
        assert not journal_lines(few)
        run(few, "grade", "tiny")
        assert (results(few), marks(few)) == expected_of_few

    def test_a_gradebook_locked_for_twenty_seconds_holds_nothing_up_and_gets_everything(self, few, expected_of_few):
        with closing(sqlite3.connect(few / "gradebook.db", isolation_level=None)) as base:
            base.execute("begin immediate")
            process = subprocess.Popen(command(few, "grade", "tiny"), stderr=subprocess.DEVNULL)
            locked_until = time.monotonic() + 20
            while n_whole_lines(few) < len(FEW):
                time.sleep(0.1)
            assert process.poll() is None  # it waits for the gradebook alone
            time.sleep(max(0.0, locked_until - time.monotonic()))
            base.execute("rollback")
        assert process.wait(timeout=120) == 0
        assert (results(few), marks(few)) == expected_of_few

    def test_a_cluster_that_does_not_answer_is_named(self, course):
        pytest.importorskip("distributed", reason="install stepgrade[cluster] to test grading on a Dask cluster")
        answer = run(course, "grade", "tiny", "--cluster", "tcp://127.0.0.1:9", code=3)
        assert "no scheduler answers at tcp://127.0.0.1:9" in answer.stderr
        assert "Traceback" not in answer.stderr


def n_whole_lines(course):
    path = course / ".stepgrade/tiny/journal.jsonl"
    return path.read_bytes().count(b'\n{"graded') + 1 if path.exists() and path.stat().st_size else 0


def is_worker(process):
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False
