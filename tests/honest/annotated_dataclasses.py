"""Type hints everywhere, forward references under ``from __future__ import annotations``, and dataclasses."""

# %% imports and types
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypedDict

Array = np.ndarray[Any, np.dtype[Any]]
Mode = Literal["max", "average"]


class ConvCache(NamedTuple):
    A_prev: Array
    W: Array
    b: Array
    hparameters: Hyper


class Hyper(TypedDict, total=False):
    stride: int
    pad: int
    f: int

# %% the window
@dataclass(frozen=True, slots=True)
class Window:
    top: int
    left: int
    f: int
    trace: list[Window] = field(default_factory=list, compare=False)

    def moved(self, down: int, right: int) -> Window:
        return Window(self.top + down, self.left + right, self.f, [*self.trace, self])

    def of(self, X: Array) -> Array:
        return X[:, self.top : self.top + self.f, self.left : self.left + self.f, :]


def all_windows(n_H: int, n_W: int, f: int, stride: int) -> dict[tuple[int, int], Window]:
    corner: Window = Window(0, 0, f)
    return {(h, w): corner.moved(h * stride, w * stride) for h in range(n_H) for w in range(n_W)}

# %% zero_pad
def zero_pad(X: Array, pad: int) -> Array:
    widths: tuple[tuple[int, int], ...] = ((0, 0), (pad, pad), (pad, pad), (0, 0))
    X_pad: Array = np.pad(X, widths, mode="constant")
    return X_pad

# %% conv_single_step
def conv_single_step(a_slice_prev: Array, W: Array, b: Array) -> float:
    Z: float = float(np.sum(a_slice_prev * W)) + float(b.item())
    return Z

# %% conv_forward
def conv_forward(A_prev: Array, W: Array, b: Array, hparameters: Hyper) -> tuple[Array, ConvCache]:
    stride: int = hparameters["stride"]
    pad: int = hparameters["pad"]
    f: int
    n_C: int
    f, *_, n_C = W.shape
    X: Array = zero_pad(A_prev, pad)
    n_H: int = (X.shape[1] - f) // stride + 1
    n_W: int = (X.shape[2] - f) // stride + 1
    Z: Array = np.zeros((X.shape[0], n_H, n_W, n_C))
    for (h, w), window in all_windows(n_H, n_W, f, stride).items():
        Z[:, h, w, :] = window.of(X).reshape(len(X), -1) @ W.reshape(-1, n_C) + b[0, 0]
    return Z, ConvCache(A_prev, W, b, hparameters)

# %% pool_forward
def pool_forward(A_prev: Array, hparameters: Hyper, mode: Mode = "max") -> tuple[Array, tuple[Array, Hyper]]:
    f, stride = hparameters["f"], hparameters["stride"]
    n_H: int = (A_prev.shape[1] - f) // stride + 1
    n_W: int = (A_prev.shape[2] - f) // stride + 1
    A: Array = np.empty((A_prev.shape[0], n_H, n_W, A_prev.shape[3]), dtype=np.float64)
    for (h, w), window in all_windows(n_H, n_W, f, stride).items():
        A[:, h, w] = window.of(A_prev).max((1, 2)) if mode == "max" else window.of(A_prev).mean((1, 2))
    return A, (A_prev, hparameters)

# %% conv_backward
@dataclass
class Gradients:
    dX: Array
    dW: Array
    db: Array

    def cropped(self: Gradients, pad: int, like: Array) -> tuple[Array, Array, Array]:
        return self.dX[:, pad : pad + like.shape[1], pad : pad + like.shape[2]], self.dW, self.db


def conv_backward(dZ: Array, cache: ConvCache) -> tuple[Array, Array, Array]:
    A_prev, W, b, hparameters = cache
    X: Array = zero_pad(A_prev, hparameters["pad"])
    gradients: Gradients = Gradients(np.zeros(X.shape), np.zeros(W.shape), dZ.sum((0, 1, 2), keepdims=True))
    for (h, w), window in all_windows(dZ.shape[1], dZ.shape[2], W.shape[0], hparameters["stride"]).items():
        piece = window.of(gradients.dX)
        piece += (dZ[:, h, w] @ W.reshape(-1, W.shape[3]).T).reshape(piece.shape)
        gradients.dW += (window.of(X).reshape(len(X), -1).T @ dZ[:, h, w]).reshape(W.shape)
    return gradients.cropped(hparameters["pad"], A_prev)

# %% create_mask_from_window
def create_mask_from_window(x: Array) -> Array:
    mask: Array = x == x.max()
    return mask

# %% distribute_value
def distribute_value(dz: float, shape: tuple[int, int]) -> Array:
    n_H, n_W = shape
    a: Array = np.full((n_H, n_W), fill_value=dz / (n_H * n_W), dtype=np.float64)
    return a

# %% pool_backward
def pool_backward(dA: Array, cache: tuple[Array, Hyper], mode: Mode = "max") -> Array:
    A_prev, hparameters = cache
    f: int = hparameters["f"]
    dA_prev: Array = np.zeros(A_prev.shape)
    for (h, w), window in all_windows(*dA.shape[1:3], f, hparameters["stride"]).items():
        x: Array = window.of(A_prev)
        share: Array = (x == x.max(axis=(1, 2), keepdims=True)) if mode == "max" else np.full(x.shape, 1 / f**2)
        piece = window.of(dA_prev)
        piece += share * dA[:, h, w][:, None, None, :]
    return dA_prev
