"""Everything is an einsum over sliding windows; the backward half scatters with the transposed subscripts."""

# %% einstein
from numpy.lib.stride_tricks import sliding_window_view as windows_of

def windows(A, f, stride):
    # (m, h, w, c, u, v)
    return windows_of(A, (f, f), axis=(1, 2))[:, ::stride, ::stride]

def scatter(dwindows, like, stride):
    # dwindows: (m, h, w, c, u, v)
    out = np.zeros(like)
    n_H, n_W, f = dwindows.shape[1], dwindows.shape[2], dwindows.shape[-1]
    for h in range(n_H):
        for w in range(n_W):
            out[:, h*stride:h*stride+f, w*stride:w*stride+f] += np.moveaxis(dwindows[:, h, w], 1, -1)
    return out

# %% zero_pad
def zero_pad(X, pad):
    return np.pad(X, [(0, 0), (pad, pad), (pad, pad), (0, 0)])

# %% conv_single_step
def conv_single_step(a_slice_prev, W, b):
    return np.einsum("uvk,uvk->", a_slice_prev, W) + np.einsum("uvk->", b)

# %% conv_forward
def conv_forward(A_prev, W, b, hparameters):
    P = windows(zero_pad(A_prev, hparameters["pad"]), W.shape[0], hparameters["stride"])
    Z = np.einsum("mhwkuv,uvkc->mhwc", P, W) + b
    return Z, (A_prev, W, b, hparameters)

# %% pool_forward
def pool_forward(A_prev, hparameters, mode="max"):
    P = windows(A_prev, hparameters["f"], hparameters["stride"])
    if mode == "max":
        A = P.max(axis=(-2, -1))
    elif mode == "average":
        A = np.einsum("mhwkuv->mhwk", P) / hparameters["f"] ** 2
    return 1.0 * A, (A_prev, hparameters)

# %% conv_backward
def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    padded = zero_pad(A_prev, pad)
    dW = np.einsum("mhwkuv,mhwc->uvkc", windows(padded, W.shape[0], stride), dZ)
    db = np.einsum("mhwc->c", dZ)[None, None, None]
    dpadded = scatter(np.einsum("uvkc,mhwc->mhwkuv", W, dZ), padded.shape, stride)
    _, H, V, _ = A_prev.shape
    return dpadded[:, pad:pad+H, pad:pad+V, :], dW, db

# %% create_mask_from_window
def create_mask_from_window(x):
    return np.isin(x, x.max())

# %% distribute_value
def distribute_value(dz, shape):
    return np.einsum(",ij->ij", dz / (shape[0] * shape[1]), np.ones(shape))

# %% pool_backward
def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]
    P = windows(A_prev, f, stride)
    if mode == "max":
        share = P == P.max(axis=(-2, -1), keepdims=True)
    else:
        share = np.full(P.shape, 1 / f**2)
    return scatter(np.einsum("mhwk,mhwkuv->mhwkuv", dA, share), A_prev.shape, stride)
