"""The reference for the eight functions of the convolutional network, step by step.

The grader compares what students return with what these functions return. They share neither code nor loops
over output positions with the readable solution in the notebook. Every window of the input is one entry of
a strided view (`_windows`); a convolution is one product of that view with the filters; the backward passes
use the transpose of the view (`_add_windows`), which adds every window back to where it was read.

Notation
--------
m : number of examples; i, h, w, c : example, row, column and channel of an output
n_H, n_W, n_C : height, width, channels of an output; n_H_prev, n_W_prev, n_C_prev : those of its input
f : side of the window; stride : pixels from one window to the next; pad : rings of zeros around the input
A_prev, W, b, Z, A : input, filters, biases, output of a convolution, output of a pooling
dX : gradient of the loss with respect to X, in the shape of X

Dtypes
------
Arrays hold real numbers. Where products, sums or shares are formed, that happens in the common dtype of the
arrays (`numpy.result_type`) if it is a float dtype, and in float64 if it is an integer or boolean dtype:
float32 stays float32, whole numbers never wrap around, and a share need not be whole. Where values are only
moved or selected (`zero_pad`, the maximum in `pool_forward`), the dtype of the input is kept.

No function modifies what it is given, and no result shares memory with it. The one exception is a
``cache``, which holds the inputs themselves.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def zero_pad(X: np.ndarray, pad: int) -> np.ndarray:
    """Surround every image with ``pad`` rings of zeros.

    Parameters
    ----------
    X : (m, n_H, n_W, n_C) array, not modified
    pad : int, pixels; pad >= 0, and 0 returns a copy

    Returns
    -------
    X_pad : (m, n_H + 2*pad, n_W + 2*pad, n_C) array, dtype of ``X``
        ``X`` in the middle; examples and channels are not padded.

    Raises
    ------
    ValueError
        If ``pad`` is negative.
    """
    if pad < 0:
        raise ValueError(f"pad is {pad}; it counts rings of zeros, so it must be 0 or more")
    m, n_H, n_W, n_C = X.shape
    # Zeros and one assignment take a twentieth of the time of np.pad on inputs of this size.
    X_pad = np.zeros((m, n_H + 2 * pad, n_W + 2 * pad, n_C), X.dtype)
    X_pad[:, pad : pad + n_H, pad : pad + n_W, :] = X
    return X_pad


def conv_single_step(a_slice_prev: np.ndarray, W: np.ndarray, b: np.ndarray) -> float:
    """Apply one filter to one window of the input.

    Parameters
    ----------
    a_slice_prev : (f, f, n_C_prev) array, not modified
    W : (f, f, n_C_prev) array, not modified
    b : (1, 1, 1) array, not modified

    Returns
    -------
    Z : float, a Python number
        The sum of ``a_slice_prev * W`` over all entries, plus the bias once.

    Raises
    ------
    ValueError
        If the shapes of ``a_slice_prev`` and ``W`` differ, or ``b`` holds more than one number.
    """
    if a_slice_prev.shape != W.shape:
        raise ValueError(
            f"the window has shape {a_slice_prev.shape}, the filter {W.shape}; they must be the same, "
            "one weight for each value"
        )
    if b.size != 1:
        raise ValueError(f"b has shape {b.shape}; one filter has one bias, so it must hold one number")
    products = np.multiply(a_slice_prev, W, dtype=_float_dtype(a_slice_prev, W, b))
    return float(products.sum() + b.item())


def conv_forward(
    A_prev: np.ndarray, W: np.ndarray, b: np.ndarray, hparameters: dict[str, int]
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, int]]]:
    """Slide the filters ``W`` over ``A_prev``, padded with zeros, and add ``b``.

    Parameters
    ----------
    A_prev : (m, n_H_prev, n_W_prev, n_C_prev) array, not modified
    W : (f, f, n_C_prev, n_C) array, not modified; the last axis counts the filters
    b : (1, 1, 1, n_C) array, not modified; one bias per filter
    hparameters : dict, not modified
        ``"stride"`` : int, pixels, stride >= 1; ``"pad"`` : int, pixels, pad >= 0.

    Returns
    -------
    Z : (m, n_H, n_W, n_C) array, in the common float dtype
        n_H = floor((n_H_prev - f + 2*pad) / stride) + 1, n_W likewise. Rows and columns that the floor
        leaves over are never read. With ``A_pad`` the padded input and the sum over p, q < f and all k::

            Z[i, h, w, c] = sum of A_pad[i, h*stride + p, w*stride + q, k] * W[p, q, k, c]  +  b[0, 0, 0, c]

    cache : tuple ``(A_prev, W, b, hparameters)``, the very objects that were given

    Raises
    ------
    ValueError
        If the channel counts of ``A_prev`` and ``W`` or the filter counts of ``W`` and ``b`` differ, the
        filters are not square, ``stride < 1``, ``pad < 0``, or ``f`` is larger than the padded input.

    Notes
    -----
    Strictly this is a cross-correlation, as the filter is not flipped; the field calls it a convolution.

    References
    ----------
    The sum: I. Goodfellow, Y. Bengio, A. Courville, Deep Learning (2016), sections 9.1 and 9.5.
    The size: V. Dumoulin, F. Visin, A guide to convolution arithmetic for deep learning (2016), chapter 2,
    arXiv:1603.07285.
    One matrix product for all windows: K. Chellapilla, S. Puri, P. Simard, High performance convolutional
    neural networks for document processing (2006).
    """
    stride, pad = hparameters["stride"], hparameters["pad"]
    _require_matching_filters(A_prev, W)
    f, n_C = W.shape[0], W.shape[3]
    if b.shape != (1, 1, 1, n_C):
        raise ValueError(f"b has shape {b.shape}; for {n_C} filters it must be (1, 1, 1, {n_C})")
    windows = _windows(zero_pad(A_prev, pad), f, stride)
    # With one factor in the common dtype, the product has it too.
    Z = np.tensordot(windows, W.astype(_float_dtype(A_prev, W, b), copy=False), axes=3)  # (m, n_H, n_W, n_C)
    Z += b
    return Z, (A_prev, W, b, hparameters)


def pool_forward(
    A_prev: np.ndarray, hparameters: dict[str, int], mode: str = "max"
) -> tuple[np.ndarray, tuple[np.ndarray, dict[str, int]]]:
    """Replace every window of every channel by its maximum or its average.

    Parameters
    ----------
    A_prev : (m, n_H_prev, n_W_prev, n_C) array, not modified
    hparameters : dict, not modified
        ``"stride"`` : int, pixels, stride >= 1; ``"f"`` : int, pixels, side of the window, f >= 1.
    mode : "max" or "average"

    Returns
    -------
    A : (m, n_H, n_W, n_C) array
        n_H = floor((n_H_prev - f) / stride) + 1, n_W likewise. A maximum has the dtype of ``A_prev``. An
        average has it too if that is a float dtype, else float64.
    cache : tuple ``(A_prev, hparameters)``, the very objects that were given

    Raises
    ------
    ValueError
        If ``mode`` is neither, ``stride < 1``, ``f < 1``, or ``f`` is larger than the input.

    References
    ----------
    The size: V. Dumoulin, F. Visin, A guide to convolution arithmetic for deep learning (2016), chapter 3,
    arXiv:1603.07285.
    """
    _require_mode(mode)
    windows = _windows(A_prev, hparameters["f"], hparameters["stride"])
    cache = (A_prev, hparameters)
    if mode == "max":
        return windows.max(axis=(3, 4)), cache
    return windows.mean(axis=(3, 4), dtype=_float_dtype(A_prev)), cache


def conv_backward(
    dZ: np.ndarray, cache: tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, int]]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Carry the gradient of a convolution back to its input, its filters and its biases.

    Parameters
    ----------
    dZ : (m, n_H, n_W, n_C) array, not modified; gradient with respect to the output of `conv_forward`
    cache : tuple ``(A_prev, W, b, hparameters)`` as `conv_forward` returns it, not modified

    Returns
    -------
    dA_prev : (m, n_H_prev, n_W_prev, n_C_prev) array
        Pixels that no window read (the floor's remainder) have gradient 0.
    dW : (f, f, n_C_prev, n_C) array
    db : (1, 1, 1, n_C) array
        All three in the common float dtype of ``dZ``, ``A_prev`` and ``W``. With sums over all output
        positions (i, h, w), and for ``dA_pad`` over the filters c as well::

            dA_pad[i, h*stride + p, w*stride + q, k] += W[p, q, k, c] * dZ[i, h, w, c]
            dW[p, q, k, c] += A_pad[i, h*stride + p, w*stride + q, k] * dZ[i, h, w, c]
            db[0, 0, 0, c] += dZ[i, h, w, c]

        ``dA_prev`` is ``dA_pad`` without its ring of ``pad`` pixels; with pad 0 that is all of it.

    Raises
    ------
    ValueError
        As `conv_forward`, and if the shape of ``dZ`` is not that of its output.

    References
    ----------
    I. Goodfellow, Y. Bengio, A. Courville, Deep Learning (2016), section 9.5: both gradients.
    V. Dumoulin, F. Visin, A guide to convolution arithmetic for deep learning (2016), chapter 4,
    arXiv:1603.07285: the gradient of the input as the transpose of the forward pass.
    """
    A_prev, W, _, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    _require_matching_filters(A_prev, W)
    A_pad = zero_pad(A_prev, pad)
    windows = _windows(A_pad, W.shape[0], stride)
    _require_shape("dZ", dZ, (*windows.shape[:3], W.shape[3]))
    dZ = dZ.astype(_float_dtype(dZ, A_prev, W), copy=False)  # and so all products with it

    positions = (0, 1, 2)  # the axes i, h, w, which windows and dZ share
    dW = np.tensordot(windows, dZ, axes=(positions, positions))  # (f, f, n_C_prev, n_C)
    db = dZ.sum(axis=positions, keepdims=True)
    d_windows = np.tensordot(dZ, W, axes=(3, 3))  # (m, n_H, n_W, f, f, n_C_prev)
    dA_pad = _add_windows(d_windows, A_pad.shape, stride)
    # Counted from the front: a slice that ends at -pad would be empty for pad 0.
    dA_prev = dA_pad[:, pad : pad + A_prev.shape[1], pad : pad + A_prev.shape[2], :]
    return np.ascontiguousarray(dA_prev), dW, db


def create_mask_from_window(x: np.ndarray) -> np.ndarray:
    """Mark where a window holds its maximum.

    Parameters
    ----------
    x : (n_H, n_W) array, not modified

    Returns
    -------
    mask : (n_H, n_W) bool array
        True at every position whose value equals the maximum of ``x``: at all of them if it is tied.
    """
    return np.equal(x, x.max())


def distribute_value(dz: float, shape: tuple[int, int]) -> np.ndarray:
    """Share one number equally among the cells of a window.

    Parameters
    ----------
    dz : float or int
    shape : (n_H, n_W), pixels, each >= 1

    Returns
    -------
    a : (n_H, n_W) array, every entry ``dz / (n_H * n_W)``
        Of float64, or of the dtype of ``dz`` if that is a NumPy float.
    """
    n_H, n_W = shape
    return np.full((n_H, n_W), dz / (n_H * n_W))


def pool_backward(dA: np.ndarray, cache: tuple[np.ndarray, dict[str, int]], mode: str = "max") -> np.ndarray:
    """Carry the gradient of a pooling back to its input.

    Parameters
    ----------
    dA : (m, n_H, n_W, n_C) array, not modified; gradient with respect to the output of `pool_forward`
    cache : tuple ``(A_prev, hparameters)`` as `pool_forward` returns it, not modified
    mode : "max" or "average"; the mode of the forward pass

    Returns
    -------
    dA_prev : (m, n_H_prev, n_W_prev, n_C) array, in the common float dtype of ``dA`` and ``A_prev``
        "max": each entry of ``dA`` goes to the position that was the maximum of its window; if several
        positions tie, each of them gets all of it. "average": every cell of the window gets 1 / f**2 of it.
        Where windows overlap, contributions add up. Pixels that no window read have gradient 0.

    Raises
    ------
    ValueError
        As `pool_forward`, and if the shape of ``dA`` is not that of its output.

    Notes
    -----
    At a tie the maximum has no gradient, only a convention. Here it follows from the mask, which is True at
    every tied position (`create_mask_from_window`). Libraries differ: some divide the entry, some pick one
    position.
    """
    _require_mode(mode)
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]
    windows = _windows(A_prev, f, stride)
    m, n_H, n_W, _, _, n_C = windows.shape
    _require_shape("dA", dA, (m, n_H, n_W, n_C))
    per_window = dA.astype(_float_dtype(dA, A_prev), copy=False)[:, :, :, None, None, :]
    if mode == "max":
        # Selected, not multiplied: an infinite dA must not turn the zeros beside the maximum into NaN.
        d_windows = np.where(windows == windows.max(axis=(3, 4), keepdims=True), per_window, 0)
    else:
        d_windows = np.broadcast_to(per_window / f**2, windows.shape)
    return _add_windows(d_windows, A_prev.shape, stride)


def _windows(X: np.ndarray, f: int, stride: int) -> np.ndarray:
    """View every f x f window of ``X``, without copying.

    Returns
    -------
    windows : (m, n_H, n_W, f, f, n_C) array, a read-only view of ``X``
        ``windows[i, h, w, p, q, k]`` is ``X[i, h*stride + p, w*stride + q, k]``. The last three axes are
        those of a filter.
    """
    n_H_prev, n_W_prev = X.shape[1:3]
    if stride < 1:
        raise ValueError(f"stride is {stride}; the window must move by 1 pixel or more")
    if f < 1:
        raise ValueError(f"f is {f}; a window has a side of 1 pixel or more")
    if f > min(n_H_prev, n_W_prev):
        raise ValueError(
            f"a window of {f} x {f} pixels does not fit into the input of {n_H_prev} x {n_W_prev} pixels "
            f"(padding included); f can be {min(n_H_prev, n_W_prev)} at most"
        )
    at_every_pixel = sliding_window_view(X, (f, f), axis=(1, 2))  # (m, rows, columns, n_C, f, f)
    return at_every_pixel[:, ::stride, ::stride].transpose(0, 1, 2, 4, 5, 3)


def _add_windows(d_windows: np.ndarray, shape: tuple[int, ...], stride: int) -> np.ndarray:
    """Add every window back to where `_windows` read it: the transpose of that view.

    Windows may overlap, so one assignment through a view would lose contributions. But the cells at one
    offset (p, q) of all windows are distinct pixels, so each of the f x f offsets is one addition.

    Parameters
    ----------
    d_windows : (m, n_H, n_W, f, f, n_C) array, not modified
    shape : (m, n_H_prev, n_W_prev, n_C), the shape that the windows were read from

    Returns
    -------
    dX : array of that shape; 0 where no window was read
    """
    n_H, n_W, f = d_windows.shape[1:4]
    dX = np.zeros(shape, d_windows.dtype)
    for p in range(f):
        for q in range(f):
            dX[:, p : p + n_H * stride : stride, q : q + n_W * stride : stride] += d_windows[:, :, :, p, q]
    return dX


def _float_dtype(*arrays: np.ndarray) -> np.dtype:
    """Return the common dtype of ``arrays`` if it is a float dtype, else float64."""
    dtype = np.result_type(*arrays)
    return dtype if dtype.kind == "f" else np.dtype(np.float64)


def _require_matching_filters(A_prev: np.ndarray, W: np.ndarray) -> None:
    f, f_W, n_C_prev, _ = W.shape
    if f != f_W:
        raise ValueError(f"W has shape {W.shape}; filters are square, but these are {f} x {f_W}")
    if A_prev.shape[3] != n_C_prev:
        raise ValueError(
            f"A_prev has {A_prev.shape[3]} channels, but the filters W are made for {n_C_prev} "
            f"(shapes {A_prev.shape} and {W.shape})"
        )


def _require_shape(name: str, gradient: np.ndarray, expected: tuple[int, ...]) -> None:
    if gradient.shape != expected:
        raise ValueError(f"{name} has shape {gradient.shape}, but the forward pass returned {expected}")


def _require_mode(mode: str) -> None:
    if mode not in ("max", "average"):
        raise ValueError(f'mode is {mode!r}; it must be "max" or "average"')
