"""The rescue: what happened to a notebook on its way to the grader costs nothing and is listed."""

from __future__ import annotations

import ast
import functools
import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import nbformat
import numpy as np
import pytest

from stepgrade.assignment import Assignment
from stepgrade.notebook import Cell, Graded, Rescued, python_cells, read_notebook, rescue
from tests.conftest import COURSE, script

NAME = "cnn_step_by_step"
RELEASE = COURSE / "release" / NAME / f"{NAME}.ipynb"

hand_in = script(COURSE / "examples/hand_in.py")

ASSIGNMENT = Assignment.find(NAME, COURSE)
GRADED = [Graded(q.id, q.specification.function, q.specification.parameters) for q in ASSIGNMENT.questions]
FUNCTIONS = {graded.function for graded in GRADED}
ANSWERS = hand_in.written_cells(hand_in.CLASS / "right_loops.py")
INDENTED = "\n        return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))"
PADDING = "def zero_pad(X, pad):\n    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))"
X = np.arange(12.0).reshape(1, 2, 3, 2)

Edit = Callable[[list[Any]], Any]


@functools.cache
def filled() -> nbformat.NotebookNode:
    return hand_in.notebook_of(hand_in.CLASS / "right_loops.py", RELEASE)


def solution(cells: list[Any], question: str) -> Any:
    return next(c for c in cells if c.metadata.get("nbgrader", {}).get("grade_id") == f"{question}_solution")


def code(source: str, **metadata: Any) -> nbformat.NotebookNode:
    return nbformat.v4.new_code_cell(source, metadata=metadata)


def rescued_from(cells: list[Any] | tuple[Cell, ...]) -> Rescued:
    if isinstance(cells, list):
        document = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
        cells = read_notebook(json.dumps(document).encode()).cells
    return rescue(cells, ASSIGNMENT.source_cells, GRADED)


def after(edit: Edit) -> Rescued:
    """Return what the rescue makes of a right notebook after ``edit(cells)``."""
    cells = deepcopy(list(filled().cells))
    edited = edit(cells)
    return rescued_from(edited if isinstance(edited, list) else cells)


def ran(rescued: Rescued) -> dict[str, Any]:
    """Run the cells here; a statement that raises costs itself, as in the student's process."""
    namespace: dict[str, Any] = {}
    for cell in rescued.cells:
        if cell.source.startswith("%%writefile"):
            continue
        lines = [line for line in cell.source.split("\n") if not line.startswith(("%", "!"))]
        try:
            parts = statements_of(lines)
        except SyntaxError:
            continue
        for part in parts:
            try:
                exec(part, namespace)  # noqa: S102 - our own notebooks
            except Exception:  # noqa: S112 - costs itself
                continue
    return namespace


def statements_of(lines: list[str]) -> list[Any]:
    return [compile(ast.Module([s], []), "cell", "exec") for s in ast.parse("\n".join(lines)).body]


def codes(rescued: Rescued) -> list[str]:
    return [repair.code for repair in rescued.repairs]


def works(rescued: Rescued) -> bool:
    """Tell whether zero_pad and conv_forward do what they should."""
    namespace = ran(rescued)
    padded = namespace["zero_pad"](X, 1)
    ones = np.ones((2, 2, 2, 1))
    Z = namespace["conv_forward"](X, ones, np.zeros((1, 1, 1, 1)), {"stride": 1, "pad": 0})[0]
    return padded.shape == (1, 4, 5, 2) and np.allclose(Z[0, 0, 0, 0], X[0, :2, :2].sum())


@pytest.mark.parametrize("student", sorted(path.stem for path in hand_in.CLASS.glob("*.py")))
def test_a_notebook_that_was_only_filled_in_needs_no_repair(student):
    rescued = rescued_from(list(hand_in.notebook_of(hand_in.CLASS / f"{student}.py", RELEASE).cells))
    assert (rescued.repairs, rescued.leftover) == ((), frozenset())


def test_of_a_filled_in_notebook_only_imports_and_solutions_run():
    rescued = after(lambda cells: None)
    assert [cell.question for cell in rescued.cells] == [None, *(graded.question for graded in GRADED)]
    assert works(rescued)


def test_the_same_notebook_is_rescued_in_the_same_way_twice():
    assert after(lambda cells: cells.reverse()) == after(lambda cells: cells.reverse())


def delete_tests_and_demonstrations(cells):
    return [c for c in cells if c.metadata.get("nbgrader", {}).get("solution") or "import" in c.source]


def delete_the_imports(cells):
    return [c for c in cells if "import numpy" not in c.source]


def move_the_imports_to_the_end(cells):
    return [c for c in cells if "import numpy" not in c.source] + [c for c in cells if "import numpy" in c.source]


def duplicate_a_filled_cell(cells):
    cells.append(deepcopy(solution(cells, "zero_pad")))


def copy_a_stub_to_the_end(cells):
    cells.append(code('def zero_pad(X, pad):\n    """Pad."""\n    # YOUR CODE HERE\n    raise NotImplementedError()'))


def answer_in_a_new_cell(cells):
    answer = code(solution(cells, "zero_pad").source)
    solution(cells, "zero_pad").source = "def zero_pad(X, pad):\n    raise NotImplementedError"
    cells.insert(0, answer)


def copy_a_stub_into_an_if(cells):
    cells.append(code("if True:\n    def zero_pad(X, pad):\n        raise NotImplementedError"))


def answer_above_the_stub_in_one_cell(cells):
    solution(cells, "zero_pad").source += "\n\ndef zero_pad(X, pad):\n    raise NotImplementedError"


def retype_as(kind):
    def edit(cells):
        cell = solution(cells, "zero_pad")
        cells[cells.index(cell)] = nbformat.from_dict(
            {"cell_type": kind, "source": cell.source, "metadata": cell.metadata}
        )

    return edit


def retype_without_metadata(cells):
    cell = solution(cells, "zero_pad")
    cells[cells.index(cell)] = nbformat.v4.new_markdown_cell(cell.source)


def retype_the_imports(cells):
    cell = next(c for c in cells if "import numpy" in c.source)
    cells[cells.index(cell)] = nbformat.v4.new_raw_cell(cell.source)


def rename_the_function(cells):
    cell = solution(cells, "zero_pad")
    cell.source = cell.source.replace("def zero_pad", "def zeros_pad")


def swap_grade_ids(cells):
    one, other = solution(cells, "zero_pad"), solution(cells, "conv_forward")
    one.metadata, other.metadata = other.metadata, one.metadata


def lose_all_metadata(cells):
    for cell in cells:
        cell.metadata = {}


def lose_one_grade_id(cells):
    solution(cells, "zero_pad").metadata = {}


def rename_a_grade_id(cells):
    solution(cells, "zero_pad").metadata.nbgrader.grade_id = "cell-4711"


def tag_everything(cells):
    for cell in cells:
        cell.metadata.tags = ["training", "skip-execution", "remove-cell"]


def replace_spaces(with_what):
    def edit(cells):
        cell = solution(cells, "zero_pad")
        cell.source = cell.source.replace("    ", with_what * 4)

    return edit


def put_invisible_signs(cells):
    cell = solution(cells, "zero_pad")
    cell.source = "\ufeff" + cell.source.replace("def ", "def\u200b ")


def use_a_decorator(cells):
    cells.insert(0, code("def loud(f):\n    return lambda *a, **k: f(*a, **k)"))
    solution(cells, "zero_pad").source = "@loud\n" + solution(cells, "zero_pad").source


MENDED = [
    (delete_tests_and_demonstrations, []),
    (delete_the_imports, ["imports_restored"]),
    (move_the_imports_to_the_end, []),
    (lambda cells: cells.reverse(), []),
    (duplicate_a_filled_cell, ["cell_duplicated"]),
    (copy_a_stub_to_the_end, ["stub_ignored"]),
    (copy_a_stub_into_an_if, ["stub_ignored"]),
    (answer_in_a_new_cell, ["cell_found_by_function"]),
    (answer_above_the_stub_in_one_cell, ["stub_ignored"]),
    (retype_as("markdown"), ["cell_retyped"]),
    (retype_as("raw"), ["cell_retyped"]),
    (retype_as("slideshow"), ["cell_retyped"]),
    (retype_without_metadata, ["cell_found_by_function", "cell_retyped"]),
    (retype_the_imports, ["cell_retyped"]),
    (rename_the_function, ["function_renamed"]),
    (swap_grade_ids, ["cell_found_by_function", "cell_found_by_function"]),
    (lose_all_metadata, ["metadata_lost"]),
    (lose_one_grade_id, ["cell_found_by_function"]),
    (rename_a_grade_id, ["cell_found_by_function"]),
    (tag_everything, []),
    (replace_spaces("\u00a0"), ["spaces_replaced"]),
    (replace_spaces("\u2007"), ["spaces_replaced"]),
    (replace_spaces("\u202f"), ["spaces_replaced"]),
    (put_invisible_signs, ["spaces_replaced"]),
    (use_a_decorator, []),
]


@pytest.mark.parametrize(("edit", "expected"), MENDED, ids=[getattr(e, "__qualname__", "")[:40] for e, _ in MENDED])
def test_what_happened_to_a_notebook_costs_nothing_and_is_listed(edit, expected):
    rescued = after(edit)
    assert works(rescued), rescued.repairs
    assert codes(rescued) == expected


def test_the_student_is_told_the_name_that_was_found_and_the_right_one():
    (repair,) = after(rename_the_function).repairs
    assert "zeros_pad" in repair.message
    assert repair.message.endswith("call it zero_pad")


@pytest.mark.parametrize(
    "source",
    [
        "def zeros_pad(X):\n    return X",
        "def zeros_pad(X, pad, value):\n    return X",
        "def zeros_pad(X, pad, *, value):\n    return X",
        "def first(X, pad):\n    return X\n\ndef second(X, pad):\n    return X",
        "def pool_forward(X, pad):\n    return X",
        "def zeros_pad(X, pad):\n    raise NotImplementedError",
    ],
    ids=["too_few", "too_many", "keyword_only", "two_functions", "a_graded_name", "a_stub"],
)
def test_another_function_is_not_taken_for_the_renamed_one(source):
    def edit(cells):
        solution(cells, "zero_pad").source = source

    rescued = after(edit)
    assert "function_renamed" not in codes(rescued)
    assert "zero_pad" not in ran(rescued)


def test_a_renamed_function_is_not_used_where_the_right_name_is_defined_elsewhere():
    def edit(cells):
        solution(cells, "zero_pad").source = "def zeros_pad(X, pad):\n    return None"
        cells.append(code(PADDING))

    rescued = after(edit)
    assert works(rescued)
    assert codes(rescued) == ["cell_found_by_function"]


def test_a_cell_that_does_not_parse_costs_itself_only():
    def edit(cells):
        solution(cells, "pool_forward").source = "def pool_forward(A_prev, hparameters)\n    return A_prev"

    rescued = after(edit)
    assert works(rescued)
    assert "pool_forward" not in ran(rescued)
    assert any(cell.question == "pool_forward" for cell in rescued.cells)  # so that its error can be told


def test_a_missing_solution_cell_is_named():
    rescued = after(lambda cells: cells.remove(solution(cells, "distribute_value")))
    assert codes(rescued) == ["cell_missing"]
    assert "distribute_value" in rescued.repairs[0].message


def test_of_two_answers_the_last_counts():
    rescued = after(lambda cells: cells.append(code("def zero_pad(X, pad):\n    return 'the last'")))
    assert ran(rescued)["zero_pad"](X, 1) == "the last"
    assert codes(rescued) == ["cell_duplicated"]


@pytest.mark.parametrize(
    "stub",
    [
        '    """Pad."""\n    pass',
        "    ...",
        "    X_pad = None\n    return X_pad",
        "    ### START CODE HERE ### (1 line)\n    X_pad = None\n    ### END CODE HERE ###\n    return X_pad",
        "    n = X.shape[1]\n    # YOUR CODE STARTS HERE\n    \n    # YOUR CODE ENDS HERE\n    return X",
        "    n = int(1 + 2)\n    # START CODE HERE\n    for i in range(None):\n        Z = None\n    # END CODE HERE",
    ],
    ids=["pass", "dots", "none", "marks", "zeros", "loop"],
)
def test_a_stub_of_any_edition_never_wins_over_an_answer(stub):
    rescued = after(lambda cells: cells.append(code(f"def zero_pad(X, pad):\n{stub}")))
    assert works(rescued)
    assert codes(rescued) == ["stub_ignored"]


def test_what_stands_beside_an_ignored_stub_still_runs():
    stub = "helper = 3\n\ndef zero_pad(X, pad):\n    raise NotImplementedError\n\n"
    stub += "def distribute_value(dz, shape):\n    return helper"
    rescued = after(lambda cells: cells.append(code(stub)))
    assert ran(rescued)["distribute_value"](1, 1) == 3
    assert works(rescued)


def test_an_untouched_stub_runs_where_there_is_nothing_else():
    rescued = rescued_from(list(nbformat.read(RELEASE, as_version=4).cells))
    with pytest.raises(NotImplementedError, match="zero_pad: write your code here"):
        ran(rescued)["zero_pad"](X, 1)


def test_an_answer_put_aside_in_a_text_cell_does_not_win_over_the_one_in_code():
    def edit(cells):
        retype_as("markdown")(cells)
        cells.insert(0, code(PADDING))
        solution(cells, "zero_pad").source = "def zero_pad(X, pad):\n    return 'my first attempt'"

    rescued = after(edit)
    assert works(rescued)
    assert codes(rescued) == ["cell_found_by_function"]


def test_a_cell_of_another_language_defines_nothing():
    rescued = after(lambda cells: cells.append(code("%%writefile pad.py\ndef zero_pad(X, pad):\n    return 1")))
    assert works(rescued)
    assert codes(rescued) == []


def test_a_notebook_with_thousands_of_copies_lists_repairs_that_people_can_read():
    copies = [code(f"{PADDING}\u00a0") for _ in range(300)]
    repairs = rescued_from([code("import numpy as np"), *copies]).repairs
    assert len(repairs) <= 50
    assert max(len(repair.message) for repair in repairs) < 300


def test_markdown_that_quotes_code_is_not_code():
    def edit(cells):
        solution(cells, "zero_pad").source = "x = 1"
        cells.append(nbformat.v4.new_markdown_cell(f"It works like this:\n\n```python\n{PADDING}\n```"))

    assert "zero_pad" not in ran(after(edit))


@pytest.mark.parametrize(
    "source",
    [
        "zero_pad = lambda X, pad: np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))",
        f"if True:\n    def zero_pad(X, pad):{INDENTED}",
        f"try:\n    import nothing_of_that_name\nexcept ImportError:\n    def zero_pad(X, pad):{INDENTED}",
        f"class Padder:\n    def __call__(self, X, pad):{INDENTED}\n\nzero_pad = Padder()",
        f"%%time\n{PADDING}",
        f"%matplotlib inline\n!ls\n{PADDING}",
    ],
    ids=["lambda", "if", "try", "class", "cell_magic", "magics"],
)
def test_a_function_may_be_defined_in_any_way(source):
    def edit(cells):
        solution(cells, "zero_pad").source = source

    rescued = after(edit)
    assert works(rescued)
    assert codes(rescued) == []


def test_no_break_spaces_in_the_strings_of_a_cell_that_parses_stay():
    def edit(cells):
        solution(cells, "zero_pad").source = 'def zero_pad(X, pad):\n    return "a\u00a0b"'

    rescued = after(edit)
    assert ran(rescued)["zero_pad"](X, 1) == "a\u00a0b"
    assert codes(rescued) == []


def test_a_cell_that_no_plain_space_would_mend_stays_as_it_is():
    source = "def zero_pad(X, pad)\n\u00a0\u00a0return X"

    def edit(cells):
        solution(cells, "zero_pad").source = source

    assert source in [cell.source for cell in after(edit).cells]


LEFTOVER = "def zero_pad(X, pad):\n    {0}\n    X_pad = np.pad(X, pad)\n    {1}\n    return X_pad\n    {2}"


@pytest.mark.parametrize(
    ("places", "is_leftover"),
    [
        (("raise NotImplementedError()", "", ""), True),
        (("", 'raise NotImplementedError("zero_pad: write your code here")', ""), True),
        (("", "", "raise NotImplementedError"), False),  # never reached
        (("if pad < 0:\n        raise NotImplementedError", "", ""), False),  # the student's own
        (("for i in range(3):\n        raise NotImplementedError", "", ""), True),
    ],
    ids=["first", "before_return", "unreachable", "refusal", "in_a_loop"],
)
def test_a_leftover_raise_in_a_complete_answer_is_named(places, is_leftover):
    def edit(cells):
        solution(cells, "zero_pad").source = LEFTOVER.format(*places)

    assert after(edit).leftover == (frozenset({"zero_pad"}) if is_leftover else frozenset())


def test_helpers_globals_and_what_fills_them_run():
    def edit(cells):
        cells[0:0] = [
            code("ring = {}"),
            code("def fill():\n    ring['sides'] = (1, 1)"),
            code("fill()\nprint('filled')"),
            code("limit = 3; settings = {}"),
            code("settings['on'] = True"),
            code("class Sides:\n    def pair(self, pad):\n        return (pad, pad)"),
            code("sides = Sides()"),
            code("from numpy import pad as np_pad"),
        ]
        solution(cells, "zero_pad").source = (
            "def zero_pad(X, pad):\n"
            "    assert settings['on'] and ring['sides'] == (1, 1) and limit\n"
            "    return np_pad(X, ((0, 0), sides.pair(pad), sides.pair(pad), (0, 0)))"
        )

    assert works(after(edit))


def test_names_reached_by_their_text_make_every_cell_of_the_student_run():
    def edit(cells):
        cells.insert(0, code("hidden_away = 3"))
        solution(cells, "zero_pad").source = "def zero_pad(X, pad):\n    return globals()['hidden_' + 'away']"

    assert ran(after(edit))["zero_pad"](X, 1) == 3


def test_a_helper_of_the_release_runs_where_an_answer_calls_it():
    def edit(cells):
        cell = solution(cells, "zero_pad")
        cell.source = cell.source.replace("def zero_pad(X, pad):\n", "def zero_pad(X, pad):\n    panels\n", 1)

    assert "panels" in ran(after(edit))


def test_an_edited_training_cell_does_not_run_even_without_its_tag():
    def edit(cells):
        for cell in cells:
            if "training" in cell.metadata.get("tags", []):
                cell.source += "\nprint('mine')"
                cell.metadata.tags = []

    rescued = after(edit)
    assert not any("mine" in cell.source for cell in rescued.cells)


def test_demonstrations_that_the_student_edited_run_and_the_others_do_not():
    def edit(cells):
        for cell in cells:
            is_solution = cell.metadata.get("nbgrader", {}).get("solution")
            if cell.cell_type == "code" and not is_solution and "randn" in cell.source:
                cell.source += "\nmine = 1"
                return

    rescued = after(edit)
    (demonstration,) = [cell.source for cell in rescued.cells if "randn" in cell.source]
    assert "mine" in demonstration
    assert works(rescued)


OLD_EDITION = [
    "import numpy as np\nimport matplotlib.pyplot as plt\n%matplotlib inline\nplt.rcParams['image.cmap'] = 'gray'",
    *(f"# GRADED FUNCTION: {question}\n\n{source}" for question, source in ANSWERS.items()),
    "np.random.seed(1)\nA_prev = np.random.randn(10, 4, 4, 3)\nZ, cache = conv_forward(A_prev, W, b, {})\nprint(Z)",
    "train_everything_for_an_hour()",
]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import matplotlib.pyplot as plt", set()),
        ("import matplotlib.pyplot as plt\nplt.rcParams['figure.dpi'] = 50", {"matplotlib"}),
        ("import matplotlib.pyplot as plt\ndef look(x):\n    plt.imshow(x)", {"matplotlib"}),
        ("def look(x):\n    import matplotlib.pyplot as plt\n    plt.imshow(x)", {"matplotlib"}),
        ("from IPython.display import display", {"IPython"}),
        ("import h5py as h, os.path\nos.getcwd()", {"os"}),
        ("from . import sibling", set()),
        ("import h5py\n)", {"h5py"}),
    ],
)
def test_the_packages_whose_contents_the_cells_use_are_known(source, expected):
    without = after(lambda cells: None).packages
    assert after(lambda cells: cells.insert(0, code(source))).packages == without | expected


def test_a_package_whose_import_was_restored_is_known():
    def edit(cells):
        delete_the_imports(cells)
        cells.append(code("plt.figure()"))

    assert "matplotlib" in after(edit).packages


def test_a_package_that_another_cell_uses_is_known():
    def edit(cells):
        cells[:0] = [code("import h5py as h"), code("h.File")]

    assert "h5py" in after(edit).packages


def test_another_edition_is_graded_by_function_names():
    rescued = rescued_from([code(source) for source in OLD_EDITION])
    assert works(rescued)
    assert codes(rescued) == ["other_edition"]
    assert not any("randn" in cell.source or "hour" in cell.source for cell in rescued.cells)


def test_in_another_edition_the_comment_on_top_finds_a_renamed_function():
    rescued = rescued_from([code(source.replace("def zero_pad", "def zeros_pad")) for source in OLD_EDITION])
    assert codes(rescued) == ["other_edition", "function_renamed"]
    assert works(rescued)


def test_in_another_edition_a_comment_that_only_mentions_a_function_is_no_title():
    cells = [code("# this calls zero_pad\ndef show(X, pad):\n    return X"), code("x = 1")]
    assert codes(rescued_from(cells)) == ["other_edition"]


def test_a_python_file_is_rescued_like_a_notebook():
    text = "\n\n".join(["import numpy as np", *ANSWERS.values()])
    rescued = rescue(python_cells(text.encode()), ASSIGNMENT.source_cells, GRADED, of_notebook=False)
    assert works(rescued)
    assert rescued.repairs == ()


def test_a_cell_too_large_to_be_an_answer_is_left_out():
    rescued = after(lambda cells: cells.append(code("x = [" + "0," * 300_000 + "]")))
    assert codes(rescued) == ["cell_too_large"]
    assert works(rescued)
