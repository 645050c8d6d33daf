"""How learners write ``conv_backward``."""

from __future__ import annotations

from tests.wrong.style import NUMPY, ZERO_PAD, Style

FOUR_CORNERS = Style(
    "four_corners",
    NUMPY
    + ZERO_PAD
    + """\
def conv_backward(dZ, cache):
    (A_prev, W, b, hparameters) = cache
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (f, f, n_C_prev, n_C) = W.shape
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    (m, n_H, n_W, n_C) = dZ.shape

    dA_prev = np.zeros((m, n_H_prev, n_W_prev, n_C_prev))
    dW = np.zeros((f, f, n_C_prev, n_C))
    db = np.zeros((1, 1, 1, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = zero_pad(dA_prev, pad)

    for i in range(m):
        a_prev_pad = A_prev_pad[i]
        da_prev_pad = dA_prev_pad[i]
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    vert_start = h * stride
                    vert_end = vert_start + f
                    horiz_start = w * stride
                    horiz_end = horiz_start + f
                    a_slice = a_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :]
                    da_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :] += W[:, :, :, c] * dZ[i, h, w, c]
                    dW[:, :, :, c] += a_slice * dZ[i, h, w, c]
                    db[:, :, :, c] += dZ[i, h, w, c]
        dA_prev[i, :, :, :] = da_prev_pad[pad:pad + n_H_prev, pad:pad + n_W_prev, :]

    return dA_prev, dW, db
""",
    {
        "end_at_minus_pad": [("pad:pad + n_H_prev, pad:pad + n_W_prev", "pad:-pad, pad:-pad")],
        "crop_missing": [
            ("        dA_prev[i, :, :, :] = da_prev_pad[pad:pad + n_H_prev, pad:pad + n_W_prev, :]\n", ""),
            ("return dA_prev, ", "return dA_prev_pad, "),
        ],
        "crop_outside_loop": [("        dA_prev[i, :, :, :]", "    dA_prev[i, :, :, :]")],
        "stride_ignored": [("h * stride", "h"), ("w * stride", "w")],
        "window_side_as_stride": [("h * stride", "h * f"), ("w * stride", "w * f")],
        "corners_swapped": [
            ("vert_start = h * stride", "vert_start = w * stride"),
            ("horiz_start = w * stride", "horiz_start = h * stride"),
        ],
        "horizontal_from_h": [("horiz_start = w * stride", "horiz_start = h * stride")],
        "all_overwritten": [
            (" += W[:, :, :, c]", " = W[:, :, :, c]"),
            ("dW[:, :, :, c] +=", "dW[:, :, :, c] ="),
            ("db[:, :, :, c] +=", "db[:, :, :, c] ="),
        ],
        "dA_overwritten": [(" += W[:, :, :, c]", " = W[:, :, :, c]")],
        "dW_overwritten": [("dW[:, :, :, c] +=", "dW[:, :, :, c] =")],
        "db_overwritten": [("db[:, :, :, c] +=", "db[:, :, :, c] =")],
        "averaged_over_examples": [("    return dA_prev", "    dW /= m\n    db /= m\n    return dA_prev")],
        "dW_averaged": [("a_slice * dZ[i, h, w, c]", "a_slice * dZ[i, h, w, c] / m")],
        "db_averaged": [("return dA_prev, dW, db", "return dA_prev, dW, db / m")],
        "dW_from_unpadded": [("a_prev_pad = A_prev_pad[i]\n        da", "a_prev_pad = A_prev[i]\n        da")],
        "dZ_forgotten_in_dA": [("W[:, :, :, c] * dZ[i, h, w, c]", "W[:, :, :, c]")],
        "dZ_forgotten_in_dW": [("a_slice * dZ[i, h, w, c]", "a_slice")],
        "dZ_counted_in_db": [("db[:, :, :, c] += dZ[i, h, w, c]", "db[:, :, :, c] += 1")],
        "factors_swapped": [("W[:, :, :, c] * dZ", "a_slice * dZ"), ("+= a_slice * dZ", "+= W[:, :, :, c] * dZ")],
        "filter_flipped": [("W[:, :, :, c] * dZ", "W[::-1, ::-1, :, c] * dZ")],
        "first_example_read": [("a_prev_pad = A_prev_pad[i]\n        da", "a_prev_pad = A_prev_pad[0]\n        da")],
        "first_example_only": [("    return dA_prev,", "        return dA_prev,")],
        "random_start": [
            ("np.zeros((m, n_H_prev, n_W_prev, n_C_prev))", "np.random.randn(m, n_H_prev, n_W_prev, n_C_prev)"),
            ("np.zeros((f, f, n_C_prev, n_C))", "np.random.randn(f, f, n_C_prev, n_C)"),
            ("np.zeros((1, 1, 1, n_C))", "np.random.randn(1, 1, 1, n_C)"),
        ],
        "integer_gradients": [
            ("np.zeros((m, n_H_prev, n_W_prev, n_C_prev))", "np.zeros_like(A_prev)"),
            ("np.zeros((f, f, n_C_prev, n_C))", "np.zeros_like(W)"),
            ("np.zeros((1, 1, 1, n_C))", "np.zeros_like(b)"),
        ],
        "db_flat": [("np.zeros((1, 1, 1, n_C))", "np.zeros(n_C)"), ("db[:, :, :, c]", "db[c]")],
    },
)

BY_HAND = Style(
    "by_hand",
    NUMPY
    + """\
def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s = hparameters['stride']
    p = hparameters['pad']
    m, n_H, n_W, n_C = dZ.shape
    f = W.shape[0]
    H, V = A_prev.shape[1], A_prev.shape[2]
    A_pad = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)), 'constant')
    dA_pad = np.zeros(A_pad.shape)
    dW = np.zeros(W.shape)
    db = np.zeros(b.shape)
    for i in range(m):
        for c in range(n_C):
            for h in range(n_H):
                for w in range(n_W):
                    g = dZ[i, h, w, c]
                    x = A_pad[i, h*s:h*s+f, w*s:w*s+f]
                    dA_pad[i, h*s:h*s+f, w*s:w*s+f] = dA_pad[i, h*s:h*s+f, w*s:w*s+f] + W[:, :, :, c] * g
                    dW[:, :, :, c] = dW[:, :, :, c] + x * g
                    db[0, 0, 0, c] = db[0, 0, 0, c] + g
    return dA_pad[:, p:p+H, p:p+V, :], dW, db
""",
    {
        "end_at_minus_pad": [("p:p+H, p:p+V", "p:-p, p:-p")],
        "crop_missing": [("dA_pad[:, p:p+H, p:p+V, :]", "dA_pad")],
        "stride_ignored": [
            ("x = A_pad[i, h*s:h*s+f, w*s:w*s+f]", "x = A_pad[i, h:h+f, w:w+f]"),
            (
                "dA_pad[i, h*s:h*s+f, w*s:w*s+f] = dA_pad[i, h*s:h*s+f, w*s:w*s+f] +",
                "dA_pad[i, h:h+f, w:w+f] = dA_pad[i, h:h+f, w:w+f] +",
            ),
        ],
        "window_side_as_stride": [
            ("x = A_pad[i, h*s:h*s+f, w*s:w*s+f]", "x = A_pad[i, h*f:h*f+f, w*f:w*f+f]"),
            (
                "dA_pad[i, h*s:h*s+f, w*s:w*s+f] = dA_pad[i, h*s:h*s+f, w*s:w*s+f] +",
                "dA_pad[i, h*f:h*f+f, w*f:w*f+f] = dA_pad[i, h*f:h*f+f, w*f:w*f+f] +",
            ),
        ],
        "corners_swapped": [
            ("x = A_pad[i, h*s:h*s+f, w*s:w*s+f]", "x = A_pad[i, w*s:w*s+f, h*s:h*s+f]"),
            (
                "dA_pad[i, h*s:h*s+f, w*s:w*s+f] = dA_pad[i, h*s:h*s+f, w*s:w*s+f] +",
                "dA_pad[i, w*s:w*s+f, h*s:h*s+f] = dA_pad[i, w*s:w*s+f, h*s:h*s+f] +",
            ),
        ],
        "all_overwritten": [
            ("= dA_pad[i, h*s:h*s+f, w*s:w*s+f] + W", "= W"),
            ("= dW[:, :, :, c] + x", "= x"),
            ("= db[0, 0, 0, c] + g", "= g"),
        ],
        "dA_overwritten": [("= dA_pad[i, h*s:h*s+f, w*s:w*s+f] + W", "= W")],
        "dW_overwritten": [("= dW[:, :, :, c] + x", "= x")],
        "db_overwritten": [("= db[0, 0, 0, c] + g", "= g")],
        "averaged_over_examples": [("dW, db\n", "dW / m, db / m\n")],
        "dW_averaged": [("dW, db\n", "dW / m, db\n")],
        "db_averaged": [("db[0, 0, 0, c] + g", "db[0, 0, 0, c] + g / m")],
        "dW_from_unpadded": [("x = A_pad[i", "x = A_prev[i")],
        "dZ_forgotten_in_dA": [("W[:, :, :, c] * g", "W[:, :, :, c]")],
        "dZ_forgotten_in_dW": [("+ x * g", "+ x")],
        "dZ_counted_in_db": [("db[0, 0, 0, c] + g", "db[0, 0, 0, c] + 1")],
        "factors_swapped": [("W[:, :, :, c] * g", "x * g"), ("+ x * g", "+ W[:, :, :, c] * g")],
        "filter_flipped": [("W[:, :, :, c] * g", "np.flip(W[:, :, :, c], axis=(0, 1)) * g")],
        "first_example_read": [("x = A_pad[i", "x = A_pad[0")],
        "first_example_only": [("    return dA_pad", "        return dA_pad")],
        "random_start": [
            ("np.zeros(A_pad.shape)", "np.random.random(A_pad.shape)"),
            ("np.zeros(W.shape)", "np.random.random(W.shape)"),
            ("np.zeros(b.shape)", "np.random.random(b.shape)"),
        ],
        "integer_gradients": [
            ("np.zeros(A_pad.shape)", "np.zeros_like(A_pad)"),
            ("np.zeros(W.shape)", "np.zeros_like(W)"),
        ],
        "db_flat": [
            ("np.zeros(b.shape)", "np.zeros(n_C)"),
            ("db[0, 0, 0, c] = db[0, 0, 0, c] + g", "db[c] = db[c] + g"),
        ],
    },
)

FLAT_LOOP = Style(
    "flat_loop",
    NUMPY
    + ZERO_PAD
    + """\
def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    n_H_prev, n_W_prev = A_prev.shape[1:3]
    f = len(W)
    padded = zero_pad(A_prev, pad)
    d_padded = np.zeros(padded.shape)
    dW = np.zeros(W.shape)
    db = np.zeros(b.shape)
    for (i, h, w, c), dz in np.ndenumerate(dZ):
        top, left = stride * h, stride * w
        here = (i, slice(top, top + f), slice(left, left + f))
        d_padded[here] += W[..., c] * dz
        dW[..., c] += padded[here] * dz
        db[..., c] += dz
    dA_prev = d_padded[:, pad:pad + n_H_prev, pad:pad + n_W_prev]
    return dA_prev, dW, db
""",
    {
        "read_by_position": [('hparameters["stride"], hparameters["pad"]', "hparameters.values()")],
        "hparameters_emptied": [
            ('hparameters["stride"], hparameters["pad"]', 'hparameters.pop("stride"), hparameters.pop("pad")')
        ],
        "end_at_minus_pad": [("pad:pad + n_H_prev, pad:pad + n_W_prev", "pad:-pad, pad:-pad")],
        "crop_missing": [
            ("    dA_prev = d_padded[:, pad:pad + n_H_prev, pad:pad + n_W_prev]\n", ""),
            ("return dA_prev", "return d_padded"),
        ],
        "crop_outside_loop": [
            (
                "dA_prev = d_padded[:, pad:pad + n_H_prev, pad:pad + n_W_prev]",
                "dA_prev = np.zeros(A_prev.shape)\n"
                "    dA_prev[i] = d_padded[i, pad:pad + n_H_prev, pad:pad + n_W_prev]",
            )
        ],
        "stride_ignored": [("stride * h, stride * w", "h, w")],
        "window_side_as_stride": [("stride * h, stride * w", "f * h, f * w")],
        "corners_swapped": [
            ("slice(top, top + f), slice(left, left + f)", "slice(left, left + f), slice(top, top + f)")
        ],
        "horizontal_from_h": [("slice(left, left + f)", "slice(top, top + f)")],
        "all_overwritten": [
            ("d_padded[here] +=", "d_padded[here] ="),
            ("dW[..., c] +=", "dW[..., c] ="),
            ("db[..., c] +=", "db[..., c] ="),
        ],
        "dA_overwritten": [("d_padded[here] +=", "d_padded[here] =")],
        "dW_overwritten": [("dW[..., c] +=", "dW[..., c] =")],
        "db_overwritten": [("db[..., c] +=", "db[..., c] =")],
        "averaged_over_examples": [("return dA_prev, dW, db", "return dA_prev, dW / len(A_prev), db / len(A_prev)")],
        "dW_averaged": [("    dA_prev = ", "    dW /= dZ.shape[0]\n    dA_prev = ")],
        "db_averaged": [("    dA_prev = ", "    db /= dZ.shape[0]\n    dA_prev = ")],
        "dW_from_unpadded": [("+= padded[here]", "+= A_prev[here]")],
        "dZ_forgotten_in_dA": [("W[..., c] * dz", "W[..., c]")],
        "dZ_forgotten_in_dW": [("padded[here] * dz", "padded[here]")],
        "factors_swapped": [
            ("+= W[..., c] * dz", "+= padded[here] * dz"),
            ("+= padded[here] * dz", "+= W[..., c] * dz"),
        ],
        "filter_flipped": [("W[..., c] * dz", "W[::-1, ::-1, :, c] * dz")],
        "random_start": [
            ("np.zeros(padded.shape)", "np.random.randn(*padded.shape)"),
            ("np.zeros(W.shape)", "np.random.randn(*W.shape)"),
            ("np.zeros(b.shape)", "np.random.randn(*b.shape)"),
        ],
        "integer_gradients": [
            ("np.zeros(padded.shape)", "np.zeros_like(padded)"),
            ("np.zeros(W.shape)", "np.zeros_like(W)"),
            ("np.zeros(b.shape)", "np.zeros_like(b)"),
        ],
        "db_flat": [("return dA_prev, dW, db", "return dA_prev, dW, db.flatten()")],
    },
)

ALL_EXAMPLES = Style(
    "all_examples",
    NUMPY
    + """\
def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, _, _, n_C = W.shape
    _, n_H, n_W, _ = dZ.shape
    A_pad = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dA_pad = np.zeros((m, n_H_prev + 2 * pad, n_W_prev + 2 * pad, n_C_prev))
    dW = np.zeros((f, f, n_C_prev, n_C))
    db = np.sum(dZ, axis=(0, 1, 2)).reshape(1, 1, 1, n_C)
    for h in range(n_H):
        rows = slice(h * stride, h * stride + f)
        for w in range(n_W):
            cols = slice(w * stride, w * stride + f)
            for c in range(n_C):
                dz = dZ[:, h, w, c].reshape(m, 1, 1, 1)
                dA_pad[:, rows, cols, :] += W[:, :, :, c] * dz
                dW[:, :, :, c] += np.sum(A_pad[:, rows, cols, :] * dz, axis=0)
    dA_prev = dA_pad[:, pad:pad + n_H_prev, pad:pad + n_W_prev, :]
    return dA_prev, dW, db
""",
    {
        "read_by_position": [('hparameters["stride"], hparameters["pad"]', "hparameters.values()")],
        "hparameters_emptied": [
            ('hparameters["stride"], hparameters["pad"]', 'hparameters.pop("stride"), hparameters.pop("pad")')
        ],
        "end_at_minus_pad": [("pad:pad + n_H_prev, pad:pad + n_W_prev", "pad:-pad, pad:-pad")],
        "crop_missing": [("dA_pad[:, pad:pad + n_H_prev, pad:pad + n_W_prev, :]", "dA_pad")],
        "stride_ignored": [
            ("slice(h * stride, h * stride + f)", "slice(h, h + f)"),
            ("slice(w * stride, w * stride + f)", "slice(w, w + f)"),
        ],
        "window_side_as_stride": [
            ("slice(h * stride, h * stride + f)", "slice(h * f, h * f + f)"),
            ("slice(w * stride, w * stride + f)", "slice(w * f, w * f + f)"),
        ],
        "corners_swapped": [
            ("dA_pad[:, rows, cols, :]", "dA_pad[:, cols, rows, :]"),
            ("(A_pad[:, rows, cols, :]", "(A_pad[:, cols, rows, :]"),
        ],
        "horizontal_from_h": [("slice(w * stride, w * stride + f)", "slice(h * stride, h * stride + f)")],
        "dA_overwritten": [("dA_pad[:, rows, cols, :] +=", "dA_pad[:, rows, cols, :] =")],
        "dW_overwritten": [("dW[:, :, :, c] +=", "dW[:, :, :, c] =")],
        "averaged_over_examples": [
            ("np.sum(A_pad[:, rows, cols, :] * dz, axis=0)", "np.mean(A_pad[:, rows, cols, :] * dz, axis=0)"),
            (".reshape(1, 1, 1, n_C)", ".reshape(1, 1, 1, n_C) / m"),
        ],
        "dW_averaged": [("np.sum(A_pad", "1 / m * np.sum(A_pad")],
        "db_averaged": [("np.sum(dZ,", "1 / m * np.sum(dZ,")],
        "dW_from_unpadded": [("np.sum(A_pad[", "np.sum(A_prev[")],
        "dZ_forgotten_in_dA": [("W[:, :, :, c] * dz", "W[:, :, :, c]")],
        "dZ_forgotten_in_dW": [("cols, :] * dz", "cols, :]")],
        "factors_swapped": [
            ("W[:, :, :, c] * dz", "A_pad[:, rows, cols, :] * dz"),
            ("np.sum(A_pad[:, rows, cols, :] * dz", "np.sum(W[:, :, :, c] * dz"),
        ],
        "filter_flipped": [("W[:, :, :, c] * dz", "W[::-1, ::-1, :, c] * dz")],
        "first_example_read": [("np.sum(A_pad[:, rows", "np.sum(A_pad[:1, rows")],
        "random_start": [
            ("np.zeros((m, n_H_prev + 2 * pad, n_W_prev + 2 * pad, n_C_prev))", "np.random.randn(*A_pad.shape)"),
            ("np.zeros((f, f, n_C_prev, n_C))", "np.random.randn(f, f, n_C_prev, n_C) * 0.01"),
        ],
        "integer_gradients": [
            ("np.zeros((m, n_H_prev + 2 * pad, n_W_prev + 2 * pad, n_C_prev))", "np.zeros_like(A_pad)"),
            ("np.zeros((f, f, n_C_prev, n_C))", "np.zeros_like(W)"),
        ],
        "db_flat": [(".reshape(1, 1, 1, n_C)", "")],
    },
)

ALL_FILTERS = Style(
    "all_filters",
    NUMPY
    + ZERO_PAD
    + """\
def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H, n_W, n_C = dZ.shape
    f = W.shape[0]
    A_prev_pad = zero_pad(A_prev, pad)
    dA_prev_pad = zero_pad(np.zeros(A_prev.shape), pad)
    dW = np.zeros(W.shape)
    db = np.zeros((1, 1, 1, n_C))
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                y, x = h * stride, w * stride
                dz = dZ[i, h, w]
                a_slice = A_prev_pad[i, y:y+f, x:x+f, :]
                dA_prev_pad[i, y:y+f, x:x+f, :] += np.dot(W, dz)
                dW += a_slice[:, :, :, np.newaxis] * dz
                db += dz
    end_H = dA_prev_pad.shape[1] - pad
    end_W = dA_prev_pad.shape[2] - pad
    return dA_prev_pad[:, pad:end_H, pad:end_W, :], dW, db
""",
    {
        "read_by_position": [('hparameters["stride"], hparameters["pad"]', "hparameters.values()")],
        "hparameters_emptied": [
            ('hparameters["stride"], hparameters["pad"]', 'hparameters.pop("stride"), hparameters.pop("pad")')
        ],
        "end_at_minus_pad": [
            ("    end_H = dA_prev_pad.shape[1] - pad\n    end_W = dA_prev_pad.shape[2] - pad\n", ""),
            ("pad:end_H, pad:end_W", "pad:-pad, pad:-pad"),
        ],
        "crop_missing": [
            ("    end_H = dA_prev_pad.shape[1] - pad\n    end_W = dA_prev_pad.shape[2] - pad\n", ""),
            ("dA_prev_pad[:, pad:end_H, pad:end_W, :]", "dA_prev_pad"),
        ],
        "stride_ignored": [("h * stride, w * stride", "h, w")],
        "window_side_as_stride": [("h * stride, w * stride", "h * f, w * f")],
        "corners_swapped": [("y, x = h * stride, w * stride", "x, y = h * stride, w * stride")],
        "horizontal_from_h": [("h * stride, w * stride", "h * stride, h * stride")],
        "all_overwritten": [
            ("x:x+f, :] += np", "x:x+f, :] = np"),
            ("dW += a_slice[:, :, :, np.newaxis] * dz", "dW = a_slice[:, :, :, np.newaxis] * dz"),
            ("db += dz", "db[0, 0, 0] = dz"),
        ],
        "dA_overwritten": [("x:x+f, :] += np", "x:x+f, :] = np")],
        "dW_overwritten": [("dW +=", "dW =")],
        "db_overwritten": [("db += dz", "db[0, 0, 0, :] = dz")],
        "averaged_over_examples": [("    end_H =", "    dW = dW / m\n    db = db / m\n    end_H =")],
        "dW_averaged": [("dW, db\n", "dW / m, db\n")],
        "db_averaged": [("dW, db\n", "dW, db / m\n")],
        "dW_from_unpadded": [("a_slice = A_prev_pad[i", "a_slice = A_prev[i")],
        "dZ_forgotten_in_dA": [("np.dot(W, dz)", "np.sum(W, axis=3)")],
        "dZ_forgotten_in_dW": [("np.newaxis] * dz", "np.newaxis]")],
        "dZ_counted_in_db": [("db += dz", "db += 1")],
        "filter_flipped": [("np.dot(W, dz)", "np.dot(W[::-1, ::-1], dz)")],
        "first_example_read": [("a_slice = A_prev_pad[i", "a_slice = A_prev_pad[0")],
        "first_example_only": [
            (
                "    end_H = dA_prev_pad.shape[1] - pad\n    end_W",
                "        end_H = dA_prev_pad.shape[1] - pad\n        end_W",
            ),
            ("    return dA_prev_pad[", "        return dA_prev_pad["),
        ],
        "integer_gradients": [
            ("np.zeros(A_prev.shape)", "np.zeros_like(A_prev)"),
            ("np.zeros(W.shape)", "np.zeros_like(W)"),
        ],
        "db_flat": [("db = np.zeros((1, 1, 1, n_C))", "db = np.zeros(n_C)")],
    },
)

SHIFTED_INPUTS = Style(
    "shifted_inputs",
    NUMPY
    + ZERO_PAD
    + """\
def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    s, p = hparameters["stride"], hparameters["pad"]
    m, H, V, _ = A_prev.shape
    _, n_H, n_W, n_C = dZ.shape
    f = W.shape[0]
    X = zero_pad(A_prev, p)
    dX = np.zeros(X.shape)
    dW = np.zeros(W.shape)
    for u in range(f):
        for v in range(f):
            here = np.s_[:, u:u + s * n_H:s, v:v + s * n_W:s]
            dX[here] += dZ @ W[u, v].T
            dW[u, v] = np.einsum("mhwk,mhwc->kc", X[here], dZ)
    db = dZ.sum(axis=(0, 1, 2), keepdims=True)
    return dX[:, p:p + H, p:p + V], dW, db
""",
    {
        "end_at_minus_pad": [("p:p + H, p:p + V", "p:-p, p:-p")],
        "crop_missing": [("dX[:, p:p + H, p:p + V]", "dX")],
        "stride_ignored": [("u:u + s * n_H:s, v:v + s * n_W:s", "u:u + n_H, v:v + n_W")],
        "window_side_as_stride": [("u:u + s * n_H:s, v:v + s * n_W:s", "u:u + f * n_H:f, v:v + f * n_W:f")],
        "dA_overwritten": [("dX[here] +=", "dX[here] =")],
        "averaged_over_examples": [("dW, db\n", "dW / m, db / m\n")],
        "dW_averaged": [("X[here], dZ)", "X[here], dZ) / m")],
        "db_averaged": [("keepdims=True)", "keepdims=True) / m")],
        "dW_from_unpadded": [("X[here], dZ)", "A_prev[here], dZ)")],
        "filter_flipped": [("W[u, v].T", "W[f - 1 - u, f - 1 - v].T")],
        "random_start": [("dX = np.zeros(X.shape)", "dX = np.random.randn(*X.shape)")],
        "integer_gradients": [
            ("dX = np.zeros(X.shape)", "dX = np.zeros_like(X)"),
            ("dW = np.zeros(W.shape)", "dW = np.zeros_like(W)"),
        ],
        "db_flat": [(", keepdims=True", "")],
    },
)

PLACES_ENUMERATED = Style(
    "places_enumerated",
    NUMPY
    + """\
def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    f = W.shape[0]
    around = ((pad, pad), (pad, pad), (0, 0))
    dA_prev = np.zeros(A_prev.shape)
    dW = np.zeros(W.shape)
    db = np.zeros(b.shape)
    for i, image in enumerate(A_prev):
        image_pad = np.pad(image, around)
        d_image = np.zeros(image_pad.shape)
        for h, row in enumerate(dZ[i]):
            for w, gradients in enumerate(row):
                top, left = h * stride, w * stride
                bottom, right = top + f, left + f
                for c, gradient in enumerate(gradients):
                    d_image[top:bottom, left:right] += gradient * W[:, :, :, c]
                    dW[:, :, :, c] += gradient * image_pad[top:bottom, left:right]
                    db[0, 0, 0, c] += gradient
        height, width, _ = image.shape
        dA_prev[i] = d_image[pad:pad + height, pad:pad + width]
    return dA_prev, dW, db
""",
    {
        "end_at_minus_pad": [("pad:pad + height, pad:pad + width", "pad:-pad, pad:-pad")],
        "crop_outside_loop": [
            (
                "        height, width, _ = image.shape\n        dA_prev[i]",
                "    height, width, _ = image.shape\n    dA_prev[i]",
            )
        ],
        "stride_ignored": [("h * stride, w * stride", "h, w")],
        "window_side_as_stride": [("h * stride, w * stride", "h * f, w * f")],
        "corners_swapped": [
            ("d_image[top:bottom, left:right]", "d_image[left:right, top:bottom]"),
            ("image_pad[top:bottom, left:right]", "image_pad[left:right, top:bottom]"),
        ],
        "horizontal_from_h": [("w * stride", "h * stride")],
        "all_overwritten": [
            ("left:right] +=", "left:right] ="),
            ("dW[:, :, :, c] +=", "dW[:, :, :, c] ="),
            ("db[0, 0, 0, c] +=", "db[0, 0, 0, c] ="),
        ],
        "dA_overwritten": [("left:right] +=", "left:right] =")],
        "dW_overwritten": [("dW[:, :, :, c] +=", "dW[:, :, :, c] =")],
        "db_overwritten": [("db[0, 0, 0, c] +=", "db[0, 0, 0, c] =")],
        "averaged_over_examples": [("return dA_prev, dW, db", "m = len(dZ)\n    return dA_prev, dW / m, db / m")],
        "dW_averaged": [("return dA_prev, dW, db", "return dA_prev, dW / len(dZ), db")],
        "db_averaged": [("return dA_prev, dW, db", "return dA_prev, dW, db / len(dZ)")],
        "dW_from_unpadded": [("gradient * image_pad[", "gradient * image[")],
        "dZ_forgotten_in_dA": [("gradient * W[:, :, :, c]", "W[:, :, :, c]")],
        "dZ_forgotten_in_dW": [("gradient * image_pad", "image_pad")],
        "dZ_counted_in_db": [("c] += gradient\n", "c] += 1\n")],
        "factors_swapped": [
            ("gradient * W[:, :, :, c]", "gradient * image_pad[top:bottom, left:right]"),
            ("gradient * image_pad[top:bottom, left:right]", "gradient * W[:, :, :, c]"),
        ],
        "filter_flipped": [("gradient * W[:, :, :, c]", "gradient * np.rot90(W[:, :, :, c], 2)")],
        "first_example_read": [("np.pad(image, around)", "np.pad(A_prev[0], around)")],
        "first_example_only": [("    return dA_prev", "        return dA_prev")],
        "random_start": [
            ("np.zeros(W.shape)", "np.random.normal(size=W.shape)"),
            ("np.zeros(b.shape)", "np.random.normal(size=b.shape)"),
            ("np.zeros(image_pad.shape)", "np.random.normal(size=image_pad.shape)"),
        ],
        "integer_gradients": [
            ("np.zeros(A_prev.shape)", "np.zeros_like(A_prev)"),
            ("np.zeros(W.shape)", "np.zeros_like(W)"),
            ("np.zeros(b.shape)", "np.zeros_like(b)"),
        ],
        "db_flat": [("np.zeros(b.shape)", "np.zeros(b.size)"), ("db[0, 0, 0, c]", "db[c]")],
    },
)

COUNTERS = Style(
    "counters",
    NUMPY
    + ZERO_PAD
    + """\
def conv_backward(dZ, cache):
    A_prev = cache[0]
    W = cache[1]
    b = cache[2]
    stride = cache[3]["stride"]
    pad = cache[3]["pad"]
    n_images, out_H, out_W, n_filters = dZ.shape
    f = W.shape[0]
    padded = zero_pad(A_prev, pad)
    d_padded = np.zeros(padded.shape)
    dW = np.zeros(W.shape)
    db = np.zeros(b.shape)
    i = 0
    while i < n_images:
        h = 0
        y = 0
        while h < out_H:
            w = 0
            x = 0
            while w < out_W:
                c = 0
                while c < n_filters:
                    d = dZ[i, h, w, c]
                    d_padded[i, y:y + f, x:x + f] += d * W[:, :, :, c]
                    dW[:, :, :, c] += d * padded[i, y:y + f, x:x + f]
                    db[0, 0, 0, c] += d
                    c += 1
                w += 1
                x += stride
            h += 1
            y += stride
        i += 1
    if pad == 0:
        dA_prev = d_padded
    else:
        dA_prev = d_padded[:, pad:-pad, pad:-pad, :]
    return dA_prev, dW, db
""",
    {
        "end_at_minus_pad": [
            (
                "    if pad == 0:\n        dA_prev = d_padded\n    else:\n        dA_prev = d_padded[:",
                "    dA_prev = d_padded[:",
            )
        ],
        "crop_missing": [("return dA_prev", "return d_padded")],
        "stride_ignored": [("y += stride", "y += 1"), ("x += stride", "x += 1")],
        "window_side_as_stride": [("y += stride", "y += f"), ("x += stride", "x += f")],
        "corners_swapped": [
            ("d_padded[i, y:y + f, x:x + f] +=", "d_padded[i, x:x + f, y:y + f] +="),
            ("d * padded[i, y:y + f, x:x + f]", "d * padded[i, x:x + f, y:y + f]"),
        ],
        "horizontal_from_h": [
            ("d_padded[i, y:y + f, x:x + f] +=", "d_padded[i, y:y + f, y:y + f] +="),
            ("d * padded[i, y:y + f, x:x + f]", "d * padded[i, y:y + f, y:y + f]"),
        ],
        "all_overwritten": [
            ("x:x + f] += d", "x:x + f] = d"),
            ("dW[:, :, :, c] +=", "dW[:, :, :, c] ="),
            ("db[0, 0, 0, c] +=", "db[0, 0, 0, c] ="),
        ],
        "dA_overwritten": [("x:x + f] += d", "x:x + f] = d")],
        "dW_overwritten": [("dW[:, :, :, c] +=", "dW[:, :, :, c] =")],
        "db_overwritten": [("db[0, 0, 0, c] += d", "db[0, 0, 0, c] = d")],
        "averaged_over_examples": [
            ("    if pad == 0", "    dW = dW / n_images\n    db = db / n_images\n    if pad == 0")
        ],
        "dW_averaged": [("    if pad == 0", "    dW = dW / n_images\n    if pad == 0")],
        "dW_from_unpadded": [("d * padded[i", "d * A_prev[i")],
        "dZ_forgotten_in_dA": [("d * W[:, :, :, c]", "W[:, :, :, c]")],
        "dZ_forgotten_in_dW": [("d * padded[i, ", "padded[i, ")],
        "dZ_counted_in_db": [("c] += d\n", "c] += 1\n")],
        "factors_swapped": [
            ("d * W[:, :, :, c]", "d * padded[i, y:y + f, x:x + f]"),
            ("d * padded[i, y:y + f, x:x + f]", "d * W[:, :, :, c]"),
        ],
        "filter_flipped": [("d * W[:, :, :, c]", "d * np.flip(W[:, :, :, c])")],
        "first_example_read": [("d * padded[i, y", "d * padded[0, y")],
        "first_example_only": [("        i += 1\n", "        break\n")],
        "random_start": [
            ("np.zeros(padded.shape)", "np.random.rand(*padded.shape)"),
            ("np.zeros(W.shape)", "np.random.rand(*W.shape)"),
            ("np.zeros(b.shape)", "np.random.rand(*b.shape)"),
        ],
        "integer_gradients": [
            ("np.zeros(padded.shape)", "np.zeros(padded.shape, dtype=padded.dtype)"),
            ("np.zeros(W.shape)", "np.zeros(W.shape, dtype=W.dtype)"),
            ("np.zeros(b.shape)", "np.zeros(b.shape, dtype=b.dtype)"),
        ],
        "db_flat": [("return dA_prev, dW, db", "return dA_prev, dW, np.squeeze(db)")],
    },
)

STYLES = (
    FOUR_CORNERS,
    BY_HAND,
    FLAT_LOOP,
    ALL_EXAMPLES,
    ALL_FILTERS,
    SHIFTED_INPUTS,
    PLACES_ENUMERATED,
    COUNTERS,
)
