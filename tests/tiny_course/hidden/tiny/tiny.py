# %% [markdown]
# # Tiny

# %%
import numpy as np
from public_tests import *

# %% nbgrader={"grade": false, "grade_id": "halve_solution", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def halve(x):
    """Return half of x."""
    ### BEGIN SOLUTION
    half_of_everything = x / 2
    return half_of_everything
    ### END SOLUTION

# %%
shown = halve(np.ones(3))

# %% nbgrader={"grade": true, "grade_id": "halve", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
halve_test(halve)

# %% nbgrader={"grade": false, "grade_id": "quarter_solution", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def quarter(x):
    """Return a quarter of x."""
    ### BEGIN SOLUTION
    return halve(halve(x))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "quarter", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
quarter_test(quarter)

# %% nbgrader={"grade": false, "grade_id": "double_solution", "locked": false, "schema_version": 3, "solution": true, "task": false, "cell_type": "code"}
def double(x):
    """Return twice x (optional)."""
    ### BEGIN SOLUTION
    return x + x
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "double", "locked": true, "points": 0, "schema_version": 3, "solution": false, "task": false, "cell_type": "code"}
double_test(double)

# %% tags=["training", "skip-execution"]
print("training")
