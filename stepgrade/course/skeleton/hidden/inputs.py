"""Small inputs of every kind that the docstrings allow, for the smallest one on which an answer is still wrong.

What is drawn first is made small first, and what stands first in a list counts as smallest.
"""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from stepgrade.judge import Case


@st.composite
def tables(draw: st.DrawFn) -> Case:
    n, k = draw(st.sampled_from([2, 3, 1, 4])), draw(st.sampled_from([3, 2, 4, 1]))
    dtype = draw(st.sampled_from([np.float64, np.int64, np.float32]))
    return Case({"X": np.arange(1, n * k + 1).reshape(n, k).astype(dtype)})


INPUTS: dict[str, st.SearchStrategy[Case]] = {"center": tables()}
