"""No loop statement at all: everything calls itself."""

# %% recursive tools
def add_up(terms):
    if len(terms) == 0:
        return 0
    if len(terms) == 1:
        return terms[0]
    half = len(terms) // 2
    return add_up(terms[:half]) + add_up(terms[half:])


def walk(n_H, n_W, visit, h=0, w=0):
    if h == n_H:
        return
    visit(h, w)
    if w + 1 < n_W:
        walk(n_H, n_W, visit, h, w + 1)
    else:
        walk(n_H, n_W, visit, h + 1, 0)


# %% zero_pad
def zero_pad(X, pad):
    if pad == 0:
        return X
    return zero_pad(np.pad(X, ((0, 0), (1, 1), (1, 1), (0, 0))), pad - 1)


# %% conv_single_step
def conv_single_step(a_slice_prev, W, b):
    return add_up(list((a_slice_prev * W).flat)) + b.flat[0]


# %% conv_forward
def conv_forward(A_prev, W, b, hparameters):
    s, f = hparameters["stride"], W.shape[0]
    X = zero_pad(A_prev, hparameters["pad"])
    Z = np.zeros((len(X), (X.shape[1] - f) // s + 1, (X.shape[2] - f) // s + 1, W.shape[3]))

    def visit(h, w):
        Z[:, h, w] = X[:, h * s : h * s + f, w * s : w * s + f].reshape(len(X), -1).dot(W.reshape(-1, W.shape[3]))

    walk(*Z.shape[1:3], visit)
    return Z + b, (A_prev, W, b, hparameters)


# %% pool_forward
def pool_forward(A_prev, hparameters, mode="max"):
    s, f = hparameters["stride"], hparameters["f"]
    A = np.zeros((len(A_prev), (A_prev.shape[1] - f) // s + 1, (A_prev.shape[2] - f) // s + 1, A_prev.shape[3]))

    def largest(slices):
        return slices[0] if len(slices) == 1 else np.maximum(slices[0], largest(slices[1:]))

    def visit(h, w):
        x = A_prev[:, h * s : h * s + f, w * s : w * s + f].reshape(len(A_prev), f * f, -1)
        cells = np.split(x, f * f, axis=1)
        A[:, h, w] = np.squeeze(largest(cells) if mode == "max" else add_up(cells) / f**2, axis=1)

    walk(*A.shape[1:3], visit)
    return A, (A_prev, hparameters)


# %% conv_backward
def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    if hparameters["pad"]:  # without padding it is easier: pad first, take the ring off at the end
        p = hparameters["pad"]
        dX, dW, db = conv_backward(dZ, (zero_pad(A_prev, p), W, b, {"stride": hparameters["stride"], "pad": 0}))
        return dX[:, p:-p, p:-p, :], dW, db
    s, f = hparameters["stride"], W.shape[0]
    dX, dW, back = np.zeros(A_prev.shape), np.zeros(W.shape), W.reshape(-1, W.shape[3]).T

    def visit(h, w):
        nonlocal dW
        there = np.s_[:, h * s : h * s + f, w * s : w * s + f]
        dX[there] += dZ[:, h, w].dot(back).reshape(dX[there].shape)
        dW = dW + A_prev[there].reshape(len(dZ), -1).T.dot(dZ[:, h, w]).reshape(W.shape)

    walk(*dZ.shape[1:3], visit)
    return dX, dW, add_up(list(dZ)).sum((0, 1)).reshape(b.shape)


# %% create_mask_from_window
def create_mask_from_window(x):
    if x.ndim > 1:
        return create_mask_from_window(x.reshape(-1)).reshape(x.shape)
    return x == max(x.tolist())


# %% distribute_value
def distribute_value(dz, shape):
    if len(shape) == 1:
        return np.array([dz / shape[0]] * shape[0])
    return np.array([distribute_value(dz / shape[0], shape[1:])] * shape[0])


# %% pool_backward
def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    s, f = hparameters["stride"], hparameters["f"]
    dA_prev = np.zeros(A_prev.shape)

    def visit(h, w):
        there = np.s_[:, h * s : h * s + f, w * s : w * s + f]
        x, d = A_prev[there], dA[:, h : h + 1, w : w + 1]
        dA_prev[there] += np.where(x == x.max((1, 2), keepdims=True), d, 0) if mode == "max" else d / f**2

    walk(*dA.shape[1:3], visit)
    return dA_prev
