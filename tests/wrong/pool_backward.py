"""How learners write ``pool_backward``."""

from __future__ import annotations

from tests.wrong.style import CREATE_MASK_FROM_WINDOW, DISTRIBUTE_VALUE, NUMPY, Style

FOUR_CORNERS = Style(
    "four_corners",
    NUMPY
    + CREATE_MASK_FROM_WINDOW
    + DISTRIBUTE_VALUE
    + """\
def pool_backward(dA, cache, mode="max"):
    (A_prev, hparameters) = cache
    stride = hparameters["stride"]
    f = hparameters["f"]
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    m, n_H, n_W, n_C = dA.shape
    dA_prev = np.zeros((m, n_H_prev, n_W_prev, n_C_prev))

    for i in range(m):
        a_prev = A_prev[i]
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    vert_start = h * stride
                    vert_end = vert_start + f
                    horiz_start = w * stride
                    horiz_end = horiz_start + f
                    if mode == "max":
                        a_prev_slice = a_prev[vert_start:vert_end, horiz_start:horiz_end, c]
                        mask = create_mask_from_window(a_prev_slice)
                        dA_prev[i, vert_start:vert_end, horiz_start:horiz_end, c] += mask * dA[i, h, w, c]
                    elif mode == "average":
                        da = dA[i, h, w, c]
                        shape = (f, f)
                        dA_prev[i, vert_start:vert_end, horiz_start:horiz_end, c] += distribute_value(da, shape)

    return dA_prev
""",
    {
        "stride_ignored": [("h * stride", "h"), ("w * stride", "w")],
        "window_side_as_stride": [("h * stride", "h * f"), ("w * stride", "w * f")],
        "corners_swapped": [
            ("vert_start = h * stride", "vert_start = w * stride"),
            ("horiz_start = w * stride", "horiz_start = h * stride"),
        ],
        "horizontal_from_h": [("horiz_start = w * stride", "horiz_start = h * stride")],
        "overwritten": [("c] += mask", "c] = mask"), ("c] += distribute", "c] = distribute")],
        "first_example_read": [("a_prev = A_prev[i]", "a_prev = A_prev[0]")],
        "first_example_only": [("    return dA_prev", "        return dA_prev")],
        "modes_swapped": [
            ('if mode == "max"', 'if mode == "average"'),
            ('elif mode == "average"', 'elif mode == "max"'),
        ],
        "always_max": [('if mode == "max":', 'if mode == "max" or "average":')],
        "average_by_default": [('mode="max"', 'mode="average"')],
        "dA_forgotten": [("mask * dA[i, h, w, c]", "mask")],
        "window_of_dA": [("mask * dA[i, h, w, c]", "mask * dA[i, vert_start:vert_end, horiz_start:horiz_end, c]")],
        "window_multiplied": [("mask * dA[i, h, w, c]", "mask * a_prev_slice * dA[i, h, w, c]")],
        "mask_of_plane": [
            ("mask = create_mask_from_window(a_prev_slice)", "mask = a_prev_slice == np.max(a_prev[:, :, c])")
        ],
        "channels_not_separated": [
            (
                "a_prev[vert_start:vert_end, horiz_start:horiz_end, c]",
                "a_prev[vert_start:vert_end, horiz_start:horiz_end, :]",
            ),
            (
                "dA_prev[i, vert_start:vert_end, horiz_start:horiz_end, c] += mask",
                "dA_prev[i, vert_start:vert_end, horiz_start:horiz_end, :] += mask",
            ),
        ],
        "not_shared": [("+= distribute_value(da, shape)", "+= np.ones(shape) * da")],
        "divided_by_f": [("distribute_value(da, shape)\n", "da / f\n")],
        "divided_by_sum": [("distribute_value(da, shape)\n", "da / np.sum(shape)\n")],
        "integer_gradient": [("np.zeros((m, n_H_prev, n_W_prev, n_C_prev))", "np.zeros_like(A_prev)")],
    },
)

BY_HAND = Style(
    "by_hand",
    NUMPY
    + """\
def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, s = hparameters['f'], hparameters['stride']
    m, n_H, n_W, n_C = dA.shape
    dA_prev = np.zeros(A_prev.shape)
    for i in range(m):
        for c in range(n_C):
            for h in range(n_H):
                for w in range(n_W):
                    y1, y2 = h*s, h*s + f
                    x1, x2 = w*s, w*s + f
                    g = dA[i, h, w, c]
                    if mode == 'max':
                        window = A_prev[i, y1:y2, x1:x2, c]
                        g_window = np.where(window == np.max(window), g, 0)
                    else:
                        g_window = np.ones((f, f)) * g / (f*f)
                    dA_prev[i, y1:y2, x1:x2, c] += g_window
    return dA_prev
""",
    {
        "read_by_position": [("hparameters['f'], hparameters['stride']", "hparameters.values()")],
        "hparameters_emptied": [
            ("hparameters['f'], hparameters['stride']", 'hparameters.pop("f"), hparameters.pop("stride")')
        ],
        "stride_ignored": [
            ("y1, y2 = h*s, h*s + f", "y1, y2 = h, h + f"),
            ("x1, x2 = w*s, w*s + f", "x1, x2 = w, w + f"),
        ],
        "window_side_as_stride": [
            ("y1, y2 = h*s, h*s + f", "y1, y2 = h*f, h*f + f"),
            ("x1, x2 = w*s, w*s + f", "x1, x2 = w*f, w*f + f"),
        ],
        "corners_swapped": [
            ("A_prev[i, y1:y2, x1:x2, c]\n", "A_prev[i, x1:x2, y1:y2, c]\n"),
            ("dA_prev[i, y1:y2, x1:x2, c] +=", "dA_prev[i, x1:x2, y1:y2, c] +="),
        ],
        "horizontal_from_h": [("x1, x2 = w*s, w*s + f", "x1, x2 = h*s, h*s + f")],
        "overwritten": [("+= g_window", "= g_window")],
        "first_example_read": [("window = A_prev[i", "window = A_prev[0")],
        "first_example_only": [("    return dA_prev", "        return dA_prev")],
        "modes_swapped": [("mode == 'max'", "mode == 'average'")],
        "always_max": [
            ("mode == 'max'", "mode == 'max' or 'average'"),
        ],
        "always_average": [("else:\n                        g_window", "g_window")],
        "average_by_default": [('mode="max"', 'mode="average"')],
        "dA_forgotten": [("np.where(window == np.max(window), g, 0)", "np.where(window == np.max(window), 1, 0)")],
        "window_of_dA": [
            ("np.where(window == np.max(window), g, 0)", "(window == np.max(window)) * dA[i, y1:y2, x1:x2, c]")
        ],
        "window_multiplied": [
            ("np.where(window == np.max(window), g, 0)", "np.where(window == np.max(window), g * window, 0)")
        ],
        "mask_of_plane": [("== np.max(window)", "== np.max(A_prev[i, :, :, c])")],
        "maximum_from_zero": [("np.max(window)", "max(0, np.max(window))")],
        "not_shared": [(" / (f*f)", "")],
        "divided_by_f": [("/ (f*f)", "/ f")],
        "divided_by_sum": [("(f*f)", "(f+f)")],
        "integer_gradient": [("np.zeros(A_prev.shape)", "np.zeros(A_prev.shape, A_prev.dtype)")],
    },
)

FLAT_LOOP = Style(
    "flat_loop",
    NUMPY
    + CREATE_MASK_FROM_WINDOW
    + DISTRIBUTE_VALUE
    + """\
def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    stride, f = hparameters["stride"], hparameters["f"]
    dA_prev = np.zeros(A_prev.shape)
    for (i, h, w, c), da in np.ndenumerate(dA):
        top, left = h * stride, w * stride
        here = (i, slice(top, top + f), slice(left, left + f), c)
        if mode == "max":
            dA_prev[here] = dA_prev[here] + create_mask_from_window(A_prev[here]) * da
        else:
            dA_prev[here] = dA_prev[here] + distribute_value(da, (f, f))
    return dA_prev
""",
    {
        "stride_ignored": [("h * stride, w * stride", "h, w")],
        "window_side_as_stride": [("h * stride, w * stride", "h * f, w * f")],
        "corners_swapped": [
            ("slice(top, top + f), slice(left, left + f)", "slice(left, left + f), slice(top, top + f)")
        ],
        "horizontal_from_h": [("slice(left, left + f)", "slice(top, top + f)")],
        "overwritten": [
            ("dA_prev[here] + create_mask", "create_mask"),
            ("dA_prev[here] + distribute", "distribute"),
        ],
        "modes_swapped": [('mode == "max"', 'mode == "average"')],
        "always_max": [("distribute_value(da, (f, f))\n", "create_mask_from_window(A_prev[here]) * da\n")],
        "always_average": [("create_mask_from_window(A_prev[here]) * da\n", "distribute_value(da, (f, f))\n")],
        "average_by_default": [('mode="max"', 'mode="average"')],
        "dA_forgotten": [("(A_prev[here]) * da", "(A_prev[here])")],
        "window_of_dA": [("(A_prev[here]) * da", "(A_prev[here]) * dA[here]")],
        "window_multiplied": [("(A_prev[here]) * da", "(A_prev[here]) * A_prev[here] * da")],
        "mask_of_plane": [
            ("create_mask_from_window(A_prev[here])", "create_mask_from_window(A_prev[i, :, :, c])[here[1:3]]")
        ],
        "not_shared": [("distribute_value(da, (f, f))\n", "da\n")],
        "divided_by_f": [("distribute_value(da, (f, f))\n", "da / f\n")],
        "divided_by_sum": [("distribute_value(da, (f, f))\n", "np.full((f, f), da / (f + f))\n")],
        "integer_gradient": [("np.zeros(A_prev.shape)", "np.zeros_like(A_prev)")],
    },
)

ALL_EXAMPLES = Style(
    "all_examples",
    NUMPY
    + """\
def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    stride = hparameters["stride"]
    f = hparameters["f"]
    _, n_H, n_W, _ = dA.shape
    dA_prev = np.zeros(A_prev.shape)
    for h in range(n_H):
        rows = slice(h * stride, h * stride + f)
        for w in range(n_W):
            cols = slice(w * stride, w * stride + f)
            da = dA[:, h:h + 1, w:w + 1, :]
            if mode == "max":
                window = A_prev[:, rows, cols, :]
                mask = window == window.max(axis=(1, 2), keepdims=True)
                dA_prev[:, rows, cols, :] += mask * da
            if mode == "average":
                dA_prev[:, rows, cols, :] += da / (f * f)
    return dA_prev
""",
    {
        "stride_ignored": [
            ("slice(h * stride, h * stride + f)", "slice(h, h + f)"),
            ("slice(w * stride, w * stride + f)", "slice(w, w + f)"),
        ],
        "window_side_as_stride": [
            ("slice(h * stride, h * stride + f)", "slice(h * f, (h + 1) * f)"),
            ("slice(w * stride, w * stride + f)", "slice(w * f, (w + 1) * f)"),
        ],
        "corners_swapped": [
            ("rows = slice(h", "cols = slice(h"),
            ("cols = slice(w", "rows = slice(w"),
        ],
        "horizontal_from_h": [("slice(w * stride, w * stride + f)", "slice(h * stride, h * stride + f)")],
        "overwritten": [("+= mask", "= mask"), ("+= da", "= da")],
        "first_example_read": [("window = A_prev[:, rows", "window = A_prev[:1, rows")],
        "modes_swapped": [('if mode == "max"', 'if mode == "average"'), ('if mode == "average"', 'if mode == "max"')],
        "always_max": [
            ('if mode == "max":\n                window', 'if mode in ("max", "average"):\n                window'),
            ('            if mode == "average":\n                dA_prev[:, rows, cols, :] += da / (f * f)\n', ""),
        ],
        "average_by_default": [('mode="max"', 'mode="average"')],
        "dA_forgotten": [("mask * da", "mask")],
        "window_of_dA": [("mask * da", "mask * dA[:, rows, cols, :]")],
        "window_multiplied": [("mask * da", "window * mask * da")],
        "mask_of_plane": [("window == window.max", "window == A_prev.max")],
        "maximum_from_zero": [("keepdims=True", "keepdims=True, initial=0")],
        "channels_not_separated": [("axis=(1, 2)", "axis=(1, 2, 3)")],
        "not_shared": [(" / (f * f)", "")],
        "divided_by_f": [("(f * f)", "f")],
        "divided_by_sum": [("(f * f)", "(2 * f)")],
        "integer_gradient": [("np.zeros(A_prev.shape)", "np.zeros(A_prev.shape, dtype=A_prev.dtype)")],
    },
)

ALL_CHANNELS = Style(
    "all_channels",
    NUMPY
    + """\
def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    stride, f = hparameters["stride"], hparameters["f"]
    dA_prev = np.zeros(A_prev.shape)
    m, n_H, n_W, n_C = dA.shape
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                y, x = h * stride, w * stride
                window = A_prev[i, y:y + f, x:x + f, :]
                if mode == "max":
                    weights = window == np.max(window, axis=(0, 1))
                else:
                    weights = np.ones((f, f, n_C)) / f ** 2
                dA_prev[i, y:y + f, x:x + f, :] += weights * dA[i, h, w, :]
    return dA_prev
""",
    {
        "stride_ignored": [("h * stride, w * stride", "h, w")],
        "window_side_as_stride": [("h * stride, w * stride", "h * f, w * f")],
        "corners_swapped": [
            ("window = A_prev[i, y:y + f, x:x + f, :]", "window = A_prev[i, x:x + f, y:y + f, :]"),
            ("dA_prev[i, y:y + f, x:x + f, :] +=", "dA_prev[i, x:x + f, y:y + f, :] +="),
        ],
        "horizontal_from_h": [("h * stride, w * stride", "h * stride, h * stride")],
        "overwritten": [("+= weights", "= weights")],
        "first_example_read": [("window = A_prev[i", "window = A_prev[0")],
        "first_example_only": [("    return dA_prev", "        return dA_prev")],
        "modes_swapped": [('mode == "max"', 'mode == "average"')],
        "always_max": [
            ('                if mode == "max":\n    ', ""),
            ("                else:\n                    weights = np.ones((f, f, n_C)) / f ** 2\n", ""),
        ],
        "always_average": [
            ("                else:\n                    weights = np.ones", "                weights = np.ones")
        ],
        "average_by_default": [('mode="max"', "mode='average'")],
        "channels_not_separated": [("np.max(window, axis=(0, 1))", "np.max(window)")],
        "window_multiplied": [
            ("window == np.max(window, axis=(0, 1))", "window * (window == np.max(window, axis=(0, 1)))")
        ],
        "mask_of_plane": [("np.max(window, axis=(0, 1))", "np.max(A_prev[i], axis=(0, 1))")],
        "not_shared": [(" / f ** 2", "")],
        "divided_by_f": [("f ** 2", "f")],
        "divided_by_sum": [("f ** 2", "(f * 2)")],
        "integer_gradient": [("np.zeros(A_prev.shape)", "np.zeros_like(A_prev)")],
    },
)

OWN_SEARCH = Style(
    "own_search",
    NUMPY
    + """\
def position_of_maximum(window):
    best = window[0, 0]
    place = (0, 0)
    for y in range(window.shape[0]):
        for x in range(window.shape[1]):
            if window[y, x] > best:
                best = window[y, x]
                place = (y, x)
    return place


def pool_backward(dA, cache, mode="max"):
    A_prev = cache[0]
    f = cache[1]["f"]
    stride = cache[1]["stride"]
    m, n_H, n_W, n_C = dA.shape
    dA_prev = np.zeros(A_prev.shape)
    for i in range(m):
        for c in range(n_C):
            plane = A_prev[i, :, :, c]
            for h in range(n_H):
                for w in range(n_W):
                    top = h * stride
                    left = w * stride
                    if mode == "max":
                        y, x = position_of_maximum(plane[top:top + f, left:left + f])
                        dA_prev[i, top + y, left + x, c] += dA[i, h, w, c]
                    else:
                        for y in range(f):
                            for x in range(f):
                                dA_prev[i, top + y, left + x, c] += dA[i, h, w, c] / (f * f)
    return dA_prev
""",
    {
        "stride_ignored": [("h * stride", "h"), ("w * stride", "w")],
        "window_side_as_stride": [("h * stride", "h * f"), ("w * stride", "w * f")],
        "horizontal_from_h": [("left = w * stride", "left = h * stride")],
        "corners_swapped": [("top = h * stride", "top = w * stride"), ("left = w * stride", "left = h * stride")],
        "overwritten": [
            ("c] += dA[i, h, w, c]\n", "c] = dA[i, h, w, c]\n"),
            ("c] += dA[i, h, w, c] / (f * f)", "c] = dA[i, h, w, c] / (f * f)"),
        ],
        "first_example_read": [("plane = A_prev[i, :, :, c]", "plane = A_prev[0, :, :, c]")],
        "first_example_only": [("    return dA_prev", "        return dA_prev")],
        "modes_swapped": [('mode == "max"', 'mode == "average"')],
        "average_by_default": [('mode="max"', 'mode="average"')],
        "dA_forgotten": [("c] += dA[i, h, w, c]\n", "c] += 1\n")],
        "window_multiplied": [("c] += dA[i, h, w, c]\n", "c] += dA[i, h, w, c] * plane[top + y, left + x]\n")],
        "maximum_from_zero": [("best = window[0, 0]", "best = 0")],
        "not_shared": [(" / (f * f)", "")],
        "divided_by_f": [("/ (f * f)", "/ f")],
        "divided_by_sum": [("(f * f)", "(f + f)")],
        "integer_gradient": [("np.zeros(A_prev.shape)", "np.zeros(A_prev.shape, A_prev.dtype)")],
    },
)

SHIFTED_INPUTS = Style(
    "shifted_inputs",
    NUMPY
    + """\
def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, s = hparameters["f"], hparameters["stride"]
    _, n_H, n_W, _ = dA.shape
    places = [np.s_[:, u:u + s * n_H:s, v:v + s * n_W:s] for u in range(f) for v in range(f)]
    A = np.max([A_prev[place] for place in places], axis=0)
    dA_prev = np.zeros(A_prev.shape)
    for place in places:
        if mode == "max":
            dA_prev[place] += np.where(A_prev[place] == A, dA, 0)
        else:
            dA_prev[place] += dA / len(places)
    return dA_prev
""",
    {
        "read_by_position": [('hparameters["f"], hparameters["stride"]', "hparameters.values()")],
        "hparameters_emptied": [
            ('hparameters["f"], hparameters["stride"]', 'hparameters.pop("f"), hparameters.pop("stride")')
        ],
        "stride_ignored": [("u:u + s * n_H:s, v:v + s * n_W:s", "u:u + n_H, v:v + n_W")],
        "window_side_as_stride": [("u:u + s * n_H:s, v:v + s * n_W:s", "u:u + f * n_H:f, v:v + f * n_W:f")],
        "overwritten": [
            ("dA_prev[place] += np", "dA_prev[place] = np"),
            ("dA_prev[place] += dA", "dA_prev[place] = dA"),
        ],
        "modes_swapped": [('mode == "max"', 'mode == "average"')],
        "always_max": [('if mode == "max":', 'if mode == "max" or mode == "average":')],
        "always_average": [("np.where(A_prev[place] == A, dA, 0)", "dA / len(places)")],
        "average_by_default": [('mode="max"', 'mode="average"')],
        "dA_forgotten": [("np.where(A_prev[place] == A, dA, 0)", "A_prev[place] == A")],
        "window_multiplied": [("== A, dA, 0)", "== A, A * dA, 0)")],
        "maximum_from_zero": [("axis=0)", "axis=0, initial=0)")],
        "not_shared": [(" / len(places)", "")],
        "divided_by_f": [("len(places)", "f")],
        "divided_by_sum": [("len(places)", "(f + f)")],
        "integer_gradient": [("return dA_prev", "return dA_prev.astype(A_prev.dtype)")],
    },
)

STYLES = (FOUR_CORNERS, BY_HAND, FLAT_LOOP, ALL_EXAMPLES, ALL_CHANNELS, OWN_SEARCH, SHIFTED_INPUTS)
