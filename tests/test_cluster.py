"""A class run on Dask's distributed: a real scheduler and real workers, killed at bad moments."""

from __future__ import annotations

import contextlib
import gc
import json
import operator
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import wait

import psutil
import pytest

from stepgrade.course.work import Task
from stepgrade.course.work import graded as graded_for_real
from stepgrade.errors import StepgradeError
from stepgrade.run import ClassRun, ExecutorGone, Journal, LocalWorkers, NoCluster, Recorder, WorkerLost, cluster, plan
from tests import standin
from tests.conftest import COURSE
from tests.dask import START_S, Dask
from tests.standin import Gradebook, GradebookGone, grade_class, students, wanted

distributed = pytest.importorskip(
    "distributed", reason="the extra `cluster` is not installed: nothing about clusters is tested"
)

N_STUDENTS = 60


@pytest.fixture(scope="module")
def two_workers():
    """A cluster that no test harms."""
    with Dask() as dask:
        dask.start_worker("--no-nanny")
        dask.start_worker("--nanny")
        dask.wait_for_workers(2)
        yield dask


@pytest.fixture
def dask():
    """A cluster that a test can kill, without workers."""
    with Dask() as dask:
        yield dask


def traces():
    """Return what a connection could leave in this process."""
    process = psutil.Process()
    sockets = [one.laddr for one in process.net_connections() if one.status != psutil.CONN_TIME_WAIT]
    # The standard library keeps one process for all the pools that it has ever started.
    children = [child.pid for child in process.children() if "resource_tracker" not in " ".join(child.cmdline())]
    # Dask, too, keeps one thread for all large messages.
    threads = [thread.name for thread in threading.enumerate() if not thread.name.startswith("Dask-Offload")]
    return sorted(sockets), sorted(threads), sorted(children)


@pytest.fixture(autouse=True)
def nothing_left(two_workers):
    """Each test ends with the sockets, threads and child processes that it began with."""
    before = traces()
    yield
    until = time.monotonic() + START_S
    while traces() != before and time.monotonic() < until:
        time.sleep(0.05)
    assert traces() == before


def grade_on(address, folder, names, act="", window=standin.WINDOW, meanwhile=lambda n_done: None):
    """Grade a class of stand-ins on a cluster; return whom this run has graded, in order."""
    gradebook = Gradebook(folder / "gradebook.db")
    path = folder / "journal.jsonl"
    done = []
    with Journal(path, writing=True) as journal, cluster(address) as executor:
        recorder = Recorder(path, gradebook.record, GradebookGone)
        run = ClassRun(journal, executor, standin.work, standin.without_mark, recorder, window)
        for one in run.grade(list(plan(wanted(names, folder, act), journal))):
            done.append(one.planned.student)
            meanwhile(len(done))
    return done


def entries(folder):
    """Return every graded line of the journal, by student; each has one."""
    lines = map(json.loads, (folder / "journal.jsonl").read_text().splitlines())
    graded = [line["graded"] for line in lines if "graded" in line]
    assert len({one["student"] for one in graded}) == len(graded)
    return {one["student"]: one for one in graded}


def end_states(folder):
    return {student: one["end_state"] for student, one in entries(folder).items()}


ALL_GRADED = dict.fromkeys(students(N_STUDENTS), "graded")


class TestACluster:
    def test_gives_the_results_of_local_workers(self, two_workers, tmp_path):
        for where in ("here", "there"):
            (tmp_path / where).mkdir()
        grade_class(tmp_path / "here", students(20))
        graded = grade_on(two_workers.address, tmp_path / "there", students(20))
        assert sorted(graded) == students(20)
        assert entries(tmp_path / "there") == entries(tmp_path / "here")
        marks = [Gradebook(tmp_path / where / "gradebook.db").marks() for where in ("here", "there")]
        assert marks[0] == marks[1]

    @pytest.mark.slow
    def test_grades_notebooks_as_local_workers_do(self, two_workers, tiny, tiny_course, hand_in, submit):
        tiny.release_dir.mkdir(parents=True)
        shutil.copy(tiny.source_notebook, tiny.release_dir)
        submit("ada", hand_in())
        submit("bo", hand_in(double="def double(x):\n    return x"))
        tasks = [
            Task(str(tiny_course), "tiny", tiny.version, student, seed="07" * 16) for student in ("ada", "bo", "cy")
        ]
        with cluster(two_workers.address) as executor:
            there = [future.result() for future in [executor.submit(graded_for_real, task) for task in tasks]]
        with LocalWorkers(1) as workers:
            here = [future.result() for future in [workers.submit(graded_for_real, task) for task in tasks]]
        assert [untimed(done) for done in there] == [untimed(done) for done in here]

    def test_does_one_task_at_a_time_on_a_worker_of_several_threads(self, dask, tmp_path):
        dask.start_worker("--no-nanny", "--nthreads=3")
        dask.wait_for_workers(1)
        with cluster(dask.address) as executor:
            futures = [executor.submit(standin.be_alone, tmp_path) for _ in range(6)]
            assert [future.exception() for future in futures] == [None] * 6

    def test_whose_workers_are_not_alike_is_refused(self, two_workers):
        with cluster(two_workers.address) as executor:
            assert executor.alike(os.getcwd) == os.getcwd()  # noqa: PTH109 - any function will do
            with pytest.raises(NoCluster, match="are not alike"):
                executor.alike(os.getpid)

    def test_hands_over_the_error_of_a_task(self, two_workers):
        with cluster(two_workers.address) as executor:
            with pytest.raises(ZeroDivisionError):
                executor.submit(divmod, 1, 0).result()
            with pytest.raises(StepgradeError, match="no such thing"):
                executor.submit(graded_for_real, Task(str(COURSE), "no such thing", "1", "ada")).result()

    def test_gives_up_what_is_in_hand_when_it_is_left(self, two_workers):
        with cluster(two_workers.address) as executor:
            futures = [executor.submit(time.sleep, 1) for _ in range(50)]
        assert all(future.done() for future in futures)
        assert sum(future.cancelled() for future in futures) > 25
        with pytest.raises(RuntimeError, match="connection to the scheduler is closed"):
            executor.submit(time.sleep, 0)

    def test_keeps_its_threads_as_long_as_its_workers_live(self, two_workers):
        """A sandbox ends with the thread that has started it."""
        threads = set()
        for _ in range(2):
            with cluster(two_workers.address) as executor:
                for _ in range(2):
                    futures = [executor.submit(threading.get_native_id) for _ in range(20)]
                    threads |= {future.result() for future in futures}
                    time.sleep(0.2)
        assert len(threads) <= 2  # one of each worker


def untimed(done):
    result = json.loads(done["result"])
    del result["timing"]
    return done | {"result": result}


class TestWorkers:
    def test_are_needed(self, dask):
        with pytest.raises(NoCluster, match=f"has no workers; start some with `dask worker {dask.address}`"):
            use(dask.address)

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("package", "has"),
        [("__version__ = '0.0.9'", "'0.0.9'"), ("raise ModuleNotFoundError('no such thing')", "no such thing")],
    )
    def test_without_this_version_of_stepgrade_are_refused(self, dask, tmp_path, package, has):
        """A worker elsewhere has its own stepgrade, or none."""
        (tmp_path / "stepgrade" / "run").mkdir(parents=True)
        (tmp_path / "stepgrade" / "__init__.py").write_text(package)
        (tmp_path / "stepgrade" / "run" / "__init__.py").touch()
        cluster_module = "import stepgrade\ndef _version(): return stepgrade.__version__\n"
        (tmp_path / "stepgrade" / "run" / "cluster.py").write_text(cluster_module)
        dask.environment["PYTHONPATH"] = str(tmp_path)
        dask.start_worker("--no-nanny", cwd=tmp_path)
        dask.wait_for_workers(1)
        with pytest.raises(NoCluster, match=f"has not stepgrade .*{has}"):
            use(dask.address)


def use(address, **options):
    with cluster(address, **options):
        pass


class TestAnAddress:
    @pytest.mark.parametrize(
        "address", ["", "10.0.0.1:8786", "http://127.0.0.1:1", "tcp://127.0.0.1", "tcp://[::1", "tcp://:1"]
    )
    def test_of_another_form_is_refused(self, address):
        with pytest.raises(NoCluster, match="expected tls://HOST:PORT"):
            use(address)

    @pytest.mark.parametrize(
        "host", ["10.0.0.1", "grader.example", "127.0.0.1.example", "127.0.0.1@grader.example", "[::]"]
    )
    def test_that_is_not_encrypted_is_for_this_machine_only(self, host):
        with pytest.raises(NoCluster, match=r"is not encrypted.*--insecure-cluster"):
            use(f"tcp://{host}:8786")

    def test_that_is_not_encrypted_is_taken_on_demand(self, monkeypatch):
        monkeypatch.setattr(sys.modules[cluster.__module__], "CONNECT_TIMEOUT_S", 0.5)
        with pytest.raises(NoCluster, match="no scheduler answers at"):
            use("tcp://[::]:1", insecure=True)

    def test_that_is_encrypted_needs_certificates(self):
        with pytest.raises(NoCluster, match="DASK_DISTRIBUTED__COMM__TLS__CA_FILE"):
            use("tls://10.0.0.1:8786")

    def test_of_something_else_is_no_scheduler(self):
        answer = b"HTTP/1.0 400 Bad Request\r\n\r\n"
        with listening(answer) as address, pytest.raises(NoCluster, match="no scheduler answers"):
            use(address)

    @pytest.mark.slow
    def test_that_does_not_answer_is_given_up_soon_and_quietly(self, tmp_path):
        assert sys.modules[cluster.__module__].CONNECT_TIMEOUT_S == 10
        with listening() as silent:
            addresses = [silent, "tcp://127.0.0.1:1"]
            folders = [tmp_path / str(number) for number in range(2)]
            runs = [
                start_run(address, folder, 1, timeout_s=1) for address, folder in zip(addresses, folders, strict=True)
            ]
            messages = [run.communicate(timeout=START_S)[1] for run in runs]
        for run, address, message in zip(runs, addresses, messages, strict=True):
            assert message.startswith(f"stepgrade: no scheduler answers at {address} (")
            assert message.count("\n") == 1
            assert run.returncode == 3


# What the command does around a run.
PROGRAM = """
import logging, sys
from pathlib import Path
from stepgrade.errors import StepgradeError
from tests.standin import students
from tests.test_cluster import cluster, grade_on
logging.basicConfig(level=logging.WARNING)
address, folder, n, act, timeout_s = sys.argv[1:]
sys.modules[cluster.__module__].CONNECT_TIMEOUT_S = float(timeout_s)
try:
    grade_on(address, Path(folder), students(int(n)), act=act, window=1000)
except StepgradeError as error:
    print(f"stepgrade: {error}", file=sys.stderr)
    sys.exit(error.exit_code)
"""


def start_run(address, folder, n, act="", environment=None, timeout_s=10):
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-W", "error", "-c", PROGRAM, address, folder, str(n), act, str(timeout_s)]
    return subprocess.Popen(command, cwd=COURSE, env=environment, stderr=subprocess.PIPE, text=True)


@contextlib.contextmanager
def listening(answer: bytes = b""):
    """Yield the address of a program that takes connections and says what no scheduler says, or nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            with contextlib.suppress(OSError):
                while answer:
                    connection, _ = server.accept()
                    with connection:
                        connection.recv(10)
                        connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.slow
class TestALostWorker:
    def test_costs_nothing_while_another_one_is_left(self, dask, tmp_path):
        victim, _ = dask.start_worker("--no-nanny"), dask.start_worker("--no-nanny")
        dask.wait_for_workers(2)
        grade_on(dask.address, tmp_path, students(20), act="sleep", meanwhile=at(5, victim.kill))
        assert end_states(tmp_path) == dict.fromkeys(students(20), "graded")

    def test_costs_nothing_when_it_was_the_last_and_another_one_comes(self, dask, tmp_path):
        victim = dask.start_worker("--no-nanny")
        dask.wait_for_workers(1)

        def replace():
            victim.kill()
            dask.start_worker("--no-nanny")

        grade_on(dask.address, tmp_path, students(20), act="sleep", meanwhile=at(5, replace))
        assert end_states(tmp_path) == dict.fromkeys(students(20), "graded")

    def test_is_reported_with_the_times_that_the_scheduler_has_tried(self, tmp_path):
        with Dask(SCHEDULER__ALLOWED_FAILURES="1") as dask:
            dask.start_worker("--nanny")
            dask.wait_for_workers(1)
            with cluster(dask.address) as executor:
                task = standin.Task("ada", str(tmp_path), "kill every time")
                with pytest.raises(WorkerLost) as lost:
                    executor.submit(standin.work, task).result()
        assert lost.value.args == (4,)  # two, and once more alone two

    def test_is_one_submissions_fault_and_not_its_neighbours(self, tmp_path):
        with Dask(SCHEDULER__ALLOWED_FAILURES="0") as dask:
            dask.start_worker("--nanny")
            dask.wait_for_workers(1)
            with Journal(tmp_path / "journal.jsonl", writing=True) as journal, cluster(dask.address) as executor:
                recorder = Recorder(journal.path, lambda batch: None, GradebookGone)
                run = ClassRun(journal, executor, standin.work, standin.without_mark, recorder, 10)
                bad = wanted(["bad"], tmp_path, "kill every time")
                list(run.grade(list(plan(bad + wanted(students(10), tmp_path), journal))))
        assert end_states(tmp_path) == {"bad": "grader_error"} | dict.fromkeys(students(10), "graded")


@pytest.mark.slow
class TestATaskThatDoesNotEnd:
    def test_ends_with_its_worker_and_the_next_one_goes_on(self, tmp_path):
        with Dask(SCHEDULER__ALLOWED_FAILURES="0") as dask:
            dask.start_worker("--nanny")
            dask.wait_for_workers(1)
            with cluster(dask.address, patience_s=1) as executor:
                # It gives no other thread a turn, either.
                stuck = executor.submit(re.match, "(a+)+$", 60 * "a" + "b")
                assert isinstance(stuck.exception(timeout=START_S), WorkerLost)
                assert executor.submit(divmod, 7, 2).result(timeout=START_S) == (3, 1)

    def test_leaves_its_worker_alone_once_it_has_ended(self, dask):
        dask.start_worker("--no-nanny")
        dask.wait_for_workers(1)
        with cluster(dask.address, patience_s=0.5) as executor:
            first = executor.submit(os.getpid).result()
            time.sleep(1)
            assert executor.submit(os.getpid).result(timeout=START_S) == first


def at(n, act):
    """Return what acts once, when ``n`` are done."""
    return lambda n_done: act() if n_done == n else None


@pytest.mark.slow
class TestALostScheduler:
    @pytest.mark.parametrize(("n_done", "act"), [(1, ""), (10, "sleep"), (40, "")])
    def test_ends_the_run_and_the_next_one_does_the_rest(self, dask, two_workers, tmp_path, n_done, act):
        dask.start_worker("--no-nanny")
        dask.wait_for_workers(1)
        with pytest.raises(
            ExecutorGone, match=r"the workers are gone; \d+ Results are safe.*Run the same command again"
        ):
            grade_on(dask.address, tmp_path, students(N_STUDENTS), act, meanwhile=at(n_done, dask.scheduler.kill))
        assert n_done <= len(entries(tmp_path)) < N_STUDENTS
        rest = grade_on(two_workers.address, tmp_path, students(N_STUDENTS))
        assert end_states(tmp_path) == ALL_GRADED
        assert len(rest) < N_STUDENTS
        assert sorted(Gradebook(tmp_path / "gradebook.db").marks()) == students(N_STUDENTS)

    def test_leaves_no_task_pending(self, dask):
        """Also none whose result is on its way; the client's own executor forgets these."""
        dask.start_worker("--no-nanny")
        dask.wait_for_workers(1)
        with cluster(dask.address) as executor:
            futures = [executor.submit(operator.mul, "x", 200_000) for _ in range(300)]
            wait(futures[:40])
            dask.scheduler.kill()
            pending = wait(futures, timeout=START_S).not_done
            assert pending == set()
            assert any(future.cancelled() for future in futures)
            with pytest.raises(RuntimeError, match="connection to the scheduler is closed"):
                executor.submit(operator.mul, "x", 1)

    def test_is_told_in_one_line(self, dask, tmp_path):
        dask.start_worker("--no-nanny")
        dask.wait_for_workers(1)
        run = start_run(dask.address, tmp_path, 1000, act="sleep")
        wait_for_results(tmp_path)
        dask.scheduler.kill()
        message = run.communicate(timeout=START_S)[1]
        assert message.startswith("stepgrade: the workers are gone; ")
        assert message.count("\n") == 1
        assert run.returncode == 3


def wait_for_results(folder):
    until = time.monotonic() + START_S
    while not ((folder / "journal.jsonl").exists() and end_states(folder)) and time.monotonic() < until:
        time.sleep(0.05)


@pytest.mark.slow
def test_a_lost_coordinator_is_followed_by_the_next_one(two_workers, tmp_path):
    run = start_run(two_workers.address, tmp_path, N_STUDENTS, act="sleep")
    wait_for_results(tmp_path)
    run.kill()
    run.communicate()
    assert len(end_states(tmp_path)) < N_STUDENTS
    grade_on(two_workers.address, tmp_path, students(N_STUDENTS))
    assert end_states(tmp_path) == ALL_GRADED


@pytest.mark.slow
def test_what_the_coordinator_holds_is_the_window_and_not_the_class(two_workers, tmp_path):
    process, window = psutil.Process(), 200
    held = {}

    def count(n_done):
        if n_done in (1000, 2900):
            gc.collect()
            objects = gc.get_objects()
            n_results = sum(type(one) is dict and "filling" in one for one in objects)
            n_futures = sum(type(one).__name__ in ("Future", "FutureState") for one in objects)
            held[n_done] = n_results, n_futures, process.memory_info().rss / 2**20

    grade_on(two_workers.address, tmp_path, students(3000), window=window, meanwhile=count)
    assert len(end_states(tmp_path)) == 3000
    for n_results, n_futures, _ in held.values():
        assert n_results <= 2 * window  # what is being recorded, too
        assert n_futures <= 10 * window  # a task in hand has several, of both libraries
    assert held[2900][2] - held[1000][2] < 20, held


@pytest.fixture
def certificates(tmp_path):
    """Dask's settings for a certificate of an authority of our own, the same for everybody."""
    ca, key, request, cert = (str(tmp_path / name) for name in ("ca.pem", "key.pem", "request.pem", "cert.pem"))
    for options in (
        ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{ca}.key", "-out", ca, "-subj", "/CN=course"],
        ["req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", "/CN=127.0.0.1"],
        ["x509", "-req", "-in", request, "-CA", ca, "-CAkey", f"{ca}.key", "-CAcreateserial", "-out", cert],
    ):
        subprocess.run(["openssl", *options], check=True, capture_output=True)
    files = {"CA_FILE": ca}
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        files |= {f"{role}__CERT": cert, f"{role}__KEY": key}
    return {f"COMM__TLS__{name}": value for name, value in files.items()}


@pytest.mark.slow
def test_a_class_is_graded_over_an_encrypted_connection(certificates, tmp_path):
    names = {name.removeprefix("COMM__TLS__").lower(): value for name, value in certificates.items()}
    security = distributed.Security(
        tls_ca_file=names["ca_file"], tls_client_cert=names["client__cert"], tls_client_key=names["client__key"]
    )
    with Dask("tls", **certificates) as dask:
        dask.start_worker("--no-nanny")
        dask.wait_for_workers(1, security)
        trusted = start_run(dask.address, tmp_path / "trusted", 20, environment=dask.environment)
        plain = start_run(dask.address.replace("tls", "tcp"), tmp_path / "plain", 20, environment=dask.environment)
        assert trusted.communicate(timeout=START_S)[1] == ""
        assert "no scheduler answers" in plain.communicate(timeout=START_S)[1]
    assert end_states(tmp_path / "trusted") == dict.fromkeys(students(20), "graded")
