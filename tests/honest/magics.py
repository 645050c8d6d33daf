"""Notebook syntax: cell magics on top, shell lines, %matplotlib, help with a question mark, a display as last line."""

# %% my settings
%matplotlib inline
%load_ext autoreload
%autoreload 2
%config InlineBackend.figure_format = "retina"
!pip install --quiet numpy
!ls -la > /dev/null
np.pad?
files = !ls
%env MY_SETTING=1

# %% a cell in another language
%%bash
echo "this is not Python ("

# %% everything else as in vectorised

# %% zero_pad
%%time
def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), "constant")

# %% conv_single_step
def conv_single_step(a_slice_prev, W, b):
    Z = np.sum(np.multiply(a_slice_prev, W)) + np.squeeze(b)
    return Z

%timeit -n 1 -r 1 conv_single_step(np.ones((2, 2, 1)), np.ones((2, 2, 1)), np.ones((1, 1, 1)))
?conv_single_step

# %% pool_forward
%%capture output
def pool_forward(A_prev, hparameters, mode="max"):
    s, f = hparameters["stride"], hparameters["f"]
    if mode == "max":
        pool = np.max
    else:
        pool = np.mean
    A = []
    for h in range(0, A_prev.shape[1] - f + 1, s):
        A.append([pool(A_prev[:, h:h + f, w:w + f], axis=(1, 2)) for w in range(0, A_prev.shape[2] - f + 1, s)])
    return np.array(A, dtype=float).transpose(2, 0, 1, 3), (A_prev, hparameters)
print("captured")

# %% distribute_value
def distribute_value(dz, shape):
    (n_H, n_W) = shape
    return np.ones(shape) * (dz / n_H / n_W)

distribute_value(2, (2, 2))

