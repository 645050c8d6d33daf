"""How learners write ``conv_forward``."""

from __future__ import annotations

from tests.wrong.style import CONV_SINGLE_STEP, NUMPY, ZERO_PAD, Style

FOUR_CORNERS = Style(
    "four_corners",
    NUMPY
    + ZERO_PAD
    + CONV_SINGLE_STEP
    + """\
def conv_forward(A_prev, W, b, hparameters):
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (f, f, n_C_prev, n_C) = W.shape
    stride = hparameters["stride"]
    pad = hparameters["pad"]

    n_H = (n_H_prev - f + 2 * pad) // stride + 1
    n_W = (n_W_prev - f + 2 * pad) // stride + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)

    for i in range(m):
        a_prev_pad = A_prev_pad[i]
        for h in range(n_H):
            vert_start = h * stride
            vert_end = vert_start + f
            for w in range(n_W):
                horiz_start = w * stride
                horiz_end = horiz_start + f
                for c in range(n_C):
                    a_slice_prev = a_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :]
                    weights = W[:, :, :, c]
                    biases = b[:, :, :, c]
                    Z[i, h, w, c] = conv_single_step(a_slice_prev, weights, biases)

    cache = (A_prev, W, b, hparameters)
    return Z, cache
""",
    {
        "stride_ignored": [
            ("vert_start = h * stride", "vert_start = h"),
            ("horiz_start = w * stride", "horiz_start = w"),
        ],
        "stride_ignored_in_size": [
            ("n_H = (n_H_prev - f + 2 * pad) // stride + 1", "n_H = n_H_prev - f + 2 * pad + 1"),
            ("n_W = (n_W_prev - f + 2 * pad) // stride + 1", "n_W = n_W_prev - f + 2 * pad + 1"),
        ],
        "stride_ignored_everywhere": [
            ("n_H = (n_H_prev - f + 2 * pad) // stride + 1", "n_H = n_H_prev - f + 2 * pad + 1"),
            ("n_W = (n_W_prev - f + 2 * pad) // stride + 1", "n_W = n_W_prev - f + 2 * pad + 1"),
            ("vert_start = h * stride", "vert_start = h"),
            ("horiz_start = w * stride", "horiz_start = w"),
        ],
        "window_side_as_stride": [
            ("(n_H_prev - f + 2 * pad) // stride", "(n_H_prev - f + 2 * pad) // f"),
            ("(n_W_prev - f + 2 * pad) // stride", "(n_W_prev - f + 2 * pad) // f"),
            ("h * stride", "h * f"),
            ("w * stride", "w * f"),
        ],
        "stride_as_window_side": [
            ("vert_end = vert_start + f", "vert_end = vert_start + stride"),
            ("horiz_end = horiz_start + f", "horiz_end = horiz_start + stride"),
        ],
        "stride_for_pad": [
            ("n_H_prev - f + 2 * pad", "n_H_prev - f + 2 * stride"),
            ("n_W_prev - f + 2 * pad", "n_W_prev - f + 2 * stride"),
        ],
        "pad_ignored": [
            ("n_H_prev - f + 2 * pad", "n_H_prev - f"),
            ("n_W_prev - f + 2 * pad", "n_W_prev - f"),
            ("    A_prev_pad = zero_pad(A_prev, pad)\n", ""),
            ("A_prev_pad[i]", "A_prev[i]"),
        ],
        "unpadded_sliced": [("a_prev_pad = A_prev_pad[i]", "a_prev_pad = A_prev[i]")],
        "pad_missing_in_size": [
            ("(n_H_prev - f + 2 * pad)", "(n_H_prev - f)"),
            ("(n_W_prev - f + 2 * pad)", "(n_W_prev - f)"),
        ],
        "pad_counted_once": [
            ("n_H_prev - f + 2 * pad", "n_H_prev - f + pad"),
            ("n_W_prev - f + 2 * pad", "n_W_prev - f + pad"),
        ],
        "one_missing_in_size": [
            ("(n_H_prev - f + 2 * pad) // stride + 1", "(n_H_prev - f + 2 * pad) // stride"),
            ("(n_W_prev - f + 2 * pad) // stride + 1", "(n_W_prev - f + 2 * pad) // stride"),
        ],
        "width_from_height": [("n_W = (n_W_prev", "n_W = (n_H_prev")],
        "sizes_swapped": [("n_H = (n_H_prev", "n_H = (n_W_prev"), ("n_W = (n_W_prev", "n_W = (n_H_prev")],
        "corners_swapped": [
            (
                "a_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :]",
                "a_prev_pad[horiz_start:horiz_end, vert_start:vert_end, :]",
            )
        ],
        "horizontal_from_h": [("horiz_start = w * stride", "horiz_start = h * stride")],
        "last_row_and_column_missing": [("range(n_H)", "range(n_H - 1)"), ("range(n_W)", "range(n_W - 1)")],
        "last_filter_missing": [("range(n_C)", "range(n_C - 1)")],
        "first_example_read": [("a_prev_pad = A_prev_pad[i]", "a_prev_pad = A_prev_pad[0]")],
        "first_example_only": [
            ("    cache = (A_prev, W, b, hparameters)", "        cache = (A_prev, W, b, hparameters)"),
            ("    return Z, cache", "        return Z, cache"),
        ],
        "last_example_only": [("        for h in range(n_H):", "    for h in range(n_H):")],
        "bias_twice": [
            (
                "conv_single_step(a_slice_prev, weights, biases)",
                "conv_single_step(a_slice_prev, weights, biases) + b[0, 0, 0, c]",
            )
        ],
        "first_bias_for_all": [("b[:, :, :, c]", "b[:, :, :, 0]")],
        "filter_flipped": [("W[:, :, :, c]", "W[::-1, ::-1, :, c]")],
        "relu_applied": [
            (
                "conv_single_step(a_slice_prev, weights, biases)",
                "max(0, conv_single_step(a_slice_prev, weights, biases))",
            )
        ],
        "first_channel_only": [
            ("horiz_start:horiz_end, :]", "horiz_start:horiz_end, 0]"),
            ("W[:, :, :, c]", "W[:, :, 0, c]"),
        ],
        "first_filter_for_all": [("W[:, :, :, c]", "W[:, :, :, 0]")],
        "depth_of_input": [("(m, n_H, n_W, n_C)", "(m, n_H, n_W, n_C_prev)"), ("range(n_C)", "range(n_C_prev)")],
        "integer_output": [("(m, n_H, n_W, n_C))", "(m, n_H, n_W, n_C), dtype=A_prev.dtype)")],
        "cache_reordered": [("cache = (A_prev, W, b, hparameters)", "cache = (W, A_prev, b, hparameters)")],
        "cache_holds_padded": [("cache = (A_prev, W, b, hparameters)", "cache = (A_prev_pad, W, b, hparameters)")],
        "cache_missing": [("return Z, cache", "return Z")],
    },
)

BY_HAND = Style(
    "by_hand",
    NUMPY
    + """\
def conv_forward(A_prev, W, b, hparameters):
    s = hparameters['stride']
    p = hparameters['pad']
    m, H, V, K = A_prev.shape
    f = W.shape[0]
    n_C = W.shape[3]
    n_H = int((H - f + 2*p) / s) + 1
    n_W = int((V - f + 2*p) / s) + 1
    Z = np.zeros([m, n_H, n_W, n_C])
    for i in range(m):
        img = np.pad(A_prev[i], ((p, p), (p, p), (0, 0)), 'constant')
        for c in range(n_C):
            for h in range(n_H):
                for w in range(n_W):
                    piece = img[h*s:h*s+f, w*s:w*s+f, :]
                    Z[i, h, w, c] = np.sum(piece * W[:, :, :, c]) + b[0, 0, 0, c]
    return Z, (A_prev, W, b, hparameters)
""",
    {
        "stride_ignored": [("h*s:h*s+f, w*s:w*s+f", "h:h+f, w:w+f")],
        "stride_ignored_in_size": [
            ("int((H - f + 2*p) / s) + 1", "H - f + 2*p + 1"),
            ("int((V - f + 2*p) / s) + 1", "V - f + 2*p + 1"),
        ],
        "stride_ignored_everywhere": [
            ("int((H - f + 2*p) / s) + 1", "H - f + 2*p + 1"),
            ("int((V - f + 2*p) / s) + 1", "V - f + 2*p + 1"),
            ("h*s:h*s+f, w*s:w*s+f", "h:h+f, w:w+f"),
        ],
        "window_side_as_stride": [
            ("(H - f + 2*p) / s", "(H - f + 2*p) / f"),
            ("(V - f + 2*p) / s", "(V - f + 2*p) / f"),
            ("h*s:h*s+f, w*s:w*s+f", "h*f:(h+1)*f, w*f:(w+1)*f"),
        ],
        "stride_as_window_side": [("h*s:h*s+f, w*s:w*s+f", "h*s:(h+1)*s, w*s:(w+1)*s")],
        "stride_for_pad": [("(H - f + 2*p)", "(H - f + 2*s)"), ("(V - f + 2*p)", "(V - f + 2*s)")],
        "pad_ignored": [
            ("(H - f + 2*p)", "(H - f)"),
            ("(V - f + 2*p)", "(V - f)"),
            ("np.pad(A_prev[i], ((p, p), (p, p), (0, 0)), 'constant')", "A_prev[i]"),
        ],
        "unpadded_sliced": [("piece = img[", "piece = A_prev[i, ")],
        "pad_missing_in_size": [("(H - f + 2*p)", "(H - f)"), ("(V - f + 2*p)", "(V - f)")],
        "pad_counted_once": [("(H - f + 2*p)", "(H - f + p)"), ("(V - f + 2*p)", "(V - f + p)")],
        "one_missing_in_size": [
            ("n_H = int((H - f + 2*p) / s) + 1", "n_H = int((H - f + 2*p) / s)"),
            ("n_W = int((V - f + 2*p) / s) + 1", "n_W = int((V - f + 2*p) / s)"),
        ],
        "width_from_height": [("int((V -", "int((H -")],
        "sizes_swapped": [("m, H, V, K = A_prev.shape", "m, V, H, K = A_prev.shape")],
        "corners_swapped": [("h*s:h*s+f, w*s:w*s+f", "w*s:w*s+f, h*s:h*s+f")],
        "horizontal_from_h": [("w*s:w*s+f", "h*s:h*s+f")],
        "last_row_and_column_missing": [("range(n_H)", "range(n_H-1)"), ("range(n_W)", "range(n_W-1)")],
        "last_filter_missing": [("range(n_C)", "range(n_C-1)")],
        "first_example_read": [("np.pad(A_prev[i],", "np.pad(A_prev[0],")],
        "first_example_only": [("    return Z, (", "        return Z, (")],
        "last_example_only": [("        for c in range(n_C):", "    for c in range(n_C):")],
        "bias_forgotten": [(" + b[0, 0, 0, c]", "")],
        "bias_in_every_product": [
            ("np.sum(piece * W[:, :, :, c]) + b[0, 0, 0, c]", "np.sum(piece * W[:, :, :, c] + b[0, 0, 0, c])")
        ],
        "bias_subtracted": [("+ b[0, 0, 0, c]", "- b[0, 0, 0, c]")],
        "first_bias_for_all": [("b[0, 0, 0, c]", "b[0, 0, 0, 0]")],
        "filter_flipped": [("W[:, :, :, c]", "np.flip(W[:, :, :, c], (0, 1))")],
        "relu_applied": [("return Z, (", "return np.maximum(0, Z), (")],
        "first_channel_only": [("piece * W[:, :, :, c]", "piece[:, :, 0] * W[:, :, 0, c]")],
        "first_filter_for_all": [("W[:, :, :, c]", "W[:, :, :, 0]")],
        "depth_of_input": [
            ("    n_C = W.shape[3]\n", ""),
            ("m, H, V, K = A_prev.shape", "m, H, V, n_C = A_prev.shape"),
        ],
        "integer_output": [("[m, n_H, n_W, n_C]", "[m, n_H, n_W, n_C], A_prev.dtype")],
        "cache_reordered": [("(A_prev, W, b, hparameters)\n", "(A_prev, b, W, hparameters)\n")],
        "cache_missing": [("return Z, (A_prev, W, b, hparameters)", "return Z")],
    },
)

FLAT_LOOP = Style(
    "flat_loop",
    NUMPY
    + ZERO_PAD
    + """\
def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    padded = zero_pad(A_prev, pad)
    f = W.shape[0]
    n_H = (padded.shape[1] - f) // stride + 1
    n_W = (padded.shape[2] - f) // stride + 1
    m, n_C = A_prev.shape[0], W.shape[-1]
    Z = np.zeros((m, n_H, n_W, n_C))
    for i, h, w, c in np.ndindex(m, n_H, n_W, n_C):
        top, left = h * stride, w * stride
        window = padded[i, top:top + f, left:left + f]
        Z[i, h, w, c] = (window * W[..., c]).sum() + b[..., c].item()
    return Z, (A_prev, W, b, hparameters)
""",
    {
        "read_by_position": [('hparameters["stride"], hparameters["pad"]', "hparameters.values()")],
        "hparameters_emptied": [
            ('hparameters["stride"], hparameters["pad"]', 'hparameters.pop("stride"), hparameters.pop("pad")')
        ],
        "stride_ignored": [("h * stride, w * stride", "h, w")],
        "stride_ignored_in_size": [
            ("(padded.shape[1] - f) // stride + 1", "padded.shape[1] - f + 1"),
            ("(padded.shape[2] - f) // stride + 1", "padded.shape[2] - f + 1"),
        ],
        "stride_ignored_everywhere": [
            ("(padded.shape[1] - f) // stride + 1", "padded.shape[1] - f + 1"),
            ("(padded.shape[2] - f) // stride + 1", "padded.shape[2] - f + 1"),
            ("h * stride, w * stride", "h, w"),
        ],
        "window_side_as_stride": [
            ("(padded.shape[1] - f) // stride + 1", "padded.shape[1] // f"),
            ("(padded.shape[2] - f) // stride + 1", "padded.shape[2] // f"),
            ("h * stride, w * stride", "h * f, w * f"),
        ],
        "stride_as_window_side": [("top:top + f, left:left + f", "top:top + stride, left:left + stride")],
        "pad_ignored": [("padded = zero_pad(A_prev, pad)", "padded = A_prev")],
        "unpadded_sliced": [("window = padded[", "window = A_prev[")],
        "pad_missing_in_size": [("padded.shape[1]", "A_prev.shape[1]"), ("padded.shape[2]", "A_prev.shape[2]")],
        "pad_counted_once": [
            ("padded.shape[1]", "A_prev.shape[1] + pad"),
            ("padded.shape[2]", "A_prev.shape[2] + pad"),
        ],
        "one_missing_in_size": [
            ("(padded.shape[1] - f) // stride + 1", "(padded.shape[1] - f) // stride"),
            ("(padded.shape[2] - f) // stride + 1", "(padded.shape[2] - f) // stride"),
        ],
        "width_from_height": [("n_W = (padded.shape[2]", "n_W = (padded.shape[1]")],
        "sizes_swapped": [
            ("n_H = (padded.shape[1]", "n_H = (padded.shape[2]"),
            ("n_W = (padded.shape[2]", "n_W = (padded.shape[1]"),
        ],
        "corners_swapped": [("top:top + f, left:left + f", "left:left + f, top:top + f")],
        "horizontal_from_h": [("w * stride", "h * stride")],
        "last_row_and_column_missing": [("np.ndindex(m, n_H, n_W, n_C)", "np.ndindex(m, n_H - 1, n_W - 1, n_C)")],
        "last_filter_missing": [("np.ndindex(m, n_H, n_W, n_C)", "np.ndindex(m, n_H, n_W, n_C - 1)")],
        "first_example_read": [("padded[i, ", "padded[0, ")],
        "first_example_only": [
            ("for i, h, w, c in np.ndindex(m, n_H, n_W, n_C)", "i = 0\n    for h, w, c in np.ndindex(n_H, n_W, n_C)")
        ],
        "bias_forgotten": [(" + b[..., c].item()", "")],
        "bias_in_every_product": [
            ("(window * W[..., c]).sum() + b[..., c].item()", "(window * W[..., c] + b[..., c]).sum()")
        ],
        "bias_subtracted": [("+ b[..., c].item()", "- b[..., c].item()")],
        "first_bias_for_all": [("b[..., c].item()", "b[..., 0].item()")],
        "bias_twice": [("return Z, (", "return Z + b, (")],
        "filter_flipped": [("window * W[..., c]", "window[::-1, ::-1] * W[..., c]")],
        "relu_applied": [("    return Z, (", "    Z[Z < 0] = 0\n    return Z, (")],
        "first_channel_only": [("left:left + f]", "left:left + f, 0]"), ("W[..., c])", "W[..., 0, c])")],
        "first_filter_for_all": [("W[..., c]", "W[..., 0]")],
        "depth_of_input": [("A_prev.shape[0], W.shape[-1]", "A_prev.shape[0], A_prev.shape[-1]")],
        "integer_output": [("(m, n_H, n_W, n_C))", "(m, n_H, n_W, n_C), dtype=W.dtype)")],
        "cache_reordered": [("(A_prev, W, b, hparameters)\n", "(hparameters, A_prev, W, b)\n")],
        "cache_holds_padded": [("(A_prev, W, b, hparameters)\n", "(padded, W, b, hparameters)\n")],
        "cache_missing": [("return Z, (A_prev, W, b, hparameters)", "return Z")],
    },
)

ALL_EXAMPLES = Style(
    "all_examples",
    NUMPY
    + """\
def conv_forward(A_prev, W, b, hparameters):
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, _, _, n_C = W.shape
    n_H = 1 + (n_H_prev + 2 * pad - f) // stride
    n_W = 1 + (n_W_prev + 2 * pad - f) // stride
    A_pad = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    Z = np.zeros((m, n_H, n_W, n_C))
    for h in range(n_H):
        rows = slice(h * stride, h * stride + f)
        for w in range(n_W):
            cols = slice(w * stride, w * stride + f)
            window = A_pad[:, rows, cols, :]
            Z[:, h, w, :] = np.tensordot(window, W, axes=3) + b[0, 0, 0]
    cache = (A_prev, W, b, hparameters)
    return Z, cache
""",
    {
        "stride_ignored": [
            ("slice(h * stride, h * stride + f)", "slice(h, h + f)"),
            ("slice(w * stride, w * stride + f)", "slice(w, w + f)"),
        ],
        "stride_ignored_in_size": [
            ("(n_H_prev + 2 * pad - f) // stride", "n_H_prev + 2 * pad - f"),
            ("(n_W_prev + 2 * pad - f) // stride", "n_W_prev + 2 * pad - f"),
        ],
        "stride_ignored_everywhere": [
            ("(n_H_prev + 2 * pad - f) // stride", "n_H_prev + 2 * pad - f"),
            ("(n_W_prev + 2 * pad - f) // stride", "n_W_prev + 2 * pad - f"),
            ("slice(h * stride, h * stride + f)", "slice(h, h + f)"),
            ("slice(w * stride, w * stride + f)", "slice(w, w + f)"),
        ],
        "window_side_as_stride": [
            ("(n_H_prev + 2 * pad - f) // stride", "(n_H_prev + 2 * pad - f) // f"),
            ("(n_W_prev + 2 * pad - f) // stride", "(n_W_prev + 2 * pad - f) // f"),
            ("slice(h * stride, h * stride + f)", "slice(h * f, h * f + f)"),
            ("slice(w * stride, w * stride + f)", "slice(w * f, w * f + f)"),
        ],
        "stride_as_window_side": [("h * stride + f", "h * stride + stride"), ("w * stride + f", "w * stride + stride")],
        "stride_for_pad": [
            ("n_H_prev + 2 * pad - f", "n_H_prev + 2 * stride - f"),
            ("n_W_prev + 2 * pad - f", "n_W_prev + 2 * stride - f"),
        ],
        "pad_ignored": [
            ("n_H_prev + 2 * pad - f", "n_H_prev - f"),
            ("n_W_prev + 2 * pad - f", "n_W_prev - f"),
            ("np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))", "A_prev"),
        ],
        "unpadded_sliced": [("window = A_pad[", "window = A_prev[")],
        "pad_missing_in_size": [("n_H_prev + 2 * pad - f", "n_H_prev - f"), ("n_W_prev + 2 * pad - f", "n_W_prev - f")],
        "pad_counted_once": [
            ("n_H_prev + 2 * pad - f", "n_H_prev + pad - f"),
            ("n_W_prev + 2 * pad - f", "n_W_prev + pad - f"),
        ],
        "one_missing_in_size": [("n_H = 1 + (", "n_H = ("), ("n_W = 1 + (", "n_W = (")],
        "width_from_height": [("(n_W_prev + 2", "(n_H_prev + 2")],
        "sizes_swapped": [("n_H = 1 +", "n_W = 1 +"), ("n_W = 1 +", "n_H = 1 +")],
        "corners_swapped": [("[:, rows, cols, :]", "[:, cols, rows, :]")],
        "horizontal_from_h": [("slice(w * stride, w * stride + f)", "slice(h * stride, h * stride + f)")],
        "last_row_and_column_missing": [("range(n_H)", "range(n_H - 1)"), ("range(n_W)", "range(n_W - 1)")],
        "first_example_only": [("A_pad[:, rows", "A_pad[0, rows"), ("Z[:, h", "Z[0, h")],
        "first_example_read": [("A_pad[:, rows", "A_pad[0, rows")],
        "bias_forgotten": [(" + b[0, 0, 0]", "")],
        "bias_subtracted": [("+ b[0, 0, 0]", "- b[0, 0, 0]")],
        "bias_twice": [("    cache =", "    Z = Z + b\n    cache =")],
        "first_bias_for_all": [("b[0, 0, 0]", "b[0, 0, 0, 0]")],
        "bias_in_every_product": [
            ("np.tensordot(window, W, axes=3) + b[0, 0, 0]", "np.sum(window[..., None] * W + b, axis=(1, 2, 3))")
        ],
        "filter_flipped": [("(window, W, axes=3)", "(window, W[::-1, ::-1], axes=3)")],
        "relu_applied": [("    cache =", "    Z = Z * (Z > 0)\n    cache =")],
        "first_channel_only": [("(window, W, axes=3)", "(window[..., 0], W[:, :, 0], axes=2)")],
        "depth_of_input": [("(m, n_H, n_W, n_C)", "(m, n_H, n_W, n_C_prev)")],
        "integer_output": [("np.zeros((m, n_H, n_W, n_C))", "np.zeros((m, n_H, n_W, n_C)).astype(A_prev.dtype)")],
        "cache_reordered": [("cache = (A_prev, W, b, hparameters)", "cache = (W, b, A_prev, hparameters)")],
        "cache_holds_padded": [("cache = (A_prev, W, b, hparameters)", "cache = (A_pad, W, b, hparameters)")],
        "cache_missing": [("return Z, cache", "return Z")],
    },
)

SLIDING_WINDOWS = Style(
    "sliding_windows",
    "from numpy.lib.stride_tricks import sliding_window_view\n"
    + NUMPY
    + ZERO_PAD
    + """\
def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    f = W.shape[0]
    A_pad = zero_pad(A_prev, pad)
    windows = sliding_window_view(A_pad, (f, f), axis=(1, 2))[:, ::stride, ::stride]
    Z = np.einsum("mhwkuv,uvkc->mhwc", windows, W) + b
    cache = (A_prev, W, b, hparameters)
    return Z, cache
""",
    {
        "read_by_position": [('hparameters["stride"], hparameters["pad"]', "hparameters.values()")],
        "hparameters_emptied": [
            ('hparameters["stride"], hparameters["pad"]', 'hparameters.pop("stride"), hparameters.pop("pad")')
        ],
        "stride_ignored_everywhere": [("[:, ::stride, ::stride]", "")],
        "window_side_as_stride": [("::stride, ::stride", "::f, ::f")],
        "pad_ignored": [("zero_pad(A_prev, pad)", "A_prev")],
        "bias_forgotten": [(" + b\n", "\n")],
        "bias_subtracted": [(" + b\n", " - b\n")],
        "first_bias_for_all": [(" + b\n", " + b[0, 0, 0, 0]\n")],
        "filter_flipped": [("windows, W)", "windows, np.flip(W, axis=(0, 1)))")],
        "relu_applied": [("return Z, cache", "return np.maximum(Z, 0), cache")],
        "first_channel_only": [
            ('"mhwkuv,uvkc->mhwc", windows, W', '"mhwuv,uvc->mhwc", windows[:, :, :, 0], W[:, :, 0]')
        ],
        "cache_reordered": [("cache = (A_prev, W, b, hparameters)", "cache = (A_prev, hparameters, W, b)")],
        "cache_holds_padded": [
            ("A_pad = zero_pad(A_prev, pad)", "A_prev = zero_pad(A_prev, pad)"),
            ("view(A_pad", "view(A_prev"),
        ],
        "cache_missing": [("return Z, cache", "return Z")],
    },
)

COMPREHENSION = Style(
    "comprehension",
    NUMPY
    + ZERO_PAD
    + """\
def conv_forward(A_prev, W, b, hparameters):
    s, p = hparameters["stride"], hparameters["pad"]
    m, H, V, _ = A_prev.shape
    f, n_C = W.shape[0], W.shape[3]
    n_H = (H - f + 2 * p) // s + 1
    n_W = (V - f + 2 * p) // s + 1
    X = zero_pad(A_prev, p)

    def cut(i, h, w):
        return X[i, h * s : h * s + f, w * s : w * s + f]

    Z = [[[[np.sum(cut(i, h, w) * W[..., c]) + b[0, 0, 0, c] for c in range(n_C)]
           for w in range(n_W)] for h in range(n_H)] for i in range(m)]
    return np.array(Z), (A_prev, W, b, hparameters)
""",
    {
        "read_by_position": [('hparameters["stride"], hparameters["pad"]', "hparameters.values()")],
        "hparameters_emptied": [
            ('hparameters["stride"], hparameters["pad"]', 'hparameters.pop("stride"), hparameters.pop("pad")')
        ],
        "stride_ignored": [("h * s : h * s + f, w * s : w * s + f", "h : h + f, w : w + f")],
        "stride_ignored_in_size": [
            ("(H - f + 2 * p) // s", "(H - f + 2 * p)"),
            ("(V - f + 2 * p) // s", "(V - f + 2 * p)"),
        ],
        "stride_ignored_everywhere": [
            ("(H - f + 2 * p) // s", "(H - f + 2 * p)"),
            ("(V - f + 2 * p) // s", "(V - f + 2 * p)"),
            ("h * s : h * s + f, w * s : w * s + f", "h : h + f, w : w + f"),
        ],
        "window_side_as_stride": [
            ("(H - f + 2 * p) // s", "(H - f + 2 * p) // f"),
            ("(V - f + 2 * p) // s", "(V - f + 2 * p) // f"),
            ("h * s : h * s + f, w * s : w * s + f", "h * f : h * f + f, w * f : w * f + f"),
        ],
        "stride_as_window_side": [("h * s : h * s + f, w * s : w * s + f", "h * s : h * s + s, w * s : w * s + s")],
        "stride_for_pad": [("(H - f + 2 * p)", "(H - f + 2 * s)"), ("(V - f + 2 * p)", "(V - f + 2 * s)")],
        "pad_ignored": [
            ("(H - f + 2 * p)", "(H - f)"),
            ("(V - f + 2 * p)", "(V - f)"),
            ("X = zero_pad(A_prev, p)", "X = A_prev"),
        ],
        "unpadded_sliced": [("return X[i", "return A_prev[i")],
        "pad_missing_in_size": [("(H - f + 2 * p)", "(H - f)"), ("(V - f + 2 * p)", "(V - f)")],
        "pad_counted_once": [("(H - f + 2 * p)", "(H - f + p)"), ("(V - f + 2 * p)", "(V - f + p)")],
        "one_missing_in_size": [
            ("n_H = (H - f + 2 * p) // s + 1", "n_H = (H - f + 2 * p) // s"),
            ("n_W = (V - f + 2 * p) // s + 1", "n_W = (V - f + 2 * p) // s"),
        ],
        "width_from_height": [("n_W = (V -", "n_W = (H -")],
        "sizes_swapped": [("m, H, V, _ =", "m, V, H, _ =")],
        "corners_swapped": [("cut(i, h, w) *", "cut(i, w, h) *")],
        "horizontal_from_h": [("w * s : w * s + f", "h * s : h * s + f")],
        "last_filter_missing": [("range(n_C)", "range(n_C - 1)")],
        "first_example_read": [("X[i, h", "X[0, h")],
        "bias_forgotten": [(" + b[0, 0, 0, c]", "")],
        "bias_in_every_product": [("* W[..., c]) + b[0, 0, 0, c]", "* W[..., c] + b[0, 0, 0, c])")],
        "bias_subtracted": [("+ b[0, 0, 0, c]", "- b[0, 0, 0, c]")],
        "bias_twice": [("np.array(Z), (", "np.array(Z) + b, (")],
        "first_bias_for_all": [("b[0, 0, 0, c]", "b.flatten()[0]")],
        "filter_flipped": [("W[..., c])", "np.flip(W[..., c]))")],
        "relu_applied": [("np.array(Z), (", "np.maximum(0, np.array(Z)), (")],
        "first_channel_only": [("w * s : w * s + f]", "w * s : w * s + f, 0]"), ("W[..., c]", "W[..., 0, c]")],
        "first_filter_for_all": [("W[..., c]", "W[..., 0]")],
        "depth_of_input": [("W.shape[0], W.shape[3]", "W.shape[0], A_prev.shape[3]")],
        "cache_reordered": [("(A_prev, W, b, hparameters)\n", "(A_prev, b, W, hparameters)\n")],
        "cache_holds_padded": [("(A_prev, W, b, hparameters)\n", "(X, W, b, hparameters)\n")],
        "cache_missing": [("return np.array(Z), (A_prev, W, b, hparameters)", "return np.array(Z)")],
    },
)

COUNTERS = Style(
    "counters",
    NUMPY
    + """\
def conv_forward(A_prev, W, b, hparameters):
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    number_of_images = A_prev.shape[0]
    number_of_filters = W.shape[3]
    f = W.shape[0]
    padded = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)), "constant")
    out_H = (A_prev.shape[1] - f + 2 * pad) // stride + 1
    out_W = (A_prev.shape[2] - f + 2 * pad) // stride + 1
    Z = np.zeros((number_of_images, out_H, out_W, number_of_filters))
    i = 0
    while i < number_of_images:
        h = 0
        y = 0
        while h < out_H:
            w = 0
            x = 0
            while w < out_W:
                window = padded[i, y:y + f, x:x + f, :]
                c = 0
                while c < number_of_filters:
                    total = np.sum(window * W[:, :, :, c])
                    total = total + b[0][0][0][c]
                    Z[i][h][w][c] = total
                    c += 1
                w += 1
                x += stride
            h += 1
            y += stride
        i += 1
    cache = (A_prev, W, b, hparameters)
    return Z, cache
""",
    {
        "stride_ignored": [("y += stride", "y += 1"), ("x += stride", "x += 1")],
        "stride_ignored_in_size": [
            ("(A_prev.shape[1] - f + 2 * pad) // stride + 1", "(A_prev.shape[1] - f + 2 * pad) + 1"),
            ("(A_prev.shape[2] - f + 2 * pad) // stride + 1", "(A_prev.shape[2] - f + 2 * pad) + 1"),
        ],
        "stride_ignored_everywhere": [
            ('    stride = hparameters["stride"]\n', ""),
            ("(A_prev.shape[1] - f + 2 * pad) // stride + 1", "A_prev.shape[1] - f + 2 * pad + 1"),
            ("(A_prev.shape[2] - f + 2 * pad) // stride + 1", "A_prev.shape[2] - f + 2 * pad + 1"),
            ("y += stride", "y += 1"),
            ("x += stride", "x += 1"),
        ],
        "window_side_as_stride": [
            ("(A_prev.shape[1] - f + 2 * pad) // stride", "(A_prev.shape[1] - f + 2 * pad) // f"),
            ("(A_prev.shape[2] - f + 2 * pad) // stride", "(A_prev.shape[2] - f + 2 * pad) // f"),
            ("y += stride", "y += f"),
            ("x += stride", "x += f"),
        ],
        "stride_as_window_side": [("y:y + f, x:x + f", "y:y + stride, x:x + stride")],
        "stride_for_pad": [
            ("A_prev.shape[1] - f + 2 * pad", "A_prev.shape[1] - f + 2 * stride"),
            ("A_prev.shape[2] - f + 2 * pad", "A_prev.shape[2] - f + 2 * stride"),
        ],
        "pad_ignored": [
            ('np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)), "constant")', "A_prev"),
            ("A_prev.shape[1] - f + 2 * pad", "A_prev.shape[1] - f"),
            ("A_prev.shape[2] - f + 2 * pad", "A_prev.shape[2] - f"),
        ],
        "unpadded_sliced": [("window = padded[", "window = A_prev[")],
        "pad_missing_in_size": [
            ("A_prev.shape[1] - f + 2 * pad", "A_prev.shape[1] - f"),
            ("A_prev.shape[2] - f + 2 * pad", "A_prev.shape[2] - f"),
        ],
        "pad_counted_once": [
            ("A_prev.shape[1] - f + 2 * pad", "A_prev.shape[1] - f + pad"),
            ("A_prev.shape[2] - f + 2 * pad", "A_prev.shape[2] - f + pad"),
        ],
        "one_missing_in_size": [
            ("(A_prev.shape[1] - f + 2 * pad) // stride + 1", "(A_prev.shape[1] - f + 2 * pad) // stride"),
            ("(A_prev.shape[2] - f + 2 * pad) // stride + 1", "(A_prev.shape[2] - f + 2 * pad) // stride"),
        ],
        "width_from_height": [("out_W = (A_prev.shape[2]", "out_W = (A_prev.shape[1]")],
        "sizes_swapped": [("(A_prev.shape[1]", "(A_prev.shape[2]"), ("(A_prev.shape[2]", "(A_prev.shape[1]")],
        "corners_swapped": [("y:y + f, x:x + f", "x:x + f, y:y + f")],
        "horizontal_from_h": [("x:x + f", "y:y + f")],
        "last_row_and_column_missing": [("h < out_H", "h < out_H - 1"), ("w < out_W", "w < out_W - 1")],
        "last_filter_missing": [("c < number_of_filters", "c < number_of_filters - 1")],
        "first_example_read": [("padded[i, ", "padded[0, ")],
        "first_example_only": [
            ("    cache = (A_prev, W, b, hparameters)", "        cache = (A_prev, W, b, hparameters)"),
            ("    return Z, cache", "        return Z, cache"),
        ],
        "bias_forgotten": [("                    total = total + b[0][0][0][c]\n", "")],
        "bias_in_every_product": [
            ("window * W[:, :, :, c]", "window * W[:, :, :, c] + b[0][0][0][c]"),
            ("                    total = total + b[0][0][0][c]\n", ""),
        ],
        "bias_subtracted": [("total + b[0][0][0][c]", "total - b[0][0][0][c]")],
        "first_bias_for_all": [("b[0][0][0][c]", "b[0][0][0][0]")],
        "filter_flipped": [("W[:, :, :, c]", "W[::-1, ::-1, :, c]")],
        "relu_applied": [("Z[i][h][w][c] = total", "if total > 0:\n                        Z[i][h][w][c] = total")],
        "first_channel_only": [("x:x + f, :]", "x:x + f, 0]"), ("W[:, :, :, c]", "W[:, :, 0, c]")],
        "first_filter_for_all": [("W[:, :, :, c]", "W[:, :, :, 0]")],
        "depth_of_input": [("number_of_filters = W.shape[3]", "number_of_filters = A_prev.shape[3]")],
        "integer_output": [("out_W, number_of_filters))", "out_W, number_of_filters), A_prev.dtype)")],
        "cache_reordered": [("cache = (A_prev, W, b, hparameters)", "cache = (A_prev, W, hparameters, b)")],
        "cache_holds_padded": [("cache = (A_prev,", "cache = (padded,")],
        "cache_missing": [("return Z, cache", "return Z")],
    },
)

SHIFTED_INPUTS = Style(
    "shifted_inputs",
    NUMPY
    + ZERO_PAD
    + """\
def conv_forward(A_prev, W, b, hparameters):
    s, p = hparameters["stride"], hparameters["pad"]
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, _, _, n_C = W.shape
    n_H = (n_H_prev + 2 * p - f) // s + 1
    n_W = (n_W_prev + 2 * p - f) // s + 1
    X = zero_pad(A_prev, p)
    Z = np.zeros((m, n_H, n_W, n_C))
    for u in range(f):
        for v in range(f):
            part = X[:, u:u + s * n_H:s, v:v + s * n_W:s]
            Z += part @ W[u, v]
    Z = Z + b
    return Z, (A_prev, W, b, hparameters)
""",
    {
        "stride_ignored": [("u:u + s * n_H:s, v:v + s * n_W:s", "u:u + n_H, v:v + n_W")],
        "stride_ignored_in_size": [
            ("(n_H_prev + 2 * p - f) // s + 1", "n_H_prev + 2 * p - f + 1"),
            ("(n_W_prev + 2 * p - f) // s + 1", "n_W_prev + 2 * p - f + 1"),
        ],
        "stride_ignored_everywhere": [
            ("(n_H_prev + 2 * p - f) // s + 1", "n_H_prev + 2 * p - f + 1"),
            ("(n_W_prev + 2 * p - f) // s + 1", "n_W_prev + 2 * p - f + 1"),
            ("u:u + s * n_H:s, v:v + s * n_W:s", "u:u + n_H, v:v + n_W"),
        ],
        "window_side_as_stride": [
            ("(n_H_prev + 2 * p - f) // s", "(n_H_prev + 2 * p - f) // f"),
            ("(n_W_prev + 2 * p - f) // s", "(n_W_prev + 2 * p - f) // f"),
            ("u:u + s * n_H:s, v:v + s * n_W:s", "u:u + f * n_H:f, v:v + f * n_W:f"),
        ],
        "stride_for_pad": [
            ("(n_H_prev + 2 * p - f)", "(n_H_prev + 2 * s - f)"),
            ("(n_W_prev + 2 * p - f)", "(n_W_prev + 2 * s - f)"),
        ],
        "pad_ignored": [
            ("(n_H_prev + 2 * p - f)", "(n_H_prev - f)"),
            ("(n_W_prev + 2 * p - f)", "(n_W_prev - f)"),
            ("zero_pad(A_prev, p)", "A_prev"),
        ],
        "unpadded_sliced": [("part = X[", "part = A_prev[")],
        "pad_missing_in_size": [
            ("(n_H_prev + 2 * p - f)", "(n_H_prev - f)"),
            ("(n_W_prev + 2 * p - f)", "(n_W_prev - f)"),
        ],
        "pad_counted_once": [
            ("(n_H_prev + 2 * p - f)", "(n_H_prev + p - f)"),
            ("(n_W_prev + 2 * p - f)", "(n_W_prev + p - f)"),
        ],
        "one_missing_in_size": [
            ("(n_H_prev + 2 * p - f) // s + 1", "(n_H_prev + 2 * p - f) // s"),
            ("(n_W_prev + 2 * p - f) // s + 1", "(n_W_prev + 2 * p - f) // s"),
        ],
        "width_from_height": [("n_W = (n_W_prev", "n_W = (n_H_prev")],
        "sizes_swapped": [("m, n_H_prev, n_W_prev, _", "m, n_W_prev, n_H_prev, _")],
        "bias_forgotten": [("    Z = Z + b\n", "")],
        "bias_subtracted": [("Z + b", "Z - b")],
        "bias_twice": [("np.zeros((m, n_H, n_W, n_C))", "np.zeros((m, n_H, n_W, n_C)) + b")],
        "bias_in_every_product": [("part @ W[u, v]", "part @ W[u, v] + b"), ("    Z = Z + b\n", "")],
        "first_bias_for_all": [("Z + b", "Z + b[0, 0, 0, 0]")],
        "filter_flipped": [("W[u, v]", "W[f - 1 - u, f - 1 - v]")],
        "relu_applied": [("Z = Z + b", "Z = np.maximum(Z + b, 0)")],
        "cache_reordered": [("(A_prev, W, b, hparameters)\n", "(hparameters, A_prev, W, b)\n")],
        "cache_holds_padded": [("(A_prev, W, b, hparameters)\n", "(X, W, b, hparameters)\n")],
        "cache_missing": [("return Z, (A_prev, W, b, hparameters)", "return Z")],
    },
)

PLACES_ENUMERATED = Style(
    "places_enumerated",
    NUMPY
    + ZERO_PAD
    + """\
def filtered(piece, kernel, bias):
    return np.sum(np.multiply(piece, kernel)) + float(bias)


def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    padded = zero_pad(A_prev, pad)
    m, height, width, _ = padded.shape
    f, n_C = W.shape[0], W.shape[-1]
    tops = range(0, height - f + 1, stride)
    lefts = range(0, width - f + 1, stride)
    Z = np.zeros((m, len(tops), len(lefts), n_C))
    for i, image in enumerate(padded):
        for h, top in enumerate(tops):
            for w, left in enumerate(lefts):
                piece = image[top:top + f, left:left + f]
                for c in range(n_C):
                    Z[i, h, w, c] = filtered(piece, W[:, :, :, c], b[0, 0, 0, c])
    return Z, (A_prev, W, b, hparameters)
""",
    {
        "stride_ignored_everywhere": [
            ("height - f + 1, stride", "height - f + 1"),
            ("width - f + 1, stride", "width - f + 1"),
        ],
        "window_side_as_stride": [
            ("height - f + 1, stride", "height - f + 1, f"),
            ("width - f + 1, stride", "width - f + 1, f"),
        ],
        "stride_as_window_side": [("top:top + f, left:left + f", "top:top + stride, left:left + stride")],
        "pad_ignored": [("padded = zero_pad(A_prev, pad)", "padded = A_prev")],
        "unpadded_sliced": [("enumerate(padded)", "enumerate(A_prev)")],
        "pad_missing_in_size": [("= padded.shape", "= A_prev.shape")],
        "one_missing_in_size": [("height - f + 1", "height - f"), ("width - f + 1", "width - f")],
        "width_from_height": [("range(0, width -", "range(0, height -")],
        "sizes_swapped": [("m, height, width, _", "m, width, height, _")],
        "corners_swapped": [("top:top + f, left:left + f", "left:left + f, top:top + f")],
        "horizontal_from_h": [("left:left + f", "top:top + f")],
        "last_filter_missing": [("range(n_C)", "range(n_C - 1)")],
        "first_example_read": [("image[top", "padded[0, top")],
        "first_example_only": [("    return Z, (", "        return Z, (")],
        "bias_forgotten": [(" + float(bias)", "")],
        "bias_in_every_product": [
            ("np.sum(np.multiply(piece, kernel)) + float(bias)", "np.sum(piece * kernel + bias)")
        ],
        "bias_subtracted": [("+ float(bias)", "- float(bias)")],
        "bias_twice": [("    return Z, (", "    Z += b\n    return Z, (")],
        "first_bias_for_all": [("b[0, 0, 0, c]", "b[0, 0, 0, 0]")],
        "filter_flipped": [("np.multiply(piece, kernel)", "np.multiply(piece, np.rot90(kernel, 2))")],
        "relu_applied": [
            (
                "filtered(piece, W[:, :, :, c], b[0, 0, 0, c])",
                "np.maximum(0, filtered(piece, W[:, :, :, c], b[0, 0, 0, c]))",
            )
        ],
        "first_channel_only": [("np.multiply(piece, kernel)", "np.multiply(piece[:, :, 0], kernel[:, :, 0])")],
        "first_filter_for_all": [("W[:, :, :, c]", "W[:, :, :, 0]")],
        "depth_of_input": [
            ("m, height, width, _", "m, height, width, n_C"),
            ("f, n_C = W.shape[0], W.shape[-1]", "f = W.shape[0]"),
        ],
        "integer_output": [("len(lefts), n_C))", "len(lefts), n_C), padded.dtype)")],
        "cache_reordered": [("(A_prev, W, b, hparameters)\n", "(b, W, A_prev, hparameters)\n")],
        "cache_holds_padded": [("padded = zero_pad(A_prev, pad)", "A_prev = padded = zero_pad(A_prev, pad)")],
        "cache_missing": [("return Z, (A_prev, W, b, hparameters)", "return Z")],
    },
)

STYLES = (
    FOUR_CORNERS,
    BY_HAND,
    FLAT_LOOP,
    ALL_EXAMPLES,
    SLIDING_WINDOWS,
    COMPREHENSION,
    COUNTERS,
    SHIFTED_INPUTS,
    PLACES_ENUMERATED,
)
