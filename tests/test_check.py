"""``stepgrade check``: one file in, a table and reports out, and an exit code that a CI job can act on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from xml.etree import ElementTree

import jsonschema
import nbformat
import pytest
from click.testing import CliRunner

from stepgrade.cli import main
from stepgrade.errors import NoSuchFile, UnknownAssignment, UsageError
from stepgrade.grade import Grader
from stepgrade.recognise import recognise
from stepgrade.result import EndState, QuestionResult, Result
from stepgrade.sandbox import Limits, find_boundary
from stepgrade.secret import SECRET_VARIABLE, read_secret
from tests.conftest import COURSE, RIGHT_TINY

WRONG = {"halve": "def halve(x):\n    return x"}
SEED = "ab" * 32


@pytest.fixture
def submission(tmp_path, hand_in):
    """``submission(halve="...")`` writes a notebook of the tiny assignment; right where nothing else is said."""

    def write(name="tiny.ipynb", **cells):
        path = tmp_path / name
        path.write_bytes(hand_in(**cells))
        return path

    return write


@pytest.fixture
def check(tiny_course):
    """``check(path, "--json", "-")`` runs the command on the tiny course."""

    def run(*arguments):
        # Without a sandbox: what is tested here is around the grading, on every machine.
        options = ["--course", str(tiny_course), "check", "--no-sandbox", *map(str, arguments)]
        return CliRunner().invoke(main, options, terminal_width=80)

    return run


@pytest.fixture
def graded(monkeypatch):
    """``graded(end_state=..., points=...)`` lets every grading end with that Result."""

    def pretend(**facts):
        def grade_file(self, path, student=None, seed=None):
            questions = (QuestionResult("halve", 0.0, 4.0, follow_through=False, checks=()),)
            return Result(
                assignment="tiny",
                student=student,
                questions=questions,
                seed=seed or SEED,
                demo_key=True,
                submission_sha256=SEED,
                assignment_version=SEED,
                environment={"python": "3", "numpy": "2", "stepgrade": "0", "boundary": "none"},
                **({"end_state": EndState.GRADED, "reason": ""} | facts),
            )

        monkeypatch.setattr(Grader, "grade_file", grade_file)

    return pretend


def words(text):
    """Return the lines of a table without their alignment."""
    return [" ".join(line.split()) for line in text.splitlines()]


class TestWhatIsPrinted:
    def test_a_table_with_points_checks_and_the_first_finding(self, check, submission):
        shown = check(submission(**WRONG))
        table = words(shown.stdout)
        assert table[0] == "tiny"
        assert table[4] == "halve 0 / 4 0 of 3"
        assert table[5].startswith("halve: y differs")
        assert "quarter 6 / 6 3 of 3" in table
        assert "total 6 / 10" in table
        assert shown.stderr == ""

    def test_an_unfilled_optional_question_is_skipped_and_no_failure(self, check, submission):
        shown = check(submission(double="def double(x):\n    raise NotImplementedError"))
        assert "double - skipped (optional)" in words(shown.stdout)
        assert shown.exit_code == 0

    def test_the_student_is_named_in_the_table_and_in_the_result(self, check, submission):
        assert check(submission(), "--student", "ada").stdout.startswith("tiny, ada\n")
        assert json.loads(check(submission(), "--student", "ada", "--json", "-").stdout)["student"] == "ada"

    def test_an_empty_student_as_from_an_unset_variable_is_nobody(self, check, submission):
        assert json.loads(check(submission(), "--student", "", "--json", "-").stdout)["student"] is None

    def test_the_boundary_is_in_the_table_and_in_the_result(self, check, submission):
        boundary = json.loads(check(submission(), "--json", "-").stdout)["environment"]["boundary"]
        assert f"boundary   {boundary[:20]}" in check(submission()).stdout


class TestTheReports:
    def test_the_misconception_and_the_smallest_input_are_shown(self, check, submission):
        shown = check(submission(halve="def halve(x):\n    return x * 2")).output
        assert "The numbers become larger. A half is smaller. Read again: Halves." in " ".join(shown.split())
        assert "    x = np.reshape([1.0], (1,))\n    print(halve(x))\n\n    got      y = [2]\n" in shown

    def test_less_is_shown_where_less_is_asked_for(self, check, submission):
        path = submission(halve="def halve(x):\n    return x * 2")
        assert "np.reshape" not in check(path, "--show", "misconception").output
        assert "The numbers become larger." not in check(path, "--show", "rule").output

    def test_the_misconception_is_in_the_json_and_changes_no_point(self, check, submission):
        path = submission(halve="def halve(x):\n    return x * 2")
        with_sentence, without = (
            json.loads(check(path, "--json", "-", "--show", level).stdout) for level in ("smallest", "rule")
        )
        (halve,) = (question for question in with_sentence["questions"] if question["id"] == "halve")
        assert halve["checks"][0]["misconception"].startswith("The numbers become larger.")
        assert with_sentence["points"] == without["points"]

    def test_a_catalogue_that_fails_costs_its_sentence_and_no_mark(self, check, submission, tiny_course):
        (tiny_course / "hidden/tiny/misconceptions.py").write_text("CATALOGUES = 1 / 0\n")
        done = check(submission(halve="def halve(x):\n    return x * 2"))
        place = f"{tiny_course / 'hidden/tiny/misconceptions.py'}, line 1"
        assert f"nothing is said about wrong answers: {place}: ZeroDivisionError: division by zero" in done.stderr
        assert "total" in done.stdout

    def test_json_on_stdout_is_the_result_and_nothing_else(self, check, submission):
        document = json.loads(check(submission(**WRONG), "--json", "-").stdout)
        schema = json.loads((COURSE / "docs/result.schema.json").read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator(schema).validate(document)
        assert (document["points"], document["end_state"]) == (6.0, "graded")

    def test_junit_on_stdout_is_xml_with_a_suite_per_question(self, check, submission):
        report = ElementTree.fromstring(check(submission(**WRONG), "--junit", "-").stdout)  # noqa: S314 - our own
        assert [(suite.get("name"), suite.get("failures")) for suite in report] == [
            ("halve", "2"),
            ("quarter", "0"),
            ("double", "0"),
        ]

    def test_markdown_on_stdout_is_the_summary(self, check, submission):
        assert check(submission(**WRONG), "--markdown", "-").stdout.startswith("## tiny: 6 of 10 points\n")

    def test_several_reports_in_one_run_are_the_same_result(self, check, submission, tmp_path):
        files = {form: tmp_path / f"report.{form}" for form in ("json", "junit", "markdown")}
        options = [part for form, path in files.items() for part in (f"--{form}", path)]
        shown = check(submission(), *options)
        assert "total 10 / 10" in words(shown.stdout)  # the table is printed besides
        assert json.loads(files["json"].read_text())["points"] == 10.0
        assert ElementTree.parse(files["junit"]).getroot().get("failures") == "0"  # noqa: S314 - our own
        assert files["markdown"].read_text().startswith("## tiny: 10 of 10 points\n")

    def test_a_report_on_stdout_takes_the_place_of_the_table(self, check, submission, tmp_path):
        shown = check(submission(), "--markdown", "-", "--json", tmp_path / "result.json")
        assert "end state  " not in shown.stdout
        assert (tmp_path / "result.json").is_file()

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (["--json", "-", "--junit", "-"], "two reports go to -"),
            (["--json", "same", "--junit", "same"], "two reports go to same"),
            (["--json", "no/such/result.json"], "the folder no/such does not exist"),
        ],
    )
    def test_reports_that_cannot_all_be_written_are_refused_before_grading(self, check, submission, options, message):
        shown = check(submission(), *options)
        assert shown.exit_code == 2
        assert message in " ".join(shown.stderr.split())
        assert shown.stdout == ""

    def test_a_report_never_overwrites_the_submission(self, check, submission):
        path = submission()
        before = path.read_bytes()
        assert check(path, "--json", path).exit_code == 2
        assert path.read_bytes() == before


class TestTheExitCode:
    def test_is_0_where_every_question_worth_points_is_full(self, check, submission):
        assert check(submission(double="def double(x):\n    return x")).exit_code == 0

    def test_is_1_where_something_failed(self, check, submission):
        assert check(submission(**WRONG)).exit_code == 1

    @pytest.mark.parametrize(("bar", "code"), [("6", 0), ("6.01", 1), ("0", 0), ("10", 1)])
    def test_follows_the_bar_where_one_is_given(self, check, submission, bar, code):
        assert check(submission(**WRONG), "--fail-under", bar).exit_code == code

    def test_is_1_for_a_damaged_file_whatever_the_bar(self, check, tmp_path):
        (tmp_path / "tiny.ipynb").write_text("no notebook")
        shown = check(tmp_path / "tiny.ipynb", "--fail-under", "0")
        assert shown.exit_code == 1
        assert "damaged" in shown.stdout

    def test_is_1_where_there_is_no_mark(self, check, submission, graded):
        graded(end_state=EndState.MISSING)
        assert check(submission(), "--fail-under", "0").exit_code == 1

    def test_is_3_for_an_error_of_the_grader_with_the_table_all_the_same(self, check, submission, graded):
        graded(end_state=EndState.GRADER_ERROR, reason="the sandbox did not start")
        shown = check(submission())
        assert shown.exit_code == 3
        assert "the sandbox did not start" in shown.stdout

    def test_is_3_with_a_traceback_for_an_error_that_nobody_thought_of(self, check, submission, monkeypatch):
        def breaks(*arguments):
            raise ZeroDivisionError("a bug of ours")

        monkeypatch.setattr(Grader, "grade_file", breaks)
        shown = check(submission())
        assert shown.exit_code == 3
        assert "ZeroDivisionError: a bug of ours" in shown.stderr
        assert "not of the submission" in shown.stderr

    @pytest.mark.parametrize("bar", ["-1", "10.5", "nan", "inf", "many"])
    def test_is_2_for_a_bar_that_is_none(self, check, submission, bar):
        assert check(submission(), "--fail-under", bar).exit_code == 2

    def test_is_2_for_a_path_that_does_not_exist(self, check):
        shown = check("no_such.ipynb")
        assert shown.exit_code == 2
        assert "no_such.ipynb" in shown.stderr

    def test_is_2_for_a_folder(self, check, tmp_path):
        assert check(tmp_path).exit_code == 2

    def test_is_2_for_an_unknown_assignment(self, check, submission):
        shown = check(submission(), "--assignment", "tinny")
        assert shown.exit_code == 2
        assert "did you mean tiny?" in shown.stderr

    @pytest.mark.parametrize("name", ["ada\x1b[2J", "ada\n", "ad\udce4"])
    def test_is_2_for_a_student_that_is_no_text(self, check, submission, name):
        assert check(submission(), "--student", name).exit_code == 2

    def test_is_2_for_a_seed_that_is_none(self, check, submission):
        shown = check(submission(), "--seed", "12")
        assert shown.exit_code == 2
        assert "64 hexadecimal digits" in shown.stderr


class TestTheSeed:
    def test_of_a_result_replays_it_without_the_secret(self, check, submission, tmp_path, monkeypatch):
        (tmp_path / "secret").write_text("a long random line")
        monkeypatch.setenv(SECRET_VARIABLE, str(tmp_path / "secret"))
        path = submission(**WRONG)
        first = json.loads(check(path, "--student", "ada", "--json", "-").stdout)
        monkeypatch.delenv(SECRET_VARIABLE)
        again = json.loads(check(path, "--student", "ada", "--seed", first["seed"].upper(), "--json", "-").stdout)
        assert again["questions"] == first["questions"]
        assert again["seed"] == first["seed"]

    def test_differs_from_student_to_student(self, check, submission):
        path = submission()
        seeds = {json.loads(check(path, "--student", who, "--json", "-").stdout)["seed"] for who in ("ada", "bob")}
        assert len(seeds) == 2


class TestTheSecret:
    def test_is_what_stands_in_the_file_without_its_line_end(self, tmp_path):
        (tmp_path / "secret").write_text("a long random line\n")
        assert read_secret(str(tmp_path / "secret")) == b"a long random line"

    def test_is_none_where_no_file_is_named(self):
        assert read_secret("") is None

    def test_that_is_empty_is_refused(self, tmp_path):
        (tmp_path / "secret").write_text("\n")
        with pytest.raises(UsageError, match="is empty"):
            read_secret(str(tmp_path / "secret"))

    def test_that_does_not_exist_is_a_usage_error_of_the_command(self, check, submission, monkeypatch):
        monkeypatch.setenv(SECRET_VARIABLE, "/no/such/secret")
        shown = check(submission())
        assert shown.exit_code == NoSuchFile.exit_code == 2
        assert "/no/such/secret" in shown.stderr


class TestWhichAssignment:
    @pytest.fixture
    def two(self, tiny_course):
        """A course with a second assignment, tiny_more, that shares two questions with the first."""
        for room in ("source", "hidden"):
            shutil.copytree(tiny_course / room / "tiny", tiny_course / room / "tiny_more")
        notebook = nbformat.read(tiny_course / "source/tiny/tiny.ipynb", as_version=4)
        for cell in notebook.cells:
            cell.source = cell.source.replace("double", "triple")
            marks = cell.metadata.get("nbgrader", {})
            marks.update(grade_id=marks.get("grade_id", "").replace("double", "triple")) if marks else None
        (tiny_course / "source/tiny_more/tiny.ipynb").unlink()
        nbformat.write(notebook, tiny_course / "source/tiny_more/tiny_more.ipynb")
        return tiny_course

    @pytest.mark.parametrize(
        ("name", "assignment"),
        [
            ("tiny.ipynb", "tiny"),
            ("tiny (1).ipynb", "tiny"),
            ("tiny_ada.ipynb", "tiny"),
            ("Tiny-Copy1.ipynb", "tiny"),
            ("tiny.py", "tiny"),
            ("tiny_more.ipynb", "tiny_more"),
            ("tiny_more_ada.ipynb", "tiny_more"),
        ],
    )
    def test_is_what_the_name_says(self, two, tmp_path, name, assignment):
        assert recognise(tmp_path / name, two).name == assignment

    def test_is_what_the_graded_cells_say_where_the_name_says_nothing(self, two, submission):
        assert recognise(submission("homework.ipynb", double="# nothing"), two).name == "tiny"

    @pytest.mark.parametrize(("function", "assignment"), [("double", "tiny"), ("triple", "tiny_more")])
    def test_is_what_the_functions_say_where_there_are_no_graded_cells(self, two, tmp_path, function, assignment):
        cells = [RIGHT_TINY["halve"], f"def {function}(x):\n    return x"]
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        nbformat.write(notebook, tmp_path / "homework.ipynb")
        (tmp_path / "homework.py").write_text("\n\n".join(cells))
        assert recognise(tmp_path / "homework.ipynb", two).name == assignment
        assert recognise(tmp_path / "homework.py", two).name == assignment

    @pytest.mark.parametrize(
        ("source", "message"),
        [
            pytest.param(RIGHT_TINY["halve"], "fits tiny, tiny_more equally well", id="of several"),
            pytest.param("def other(x): ...", "answers no question .* name one of tiny, tiny_more", id="of none"),
        ],
    )
    def test_is_asked_for_where_it_cannot_be_told(self, two, tmp_path, source, message):
        (tmp_path / "homework.py").write_text(source)
        with pytest.raises(UnknownAssignment, match=f"{message}.* with --assignment"):
            recognise(tmp_path / "homework.py", two)

    def test_of_a_damaged_file_is_asked_for_where_there_are_several(self, two, tmp_path):
        (tmp_path / "homework.ipynb").write_text("{")
        with pytest.raises(UnknownAssignment, match=r"not JSON.* name one of tiny, tiny_more with --assignment"):
            recognise(tmp_path / "homework.ipynb", two)

    def test_of_a_damaged_file_is_the_only_one_there_is(self, tiny_course, tmp_path):
        (tmp_path / "homework.ipynb").write_text("{")
        assert recognise(tmp_path / "homework.ipynb", tiny_course).name == "tiny"

    def test_is_found_beside_another_whose_source_is_broken(self, two, submission, caplog):
        (two / "source/tiny_more/tiny_more.ipynb").write_text("{")
        assert recognise(submission("homework.ipynb"), two).name == "tiny"
        assert "tiny_more is not considered" in caplog.text

    def test_given_by_option_wins_over_the_name(self, check, submission):
        shown = check(submission("other.ipynb"), "--assignment", "tiny", "--json", "-")
        assert json.loads(shown.stdout)["assignment"] == "tiny"

    def test_outside_of_a_course_says_to_name_one(self, submission, tmp_path):
        (tmp_path / "elsewhere").mkdir()
        with pytest.raises(UnknownAssignment, match="stepgrade --course FOLDER check"):
            recognise(submission(), tmp_path / "elsewhere")

    def test_outside_of_a_course_names_the_course_that_the_file_lies_in(self, tiny_course, hand_in, tmp_path):
        inside = tiny_course / "submitted/ada/tiny/tiny.ipynb"
        inside.parent.mkdir(parents=True)
        inside.write_bytes(hand_in())
        (tmp_path / "elsewhere").mkdir()
        with pytest.raises(UnknownAssignment, match=f"stepgrade --course {tiny_course} check {inside}"):
            recognise(inside, tmp_path / "elsewhere")


@pytest.mark.parametrize(
    ("halve", "end_state"),
    [
        ("def halve(x):\n    return x", EndState.GRADED),
        ("import os\ndef halve(x):\n    os._exit(3)", EndState.CRASHED),
        ("def halve(x):\n    while True: pass", EndState.TIMED_OUT),
        ("def halve(x):\n    return bytes(9) * 10**9", EndState.OUT_OF_MEMORY),
    ],
)
def test_a_result_of_a_stopped_submission_holds_to_the_schema(tiny, hand_in, halve, end_state):
    """Without a sandbox memory has a limit all the same: the address space of the process."""
    grader = Grader(tiny, limits=Limits(call_cpu_s=1), boundary=find_boundary("none"))
    result = grader.grade(hand_in(halve=halve))
    schema = json.loads((COURSE / "docs/result.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(json.loads(result.to_json()))
    assert result.end_state is end_state


def test_a_file_of_functions_is_graded_like_a_notebook(check, tmp_path):
    (tmp_path / "tiny.py").write_text("\n\n".join(RIGHT_TINY.values()))
    shown = check(tmp_path / "tiny.py", "--json", "-")
    assert json.loads(shown.stdout)["points"] == 10.0
    assert shown.exit_code == 0


def test_no_notebook_library_but_nbformat_is_ever_imported(submission, tiny_course):
    heavy = {"nbgrader", "nbconvert", "nbclient", "IPython", "matplotlib", "jupyter", "jupyter_core", "sqlalchemy"}
    arguments = ["--course", str(tiny_course), "check", "--no-sandbox", str(submission()), "--markdown", "-"]
    script = (
        f"import sys; from stepgrade.cli import main; code = main({arguments!r}, standalone_mode=False); "
        f"print(code, sorted({heavy!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 []"


def test_the_command_from_the_shell_prints_the_result_to_stdout_and_ends_with_its_code(submission, tiny_course):
    done = subprocess.run(
        [sys.executable, "-m", "stepgrade.cli", "check", "--no-sandbox", str(submission(**WRONG))],
        cwd=tiny_course,
        env=os.environ | {"COLUMNS": "80", "PYTHONPATH": str(COURSE), "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "total 6 / 10" in words(done.stdout)
