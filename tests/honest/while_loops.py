"""A beginner: while loops with counters, try and except, print and assert left in, one variable per thought."""

# %% zero_pad
def zero_pad(X, pad):
    try:
        answer = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    except ValueError as problem:
        print("something is wrong:", problem)
        raise
    else:
        return answer
    finally:
        pass

# check it
test = np.ones((2, 3, 3, 1))
assert zero_pad(test, 2).shape == (2, 7, 7, 1), "wrong"
test


# %% conv_single_step
def conv_single_step(a_slice_prev, W, b):
    i = 0
    total = 0
    while i < len(W):
        total = total + np.sum(a_slice_prev[i] * W[i])
        i = i + 1
    bias = b[0][0][0]
    answer = total + bias
    return answer


# %% conv_forward
def conv_forward(A_prev, W, b, hparameters):
    the_stride = hparameters["stride"]
    the_pad = hparameters["pad"]
    number_of_images = A_prev.shape[0]
    f = W.shape[0]
    number_of_filters = W.shape[3]
    padded = zero_pad(A_prev, the_pad)
    pieces = []
    row = 0
    while row + f <= padded.shape[1]:
        col = 0
        line = []
        while col + f <= padded.shape[2]:
            window = padded[:, row : row + f, col : col + f, :]
            k = 0
            numbers = []
            while True:
                if k == number_of_filters:
                    break
                one_filter = W[:, :, :, k]
                numbers.append(np.sum(window * one_filter, axis=(1, 2, 3)) + b[0, 0, 0, k])
                k += 1
            line.append(numbers)
            col += the_stride
        pieces.append(line)
        row += the_stride
    Z = np.array(pieces)  # rows, columns, filters, images
    Z = np.rollaxis(Z, 3)
    assert len(Z) == number_of_images
    cache = (A_prev, W, b, hparameters)
    return Z, cache


# %% pool_forward
def pool_forward(A_prev, hparameters, mode="max"):
    f = hparameters["f"]
    the_stride = hparameters["stride"]
    pieces = []
    row = 0
    while row + f <= A_prev.shape[1]:
        col = 0
        line = []
        while col + f <= A_prev.shape[2]:
            window = A_prev[:, row : row + f, col : col + f, :]
            if mode == "max":
                number = window.max(axis=1).max(axis=1)
            elif mode == "average":
                number = window.sum(axis=1).sum(axis=1) / (f * f)
            else:
                number = None
            line.append(number)
            col += the_stride
        pieces.append(line)
        row += the_stride
    A = np.array(pieces, dtype=float)  # rows, columns, images, channels
    A = np.moveaxis(A, [0, 1], [1, 2])
    cache = (A_prev, hparameters)
    return A, cache


# %% conv_backward
def conv_backward(dZ, cache):
    A_prev = cache[0]
    W = cache[1]
    the_stride = cache[3]["stride"]
    the_pad = cache[3]["pad"]
    f = W.shape[0]
    padded = zero_pad(A_prev, the_pad)
    d_padded = np.zeros(padded.shape)
    dW = np.zeros(W.shape)
    h = 0
    while h < dZ.shape[1]:
        w = 0
        while w < dZ.shape[2]:
            row = h * the_stride
            col = w * the_stride
            c = 0
            while c < dZ.shape[3]:
                d = dZ[:, h, w, c].reshape(len(dZ), 1, 1, 1)
                d_padded[:, row : row + f, col : col + f, :] += d * W[:, :, :, c]
                dW[:, :, :, c] += np.sum(d * padded[:, row : row + f, col : col + f, :], axis=0)
                c += 1
            w += 1
        h += 1
    dA_prev = d_padded
    times = 0
    while times < the_pad:
        dA_prev = dA_prev[:, 1:-1, 1:-1, :]
        times += 1
    db = dZ.sum(axis=0).sum(axis=0).sum(axis=0)
    db = db.reshape(1, 1, 1, len(db))
    return dA_prev, dW, db


# %% create_mask_from_window
def create_mask_from_window(x):
    biggest = x[0, 0]
    h = 0
    while h < x.shape[0]:
        w = 0
        while w < x.shape[1]:
            if x[h, w] > biggest:
                biggest = x[h, w]
            w += 1
        h += 1
    return x == biggest


# %% distribute_value
def distribute_value(dz, shape):
    a = np.zeros(shape)
    a = a + dz
    a = a / shape[0]
    a = a / shape[1]
    return a


# %% pool_backward
def pool_backward(dA, cache, mode="max"):
    A_prev = cache[0]
    f = cache[1]["f"]
    the_stride = cache[1]["stride"]
    dA_prev = np.zeros(A_prev.shape)
    h = 0
    while h < dA.shape[1]:
        w = 0
        while w < dA.shape[2]:
            row = h * the_stride
            col = w * the_stride
            window = A_prev[:, row : row + f, col : col + f, :]
            d = dA[:, h, w, :].reshape(dA.shape[0], 1, 1, dA.shape[3])
            if mode == "max":
                biggest = window.max(axis=1).max(axis=1).reshape(d.shape)
                dA_prev[:, row : row + f, col : col + f, :] += (window == biggest) * d
            else:
                dA_prev[:, row : row + f, col : col + f, :] += np.ones(window.shape) * d / f / f
            w += 1
        h += 1
    return dA_prev
