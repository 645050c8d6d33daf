"""New syntax: walrus, match, starred indices, positional-only and keyword-only arguments, f-strings, extra defaults."""

# %% shapes
def out(side, /, f, stride, *, pad=0):
    if (n := (side + 2 * pad - f) // stride + 1) < 1:
        raise ValueError(f"no room: {side=} {f=} {stride=} {pad=}")
    return n

# %% zero_pad
def zero_pad(X, pad, *, value=0):
    match X.ndim, pad:
        case 4, 0:
            return np.copy(X)
        case 4, p if (q := int(p)) > 0:
            return np.pad(X, ((0, 0), (q, q), (q, q), (0, 0)), constant_values=value)
    raise ValueError(f"{X.shape=}")

# %% conv_single_step
def conv_single_step(a_slice_prev, W, b=np.zeros((1, 1, 1))):
    [[[bias]]] = b
    return (s := (a_slice_prev * W).sum()) + bias

# %% conv_forward
def conv_forward(A_prev, W, b, hparameters, *unused, verbose=False, **more):
    match hparameters:
        case {"stride": stride, "pad": pad, **rest}:
            n_H, n_W = (out(side, f := W.shape[0], stride, pad=pad) for side in A_prev.shape[1:3])
    Z = np.zeros((m := (X := zero_pad(A_prev, pad)).shape[0], n_H, n_W, n_C := W.shape[-1]))
    h = -1
    while (h := h + 1) < n_H:
        w = -1
        while (w := w + 1) < n_W:
            Z[:, h, w] = X[:, (t := h * stride):t + f, (l := w * stride):l + f].reshape(m, -1) @ W.reshape(-1, n_C)
    Z += b
    return *(Z,), (A_prev, W, b, hparameters)

# %% pool_forward
def pool_forward(A_prev, hparameters, mode="max", keepdims=False):
    f, stride = hparameters["f"], hparameters["stride"]
    A = np.zeros((len(A_prev), *(out(side, f, stride) for side in A_prev.shape[1:3]), A_prev.shape[-1]))
    for h, w in ((h, w) for h in range(A.shape[1]) for w in range(A.shape[2])):
        x = A_prev[:, (t := h * stride):t + f, (l := w * stride):l + f]
        match mode:
            case "max" | "MAX":
                A[:, h, w] = x.max(axis=(1, 2))
            case "average":
                A[:, h, w] = x.mean(axis=(1, 2))
            case _:
                raise ValueError(mode)
    return A, (A_prev, hparameters)

# %% conv_backward
def conv_backward(dZ, cache, /, scale=1):
    match cache:
        case (A_prev, W, b, {"stride": stride, "pad": pad}):
            dX, dW = np.zeros((X := zero_pad(A_prev, pad)).shape), np.zeros_like(W, dtype=float)
    f, *_ = W.shape
    for h, plane in enumerate(dZ.swapaxes(0, 1)):
        for w, d in enumerate(plane.swapaxes(0, 1)):
            window = slice(None), slice(t := h * stride, t + f), slice(l := w * stride, l + f), ...
            dX[*window] += (d @ W.reshape(-1, W.shape[-1]).T).reshape(len(d), f, f, -1)
            dW[...] += (X[*window].reshape(len(d), -1).T @ d).reshape(W.shape)
    _, H, V, _ = A_prev.shape
    return scale * dX[:, pad:H + pad, pad:V + pad], scale * dW, scale * np.add.reduce(dZ, (0, 1, 2), keepdims=True)

# %% create_mask_from_window
def create_mask_from_window(x, *, strict=False):
    return x == top if (top := x.max()) or not strict else np.zeros(x.shape, bool)

# %% distribute_value
def distribute_value(dz, shape, dtype=np.float64):
    match shape:
        case n_H, n_W if (n := n_H * n_W):
            return np.full(shape, dz / n, dtype=dtype)

# %% pool_backward
def pool_backward(dA, cache, mode="max", **options):
    (A_prev, hp), dA_prev = cache, np.zeros(cache[0].shape)
    for (h, w) in np.ndindex(dA.shape[1:3]):
        window = slice(None), slice(t := h * hp["stride"], t + hp["f"]), slice(l := w * hp["stride"], l + hp["f"])
        share = (x := A_prev[window]) == x.max((1, 2), keepdims=True) if mode == "max" else np.full(x.shape, 1 / hp["f"] ** 2) if (x := A_prev[window]).size else 0
        dA_prev[window] += share * dA[:, [h]][:, :, [w]]
    return dA_prev
