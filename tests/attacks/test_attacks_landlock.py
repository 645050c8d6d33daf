"""The same attacks, behind Landlock: those that the boundary has to do with.

All that fail behind it run with ``LANDLOCK_ATTACKS=all pytest tests/attacks/test_attacks_landlock.py``. The others meet
what every kind of world has: the same channel, judge and limits.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.attacks import exhausting
from tests.attacks.attack import Attack, Kind
from tests.attacks.generator import ATTACKS
from tests.attacks.test_attacks import parameters

pytestmark = pytest.mark.slow

ALL = os.environ.get("LANDLOCK_ATTACKS") == "all"
AROUND = (Kind.SEARCHING, Kind.WRITING, Kind.PROCESSES, Kind.DESCRIPTORS, Kind.REACHING)


def chosen(attack: Attack) -> bool:
    if "landlock" not in attack.kinds or ALL:
        return "landlock" in attack.kinds
    if attack.slow:  # meets a limit of time, the same in every world; but whoever watches over one stops processes, too
        return attack.name == "the session stops itself"
    return attack.kind in AROUND or attack in (*exhausting.DISK, *exhausting.PROCESSES)


@pytest.fixture(scope="module")
def kind() -> str:
    return "landlock"


@pytest.mark.parametrize("attack", parameters(filter(chosen, ATTACKS)))
def test_an_attack_earns_nothing_and_leaves_nothing(attack: Attack, assert_harmless: Callable[[Attack], None]) -> None:
    assert_harmless(attack)
