"""as_strided for the windows, np.add.at for the way back."""

# %% imports of my own
from numpy.lib import stride_tricks

# %% helpers
def view(X, f, s):
    m, H, V, C = X.shape
    sm, sh, sv, sc = X.strides
    n_H, n_W = (H - f) // s + 1, (V - f) // s + 1
    return stride_tricks.as_strided(
        X, (m, n_H, n_W, f, f, C), (sm, sh * s, sv * s, sh, sv, sc), writeable=False)


def addresses(shape, f, s):
    """Flat index of every entry of every window."""
    return view(np.arange(np.prod(shape)).reshape(shape), f, s)

# %% zero_pad
def zero_pad(X, pad):
    shape = list(X.shape)
    shape[1] += 2 * pad
    shape[2] += 2 * pad
    big = np.zeros(shape, X.dtype)
    centre = stride_tricks.as_strided(big[:, pad:, pad:], X.shape, big.strides)
    centre[...] = X
    return big

# %% conv_single_step
def conv_single_step(a_slice_prev, W, b):
    return (a_slice_prev.reshape(-1) @ W.reshape(-1) + b.reshape(-1))[0]

# %% conv_forward
def conv_forward(A_prev, W, b, hparameters):
    f, s, n_C = W.shape[0], hparameters["stride"], W.shape[3]
    V = view(zero_pad(A_prev, hparameters["pad"]), f, s)
    m, n_H, n_W = V.shape[:3]
    Z = V.reshape(m * n_H * n_W, -1) @ W.reshape(-1, n_C)
    Z = Z.reshape(m, n_H, n_W, n_C) + b
    return Z, (A_prev, W, b, hparameters)

# %% pool_forward
def pool_forward(A_prev, hparameters, mode='max'):
    V = view(A_prev, hparameters['f'], hparameters['stride'])
    A = {'max': np.max, 'average': np.mean}[mode](V, axis=(3, 4))
    return np.asarray(A, dtype=np.float64), (A_prev, hparameters)

# %% conv_backward
def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    f, s, p, n_C = W.shape[0], hparameters["stride"], hparameters["pad"], W.shape[3]
    X = zero_pad(A_prev, p)
    V = view(X, f, s)
    flat = dZ.reshape(-1, n_C)
    dW = (V.reshape(len(flat), -1).T @ flat).reshape(W.shape)
    dX = np.zeros(X.size)
    np.add.at(dX, addresses(X.shape, f, s).ravel(), (flat @ W.reshape(-1, n_C).T).ravel())
    dX = dX.reshape(X.shape)
    return dX[:, p:X.shape[1] - p, p:X.shape[2] - p, :], dW, flat.sum(0).reshape(b.shape)

# %% create_mask_from_window
def create_mask_from_window(x):
    return np.equal(x, np.amax(x))

# %% distribute_value
def distribute_value(dz, shape):
    return np.broadcast_to(np.float64(dz) / (shape[0] * shape[1]), shape).copy()

# %% pool_backward
def pool_backward(dA, cache, mode='max'):
    A_prev, hparameters = cache
    f, s = hparameters['f'], hparameters['stride']
    V = view(A_prev, f, s)
    dV = dA[:, :, :, None, None, :] * (V == V.max((3, 4), keepdims=True) if mode == 'max' else np.full(V.shape, 1 / f / f))
    return np.bincount(addresses(A_prev.shape, f, s).ravel(), dV.ravel(), A_prev.size).reshape(A_prev.shape)
