"""Markdown in parts that can be translated one by one: paragraphs, headings, list items, rows of tables.

Whoever mends a sentence loses the translation of its paragraph, and of nothing else. What holds the parts together
(marks of headings and lists, code, formulas, HTML) is kept as it stands and is no translator's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from stepgrade.languages.unit import Speak

HEADING = re.compile(r"( {0,3}#{1,6}[ \t]+)(.*?)([ \t]*#*[ \t]*)")
ITEM = re.compile(r"([ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+)(\S.*)")
# Of the numbered items only the first interrupts a paragraph: a line that happens to begin with "21." is prose.
FIRST_ITEM = re.compile(r"[ \t]*(?:[-*+]|1[.)])[ \t]+\S.*")
FENCE = re.compile(r"[ \t]*(```+|~~~+)")
ROW = re.compile(r"[ \t]*\|.*")
DELIMITERS = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
SUMMARY = re.compile(r"(.*<summary>)(.+?)(</summary>.*)")
INDENTED_CODE = re.compile(r" {4}|\t")
HARD_BREAK = re.compile(r"(?: {2,}|\\)$")
# Words within a formula: "\text{or the mean of}", but not a name such as "\text{pad}".
WORDS_IN_FORMULA = re.compile(r"(\\text\{\s*)([^{}\s]+(?:\s+[^{}\s]+)+)(\s*\})")


@dataclass(frozen=True)
class Part:
    """A piece of Markdown; ``text`` is what can be translated of it, "" for nothing, between the other two."""

    before: str
    text: str = ""
    after: str = ""
    kind: str = ""


def parts_of(source: str) -> tuple[Part, ...]:
    """Return all parts, in order; joined by nothing they are the source again, but for line ends within paragraphs."""
    return tuple(_Parts(source.split("\n")).all())


def translated(source: str, speak: Speak) -> str:
    """Return the same Markdown with every part in another language; a paragraph becomes one line."""
    return "".join(f"{part.before}{speak(part.text) if part.text else ''}{part.after}" for part in parts_of(source))


class _Parts:
    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._at = 0
        self._in_list = False

    def all(self) -> Iterator[Part]:
        while self._at < len(self._lines):
            yield from self._next()

    def _next(self) -> Iterator[Part]:
        line = self._lines[self._at]
        if not line.strip():
            yield self._kept()
        elif fence := FENCE.match(line):
            yield from self._fenced(fence[1])
        elif INDENTED_CODE.match(line) and not self._in_list:
            yield self._kept()
        elif line.lstrip().startswith("$$"):
            yield from self._formula()
        elif heading := HEADING.fullmatch(line):
            self._in_list = False
            yield self._part(heading[1], heading[2], heading[3], "heading")
        elif DELIMITERS.fullmatch(line) and "|" in line:
            yield self._kept()
        elif ROW.fullmatch(line):
            indent = line[: len(line) - len(line.lstrip())]
            yield self._part(indent, line.strip(), "", "table row")
        elif summary := SUMMARY.fullmatch(line):
            yield self._part(summary[1], summary[2], summary[3], "summary")
        elif line.lstrip().startswith("<"):
            yield self._kept()
        elif item := ITEM.fullmatch(line):
            self._in_list = True
            yield from self._paragraph(item[1], item[2], "list item")
        else:
            indent = line[: len(line) - len(line.lstrip())]
            self._in_list = self._in_list and bool(indent)
            yield from self._paragraph(indent, line.strip(" \t"), "paragraph")

    def _end(self) -> str:
        """Go on to the next line; return the line end between the two."""
        self._at += 1
        return "\n" if self._at < len(self._lines) else ""

    def _kept(self) -> Part:
        line = self._lines[self._at]
        return Part(line + self._end())

    def _part(self, before: str, text: str, after: str, kind: str) -> Part:
        end = self._end()
        return Part(before, text, after + end, kind) if _has_words(text) else Part(before + text + after + end)

    def _fenced(self, fence: str) -> Iterator[Part]:
        yield self._kept()
        while self._at < len(self._lines):
            closes = self._lines[self._at].strip().startswith(fence)
            yield self._kept()
            if closes:
                return

    def _formula(self) -> Iterator[Part]:
        """A formula on lines of its own; words in it are parts."""
        lines = [self._lines[self._at]]
        end = self._end()
        while end and not (len("\n".join(lines).strip()) > 2 and lines[-1].rstrip().endswith("$$")):
            lines.append(self._lines[self._at])
            end = self._end()
        formula, position = "\n".join(lines) + end, 0
        for words in WORDS_IN_FORMULA.finditer(formula):
            before = formula[position : words.start()] + words[1]
            yield Part(before, " ".join(words[2].split()), words[3], "words in a formula")
            position = words.end()
        yield Part(formula[position:])

    def _paragraph(self, before: str, first: str, kind: str) -> Iterator[Part]:
        """Lines up to the next blank one, or the next that begins something else; a hard break ends a part, too."""
        words = [first]
        hard_break = HARD_BREAK.search(first)
        end = self._end()
        while end and not hard_break and self._goes_on(self._lines[self._at], kind):
            words.append(self._lines[self._at].lstrip())
            hard_break = HARD_BREAK.search(words[-1])
            end = self._end()
        text = " ".join(word.strip() for word in words)
        after = hard_break[0] + end if hard_break and end else end
        text = text.removesuffix("\\").rstrip() if hard_break else text
        yield Part(before, text, after, kind) if _has_words(text) else Part(before + text + after)

    def _goes_on(self, line: str, kind: str) -> bool:
        item = ITEM if kind == "list item" else FIRST_ITEM
        starts = HEADING.fullmatch(line) or item.fullmatch(line) or ROW.fullmatch(line) or FENCE.match(line)
        return bool(line.strip()) and not starts and not line.lstrip().startswith(("$$", "<details", "</details"))


def _has_words(text: str) -> bool:
    """Tell whether there is something to translate: a word outside of code and formulas."""
    return bool(re.search(r"[^\W\d_]{2}", re.sub(r"`[^`]*`|\$[^$]*\$|<[^<>]*>", "", text)))
