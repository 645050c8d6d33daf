"""A submitted notebook, run to be looked at: what every cell shows, and what hostile cells cannot do."""

from __future__ import annotations

import base64
import json
import struct
import time
import zlib

import nbformat
import pytest

from benchmarks.submissions import students_notebook
from stepgrade.assignment import Assignment
from stepgrade.notebook import DamagedNotebook
from stepgrade.sandbox import Limits, find_boundary
from stepgrade.showing import CellState, OutputKind, checked_png, executed, execution, reference_figures, released_files
from stepgrade.showing.execution import run_notebook
from stepgrade.showing.outputs import MAX_OUTPUTS, readable, received_outputs
from stepgrade.showing.png import SIGNATURE, size_of
from tests.conftest import boundary_or_skip


def png(width=2, height=2, extra=b""):
    """A grey PNG image; ``extra`` chunks come before the picture."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compress(b"\0" + b"\0" * width) if width > 4096 else zlib.compress((b"\0" + b"\0" * width) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", head) + extra + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@pytest.fixture
def released(tiny: Assignment) -> Assignment:
    """The tiny assignment with a release folder."""
    tiny.release_dir.mkdir(parents=True)
    (tiny.release_dir / "public_tests.py").write_bytes((tiny.source_dir / "public_tests.py").read_bytes())
    (tiny.release_dir / "data").mkdir()
    (tiny.release_dir / "data" / "numbers.txt").write_text("1 2 3")
    return tiny


@pytest.fixture
def show(released):
    """``show(source, ...)``: the cells of a notebook of these code cells, executed."""

    def shown(*sources, boundary=None):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
        return executed(nbformat.writes(notebook).encode(), released, boundary or find_boundary()).cells

    return shown


def texts(cell):
    return [output.text for output in cell.outputs]


def kinds(cell):
    return [output.kind for output in cell.outputs]


def test_what_a_cell_prints_and_the_value_of_its_last_line_are_shown(show):
    (cell,) = show("import sys\nprint('one')\nprint('two', file=sys.stderr)\n[1, 2]")
    assert texts(cell) == ["one\ntwo", "[1, 2]"]
    assert kinds(cell) == [OutputKind.STREAM, OutputKind.VALUE]


def test_a_semicolon_and_none_show_nothing(show):
    assert [texts(cell) for cell in show("x = 3", "x;", "None", "x")] == [[], [], [], ["3"]]


def test_figures_left_open_are_drawn_at_the_end_of_the_cell_and_closed(show):
    draw = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nprint('drawn')"
    first, second = show(draw, "print(plt.get_fignums())")
    assert kinds(first) == [OutputKind.STREAM, OutputKind.PICTURE]
    assert texts(second) == ["[]"]


def test_show_draws_at_once_and_a_figure_as_last_line_is_drawn_once(show):
    first, second = show(
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nprint('behind')",
        "fig, ax = plt.subplots()\nfig",
    )
    assert kinds(first) == [OutputKind.PICTURE, OutputKind.STREAM]
    assert kinds(second) == [OutputKind.PICTURE]


def test_display_shows_values_figures_and_png_images_and_clear_output_takes_them_back(show):
    content = base64.b64encode(png()).decode()
    source = "from IPython.display import Image, display, clear_output\nimport base64\ndisplay(5, 'text')\n"
    first, second = show(
        source + f"display(Image(base64.b64decode('{content}')))", "display(1)\nclear_output()\ndisplay(2)"
    )
    assert kinds(first) == [OutputKind.VALUE, OutputKind.VALUE, OutputKind.PICTURE]
    assert first.outputs[2].png == png()
    assert texts(second) == ["2"]


def test_html_and_svg_are_shown_as_what_they_are_in_python_and_never_as_themselves(show):
    (cell,) = show("from IPython.display import HTML, SVG, display\ndisplay(HTML('<script>alert(1)</script>'))")
    assert texts(cell) == ["<IPython.core.display.HTML object>"]


def test_an_exception_shows_the_students_own_lines_and_no_library(show):
    first, second = show("def f(x):\n    return 1 / x", "import json\nprint('before')\nf(0)")
    assert first.outputs == ()
    assert texts(second)[0] == "before"
    assert texts(second)[1].splitlines() == [
        "cell 2, line 3:",
        "    f(0)",
        "cell 1, line 2, in f:",
        "    return 1 / x",
        "ZeroDivisionError: division by zero",
    ]


def test_a_cell_has_the_number_by_which_repairs_name_it(released):
    cells = [nbformat.v4.new_markdown_cell("Text"), nbformat.v4.new_code_cell("1 / 0")]
    content = nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()
    _, code = executed(content, released, find_boundary()).cells
    assert code.number == 2
    assert texts(code)[0].startswith("cell 2, line 1:")


def test_a_cell_that_does_not_parse_shows_the_line(show):
    (cell,) = show("x = 1\nif x\n    pass")
    assert texts(cell) == ["cell 1, line 2:\n    if x\nSyntaxError: expected ':'"]


def test_magics_and_shell_lines_do_nothing_and_hurt_nobody(show):
    assert texts(show("%matplotlib inline\n!ls\nprint('still here')")[0]) == ["still here"]


def test_the_files_of_the_release_are_beside_the_notebook_and_no_others(show):
    cells = show(
        "from public_tests import *\nhalve_test(print)",
        "print(open('data/numbers.txt').read())",
        "import os\nprint(sorted(os.listdir('.')))",
    )
    assert [texts(cell) for cell in cells] == [["1.0"], ["1 2 3"], ["['data', 'public_tests.py']"]]


def test_notebooks_hidden_files_and_links_of_the_release_are_not_passed_on(released):
    (released.release_dir / "tiny.ipynb").write_text("{}")
    (released.release_dir / ".env").write_text("secret")
    (released.release_dir / "link.txt").symlink_to(released.hidden_dir / "solution.py")
    assert sorted(released_files(released.release_dir)) == ["data/numbers.txt", "public_tests.py"]


def test_training_is_not_run_again_and_shows_what_the_student_saved(released, hand_in):
    notebook = nbformat.reads(hand_in(), as_version=4)
    training = notebook.cells[-1]
    image = {"image/png": base64.b64encode(png()).decode(), "text/plain": "<Figure>"}
    training.outputs = [
        nbformat.v4.new_output("stream", text="epoch 1"),
        nbformat.v4.new_output("display_data", data=image),
        nbformat.v4.new_output("display_data", data={"text/html": "<script>alert(1)</script>"}),
    ]
    training.execution_count = 7
    cell = executed(nbformat.writes(notebook).encode(), released, find_boundary()).cells[-1]
    assert cell.state is CellState.NOT_RUN_AGAIN
    assert [(output.text, output.png) for output in cell.outputs] == [("epoch 1", b""), ("", png())]


def test_a_students_cell_that_needs_what_training_makes_is_not_run_either(released, hand_in):
    source = json.loads(released.source_notebook.read_bytes())
    source["cells"][-1]["source"] = "def train():\n    return 'trained'"
    released.source_notebook.write_text(json.dumps(source))
    notebook = nbformat.reads(hand_in(), as_version=4)
    notebook.cells += [nbformat.v4.new_code_cell(text) for text in ("done = train()", "print(done)", "print(1 + 1)")]
    cells = executed(
        nbformat.writes(notebook).encode(), Assignment.find("tiny", released.course), find_boundary()
    ).cells
    assert [cell.state for cell in cells[-4:]] == [CellState.NOT_RUN_AGAIN] * 3 + [CellState.RUN]


@pytest.mark.parametrize(
    "forever", ["while True:\n    pass", "while True:\n    print('x' * 1000)", "import time\ntime.sleep(1000)"]
)
def test_a_cell_that_hangs_is_stopped_and_the_cells_behind_it_run_in_the_same_session(show, monkeypatch, forever):
    monkeypatch.setattr(execution, "CELL_CPU_S", 0.5)
    monkeypatch.setattr(Assignment, "limits", Limits(wall_s=2))
    before, hangs, behind = show("x = 5", "print('begun')\n" + forever, "print(x)")
    assert (before.state, hangs.state, behind.state) == (CellState.RUN, CellState.STOPPED, CellState.RUN)
    assert "never ends" in hangs.reason
    assert texts(hangs)[0].startswith("begun")
    assert texts(behind) == ["5"]


def test_a_cell_that_catches_everything_while_it_hangs_ends_its_process_and_the_rest_still_runs(show, monkeypatch):
    monkeypatch.setattr(execution, "CELL_CPU_S", 0.5)
    stubborn = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    _before, hangs, behind = show("x = 5", stubborn, "print(x)")
    assert (hangs.state, texts(behind)) == (CellState.STOPPED, ["5"])


def test_a_cell_that_ends_the_process_is_stopped_and_the_cells_behind_it_run_in_a_new_session(show):
    before, ends, behind = show("x = 5\nprint('once')", "import os\nos._exit(3)", "print(x)")
    assert (texts(before), texts(behind)) == (["once"], ["5"])
    assert ends.state is CellState.STOPPED
    assert "exit code 3" in ends.reason


def test_a_notebook_that_ends_its_session_again_and_again_is_given_up(show):
    cells = show(*["import os\nos._exit(3)"] * 5, "print(1)")
    assert [cell.state for cell in cells] == [CellState.STOPPED] * 3 + [CellState.NOT_RUN] * 3
    assert cells[-1].reason == execution.LOST_TOO_OFTEN


def test_a_notebook_that_uses_up_its_time_is_not_run_to_its_end(show, monkeypatch):
    monkeypatch.setattr(execution, "NOTEBOOK_CPU_S", 0.5)
    slow = "import time\nuntil = time.process_time() + 0.3\nwhile time.process_time() < until: pass"
    cells = show(*[slow] * 6)
    assert (cells[0].state, cells[-1].state) == (CellState.RUN, CellState.NOT_RUN)
    assert cells[-1].reason == execution.USED_UP


def test_200_mb_of_output_are_kept_as_head_and_tail(show):
    (cell,) = show("print('first')\nfor _ in range(200):\n    print('x' * 2**20)\nprint('last')")
    (text,) = texts(cell)
    assert text.startswith("first\nxxx") and text.endswith("xxx\nlast")
    assert "characters are left out" in text
    assert len(text) < 10_000


def test_10000_figures_are_a_dozen_and_a_note(show):
    source = "import matplotlib.pyplot as plt\nfrom IPython.display import display\nfigure = plt.figure(figsize=(1, 1))"
    (cell,) = show(source + "\nplt.close('all')\nfor _ in range(10_000):\n    display(figure)")
    assert kinds(cell) == [OutputKind.PICTURE] * 12 + [OutputKind.NOTE]
    assert texts(cell)[-1] == "9988 more outputs are left out"


def test_10000_values_are_bounded_too(show):
    (cell,) = show("for number in range(10_000):\n    display(number)")
    assert 1 < len(cell.outputs) <= MAX_OUTPUTS
    assert texts(cell)[-1].endswith("more outputs are left out")


@pytest.mark.parametrize(
    "figure",
    [
        "plt.figure(figsize=(1000, 1000), dpi=100)",
        "plt.figure(figsize=(1000, 1000), dpi=100, layout='constrained').add_subplot()",
        "plt.figure().text(500, 0.5, 'far away')",
        "plt.subplots()[1].text(300, 300, 'far away')",
    ],
)
def test_a_figure_of_100000_pixels_is_drawn_small(show, figure):
    (cell,) = show(f"import matplotlib.pyplot as plt\n{figure}\nNone")
    assert kinds(cell) == [OutputKind.PICTURE]
    assert max(size_of(cell.outputs[0].png)) <= 2048


def test_a_figure_whose_drawing_raises_costs_itself(show):
    source = """
import matplotlib.pyplot as plt
class Broken(plt.Line2D):
    def draw(self, renderer): raise RuntimeError("no")
plt.figure().add_artist(Broken([0, 1], [0, 1]))
None
"""
    first, second = show(source, "print(1)")
    assert texts(first) == ["a figure could not be drawn (RuntimeError)"]
    assert texts(second) == ["1"]


PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('two')\nplt.show()"


def test_a_figure_that_the_instructors_notebook_draws_too_is_not_drawn_again_and_looks_the_same(show, released):
    (drawn,) = show(PLOT)
    source = nbformat.read(released.source_notebook, as_version=4)
    source.cells.append(nbformat.v4.new_code_cell(PLOT))
    nbformat.write(source, released.source_notebook)
    known = reference_figures(released, find_boundary())
    assert list(known.values()) == [drawn.outputs[0].png]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(PLOT)])
    content = nbformat.writes(notebook).encode()
    assert executed(content, released, find_boundary()).cells == (drawn,)
    other = dict.fromkeys(known, png())
    assert run_notebook(content, released, find_boundary(), other).cells[0].outputs[0].png == png()


@pytest.mark.slow
def test_no_figure_of_a_right_student_of_the_real_notebook_is_drawn_and_all_look_as_if_they_were(assignment):
    content = students_notebook("right_loops")
    drawn = run_notebook(content, assignment, find_boundary(), {})
    known = reference_figures(assignment, find_boundary())
    figures = [output for cell in drawn.cells for output in cell.outputs if output.kind is OutputKind.PICTURE]
    assert len(figures) == 7
    assert [output.fingerprint in known for output in figures] == [True] * 7
    assert executed(content, assignment, find_boundary()) == drawn


@pytest.mark.parametrize(
    "change",
    [
        "[1, 2.000001]",
        "[1, 2], color='red'",
        "[1, 2], gid='x'); plt.xlabel('x'",
        "[1, 2]); plt.rcParams.update({'path.simplify': False}",
        "[1, 2]); plt.gcf().set_dpi(50",
    ],
)
def test_figures_that_differ_in_anything_have_other_fingerprints(show, change):
    plot, other = show(PLOT, PLOT.replace("[1, 2]", change))
    assert plot.outputs[0].fingerprint
    assert other.outputs[0].fingerprint
    assert plot.outputs[0].fingerprint != other.outputs[0].fingerprint


def test_a_figure_with_code_of_the_notebook_in_it_has_no_fingerprint(show):
    own = "class Line(plt.Line2D): pass\nplt.figure().add_artist(Line([0, 1], [0, 1]))\nplt.show()"
    formats = "plt.gca().xaxis.set_major_formatter(lambda x, _: 'x')\nplt.show()"
    cells = show("import matplotlib.pyplot as plt", own, formats)
    assert [output.fingerprint for cell in cells for output in cell.outputs] == [b"", b""]


def test_a_fingerprint_that_nobody_knows_shows_nothing():
    record = struct.pack("<cI", b"p", 16) + b"f" * 16
    assert [output.kind for output in received_outputs(record, {b"g" * 16: png()})] == [OutputKind.NOTE]
    assert received_outputs(record, {b"f" * 16: png()})[0].png == png()


def test_an_object_that_lies_about_being_an_image_is_a_note(show):
    source = "class Fake:\n    def _repr_png_(self): return b'\\x89PNG\\r\\n\\x1a\\n<script>alert(1)</script>'\nFake()"
    assert kinds(show(source)[0]) == [OutputKind.NOTE]


def test_a_representation_that_raises_is_an_error_of_its_cell(show):
    first, second = show("class Bad:\n    def __repr__(self): raise ValueError('no')\nBad()", "print(1)")
    assert texts(first)[-1].endswith("ValueError: no")
    assert texts(second) == ["1"]


def test_addresses_are_not_shown_because_they_differ_between_two_runs(show):
    assert texts(show("object()")[0]) == ["<object at 0x...>"]


def test_two_runs_show_the_same(show):
    sources = ["import numpy as np, random\nnp.random.rand(3), random.random(), np.array", "{'a', 'b', 'c'}"]
    assert show(*sources) == show(*sources)


@pytest.mark.parametrize("kind", ["none", "landlock"])
def test_a_session_behind_another_boundary_shows_the_same(show, kind):
    sources = ["from public_tests import *\nprint(1)", "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"]
    assert show(*sources) == show(*sources, boundary=boundary_or_skip(kind))


def test_there_is_no_seed_and_no_solution_in_the_world_of_a_shown_notebook(show, released):
    source = (
        "import gc, sys\nprint([name for name in sys.modules if 'stepgrade' in name or name in ('checks', 'solution')])"
    )
    look = (
        "import os\nprint(os.environ.keys() & {'STEPGRADE_SECRET'}, os.path.exists('/work'), sorted(os.listdir('/')))"
    )
    modules, places = (texts(cell)[0] for cell in show(source, look))
    assert modules == "[]"
    assert places.startswith("set() False")
    assert str(released.course) not in places


def test_a_notebook_too_long_for_a_page_says_how_many_cells_are_left_out(released):
    sources = ["#" + "x" * 400_000] * 5
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    shown = executed(nbformat.writes(notebook).encode(), released, find_boundary())
    assert (len(shown.cells), shown.n_left_out) == (2, 3)


def test_behind_outputs_that_have_no_room_the_notebook_ends(show, monkeypatch):
    monkeypatch.setattr(execution._Room, "__init__", lambda room: room.__dict__.update(characters=10_000, n_bytes=0))
    cells = show("print('x' * 8000)", "print('x' * 8000)", "print(1)")
    assert [kinds(cell) for cell in cells] == [[OutputKind.STREAM], [OutputKind.NOTE]]


def test_images_that_together_are_too_large_for_a_page_are_left_out(show, monkeypatch):
    monkeypatch.setattr(
        execution._Room, "__init__", lambda room: room.__dict__.update(characters=10**6, n_bytes=10_000)
    )
    draw = "import matplotlib.pyplot as plt\nfor _ in range(5):\n    plt.plot([1, 2])\n    plt.show()"
    cell = show(draw)[0]
    assert kinds(cell)[-1] is OutputKind.NOTE
    assert 0 < kinds(cell).count(OutputKind.PICTURE) < 5


def test_what_is_no_notebook_is_said_to_be_damaged(released):
    with pytest.raises(DamagedNotebook, match="not JSON"):
        executed(b"junk", released, find_boundary())


def test_a_fork_that_answers_in_the_sessions_place_harms_only_its_own_page(show):
    forge = """
import os, struct, json
for descriptor in range(3, 64):
    try:
        os.write(descriptor, struct.pack("<Q", 5) + b"junk!" * 100)
    except OSError:
        pass
"""
    started = time.monotonic()
    cells = show("x = 1", forge, "print(1)")
    assert len(cells) == 3
    assert time.monotonic() - started < 30


class TestPng:
    def test_a_whole_image_stays_as_it_is(self):
        assert checked_png(png()) == png()

    def test_texts_and_whatever_stands_behind_the_end_go(self):
        assert checked_png(png(extra=chunk(b"tEXt", b"Comment\0<script>")) + b"<script>") == png()

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"<svg onload=alert(1)>",
            SIGNATURE,
            SIGNATURE + b"<script>alert(1)</script>",
            png()[:-1],
            png().replace(b"IDAT", b"IDAX"),
            png()[:40] + b"!" + png()[41:],
            png(100_000, 100_000),
            png(0, 2),
            SIGNATURE + chunk(b"IHDR", b"short") + chunk(b"IDAT", b"") + chunk(b"IEND", b""),
            png() + b"x" * 3 * 2**20,
        ],
    )
    def test_what_is_no_whole_image_of_sensible_size_is_none(self, content):
        assert checked_png(content) is None


class TestText:
    def test_colours_and_control_characters_go_and_a_progress_bar_is_its_last_state(self):
        assert readable("\x1b[31mred\x1b[0m \x07bell\n 10%\r 20%\r 30%\nend") == "red \ufffdbell\n 30%\nend"

    def test_of_many_lines_the_first_and_the_last_are_kept(self):
        lines = readable("\n".join(map(str, range(1000)))).split("\n")
        assert len(lines) == 151
        assert lines[99:102] == ["99", "... 850 lines are left out ...", "950"]

    def test_characters_that_turn_the_direction_of_writing_go(self):
        assert readable("\u202ea\ttab") == "a       tab"

    def test_payloads_that_are_not_in_the_format_end_at_that_point(self):
        good = struct.pack("<cI", b"s", 2) + b"ok"
        for rest in (
            b"?",
            b"zzzzzzzzz",
            struct.pack("<cI", b"s", 2**32 - 1) + b"x",
            struct.pack("<cI", b"q", 1) + b"x",
        ):
            assert [output.text for output in received_outputs(good + rest)] == ["ok"]

    def test_bytes_that_are_no_utf_8_become_signs(self):
        assert received_outputs(struct.pack("<cI", b"s", 2) + b"\xff\xfe")[0].text == "\ufffd\ufffd"
