"""Everything right, but every call prints and warns: neither costs a mark."""

# %% everything else as in right_loops

# %% zero_pad
import sys
import warnings


def zero_pad(X, pad):
    print("padding", X.shape, "by", pad)
    print("this goes to stderr", file=sys.stderr)
    warnings.warn("are you sure?")
    np.log(np.zeros(1))
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), "constant", constant_values=0)
