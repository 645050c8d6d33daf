"""conv_forward never comes back."""

# %% everything else as in right_loops

# %% conv_forward
def conv_forward(A_prev, W, b, hparameters):
    h = 0
    while h < A_prev.shape[1]:
        window = A_prev[:, h]
    return window, (A_prev, W, b, hparameters)
