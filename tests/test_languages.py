"""One assignment in several languages: catalogues, the releases made with them, and what stays the same for marks."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Formatter

import bs4
import nbformat
import polib
import pytest
from click.testing import CliRunner

from stepgrade.assignment import Assignment
from stepgrade.cli import main
from stepgrade.course.release import leakproof
from stepgrade.course.release.notebook_text import paths, sync
from stepgrade.course.release.translation import translate_release
from stepgrade.grade import Grader
from stepgrade.languages import code, markdown, shelf
from stepgrade.languages.edition import edition_in, edition_of, language_of
from stepgrade.languages.faults import faults_between, faults_of
from stepgrade.languages.speech import MIN_SIGNS, Speech
from stepgrade.notebook import Graded, read_notebook, rescue
from stepgrade.notebook.syntax import code_of
from stepgrade.report.classpage.tampering import signs_in_cells, signs_in_code
from stepgrade.report.wording import plain
from tests.conftest import ASSIGNMENT, COURSE, RIGHT_TINY, TINY_COURSE, script
from tests.inline import grade_class, page_file, write_pages

LANGUAGES = ("zh", "ko")
STUDENTS = sorted(path.stem for path in (COURSE / "examples/class").glob("*.py"))


example = script(COURSE / "examples/hand_in.py")


@pytest.fixture(scope="module")
def translated(assignment, tmp_path_factory) -> Callable[[str], Path]:
    """``translated(language)``: a copy of the committed release in that language."""
    folder = tmp_path_factory.mktemp("translated")

    def release(language: str) -> Path:
        copy = folder / language
        if not copy.is_dir():
            shutil.copytree(assignment.release_dir, copy)
            translate_release(assignment, copy, language)
        return copy

    return release


class TestCommittedCatalogues:
    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("of", ["assignment", "kit"])
    def test_everything_is_translated_and_keeps_code_formulas_places_and_names(self, assignment, language, of):
        """What is missing, and what a program can see to be wrong; with the line to look at."""
        catalogue = polib.pofile(str(path_of(assignment, language, of)))
        faults = [(entry, fault) for entry in catalogue for fault in faults_of(entry)]
        faults += faults_between(list(catalogue))
        assert [f"line {entry.linenum}: {fault}" for entry, fault in faults] == []

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("of", ["assignment", "kit"])
    def test_nothing_is_stale(self, assignment, language, of):
        """`stepgrade translate` would change nothing: each text is there, as it is now, in its place."""
        path = path_of(assignment, language, of)
        fresh = shelf.fresh_catalogue(path, language, assignment if of == "assignment" else None)
        assert str(fresh) == str(polib.pofile(str(path), wrapwidth=100)), "run `stepgrade translate`"


def path_of(assignment: Assignment, language: str, of: str) -> Path:
    if of == "kit":
        return shelf.kit_catalogue(assignment.course, language)
    return shelf.assignment_catalogue(assignment, language)


@pytest.mark.parametrize(
    ("kind", "english", "wrong", "fault"),
    [
        ("phrase", "{n} of {total}", "{n} 之 {totl}", "places to fill in differ"),
        ("paragraph", "Call `zero_pad` twice.", "请调用 zero_pad 两次。", "code differ"),
        ("paragraph", "It is $n_H$ high.", "高为 $n_W$。", "formulas differ"),
        ("paragraph", "See ![a ring](images/ring.svg).", "见 ![圈](images/圈.svg)。", "links or images differ"),
        ("paragraph", "Pad by 2 pixels.", "填充两个像素。", "numbers are missing: 2"),
        ("paragraph", "The gradient dA_prev is right.", "梯度是对的。", "names are missing: dA_prev"),
        ("paragraph", "Read **this** first.", "先读**这个（重要）**的。", "would show"),
        ("heading", "Padding", "填充\n二", "more than one line"),
        ("docstring of f", "X : (m, n) array", "数组", "parameters are missing: X : "),
        ("comment", "all channels", "", "not translated"),
    ],
)
def test_what_a_translation_must_keep_is_named_where_it_has_not(kind, english, wrong, fault):
    faults = list(faults_of(polib.POEntry(msgid=english, msgstr=wrong, comment=kind)))
    assert any(fault in one for one in faults), faults


def test_a_line_of_prose_that_begins_with_a_number_and_a_full_stop_is_no_list():
    kinds = [part.kind for part in markdown.parts_of("in place of the\n21. Return what\n1. comes out\n2. of it")]
    assert kinds == ["paragraph", "list item", "list item"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translated_notebook_differs_in_prose_comments_and_docstrings_alone(assignment, translated, language):
    english, other = (
        nbformat.read(folder / f"{ASSIGNMENT}.ipynb", as_version=4)
        for folder in (assignment.release_dir, translated(language))
    )
    assert other.metadata.pop("stepgrade") == {"language": language}
    assert other.metadata == english.metadata
    assert len(other.cells) == len(english.cells)
    for one, two in zip(english.cells, other.cells, strict=True):
        assert {**one, "source": ""} == {**two, "source": ""}
        if one.cell_type == "code":
            assert tokens(two.source) == tokens(one.source)
        else:
            assert (two.source != one.source) == any(part.text for part in markdown.parts_of(one.source))


def tokens(source: str) -> list[str]:
    """The tokens of a cell but for comments, and the docstrings as that they are there."""
    tree = ast.parse(source)
    docstrings = {
        node.body[0].lineno for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and ast.get_docstring(node)
    }
    left_out = (tokenize.COMMENT, tokenize.NL)
    return [
        "docstring" if token.type == tokenize.STRING and token.start[0] in docstrings else token.string
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in left_out
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_other_files_of_a_translated_release_are_the_english_ones(assignment, translated, language):
    files = {path.relative_to(translated(language)) for path in translated(language).rglob("*") if path.is_file()}
    english = {p.relative_to(assignment.release_dir) for p in assignment.release_dir.rglob("*") if p.is_file()}
    assert files - english == {Path("public_tests.mo")}
    assert english <= files
    changed = {
        p for p in english if (translated(language) / p).read_bytes() != (assignment.release_dir / p).read_bytes()
    }
    assert changed == {Path("README.md"), Path(f"{ASSIGNMENT}.ipynb")}


def submission(student: str, release: Path) -> bytes:
    notebook = example.notebook_of(example.CLASS / f"{student}.py", release / f"{ASSIGNMENT}.ipynb")
    return nbformat.writes(notebook).encode()


@pytest.mark.parametrize(("student", "language"), list(zip(STUDENTS, LANGUAGES * len(STUDENTS), strict=False)))
def test_the_same_cells_run_for_marks_whatever_the_language(assignment, translated, student, language):
    graded = [Graded(one.id, one.specification.function, one.specification.parameters) for one in assignment.questions]
    english, other = (
        rescue(read_notebook(submission(student, release)).cells, assignment.source_cells, graded)
        for release in (assignment.release_dir, translated(language))
    )
    assert other.repairs == english.repairs == ()
    assert [(cell.name, cell.question) for cell in other.cells] == [(c.name, c.question) for c in english.cells]
    assert [code_of(cell.source) for cell in other.cells] == [code_of(cell.source) for cell in english.cells]


@pytest.mark.parametrize(
    ("student", "language"), [("right_loops", "ko"), ("no_padding", "zh"), ("does_not_parse", "zh")]
)
def test_marks_findings_and_repairs_are_the_same_whatever_the_language(assignment, translated, student, language):
    english, other = (
        json.loads(Grader(assignment).grade(submission(student, release), student).to_json())
        for release in (assignment.release_dir, translated(language))
    )
    assert english["submission_sha256"] != other["submission_sha256"]
    own = {"timing": {}, "submission_sha256": ""}
    assert other | own == english | own


def test_the_class_report_takes_the_release_away_in_every_language(assignment, translated):
    content = submission("right_loops", translated("zh"))
    cells = read_notebook(content.replace(b"import numpy", b"import ctypes, numpy", 1)).cells
    signs = [*signs_in_code(cells, assignment.source_cells), *signs_in_cells(cells, assignment.source_cells)]
    assert [sign.what for sign in signs] == ["native"]


class TestRecognition:
    def test_comments_and_docstrings_are_no_part_of_what_a_cell_does(self):
        one = 'def f(x):\n    """Half."""\n    return x / 2  # a half\n\n# twice\nf(f(1))'
        two = 'def f(x):\n    """一半。"""\n    return x / 2\nf(f(1))  # 两次'
        assert code_of(one) == code_of(two)

    @pytest.mark.parametrize("changed", ["x = 2", "x = '1'", "%time x = 1", "x = 1; y = 2", "", "# x = 1", "x ="])
    def test_anything_else_is(self, changed):
        assert code_of("x = 1  # one") != code_of(changed)

    def test_a_magic_counts_as_it_is_written(self):
        assert code_of("%matplotlib inline\nx = 1") != code_of("%matplotlib qt\nx = 1")


class TestPublicTests:
    @pytest.fixture
    def copy(self, tmp_path) -> Path:
        return Path(shutil.copy(COURSE / "public_tests.py", tmp_path))

    def said(self, path: Path, capsys) -> tuple[str, str]:
        """What a right and a wrong function hear."""
        tests = script(path, f"public_tests_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}")
        tests.zero_pad_test(lambda X, pad: tests.np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0))))
        with pytest.raises(AssertionError) as failed:
            tests.zero_pad_test(lambda X, pad: X)
        return capsys.readouterr().out, str(failed.value)

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_they_speak_the_language_of_the_catalogue_beside_them(self, assignment, copy, language, capsys):
        copy.with_suffix(".mo").write_bytes(edition_in(language, assignment).files["public_tests.mo"])
        right, wrong = self.said(copy, capsys)
        texts = edition_in(language, assignment).speech.assignment
        assert texts["all tests passed ({n} inputs)"].format(n=6) in right
        sentence = "No ring of zeros is put around the images: pad is not used."
        expected = [
            text for text in texts.values() if text.replace(" ", "") in wrong.replace(" ", "").replace("\n", "")
        ]
        assert expected, (wrong, sentence)
        english_words = {word for word in wrong.split() if word.isascii() and word.isalpha() and len(word) > 4}
        assert english_words <= {"images", "channels"}, wrong

    @pytest.mark.parametrize("damage", [b"", b"\xde\x12\x04\x95", b"junk" * 100, None])
    def test_without_a_catalogue_or_with_a_damaged_one_they_speak_english(self, copy, damage, capsys):
        if damage is not None:
            copy.with_suffix(".mo").write_bytes(damage)
        assert self.said(copy, capsys) == self.said(COURSE / "public_tests.py", capsys)

    def test_their_catalogue_holds_what_they_say_and_nothing_of_the_hidden_checks(self, assignment):
        content = edition_in("zh", assignment).files["public_tests.mo"]
        held = {entry.msgid for entry in _mo(content)}
        public = " ".join((COURSE / "public_tests.py").read_text(encoding="utf-8").split())
        hidden = {check.title for question in assignment.questions for check in question.specification.checks}
        assert "Rule: {rule}" in held
        assert {title for title in held & hidden if title not in public} == set()

    def test_chinese_lines_are_broken_and_no_line_begins_with_a_comma(self):
        tests = script(COURSE / "public_tests.py", "public_tests_wrapping")
        text = "窗口从一个输出位置移到下一个，conv_forward 的步幅是 (2, 3)。" * 8
        lines = tests._wrapped(text).split("\n")
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert max(sum(2 if letter > "\u2e80" else 1 for letter in line) for line in lines) <= 101  # of the last letter
        assert [line for line in lines if line[0] in "，。"] == []
        assert all(line.count("conv_forward") * 12 == line.count("conv") * 12 for line in lines)

    def test_korean_lines_are_broken_between_words(self):
        tests = script(COURSE / "public_tests.py", "public_tests_wrapping")
        text = "창은 한 출력 위치에서 다음 위치로 stride 픽셀만큼 움직입니다. " * 5
        assert " ".join(tests._wrapped(text).split("\n")) == text.strip()


def _mo(content: bytes) -> polib.MOFile:
    return polib.mofile(content)


class TestSpeech:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_phrase_is_found_again_in_what_was_said_in_english(self, assignment, language):
        """Repairs, reasons and notes are sentences in a Result; only phrases that say next to nothing are left."""
        speech = edition_in(language, assignment).speech
        lost = []
        for english, said in speech.kit.items():
            names = [name for _, name, _, _ in Formatter().parse(english) if name]
            signs = "".join(text for text, *_ in Formatter().parse(english)).split()
            if len("".join(signs)) >= MIN_SIGNS:
                values = {name: f"⟦{name}⟧" for name in names}
                quoted = {"line": " at `⟦line⟧`"} if "{line}" in english and "`" not in english else {}
                in_language = {name: speech.again(text) for name, text in quoted.items()}
                if speech.again(english.format(**values | quoted)) != said.format(**values | in_language):
                    lost.append(english)
        assert lost == []

    def test_what_stands_in_a_place_is_said_in_the_language_too(self):
        speech = Speech(
            "xx",
            {
                "{cell} was left out, because it ends the session: {reason}": "{reason}, so {cell} weg",
                "cell {number}": "Zelle {number}",
                "it took more memory than is allowed": "zu viel",
                "{function} is defined in {cells}; the last one counts": "{cells}: {function}",
                "{one} and {other}": "{one} & {other}",
            },
        )
        english = "cell 3 was left out, because it ends the session: it took more memory than is allowed"
        assert speech.again(english) == "zu viel, so Zelle 3 weg"
        assert speech.again("f is defined in cell 1 and cell 2; the last one counts") == "Zelle 1 & Zelle 2: f"
        assert speech.again("the student's own words and others") == "the student's own words and others"

    def test_hostile_text_costs_no_time_and_stays_text(self, assignment):
        speech = edition_in("zh", assignment).speech
        text = "cell {number} " * 200 + "<script>" + " at `" * 200
        assert "<script>" in speech.again(text[:3900])
        assert speech.again(text * 2) == text * 2
        assert speech.again("{0.__class__}") == "{0.__class__}"

    def test_a_finding_is_said_from_its_code_and_parameters_with_the_rule_behind_it(self, assignment):
        speech = edition_in("zh", assignment).speech
        params = {"function": "f", "name": "Z", "got": "a tuple of 2", "expected": "a NumPy array"}
        message = "f: Z is a tuple of 2, expected a NumPy array."
        rule = next(check.rule for q in assignment.questions for check in q.specification.checks if check.rule)
        said = speech.finding("wrong_type", params, f"{message} {rule}")
        assert said.endswith(speech.assignment[rule])
        assert "tuple" in said and "a NumPy array" not in said and "expected" not in said

    def test_a_translation_that_cannot_be_filled_in_is_left_in_english(self, tiny):
        write_catalogue(shelf.kit_catalogue(tiny.course, "fr"), **{"{points} of {most}": "{points} sur {max}"})
        write_catalogue(shelf.assignment_catalogue(tiny, "fr"))
        assert edition_in("fr", tiny).speech.say("{points} of {most}", points=1, most=2) == "1 of 2"


def write_catalogue(path: Path, kind: str = "phrase", **texts: str) -> None:
    path.parent.mkdir(exist_ok=True)
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    catalogue.extend(polib.POEntry(msgid=english, msgstr=said, comment=kind) for english, said in texts.items())
    catalogue.save(str(path))


@pytest.mark.parametrize(
    "metadata",
    [{"language": tag} for tag in ("xx", "../../zh", "zh\n", "ZH", "en", "", 3, None, ["zh"], {})] + ["zh", None, []],
)
def test_a_language_that_is_none_of_ours_is_english(assignment, metadata):
    assert language_of({"stepgrade": metadata}, assignment) == "en"
    content = json.dumps({"nbformat": 4, "metadata": {"stepgrade": metadata}, "cells": []}).encode()
    assert edition_of(content, assignment).speech.language == "en"


def test_what_cannot_be_read_is_english(assignment):
    assert edition_of(b'junk "stepgrade"', assignment).speech.language == "en"


# A course of its own: the tiny assignment in pseudo-Chinese, every text with a sign in front

PSEUDO = "译"
QUARTER = "def quarter(x):\n    return halve(x)"


def pseudo_translate(catalogue: polib.POFile) -> polib.POFile:
    for entry in catalogue:
        entry.msgstr = PSEUDO + entry.msgid
    return catalogue


@pytest.fixture(scope="module")
def spoken(tmp_path_factory) -> Iterator[Assignment]:
    """The tiny assignment with a README, prose, a comment and public tests that speak; released in both languages."""
    course = tmp_path_factory.mktemp("spoken") / "course"
    shutil.copytree(TINY_COURSE, course, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(COURSE / "nbgrader_config.py", course)
    _, text = paths("tiny", course)
    written = text.read_text().replace("# # Tiny", "# # Tiny\n#\n# Read **this** first.")
    written = written.replace("shown = halve(np.ones(3))", "shown = halve(np.ones(3))  # look at ones")
    text.write_text(
        f"{written}\n"
        '# %% [markdown] nbgrader={"grade": true, "grade_id": "words", "locked": false, "points": 2, '
        '"schema_version": 3, "solution": true}\n# Why is that so?\n#\n'
        "# ### BEGIN SOLUTION\n# Because halves are halves.\n# ### END SOLUTION\n"
    )
    source = course / "source/tiny"
    (source / "README.md").write_text("# Tiny\n\nFill in what is missing.\n")
    tests = (source / "public_tests.py").read_text()
    said = '\n\ndef _say(sentence):\n    return sentence\n\n\nGREETING = _say("all is well")\n'
    (source / "public_tests.py").write_text(tests + said)
    sync("tiny", course, from_notebook=False)
    assignment = Assignment.find("tiny", course)
    path = shelf.assignment_catalogue(assignment, "zh")
    path.parent.mkdir()
    pseudo_translate(shelf.fresh_catalogue(path, "zh", assignment)).save(str(path))
    with pytest.MonkeyPatch.context() as patch:  # running it is for test_release.py
        patch.setattr(leakproof, "unexpected_errors", lambda *_: ())
        stepgrade(course, "release", "tiny")
    before = state_of(course)
    shown = stepgrade(course, "release", "tiny", "--language", "zh")
    assert shown == "release-zh/tiny is built and proved, in the language zh\n"
    assert state_of(course) == before, "the gradebook or the English release has changed"
    yield assignment


def stepgrade(course: Path, *arguments: str, exit_code: int = 0) -> str:
    done = CliRunner().invoke(main, ["--course", str(course), *arguments])
    assert done.exit_code == exit_code, done.output
    return done.output


def state_of(course: Path) -> dict[str, str]:
    """Everything of a course but for what `--language` writes."""
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(course.rglob("*"))
        if path.is_file()
        and not (name := path.relative_to(course).as_posix()).startswith(("release-", ".stepgrade"))
        and "__pycache__" not in name
    }


def answered(assignment: Assignment, folder: str) -> bytes:
    """What a student of that release hands in, with a wrong quarter and no words."""
    notebook = nbformat.read(assignment.course / folder / "tiny/tiny.ipynb", as_version=4)
    for cell in notebook.cells:
        question = cell.metadata.get("nbgrader", {}).get("grade_id", "").removesuffix("_solution")
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = {**RIGHT_TINY, "quarter": QUARTER}[question]
    return nbformat.writes(notebook).encode()


@pytest.fixture(scope="module")
def mixed(spoken) -> Assignment:
    """Ada has the English notebook, Bob the other, Cyd changed the language to one that is not there."""
    english, other = answered(spoken, "release"), answered(spoken, "release-zh")
    unknown = other.replace(b'"language": "zh"', b'"language": "../zh"')
    assert unknown != other
    for student, content in (("ada", english), ("bob", other), ("cyd", unknown)):
        folder = spoken.course / "submitted" / student / "tiny"
        folder.mkdir(parents=True)
        (folder / "tiny.ipynb").write_bytes(content)
    assert grade_class(spoken) == ["ada", "bob", "cyd"]
    write_pages(spoken)
    return spoken


@pytest.mark.slow
class TestAMixedClass:
    def test_marks_are_the_same_and_nothing_had_to_be_put_right(self, mixed):
        results = [json.loads(path.read_text()) for path in sorted(mixed.course.glob("autograded/*/tiny/result.json"))]
        assert [result["repairs"] for result in results] == [[], [], []]
        assert len({json.dumps([(q["id"], q["points"]) for q in result["questions"]]) for result in results}) == 1

    def test_the_page_is_in_the_language_of_the_notebook(self, mixed):
        pages = {
            student: bs4.BeautifulSoup(page_file(mixed, student).read_text(encoding="utf-8"), "html.parser")
            for student in ("ada", "bob", "cyd")
        }
        assert {student: page.html["lang"] for student, page in pages.items()} == {
            "ada": "en",
            "bob": "zh",
            "cyd": "en",
        }
        say = edition_in("zh", mixed).speech.say
        for phrase in ("Questions", "Outcome", "The notebook", "Back to the table of questions"):
            assert phrase in pages["ada"].text
            assert plain(say(phrase)) in pages["bob"].text
            assert phrase not in pages["bob"].text
        assert "译one axis" in pages["bob"].text
        assert "译This is a half. A quarter is half of it." in pages["bob"].text
        assert "译This" not in pages["ada"].text
        assert pages["bob"].find("strong", string="this"), "the release's own prose is rendered"
        assert pages["ada"].find("math") is None

    def test_the_formgrader_gets_the_same_of_nbgraders_own_command(self, mixed):
        """And what nobody answered is known as such, in whichever language it was not answered."""
        course = mixed.course
        expected = {path: path.read_bytes() for path in sorted(course.glob("autograded/*/tiny/tiny.ipynb"))}
        command = [str(Path(sys.executable).with_name("nbgrader")), "autograde", "tiny", "--force"]
        done = subprocess.run(command, cwd=course, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr
        assert {path: path.read_bytes() for path in expected} == expected
        words = [cell_of(path, "words").source for path in expected]
        assert words == ["Why is that so?\n\nYOUR ANSWER HERE"] * 2 + ["译Why is that so?\n\nYOUR ANSWER HERE"]
        prose = [nbformat.read(path, as_version=4).cells[0].source for path in expected]
        assert prose[:2] == ["# Tiny\n\nRead **this** first.", "# 译Tiny\n\n译Read **this** first."]


def cell_of(path: Path, grade_id: str) -> nbformat.NotebookNode:
    cells = nbformat.read(path, as_version=4).cells
    return next(cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


@pytest.mark.slow
class TestARelease:
    def test_it_has_the_files_of_the_english_one_and_a_catalogue_for_the_public_tests(self, spoken):
        english, other = spoken.release_dir, spoken.course / "release-zh/tiny"
        assert {path.name for path in other.iterdir()} - {path.name for path in english.iterdir()} == {
            "public_tests.mo"
        }
        assert (other / "public_tests.py").read_bytes() == (english / "public_tests.py").read_bytes()
        assert (other / "README.md").read_text() == "# 译Tiny\n\n译Fill in what is missing.\n"
        assert {e.msgid: e.msgstr for e in polib.mofile(str(other / "public_tests.mo"))} == {
            "all is well": "译all is well"
        }

    def test_stubs_comments_and_prose_are_translated(self, spoken):
        path = spoken.course / "release-zh/tiny/tiny.ipynb"
        assert cell_of(path, "halve_solution").source == (
            'def halve(x):\n    """译Return half of x."""\n    # YOUR CODE HERE\n'
            '    raise NotImplementedError("halve: write your code here")'
        )
        assert nbformat.read(path, as_version=4).cells[3].source == "shown = halve(np.ones(3))  # 译look at ones"

    def test_a_translation_that_leaks_is_refused_and_the_old_release_stays(self, spoken):
        path = shelf.assignment_catalogue(spoken, "zh")
        before, built = path.read_text(), (spoken.course / "release-zh/tiny/README.md").read_bytes()
        path.write_text(before.replace("译Fill in what is missing.", "half_of_everything = x / 2"))
        try:
            said = stepgrade(spoken.course, "release", "tiny", "--language", "zh", exit_code=3)
        finally:
            path.write_text(before)
        assert "README.md holds a line of the instructor's solution" in said
        assert "zh.po and build again" in said
        assert (spoken.course / "release-zh/tiny/README.md").read_bytes() == built

    @pytest.mark.parametrize(
        ("arguments", "exit_code", "said"),
        [
            (("--language", "fr"), 3, "fr.po does not exist; `stepgrade translate` makes it"),
            (("--language", "../x"), 2, "is no language to translate into"),
            (("--language", "en"), 2, "is no language to translate into"),
            (("--language", "zh", "--solution"), 2, "the worked solution is in English"),
        ],
    )
    def test_what_cannot_be_built_says_why(self, spoken, arguments, exit_code, said):
        assert said in stepgrade(spoken.course, "release", "tiny", *arguments, exit_code=exit_code)
        assert not (spoken.course / "release-fr").exists()


class TestTranslate:
    """`stepgrade translate`, as whoever adds a language uses it."""

    def test_a_new_language_is_made_checked_and_kept_up_to_date(self, tiny):
        said = stepgrade(tiny.course, "translate", "tiny", "--language", "fr")
        path = tiny.hidden_dir / "languages/fr.po"
        n = len(polib.pofile(str(path)))
        assert said == f"{path}: {n} texts, {n} to translate or to look at\n"
        assert "not translated" in stepgrade(tiny.course, "translate", "tiny", "--check", exit_code=1)
        pseudo_translate(polib.pofile(str(path))).save(str(path))
        assert f"{n} texts, 0 faults" in stepgrade(tiny.course, "translate", "tiny", "--check")
        misconceptions = tiny.hidden_dir / "misconceptions.py"
        misconceptions.write_text(misconceptions.read_text().replace("A half is smaller.", "A half is less."))
        before = path.read_bytes()
        renewed = Assignment.find("tiny", renamed(tiny))
        moved = renewed.hidden_dir / "languages/fr.po"
        assert "2 texts are new or gone" in stepgrade(renewed.course, "translate", "tiny", "--check", exit_code=1)
        assert moved.read_bytes() == before
        assert "1 to translate or to look at" in stepgrade(renewed.course, "translate", "tiny")
        [fuzzy] = polib.pofile(str(moved)).fuzzy_entries()
        assert fuzzy.previous_msgid == "The numbers become larger. A half is smaller."
        assert fuzzy.msgid not in edition_in("fr", renewed).speech.assignment, (
            "an old translation may say what is wrong"
        )

    def test_a_course_has_a_place_for_the_kits_phrases_in_a_language_of_its_own(self, tiny):
        stepgrade(tiny.course, "translate", "--language", "fr")
        path = tiny.course / "languages/fr.po"
        catalogue = polib.pofile(str(path))
        next(entry for entry in catalogue if entry.msgid == "Points").msgstr = "Points obtenus"
        catalogue.save(str(path))
        write_catalogue(shelf.assignment_catalogue(tiny, "fr"))
        speech = edition_in("fr", tiny).speech
        assert (speech.say("Points"), speech.say("State")) == ("Points obtenus", "State")
        assert shelf.kit_catalogue(tiny.course, "zh") == COURSE / "stepgrade/languages/zh.po"


def renamed(assignment: Assignment) -> Path:
    """The course folder under another name: hidden modules are read once per folder and process."""
    return assignment.course.rename(assignment.course.with_name("renamed"))


class TestParts:
    def test_markdown_whose_translation_is_the_english_is_the_same(self, assignment):
        import mistune

        for cell in assignment.source_cells:
            if cell.kind == "markdown":
                again = markdown.translated(cell.source, str)
                assert mistune.html(again).split() == mistune.html(cell.source).split()

    def test_code_there_and_back_is_the_same(self, assignment):
        for cell in assignment.source_cells:
            if cell.kind == "code":
                there = code.translated(cell.source, lambda text: f"译{text}")
                assert code.translated(there, lambda text: text.removeprefix("译")) == cell.source
