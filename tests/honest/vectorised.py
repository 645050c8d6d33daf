"""No loop over examples, rows or columns: one shifted view per cell of the window."""

# %% zero_pad
def zero_pad(X, pad):
    m, H, W, C = X.shape
    out = np.zeros((m, H + 2 * pad, W + 2 * pad, C), dtype=X.dtype)
    out[:, pad : H + pad, pad : W + pad] = X
    return out


# %% conv_single_step
def conv_single_step(a_slice_prev, W, b):
    return float(np.vdot(a_slice_prev, W) + b.ravel()[0])


# %% conv_forward
def conv_forward(A_prev, W, b, hparameters):
    s, p = hparameters["stride"], hparameters["pad"]
    f, n_C = W.shape[0], W.shape[-1]
    m, H, V, _ = A_prev.shape
    n_H, n_W = (H - f + 2 * p) // s + 1, (V - f + 2 * p) // s + 1
    X = zero_pad(A_prev, p)
    Z = np.zeros((m, n_H, n_W, n_C)) + b
    for u in range(f):
        for v in range(f):
            Z += X[:, u : u + s * n_H : s, v : v + s * n_W : s] @ W[u, v]
    return Z, (A_prev, W, b, hparameters)


# %% pool_forward
def pool_forward(A_prev, hparameters, mode="max"):
    s, f = hparameters["stride"], hparameters["f"]
    n_H, n_W = ((n - f) // s + 1 for n in A_prev.shape[1:3])
    views = [A_prev[:, u : u + s * n_H : s, v : v + s * n_W : s] for u in range(f) for v in range(f)]
    if mode == "max":
        A = np.maximum.reduce(views)
    else:
        A = np.add.reduce(views) / f**2
    return A.astype(float), (A_prev, hparameters)


# %% conv_backward
def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s, p = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]
    m, H, V, k = A_prev.shape
    _, n_H, n_W, n_C = dZ.shape
    X = zero_pad(A_prev, p)
    dX = np.zeros(X.shape)
    dW = np.empty(W.shape)
    for u in range(f):
        for v in range(f):
            here = np.s_[:, u : u + s * n_H : s, v : v + s * n_W : s]
            dX[here] += dZ @ W[u, v].T
            dW[u, v] = X[here].reshape(-1, k).T @ dZ.reshape(-1, n_C)
    db = dZ.sum((0, 1, 2), keepdims=True)
    return dX[:, p : p + H, p : p + V], dW, db


# %% create_mask_from_window
def create_mask_from_window(x):
    return x >= x.max()


# %% distribute_value
def distribute_value(dz, shape):
    return np.full(shape, dz / np.prod(shape))


# %% pool_backward
def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    s, f = hparameters["stride"], hparameters["f"]
    _, n_H, n_W, _ = dA.shape
    A = pool_forward(A_prev, hparameters)[0]
    dA_prev = np.zeros(A_prev.shape)
    for u in range(f):
        for v in range(f):
            here = np.s_[:, u : u + s * n_H : s, v : v + s * n_W : s]
            dA_prev[here] += dA * (A_prev[here] == A) if mode == "max" else dA / (f * f)
    return dA_prev
