"""No attack earns a mark, is felt by whoever comes next, or leaves anything behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from stepgrade.grade import Grader
from stepgrade.notebook import Graded, read_notebook, rescue
from tests.attacks.attack import Attack, Kind, Notebook
from tests.attacks.conftest import REFERENCE_LINE, texts
from tests.attacks.generator import ATTACKS


def parameters(attacks: Iterable[Attack]) -> list[Any]:
    return [pytest.param(attack, id=attack.name, marks=[pytest.mark.slow] if attack.slow else []) for attack in attacks]


@pytest.mark.parametrize("attack", parameters(ATTACKS))
def test_an_attack_earns_nothing_and_leaves_nothing(attack: Attack, assert_harmless: Callable[[Attack], None]) -> None:
    assert_harmless(attack)


def test_a_function_that_is_nearly_right_cannot_tell_its_author_the_references_helper(
    grader: Grader, release: Notebook
) -> None:
    thief = Attack(
        "the reference's helper is told in the name of an exception",
        Kind.FORGING,
        ("import sys",),
        {
            "quarter": "def quarter(x):\n"
            "    if x.ndim == 1:\n"
            "        return halve(halve(x))\n"
            "    frame = sys._getframe()\n"
            "    while frame:\n"
            "        sources = getattr(frame.f_locals.get('self'), '_source_of', {})\n"
            "        if '<reference helpers>' in sources:\n"
            "            raise type(' '.join(sources['<reference helpers>']), (Exception,), {})\n"
            "        frame = frame.f_back"
        },
    )
    result = grader.grade(thief.submission(release))
    assert result.question("quarter").follow_through
    assert REFERENCE_LINE not in " ".join(texts(result))


@pytest.mark.parametrize("is_told", [True, False])
def test_a_process_that_brings_no_arguments_back_has_not_left_them_alone(
    grader: Grader, release: Notebook, is_told: bool
) -> None:
    """``is_told``: the same function brings them back, as it has left them."""
    thief = Attack(
        "the arguments after a call are left out",
        Kind.FORGING,
        ("import sys",),
        {
            "halve": "def halve(x):\n"
            "    half = x / 2\n"
            "    x[...] = 7\n"
            "    frame = sys._getframe()\n"
            "    while not {'encode', 'call_function'} <= frame.f_globals.keys():\n"
            "        frame = frame.f_back\n"
            "    encode = frame.f_globals['encode']\n"
            f"    told = lambda value, after, most=None: encode(value, {'after' if is_told else '()'}, most)\n"
            "    frame.f_globals['encode'] = told\n"
            "    return half"
        },
    )
    result = grader.grade(thief.submission(release)).question("halve")
    assert {check.title: check.outcome.value for check in result.checks} == {
        "one axis": "passed",
        "two axes": "passed",
        "the input is not modified": "failed",
    }


def test_there_are_attacks_of_every_kind_and_no_two_are_the_same() -> None:
    kinds = Counter(attack.kind for attack in ATTACKS)
    assert kinds.keys() == set(Kind)
    assert min(kinds.values()) >= 10
    names = Counter(attack.name for attack in ATTACKS)
    assert [name for name, times in names.items() if times > 1] == []


def test_every_cell_of_an_attack_runs_for_marks(grader: Grader, release: Notebook) -> None:
    source_cells = grader.assignment.source_cells
    graded = [Graded(question.id, question.id, ("x",)) for question in grader.assignment.questions]
    idle = []
    for attack in ATTACKS:
        if attack.cells and attack.change is None and sum(map(len, attack.cells)) < 100_000:
            submitted = read_notebook(attack.submission(release)).cells
            running = "\n".join(cell.source for cell in rescue(submitted, source_cells, graded).cells)
            idle += [attack.name for cell in attack.cells if cell.split("\n")[0] not in running]
    assert idle == []
