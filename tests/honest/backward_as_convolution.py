"""The backward pass is written with forward passes: dilated dZ, turned filters, extra padding; float64 upcasts."""

# %% zero_pad
def zero_pad(X, pad):
    X = np.asarray(X, dtype=np.float64)
    m, H, V, K = X.shape
    rows, columns = np.eye(H + 2 * pad, H, -pad), np.eye(V + 2 * pad, V, -pad)
    return np.matmul(rows, np.matmul(columns, X).reshape(m, H, -1)).reshape(m, H + 2 * pad, V + 2 * pad, K)

# %% conv_single_step
def conv_single_step(a_slice_prev, W, b):
    a64, W64, b64 = (np.array(x, dtype='float64') for x in (a_slice_prev, W, b))
    return np.trace(a64.reshape(1, -1) @ W64.reshape(-1, 1)) + b64.sum()

# %% conv_forward
def correlate(X, W, stride):
    X, W = X.astype(np.float64), W.astype(np.float64)
    f = W.shape[0], W.shape[1]
    n = [(X.shape[1 + a] - f[a]) // stride + 1 for a in (0, 1)]
    Z = 0.0
    for u in range(f[0]):
        for v in range(f[1]):
            Z = Z + np.dot(X[:, u:u + stride * n[0]:stride, v:v + stride * n[1]:stride], W[u, v])
    return Z

def conv_forward(A_prev, W, b, hparameters):
    Z = correlate(zero_pad(A_prev, hparameters["pad"]), W, hparameters["stride"])
    return np.add(Z, b, dtype=np.float64), (A_prev, W, b, hparameters)

# %% pool_forward
def pool_forward(A_prev, hparameters, mode="max"):
    f, stride = hparameters["f"], hparameters["stride"]
    A64 = A_prev.astype(np.float64)
    if mode == "average":
        return correlate(A64, np.einsum('uv,kc->uvkc', np.ones((f, f)) / f**2, np.eye(A_prev.shape[3])), stride), (A_prev, hparameters)
    A64 = np.lib.stride_tricks.sliding_window_view(A64, f, 1).max(-1)[:, ::stride]
    A64 = np.lib.stride_tricks.sliding_window_view(A64, f, 2).max(-1)[:, :, ::stride]
    return A64, (A_prev, hparameters)

# %% conv_backward
def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad, f = hparameters["stride"], hparameters["pad"], W.shape[0]
    X = zero_pad(A_prev, pad)
    # dZ at stride 1: zeros where the window never stopped
    far = np.zeros((dZ.shape[0], X.shape[1] - f + 1, X.shape[2] - f + 1, dZ.shape[3]))
    far[:, ::stride, ::stride] = dZ
    dX = correlate(zero_pad(far, f - 1), np.flip(W, (0, 1)).swapaxes(2, 3), 1)
    # examples become channels
    dW = correlate(X.transpose(3, 1, 2, 0), far.transpose(1, 2, 0, 3), 1).transpose(1, 2, 0, 3)
    db = np.ones(dZ.shape[:3]).ravel() @ dZ.reshape(-1, dZ.shape[3])
    H, V = A_prev.shape[1:3]
    return dX.take(range(pad, pad + H), 1).take(range(pad, pad + V), 2), dW, db[None, None, None, :]

# %% create_mask_from_window
def create_mask_from_window(x):
    return np.where(x.astype(np.float64) < np.max(x).astype(np.float64), False, True)

# %% distribute_value
def distribute_value(dz, shape):
    return np.kron(np.float64(dz), np.ones(shape)) / np.size(np.ones(shape))

# %% pool_backward
def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]
    m, H, V, K = A_prev.shape
    if mode == "average":
        W = np.ones((f, f, 1, 1)) / f / f
        # each channel is an example of its own
        alone = dA.transpose(0, 3, 1, 2).reshape(m * K, *dA.shape[1:3], 1)
        old = A_prev.transpose(0, 3, 1, 2).reshape(m * K, H, V, 1)
        back, _, _ = conv_backward(alone, (old, W, np.zeros((1, 1, 1, 1)), dict(stride=stride, pad=0)))
        return back.reshape(m, K, H, V).transpose(0, 2, 3, 1)
    A, _ = pool_forward(A_prev, hparameters)
    grown = np.zeros((m, H - f + 1, V - f + 1, K)); won = np.full(grown.shape, np.inf)
    grown[:, ::stride, ::stride] = dA; won[:, ::stride, ::stride] = A
    dA_prev = np.zeros(A_prev.shape, np.float64)
    for u in range(f):
        for v in range(f):
            part = np.s_[:, u:u + H - f + 1, v:v + V - f + 1]
            dA_prev[part] += grown * (A_prev[part] == won)
    return dA_prev
