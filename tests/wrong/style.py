"""One learner's way of writing a question's function, and where it invites a slip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Edit = tuple[str, str]  # a text that occurs exactly once in the source, and what the learner wrote instead

# Right parts that a source may begin with.
NUMPY = "import numpy as np\n\n\n"
ZERO_PAD = """\
def zero_pad(X, pad):
    return np.pad(X, [[0, 0], [pad] * 2, [pad] * 2, [0, 0]])


"""
CONV_SINGLE_STEP = """\
def conv_single_step(a_slice_prev, W, b):
    return np.sum(a_slice_prev * W) + b.item()


"""
CREATE_MASK_FROM_WINDOW = """\
def create_mask_from_window(x):
    return x == np.max(x)


"""
DISTRIBUTE_VALUE = """\
def distribute_value(dz, shape):
    return np.ones(shape) * dz / np.prod(shape)


"""


@dataclass(frozen=True)
class Style:
    """A right implementation as plain text, and the slips that are natural in it.

    Parameters
    ----------
    name : str
        A word for the handwriting, unique within the question.
    source : str
        The function with all that it needs, imports included; right.
    slips : mapping of str to sequence of Edit
        For each misconception, by the name it has in the catalogue, what this learner would have written otherwise.
    """

    name: str
    source: str
    slips: Mapping[str, Sequence[Edit]]

    def with_slip(self, misconception: str) -> str:
        """Return the source of somebody who has this misconception and no other."""
        source = self.source
        places = sorted(((source.index(old), old, new) for old, new in self.slips[misconception]), reverse=True)
        for place, old, new in places:
            source = source[:place] + new + source[place + len(old) :]
        return source
