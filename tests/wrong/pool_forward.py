"""How learners write ``pool_forward``."""

from __future__ import annotations

from tests.wrong.style import NUMPY, Style

FOUR_CORNERS = Style(
    "four_corners",
    NUMPY
    + """\
def pool_forward(A_prev, hparameters, mode="max"):
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    f = hparameters["f"]
    stride = hparameters["stride"]

    n_H = int(1 + (n_H_prev - f) / stride)
    n_W = int(1 + (n_W_prev - f) / stride)
    n_C = n_C_prev
    A = np.zeros((m, n_H, n_W, n_C))

    for i in range(m):
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                for c in range(n_C):
                    a_prev_slice = A_prev[i, vert_start:vert_end, horiz_start:horiz_end, c]
                    if mode == "max":
                        A[i, h, w, c] = np.max(a_prev_slice)
                    elif mode == "average":
                        A[i, h, w, c] = np.mean(a_prev_slice)

    cache = (A_prev, hparameters)
    return A, cache
""",
    {
        "stride_ignored": [
            ("vert_start = h * stride", "vert_start = h"),
            ("horiz_start = w * stride", "horiz_start = w"),
        ],
        "stride_ignored_in_size": [
            ("int(1 + (n_H_prev - f) / stride)", "1 + n_H_prev - f"),
            ("int(1 + (n_W_prev - f) / stride)", "1 + n_W_prev - f"),
        ],
        "stride_ignored_everywhere": [
            ("int(1 + (n_H_prev - f) / stride)", "1 + n_H_prev - f"),
            ("int(1 + (n_W_prev - f) / stride)", "1 + n_W_prev - f"),
            ("vert_start = h * stride", "vert_start = h"),
            ("horiz_start = w * stride", "horiz_start = w"),
        ],
        "window_side_as_stride": [
            ("(n_H_prev - f) / stride", "(n_H_prev - f) / f"),
            ("(n_W_prev - f) / stride", "(n_W_prev - f) / f"),
            ("h * stride", "h * f"),
            ("w * stride", "w * f"),
        ],
        "stride_as_window_side": [
            ("vert_start + f", "vert_start + stride"),
            ("horiz_start + f", "horiz_start + stride"),
        ],
        "window_one_short": [("vert_start + f", "vert_start + f - 1"), ("horiz_start + f", "horiz_start + f - 1")],
        "one_missing_in_size": [
            ("1 + (n_H_prev - f) / stride", "(n_H_prev - f) / stride"),
            ("1 + (n_W_prev - f) / stride", "(n_W_prev - f) / stride"),
        ],
        "width_from_height": [("n_W = int(1 + (n_W_prev", "n_W = int(1 + (n_H_prev")],
        "sizes_swapped": [
            ("n_H = int(1 + (n_H_prev", "n_H = int(1 + (n_W_prev"),
            ("n_W = int(1 + (n_W_prev", "n_W = int(1 + (n_H_prev"),
        ],
        "corners_swapped": [
            ("vert_start:vert_end, horiz_start:horiz_end", "horiz_start:horiz_end, vert_start:vert_end")
        ],
        "horizontal_from_h": [("horiz_start = w * stride", "horiz_start = h * stride")],
        "last_row_and_column_missing": [("range(n_H)", "range(n_H - 1)"), ("range(n_W)", "range(n_W - 1)")],
        "first_example_read": [("A_prev[i, vert", "A_prev[0, vert")],
        "first_example_only": [
            ("    cache = (A_prev, hparameters)", "        cache = (A_prev, hparameters)"),
            ("    return A, cache", "        return A, cache"),
        ],
        "last_example_only": [
            ("    for i in range(m):\n", "    for i in range(m):\n        a_prev = A_prev[i]\n"),
            ("        for h in range(n_H):", "    for h in range(n_H):"),
            (
                "A_prev[i, vert_start:vert_end, horiz_start:horiz_end, c]",
                "a_prev[vert_start:vert_end, horiz_start:horiz_end, c]",
            ),
        ],
        "whole_plane": [("A_prev[i, vert_start:vert_end, horiz_start:horiz_end, c]", "A_prev[i, :, :, c]")],
        "over_all_channels": [("horiz_start:horiz_end, c]", "horiz_start:horiz_end, :]")],
        "first_channel_for_all": [("horiz_start:horiz_end, c]", "horiz_start:horiz_end, 0]")],
        "last_channel_missing": [("range(n_C)", "range(n_C - 1)")],
        "modes_swapped": [
            ('if mode == "max"', 'if mode == "average"'),
            ('elif mode == "average"', 'elif mode == "max"'),
        ],
        "always_max": [('if mode == "max":', 'if mode == "max" or "average":')],
        "always_average": [
            (
                'elif mode == "average":\n                        A[i',
                'if mode == "average" or "mean":\n                        A[i',
            )
        ],
        "average_by_default": [('mode="max"', 'mode="average"')],
        "sum_for_average": [("np.mean", "np.sum")],
        "divided_by_f": [("np.mean(a_prev_slice)", "np.sum(a_prev_slice) / f")],
        "maximum_from_zero": [("np.max(a_prev_slice)", "max(0, np.max(a_prev_slice))")],
        "integer_output": [("(m, n_H, n_W, n_C))", "(m, n_H, n_W, n_C), dtype=A_prev.dtype)")],
        "cache_reordered": [("cache = (A_prev, hparameters)", "cache = (hparameters, A_prev)")],
        "cache_holds_output": [("cache = (A_prev, hparameters)", "cache = (A, hparameters)")],
        "cache_missing": [("return A, cache", "return A")],
    },
)

ALL_CHANNELS = Style(
    "all_channels",
    NUMPY
    + """\
def pool_forward(A_prev, hparameters, mode="max"):
    f, stride = hparameters["f"], hparameters["stride"]
    m, height, width, n_C = A_prev.shape
    n_H = (height - f) // stride + 1
    n_W = (width - f) // stride + 1
    A = np.empty((m, n_H, n_W, n_C))
    for i in range(m):
        image = A_prev[i]
        for h in range(n_H):
            for w in range(n_W):
                y, x = h * stride, w * stride
                window = image[y:y + f, x:x + f]
                if mode == "max":
                    A[i, h, w] = window.max(axis=(0, 1))
                else:
                    A[i, h, w] = window.mean(axis=(0, 1))
    return A, (A_prev, hparameters)
""",
    {
        "read_by_position": [('hparameters["f"], hparameters["stride"]', "hparameters.values()")],
        "hparameters_emptied": [
            ('hparameters["f"], hparameters["stride"]', 'hparameters.pop("f"), hparameters.pop("stride")')
        ],
        "stride_ignored": [("h * stride, w * stride", "h, w")],
        "stride_ignored_in_size": [
            ("(height - f) // stride + 1", "height - f + 1"),
            ("(width - f) // stride + 1", "width - f + 1"),
        ],
        "stride_ignored_everywhere": [
            ("(height - f) // stride + 1", "height - f + 1"),
            ("(width - f) // stride + 1", "width - f + 1"),
            ("h * stride, w * stride", "h, w"),
        ],
        "window_side_as_stride": [
            ("(height - f) // stride", "(height - f) // f"),
            ("(width - f) // stride", "(width - f) // f"),
            ("h * stride, w * stride", "h * f, w * f"),
        ],
        "stride_as_window_side": [("y:y + f, x:x + f", "y:y + stride, x:x + stride")],
        "window_one_short": [("y:y + f, x:x + f", "y:y + f - 1, x:x + f - 1")],
        "one_missing_in_size": [
            ("(height - f) // stride + 1", "(height - f) // stride"),
            ("(width - f) // stride + 1", "(width - f) // stride"),
        ],
        "width_from_height": [("n_W = (width", "n_W = (height")],
        "sizes_swapped": [("m, height, width, n_C", "m, width, height, n_C")],
        "corners_swapped": [("y:y + f, x:x + f", "x:x + f, y:y + f")],
        "horizontal_from_h": [("h * stride, w * stride", "h * stride, h * stride")],
        "last_row_and_column_missing": [
            ("np.empty", "np.zeros"),
            ("range(n_H)", "range(n_H - 1)"),
            ("range(n_W)", "range(n_W - 1)"),
        ],
        "first_example_read": [("image = A_prev[i]", "image = A_prev[0]")],
        "first_example_only": [("np.empty", "np.zeros"), ("    return A, (", "        return A, (")],
        "last_example_only": [("np.empty", "np.zeros"), ("        for h in range(n_H):", "    for h in range(n_H):")],
        "whole_plane": [("window.max", "image.max"), ("window.mean", "image.mean")],
        "over_all_channels": [
            ("window.max(axis=(0, 1))", "window.max()"),
            ("window.mean(axis=(0, 1))", "window.mean()"),
        ],
        "first_channel_for_all": [("y:y + f, x:x + f]", "y:y + f, x:x + f, :1]")],
        "modes_swapped": [('mode == "max"', 'mode == "average"')],
        "always_max": [
            ('if mode == "max":\n                    A[i', "A[i"),
            ("                else:\n                    A[i, h, w] = window.mean(axis=(0, 1))\n", ""),
        ],
        "always_average": [("else:\n                    A[i, h, w] = window.mean", "A[i, h, w] = window.mean")],
        "average_by_default": [('mode="max"', 'mode="average"')],
        "sum_for_average": [("window.mean", "window.sum")],
        "divided_by_f": [("window.mean(axis=(0, 1))", "window.sum(axis=(0, 1)) / f")],
        "maximum_from_zero": [("window.max(axis=(0, 1))", "np.maximum(0, window.max(axis=(0, 1)))")],
        "integer_output": [("np.empty((m, n_H, n_W, n_C))", "np.empty((m, n_H, n_W, n_C), A_prev.dtype)")],
        "cache_reordered": [("(A_prev, hparameters)\n", "(hparameters, A_prev)\n")],
        "cache_holds_output": [("(A_prev, hparameters)\n", "(A, hparameters)\n")],
        "cache_missing": [("return A, (A_prev, hparameters)", "return A")],
    },
)

FLAT_LOOP = Style(
    "flat_loop",
    NUMPY
    + """\
def pool_forward(A_prev, hparameters, mode="max"):
    f = hparameters['f']
    s = hparameters['stride']
    m, H, V, n_C = A_prev.shape
    A = np.zeros((m, 1 + (H - f) // s, 1 + (V - f) // s, n_C))
    pool = {'max': np.max, 'average': np.mean}[mode]
    for i, h, w, c in np.ndindex(A.shape):
        A[i, h, w, c] = pool(A_prev[i, h*s : h*s+f, w*s : w*s+f, c])
    return A, (A_prev, hparameters)
""",
    {
        "stride_ignored": [("h*s : h*s+f, w*s : w*s+f", "h : h+f, w : w+f")],
        "stride_ignored_in_size": [("(H - f) // s", "(H - f)"), ("(V - f) // s", "(V - f)")],
        "stride_ignored_everywhere": [
            ("(H - f) // s", "(H - f)"),
            ("(V - f) // s", "(V - f)"),
            ("h*s : h*s+f, w*s : w*s+f", "h : h+f, w : w+f"),
        ],
        "window_side_as_stride": [
            ("1 + (H - f) // s", "H // f"),
            ("1 + (V - f) // s", "V // f"),
            ("h*s : h*s+f, w*s : w*s+f", "h*f : h*f+f, w*f : w*f+f"),
        ],
        "stride_as_window_side": [("h*s : h*s+f, w*s : w*s+f", "h*s : h*s+s, w*s : w*s+s")],
        "window_one_short": [("h*s : h*s+f, w*s : w*s+f", "h*s : h*s+f-1, w*s : w*s+f-1")],
        "one_missing_in_size": [("1 + (H - f) // s", "(H - f) // s"), ("1 + (V - f) // s", "(V - f) // s")],
        "width_from_height": [("(V - f)", "(H - f)")],
        "sizes_swapped": [("m, H, V, n_C", "m, V, H, n_C")],
        "corners_swapped": [("h*s : h*s+f, w*s : w*s+f", "w*s : w*s+f, h*s : h*s+f")],
        "horizontal_from_h": [("w*s : w*s+f", "h*s : h*s+f")],
        "first_example_read": [("A_prev[i, ", "A_prev[0, ")],
        "first_example_only": [
            ("for i, h, w, c in np.ndindex(A.shape)", "for h, w, c in np.ndindex(A.shape[1:])"),
            ("A[i, h, w, c] = pool(A_prev[i, ", "A[0, h, w, c] = pool(A_prev[0, "),
        ],
        "whole_plane": [("A_prev[i, h*s : h*s+f, w*s : w*s+f, c]", "A_prev[i, :, :, c]")],
        "over_all_channels": [("w*s : w*s+f, c]", "w*s : w*s+f]")],
        "first_channel_for_all": [("w*s : w*s+f, c]", "w*s : w*s+f, 0]")],
        "modes_swapped": [("{'max': np.max, 'average': np.mean}", "{'max': np.mean, 'average': np.max}")],
        "always_max": [("{'max': np.max, 'average': np.mean}[mode]", "np.max")],
        "always_average": [("{'max': np.max, 'average': np.mean}[mode]", "np.mean")],
        "average_by_default": [('mode="max"', 'mode="average"')],
        "sum_for_average": [("np.mean", "np.sum")],
        "divided_by_f": [("np.mean", "lambda x: x.sum() / f")],
        "maximum_from_zero": [("np.max", "lambda x: np.max(x, initial=0)")],
        "integer_output": [("// s, n_C))", "// s, n_C), dtype=A_prev.dtype)")],
        "cache_reordered": [("(A_prev, hparameters)\n", "(hparameters, A_prev)\n")],
        "cache_holds_output": [("(A_prev, hparameters)\n", "(A, hparameters)\n")],
        "cache_missing": [("return A, (A_prev, hparameters)", "return A")],
    },
)

ALL_EXAMPLES = Style(
    "all_examples",
    NUMPY
    + """\
def pool_forward(A_prev, hparameters, mode="max"):
    f = hparameters["f"]
    stride = hparameters["stride"]
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H = (n_H_prev - f) // stride + 1
    n_W = (n_W_prev - f) // stride + 1
    A = np.zeros((m, n_H, n_W, n_C))
    for h in range(n_H):
        vert = slice(h * stride, h * stride + f)
        for w in range(n_W):
            horiz = slice(w * stride, w * stride + f)
            window = A_prev[:, vert, horiz, :]
            if mode == "max":
                A[:, h, w, :] = np.max(window, axis=(1, 2))
            if mode == "average":
                A[:, h, w, :] = np.sum(window, axis=(1, 2)) / (f * f)
    cache = (A_prev, hparameters)
    return A, cache
""",
    {
        "stride_ignored": [
            ("slice(h * stride, h * stride + f)", "slice(h, h + f)"),
            ("slice(w * stride, w * stride + f)", "slice(w, w + f)"),
        ],
        "stride_ignored_in_size": [
            ("(n_H_prev - f) // stride + 1", "n_H_prev - f + 1"),
            ("(n_W_prev - f) // stride + 1", "n_W_prev - f + 1"),
        ],
        "stride_ignored_everywhere": [
            ("(n_H_prev - f) // stride + 1", "n_H_prev - f + 1"),
            ("(n_W_prev - f) // stride + 1", "n_W_prev - f + 1"),
            ("slice(h * stride, h * stride + f)", "slice(h, h + f)"),
            ("slice(w * stride, w * stride + f)", "slice(w, w + f)"),
        ],
        "window_side_as_stride": [
            ("(n_H_prev - f) // stride", "(n_H_prev - f) // f"),
            ("(n_W_prev - f) // stride", "(n_W_prev - f) // f"),
            ("slice(h * stride, h * stride + f)", "slice(h * f, (h + 1) * f)"),
            ("slice(w * stride, w * stride + f)", "slice(w * f, (w + 1) * f)"),
        ],
        "stride_as_window_side": [("h * stride + f", "(h + 1) * stride"), ("w * stride + f", "(w + 1) * stride")],
        "window_one_short": [("h * stride + f", "h * stride + f - 1"), ("w * stride + f", "w * stride + f - 1")],
        "one_missing_in_size": [
            ("(n_H_prev - f) // stride + 1", "(n_H_prev - f) // stride"),
            ("(n_W_prev - f) // stride + 1", "(n_W_prev - f) // stride"),
        ],
        "width_from_height": [("n_W = (n_W_prev", "n_W = (n_H_prev")],
        "sizes_swapped": [("n_H = (n_H_prev", "n_H = (n_W_prev"), ("n_W = (n_W_prev", "n_W = (n_H_prev")],
        "corners_swapped": [("[:, vert, horiz, :]", "[:, horiz, vert, :]")],
        "horizontal_from_h": [("slice(w * stride, w * stride + f)", "slice(h * stride, h * stride + f)")],
        "last_row_and_column_missing": [("range(n_H)", "range(n_H - 1)"), ("range(n_W)", "range(n_W - 1)")],
        "first_example_read": [("A_prev[:, vert, horiz, :]", "A_prev[:1, vert, horiz, :]")],
        "whole_plane": [
            ("np.max(window,", "np.max(A_prev,"),
            ("np.sum(window, axis=(1, 2)) / (f * f)", "np.mean(A_prev, axis=(1, 2))"),
        ],
        "modes_swapped": [('if mode == "max"', 'if mode == "average"'), ('if mode == "average"', 'if mode == "max"')],
        "always_max": [
            (
                '            if mode == "average":\n'
                "                A[:, h, w, :] = np.sum(window, axis=(1, 2)) / (f * f)\n",
                "",
            ),
            ('if mode == "max":\n                A[', "A["),
        ],
        "average_by_default": [('mode="max"', 'mode="average"')],
        "sum_for_average": [(" / (f * f)", "")],
        "divided_by_f": [("(f * f)", "f")],
        "maximum_from_zero": [("axis=(1, 2))\n            if", "axis=(1, 2), initial=0)\n            if")],
        "integer_output": [("np.zeros((m, n_H, n_W, n_C))", "np.zeros_like(A_prev, shape=(m, n_H, n_W, n_C))")],
        "cache_reordered": [("cache = (A_prev, hparameters)", "cache = (hparameters, A_prev)")],
        "cache_holds_output": [("cache = (A_prev, hparameters)", "cache = (A, hparameters)")],
        "cache_missing": [("return A, cache", "return A")],
    },
)

SLIDING_WINDOWS = Style(
    "sliding_windows",
    NUMPY
    + """\
def pool_forward(A_prev, hparameters, mode="max"):
    f, stride = hparameters["f"], hparameters["stride"]
    windows = np.lib.stride_tricks.sliding_window_view(A_prev, (f, f), axis=(1, 2))
    windows = windows[:, ::stride, ::stride]
    if mode == "max":
        A = windows.max(axis=(4, 5))
    else:
        A = windows.mean(axis=(4, 5))
    return A, (A_prev, hparameters)
""",
    {
        "read_by_position": [('hparameters["f"], hparameters["stride"]', "hparameters.values()")],
        "hparameters_emptied": [
            ('hparameters["f"], hparameters["stride"]', 'hparameters.pop("f"), hparameters.pop("stride")')
        ],
        "stride_ignored_everywhere": [("    windows = windows[:, ::stride, ::stride]\n", "")],
        "window_side_as_stride": [("::stride, ::stride", "::f, ::f")],
        "stride_as_window_side": [("(f, f)", "(stride, stride)")],
        "over_all_channels": [
            ("windows.max(axis=(4, 5))", "windows.max(axis=(3, 4, 5))"),
            ("windows.mean(axis=(4, 5))", "windows.mean(axis=(3, 4, 5))"),
        ],
        "modes_swapped": [('mode == "max"', 'mode != "max"')],
        "always_max": [("windows.mean", "windows.max")],
        "always_average": [("windows.max", "windows.mean")],
        "average_by_default": [('mode="max"', 'mode="average"')],
        "sum_for_average": [("windows.mean", "windows.sum")],
        "divided_by_f": [("windows.mean(axis=(4, 5))", "windows.sum(axis=(4, 5)) / f")],
        "maximum_from_zero": [("windows.max(axis=(4, 5))", "windows.max(axis=(4, 5), initial=0)")],
        "integer_output": [("return A, (", "return A.astype(A_prev.dtype), (")],
        "cache_reordered": [("(A_prev, hparameters)\n", "(hparameters, A_prev)\n")],
        "cache_holds_output": [("(A_prev, hparameters)\n", "(A, hparameters)\n")],
        "cache_missing": [("return A, (A_prev, hparameters)", "return A")],
    },
)

COMPREHENSION = Style(
    "comprehension",
    NUMPY
    + """\
def pool_forward(A_prev, hparameters, mode="max"):
    s, f = hparameters["stride"], hparameters["f"]
    n_H = (A_prev.shape[1] - f) // s + 1
    n_W = (A_prev.shape[2] - f) // s + 1

    def pooled(image, h, w):
        window = image[h * s : h * s + f, w * s : w * s + f]
        return window.max((0, 1)) if mode == "max" else window.mean((0, 1))

    A = [[[pooled(image, h, w) for w in range(n_W)] for h in range(n_H)] for image in A_prev]
    return np.array(A), (A_prev, hparameters)
""",
    {
        "stride_ignored": [("h * s : h * s + f, w * s : w * s + f", "h : h + f, w : w + f")],
        "stride_ignored_in_size": [
            ("(A_prev.shape[1] - f) // s + 1", "A_prev.shape[1] - f + 1"),
            ("(A_prev.shape[2] - f) // s + 1", "A_prev.shape[2] - f + 1"),
        ],
        "stride_ignored_everywhere": [
            ("(A_prev.shape[1] - f) // s + 1", "A_prev.shape[1] - f + 1"),
            ("(A_prev.shape[2] - f) // s + 1", "A_prev.shape[2] - f + 1"),
            ("h * s : h * s + f, w * s : w * s + f", "h : h + f, w : w + f"),
        ],
        "window_side_as_stride": [
            ('    s, f = hparameters["stride"], hparameters["f"]', '    s = f = hparameters["f"]')
        ],
        "stride_as_window_side": [("h * s : h * s + f, w * s : w * s + f", "h * s : (h + 1) * s, w * s : (w + 1) * s")],
        "window_one_short": [("h * s + f, w", "h * s + f - 1, w"), ("w * s + f]", "w * s + f - 1]")],
        "one_missing_in_size": [
            ("(A_prev.shape[1] - f) // s + 1", "(A_prev.shape[1] - f) // s"),
            ("(A_prev.shape[2] - f) // s + 1", "(A_prev.shape[2] - f) // s"),
        ],
        "width_from_height": [("(A_prev.shape[2] -", "(A_prev.shape[1] -")],
        "sizes_swapped": [("for w in range(n_W)] for h in range(n_H)]", "for w in range(n_H)] for h in range(n_W)]")],
        "corners_swapped": [("pooled(image, h, w) for", "pooled(image, w, h) for")],
        "horizontal_from_h": [("w * s : w * s + f", "h * s : h * s + f")],
        "first_example_read": [("pooled(image, h, w) for", "pooled(A_prev[0], h, w) for")],
        "whole_plane": [("window.max", "image.max"), ("window.mean", "image.mean")],
        "modes_swapped": [("window.max", "window.mean"), ("window.mean", "window.max")],
        "always_max": [(' if mode == "max" else window.mean((0, 1))', "")],
        "always_average": [('window.max((0, 1)) if mode == "max" else ', "")],
        "average_by_default": [('mode="max"', "mode='average'")],
        "sum_for_average": [("window.mean", "window.sum")],
        "divided_by_f": [("window.mean((0, 1))", "window.sum((0, 1)) / f")],
        "integer_output": [("np.array(A), (", "np.array(A).astype(A_prev.dtype), (")],
        "cache_reordered": [("(A_prev, hparameters)\n", "(hparameters, A_prev)\n")],
        "cache_holds_output": [("(A_prev, hparameters)\n", "(np.array(A), hparameters)\n")],
        "cache_missing": [("return np.array(A), (A_prev, hparameters)", "return np.array(A)")],
    },
)

OWN_SEARCH = Style(
    "own_search",
    NUMPY
    + """\
def largest(window):
    best = window[0, 0]
    for row in window:
        for value in row:
            if value > best:
                best = value
    return best


def mean(window):
    total = 0
    count = 0
    for row in window:
        for value in row:
            total += value
            count += 1
    return total / count


def pool_forward(A_prev, hparameters, mode="max"):
    stride = hparameters["stride"]
    f = hparameters["f"]
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H = (n_H_prev - f) // stride + 1
    n_W = (n_W_prev - f) // stride + 1
    A = np.zeros((m, n_H, n_W, n_C))
    for i in range(m):
        for c in range(n_C):
            plane = A_prev[i, :, :, c]
            for h in range(n_H):
                for w in range(n_W):
                    window = plane[h*stride:h*stride+f, w*stride:w*stride+f]
                    if mode == "max":
                        A[i, h, w, c] = largest(window)
                    elif mode == "average":
                        A[i, h, w, c] = mean(window)
    cache = (A_prev, hparameters)
    return A, cache
""",
    {
        "stride_ignored": [("h*stride:h*stride+f, w*stride:w*stride+f", "h:h+f, w:w+f")],
        "stride_ignored_in_size": [
            ("(n_H_prev - f) // stride + 1", "(n_H_prev - f) + 1"),
            ("(n_W_prev - f) // stride + 1", "(n_W_prev - f) + 1"),
        ],
        "stride_ignored_everywhere": [
            ("(n_H_prev - f) // stride + 1", "(n_H_prev - f) + 1"),
            ("(n_W_prev - f) // stride + 1", "(n_W_prev - f) + 1"),
            ("h*stride:h*stride+f, w*stride:w*stride+f", "h:h+f, w:w+f"),
        ],
        "window_side_as_stride": [
            ("(n_H_prev - f) // stride + 1", "n_H_prev // f"),
            ("(n_W_prev - f) // stride + 1", "n_W_prev // f"),
            ("h*stride:h*stride+f, w*stride:w*stride+f", "h*f:h*f+f, w*f:w*f+f"),
        ],
        "stride_as_window_side": [
            ("h*stride:h*stride+f, w*stride:w*stride+f", "h*stride:(h+1)*stride, w*stride:(w+1)*stride")
        ],
        "window_one_short": [
            ("h*stride:h*stride+f, w*stride:w*stride+f", "h*stride:h*stride+f-1, w*stride:w*stride+f-1")
        ],
        "one_missing_in_size": [
            ("(n_H_prev - f) // stride + 1", "(n_H_prev - f) // stride"),
            ("(n_W_prev - f) // stride + 1", "(n_W_prev - f) // stride"),
        ],
        "width_from_height": [("n_W = (n_W_prev", "n_W = (n_H_prev")],
        "sizes_swapped": [("m, n_H_prev, n_W_prev, n_C", "m, n_W_prev, n_H_prev, n_C")],
        "corners_swapped": [("h*stride:h*stride+f, w*stride:w*stride+f", "w*stride:w*stride+f, h*stride:h*stride+f")],
        "horizontal_from_h": [("w*stride:w*stride+f", "h*stride:h*stride+f")],
        "last_row_and_column_missing": [("range(n_H)", "range(n_H-1)"), ("range(n_W)", "range(n_W-1)")],
        "first_example_read": [("A_prev[i, :, :, c]", "A_prev[0, :, :, c]")],
        "first_example_only": [
            ("    cache = (A_prev, hparameters)", "        cache = (A_prev, hparameters)"),
            ("    return A, cache", "        return A, cache"),
        ],
        "whole_plane": [
            ("largest(window)\n                    elif", "largest(plane)\n                    elif"),
            ("= mean(window)", "= mean(plane)"),
        ],
        "first_channel_for_all": [("A_prev[i, :, :, c]", "A_prev[i, :, :, 0]")],
        "last_channel_missing": [("range(n_C)", "range(n_C-1)")],
        "modes_swapped": [("= largest(window)", "= mean(window)"), ("= mean(window)", "= largest(window)")],
        "always_max": [("= mean(window)", "= largest(window)")],
        "always_average": [("= largest(window)", "= mean(window)")],
        "average_by_default": [('mode="max"', 'mode="average"')],
        "sum_for_average": [("total / count", "total")],
        "divided_by_f": [
            ("return total / count", "return total / len(window)"),
        ],
        "maximum_from_zero": [("best = window[0, 0]", "best = 0")],
        "integer_output": [("(m, n_H, n_W, n_C))", "(m, n_H, n_W, n_C), A_prev.dtype)")],
        "cache_reordered": [("cache = (A_prev, hparameters)", "cache = (hparameters, A_prev)")],
        "cache_holds_output": [("cache = (A_prev, hparameters)", "cache = (A, hparameters)")],
        "cache_missing": [("return A, cache", "return A")],
    },
)

SHIFTED_INPUTS = Style(
    "shifted_inputs",
    NUMPY
    + """\
def pool_forward(A_prev, hparameters, mode="max"):
    f, s = hparameters["f"], hparameters["stride"]
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H = (n_H_prev - f) // s + 1
    n_W = (n_W_prev - f) // s + 1
    best = np.full((m, n_H, n_W, n_C), -np.inf)
    total = np.zeros((m, n_H, n_W, n_C))
    for u in range(f):
        for v in range(f):
            part = A_prev[:, u:u + s * n_H:s, v:v + s * n_W:s]
            best = np.maximum(best, part)
            total = total + part
    if mode == "average":
        return total / f ** 2, (A_prev, hparameters)
    return best, (A_prev, hparameters)
""",
    {
        "read_by_position": [('hparameters["f"], hparameters["stride"]', "hparameters.values()")],
        "hparameters_emptied": [
            ('hparameters["f"], hparameters["stride"]', 'hparameters.pop("f"), hparameters.pop("stride")')
        ],
        "stride_ignored": [("u:u + s * n_H:s, v:v + s * n_W:s", "u:u + n_H, v:v + n_W")],
        "stride_ignored_in_size": [
            ("(n_H_prev - f) // s + 1", "n_H_prev - f + 1"),
            ("(n_W_prev - f) // s + 1", "n_W_prev - f + 1"),
        ],
        "stride_ignored_everywhere": [
            ("(n_H_prev - f) // s + 1", "n_H_prev - f + 1"),
            ("(n_W_prev - f) // s + 1", "n_W_prev - f + 1"),
            ("u:u + s * n_H:s, v:v + s * n_W:s", "u:u + n_H, v:v + n_W"),
        ],
        "window_side_as_stride": [
            ("(n_H_prev - f) // s + 1", "n_H_prev // f"),
            ("(n_W_prev - f) // s + 1", "n_W_prev // f"),
            ("u:u + s * n_H:s, v:v + s * n_W:s", "u:u + f * n_H:f, v:v + f * n_W:f"),
        ],
        "stride_as_window_side": [
            ("for u in range(f)", "for u in range(s)"),
            ("for v in range(f)", "for v in range(s)"),
            ("f ** 2", "s ** 2"),
        ],
        "window_one_short": [
            ("for u in range(f)", "for u in range(f - 1)"),
            ("for v in range(f)", "for v in range(f - 1)"),
        ],
        "one_missing_in_size": [
            ("(n_H_prev - f) // s + 1", "(n_H_prev - f) // s"),
            ("(n_W_prev - f) // s + 1", "(n_W_prev - f) // s"),
        ],
        "width_from_height": [("n_W = (n_W_prev", "n_W = (n_H_prev")],
        "sizes_swapped": [("n_H = (n_H_prev", "n_H = (n_W_prev"), ("n_W = (n_W_prev", "n_W = (n_H_prev")],
        "modes_swapped": [('mode == "average"', 'mode == "max"')],
        "always_max": [('    if mode == "average":\n        return total / f ** 2, (A_prev, hparameters)\n', "")],
        "always_average": [('mode == "average"', 'mode == "average" or "mean"')],
        "average_by_default": [('mode="max"', "mode='average'")],
        "sum_for_average": [("total / f ** 2", "total")],
        "divided_by_f": [("f ** 2", "f")],
        "maximum_from_zero": [("np.full((m, n_H, n_W, n_C), -np.inf)", "np.zeros((m, n_H, n_W, n_C))")],
        "cache_reordered": [
            ("f ** 2, (A_prev, hparameters)", "f ** 2, (hparameters, A_prev)"),
            ("best, (A_prev, hparameters)", "best, (hparameters, A_prev)"),
        ],
        "cache_holds_output": [
            ("f ** 2, (A_prev, hparameters)", "f ** 2, (total / f ** 2, hparameters)"),
            ("best, (A_prev, hparameters)", "best, (best, hparameters)"),
        ],
        "cache_missing": [
            ("f ** 2, (A_prev, hparameters)", "f ** 2"),
            ("return best, (A_prev, hparameters)", "return best"),
        ],
    },
)

PLACES_ENUMERATED = Style(
    "places_enumerated",
    NUMPY
    + """\
def pool_window(window, mode):
    if mode == "average":
        return np.average(window)
    return np.amax(window)


def pool_forward(A_prev, hparameters, mode="max"):
    stride, f = hparameters["stride"], hparameters["f"]
    tops = list(range(0, A_prev.shape[1] - f + 1, stride))
    lefts = list(range(0, A_prev.shape[2] - f + 1, stride))
    A = np.zeros((A_prev.shape[0], len(tops), len(lefts), A_prev.shape[3]))
    for i, image in enumerate(A_prev):
        for h, top in enumerate(tops):
            for w, left in enumerate(lefts):
                for c in range(A_prev.shape[3]):
                    A[i, h, w, c] = pool_window(image[top:top + f, left:left + f, c], mode)
    return A, (A_prev, hparameters)
""",
    {
        "stride_ignored_everywhere": [("[1] - f + 1, stride", "[1] - f + 1"), ("[2] - f + 1, stride", "[2] - f + 1")],
        "window_side_as_stride": [("[1] - f + 1, stride", "[1] - f + 1, f"), ("[2] - f + 1, stride", "[2] - f + 1, f")],
        "stride_as_window_side": [("top:top + f, left:left + f", "top:top + stride, left:left + stride")],
        "window_one_short": [("top:top + f, left:left + f", "top:top + f - 1, left:left + f - 1")],
        "one_missing_in_size": [("[1] - f + 1", "[1] - f"), ("[2] - f + 1", "[2] - f")],
        "width_from_height": [("A_prev.shape[2] - f", "A_prev.shape[1] - f")],
        "sizes_swapped": [
            ("A_prev.shape[1] - f", "A_prev.shape[2] - f"),
            ("A_prev.shape[2] - f", "A_prev.shape[1] - f"),
        ],
        "corners_swapped": [("top:top + f, left:left + f", "left:left + f, top:top + f")],
        "horizontal_from_h": [("left:left + f", "top:top + f")],
        "first_example_read": [("pool_window(image[top", "pool_window(A_prev[0][top")],
        "first_example_only": [("    return A, (", "        return A, (")],
        "whole_plane": [("image[top:top + f, left:left + f, c]", "image[:, :, c]")],
        "over_all_channels": [("left:left + f, c]", "left:left + f]")],
        "first_channel_for_all": [("left:left + f, c]", "left:left + f, 0]")],
        "last_channel_missing": [("for c in range(A_prev.shape[3])", "for c in range(A_prev.shape[3] - 1)")],
        "modes_swapped": [('mode == "average"', 'mode == "max"')],
        "always_max": [('mode == "average"', 'mode == "mean"')],
        "always_average": [('    if mode == "average":\n        return', "    return")],
        "average_by_default": [('mode="max"', 'mode="average"')],
        "sum_for_average": [("np.average", "np.sum")],
        "divided_by_f": [("np.average(window)", "np.sum(window) / window.shape[0]")],
        "maximum_from_zero": [("np.amax(window)", "np.amax(window, initial=0)")],
        "integer_output": [("A_prev.shape[3]))", "A_prev.shape[3]), dtype=A_prev.dtype)")],
        "cache_reordered": [("(A_prev, hparameters)\n", "(hparameters, A_prev)\n")],
        "cache_holds_output": [("(A_prev, hparameters)\n", "(A, hparameters)\n")],
        "cache_missing": [("return A, (A_prev, hparameters)", "return A")],
    },
)

STYLES = (
    FOUR_CORNERS,
    ALL_CHANNELS,
    FLAT_LOOP,
    ALL_EXAMPLES,
    SLIDING_WINDOWS,
    COMPREHENSION,
    OWN_SEARCH,
    SHIFTED_INPUTS,
    PLACES_ENUMERATED,
)
