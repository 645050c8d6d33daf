"""Everything right, with plain loops."""

# %% zero_pad
def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))


# %% conv_single_step
def conv_single_step(a_slice_prev, W, b):
    return np.sum(a_slice_prev * W) + b.item()


# %% conv_forward
def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, _, _, n_C = W.shape
    n_H = (n_H_prev - f + 2 * pad) // stride + 1
    n_W = (n_W_prev - f + 2 * pad) // stride + 1
    padded = zero_pad(A_prev, pad)
    Z = np.zeros((m, n_H, n_W, n_C))
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                top, left = h * stride, w * stride
                window = padded[i, top : top + f, left : left + f]
                for c in range(n_C):
                    Z[i, h, w, c] = conv_single_step(window, W[..., c], b[..., c])
    return Z, (A_prev, W, b, hparameters)


# %% pool_forward
def pool_forward(A_prev, hparameters, mode="max"):
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H = (n_H_prev - f) // stride + 1
    n_W = (n_W_prev - f) // stride + 1
    A = np.zeros((m, n_H, n_W, n_C))
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    window = A_prev[i, h * stride : h * stride + f, w * stride : w * stride + f, c]
                    A[i, h, w, c] = window.max() if mode == "max" else window.mean()
    return A, (A_prev, hparameters)


# %% conv_backward
def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f = W.shape[0]
    padded = zero_pad(A_prev, pad)
    d_padded = np.zeros(padded.shape)
    dW = np.zeros(W.shape)
    db = np.zeros(b.shape)
    _, n_H, n_W, n_C = dZ.shape
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                rows, columns = slice(h * stride, h * stride + f), slice(w * stride, w * stride + f)
                for c in range(n_C):
                    d_padded[i, rows, columns] += W[..., c] * dZ[i, h, w, c]
                    dW[..., c] += padded[i, rows, columns] * dZ[i, h, w, c]
                    db[..., c] += dZ[i, h, w, c]
    return d_padded[:, pad : pad + n_H_prev, pad : pad + n_W_prev], dW, db


# %% create_mask_from_window
def create_mask_from_window(x):
    return x == x.max()


# %% distribute_value
def distribute_value(dz, shape):
    return np.full(shape, dz / (shape[0] * shape[1]))


# %% pool_backward
def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]
    dA_prev = np.zeros(A_prev.shape)
    m, n_H, n_W, n_C = dA.shape
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    here = (i, slice(h * stride, h * stride + f), slice(w * stride, w * stride + f), c)
                    if mode == "max":
                        dA_prev[here] += create_mask_from_window(A_prev[here]) * dA[i, h, w, c]
                    else:
                        dA_prev[here] += distribute_value(dA[i, h, w, c], (f, f))
    return dA_prev
