"""The student's functions as something to call, when what they do ends their process or their whole session."""

from __future__ import annotations

import gc
import weakref

import pytest

from stepgrade.judge import Examination, Returned, Stopped
from stepgrade.notebook import Rescued, RunCell
from stepgrade.result import EndState
from stepgrade.sandbox import Limits, find_boundary
from stepgrade.student_code import StudentCode

LIMITS = Limits(call_cpu_s=0.5, wall_s=1, submission_wall_s=60)
ENDING = {
    "os._exit(1)": EndState.CRASHED,
    "os.kill(os.getpid(), 9)": EndState.CRASHED,
    "os.killpg(0, 9)": EndState.CRASHED,
    "while True: pass": EndState.TIMED_OUT,
    "signal.signal(signal.SIGALRM, signal.SIG_IGN); time.sleep(60)": EndState.TIMED_OUT,
}


@pytest.fixture
def code_of(tiny):
    opened = []

    def made(source):
        code = StudentCode("ab" * 32, LIMITS, find_boundary(), tiny)
        code.take(Rescued((RunCell("<cell 1>", source),), (), frozenset(), frozenset()))
        opened.append(code)
        return code

    yield made
    for code in opened:
        code.close()


@pytest.mark.parametrize("body", ENDING)
def test_the_call_that_ends_its_process_or_the_session_is_stopped_and_no_other(code_of, body):
    code = code_of(f"import os, signal, time\ndef f(x):\n    if x == 7:\n        {body}\n    return x")
    answers = code.further_answers("f", [(number,) for number in range(12)])
    assert [number for number, answer in enumerate(answers) if isinstance(answer, Stopped)] == [7]
    assert [answer.value for answer in answers if isinstance(answer, Returned)] == [*range(7), *range(8, 12)]
    assert code.states == [ENDING[body]]


def test_where_every_call_ends_the_session_each_is_stopped(code_of):
    code = code_of("import os\ndef f(x):\n    os.killpg(0, 9)")
    answers = code.further_answers("f", [(number,) for number in range(4)])
    assert [type(answer) for answer in answers] == [Stopped] * 4


@pytest.fixture
def without_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_calls_and_their_answers_go_without_the_garbage_collector(code_of, tiny, without_collector):
    (question, *_) = tiny.questions
    function = question.specification.function
    code = code_of(f"def {function}(*arguments):\n    return 1")
    examination = Examination(question.id, question.specification, "ab" * 32)
    gone = []
    for calls in code.answered([examination, examination]):
        examination.results(calls.answers)
        gone.append(weakref.ref(calls))
    del calls
    assert [calls() for calls in gone] == [None, None]
