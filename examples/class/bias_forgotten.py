"""conv_single_step returns the sum of products and leaves the bias out."""

# %% everything else as in right_loops

# %% conv_single_step
def conv_single_step(a_slice_prev, W, b):
    return np.sum(a_slice_prev * W)
