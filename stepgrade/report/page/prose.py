"""Markdown cells as HTML: every tag of the student's is text, and what Markdown itself can do is on a short list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from html import escape, unescape
from typing import Any

import mistune
from mistune.plugins.formatting import strikethrough
from mistune.plugins.table import table
from mistune.util import striptags

from stepgrade.phrases import Say, phrase
from stepgrade.report.page.formulas import formula
from stepgrade.report.page.pictures import Pictures

MAX_PROSE = 12_000  # a longer text is shown as it was typed: a parser could take very long over it
MAX_IMAGES = 12  # of one cell
PAGE_LEVELS = 2  # the page's own headings, above those of the notebook
SAFE_LINK = re.compile(r"(?:https?://|mailto:|#)[^\s\x00-\x1f\\]*", re.IGNORECASE)
MATH = (
    r"\$\$(?P<display_tex>(?:[^$\\]|\\[\s\S])+?)\$\$"
    r"|(?P<environment_tex>\\begin\{(?P<environment>[a-z]{1,20}\*?)\}[\s\S]{1,2000}?\\end\{(?P=environment)\})"
    r"|\$(?![\s$])(?P<inline_tex>(?:[^$\\]|\\[\s\S])+?)(?<!\s)\$(?!\d)"
)
FOLD = re.compile(r"\s*<details>\s*<summary>([^<>]*)</summary>\s*")


def prose(
    source: str, pictures: Pictures, attachments: Mapping[str, bytes], level: int, *, released: bool, say: Say = phrase
) -> tuple[str, int]:
    """Return the HTML of a Markdown cell, and the level of its last heading.

    Parameters
    ----------
    level : the level of the last heading before it, so that none is skipped
    released : whether the release has this very text, which then is rendered once for all submissions
    say : says a phrase in the reader's language
    """
    if released and not attachments:
        return _released(source, pictures, level, say)
    if len(source) > MAX_PROSE:
        return f"<pre>{escape(source)}</pre>", level
    return _rendered(source, pictures, attachments, level, say)


@lru_cache(maxsize=512)
def _released(source: str, pictures: Pictures, level: int, say: Say) -> tuple[str, int]:
    return _rendered(source, pictures, {}, level, say)


def _rendered(
    source: str, pictures: Pictures, attachments: Mapping[str, bytes], level: int, say: Say
) -> tuple[str, int]:
    renderer = _Renderer(pictures, attachments, level, say)
    markdown = mistune.Markdown(renderer=renderer, plugins=[_math, table, strikethrough])
    try:
        html = str(markdown(source))
    except RecursionError:  # quotes in quotes in quotes
        return f"<pre>{escape(source)}</pre>", level
    return html + "</details>" * renderer.open_folds, renderer.level


class _Renderer(mistune.HTMLRenderer):
    """Makes the elements; each method gets text that is escaped already, or escapes it."""

    def __init__(self, pictures: Pictures, attachments: Mapping[str, bytes], level: int, say: Say) -> None:
        super().__init__(escape=True)
        self._say = say
        self._pictures = pictures
        self._attachments = attachments
        self._n_images = 0
        self.level = level
        self.open_folds = 0

    def heading(self, text: str, level: int, **_attributes: Any) -> str:
        self.level = min(level + PAGE_LEVELS, self.level + 1, 6)
        return f"<h{self.level}>{text}</h{self.level}>\n"

    def link(self, text: str, url: str, title: str | None = None) -> str:
        if not SAFE_LINK.fullmatch(url):
            return text
        return f'<a href="{escape(url)}" rel="noopener noreferrer">{text}</a>'

    def image(self, text: str, url: str, title: str | None = None) -> str:
        described = escape(unescape(striptags(text)))
        self._n_images += 1
        address = self._pictures.address(url, self._attachments) if self._n_images <= MAX_IMAGES else None
        if address is None:
            say = self._say
            text = say("[image: {description}]", description=described or escape(say("without description")))
            return f'<span class="no-image">{text}</span>'
        return f'<img src="{address}" alt="{described}">'

    def block_code(self, code: str, info: str | None = None) -> str:
        return f"<pre><code>{escape(code)}</code></pre>\n"

    def inline_html(self, html: str) -> str:
        return "<br>" if re.fullmatch(r"<br\s*/?>", html, re.IGNORECASE) else escape(html)

    def block_html(self, html: str) -> str:
        """Show tags as text, but for an answer that is folded away, which no other Markdown can do."""
        if opening := FOLD.fullmatch(html):
            self.open_folds += 1
            return f"<details><summary>{escape(opening[1])}</summary>\n"
        if html.strip() == "</details>" and self.open_folds:
            self.open_folds -= 1
            return "</details>\n"
        return f"<p>{escape(html.strip())}</p>\n"


def _math(md: mistune.Markdown) -> None:
    """Let formulas be found before anything in them is taken for Markdown."""

    def parse(_inline: Any, match: re.Match[str], state: Any) -> int:
        inline = match["inline_tex"]
        display = match["display_tex"] or match["environment_tex"]
        state.append_token({"type": "formula", "raw": inline or display, "attrs": {"display": inline is None}})
        return match.end()

    def render(_renderer: Any, text: str, *, display: bool) -> str:
        return formula(text, display=display)

    md.inline.register("formula", MATH, parse, before="codespan")
    if md.renderer is not None:
        md.renderer.register("formula", render)
