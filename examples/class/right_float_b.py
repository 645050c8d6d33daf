"""Everything right; the bias is cast with float(b), the commonest way, which NumPy 2.3 warns about."""

# %% everything else as in right_loops

# %% conv_single_step
def conv_single_step(a_slice_prev, W, b):
    s = a_slice_prev * W
    Z = np.sum(s)
    return Z + float(b)
