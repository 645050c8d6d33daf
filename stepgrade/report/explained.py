"""A Result with what is known about its wrong answers: the sentences in it, the smallest inputs as text."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from stepgrade.diagnose import Diagnosis
from stepgrade.report.plane import outcome_lines
from stepgrade.result import CheckResult, QuestionResult, Result

INDENT = "    "


def with_misconceptions(result: Result, diagnoses: Sequence[Diagnosis]) -> Result:
    """Return the Result with each recognised misconception's sentence at the first check of its question that failed.

    Points and outcomes are what they were.
    """
    sentences = {diagnosis.question: diagnosis.sentence for diagnosis in diagnoses if diagnosis.sentence}
    return dataclasses.replace(
        result, questions=tuple(_explained(question, sentences.get(question.id)) for question in result.questions)
    )


def example_lines(diagnoses: Sequence[Diagnosis]) -> Iterator[str]:
    """Yield the smallest inputs as text: Python to paste, then what came of it."""
    for diagnosis in diagnoses:
        if diagnosis.example is not None:
            yield f"the smallest input that shows what is wrong with {diagnosis.question}:"
            yield ""
            yield from (INDENT + line for line in diagnosis.example.code)
            yield ""
            yield from (INDENT + line for line in outcome_lines(diagnosis.example))
            yield ""


def _explained(question: QuestionResult, sentence: str | None) -> QuestionResult:
    first = question.first_finding
    if sentence is None or first is None:
        return question

    def explained(check: CheckResult) -> CheckResult:
        return dataclasses.replace(check, misconception=sentence) if check is first else check

    return dataclasses.replace(question, checks=tuple(map(explained, question.checks)))
