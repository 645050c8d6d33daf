"""What students plausibly get wrong in each question, as functions to compare theirs with, and the words that help.

``CATALOGUES[question].imitate(names)`` returns the function that somebody with exactly these misconceptions would
write; with no name it is right. Where a misconception makes a step impossible, it raises, as the student's does.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from stepgrade.diagnose import Catalogue, Misconception

Names = frozenset[str]
Function = Callable[..., object]

HALF_TURN = "2. Half a turn (5 points) ★☆☆"
WIDE = "3. Wide convolution (25 points) ★★☆"
ONE_BY_ONE = "4. 1x1 kernels (20 points) ★☆☆"
COST = "5. What a layer costs (18 points) ★☆☆"
MATRIX = "6. A convolution is a matrix (20 points) ★★★"


def catalogue(
    section: str, sentences: dict[str, str], build: Callable[[Names], Function], *exclusive: set[str]
) -> Catalogue:
    """Make the catalogue of one question; of each set in ``exclusive``, nobody can have two at once."""

    def imitate(names: Names) -> Function:
        unknown = names - sentences.keys()
        if unknown:
            raise ValueError(f"no misconception {', '.join(sorted(unknown))}; known here: {', '.join(sentences)}")
        for group in exclusive:
            if len(names & group) > 1:
                raise ValueError(f"{' and '.join(sorted(names & group))} exclude each other")
        return build(names)

    misconceptions = tuple(Misconception(name, sentence, section) for name, sentence in sentences.items())
    return Catalogue(misconceptions, imitate)


def turning(names: Names) -> Function:
    def rot180(X):
        if "transposed" in names:
            return X.T.copy()
        if "quarter_turn" in names:
            return np.rot90(X).copy()
        if "other_diagonal" in names:
            return X[::-1, ::-1].T.copy()
        rows = 1 if "columns_only" in names else -1
        columns = 1 if "rows_only" in names else -1
        return X[::rows, ::columns].copy()

    return rot180


ROT180 = catalogue(
    HALF_TURN,
    {
        "transposed": "Your matrix is mirrored at its main diagonal. Half a turn keeps the shape and moves every "
        "entry to the opposite place, so the diagonal does not stay where it was.",
        "other_diagonal": "Your matrix is turned and transposed at once, which is a mirror at the other diagonal. "
        "Half a turn keeps the shape, also of a matrix that is not square.",
        "rows_only": "The rows come in reverse order, but each row is still read forwards. Half a turn reverses both "
        "axes.",
        "columns_only": "Each row is read backwards, but the rows are in their old order. Half a turn reverses both "
        "axes.",
        "quarter_turn": "Your matrix is turned by 90 degrees, so a matrix that is not square changes its shape. Two "
        "turns like this one make the half turn that is asked for.",
    },
    turning,
    {"transposed", "other_diagonal", "rows_only", "columns_only", "quarter_turn"},
)


def sliding(names: Names) -> Function:
    def wide_convolve(X, W):
        if "filter_turned" in names:
            W = W[::-1, ::-1]
        U, V = W.shape
        ring_U, ring_V = U - 1, V - 1
        if "ring_as_wide_as_filter" in names:
            ring_U, ring_V = U, V
        elif "no_ring" in names:
            ring_U = ring_V = 0
        elif "size_kept" in names:
            ring_U, ring_V = (U - 1) // 2, (V - 1) // 2
        elif "ring_sides_swapped" in names:
            ring_U, ring_V = V - 1, U - 1
        elif "ring_of_one" in names:
            ring_U = ring_V = 1
        after = (0, 0) if "ring_on_one_side" in names else (ring_U, ring_V)
        padded = np.pad(X, ((ring_U, after[0]), (ring_V, after[1])))
        Y = np.zeros((padded.shape[0] - U + 1, padded.shape[1] - V + 1))
        for i, j in np.ndindex(Y.shape):
            Y[i, j] = (padded[i : i + U, j : j + V] * W).sum()
        return Y

    return wide_convolve


WIDE_CONVOLVE = catalogue(
    WIDE,
    {
        "filter_turned": "Your filter is turned by 180 degrees before it slides. That is the convolution of "
        "mathematics; here the filter is laid on as it comes, and who wants it turned turns it before.",
        "ring_as_wide_as_filter": "Your ring is as wide as the filter, so the outermost windows see nothing but "
        "zeros. Every window must still touch a pixel, so the ring is narrower by one.",
        "no_ring": "Your windows stay inside the image, so the result is smaller than it. In a wide convolution they "
        "hang over the edge, as far as they still touch a pixel.",
        "size_kept": "Your ring keeps the size of the image, as padding called same does. Wide is wider: the first "
        "window touches the image with its last entry only.",
        "ring_sides_swapped": "Your ring takes its rows from the filter's width and its columns from the filter's "
        "height. For square filters that is the same; for others windows miss pixels or see only zeros.",
        "ring_on_one_side": "Your zeros lie on one side of the image only. The filter hangs over opposite edges "
        "equally.",
        "ring_of_one": "Your ring is one pixel wide, whatever the filter. That fits a filter of side 2; a larger one "
        "must hang over the edge further, until it touches a single pixel.",
    },
    sliding,
    {"ring_as_wide_as_filter", "no_ring", "size_kept", "ring_sides_swapped", "ring_of_one"},
)


def mixing(names: Names) -> Function:
    def conv_1x1(A_prev, W, b):
        weights = W[0, 0].T if "weights_transposed" in names else W[0, 0]
        if "channels_apart" in names:
            n_C = min(weights.shape)
            Z = A_prev[..., :n_C] * weights[range(n_C), range(n_C)]
        else:
            Z = A_prev @ weights
        if "averaged" in names:
            Z = Z / A_prev.shape[-1]
        if "bias_each" in names:
            Z = Z + A_prev.shape[-1] * b[0, 0, 0]
        elif "bias_forgotten" not in names:
            Z = Z + b[0, 0, 0]
        if "cut_to_whole" in names:
            Z = Z.astype(A_prev.dtype)
        return np.maximum(Z, 0) if "activation_inside" in names else Z

    return conv_1x1


CONV_1X1 = catalogue(
    ONE_BY_ONE,
    {
        "bias_forgotten": "Your sums lack their biases. Each output channel adds one number of its own to every pixel.",
        "bias_each": "Your bias goes into every product, so it is counted once for each input channel. It belongs to "
        "the sum, once.",
        "weights_transposed": "Input and output channels of your weights have changed places. The third axis of W "
        "counts the channels that come in, the last one those that go out.",
        "channels_apart": "Each of your output channels looks at a single input channel. A 1x1 kernel sees all "
        "channels of its pixel and adds them up with weights.",
        "averaged": "Your sums are divided by the number of input channels. A kernel adds up products and divides by "
        "nothing; whatever scale is useful is in the weights.",
        "activation_inside": "Negative results are cut off at zero. An activation is a layer of its own and comes "
        "after this one.",
        "cut_to_whole": "Your result has the dtype of the image, so fractions are lost when the image holds whole "
        "numbers.",
    },
    mixing,
    {"bias_forgotten", "bias_each"},
)


def counting(names: Names) -> Function:
    def conv_cost(n_H, n_W, n_C_prev, n_C, f):
        window = f if "side_not_squared" in names else f * f
        n_filters = 1 if "one_filter" in names else n_C
        depth = 1 if "one_channel_deep" in names else n_C_prev
        activations = n_H * n_W * (n_C_prev if "activations_of_input" in names else n_C)
        multiplications = n_H * n_W * n_filters * window * depth
        parameters = window * depth * n_filters
        if "additions_counted" in names:
            multiplications *= 2
        if "bias_counted" in names:
            parameters += n_C
        if "weights_per_position" in names:
            parameters *= n_H * n_W
        return multiplications, activations, parameters

    return conv_cost


CONV_COST = catalogue(
    COST,
    {
        "bias_counted": "Your parameters include the biases. They are few, and this count leaves them out.",
        "activations_of_input": "Your activations are counted with the channels of the input. What a layer adds to "
        "what must be kept is its output.",
        "side_not_squared": "Your filters are counted as lines. A filter of side f covers f rows and f columns.",
        "one_filter": "You count a single filter. There is one for each output channel, and each costs and learns as "
        "much.",
        "one_channel_deep": "Your filters are one channel deep. A filter reads all channels of the input, and "
        "multiplies with each of them.",
        "additions_counted": "You count additions, too: twice as much. Here only multiplications are asked for.",
        "weights_per_position": "You give every position weights of its own, as a dense layer would. In a "
        "convolution all positions share the same filters.",
    },
    counting,
)


def laying_out(names: Names) -> Function:
    def conv_matrix(W, n_H, n_W, stride, pad):
        f = len(W)
        if "filter_turned" in names:
            W = W[::-1, ::-1]
        step = 1 if "stride_ignored" in names else stride
        ring = 0 if "pad_ignored" in names else pad
        rows, columns = (n_H - f + 2 * ring) // step + 1, (n_W - f + 2 * ring) // step + 1
        C = np.zeros((rows * columns, n_H * n_W))
        for h, w, u, v in np.ndindex(rows, columns, f, f):
            i, j = h * step + u, w * step + v
            if "ring_not_taken_off" not in names:
                i, j = i - ring, j - ring
            row, column = h * columns + w, i * n_W + j
            if "column_after_column" in names:
                row, column = w * rows + h, j * n_H + i
            if "height_for_width" in names:
                column = i * n_H + j
            if "ring_wraps_around" in names:
                inside = -C.shape[1] <= column < C.shape[1]
            else:
                inside = 0 <= i < n_H and 0 <= j < n_W
            if inside:
                C[row, column] = W[u, v]
        return C.T.copy() if "transposed" in names else C

    return conv_matrix


CONV_MATRIX = catalogue(
    MATRIX,
    {
        "filter_turned": "The filter stands in your rows turned by 180 degrees. It is laid on as it comes; the "
        "turned one belongs to the way back.",
        "stride_ignored": "Your windows start one pixel apart, whatever the stride. It decides how many outputs "
        "there are, and how far a row is shifted against the one before.",
        "pad_ignored": "Your windows never touch the ring, so there are too few outputs, and they look at other "
        "pixels. Padding moves the first window out of the image by as many pixels.",
        "ring_not_taken_off": "You count pixels in the padded image, so with padding every entry stands too far to "
        "the right. The columns belong to the unpadded image.",
        "ring_wraps_around": "Entries that lie on the ring land in the column of a pixel at the opposite edge. They "
        "meet a zero, so they have no column and must be left out.",
        "column_after_column": "You lay out image and output column after column. Here they are read row after row.",
        "height_for_width": "You count columns of your matrix with the image's height. One row further in the image "
        "means as many entries further as a row has pixels: the width.",
        "transposed": "Rows and columns of your matrix have changed places. There is a row for each output and a "
        "column for each pixel; the transpose is the way back.",
    },
    laying_out,
    {"column_after_column", "height_for_width"},
    {"pad_ignored", "ring_not_taken_off"},
)

CATALOGUES: dict[str, Catalogue] = {
    "rot180": ROT180,
    "wide_convolve": WIDE_CONVOLVE,
    "conv_1x1": CONV_1X1,
    "conv_cost": CONV_COST,
    "conv_matrix": CONV_MATRIX,
}
