"""What learners misunderstand, per question: wrong functions that somebody might write, and the sentence that helps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from stepgrade.diagnose import Catalogue, Misconception

CENTRING = "1. Centring"  # a heading of the notebook, without its points


def center_with(faults: frozenset[str]) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function as somebody with these misconceptions writes it; without any, it is right."""
    if len(faults) > 1:
        raise ValueError(f"{' and '.join(sorted(faults))} exclude each other")

    def center(X: np.ndarray) -> np.ndarray:
        if "rows_centred" in faults:
            return X - X.mean(axis=1, keepdims=True)
        return X - (X.mean() if "one_mean" in faults else X.mean(axis=0))

    return center


CATALOGUES: dict[str, Catalogue] = {
    "center": Catalogue(
        (
            Misconception(
                "rows_centred",
                "The rows have the mean 0. A column goes from top to bottom: its mean is taken over the rows.",
                CENTRING,
            ),
            Misconception(
                "one_mean",
                "One mean of the whole table is subtracted everywhere. Each column has a mean of its own.",
                CENTRING,
            ),
        ),
        center_with,
    )
}
