"""pool_forward averages when asked for the maximum, and the other way round."""

# %% everything else as in right_loops

# %% pool_forward
def pool_forward(A_prev, hparameters, mode="max"):
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H = (n_H_prev - f) // stride + 1
    n_W = (n_W_prev - f) // stride + 1
    A = np.zeros((m, n_H, n_W, n_C))
    for h in range(n_H):
        for w in range(n_W):
            window = A_prev[:, h * stride : h * stride + f, w * stride : w * stride + f]
            A[:, h, w] = window.mean(axis=(1, 2)) if mode == "max" else window.max(axis=(1, 2))
    return A, (A_prev, hparameters)
