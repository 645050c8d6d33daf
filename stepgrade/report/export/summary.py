"""A class as Markdown, for the summary of a CI job: how many, never who, unless names are asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from stepgrade.report.markdown import MAX_BYTES, code, escaped
from stepgrade.report.wording import END_STATES, is_left_out, points_text
from stepgrade.result import EndState, Outcome, Result

MOST_FAILED = 10


class _Question:
    """What is counted of one question."""

    def __init__(self, max_points: float) -> None:
        self.max_points = max_points
        self.judged = 0  # students with a mark; of an optional question, those who began it
        self.full = 0
        self.failed: Counter[str] = Counter()

    def add(self, result: Result, index: int) -> None:
        question = result.questions[index]
        if result.points is None or is_left_out(question):
            return
        self.judged += 1
        self.full += question.passed_share == 1 or bool(question.max_points and question.points >= question.max_points)
        self.failed.update(dict.fromkeys(_failed_checks(result, index), 1))


def class_summary(results: Iterable[Result], assignment: str, *, names: bool) -> str:
    """Return the summary; with ``names`` it ends with a table of everybody's marks, as far as a summary may be long."""
    states: Counter[EndState] = Counter()
    questions: dict[str, _Question] = {}
    everybody: list[Result] = []
    for result in results:
        states[result.end_state] += 1
        for index, question in enumerate(result.questions):
            questions.setdefault(question.id, _Question(question.max_points)).add(result, index)
        if names:
            everybody.append(result)
    parts = [
        f"## {escaped(assignment)}: {states.total()} students\n",
        _states(states),
        _questions(questions),
        _most_failed(questions),
    ]
    if names:
        parts.append(_marks(everybody, list(questions), MAX_BYTES - sum(len(part.encode()) + 1 for part in parts)))
    return "\n".join(filter(None, parts))


def _states(states: Counter[EndState]) -> str:
    rows = [f"| {END_STATES[state]} | {states[state]} |" for state in EndState if states[state]]
    return "\n".join(["| End state | Students |", "| :--- | ---: |", *rows]) + "\n"


def _questions(questions: dict[str, _Question]) -> str:
    lines = ["| Question | Points | Full marks | Of | Rate |", "| :--- | ---: | ---: | ---: | ---: |"]
    for name, question in questions.items():
        points = points_text(question.max_points) if question.max_points else "optional"
        rate = f"{question.full / question.judged:.0%}" if question.judged else "-"
        lines.append(f"| {escaped(name)} | {points} | {question.full} | {question.judged} | {rate} |")
    return "\n".join(lines) + "\n"


def _most_failed(questions: dict[str, _Question]) -> str:
    failed = [
        (-number, name, title) for name, question in questions.items() for title, number in question.failed.items()
    ]
    if not failed:
        return ""
    rows = [
        f"| {escaped(name)} | {escaped(title)} | {-number} |" for number, name, title in sorted(failed)[:MOST_FAILED]
    ]
    return "\n".join(["| Question | Check that failed most | Students |", "| :--- | :--- | ---: |", *rows]) + "\n"


def _failed_checks(result: Result, index: int) -> list[str]:
    return [check.title for check in result.questions[index].checks if check.outcome is Outcome.FAILED]


def _marks(everybody: list[Result], questions: list[str], room: int) -> str:
    header = ["Student", *map(escaped, questions), "Total", "End state"]
    lines = [f"| {' | '.join(header)} |", f"| :--- |{' ---: |' * (len(questions) + 1)} :--- |"]
    room -= sum(len(line.encode()) + 1 for line in lines) + 100
    for number, result in enumerate(everybody):
        points = {question.id: question.points for question in result.questions} if result.points is not None else {}
        marks = [points_text(points.get(name)) for name in questions]
        cells = [code(result.student or ""), *marks, points_text(result.points), END_STATES[result.end_state]]
        line = f"| {' | '.join(cells)} |"
        room -= len(line.encode()) + 1
        if room < 0:
            lines.append(f"\n{len(everybody) - number} more students are left out: too long for a summary.")
            break
        lines.append(line)
    return "\n".join(lines) + "\n"
