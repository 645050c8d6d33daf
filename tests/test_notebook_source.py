"""The source notebook: its text form, its metadata, what it promises, and that it runs."""

from __future__ import annotations

import ast
import re
import shutil

import nbformat
import pytest
from nbclient import NotebookClient
from traitlets.config import Config

from stepgrade.course.release.notebook_text import paths, to_notebook, to_text
from tests.conftest import ASSIGNMENT, COURSE

NOTEBOOK, TEXT = paths(ASSIGNMENT, COURSE)
SOURCE = nbformat.read(NOTEBOOK, as_version=4)
RELEASE = COURSE / "release" / ASSIGNMENT
OPTIONAL = ("conv_backward", "create_mask_from_window", "distribute_value", "pool_backward")
POINTS = {"zero_pad": 15, "conv_single_step": 15, "conv_forward": 40, "pool_forward": 30} | dict.fromkeys(OPTIONAL, 0)


def nbgrader_cells(key):
    found = [cell for cell in SOURCE.cells if cell.metadata.get("nbgrader", {}).get(key)]
    return {cell.metadata.nbgrader.grade_id: cell for cell in found}


def docstring(name):
    tree = ast.parse(nbgrader_cells("solution")[f"{name}_solution"].source)
    return ast.get_docstring(next(node for node in tree.body if isinstance(node, ast.FunctionDef)))


class TestTextForm:
    def test_the_text_form_gives_the_notebook_to_the_byte(self):
        assert to_notebook(TEXT.read_text(encoding="utf-8")) == NOTEBOOK.read_text(encoding="utf-8"), (
            "notebook and text differ; run `stepgrade sync cnn_step_by_step --from notebook` or `--from text`"
        )

    def test_the_way_there_and_back_changes_nothing(self):
        text = to_text(NOTEBOOK.read_text(encoding="utf-8"))
        assert to_notebook(text) == NOTEBOOK.read_text(encoding="utf-8")

    def test_cell_ids_are_unique_and_follow_the_grade_id(self):
        ids = [cell.id for cell in SOURCE.cells]
        assert len(set(ids)) == len(ids)
        assert {cell.id for cell in nbgrader_cells("grade").values()} == set(POINTS)


class TestMetadata:
    def test_every_question_has_its_points(self):
        assert {name: cell.metadata.nbgrader.points for name, cell in nbgrader_cells("grade").items()} == POINTS

    def test_every_question_has_one_solution_cell_before_its_test_cell(self):
        order = [cell.metadata.nbgrader.grade_id for cell in SOURCE.cells if "nbgrader" in cell.metadata]
        assert order == [name for question in POINTS for name in (f"{question}_solution", question)]

    def test_training_cells_come_after_every_graded_cell_and_are_tagged_for_all_graders(self):
        training = [n for n, cell in enumerate(SOURCE.cells) if "training" in cell.metadata.get("tags", [])]
        graded = [n for n, cell in enumerate(SOURCE.cells) if "nbgrader" in cell.metadata]
        assert min(training) > max(graded)
        assert all("skip-execution" in SOURCE.cells[n].metadata.tags for n in training)
        after = [n for n, cell in enumerate(SOURCE.cells) if cell.cell_type == "code" and n > max(graded)]
        assert after == training

    def test_training_cells_define_nothing_that_is_graded(self):
        for cell in SOURCE.cells:
            if "training" in cell.metadata.get("tags", []):
                nodes = [n for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.FunctionDef)]
                assert not {node.name for node in nodes} & set(POINTS)


class TestPromises:
    @pytest.mark.parametrize("name", POINTS)
    def test_a_docstring_gives_shapes_and_asks_for_no_error_handling(self, name):
        text = docstring(name)
        assert "Parameters" in text
        assert "Returns" in text
        assert "No error handling is asked for" in " ".join(text.split())

    @pytest.mark.parametrize("name", ["zero_pad", "conv_single_step", "conv_forward", "pool_forward", "conv_backward"])
    def test_a_docstring_says_that_float32_and_integers_come_and_inputs_stay(self, name):
        text = docstring(name)
        assert "not modified" in text
        if name != "conv_forward":
            assert "float32 or integers" in text

    @pytest.mark.parametrize(
        ("name", "promises"),
        {
            "zero_pad": ["pad 0", "Height and width may differ", "m and n_C may be 1", "view of a larger array"],
            "conv_single_step": ["One number, not an array", "plus b once"],
            "conv_forward": ["float32 or integers", "Any stride", "pad (0", "height and width that differ", "m = 1"],
            "pool_forward": ["Any stride", "negative", "m = 1", '"max" (also if left out)', "rows left over"],
            "conv_backward": ["Any stride", "pad 0", "m = 1", "rows left over"],
            "create_mask_from_window": ["every position that holds the maximum", "of any sign", "boolean"],
            "distribute_value": ["they may differ", "float or int"],
            "pool_backward": ["Any stride", "without ties", "float even if A_prev is integer", "(also if left out)"],
        }.items(),
    )
    def test_what_the_hidden_checks_ask_stands_in_the_docstring(self, name, promises):
        text = " ".join(docstring(name).split())
        assert [promise for promise in promises if promise not in text] == []

    @pytest.mark.parametrize("name", ["conv_forward", "pool_forward", "conv_backward", "pool_backward"])
    def test_looping_functions_list_their_steps_with_line_counts(self, name):
        steps = docstring(name).partition("Steps\n")[2].partition("Notes\n")[0]
        assert len(re.findall(r"^\d\. ", steps, re.MULTILINE)) >= 6
        assert len(re.findall(r"\(\d(-\d)? lines?\)|\(\d lines?\)", steps)) >= 5

    @pytest.mark.parametrize("name", ["conv_forward", "pool_forward"])
    def test_the_cache_and_its_order_are_promised(self, name):
        order = {"conv_forward": "(A_prev, W, b, hparameters)", "pool_forward": "(A_prev, hparameters)"}[name]
        assert f"the tuple {order}, in this order" in docstring(name)

    def test_code_cells_are_short(self):
        for cell in SOURCE.cells:
            if cell.cell_type == "code" and not cell.metadata.get("nbgrader", {}).get("solution"):
                assert len([line for line in cell.source.splitlines() if line.strip()]) <= 25, cell.source

    def test_validate_and_unfilled_exercises_are_explained(self):
        prose = "\n".join(cell.source for cell in SOURCE.cells if cell.cell_type == "markdown")
        assert re.search(r"Validate.*cost nothing", prose, re.DOTALL)


LADDER = (
    "**Why.**",
    "**Definition.**",
    "**Warm-up.**",
    "**By hand",
    "**Check yourself.**",
    "### Exercise ",
    "**What to write.**",
    "**What not to worry about.**",
    "**Run it",
    "**Test.**",
    "**Remember**",
)


class TestText:
    @pytest.mark.parametrize("name", POINTS)
    def test_an_exercise_climbs_the_whole_ladder_in_order(self, name):
        sources = [cell.source for cell in SOURCE.cells]
        stub = next(n for n, source in enumerate(sources) if source.startswith(f"def {name}("))
        start = max(n for n in range(stub) if re.match(r"## \d|### \d\.\d ", sources[n]))
        end = next(n for n in range(stub, len(sources)) if sources[n].startswith("**Remember**")) + 1
        text = "\n".join(sources[start:end])
        climbed = re.findall("|".join(f"(?:^{re.escape(rung)})" for rung in LADDER), text, re.MULTILINE)
        assert tuple(dict.fromkeys(climbed)) == LADDER
        assert text.index("**What not") < text.index(f"\ndef {name}(") < text.index("**Run it")
        assert text.index("**Test.**") < text.index(f"\n{name}_test({name})") < text.index("**Remember**")

    def test_exercises_are_numbered_and_say_which_are_optional(self):
        prose = "\n".join(cell.source for cell in SOURCE.cells if cell.cell_type == "markdown")
        expected = [
            f"### Exercise {n}: `{name}`{' (optional, 0 points)' if name in OPTIONAL else ''}"
            for n, name in enumerate(POINTS, start=1)
        ]
        assert re.findall(r"^### Exercise .*", prose, re.MULTILINE) == expected

    def test_no_inline_code_or_maths_breaks_over_a_line_end(self):
        broken = []
        for cell in SOURCE.cells:
            if cell.cell_type == "markdown":
                outside = re.sub(r"^```.*?^```|\$\$.*?\$\$", "", cell.source, flags=re.DOTALL | re.MULTILINE)
                broken += [line for line in outside.splitlines() if line.count("`") % 2 or line.count("$") % 2]
        assert broken == []


def executed(folder, notebook):
    """Run a notebook top to bottom, training included, in a kernel of its own."""
    NotebookClient(
        notebook,
        config=Config({"KernelManager": {"transport": "ipc", "ip": f"{folder}/kernel"}}),
        timeout=170,
        skip_cells_with_tag="",
        resources={"metadata": {"path": str(folder)}},
    ).execute()
    return notebook


def outputs(notebook, kind):
    return [o for cell in notebook.cells for o in cell.get("outputs", []) if o.output_type == kind]


def printed(notebook):
    return "".join(output.text for output in outputs(notebook, "stream"))


def filled_release(tmp_path, questions):
    """The release folder in ``tmp_path`` with the instructor's solutions of ``questions`` filled in."""
    folder = tmp_path / "work"
    shutil.copytree(RELEASE, folder)
    solutions = nbgrader_cells("solution")
    notebook = nbformat.read(folder / f"{ASSIGNMENT}.ipynb", as_version=4)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "").removesuffix("_solution")
        if cell.metadata.get("nbgrader", {}).get("solution") and name in questions:
            cell.source = solutions[f"{name}_solution"].source
    return folder, notebook


@pytest.mark.slow
class TestRun:
    def test_with_the_graded_half_alone_the_last_layer_learns_and_it_says_so(self, tmp_path):
        graded = [name for name in POINTS if name not in OPTIONAL]
        folder, notebook = filled_release(tmp_path, graded)
        for cell in notebook.cells:  # the optional demonstrations and tests fail, as they should
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), "raises-exception"]
        text = printed(executed(folder, notebook))
        assert "the filters stay fixed, the dense layer learns" in text
        assert re.search(r"right: [89]\d\.\d% of the test images", text)

    def test_without_the_digits_everything_before_the_last_section_works_and_one_message_helps(self, tmp_path):
        folder, notebook = filled_release(tmp_path, POINTS)
        (folder / "data/digits.h5").unlink()
        text = printed(executed(folder, notebook))
        assert text.count("data/digits.h5") == 1
        assert "download it again or ask your instructor" in text
        assert text.count("all tests passed") == len(POINTS)
