# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # ASSIGNMENT
#
# What this notebook is about, in two sentences, and what a student can do at its end.

# %%
import numpy as np
from public_tests import *

# %% [markdown]
# ## 1. Centring (10 points)
#
# **Why.** A table of measurements is easier to compare when every column has the mean 0.
#
# **By hand.** The columns of `[[1, 10], [3, 30]]` have the means 2 and 20. What is left is `[[-1, -10], [1, 10]]`.


# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "center_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def center(X):
    """Subtract from every column its mean.

    Parameters
    ----------
    X : (n, k) array of float64, float32 or integers, of any sign; not modified

    Returns
    -------
    C : (n, k) float array; C[i, j] is X[i, j] less the mean of column j

    Notes
    -----
    n and k may differ, and may be 1.
    """
    ### BEGIN SOLUTION
    means_of_columns = X.mean(axis=0)
    return X - means_of_columns
    ### END SOLUTION


# %% [markdown]
# **Run it** on the example by hand.

# %%
print(center(np.array([[1, 10], [3, 30]])))

# %% nbgrader={"cell_type": "code", "grade": true, "grade_id": "center", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
center_test(center)
