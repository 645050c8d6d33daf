"""The reference for the five functions of the notebook on paper convolutions.

The grader compares what students return with what these functions return. None of them loops over positions, as the
notebook's solutions do: windows are entries of a strided view, and the matrix of a convolution is found by sending
every unit image through it.

Dtypes
------
Arrays hold real numbers. Where products or sums are formed, that happens in the common dtype of the arrays
(`numpy.result_type`) if it is a float dtype, and in float64 if it is an integer dtype. `rot180` only moves values and
keeps the dtype. No function modifies what it is given, and no result shares memory with it.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def rot180(X: np.ndarray) -> np.ndarray:
    """Turn a matrix by 180 degrees.

    Parameters
    ----------
    X : (M, N) array, not modified

    Returns
    -------
    R : (M, N) array, dtype of ``X``; R[i, j] = X[M - 1 - i, N - 1 - j]
    """
    return np.flip(X).copy()


def wide_convolve(X: np.ndarray, W: np.ndarray) -> np.ndarray:
    """Slide ``W``, as it is, over ``X`` in a ring of zeros that lets every pixel meet every entry once.

    Parameters
    ----------
    X : (M, N) array, not modified
    W : (U, V) array, not modified

    Returns
    -------
    Y : (M + U - 1, N + V - 1) float array
        With zeros outside of ``X``: Y[i, j] = sum over u, v of X[i + u - (U - 1), j + v - (V - 1)] * W[u, v].

    References
    ----------
    V. Dumoulin, F. Visin, A guide to convolution arithmetic for deep learning (2016), section 2.3 ("full padding"),
    arXiv:1603.07285.
    """
    dtype = _float_dtype(X, W)
    M, N = X.shape
    U, V = W.shape
    inside = np.zeros((M + 2 * (U - 1), N + 2 * (V - 1)), dtype)
    inside[U - 1 : U - 1 + M, V - 1 : V - 1 + N] = X
    views = sliding_window_view(inside, (U, V))  # (M + U - 1, N + V - 1, U, V)
    return np.tensordot(views, W.astype(dtype, copy=False), axes=2)


def conv_1x1(A_prev: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Mix the channels of every pixel by the matrix ``W[0, 0]``, and add ``b``.

    Parameters
    ----------
    A_prev : (m, n_H, n_W, n_C_prev) array, not modified
    W : (1, 1, n_C_prev, n_C) array, not modified
    b : (1, 1, 1, n_C) array, not modified

    Returns
    -------
    Z : (m, n_H, n_W, n_C) float array
    """
    dtype = _float_dtype(A_prev, W, b)
    mixed = np.einsum("ihwk,xykc->ihwc", A_prev.astype(dtype, copy=False), W.astype(dtype, copy=False))
    return mixed + b.astype(dtype, copy=False)


def conv_cost(n_H: int, n_W: int, n_C_prev: int, n_C: int, f: int) -> tuple[float, float, float]:
    """Count multiplications, activations and parameters of a convolution for one image, without biases.

    Parameters
    ----------
    n_H, n_W : int, pixels; the output's height and width
    n_C_prev, n_C : int; channels of input and output
    f : int, pixels; side of the filters

    Returns
    -------
    multiplications, activations, parameters : float
        Whole numbers; as floats, because the judge compares these as single numbers and ints of students likewise.
    """
    weights = n_C * n_C_prev * f * f
    positions = n_W * n_H
    return float(positions * weights), float(n_C * positions), float(weights)


def conv_matrix(W: np.ndarray, n_H: int, n_W: int, stride: int, pad: int) -> np.ndarray:
    """Return the matrix that convolves an (n_H, n_W) image, laid out row by row, with ``W``.

    Parameters
    ----------
    W : (f, f) array, not modified
    n_H, n_W : int, pixels; the input's height and width, before padding
    stride, pad : int, pixels; stride >= 1, pad >= 0

    Returns
    -------
    C : (rows * columns, n_H * n_W) float array
        rows = floor((n_H - f + 2*pad) / stride) + 1, columns likewise.

    Raises
    ------
    ValueError
        If the filter is larger than the padded image.

    Notes
    -----
    Column p of a matrix is what it makes of unit vector p: the unit images are convolved, all at once.
    """
    f = len(W)
    if f > min(n_H, n_W) + 2 * pad:
        raise ValueError(f"a filter of side {f} does not fit into an image of {n_H} x {n_W} with pad {pad}")
    units = np.eye(n_H * n_W, dtype=_float_dtype(W)).reshape(-1, n_H, n_W)
    ringed = np.pad(units, ((0, 0), (pad, pad), (pad, pad)))
    views = sliding_window_view(ringed, (f, f), axis=(1, 2))[:, ::stride, ::stride]  # (n_H * n_W, rows, columns, f, f)
    responses = np.tensordot(views, W.astype(units.dtype, copy=False), axes=2)
    return responses.reshape(n_H * n_W, -1).T.copy()


def _float_dtype(*arrays: np.ndarray) -> np.dtype:
    """Return the common dtype of the arrays, float64 in the place of integers."""
    dtype = np.result_type(*arrays)
    return dtype if dtype.kind == "f" else np.dtype(np.float64)
