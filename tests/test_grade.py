"""One submission in, one Result out."""

from __future__ import annotations

import dataclasses
import json
import shutil

import nbformat
import pytest

from stepgrade.assignment import Assignment
from stepgrade.grade import Grader
from stepgrade.judge import Examination
from stepgrade.result import EndState, Outcome, Result
from stepgrade.sandbox import Limits

QUICK = Limits(cell_cpu_s=1, call_cpu_s=1, wall_s=4)


@pytest.fixture
def grader(tiny):
    return Grader(tiny, limits=QUICK)


def points(result):
    return {question.id: question.points for question in result.questions}


FULL = {"halve": 4.0, "quarter": 6.0, "double": 0.0}


def test_a_tag_that_decides_what_runs_is_part_of_the_version(tiny):
    before = tiny.version
    notebook = nbformat.read(tiny.source_notebook, as_version=4)
    next(cell for cell in notebook.cells if cell.cell_type == "code").metadata["tags"] = ["training"]
    nbformat.write(notebook, tiny.source_notebook)
    assert Assignment.find("tiny", tiny.course).version != before


def test_a_right_submission_gets_full_marks(grader, hand_in):
    result = grader.grade(hand_in(), "ada")
    assert points(result) == FULL
    assert (result.points, result.max_points, result.end_state) == (10.0, 10.0, EndState.GRADED)


def test_partial_credit_is_given_by_weight(grader, hand_in):
    result = grader.grade(hand_in(halve="def halve(x):\n    return x / 2 if x.ndim == 1 else x"))
    assert result.question("halve").points == 3.0


def test_a_wrong_helper_costs_its_own_question_only(grader, hand_in):
    result = grader.grade(hand_in(halve="def halve(x):\n    return x"))
    assert points(result) == {"halve": 0.0, "quarter": 6.0, "double": 0.0}
    quarter = result.question("quarter")
    assert quarter.follow_through
    assert quarter.own_points == 0.0


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param("global quarter_of; quarter_of = None", id="a name taken away"),
        pytest.param("import numpy; numpy.sum = None", id="a library changed"),
        pytest.param("import os, threading; threading.Timer(0.2, os._exit, [1]).start()", id="a process ended"),
    ],
)
def test_calls_of_one_question_do_not_cost_another_question_anything(grader, hand_in, spoil):
    # The last of the four calls of halve spoils what quarter uses.
    halve = f"n = 0\ndef halve(x):\n    global n\n    n += 1\n    if n == 4:\n        {spoil}\n    return x / 2"
    quarter = "import time, numpy\ndef quarter(x):\n    time.sleep(0.1)\n    return quarter_of(x) + numpy.sum(0)"
    result = grader.grade(hand_in(extra=["def quarter_of(x):\n    return x / 4"], halve=halve, quarter=quarter))
    assert points(result) == FULL
    assert not result.question("quarter").follow_through


def test_a_function_that_hangs_with_right_helpers_is_not_tried_with_others(grader, hand_in, monkeypatch):
    asked = []
    monkeypatch.setattr(
        type(grader.assignment), "helper_source", lambda self, question: asked.append(question.id) or ""
    )
    endless = "def quarter(x):\n    while True:\n        pass"
    assert points(grader.grade(hand_in(quarter=endless)))["quarter"] == 0.0
    assert asked == []
    wrong_helper = "def halve(x):\n    while True:\n        pass"
    grader.grade(hand_in(halve=wrong_helper))
    assert asked == ["quarter"]


def test_a_function_that_leaves_one_case_out_still_gets_the_reference_helpers(grader, hand_in):
    quarter = "def quarter(x):\n    if x.ndim == 1:\n        raise NotImplementedError\n    return halve(halve(x))"
    result = grader.grade(hand_in(halve="def halve(x):\n    return x", quarter=quarter))
    assert points(result) == {"halve": 0.0, "quarter": 1.5, "double": 0.0}


def test_the_reference_helpers_do_not_reach_the_question_that_they_answer(grader, hand_in):
    result = grader.grade(hand_in(halve="halve_it = None", quarter="def quarter(x):\n    return halve(halve(x))"))
    assert result.question("halve").points == 0.0


@pytest.mark.parametrize(
    "noise",
    [
        pytest.param("import warnings\nwarnings.warn('x')", id="a warning"),
        pytest.param("import sys\nprint('x', file=sys.stderr)", id="text on stderr"),
        pytest.param("print('x' * 10**7)", id="ten megabytes of output"),
        pytest.param("import a_package_that_is_missing\nalso = 1", id="a missing package"),
        pytest.param("%matplotlib inline\n!ls\nget_ipython().run_line_magic('time', '1')", id="magics and shell lines"),
        pytest.param("raise ValueError('a scratch cell')", id="an exception in a scratch cell"),
        pytest.param("this does not parse", id="a scratch cell that does not parse"),
        pytest.param("import sys\nsys.exit(3)", id="a call of exit"),
    ],
)
def test_noise_in_other_cells_costs_nothing(grader, hand_in, noise):
    result = grader.grade(hand_in(extra=[noise]))
    assert points(result) == FULL
    assert result.end_state is EndState.GRADED


def test_the_warning_and_output_of_a_graded_function_cost_nothing(grader, hand_in):
    noisy = (
        "import sys, warnings\n"
        "def halve(x):\n"
        "    warnings.warn('hm')\n    print('noise'); print('noise', file=sys.stderr)\n    return x / 2"
    )
    assert points(grader.grade(hand_in(halve=noisy))) == FULL


def test_a_cell_that_does_not_parse_costs_itself_only_and_is_named(grader, hand_in):
    result = grader.grade(hand_in(halve="def halve(x)\n    return x / 2"))
    assert points(result)["halve"] == 0.0
    assert points(result)["double"] == 0.0
    assert result.question("quarter").points == 6.0  # with the reference's halve
    message = result.question("halve").first_finding.message
    assert "SyntaxError: expected ':' at `def halve(x)`" in message


def test_a_function_under_another_name_in_its_own_cell_is_graded_and_the_student_is_told_the_name(grader, hand_in):
    result = grader.grade(hand_in(halve="def half(x):\n    return x / 2"))
    assert points(result) == FULL
    (repair,) = result.repairs
    assert repair.code == "function_renamed"
    assert "half" in repair.message
    assert "halve" in repair.message


def test_a_function_under_another_name_with_other_arguments_is_named_with_the_name_it_should_have(grader, hand_in):
    result = grader.grade(hand_in(double="def doubble(x, y, z):\n    return 2 * x"))
    message = result.question("double").first_finding.message
    assert message == "double is not defined: there is a function doubble; if that is the one, call it double."


def test_another_graded_function_is_never_suggested_for_a_missing_one(grader, hand_in):
    result = grader.grade(hand_in(double="x = 1", extra=["def halve(x):\n    return x / 2"]))
    assert "no cell that runs defines it" in result.question("double").first_finding.message


def test_a_definition_under_a_foreign_cell_magic_is_named_as_the_reason(grader, hand_in):
    result = grader.grade(hand_in(double="%%bash\ndef double(x):\n    return 2 * x"))
    assert "Is there a line with %% on top of it?" in result.question("double").first_finding.message


def test_a_statement_that_raises_does_not_take_the_definitions_below_it_away(grader, hand_in):
    several = (
        "import os\nos.chdir('/no/such/folder')\nimport numpy as np\n\n"
        "def halve(x):\n    return x / 2\n\nhalve_test(halve)\n\ndef unrelated(x):\n    return x\n"
    )
    assert points(grader.grade(hand_in(halve=several, quarter="def quarter(x):\n    return unrelated(x) / 4"))) == FULL


@pytest.mark.parametrize("magic", ["%%time", "%%capture out", "%%timeit -n 1 -r 1"])
def test_a_cell_magic_on_top_does_not_hide_the_function_below_it(grader, hand_in, magic):
    assert points(grader.grade(hand_in(halve=f"{magic}\ndef halve(x):\n    return x / 2"))) == FULL


def test_a_missing_package_is_listed_but_the_public_tests_are_not_missed(grader, hand_in):
    result = grader.grade(hand_in(extra=["import torch_that_is_missing\nfrom public_tests import *"]))
    assert [repair.code for repair in result.repairs] == ["module_missing"]
    assert "torch_that_is_missing" in result.repairs[0].message


@pytest.mark.parametrize(
    "module",
    ["hidden.tiny.solution", "public_tests", "tests.implementations", "stepgrade", "scipy", "sklearn", "nbgrader"],
)
def test_nothing_that_holds_a_solution_can_be_imported(grader, hand_in, module):
    sneaky = f"import {module} as m\ndef halve(x):\n    return x / 2 if m else x"
    assert points(grader.grade(hand_in(halve=sneaky)))["halve"] == 0.0


@pytest.mark.parametrize(
    "module", ["numpy", "matplotlib.pyplot", "h5py", "IPython", "math", "scipy_is_not_needed_here"]
)
def test_the_course_packages_can_be_imported(grader, hand_in, module):
    result = grader.grade(hand_in(halve=f"import {module} as m\ndef halve(x):\n    return x / 2 if m else x"))
    assert points(result)["halve"] == (0.0 if module.endswith("here") else 4.0)


def test_a_message_names_the_students_own_line_of_an_exception(grader, hand_in):
    result = grader.grade(hand_in(halve="def halve(x):\n    y = x['half']\n    return y"))
    assert "`y = x['half']`" in result.question("halve").first_finding.message


def test_an_endless_loop_in_a_call_costs_its_question_only(grader, hand_in):
    result = grader.grade(hand_in(halve="def halve(x):\n    while True:\n        pass"))
    assert points(result) == {"halve": 0.0, "quarter": 6.0, "double": 0.0}
    assert result.end_state is EndState.TIMED_OUT
    assert "never ends" in result.question("halve").first_finding.message
    assert all(check.outcome is Outcome.PASSED for check in result.question("double").checks)


def test_a_cell_that_hangs_is_left_out_and_listed(grader, hand_in):
    result = grader.grade(hand_in(extra=["while True:\n    pass"]))
    assert points(result) == FULL
    assert result.end_state is EndState.TIMED_OUT
    assert [repair.code for repair in result.repairs] == ["cell_left_out"]


def test_a_cell_that_ends_the_process_is_left_out_and_listed(grader, hand_in):
    result = grader.grade(hand_in(extra=["import os\nos._exit(0)"]))
    assert points(result) == FULL
    assert result.end_state is EndState.CRASHED


def test_a_function_that_ends_the_process_costs_its_question_only(grader, hand_in):
    result = grader.grade(hand_in(double="import os\ndef double(x):\n    os._exit(0)"))
    assert points(result) == FULL
    assert result.end_state is EndState.CRASHED
    assert result.question("double").passed_share == 0


def test_a_function_that_eats_memory_fails_with_a_reason(grader, hand_in):
    result = grader.grade(hand_in(double="import numpy as np\ndef double(x):\n    return np.ones(10**11)"))
    assert points(result) == FULL
    assert result.end_state is EndState.OUT_OF_MEMORY
    assert "more memory than is allowed" in result.question("double").first_finding.message


def test_the_same_submission_gives_the_same_result_to_the_byte(grader, hand_in):
    submission = hand_in(halve="import numpy as np\ndef halve(x):\n    return x / 2 + (np.random.rand() > .5)")
    first, second = (dataclasses.replace(grader.grade(submission, "ada"), timing={}).to_json() for _ in range(2))
    assert first == second


def test_a_result_says_how_long_each_question_took_and_how_long_the_cells(grader, hand_in):
    slow = "import time\ndef double(x):\n    time.sleep(0.05)\n    return 2 * x"
    result = grader.grade(hand_in(extra=["import time\ntime.sleep(0.3)"], double=slow))
    spent = {name: result.seconds(name) for name in ("halve", "quarter", "double")}
    assert spent["double"] > 0.05 > spent["halve"]  # the first question does not pay for the cells
    assert result.timing["cells_s"] > 0.3
    assert sum(spent.values()) + result.timing["cells_s"] <= result.timing["total_s"]
    assert result.seconds("triple") is None


def test_another_student_gets_other_inputs(grader, hand_in):
    assert grader.grade(hand_in(), "ada").seed != grader.grade(hand_in(), "bob").seed


def test_a_result_says_when_its_seeds_come_from_the_demo_key(tiny, hand_in):
    assert Grader(tiny).grade(hand_in()).demo_key
    assert not Grader(tiny, secret=b"kept outside the repository").grade(hand_in()).demo_key


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not JSON"),
        (b'{"cells": [', "not JSON"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"[]", "not a notebook"),
        (b'{"a": 1}', "not a notebook"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 3}', "cells"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_notebook_is_damaged_with_the_reason_and_a_mark_of_0(grader, content, reason):
    result = grader.grade(content)
    assert result.end_state is EndState.DAMAGED
    assert reason in result.reason
    assert result.points == 0.0


def test_a_link_is_not_followed(grader, tmp_path, hand_in):
    (tmp_path / "real.ipynb").write_bytes(hand_in())
    link = tmp_path / "link.ipynb"
    link.symlink_to(tmp_path / "real.ipynb")
    assert grader.grade_file(link).end_state is EndState.DAMAGED


def test_cells_without_sense_do_not_stop_the_grading(grader, hand_in):
    notebook = json.loads(hand_in())
    notebook["cells"] += [None, 3, {"cell_type": "code"}, {"cell_type": "code", "source": [1, "x = 1"], "metadata": []}]
    assert points(grader.grade(json.dumps(notebook).encode())) == FULL


def test_the_result_is_one_json_document_with_its_schema(grader, hand_in):
    document = json.loads(grader.grade(hand_in(), "ada").to_json())
    assert document["schema"] == "stepgrade/result/1"
    assert document["student"] == "ada"
    assert {"id", "points", "max_points", "follow_through", "checks"} <= document["questions"][0].keys()
    assert document["questions"][0]["checks"][0]["outcome"] == "passed"


class TestAnEarlierResult:
    """Questions whose version has not changed are kept, and the merged Result is the one of a fresh run."""

    @pytest.fixture
    def change(self, tiny):
        def changed(before, after):
            checks = tiny.hidden_dir / "checks.py"
            text = checks.read_text()
            assert before in text
            copy = tiny.course.parent / "changed"
            shutil.copytree(tiny.course, copy)
            (copy / "hidden/tiny/checks.py").write_text(text.replace(before, after))
            return Grader(Assignment.find("tiny", copy), limits=QUICK)

        return changed

    OTHER_REFERENCE = "solution.double_reference", "solution.quarter_reference"

    @pytest.mark.parametrize(
        "cells",
        [
            pytest.param({}, id="right"),
            pytest.param({"halve": "def halve(x):\n    return x"}, id="wrong, with follow-through"),
            pytest.param({"extra": ["%matplotlib inline\nimport nowhere"]}, id="with repairs"),
            pytest.param({"quarter": "def quarter(x:"}, id="a cell that does not parse"),
        ],
    )
    def test_gives_the_bytes_of_a_fresh_one(self, grader, change, hand_in, cells):
        submission = hand_in(**cells)
        changed = change(*self.OTHER_REFERENCE)
        known = grader.grade(submission, "ada")
        merged = changed.grade(submission, "ada", known=known)
        fresh = changed.grade(submission, "ada")
        assert dataclasses.replace(merged, timing={}).to_json() == dataclasses.replace(fresh, timing={}).to_json()
        assert merged.question("double").checks != known.question("double").checks
        assert merged.seconds("halve") is None  # it was not judged now
        assert merged.seconds("double") > 0

    def test_is_not_judged_again_where_nothing_changed(self, grader, change, hand_in, monkeypatch):
        known = grader.grade(hand_in(), "ada")
        judged = []
        monkeypatch.setattr(
            "stepgrade.grade.Examination", lambda name, *rest: judged.append(name) or Examination(name, *rest)
        )
        change(*self.OTHER_REFERENCE).grade(hand_in(), "ada", known=known)
        assert judged == ["double"]

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param({"seed": "0" * 64}, id="another seed"),
            pytest.param({"submission_sha256": "0" * 64}, id="another submission"),
            pytest.param({"environment": {}}, id="another environment"),
            pytest.param({"end_state": EndState.TIMED_OUT}, id="a limit reached"),
        ],
    )
    def test_is_judged_again_where_anything_else_differs(self, grader, hand_in, other):
        known = grader.grade(hand_in(), "ada")
        lied = tuple(dataclasses.replace(question, points=1.0) for question in known.questions)
        again = grader.grade(hand_in(), "ada", known=dataclasses.replace(known, questions=lied, **other))
        assert points(again) == FULL

    def test_of_which_a_part_is_judged_again_and_reaches_a_limit_is_judged_as_a_whole(self, grader, change, hand_in):
        submission = hand_in(double="import os\ndef double(x):\n    os._exit(1)")
        known = dataclasses.replace(grader.grade(submission, "ada"), end_state=EndState.GRADED)
        lied = tuple(dataclasses.replace(question, points=1.0) for question in known.questions)
        again = change(*self.OTHER_REFERENCE).grade(submission, "ada", known=dataclasses.replace(known, questions=lied))
        assert points(again) == FULL

    def test_comes_back_from_its_document(self, grader, hand_in):
        result = grader.grade(hand_in(halve="def halve(x):\n    return x"), "ada")
        assert Result.from_json(result.to_json()).to_json() == result.to_json()
