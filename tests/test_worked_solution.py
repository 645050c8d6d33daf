"""The worked solution: executed, without what is hidden, and never where students find it too early."""

from __future__ import annotations

import json
import shutil
from types import SimpleNamespace

import nbformat
import pytest

from stepgrade.assignment import Assignment
from stepgrade.course.release import worked_solution
from stepgrade.course.release.notebook_text import paths, to_notebook
from stepgrade.course.release.worked_solution import SolutionRefused, write_worked_solution
from tests.conftest import ASSIGNMENT, COURSE, TINY_COURSE

# Cells that a course may have beside those of the tiny one.
HIDDEN_TEST = """halve_test(halve)
### BEGIN HIDDEN TESTS
raise SystemError("a hidden test ran")
### END HIDDEN TESTS"""


def percent_cell(kind: str, grade_id: str, source: str, **flags: bool) -> str:
    """Return a graded cell in the notebook's text form."""
    metadata = {"grade": False, "locked": True, "solution": False, "task": False, "points": 0, "schema_version": 3}
    metadata |= {"grade_id": grade_id, "cell_type": kind, **flags}
    tag = " [markdown]" if kind == "markdown" else ""
    return f"# %%{tag} nbgrader={json.dumps(metadata)}\n{source}\n\n"


ONLY_HIDDEN_TESTS = percent_cell(
    "code", "secret", '### BEGIN HIDDEN TESTS\nraise SystemError("a hidden test ran")\n### END HIDDEN TESTS', grade=True
)
MARK_SCHEME = percent_cell(
    "markdown",
    "essay",
    "# Because $\\frac{1}{2} < 1$.\n#\n# ![a dot](dot.png)\n"
    "# === BEGIN MARK SCHEME ===\n# one point for the fraction\n# === END MARK SCHEME ===",
    task=True,
)
FIGURE = """
# %%
%matplotlib inline
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.savefig("figure.png")
"""
DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c63600000000200015e"
    "f32a430000000049454e44ae426082"
)
TRAINING = '# %% tags=["training", "skip-execution"]'


def edit(course, *replacements) -> None:
    notebook, text = paths("tiny", course)
    content = text.read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in content
        content = content.replace(old, new, 1)
    notebook.write_text(to_notebook(content), encoding="utf-8")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The worked solution of a tiny course with hidden tests, a mark scheme, a figure and a picture; written once."""
    course = tmp_path_factory.mktemp("worked") / "course"
    shutil.copytree(TINY_COURSE, course, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(COURSE / "nbgrader_config.py", course)
    edit(
        course,
        ("halve_test(halve)", HIDDEN_TEST),
        (TRAINING, ONLY_HIDDEN_TESTS + MARK_SCHEME + TRAINING),
        ('print("training")\n', 'print("training")\n' + FIGURE),
    )
    (course / "source" / "tiny" / "dot.png").write_bytes(DOT)
    solution = write_worked_solution(Assignment.find("tiny", course))
    notebook = nbformat.read(solution.notebook, as_version=4)
    return SimpleNamespace(course=course, notebook=notebook, page=solution.page.read_text(), folder=solution.folder)


@pytest.fixture
def refused(tiny_course, tiny):
    """``refused(old, new)``: the message with which the worked solution of the edited notebook is refused."""

    def message(old: str, new: str) -> str:
        edit(tiny_course, (old, new))
        with pytest.raises(SolutionRefused) as caught:
            write_worked_solution(tiny)
        assert not (tiny_course / "solution").exists()
        assert list((tiny_course / ".stepgrade").iterdir()) == []
        return str(caught.value)

    return message


def sources(notebook) -> str:
    return "\n".join(cell.source for cell in notebook.cells)


def outputs(notebook) -> list:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def test_the_solutions_stand_in_it_without_their_markers(written):
    cell = next(cell for cell in written.notebook.cells if "def halve" in cell.source)
    assert cell.source == (
        'def halve(x):\n    """Return half of x."""\n    half_of_everything = x / 2\n    return half_of_everything'
    )


def test_no_cell_carries_metadata_of_nbgrader(written):
    assert {key for cell in written.notebook.cells for key in cell.metadata} == {"tags"}


def test_hidden_tests_and_mark_schemes_are_gone(written):
    everything = sources(written.notebook) + written.page
    for trace in ("HIDDEN TESTS", "hidden test ran", "MARK SCHEME", "one point for"):
        assert trace not in everything


def test_a_cell_of_nothing_but_hidden_tests_is_left_out(written):
    assert all(cell.source.strip() for cell in written.notebook.cells)


def test_what_is_visible_of_a_tests_cell_stays(written):
    assert "halve_test(halve)" in [cell.source.strip() for cell in written.notebook.cells]


def test_every_cell_is_executed_the_training_included(written):
    code = [cell for cell in written.notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert "training\n" in [output.get("text") for output in outputs(written.notebook)]


def test_figures_and_files_that_the_notebook_writes_are_there(written):
    assert any("image/png" in output.get("data", {}) for output in outputs(written.notebook))
    assert {path.name for path in written.folder.iterdir()} == {
        *("tiny.ipynb", "tiny.html", "public_tests.py", "dot.png", "figure.png"),
    }


def test_the_source_folder_and_the_release_stay_as_they_were(written):
    assert {path.name for path in (written.course / "source" / "tiny").iterdir()} - {"__pycache__"} == {
        *("tiny.ipynb", "public_tests.py", "dot.png"),
    }
    assert not (written.course / "release").exists()


def test_the_page_needs_no_script_and_no_network(written):
    assert "<script" not in written.page
    assert 'src="http' not in written.page
    assert 'src="data:image/png;base64,' + "iVBOR" in written.page
    assert "@import" not in written.page


def test_a_figure_on_the_page_says_which_cell_drew_it(written):
    assert 'alt="Figure drawn by code cell ' in written.page
    assert "No description has been provided" not in written.page


def test_the_page_shows_formulas_and_pictures_of_the_text(written):
    assert "<mfrac>" in written.page
    assert 'src="dot.png"' not in written.page


def test_a_second_time_replaces_the_first(tiny, tiny_course):
    write_worked_solution(tiny)
    edit(tiny_course, ('print("training")', 'print("again")'))
    notebook = nbformat.read(write_worked_solution(tiny).notebook, as_version=4)
    assert [output.text for output in outputs(notebook)] == ["again\n"]


def test_a_failing_cell_is_named_with_its_error(refused):
    message = refused("    return halve(halve(x))", "    return half(half(x))")
    assert "cell 7 (quarter) of" in message
    assert "raises NameError: name 'half' is not defined" in message


def test_a_cell_that_ends_the_kernel_is_named(refused):
    message = refused("shown = halve(np.ones(3))", "import os\nos._exit(1)")
    assert "cell 4 of" in message
    assert "ends its process" in message


def test_a_cell_that_does_not_end_is_named(refused, monkeypatch):
    monkeypatch.setattr(worked_solution, "EXECUTION_TIMEOUT_S", 3)
    message = refused("shown = halve(np.ones(3))", "import time\ntime.sleep(60)")
    assert "cell 4 of" in message
    assert "takes longer than 3 s" in message


def test_the_older_one_stays_when_the_new_one_fails(tiny, tiny_course):
    before = write_worked_solution(tiny).notebook.read_bytes()
    edit(tiny_course, ('print("training")', "1 / 0"))
    with pytest.raises(SolutionRefused):
        write_worked_solution(tiny)
    assert (tiny_course / "solution" / "tiny" / "tiny.ipynb").read_bytes() == before


def test_hidden_tests_without_an_end_are_refused_by_cell(refused):
    message = refused("quarter_test(quarter)", "### BEGIN HIDDEN TESTS\nquarter_test(quarter)")
    assert "cell 7 (quarter)" in message
    assert "No end hidden tests statement found" in message


def test_a_hidden_check_that_a_cell_prints_is_refused(refused, tiny):
    hidden = tiny.hidden_dir / "checks.py"
    assert "checks.py" in refused('print("training")', f"print(open({str(hidden)!r}).read())")


def test_a_hidden_check_that_a_cell_writes_to_a_file_is_refused(refused, tiny):
    hidden = tiny.hidden_dir / "checks.py"
    assert "copied.py" in refused('print("training")', f"import shutil\nshutil.copy({str(hidden)!r}, 'copied.py')")


@pytest.mark.slow
def test_the_real_assignment_has_a_worked_solution_that_runs_without_a_warning_and_learns(tmp_path):
    for folder in ("source", "hidden"):
        shutil.copytree(COURSE / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(COURSE / "nbgrader_config.py", tmp_path)
    solution = write_worked_solution(Assignment.find(ASSIGNMENT, tmp_path))
    notebook = nbformat.read(solution.notebook, as_version=4)
    assert "BEGIN SOLUTION" not in sources(notebook)
    assert sum("image/png" in output.get("data", {}) for output in outputs(notebook)) >= 10
    printed = "".join(output.text for output in outputs(notebook) if output.output_type == "stream")
    assert [output.text for output in outputs(notebook) if output.get("name") == "stderr"] == []
    assert printed.count("all tests passed") >= 8
    assert "Both halves are there: the filters learn" in printed
    page = solution.page.read_text(encoding="utf-8")
    assert "<script" not in page
    assert '<code class="tex">' not in page
