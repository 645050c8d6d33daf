"""A class of the student's own does the work; the graded names are bound and static methods, and callable objects."""

# %% my geometry
class Geometry:
    """Sizes and windows of one layer."""

    def __init__(self, shape, f, stride, pad=0):
        self.m, self.H, self.V, self.C = shape
        self.f, self.stride, self.pad = f, stride, pad
        self.n_H = self._outputs(self.H)
        self.n_W = self._outputs(self.V)

    def _outputs(self, side):
        return 1 + (side + 2 * self.pad - self.f) // self.stride

    def __iter__(self):
        for h in range(self.n_H):
            for w in range(self.n_W):
                yield h, w, slice(h * self.stride, h * self.stride + self.f), slice(w * self.stride, w * self.stride + self.f)

    def crop(self, padded):
        return padded[:, self.pad : self.pad + self.H, self.pad : self.pad + self.V]

# %% zero_pad
class ZeroPad:
    def __call__(self, X, pad):
        ring = [(0, 0)] + [(pad, pad)] * 2 + [(0, 0)]
        return np.pad(X, ring)

zero_pad = ZeroPad()

# %% conv_single_step
class Step:
    @staticmethod
    def apply(a_slice_prev, W, b):
        return np.add.reduce(a_slice_prev * W, axis=None) + b.item()

conv_single_step = Step.apply

# %% conv_forward
class Convolution:
    last = None

    @classmethod
    def forward(cls, A_prev, W, b, hparameters):
        cls.last = g = Geometry(A_prev.shape, W.shape[0], **hparameters)
        X = zero_pad(A_prev, g.pad)
        Z = np.zeros((g.m, g.n_H, g.n_W, W.shape[-1]))
        for h, w, rows, columns in g:
            Z[:, h, w] = X[:, rows, columns].reshape(g.m, -1) @ W.reshape(-1, W.shape[-1])
        Z += b
        return Z, (A_prev, W, b, hparameters)

conv_forward = Convolution.forward

# %% pool_forward
class Pooling:
    functions = {"max": np.max, "average": np.mean}

    def forward(self, A_prev, hparameters, mode="max"):
        g = Geometry(A_prev.shape, **hparameters)
        A = np.zeros((g.m, g.n_H, g.n_W, g.C))
        for h, w, rows, columns in g:
            A[:, h, w] = self.functions[mode](A_prev[:, rows, columns], axis=(1, 2))
        return A, (A_prev, hparameters)

    def backward(self, dA, cache, mode="max"):
        A_prev, hparameters = cache
        g = Geometry(A_prev.shape, **hparameters)
        dA_prev = np.zeros_like(A_prev, dtype=float)
        for h, w, rows, columns in g:
            window = A_prev[:, rows, columns]
            if mode == "max":
                part = window == window.max(axis=(1, 2), keepdims=True)
            else:
                part = np.ones(window.shape) / g.f**2
            dA_prev[:, rows, columns] += part * dA[:, h : h + 1, w : w + 1]
        return dA_prev

pooling = Pooling()
pool_forward = pooling.forward

# %% conv_backward
def _backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    g = Geometry(A_prev.shape, len(W), **hparameters)
    X = zero_pad(A_prev, g.pad)
    dX, dW = np.zeros(X.shape), np.zeros(W.shape)
    for h, w, rows, columns in g:
        dX[:, rows, columns] += np.dot(W, dZ[:, h, w].T).transpose(3, 0, 1, 2)
        dW += np.tensordot(X[:, rows, columns], dZ[:, h, w], axes=(0, 0))
    return g.crop(dX), dW, np.sum(dZ, (0, 1, 2)).reshape(1, 1, 1, -1)

Convolution.backward = staticmethod(_backward)
conv_backward = Convolution.backward

# %% create_mask_from_window
class Mask:
    def __new__(cls, x):
        return x == x.max()

create_mask_from_window = Mask

# %% distribute_value
def distribute_value(dz, shape):
    return np.zeros(shape) + dz / np.multiply(*shape)

# %% pool_backward
pool_backward = pooling.backward
