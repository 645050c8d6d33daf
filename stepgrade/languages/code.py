"""Docstrings and comments of a code cell, found by Python's own parser; everything else stays as it is.

What the code does cannot change: docstrings and comments are no part of it, and strings that it prints or plots are.
"""

from __future__ import annotations

import ast
import inspect
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from stepgrade.languages.unit import Speak

# Between these lines stands what students never get.
WITHHELD = re.compile(r"#+[ \t]*(BEGIN|END) (?:SOLUTION|HIDDEN TESTS|MARK SCHEME)")
# A comment that is read by people; "# YOUR CODE HERE" is a mark that the text of the notebook quotes.
COMMENT = re.compile(r"#[ \t]+(?!YOUR CODE HERE|%%|type:|noqa)(.*[^\W\d_]{2}.*\S)[ \t]*")
PLAIN_DOCSTRING = re.compile(r'"""[^\\]*"""')


@dataclass(frozen=True)
class Span:
    """A docstring or a comment in a source: from (row, column) to (row, column), rows from 1, columns in characters.

    ``text`` is what can be translated of it, without indents.
    """

    start: tuple[int, int]
    end: tuple[int, int]
    text: str
    kind: str


def spans_of(source: str) -> tuple[Span, ...]:
    """Return the docstrings and comments of a cell, in order; none of a cell that is no plain Python."""
    try:
        tree = ast.parse(source)
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (SyntaxError, ValueError, tokenize.TokenError):
        return ()
    withheld = withheld_rows(source)
    found = [*_docstrings(tree, source), *_comments(tokens)]
    return tuple(sorted((span for span in found if span.start[0] not in withheld), key=lambda span: span.start))


def translated(source: str, speak: Speak) -> str:
    """Return the cell with its docstrings and comments in another language; every other token is what it was.

    Raises
    ------
    ValueError
        If a translation would end its docstring or its comment.
    """
    lines = source.split("\n")
    for span in reversed(spans_of(source)):
        (first, left), (last, right) = span.start, span.end
        said = speak(span.text)
        if said == span.text:
            continue
        written = _comment(said) if span.kind == "comment" else _docstring(said, lines[last - 1][:right], left)
        text = lines[first - 1][:left] + written + lines[last - 1][right:]
        lines[first - 1 : last] = text.split("\n")
    return "\n".join(lines)


def _docstrings(tree: ast.Module, source: str) -> Iterator[Span]:
    lines = source.split("\n")
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue  # the text on top of a module would be the value of a cell
        body = node.body[0]
        if not (isinstance(body, ast.Expr) and isinstance(body.value, ast.Constant)):
            continue
        written = ast.get_source_segment(source, body.value) or ""
        if isinstance(body.value.value, str) and PLAIN_DOCSTRING.fullmatch(written):
            first, last = body.lineno, body.end_lineno or body.lineno
            left = len(lines[first - 1].encode()[: body.col_offset].decode())
            right = len(lines[last - 1].encode()[: body.end_col_offset].decode())
            yield Span((first, left), (last, right), inspect.cleandoc(body.value.value), f"docstring of {node.name}")


def _comments(tokens: list[tokenize.TokenInfo]) -> Iterator[Span]:
    for token in tokens:
        if token.type == tokenize.COMMENT and (words := COMMENT.fullmatch(token.string)):
            yield Span(token.start, token.end, words[1], "comment")


def withheld_rows(source: str) -> frozenset[int]:
    """Return the lines, from 1, that nbgrader keeps from students, with the marks around them."""
    inside, rows = False, set()
    for row, line in enumerate(source.split("\n"), start=1):
        mark = WITHHELD.search(line)
        if inside or mark:
            rows.add(row)
        if mark:
            inside = mark[1] == "BEGIN"
    return frozenset(rows)


def _comment(text: str) -> str:
    if "\n" in text:
        raise ValueError(f"the translation of a comment has more than one line: {text!r}")
    return f"# {text}"


def is_docstring(text: str) -> bool:
    """Tell whether a text can stand between the quotes of a docstring."""
    return '"""' not in text and "\\" not in text and not text.endswith('"')


def _docstring(text: str, last_line: str, left: int) -> str:
    if not is_docstring(text):
        raise ValueError(f"the translation would end its docstring, or has a backslash: {text!r}")
    indent = " " * left
    lines = [line.rstrip() for line in text.split("\n")]
    body = "\n".join([lines[0], *(f"{indent}{line}" if line else "" for line in lines[1:])])
    closes_alone = last_line.strip() == '"""'
    return f'"""{body}\n{indent}"""' if closes_alone else f'"""{body}"""'
