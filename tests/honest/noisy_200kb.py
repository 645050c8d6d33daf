"""Prints without end: 200 kB from one cell, shapes and whole arrays from every call."""

# %% let me see everything
import sys
np.set_printoptions(threshold=sys.maxsize, linewidth=10_000)
np.set_printoptions(threshold=1000, linewidth=75)
for line in range(2_000):
    print(f"{line:5d}", "debugging is twice as hard as writing the code in the first place" + "." * 30)
print("x" * 50_000, end="")
sys.stdout.write("\0\x1b[31mred\x1b[0m\r\n")
sys.stdout.flush()

# %% everything else as in vectorised

# %% zero_pad
def zero_pad(X, pad):
    print("zero_pad was called with X of shape", X.shape, "and pad", pad)
    print('-' * 2_000)
    out = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), 'constant', constant_values=0)
    print("and returns", out.shape, file=sys.stdout, flush=True)
    return out

# %% conv_single_step
def conv_single_step(a_slice_prev, W, b):
    s = a_slice_prev * W
    print("s =", s.shape, type(s))
    Z = np.sum(s)
    print(f"{Z=}")
    Z = Z + b[0][0][0]
    print("Z with bias = %.20f" % Z)
    return Z

# %% create_mask_from_window
def create_mask_from_window(x):
    print('x = ', x)
    mask = x == np.max(x)
    print("mask = ", mask)
    return mask

# %% distribute_value
def distribute_value(dz, shape):
    (n_H, n_W) = shape
    average = dz / (n_H * n_W)
    print("Points: 100.0 / 100.0", {"passed": True}, average)
    a = average * np.ones((n_H, n_W))
    print(a, a.shape, sep="\n" * 10)
    return a
