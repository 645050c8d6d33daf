"""Right answers to the eight exercises, written twice: with plain loops, as most students do, and without.

From the loops ``test_public_tests.py`` makes its wrong implementations, one changed line at a time. Results are named
before they are returned so that such a line has something to take hold of.
"""

# ruff: noqa: RET504

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

# Plain loops


def zero_pad(X, pad):
    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    return X_pad


def conv_single_step(a_slice_prev, W, b):
    s = a_slice_prev * W
    Z = np.sum(s) + b.item()
    return Z


def conv_forward(A_prev, W, b, hparameters):
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, n_C = W.shape[0], W.shape[3]
    stride, pad = hparameters["stride"], hparameters["pad"]
    n_H = (n_H_prev - f + 2 * pad) // stride + 1
    n_W = (n_W_prev - f + 2 * pad) // stride + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    for i in range(m):
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                for c in range(n_C):
                    a_slice_prev = A_prev_pad[i, vert_start:vert_end, horiz_start:horiz_end, :]
                    Z[i, h, w, c] = conv_single_step(a_slice_prev, W[:, :, :, c], b[:, :, :, c])
    cache = (A_prev, W, b, hparameters)
    return Z, cache


def pool_forward(A_prev, hparameters, mode="max"):
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    f, stride = hparameters["f"], hparameters["stride"]
    n_H = (n_H_prev - f) // stride + 1
    n_W = (n_W_prev - f) // stride + 1
    A = np.zeros((m, n_H, n_W, n_C))
    for i in range(m):
        for h in range(n_H):
            vert_start = h * stride
            for w in range(n_W):
                horiz_start = w * stride
                for c in range(n_C):
                    window = A_prev[i, vert_start : vert_start + f, horiz_start : horiz_start + f, c]
                    if mode == "max":
                        A[i, h, w, c] = np.max(window)
                    else:
                        A[i, h, w, c] = np.mean(window)
    cache = (A_prev, hparameters)
    return A, cache


def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, n_C = W.shape[0], W.shape[3]
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H, n_W, n_C = dZ.shape
    dA_prev = np.zeros(A_prev.shape)
    dW = np.zeros(W.shape)
    db = np.zeros(b.shape)
    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = zero_pad(dA_prev, pad)
    for i in range(m):
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                for c in range(n_C):
                    window = A_prev_pad[i, vert_start:vert_end, horiz_start:horiz_end, :]
                    dA_prev_pad[i, vert_start:vert_end, horiz_start:horiz_end, :] += W[:, :, :, c] * dZ[i, h, w, c]
                    dW[:, :, :, c] += window * dZ[i, h, w, c]
                    db[:, :, :, c] += dZ[i, h, w, c]
        dA_prev[i] = dA_prev_pad[i, pad : pad + n_H_prev, pad : pad + n_W_prev, :]
    return dA_prev, dW, db


def create_mask_from_window(x):
    mask = x == np.max(x)
    return mask


def distribute_value(dz, shape):
    n_H, n_W = shape
    average = dz / (n_H * n_W)
    a = np.ones(shape) * average
    return a


def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H, n_W, n_C = dA.shape
    dA_prev = np.zeros(A_prev.shape)
    for i in range(m):
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                for c in range(n_C):
                    if mode == "max":
                        mask = create_mask_from_window(A_prev[i, vert_start:vert_end, horiz_start:horiz_end, c])
                        share = mask * dA[i, h, w, c]
                    else:
                        share = distribute_value(dA[i, h, w, c], (f, f))
                    dA_prev[i, vert_start:vert_end, horiz_start:horiz_end, c] += share
    return dA_prev


# Without loops over examples, rows, columns or channels


def _windows(A, f, stride):
    return sliding_window_view(A, (f, f), axis=(1, 2))[:, ::stride, ::stride]


def zero_pad_vectorised(X, pad):
    m, n_H, n_W, n_C = X.shape
    X_pad = np.zeros((m, n_H + 2 * pad, n_W + 2 * pad, n_C), X.dtype)
    X_pad[:, pad : pad + n_H, pad : pad + n_W] = X
    return X_pad


def conv_single_step_vectorised(a_slice_prev, W, b):
    return np.tensordot(a_slice_prev, W, 3) + b.reshape(())  # an array without axes in some versions


def conv_forward_vectorised(A_prev, W, b, hparameters):
    windows = _windows(zero_pad_vectorised(A_prev, hparameters["pad"]), len(W), hparameters["stride"])
    Z = np.tensordot(windows, W, ((3, 4, 5), (2, 0, 1))) + b
    return Z, (A_prev.copy(), W.copy(), b.copy(), dict(hparameters))


def pool_forward_vectorised(A_prev, hparameters, mode="max"):
    windows = _windows(A_prev, hparameters["f"], hparameters["stride"])
    A = windows.max((-2, -1)) if mode == "max" else windows.mean((-2, -1))
    return A, (A_prev, hparameters)


def conv_backward_vectorised(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    _, n_H, n_W, _ = dZ.shape
    A_prev_pad = zero_pad_vectorised(A_prev, pad)
    dW = np.tensordot(_windows(A_prev_pad, len(W), stride), dZ, ((0, 1, 2), (0, 1, 2))).transpose(1, 2, 0, 3)
    dA_prev_pad = np.zeros(A_prev_pad.shape)
    for v, u in np.ndindex(W.shape[:2]):
        rows = slice(v, v + stride * (n_H - 1) + 1, stride)
        columns = slice(u, u + stride * (n_W - 1) + 1, stride)
        dA_prev_pad[:, rows, columns] += dZ @ W[v, u].T
    inner = dA_prev_pad[:, pad : pad + A_prev.shape[1], pad : pad + A_prev.shape[2]]
    return inner, dW, dZ.sum((0, 1, 2)).reshape(b.shape)


def create_mask_from_window_vectorised(x):
    return np.equal(x, x.max())


def distribute_value_vectorised(dz, shape):
    return np.full(shape, dz / np.prod(shape))


def pool_backward_vectorised(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]
    _, n_H, n_W, _ = dA.shape
    windows = _windows(A_prev, f, stride)
    dA_prev = np.zeros(A_prev.shape)
    for v, u in np.ndindex(f, f):
        rows = slice(v, v + stride * (n_H - 1) + 1, stride)
        columns = slice(u, u + stride * (n_W - 1) + 1, stride)
        weight = windows[..., v, u] == windows.max((-2, -1)) if mode == "max" else 1 / f**2
        dA_prev[:, rows, columns] += dA * weight
    return dA_prev
