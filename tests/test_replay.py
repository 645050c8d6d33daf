"""Showing again what was graded: what a run keeps, and what `stepgrade replay` makes of it."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from stepgrade import evidence
from stepgrade.assignment import Assignment
from stepgrade.cli import main
from stepgrade.evidence import (
    EvidenceGone,
    EvidenceNotKept,
    assignment_as_it_was,
    evidence_folder,
    graded_bytes,
    keep_assignment,
    keep_submission,
    submission_file,
    version_folder,
)
from stepgrade.evidence.comparison import HAND_IN_REPAIRS, differences, environment_changes, reasons
from stepgrade.evidence.values import MAX_LINES, MAX_NUMBERS, value_data, value_lines
from stepgrade.grade import Grader
from stepgrade.judge import seeds
from stepgrade.judge.wire import Foreign
from stepgrade.result import EndState, Repair, Result
from stepgrade.run import Journal, journal_path
from stepgrade.sandbox import SandboxUnavailable, find_boundary

COURSE_ROOM = Path(evidence.__file__).parents[1] / "course"
WRONG_HALVE = "def halve(x):\n    return x / 3"


def boundary_or_none():
    try:
        return find_boundary()
    except SandboxUnavailable:
        return None


needs_sandbox = pytest.mark.skipif(boundary_or_none() is None, reason="this machine has no sandbox")


@pytest.fixture
def journalled(tiny_course):
    """``journalled(result)``: append a Result to the journal, as a run does."""

    def append(result: Result, *, timestamp: str | None = None) -> None:
        key = {
            "hand_in": "digest",
            "seed": result.seed,
            "assignment_version": result.assignment_version,
            "environment": "key",
        }
        line = {
            "student": result.student,
            "end_state": result.end_state.value,
            "points": result.points,
            "timestamp": timestamp,
            "key": key,
            "result": json.loads(result.to_json()),
        }
        with Journal(journal_path(tiny_course, result.assignment), writing=True) as journal:
            journal.append([line])

    return append


@pytest.fixture
def run(tiny_course, journalled):
    """``run("ada", content)``: keep, grade and journal one submission; ``change`` is done to its Result."""

    def one(student: str, content: bytes, change=lambda result: result, *, timestamp: str | None = None) -> Result:
        assignment = Assignment.find("tiny", tiny_course)
        keep_assignment(assignment)
        keep_submission(assignment.course, assignment.name, content)
        result = change(Grader(assignment).grade(content, student))
        journalled(result, timestamp=timestamp)
        return result

    return one


@pytest.fixture
def replay(tiny_course):
    """``replay("ada", "halve")`` runs the command on the tiny course."""

    def command(*arguments: str):
        return CliRunner().invoke(main, ["--course", str(tiny_course), "replay", *arguments])

    return command


@pytest.fixture
def as_data(replay):
    """``as_data("ada", "halve")``: what --json says."""
    return lambda *arguments: json.loads(replay(*arguments, "--json", "-").stdout)


@needs_sandbox
class TestTheSameAgain:
    def test_gives_the_same_result_and_says_first_that_it_is_for_staff(self, run, replay, hand_in):
        result = run("ada", hand_in(), timestamp="2026-01-02 03:04:05 UTC")
        shown = replay("ada", "quarter")
        assert shown.exit_code == 0, shown.output
        assert shown.stdout.startswith("STAFF ONLY")
        assert "GRADED AGAIN: the same Result, in the same environment" in shown.stdout
        facts = [result.submission_sha256, result.assignment_version, result.question("quarter").version, result.seed]
        assert all(fact in shown.stdout for fact in [*facts, *result.environment.values(), "2026-01-02 03:04:05 UTC"])
        assert "tiny, ada, quarter: 6 of 6 points" in shown.stdout

    def test_shows_the_exact_inputs_and_both_answers_of_every_case(self, run, as_data, hand_in, tiny):
        result = run("ada", hand_in())
        (line, plane, unchanged) = as_data("ada", "halve")["checks"]
        first = seeds.generator(result.seed, "halve", "line").normal(size=(5,))
        case = line["cases"][0]
        assert case["inputs"]["x"]["values"] == first.tolist()
        assert (case["inputs"]["x"]["shape"], case["inputs"]["x"]["dtype"]) == ([5], "float64")
        assert case["expected"]["values"] == (first * 0.5).tolist()
        assert case["answer"]["value"]["values"] == (first / 2).tolist()
        assert [len(check["cases"]) for check in (line, plane, unchanged)] == [2, 1, 1]
        assert [check["role"] for check in (line, plane, unchanged)] == ["value", "value", "supporting"]

    def test_shows_in_text_the_numbers_that_a_person_can_type_in_again(self, run, replay, hand_in):
        result = run("ada", hand_in())
        numbers = seeds.generator(result.seed, "halve", "line").normal(size=(5,))
        text = replay("ada", "halve").stdout
        assert "x: array (5,) float64" in text
        assert all(repr(float(number)) in text for number in numbers)

    def test_shows_the_first_difference_with_its_index_and_both_values(self, run, replay, as_data, hand_in):
        result = run("ada", hand_in(halve="def halve(x):\n    y = x / 2\n    y[..., 1] = 7\n    return y"))
        first = seeds.generator(result.seed, "halve", "line").normal(size=(5,))
        found = as_data("ada", "halve")["checks"][0]["cases"][0]["difference"]
        assert (found["index"], found["part"]) == ([1], "y")
        assert (found["got"]["values"], found["expected"]["values"]) == ([7.0], [first[1] * 0.5])
        text = replay("ada", "halve").stdout
        assert f"first at y(1,): got 7.0 (float64), expected {first[1] * 0.5} (float64)" in text
        assert "1. one axis: FAILED (weight 2, value check)" in text
        assert "halve: y differs at 1 of 5 positions" in text

    def test_shows_the_cell_that_ran_and_names_the_others(self, run, replay, hand_in):
        run("ada", hand_in(halve="def halve(x):\n\treturn x / 2  # mine"))
        text = replay("ada", "halve").stdout
        assert "   1 | def halve(x):\n     2 |     return x / 2  # mine" in text
        assert "def double" not in text
        assert re.search(r"besides, these cells ran: <cell \d+>, ", text)

    def test_shows_the_helpers_cell_of_a_question_too(self, run, replay, hand_in):
        run("ada", hand_in())
        text = replay("ada", "quarter").stdout
        assert "| def halve(x):" in text
        assert "| def quarter(x):" in text

    def test_follow_through_is_shown_with_the_answers_that_counted(self, run, replay, as_data, hand_in):
        result = run("ada", hand_in(halve=WRONG_HALVE))
        assert result.question("quarter").follow_through
        shown = replay("ada", "quarter")
        assert shown.exit_code == 0
        assert (
            "follow-through: judged with correct helper functions (with the student's own: 0 of 6 points)"
            in shown.stdout
        )
        assert "helpers of the reference: halve" in shown.stdout
        cases = as_data("ada", "quarter")["checks"][0]["cases"]
        assert all(case["difference"] is None for case in cases)

    def test_a_function_that_hangs_is_shown_as_stopped_with_the_limits_of_then(self, tiny, run, replay, hand_in):
        limits = tiny.hidden_dir / "limits.toml"
        limits.write_text("call_cpu_s = 0.2\n")
        run("ada", hand_in(halve="def halve(x):\n    while True:\n        pass"))
        limits.unlink()
        shown = replay("ada", "halve")
        assert shown.exit_code == 0, shown.output
        assert shown.stdout.count("the student's answer: none: stopped (timed_out)") == 2
        assert "the student's answer: none: not called" in shown.stdout

    def test_an_unfilled_function_is_shown_with_its_stub(self, run, replay, hand_in):
        run(
            "ada",
            hand_in(halve='def halve(x):\n    # YOUR CODE HERE\n    raise NotImplementedError("halve: write it")'),
        )
        shown = replay("ada", "halve")
        assert shown.exit_code == 0
        assert "# YOUR CODE HERE" in shown.stdout
        assert "raised NotImplementedError: halve: write it" in shown.stdout
        assert "halve is not written yet" in shown.stdout

    def test_a_function_that_nobody_defines_is_not_called(self, run, replay, hand_in):
        run("ada", hand_in(double="two = 2"))
        shown = replay("ada", "double")
        assert shown.exit_code == 0
        assert "the student's answer: none: the function is not defined" in shown.stdout

    def test_a_damaged_notebook_is_damaged_again(self, run, replay, hand_in):
        run("ada", hand_in()[:200])
        shown = replay("ada", "halve")
        assert shown.exit_code == 0, shown.output
        assert "damaged: it cannot be read" in shown.stdout
        assert "none was made, because the submission cannot be read" in shown.stdout

    def test_the_repairs_of_the_folder_are_shown_and_not_asked_of_the_bytes(self, run, replay, hand_in):
        renamed = Repair("notebook_renamed", "a.ipynb was taken as tiny.ipynb")
        run("ada", hand_in(), lambda result: dataclasses.replace(result, repairs=(renamed, *result.repairs)))
        shown = replay("ada", "halve")
        assert shown.exit_code == 0
        assert "a.ipynb was taken as tiny.ipynb (of the folder handed in, not repeated here)" in shown.stdout


@needs_sandbox
class TestWhatHasChangedSince:
    def test_an_edited_check_does_not_matter(self, tiny, run, replay, hand_in):
        result = run("ada", hand_in())
        solution = tiny.hidden_dir / "solution.py"
        solution.write_text(solution.read_text().replace("0.5", "0.75"))
        assert Assignment.find("tiny", tiny.course).version != result.assignment_version
        shown = replay("ada", "halve")
        assert shown.exit_code == 0, shown.output
        assert "the same Result" in shown.stdout

    def test_a_newer_submission_does_not_matter(self, tiny_course, run, replay, submit, hand_in):
        run("ada", hand_in(halve=WRONG_HALVE))
        submit("ada", hand_in())
        shown = replay("ada", "halve")
        assert shown.exit_code == 0
        assert "return x / 3" in shown.stdout

    def test_another_environment_is_named_beside_the_same_result(self, monkeypatch, run, replay, hand_in):
        run("ada", hand_in())
        there = Grader.grade.__globals__["environment"]
        monkeypatch.setattr("stepgrade.grade.environment", lambda boundary: there(boundary) | {"numpy": "9.9"})
        shown = replay("ada", "halve")
        assert shown.exit_code == 0
        assert "GRADED AGAIN: the same Result, in another environment" in shown.stdout
        assert f"numpy was {np.__version__}, is 9.9" in shown.stdout

    def test_another_result_is_listed_value_by_value_with_its_likely_reasons(self, run, replay, as_data, hand_in):
        def other(result: Result) -> Result:
            halve = dataclasses.replace(result.questions[0], points=1.5)
            environment = result.environment | {"engine": "another"}
            return dataclasses.replace(result, questions=(halve, *result.questions[1:]), environment=environment)

        run("ada", hand_in(), other)
        shown = replay("ada", "halve")
        assert shown.exit_code == 1
        assert "GRADED AGAIN: another Result" in shown.stdout
        assert "questions.halve.points: was 1.5, is 4.0" in shown.stdout
        assert "engine: the grader's own code, or a package beside student code, has changed" in shown.stdout
        document = as_data("ada", "halve")
        assert document["verdict"] == "another Result"
        assert {"where": "questions.halve.points", "then": 1.5, "now": 4.0} in document["differences"]

    def test_answers_that_change_from_call_to_call_are_said_to(self, monkeypatch, run, replay, hand_in):
        run("ada", hand_in())
        seen = evidence.replay.__globals__["seen_checks"]

        def unsteady(*arguments, **more):
            first, *rest = seen(*arguments, **more)
            return (dataclasses.replace(first, result=dataclasses.replace(first.result, message="otherwise")), *rest)

        monkeypatch.setitem(evidence.replay.__globals__, "seen_checks", unsteady)
        assert "the submission answers differently each time" in replay("ada", "halve").stdout

    def test_bytes_that_are_gone_are_our_error(self, tiny_course, run, replay, hand_in):
        result = run("ada", hand_in())
        submission_file(tiny_course, "tiny", result.submission_sha256).unlink()
        shown = replay("ada", "halve")
        assert shown.exit_code == 3
        assert "it is gone" in shown.stderr
        assert "restore the file from a backup" in shown.stderr

    @pytest.mark.parametrize("content", [b"", b"no gzip", b"\x1f\x8b\x08\x00"])
    def test_bytes_that_are_spoiled_are_our_error(self, tiny_course, run, replay, hand_in, content):
        result = run("ada", hand_in())
        submission_file(tiny_course, "tiny", result.submission_sha256).write_bytes(content)
        assert replay("ada", "halve").exit_code == 3

    def test_bytes_that_were_exchanged_are_our_error(self, tiny_course, run, replay, hand_in):
        right, wrong = run("ada", hand_in()), run("bo", hand_in(halve=WRONG_HALVE))
        places = [submission_file(tiny_course, "tiny", result.submission_sha256) for result in (right, wrong)]
        shutil.copy(*places)
        shown = replay("bo", "halve")
        assert shown.exit_code == 3
        assert "holds other bytes than its name says" in shown.stderr

    def test_a_version_that_is_gone_is_taken_from_today_if_it_is_the_same(self, tiny, run, replay, hand_in):
        result = run("ada", hand_in())
        shutil.rmtree(version_folder(tiny.course, "tiny", result.assignment_version))
        assert replay("ada", "halve").exit_code == 0
        (tiny.hidden_dir / "limits.toml").write_text("call_cpu_s = 1\n")
        shown = replay("ada", "halve")
        assert shown.exit_code == 3
        assert f"version {result.assignment_version[:12]} of tiny" in shown.stderr

    def test_an_edited_copy_of_the_assignment_is_noticed(self, tiny, run, replay, hand_in):
        result = run("ada", hand_in())
        kept = version_folder(tiny.course, "tiny", result.assignment_version)
        (kept / "hidden" / "tiny" / "limits.toml").write_text("call_cpu_s = 1\n")
        shown = replay("ada", "halve")
        assert shown.exit_code == 1
        assert "the kept copy of the assignment is not what its name says" in shown.stdout


@needs_sandbox
class TestHostileText:
    FORGED = "GRADED AGAIN: the same Result, as the grader says"
    SIGNS = "\x1b[2J\x1b]0;owned\x07\u202e\x9b1m\r"

    @pytest.fixture
    def shown(self, run, replay, hand_in):
        halve = (
            f"# {self.SIGNS}\n'''\n{self.FORGED}\n'''\n"
            f"def halve(x):\n    raise ValueError({self.SIGNS!r} + chr(10) + {self.FORGED!r})"
        )
        double = f"def double(x):\n    return {{{self.SIGNS!r}: [{self.FORGED!r} + chr(10), object(), float('nan')]}}"
        run("ada", hand_in(halve=halve, double=double))
        return {question: replay("ada", question) for question in ("halve", "double")}

    def test_no_sign_that_a_terminal_acts_on_is_printed(self, shown):
        for page in shown.values():
            assert page.exit_code == 0, page.output
            assert all(line.isprintable() for line in page.stdout.split("\n"))

    def test_no_line_of_a_students_looks_like_one_of_ours(self, shown):
        for page in shown.values():
            assert not [line for line in page.stdout.split("\n") if line.startswith(self.FORGED)]
            assert page.stdout.count("\nGRADED AGAIN: ") == 1

    def test_as_data_it_is_ascii_and_json(self, shown, replay):
        for question in shown:
            text = replay("ada", question, "--json", "-").stdout
            assert text.isascii()
            assert "\x1b" not in text
            json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


@needs_sandbox
class TestWhichResult:
    def test_the_latest_is_shown_unless_another_is_asked_for(self, run, replay, hand_in):
        first, _ = run("ada", hand_in(halve=WRONG_HALVE)), run("ada", hand_in())
        assert "2 of 2 of this student" in replay("ada", "halve").stdout
        for choice in (["--at", "1"], ["--submission", first.submission_sha256[:8].upper()]):
            shown = replay("ada", "halve", *choice)
            assert shown.exit_code == 0
            assert "1 of 2 of this student" in shown.stdout
            assert "return x / 3" in shown.stdout

    def test_data_goes_to_a_file_beside_the_text(self, tmp_path, run, replay, hand_in):
        run("ada", hand_in())
        target = tmp_path / "replay.json"
        shown = replay("ada", "halve", "--json", str(target))
        assert shown.stdout.startswith("STAFF ONLY")
        assert json.loads(target.read_text())["notice"].startswith("STAFF ONLY")

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["adda", "halve"], "no run of tiny has graded 'adda'; did you mean ada?"),
            (["zoe", "halve"], "there are: ada"),
            (["ada", "half"], "tiny has no question 'half'; did you mean halve?"),
            (
                ["ada", "halve", "--assignment", "tinny"],
                "no run has graded an assignment 'tinny' here; did you mean",
            ),
            (["ada", "halve", "--at", "7"], "--at 7: ada has 1 Results; give 1 to 1"),
            (["ada", "halve", "--submission", "zz"], "--submission zz: ada has none like that; there are: "),
            (["ada", "halve", "--submission", "a", "--at", "1"], "give one of them"),
        ],
    )
    def test_a_name_that_does_not_exist_is_usage_with_a_hint(self, run, replay, hand_in, arguments, said):
        run("ada", hand_in())
        shown = replay(*arguments)
        assert shown.exit_code == 2
        assert said in shown.stderr

    def test_a_course_where_nothing_was_graded_is_usage(self, replay):
        shown = replay("ada", "halve")
        assert shown.exit_code == 2
        assert "nothing was graded" in shown.stderr

    def test_what_was_never_handed_in_cannot_be_shown(self, tiny, run, journalled, replay, hand_in):
        run("ada", hand_in())
        journalled(Grader(tiny).without_marks(EndState.MISSING, "nothing was handed in", student="ada"))
        shown = replay("ada", "halve")
        assert shown.exit_code == 2
        assert "'missing' (nothing was handed in): no bytes were graded" in shown.stderr
        assert "--at 1 can be shown" in shown.stderr

    def test_a_question_that_two_assignments_have_needs_the_assignment(self, tiny, run, journalled, replay, hand_in):
        result = run("ada", hand_in())
        journalled(dataclasses.replace(result, assignment="other"))
        shown = replay("ada", "halve")
        assert shown.exit_code == 2
        assert "ada has halve in other, tiny; give one of them as --assignment" in shown.stderr
        assert replay("ada", "halve", "--assignment", "tiny").exit_code == 0

    def test_a_class_run_can_be_replayed_whatever_was_changed_since(self, tiny, replay, submit, hand_in):
        submit("ada", hand_in(halve=WRONG_HALVE), name="work.ipynb")
        for command in (["release", "tiny"], ["grade", "tiny", "--workers", "1"]):
            done = CliRunner().invoke(main, ["--course", str(tiny.course), *command])
            assert done.exit_code == 0, done.output
        (tiny.course / "submitted" / "ada" / "tiny" / "work.ipynb").write_bytes(hand_in())
        (tiny.hidden_dir / "checks.py").write_text("raise SystemExit('edited')")
        tiny.source_notebook.unlink()
        shown = replay("ada", "quarter")
        assert shown.exit_code == 0, shown.output
        assert "return x / 3" in shown.stdout
        assert "work.ipynb was taken as tiny.ipynb" in shown.stdout


class TestKeepingSubmissions:
    def test_bytes_come_back_as_they_were(self, tiny_course):
        keep_submission(tiny_course, "tiny", b"a notebook")
        sha256 = evidence.store.hashlib.sha256(b"a notebook").hexdigest()
        assert graded_bytes(tiny_course, "tiny", sha256, "ada") == b"a notebook"
        assert submission_file(tiny_course, "tiny", sha256).parent.name == sha256[:2]

    def test_the_same_bytes_are_written_once(self, tiny_course):
        keep_submission(tiny_course, "tiny", b"a notebook")
        (kept,) = evidence_folder(tiny_course, "tiny").rglob("*.gz")
        before = kept.stat()
        keep_submission(tiny_course, "tiny", b"a notebook")
        assert (kept.stat().st_ino, kept.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)

    def test_an_empty_file_that_a_power_cut_left_is_written_again(self, tiny_course):
        keep_submission(tiny_course, "tiny", b"a notebook")
        (kept,) = evidence_folder(tiny_course, "tiny").rglob("*.gz")
        content = kept.read_bytes()
        kept.write_bytes(b"")
        keep_submission(tiny_course, "tiny", b"a notebook")
        assert kept.read_bytes() == content
        assert content[4:8] == bytes(4)  # where gzip notes the time

    def test_nothing_else_stays_behind(self, tiny_course):
        keep_submission(tiny_course, "tiny", b"a notebook")
        assert len([path for path in evidence_folder(tiny_course, "tiny").rglob("*") if path.is_file()]) == 1

    def test_what_cannot_be_kept_is_said(self, tiny_course):
        evidence_folder(tiny_course, "tiny").parent.write_text("no folder")
        with pytest.raises(EvidenceNotKept, match=r"cannot be written \(.+\), and nothing is graded"):
            keep_submission(tiny_course, "tiny", b"a notebook")

    def test_it_lies_beside_the_journal(self, tiny_course):
        assert evidence_folder(tiny_course, "tiny") == journal_path(tiny_course, "tiny").parent


class TestKeepingTheAssignment:
    def test_the_kept_assignment_is_the_same_version_with_the_same_limits(self, tiny):
        (tiny.hidden_dir / "limits.toml").write_text("call_cpu_s = 0.5\n")
        keep_assignment(tiny)
        shutil.rmtree(tiny.hidden_dir)
        shutil.rmtree(tiny.source_dir)
        kept = assignment_as_it_was(tiny.course, "tiny", tiny.version)
        assert kept.version == tiny.version
        assert kept.limits.call_cpu_s == 0.5
        assert kept.modules == {"public_tests"}

    def test_it_is_kept_once_and_leaves_nothing_else(self, tiny):
        keep_assignment(tiny)
        keep_assignment(tiny)
        assert [path.name for path in (evidence_folder(tiny.course, "tiny") / "versions").iterdir()] == [tiny.version]

    def test_data_stays_out_unless_the_hidden_code_reads_files(self, tiny):
        (tiny.hidden_dir / "data.bin").write_bytes(bytes(1000))
        (tiny.hidden_dir / "limits.toml").write_text("call_cpu_s = 0.5\n")
        keep_assignment(tiny)
        assert not list(evidence_folder(tiny.course, "tiny").rglob("data.bin"))
        solution = tiny.hidden_dir / "solution.py"
        reading = "from pathlib import Path\n\nDATA = Path(__file__).with_name('data.bin').read_bytes()\n"
        solution.write_text(solution.read_text() + reading + "\n\ndef halve_reference(x):\n    return x * len(DATA)\n")
        keep_assignment(Assignment.find("tiny", tiny.course))
        assert list(evidence_folder(tiny.course, "tiny").rglob("data.bin"))

    def test_one_that_is_edited_meanwhile_is_refused(self, tiny):
        assert tiny.version
        (tiny.hidden_dir / "limits.toml").write_text("call_cpu_s = 0.5\n")
        with pytest.raises(EvidenceNotKept, match="was edited while the run started"):
            keep_assignment(tiny)
        assert not list((evidence_folder(tiny.course, "tiny") / "versions").iterdir())

    def test_one_that_was_never_kept_is_gone(self, tiny):
        with pytest.raises(EvidenceGone, match="restore the folder from a backup"):
            assignment_as_it_was(tiny.course, "tiny", "0" * 64)


class TestComparing:
    @pytest.fixture
    def result(self, tiny):
        return Grader(tiny, boundary=find_boundary("none")).without_marks(EndState.DAMAGED, "no JSON", b"...", "ada")

    def test_timing_alone_is_no_difference(self, result):
        assert differences(result, dataclasses.replace(result, timing={"total_s": 9.0})) == ()

    @pytest.mark.parametrize(
        ("changed", "where"),
        [
            ({"reason": "no text"}, "reason"),
            ({"end_state": EndState.GRADER_ERROR}, "end_state"),
            ({"assignment_version": "0"}, "assignment_version"),
            ({"demo_key": False}, "demo_key"),
            ({"repairs": (Repair("cell_left_out", "<cell 1> was left out"),)}, "repairs"),
        ],
    )
    def test_whatever_else_differs_is_found(self, result, changed, where):
        found = differences(result, dataclasses.replace(result, **changed))
        assert where in [difference.where for difference in found]

    def test_another_minor_version_of_python_makes_other_versions_of_the_same(self, result):
        older = dataclasses.replace(
            result, assignment_version="0", environment=result.environment | {"python": "3.9.1"}
        )
        assert differences(older, result) == ()
        assert list(environment_changes(older, result)) == ["python"]

    def test_a_reason_is_given_for_what_is_known_to_vary(self, result):
        slow = dataclasses.replace(result, end_state=EndState.TIMED_OUT)
        assert "a limit was reached" in reasons(result, slow, steady=True)[0]
        assert "does not give the same answers" in reasons(result, result, steady=False)[0]
        assert "nothing that is known" in reasons(result, result, steady=True)[0]

    def test_every_repair_of_the_folder_is_known(self):
        """Which codes of repairs come from the course room, that looks at folders?"""
        sources = [path.read_text(encoding="utf-8") for path in COURSE_ROOM.glob("**/*.py")]
        codes = {code for source in sources for code in re.findall(r"\bRepair\(\s*\"(\w+)\"", source)}
        assert codes == HAND_IN_REPAIRS


class TestValues:
    @pytest.mark.parametrize(
        "value",
        [
            tuple(np.zeros((2, 2)) for _ in range(900)),
            np.zeros((1,) * 8),
            np.zeros((3,) * 8),
            np.zeros(10**6),
            "x" * 10**6,
            {"x" * 10**5: 1},
        ],
    )
    def test_text_is_bounded(self, value):
        lines = value_lines(value)
        assert len(lines) <= MAX_LINES + 1
        assert max(map(len, lines)) < 1000

    def test_data_is_bounded_and_says_what_is_left_out(self):
        data = value_data(np.arange(10**5))
        assert len(data["values"]) == MAX_NUMBERS
        assert data["left_out"] == 10**5 - MAX_NUMBERS

    @pytest.mark.parametrize(
        ("value", "said"),
        [
            (None, "None"),
            (True, "True"),
            (0.1, "0.1"),
            (np.float32(0.1), "0.1 (float32)"),
            (np.ones((2, 0), int), "array (2, 0) int64"),
            (np.ones((4, 4))[:, ::2], "array (4, 2) float64, not contiguous"),
            (Foreign("Thing"), "a value of type Thing, which is not taken out of the sandbox"),
        ],
    )
    def test_says_what_a_value_is(self, value, said):
        assert value_lines(value)[0] == said

    @pytest.mark.parametrize(
        "value",
        [np.array([np.nan, np.inf]), np.longdouble(1), np.array([True]), float("nan"), (None, [1], {"a": 2}), "\ud800"],
    )
    def test_any_value_is_json(self, value):
        assert json.loads(json.dumps(value_data(value), allow_nan=False)) is not None

    def test_a_tuples_entries_have_their_names(self):
        assert value_lines((1, 2), ("Z", "cache")) == ["tuple of 2", "  Z 1", "  cache 2"]
        assert value_lines((1,), ("Z", "cache")) == ["tuple of 1", "  [0] 1"]
