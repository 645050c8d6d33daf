"""The hidden solution, verified against published figures, two independent libraries, differences and properties.

Every mark rests on ``hidden/cnn_step_by_step/solution.py``, so nothing here trusts it: SciPy correlates and filters,
autograd differentiates a forward pass of its own, and small cases are worked out as arithmetic.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
from autograd import grad
from autograd.scipy.signal import convolve
from numpy.testing import assert_allclose, assert_array_equal

from tests.conftest import COURSE, script

HIDDEN = COURSE / "hidden" / "cnn_step_by_step"
QUESTIONS = (
    "zero_pad",
    "conv_single_step",
    "conv_forward",
    "pool_forward",
    "conv_backward",
    "create_mask_from_window",
    "distribute_value",
    "pool_backward",
)
MODES = ("max", "average")

EXACT = {"rtol": 1e-10, "atol": 1e-12}  # two float64 computations that add in different orders
PRINTED = {"rtol": 5e-8, "atol": 5e-9}  # a figure given to eight digits
PRINTED_IN_FULL = {"rtol": 1e-11, "atol": 0}  # a figure given to twelve digits or more


@pytest.fixture(scope="module")
def solution() -> ModuleType:
    return script(HIDDEN / "solution.py", "hidden_solution")


@pytest.fixture(scope="module")
def helpers() -> ModuleType:
    return script(HIDDEN / "helpers.py", "hidden_helpers")


def drawn(seed: int, *shapes: tuple[int, ...]) -> Iterator[np.ndarray]:
    """Yield what ``numpy.random.randn`` gives, shape after shape, right after ``numpy.random.seed(seed)``."""
    state = np.random.RandomState(seed)
    for shape in shapes:
        yield state.randn(*shape)


def shuffled(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return values at least 0.1 apart: no maximum is tied, nor changed by a small step."""
    return (rng.permutation(int(np.prod(shape))).reshape(shape) - 7) / 10


# The 3 x 3 example of the notebook, as batches of one example with one channel.

X = np.array([[2, 0, 1], [1, 3, 2], [0, 1, 4]]).reshape(1, 3, 3, 1)
W = np.array([[1, -1], [0, 2]]).reshape(2, 2, 1, 1)
b = np.ones((1, 1, 1, 1))


def test_padding_the_example_lays_a_ring_of_zeros_around_it(solution):
    expected = [[0, 0, 0, 0, 0], [0, 2, 0, 1, 0], [0, 1, 3, 2, 0], [0, 0, 1, 4, 0], [0, 0, 0, 0, 0]]
    assert_array_equal(solution.zero_pad(X, 1)[0, :, :, 0], expected)


def test_one_step_on_the_example_is_the_sum_of_the_products_plus_the_bias(solution):
    assert solution.conv_single_step(X[0, :2, :2], W[..., 0], b[..., 0]) == (2 * 1 + 0 * -1 + 1 * 0 + 3 * 2) + 1


def test_the_forward_pass_on_the_example_repeats_that_step(solution):
    Z, _ = solution.conv_forward(X, W, b, {"stride": 1, "pad": 0})
    expected = [
        [2 * 1 - 0 + 2 * 3 + 1, 0 * 1 - 1 + 2 * 2 + 1],
        [1 * 1 - 3 + 2 * 1 + 1, 3 * 1 - 2 + 2 * 4 + 1],
    ]
    assert_array_equal(Z[0, :, :, 0], expected)
    assert_array_equal(Z[0, :, :, 0], [[9, 4], [1, 10]])


def test_stride_2_on_the_padded_example_leaves_its_last_row_and_column_unread(solution):
    Z, _ = solution.conv_forward(X, W, b, {"stride": 2, "pad": 1})
    assert_array_equal(Z[0, :, :, 0], [[2 * 2 + 1, 2 * 1 + 1], [0 - 1 + 0 + 1, 3 - 2 + 2 * 4 + 1]])


def test_pooling_the_example_takes_maximum_or_mean_of_each_window(solution):
    hparameters = {"stride": 1, "f": 2}
    assert_array_equal(solution.pool_forward(X, hparameters, "max")[0][0, :, :, 0], [[3, 3], [3, 4]])
    averages = [
        [(2 + 0 + 1 + 3) / 4, (0 + 1 + 3 + 2) / 4],
        [(1 + 3 + 0 + 1) / 4, (3 + 2 + 1 + 4) / 4],
    ]
    assert_array_equal(solution.pool_forward(X, hparameters, "average")[0][0, :, :, 0], averages)


def test_the_gradients_of_the_example_add_up_window_by_window(solution):
    dZ = np.array([[1, 2], [3, 4]]).reshape(1, 2, 2, 1)
    dA_prev, dW, db = solution.conv_backward(dZ, (X, W, b, {"stride": 1, "pad": 0}))
    assert_array_equal(dA_prev[0, :, :, 0], [[1, -1 + 2, -2], [3, -3 + 4 + 2 * 1, -4 + 2 * 2], [0, 2 * 3, 2 * 4]])
    assert_array_equal(
        dW[:, :, 0, 0],
        [[2 + 0 * 2 + 1 * 3 + 3 * 4, 0 + 1 * 2 + 3 * 3 + 2 * 4], [1 + 3 * 2 + 0 + 4, 3 + 2 * 2 + 3 + 4 * 4]],
    )
    assert db.item() == 1 + 2 + 3 + 4


def test_mask_and_share_of_the_example_carry_one_entry_back(solution):
    mask = solution.create_mask_from_window(X[0, :2, :2, 0])
    assert_array_equal(mask * 5, [[0, 0], [0, 5]])
    assert_array_equal(solution.distribute_value(6, (2, 2)), [[1.5, 1.5], [1.5, 1.5]])


def test_pooling_backward_adds_up_where_windows_overlap(solution):
    dA = np.array([[1, 2], [3, 4]]).reshape(1, 2, 2, 1)
    cache = (X, {"stride": 1, "f": 2})
    assert_array_equal(solution.pool_backward(dA, cache, "max")[0, :, :, 0], [[0, 0, 0], [0, 1 + 2 + 3, 0], [0, 0, 4]])
    assert_array_equal(
        solution.pool_backward(dA, cache, "average")[0, :, :, 0] * 4,
        [[1, 1 + 2, 2], [1 + 3, 1 + 2 + 3 + 4, 2 + 4], [3, 3 + 4, 4]],
    )


# Published figures: the reference output of the assignment, and of its older editions.


@pytest.mark.parametrize(("shape", "pad"), [((4, 3, 3, 2), 3), ((5, 4, 4, 3), 2)])
def test_padding_keeps_the_published_batches_inside_a_border_of_zeros(solution, shape, pad):
    (x,) = drawn(1, shape)
    x_pad = solution.zero_pad(x, pad)
    assert x_pad.shape == (shape[0], shape[1] + 2 * pad, shape[2] + 2 * pad, shape[3])
    assert_array_equal(x_pad[:, pad : pad + shape[1], pad : pad + shape[2], :], x)
    assert np.count_nonzero(x_pad) == x.size


def test_the_published_padding_input_is_the_one_drawn_here():
    (x,) = drawn(1, (4, 3, 3, 2))
    expected = [[0.90085595, -0.68372786], [-0.12289023, -0.93576943], [-0.26788808, 0.53035547]]
    assert_allclose(x[1, 1], expected, **PRINTED)


@pytest.mark.parametrize(
    ("seed", "shape", "expected"),
    [(1, (4, 4, 3), -6.999089450680221), (3, (5, 5, 3), -3.5443670581382474)],
)
def test_one_step_gives_the_published_number(solution, seed, shape, expected):
    Z = solution.conv_single_step(*drawn(seed, shape, shape, (1, 1, 1)))
    assert_allclose(Z, expected, **PRINTED_IN_FULL)


def test_the_forward_pass_gives_the_published_output(solution):
    A_prev, W, b = drawn(1, (2, 5, 7, 4), (3, 3, 4, 8), (1, 1, 1, 8))
    Z, cache = solution.conv_forward(A_prev, W, b, {"pad": 1, "stride": 2})
    assert Z.shape == (2, 3, 4, 8)
    assert_allclose(Z.mean(), 0.5511276474566768, **PRINTED_IN_FULL)
    assert_allclose(
        Z[0, 2, 1],
        [-2.17796037, 8.07171329, -0.5772704, 3.36286738, 4.48113645, -2.89198428, 10.99288867, 3.03171932],
        **PRINTED,
    )
    assert_allclose(cache[0][1][2][3], [-1.1191154, 1.9560789, -0.3264995, -1.34267579], **PRINTED)


def test_the_forward_pass_gives_the_published_shapes_for_other_strides_and_pads(solution):
    A_prev, W, b, W_wide, b_wide = drawn(3, (2, 5, 7, 4), (3, 3, 4, 8), (1, 1, 1, 8), (5, 5, 4, 8), (1, 1, 1, 8))
    assert solution.conv_forward(A_prev, W, b, {"pad": 3, "stride": 1})[0].shape == (2, 9, 11, 8)
    assert solution.conv_forward(A_prev, W, b, {"pad": 0, "stride": 2})[0].shape == (2, 2, 3, 8)
    Z, _ = solution.conv_forward(A_prev, W_wide, b_wide, {"pad": 6, "stride": 1})
    assert Z.shape == (2, 13, 15, 8)
    assert_allclose(Z.mean(), -0.5384027772160062, **PRINTED_IN_FULL)


@pytest.mark.parametrize(
    ("A_prev_shape", "f", "pad", "mean"),
    [((10, 4, 4, 3), 2, 2, 0.0489952035289), ((10, 5, 7, 4), 3, 1, 0.692360880758)],
)
def test_the_forward_pass_gives_the_mean_of_older_editions(solution, A_prev_shape, f, pad, mean):
    A_prev, W, b = drawn(1, A_prev_shape, (f, f, A_prev_shape[3], 8), (1, 1, 1, 8))
    Z, _ = solution.conv_forward(A_prev, W, b, {"pad": pad, "stride": 2})
    assert_allclose(Z.mean(), mean, **PRINTED_IN_FULL)


MAX, AVERAGE = MODES
POOLED = {
    "f 3, stride 1, max": (
        ((2, 5, 5, 3), 3, 1, MAX, (2, 3, 3, 3), np.s_[1, 1]),
        [
            [1.96710175, 0.84616065, 1.27375593],
            [1.96710175, 0.84616065, 1.23616403],
            [1.62765075, 1.12141771, 1.2245077],
        ],
    ),
    "f 3, stride 1, average": (
        ((2, 5, 5, 3), 3, 1, AVERAGE, (2, 3, 3, 3), np.s_[1, 1]),
        [
            [0.44497696, -0.00261695, -0.31040307],
            [0.50811474, -0.23493734, -0.23961183],
            [0.11872677, 0.17255229, -0.22112197],
        ],
    ),
    "f 2, stride 1, max": (
        ((2, 5, 5, 3), 2, 1, MAX, (2, 4, 4, 3), np.s_[1, 1]),
        [
            [1.19891788, 0.74055645, 0.07734007],
            [0.31515939, 0.84616065, 0.07734007],
            [0.69803203, 0.84616065, 1.2245077],
            [0.69803203, 1.12141771, 1.2245077],
        ],
    ),
    "f 2, stride 1, average": (
        ((2, 5, 5, 3), 2, 1, AVERAGE, (2, 4, 4, 3), np.s_[1, 1, 0]),
        [0.11583785, 0.34545544, -0.6561907],
    ),
    "f 3, stride 2, max": (
        ((2, 5, 5, 3), 3, 2, MAX, (2, 2, 2, 3), np.s_[0]),
        [
            [[1.74481176, 0.90159072, 1.65980218], [1.74481176, 1.6924546, 1.65980218]],
            [[1.13162939, 1.51981682, 2.18557541], [1.13162939, 1.6924546, 2.18557541]],
        ],
    ),
    "older editions, max": (
        ((2, 4, 4, 3), 3, 2, MAX, (2, 1, 1, 3), np.s_[:, 0, 0]),
        [[1.74481176, 0.86540763, 1.13376944], [1.13162939, 1.51981682, 2.18557541]],
    ),
    "older editions, average": (
        ((2, 4, 4, 3), 3, 2, AVERAGE, (2, 1, 1, 3), np.s_[:, 0, 0]),
        [[0.02105773, -0.20328806, -0.40389855], [-0.22154621, 0.51716526, 0.48155844]],
    ),
}


@pytest.mark.parametrize(("arguments", "expected"), POOLED.values(), ids=POOLED)
def test_pooling_gives_the_published_output(solution, arguments, expected):
    A_prev_shape, f, stride, mode, shape, part = arguments
    (A_prev,) = drawn(1, A_prev_shape)
    A, _ = solution.pool_forward(A_prev, {"stride": stride, "f": f}, mode)
    assert A.shape == shape
    assert_allclose(A[part], expected, **PRINTED)


def test_the_backward_pass_gives_the_published_means(solution):
    A_prev, W, b = drawn(1, (10, 4, 4, 3), (2, 2, 3, 8), (1, 1, 1, 8))
    Z, cache = solution.conv_forward(A_prev, W, b, {"pad": 2, "stride": 2})
    gradients = solution.conv_backward(Z, cache)
    assert [gradient.shape for gradient in gradients] == [A_prev.shape, W.shape, b.shape]
    assert_allclose([gradient.mean() for gradient in gradients], [1.4524377, 1.7269914, 7.8392325], **PRINTED)


def test_the_mask_of_the_published_window_is_true_at_the_5_alone(solution):
    mask = solution.create_mask_from_window(np.array([[-1, 2, 3], [2, -3, 2], [1, 5, -2]]))
    assert mask.tolist() == [[False, False, False], [False, False, False], [False, True, False]]


@pytest.mark.parametrize(("dz", "shape", "share"), [(2, (2, 2), 0.5), (100, (10, 10), 1)])
def test_the_published_shares_are_equal_and_sum_to_the_whole(solution, dz, shape, share):
    a = solution.distribute_value(dz, shape)
    assert_array_equal(a, np.full(shape, share))
    assert a.sum() == dz


def test_pooling_backward_gives_the_published_gradients(solution):
    A_prev, dA = drawn(1, (5, 5, 3, 2), (5, 4, 2, 2))
    cache = (A_prev, {"stride": 1, "f": 2})
    assert_allclose(dA.mean(), 0.14571390272918056, **PRINTED_IN_FULL)
    assert_allclose(
        solution.pool_backward(dA, cache, "max")[1, 1],
        [[0, 0], [5.05844394, -1.68282702], [0, 0]],
        **PRINTED,
    )
    assert_allclose(
        solution.pool_backward(dA, cache, "average")[1, 1],
        [[0.08485462, 0.2787552], [1.26461098, -0.25749373], [1.17975636, -0.53624893]],
        **PRINTED,
    )


def test_a_bias_on_every_product_gives_the_figures_of_the_very_first_edition_and_not_ours(solution):
    """A known mistake: with n products in a window, the bias counts n times."""
    a_slice_prev, W, b = drawn(1, (4, 4, 3), (4, 4, 3), (1, 1, 1))
    mistaken = (a_slice_prev * W + b).sum()
    assert_allclose(mistaken, -23.1602122025, **PRINTED_IN_FULL)
    assert not np.isclose(solution.conv_single_step(a_slice_prev, W, b), mistaken)

    A_prev, W, b = drawn(1, (10, 4, 4, 3), (2, 2, 3, 8), (1, 1, 1, 8))
    mistaken = scipy_convolution(A_prev, W, b * (2 * 2 * 3), stride=1, pad=2)
    Z, cache = solution.conv_forward(A_prev, W, b, {"stride": 1, "pad": 2})
    assert_allclose(mistaken.mean(), 0.1558593248890644, **PRINTED_IN_FULL)
    assert not np.isclose(Z.mean(), mistaken.mean())

    of_mistaken = [gradient.mean() for gradient in solution.conv_backward(mistaken, cache)]
    of_ours = [gradient.mean() for gradient in solution.conv_backward(Z, cache)]
    assert_allclose(of_mistaken, [9.608990675868995, 10.581741275547557, 76.37106919563735], **PRINTED_IN_FULL)
    assert not np.isclose(of_ours, of_mistaken).any()


# Implementations that others wrote. They get the same inputs and share no code with the solution.

SHAPES = ((1, 5, 7, 1), (2, 6, 4, 3), (2, 4, 5, 2))
CONVOLUTIONS = [
    pytest.param(shape, f, n_C, stride, pad, id=f"{'x'.join(map(str, shape))}-f{f}-n_C{n_C}-stride{stride}-pad{pad}")
    for (shape, n_C), f, stride, pad in itertools.product(
        zip(SHAPES, (3, 2, 1), strict=True), (1, 2, 3), (1, 2, 3), (0, 1, 5)
    )
]
POOLINGS = [
    pytest.param(shape, f, stride, mode, id=f"{'x'.join(map(str, shape))}-f{f}-stride{stride}-{mode}")
    for shape, f, stride, mode in itertools.product(SHAPES, (1, 2, 3), (1, 2, 3), MODES)
]
each_convolution = pytest.mark.parametrize(("shape", "f", "n_C", "stride", "pad"), CONVOLUTIONS)
each_pooling = pytest.mark.parametrize(("shape", "f", "stride", "mode"), POOLINGS)


def convolution_inputs(shape: tuple[int, ...], f: int, n_C: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng([*shape, f, n_C])
    return rng.normal(size=shape), rng.normal(size=(f, f, shape[3], n_C)), rng.normal(size=(1, 1, 1, n_C))


def padded(A_prev: np.ndarray, pad: int, pad_function: Callable = np.pad) -> np.ndarray:
    return pad_function(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode="constant")


def scipy_convolution(A_prev: np.ndarray, W: np.ndarray, b: np.ndarray, stride: int, pad: int) -> np.ndarray:
    planes = [
        [scipy.signal.correlate(example, W[..., c], mode="valid", method="direct") for c in range(W.shape[3])]
        for example in padded(A_prev, pad)
    ]
    at_every_pixel = np.moveaxis(np.array(planes)[..., 0], 1, 3)  # (m, rows, columns, n_C)
    return at_every_pixel[:, ::stride, ::stride] + b


def scipy_pooling(A_prev: np.ndarray, f: int, stride: int, mode: str) -> np.ndarray:
    filtered = {"max": scipy.ndimage.maximum_filter, "average": scipy.ndimage.uniform_filter}[mode]
    centred = filtered(A_prev, size=(1, f, f, 1))  # the window around each pixel; those that stick out are cut off
    rows, columns = (slice(f // 2, f // 2 + side - f + 1, stride) for side in A_prev.shape[1:3])
    return centred[:, rows, columns]


def autograd_convolution(A_prev: Any, W: Any, b: Any, stride: int, pad: int) -> Any:
    A_pad = padded(A_prev, pad, anp.pad)
    at_every_pixel = convolve(A_pad, W[::-1, ::-1], axes=([1, 2], [0, 1]), dot_axes=([3], [2]), mode="valid")
    return anp.moveaxis(at_every_pixel, 1, 3)[:, ::stride, ::stride] + b


def autograd_pooling(A_prev: Any, f: int, stride: int, mode: str) -> Any:
    rows, columns = (range(0, side - f + 1, stride) for side in A_prev.shape[1:3])
    reduce = {"max": anp.max, "average": anp.mean}[mode]
    return anp.stack(
        [anp.stack([reduce(A_prev[:, h : h + f, w : w + f], axis=(1, 2)) for w in columns], axis=1) for h in rows],
        axis=1,
    )


@each_convolution
def test_the_forward_pass_agrees_with_scipy(solution, shape, f, n_C, stride, pad):
    A_prev, W, b = convolution_inputs(shape, f, n_C)
    Z, _ = solution.conv_forward(A_prev, W, b, {"stride": stride, "pad": pad})
    n_H, n_W = ((side - f + 2 * pad) // stride + 1 for side in shape[1:3])
    assert Z.shape == (shape[0], n_H, n_W, n_C)
    assert_allclose(Z, scipy_convolution(A_prev, W, b, stride, pad), **EXACT)


@each_convolution
def test_the_backward_pass_agrees_with_autograd(solution, shape, f, n_C, stride, pad):
    A_prev, W, b = convolution_inputs(shape, f, n_C)
    Z, cache = solution.conv_forward(A_prev, W, b, {"stride": stride, "pad": pad})
    dZ = np.random.default_rng(0).normal(size=Z.shape)

    def loss(A_prev, W, b):
        return anp.sum(autograd_convolution(A_prev, W, b, stride, pad) * dZ)

    assert_allclose(autograd_convolution(A_prev, W, b, stride, pad), Z, **EXACT)
    gradients = solution.conv_backward(dZ, cache)
    for gradient, expected in zip(gradients, grad(loss, argnum=(0, 1, 2))(A_prev, W, b), strict=True):
        assert gradient.shape == expected.shape
        assert_allclose(gradient, expected, **EXACT)


@each_pooling
def test_pooling_agrees_with_scipy(solution, shape, f, stride, mode):
    A_prev = np.random.default_rng(1).normal(size=shape)
    A, _ = solution.pool_forward(A_prev, {"stride": stride, "f": f}, mode)
    assert A.shape == (shape[0], (shape[1] - f) // stride + 1, (shape[2] - f) // stride + 1, shape[3])
    assert_allclose(A, scipy_pooling(A_prev, f, stride, mode), **EXACT)


@each_pooling
def test_pooling_backward_agrees_with_autograd(solution, shape, f, stride, mode):
    rng = np.random.default_rng(2)
    A_prev = shuffled(rng, shape)
    A, cache = solution.pool_forward(A_prev, {"stride": stride, "f": f}, mode)
    dA = rng.normal(size=A.shape)
    expected = grad(lambda A_prev: anp.sum(autograd_pooling(A_prev, f, stride, mode) * dA))(A_prev)
    assert_allclose(autograd_pooling(A_prev, f, stride, mode), A, **EXACT)
    assert_allclose(solution.pool_backward(dA, cache, mode), expected, **EXACT)


@pytest.mark.parametrize("n_C_prev", [1, 3])
@pytest.mark.parametrize("f", [1, 2, 4])
def test_one_step_agrees_with_one_position_of_scipy(solution, f, n_C_prev):
    a_slice_prev, W, b = drawn(f, (f, f, n_C_prev), (f, f, n_C_prev), (1, 1, 1))
    expected = scipy.signal.correlate(a_slice_prev, W, mode="valid", method="direct") + b
    assert_allclose(solution.conv_single_step(a_slice_prev, W, b), expected.item(), **EXACT)


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (5, 5)])
def test_the_mask_is_where_scipy_finds_the_maximum(solution, shape):
    x = shuffled(np.random.default_rng(3), shape)
    assert np.argwhere(solution.create_mask_from_window(x)).tolist() == [list(scipy.ndimage.maximum_position(x))]


# Finite differences, at every index.


def central_differences(loss: Callable[[np.ndarray], float], x: np.ndarray, step: float = 1e-3) -> np.ndarray:
    """Return the numeric gradient. Every loss below is linear within one step, so the step need not be tiny."""
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        shift = np.zeros_like(x)
        shift[index] = step
        gradient[index] = (loss(x + shift) - loss(x - shift)) / (2 * step)
    return gradient


@pytest.mark.parametrize(
    ("shape", "f", "n_C", "stride", "pad"),
    [((2, 4, 3, 2), 2, 2, 1, 0), ((1, 4, 5, 2), 3, 2, 2, 1), ((2, 3, 5, 1), 2, 3, 3, 0), ((1, 2, 3, 1), 2, 1, 2, 3)],
)
def test_differences_at_every_index_confirm_the_backward_pass(solution, shape, f, n_C, stride, pad):
    A_prev, W, b = convolution_inputs(shape, f, n_C)
    hparameters = {"stride": stride, "pad": pad}
    Z, cache = solution.conv_forward(A_prev, W, b, hparameters)
    dZ = np.random.default_rng(4).normal(size=Z.shape)

    def loss(A_prev: np.ndarray = A_prev, W: np.ndarray = W, b: np.ndarray = b) -> float:
        return float((solution.conv_forward(A_prev, W, b, hparameters)[0] * dZ).sum())

    dA_prev, dW, db = solution.conv_backward(dZ, cache)
    assert_allclose(dA_prev, central_differences(lambda x: loss(A_prev=x), A_prev), rtol=1e-8, atol=1e-10)
    assert_allclose(dW, central_differences(lambda x: loss(W=x), W), rtol=1e-8, atol=1e-10)
    assert_allclose(db, central_differences(lambda x: loss(b=x), b), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("shape", "f", "stride"), [((2, 4, 3, 2), 2, 1), ((1, 6, 5, 2), 3, 2), ((1, 5, 4, 1), 1, 3)])
def test_differences_at_every_index_confirm_pooling_backward(solution, shape, f, stride, mode):
    rng = np.random.default_rng(5)
    A_prev, hparameters = shuffled(rng, shape), {"stride": stride, "f": f}
    A, cache = solution.pool_forward(A_prev, hparameters, mode)
    dA = rng.normal(size=A.shape)

    def loss(A_prev: np.ndarray) -> float:
        return float((solution.pool_forward(A_prev, hparameters, mode)[0] * dA).sum())

    dA_prev = solution.pool_backward(dA, cache, mode)
    assert_allclose(dA_prev, central_differences(loss, A_prev), rtol=1e-8, atol=1e-10)


# Properties that hold whatever the numbers.

SETTINGS = pytest.mark.parametrize(
    ("f", "stride", "pad"), [(1, 1, 0), (2, 1, 0), (2, 3, 1), (3, 2, 1), (3, 1, 4), (3, 3, 0)]
)


@SETTINGS
def test_a_convolution_without_bias_is_linear_in_input_and_filters(solution, f, stride, pad):
    rng = np.random.default_rng(6)
    P, Q = rng.normal(size=(2, 2, 5, 6, 2))
    V, W = rng.normal(size=(2, f, f, 2, 3))

    def conv(A_prev: np.ndarray, W: np.ndarray) -> np.ndarray:
        return solution.conv_forward(A_prev, W, np.zeros((1, 1, 1, 3)), {"stride": stride, "pad": pad})[0]

    assert_allclose(conv(P - 3 * Q, W), conv(P, W) - 3 * conv(Q, W), **EXACT)
    assert_allclose(conv(P, V - 3 * W), conv(P, V) - 3 * conv(P, W), **EXACT)


@SETTINGS
def test_the_backward_pass_is_the_adjoint_of_the_forward_pass(solution, f, stride, pad):
    rng = np.random.default_rng(7)
    x, W, b = rng.normal(size=(2, 5, 6, 2)), rng.normal(size=(f, f, 2, 3)), np.zeros((1, 1, 1, 3))
    Z, cache = solution.conv_forward(x, W, b, {"stride": stride, "pad": pad})
    y = rng.normal(size=Z.shape)
    dA_prev, dW, _ = solution.conv_backward(y, cache)
    assert_allclose(np.vdot(Z, y), np.vdot(x, dA_prev), **EXACT)
    assert_allclose(np.vdot(Z, y), np.vdot(W, dW), **EXACT)


@pytest.mark.parametrize(("f", "stride"), [(1, 1), (2, 1), (2, 3), (3, 2), (3, 3)])
def test_average_pooling_backward_is_the_adjoint_of_average_pooling(solution, f, stride):
    rng = np.random.default_rng(8)
    x = rng.normal(size=(2, 5, 6, 2))
    A, cache = solution.pool_forward(x, {"stride": stride, "f": f}, "average")
    y = rng.normal(size=A.shape)
    assert_allclose(np.vdot(A, y), np.vdot(x, solution.pool_backward(y, cache, "average")), **EXACT)


@pytest.mark.parametrize(("shape", "f"), [((2, 4, 6, 2), 2), ((1, 3, 9, 3), 3), ((2, 3, 2, 1), 1)])
def test_average_pooling_conserves_mass_where_windows_tile_the_input(solution, shape, f):
    rng = np.random.default_rng(9)
    x = rng.normal(size=shape)
    A, cache = solution.pool_forward(x, {"stride": f, "f": f}, "average")
    assert_allclose(A.sum() * f**2, x.sum(), **EXACT)
    dA = rng.normal(size=A.shape)
    assert_allclose(solution.pool_backward(dA, cache, "average").sum(), dA.sum(), **EXACT)


@pytest.mark.parametrize("mode", MODES)
def test_pooling_backward_conserves_the_sum_of_the_gradient_under_overlap(solution, mode):
    rng = np.random.default_rng(10)
    dA = rng.normal(size=(2, 3, 4, 2))
    dA_prev = solution.pool_backward(dA, (shuffled(rng, (2, 5, 6, 2)), {"stride": 1, "f": 3}), mode)
    assert_allclose(dA_prev.sum(axis=(1, 2)), dA.sum(axis=(1, 2)), **EXACT)


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_an_input_shifted_by_the_stride_gives_an_output_shifted_by_one(solution, stride):
    A_prev, W, b = convolution_inputs((2, 9, 10, 2), 2, 3)
    shifted = np.roll(A_prev, (stride, stride), axis=(1, 2))
    for forward in (
        lambda A: solution.conv_forward(A, W, b, {"stride": stride, "pad": 0})[0],
        lambda A: solution.pool_forward(A, {"stride": stride, "f": 2}, "max")[0],
        lambda A: solution.pool_forward(A, {"stride": stride, "f": 2}, "average")[0],
    ):
        assert_allclose(forward(shifted)[:, 1:, 1:], forward(A_prev)[:, :-1, :-1], **EXACT)


def test_examples_do_not_see_one_another(solution):
    A_prev, W, b = convolution_inputs((3, 4, 5, 2), 2, 3)
    hparameters = {"stride": 2, "pad": 1}
    Z, _ = solution.conv_forward(A_prev, W, b, hparameters)
    for i in range(3):
        alone, _ = solution.conv_forward(A_prev[i : i + 1], W, b, hparameters)
        assert_allclose(alone, Z[i : i + 1], **EXACT)


def test_a_remainder_is_never_read_and_has_no_gradient(solution):
    """6 rows and 8 columns with f = 2 and stride 3: rows 2 and 5 and columns 2 and 5 lie in no window."""
    read = np.zeros((6, 8), bool)
    read[np.ix_([0, 1, 3, 4], [0, 1, 3, 4, 6, 7])] = True
    A_prev, W, b = convolution_inputs((1, 6, 8, 2), 2, 3)
    spoiled = np.where(read[:, :, None], A_prev, np.nan)
    conv, pool = {"stride": 3, "pad": 0}, {"stride": 3, "f": 2}

    Z, _ = solution.conv_forward(spoiled, W, b, conv)
    assert_allclose(Z, solution.conv_forward(A_prev, W, b, conv)[0], **EXACT)
    dA_prev, dW, _ = solution.conv_backward(np.ones_like(Z), (spoiled, W, b, conv))
    assert np.isfinite(dW).all()
    assert_array_equal(dA_prev[0].any(axis=2), read)
    assert_array_equal(solution.pool_backward(np.ones((1, 2, 3, 2)), (spoiled, pool), "average")[0, :, :, 0], read / 4)
    for mode in MODES:
        A, _ = solution.pool_forward(spoiled, pool, mode)
        assert_allclose(A, solution.pool_forward(A_prev, pool, mode)[0], **EXACT)


def test_a_pixel_padded_further_than_the_filter_reaches_sees_the_bias_alone(solution):
    A_prev, W, b = convolution_inputs((1, 2, 3, 2), 2, 3)
    Z, _ = solution.conv_forward(A_prev, W, b, {"stride": 1, "pad": 4})
    assert_array_equal(Z[:, 0], np.broadcast_to(b[:, 0], Z[:, 0].shape))


def test_every_position_of_a_tied_maximum_is_marked(solution):
    mask = solution.create_mask_from_window(np.array([[4, 1, 4], [0, 4, -4]]))
    assert mask.tolist() == [[True, False, True], [False, True, False]]
    assert solution.create_mask_from_window(np.zeros((2, 2))).all()


def test_every_tied_position_gets_the_whole_gradient(solution):
    A_prev = np.array([[5, 5, 0], [1, 5, 0]]).reshape(1, 2, 3, 1)
    dA = np.array([10.0, 1.0]).reshape(1, 1, 2, 1)
    dA_prev = solution.pool_backward(dA, (A_prev, {"stride": 1, "f": 2}), "max")
    assert_array_equal(dA_prev[0, :, :, 0], [[10, 10 + 1, 0], [0, 10 + 1, 0]])


def test_an_infinite_gradient_stays_at_the_maximum(solution):
    dA_prev = solution.pool_backward(np.full((1, 1, 1, 1), np.inf), (X[:, :2, :2], {"stride": 1, "f": 2}), "max")
    assert_array_equal(dA_prev[0, :, :, 0], [[0, 0], [0, np.inf]])


@pytest.mark.parametrize("name", ["pool_forward", "pool_backward"])
def test_the_mode_is_max_when_none_is_given(solution, name):
    *arguments, _ = arguments_of(name)
    by_default, by_name = (getattr(solution, name)(*arguments, *mode) for mode in ((), ("max",)))
    for got, expected in zip(arrays_in(by_default), arrays_in(by_name), strict=True):
        assert_array_equal(got, expected)


# Promises about what goes in and what comes out, for every function.


def arguments_of(name: str) -> tuple[Any, ...]:
    """Return arguments for one call of each function; every number in them is whole."""
    rng = np.random.default_rng(11)

    def whole(*shape: int) -> np.ndarray:
        return rng.integers(-9, 10, size=shape).astype(np.float64)

    conv, pool = {"stride": 2, "pad": 1}, {"stride": 2, "f": 3}
    return {
        "zero_pad": (whole(2, 3, 4, 2), 1),
        "conv_single_step": (whole(3, 3, 2), whole(3, 3, 2), whole(1, 1, 1)),
        "conv_forward": (whole(2, 6, 5, 2), whole(3, 3, 2, 4), whole(1, 1, 1, 4), conv),
        "pool_forward": (whole(2, 6, 5, 2), pool, "average"),
        "conv_backward": (
            whole(2, 3, 3, 4),
            (whole(2, 6, 5, 2), whole(3, 3, 2, 4), whole(1, 1, 1, 4), conv),
        ),
        "create_mask_from_window": (whole(3, 4),),
        "distribute_value": (np.float64(7), (2, 3)),
        "pool_backward": (whole(2, 2, 2, 2), (whole(2, 6, 5, 2), pool), "max"),
    }[name]


def mapped(function: Callable[[np.ndarray], np.ndarray], value: Any) -> Any:
    """Apply ``function`` to every array and NumPy number in nested tuples; leave everything else alone."""
    if isinstance(value, tuple):
        return tuple(mapped(function, entry) for entry in value)
    return function(value) if isinstance(value, np.ndarray | np.generic) else value


def arrays_in(value: Any) -> list[np.ndarray]:
    found: list[np.ndarray] = []
    mapped(lambda array: found.append(np.asarray(array)), value)
    return found


def results_of(name: str, value: Any) -> list[np.ndarray]:
    """Return the computed arrays of a returned value: all but a cache."""
    return [np.asarray(value[0])] if name in ("conv_forward", "pool_forward") else arrays_in(value) or [value]


def read_only(array: np.ndarray) -> np.ndarray:
    frozen = array.copy()
    if isinstance(frozen, np.ndarray):
        frozen.flags.writeable = False
    return frozen


def fortran(array: np.ndarray) -> np.ndarray:
    return np.asfortranarray(array) if np.ndim(array) else array


def spread(array: np.ndarray) -> np.ndarray:
    """Return equal values that lie two apart in memory, in reverse order."""
    if not np.ndim(array):
        return array
    wide = np.full((*array.shape[:-1], 2 * array.shape[-1]), np.nan)
    view = wide[..., ::-2]
    view[...] = array
    return view


@pytest.mark.parametrize("name", QUESTIONS)
def test_inputs_stay_as_they_are_even_when_they_could_not_be_written(solution, name):
    function, arguments = getattr(solution, name), arguments_of(name)
    before = mapped(np.copy, arguments)
    expected = function(*arguments)
    for array, copy in zip(arrays_in(arguments), arrays_in(before), strict=True):
        assert_array_equal(array, copy, strict=True)
    again = function(*mapped(read_only, before))
    for got, first in zip(results_of(name, again), results_of(name, expected), strict=True):
        assert_array_equal(got, first, strict=True)


@pytest.mark.parametrize("name", ["conv_forward", "conv_backward", "pool_forward", "pool_backward"])
def test_hyperparameters_stay_as_they_are(solution, name):
    arguments = arguments_of(name)
    holders = arguments[1] if name.endswith("backward") else arguments
    (hparameters,) = (entry for entry in holders if isinstance(entry, dict))
    before = dict(hparameters)
    getattr(solution, name)(*arguments)
    assert hparameters == before


@pytest.mark.parametrize("name", QUESTIONS)
def test_results_share_no_memory_with_inputs(solution, name):
    arguments = arguments_of(name)
    for result in results_of(name, getattr(solution, name)(*arguments)):
        assert not any(np.shares_memory(result, array) for array in arrays_in(arguments))


def test_results_share_no_memory_with_inputs_where_nothing_changes(solution):
    """Pad 0, windows of one pixel, one position: the cases in which a view would have the right values."""
    A_prev = np.ones((1, 1, 1, 1))
    conv, pool = {"stride": 1, "pad": 0}, {"stride": 1, "f": 1}
    results = [
        solution.zero_pad(A_prev, 0),
        solution.conv_forward(A_prev, A_prev, A_prev, conv)[0],
        *solution.conv_backward(A_prev, (A_prev, A_prev, A_prev, conv)),
        *(solution.pool_forward(A_prev, pool, mode)[0] for mode in MODES),
        *(solution.pool_backward(A_prev, (A_prev, pool), mode) for mode in MODES),
    ]
    assert not any(np.shares_memory(result, A_prev) for result in results)
    assert all(result.flags.writeable for result in results)


@pytest.mark.parametrize(("name", "n"), [("conv_forward", 4), ("pool_forward", 2)])
def test_the_cache_holds_the_very_inputs(solution, name, n):
    arguments = arguments_of(name)
    _, cache = getattr(solution, name)(*arguments)
    assert isinstance(cache, tuple)
    assert len(cache) == n
    assert all(kept is given for kept, given in zip(cache, arguments, strict=False))


@pytest.mark.parametrize("layout", [fortran, spread])
@pytest.mark.parametrize("name", QUESTIONS)
def test_the_layout_in_memory_does_not_matter(solution, name, layout):
    arguments = arguments_of(name)
    got = getattr(solution, name)(*mapped(layout, arguments))
    expected = getattr(solution, name)(*arguments)
    for result, first in zip(results_of(name, got), results_of(name, expected), strict=True):
        assert_allclose(result, first, **EXACT)


@pytest.mark.parametrize(
    "dtype", [np.float64, np.float32, np.int64, np.int8, np.uint8, np.bool_], ids=lambda dtype: dtype.__name__
)
@pytest.mark.parametrize("name", QUESTIONS)
def test_dtypes_are_kept_and_whole_numbers_become_float64_where_fractions_can_arise(solution, name, dtype):
    arguments = mapped(lambda array: np.abs(array).astype(dtype), arguments_of(name))
    as_float64 = mapped(lambda array: array.astype(np.float64), arguments)
    floating = dtype if np.issubdtype(dtype, np.floating) else np.float64
    expected_dtype = {"zero_pad": dtype, "create_mask_from_window": np.bool_, "conv_single_step": np.float64}
    got, expected = (getattr(solution, name)(*a) for a in (arguments, as_float64))
    for result, exact in zip(results_of(name, got), results_of(name, expected), strict=True):
        assert np.asarray(result).dtype == expected_dtype.get(name, floating)
        assert_allclose(result, exact, rtol=1e-6 if dtype is np.float32 else 1e-12)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.uint8])
def test_a_maximum_keeps_the_dtype_of_its_input(solution, dtype):
    assert solution.pool_forward(X.astype(dtype), {"stride": 1, "f": 2}, "max")[0].dtype == dtype


def test_float32_and_float64_meet_in_float64(solution):
    A_prev, W, b = convolution_inputs((1, 4, 4, 2), 2, 2)
    conv, pool = {"stride": 1, "pad": 0}, {"stride": 2, "f": 2}
    narrow = A_prev.astype(np.float32)
    Z, cache = solution.conv_forward(narrow, W, b, conv)
    assert {array.dtype for array in (Z, *solution.conv_backward(Z, cache))} == {np.dtype(np.float64)}
    assert solution.pool_backward(np.ones((1, 2, 2, 2)), (narrow, pool), "max").dtype == np.float64


def test_small_integers_do_not_wrap_around(solution):
    full = np.full((2, 2, 1), 100, np.int8)
    assert solution.conv_single_step(full, full, np.full((1, 1, 1), 100, np.int8)) == 4 * 100 * 100 + 100
    A, _ = solution.pool_forward(np.full((1, 2, 2, 1), 255, np.uint8), {"stride": 2, "f": 2}, "average")
    assert A.item() == 255


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
def test_one_step_returns_a_plain_float(solution, dtype):
    arguments = mapped(lambda array: array.astype(dtype), arguments_of("conv_single_step"))
    assert type(solution.conv_single_step(*arguments)) is float


def test_shares_of_a_python_int_are_not_rounded(solution):
    assert_array_equal(solution.distribute_value(1, (1, 2)), [[0.5, 0.5]])
    assert_allclose(solution.distribute_value(-7, (3, 5)).sum(), -7, **EXACT)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_call_leaves_nothing_behind(solution, name, capsys):
    state = np.random.get_state()[1].tolist()
    first, second = (getattr(solution, name)(*arguments_of(name)) for _ in range(2))
    for result, again in zip(results_of(name, first), results_of(name, second), strict=True):
        assert_array_equal(result, again, strict=True)
    assert capsys.readouterr() == ("", "")
    assert np.random.get_state()[1].tolist() == state


def zeros(*shape: int) -> np.ndarray:
    return np.zeros(shape)


CONV, POOL = {"stride": 1, "pad": 0}, {"stride": 1, "f": 2}
ERRORS = {
    "negative pad": ("zero_pad", (zeros(1, 2, 2, 1), -1), "pad is -1; .* must be 0 or more"),
    "window and filter differ": (
        "conv_single_step",
        (zeros(2, 3, 1), zeros(3, 3, 1), zeros(1, 1, 1)),
        r"window has shape \(2, 3, 1\), the filter \(3, 3, 1\)",
    ),
    "several biases in one step": (
        "conv_single_step",
        (zeros(2, 2, 1), zeros(2, 2, 1), zeros(1, 1, 4)),
        r"b has shape \(1, 1, 4\); one filter has one bias",
    ),
    "channels differ": (
        "conv_forward",
        (zeros(1, 4, 4, 3), zeros(2, 2, 2, 5), zeros(1, 1, 1, 5), CONV),
        "A_prev has 3 channels, but the filters W are made for 2",
    ),
    "channels differ, backward": (
        "conv_backward",
        (zeros(1, 3, 3, 5), (zeros(1, 4, 4, 3), zeros(2, 2, 2, 5), zeros(1, 1, 1, 5), CONV)),
        "A_prev has 3 channels, but the filters W are made for 2",
    ),
    "filters not square": (
        "conv_forward",
        (zeros(1, 4, 4, 3), zeros(2, 3, 3, 5), zeros(1, 1, 1, 5), CONV),
        "filters are square, but these are 2 x 3",
    ),
    "biases and filters differ": (
        "conv_forward",
        (zeros(1, 4, 4, 3), zeros(2, 2, 3, 5), zeros(1, 1, 1, 4), CONV),
        r"b has shape \(1, 1, 1, 4\); for 5 filters it must be \(1, 1, 1, 5\)",
    ),
    "stride 0": (
        "conv_forward",
        (zeros(1, 4, 4, 1), zeros(2, 2, 1, 1), zeros(1, 1, 1, 1), {"stride": 0, "pad": 0}),
        "stride is 0; the window must move by 1 pixel or more",
    ),
    "negative pad, forward": (
        "conv_forward",
        (zeros(1, 4, 4, 1), zeros(2, 2, 1, 1), zeros(1, 1, 1, 1), {"stride": 1, "pad": -1}),
        "pad is -1",
    ),
    "filter too large": (
        "conv_forward",
        (zeros(1, 2, 9, 1), zeros(5, 5, 1, 1), zeros(1, 1, 1, 1), {"stride": 1, "pad": 1}),
        r"5 x 5 pixels does not fit into the input of 4 x 11 pixels \(padding included\); f can be 4 at most",
    ),
    "gradient of another size": (
        "conv_backward",
        (zeros(1, 4, 4, 1), (zeros(1, 4, 4, 1), zeros(2, 2, 1, 1), zeros(1, 1, 1, 1), CONV)),
        r"dZ has shape \(1, 4, 4, 1\), but the forward pass returned \(1, 3, 3, 1\)",
    ),
    "pooling stride 0": ("pool_forward", (zeros(1, 4, 4, 1), {"stride": 0, "f": 2}), "stride is 0"),
    "window of 0": ("pool_forward", (zeros(1, 4, 4, 1), {"stride": 1, "f": 0}), "f is 0"),
    "window too large": (
        "pool_forward",
        (zeros(1, 4, 3, 1), {"stride": 1, "f": 4}),
        "does not fit into the input of 4 x 3 pixels",
    ),
    "unknown mode": ("pool_forward", (zeros(1, 4, 4, 1), POOL, "mean"), "mode is 'mean'; it must be"),
    "unknown mode, backward": (
        "pool_backward",
        (zeros(1, 3, 3, 1), (zeros(1, 4, 4, 1), POOL), "mean"),
        "mode is 'mean'; it must be",
    ),
    "pooling gradient of another size": (
        "pool_backward",
        (zeros(1, 2, 2, 1), (zeros(1, 4, 4, 1), POOL), "max"),
        r"dA has shape \(1, 2, 2, 1\), but the forward pass returned \(1, 3, 3, 1\)",
    ),
}


@pytest.mark.parametrize(("name", "arguments", "message"), ERRORS.values(), ids=ERRORS)
def test_inputs_that_do_not_fit_raise_with_what_was_got_and_what_is_needed(solution, name, arguments, message):
    with pytest.raises(ValueError, match=message):
        getattr(solution, name)(*arguments)


def test_the_module_defines_the_eight_functions_and_documents_each(solution):
    defined = [name for name, value in vars(solution).items() if inspect.isfunction(value)]
    public = [name for name in defined if getattr(solution, name).__module__ == solution.__name__ and name[0] != "_"]
    assert sorted(public) == sorted(QUESTIONS)
    for name in QUESTIONS:
        assert "Returns\n-------" in inspect.getdoc(getattr(solution, name))


# The helpers of the follow-through.

HELPER_NAMES = ("zero_pad", "conv_single_step", "create_mask_from_window", "distribute_value")


def injected(source: str) -> dict[str, Any]:
    """Run a helper's source text as a session would, in a namespace that holds nothing else."""
    namespace: dict[str, Any] = {}
    exec(source, namespace)  # noqa: S102 - the text under test is meant to be run from text
    del namespace["__builtins__"]
    return namespace


def test_each_question_names_its_helpers(helpers):
    assert helpers.HELPERS == {
        "zero_pad": (),
        "conv_single_step": (),
        "conv_forward": ("zero_pad", "conv_single_step"),
        "pool_forward": (),
        "conv_backward": ("zero_pad",),
        "create_mask_from_window": (),
        "distribute_value": (),
        "pool_backward": ("create_mask_from_window", "distribute_value"),
    }
    assert set(helpers.SOURCE) == set(HELPER_NAMES)


@pytest.mark.parametrize("name", HELPER_NAMES)
def test_a_helper_defines_itself_alone_and_names_no_other_question(helpers, name):
    source = helpers.SOURCE[name]
    assert list(injected(source)) == [name]
    assert not [other for other in QUESTIONS if other != name and other in source]


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64, np.int8, np.uint8])
@pytest.mark.parametrize("name", HELPER_NAMES)
def test_a_helper_agrees_with_the_solution(solution, helpers, name, dtype):
    helper = injected(helpers.SOURCE[name])[name]
    rng = np.random.default_rng(12)

    def draw(*shape: int) -> np.ndarray:
        values = rng.normal(scale=9, size=shape)
        return (values if np.issubdtype(dtype, np.floating) else np.abs(values)).astype(dtype)

    for n_H, n_W, n_C in itertools.product((1, 2, 5), (1, 3), (1, 2)):
        arguments = {
            "zero_pad": (draw(2, n_H, n_W, n_C), n_H - 1),
            "conv_single_step": (draw(n_H, n_H, n_C), draw(n_H, n_H, n_C), draw(1, 1, 1)),
            "create_mask_from_window": (draw(n_H, n_W),),
            "distribute_value": (draw()[()], (n_H, n_W)),
        }[name]
        before = mapped(np.copy, arguments)
        got, expected = helper(*arguments), getattr(solution, name)(*arguments)
        assert np.shape(got) == np.shape(expected)
        assert_allclose(got, expected, rtol=2e-6 if dtype is np.float32 else 1e-12, atol=1e-12)
        assert np.asarray(got).dtype.kind == np.asarray(expected).dtype.kind
        for array, copy in zip(arrays_in(arguments), arrays_in(before), strict=True):
            assert_array_equal(array, copy, strict=True)


@pytest.mark.parametrize(
    "b",
    [np.full((1, 1, 1), 3.0), np.full((1, 1, 1, 1), 3.0), np.full(1, 3), np.array(3), np.float32(3), 3.0, 3],
    ids=["(1,1,1)", "(1,1,1,1)", "(1,)", "0-d", "float32", "float", "int"],
)
def test_the_step_helper_takes_the_bias_in_every_spelling(helpers, b):
    step = injected(helpers.SOURCE["conv_single_step"])["conv_single_step"]
    Z = step(np.full((2, 2, 1), 2), np.ones((2, 2, 1)), b)
    assert Z == 4 * 2 * 1 + 3
    assert isinstance(Z, float)
    assert Z.item() == float(Z)


def test_the_step_helper_refuses_the_biases_of_several_filters(helpers):
    step = injected(helpers.SOURCE["conv_single_step"])["conv_single_step"]
    with pytest.raises(ValueError, match="size 1"):
        step(np.ones((2, 2, 1)), np.ones((2, 2, 1)), np.ones((1, 1, 1, 4)))


@pytest.mark.parametrize("dz", [6, 6.0, np.float32(6), np.array(6), np.full((1, 1), 6.0)])
def test_the_share_helper_takes_the_value_in_every_spelling(helpers, dz):
    share = injected(helpers.SOURCE["distribute_value"])["distribute_value"]
    assert_array_equal(share(dz, (2, 2)), np.full((2, 2), 1.5))


def test_loops_over_the_helpers_give_what_the_solution_gives(solution, helpers):
    """The follow-through in small: somebody's loops, with the helpers put beside them."""
    session: dict[str, Any] = {}
    for name in HELPER_NAMES:
        session |= injected(helpers.SOURCE[name])
    A_prev, W, b, hparameters = arguments_of("conv_forward")
    expected, _ = solution.conv_forward(A_prev, W, b, hparameters)
    A_pad, stride = session["zero_pad"](A_prev, hparameters["pad"]), hparameters["stride"]
    Z = np.zeros_like(expected)
    for i, h, w, c in np.ndindex(Z.shape):
        window = A_pad[i, h * stride : h * stride + 3, w * stride : w * stride + 3]
        Z[i, h, w, c] = session["conv_single_step"](window, W[..., c], b[..., c])
    assert_allclose(Z, expected, **EXACT)

    dA, (A_prev, hparameters), _ = arguments_of("pool_backward")
    A_prev = shuffled(np.random.default_rng(13), A_prev.shape)
    f, stride = hparameters["f"], hparameters["stride"]
    sent_back = {mode: np.zeros_like(A_prev) for mode in MODES}
    for i, h, w, c in np.ndindex(dA.shape):
        window = (i, slice(h * stride, h * stride + f), slice(w * stride, w * stride + f), c)
        sent_back["max"][window] += session["create_mask_from_window"](A_prev[window]) * dA[i, h, w, c]
        sent_back["average"][window] += session["distribute_value"](dA[i, h, w, c], (f, f))
    for mode in MODES:
        assert_allclose(solution.pool_backward(dA, (A_prev, hparameters), mode), sent_back[mode], **EXACT)
