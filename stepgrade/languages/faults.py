"""What is wrong with a translation, as far as a program can tell: what it must keep, and has not kept.

Words are the translator's. Code, formulas, numbers, names, images and the marks of Markdown are not: a formula that has
lost a sign, or a name that was translated, is an error that no reader of that language can find.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import mistune
import polib

from stepgrade.languages import markdown
from stepgrade.languages.code import is_docstring
from stepgrade.phrases import columns_of

CODE = re.compile(r"`[^`]+`")
FORMULA = re.compile(r"\$\$[^$]+\$\$|\$[^$]+\$")
PLACE = re.compile(r"\{\w+\}")
TARGET = re.compile(r"\]\([^()\s]*\)")
TAGS = re.compile(r"</?\w[^<>]*>")
STAR = re.compile("[★☆]")
NUMBER = re.compile(r"\d+(?:\.\d+)*")
# Names of the code outside of backticks: n_H, conv_forward, dW, NumPy's np.pad.
NAME = re.compile(r"[A-Za-z]+_[A-Za-z_]+|\bd[A-Z]\w*\b|\b(?:np|plt)\.\w+", re.ASCII)  # "dA는" has the name dA
EMPHASIS = re.compile(r"<(strong|em|code|a|img|del)\b")
UNDERLINE = re.compile(r"^-{3,}$", re.MULTILINE)
PARAMETER = re.compile(r"^(\w+(?:, \w+)*) : ", re.MULTILINE)
WIDEST = 110  # columns of a docstring's line, as far as a notebook shows them without scrolling

IN_MARKDOWN = frozenset({"heading", "paragraph", "list item", "table row"})


def faults_of(entry: polib.POEntry) -> Iterator[str]:
    """Yield what is wrong with the translation of one entry, in words for its translator."""
    source, said, kind = entry.msgid, entry.msgstr, entry.comment
    if not said:
        yield "not translated"
        return
    if entry.fuzzy:
        yield "marked fuzzy: the English text has changed; look at the translation and remove the mark"
    if _edges(source) != _edges(said):
        yield "white space at the beginning or the end differs"
    yield from _same("code", CODE, source, said)
    yield from _same("formulas", FORMULA, source, said)
    plain, plain_said = (FORMULA.sub(" ", CODE.sub(" ", text)) for text in (source, said))
    yield from _same("places to fill in", PLACE, plain, plain_said)
    yield from _same("links or images", TARGET, plain, plain_said)
    yield from _same("HTML tags", TAGS, plain, plain_said)
    yield from _same("stars", STAR, plain, plain_said)
    yield from _kept("numbers", NUMBER, plain, plain_said)
    yield from _kept("names", NAME, plain, plain_said)
    if kind in IN_MARKDOWN:
        yield from _wrong_markdown(kind, source, said)
    elif kind.startswith("docstring"):
        yield from _wrong_docstring(source, said)
    elif "\n" in said:
        yield "has more than one line"


def faults_between(entries: list[polib.POEntry]) -> Iterator[tuple[polib.POEntry, str]]:
    """Yield what does not fit together: a section that is named must begin as its heading does."""
    headings = [entry for entry in entries if entry.comment == "heading"]
    for heading in headings:
        for entry in entries:
            names_it = entry is not heading and heading.msgid.startswith(f"{entry.msgid} (")
            if names_it and entry.msgstr and heading.msgstr and not heading.msgstr.startswith(entry.msgstr):
                yield entry, f"names a heading, so it must be the beginning of {heading.msgstr!r}"


def _edges(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def _same(what: str, pattern: re.Pattern[str], source: str, said: str) -> Iterator[str]:
    missing, added = _difference(pattern, source, said)
    if missing or added:
        yield f"{what} differ: {_listed('missing', missing)}{_listed('added', added)}".rstrip("; ")


def _kept(what: str, pattern: re.Pattern[str], source: str, said: str) -> Iterator[str]:
    missing, _ = _difference(pattern, source, said)
    if missing:
        yield f"{what} are missing: {', '.join(missing)}"


def _difference(pattern: re.Pattern[str], source: str, said: str) -> tuple[list[str], list[str]]:
    before, after = (Counter(match[0] for match in pattern.finditer(text)) for text in (source, said))
    return sorted((before - after).elements()), sorted((after - before).elements())


def _listed(word: str, texts: list[str]) -> str:
    return f"{word} {', '.join(texts)}; " if texts else ""


def _wrong_markdown(kind: str, source: str, said: str) -> Iterator[str]:
    if "\n" in said:
        yield "has more than one line"
        return
    if kind == "table row":
        cells, cells_said = (CODE.sub("", text).count("|") for text in (source, said))
        if cells != cells_said:
            yield f"has {cells_said} signs |, expected {cells}"
    mark = "# " if kind == "heading" else "- " if kind == "list item" else ""
    parts = markdown.parts_of(mark + said)
    if [part.kind for part in parts] != [kind]:
        yield f"would not be a {kind} any more, but: {', '.join(part.kind or 'nothing' for part in parts)}"
    before, after = (Counter(EMPHASIS.findall(_html(text))) for text in (source, said))
    if before != after:
        shown = ", ".join(f"{n} {tag}" for tag, n in sorted(after.items())) or "nothing"
        expected = ", ".join(f"{n} {tag}" for tag, n in sorted(before.items())) or "nothing"
        yield (
            f"would show {shown}, expected {expected} (a mark ** or * needs a space or a bracket on its outer side "
            "where punctuation is on its inner side)"
        )


def _html(text: str) -> str:
    return str(mistune.html(FORMULA.sub("x", text)))


def _wrong_docstring(source: str, said: str) -> Iterator[str]:
    if not is_docstring(said):
        yield 'has """ or a backslash in it, or ends in "'
    if len(UNDERLINE.findall(source)) != len(UNDERLINE.findall(said)):
        yield "has another number of underlined headings"
    yield from _kept("parameters", PARAMETER, source, said)
    for line in said.split("\n"):
        if columns_of(line) > WIDEST:
            yield f"has a line of {columns_of(line)} columns, more than {WIDEST}: {line[:30]}..."
