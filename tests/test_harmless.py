"""What a student's cells become before the formgrader opens them: readable, and nothing that a browser executes."""

from __future__ import annotations

import base64
import json

import bs4
import nbformat
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbgrader.preprocessors import LimitOutput

from stepgrade.course.autograded import harmless
from stepgrade.course.autograded.harmless import MAX_TEXT, harmless_cell, harmless_outputs, harmless_png, harmless_prose

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(17)).decode()
HTML = base64.b64encode(b"<script>alert(1)</script>").decode()
PAGE_IDS = frozenset({"conv_forward"})


def prose(source, attachments=None):
    return harmless_prose(source, attachments, PAGE_IDS)


@pytest.mark.parametrize(
    "source",
    [
        "# My answer\n\nThe *size* is $n_H = (n - f)/s + 1$, **see** `a < b` and [this](https://example.org).",
        "| a | b |\n|:--|--:|\n| 1 | 2 |\n\n- [x] done\n- [ ] open\n\n> quoted",
        "```python\nfor x in range(3):\n    print(x < 2)\n```",
        "H<sub>2</sub>O<br>and a <b>bold</b> word; 3 < 4 and x<y",
        "naïve 漢字 🙂 https://example.org",
    ],
)
def test_usual_prose_stays_as_it_is(source):
    kept, _ = prose(source)
    assert kept.replace("\N{WORD JOINER}", "") == source
    assert "```text" not in kept


@given(st.text("aZ1_ \n\t\r\x0b\x85\u2028.,;:!?()'\"%*-é中", max_size=60))
def test_sentences_that_are_not_rendered_would_render_to_nothing_active(source):
    assume(harmless._SENTENCES.fullmatch(source))
    assert harmless._renders_harmless(source, {}, frozenset())


def test_a_list_that_goes_on_with_another_number_stays_one():
    assert prose("2. second\n3. third [link](https://example.org)")[0].startswith("2. second")


ACTIVE = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example>",
    "<img src=x onerror=alert(1)>",
    "<b onmouseover=alert(1)>b</b>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<input class='score' id='conv_forward'>",
    "<style>*{display:none}</style>",
    "<form action=/formgrader/api><button>x</button></form>",
    "<math><a xlink:href='javascript:alert(1)'>x</a></math>",
    "<!-- --><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "</div></div><script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java\\script:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:alert(1))",
    "[x][1]\n\n[1]: javascript:alert(1)",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    '![x](x"onerror="alert(1))',
    '[a](http://example.org "x\\" onmouseover=\\"alert(1)")',
    "<javascript:alert(1)>",
    "```mermaid\n<img src=x onerror=alert(1)>\n```",
    "```mermaid\ngraph TD; A-->B; click A call alert()\n```",
    "$\\href{javascript:alert(1)}{x}$",
    "$$\\style{position:fixed}{x}$$",
    "$\\cssId{conv_forward}{x}$",
    '$\\mmlToken{mi}[href="javascript:alert(1)"]{x}$',
    "$\\bbox[position:fixed;padding:2000px]{x}$",
    "&#36;\\hr&#101;f{javascript:alert(1)}{x}&#36;",
    "&#36;&#92;href{javascript:alert(1)}{x}&#36;",
    "$<img src=x onerror=alert(1)>$",
    "\\begin{a}<img src=x onerror=alert(1)>\\end{a}",
    "# conv_forward",
    "![x](attachment:none.png)",
    "![x](attachment\\:none.png)",
    "`" * 50 + "<script>alert(1)</script>",
    "````text\n```\n<script>alert(1)</script>",
    "> " * 2000 + "x",
    "[" * 3000,
]


@pytest.mark.parametrize("source", ACTIVE)
def test_nothing_of_a_students_prose_is_executed_and_its_words_stay(source, live):
    kept, attachments = prose(source)
    renderer = IPythonRenderer(escape=False, attachments=attachments)
    assert live(MarkdownWithMath(renderer=renderer).render(kept)) == []
    assert source.strip("\n") in kept.replace("\N{WORD JOINER}", "")


@pytest.mark.parametrize(
    "source",
    [
        "$\\href{javascript:alert(1)}{x}$",
        '$\\mmlToken{mi}[href="javascript:alert(1)"]{x}$',
        "$\\bbox[position:fixed]{x}$",
        "&#36;\\hr&#101;f{javascript:alert(1)}{x}&#36;",
        "&#36;&#92;style{position:fixed}{x}&#36;",
    ],
)
def test_a_command_of_tex_that_makes_links_or_styles_is_shown_as_it_was_typed(source):
    assert prose(source)[0] == f"```text\n{source}\n```"


def test_what_is_harmless_is_still_harmless_after_a_second_time(live):
    for source in ACTIVE:
        once, _ = prose(source)
        twice, _ = prose(once)
        assert live(MarkdownWithMath(renderer=IPythonRenderer(escape=False)).render(twice)) == []


def test_attached_png_images_are_shown_under_names_of_ours():
    kept, attachments = prose(
        "![a](attachment:my%20photo.png) ![b](attachment:b.png)",
        {"my photo.png": {"image/png": PNG}, "b.png": {"image/png": PNG}},
    )
    assert kept == "![a](attachment:picture-1.png) ![b](attachment:picture-2.png)"
    assert attachments == {"picture-1.png": {"image/png": PNG}, "picture-2.png": {"image/png": PNG}}


@pytest.mark.parametrize(
    "attachments",
    [
        {"x.png": {"image/svg+xml": "PHN2Zz4="}},
        {"x.png": {"image/png": HTML}},
        {"x.png": {'image/png" onerror="alert(1)': PNG}},
        {"x.png": {"image/png": 'AAAA" onerror="alert(1)'}},
        {"x.png": "no bundle"},
        ["no attachments"],
    ],
)
def test_an_attachment_that_is_no_png_is_dropped_and_its_reference_breaks_no_page(attachments, live):
    kept, images = prose("Look: ![a](attachment:x.png)", attachments)
    assert images == {}
    assert live(MarkdownWithMath(renderer=IPythonRenderer(escape=False, attachments={})).render(kept)) == []


@pytest.mark.parametrize(
    "encoded",
    [HTML, "not base64!", "", None, 5, "data:image/png;base64," + PNG, PNG + '" onerror="alert(1)', "A" * 8 * 2**20],
)
def test_base64_of_something_else_is_no_png(encoded):
    assert harmless_png(encoded) is None


def test_a_png_in_lines_is_one():
    assert harmless_png([PNG[:20] + "\n", PNG[20:]]) == PNG


def test_only_text_and_png_of_outputs_is_kept():
    kinds = ["text/html", "image/svg+xml", "application/javascript", "text/latex", "text/markdown", "image/jpeg"]
    kinds += ["application/vnd.vega.v5+json", "application/vnd.jupyter.widget-view+json", "application/pdf"]
    bundle = dict.fromkeys(kinds, "<script>alert(1)</script>") | {"text/plain": "kept", "image/png": PNG}
    metadata = {"image/png": {"width": '"><script>'}, "filenames": {"image/png": "/etc/passwd"}}
    outputs = harmless_outputs(
        [
            {"output_type": "display_data", "data": bundle, "metadata": metadata},
            {"output_type": "execute_result", "data": {"text/html": "x"}, "execution_count": "<script>"},
            {"output_type": "display_data", "data": {"image/png": HTML}},
            {"output_type": "update_display_data", "data": {"text/plain": "x"}},
            {"output_type": ["display_data"]},
            "no output",
        ]
    )
    assert outputs == [
        {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "kept", "image/png": PNG}}
    ]


def test_hostile_structures_of_outputs_are_read_without_an_error():
    for value in (None, 5, "x", {}, [[]], {"text/plain": {}}, [1, {"a": 2}], "\ud800"):
        for output_type in ("stream", "error", "display_data", "execute_result", value):
            fields = dict.fromkeys(("text", "data", "traceback", "ename", "evalue", "name", "metadata"), value)
            outputs = harmless_outputs([{"output_type": output_type, **fields}])
            json.dumps(outputs, ensure_ascii=False).encode()


def test_long_outputs_are_cut_where_they_stay_readable():
    [output] = harmless_outputs([{"output_type": "stream", "text": "x" * 10**6}])
    assert output["text"] == "x" * MAX_TEXT + "\n... the rest is left out ..."


def test_printed_lines_and_tracebacks_are_as_long_as_nbgrader_would_leave_them():
    stream = {"output_type": "stream", "name": "stdout", "text": "line\n" * 700}
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": [str(n) for n in range(300)]}
    given = [stream, error, stream, stream]
    cell = nbformat.v4.new_code_cell(outputs=[nbformat.from_dict(output) for output in given])
    expected, _ = LimitOutput().preprocess_cell(cell, {}, 0)
    assert [dict(output) for output in expected.outputs] == harmless_outputs(given)


def test_of_a_students_code_cell_only_text_goes_into_the_page():
    cell = {
        "cell_type": "code",
        "source": "x = 1 < 2",
        "execution_count": "<script>alert(1)</script>",
        "metadata": {"tags": ['"><script>'], "name": "<script>", "transient": {"remove_source": True}},
        "outputs": [],
        "attachments": {},
    }
    kept = harmless_cell(cell, PAGE_IDS)
    assert (kept["source"], kept["execution_count"], kept["metadata"]) == ("x = 1 < 2", None, {})
    assert "script" not in json.dumps(kept)


def test_a_raw_cell_becomes_prose(live):
    kept = harmless_cell(nbformat.v4.new_raw_cell("<script>alert(1)</script>"), PAGE_IDS)
    assert kept["cell_type"] == "markdown"
    assert live(MarkdownWithMath(renderer=IPythonRenderer(escape=False)).render(kept["source"])) == []


@pytest.fixture
def live():
    """``live(page)``: what a browser would execute or take for the page's own, found by another parser than ours."""

    def found(page: str) -> list[str]:
        soup = bs4.BeautifulSoup(page, "html.parser")
        bad = []
        for tag in soup.find_all(True):
            if tag.name in {
                "script",
                "iframe",
                "object",
                "embed",
                "style",
                "svg",
                "math",
                "form",
                "link",
                "meta",
                "base",
            }:
                bad.append(str(tag))
            for name, value in tag.attrs.items():
                text = " ".join(value) if isinstance(value, list) else str(value)
                target = "".join(text.split()).lower()
                if name.startswith("on") or (
                    name in {"href", "src"} and target.split(":")[0] in {"javascript", "vbscript"}
                ):
                    bad.append(str(tag))
                if target.startswith(("data:text", "data:image/svg")) or "mermaid" in text or text in PAGE_IDS:
                    bad.append(str(tag))
            if tag.name == "img" and tag.get("src", "").startswith("attachment"):
                bad.append(str(tag))
        outside_code = "".join(str(t) for t in soup.find_all(string=True) if not t.find_parent(["pre", "code"]))
        bad += [command for command in ("\\href", "\\style", "\\cssId") if command in outside_code]
        return bad

    return found
