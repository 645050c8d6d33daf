"""The second assignment: its notebook, its reference, its tests, what they catch, and a class that a person reads."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib
import nbformat
import numpy as np
import pytest
from nbgrader.api import Gradebook
from scipy.signal import convolve2d, correlate2d

from stepgrade.assignment import Assignment
from stepgrade.course.gradebook.totals import class_totals
from stepgrade.course.release.build import build_release
from stepgrade.course.release.notebook_text import paths, to_notebook
from stepgrade.errors import ReleaseRefused
from stepgrade.judge import judge
from stepgrade.report.page.formulas import formula
from stepgrade.report.table import marks_table
from stepgrade.result import Outcome, QuestionResult, Result
from tests.conftest import COURSE, script
from tests.inline import grade_class, page_file, result_file, write_pages, written_result

NAME = "cnn_theory"
SOURCE, HIDDEN, RELEASE = (COURSE / folder / NAME for folder in ("source", "hidden", "release"))
NOTEBOOK, TEXT = paths(NAME, COURSE)
CELLS = nbformat.read(NOTEBOOK, as_version=4).cells
FUNCTIONS = {"rot180": 5, "wide_convolve": 15, "conv_1x1": 10, "conv_cost": 10, "conv_matrix": 20}
ANSWERS = {"roles": 10, "uses": 10, "savings": 8, "derivation": 12}
SEEDS = [f"{number:02x}" * 32 for number in range(6)]
SVG = "{http://www.w3.org/2000/svg}"


def module(path: Path, name: str) -> ModuleType:
    """Import a file as a module of the package ``theory_under_test``, so that it may import its neighbours."""
    package = sys.modules.setdefault("theory_under_test", ModuleType("theory_under_test"))
    package.__path__ = [str(path.parent)]
    return script(path, f"theory_under_test.{name}")


solution, checks, misconceptions, helpers = (
    module(HIDDEN / f"{name}.py", name) for name in ("solution", "checks", "misconceptions", "helpers")
)
make_figures = module(HIDDEN / "make_figures.py", "make_figures")
public_tests = module(SOURCE / "public_tests.py", "public_tests")
hand_in = module(COURSE / "examples/hand_in.py", "hand_in")

KNOWN = [(name, one.name) for name, found in misconceptions.CATALOGUES.items() for one in found.misconceptions]
every_misconception = pytest.mark.parametrize(("name", "wrong"), KNOWN, ids=[f"{name}: {one}" for name, one in KNOWN])
every_function = pytest.mark.parametrize("name", FUNCTIONS)
every_figure = pytest.mark.parametrize("name", make_figures.FIGURES)


def graded_cells(key: str) -> dict[str, Any]:
    return {c.metadata.nbgrader.grade_id: c for c in CELLS if c.metadata.get("nbgrader", {}).get(key)}


def docstring(name: str) -> str:
    tree = ast.parse(graded_cells("solution")[f"{name}_solution"].source)
    return " ".join(ast.get_docstring(tree.body[0]).split())


def notebook_functions() -> dict[str, Any]:
    """The solutions that stand in the source notebook."""
    names: dict[str, Any] = {"np": np}
    for name in FUNCTIONS:
        exec(graded_cells("solution")[f"{name}_solution"].source, names)  # noqa: S102 - our own notebook
    return names


def student_functions(path: Path) -> dict[str, Any]:
    names: dict[str, Any] = {"np": np}
    for title, source in hand_in.written_cells(path).items():
        if title in FUNCTIONS:
            exec(source, names)  # noqa: S102 - our own example
    return names


def written_otherwise() -> dict[str, Any]:
    """What fits every contract, as SciPy has it, or in the formulas' own words."""

    def conv_matrix(W, n_H, n_W, stride, pad):
        columns = []
        for pixel in range(n_H * n_W):
            unit = np.zeros(n_H * n_W)
            unit[pixel] = 1
            padded = np.pad(unit.reshape(n_H, n_W), pad)
            columns.append(correlate2d(padded, W.astype(float), "valid")[::stride, ::stride].ravel())
        return np.array(columns).T

    return {
        "rot180": lambda X: np.rot90(X, 2),
        "wide_convolve": lambda X, W: correlate2d(X.astype(float), W.astype(float), "full"),
        "conv_1x1": lambda A_prev, W, b: np.einsum("ihwk,kc->ihwc", A_prev, W[0, 0]) + b,
        "conv_cost": lambda n_H, n_W, n_C_prev, n_C, f: [
            float(len(range(n_H)) * n_W * n_C * f * f * n_C_prev),
            np.int64(n_H * n_W * n_C),
            f * f * n_C_prev * n_C,
        ],
        "conv_matrix": conv_matrix,
    }


RIGHT = {
    "notebook": notebook_functions,
    "reference": lambda: {name: getattr(solution, name) for name in FUNCTIONS},
    "otherwise": written_otherwise,
    "imitated": lambda: {name: found.imitate(frozenset()) for name, found in misconceptions.CATALOGUES.items()},
    "class: right": lambda: student_functions(hand_in.CLASSES[NAME] / "right.py"),
    "class: functions_only": lambda: student_functions(hand_in.CLASSES[NAME] / "functions_only.py"),
}


class TestNotebook:
    def test_the_text_form_gives_the_notebook_to_the_byte(self):
        assert to_notebook(TEXT.read_text(encoding="utf-8")) == NOTEBOOK.read_text(encoding="utf-8"), (
            f"notebook and text differ; run `stepgrade sync {NAME} --from notebook` or `--from text`"
        )

    def test_sixty_points_are_for_functions_and_forty_for_answers_that_a_person_reads(self):
        points = {name: cell.metadata.nbgrader.points for name, cell in graded_cells("grade").items()}
        assert points == FUNCTIONS | ANSWERS
        assert (sum(FUNCTIONS.values()), sum(ANSWERS.values())) == (60, 40)

    def test_every_answer_has_its_question_with_a_mark_scheme_above_and_a_model_answer_in_it(self):
        for name in ANSWERS:
            answer = graded_cells("grade")[name]
            question = CELLS[CELLS.index(answer) - 1]
            assert question.metadata.nbgrader.grade_id == f"{name}_question"
            assert question.metadata.nbgrader.locked
            assert not question.metadata.nbgrader.task  # a task of no points would wait for a person for ever
            assert answer.cell_type == "markdown"
            assert answer.metadata.nbgrader.solution
            assert answer.source.startswith("### BEGIN SOLUTION\n")
            assert answer.source.endswith("\n### END SOLUTION")

    @pytest.mark.parametrize("name", ANSWERS)
    def test_a_mark_scheme_adds_up_to_the_points_of_its_question(self, name):
        question = next(c.source for c in CELLS if c.metadata.get("nbgrader", {}).get("grade_id") == f"{name}_question")
        asked, _, scheme = question.partition("### BEGIN MARK SCHEME")
        assert f"({ANSWERS[name]} points)" in asked
        assert f"**Mark scheme, {ANSWERS[name]} points**" in scheme
        parts = re.findall(r"^- (?:Part \d, )?(\d+):", scheme, re.MULTILINE)
        assert sum(map(int, parts)) == ANSWERS[name]

    def test_headings_table_and_readme_name_the_same_points(self):
        prose = "\n".join(cell.source for cell in CELLS if cell.cell_type == "markdown")
        readme = (SOURCE / "README.md").read_text(encoding="utf-8")
        for name, points in FUNCTIONS.items():
            assert f"| `{name}` | {points} | program |" in prose
            assert f"`{name}` {points}" in " ".join(readme.split())
        headings = [int(points) for points in re.findall(r"^## \d.*\((\d+) points\)", prose, re.MULTILINE)]
        assert sum(headings) == 100
        assert re.findall(r"^### Exercise (\d): `(\w+)`", prose, re.MULTILINE) == [
            (str(number), name) for number, name in enumerate(FUNCTIONS, start=1)
        ]
        assert "question A 10, B 10, C 8, D 12" in readme

    @every_function
    def test_an_exercise_climbs_the_ladder(self, name):
        rungs = ("**Why.**", "**Definition.**", "**Warm-up.**", "**By hand", "**Check yourself.**", "### Exercise ")
        rungs += ("**What to write.**", "**What not to worry about.**", f"def {name}(", "**Run it", "**Test.**")
        sources = [cell.source for cell in CELLS]
        stub = next(n for n, source in enumerate(sources) if source.startswith(f"def {name}("))
        start = max(n for n in range(stub) if sources[n].startswith("## "))
        text = "\n".join(sources[start:])
        places = [text.index(rung) for rung in (*rungs, f"{name}_test({name})", "**Remember**")]
        assert places == sorted(places)

    @pytest.mark.parametrize(
        ("name", "promises"),
        {
            "rot180": ["float64, float32 or integers", "M and N may differ", "either may be 1", "view of a larger"],
            "wide_convolve": ["float64, float32 or integers", "not turned", "need not be square", "W may be larger"],
            "conv_1x1": [
                "float64, float32 or integers",
                "larger or smaller than n_C_prev, or equal",
                "b may hold frac",
            ],
            "conv_cost": ["without biases", "of the output, which may differ", "as a tuple, in this order", "billions"],
            "conv_matrix": ["float64, float32 or integers", "Any stride (also larger than f)", "whole windows lie on"],
        }.items(),
    )
    def test_what_the_hidden_checks_ask_stands_in_the_docstring(self, name, promises):
        text = docstring(name)
        assert [promise for promise in [*promises, "No error handling is asked for"] if promise not in text] == []
        assert name == "conv_cost" or "not modified" in text

    def test_cells_are_short(self):
        for cell in CELLS:
            if cell.cell_type == "code" and not cell.metadata.get("nbgrader", {}).get("solution"):
                assert len([line for line in cell.source.splitlines() if line.strip()]) <= 20, cell.source
            elif cell.cell_type == "markdown" and "nbgrader" not in cell.metadata:
                said = re.sub(r"\$\$.*?\$\$|!\[.*?\)|^\|.*", "", cell.source, flags=re.DOTALL | re.MULTILINE)
                assert len(said.split()) <= 110, cell.source

    def test_no_inline_code_or_maths_breaks_over_a_line_end(self):
        outside = [re.sub(r"\$\$.*?\$\$", "", c.source, flags=re.DOTALL) for c in CELLS if c.cell_type == "markdown"]
        lines = "\n".join(outside).splitlines()
        assert [line for line in lines if line.count("`") % 2 or line.count("$") % 2] == []

    def test_every_formula_can_be_drawn_on_a_feedback_page(self):
        shown = [re.sub(r"`[^`]*`", "", cell.source) for cell in CELLS if cell.cell_type == "markdown"]
        formulas = re.findall(r"\$\$(.*?)\$\$|\$([^$]+)\$", "\n".join(shown), re.DOTALL)
        assert len(formulas) > 50
        left_as_tex = [tex for pair in formulas for tex in pair if tex and "<code" in formula(tex, display=False)]
        assert left_as_tex == []


class TestReference:
    """The hidden solution, against SciPy, einsum and finite differences."""

    @pytest.mark.parametrize(("X", "W"), [((5, 7), (3, 2)), ((1, 6), (4, 1)), ((2, 2), (3, 5)), ((4, 4), (1, 1))])
    def test_wide_convolution_is_scipys_full_correlation(self, X, W):
        rng = np.random.default_rng(0)
        X, W = rng.normal(size=X), rng.normal(size=W)
        np.testing.assert_allclose(solution.wide_convolve(X, W), correlate2d(X, W, "full"))
        turned = solution.wide_convolve(X, solution.rot180(W))
        np.testing.assert_allclose(turned, convolve2d(X, W, "full"))
        np.testing.assert_allclose(turned, solution.wide_convolve(W, solution.rot180(X)))
        np.testing.assert_allclose(
            solution.wide_convolve(X, W), solution.rot180(solution.wide_convolve(W, X)), atol=1e-12
        )

    @pytest.mark.parametrize("shape", [(3, 5), (1, 4), (4, 1), (1, 1)])
    def test_half_a_turn_is_two_quarter_turns(self, shape):
        X = np.arange(np.prod(shape)).reshape(shape)
        np.testing.assert_array_equal(solution.rot180(X), np.rot90(np.rot90(X)))

    def test_a_1x1_kernel_is_an_einsum(self):
        rng = np.random.default_rng(1)
        A, W, b = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(1, 1, 5, 3)), rng.normal(size=(1, 1, 1, 3))
        np.testing.assert_allclose(solution.conv_1x1(A, W, b), np.einsum("ihwk,abkc->ihwc", A, W) + b)

    @pytest.mark.parametrize(
        ("f", "n_H", "n_W", "stride", "pad"),
        [(2, 3, 5, 1, 0), (3, 6, 8, 2, 0), (3, 4, 5, 2, 1), (2, 4, 5, 3, 3), (1, 3, 4, 2, 0), (3, 3, 3, 1, 0)],
    )
    def test_the_matrix_convolves_and_its_transpose_is_the_slope(self, f, n_H, n_W, stride, pad):
        rng = np.random.default_rng(2)
        W, X = rng.normal(size=(f, f)), rng.normal(size=(n_H, n_W))

        def convolved(image):
            return correlate2d(np.pad(image, pad), W, "valid")[::stride, ::stride]

        C = solution.conv_matrix(W, n_H, n_W, stride, pad)
        np.testing.assert_allclose(C @ X.ravel(), convolved(X).ravel(), atol=1e-12)
        dZ = rng.normal(size=convolved(X).shape)
        slopes = np.empty(X.shape)
        for index in np.ndindex(X.shape):
            step = np.zeros(X.shape)
            step[index] = 1e-4
            slopes[index] = np.sum(dZ * (convolved(X + step) - convolved(X - step))) / 2e-4
        np.testing.assert_allclose((C.T @ dZ.ravel()).reshape(X.shape), slopes, atol=1e-8)

    @pytest.mark.parametrize("pad", [0, 1, 2])
    def test_at_stride_1_the_transpose_is_the_wide_convolution_with_the_turned_filter_less_the_ring(self, pad):
        rng = np.random.default_rng(3)
        W, dZ = rng.normal(size=(3, 3)), rng.normal(size=(4, 5))
        n_H, n_W = 4 + 2 - 2 * pad, 5 + 2 - 2 * pad
        C = solution.conv_matrix(W, n_H, n_W, 1, pad)
        wide = solution.wide_convolve(dZ, solution.rot180(W))
        np.testing.assert_allclose((C.T @ dZ.ravel()).reshape(n_H, n_W), wide[pad : pad + n_H, pad : pad + n_W])

    def test_a_filter_that_does_not_fit_is_refused(self):
        with pytest.raises(ValueError, match="does not fit"):
            solution.conv_matrix(np.ones((4, 4)), 3, 5, 1, 0)

    def test_float32_stays_and_whole_numbers_do_not_wrap_around(self):
        X, W = np.full((2, 2), 100, np.int8), np.full((2, 2), 100, np.int8)
        assert solution.wide_convolve(X, W)[1, 1] == 40_000
        for dtype in (np.float32, np.float64):
            A, K = np.ones((1, 2, 2, 2), dtype), np.ones((1, 1, 2, 2), dtype)
            assert solution.conv_1x1(A, K, np.ones((1, 1, 1, 2), dtype)).dtype == dtype
            assert solution.conv_matrix(np.ones((2, 2), dtype), 3, 3, 1, 0).dtype == dtype
            assert solution.wide_convolve(np.ones((2, 2), dtype), np.ones((2, 2), dtype)).dtype == dtype

    @every_function
    def test_inputs_stay_and_no_result_shares_memory_with_them(self, name):
        for check in checks.QUESTIONS[name].checks:
            for case in check.cases(np.random.default_rng(4)):
                before = {key: np.copy(value) for key, value in case.arguments.items()}
                results = getattr(solution, name)(*case.arguments.values())
                for key, value in case.arguments.items():
                    np.testing.assert_array_equal(value, before[key])
                    for result in results if isinstance(results, tuple) else (results,):
                        assert not np.shares_memory(result, value)

    def test_the_cost_figures_that_the_notebook_quotes(self):
        direct = solution.conv_cost(100, 100, 256, 256, 3)
        squeeze, expand = solution.conv_cost(100, 100, 256, 64, 1), solution.conv_cost(100, 100, 64, 256, 3)
        assert direct == (5_898_240_000, 2_560_000, 589_824)
        assert tuple(np.add(squeeze, expand)) == (1_638_400_000, 3_200_000, 163_840)


@pytest.fixture
def share(answering):
    """``share(question, functions, seed)``: passed weight over total weight, exactly."""

    def judged(name, functions, seed=SEEDS[0]):
        found = judge(name, checks.QUESTIONS[name], answering(functions), seed)
        assert all(check.outcome is not Outcome.ERROR for check in found)
        return QuestionResult(name, 0.0, 0.0, follow_through=False, checks=found).passed_share

    return judged


FORGERIES = {
    "None": lambda right: lambda *arguments: None,
    "its first input": lambda right: lambda *arguments: arguments[0],
    "all its inputs": lambda right: lambda *arguments: arguments,
    "zeros": lambda right: lambda *arguments: forged(right(*arguments), lambda shape: np.zeros(shape)),
    "ones": lambda right: lambda *arguments: forged(right(*arguments), lambda shape: np.ones(shape)),
    "noise": lambda right: lambda *arguments: forged(right(*arguments), lambda shape: noise(shape)),
}


def forged(result, make):
    if isinstance(result, tuple):
        return tuple(make(()).item() for _ in result)
    return make(result.shape)


def noise(shape):
    return np.asarray(np.random.default_rng(0).normal(size=shape))


class TestChecks:
    @pytest.mark.parametrize("who", RIGHT)
    def test_right_work_is_full_at_every_seed(self, share, who):
        functions = RIGHT[who]()
        for seed in SEEDS:
            assert {name: share(name, functions, seed) for name in FUNCTIONS} == dict.fromkeys(FUNCTIONS, 1)

    @pytest.mark.parametrize("forgery", FORGERIES)
    @every_function
    def test_a_function_that_does_nothing_earns_nothing(self, share, name, forgery):
        functions = {name: FORGERIES[forgery](getattr(solution, name))}
        assert [share(name, functions, seed) for seed in SEEDS] == [0] * len(SEEDS)

    @every_misconception
    def test_a_misconception_loses_points_at_every_seed(self, share, name, wrong):
        functions = {name: misconceptions.CATALOGUES[name].imitate(frozenset({wrong}))}
        assert max(share(name, functions, seed) for seed in SEEDS) < 0.95

    @pytest.mark.parametrize(
        ("name", "wrong", "least"),
        [
            ("wide_convolve", "filter_turned", 0.3),
            ("conv_1x1", "bias_forgotten", 0.7),
            ("conv_cost", "bias_counted", 0.7),
            ("conv_matrix", "stride_ignored", 0.6),
            ("conv_matrix", "ring_not_taken_off", 0.6),
        ],
    )
    def test_one_mistake_does_not_cost_everything(self, share, name, wrong, least):
        functions = {name: misconceptions.CATALOGUES[name].imitate(frozenset({wrong}))}
        assert share(name, functions) >= least

    @pytest.mark.parametrize("name", ["rot180", "wide_convolve", "conv_1x1", "conv_matrix"])
    def test_a_function_that_remembers_or_changes_its_inputs_loses_points(self, share, name):
        right = getattr(solution, name)
        remembered: dict[str, Any] = {}

        def memoised(*arguments):
            return remembered.setdefault(str([np.shape(a) or a for a in arguments]), right(*arguments))

        def spoiling(*arguments):
            result = right(*arguments)
            arguments[0].flat[0] += 1
            return result

        assert share(name, {name: memoised}) < 0.9
        assert share(name, {name: spoiling}) < 1

    @every_function
    def test_five_to_nine_checks_with_titles_and_rules_of_their_own(self, name):
        found = checks.QUESTIONS[name].checks
        assert 5 <= len(found) <= 9
        assert len({check.title for check in found}) == len({check.id for check in found}) == len(found)
        parameters = ast.parse(graded_cells("solution")[f"{name}_solution"].source).body[0].args.args
        assert tuple(argument.arg for argument in parameters) == checks.QUESTIONS[name].parameters

    def test_no_question_has_helpers(self):
        assert dict.fromkeys(FUNCTIONS, ()) == helpers.HELPERS
        assert helpers.SOURCE == {}


class TestPublicTests:
    @pytest.mark.parametrize("who", RIGHT)
    def test_right_work_passes_and_hears_one_line_per_function(self, who, capsys):
        functions = RIGHT[who]()
        for name in FUNCTIONS:
            getattr(public_tests, f"{name}_test")(functions[name])
        assert len(capsys.readouterr().out.splitlines()) == len(FUNCTIONS)

    @every_misconception
    def test_a_misconception_fails(self, name, wrong):
        with pytest.raises((AssertionError, ValueError, IndexError, TypeError)):
            getattr(public_tests, f"{name}_test")(misconceptions.CATALOGUES[name].imitate(frozenset({wrong})))

    @pytest.mark.parametrize(
        ("name", "target", "said"),
        [
            ("rot180", lambda X: None, "returned None for X (3, 3) = [[2, 0, 1], [1, 3, 2], [0, 1, 4]]"),
            ("rot180", lambda X: X.T, "This is the transpose"),
            ("rot180", lambda X: X[::-1, ::-1].tolist(), "R is a list, expected an array"),
            ("rot180", lambda X: X.astype(str)[::-1, ::-1], "expected numbers"),
            ("wide_convolve", lambda X, W: X, "Y has shape (3, 3), expected (4, 4)"),
            ("wide_convolve", lambda X, W: correlate2d(X, W, "valid"), "This is the convolution without padding."),
            ("conv_1x1", lambda A, W, b: A @ W[0, 0], "This is the result without b."),
            ("conv_cost", lambda *sizes: 16, "returned 16, expected 3 values"),
            ("conv_cost", lambda *sizes: (16, 4, 5), "the number of parameters differs"),
            ("conv_matrix", lambda *arguments: np.zeros((4, 9)), "got      [[0, 0, 0"),
            ("conv_matrix", 3, "takes the function itself"),
        ],
    )
    def test_a_failure_says_what_was_got_and_what_was_expected(self, name, target, said):
        with pytest.raises(AssertionError, match=re.escape(said)):
            getattr(public_tests, f"{name}_test")(target)

    def test_a_changed_input_is_told_and_an_exception_names_the_call(self):
        def turned_in_place(X):
            X[:] = X[::-1, ::-1].copy()
            return X

        with pytest.raises(AssertionError, match="X is no longer the same after the call"):
            public_tests.rot180_test(turned_in_place)
        with pytest.raises(NotImplementedError) as caught:
            public_tests.rot180_test(lambda X: (_ for _ in ()).throw(NotImplementedError("rot180: write it")))
        assert caught.value.__notes__ == ["rot180 was called with X (3, 3) = [[2, 0, 1], [1, 3, 2], [0, 1, 4]]."]

    def test_there_is_one_per_function_and_the_file_is_short(self):
        assert sorted(public_tests.__all__) == sorted(f"{name}_test" for name in FUNCTIONS)
        assert len((SOURCE / "public_tests.py").read_text(encoding="utf-8").splitlines()) < 270


class TestCatalogues:
    @every_function
    def test_there_are_four_to_eight_per_function_with_names_of_their_own(self, name):
        names = [one.name for one in misconceptions.CATALOGUES[name].misconceptions]
        assert 4 <= len(names) <= 8
        assert len(set(names)) == len(names)

    @every_misconception
    def test_the_sentence_is_short_and_no_code_and_the_section_exists(self, name, wrong):
        one = next(m for m in misconceptions.CATALOGUES[name].misconceptions if m.name == wrong)
        assert len(one.sentence) in range(1, 221)
        assert one.sentence.endswith(".")
        assert not re.search(r"[`=\[\]_@]|np\.|range", one.sentence)
        assert any(cell.source.startswith(f"## {one.section}\n") for cell in CELLS)

    @every_function
    def test_no_two_misconceptions_answer_alike(self, name):
        """Else a diagnosis could never name one of them."""
        found = misconceptions.CATALOGUES[name]
        asked = [case for check in checks.QUESTIONS[name].checks for case in check.cases(np.random.default_rng(5))]
        seen = {}
        for wrong in (frozenset(), *(frozenset({one.name}) for one in found.misconceptions)):
            answers = repr([answer_of(found.imitate(wrong), case) for case in asked])
            assert answers not in seen, (wrong, seen[answers])
            seen[answers] = wrong

    def test_names_that_exclude_each_other_and_names_that_nobody_knows_are_refused(self):
        with pytest.raises(ValueError, match="exclude each other"):
            misconceptions.CATALOGUES["rot180"].imitate(frozenset({"rows_only", "columns_only"}))
        with pytest.raises(ValueError, match="no misconception rows_onyl"):
            misconceptions.CATALOGUES["rot180"].imitate(frozenset({"rows_onyl"}))

    def test_two_misconceptions_at_once_are_one_function(self):
        both = misconceptions.CATALOGUES["conv_cost"].imitate(frozenset({"bias_counted", "additions_counted"}))
        assert both(2, 2, 1, 1, 2) == (32, 4, 5)


def answer_of(function, case):
    try:
        result = function(*case.arguments.values())
    except (ValueError, IndexError) as error:
        return type(error).__name__
    return np.asarray(result).round(6).tolist()


class TestFigures:
    def test_the_folder_holds_exactly_the_figures(self, tmp_path, capsys):
        make_figures.main(["--out", str(tmp_path)])
        drawn = sorted(f"{name}.svg" for name in make_figures.FIGURES)
        assert drawn == sorted(path.name for path in tmp_path.iterdir())
        assert drawn == sorted(path.name for path in (SOURCE / "images").iterdir())
        assert len(capsys.readouterr().out.splitlines()) == len(drawn)

    @every_figure
    def test_a_figure_is_as_its_script_draws_it(self, name):
        """Byte for byte with the Matplotlib that drew it; with another one, letters may move, but the words stay."""
        old, new = (SOURCE / "images" / f"{name}.svg").read_text(encoding="utf-8"), make_figures.render(name)
        description = ET.fromstring(new).findtext(f"{SVG}desc")  # noqa: S314 - our own file
        assert ET.fromstring(old).findtext(f"{SVG}desc") == description  # noqa: S314
        if f"drawn with Matplotlib {matplotlib.__version__} " in old:
            assert new == old

    @every_figure
    def test_a_figure_is_small_and_of_two_blues(self, name):
        svg = (SOURCE / "images" / f"{name}.svg").read_text(encoding="utf-8")
        assert len(svg.encode()) < 12_000
        width, height = (float(side) / 0.75 for side in ET.fromstring(svg).attrib["viewBox"].split()[2:])  # noqa: S314
        assert (width <= 400, height <= 210) == (True, True)
        assert set(re.findall(r"(?:fill|stroke): (#\w{6})", svg)) <= make_figures.PALETTE

    @every_figure
    def test_the_notebook_shows_a_figure_with_its_text_alternative(self, name):
        prose = "\n".join(cell.source for cell in CELLS)
        alternatives = re.findall(rf"!\[(.*?)\]\(images/{name}\.svg\)", prose)
        assert alternatives == [make_figures.FIGURES[name].description]

    def test_the_figures_draw_the_worked_example(self):
        X, W = make_figures.X, make_figures.W
        C, taken = make_figures.matrix_of(W, *X.shape)
        np.testing.assert_array_equal(C, solution.conv_matrix(W, 3, 3, 1, 0))
        assert (C @ X.ravel()).tolist() == [8, 3, 0, 9]
        assert np.flatnonzero(taken[0]).tolist() == [0, 1, 3, 4]
        assert make_figures.multiplications(make_figures.DIRECT) == 5_898_240_000
        assert make_figures.multiplications(make_figures.THROUGH) == 1_638_400_000
        mixed = np.tensordot(make_figures.CHANNELS, W, axes=(0, 0)) + make_figures.B
        assert mixed[0, 0].tolist() == [3, 5]


def test_the_engine_knows_nothing_of_this_assignment():
    words = [NAME, *FUNCTIONS, *(f"{name}_question" for name in ANSWERS)]
    pattern = re.compile(rf"\b({'|'.join(words)})\b")
    sources = [path for path in (COURSE / "stepgrade").rglob("*.py") if pattern.search(path.read_text("utf-8"))]
    assert sources == []


# A class of the second assignment, in a course of its own


@pytest.fixture(scope="module")
def only_stepgrade_on_the_path(tmp_path_factory):
    """A PYTHONPATH that names the checkout would give kernels the first assignment's public_tests.py."""
    folder = tmp_path_factory.mktemp("path")
    (folder / "stepgrade").symlink_to(COURSE / "stepgrade", target_is_directory=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder))
        yield


@pytest.fixture(scope="module")
def course(tmp_path_factory, only_stepgrade_on_the_path):
    """A course folder with both assignments, as a checkout has them; nothing is released there yet."""
    folder = tmp_path_factory.mktemp("theory") / "course"
    for name in ("source", "hidden"):
        shutil.copytree(
            COURSE / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        )
    for name in ("nbgrader_config.py", "public_tests.py"):
        shutil.copy(COURSE / name, folder)
    return folder


@pytest.fixture(scope="module")
def released(course):
    assignment = Assignment.find(NAME, course)
    build_release(assignment)
    return assignment


@pytest.fixture(scope="module")
def graded(released):
    """The example class, handed in and graded."""
    hand_in.main(released.course, NAME)
    grade_class(released)
    return released


def book(assignment):
    return Gradebook(f"sqlite:///{assignment.course / 'gradebook.db'}")


def grades(assignment, student):
    """Return (automatic score, manual score, needs a person) of every graded cell of a student."""
    with book(assignment) as gradebook:
        found = gradebook.find_submission_notebook(NAME, NAME, student).grades
        return {grade.name: (grade.auto_score, grade.manual_score, grade.needs_manual_grade) for grade in found}


MARKS = {
    "right": (5, 15, 10, 10, 20),
    "functions_only": (5, 15, 10, 10, 20),
    "filter_turned": (5, 5, 10, 10, 20),
    "biases_counted": (5, 15, 10, 7, 20),
    "pad_ignored": (5, 15, 10, 10, 14),
    "untouched": (0, 0, 0, 0, 0),
}


@pytest.mark.slow
class TestRelease:
    def test_the_committed_release_is_what_its_source_builds(self, released):
        built, committed = (
            {
                str(path.relative_to(folder)): path.read_bytes()
                for path in folder.rglob("*")
                if path.is_file() and not {"__pycache__", ".ipynb_checkpoints", ".venv"} & set(path.parts)
            }
            for folder in (released.release_dir, RELEASE)
        )
        assert built == committed, f"run `stepgrade release {NAME}` and commit release/"

    def test_no_mark_scheme_and_no_model_answer_is_in_it(self, released):
        text = (released.release_dir / f"{NAME}.ipynb").read_text(encoding="utf-8")
        assert "MARK SCHEME" not in text
        assert "Mark scheme" not in text
        assert "SOLUTION" not in text
        released_cells = nbformat.reads(text, as_version=4).cells
        answers = [c for c in released_cells if c.metadata.get("nbgrader", {}).get("grade_id") in ANSWERS]
        assert [cell.source for cell in answers] == ["YOUR ANSWER HERE"] * len(ANSWERS)
        for cell in graded_cells("grade").values():
            for line in cell.source.splitlines() if cell.cell_type == "markdown" else ():
                assert len(line) < 40 or line not in text

    def test_a_model_answer_in_another_file_is_refused(self, course, tmp_path):
        copy = tmp_path / "course"
        shutil.copytree(course, copy, ignore=shutil.ignore_patterns(".stepgrade", "submitted", "autograded"))
        told = max(graded_cells("grade")["uses"].source.splitlines(), key=len)
        with (copy / "source" / NAME / "README.md").open("a", encoding="utf-8") as readme:
            readme.write(f"{told}\n")
        with pytest.raises(ReleaseRefused, match=r"README.md holds a line of the instructor's solution"):
            build_release(Assignment.find(NAME, copy))


@pytest.mark.slow
class TestClass:
    def test_every_function_gets_the_marks_that_the_file_deserves(self, graded):
        assert sorted(MARKS) == sorted(path.stem for path in hand_in.CLASSES[NAME].glob("*.py"))
        results = {student: Result.from_json(result_file(graded, student).read_text("utf-8")) for student in MARKS}
        marks = {student: tuple(q.points for q in result.questions) for student, result in results.items()}
        assert marks == MARKS
        assert {result.max_points for result in results.values()} == {60.0}

    def test_answers_wait_for_a_person_and_those_that_nobody_wrote_do_not(self, graded):
        waits = (None, None, True)
        nothing = (0.0, None, False)
        assert {name: grades(graded, "right")[name] for name in ANSWERS} == dict.fromkeys(ANSWERS, waits)
        assert {name: grades(graded, "functions_only")[name] for name in ANSWERS} == dict.fromkeys(ANSWERS, nothing)
        half = grades(graded, "pad_ignored")
        assert {name: half[name] for name in ANSWERS} == {
            "roles": waits,
            "uses": nothing,
            "savings": waits,
            "derivation": nothing,
        }
        assert {grades(graded, "right")[name] for name in FUNCTIONS} == {
            (float(points), None, False) for points in FUNCTIONS.values()
        }

    def test_the_person_who_grades_sees_the_mark_scheme_above_the_students_own_answer(self, graded):
        path = graded.course / "autograded/right" / NAME / f"{NAME}.ipynb"
        cells = nbformat.read(path, as_version=4).cells
        ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells]
        for name in ANSWERS:
            place = ids.index(name)
            assert ids[place - 1] == f"{name}_question"
            assert "Mark scheme" in cells[place - 1].source
            assert "SOLUTION" not in cells[place].source
        assert "That sum does not ask which of the two matrices is the image" in cells[ids.index("roles")].source

    def test_a_mark_that_a_person_gave_stays_when_the_class_is_graded_again_and_counts(self, graded):
        given = {"roles": 9.0, "uses": 10.0, "savings": 8.0, "derivation": 11.5}
        assert class_totals(graded)["right"] is None  # not before everything is read
        with book(graded) as gradebook:
            for name, points in given.items():
                grade = gradebook.find_grade(name, NAME, NAME, "right")
                grade.manual_score, grade.needs_manual_grade = points, False
            gradebook.db.commit()
        grade_class(graded)
        after = grades(graded, "right")
        assert {name: after[name][:2] for name in ANSWERS} == {name: (None, points) for name, points in given.items()}
        totals = class_totals(graded)
        assert totals["right"] == 60 + sum(given.values()) == 98.5
        assert totals["functions_only"] == 60
        assert totals["untouched"] == 0
        assert totals["pad_ignored"] is None
        with book(graded) as gradebook:
            assert gradebook.find_submission(NAME, "right").max_score == 100

    def test_the_table_shows_what_was_judged(self, graded):
        table = marks_table(graded, ((student, written_result(graded, student)) for student in MARKS))
        assert "rot180 /5  wide_convolve /15  conv_1x1 /10  conv_cost /10  conv_matrix /20" in table
        head, by_hand = table.split("\n\n")
        assert len(head.splitlines()) == 2 + len(MARKS)
        assert by_hand.startswith("Answers worth 40 more points are read by a person")

    def test_the_assignment_is_worth_what_both_graders_give(self, graded):
        assert (graded.points_by_hand, graded.max_points) == (40, 100)

    def test_the_students_page_shows_the_answer_and_no_mark_scheme(self, graded):
        write_pages(graded)
        page = page_file(graded, "right").read_text(encoding="utf-8")
        assert "That sum does not ask which of the two matrices is the image" in page
        assert "Mark scheme" not in page
        assert "Question A: image and filter swap roles" in page
        wrong = page_file(graded, "filter_turned").read_text(encoding="utf-8")
        assert "the filter is not turned" in wrong
        assert "and up to 40 more for answers that a person reads" in wrong
        assert "The smallest input that shows it" in wrong

    def test_plain_nbgrader_gives_the_same_marks_and_leaves_the_same_answers_to_a_person(self, graded):
        expected = {student: grades(graded, student) for student in ("filter_turned", "pad_ignored")}
        for student in expected:
            command = [sys.executable, "-m", "nbgrader", "autograde", NAME, "--student", student, "--force"]
            done = subprocess.run(command, cwd=graded.course, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
        assert {student: grades(graded, student) for student in expected} == expected
