"""A colon is missing in the cell of pool_forward: that cell is lost, the others are not."""

# %% everything else as in right_loops

# %% pool_forward
def pool_forward(A_prev, hparameters, mode="max")
    return A_prev, (A_prev, hparameters)
