"""How learners write ``create_mask_from_window``."""

from __future__ import annotations

from tests.wrong.style import NUMPY, Style

COMPARED = Style(
    "compared",
    NUMPY
    + """\
def create_mask_from_window(x):
    mask = (x == np.max(x))
    return mask
""",
    {
        "value_kept": [("return mask", "return x * mask")],
        "maximum_returned": [("(x == np.max(x))", "np.max(x)")],
        "position_returned": [("(x == np.max(x))", "np.argmax(x)")],
        "minimum_marked": [("np.max", "np.min")],
        "largest_magnitude": [("(x == np.max(x))", "(np.abs(x) == np.max(np.abs(x)))")],
        "maximum_from_zero": [("np.max(x)", "np.max(x, initial=0)")],
        "row_by_row": [("np.max(x)", "np.max(x, axis=1, keepdims=True)")],
        "column_by_column": [("np.max(x)", "np.max(x, axis=0)")],
        "inverted": [("==", "!=")],
        "ones_and_zeros": [("(x == np.max(x))", "(x == np.max(x)).astype(int)")],
    },
)

CHOSEN = Style(
    "chosen",
    NUMPY
    + """\
def create_mask_from_window(x):
    biggest = x.max()
    return np.where(x == biggest, True, False)
""",
    {
        "value_kept": [("True, False", "x, 0")],
        "maximum_returned": [("np.where(x == biggest, True, False)", "biggest")],
        "position_returned": [("np.where(x == biggest, True, False)", "np.where(x == biggest)")],
        "minimum_marked": [("x.max()", "x.min()")],
        "largest_magnitude": [("biggest = x.max()", "x = abs(x)\n    biggest = x.max()")],
        "row_by_row": [("x.max()", "x.max(axis=1).reshape(-1, 1)")],
        "column_by_column": [("x.max()", "x.max(axis=0, keepdims=True)")],
        "inverted": [("True, False", "False, True")],
        "ones_and_zeros": [("True, False", "1, 0")],
        "window_overwritten": [
            ("return np.where(x == biggest, True, False)", "x[:] = np.where(x == biggest, True, False)\n    return x")
        ],
    },
)

SEARCHED = Style(
    "searched",
    NUMPY
    + """\
def create_mask_from_window(x):
    n_H, n_W = x.shape
    largest = x[0, 0]
    for h in range(n_H):
        for w in range(n_W):
            if x[h, w] > largest:
                largest = x[h, w]
    mask = np.zeros((n_H, n_W), dtype=bool)
    for h in range(n_H):
        for w in range(n_W):
            if x[h, w] == largest:
                mask[h, w] = True
    return mask
""",
    {
        "value_kept": [("dtype=bool", "dtype=x.dtype"), ("mask[h, w] = True", "mask[h, w] = largest")],
        "maximum_returned": [("return mask", "return largest")],
        "position_returned": [
            ("mask[h, w] = True", "mask[h, w] = True\n                position = (h, w)"),
            ("return mask", "return position"),
        ],
        "first_tie_only": [("mask[h, w] = True", "mask[h, w] = True\n                return mask")],
        "minimum_marked": [("x[h, w] > largest", "x[h, w] < largest")],
        "largest_magnitude": [
            ("largest = x[0, 0]", "largest = abs(x[0, 0])"),
            (
                "if x[h, w] > largest:\n                largest = x[h, w]",
                "if abs(x[h, w]) > largest:\n                largest = abs(x[h, w])",
            ),
            ("if x[h, w] == largest", "if abs(x[h, w]) == largest"),
        ],
        "maximum_from_zero": [("largest = x[0, 0]", "largest = 0")],
        "row_by_row": [("if x[h, w] == largest", "if x[h, w] == max(x[h])")],
        "inverted": [("if x[h, w] == largest", "if x[h, w] != largest")],
        "ones_and_zeros": [(", dtype=bool", ""), ("= True", "= 1")],
        "window_overwritten": [
            ("    mask = np.zeros((n_H, n_W), dtype=bool)\n", ""),
            ("if x[h, w] == largest:\n                mask[h, w] = True", "x[h, w] = x[h, w] == largest"),
            ("return mask", "return x"),
        ],
    },
)

MARKED_IN_PLACE = Style(
    "marked_in_place",
    NUMPY
    + """\
def create_mask_from_window(x):
    mask = np.full(x.shape, False)
    mask[x == np.amax(x)] = True
    return mask
""",
    {
        "value_kept": [("np.full(x.shape, False)", "np.zeros(x.shape)"), ("= True", "= np.amax(x)")],
        "position_returned": [
            ("    mask[x == np.amax(x)] = True\n    return mask", "    return np.argwhere(x == np.amax(x))")
        ],
        "first_tie_only": [("mask[x == np.amax(x)] = True", "mask[np.unravel_index(np.argmax(x), x.shape)] = True")],
        "minimum_marked": [("np.amax", "np.amin")],
        "largest_magnitude": [("x == np.amax(x)", "x == np.amax(np.abs(x))")],
        "inverted": [("np.full(x.shape, False)", "np.full(x.shape, True)"), ("= True\n", "= False\n")],
        "ones_and_zeros": [("np.full(x.shape, False)", "np.zeros(x.shape)"), ("= True", "= 1")],
        "window_overwritten": [
            (
                "    mask = np.full(x.shape, False)\n    mask[x == np.amax(x)] = True\n    return mask",
                "    mask = x\n    mask[:] = x == np.amax(x)\n    return mask",
            ),
        ],
        "row_by_row": [
            ("mask[x == np.amax(x)] = True", "for h in range(x.shape[0]):\n        mask[h] = x[h] == np.amax(x[h])"),
        ],
        "column_by_column": [
            (
                "mask[x == np.amax(x)] = True",
                "for w in range(x.shape[1]):\n        mask[:, w] = x[:, w] == np.amax(x[:, w])",
            ),
        ],
    },
)

AT_LEAST_ALL_OTHERS = Style(
    "at_least_all_others",
    NUMPY
    + """\
def create_mask_from_window(x):
    values = x.flatten()
    mask = np.array([v >= max(values) for v in values])
    return mask.reshape(x.shape)
""",
    {
        "value_kept": [("v >= max(values) for", "v if v >= max(values) else 0 for")],
        "maximum_returned": [
            (
                "    mask = np.array([v >= max(values) for v in values])\n    return mask.reshape(x.shape)",
                "    return max(values)",
            )
        ],
        "position_returned": [
            (
                "    mask = np.array([v >= max(values) for v in values])\n    return mask.reshape(x.shape)",
                "    return list(values).index(max(values))",
            ),
        ],
        "first_tie_only": [
            ("[v >= max(values) for v in values]", "[k == np.argmax(values) for k in range(len(values))]")
        ],
        "minimum_marked": [("v >= max(values)", "v <= min(values)")],
        "largest_magnitude": [("x.flatten()", "np.abs(x).flatten()")],
        "maximum_from_zero": [("v >= max(values)", "v >= max(0, *values)")],
        "row_by_row": [
            ("[v >= max(values) for v in values]", "[v >= max(row) for row in x for v in row]"),
            ("    values = x.flatten()\n", ""),
        ],
        "inverted": [("v >= max(values)", "v < max(values)")],
        "ones_and_zeros": [("v >= max(values) for", "int(v >= max(values)) for")],
    },
)

STYLES = (COMPARED, CHOSEN, SEARCHED, MARKED_IN_PLACE, AT_LEAST_ALL_OTHERS)
