"""A class run: plan, journal, workers, recording; with a stand-in for grading."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial

import psutil
import pytest

from stepgrade.run import (
    ClassRun,
    ExecutorGone,
    Journal,
    JournalUnusable,
    LocalWorkers,
    Reason,
    Recorder,
    RunInProgress,
    TookTooLong,
    WorkerLost,
    plan,
)
from tests import standin
from tests.conftest import COURSE
from tests.standin import Gradebook, GradebookGone, grade_class, graded, students, wanted


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def graded_lines(path):
    return [line["graded"]["student"] for line in lines_of(path) if "graded" in line]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.jsonl"


class TestTheJournal:
    def test_holds_what_was_appended_when_it_is_opened_again(self, path):
        with Journal(path, writing=True) as journal:
            journal.append([graded("ada"), graded("bo")])
        with Journal(path) as journal:
            assert journal.students == ("ada", "bo")
            assert journal.graded("bo") == graded("bo")

    def test_counts_the_latest_line_of_a_student(self, path):
        with Journal(path, writing=True) as journal:
            journal.append([graded("ada", "grader_error"), graded("bo"), graded("ada")])
            assert journal.latest("ada").end_state == "graded"
            assert [one["end_state"] for one in journal.history("ada")] == ["grader_error", "graded"]

    def test_gives_the_lines_of_everyone_who_has_several(self, path):
        with Journal(path, writing=True) as journal:
            journal.append([graded("cy"), graded("bo"), graded("ada", "grader_error")])
            journal.mark_recorded({"bo": 0})
            journal.append([graded("cy", "timed_out"), graded("ada")])
        with Journal(path) as journal:
            histories = [[(one["student"], one["end_state"]) for one in lines] for lines in journal.repeated()]
        assert histories == [
            [("ada", "grader_error"), ("ada", "graded")],
            [("cy", "graded"), ("cy", "timed_out")],
        ]

    @pytest.mark.parametrize("cut", [1, 10, 4000])
    def test_forgets_a_line_that_a_crash_cut_short(self, path, cut):
        with Journal(path, writing=True) as journal:
            journal.append([graded("ada"), graded("bo")])
        whole = path.read_bytes()
        path.write_bytes(whole[:-cut])
        with Journal(path, writing=True) as journal:
            assert journal.students == ("ada",)
            journal.append([graded("cy")])
        with Journal(path) as journal:
            assert journal.students == ("ada", "cy")
            assert journal.graded("cy") == graded("cy")

    def test_can_be_read_while_it_is_written(self, path):
        with Journal(path, writing=True) as journal:
            journal.append([graded("ada")])
            with Journal(path) as reader:
                assert reader.students == ("ada",)

    def test_is_empty_before_the_first_run(self, path):
        with Journal(path) as journal:
            assert journal.students == ()

    def test_has_one_writer(self, path):
        with Journal(path, writing=True), pytest.raises(RunInProgress, match="another command is grading"):
            Journal(path, writing=True).__enter__()

    def test_that_cannot_be_locked_is_refused_with_the_reason(self, path, monkeypatch):
        def refuse(*_):
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

        monkeypatch.setattr(fcntl, "flock", refuse)
        with pytest.raises(JournalUnusable, match=r"cannot be locked \(No locks available\); put the course on"):
            Journal(path, writing=True).__enter__()

    def test_whose_folder_cannot_be_made_is_refused_with_the_reason(self, tmp_path):
        (tmp_path / "in the way").touch()
        with pytest.raises(JournalUnusable, match=r"cannot be written \(.+\); look whose"):
            Journal(tmp_path / "in the way" / "journal.jsonl", writing=True).__enter__()

    def test_of_something_else_is_refused_by_its_place(self, path):
        path.write_text('{"graded": 5}\n')
        with pytest.raises(JournalUnusable, match="byte 0: not a line of a journal"):
            Journal(path).__enter__()

    def test_knows_what_the_gradebook_does_not_have(self, path):
        with Journal(path, writing=True) as journal:
            journal.append([graded("ada"), graded("bo")])
            journal.mark_recorded({"ada": journal.latest("ada").position})
        with Journal(path, writing=True) as journal:
            assert list(journal.unrecorded()) == ["bo"]
            journal.append([graded("ada")])
            assert list(journal.unrecorded()) == ["ada", "bo"]

    def test_keeps_what_it_holds_when_the_disk_is_full(self, path):
        program = """
import resource, signal, sys
from pathlib import Path
from stepgrade.run import Journal
from tests.standin import graded
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Journal(Path(sys.argv[1]), writing=True) as journal:
    journal.append([graded("ada")])
    resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))
    journal.append([graded("bo")])
"""
        full = subprocess.run([sys.executable, "-c", program, path], cwd=COURSE, capture_output=True, text=True)
        assert "cannot be written (No space left on device); what it holds is safe" in full.stderr
        assert path.read_bytes().endswith(b"}\n")
        with Journal(path, writing=True) as journal:
            assert journal.students == ("ada",)


class TestThePlan:
    @pytest.fixture
    def journal(self, path):
        with Journal(path, writing=True) as journal:
            journal.append([graded("ada")])
            yield journal

    def planned(self, journal, tmp_path, **changed):
        (one,) = wanted(["ada"], tmp_path)
        key = type(one.key)(**{name: getattr(one.key, name) for name in one.key.__slots__} | changed)
        return [done.reason for done in plan([type(one)(one.task, key)], journal)]

    def test_leaves_alone_what_would_come_out_the_same(self, journal, tmp_path):
        assert self.planned(journal, tmp_path) == []

    @pytest.mark.parametrize(
        ("changed", "reason"),
        [
            ({"hand_in": "other"}, Reason.HANDED_IN_ANEW),
            ({"seed": "1"}, Reason.SEED),
            ({"assignment_version": "2"}, Reason.QUESTIONS),
            ({"environment": "elsewhere"}, Reason.ENVIRONMENT),
        ],
    )
    def test_has_what_was_made_from_something_else(self, journal, tmp_path, changed, reason):
        assert self.planned(journal, tmp_path, **changed) == [reason]

    def test_has_whom_the_grader_failed_on(self, journal, tmp_path):
        journal.append([graded("ada", "grader_error")])
        assert self.planned(journal, tmp_path) == [Reason.GRADER_ERROR]

    def test_has_whose_folder_is_gone(self, journal, tmp_path):
        (one,) = wanted(["ada"], tmp_path)
        gone = type(one)(one.task, one.key, has_folder=False)
        assert [planned.reason for planned in plan([gone], journal)] == [Reason.NO_FOLDER]

    def test_has_everybody_when_forced(self, journal, tmp_path):
        assert [one.reason for one in plan(wanted(["ada"], tmp_path), journal, force=True)] == [Reason.FORCED]


def test_a_submission_that_the_grader_does_not_get_through_has_no_mark_says_so_and_is_tried_once(tmp_path, path):
    class Stuck(Executor):
        n_submitted = 0

        def submit(self, fn, /, *args, **kwargs):
            self.n_submitted += 1
            future = Future()
            future.set_exception(TookTooLong("it was not done after 9 s"))
            return future

    executor = Stuck()
    with Journal(path, writing=True) as journal:
        run = ClassRun(journal, executor, standin.work, standin.without_mark, recorder_of(path), 2)
        list(run.grade(list(plan(wanted(["ada"], tmp_path), journal))))
        result = journal.graded("ada")["result"]
    assert (result["end_state"], executor.n_submitted) == ("grader_error", 1)
    assert "the grader did not get through it: it was not done after 9 s" in result["reason"]


class TestLocalWorkers:
    def test_a_dead_worker_costs_the_task_in_hand_only(self, tmp_path):
        tasks = [
            standin.Task(name, str(tmp_path), "kill every time" * (number == 3))
            for number, name in enumerate("abcdefgh")
        ]
        with LocalWorkers(2) as workers:
            futures = [workers.submit(standin.work, task) for task in tasks]
            errors = [type(future.exception()) for future in futures]
        assert errors == [type(None)] * 3 + [WorkerLost] + [type(None)] * 4

    def test_one_that_dies_while_it_starts_costs_no_task(self, tmp_path):
        with LocalWorkers(1, partial(standin.die_at_the_first_starts, tmp_path, 2)) as workers:
            assert workers.submit(divmod, 7, 2).result() == (3, 1)
        assert len(list(tmp_path.iterdir())) == 3

    def test_ones_that_never_start_are_given_up(self, tmp_path):
        with (
            LocalWorkers(1, partial(standin.die_at_the_first_starts, tmp_path, 1000)) as workers,
            pytest.raises(ExecutorGone, match="end while they start, 5 times in a row; look at the memory limit"),
        ):
            workers.submit(divmod, 7, 2).result()

    def test_one_that_does_not_start_ends_nothing_while_another_gets_on(self, tmp_path, monkeypatch):
        monkeypatch.setattr("stepgrade.run.workers.MOST_STARTS", 2)
        with LocalWorkers(2, partial(standin.die_at_most_starts, tmp_path, 6)) as workers:
            while len(list(tmp_path.iterdir())) < 7:
                workers.submit(time.sleep, 0.01).result()

    def test_one_in_the_place_of_another_prepares_itself_too(self, tmp_path):
        with LocalWorkers(1, partial(standin.die_at_the_first_starts, tmp_path, 0)) as workers:
            assert isinstance(workers.submit(os.kill, workers.submit(os.getpid).result(), 9).exception(), WorkerLost)
            assert workers.submit(divmod, 7, 2).result() == (3, 1)
        assert len(list(tmp_path.iterdir())) == 2

    def test_each_stays_on_its_core_and_so_does_one_in_its_place(self, monkeypatch):
        core = max(os.sched_getaffinity(0))
        monkeypatch.setattr("stepgrade.run.workers.own_cores", lambda n_workers: (core,))
        with LocalWorkers(1) as workers:
            first = workers.submit(os.getpid).result()
            assert workers.submit(os.sched_getaffinity, 0).result() == {core}
            workers.submit(os.kill, first, 9).exception()
            assert workers.submit(os.sched_getaffinity, 0).result() == {core}

    def test_one_whose_core_was_taken_away_runs_on_any(self, monkeypatch):
        monkeypatch.setattr("stepgrade.run.workers.own_cores", lambda n_workers: (9_999,))
        with LocalWorkers(1) as workers:
            assert workers.submit(os.sched_getaffinity, 0).result() == os.sched_getaffinity(0)

    def test_ones_that_start_are_not_met_by_ctrl_c_and_what_they_start_can_be(self):
        with LocalWorkers(1) as workers:
            blocked = signal.pthread_sigmask, signal.SIG_BLOCK, ()
            assert workers.submit(*blocked).result() == set()
            assert workers.submit(signal.getsignal, signal.SIGINT).result() == signal.SIG_IGN
            assert workers._threads.submit(*blocked).result() == {signal.SIGINT}

    def test_what_preparing_raises_is_told_to_who_asks(self):
        with LocalWorkers(1, partial(divmod, 1, 0)) as workers, pytest.raises(ZeroDivisionError):
            workers.submit(divmod, 7, 2).result()

    def test_a_task_that_does_not_end_is_ended_with_its_process_and_the_next_one_goes_on(self):
        with LocalWorkers(1, patience_s=0.5) as workers:
            first = workers.submit(os.getpid).result()
            stuck = workers.submit(time.sleep, 60)
            assert isinstance(stuck.exception(), TookTooLong)
            assert workers.submit(os.getpid).result() != first
        assert not psutil.pid_exists(first)

    def test_a_time_out_of_the_tasks_own_is_its_error_and_ends_no_process(self, tmp_path):
        with LocalWorkers(1, patience_s=60) as workers:
            first = workers.submit(os.getpid).result()
            assert type(workers.submit(standin.raise_timeout).exception()) is TimeoutError
            assert workers.submit(os.getpid).result() == first

    def test_an_error_of_the_task_is_the_tasks(self):
        with LocalWorkers(1) as workers, pytest.raises(ZeroDivisionError):
            workers.submit(divmod, 1, 0).result()

    def test_end_when_the_run_is_given_up(self):
        workers = LocalWorkers(1)
        future = workers.submit(time.sleep, 60)
        while not future.running() or not children():
            time.sleep(0.01)
        workers.kill()
        assert isinstance(future.exception(timeout=30), WorkerLost)
        workers.shutdown()

    def test_end_when_the_coordinator_is_killed(self, tmp_path):
        run = start(tmp_path, 1000, act="sleep")
        workers = wait_for_workers(run)
        run.kill()
        run.wait()
        _, alive = psutil.wait_procs(workers, timeout=20)
        assert alive == []


def children(process=None):
    own = (process or psutil.Process()).children()
    return [child for child in own if "spawn_main" in " ".join(command_of(child))]


def command_of(process):
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


def start(folder, n, act=""):
    return subprocess.Popen([sys.executable, "-m", "tests.standin", folder, str(n), act], cwd=COURSE)


def wait_for_workers(run):
    process = psutil.Process(run.pid)
    while len(workers := children(process)) < standin.N_WORKERS and run.poll() is None:
        time.sleep(0.01)
    return workers


class Gone(Executor):
    """One whose scheduler is lost."""

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        future.cancel()
        future.set_running_or_notify_cancel()
        return future


class TestARun:
    def test_grades_everybody_once_and_records_them(self, tmp_path):
        names = students(50)
        assert sorted(grade_class(tmp_path, names)) == names
        assert sorted(Gradebook(tmp_path / "gradebook.db").marks()) == names

    def test_of_a_class_that_has_not_changed_does_nothing(self, tmp_path):
        grade_class(tmp_path, students(20))
        assert grade_class(tmp_path, students(20)) == []

    def test_grades_again_whose_worker_died(self, tmp_path):
        grade_class(tmp_path, students(20), act="kill once")
        with Journal(tmp_path / "journal.jsonl") as journal:
            assert [journal.latest(name).end_state for name in students(20)] == ["graded"] * 20

    def test_reports_whose_worker_dies_every_time_and_goes_on(self, tmp_path):
        grade_class(tmp_path, ["ada"], act="kill every time")
        assert grade_class(tmp_path, ["bo"]) == ["bo"]
        with Journal(tmp_path / "journal.jsonl") as journal:
            assert journal.latest("ada").end_state == "grader_error"
            assert journal.latest("ada").points is None
            assert "its worker was lost 3 times" in journal.graded("ada")["result"]["reason"]

    def test_tries_again_whom_the_grader_failed_on_and_then_reports_it(self, tmp_path, path):
        grade_class(tmp_path, ["ada"], act="fail every time")
        assert graded_lines(path) == ["ada"]

    def test_gives_a_worker_what_is_known_already(self, tmp_path, path):
        grade_class(tmp_path, ["ada"])
        known = []
        with Journal(path, writing=True) as journal, ThreadPoolExecutor(1) as workers:
            recorder = Recorder(path, lambda batch: None, GradebookGone)

            def work(task):
                known.append(task.known)
                return standin.finished(task.student)

            run = ClassRun(journal, workers, work, standin.without_mark, recorder, 1)
            (done,) = run.grade(list(plan(wanted(["ada"], tmp_path, version="2"), journal)))
        assert [json.loads(text) for text in known] == [graded("ada")["result"]]
        assert done.before == graded("ada")

    def test_that_finds_its_executor_gone_says_what_is_safe(self, tmp_path, path):
        with Journal(path, writing=True) as journal:
            run = ClassRun(journal, Gone(), standin.work, standin.without_mark, recorder_of(path), 2)
            with pytest.raises(ExecutorGone, match="0 Results are safe"):
                list(run.grade(list(plan(wanted(["ada"], tmp_path), journal))))

    def test_that_finds_its_gradebook_gone_as_well_tells_both_and_the_cause_first(self, tmp_path, path):
        def record(batch):
            raise ValueError("no gradebook")

        with Journal(path, writing=True) as journal:
            journal.append([graded("bo")])
            run = ClassRun(journal, Gone(), standin.work, standin.without_mark, recorder_of(path, record), 2)
            with pytest.raises(ExecutorGone, match="1 Results are safe") as ended:
                list(run.grade(list(plan(wanted(["ada"], tmp_path), journal))))
        assert str(ended.value.also) == "no gradebook"

    def test_whose_workers_never_start_ends_and_takes_no_mark_away(self, tmp_path, path):
        grade_class(tmp_path, students(3))
        (tmp_path / "starts").mkdir()
        never = partial(standin.die_at_the_first_starts, tmp_path / "starts", 1000)
        with Journal(path, writing=True) as journal, LocalWorkers(1, never) as workers:
            run = ClassRun(journal, workers, standin.work, standin.without_mark, recorder_of(path), 1)
            with pytest.raises(ExecutorGone, match=r"end while they start.*3 Results are safe"):
                list(run.grade(list(plan(wanted(students(3), tmp_path), journal, force=True))))
        assert sorted(graded_lines(path)) == students(3)

    @pytest.mark.slow
    def test_that_is_killed_at_any_moment_loses_nothing_and_doubles_nothing(self, tmp_path, path):
        names = students(10_000)
        rng = random.Random(7)  # noqa: S311 - moments, not secrets
        for _ in range(10):
            run = start(tmp_path, len(names))
            wait_for_workers(run)
            time.sleep(rng.uniform(0.0, 0.6))
            run.kill()
            assert run.wait() == -signal.SIGKILL
        before = len(graded_lines(path)) if path.exists() else 0
        assert start(tmp_path, len(names)).wait(timeout=120) == 0
        lines = graded_lines(path)
        assert sorted(lines) == names  # each of them once
        assert before < len(names)
        assert sorted(Gradebook(tmp_path / "gradebook.db").marks()) == names

    @pytest.mark.slow
    def test_whose_workers_are_killed_at_any_moment_loses_nothing(self, tmp_path, path):
        run = start(tmp_path, 3000)
        rng = random.Random(7)  # noqa: S311 - moments, not secrets
        process = psutil.Process(run.pid)
        n_killed, n_before = 0, 0
        while run.poll() is None:
            n_now = path.read_bytes().count(b'{"graded"') if path.exists() else 0
            # Where nothing gets done between many deaths, a run ends, and rightly.
            if n_now > n_before and (workers := children(process)):
                try:
                    rng.choice(workers).kill()
                except psutil.NoSuchProcess:
                    continue
                n_killed, n_before = n_killed + 1, n_now
            time.sleep(rng.uniform(0.3, 0.6))
        assert run.returncode == 0
        assert n_killed >= 3
        assert sorted(graded_lines(path)) == students(3000)
        with Journal(path) as journal:
            assert {journal.latest(name).end_state for name in journal.students} <= {"graded"}

    @pytest.mark.slow
    def test_of_ten_thousand_needs_about_the_memory_of_one_of_a_thousand(self, tmp_path):
        peaks = {}
        for n in (1000, 10_000):
            folder = tmp_path / str(n)
            folder.mkdir()
            run = start(folder, n)
            process, peak = psutil.Process(run.pid), 0
            while run.poll() is None:
                try:
                    peak = max(peak, process.memory_info().rss)
                except psutil.NoSuchProcess:
                    break
                time.sleep(0.02)
            assert run.wait() == 0
            peaks[n] = peak / 2**20
        assert peaks[10_000] - peaks[1000] < 15, peaks  # what a student leaves in memory: 1 kB, not a Result


def recorder_of(path, record=lambda batch: None):
    return Recorder(path, record, GradebookGone)


class TestRecording:
    @pytest.fixture
    def journal(self, path):
        with Journal(path, writing=True) as journal:
            journal.append([graded(name) for name in students(450)])
            yield journal

    def put_all(self, recorder, journal):
        for name in journal.students:
            recorder.put(name, journal.latest(name).position)

    def test_goes_in_batches(self, journal, path):
        batches = []
        recorder = recorder_of(path, batches.append)
        self.put_all(recorder, journal)
        recorder.start()
        recorder.close()
        assert [len(batch) for batch in batches] == [200, 200, 50]
        assert [entry["student"] for batch in batches for entry in batch] == students(450)
        assert recorder.recorded().keys() == set(students(450))

    def test_waits_for_a_gradebook_that_is_gone_for_a_while(self, journal, path, monkeypatch):
        monkeypatch.setattr("stepgrade.run.recorder.RETRY_S", 0.01)
        attempts = []

        def record(batch):
            attempts.append(len(batch))
            if len(attempts) < 5:
                raise GradebookGone

        recorder = recorder_of(path, record)
        self.put_all(recorder, journal)
        recorder.start()
        recorder.close()
        assert attempts == [200] * 5 + [200, 50]

    def test_ends_with_the_error_of_a_journal_that_cannot_be_read(self, journal, path):
        batches = []
        recorder = recorder_of(path, batches.append)
        self.put_all(recorder, journal)
        path.rename(path.with_name("elsewhere"))
        recorder.start()
        with pytest.raises(FileNotFoundError):
            recorder.close()
        assert batches == []

    def test_does_not_hold_up_the_run(self, tmp_path, path):
        release = threading.Event()
        done = []
        with Journal(path, writing=True) as journal, ThreadPoolExecutor(2) as workers:
            recorder = recorder_of(path, lambda batch: release.wait(60))
            run = ClassRun(journal, workers, standin.work, standin.without_mark, recorder, 4)
            for one in run.grade(list(plan(wanted(students(300), tmp_path), journal))):
                done.append(one.planned.student)
                if len(done) == 300:
                    release.set()  # nothing was recorded until now
        assert len(done) == 300

    def test_that_stays_impossible_is_an_error_in_the_end_and_done_by_the_next_run(self, tmp_path, path, monkeypatch):
        monkeypatch.setattr("stepgrade.run.recorder.PATIENCE_S", 0.02)
        monkeypatch.setattr("stepgrade.run.recorder.RETRY_S", 0.01)

        def gone(batch):
            raise GradebookGone("no gradebook")

        def run(record):
            with Journal(path, writing=True) as journal, ThreadPoolExecutor(2) as workers:
                recorder = recorder_of(path, record)
                class_run = ClassRun(journal, workers, standin.work, standin.without_mark, recorder, 4)
                return [
                    one.planned.student for one in class_run.grade(list(plan(wanted(students(5), tmp_path), journal)))
                ]

        with pytest.raises(GradebookGone, match="no gradebook"):
            run(gone)
        batches = []
        assert run(batches.append) == []  # nothing is graded again
        assert [entry["student"] for batch in batches for entry in batch] == students(5)


def test_the_limit_of_open_files_is_not_what_a_run_needs(tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    before = psutil.Process().num_fds()
    grade_class(tmp_path, students(10))
    assert psutil.Process().num_fds() <= before + 2, limits
