"""Never calls zero_pad: each function builds its own padded array, two of them without padding at all."""

# %% zero_pad
def zero_pad(X, pad):
    # put zeros around by hand, row by row
    result = np.zeros((X.shape[0], X.shape[1] + pad + pad, X.shape[2] + pad + pad, X.shape[3]))
    for r in range(X.shape[1]):
        result[:, r + pad, pad:pad + X.shape[2], :] = X[:, r, :, :]
    return result

# %% conv_single_step
def conv_single_step(a_slice_prev, W, b):
    total = b.flatten()[0]
    for k in range(W.shape[2]):
        total = total + (a_slice_prev[:, :, k] * W[:, :, k]).sum()
    return total

# %% conv_forward
def conv_forward(A_prev, W, b, hparameters):
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    m, H, V, K = A_prev.shape
    f = W.shape[0]
    top = np.zeros((m, pad, V, K))
    tall = np.concatenate((top, A_prev, top), axis=1)
    side = np.zeros((m, H + 2 * pad, pad, K))
    big = np.concatenate((side, tall, side), axis=2)
    flat_W = W.reshape((f * f * K, -1))
    lines = []
    for h in range(0, H + 2 * pad - f + 1, stride):
        line = []
        for w in range(0, V + 2 * pad - f + 1, stride):
            line.append(big[:, h:h + f, w:w + f, :].reshape((m, -1)).dot(flat_W))
        lines.append(np.stack(line, axis=1))
    Z = np.stack(lines, axis=1) + b.reshape(-1)
    return (Z, (A_prev, W, b, hparameters))

# %% pool_forward
def pool_forward(A_prev, hparameters, mode="max"):
    stride = hparameters["stride"]
    f = hparameters["f"]
    lines = []
    for h in range(0, A_prev.shape[1] - f + 1, stride):
        line = []
        for w in range(0, A_prev.shape[2] - f + 1, stride):
            cut = A_prev[:, h:h + f, w:w + f, :].reshape(A_prev.shape[0], f * f, -1)
            if mode == "max":
                line.append(np.sort(cut, axis=1)[:, -1])
            else:
                line.append(cut.sum(axis=1) / cut.shape[1])
        lines.append(np.stack(line, axis=1))
    return (np.stack(lines, axis=1).astype("float64"), (A_prev, hparameters))

# %% conv_backward
def conv_backward(dZ, cache):
    # no padded array: cut the window at the border instead
    A_prev, W, b, hparameters = cache
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    m, H, V, K = A_prev.shape
    f = W.shape[0]
    dA_prev = np.zeros((m, H, V, K))
    dW = np.zeros(W.shape)
    for h in range(dZ.shape[1]):
        y = h * stride - pad
        y0, y1 = max(y, 0), min(y + f, H)
        for w in range(dZ.shape[2]):
            x = w * stride - pad
            x0, x1 = max(x, 0), min(x + f, V)
            if y0 >= y1 or x0 >= x1:
                continue
            d = dZ[:, h, w, :]
            part = W[y0 - y:y1 - y, x0 - x:x1 - x]
            dA_prev[:, y0:y1, x0:x1, :] += np.dot(d, part.reshape(-1, part.shape[3]).T).reshape(m, y1 - y0, x1 - x0, K)
            dW[y0 - y:y1 - y, x0 - x:x1 - x] += np.tensordot(A_prev[:, y0:y1, x0:x1, :], d, axes=(0, 0))
    db = np.zeros(b.shape)
    for c in range(dZ.shape[3]):
        db[0, 0, 0, c] = dZ[:, :, :, c].sum()
    return (dA_prev, dW, db)

# %% create_mask_from_window
def create_mask_from_window(x):
    mask = np.zeros(x.shape, dtype=bool)
    biggest = x.max()
    for r in range(x.shape[0]):
        for k in range(x.shape[1]):
            if x[r, k] == biggest:
                mask[r, k] = True
    return mask

# %% distribute_value
def distribute_value(dz, shape):
    a = np.zeros(shape)
    for r in range(shape[0]):
        for k in range(shape[1]):
            a[r, k] = dz / (shape[0] * shape[1])
    return a

# %% pool_backward
def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    stride = hparameters["stride"]
    f = hparameters["f"]
    dA_prev = A_prev * 0.0
    for h in range(dA.shape[1]):
        y = h * stride
        for w in range(dA.shape[2]):
            x = w * stride
            d = dA[:, h:h + 1, w:w + 1, :]
            if mode == "max":
                cut = A_prev[:, y:y + f, x:x + f, :]
                d = d * (cut == cut.max(axis=1, keepdims=True).max(axis=2, keepdims=True))
            else:
                d = d / (f * f)
            dA_prev[:, y:y + f, x:x + f, :] += d
    return dA_prev
