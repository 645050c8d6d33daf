"""What learners make of ``zero_pad`` and ``conv_single_step``."""

from __future__ import annotations

import numpy as np

from stepgrade.diagnose import Misconception

from .faults import ONE_STEP, ZERO_PADDING, Faults, Function, catalogue

AXES = {  # which of the axes example, row, column, channel are padded
    "rows_only": (1,),
    "columns_only": (2,),
    "channels_padded": (1, 2, 3),
    "examples_padded": (0, 1, 2),
    "every_axis_padded": (0, 1, 2, 3),
    "width_and_channels_padded": (2, 3),
    "examples_and_height_padded": (0, 1),
}


def zero_pad_with(faults: Faults) -> Function:
    """Return ``zero_pad`` as somebody with these faults writes it."""

    def zero_pad(X: np.ndarray, pad: int) -> np.ndarray:
        X_pad = with_ring(X, pad)
        return X_pad.squeeze() if "axes_squeezed" in faults else X_pad

    def with_ring(X: np.ndarray, pad: int) -> np.ndarray:
        if "not_padded" in faults:
            return X
        if "pad_doubled" in faults:
            pad = 2 * pad
        rest = pad % 2 if "rest_after" in faults else 0
        if "pad_halved" in faults:
            pad = pad // 2
        if "always_one" in faults:
            pad = 1
        if "end_at_minus_pad" in faults:
            m, n_H, n_W, n_C = X.shape
            X_pad = np.zeros((m, n_H + 2 * pad, n_W + 2 * pad, n_C), X.dtype)
            X_pad[:, pad:-pad, pad:-pad] = X
            return X_pad
        before = 0 if "after_only" in faults else pad
        after = 0 if "before_only" in faults else pad + rest
        padded = next((axes for name, axes in AXES.items() if name in faults), (1, 2))
        widths = [(before, after) if axis in padded else (0, 0) for axis in range(4)]
        if "edge_repeated" in faults:
            return np.pad(X, widths, mode="edge")
        if "mirrored" in faults:
            return np.pad(X, widths, mode="symmetric" if "border_twice" in faults else "reflect")
        return np.pad(X, widths)

    return zero_pad


ZERO_PAD = catalogue(
    zero_pad_with,
    [
        Misconception(
            "not_padded",
            "X comes back as it went in, without zeros around it. Height and width must grow by pad on every side.",
            ZERO_PADDING,
        ),
        Misconception(
            "before_only",
            "The zeros are above and on the left only. The ring has four sides: pad rows above and below, pad columns "
            "left and right.",
            ZERO_PADDING,
        ),
        Misconception(
            "after_only",
            "The zeros are below and on the right only. The ring has four sides: pad rows above and below, pad columns "
            "left and right.",
            ZERO_PADDING,
        ),
        Misconception(
            "rows_only",
            "Zeros are added above and below, but not left and right. The width grows by pad on both sides too.",
            ZERO_PADDING,
        ),
        Misconception(
            "columns_only",
            "Zeros are added left and right, but not above and below. The height grows by pad on both sides too.",
            ZERO_PADDING,
        ),
        Misconception(
            "channels_padded",
            "The channels are padded as well, so every image gets extra channels full of zeros. Only height and width "
            "grow; the last axis stays as it is.",
            ZERO_PADDING,
        ),
        Misconception(
            "examples_padded",
            "The examples are padded as well, so the batch gets extra images full of zeros. Only height and width "
            "grow; the first axis stays as it is.",
            ZERO_PADDING,
        ),
        Misconception(
            "every_axis_padded",
            "All four axes are padded, the examples and the channels too. Only the two axes in the middle, height and "
            "width, get zeros.",
            ZERO_PADDING,
        ),
        Misconception(
            "width_and_channels_padded",
            "Width and channels are padded. The axes are example, row, column, channel: height and width are the two "
            "in the middle, not the last two.",
            ZERO_PADDING,
        ),
        Misconception(
            "examples_and_height_padded",
            "Examples and height are padded. The first axis counts the examples of the batch; height and width are "
            "the two axes after it.",
            ZERO_PADDING,
        ),
        Misconception(
            "pad_doubled",
            "The ring is 2 * pad pixels wide. It must be pad pixels wide on each side; that makes the image larger by "
            "2 * pad in all.",
            ZERO_PADDING,
        ),
        Misconception(
            "pad_halved",
            "pad is divided between two opposite sides. Each side gets pad zeros, so that height and width grow by "
            "2 * pad in all.",
            ZERO_PADDING,
        ),
        Misconception(
            "always_one",
            "The ring is one pixel wide, whatever pad is. The argument pad says how wide it must be.",
            ZERO_PADDING,
        ),
        Misconception(
            "edge_repeated",
            "The ring repeats the pixels at the border of the image. It must hold zeros only.",
            ZERO_PADDING,
        ),
        Misconception(
            "mirrored",
            "The ring shows the pixels of the image again, as in a mirror. It must hold zeros only.",
            ZERO_PADDING,
        ),
        Misconception(
            "axes_squeezed",
            "Axes of length 1 are dropped from the result. A batch of one example, or of images with one channel, has "
            "four axes like any other.",
            ZERO_PADDING,
        ),
        Misconception(
            "end_at_minus_pad",
            "The place for X ends at minus pad. For pad 0 that is minus zero, and such a slice is empty. Count the end "
            "from the front: it works for every pad.",
            ZERO_PADDING,
        ),
    ],
    [
        {"not_padded", "before_only", "after_only", "end_at_minus_pad"},
        {"not_padded", "pad_doubled", "pad_halved", "always_one"},
        {"not_padded", "end_at_minus_pad", "edge_repeated", "mirrored"},
        {"not_padded", "end_at_minus_pad", *AXES},
        {"always_one", "end_at_minus_pad"},
    ],
    {"pad_halved": ["rest_after"], "mirrored": ["border_twice"]},
)


def conv_single_step_with(faults: Faults) -> Function:
    """Return ``conv_single_step`` as somebody with these faults writes it."""

    def conv_single_step(a_slice_prev: np.ndarray, W: np.ndarray, b: np.ndarray) -> float | np.ndarray:
        if "first_channel_only" in faults:
            a_slice_prev, W = a_slice_prev[:, :, :1], W[:, :, :1]
        if "filter_flipped" in faults:
            W = np.flip(W, axis=None if "channels_too" in faults else (0, 1))
        if "matrix_product" in faults:
            products = product(a_slice_prev, W)
        elif "input_modified" in faults:
            a_slice_prev *= W
            products = a_slice_prev
        else:
            products = a_slice_prev * W
        if "bias_in_every_product" in faults:
            products = products + b.item()
        Z = added_up(products)
        if "bias_subtracted" in faults:
            Z = Z - b.item()
        elif "array_returned" in faults:
            Z = Z + (b.ravel() if "flat_bias" in faults else b)
        elif not faults & {"bias_forgotten", "bias_in_every_product"}:
            Z = Z + b.item()
        if "relu_applied" in faults:
            Z = np.maximum(Z, 0)
        return Z if np.ndim(Z) else float(Z)

    def product(a_slice_prev: np.ndarray, W: np.ndarray) -> np.ndarray:
        if "of_each_channel" in faults:
            return np.einsum("ijc,jkc->ikc", a_slice_prev, W)
        return a_slice_prev @ W if "of_each_row" in faults else np.dot(a_slice_prev, W)

    def added_up(products: np.ndarray) -> np.ndarray:
        if "not_summed" in faults:
            return products.ravel() if "flat_products" in faults else products
        if "first_axis_summed" in faults:
            return sum(products)
        if "channels_kept_apart" in faults:
            return products.sum(axis=(0, 1))
        if "mean_for_sum" in faults:
            return products.mean(axis=(0, 1)).sum() if "of_each_channel" in faults else products.mean()
        return products.sum()

    return conv_single_step


CONV_SINGLE_STEP = catalogue(
    conv_single_step_with,
    [
        Misconception(
            "bias_forgotten",
            "The bias is missing: what comes back is the sum of the products alone. b is added to this sum once.",
            ONE_STEP,
        ),
        Misconception(
            "bias_in_every_product",
            "b is added to every product before the sum, so it counts as often as there are products. "
            "It is added once, after the sum.",
            ONE_STEP,
        ),
        Misconception(
            "bias_subtracted",
            "b is subtracted from the sum of the products. The bias must be added.",
            ONE_STEP,
        ),
        Misconception(
            "matrix_product",
            "The window and the filter are multiplied as matrices. A filter works entry by entry: each number of the "
            "window times the number at the same place of W.",
            ONE_STEP,
        ),
        Misconception(
            "first_channel_only",
            "Only the first channel counts. The filter is as deep as the window, and the products of all channels go "
            "into one sum.",
            ONE_STEP,
        ),
        Misconception(
            "channels_kept_apart",
            "There is one sum for each channel. The products of all channels belong to the same sum, so that one "
            "window gives one number.",
            ONE_STEP,
        ),
        Misconception(
            "first_axis_summed",
            "Only the first axis is added up, as Python's own sum does it, and an array is left. The sum runs over "
            "height, width and channels.",
            ONE_STEP,
        ),
        Misconception(
            "not_summed",
            "The products come back without being added up. One window and one filter give one number: the sum of "
            "all products, plus b.",
            ONE_STEP,
        ),
        Misconception(
            "mean_for_sum",
            "The products are averaged. They must be added up and not divided by their number.",
            ONE_STEP,
        ),
        Misconception(
            "array_returned",
            "Z is an array with one number in it, because b is one. Take the number out of b before you add it: "
            "Z is that number itself.",
            ONE_STEP,
        ),
        Misconception(
            "filter_flipped",
            "The filter is turned by 180 degrees. In this notebook it is not turned: each entry of W meets the number "
            "at the same place of the window.",
            ONE_STEP,
        ),
        Misconception(
            "relu_applied",
            "Negative results become 0. That is ReLU, a layer of its own; one step returns the sum plus the bias, "
            "negative or not.",
            ONE_STEP,
        ),
        Misconception(
            "input_modified",
            "The products are written into a_slice_prev, which the caller still needs. Put them into an array of "
            "their own.",
            ONE_STEP,
        ),
    ],
    [
        {"bias_forgotten", "bias_in_every_product", "bias_subtracted", "array_returned"},
        {"channels_kept_apart", "first_axis_summed", "not_summed", "mean_for_sum", "array_returned"},
        {"bias_in_every_product", "not_summed", "mean_for_sum"},
        {"matrix_product", "input_modified"},
        {"first_channel_only", "channels_kept_apart"},
    ],
    {
        "filter_flipped": ["channels_too"],
        "matrix_product": ["of_each_channel", "of_each_row"],
        "not_summed": ["flat_products"],
        "mean_for_sum": ["of_each_channel"],
        "array_returned": ["flat_bias"],
    },
)
