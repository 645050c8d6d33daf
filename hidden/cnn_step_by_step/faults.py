"""What the catalogues of misconceptions share: the headings they refer to, and how an imitation is asked for.

A fault is the name of one misconception. The modules ``wrong_*.py`` hold one function per question that takes a set
of faults and returns what somebody with exactly these faults would write; without any, it is right. So two faults
of one person need no code of their own. Some are written in ways that answer otherwise: ``fault/way`` is such a form,
and the function finds the way beside the fault in the set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from stepgrade.diagnose import Catalogue, Misconception

Faults = frozenset[str]
Function = Callable[..., Any]

# Headings of the notebook, without points and stars.
ZERO_PADDING = "3. Zero padding"
ONE_STEP = "4. One step"
FORWARD = "5. The forward pass"
POOLING = "6. Pooling"
CONVOLUTION_BACKWARDS = "7.1 Convolution, backwards"
MASK = "7.2 The mask of a maximum"
SHARING = "7.3 Sharing an average"
POOLING_BACKWARDS = "7.4 Pooling, backwards"


def catalogue(
    written_with: Callable[[Faults], Function],
    misconceptions: Sequence[Misconception],
    alternatives: Sequence[set[str]] = (),
    ways: Mapping[str, Sequence[str]] | None = None,
) -> Catalogue:
    """Return the catalogue of a question.

    Parameters
    ----------
    written_with : callable
        ``written_with(faults)`` returns the question's function with these faults.
    misconceptions : sequence of Misconception
    alternatives : sequence of set of str
        Of each set nobody has more than one: they contradict each other, one leaves nothing of the other to see, or
        together they are a third.
    ways : mapping of str to sequence of str
        The further ways in which a fault is written.
    """
    every = [
        replace(one, also=(*one.also, *(f"{one.name}/{way}" for way in (ways or {}).get(one.name, ()))))
        for one in misconceptions
    ]
    fault_of = {form: one.name for one in every for form in one.forms}
    exclusive = [*alternatives, *({one.name} for one in every)]  # nor does anybody write one fault in two ways

    def imitate(names: frozenset[str]) -> Function:
        if unknown := names - fault_of.keys():
            raise ValueError(f"no misconception of this question: {', '.join(sorted(unknown))}")
        for alternative in exclusive:
            several = [name for name in sorted(names) if fault_of[name] in alternative]
            if len(several) > 1:
                raise ValueError(f"{' and '.join(several)} exclude each other")
        return written_with(frozenset(part for name in names for part in name.split("/")))

    return Catalogue(tuple(every), imitate)
