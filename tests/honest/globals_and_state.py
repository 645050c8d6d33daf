"""Constants, global counters and a remembered last cache; a cell above sets what the functions read."""

# %% CONSTANTS
MAX, AVERAGE = 'max', 'average'
S, P, F = 'stride', 'pad', 'f'
ZERO = 0.
N_CALLS = 0
last_cache = None
STATS = dict(padded=0, windows=0)
np.random.seed(3)
junk = np.random.rand(1000, 100)
X = 'a name that a function uses as well'

# %% zero_pad
def zero_pad(X, pad):
    global N_CALLS
    N_CALLS += 1
    STATS['padded'] += X.shape[0]
    around = (pad, pad)
    nothing = (0, 0)
    return np.pad(X, (nothing, around, around, nothing), 'constant', constant_values=ZERO)

# %% conv_single_step
def conv_single_step(a_slice_prev, W, b):
    # every term gets its part of the bias
    n = W.size
    Z = np.sum(a_slice_prev * W + b / n)
    return Z

# %% conv_forward
def conv_forward(A_prev, W, b, hparameters):
    global last_cache, A_pad, stride, f
    stride = hparameters[S]
    f = W.shape[0]
    A_pad = zero_pad(A_prev, hparameters[P])
    n_H, n_W = [int(np.floor((side - f) / stride)) + 1 for side in A_pad.shape[1:3]]
    Z = np.zeros((A_prev.shape[0], n_H, n_W, W.shape[-1]))
    for h in range(n_H):
        for w in range(n_W):
            Z[:, h, w] = cut(h, w).reshape(len(Z), -1) @ W.reshape(-1, W.shape[-1])
    Z = Z + b
    last_cache = (A_prev.copy(), W.copy(), b.copy(), dict(hparameters))
    return Z, last_cache

def cut(h, w):
    STATS['windows'] += 1
    return A_pad[:, h * stride:h * stride + f, w * stride:w * stride + f]

# %% a look at the state
print(N_CALLS, STATS, last_cache)
del junk

# %% pool_forward
def pool_forward(A_prev, hparameters, mode=MAX):
    global A_pad, stride, f
    A_pad, stride, f = A_prev, hparameters[S], hparameters[F]
    n_H, n_W = [int(np.floor((side - f) / stride)) + 1 for side in A_pad.shape[1:3]]
    A = np.zeros((A_prev.shape[0], n_H, n_W, A_prev.shape[-1]))
    for h in range(n_H):
        for w in range(n_W):
            if mode == MAX: A[:, h, w] = np.max(cut(h, w), (1, 2))
            if mode == AVERAGE: A[:, h, w] = np.mean(cut(h, w), (1, 2))
    return A, (A_prev, hparameters)

# %% conv_backward
def conv_backward(dZ, cache):
    global last_cache
    last_cache = cache
    A_prev, W, b, hparameters = last_cache
    s, p, k = hparameters[S], hparameters[P], W.shape[0]
    padded = zero_pad(A_prev, p)
    dpadded = np.zeros(padded.shape)
    dW = np.zeros(W.shape)
    for h in range(dZ.shape[1]):
        for w in range(dZ.shape[2]):
            dpadded[:, h*s:h*s+k, w*s:w*s+k] += np.matmul(W, dZ[:, h, w][:, None, None, :, None])[..., 0]
            dW += np.dot(padded[:, h*s:h*s+k, w*s:w*s+k].T, dZ[:, h, w]).transpose(2, 1, 0, 3)
    db = np.zeros(b.shape) + dZ.sum(axis=(0, 1, 2))
    if p != 0:
        dpadded = dpadded[:, p:-p, p:-p]
    return dpadded, dW, db

# %% create_mask_from_window
def create_mask_from_window(x):
    return x == x.flat[x.argmax()]

# %% distribute_value
def distribute_value(dz, shape):
    return ZERO + np.ones(shape) / np.ones(shape).sum() * dz

# %% pool_backward
def pool_backward(dA, cache, mode=MAX):
    global last_cache, A_pad, stride, f
    last_cache = cache
    A_pad, stride, f = last_cache[0], last_cache[1][S], last_cache[1][F]
    dA_prev = np.zeros(A_pad.shape)
    for h in range(dA.shape[1]):
        for w in range(dA.shape[2]):
            window = cut(h, w)
            share = 1 / f**2
            if mode == MAX:
                share = window == window.max((1, 2), keepdims=True)
            dA_prev[:, h*stride:h*stride+f, w*stride:w*stride+f] += share * dA[:, h:h+1, w:w+1]
    return dA_prev

# %% the last cell
N_CALLS = 10 ** 6; X = None
