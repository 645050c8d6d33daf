"""Imports half of the standard library, NumPy under other names, and imports inside of functions."""

# %% zero_pad
import numpy
import math, os, random, re, copy, collections, string, json, datetime
from collections import OrderedDict, namedtuple, defaultdict
from numpy import zeros, pad as np_pad, array
from numpy.linalg import *
import numpy.testing as npt

def zero_pad(X, pad):
    import numpy as xp
    width = defaultdict(lambda: (0, 0), {1: (pad, pad), 2: (pad, pad)})
    return np_pad(X, [width[axis] for axis in range(xp.ndim(X))], mode="constant")

# %% conv_single_step
from math import fsum

def conv_single_step(a_slice_prev, W, b):
    return fsum((a_slice_prev * W).ravel()) + fsum(b.ravel())

# %% conv_forward
import numpy as xp

Cache = namedtuple("Cache", "A_prev W b hparameters")

def conv_forward(A_prev, W, b, hparameters):
    from math import floor
    s, p = hparameters.get("stride"), hparameters.get("pad")
    f = W.shape[1]
    padded = zero_pad(A_prev, p)
    n_H = floor((A_prev.shape[1] - f + 2 * p) / s) + 1
    n_W = floor((A_prev.shape[2] - f + 2 * p) / s) + 1
    Z = zeros((A_prev.shape[0], n_H, n_W, W.shape[3]))
    for h in range(n_H):
        strip = numpy.lib.stride_tricks.sliding_window_view(padded[:, h * s : h * s + f], f, axis=2)[:, :, ::s]
        # strip: (m, f, n_W, n_C_prev, f)
        Z[:, h] = xp.tensordot(strip, W, axes=([1, 4, 3], [0, 1, 2]))
    return Z + b, Cache(A_prev, W, b, OrderedDict(hparameters))

# %% pool_forward
def pool_forward(A_prev, hparameters, mode="max"):
    from functools import reduce
    s, f = (hparameters[key] for key in ("stride", "f"))
    n_H, n_W = (math.floor((side - f) / s) + 1 for side in A_prev.shape[1:3])
    shifted = [A_prev[:, u:, v:][:, ::s, ::s][:, :n_H, :n_W] for u in range(f) for v in range(f)]
    if re.fullmatch("max", mode):
        A = reduce(numpy.fmax, shifted)
    else:
        A = numpy.mean(shifted, axis=0)
    return array(A, dtype=float), (copy.deepcopy(A_prev), copy.copy(hparameters))

# %% conv_backward
def conv_backward(dZ, cache):
    c = Cache(*cache)
    s, p, f = c.hparameters["stride"], c.hparameters["pad"], c.W.shape[0]
    padded = zero_pad(c.A_prev, p)
    dpadded, dW = zeros(padded.shape), zeros(c.W.shape)
    n_H, n_W = dZ.shape[1:3]
    for u, v in [divmod(k, f) for k in range(f * f)]:
        rows, columns = slice(u, u + (n_H - 1) * s + 1, s), slice(v, v + (n_W - 1) * s + 1, s)
        dpadded[:, rows, columns] += numpy.inner(dZ, c.W[u, v])
        dW[u, v] = numpy.tensordot(padded[:, rows, columns], dZ, [[0, 1, 2], [0, 1, 2]])
    return copy.copy(dpadded[:, p : p + c.A_prev.shape[1], p : p + c.A_prev.shape[2]]), dW, dZ.sum((0, 1, 2))[xp.newaxis, xp.newaxis, xp.newaxis]

# %% create_mask_from_window
from operator import eq

def create_mask_from_window(x):
    return array(eq(x, numpy.ndarray.max(x)))

# %% distribute_value
from fractions import Fraction

def distribute_value(dz, shape):
    share = Fraction(dz) / math.prod(shape)
    return xp.full(shape, float(share))

# %% pool_backward
def pool_backward(dA, cache, mode="max"):
    A_prev, hp = cache
    s, f = hp["stride"], hp["f"]
    result = zeros(A_prev.shape)
    A = pool_forward(A_prev, hp, "max")[0]
    n_H, n_W = dA.shape[1:3]
    for u, v in [divmod(k, f) for k in range(f * f)]:
        rows, columns = slice(u, u + (n_H - 1) * s + 1, s), slice(v, v + (n_W - 1) * s + 1, s)
        if mode == "max":
            result[:, rows, columns] += xp.where(A_prev[:, rows, columns] == A, dA, 0.0)
        else:
            result[:, rows, columns] += dA / f ** 2
    return result
