"""How learners write ``zero_pad``."""

from __future__ import annotations

from tests.wrong.style import NUMPY, Style

ONE_CALL = Style(
    "one_call",
    NUMPY
    + """\
def zero_pad(X, pad):
    X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode='constant', constant_values=0)
    return X_pad
""",
    {
        "not_padded": [("return X_pad", "return X")],
        "before_only": [("(pad, pad), (pad, pad)", "(pad, 0), (pad, 0)")],
        "after_only": [("(pad, pad), (pad, pad)", "(0, pad), (0, pad)")],
        "rows_only": [("(pad, pad), (pad, pad)", "(pad, pad), (0, 0)")],
        "columns_only": [("(pad, pad), (pad, pad)", "(0, 0), (pad, pad)")],
        "channels_padded": [("(pad, pad), (0, 0))", "(pad, pad), (pad, pad))")],
        "examples_padded": [("((0, 0), (pad, pad)", "((pad, pad), (pad, pad)")],
        "every_axis_padded": [("((0, 0), (pad, pad), (pad, pad), (0, 0))", "pad")],
        "width_and_channels_padded": [
            ("((0, 0), (pad, pad), (pad, pad), (0, 0))", "((0, 0), (0, 0), (pad, pad), (pad, pad))")
        ],
        "examples_and_height_padded": [
            ("((0, 0), (pad, pad), (pad, pad), (0, 0))", "((pad, pad), (pad, pad), (0, 0), (0, 0))")
        ],
        "pad_doubled": [("(pad, pad), (pad, pad)", "(2*pad, 2*pad), (2*pad, 2*pad)")],
        "pad_halved": [("(pad, pad), (pad, pad)", "(pad//2, pad//2), (pad//2, pad//2)")],
        "always_one": [("(pad, pad), (pad, pad)", "(1, 1), (1, 1)")],
        "edge_repeated": [("mode='constant', constant_values=0", "mode='edge'")],
        "mirrored": [("mode='constant', constant_values=0", "mode='reflect'")],
    },
)

ZEROS_AND_SLICE = Style(
    "zeros_and_slice",
    NUMPY
    + """\
def zero_pad(X, pad):
    m, n_H, n_W, n_C = X.shape
    X_pad = np.zeros((m, n_H + 2 * pad, n_W + 2 * pad, n_C))
    X_pad[:, pad:pad + n_H, pad:pad + n_W, :] = X
    return X_pad
""",
    {
        "not_padded": [("return X_pad", "return X")],
        "before_only": [("n_H + 2 * pad", "n_H + pad"), ("n_W + 2 * pad", "n_W + pad")],
        "after_only": [
            ("n_H + 2 * pad", "n_H + pad"),
            ("n_W + 2 * pad", "n_W + pad"),
            ("pad:pad + n_H, pad:pad + n_W", ":n_H, :n_W"),
        ],
        "rows_only": [("n_W + 2 * pad", "n_W"), ("pad:pad + n_W", ":")],
        "columns_only": [("n_H + 2 * pad", "n_H"), ("pad:pad + n_H", ":")],
        "channels_padded": [
            ("n_W + 2 * pad, n_C", "n_W + 2 * pad, n_C + 2 * pad"),
            ("pad:pad + n_W, :]", "pad:pad + n_W, pad:pad + n_C]"),
        ],
        "examples_padded": [("((m, ", "((m + 2 * pad, "), ("X_pad[:, pad", "X_pad[pad:pad + m, pad")],
        "every_axis_padded": [
            ("(m, n_H + 2 * pad, n_W + 2 * pad, n_C)", "np.array(X.shape) + 2 * pad"),
            ("[:, pad:pad + n_H, pad:pad + n_W, :]", "[pad:pad + m, pad:pad + n_H, pad:pad + n_W, pad:pad + n_C]"),
        ],
        "width_and_channels_padded": [
            ("n_H + 2 * pad, n_W + 2 * pad, n_C", "n_H, n_W + 2 * pad, n_C + 2 * pad"),
            ("[:, pad:pad + n_H, pad:pad + n_W, :]", "[:, :, pad:pad + n_W, pad:pad + n_C]"),
        ],
        "examples_and_height_padded": [
            ("(m, n_H + 2 * pad, n_W + 2 * pad, n_C)", "(m + 2 * pad, n_H + 2 * pad, n_W, n_C)"),
            ("[:, pad:pad + n_H, pad:pad + n_W, :]", "[pad:pad + m, pad:pad + n_H, :, :]"),
        ],
        "pad_doubled": [("    m, n_H", "    pad = 2 * pad  # both sides\n    m, n_H")],
        "pad_halved": [
            ("n_H + 2 * pad", "n_H + pad"),
            ("n_W + 2 * pad", "n_W + pad"),
            ("pad:pad + n_H, pad:pad + n_W", "pad // 2:pad // 2 + n_H, pad // 2:pad // 2 + n_W"),
        ],
        "always_one": [
            ("n_H + 2 * pad", "n_H + 2"),
            ("n_W + 2 * pad", "n_W + 2"),
            ("pad:pad + n_H, pad:pad + n_W", "1:1 + n_H, 1:1 + n_W"),
        ],
        "end_at_minus_pad": [("pad:pad + n_H, pad:pad + n_W", "pad:-pad, pad:-pad")],
    },
)

CONCATENATED = Style(
    "concatenated",
    NUMPY
    + """\
def zero_pad(X, pad):
    m, n_H, n_W, n_C = X.shape
    rows = np.zeros((m, pad, n_W, n_C))
    X_pad = np.concatenate((rows, X, rows), axis=1)
    columns = np.zeros((m, n_H + 2 * pad, pad, n_C))
    X_pad = np.concatenate((columns, X_pad, columns), axis=2)
    return X_pad
""",
    {
        "not_padded": [("return X_pad", "return X")],
        "before_only": [
            ("(rows, X, rows)", "(rows, X)"),
            ("n_H + 2 * pad", "n_H + pad"),
            ("(columns, X_pad, columns)", "(columns, X_pad)"),
        ],
        "after_only": [
            ("(rows, X, rows)", "(X, rows)"),
            ("n_H + 2 * pad", "n_H + pad"),
            ("(columns, X_pad, columns)", "(X_pad, columns)"),
        ],
        "rows_only": [
            ("    columns = np.zeros((m, n_H + 2 * pad, pad, n_C))\n", ""),
            ("    X_pad = np.concatenate((columns, X_pad, columns), axis=2)\n", ""),
        ],
        "columns_only": [("n_H + 2 * pad", "n_H"), ("(columns, X_pad, columns)", "(columns, X, columns)")],
        "channels_padded": [
            (
                "    return X_pad",
                "    depth = np.zeros((m, n_H + 2 * pad, n_W + 2 * pad, pad))\n"
                "    X_pad = np.concatenate((depth, X_pad, depth), axis=3)\n"
                "    return X_pad",
            )
        ],
        "width_and_channels_padded": [
            ("(m, pad, n_W, n_C)", "(m, n_H, pad, n_C)"),
            ("axis=1", "axis=2"),
            ("(m, n_H + 2 * pad, pad, n_C)", "(m, n_H, n_W + 2 * pad, pad)"),
            ("columns), axis=2", "columns), axis=3"),
        ],
        "examples_and_height_padded": [
            ("(m, pad, n_W, n_C)", "(pad, n_H, n_W, n_C)"),
            ("axis=1", "axis=0"),
            ("(m, n_H + 2 * pad, pad, n_C)", "(m + 2 * pad, pad, n_W, n_C)"),
            ("axis=2", "axis=1"),
        ],
        "pad_doubled": [
            ("(m, pad, n_W, n_C)", "(m, 2 * pad, n_W, n_C)"),
            ("(m, n_H + 2 * pad, pad, n_C)", "(m, n_H + 4 * pad, 2 * pad, n_C)"),
        ],
        "pad_halved": [
            ("(m, pad, n_W, n_C)", "(m, pad // 2, n_W, n_C)"),
            ("(m, n_H + 2 * pad, pad, n_C)", "(m, X_pad.shape[1], pad // 2, n_C)"),
        ],
        "always_one": [
            ("(m, pad, n_W, n_C)", "(m, 1, n_W, n_C)"),
            ("(m, n_H + 2 * pad, pad, n_C)", "(m, n_H + 2, 1, n_C)"),
        ],
    },
)

IMAGE_BY_IMAGE = Style(
    "image_by_image",
    NUMPY
    + """\
def zero_pad(X, pad):
    padded = []
    for image in X:
        padded.append(np.pad(image, ((pad, pad), (pad, pad), (0, 0)), "constant"))
    return np.array(padded)
""",
    {
        "not_padded": [
            (
                'padded.append(np.pad(image, ((pad, pad), (pad, pad), (0, 0)), "constant"))',
                'image = np.pad(image, ((pad, pad), (pad, pad), (0, 0)), "constant")',
            ),
            ("return np.array(padded)", "return X"),
        ],
        "before_only": [("(pad, pad), (pad, pad)", "(pad, 0), (pad, 0)")],
        "after_only": [("(pad, pad), (pad, pad)", "(0, pad), (0, pad)")],
        "rows_only": [("((pad, pad), (pad, pad), (0, 0))", "((pad, pad), (0, 0), (0, 0))")],
        "columns_only": [("((pad, pad), (pad, pad), (0, 0))", "((0, 0), (pad, pad), (0, 0))")],
        "channels_padded": [("((pad, pad), (pad, pad), (0, 0))", "pad")],
        "width_and_channels_padded": [("((pad, pad), (pad, pad), (0, 0))", "((0, 0), (pad, pad), (pad, pad))")],
        "pad_doubled": [("((pad, pad), (pad, pad), (0, 0))", "((pad * 2, pad * 2), (pad * 2, pad * 2), (0, 0))")],
        "pad_halved": [
            ("    padded = []", "    half = pad // 2\n    padded = []"),
            ("(pad, pad), (pad, pad)", "(half, half), (half, half)"),
        ],
        "always_one": [("(pad, pad), (pad, pad)", "(1, 1), (1, 1)")],
        "edge_repeated": [('"constant"', '"edge"')],
        "mirrored": [('"constant"', '"symmetric"')],
    },
)

PIXEL_BY_PIXEL = Style(
    "pixel_by_pixel",
    NUMPY
    + """\
def zero_pad(X, pad):
    (m, n_H, n_W, n_C) = X.shape
    new_H = n_H + 2*pad
    new_W = n_W + 2*pad
    X_pad = np.zeros((m, new_H, new_W, n_C))
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    X_pad[i, h+pad, w+pad, c] = X[i, h, w, c]
    return X_pad
""",
    {
        "before_only": [("n_H + 2*pad", "n_H + pad"), ("n_W + 2*pad", "n_W + pad")],
        "after_only": [
            ("n_H + 2*pad", "n_H + pad"),
            ("n_W + 2*pad", "n_W + pad"),
            ("X_pad[i, h+pad, w+pad, c]", "X_pad[i, h, w, c]"),
        ],
        "rows_only": [("new_W = n_W + 2*pad", "new_W = n_W"), ("w+pad", "w")],
        "columns_only": [("new_H = n_H + 2*pad", "new_H = n_H"), ("h+pad", "h")],
        "channels_padded": [("new_W, n_C))", "new_W, n_C + 2*pad))"), ("w+pad, c]", "w+pad, c+pad]")],
        "examples_padded": [("np.zeros((m,", "np.zeros((m + 2*pad,"), ("X_pad[i,", "X_pad[i+pad,")],
        "every_axis_padded": [
            ("np.zeros((m, new_H, new_W, n_C))", "np.zeros((m + 2*pad, new_H, new_W, n_C + 2*pad))"),
            ("[i, h+pad, w+pad, c]", "[i+pad, h+pad, w+pad, c+pad]"),
        ],
        "pad_doubled": [
            ("n_H + 2*pad", "n_H + 4*pad"),
            ("n_W + 2*pad", "n_W + 4*pad"),
            ("h+pad, w+pad", "h+2*pad, w+2*pad"),
        ],
        "pad_halved": [
            ("n_H + 2*pad", "n_H + pad"),
            ("n_W + 2*pad", "n_W + pad"),
            ("h+pad, w+pad", "h+pad//2, w+pad//2"),
        ],
        "always_one": [("n_H + 2*pad", "n_H + 2"), ("n_W + 2*pad", "n_W + 2"), ("h+pad, w+pad", "h+1, w+1")],
    },
)

WIDTHS_IN_A_LIST = Style(
    "widths_in_a_list",
    NUMPY
    + """\
def zero_pad(X, pad):
    widths = [(0, 0)] * 4
    for axis in (1, 2):
        widths[axis] = (pad, pad)
    return np.pad(X, widths)
""",
    {
        "before_only": [("(pad, pad)", "(pad, 0)")],
        "after_only": [("(pad, pad)", "(0, pad)")],
        "rows_only": [("in (1, 2)", "in (1,)")],
        "columns_only": [("in (1, 2)", "in (2,)")],
        "channels_padded": [("in (1, 2)", "in (1, 2, 3)")],
        "examples_padded": [("in (1, 2)", "in range(3)")],
        "every_axis_padded": [("in (1, 2)", "in range(4)")],
        "width_and_channels_padded": [("in (1, 2)", "in (2, 3)")],
        "examples_and_height_padded": [("in (1, 2)", "in (0, 1)")],
        "pad_doubled": [("(pad, pad)", "(2 * pad, 2 * pad)")],
        "pad_halved": [("(pad, pad)", "(pad // 2, pad - pad // 2)")],
        "always_one": [("(pad, pad)", "(1, 1)")],
        "edge_repeated": [("np.pad(X, widths)", 'np.pad(X, widths, "edge")')],
        "mirrored": [("np.pad(X, widths)", 'np.pad(X, widths, "reflect")')],
    },
)

SHAPE_THAT_GROWS = Style(
    "shape_that_grows",
    NUMPY
    + """\
def zero_pad(X, pad):
    shape = list(X.shape)
    shape[1] += 2 * pad
    shape[2] += 2 * pad
    result = np.zeros(shape, dtype=X.dtype)
    result[:, pad:shape[1] - pad, pad:shape[2] - pad] = X
    return result
""",
    {
        "before_only": [
            ("shape[1] += 2 * pad", "shape[1] += pad"),
            ("shape[2] += 2 * pad", "shape[2] += pad"),
            ("pad:shape[1] - pad, pad:shape[2] - pad", "pad:, pad:"),
        ],
        "after_only": [
            ("shape[1] += 2 * pad", "shape[1] += pad"),
            ("shape[2] += 2 * pad", "shape[2] += pad"),
            ("pad:shape[1] - pad, pad:shape[2] - pad", ":shape[1] - pad, :shape[2] - pad"),
        ],
        "rows_only": [("    shape[2] += 2 * pad\n", ""), (", pad:shape[2] - pad", "")],
        "columns_only": [("    shape[1] += 2 * pad\n", ""), ("pad:shape[1] - pad", ":")],
        "channels_padded": [
            ("    result = ", "    shape[3] += 2 * pad\n    result = "),
            ("pad:shape[2] - pad]", "pad:shape[2] - pad, pad:shape[3] - pad]"),
        ],
        "examples_padded": [
            ("    shape[1] +=", "    shape[0] += 2 * pad\n    shape[1] +="),
            ("[:, pad:shape[1]", "[pad:shape[0] - pad, pad:shape[1]"),
        ],
        "width_and_channels_padded": [
            ("shape[1] += 2", "shape[2] += 2"),
            ("shape[2] += 2", "shape[3] += 2"),
            ("[:, pad:shape[1] - pad, pad:shape[2] - pad]", "[:, :, pad:shape[2] - pad, pad:shape[3] - pad]"),
        ],
        "examples_and_height_padded": [
            ("shape[1] += 2", "shape[0] += 2"),
            ("shape[2] += 2", "shape[1] += 2"),
            ("[:, pad:shape[1] - pad, pad:shape[2] - pad]", "[pad:shape[0] - pad, pad:shape[1] - pad]"),
        ],
        "always_one": [
            ("shape[1] += 2 * pad", "shape[1] += 2"),
            ("shape[2] += 2 * pad", "shape[2] += 2"),
            ("pad:shape[1] - pad, pad:shape[2] - pad", "1:shape[1] - 1, 1:shape[2] - 1"),
        ],
        "end_at_minus_pad": [("pad:shape[1] - pad, pad:shape[2] - pad", "pad:-pad, pad:-pad")],
    },
)

STYLES = (
    ONE_CALL,
    ZEROS_AND_SLICE,
    CONCATENATED,
    IMAGE_BY_IMAGE,
    PIXEL_BY_PIXEL,
    WIDTHS_IN_A_LIST,
    SHAPE_THAT_GROWS,
)
