"""A grade is a pure function of submission, question version, seed and environment."""

from __future__ import annotations

import dataclasses
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import pytest

from stepgrade.assignment import Assignment
from stepgrade.grade import Grader
from stepgrade.result import Result
from stepgrade.sandbox import Limits, find_boundary

LIMITS = Limits(cell_cpu_s=0.5, call_cpu_s=0.5, wall_s=3)
ODD = {
    "right": {},
    "wrong": {"halve": "def halve(x):\n    return x"},
    "random": {"halve": "import random, numpy\ndef halve(x):\n    return x * random.random() + numpy.random.rand()"},
    "the order of a set": {"double": "def double(x):\n    return x * list({'a', 'b', 'c', 'd'}).index('a')"},
    "an address in a message": {"double": "raise ValueError(object())"},
    "an endless call": {"double": "def double(x):\n    while True: pass"},
    "an exit": {"double": "import os\ndef double(x):\n    os._exit(7)"},
    "too much memory": {"double": "import numpy as np\ndef double(x):\n    return np.ones(10**11)"},
    "a file that is not there": {"double": "open('none')\ndef double(x):\n    return x"},
    "a cell that ends the session": {"halve": "import os\nos._exit(1)"},
}


def without_timing(result: Result) -> str:
    return dataclasses.replace(result, timing={}).to_json()


def grade_all(course, submissions: list[tuple[str, bytes]]) -> dict[str, str]:
    grader = Grader(Assignment.find("tiny", course), limits=LIMITS)
    return {student: without_timing(grader.grade(content, student)) for student, content in submissions}


@pytest.fixture
def submissions(hand_in) -> list[tuple[str, bytes]]:
    return [(student, hand_in(**cells)) for student, cells in ODD.items()]


def test_the_order_of_grading_changes_no_byte_of_a_result(tiny_course, submissions):
    forwards = grade_all(tiny_course, submissions)
    assert grade_all(tiny_course, submissions[::-1]) == forwards


def test_the_number_of_workers_changes_no_byte_of_a_result(tiny_course, submissions):
    alone = grade_all(tiny_course, submissions)
    together: dict[str, str] = {}
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as workers:
        for some in workers.map(grade_all, [tiny_course] * 2, [submissions[::2], submissions[1::2]]):
            together |= some
    assert together == alone


def test_behind_any_boundary_or_none_everything_but_its_name_is_the_same(tiny, submissions):
    def graded(kind):
        grader = Grader(tiny, limits=LIMITS, boundary=find_boundary(kind))
        results = [grader.grade(content, student) for student, content in submissions]
        return [without_timing(dataclasses.replace(result, environment={}, replay="")) for result in results]

    assert graded("none") == graded("bubblewrap") == graded("landlock")


def test_a_result_is_replayed_from_its_seed_without_the_secret(tiny, hand_in):
    content = hand_in(**ODD["random"])
    first = Grader(tiny, secret=b"kept elsewhere").grade(content, "ada")
    again = Grader(tiny).grade(content, "ada", seed=first.seed)
    assert without_timing(dataclasses.replace(again, demo_key=False)) == without_timing(first)


def test_no_address_stands_in_a_result(tiny, hand_in):
    result = Grader(tiny).grade(hand_in(**ODD["an address in a message"]))
    assert "ValueError: <object object at 0x...>" in result.question("double").first_finding.message
