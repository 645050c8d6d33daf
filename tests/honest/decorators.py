"""Every function is decorated: a timer, a counter, a guard that checks shapes, a decorator with arguments."""

# %% decorators
import functools
import time

TIMES = {}

def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        start = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            TIMES.setdefault(function.__name__, []).append(time.perf_counter() - start)
            del TIMES[function.__name__][:-10]
    return wrapper

def returns(*ndims):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            result = function(*args, **kwargs)
            arrays = result if isinstance(result, tuple) else (result,)
            for array, ndim in zip(arrays, ndims):
                assert array.ndim == ndim, f"{function.__name__}: {array.ndim} axes instead of {ndim}"
            return result
        return wrapper
    return decorate

class counted:
    def __init__(self, function):
        functools.update_wrapper(self, function)
        self.function, self.calls = function, 0
    def __call__(self, *args, **kwargs):
        self.calls += 1
        return self.function(*args, **kwargs)

def with_cache(*names):
    """Add the cache to what a forward pass returns."""
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args):
            return function(*args), tuple(args[i] for i in range(len(names)))
        return wrapper
    return decorate

def over_examples(function):
    """The function sees one image; the batch is put together here."""
    return lambda A, *rest: np.array([function(a, *rest) for a in A])

# %% zero_pad
@timed
@returns(4)
@over_examples
def zero_pad(x, pad):
    return np.pad(x, ((pad, pad), (pad, pad), (0, 0)))

# %% conv_single_step
@counted
@timed
def conv_single_step(a_slice_prev, W, b):
    return np.inner(a_slice_prev.flatten(), W.flatten()).item() + b.item()

# %% conv_forward
@returns(4)
@with_cache("A_prev", "W", "b", "hparameters")
@timed
def conv_forward(A_prev, W, b, hparameters):
    s, f = hparameters["stride"], W.shape[0]
    X = zero_pad(A_prev, hparameters["pad"])
    corners = [range(0, n - f + 1, s) for n in X.shape[1:3]]
    columns = np.array([[X[:, t:t+f, l:l+f].reshape(len(X), -1) for l in corners[1]] for t in corners[0]])
    return (columns @ W.reshape(-1, W.shape[-1])).transpose(2, 0, 1, 3) + b

# %% pool_forward
@counted
@with_cache("A_prev", "hparameters")
def pool_forward(A_prev, hparameters, mode="max"):
    @over_examples
    def pool(a):
        return reduce_(np.array([[a[t:t+f, l:l+f] for l in range(0, a.shape[1] - f + 1, s)] for t in range(0, a.shape[0] - f + 1, s)]))
    f, s = hparameters["f"], hparameters["stride"]
    reduce_ = (lambda w: w.max((2, 3))) if mode == "max" else (lambda w: w.mean((2, 3)))
    return pool(A_prev).astype(np.float64)

# %% conv_backward
@timed
@returns(4, 4, 4)
def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s, p, f = hparameters["stride"], hparameters["pad"], W.shape[0]
    X = zero_pad(A_prev, p)
    dX, dW = np.zeros(X.shape), np.zeros(W.shape)
    for h in range(dZ.shape[1]):
        for w in range(dZ.shape[2]):
            at = (slice(None), slice(s*h, s*h+f), slice(s*w, s*w+f))
            dX[at] += (dZ[:, h, w] @ W.reshape(-1, W.shape[-1]).T).reshape(dX[at].shape)
            dW += (X[at].reshape(len(X), -1).T @ dZ[:, h, w]).reshape(W.shape)
    return dX[:, p:dX.shape[1]-p, p:dX.shape[2]-p], dW, dZ.sum(axis=(0, 1, 2), keepdims=True)

# %% create_mask_from_window
@returns(2)
@counted
def create_mask_from_window(x):
    return (x - x.max()) == 0

# %% distribute_value
@timed
@timed
@timed
def distribute_value(dz, shape):
    return np.tile(dz / (shape[0] * shape[1]), shape)

# %% pool_backward
@counted
@returns(4)
def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    s, f = hparameters["stride"], hparameters["f"]
    dA_prev = np.zeros(A_prev.shape)
    for h in range(dA.shape[1]):
        for w in range(dA.shape[2]):
            at = (slice(None), slice(s*h, s*h+f), slice(s*w, s*w+f))
            d = dA[:, h, w].reshape(dA.shape[0], 1, 1, -1)
            if mode == "max":
                dA_prev[at] += np.where(A_prev[at] == A_prev[at].max((1, 2), keepdims=True), d, 0)
            else:
                dA_prev[at] += d * distribute_value(1.0, (f, f))[None, :, :, None]
    return dA_prev
