"""What the catalogues of misconceptions share: the headings they refer to, and how an imitation is asked for.

A fault is the name of one misconception. The modules ``wrong_*.py`` hold one function per question that takes a set
of faults and returns what somebody with exactly these faults would write; without any, it is right. So two faults
of one person need no code of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
) -> Catalogue:
    """Return the catalogue of a question.

    Parameters
    ----------
    written_with : callable
        ``written_with(faults)`` returns the question's function with these faults.
    misconceptions : sequence of Misconception
    alternatives : sequence of set of str
        Of each set nobody has more than one: they contradict each other, or one leaves nothing of the other to see.
    """
    known = {misconception.name for misconception in misconceptions}

    def imitate(names: frozenset[str]) -> Function:
        if unknown := names - known:
            raise ValueError(f"no misconception of this question: {', '.join(sorted(unknown))}")
        for alternative in alternatives:
            if len(several := names & alternative) > 1:
                raise ValueError(f"{' and '.join(sorted(several))} exclude each other")
        return written_with(frozenset(names))

    return Catalogue(tuple(misconceptions), imitate)
