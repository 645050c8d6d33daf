"""Works on Python lists and numbers where it can: tolist, item, built-in sum and max, int() and float()."""

# %% small tools
def plain(x):
    return x.tolist() if isinstance(x, (np.ndarray, np.generic)) else x

# %% zero_pad
def zero_pad(X, pad):
    if len(X.shape) != 4:
        raise ValueError("a batch has four axes")
    m, n_H, n_W, n_C = map(int, X.shape)
    pixel = [0] * n_C
    line = [pixel] * (n_W + 2 * pad)
    batch = []
    for image in plain(X):
        batch.append([line] * pad + [[pixel] * pad + row + [pixel] * pad for row in image] + [line] * pad)
    return np.array(batch)

# %% conv_single_step
def conv_single_step(a_slice_prev, W, b):
    return float(sum(p for p in plain((a_slice_prev * W).ravel())) + b.item(0))

# %% conv_forward
def conv_forward(A_prev, W, b, hparameters):
    stride, pad = int(hparameters['stride']), int(hparameters['pad'])
    f, n_C = int(W.shape[0]), int(W.shape[3])
    A_pad = zero_pad(A_prev, pad)
    biases = b.tolist()[0][0][0]
    planes = []
    for c in range(n_C):
        rows = []
        for top in range(0, A_pad.shape[1] - f + 1, stride):
            rows.append([plain((A_pad[:, top:top + f, left:left + f] * W[..., c]).sum(axis=(1, 2, 3)) + biases[c])
                         for left in range(0, A_pad.shape[2] - f + 1, stride)])
        planes.append(rows)
    return np.array(planes).transpose(3, 1, 2, 0), (A_prev, W, b, hparameters)

# %% pool_forward
def pool_forward(A_prev, hparameters, mode="max"):
    stride, f = hparameters['stride'], hparameters['f']
    images = np.moveaxis(A_prev, 3, 1).tolist()  # m, C, H, W
    def one(plane):
        out = []
        for top in range(0, len(plane) - f + 1, stride):
            row = []
            for left in range(0, len(plane[0]) - f + 1, stride):
                values = []
                for line in plane[top:top + f]:
                    values += line[left:left + f]
                row.append(float(max(values)) if mode == "max" else sum(values) / len(values))
            out.append(row)
        return out
    A = np.array([[one(plane) for plane in image] for image in images])
    return np.moveaxis(A, 1, 3), (A_prev, hparameters)

# %% everything else as in padded_by_hand

# %% create_mask_from_window
def create_mask_from_window(x):
    values = x.tolist()
    top = max(max(row) for row in values)
    return np.array([[value == top for value in row] for row in values])

# %% distribute_value
def distribute_value(dz, shape):
    share = float(dz) / int(shape[0] * shape[1])
    return np.array([[share for _ in range(shape[1])] for _ in range(shape[0])])

# %% pool_backward
def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    stride, f = hparameters['stride'], hparameters['f']
    m, H, V, C = A_prev.shape
    A, D = np.moveaxis(A_prev, 3, 1).tolist(), np.moveaxis(dA, 3, 1).tolist()
    G = np.zeros((m, C, H, V)).tolist()
    for i in range(m):
        for c in range(C):
            a, d, g = A[i][c], D[i][c], G[i][c]
            for h, row in enumerate(d):
                for w, value in enumerate(row):
                    cells = [(y, x) for y in range(h * stride, h * stride + f) for x in range(w * stride, w * stride + f)]
                    if mode == "max":
                        y, x = max(cells, key=lambda cell: a[cell[0]][cell[1]])
                        g[y][x] += value
                    else:
                        for y, x in cells:
                            g[y][x] += value / len(cells)
    return np.moveaxis(np.array(G), 1, 3)
