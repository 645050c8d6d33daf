"""A submission that uses up everything costs its own limits, and whoever is graded meanwhile nothing but time."""

from __future__ import annotations

import json
import multiprocessing
from multiprocessing import resource_tracker
from pathlib import Path

import pytest

from stepgrade.assignment import Assignment
from stepgrade.grade import Grader
from stepgrade.result import EndState
from stepgrade.sandbox import find_boundary
from tests.attacks.attack import Attack, Notebook
from tests.attacks.conftest import HONEST, LIMITS
from tests.attacks.generator import ATTACKS
from tests.attacks.watcher import Watcher

pytestmark = pytest.mark.slow

HEAVY = ("four gigabytes in an array", "four gigabytes in eight processes together", "two hundred processes",
         "two hundred megabytes are printed", "an endless loop in a cell")  # fmt: skip
# Behind Landlock, processes are counted in another way; the other limits are the same.
HEAVY_BEHIND = {"bubblewrap": HEAVY, "landlock": ("two hundred processes",)}
PATIENCE_S = 60

by_kind = pytest.mark.parametrize(
    ("kind", "attack"),
    [
        pytest.param(kind, attack, id=f"{kind}-{attack.name}")
        for kind, names in HEAVY_BEHIND.items()
        for attack in ATTACKS
        if attack.name in names
    ],
    scope="module",
)


def grade_heavily(course: Path, kind: str, submission: bytes, results: multiprocessing.SimpleQueue[str]) -> None:
    """Grade in a process of its own, as another worker of a class run would."""
    grader = Grader(Assignment.find("tiny", course), limits=LIMITS, boundary=find_boundary(kind))
    result = grader.grade(submission)
    results.put(result.to_json())


@by_kind
def test_whoever_is_graded_beside_a_heavy_submission_gets_full_marks(
    attack: Attack, attacked_course: Path, kind: str, grader: Grader, release: Notebook, watcher: Watcher
) -> None:
    resource_tracker.ensure_running()  # of multiprocessing; it stays until this process ends
    before = watcher.look()
    context = multiprocessing.get_context("spawn")
    results = context.SimpleQueue()
    submission = attack.submission(release)
    other = context.Process(target=grade_heavily, args=(attacked_course, kind, submission, results))
    other.start()
    try:
        honest = []
        while other.is_alive() and results.empty() and len(honest) < 50:
            honest.append(grader.grade(HONEST.submission(release)))
        heavy = json.loads(results.get())
    finally:
        other.join(PATIENCE_S)
        assert other.exitcode == 0

    assert honest
    assert {(result.points, result.end_state) for result in honest} == {(10.0, EndState.GRADED)}
    assert heavy["points"] == 0.0
    assert heavy["end_state"] in attack.ends_behind(kind)
    other.close()
    results.close()
    assert watcher.left_since(before) == []


@by_kind
def test_the_same_grader_goes_on_after_a_heavy_submission(attack: Attack, grader: Grader, release: Notebook) -> None:
    for _ in range(2):
        assert grader.grade(attack.submission(release)).points == 0.0
        assert grader.grade(HONEST.submission(release)).points == 10.0
