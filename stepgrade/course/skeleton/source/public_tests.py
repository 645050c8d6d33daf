"""Tests that you run yourself, one for each function of the notebook.

``center_test(center)`` hands your function several inputs and compares what comes back with numbers that were worked
out by hand. It stops at the first difference. Your mark comes from other inputs of the same kind.
"""

import numpy as np

__all__ = ["center_test"]


def center_test(target):
    """Every column has the mean 0."""
    __tracebackhide__ = True
    cases = [
        (np.array([[1.0, 10.0], [3.0, 30.0]]), [[-1, -10], [1, 10]]),
        # Means 2, -1 and 0.5: the table is wider than high, and its numbers are whole.
        (np.array([[1, -3, 0], [3, 1, 1]]), [[-1, -2, -0.5], [1, 2, 0.5]]),
    ]
    for X, expected in cases:
        before = X.copy()
        got = np.asarray(target(X))
        assert got.shape == X.shape, f"center: C has shape {got.shape}, expected {X.shape}, that of X."
        assert np.allclose(got, expected), (
            f"center: C differs for X = {X.tolist()}.\n"
            f"  got      {got.tolist()}\n  expected {expected}\n"
            "Rule: from every column its own mean is subtracted."
        )
        assert np.array_equal(X, before), "center: X is not the same after the call. Write to an array of your own."
    print(f"center: all tests passed ({len(cases)} inputs)")
