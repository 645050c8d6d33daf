"""What learners make of ``conv_forward`` and ``conv_backward``.

The loops over examples and filters are left to NumPy. Products are formed as in a loop, though, and not by one matrix
product: a window that an edge cut short is stretched by broadcasting where it is one pixel wide, and raises else. The
way ``whole_windows`` is that of a matrix product, which always raises.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from stepgrade.diagnose import Misconception

from .faults import CONVOLUTION_BACKWARDS, FORWARD, ONE_STEP, ZERO_PADDING, Faults, Function, catalogue
from .wrong_windows import (
    ALTERNATIVES,
    as_laid_out,
    corners,
    entries,
    examples_done,
    examples_read,
    output_size,
    positions,
    slips,
)

# The orders in which the cache may hold its four entries; the first is the right one.
ORDERS = {"".join(map(str, order)): order for order in itertools.permutations(range(4))}
WEIGHTS_FIRST = "1023"


def padded(A_prev: np.ndarray, pad: int) -> np.ndarray:
    m, n_H, n_W, n_C = A_prev.shape
    A_prev_pad = np.zeros((m, n_H + 2 * pad, n_W + 2 * pad, n_C), A_prev.dtype)  # np.pad takes long
    A_prev_pad[:, pad : pad + n_H, pad : pad + n_W] = A_prev
    return A_prev_pad


def conv_forward_with(faults: Faults) -> Function:
    """Return ``conv_forward`` as somebody with these faults writes it."""

    def conv_forward(A_prev: np.ndarray, W: np.ndarray, b: np.ndarray, hparameters: dict[str, int]) -> Any:
        stride, pad = entries(faults, hparameters, "stride", "pad")
        f, n_C = len(W), W.shape[3]
        if "depth_of_input" in faults:
            n_C = A_prev.shape[3]
        as_it_is = faults & {"pad_ignored", "unpadded_sliced"} or ("neighbours_assumed" in faults and pad == 0)
        A_prev_pad = as_laid_out(faults, A_prev if as_it_is else padded(A_prev, pad))
        n_H, n_W = output_size(faults, A_prev, f, stride, ring(stride, pad))
        Z = np.zeros((len(A_prev), n_H, n_W, n_C), A_prev.dtype if "integer_output" in faults else np.float64)
        at_once = "all_filters_at_once" in faults
        filters = (W, b.ravel()) if at_once else (W.take(range(n_C), axis=3), b.ravel()[:n_C])
        for h, w in positions(faults, n_H, n_W):
            rows, columns = corners(faults, h, w, f, stride)
            window = A_prev_pad[examples_read(faults), rows, columns]  # (m, f, f, n_C_prev)
            if "whole_windows" in faults and window.shape[1:3] != (f, f):
                raise ValueError("a window was cut short")
            Z[examples_done(faults), h, w] = steps(window, *filters)
        if "last_filter_missing" in faults:
            Z[..., -1] = 0
            Z = Z[..., :-1] if "left_out" in faults else Z
        if "relu_applied" in faults:
            Z = np.maximum(Z, 0)
        if "axes_squeezed" in faults:
            Z = Z.squeeze()
        return with_cache(Z, (A_prev, W, b, hparameters), A_prev_pad)

    def ring(stride: int, pad: int) -> int:
        if faults & {"pad_ignored", "pad_missing_in_size"}:
            return 0
        if "stride_for_pad" in faults:
            return 2 * stride
        return pad if "pad_counted_once" in faults else 2 * pad

    def steps(window: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return what all filters say to this window of all examples, (m, n_C)."""
        if "first_channel_only" in faults:
            window, W = window[..., :1], W[:, :, :1]
        if "first_filter_for_all" in faults:
            W = W[..., :1]
        if "filter_flipped" in faults:
            W = np.flip(W, axis=(0, 1, 2) if "channels_too" in faults else (0, 1))
        if "first_bias_for_all" in faults:
            b = b[:1]
        products = window[..., np.newaxis] * W  # (m, f, f, n_C_prev, n_C)
        if "bias_in_every_product" in faults:
            return np.sum(products + b, axis=(1, 2, 3))
        Z = np.sum(products, axis=(1, 2, 3))
        if "bias_forgotten" in faults:
            return Z
        if "bias_subtracted" in faults:
            return Z - b
        return Z + b + b if "bias_twice" in faults else Z + b

    def with_cache(Z: np.ndarray, inputs: tuple[Any, ...], A_prev_pad: np.ndarray) -> Any:
        if "cache_missing" in faults:
            return Z
        if "cache_reordered" in faults:
            order = next((order for order in ORDERS if order in faults), WEIGHTS_FIRST)
            return Z, tuple(inputs[place] for place in ORDERS[order])
        return Z, (A_prev_pad if "cache_holds_padded" in faults else inputs[0], *inputs[1:])

    return conv_forward


CONV_FORWARD = catalogue(
    conv_forward_with,
    [
        *slips(
            FORWARD,
            "read_by_position",
            "hparameters_emptied",
            "stride_ignored",
            "stride_ignored_in_size",
            "stride_ignored_everywhere",
            "window_side_as_stride",
            "stride_as_window_side",
        ),
        Misconception(
            "stride_for_pad",
            "In the output size stride stands in the place of pad. The ring is what makes the input larger: pad pixels "
            "on each side.",
            FORWARD,
        ),
        Misconception(
            "pad_ignored",
            "The input is not padded: Z has the size without padding. A_prev gets pad rings of zeros before any window "
            "is cut out of it.",
            ZERO_PADDING,
        ),
        Misconception(
            "unpadded_sliced",
            "The windows are cut out of A_prev and not out of the padded input, so at the lower and right edge they "
            "are too small.",
            FORWARD,
        ),
        Misconception(
            "pad_missing_in_size",
            "The input is padded, but n_H and n_W are those without padding, so part of the padded input is never "
            "read. pad belongs in the size too.",
            FORWARD,
        ),
        Misconception(
            "pad_counted_once",
            "n_H and n_W count pad once. The ring is on both sides of the image, so it adds twice its width.",
            FORWARD,
        ),
        *slips(
            FORWARD,
            "rounded_up",
            "one_missing_in_size",
            "width_from_height",
            "sizes_swapped",
            "corners_swapped",
            "horizontal_from_h",
            "eight_bytes_assumed",
            "neighbours_assumed",
            "last_row_and_column_missing",
        ),
        Misconception(
            "last_filter_missing",
            "The loop over the filters stops one too early, so the last channel of Z stays 0 or is not there. Each of "
            "the n_C filters gives one channel.",
            FORWARD,
        ),
        *slips(FORWARD, "first_example_read", "first_example_only", "last_example_only", "axes_squeezed"),
        Misconception(
            "bias_forgotten",
            "The biases are missing. Filter c adds its own number of b at every position of its channel of Z.",
            FORWARD,
        ),
        Misconception(
            "bias_in_every_product",
            "The bias is added to every product before the sum, so it counts as often as there are products. "
            "It is added once, after the sum.",
            ONE_STEP,
        ),
        Misconception(
            "bias_subtracted",
            "The bias is subtracted from the sum of the products. It must be added.",
            ONE_STEP,
        ),
        Misconception(
            "bias_twice",
            "The bias is added twice. One step adds it already, so nothing more is added to what the step returns.",
            FORWARD,
        ),
        Misconception(
            "first_bias_for_all",
            "All filters add the first number of b. Filter c has a bias of its own, the number of b with index c.",
            FORWARD,
        ),
        Misconception(
            "filter_flipped",
            "The filters are turned by 180 degrees. In this notebook they are not turned: each entry of W meets the "
            "pixel at the same place of the window.",
            ONE_STEP,
        ),
        Misconception(
            "relu_applied",
            "Negative numbers of Z become 0. That is ReLU, a layer of its own, which comes later; Z holds negative "
            "numbers too.",
            FORWARD,
        ),
        Misconception(
            "first_channel_only",
            "Only the first channel of the input is read. A filter is as deep as its input: the products of all "
            "n_C_prev channels go into one sum.",
            FORWARD,
        ),
        Misconception(
            "first_filter_for_all",
            "All channels of Z come from the first filter. Channel c of Z belongs to filter c, and the last axis of W "
            "counts the filters.",
            FORWARD,
        ),
        Misconception(
            "depth_of_input",
            "Z has as many channels as the input. The depth of Z is the number of filters n_C, which is the last axis "
            "of W.",
            FORWARD,
        ),
        Misconception(
            "integer_output",
            "With whole numbers as input, Z is cut to whole numbers, because it took its dtype from the input. "
            "Z must be a float array from the start.",
            FORWARD,
        ),
        Misconception(
            "cache_reordered",
            "The cache has another order. The backward pass expects the tuple (A_prev, W, b, hparameters), and it "
            "knows the entries by their places alone.",
            FORWARD,
        ),
        Misconception(
            "cache_holds_padded",
            "The cache holds the padded input. The backward pass expects A_prev as it came in, and pads it itself.",
            FORWARD,
        ),
        Misconception(
            "cache_missing",
            "Only Z comes back. The function returns two things: Z, and the cache for the backward pass.",
            FORWARD,
        ),
    ],
    [
        *ALTERNATIVES,
        {"pad_ignored", "pad_missing_in_size", "pad_counted_once", "stride_for_pad"},
        {"unpadded_sliced", "pad_ignored", "cache_holds_padded"},
        {"unpadded_sliced", "pad_missing_in_size"},
        {"pad_ignored", "cache_holds_padded"},
        {"bias_forgotten", "bias_in_every_product", "bias_subtracted", "bias_twice"},
        {"bias_forgotten", "first_bias_for_all"},
        {"cache_reordered", "cache_holds_padded", "cache_missing"},
    ],
    {
        "one_missing_in_size": ["edge_excluded"],
        "stride_as_window_side": ["whole_windows"],
        "stride_for_pad": ["whole_windows"],
        "width_from_height": ["whole_windows"],
        "horizontal_from_h": ["whole_windows"],
        "last_filter_missing": ["left_out"],
        "filter_flipped": ["channels_too"],
        "depth_of_input": ["all_filters_at_once"],
        "cache_reordered": [order for order in ORDERS if order not in ("0123", WEIGHTS_FIRST)],
    },
)


def conv_backward_with(faults: Faults) -> Function:
    """Return ``conv_backward`` as somebody with these faults writes it."""

    def conv_backward(dZ: np.ndarray, cache: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        A_prev, W, b, hparameters = cache
        stride, pad = entries(faults, hparameters, "stride", "pad")
        m, f = len(A_prev), len(W)
        A_prev_pad = as_laid_out(faults, A_prev if "dW_from_unpadded" in faults else padded(A_prev, pad))
        dA_prev_pad, dW, db = (beginning(array) for array in (padded(A_prev, pad), W, b))
        examples = examples_done(faults)
        for h, w in np.ndindex(dZ.shape[1:3]):
            rows, columns = corners(faults, h, w, f, stride)
            window = A_prev_pad[examples_read(faults), rows, columns, :, np.newaxis]  # (m, f, f, n_C_prev, 1)
            dz = dZ[examples, h, w]  # (m, n_C)
            to_pixels, to_filters = contributions(window, W, dz[:, np.newaxis, np.newaxis, np.newaxis, :])
            if faults & {"all_overwritten", "dA_overwritten"}:
                last = slice(None) if "all_filters_at_once" in faults else slice(-1, None)
                dA_prev_pad[examples, rows, columns] = to_pixels[..., last].sum(axis=-1)
            else:
                dA_prev_pad[examples, rows, columns] += to_pixels.sum(axis=-1)
            if faults & {"all_overwritten", "dW_overwritten"}:
                last = slice(None) if "all_examples_at_once" in faults else slice(-1, None)
                dW[:] = to_filters[last].sum(axis=0)
            else:
                dW += to_filters.sum(axis=0)
            if faults & {"all_overwritten", "db_overwritten"}:
                db[:] = dz[-1]
            else:
                db += len(dz) if "dZ_counted_in_db" in faults else dz.sum(axis=0)
        if faults & {"averaged_over_examples", "dW_averaged"}:
            dW = dW / m
        if faults & {"averaged_over_examples", "db_averaged"}:
            db = db / m
        dA_prev = dA_prev_pad if "crop_missing" in faults else cropped(dA_prev_pad, A_prev, pad)
        return dA_prev, dW, db.ravel() if "db_flat" in faults else db

    def beginning(array: np.ndarray) -> np.ndarray:
        """Return what the gradient of ``array`` starts from."""
        if "random_start" in faults:
            return np.random.default_rng(0).normal(size=array.shape)
        return np.zeros(array.shape, array.dtype if "integer_gradients" in faults else np.float64)

    def contributions(window: np.ndarray, W: np.ndarray, dz: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what goes to the pixels of the window and to the filters, both (m, f, f, n_C_prev, n_C)."""
        at_pixels, at_filters = (window, W) if "factors_swapped" in faults else (W, window)
        if "filter_flipped" in faults:
            at_pixels = np.flip(at_pixels, axis=(-4, -3, -2) if "channels_too" in faults else (-4, -3))
        return (
            at_pixels * (np.ones_like(dz) if "dZ_forgotten_in_dA" in faults else dz),
            at_filters * (np.ones_like(dz) if "dZ_forgotten_in_dW" in faults else dz),
        )

    def cropped(dA_prev_pad: np.ndarray, A_prev: np.ndarray, pad: int) -> np.ndarray:
        _, n_H_prev, n_W_prev, _ = A_prev.shape
        inside = slice(pad, pad + n_H_prev), slice(pad, pad + n_W_prev)
        if "end_at_minus_pad" in faults:
            inside = slice(pad, -pad), slice(pad, -pad)
        if "returned_cropped" in faults:
            return dA_prev_pad[:, *inside]
        dA_prev = np.zeros(A_prev.shape)
        examples = slice(-1, None) if "crop_outside_loop" in faults else slice(None)
        dA_prev[examples] = dA_prev_pad[examples, *inside]
        return dA_prev

    return conv_backward


CONV_BACKWARD = catalogue(
    conv_backward_with,
    [
        Misconception(
            "end_at_minus_pad",
            "The crop ends at minus pad. For pad 0 that is minus zero, and such a slice is empty. Count the end from "
            "the front: it works for every pad.",
            CONVOLUTION_BACKWARDS,
        ),
        Misconception(
            "crop_missing",
            "dA_prev still has its ring. Its shape is that of A_prev: take pad pixels off on every side.",
            CONVOLUTION_BACKWARDS,
        ),
        Misconception(
            "crop_outside_loop",
            "Only the last example of dA_prev is filled, because the ring is taken off after the loop, when i is the "
            "last example. Take it off in every example.",
            CONVOLUTION_BACKWARDS,
        ),
        *slips(
            CONVOLUTION_BACKWARDS,
            "read_by_position",
            "hparameters_emptied",
            "stride_ignored",
            "window_side_as_stride",
            "corners_swapped",
            "horizontal_from_h",
            "eight_bytes_assumed",
        ),
        Misconception(
            "all_overwritten",
            "In all three gradients each window replaces what was there. What went into several outputs gets a "
            "contribution from each of them, and these add up.",
            CONVOLUTION_BACKWARDS,
        ),
        Misconception(
            "dA_overwritten",
            "In dA_prev each contribution replaces what was there. A pixel gets one from every filter and from every "
            "window that it was in, and they add up.",
            CONVOLUTION_BACKWARDS,
        ),
        Misconception(
            "dW_overwritten",
            "dW holds only what the last window contributes. All windows of all examples contribute, and their "
            "contributions add up.",
            CONVOLUTION_BACKWARDS,
        ),
        Misconception(
            "db_overwritten",
            "db holds the last number of dZ of each filter. It is the sum over all positions and all examples.",
            CONVOLUTION_BACKWARDS,
        ),
        Misconception(
            "averaged_over_examples",
            "dW and db are divided by m. They are sums over the examples: an average over the batch belongs to the "
            "loss, and dZ contains it already.",
            CONVOLUTION_BACKWARDS,
        ),
        Misconception(
            "dW_averaged",
            "dW is divided by m. It is a sum over the examples: an average over the batch belongs to the loss, and dZ "
            "contains it already.",
            CONVOLUTION_BACKWARDS,
        ),
        Misconception(
            "db_averaged",
            "db is divided by m. It is a sum over the examples: an average over the batch belongs to the loss, and dZ "
            "contains it already.",
            CONVOLUTION_BACKWARDS,
        ),
        Misconception(
            "dW_from_unpadded",
            "For dW the windows are cut out of A_prev without its ring. In the forward pass the filter lay on the "
            "padded input, so it is that which is needed here.",
            CONVOLUTION_BACKWARDS,
        ),
        Misconception(
            "dZ_forgotten_in_dA",
            "dA_prev gets the filters as they are. The filter must be multiplied by dZ of this position, which says "
            "how much the loss depends on that output.",
            CONVOLUTION_BACKWARDS,
        ),
        Misconception(
            "dZ_forgotten_in_dW",
            "dW gets the windows as they are. The window must be multiplied by dZ of this position, which says how "
            "much the loss depends on that output.",
            CONVOLUTION_BACKWARDS,
        ),
        Misconception(
            "dZ_counted_in_db",
            "db counts the positions: each of them adds 1. It must add its number of dZ, since the bias went into that "
            "output as it is.",
            CONVOLUTION_BACKWARDS,
        ),
        Misconception(
            "factors_swapped",
            "dA_prev gets the windows and dW gets the filters. A pixel was multiplied by a filter entry: its gradient "
            "needs that entry, and the gradient of the entry the pixel.",
            CONVOLUTION_BACKWARDS,
        ),
        Misconception(
            "filter_flipped",
            "For dA_prev the filters are turned by 180 degrees. A filter goes back to its window as it lay there in "
            "the forward pass.",
            CONVOLUTION_BACKWARDS,
        ),
        *slips(CONVOLUTION_BACKWARDS, "first_example_read", "first_example_only"),
        # Seen, but not to be recognised by its numbers: those of the imitation are its own, the same in every call.
        Misconception(
            "random_start",
            "The gradients start from random numbers, and these stay in the result. A sum starts from zero.",
            CONVOLUTION_BACKWARDS,
        ),
        Misconception(
            "integer_gradients",
            "With whole numbers as input, the gradients start as whole numbers too and have no room for fractions. "
            "They must be float arrays from the start.",
            CONVOLUTION_BACKWARDS,
        ),
        Misconception(
            "db_flat",
            "db has lost three of its axes. A gradient has the shape of the array it belongs to, and b has the shape "
            "(1, 1, 1, n_C).",
            CONVOLUTION_BACKWARDS,
        ),
    ],
    [
        *ALTERNATIVES,
        {"crop_missing", "crop_outside_loop"},
        {"crop_missing", "end_at_minus_pad"},
        {"all_overwritten", "dA_overwritten"},
        {"all_overwritten", "dW_overwritten", "random_start"},
        {"all_overwritten", "db_overwritten", "dZ_counted_in_db"},
        {"averaged_over_examples", "dW_averaged"},
        {"averaged_over_examples", "db_averaged"},
        {"dW_averaged", "db_averaged"},
        {"dW_from_unpadded", "factors_swapped"},
        {"random_start", "integer_gradients"},
    ],
    {
        "end_at_minus_pad": ["returned_cropped"],
        "all_overwritten": ["all_filters_at_once"],
        "dA_overwritten": ["all_filters_at_once"],
        "dW_overwritten": ["all_examples_at_once"],
        "filter_flipped": ["channels_too"],
    },
)
