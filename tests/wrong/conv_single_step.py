"""How learners write ``conv_single_step``."""

from __future__ import annotations

from tests.wrong.style import NUMPY, Style

IN_STEPS = Style(
    "in_steps",
    NUMPY
    + """\
def conv_single_step(a_slice_prev, W, b):
    # Element-wise product between a_slice_prev and W
    s = a_slice_prev * W
    # Sum over all entries of the volume s
    Z = np.sum(s)
    # Add bias b to Z
    Z = Z + float(b[0, 0, 0])
    return Z
""",
    {
        "bias_forgotten": [("    # Add bias b to Z\n    Z = Z + float(b[0, 0, 0])\n", "")],
        "bias_in_every_product": [
            ("s = a_slice_prev * W", "s = a_slice_prev * W + b"),
            ("    # Add bias b to Z\n    Z = Z + float(b[0, 0, 0])\n", ""),
        ],
        "bias_subtracted": [("Z + float(b[0, 0, 0])", "Z - float(b[0, 0, 0])")],
        "matrix_product": [("a_slice_prev * W", "np.dot(a_slice_prev, W)")],
        "first_channel_only": [("a_slice_prev * W", "a_slice_prev[:, :, 0] * W[:, :, 0]")],
        "channels_kept_apart": [("np.sum(s)", "np.sum(s, axis=(0, 1))")],
        "first_axis_summed": [("np.sum(s)", "sum(s)")],
        "not_summed": [("Z = np.sum(s)", "Z = s")],
        "mean_for_sum": [("np.sum(s)", "np.mean(s)")],
        "array_returned": [("Z + float(b[0, 0, 0])", "Z + b")],
        "filter_flipped": [("a_slice_prev * W", "a_slice_prev * np.rot90(W, 2)")],
        "relu_applied": [("return Z", "return max(0, Z)")],
        "input_modified": [("s = a_slice_prev * W", "a_slice_prev *= W"), ("np.sum(s)", "np.sum(a_slice_prev)")],
    },
)

ONE_LINE = Style(
    "one_line",
    NUMPY
    + """\
def conv_single_step(a_slice_prev, W, b):
    return np.multiply(a_slice_prev, W).sum() + b.item()
""",
    {
        "bias_forgotten": [(" + b.item()", "")],
        "bias_in_every_product": [("np.multiply(a_slice_prev, W).sum() + b.item()", "(a_slice_prev * W + b).sum()")],
        "bias_subtracted": [("+ b.item()", "- b.item()")],
        "matrix_product": [("np.multiply(a_slice_prev, W)", "np.matmul(a_slice_prev, W)")],
        "first_channel_only": [("(a_slice_prev, W)", "(a_slice_prev[..., 0], W[..., 0])")],
        "channels_kept_apart": [(".sum()", ".sum(axis=0).sum(axis=0)")],
        "first_axis_summed": [(".sum()", ".sum(axis=0)")],
        "not_summed": [(".sum()", "")],
        "mean_for_sum": [(".sum()", ".mean()")],
        "array_returned": [("b.item()", "b")],
        "filter_flipped": [("(a_slice_prev, W)", "(a_slice_prev, W[::-1, ::-1])")],
        "relu_applied": [
            (
                "np.multiply(a_slice_prev, W).sum() + b.item()",
                "np.maximum(np.multiply(a_slice_prev, W).sum() + b.item(), 0)",
            )
        ],
        "input_modified": [("np.multiply(a_slice_prev, W)", "np.multiply(a_slice_prev, W, out=a_slice_prev)")],
    },
)

THREE_LOOPS = Style(
    "three_loops",
    NUMPY
    + """\
def conv_single_step(a_slice_prev, W, b):
    f, _, n_C_prev = W.shape
    total = 0.0
    for row in range(f):
        for col in range(f):
            for channel in range(n_C_prev):
                total += a_slice_prev[row, col, channel] * W[row, col, channel]
    return total + b[0][0][0]
""",
    {
        "bias_forgotten": [(" + b[0][0][0]", "")],
        "bias_in_every_product": [
            ("* W[row, col, channel]", "* W[row, col, channel] + b[0][0][0]"),
            ("total + b[0][0][0]", "total"),
        ],
        "bias_subtracted": [("total + b[0][0][0]", "total - b[0][0][0]")],
        "first_channel_only": [
            ("            for channel in range(n_C_prev):\n    ", ""),
            ("a_slice_prev[row, col, channel] * W[row, col, channel]", "a_slice_prev[row, col, 0] * W[row, col, 0]"),
        ],
        "channels_kept_apart": [("total = 0.0", "total = np.zeros(n_C_prev)"), ("total +=", "total[channel] +=")],
        "mean_for_sum": [("total + b", "total / W.size + b")],
        "array_returned": [("b[0][0][0]", "b")],
        "filter_flipped": [("W[row, col, channel]", "W[f - 1 - row, f - 1 - col, channel]")],
        "relu_applied": [
            ("    return total + b[0][0][0]", "    total = total + b[0][0][0]\n    return total if total > 0 else 0")
        ],
        "not_summed": [
            ("total = 0.0", "total = np.zeros(W.shape)"),
            ("total +=", "total[row, col, channel] ="),
        ],
        "input_modified": [
            (
                "total += a_slice_prev[row, col, channel] * W[row, col, channel]",
                "a_slice_prev[row, col, channel] *= W[row, col, channel]\n"
                "                total += a_slice_prev[row, col, channel]",
            ),
        ],
    },
)

EINSUM = Style(
    "einsum",
    NUMPY
    + """\
def conv_single_step(a_slice_prev, W, b):
    Z = np.einsum("ijk,ijk->", a_slice_prev, W) + np.squeeze(b)
    return float(Z)
""",
    {
        "bias_forgotten": [(" + np.squeeze(b)", "")],
        "bias_subtracted": [("+ np.squeeze(b)", "- np.squeeze(b)")],
        "matrix_product": [("ijk,ijk->", "ijk,ikl->")],
        "first_channel_only": [('"ijk,ijk->", a_slice_prev, W', '"ij,ij->", a_slice_prev[:, :, 0], W[:, :, 0]')],
        "channels_kept_apart": [("ijk,ijk->", "ijk,ijk->k"), ("float(Z)", "Z")],
        "not_summed": [("ijk,ijk->", "ijk,ijk->ijk"), ("float(Z)", "Z")],
        "array_returned": [("np.squeeze(b)", "b"), ("float(Z)", "Z")],
        "filter_flipped": [("a_slice_prev, W)", "a_slice_prev, np.flip(W))")],
        "relu_applied": [("float(Z)", "float(np.maximum(0, Z))")],
    },
)

FLATTENED = Style(
    "flattened",
    NUMPY
    + """\
def conv_single_step(a_slice_prev, W, b):
    x = a_slice_prev.reshape(-1)
    w = W.reshape(-1)
    bias = b.reshape(-1)[0]
    return np.dot(x, w) + bias
""",
    {
        "bias_forgotten": [("    bias = b.reshape(-1)[0]\n", ""), (" + bias", "")],
        "bias_in_every_product": [("np.dot(x, w) + bias", "np.sum(x * w + bias)")],
        "bias_subtracted": [("+ bias", "- bias")],
        "matrix_product": [
            ("    x = a_slice_prev.reshape(-1)\n    w = W.reshape(-1)\n", ""),
            ("np.dot(x, w)", "np.sum(a_slice_prev @ W)"),
        ],
        "first_channel_only": [
            ("a_slice_prev.reshape", "a_slice_prev[:, :, 0].reshape"),
            ("W.reshape", "W[:, :, 0].reshape"),
        ],
        "not_summed": [("np.dot(x, w)", "x * w")],
        "mean_for_sum": [("np.dot(x, w)", "np.dot(x, w) / len(x)")],
        "array_returned": [("b.reshape(-1)[0]", "b")],
        "filter_flipped": [("np.dot(x, w)", "np.dot(x, w[::-1])")],
        "relu_applied": [("np.dot(x, w) + bias", "np.maximum(0, np.dot(x, w) + bias)")],
    },
)

CHANNEL_BY_CHANNEL = Style(
    "channel_by_channel",
    NUMPY
    + """\
def conv_single_step(a_slice_prev, W, b):
    Z = 0
    for k in range(a_slice_prev.shape[-1]):
        layer = a_slice_prev[:, :, k]
        weights = W[:, :, k]
        Z = Z + np.sum(layer * weights)
    Z = Z + b[0, 0, 0]
    return Z
""",
    {
        "bias_forgotten": [("    Z = Z + b[0, 0, 0]\n", "")],
        "bias_in_every_product": [
            ("layer * weights", "layer * weights + b[0, 0, 0]"),
            ("    Z = Z + b[0, 0, 0]\n", ""),
        ],
        "bias_subtracted": [("Z + b[0, 0, 0]", "Z - b[0, 0, 0]")],
        "matrix_product": [("layer * weights", "layer.dot(weights)")],
        "first_channel_only": [
            ("    Z = Z + b[0, 0, 0]\n    return Z", "        Z = Z + b[0, 0, 0]\n        return Z")
        ],
        "channels_kept_apart": [
            ("Z = 0\n", "Z = []\n"),
            ("Z = Z + np.sum(layer * weights)", "Z.append(np.sum(layer * weights))"),
            ("    Z = Z + b[0, 0, 0]", "    Z = np.array(Z) + b[0, 0, 0]"),
        ],
        "mean_for_sum": [("np.sum(layer * weights)", "np.mean(layer * weights)")],
        "array_returned": [("Z + b[0, 0, 0]", "Z + b")],
        "filter_flipped": [("weights = W[:, :, k]", "weights = W[::-1, ::-1, k]")],
        "relu_applied": [("return Z", "return max(Z, 0.0)")],
        "input_modified": [
            ("        Z = Z + np.sum(layer * weights)", "        layer *= weights\n        Z = Z + np.sum(layer)")
        ],
    },
)

PAIRS = Style(
    "pairs",
    NUMPY
    + """\
def conv_single_step(a_slice_prev, W, b):
    products = [a * w for a, w in zip(a_slice_prev.flatten(), W.flatten())]
    return sum(products) + b.flatten()[0]
""",
    {
        "bias_forgotten": [(" + b.flatten()[0]", "")],
        "bias_in_every_product": [
            ("a * w for", "a * w + b.flatten()[0] for"),
            ("sum(products) + b.flatten()[0]", "sum(products)"),
        ],
        "bias_subtracted": [("+ b.flatten()[0]", "- b.flatten()[0]")],
        "mean_for_sum": [("sum(products)", "sum(products) / len(products)")],
        "not_summed": [("sum(products)", "np.array(products)")],
        "first_axis_summed": [("zip(a_slice_prev.flatten(), W.flatten())", "zip(a_slice_prev, W)")],
        "array_returned": [("b.flatten()[0]", "b.flatten()")],
        "filter_flipped": [("W.flatten()", "W.flatten()[::-1]")],
        "relu_applied": [("return sum(products) + b.flatten()[0]", "return max(0, sum(products) + b.flatten()[0])")],
    },
)

STYLES = (IN_STEPS, ONE_LINE, THREE_LOOPS, EINSUM, FLATTENED, CHANNEL_BY_CHANNEL, PAIRS)
