"""The graded half is right. In the optional half both backward passes move their windows by one pixel only."""

# %% everything else as in right_loops

# %% conv_backward
def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    pad = hparameters["pad"]
    _, n_H_prev, n_W_prev, _ = A_prev.shape
    f = W.shape[0]
    padded = zero_pad(A_prev, pad)
    d_padded = np.zeros(padded.shape)
    dW = np.zeros(W.shape)
    m, n_H, n_W, n_C = dZ.shape
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    d_padded[i, h : h + f, w : w + f] += W[..., c] * dZ[i, h, w, c]
                    dW[..., c] += padded[i, h : h + f, w : w + f] * dZ[i, h, w, c]
    db = dZ.sum(axis=(0, 1, 2), keepdims=True)
    return d_padded[:, pad : pad + n_H_prev, pad : pad + n_W_prev], dW, db


# %% pool_backward
def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f = hparameters["f"]
    dA_prev = np.zeros(A_prev.shape)
    m, n_H, n_W, n_C = dA.shape
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    here = (i, slice(h, h + f), slice(w, w + f), c)
                    if mode == "max":
                        dA_prev[here] += create_mask_from_window(A_prev[here]) * dA[i, h, w, c]
                    else:
                        dA_prev[here] += distribute_value(dA[i, h, w, c], (f, f))
    return dA_prev
