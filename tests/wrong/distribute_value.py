"""How learners write ``distribute_value``."""

from __future__ import annotations

from tests.wrong.style import NUMPY, Style

ONES_TIMES_AVERAGE = Style(
    "ones_times_average",
    NUMPY
    + """\
def distribute_value(dz, shape):
    (n_H, n_W) = shape
    average = dz / (n_H * n_W)
    a = np.ones(shape) * average
    return a
""",
    {
        "not_divided": [("dz / (n_H * n_W)", "dz")],
        "divided_by_sum": [("n_H * n_W", "n_H + n_W")],
        "divided_by_height": [("(n_H * n_W)", "n_H")],
        "divided_by_width": [("(n_H * n_W)", "n_W")],
        "square_assumed": [("(n_H * n_W)", "(n_H * n_H)")],
        "divided_twice": [("np.ones(shape) * average", "np.ones(shape) * average / (n_H * n_W)")],
        "dz_forgotten": [("dz /", "1 /")],
        "whole_number_division": [("dz /", "dz //")],
        "one_number": [("np.ones(shape) * average", "average")],
        "shape_turned": [("np.ones(shape)", "np.ones((n_W, n_H))")],
    },
)

FILLED = Style(
    "filled",
    NUMPY
    + """\
def distribute_value(dz, shape):
    return np.full(shape, dz / np.prod(shape))
""",
    {
        "not_divided": [("dz / np.prod(shape)", "dz")],
        "divided_by_sum": [("np.prod", "np.sum")],
        "divided_by_height": [("np.prod(shape)", "shape[0]")],
        "divided_by_width": [("np.prod(shape)", "shape[1]")],
        "square_assumed": [("np.prod(shape)", "shape[0] ** 2")],
        "dz_forgotten": [("dz / np", "1 / np")],
        "whole_number_division": [("dz /", "dz //")],
        "one_number": [("np.full(shape, dz / np.prod(shape))", "dz / np.prod(shape)")],
        "shape_turned": [("np.full(shape,", "np.full(shape[::-1],")],
    },
)

CELL_BY_CELL = Style(
    "cell_by_cell",
    NUMPY
    + """\
def distribute_value(dz, shape):
    rows = shape[0]
    columns = shape[1]
    cells = rows * columns
    a = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            a[i, j] = dz / cells
    return a
""",
    {
        "not_divided": [("dz / cells", "dz")],
        "divided_by_sum": [("rows * columns", "rows + columns")],
        "divided_by_height": [("dz / cells", "dz / rows")],
        "divided_by_width": [("dz / cells", "dz / columns")],
        "square_assumed": [("rows * columns", "rows ** 2")],
        "divided_twice": [("    return a", "    return a / cells")],
        "dz_forgotten": [("dz / cells", "1 / cells")],
        "whole_number_division": [("np.zeros((rows, columns))", "np.zeros((rows, columns), dtype=int)")],
        "one_number": [("a[i, j] = dz", "a = dz")],
        "shape_turned": [("rows = shape[0]", "rows = shape[1]"), ("columns = shape[1]", "columns = shape[0]")],
    },
)

DIVIDED_IN_PLACE = Style(
    "divided_in_place",
    NUMPY
    + """\
def distribute_value(dz, shape):
    a = np.zeros(shape)
    a = a + dz
    a = a / a.shape[0] / a.shape[1]
    return a
""",
    {
        "not_divided": [("    a = a / a.shape[0] / a.shape[1]\n", "")],
        "divided_by_height": [(" / a.shape[1]", "")],
        "divided_by_width": [(" / a.shape[0]", "")],
        "divided_by_sum": [("a.shape[0] / a.shape[1]", "(a.shape[0] + a.shape[1])")],
        "square_assumed": [("a.shape[0] / a.shape[1]", "a.shape[0] / a.shape[0]")],
        "divided_twice": [("a + dz", "a + dz / a.size")],
        "dz_forgotten": [("np.zeros(shape)", "np.ones(shape)"), ("    a = a + dz\n", "")],
        "whole_number_division": [("a / a.shape[0] / a.shape[1]", "a // (a.shape[0] * a.shape[1])")],
        "shape_turned": [("np.zeros(shape)", "np.zeros((shape[1], shape[0]))")],
    },
)

LISTS = Style(
    "lists",
    NUMPY
    + """\
def distribute_value(dz, shape):
    height, width = shape
    share = dz / height / width
    return np.array([[share] * width] * height)
""",
    {
        "not_divided": [("share = dz / height / width", "share = float(dz)")],
        "divided_by_height": [("dz / height / width", "dz / height")],
        "divided_by_width": [("dz / height / width", "dz / width")],
        "divided_by_sum": [("dz / height / width", "dz / (height + width)")],
        "divided_twice": [("share = dz / height / width", "share = dz / height / width / (height * width)")],
        "whole_number_division": [("dz / height / width", "int(dz / height / width)")],
        "one_number": [("np.array([[share] * width] * height)", "share")],
        "shape_turned": [("[[share] * width] * height", "[[share] * height] * width")],
    },
)

STYLES = (ONES_TIMES_AVERAGE, FILLED, CELL_BY_CELL, DIVIDED_IN_PLACE, LISTS)
