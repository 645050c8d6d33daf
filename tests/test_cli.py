"""The command line: what it prints, where, and with which exit code."""

from __future__ import annotations

import csv
import errno
import json
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
from click.testing import CliRunner

import stepgrade.environment
from stepgrade.cli import main
from stepgrade.course.configuration import load_config
from stepgrade.errors import UsageError
from stepgrade.sandbox import BOUNDARIES, NO_BOUNDARY, SandboxUnavailable

VERBS = sorted(main.commands)

CHECK_HELP = """\
Usage: stepgrade check [OPTIONS] FILE

  Grade one notebook, or a .py file with the functions.

  Reads FILE, source/ and hidden/; writes nothing but the reports that are asked
  for. Prints a table, unless a report goes to stdout. STEPGRADE_SECRET_FILE
  names the file with the course secret; without one, a public demo key makes
  the inputs.

  A wrong answer is looked into when the marks are made: if exactly one
  misconception explains it, that is named, and the smallest input on which it
  is wrong is shown.

  Exit code:
    0  every question that is worth points is full, or --fail-under is reached
    1  something is missing or failed, or FILE is damaged
    2  usage, or a path that does not exist
    3  an error of the grader, never of the student

  Example, in a course folder:
    stepgrade check my_notebook.ipynb --json result.json --markdown summary.md
    stepgrade check my_notebook.ipynb --boundary landlock

Options:
  --assignment NAME    Which assignment it is; default: what its name or content
                       says.
  --student NAME       Whose it is; the inputs of the checks differ from student
                       to student.
  --seed HEX           Replay: the seed of an earlier Result, 64 hexadecimal
                       digits.
  --show LEVEL         How much is said about wrong answers: rule,
                       misconception, smallest (each more than the one before);
                       default: smallest.
  --fail-under POINTS  Exit 0 from so many points on; default: all of them.
  --json PATH          Write the Result (docs/results.md) to PATH (- for
                       stdout).
  --junit PATH         Write a JUnit report to PATH (- for stdout).
  --markdown PATH      Write a summary for a CI job to PATH (- for stdout).
  --boundary KIND      What student code runs behind: bubblewrap (default), or
                       landlock, which needs no namespaces and is weaker
                       (docs/security.md). Every Result records it.
  --no-sandbox         Run without the sandbox: student code then runs as an
                       ordinary process with your rights; it can read, change
                       and send whatever you can. Every Result records it.
  -h, --help           Show this message and exit.
"""


@pytest.fixture
def stepgrade(tiny_course):
    """``stepgrade("release", "tiny")`` runs a command on the tiny course."""

    def run(*arguments: str):
        return CliRunner().invoke(main, ["--course", str(tiny_course), *arguments])

    return run


def test_the_help_lists_every_verb_and_an_example():
    shown = CliRunner().invoke(main, ["--help"])
    assert shown.exit_code == 0
    assert all(verb in shown.output for verb in VERBS)
    assert "Example" in shown.output


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_a_verb_says_what_is_read_and_written_with_an_example(verb):
    shown = CliRunner().invoke(main, [verb, "--help"])
    assert shown.exit_code == 0
    assert f"stepgrade {verb}" in shown.output.partition("Example")[2]


def test_the_whole_help_of_check():
    shown = CliRunner().invoke(main, ["check", "--help"], prog_name="stepgrade", terminal_width=80)
    assert shown.output == CHECK_HELP


def test_help_imports_nothing_heavy():
    script = (
        "import sys; from stepgrade.cli import main; main(['--help'], standalone_mode=False); "
        "print(sorted({'nbgrader', 'numpy', 'nbformat', 'nbconvert', 'IPython', 'xml'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_grading_one_notebook_never_imports_nbgrader():
    script = "import sys, stepgrade.grade; print('nbgrader' in sys.modules or 'nbconvert' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_mistyped_verb_gets_a_suggestion():
    shown = CliRunner().invoke(main, ["relaese", "tiny"])
    assert shown.exit_code == 2
    assert "Did you mean release?" in shown.stderr


@pytest.mark.parametrize("verb", ["release", "grade", "feedback"])
def test_an_unknown_assignment_is_a_usage_error_with_a_suggestion(stepgrade, verb):
    shown = stepgrade(verb, "tinny")
    assert shown.exit_code == 2
    assert "no assignment 'tinny'" in shown.stderr
    assert "did you mean tiny?" in shown.stderr
    assert shown.stdout == ""


def test_the_beginning_of_an_assignments_name_suggests_it(stepgrade, tiny_course):
    shutil.copytree(tiny_course / "source/tiny", tiny_course / "source/tiny_by_step")
    (tiny_course / "source/tiny_by_step/tiny.ipynb").rename(tiny_course / "source/tiny_by_step/tiny_by_step.ipynb")
    assert "did you mean tiny_by_step?" in stepgrade("release", "tiny_by").stderr


@pytest.mark.parametrize(
    ("typo", "message"),
    [
        ("QUESTIONS = {,}\n", "line 1: SyntaxError: invalid syntax"),
        ("import numpy as np\n\nnumpy.pi\n", "line 3: NameError: name 'numpy' is not defined"),
    ],
)
def test_a_slip_in_a_hidden_file_is_told_by_its_line(stepgrade, tiny_course, typo, message):
    checks = tiny_course / "hidden/tiny/checks.py"
    checks.write_text(typo)
    shown = stepgrade("release", "tiny")
    assert shown.exit_code == 3
    assert shown.stderr == f"stepgrade: {checks}, {message}; mend it and run the command again\n"


def test_a_folder_without_configuration_is_no_course(stepgrade, tiny_course):
    (tiny_course / "nbgrader_config.py").unlink()
    shown = stepgrade("release", "tiny")
    assert shown.exit_code == 2
    assert "no course folder" in shown.stderr


def test_a_source_notebook_that_is_not_json_is_named_with_the_reason(stepgrade, tiny_course):
    (tiny_course / "source/tiny/tiny.ipynb").write_text('{"cells": [')
    shown = stepgrade("release", "tiny")
    assert shown.exit_code == 3
    assert "tiny.ipynb" in shown.stderr
    assert "not JSON" in shown.stderr
    assert "Traceback" not in shown.output


def test_checks_for_a_question_without_a_cell_are_named(stepgrade, tiny_course):
    checks = tiny_course / "hidden/tiny/checks.py"
    checks.write_text(checks.read_text().replace('"double": question', '"triple": question'))
    shown = stepgrade("release", "tiny")
    assert shown.exit_code == 3
    assert "no graded cell of that grade_id" in shown.stderr
    assert "triple" in shown.stderr


def test_an_assignment_without_its_hidden_folder_says_what_is_missing(stepgrade, tiny_course):
    (tiny_course / "hidden/tiny/checks.py").unlink()
    shown = stepgrade("release", "tiny")
    assert shown.exit_code == 3
    assert "hidden/tiny/checks.py does not exist" in shown.stderr


class TestTheBoundary:
    @pytest.mark.parametrize(("options", "kind"), [([], "bubblewrap"), (["--boundary", "landlock"], "landlock")])
    def test_is_one_line(self, monkeypatch, options, kind):
        monkeypatch.setattr("stepgrade.sandbox.find_boundary", lambda kind: replace(NO_BOUNDARY, line=f"walls: {kind}"))
        shown = CliRunner().invoke(main, ["boundary", *options])
        assert (shown.exit_code, shown.stdout, shown.stderr) == (0, f"walls: {kind}\n", "")

    @pytest.mark.parametrize("kind", ["bubblewrap", "landlock", "none"])
    def test_is_in_the_result_with_the_option_that_gives_it_again(self, tiny_course, monkeypatch, kind):
        option = {"bubblewrap": [], "landlock": ["--boundary", "landlock"], "none": ["--no-sandbox"]}[kind]
        file = str(tiny_course / "source/tiny/tiny.ipynb")
        shown = CliRunner().invoke(main, ["--course", str(tiny_course), "check", *option, file, "--json", "-"])
        result = json.loads(shown.stdout)
        assert result["environment"]["boundary"].startswith(kind)
        assert result["replay"].endswith(" ".join([result["seed"], *option]))

    @pytest.mark.parametrize("verb", ["check", "grade", "feedback", "report", "replay"])
    def test_is_not_both_one_and_none(self, tiny_course, verb):
        words = {"check": [str(tiny_course / "source/tiny/tiny.ipynb")], "replay": ["ada", "halve"]}.get(verb, ["tiny"])
        both = ["--boundary", "landlock", "--no-sandbox"]
        shown = CliRunner().invoke(main, ["--course", str(tiny_course), verb, *words, *both])
        assert shown.exit_code == 2
        assert "--boundary landlock and --no-sandbox contradict each other" in shown.stderr

    def test_can_be_chosen_from_all_that_there_are(self):
        options = {option.name: option for option in main.commands["boundary"].params}
        assert list(options["boundary"].type.choices) == list(BOUNDARIES)

    @pytest.mark.parametrize("verb", ["boundary", "check"])
    def test_that_cannot_be_had_ends_the_command_with_the_next_step(self, tiny_course, monkeypatch, verb):
        def refuse(kind):
            raise SandboxUnavailable("user namespaces are blocked; allow them")

        monkeypatch.setattr("stepgrade.sandbox.find_boundary", refuse)
        file = [str(tiny_course / "source/tiny/tiny.ipynb")] if verb == "check" else []
        shown = CliRunner().invoke(main, ["--course", str(tiny_course), verb, *file])
        assert (shown.exit_code, shown.stdout) == (3, "")
        assert shown.stderr == "stepgrade: user namespaces are blocked; allow them\n"


@pytest.mark.slow
class TestAgainstTheGradebook:
    def test_grading_before_the_release_says_what_to_do_first(self, stepgrade, tiny_course, hand_in):
        (tiny_course / "submitted/ada/tiny").mkdir(parents=True)
        (tiny_course / "submitted/ada/tiny/tiny.ipynb").write_bytes(hand_in())
        shown = stepgrade("grade", "tiny")
        assert shown.exit_code == 3
        assert "does not exist; put it back, or make a new one with `stepgrade release`" in shown.stderr

    def test_a_release_that_would_leak_ends_with_our_error_and_writes_nothing(self, stepgrade, tiny_course):
        (tiny_course / "source/tiny/answers.py").write_text((tiny_course / "hidden/tiny/solution.py").read_text())
        shown = stepgrade("release", "tiny")
        assert shown.exit_code == 3
        assert "answers.py holds a statement of hidden/tiny/solution.py" in shown.stderr
        assert not (tiny_course / "release").exists()
        assert not (tiny_course / "gradebook.db").exists()

    def test_who_is_in_the_roster_and_handed_in_nothing_is_listed_and_exported(self, stepgrade, tiny_course, hand_in):
        stepgrade("release", "tiny")
        (tiny_course / "submitted/ada/tiny").mkdir(parents=True)
        (tiny_course / "submitted/ada/tiny/tiny.ipynb").write_bytes(hand_in())
        (tiny_course / "class.csv").write_text("student\nada\nzoe\n")
        graded = stepgrade("grade", "tiny", "--roster", str(tiny_course / "class.csv"), "--workers", "1")
        assert graded.stdout.splitlines()[-1].split()[0] == "zoe"
        assert "missing: nothing was handed in" in graded.stdout
        marks = tiny_course / "marks.csv"
        assert "2 students are in" in stepgrade("export", "tiny", "--csv", str(marks)).stdout
        assert '"zoe","missing",""' in marks.read_text()

    def test_an_export_can_go_to_standard_output_and_nothing_else_does(self, stepgrade, released, submit, hand_in):
        submit("ada", hand_in())
        stepgrade("grade", "tiny", "--workers", "1")
        (table,) = csv.DictReader(stepgrade("export", "tiny", "--csv", "-").stdout.splitlines())
        assert (table["student"], table["total"]) == ("ada", "10.0")
        assert json.loads(stepgrade("export", "tiny", "--json-lines", "-").stdout)["points"] == 10.0
        assert stepgrade("export", "tiny", "--markdown", "-").stdout.startswith("## tiny: 1 student")
        assert not list(released.course.glob("-"))

    def test_release_grade_and_feedback_in_a_row(self, stepgrade, tiny_course, hand_in):
        assert "built and proved" in stepgrade("release", "tiny").stdout
        assert stepgrade("grade", "tiny").exit_code == 2  # nothing is handed in yet
        (tiny_course / "submitted/ada/tiny").mkdir(parents=True)
        (tiny_course / "submitted/ada/tiny/tiny.ipynb").write_bytes(hand_in())
        (tiny_course / "submitted/bob/tiny").mkdir(parents=True)
        (tiny_course / "submitted/bob/tiny/tiny.ipynb").write_text("not a notebook")
        graded = stepgrade("grade", "tiny")
        assert graded.exit_code == 0
        ada, bob = graded.stdout.splitlines()[-2:]
        assert ada.split() == ["ada", "4", "6", "10"]
        assert bob.startswith("bob")
        assert "damaged; the file is not JSON" in bob
        assert "Grading: 2/2 (damaged 1, graded 1)" in graded.stderr
        assert stepgrade("feedback", "tiny").exit_code == 0
        assert "damaged" not in (tiny_course / "feedback/ada/tiny/tiny.html").read_text()
        assert "the file is not JSON" in (tiny_course / "feedback/bob/tiny/tiny.html").read_text()


def test_a_file_that_cannot_be_written_is_named_without_a_traceback(monkeypatch, tmp_path):
    def refused(*_):
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "hers"))

    monkeypatch.setattr("stepgrade.cli.release.find", refused)
    shown = CliRunner().invoke(main, ["release", "tiny"])
    assert shown.exit_code == 3
    assert shown.stderr.startswith(
        f"stepgrade: {tmp_path / 'hers'} cannot be written or read: Permission denied; look whose"
    )
    assert "Traceback" not in shown.stderr


def test_an_error_in_the_configuration_is_told_with_its_line(tiny_course):
    (tiny_course / "nbgrader_config.py").write_text("c = get_config()\nc.x = = 1\n")
    with pytest.raises(UsageError, match=r"nbgrader_config.py, line 2 stops with SyntaxError: "):
        load_config(tiny_course)
