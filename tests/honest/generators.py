"""Generators, yield, itertools and np.fromiter."""

# %% generators
import itertools as it
from functools import partial, reduce
from operator import add, mul

def corners(sides, f, stride):
    yield from it.product(*(range(0, side - f + 1, stride) for side in sides))

def cuts(X, f, stride):
    for top, left in corners(X.shape[1:3], f, stride):
        yield X[:, top:top + f, left:left + f]

def sizes(X, f, stride):
    return tuple(sum(1 for _ in range(0, side - f + 1, stride)) for side in X.shape[1:3])

# %% zero_pad
def zero_pad(X, pad):
    ring = ((pad * (axis in (1, 2)),) * 2 for axis in range(4))
    return np.pad(X, tuple(ring))

# %% conv_single_step
def conv_single_step(a_slice_prev, W, b):
    products = map(mul, a_slice_prev.ravel().tolist(), W.ravel().tolist())
    return reduce(add, products, b.item())

# %% conv_forward
def conv_forward(A_prev, W, b, hparameters):
    X = zero_pad(A_prev, hparameters["pad"])
    geometry = X, len(W), hparameters["stride"]
    rows = (cut.reshape(len(X), -1) for cut in cuts(*geometry))
    Z = np.stack(list(rows), axis=1) @ W.reshape(-1, W.shape[-1])
    Z = Z.reshape(len(X), *sizes(*geometry), -1)
    return Z + b, (A_prev, W, b, hparameters)

# %% pool_forward
def pool_forward(A_prev, hparameters, mode="max"):
    geometry = A_prev, hparameters["f"], hparameters["stride"]
    fold = partial(np.amax if mode == "max" else np.average, axis=(1, 2))
    A = np.stack([*map(fold, cuts(*geometry))], axis=1)
    return A.reshape(len(A_prev), *sizes(*geometry), A_prev.shape[-1]).astype(float), (A_prev, hparameters)

# %% conv_backward
def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    f, stride, pad = len(W), hparameters["stride"], hparameters["pad"]
    X = zero_pad(A_prev, pad)
    dX = np.zeros_like(X, dtype=float)
    deltas = dZ.reshape(len(dZ), -1, dZ.shape[-1]).swapaxes(0, 1)
    dW = sum(cut.reshape(len(X), -1).T @ delta for cut, delta in zip(cuts(X, f, stride), deltas)).reshape(W.shape)
    for cut, delta in zip(cuts(dX, f, stride), deltas @ W.reshape(-1, W.shape[-1]).T):
        np.add(cut, delta.reshape(cut.shape), out=cut)
    db = np.fromiter((dZ[..., c].sum() for c in range(dZ.shape[-1])), dtype=float).reshape(1, 1, 1, -1)
    inner = tuple(slice(pad, pad + side) for side in A_prev.shape[1:3])
    return dX[(slice(None), *inner)], dW, db

# %% create_mask_from_window
def create_mask_from_window(x):
    top = max(it.chain.from_iterable(x))
    return np.fromiter((entry == top for entry in x.flat), dtype=bool, count=x.size).reshape(x.shape)

# %% distribute_value
def distribute_value(dz, shape):
    n = reduce(mul, shape)
    return np.fromiter(it.repeat(dz / n, n), dtype=np.float64).reshape(shape)

# %% pool_backward
def pool_backward(dA, cache, mode="max"):
    A_prev, (f, stride) = cache[0], map(cache[1].get, ("f", "stride"))
    dA_prev = np.zeros(A_prev.shape)
    deltas = dA.reshape(len(dA), -1, 1, 1, dA.shape[-1]).swapaxes(0, 1)
    for x, target, delta in zip(cuts(A_prev, f, stride), cuts(dA_prev, f, stride), deltas):
        share = x == x.max(axis=(1, 2), keepdims=True) if mode == "max" else f ** -2.0
        target += share * delta
    return dA_prev
