"""The bias is cast with float(b), the commonest way; NumPy 2.3 warns about it, NumPy 2.4 refuses."""

# %% everything else as in vectorised

# %% conv_single_step
def conv_single_step(a_slice_prev, W, b):
    s = a_slice_prev * W
    Z = np.sum(s)
    Z = Z + float(b)
    return Z

# %% conv_forward
def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters['stride'], hparameters['pad']
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, f, n_C_prev, n_C = W.shape
    n_H = int((n_H_prev - f + 2*pad)/stride + 1)
    n_W = int((n_W_prev - f + 2*pad)/stride + 1)
    Z = np.zeros([m, n_H, n_W, n_C])
    A_prev_pad = zero_pad(A_prev, pad)
    for h in range(n_H):
        for w in range(n_W):
            x = A_prev_pad[:, h*stride:h*stride+f, w*stride:w*stride+f, :, np.newaxis]
            Z[:, h, w, :] = np.sum(x * W, axis=(1, 2, 3))
    for c in range(n_C):
        Z[:, :, :, c] += float(b[:, :, :, c])
    cache = (A_prev, W, b, hparameters)
    return Z, cache
