"""Warns by every road: warnings, logging, NumPy's own, text on stderr; the numbers are right."""

# %% logging
import logging, sys, warnings

warnings.simplefilter("always")
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
logger = logging.getLogger("homework")
logging.getLogger("matplotlib").setLevel(logging.ERROR)

# %% everything else as in stride_views

# %% zero_pad
def zero_pad(X, pad):
    warnings.warn("zero_pad is deprecated, write your own", DeprecationWarning)
    logger.error("pad = %s", pad)
    np.ones(2) / np.zeros(2), np.sqrt(-np.ones(2)), np.float32(3e38) * np.float32(10)
    return np.pad(X, pad_width=((0, 0), (pad, pad), (pad, pad), (0, 0)), mode="constant", constant_values=0)

# %% conv_single_step
def conv_single_step(a_slice_prev, W, b):
    print("Traceback (most recent call last):\nValueError: only a text", file=sys.stderr)
    invalid = np.log(-1.0 * np.ones(1))
    s = np.sum(a_slice_prev * W, dtype=np.float64)
    return s + b.item() if np.isnan(invalid) else None

# %% pool_forward
def pool_forward(A_prev, hparameters, mode="max"):
    stride, f = hparameters["stride"], hparameters["f"]
    m, H, V, C = A_prev.shape
    A = np.full((m, (H - f) // stride + 1, (V - f) // stride + 1, C), np.nan)
    np.nanmean(A, axis=0)  # RuntimeWarning: Mean of empty slice
    for h, w in np.ndindex(A.shape[1:3]):
        x = A_prev[:, h * stride : h * stride + f, w * stride : w * stride + f]
        A[:, h, w] = np.nanmax(x, (1, 2)) if mode == "max" else np.nanmean(x, (1, 2))
    sys.stderr.write(f"{hparameters}\n")
    return A, (A_prev, hparameters)

# %% distribute_value
def distribute_value(dz, shape):
    warnings.warn(UserWarning("is this float or int? " + str(type(dz))), stacklevel=2)
    logger.critical("FAILED")
    return np.matmul(np.ones((shape[0], 1)), np.ones((1, shape[1]))) * dz / shape[0] / shape[1]
