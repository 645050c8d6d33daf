"""The helpers that a question may be judged with in place of the student's own: here there are none.

No function of this assignment calls another one: `wide_convolve` slides its filter as it comes, and whoever wants it
turned turns it before. So every question stands for itself, and nothing of the reference enters a session.
"""

from __future__ import annotations

# Question -> the functions of other questions that it may call.
HELPERS: dict[str, tuple[str, ...]] = {
    "rot180": (),
    "wide_convolve": (),
    "conv_1x1": (),
    "conv_cost": (),
    "conv_matrix": (),
}

# Helper -> its source text.
SOURCE: dict[str, str] = {}
