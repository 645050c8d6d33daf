"""im2col with integer index arrays, one matrix product, np.add.at; keeps the dtype of float input."""

# %% im2col
def indices(n_H, n_W, f, stride):
    u, v = np.divmod(np.arange(f * f), f)
    h, w = np.divmod(np.arange(n_H * n_W), n_W)
    return stride * h[:, None] + u, stride * w[:, None] + v  # each (n_H*n_W, f*f)

def real(*arrays):
    return np.result_type(*arrays, np.float32 if all(a.dtype == np.float32 for a in arrays) else np.float64)

# %% zero_pad
def zero_pad(X, pad):
    shape = np.array(X.shape) + [0, 2 * pad, 2 * pad, 0]
    X_pad = np.zeros(shape, dtype=X.dtype)
    X_pad[np.ix_(*[np.arange(n) + o for n, o in zip(X.shape, (0, pad, pad, 0))])] = X
    return X_pad

# %% conv_single_step
def conv_single_step(a_slice_prev, W, b):
    dtype = real(a_slice_prev, W, b)
    return np.squeeze(np.sum(a_slice_prev.astype(dtype) * W) + b)[()]

# %% conv_forward
def conv_forward(A_prev, W, b, hparameters):
    stride, pad, f = hparameters["stride"], hparameters["pad"], W.shape[0]
    X = zero_pad(A_prev, pad).astype(real(A_prev, W, b))
    n_H, n_W = (np.array(X.shape[1:3]) - f) // stride + 1
    y, x = indices(n_H, n_W, f, stride)
    columns = X[:, y, x].reshape(len(X), n_H * n_W, -1)
    Z = np.matmul(columns, W.reshape(-1, W.shape[-1])) + b[0]
    return Z.reshape(len(X), n_H, n_W, -1), (A_prev, W, b, hparameters)

# %% pool_forward
def pool_forward(A_prev, hparameters, mode="max"):
    stride, f = hparameters["stride"], hparameters["f"]
    n_H, n_W = (np.array(A_prev.shape[1:3]) - f) // stride + 1
    columns = A_prev[:, *indices(n_H, n_W, f, stride)].astype(real(A_prev))
    A = columns.max(axis=2) if mode == "max" else columns.mean(axis=2)
    return A.reshape(len(A), n_H, n_W, -1), (A_prev, hparameters)

# %% conv_backward
def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    f, _, K, n_C = W.shape
    m, n_H, n_W, _ = dZ.shape
    X = zero_pad(A_prev, pad)
    dX = np.zeros(X.shape, real(dZ, W))
    y, x = indices(n_H, n_W, f, stride)
    flat = dZ.reshape(-1, n_C)
    dW = np.dot(X[:, y, x].reshape(len(flat), -1).T, flat).reshape(f, f, K, n_C)
    dcolumns = np.dot(flat, W.reshape(-1, n_C).T).reshape(m, n_H * n_W, f * f, K)
    np.add.at(dX, (slice(None), y, x), dcolumns)
    keep = slice(pad, -pad or None)
    return dX[:, keep, keep], dW.astype(dX.dtype), flat.sum(axis=0, keepdims=True)[None, None]

# %% create_mask_from_window
def create_mask_from_window(x):
    mask = np.full(x.shape, False)
    mask[np.where(x == np.max(x))] = True
    return mask

# %% distribute_value
def distribute_value(dz, shape):
    a = np.empty(shape, dtype=np.float64)
    a[...] = dz
    a /= a.size
    return a

# %% pool_backward
def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    stride, f = hparameters["stride"], hparameters["f"]
    m, n_H, n_W, K = dA.shape
    y, x = indices(n_H, n_W, f, stride)
    dA_prev = np.zeros(A_prev.shape, real(dA, A_prev))
    d = dA.reshape(m, n_H * n_W, K)
    if mode == "max":
        best = A_prev[:, y, x].argmax(axis=2)  # (m, n_H*n_W, K)
        at = np.arange(n_H * n_W)[None, :, None]
        np.add.at(dA_prev, (np.arange(m)[:, None, None], y[at, best], x[at, best], np.arange(K)), d)
    else:
        np.add.at(dA_prev, (slice(None), y, x), d[:, :, None] / f**2)
    return dA_prev
