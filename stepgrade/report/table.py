"""The table at the end of a class run: one student a row, one question a column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stepgrade.assignment import Assignment

NO_MARK = "-"


def marks_table(assignment: Assignment, results: Iterable[tuple[str, Mapping[str, Any] | None]]) -> str:
    """Return the table as text; a student without a Result or a mark gets a row with the reason, never a 0.

    Parameters
    ----------
    assignment : Assignment
    results : iterable of pairs
        A student and the Result as a document (docs/results.md), None without one; taken one at a time.
    """
    questions = [question for question in assignment.questions if not question.optional]
    header = ["student", *(f"{question.id} /{question.max_points:g}" for question in questions)]
    header += [f"total /{sum(question.max_points for question in questions):g}", "remark"]
    rows = [_row(student, result, [question.id for question in questions]) for student, result in results]
    table = _aligned([header, *rows])
    by_hand = assignment.points_by_hand
    if not by_hand:
        return table
    return f"{table}\n\nAnswers worth {by_hand:g} more points are read by a person: the formgrader lists them."


def _row(student: str, result: Mapping[str, Any] | None, question_ids: list[str]) -> list[str]:
    if result is None:
        return [student, *(NO_MARK for _ in question_ids), NO_MARK, "no result: see the messages above"]
    if result["points"] is None:
        return [
            student,
            *(NO_MARK for _ in question_ids),
            NO_MARK,
            f"{result['end_state']}: {result['reason']}",
        ]
    questions = {question["id"]: question for question in result["questions"]}
    marks = [f"{questions[name]['points']:g}" for name in question_ids]
    return [student, *marks, f"{result['points']:g}", _remark(result)]


def _remark(result: Mapping[str, Any]) -> str:
    """Say what a mark alone does not: what was stopped, missing, or judged with the reference's helpers."""
    graded = [question for question in result["questions"] if question["max_points"]]
    stopped = [question["id"] for question in graded if _has(question, "stopped")]
    undefined = [question["id"] for question in graded if _has(question, "not_defined")]
    followed = [question["id"] for question in graded if question["follow_through"]]
    state = _words(result["end_state"])
    parts = []
    if result["end_state"] != "graded":
        parts.append(f"{state} in {', '.join(stopped)}" if stopped else state)
    if result["reason"]:
        parts.append(result["reason"])
    if undefined:
        parts.append(f"no {', '.join(undefined)}")
    if followed:
        parts.append(f"follow-through in {', '.join(followed)}")
    if result["repairs"]:
        parts.append(f"repaired: {', '.join(dict.fromkeys(_words(repair['code']) for repair in result['repairs']))}")
    return "; ".join(parts)


def _words(code: str) -> str:
    return code.replace("_", " ")


def _has(question: dict[str, Any], code: str) -> bool:
    return any(check["code"] == code for check in question["checks"])


def _aligned(rows: list[list[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:-1], strict=True)]
        lines.append("  ".join([*cells, row[-1]]).rstrip())
    lines.insert(1, "-" * min(max(map(len, lines)), 110))
    return "\n".join(lines)
