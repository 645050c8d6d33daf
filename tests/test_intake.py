"""The intake: whatever a file holds, it is read, or it is damaged with a reason; nothing else comes out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stepgrade.notebook import (
    Cell,
    DamagedNotebook,
    Graded,
    defined_names,
    intake,
    joined,
    notebook_document,
    python_cells,
    read_bytes,
    read_notebook,
    rescue,
)
from stepgrade.notebook.document import with_plain_newlines

GRADED = [Graded("halve", "halve", ("x",))]
RELEASE = [
    Cell("code", "import math"),
    Cell("code", "def halve(x):\n    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION", "halve_solution"),
    Cell("code", "halve_test(halve)", "halve", 1.0),
    Cell("code", "for i in range(9):\n    halve(i)", tags=frozenset({"training"})),
]
ANSWER = "def halve(x):\n    return x / 2"


def notebook(*cells: Any, **changes: Any) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)} | changes).encode()


def code(source: Any, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None} | more


def everything_of(content: bytes) -> tuple[Cell, ...]:
    """Take a file all the way through: both readings, the rescue, and writing it again."""
    submitted = read_notebook(content)
    node = notebook_document(content)
    assert tuple(map(intake._plain_cell, node["cells"])) == submitted.cells
    rescued = rescue(submitted.cells, RELEASE, GRADED)
    json.dumps(node, allow_nan=False).encode()
    for text in [*(cell.source for cell in rescued.cells), *(repair.message for repair in rescued.repairs)]:
        text.encode()
    return submitted.cells


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not JSON"),
        (b'{"cells": [', "not JSON"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"[]", "no nbformat"),
        (b"null", "no nbformat"),
        (notebook(nbformat=True), "no nbformat"),
        (notebook(nbformat="4"), "no nbformat"),
        (notebook(nbformat=4.0), "no nbformat"),
        (notebook(nbformat=None), "no nbformat"),
        (notebook(nbformat=0), "nbformat 0"),
        (notebook(nbformat=-4), "nbformat -4"),
        (notebook(nbformat=5), "nbformat 5"),
        (notebook(nbformat=10**30), "no nbformat"),
        (b'{"nbformat": 1' + b"0" * 10**6 + b"}", "thousands of digits"),
        (b'{"nbformat": 1e999, "cells": []}', "no nbformat"),
        (notebook(cells=3), "no list of cells"),
        (notebook(cells=None), "no list of cells"),
        (notebook(nbformat=3, cells=None, worksheets={"cells": []}), "no list of cells"),
        (notebook(*[code("")] * 5001), "more than 5000"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"nbformat": 4, "cells": [' + b"[]," * 2_000_000 + b"[]]}", "too many parts"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_no_notebook_is_damaged_and_says_why(content, reason):
    for read in (read_notebook, notebook_document):
        with pytest.raises(DamagedNotebook, match=reason):
            read(content)


@pytest.mark.parametrize(
    "content",
    [
        notebook(code([ANSWER])),
        notebook(code(["def halve(x):\r\n", "    return x / 2\r\n"])),
        notebook(code(ANSWER.replace("\n", "\r"))),
        notebook(code(ANSWER.replace("\n", "\r\r\n"))),
        b"\xef\xbb\xbf" + notebook(code(ANSWER)),
        notebook(code(ANSWER), nbformat_minor=None),
        notebook(code(ANSWER), nbformat_minor=0),
        notebook(code(ANSWER), nbformat_minor=4),
        notebook(code(ANSWER), metadata=[1]),
        notebook(code(ANSWER), metadata={"deep": json.loads("[" * 400 + "]" * 400)}),
        notebook(code(ANSWER, metadata=None)),
        notebook(code(ANSWER, metadata={"nbgrader": 3, "tags": {"training": 1}})),
        notebook(code(ANSWER, metadata={"nbgrader": {"grade_id": ["x"], "grade": 1, "points": 10**400}, "tags": [1]})),
        notebook(code(ANSWER, metadata={"nbgrader": {"grade_id": "\ud800", "grade": True, "points": True}})),
        notebook(code(ANSWER, outputs=None, execution_count="In")),
        notebook(code(ANSWER, outputs=[1, {"output_type": 3}, {"data": {"text/plain": [1, "a"]}, "text": 4}])),
        notebook(code(ANSWER, id=7)),
        notebook(None, 3, [], {}, code(None), code([1, None]), code({"a": 1}), code("\ud800"), code(ANSWER)),
        notebook(code(ANSWER)).replace(b'"metadata": {}', b'"metadata": {}, "metadata": {"n": NaN, "e": 1e999}'),
        notebook(nbformat=3, cells=None, worksheets=[3, {"cells": 4}, {"cells": [code(None, input=ANSWER)]}]),
        notebook(code(ANSWER), nbformat=3),
        notebook(code(None, code=ANSWER), nbformat=1),
        notebook(cells=None, worksheets=[{"cells": [code(ANSWER)]}]),
    ],
)
def test_an_answer_in_an_odd_document_is_still_found(content):
    sources = [cell.source for cell in everything_of(content)]
    assert ANSWER in [source.strip() for source in sources]


def test_a_notebook_of_format_3_is_read_with_its_outputs_and_listed():
    outputs = [
        {"output_type": "pyout", "prompt_number": 1, "text": ["4", "2"], "metadata": {}},
        {"output_type": "stream", "stream": "stdout", "text": "printed"},
        {"output_type": "nonsense"},
    ]
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Title"},
        {"cell_type": "code", "input": [ANSWER], "prompt_number": 1, "outputs": outputs, "language": "python"},
    ]
    content = notebook(nbformat=3, cells=None, worksheets=[{"cells": cells}])
    node = notebook_document(content)
    for number, cell in enumerate(node["cells"]):
        cell["id"] = f"cell-{number}"
    nbformat.validate(node)
    assert [cell["cell_type"] for cell in node["cells"]] == ["markdown", "code"]
    assert node["cells"][1]["outputs"][0]["data"]["text/plain"] == "42"
    assert [repair.code for repair in read_notebook(content).repairs] == ["older_format"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [("a\r\r\nb", "a\nb"), ("a\rb", "a\nb"), ("a\r\rb\r\n", "a\n\nb\n"), ("\r" * 300_000, "\n" * 300_000)],
)
def test_every_line_ends_in_one_sign(text, lines):
    assert with_plain_newlines(text) == lines


def test_line_ends_of_other_systems_are_replaced_and_listed():
    submitted = read_notebook(notebook(code("a = 1\r\nb = 2\rc = 3\n")))
    assert submitted.cells[0].source == "a = 1\nb = 2\nc = 3\n"
    assert [repair.code for repair in submitted.repairs] == ["line_ends"]


def test_points_are_numbers_and_nothing_else():
    for points, expected in [(3, 3.0), (2.5, 2.5), (True, None), ("3", None), (10**400, None), (None, None)]:
        content = notebook(code("", metadata={"nbgrader": {"grade": True, "points": points}}))
        assert read_notebook(content).cells[0].points == expected


def test_reading_a_notebook_does_not_import_nbformat():
    program = "import sys; import stepgrade.notebook as n; n.read_notebook(sys.stdin.buffer.read()); "
    program += "sys.exit('nbformat' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], input=notebook(code(ANSWER)), check=True)


def test_a_text_is_one_string_or_a_list_of_lines():
    assert joined(["a", "b", 3, None]) == "ab"
    assert joined("ab") == "ab"
    assert joined(3) == ""


def test_an_ordinary_file_is_read(tmp_path):
    (tmp_path / "a.ipynb").write_bytes(b"content")
    assert read_bytes(tmp_path / "a.ipynb") == b"content"


def make_link(path: Path) -> None:
    path.with_name("target").write_text("secret")
    path.symlink_to(path.with_name("target"))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "cannot be read"),
        (lambda path: path.mkdir(), "not an ordinary file"),
        (make_link, "not an ordinary file"),
        (lambda path: path.symlink_to("/dev/zero"), "not an ordinary file"),
        (os.mkfifo, "not an ordinary file"),
    ],
    ids=["missing", "folder", "link", "device", "pipe"],
)
def test_what_is_no_ordinary_file_is_damaged(tmp_path, make, reason):
    make(tmp_path / "a.ipynb")
    with pytest.raises(DamagedNotebook, match=reason):
        read_bytes(tmp_path / "a.ipynb")


def test_a_name_that_no_file_can_have_is_damaged(tmp_path):
    with pytest.raises(DamagedNotebook, match="cannot be read"):
        read_bytes(tmp_path / "a\0b.ipynb")


def test_a_file_that_is_too_large_is_damaged_without_being_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "MAX_NOTEBOOK_BYTES", 2**20)
    with (tmp_path / "a.ipynb").open("wb") as file:
        file.truncate(2**40)  # sparse
    with pytest.raises(DamagedNotebook, match="more than 1 MiB"):
        read_bytes(tmp_path / "a.ipynb")


def test_a_python_file_is_cut_at_its_cell_lines_without_the_text_cells():
    text = "import math\n# %%\na = 1\n# %% [markdown]\n# Text\n#%% halve\ndef halve(x):\n    return x / 2\n"
    assert [cell.source for cell in python_cells(text.encode())] == [
        "import math\n",
        "# %%\na = 1\n",
        "#%% halve\ndef halve(x):\n    return x / 2\n",
    ]


def test_a_python_file_without_cell_lines_is_one_cell():
    assert len(python_cells(b"import math\n\n\ndef halve(x):\n    return x / 2\n")) == 1


def test_a_slip_in_a_python_file_without_cell_lines_costs_its_definition_only():
    good = "@math.f(\n    1\n)\ndef good(x):\n    return 1\n\n"
    text = f"import math\n\n{good}def bad(x)\n    return 2\n\ndef fine(x):\n    return 3\n"
    cells = python_cells(text.replace("\n", "\r\n").encode())
    assert [cell.source.split("\n")[0] for cell in cells] == ["import math", "@math.f(", "def bad(x)", "def fine(x):"]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a\0b", b"#" * (3 * 2**20)], ids=["encoding", "null", "size"])
def test_a_python_file_that_cannot_be_read_is_damaged(content):
    with pytest.raises(DamagedNotebook):
        python_cells(content)


HOSTILE_CODE = [
    "(" * 5000,
    "-" * 200_000 + "1",
    "x = 1" + " + 1" * 100_000,
    "x" + ".a" * 100_000,
    "x = " + "[" * 90 + "]" * 90,
    "\0",
    "def halve(x):\n    return '\ud800'",
    "return 1\nnonlocal y\nglobal halve\nhalve = 1\nglobal halve",
    "def halve(x, x):\n    global x",
    "class halve:\n    def halve(self): global halve; halve = 1",
    " " * 400_000 + "?",
    "# " + "START CODE HERE " * 20_000,
    "\u00a0" * 400_000 + "x",
    "%%" + "%" * 1000,
    "from os import *",
    "'\\d'; x is 1",
    "def halve(x):\n" + "".join(f"{' ' * (i + 1)}if x:\n" for i in range(95)) + " " * 97 + "pass",
    "exec(" * 80 + "1" + ")" * 80,
    "\n".join(f"def f{i}(x): return f{i + 1}(x)[0]" for i in range(5000)) + "\nhalve = f0",
]


@pytest.mark.parametrize("source", HOSTILE_CODE, ids=range(len(HOSTILE_CODE)))
def test_no_source_stops_the_rescue(source):
    everything_of(notebook(code(source), code(source, cell_type="markdown"), code(ANSWER)))
    python_cells(source.encode("utf-8", "replace").replace(b"\0", b""))


def test_thousands_of_cells_take_seconds_at_most():
    many = [code(f"g{i} = globals(); f{i} = g{i - 1}; halve = f{i}[0]") for i in range(4990)]
    assert len(everything_of(notebook(*many))) == 4990


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just(ANSWER),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
line = st.sampled_from(
    [
        "def halve(x):",
        "    return x / 2",
        "    raise NotImplementedError",
        "%%time",
        "halve = f",
        "import math",
        "\u00a0x",
    ]
)
nbgrader = st.fixed_dictionaries({}, optional={"grade_id": st.sampled_from(["halve_solution", "halve"]) | plain})
metadata = plain | st.fixed_dictionaries(
    {}, optional={"nbgrader": plain | nbgrader, "tags": plain | st.just(["training"])}
)
cell = plain | st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw", "heading"]) | plain,
        "source": plain | st.lists(line, max_size=6).map("\n".join),
        "input": plain,
        "metadata": metadata,
        "outputs": plain,
        "id": plain,
    },
)
document = st.fixed_dictionaries(
    {"nbformat": st.sampled_from([4, 4, 4, 3, 2]) | plain, "cells": st.lists(cell, max_size=5) | plain},
    optional={
        "worksheets": plain | st.lists(st.fixed_dictionaries({"cells": plain | st.lists(cell)})),
        "metadata": plain,
    },
)


@settings(derandomize=True, deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))
@given(document)
def test_no_document_makes_anything_but_a_damaged_notebook_come_out(content):
    try:
        everything_of(json.dumps(content).encode())
    except DamagedNotebook as error:
        assert str(error)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_no_bytes_make_anything_but_a_damaged_file_come_out(content):
    for read in (read_notebook, python_cells):
        try:
            read(content)
        except DamagedNotebook as error:
            assert str(error)


def test_among_thousands_of_functions_no_name_is_looked_for(monkeypatch):
    """For each name Python goes through all functions of the cell."""
    monkeypatch.setattr("symtable.SymbolTable.lookup", None)
    source = "\n".join(f"def f{number}(): pass" for number in range(3000))
    assert len(defined_names(source)) == 3000
