"""From a submission to what its wrong answers say, in a real sandbox; how much of it is shown; what is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from stepgrade.assignment import Assignment
from stepgrade.course.diagnosing import diagnoses_of, kept_diagnoses
from stepgrade.course.pages import PageTask, is_written, page_file
from stepgrade.diagnose import Diagnosis, diagnosed
from stepgrade.grade import Grader
from stepgrade.notebook import python_cells, read_notebook
from stepgrade.report.disclosure import LEVELS, Disclosure
from stepgrade.report.page.content import question_part
from stepgrade.result import Result
from stepgrade.sandbox import find_boundary
from tests.conftest import COURSE

DOUBLED = "def halve(x):\n    return x + x"


@pytest.fixture
def looked_into(tiny: Assignment, hand_in: Callable[..., bytes]) -> Callable[..., tuple[Result, dict[str, Diagnosis]]]:
    """``looked_into(halve=...)``: the Result of a submission, and the diagnoses by question."""

    def made(**answers: str) -> tuple[Result, dict[str, Diagnosis]]:
        submission = hand_in(**answers)
        result = Grader(tiny).grade(submission, "ada")
        found = diagnosed(result, read_notebook(submission).cells, tiny, find_boundary())
        return result, {diagnosis.question: diagnosis for diagnosis in found}

    return made


def test_a_right_submission_is_not_called_again(looked_into, monkeypatch):
    monkeypatch.setattr("stepgrade.diagnose.submission.StudentCode", None)
    assert looked_into()[1] == {}


def test_the_misconception_is_named_with_the_section_to_read_again(looked_into):
    _, found = looked_into(halve=DOUBLED)
    assert found["halve"].name == "doubled"
    assert found["halve"].sentence == "The numbers become larger. A half is smaller. Read again: Halves."


def test_the_smallest_input_is_shown_with_what_came_back(looked_into):
    _, found = looked_into(halve=DOUBLED)
    example = found["halve"].example
    assert example.code == ("x = np.reshape([1.0], (1,))", "print(halve(x))")
    assert (example.got.tolist(), example.expected.tolist()) == ([2.0], [0.5])


def test_the_same_submission_gives_the_same_diagnoses(looked_into):
    assert looked_into(halve=DOUBLED)[1] == looked_into(halve=DOUBLED)[1]


def test_another_mistake_gets_no_name_but_an_example(looked_into):
    _, found = looked_into(halve="def halve(x):\n    return x - 3")
    assert found["halve"].misconceptions == ()
    assert found["halve"].example.got.tolist() == [-2.0]


def test_a_slip_in_a_helper_is_told_at_the_helper_alone(looked_into):
    result, found = looked_into(halve=DOUBLED)
    assert result.question("quarter").follow_through
    assert list(found) == ["halve"]


def test_a_function_is_looked_at_with_correct_helpers_where_its_own_are_wrong(looked_into):
    _, found = looked_into(halve=DOUBLED, quarter="def quarter(x):\n    return halve(x)")
    assert found["quarter"].name == "halved_once"


def test_the_result_stays_as_it_is(looked_into, tiny, hand_in):
    result, _ = looked_into(halve=DOUBLED)
    again = Grader(tiny).grade(hand_in(halve=DOUBLED), "ada")
    assert json.loads(result.to_json()) | {"timing": 0} == json.loads(again.to_json()) | {"timing": 0}


@pytest.mark.parametrize(
    "halve",
    [
        "def halve(x):\n    while True: pass",
        "def halve(x):\n    raise NotImplementedError",
        "halve = 3",
        "def half(x):\n    return x / 2",
    ],
    ids=["endless", "unfilled", "no function", "not defined"],
)
def test_what_has_said_all_by_its_finding_is_not_called_again(looked_into, tiny, halve, monkeypatch):
    (tiny.hidden_dir / "limits.toml").write_text("call_cpu_s = 0.3\n", encoding="utf-8")
    monkeypatch.setattr("stepgrade.diagnose.submission.StudentCode", None)
    assert looked_into(halve=halve, quarter="def quarter(x):\n    return x / 4")[1] == {}


def test_an_exception_is_quoted_where_the_input_is_no_hidden_one(looked_into):
    _, found = looked_into(halve="def halve(x):\n    return x[7] / 2")
    assert found["halve"].example.raised == "IndexError: index 7 is out of bounds for axis 0 with size 1"


def test_an_output_of_another_shape_is_not_shown_beside_a_reference_helper(looked_into):
    """Its numbers could be the helper's code."""
    told = "def quarter(x):\n    import numpy as np\n    return np.frombuffer(halve.__code__.co_code, np.uint8) * 1.0"
    _, found = looked_into(halve=DOUBLED, quarter=told)
    assert found["quarter"].example.got is None
    assert found["quarter"].example.expected is not None


def test_an_exception_is_not_quoted_beside_a_reference_helper(looked_into):
    """Its text could be the helper's source."""
    told = "def quarter(x):\n    import inspect\n    raise ValueError(repr(halve.__code__.co_consts))"
    _, found = looked_into(halve=DOUBLED, quarter=told)
    assert found["quarter"].example.raised == "ValueError"


@pytest.mark.parametrize(
    "halve",
    [
        "import os\ndef halve(x):\n    os._exit(3)",
        "def halve(x):\n    return object()",
        "def halve(x):\n    return [[x] * 3] * 3",
        "import random\ndef halve(x):\n    return x * random.random()",
        "def halve(x):\n    x *= 2\n    return x / 4 + 1",
        "def halve(x):\n    return x * float('nan')",
        "def halve(x):\n    return None",
    ],
    ids=["ends itself", "an object", "lists", "random", "changes its input", "nan", "None"],
)
def test_hostile_and_odd_answers_end_in_a_diagnosis_without_a_name(looked_into, halve):
    _, found = looked_into(halve=halve, quarter="def quarter(x):\n    return x / 4")
    assert found.get("halve", Diagnosis("halve")).misconceptions == ()


def test_an_assignment_without_a_catalogue_or_inputs_has_diagnoses_that_say_nothing(looked_into, tiny):
    for module in ("misconceptions", "inputs"):
        (tiny.hidden_dir / f"{module}.py").unlink()
    assert looked_into(halve=DOUBLED)[1] == {"halve": Diagnosis("halve")}


def test_no_example_is_an_input_of_a_hidden_check(assignment):
    """They are of other shapes: the smallest ones."""
    source = (COURSE / "examples" / "class" / "stride_ignored.py").read_bytes()
    result = Grader(assignment).grade(source, "ada", is_python=True)
    (found,) = diagnosed(result, python_cells(source), assignment, find_boundary(), of_notebook=False)
    assert found.name == "stride_ignored"
    assert found.example.code[0] == "A_prev = np.reshape([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], (1, 2, 3, 1))"
    assert found.example.reading.read[0, :, :, 0].tolist() == [[False, True, False], [False, False, False]]
    assert found.example.reading.expected[0, :, :, 0].tolist() == [[False, False, True], [False, False, False]]


class TestKept:
    """What a class's diagnoses cost is paid once."""

    @pytest.fixture
    def result(self, tiny, hand_in, submit):
        from stepgrade.evidence import keep_submission

        submission = hand_in(halve=DOUBLED)
        keep_submission(tiny.course, tiny.name, submission)
        return Grader(tiny).grade(submission, "ada")

    def test_nobody_has_looked_yet(self, tiny, result):
        assert kept_diagnoses(result, tiny) is None

    def test_who_looks_first_leaves_them_for_everyone(self, tiny, result):
        diagnoses_of(result, tiny, find_boundary())
        (found,) = kept_diagnoses(result, tiny)
        assert found.name == "doubled"

    def test_the_second_time_no_code_runs(self, tiny, result, monkeypatch):
        first = diagnoses_of(result, tiny, find_boundary())
        monkeypatch.setattr("stepgrade.course.diagnosing.diagnosed", None)
        assert diagnoses_of(result, tiny, find_boundary()) == first

    def test_another_result_is_looked_into_anew(self, tiny, result, hand_in):
        diagnoses_of(result, tiny, find_boundary())
        other = Grader(tiny).grade(hand_in(halve="def halve(x):\n    return x * x"), "ada")
        assert kept_diagnoses(other, tiny) is None

    @pytest.mark.parametrize(
        "left",
        [b"", b"\0" * 40, b"\xff", b"[]", b'{"about": "", "diagno'],
        ids=["nothing", "zeros", "no text", "another document", "half of it"],
    )
    def test_what_a_power_loss_left_is_made_again(self, tiny, result, left):
        first = diagnoses_of(result, tiny, find_boundary())
        (tiny.work_dir / "tiny/diagnosed/ada.json").write_bytes(left)
        assert kept_diagnoses(result, tiny) is None
        assert diagnoses_of(result, tiny, find_boundary()) == first
        assert kept_diagnoses(result, tiny) == first

    def test_a_note_that_is_no_text_is_no_written_page(self, tiny, result):
        places = page_file(tiny, "ada"), tiny.work_dir / "tiny/pages/ada"
        for place in places:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(b"\xff")
        assert not is_written(tiny, "ada", PageTask(str(tiny.course), tiny.name, result.to_json()))

    def test_of_a_right_submission_nothing_is_kept_or_missing(self, tiny, hand_in):
        right = Grader(tiny).grade(hand_in(), "ada")
        assert kept_diagnoses(right, tiny) == ()
        assert not (tiny.work_dir / tiny.name / "diagnosed").exists()


class TestDisclosure:
    """Each level shows what those before it do, and something more."""

    @pytest.fixture
    def part(self, looked_into):
        result, found = looked_into(halve=DOUBLED)
        return lambda level: question_part(result, result.question("halve"), (), found["halve"], Disclosure.of(level))

    def test_the_levels_are_in_order(self):
        assert LEVELS == ("nothing", "rule", "misconception", "smallest", "all")

    def test_nothing_is_said_beside_the_outcomes(self, part):
        assert (part("nothing").first, part("nothing").example) == ("", None)
        assert all(check.finding == "" for check in part("nothing").checks)
        assert {check.outcome for check in part("nothing").checks} == {"failed", "not counted"}

    def test_the_rule_is_the_finding(self, part):
        assert part("rule").first.startswith("halve: y differs at 5 of 5 positions")
        assert part("rule").example is None

    def test_the_misconception_stands_in_front_of_the_finding(self, part):
        assert part("misconception").first.startswith("The numbers become larger.")
        assert part("misconception").first_finding.startswith("halve: y differs")
        assert part("misconception").example is None

    def test_the_smallest_input_comes_without_pictures(self, part):
        assert "x = np.reshape([1.0], (1,))" in part("smallest").example.code
        assert part("smallest").example.pictures == ()


class TestDeadline:
    @pytest.fixture
    def until(self, tiny, monkeypatch):
        from stepgrade.course import disclosure

        def set_to(**extensions):
            due = datetime(2026, 11, 30, 12)
            monkeypatch.setattr(
                disclosure, "deadlines", lambda _: lambda student: due + extensions.get(student, timedelta())
            )
            return disclosure.disclosures(tiny, ["ada", "bob"], datetime(2026, 12, 1, 12))

        return set_to

    def test_after_the_deadline_everything_is_shown(self, until):
        assert until() == {"ada": Disclosure.ALL, "bob": Disclosure.ALL}

    def test_who_has_an_extension_is_shown_less_until_it_is_over(self, until):
        assert until(bob=timedelta(days=2)) == {"ada": Disclosure.ALL, "bob": Disclosure.MISCONCEPTION}

    def test_without_a_due_date_there_is_nothing_to_wait_for(self, tiny, monkeypatch):
        from stepgrade.course import disclosure

        monkeypatch.setattr(disclosure, "deadlines", lambda _: lambda student: None)
        assert disclosure.disclosures(tiny, ["ada"]) == {"ada": Disclosure.ALL}

    def test_the_course_decides_in_its_configuration(self, tiny, until):
        config = tiny.course / "nbgrader_config.py"
        config.write_text(config.read_text() + '\nc.FeedbackPage.after_deadline = "rule"\n', encoding="utf-8")
        assert until()["ada"] is Disclosure.RULE


def test_the_time_of_a_submission_bounds_its_diagnosis(looked_into, tiny, monkeypatch):
    """A function that is slow, and wrong, gets no more than the time of any submission."""
    (tiny.hidden_dir / "limits.toml").write_text("submission_cpu_s = 1\n", encoding="utf-8")
    slow = "import time\ndef halve(x):\n    end = time.process_time() + 0.05\n"
    slow += "    while time.process_time() < end:\n        pass\n"
    _, found = looked_into(halve=f"{slow}    return x", quarter="def quarter(x):\n    return x / 4")
    assert found["halve"].misconceptions == ()
