"""What a page says to a student in one language: phrases of the kit, texts of the assignment, and what a Result says.

A Result is in English, whoever reads it. Its findings carry a code and parameters; of repairs, reasons and notes there
is only the sentence, whose phrase is found again by what stands between its places. What nobody has translated is said
in English.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from stepgrade.judge.finding import TEMPLATES, Finding
from stepgrade.languages import code, markdown
from stepgrade.phrases import joined, phrase

ENGLISH = "en"
MAX_TEXT = 4000  # a longer sentence is no phrase of ours, or quotes too much to be worth a search
MAX_DEPTH = 4  # of a phrase in a place of a phrase
# Signs that a phrase must have besides its places to be found again: "a {type}" would be found in anything.
MIN_SIGNS = 4
NAMED = frozenset({"got", "expected"})  # places that say what a value is: "a tuple of 2"
QUOTED_LINE = " at `"
LISTS = frozenset({"cells", "functions"})  # places that hold "one and other and ..."


@dataclass(frozen=True, eq=False)
class Speech:
    """One language.

    ``kit`` and ``assignment`` map an English text to what is said instead; ``messages`` are those of the assignment
    that are filled in as the kit's are.
    """

    language: str = ENGLISH
    kit: Mapping[str, str] = field(default_factory=dict)
    assignment: Mapping[str, str] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)

    def say(self, template: str, /, **values: object) -> str:
        """Return a phrase with values in its places."""
        return phrase(self._phrases.get(template, template), **values)

    def given(self, text: str) -> str:
        """Return a text of the assignment: a title, a rule, a misconception, a heading."""
        return self.assignment.get(text, text)

    def cell(self, kind: str, source: str) -> str:
        """Return a cell of the release: its Markdown, or the docstrings and comments of its code."""
        if kind == "raw":
            return source
        return code.translated(source, self.given) if kind == "code" else markdown.translated(source, self.given)

    def again(self, text: str) -> str:
        """Return what was said in English before, in this language."""
        return self._again(text, MAX_DEPTH, MIN_SIGNS) if self._phrases and len(text) <= MAX_TEXT else text

    def finding(self, code: str, params: Mapping[str, Any], message: str) -> str:
        """Return the message of a check: its finding, and the check's rule where it follows."""
        english = _message(code, params)
        if not english or not message.startswith(english):
            return self.again(message)
        said = self.say(TEMPLATES[code], **{name: self._value(name, value) for name, value in params.items()})
        rule = message[len(english) :].strip()
        return f"{said} {self.given(rule)}" if rule else said

    @cached_property
    def _phrases(self) -> dict[str, str]:
        return {**self.messages, **self.kit}

    @cached_property
    def _templates(self) -> Sequence[_Template]:
        """The phrases with places, those that say most first."""
        templates = [_Template.of(text) for text in self._phrases]
        return sorted((one for one in templates if one.names), key=lambda one: -one.n_signs)

    def _again(self, text: str, depth: int, min_signs: int) -> str:
        if text in self._phrases:
            return self._phrases[text]
        for template in self._templates if depth else ():
            if template.n_signs < min_signs:
                break
            values = template.values_in(text)
            if values is not None:
                said = {name: self._value(name, value, depth - 1) for name, value in values.items()}
                return self.say(template.text, **said)
        return text

    def _value(self, name: str, value: object, depth: int = MAX_DEPTH) -> object:
        if not isinstance(value, str) or len(value) > MAX_TEXT or not self._phrases:
            return value
        if name in LISTS:
            return joined((self._again(part, depth, MIN_SIGNS) for part in value.split(" and ")), self.say)
        return self._again(value, depth, 1 if name in NAMED else MIN_SIGNS)


@dataclass(frozen=True)
class _Template:
    """A phrase, cut at its places: one more of ``between`` than of ``names``."""

    text: str
    between: tuple[str, ...]
    names: tuple[str, ...]
    n_signs: int

    @classmethod
    def of(cls, text: str) -> _Template:
        between, names = [""], []
        try:
            for literal, name, _, _ in string.Formatter().parse(text):
                between[-1] += literal
                if name is not None:
                    names.append(name)
                    between.append("")
        except ValueError:  # a brace that is meant as it stands
            return cls(text, (text,), (), 0)
        return cls(text, tuple(between), tuple(names), len("".join("".join(between).split())))

    def values_in(self, text: str) -> dict[str, str] | None:
        """Return what stands in the places of ``text``; None if it does not have this form."""
        first, *inner, last = self.between
        if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
            return None
        if not first and not any(sign.isalnum() for sign in "".join(inner) + last):
            return None
        position, end, values = len(first), len(text) - len(last), dict[str, str]()
        literals = [*inner, last]
        for number, (name, literal) in enumerate(zip(self.names, literals, strict=True)):
            if number == len(inner):
                place = end
            elif literal:
                place = text.find(literal, position, end)
            else:  # two places without a word in between: the second is where a line is quoted, or nothing
                following = next(filter(None, inner[number:]), "")
                until = text.find(following, position, end) if following else end
                place = text.find(QUOTED_LINE, position, until)
                place = until if place < 0 else place
            if place < 0 or values.setdefault(name, text[position:place]) != text[position:place]:
                return None
            position = place + len(literal)
        return values


def _message(code: str, params: Mapping[str, Any]) -> str:
    try:
        return Finding(code, dict(params)).message
    except (LookupError, ValueError, AttributeError):  # of another version's Result
        return ""
