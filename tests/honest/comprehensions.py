"""np.array of nested comprehensions, then reshape; and a sum over comprehensions on the way back."""

# %% zero_pad
def zero_pad(X, pad):
    return np.array([np.array([np.pad(X[i, :, :, c], pad) for c in range(X.shape[3])]).transpose(1, 2, 0) for i in range(X.shape[0])])

# %% conv_single_step
def conv_single_step(a_slice_prev, W, b):
    return sum([x * w for x, w in zip(a_slice_prev.flatten(), W.flatten())]) + [*b.flatten()][0]

# %% conv_forward
def conv_forward(A_prev, W, b, hparameters):
    s, p, f = hparameters["stride"], hparameters["pad"], W.shape[0]
    n_H, n_W = [(n + 2 * p - f) // s + 1 for n in A_prev.shape[1:3]]
    X, m, n_C = zero_pad(A_prev, p), A_prev.shape[0], W.shape[3]
    F = W.reshape(-1, n_C)
    Z = np.array([X[i, h * s:h * s + f, w * s:w * s + f].ravel() for i in range(m) for h in range(n_H) for w in range(n_W)]) @ F
    return Z.reshape(m, n_H, n_W, n_C) + b, tuple([A_prev, W, b, hparameters])

# %% pool_forward
def pool_forward(A_prev, hparameters, mode="max"):
    s, f = hparameters["stride"], hparameters["f"]
    n_H, n_W = [(n - f) // s + 1 for n in A_prev.shape[1:3]]
    pool = {"max": lambda a: a.max(axis=(1, 2)), "average": lambda a: a.mean(axis=(1, 2))}[mode]
    A = np.array([pool(A_prev[:, h * s:h * s + f, w * s:w * s + f]) for h in range(n_H) for w in range(n_W)])
    return A.reshape(n_H, n_W, *A.shape[1:]).transpose(2, 0, 1, 3) * 1.0, tuple([A_prev, hparameters])

# %% conv_backward
def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s, p, f = hparameters["stride"], hparameters["pad"], W.shape[0]
    (m, H, V, K), (_, n_H, n_W, n_C) = A_prev.shape, dZ.shape
    X = zero_pad(A_prev, p)
    # which rows (columns) of the padded input belong to which output: two small 0/1 matrices per offset
    R = [np.array([[float(y == h * s + u) for h in range(n_H)] for y in range(H + 2 * p)]) for u in range(f)]
    C = [np.array([[float(x == w * s + v) for w in range(n_W)] for x in range(V + 2 * p)]) for v in range(f)]
    back = [[(R[u] @ (C[v] @ dZ).reshape(m, n_H, -1)).reshape(m, H + 2 * p, V + 2 * p, n_C) for v in range(f)] for u in range(f)]
    dX = sum([back[u][v] @ W[u, v].T for u in range(f) for v in range(f)])
    dW = np.array([[np.tensordot(X, back[u][v], ([0, 1, 2], [0, 1, 2])) for v in range(f)] for u in range(f)])
    db = np.array([sum([row.sum(axis=0) for image in dZ for row in image])]).reshape((1, 1, 1, n_C))
    return dX[:, p:p + H, p:p + V], dW, db

# %% create_mask_from_window
def create_mask_from_window(x):
    return np.array([x[h, w] == x.max() for h in range(x.shape[0]) for w in range(x.shape[1])]).reshape(x.shape)

# %% distribute_value
def distribute_value(dz, shape):
    return np.array([dz / (shape[0] * shape[1]) for _ in range(shape[0] * shape[1])]).reshape(shape)

# %% pool_backward
def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    s, f = hparameters["stride"], hparameters["f"]
    m, H, V, K = A_prev.shape
    dA_prev = np.zeros((m, H, V, K))
    for h, w, y, x in [(h, w, h * s, w * s) for h in range(dA.shape[1]) for w in range(dA.shape[2])]:
        a = A_prev[:, y:y + f, x:x + f]
        best = np.array([[a[i, :, :, c] == a[i, :, :, c].max() for c in range(K)] for i in range(m)]).transpose(0, 2, 3, 1) if mode == "max" else 1 / f**2
        dA_prev[:, y:y + f, x:x + f] += best * dA[:, h:h + 1, w:w + 1]
    return dA_prev
