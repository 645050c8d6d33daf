"""What is known about a wrong answer besides its mark, as plain data that travels as JSON and is kept beside it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stepgrade.diagnose.catalogue import Misconception
from stepgrade.phrases import Say, phrase

SCHEMA = "stepgrade/diagnosis/1"

Number = float | int | bool


@dataclass(frozen=True)
class Reading:
    """What one wrong number is made from, of one of the input arrays.

    Parameters
    ----------
    name : str
        Of the array.
    values : array
        What it holds.
    read, expected : bool arrays of its shape
        Which entries the student's function reads for that number, and which the reference does.
    """

    name: str
    values: np.ndarray
    read: np.ndarray
    expected: np.ndarray


@dataclass(frozen=True)
class Example:
    """The smallest input on which a function is wrong, and what it makes of it.

    Parameters
    ----------
    code : tuple of str
        Lines of Python that make the input and call the function.
    message : str
        The first difference, in the words of a check's finding.
    raised : str
        The exception in one line, empty where there was none.
    part : str
        The output in which the first difference is, empty where it is in none.
    index : tuple of int
        Where it is; empty where a whole output differs.
    got, expected : array or None
        That output; None where nothing comparable was returned.
    reading : Reading or None
        Where the wrong number is made from other entries than it should be.
    """

    code: tuple[str, ...]
    message: str
    raised: str = ""
    part: str = ""
    index: tuple[int, ...] = ()
    got: np.ndarray | None = None
    expected: np.ndarray | None = None
    reading: Reading | None = None


@dataclass(frozen=True)
class Diagnosis:
    """One question: its misconception (two, where they come together; mostly none), and the smallest example."""

    question: str
    misconceptions: tuple[Misconception, ...] = ()
    example: Example | None = None

    @property
    def name(self) -> str:
        """One word for a Result and for counting, empty where nothing was recognised."""
        return "+".join(misconception.name for misconception in self.misconceptions)

    @property
    def sentence(self) -> str:
        """What helps, with the sections of the notebook to read again; empty where nothing was recognised."""
        return self.sentence_in(phrase)

    def sentence_in(self, say: Say, given: Callable[[str], str] = str) -> str:
        """Return `sentence` in a language: ``say`` says a phrase of ours, ``given`` a text of the assignment."""
        if not self.misconceptions:
            return ""
        sections = dict.fromkeys(given(misconception.section) for misconception in self.misconceptions)
        sentences = [given(misconception.sentence) for misconception in self.misconceptions]
        return " ".join([*sentences, say("Read again: {section}.", section="; ".join(sections))])


def to_json(diagnoses: Sequence[Diagnosis]) -> str:
    """Return a document with all of them; byte-identical for equal ones."""
    document = {"schema": SCHEMA, "questions": [_data(diagnosis) for diagnosis in diagnoses]}
    return json.dumps(document, ensure_ascii=False, sort_keys=True, allow_nan=False)


def from_json(text: str) -> tuple[Diagnosis, ...]:
    """Return what `to_json` wrote.

    Raises
    ------
    ValueError
        If it is no such document.
    """
    document = json.loads(text)
    try:
        if document["schema"] != SCHEMA:
            raise ValueError(f"a document of {document['schema']!r}, expected {SCHEMA!r}")
        return tuple(map(_diagnosis, document["questions"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a diagnosis ({type(error).__name__}: {error})") from error


def _data(value: Any) -> Any:
    match value:
        case Diagnosis() | Example() | Reading() | Misconception():
            return {name: _data(part) for name, part in vars(value).items()}
        case np.ndarray():
            numbers = list(map(_number, value.ravel())) if value.dtype.kind == "f" else value.ravel().tolist()
            return {"shape": list(value.shape), "dtype": str(value.dtype), "values": numbers}
        case tuple():
            return list(map(_data, value))
    return value


def _number(number: np.floating) -> float | str:
    return float(number) if math.isfinite(number) else str(number)  # JSON has no NaN


def _diagnosis(document: dict[str, Any]) -> Diagnosis:
    example = document["example"]
    return Diagnosis(
        document["question"],
        tuple(Misconception(**one | {"also": tuple(one["also"])}) for one in document["misconceptions"]),
        None if example is None else _example(example),
    )


def _example(document: dict[str, Any]) -> Example:
    reading = document["reading"]
    return Example(
        **document
        | {
            "code": tuple(document["code"]),
            "index": tuple(document["index"]),
            "got": _array(document["got"]),
            "expected": _array(document["expected"]),
            "reading": None if reading is None else Reading(**{name: _read(part) for name, part in reading.items()}),
        }
    )


def _read(part: Any) -> Any:
    return part if isinstance(part, str) else _array(part)


def _array(document: dict[str, Any] | None) -> np.ndarray | None:
    if document is None:
        return None
    return np.array(document["values"], document["dtype"]).reshape(document["shape"])
