"""The release: stubs, the leak proof, and what happens when it finds something."""

from __future__ import annotations

import shutil

import nbformat
import pytest

from stepgrade.assignment import Assignment
from stepgrade.course.release.build import build_release
from stepgrade.course.release.leakproof import leaked_lines
from stepgrade.course.release.notebook_text import paths, sync, to_notebook
from stepgrade.errors import ReleaseRefused
from tests.conftest import ASSIGNMENT, COURSE

pytestmark = pytest.mark.slow


def release_cells(assignment):
    notebook = nbformat.read(assignment.release_dir / f"{assignment.name}.ipynb", as_version=4)
    return {c.metadata.nbgrader.grade_id: c for c in notebook.cells if "nbgrader" in c.metadata}


@pytest.fixture
def rewrite(tiny_course):
    """``rewrite(old, new)`` edits the source notebook of the tiny assignment."""
    notebook, text = paths("tiny", tiny_course)

    def edit(old: str, new: str) -> None:
        assert old in text.read_text()
        notebook.write_text(to_notebook(text.read_text().replace(old, new)))

    return edit


def test_every_stub_raises_an_error_that_names_its_function(tiny):
    build_release(tiny)
    assert release_cells(tiny)["quarter_solution"].source == (
        "def quarter(x):\n"
        '    """Return a quarter of x."""\n'
        "    # YOUR CODE HERE\n"
        '    raise NotImplementedError("quarter: write your code here")'
    )


def test_two_functions_in_one_cell_get_a_stub_each(tiny, rewrite):
    rewrite(
        "    return halve(halve(x))\n    ### END SOLUTION",
        "    return halve(halve(x))\n    ### END SOLUTION\n\n\ndef helper(x):\n    ### BEGIN SOLUTION\n"
        "    return 0.125 * x + 17 * x\n    ### END SOLUTION",
    )
    build_release(tiny)
    source = release_cells(tiny)["quarter_solution"].source
    assert '"quarter: write' in source
    assert '"helper: write' in source


def test_building_twice_gives_the_same_bytes(tiny):
    first = (build_release(tiny) / "tiny.ipynb").read_bytes()
    assert (build_release(tiny) / "tiny.ipynb").read_bytes() == first


def test_a_solution_line_left_outside_the_markers_is_a_leak(tiny, rewrite):
    rewrite('    """Return a quarter of x."""', '    """Return a quarter of x."""\n    return 0.25 * x + 0.0 * x')
    with pytest.raises(ReleaseRefused) as refused:
        build_release(tiny)
    assert "the stub of quarter must be" in str(refused.value)


LEAKS = {
    "a solution in another cell": (
        "shown = halve(np.ones(3))",
        "if False:\n    half_of_everything = 1 / 2\n    shown = half_of_everything\nhalf_of_everything = x / 2",
        None,
    ),
    "a hidden statement in a cell": (
        "shown = halve(np.ones(3))",
        "def f(x):\n    return x * 0.25 + (0 *\n        x.sum())",
        "holds a statement of hidden/tiny/solution.py",
    ),
    "a cell that fails by itself": ("shown = halve(np.ones(3))", "1 / 0", "fails by itself"),
    "a NameError that no stub caused": ("shown = halve(np.ones(3))", "print(nowhere)", "fails by itself"),
}


@pytest.mark.parametrize(("old", "new", "message"), LEAKS.values(), ids=LEAKS.keys())
def test_a_release_that_would_leak_or_break_is_refused_and_the_old_one_stays(tiny, rewrite, old, new, message):
    before = (build_release(tiny) / "tiny.ipynb").read_bytes()
    rewrite(old, new)
    with pytest.raises(ReleaseRefused) as refused:
        build_release(Assignment.find("tiny", tiny.course))
    assert message is None or message in str(refused.value)
    assert "the old release is untouched" in str(refused.value)
    assert (tiny.release_dir / "tiny.ipynb").read_bytes() == before
    assert not list((tiny.course / ".stepgrade").iterdir())


def test_a_hidden_module_among_the_source_files_is_a_leak(tiny):
    (tiny.source_dir / "extra.py").write_text((tiny.hidden_dir / "checks.py").read_text())
    with pytest.raises(ReleaseRefused, match=r"extra\.py holds a statement of hidden/tiny/checks\.py"):
        build_release(tiny)


def test_a_hidden_statement_quoted_in_the_prose_is_a_leak(tiny, rewrite):
    rewrite("# # Tiny", "# # Tiny\n#\n# The trick is `return x * 0.25 + 0 * x.sum() + np.zeros_like(x)`, or so.")
    solution = tiny.hidden_dir / "solution.py"
    solution.write_text(
        solution.read_text() + "\n\ndef spare(x):\n    return x * 0.25 + 0 * x.sum() + np.zeros_like(x)\n"
    )
    with pytest.raises(ReleaseRefused, match=r"cell 1 holds a statement of hidden/tiny/solution\.py"):
        build_release(tiny)


@pytest.mark.parametrize(
    "cell",
    [
        "# %% [markdown]\n# Why?\n#\n# ### BEGIN MARK SCHEME\n# Two points for the whole sum.\n# ### END MARK SCHEME",
        '# %% [markdown] nbgrader={"grade": true, "grade_id": "why", "locked": false, "points": 2, '
        '"schema_version": 3, "solution": true}\n# Two points for the whole sum.',
    ],
    ids=["a mark scheme", "a model answer"],
)
def test_what_a_person_marks_by_is_looked_for_in_the_release(tiny, cell, tmp_path):
    text = tiny.hidden_dir / "tiny.py"
    text.write_text(f"{text.read_text()}\n{cell}\n")
    sync("tiny", tiny.course, from_notebook=False)
    built = tmp_path / "built"
    built.mkdir()
    (built / "README.md").write_text("A hint: two points... no, Two points for the whole sum. That is all.")
    (problem,) = leaked_lines(Assignment.find("tiny", tiny.course), built)
    assert "'Twopointsforthewholesum.'" in problem


def test_modules_that_only_this_shell_finds_do_not_help_the_release(tiny, rewrite, monkeypatch, tmp_path):
    (tmp_path / "only_here.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    rewrite("shown = halve(np.ones(3))", "import only_here")
    with pytest.raises(ReleaseRefused, match="fails by itself, not by a stub: ModuleNotFoundError"):
        build_release(tiny)


def test_public_tests_that_differ_from_the_top_level_copy_are_refused(tiny):
    (tiny.course / "public_tests.py").write_text("def halve_test(target): pass\n")
    with pytest.raises(ReleaseRefused, match=r"public_tests\.py differs"):
        build_release(tiny)


def test_public_tests_of_another_assignment_at_the_top_level_do_not_matter(tiny):
    (tiny.course / "public_tests.py").write_text("def rotate_test(target): pass\n")
    assert build_release(tiny).is_dir()


def test_a_solution_region_that_is_not_closed_is_refused_with_the_reason(tiny, rewrite):
    rewrite("    return x + x\n    ### END SOLUTION", "    return x + x")
    with pytest.raises(ReleaseRefused, match="no end solution"):
        build_release(tiny)


def test_the_committed_release_is_what_its_source_builds(tmp_path):
    course = tmp_path / "course"
    for name in ("source", "hidden"):
        shutil.copytree(
            COURSE / name, course / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        )
    for name in ("nbgrader_config.py", "public_tests.py"):
        shutil.copy(COURSE / name, course)
    built = build_release(Assignment.find(ASSIGNMENT, course))
    committed = COURSE / "release" / ASSIGNMENT
    ignored = {".ipynb_checkpoints", "__pycache__", ".venv"}
    content = [
        {
            str(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and not ignored & set(path.parts)
        }
        for folder in (built, committed)
    ]
    assert content[0] == content[1], "run `stepgrade release cnn_step_by_step` and commit release/"
