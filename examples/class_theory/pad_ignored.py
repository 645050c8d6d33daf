"""conv_matrix leaves the padding out; the functions before it are right, and two questions are not answered."""

# %% everything else as in functions_only

# %% conv_matrix
def conv_matrix(W, n_H, n_W, stride, pad):
    f = W.shape[0]
    rows = (n_H - f) // stride + 1
    columns = (n_W - f) // stride + 1
    C = np.zeros((rows * columns, n_H * n_W))
    for h in range(rows):
        for w in range(columns):
            for u in range(f):
                for v in range(f):
                    C[h * columns + w, (h * stride + u) * n_W + w * stride + v] = W[u, v]
    return C


# %% roles
# I tried it with three examples, and it was always the same.

# %% savings
# The bottleneck saves memory.
