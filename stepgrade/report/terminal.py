"""One Result for a terminal: a row per question, below it what to look at first."""

from __future__ import annotations

from stepgrade.report.wording import (
    NO_MARK,
    SKIPPED_OPTIONAL,
    checks_text,
    end_state_text,
    finding_text,
    helpers_text,
    is_left_out,
    plain,
    points_text,
    question_points,
    wrapped,
)
from stepgrade.result import QuestionResult, Result

NARROWEST = 40
WIDEST = 110
LABEL_WIDTH = 11
SHARE_WIDTH = 12
INDENT = "    "
INPUTS = {True: "from the public demo key: anybody can know them", False: "from the course secret or a given seed"}


def result_table(result: Result, width: int = 80) -> str:
    """Return the Result as text in lines of at most ``width`` columns, the line to copy excepted."""
    width = min(max(width, NARROWEST), WIDEST)
    name_width = max(map(len, ["question", *(question.id for question in result.questions)]))
    rule = "-" * width
    who = f", {plain(result.student)}" if result.student else ""
    lines = [f"{result.assignment}{who}", "", f"{'question':{name_width}}  {'points':>{SHARE_WIDTH}}  checks", rule]
    for question in result.questions:
        lines += _question_lines(result, question, name_width, width)
    lines += [rule, f"{'total':{name_width}}  {_share(result.points, result.max_points)}", ""]
    lines += _facts(result, width)
    return "\n".join(lines)


def _question_lines(result: Result, question: QuestionResult, name_width: int, width: int) -> list[str]:
    if is_left_out(question):
        return [f"{question.id:{name_width}}  {NO_MARK:>{SHARE_WIDTH}}  {SKIPPED_OPTIONAL}"]
    points = question_points(result, question)
    share = _share(points, question.max_points) if question.max_points else f"{'optional':>{SHARE_WIDTH}}"
    lines = [f"{question.id:{name_width}}  {share}  {checks_text(question)}"]
    finding = question.first_finding
    notes = [helpers_text(question), finding_text(finding) if finding is not None else ""]
    for note in filter(None, notes):
        lines += wrapped(note, width, INDENT, INDENT)
    return lines


def _share(points: float | None, max_points: float) -> str:
    return f"{points_text(points)} / {points_text(max_points)}".rjust(SHARE_WIDTH)


def _facts(result: Result, width: int) -> list[str]:
    facts = [("end state", end_state_text(result))]
    facts += [("repaired", plain(repair.message)) for repair in result.repairs]
    facts.append(("boundary", plain(result.environment.get("boundary", "unknown"))))
    facts.append(("inputs", INPUTS[result.demo_key]))
    lines = []
    for label, text in facts:
        lines += wrapped(text, width, f"{label:{LABEL_WIDTH}}", " " * LABEL_WIDTH)
    # In one line, however long: it is there to be copied.
    return [*lines, f"{'again':{LABEL_WIDTH}}{plain(result.replay)}"]
