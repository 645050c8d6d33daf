"""What of a student's cells may reach a browser: the formgrader opens them beside the gradebook, logged in.

nbconvert renders Markdown with its raw HTML and with ``javascript:`` links, and puts several fields of a notebook
into the page as they are. So a student's cell is made anew here, from the few things that are text or PNG.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

from stepgrade.course.handin.otherfiles import PNG_SIGNATURE
from stepgrade.notebook import joined

MAX_TEXT = 100_000  # characters of one output
MAX_PROSE = 12_000  # characters of one Markdown cell; longer ones are shown as plain text
MAX_OUTPUTS = 100  # of one cell
MAX_LINES = 1000  # of text that the code of one cell printed; what nbgrader's LimitOutput would leave
MAX_TRACEBACK_LINES = 100
MAX_TRACEBACK_LINE = 50_000  # characters
MAX_IMAGE_BYTES = 5 * 2**20
PNG = "image/png"
JOINER = "\N{WORD JOINER}"  # invisible; between "<" and a name it makes text of a tag
CUT = "\n... the rest is left out ..."
LINES_CUT = "... Output truncated ..."
TRACEBACK_CUT = "... Traceback truncated ..."

_PLAIN_TAGS = "b|blockquote|br|code|del|em|h[1-6]|hr|i|kbd|li|ol|p|pre|s|strong|sub|sup|table|tbody|td|th|thead|tr|u|ul"
_OTHER_TAG = re.compile(rf"<(?!/?(?:{_PLAIN_TAGS})\s*/?>)(?=[A-Za-z/!?])", re.IGNORECASE)
_RENDERED_TAGS = re.compile(rf"{_PLAIN_TAGS}|a|dd|div|dl|dt|img|input|span", re.IGNORECASE)
_RENDERED_CLASS = re.compile(r"anchor-link|highlight|language-[\w+.-]*|task-list-item(-checkbox)?|[a-z][a-z0-9]{0,2}")
_ALIGNMENT = re.compile(r"text-align:\s*(left|right|center);?")
# MathJax makes links, styles and ids of these.
_ACTIVE_TEX = re.compile(
    r"\\(bbox|class|cssId|data|href|includegraphics|mmlToken|require|style|unicode|url)(?![A-Za-z])"
)
# Sentences, perhaps with emphasis: no sign of these begins a tag, link, formula, heading or table.
_SENTENCES = re.compile(r"(?:[\w\s.,;:!?()'\"%*]|(?<=\w)-(?=\w))*")
_SAFE_SCHEMES = frozenset({"http", "https", "mailto"})
_SAFE_ATTRIBUTES = frozenset({"alt", "checked", "disabled", "id", "start", "title", "type"})
_PNG_URL = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]*")


def harmless_cell(cell: Mapping[str, Any], page_ids: frozenset[str], *, as_text: bool = False) -> dict[str, Any]:
    """Return a cell of the student's own with its text, and of everything else only text and PNG images.

    Parameters
    ----------
    cell : mapping
        In the form of nbformat 4.
    page_ids : frozenset of str
        The ids that the formgrader's own input fields have; a heading may not take one.
    as_text : bool
        Prose is shown as it was typed, for a notebook that has more of it than is looked into.
    """
    if cell["cell_type"] == "code":
        count = cell.get("execution_count")
        return {
            "cell_type": "code",
            "execution_count": count if type(count) is int else None,
            "metadata": {},
            "outputs": harmless_outputs(cell.get("outputs")),
            "source": cell["source"],
        }
    if as_text:
        return {"cell_type": "markdown", "metadata": {}, "source": _as_typed(cell["source"])}
    prose, attachments = harmless_prose(cell["source"], cell.get("attachments"), page_ids)
    made = {"cell_type": "markdown", "metadata": {}, "source": prose}
    return made | {"attachments": attachments} if attachments else made


def harmless_outputs(outputs: Any) -> list[dict[str, Any]]:
    """Return the outputs that are text or PNG images, bounded in number and size."""
    listed = outputs if isinstance(outputs, list) else []
    safe = (_safe_output(output) for output in listed[:MAX_OUTPUTS] if isinstance(output, dict))
    return list(_limited([output for output in safe if output is not None]))


def _safe_output(output: Mapping[str, Any]) -> dict[str, Any] | None:
    match output.get("output_type"):
        case "stream":
            return {"output_type": "stream", "name": "stdout", "text": _text(output.get("text"))}
        case "error":
            lines = output.get("traceback")
            listed = lines if isinstance(lines, list) else []
            return {
                "output_type": "error",
                "ename": _text(output.get("ename")),
                "evalue": _text(output.get("evalue")),
                "traceback": [_text(line)[:MAX_TRACEBACK_LINE] for line in _ends(listed) if isinstance(line, str)],
            }
        case "display_data" | "execute_result":
            data = output.get("data")
            kept = {}
            if isinstance(data, dict):
                if "text/plain" in data:
                    kept["text/plain"] = _text(data["text/plain"])
                if image := harmless_png(data.get(PNG)):
                    kept[PNG] = image
            return {"output_type": "display_data", "data": kept, "metadata": {}} if kept else None
    return None


def _limited(outputs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the outputs of one cell with `MAX_LINES` lines of printed text in all."""
    left = MAX_LINES
    for output in outputs:
        if output["output_type"] == "stream":
            if not left:
                continue
            lines = output["text"].split("\n")
            if len(lines) > left:
                lines = [*lines[: left - 1], LINES_CUT]
                output["text"] = "\n".join(lines)
            left -= len(lines)
        yield output


def _ends(lines: list[Any]) -> list[Any]:
    """Return a traceback whose middle is left out where it is long."""
    if len(lines) <= MAX_TRACEBACK_LINES:
        return lines
    half = MAX_TRACEBACK_LINES // 2
    return [*lines[:half], TRACEBACK_CUT, *lines[half + 1 - MAX_TRACEBACK_LINES :]]


def harmless_png(encoded: Any) -> str | None:
    """Return a PNG image encoded anew, None for what is none: base64 of HTML is not an image."""
    text = "".join(joined(encoded).split())
    if not text or len(text) > MAX_IMAGE_BYTES * 4 // 3 + 4:
        return None
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    is_png = content.startswith(PNG_SIGNATURE) and content[12:16] == b"IHDR"
    return base64.b64encode(content).decode("ascii") if is_png else None


def harmless_prose(source: str, attachments: Any, page_ids: frozenset[str]) -> tuple[str, dict[str, dict[str, str]]]:
    """Return Markdown that says the same and renders to nothing active, and the PNG images that it shows.

    A tag becomes text; where the rendered page would still hold something active, or cannot be rendered at all,
    the whole text is shown as a code block.
    """
    if len(source) <= MAX_PROSE and _SENTENCES.fullmatch(source):
        return source, {}
    prose, kept = _renamed_images(_OTHER_TAG.sub("<" + JOINER, source), attachments)
    if len(prose) <= MAX_PROSE and _renders_harmless(prose, kept, page_ids):
        return prose, kept
    return _as_typed(source), {}


def _as_typed(source: str) -> str:
    text = _text(source)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}"


def _renamed_images(source: str, attachments: Any) -> tuple[str, dict[str, dict[str, str]]]:
    """Give attached PNG images names of ours: nbconvert fails on a name that it cannot find as it is written."""
    kept: dict[str, dict[str, str]] = {}
    for name, bundle in attachments.items() if isinstance(attachments, dict) else ():
        image = harmless_png(bundle.get(PNG)) if isinstance(bundle, dict) else None
        written = [form for form in {str(name), quote(str(name))} if f"attachment:{form}" in source]
        if image and written and len(kept) < MAX_OUTPUTS:
            new = f"picture-{len(kept) + 1}.png"
            for form in written:
                source = source.replace(f"attachment:{form}", f"attachment:{new}")
            kept[new] = {PNG: image}
    return source, kept


def _renders_harmless(prose: str, attachments: dict[str, dict[str, str]], page_ids: frozenset[str]) -> bool:
    # Late: half a second, for students who write prose.
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    renderer = IPythonRenderer(escape=False, attachments=attachments)
    try:
        page = MarkdownWithMath(renderer=renderer).render(prose)
    except Exception:  # on hostile text the renderer raises many kinds; the formgrader must never come to see it
        return False
    finder = _ActiveFinder(page_ids)
    finder.feed(page)
    finder.close()
    # As MathJax reads it: in the source, an entity can hide the name of a command.
    return not finder.found and not _ACTIVE_TEX.search(finder.text)


class _ActiveFinder(HTMLParser):
    """Finds in a rendered page whatever is not on the short list of what Markdown makes."""

    def __init__(self, page_ids: frozenset[str]) -> None:
        super().__init__()
        self._page_ids = page_ids
        self.found = False
        self._text: list[str] = []

    @property
    def text(self) -> str:
        """What a reader sees, entities resolved."""
        return "".join(self._text)

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        allowed = _RENDERED_TAGS.fullmatch(tag) and all(self._allowed(tag, name, value or "") for name, value in attrs)
        if not allowed or (tag == "input" and ("type", "checkbox") not in attrs):
            self.found = True

    def handle_comment(self, data: str) -> None:
        self.found = True

    def handle_decl(self, decl: str) -> None:
        self.found = True

    def handle_pi(self, data: str) -> None:
        self.found = True

    def unknown_decl(self, data: str) -> None:
        self.found = True

    def _allowed(self, tag: str, name: str, value: str) -> bool:
        match name:
            case "class":
                return all(_RENDERED_CLASS.fullmatch(word) for word in value.split())
            case "href" | "src":
                return _is_safe_url(value) or (tag == "img" and _PNG_URL.fullmatch(value) is not None)
            case "id":
                return value not in self._page_ids
            case "style":
                return _ALIGNMENT.fullmatch(value.strip()) is not None
        return name in _SAFE_ATTRIBUTES


def _is_safe_url(url: str) -> bool:
    # Browsers ignore white space and control characters where they look for the scheme.
    squeezed = "".join(letter for letter in url if letter > " " and letter.isprintable())
    scheme, colon, _ = re.split(r"[/?#]", squeezed)[0].partition(":")
    return not colon or scheme.lower() in _SAFE_SCHEMES


def _text(value: Any) -> str:
    text = joined(value)
    cut = text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + CUT
    return cut.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate cannot be written to a file
