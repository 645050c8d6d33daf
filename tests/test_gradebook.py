"""Results in nbgrader's gradebook: row for row what plain nbgrader writes, in one transaction."""

from __future__ import annotations

import dataclasses
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
from nbgrader.api import Base, Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import BasePlugin
from sqlalchemy import Engine, create_engine, event, select
from sqlalchemy.exc import OperationalError
from traitlets.config import Config

from stepgrade.assignment import Assignment
from stepgrade.course.configuration import load_config
from stepgrade.course.gradebook import GradebookEntry, GradebookRecorder, GradebookUnavailable
from stepgrade.course.gradebook.database import GradebookDamaged
from stepgrade.course.work import Task, graded
from stepgrade.errors import StepgradeError
from stepgrade.result import EndState, Result
from tests import gradebook_class as school
from tests.postgres import Postgres, postgres
from tests.test_course import nbgrader

__all__ = ["postgres"]  # a fixture is found by its name in the module
pytestmark = pytest.mark.slow


class Round(NamedTuple):
    entries: list[GradebookEntry]
    plain: dict
    recorded: dict


class TwoGradebooks(NamedTuple):
    """One class, graded twice by plain nbgrader, and recorded twice from the same Results."""

    assignment: Assignment
    plain_url: str
    recorded_url: str
    rounds: list[Round]
    released: Path


def config_with(assignment: Assignment, db_url: str) -> Config:
    config = load_config(assignment.course)
    config.CourseDirectory.db_url = db_url
    return config


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> TwoGradebooks:
    folder = tmp_path_factory.mktemp("gradebook")
    tiny = school.make_course(folder / "course")
    database, recorded, released = tiny.course / "gradebook.db", folder / "recorded.db", folder / "released.db"
    for copied in (recorded, released):
        shutil.copy(database, copied)
    plain_url, recorded_url = school.sqlite_url(database), school.sqlite_url(recorded)
    recorder = GradebookRecorder(tiny, config_with(tiny, recorded_url))

    def autograded(extensions: dict) -> Round:
        nbgrader(tiny.course, "autograde", "tiny", "--force")
        entries = school.entries_of(tiny, extensions)
        recorder.record(entries)
        return Round(entries, school.rows_of(plain_url), school.rows_of(recorded_url))

    school.hand_in_first_round(tiny)
    first = autograded({})
    for url in (plain_url, recorded_url):
        school.work_between_the_rounds(url)
    school.grant_extensions(plain_url)
    school.hand_in_second_round(tiny)
    second = autograded(school.EXTENSIONS)
    return TwoGradebooks(tiny, plain_url, recorded_url, [first, second], released)


@pytest.fixture
def fresh(two, tmp_path):
    """A gradebook in which nothing was recorded yet."""
    shutil.copy(two.released, tmp_path / "fresh.db")
    return school.sqlite_url(tmp_path / "fresh.db")


def recorder_for(two: TwoGradebooks, db_url: str, **options: float) -> GradebookRecorder:
    return GradebookRecorder(two.assignment, config_with(two.assignment, db_url), **options)


def of(rows: dict, table: str, student: str, cell: str | None = None) -> dict:
    """Return the one row of a student (and a cell) in a table."""
    names = [name for name in (student, cell) if name is not None]
    found = [row for row in rows[table] if all(f"({name!r}," in repr(row["id"]) for name in names)]
    assert len(found) == 1, (table, names, len(found))
    return found[0]


def of_student(two: TwoGradebooks, student: str) -> GradebookEntry:
    return next(entry for entry in two.rounds[0].entries if entry.student == student)


def renamed(result: Result, student: str) -> Result:
    return dataclasses.replace(result, student=student)


def stored(db_url: str) -> dict[str, list]:
    """Return every row as it is stored, ids included."""
    engine = create_engine(db_url)
    with engine.connect() as connection:
        tables = Base.metadata.sorted_tables
        rows = {table.name: sorted(connection.execute(select(table)).all(), key=repr) for table in tables}
    engine.dispose()
    return rows


def path_of(db_url: str) -> Path:
    return Path(db_url.removeprefix("sqlite:///"))


def assert_as_plain(two: TwoGradebooks, db_url: str) -> None:
    assert school.rows_of(db_url) == two.rounds[0].plain


LATE = ("late", "excused", "ahead", "very_late", "late_damaged")


@pytest.mark.parametrize("number", [0, 1], ids=["first round", "second round"])
def test_every_row_is_the_one_that_plain_nbgrader_writes(two, number):
    plain, recorded = two.rounds[number].plain, two.rounds[number].recorded
    assert plain.keys() == recorded.keys()
    for table in plain:
        assert recorded[table] == plain[table], table


def test_the_class_holds_what_the_comparison_is_about(two):
    first, second = (number.recorded for number in two.rounds)
    penalties = {name: of(first, "submitted_notebook", name)["late_submission_penalty"] for name in LATE}
    assert penalties == {"late": 1.5, "excused": None, "ahead": 0.0, "very_late": 6.0, "late_damaged": 0.0}
    assert of(second, "submitted_notebook", "late")["late_submission_penalty"] == 1.0
    assert of(second, "submitted_notebook", "extended")["late_submission_penalty"] is None
    assert of(second, "submitted_notebook", "late_by_hand")["late_submission_penalty"] == 12.0
    assert of(first, "comment", "untouched", "halve_solution")["auto_comment"] == "No response."
    assert of(second, "comment", "untouched", "halve_solution")["auto_comment"] is None
    assert of(second, "comment", "deletes_cells", "halve_solution")["auto_comment"] == "No response."
    assert of(second, "comment", "untouched", "halve_solution")["manual_comment"] == "come and see me"
    by_hand = of(second, "grade", "graded_by_hand", "explain")
    assert (by_hand["auto_score"], by_hand["manual_score"], by_hand["extra_credit"]) == (None, 2.5, 0.5)
    assert of(second, "grade", "goes", "quarter")["auto_score"] is None
    ends = {entry.student: entry.result.end_state for entry in two.rounds[0].entries}
    assert {ends["damaged"], ends["missing"], ends["bob "]} == {
        EndState.DAMAGED,
        EndState.MISSING,
        EndState.GRADER_ERROR,
    }
    handed_in = {row["student_id"] for row in first["submitted_assignment"]}
    assert len(handed_in) == 21
    assert not {("missing",), ("bob ",), ("[ada]",)} & handed_in


def test_what_a_worker_sends_gives_the_rows_of_plain_nbgrader(two, fresh):
    recorder = recorder_for(two, fresh)
    recorder.record(two.rounds[0].entries)
    school.work_between_the_rounds(fresh)
    recorder.record([by_a_worker(two.assignment, entry) for entry in two.rounds[1].entries])
    assert school.rows_of(fresh) == two.rounds[1].plain


def by_a_worker(assignment: Assignment, entry: GradebookEntry) -> GradebookEntry:
    """Return the entry of a student as it comes from grading what lies in submitted/."""
    done = graded(Task(str(assignment.course), assignment.name, assignment.version, entry.student))
    result = Result.from_json(done["result"])
    return GradebookEntry(result, done["checksums"], done["timestamp"], entry.extension)


def test_recording_again_changes_nothing(two):
    before = stored(two.recorded_url)
    recorder_for(two, two.recorded_url).record(two.rounds[1].entries)
    assert stored(two.recorded_url) == before


def test_the_formgrader_lists_the_same_submissions(two):
    def listed(db_url: str) -> list:
        config = config_with(two.assignment, db_url)
        api = NbGraderAPI(coursedir=CourseDirectory(config=config), config=config)
        lists = [
            api.get_submissions("tiny"),
            api.get_notebook_submissions("tiny", "tiny"),
            api.get_students(),
            api.get_notebooks("tiny"),
            [api.get_assignment("tiny")],
            *(api.get_student_submissions(entry.student) for entry in two.rounds[1].entries),
        ]
        return [sorted(({**row, "id": ...} for row in rows), key=repr) for rows in lists if rows]

    recorded = listed(two.recorded_url)
    # nbgrader numbers the submissions of a notebook in the order of their random ids.
    indices = [row.pop("index") for row in recorded[1]]
    plain = listed(two.plain_url)
    assert sorted(indices) == sorted(row.pop("index") for row in plain[1])
    assert recorded == plain
    assert {row["student"] for row in recorded[0] if row["needs_manual_grade"]} >= {"explained", "graded_by_hand"}


def test_a_grader_error_of_a_notebook_that_was_read_is_no_mark_and_a_person_must_look(two, fresh):
    entry = of_student(two, "right")
    failed = dataclasses.replace(entry.result, end_state=EndState.GRADER_ERROR)
    recorder_for(two, fresh).record([dataclasses.replace(entry, result=failed)])
    rows = school.rows_of(fresh)
    grades = {row["cell_id"][0]: (row["auto_score"], row["needs_manual_grade"]) for row in rows["grade"]}
    nothing = (None, True)
    assert grades == dict.fromkeys(("halve", "quarter", "double", "draw", "undescribed"), nothing) | {
        "explain": (0.0, False)  # left as it was released: no mistake of the grader's
    }
    assert of(rows, "submitted_assignment", "right")["timestamp"] == school.DUE - timedelta(days=1)


def test_of_several_results_of_one_student_the_last_counts(two, fresh):
    right = of_student(two, "right")
    wrong = dataclasses.replace(of_student(two, "wrong"), result=renamed(of_student(two, "wrong").result, "right"))
    recorder_for(two, fresh).record([right, wrong])
    assert of(school.rows_of(fresh), "grade", "right", "halve")["auto_score"] == 0.0


def test_a_submission_from_before_a_cell_was_added_gets_a_row_for_it(two, fresh):
    entry = of_student(two, "right")
    with Gradebook(fresh) as gradebook:
        gradebook.add_student("right")
        gradebook.add_submission("tiny", "right")
        gradebook.db.delete(gradebook.find_grade("quarter", "tiny", "tiny", "right"))
        gradebook.db.commit()
    recorder_for(two, fresh).record([entry])
    assert of(school.rows_of(fresh), "grade", "right", "quarter")["auto_score"] == 6.0


def test_an_assignment_that_was_never_released_is_named_with_the_next_step(two, fresh):
    with Gradebook(fresh) as gradebook:
        gradebook.remove_assignment("tiny")
    with pytest.raises(StepgradeError, match="does not know tiny yet; run `stepgrade release tiny` first"):
        recorder_for(two, fresh).record(two.rounds[0].entries)


def test_an_assignment_that_only_has_a_due_date_was_never_released_either(two, fresh):
    with Gradebook(fresh) as gradebook:
        gradebook.remove_assignment("tiny")
        gradebook.add_assignment("tiny", duedate=school.DUE)
    with pytest.raises(StepgradeError, match="does not know tiny yet"):
        recorder_for(two, fresh).record(two.rounds[0].entries)


def test_a_question_that_the_gradebook_does_not_know_is_named_with_the_next_step(two, fresh):
    entry = of_student(two, "right")
    with Gradebook(fresh) as gradebook:
        gradebook.find_grade_cell("quarter", "tiny", "tiny").name = "third"
        gradebook.db.commit()
    with pytest.raises(StepgradeError, match="knows no graded cell quarter of tiny; run `stepgrade release tiny`"):
        recorder_for(two, fresh).record([entry])


def test_a_result_without_a_student_is_refused(two, fresh):
    entry = of_student(two, "right")
    nobody = dataclasses.replace(entry, result=dataclasses.replace(entry.result, student=None))
    with pytest.raises(ValueError, match="without a student"):
        recorder_for(two, fresh).record([nobody])


class Choosy(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        if student_id == "very_late":
            raise ZeroDivisionError("no hours")


def test_a_penalty_that_cannot_be_told_leaves_nothing_of_the_batch(two, fresh):
    before = stored(fresh)
    config = config_with(two.assignment, fresh)
    config.AssignLatePenalties.plugin_class = Choosy
    with pytest.raises(StepgradeError, match="Choosy could not tell the late penalty of very_late: ZeroDivisionError"):
        GradebookRecorder(two.assignment, config).record(two.rounds[0].entries)
    assert stored(fresh) == before


@pytest.mark.parametrize("way", ["not in the list", "not enabled"])
def test_a_course_without_the_late_step_has_no_penalties(two, fresh, way):
    config = config_with(two.assignment, fresh)
    if way == "not enabled":
        config.AssignLatePenalties.enabled = False
    else:
        config.Autograde.autograde_preprocessors = ["nbgrader.preprocessors.SaveAutoGrades"]
    GradebookRecorder(two.assignment, config).record(two.rounds[0].entries)
    assert {row["late_submission_penalty"] for row in school.rows_of(fresh)["submitted_notebook"]} == {None}


def test_an_extension_without_a_due_date_makes_nobody_late(two, fresh):
    with Gradebook(fresh) as gradebook:
        gradebook.update_or_create_assignment("tiny", duedate=None)
    entry = dataclasses.replace(of_student(two, "late"), extension=timedelta(hours=1))
    recorder_for(two, fresh).record([entry])
    assert of(school.rows_of(fresh), "submitted_notebook", "late")["late_submission_penalty"] is None


def test_an_extension_of_nothing_takes_an_earlier_one_away(two, fresh):
    for hours, expected in ((48, timedelta(hours=48)), (0, None)):
        entry = dataclasses.replace(of_student(two, "late"), extension=timedelta(hours=hours))
        recorder_for(two, fresh).record([entry])
        with Gradebook(fresh) as gradebook:
            assert gradebook.find_submission("tiny", "late").extension == expected


def test_a_large_batch_takes_a_handful_of_queries(two, fresh):
    late = of_student(two, "late")
    entries = [dataclasses.replace(late, result=renamed(late.result, f"s{number}")) for number in range(1000)]
    recorder = recorder_for(two, fresh)
    with counted_statements() as statements:
        recorder.record(entries)
    assert len(statements) < 40  # by the methods of nbgrader's Gradebook it would be dozens for each student
    assert len(school.rows_of(fresh)["grade"]) == 6 * len(entries)
    with counted_statements() as statements:
        recorder.record(entries)
    assert not [text for text in statements if text.startswith(("INSERT", "UPDATE", "DELETE"))]


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(connection, cursor, statement, *_):
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_a_locked_gradebook_is_said_and_is_recorded_in_when_it_is_free(two, fresh):
    recorder = recorder_for(two, fresh, lock_wait_s=0.2)
    before = stored(fresh)
    with closing(sqlite3.connect(path_of(fresh), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(GradebookUnavailable, match=r"fresh.db cannot be written now: database is locked; .* again"):
            recorder.record(two.rounds[0].entries)
        other.execute("ROLLBACK")
    assert stored(fresh) == before
    recorder.record(two.rounds[0].entries)
    assert_as_plain(two, fresh)


def test_a_gradebook_that_is_free_again_soon_is_waited_for(two, fresh):
    with closing(sqlite3.connect(path_of(fresh), isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.5, other.execute, ["ROLLBACK"])
        release.start()
        recorder_for(two, fresh).record(two.rounds[0].entries)
        release.join()
    assert_as_plain(two, fresh)


def test_a_full_disk_leaves_nothing_half_recorded(two, fresh):
    before = stored(fresh)
    pages = path_of(fresh).stat().st_size // 4096

    def no_more_pages(connection, _record):
        connection.execute(f"PRAGMA max_page_count = {pages + 1}")

    recorder = recorder_for(two, fresh)
    event.listen(Engine, "connect", no_more_pages)
    try:
        with pytest.raises(GradebookUnavailable, match="database or disk is full"):
            recorder.record(two.rounds[0].entries)
    finally:
        event.remove(Engine, "connect", no_more_pages)
    assert stored(fresh) == before
    recorder.record(two.rounds[0].entries)
    assert_as_plain(two, fresh)


def test_what_is_no_gradebook_is_said_to_be_none_and_left_alone(two, fresh):
    content = b"marks" * 1000
    path_of(fresh).write_bytes(content)
    with pytest.raises(GradebookDamaged, match=r"fresh.db is no gradebook: .*; put a backup in its place"):
        recorder_for(two, fresh).record(two.rounds[0].entries)
    assert path_of(fresh).read_bytes() == content


def test_a_gradebook_that_is_gone_for_a_while_is_not_made_anew(two, fresh):
    recorder = recorder_for(two, fresh)
    path = path_of(fresh)
    path.rename(path.with_suffix(".away"))
    with pytest.raises(GradebookUnavailable, match=r"fresh.db does not exist; put it back, or"):
        recorder.record(two.rounds[0].entries)
    assert not path.exists()
    path.with_suffix(".away").rename(path)
    recorder.record(two.rounds[0].entries)
    assert_as_plain(two, fresh)


def test_a_fault_that_does_not_pass_is_not_called_one_that_does(two, fresh):
    with closing(sqlite3.connect(path_of(fresh))) as other:
        other.execute("ALTER TABLE grade DROP COLUMN extra_credit")
        other.execute("ALTER TABLE grade DROP COLUMN auto_score")
    with pytest.raises(OperationalError, match="auto_score"):
        recorder_for(two, fresh).record(two.rounds[0].entries)


def test_two_recorders_at_once_do_not_double_anything(two, fresh):
    record_at_once(two, fresh)
    assert_as_plain(two, fresh)


def record_at_once(two: TwoGradebooks, db_url: str, times: int = 4) -> None:
    with ThreadPoolExecutor(times) as pool:
        recorders = [recorder_for(two, db_url) for _ in range(times)]
        for done in [pool.submit(recorder.record, two.rounds[0].entries) for recorder in recorders]:
            done.result()


def test_a_missing_driver_is_named_with_the_next_step(two):
    with pytest.raises(StepgradeError, match=r"needs the module psycopg2.*pip install"):
        recorder_for(two, "postgresql+psycopg2://nobody@localhost/nothing")


@pytest.fixture(scope="module")
def on_postgres(two: TwoGradebooks, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> TwoGradebooks:
    """The same class, released into a gradebook on PostgreSQL."""
    tiny = school.make_course(tmp_path_factory.mktemp("on_postgres") / "course", db_url=postgres.url())
    return two._replace(assignment=tiny, recorded_url=postgres.url())


@pytest.fixture
def fresh_on_postgres(on_postgres, postgres):
    """A gradebook on PostgreSQL in which nothing was recorded yet."""
    with psycopg.connect(postgres.url("template1").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS fresh")
        connection.execute("CREATE DATABASE fresh TEMPLATE postgres")
    return postgres.url("fresh")


@pytest.mark.database
def test_postgresql_holds_the_same_rows(on_postgres, fresh_on_postgres):
    recorder = recorder_for(on_postgres, fresh_on_postgres)
    first, second = on_postgres.rounds
    for _ in range(2):
        recorder.record(first.entries)
        assert school.rows_of(fresh_on_postgres) == first.plain
    school.work_between_the_rounds(fresh_on_postgres)
    for _ in range(2):
        recorder.record(second.entries)
        assert school.rows_of(fresh_on_postgres) == second.plain


@pytest.mark.database
def test_postgresql_that_is_stopped_is_said_and_is_recorded_in_when_it_runs_again(
    on_postgres, fresh_on_postgres, postgres
):
    recorder = recorder_for(on_postgres, fresh_on_postgres)
    half = len(on_postgres.rounds[0].entries) // 2
    recorder.record(on_postgres.rounds[0].entries[:half])
    postgres.stop()
    with pytest.raises(GradebookUnavailable, match="its server runs"):
        recorder.record(on_postgres.rounds[0].entries)
    postgres.start()
    recorder.record(on_postgres.rounds[0].entries)
    assert_as_plain(on_postgres, fresh_on_postgres)


@pytest.mark.database
def test_postgresql_that_goes_away_within_a_transaction_keeps_nothing_of_it(on_postgres, fresh_on_postgres, postgres):
    before = stored(fresh_on_postgres)

    def stop(connection, cursor, statement, *_):
        if statement.startswith("INSERT INTO grade"):
            postgres.stop()

    recorder = recorder_for(on_postgres, fresh_on_postgres)
    event.listen(Engine, "before_cursor_execute", stop)
    try:
        with pytest.raises(GradebookUnavailable):
            recorder.record(on_postgres.rounds[0].entries)
    finally:
        event.remove(Engine, "before_cursor_execute", stop)
        postgres.start()
    assert stored(fresh_on_postgres) == before
    recorder.record(on_postgres.rounds[0].entries)
    assert_as_plain(on_postgres, fresh_on_postgres)


@pytest.mark.database
def test_a_lock_on_postgresql_is_said_and_not_waited_for_without_end(on_postgres, fresh_on_postgres):
    recorder = recorder_for(on_postgres, fresh_on_postgres, lock_wait_s=0.2)
    with psycopg.connect(fresh_on_postgres.replace("+psycopg", "")) as other:
        other.execute("LOCK TABLE student")
        with pytest.raises(GradebookUnavailable, match="lock timeout"):
            recorder.record(on_postgres.rounds[0].entries)
    recorder.record(on_postgres.rounds[0].entries)
    assert_as_plain(on_postgres, fresh_on_postgres)


@pytest.mark.database
def test_two_recorders_at_once_do_not_double_anything_on_postgresql(on_postgres, fresh_on_postgres):
    record_at_once(on_postgres, fresh_on_postgres)
    assert_as_plain(on_postgres, fresh_on_postgres)
