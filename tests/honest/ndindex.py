"""One flat loop over np.ndindex or np.ndenumerate instead of nested ones."""

# %% zero_pad
def zero_pad(X, pad):
    pads = np.array([[0], [pad], [pad], [0]]) * np.array([1, 1])
    return np.pad(array=X, pad_width=pads, mode='constant', constant_values=0.)


# %% conv_single_step
def conv_single_step(a_slice_prev, W, b):
    Z = 0.0
    for index in np.ndindex(W.shape):
        Z += a_slice_prev[index] * W[index]
    for _, bias in np.ndenumerate(b):
        Z += bias
    return Z


# %% conv_forward
def conv_forward(A_prev, W, b, hparameters):
    m, H, V, _ = A_prev.shape
    f, _, _, n_C = W.shape
    stride, pad = hparameters['stride'], hparameters['pad']
    A_pad = zero_pad(A_prev, pad)
    Z = np.zeros((m, (H - f + 2 * pad) // stride + 1, (V - f + 2 * pad) // stride + 1, n_C))
    for h, w in np.ndindex(*Z.shape[1:3]):
        window = A_pad[:, stride * h:stride * h + f, stride * w:stride * w + f, :]
        Z[:, h, w, :] = (window[..., None] * W[None]).sum(axis=(1, 2, 3)) + b[0, 0, 0]
    return Z, (A_prev, W, b, hparameters)


# %% pool_forward
def pool_forward(A_prev, hparameters, mode="max"):
    f, stride = hparameters['f'], hparameters['stride']
    m, H, V, n_C = A_prev.shape
    A = np.empty((m, (H - f) // stride + 1, (V - f) // stride + 1, n_C))
    for (h, w), _ in np.ndenumerate(A[0, :, :, 0]):
        window = A_prev[:, stride * h:stride * h + f, stride * w:stride * w + f, :]
        if mode == "average":
            A[:, h, w, :] = window.mean(axis=1).mean(axis=1)
        else:
            A[:, h, w, :] = window.max(axis=1).max(axis=1)
    return A, (A_prev, hparameters)


# %% conv_backward
def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    f, stride, pad = W.shape[0], hparameters['stride'], hparameters['pad']
    A_pad = zero_pad(A_prev, pad)
    dA_pad = np.zeros(A_pad.shape)
    dW = np.zeros(W.shape)
    for h, w in np.ndindex(*dZ.shape[1:3]):
        at = (slice(None), slice(stride * h, stride * h + f), slice(stride * w, stride * w + f))
        delta = dZ[:, h, w][:, None, None, None, :]
        dA_pad[at] += (W * delta).sum(-1)
        dW += (A_pad[at][..., None] * delta).sum(0)
    db = np.array([[[[dZ[..., c].sum() for c in range(dZ.shape[-1])]]]])
    keep = np.ix_(range(A_prev.shape[0]), range(pad, pad + A_prev.shape[1]), range(pad, pad + A_prev.shape[2]))
    return dA_pad[keep], dW, db


# %% create_mask_from_window
def create_mask_from_window(x):
    mask = np.zeros_like(x, dtype=np.bool_)
    for index, value in np.ndenumerate(x):
        mask[index] = value == np.max(x)
    return mask


# %% distribute_value
def distribute_value(dz, shape):
    a = np.zeros(shape)
    for index in np.ndindex(shape):
        a[index] = dz / a.size
    return a


# %% pool_backward
def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, stride = hparameters['f'], hparameters['stride']
    dA_prev = np.zeros(A_prev.shape)
    for h, w in np.ndindex(*dA.shape[1:3]):
        at = (slice(None), slice(stride * h, stride * h + f), slice(stride * w, stride * w + f))
        delta = dA[:, h, w][:, None, None, :]
        window = A_prev[at]
        mask = np.equal(window, window.max(axis=1, keepdims=True).max(axis=2, keepdims=True))
        dA_prev[at] += delta * (mask if mode == "max" else 1 / f / f)
    return dA_prev
