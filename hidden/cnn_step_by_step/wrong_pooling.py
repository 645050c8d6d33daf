"""What learners make of ``pool_forward``, ``pool_backward`` and the two functions for one window."""

from __future__ import annotations

from typing import Any

import numpy as np

from stepgrade.diagnose import Misconception

from .faults import MASK, POOLING, POOLING_BACKWARDS, SHARING, Faults, Function, catalogue
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

MODE_SENTENCES = {
    "modes_swapped": "The two modes are exchanged: mode max is treated as average, and mode average as max.",
    "always_max": "Mode average is treated as max too. In mode average all numbers of a window count the same, so the "
    "two modes need code of their own.",
    "always_average": "Mode max is treated as average too. In mode max only the largest number of a window counts, so "
    "the two modes need code of their own.",
    "average_by_default": "A call without a mode is treated as average. If mode is left out, it is max.",
}
MODES = [{"modes_swapped", "always_max", "always_average"}, {"average_by_default", "always_max", "always_average"}]

# How else a window that an edge cut short is averaged: over the cells it should have, or by counting them in a loop.
CUT_SHORT = ("divided_by_area", "counted")


def mode_slips(section: str) -> list[Misconception]:
    return [Misconception(name, sentence, section) for name, sentence in MODE_SENTENCES.items()]


def default_mode(faults: Faults) -> str:
    return "average" if "average_by_default" in faults else "max"


def takes_maximum(faults: Faults, mode: str) -> bool:
    if "modes_swapped" in faults:
        return mode != "max"
    return "always_max" in faults or (mode == "max" and "always_average" not in faults)


def pool_forward_with(faults: Faults) -> Function:
    """Return ``pool_forward`` as somebody with these faults writes it."""

    def pool_forward(A_prev: np.ndarray, hparameters: dict[str, int], mode: str = default_mode(faults)) -> Any:
        stride, f = entries(faults, hparameters, "stride", "f")
        m, n_C = len(A_prev), A_prev.shape[3]
        if "size_too" in faults:
            f = stride
        n_H, n_W = output_size(faults, A_prev, f, stride)
        A = np.zeros((m, n_H, n_W, n_C), A_prev.dtype if "integer_output" in faults else np.float64)
        summary = maximum if takes_maximum(faults, mode) else average
        with np.errstate(all="ignore"):  # the average of a window beyond the edge is nan
            for h, w in positions(faults, n_H, n_W):
                rows, columns = corners(faults, h, w, f, stride)
                if "whole_plane" in faults:
                    rows = columns = slice(None)
                window = as_laid_out(faults, A_prev)[examples_read(faults), rows, columns]  # (m, f, f, n_C)
                if "first_channel_for_all" in faults:
                    window = window[..., :1]
                channels = 1 if "over_all_channels" in faults else window.shape[3]
                cells = window.reshape(len(window), -1, channels)  # (m, f * f, n_C)
                A[examples_done(faults), h, w] = summary(cells, f)
        if "last_channel_missing" in faults:
            A[..., -1] = 0
        if "axes_squeezed" in faults:
            A = A.squeeze()
        if "cache_missing" in faults:
            return A
        if "cache_reordered" in faults:
            return A, (hparameters, A_prev)
        return A, (A if "cache_holds_output" in faults else A_prev, hparameters)

    def maximum(cells: np.ndarray, f: int) -> np.ndarray:
        return cells.max(axis=1, initial=0) if "maximum_from_zero" in faults else cells.max(axis=1)

    def average(cells: np.ndarray, f: int) -> np.ndarray:
        total = cells.sum(axis=1)
        if "sum_for_average" in faults:
            return total
        if "divided_by_f" in faults:
            return total / f
        if "counted" in faults and not cells.size:
            raise ZeroDivisionError("the average of no numbers")
        return total / (f * f if "divided_by_area" in faults else cells.shape[1])

    return pool_forward


POOL_FORWARD = catalogue(
    pool_forward_with,
    [
        *slips(
            POOLING,
            "read_by_position",
            "hparameters_emptied",
            "stride_ignored",
            "stride_ignored_in_size",
            "stride_ignored_everywhere",
            "window_side_as_stride",
            "stride_as_window_side",
            "window_one_short",
            "rounded_up",
            "one_missing_in_size",
            "width_from_height",
            "sizes_swapped",
            "corners_swapped",
            "horizontal_from_h",
            "eight_bytes_assumed",
            "neighbours_assumed",
            "last_row_and_column_missing",
            "first_example_read",
            "first_example_only",
            "last_example_only",
            "axes_squeezed",
        ),
        Misconception(
            "whole_plane",
            "Every output looks at the whole image. It must look at its own window only, which the four corners cut "
            "out.",
            POOLING,
        ),
        Misconception(
            "over_all_channels",
            "The window is cut through all channels, so they all get the same number. Pooling treats each channel on "
            "its own.",
            POOLING,
        ),
        Misconception(
            "first_channel_for_all",
            "All channels of A come from the first channel of A_prev. Channel c of A is made from channel c of A_prev.",
            POOLING,
        ),
        Misconception(
            "last_channel_missing",
            "The loop over the channels stops one too early, so the last channel stays 0. Pooling keeps all n_C "
            "channels.",
            POOLING,
        ),
        *mode_slips(POOLING),
        Misconception(
            "sum_for_average",
            "In mode average the numbers of a window are added up but not divided. The average is their sum divided by "
            "how many they are.",
            POOLING,
        ),
        Misconception(
            "divided_by_f",
            "In mode average the sum is divided by f. f is the side of the window; the number of its cells is f * f.",
            POOLING,
        ),
        Misconception(
            "maximum_from_zero",
            "No maximum is below 0, because the search starts from 0. If all numbers of a window are negative, their "
            "maximum is negative too.",
            POOLING,
        ),
        Misconception(
            "integer_output",
            "With whole numbers as input, averages are cut to whole numbers, because A took its dtype from the input. "
            "A must be a float array from the start.",
            POOLING,
        ),
        Misconception(
            "cache_reordered",
            "The cache has another order. The backward pass expects the tuple (A_prev, hparameters), and it knows the "
            "entries by their places alone.",
            POOLING,
        ),
        Misconception(
            "cache_holds_output",
            "The cache holds the output A. The backward pass needs the input A_prev, to see where the maxima were.",
            POOLING,
        ),
        Misconception(
            "cache_missing",
            "Only A comes back. The function returns two things: A, and the cache for the backward pass.",
            POOLING,
        ),
    ],
    [
        *ALTERNATIVES,
        *MODES,
        {"whole_plane", "stride_ignored", "stride_as_window_side", "window_one_short"},
        {"whole_plane", "corners_swapped", "horizontal_from_h"},
        {"over_all_channels", "first_channel_for_all"},
        {"sum_for_average", "divided_by_f", "always_max"},
        {"always_average", "maximum_from_zero"},
        {"always_max", "integer_output"},
        {"cache_reordered", "cache_holds_output", "cache_missing"},
    ],
    {
        "stride_ignored_in_size": CUT_SHORT,
        "one_missing_in_size": ["edge_excluded"],
        "stride_as_window_side": ["divided_by_area", "size_too"],
        "window_one_short": CUT_SHORT,
        "width_from_height": CUT_SHORT,
        "sizes_swapped": CUT_SHORT,
        "corners_swapped": CUT_SHORT,
        "horizontal_from_h": CUT_SHORT,
    },
)


def create_mask_from_window_with(faults: Faults) -> Function:
    """Return ``create_mask_from_window`` as somebody with these faults writes it."""

    def create_mask_from_window(x: np.ndarray) -> Any:
        if "maximum_subtracted" in faults:
            x -= x.max()
        values = np.abs(x) if "largest_magnitude" in faults else x
        if "minimum_marked" in faults:
            values = -values
        if "position_returned" in faults:
            return position(values == values.max())
        axis = 1 if "row_by_row" in faults else 0 if "column_by_column" in faults else None
        mask = values == values.max(axis=axis, keepdims=True)
        if "maximum_from_zero" in faults:
            mask &= values >= 0
        if "first_tie_only" in faults:
            mask = (np.cumsum(mask) == 1).reshape(x.shape) & mask
        if "inverted" in faults:
            mask = ~mask
        if "maximum_returned" in faults:
            return x.flat[values.argmax()]
        if "value_kept" in faults:
            return x * mask
        if "window_overwritten" in faults:
            x[:] = mask
            return x
        return mask.astype(int) if "ones_and_zeros" in faults else mask

    def position(mask: np.ndarray) -> Any:
        places = np.argwhere(mask)
        if "all_places" in faults:
            return places
        if "row_and_column" in faults:
            return tuple(places[0])
        if "last_row_and_column" in faults:
            return tuple(places[-1])
        return np.nonzero(mask) if "rows_and_columns" in faults else int(mask.argmax())

    return create_mask_from_window


CREATE_MASK_FROM_WINDOW = catalogue(
    create_mask_from_window_with,
    [
        Misconception(
            "value_kept",
            "The mask holds the maximum at its position. A mask says where, not how much: True there, False elsewhere.",
            MASK,
        ),
        Misconception(
            "maximum_returned",
            "The maximum itself comes back. What is asked for is where it stands: an array with the shape of x, True "
            "at the maximum and False elsewhere.",
            MASK,
        ),
        Misconception(
            "position_returned",
            "The index of the maximum comes back. What is asked for is an array with the shape of x, True at the "
            "maximum and False elsewhere.",
            MASK,
        ),
        Misconception(
            "first_tie_only",
            "Only one position is marked, although the maximum stands at several. All of them must be True.",
            MASK,
        ),
        Misconception(
            "minimum_marked",
            "The smallest entry is marked. Max pooling passes on the largest one, so that is where True belongs.",
            MASK,
        ),
        Misconception(
            "largest_magnitude",
            "The entry farthest from 0 is marked. The sign counts: -5 is smaller than 2, so of these two 2 is the "
            "maximum.",
            MASK,
        ),
        Misconception(
            "maximum_from_zero",
            "In a window of negative numbers nothing is marked, because the search starts from 0. The maximum of "
            "negative numbers is negative.",
            MASK,
        ),
        Misconception(
            "row_by_row",
            "The largest entry of every row is marked. A window has one maximum, over all rows and columns.",
            MASK,
        ),
        Misconception(
            "column_by_column",
            "The largest entry of every column is marked. A window has one maximum, over all rows and columns.",
            MASK,
        ),
        Misconception(
            "inverted",
            "True and False are exchanged: here False stands at the maximum. True belongs there, and False elsewhere.",
            MASK,
        ),
        Misconception(
            "ones_and_zeros",
            "The mask holds the numbers 1 and 0. It must be a boolean array: True and False.",
            MASK,
        ),
        Misconception(
            "maximum_subtracted",
            "The maximum is subtracted from x itself, which the caller still needs. Compare x with its maximum and "
            "leave both as they are.",
            MASK,
        ),
        Misconception(
            "window_overwritten",
            "The mask is written into x, which the caller still needs. Return an array of its own.",
            MASK,
        ),
    ],
    [
        {"value_kept", "maximum_returned", "position_returned", "ones_and_zeros", "window_overwritten"},
        {"maximum_returned", "position_returned", "first_tie_only", "inverted"},
        {"maximum_returned", "position_returned", "row_by_row", "column_by_column"},
        {"maximum_returned", "position_returned", "maximum_from_zero"},
        {"first_tie_only", "row_by_row", "column_by_column"},
        {"largest_magnitude", "maximum_from_zero"},
        *(
            {"maximum_subtracted", other}
            for other in ("value_kept", "maximum_returned", "window_overwritten", "maximum_from_zero")
        ),
    ],
    {"position_returned": ["row_and_column", "last_row_and_column", "rows_and_columns", "all_places"]},
)


def distribute_value_with(faults: Faults) -> Function:
    """Return ``distribute_value`` as somebody with these faults writes it."""

    def distribute_value(dz: float, shape: tuple[int, int]) -> Any:
        n_H, n_W = shape
        share = shared_out(1 if "dz_forgotten" in faults else dz, n_H, n_W)
        if "one_number" in faults:
            return share
        a = np.ones((n_W, n_H) if "shape_turned" in faults else shape) * share
        return a.astype(int) if "integer_output" in faults and isinstance(dz, int) else a

    def shared_out(dz: float, n_H: int, n_W: int) -> float:
        if "not_divided" in faults:
            return dz
        cells = n_H * n_W
        if "divided_by_sum" in faults:
            cells = n_H + n_W
        if "divided_by_height" in faults:
            cells = n_H
        if "divided_by_width" in faults:
            cells = n_W
        if "square_assumed" in faults:
            cells = n_H * n_H
        if "divided_twice" in faults:
            cells = cells**2
        if "whole_number_division" in faults:
            return int(dz / cells) if "toward_zero" in faults else dz // cells
        return dz / cells

    return distribute_value


DISTRIBUTE_VALUE = catalogue(
    distribute_value_with,
    [
        Misconception(
            "not_divided",
            "Every cell gets all of dz. The cells share it: added up, they must give dz again.",
            SHARING,
        ),
        Misconception(
            "divided_by_sum",
            "dz is divided by height plus width. The number of cells is height times width; for a 2x2 window both "
            "happen to be 4.",
            SHARING,
        ),
        Misconception(
            "divided_by_height",
            "dz is divided by the height alone. The number of cells is height times width.",
            SHARING,
        ),
        Misconception(
            "divided_by_width",
            "dz is divided by the width alone. The number of cells is height times width.",
            SHARING,
        ),
        Misconception(
            "square_assumed",
            "dz is divided by the height squared, as if the window were a square. The width may be another number.",
            SHARING,
        ),
        Misconception(
            "divided_twice",
            "dz is divided by the number of cells twice. After the first division the number is a share already.",
            SHARING,
        ),
        Misconception(
            "dz_forgotten",
            "The cells add up to 1, whatever dz is. What is shared is dz.",
            SHARING,
        ),
        Misconception(
            "whole_number_division",
            "The shares are cut to whole numbers. A share is a fraction, even if dz is a whole number.",
            SHARING,
        ),
        Misconception(
            "integer_output",
            "With a whole number to share, the shares are cut to whole numbers, because the array took its dtype from "
            "dz. It must be a float array from the start.",
            SHARING,
        ),
        Misconception(
            "one_number",
            "The share of one cell comes back, a single number. What is asked for is an array of the given shape, with "
            "this share in every cell.",
            SHARING,
        ),
        Misconception(
            "shape_turned",
            "Height and width of the result are exchanged. shape is (n_H, n_W): rows first, then columns.",
            SHARING,
        ),
    ],
    [
        {"not_divided", "divided_by_sum", "divided_by_height", "divided_by_width", "square_assumed"},
        {"not_divided", "divided_twice"},
        {"divided_by_height", "divided_twice"},
        {"not_divided", "whole_number_division"},
        {"one_number", "shape_turned"},
        {"one_number", "integer_output"},
        {"whole_number_division", "integer_output"},
        {"dz_forgotten", "whole_number_division"},
    ],
    {"whole_number_division": ["toward_zero"]},
)


def pool_backward_with(faults: Faults) -> Function:
    """Return ``pool_backward`` as somebody with these faults writes it."""

    def pool_backward(dA: np.ndarray, cache: Any, mode: str = default_mode(faults)) -> np.ndarray:
        A_prev, hparameters = cache
        stride, f = entries(faults, hparameters, "stride", "f")
        if "dA_divided" in faults and not takes_maximum(faults, mode):
            dA /= f * f
        searched = as_laid_out(faults, A_prev)[examples_read(faults)]
        dA_prev = np.zeros(A_prev.shape, A_prev.dtype if "integer_gradient" in faults else np.float64)
        examples = examples_done(faults)
        for h, w in np.ndindex(dA.shape[1:3]):
            rows, columns = corners(faults, h, w, f, stride)
            da = dA[examples, h, w][:, np.newaxis, np.newaxis, :]  # (m, 1, 1, n_C)
            if takes_maximum(faults, mode):
                if "window_of_dA" in faults:
                    da = dA[examples, rows, columns]
                contribution = to_maximum(searched[:, rows, columns], searched, da)
            else:
                contribution = shared_out(da, f)
            here = examples, rows, columns
            if "at_maximum" in faults:
                dA_prev[here] = np.where(contribution, contribution, dA_prev[here])
            elif "overwritten" in faults:
                dA_prev[here] = contribution
            elif "truncated" in faults:
                dA_prev[here] = dA_prev[here] + contribution
            else:
                dA_prev[here] += contribution
        return dA_prev

    def to_maximum(window: np.ndarray, plane: np.ndarray, da: np.ndarray) -> np.ndarray:
        searched = plane if "mask_of_plane" in faults else window
        mask = window == searched.max(axis=(1, 2), keepdims=True)
        if "channels_not_separated" in faults:  # one mask through all channels, which gets the dA of each of them
            mask = window == searched.max(axis=(1, 2, 3), keepdims=True)
            da = da if "dA_of_each" in faults else da.sum(axis=3, keepdims=True)
        if "maximum_from_zero" in faults:
            mask = mask & (window >= 0)
        if "window_multiplied" in faults:
            da = da * window
        return mask if "dA_forgotten" in faults else mask * da

    def shared_out(da: np.ndarray, f: int) -> np.ndarray:
        cells = f * f
        if "divided_by_f" in faults:
            cells = f
        if "divided_by_sum" in faults:
            cells = f + f
        if "divided_by_four" in faults:
            cells = 4
        if faults & {"not_shared", "dA_divided"}:
            cells = 1
        return da / cells if "as_one_number" in faults else np.ones((1, f, f, 1)) * da / cells

    return pool_backward


POOL_BACKWARD = catalogue(
    pool_backward_with,
    [
        *slips(
            POOLING_BACKWARDS,
            "read_by_position",
            "hparameters_emptied",
            "stride_ignored",
            "window_side_as_stride",
            "corners_swapped",
            "horizontal_from_h",
            "eight_bytes_assumed",
            "neighbours_assumed",
        ),
        Misconception(
            "overwritten",
            "Each window replaces what was there. Where windows overlap, a pixel collects from each of them, and the "
            "contributions add up.",
            POOLING_BACKWARDS,
        ),
        *slips(POOLING_BACKWARDS, "first_example_read", "first_example_only"),
        *mode_slips(POOLING_BACKWARDS),
        Misconception(
            "dA_forgotten",
            "In mode max every maximum gets 1. It must get the number of dA that belongs to its window.",
            POOLING_BACKWARDS,
        ),
        Misconception(
            "window_of_dA",
            "In mode max the mask is multiplied by a window of dA. One window of A_prev belongs to one number of dA: "
            "that at position h, w.",
            POOLING_BACKWARDS,
        ),
        Misconception(
            "window_multiplied",
            "In mode max the values of A_prev are multiplied into the result. They decide where the gradient goes, not "
            "how large it is.",
            POOLING_BACKWARDS,
        ),
        Misconception(
            "mask_of_plane",
            "The mask looks for the maximum of the whole image. Each window has a maximum of its own, and that is "
            "where its gradient goes.",
            MASK,
        ),
        Misconception(
            "maximum_from_zero",
            "In mode max a window of negative numbers passes nothing back, because the search starts from 0. The "
            "maximum of negative numbers is negative.",
            MASK,
        ),
        Misconception(
            "channels_not_separated",
            "The mask is made from a window through all channels, so that only one place in all of them gets a "
            "gradient. Each channel has its own windows.",
            POOLING_BACKWARDS,
        ),
        Misconception(
            "not_shared",
            "In mode average every cell of the window gets the whole number of dA. The cells share it equally.",
            SHARING,
        ),
        Misconception(
            "divided_by_f",
            "In mode average dA is divided by f. f is the side of the window; the number of its cells is f * f.",
            SHARING,
        ),
        Misconception(
            "divided_by_sum",
            "In mode average dA is divided by f plus f. The number of cells is height times width; for f 2 both happen "
            "to be 4.",
            SHARING,
        ),
        Misconception(
            "divided_by_four",
            "In mode average dA is divided by 4, whatever f is. A window has f * f cells, which are 4 for f 2 only.",
            SHARING,
        ),
        Misconception(
            "dA_divided",
            "In mode average dA itself is divided, although the caller still needs it. Put the shares into an array of "
            "their own.",
            POOLING_BACKWARDS,
        ),
        Misconception(
            "integer_gradient",
            "With whole numbers as input, dA_prev starts as whole numbers too and has no room for fractions. It must "
            "be a float array from the start.",
            POOLING_BACKWARDS,
        ),
    ],
    [
        *ALTERNATIVES,
        *MODES,
        {"dA_forgotten", "window_of_dA", "always_average"},
        {"dA_forgotten", "window_multiplied", "always_average"},
        {"mask_of_plane", "channels_not_separated", "always_average"},
        {"maximum_from_zero", "always_average"},
        {"first_example_read", "always_average"},
        {"eight_bytes_assumed", "always_average"},
        {"neighbours_assumed", "always_average"},
        {"window_of_dA", "channels_not_separated"},
        {"not_shared", "divided_by_f", "divided_by_sum", "divided_by_four", "dA_divided", "always_max"},
    ],
    {
        "window_side_as_stride": ["as_one_number"],
        "corners_swapped": ["as_one_number"],
        "horizontal_from_h": ["as_one_number"],
        "overwritten": ["at_maximum"],
        "channels_not_separated": ["dA_of_each"],
        "integer_gradient": ["truncated"],
    },
)
