"""Everything right, and every question answered; a person has to read the answers."""

# %% rot180
def rot180(X):
    return np.flip(X, axis=(0, 1))


# %% wide_convolve
def wide_convolve(X, W):
    U, V = W.shape
    P = np.pad(X, ((U - 1, U - 1), (V - 1, V - 1)))
    rows, columns = X.shape[0] + U - 1, X.shape[1] + V - 1
    return np.array([[np.sum(P[i : i + U, j : j + V] * W) for j in range(columns)] for i in range(rows)])


# %% roles
# With zeros outside of the image, sliding the turned filter gives at place (i, j) the sum of all products of a pixel
# and a filter entry whose indices add up to (i, j). That sum does not ask which of the two matrices is the image, so
# they may swap roles. Without turning, the *differences* of the indices count, and swapping turns their signs:
# the result is turned by 180 degrees.

# %% conv_1x1
def conv_1x1(A_prev, W, b):
    return np.tensordot(A_prev, W[0, 0], axes=1) + b


# %% uses
# It mixes the channels of a pixel: every output channel is a weighted sum of all input channels. There may be more or
# fewer of them afterwards; height and width stay. It is one dense layer, the same for every pixel. Before a 3x3 filter
# it makes the network cheaper, since that one then reads fewer channels. With a ReLU after it the network is deeper;
# without, both layers together are one linear layer.

# %% conv_cost
def conv_cost(n_H, n_W, n_C_prev, n_C, f):
    parameters = f * f * n_C_prev * n_C
    return n_H * n_W * parameters, n_H * n_W * n_C, parameters


# %% savings
# The squeezed layer has an output of its own, 640,000 numbers more. Multiplications and parameters fall to 28 %, the
# same share, as each parameter is used at all 10,000 positions. The activations must be kept while training, for the
# backward pass. All that passes is 64 numbers per pixel, so something of the 256 may be lost.

# %% conv_matrix
def conv_matrix(W, n_H, n_W, stride, pad):
    f = len(W)
    rows = (n_H - f + 2 * pad) // stride + 1
    columns = (n_W - f + 2 * pad) // stride + 1
    C = np.zeros((rows, columns, n_H + 2 * pad, n_W + 2 * pad))
    for h in range(rows):
        for w in range(columns):
            C[h, w, h * stride : h * stride + f, w * stride : w * stride + f] = W
    return C[:, :, pad : pad + n_H, pad : pad + n_W].reshape(rows * columns, n_H * n_W)


# %% derivation
# 1. Pixel (i, j) has the entry W[i-h, j-w] in the row of output (h, w), so dA[i, j] is the sum of dZ[h, w] W[i-h, j-w]:
#    indices that add up, which is the wide convolution of dZ with the turned filter. With padding the ring is cut off.
# 2. W[u, v] met pixel (h+u, w+v) in output (h, w), so dW[u, v] is the sum of dZ[h, w] A[h+u, w+v]: dZ slid over the
#    input, not turned. The bias is in every output once, so db is the sum of dZ.
# 3. An average gives every pixel of the window 1/f^2 of the gradient, a maximum gives all of it to the largest pixel.
#    Where windows overlap, the parts add up.
