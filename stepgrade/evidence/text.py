"""A replay as text for an instructor's terminal: what was graded, how, and what each case gave.

Whatever a student wrote stands behind a margin of ours, without characters that a terminal acts on, so that it can
neither look like a line of this page nor change one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from stepgrade.evidence.calls import SeenCase, SeenCheck
from stepgrade.evidence.comparison import environment_changes, hand_in_repairs, reasons
from stepgrade.evidence.replay import Replay
from stepgrade.evidence.values import value_lines
from stepgrade.judge import Answer, NotCallable, NotDefined, Raised, Returned, Stopped
from stepgrade.notebook import RunCell
from stepgrade.report.wording import OUTCOMES, end_state_text, helpers_text, plain, points_text, question_points
from stepgrade.result import Result, printable

STAFF_ONLY = "STAFF ONLY: this shows hidden inputs and the hidden solution's answers. Do not pass it on to students."
SAME = "the same Result"
ANOTHER = "another Result"
MAX_DIFFERENCES = 40
MAX_SOURCE_LINES = 400  # of one cell; --json has all of them
MAX_LINE = 300
LABEL = 12


def replay_text(replay: Replay) -> str:
    """Return the whole page."""
    sections = [_head(replay), _verdict(replay), _code(replay), _repairs(replay), _checks(replay)]
    return "\n\n".join("\n".join(section) for section in sections)


def _head(replay: Replay) -> Iterator[str]:
    stored, then = replay.stored, replay.stored.result
    question, student = replay.judged, plain(then.student or "")
    points = f"{points_text(question_points(then, question))} of {points_text(question.max_points)} points"
    yield STAFF_ONLY
    yield ""
    yield f"{then.assignment}, {student}, {question.id}: {points}"
    yield ""
    yield _fact("Result", f"{stored.number} of {stored.n_results} of this student; {end_state_text(then)}")
    yield _fact("handed in", plain(stored.handed_in or "at no known time"))
    yield _fact("submission", f"sha256 {then.submission_sha256}")
    yield _fact("assignment", f"version {then.assignment_version}")
    yield _fact("question", f"version {question.version}")
    yield _fact("seed", then.seed + (" (of the public demo key)" if then.demo_key else ""))
    for name, value in sorted(then.environment.items()):
        yield _fact(name, plain(value))


def _fact(label: str, text: str) -> str:
    return f"{label:{LABEL}}{text}"


def _verdict(replay: Replay) -> Iterator[str]:
    then, now = replay.stored.result, replay.now
    changes = environment_changes(then, now)
    if replay.is_same:
        where = "in another environment" if changes else "in the same environment"
        yield f"GRADED AGAIN: {SAME}, {where}"
        for name, (old, new) in changes.items():
            yield f"  {name} was {plain(old)}, is {plain(new)}"
        return
    yield f"GRADED AGAIN: {ANOTHER}"
    for difference in replay.differences[:MAX_DIFFERENCES]:
        yield f"  {plain(difference.where)}: was {_short(difference.then)}, is {_short(difference.now)}"
    if len(replay.differences) > MAX_DIFFERENCES:
        yield f"  and {len(replay.differences) - MAX_DIFFERENCES} more differences (--json has all)"
    yield "why that may be:"
    for reason in reasons(then, now, steady=replay.steady):
        yield f"  {plain(reason)}"


def _short(value: Any) -> str:
    text = plain(str(value))
    return text if len(text) <= MAX_LINE else f"{text[:MAX_LINE]}..."


def _code(replay: Replay) -> Iterator[str]:
    yield "THE STUDENT'S CODE that ran for this question"
    if not replay.cells:
        yield "  none: no cell defines it"
    for cell in replay.cells:
        yield f"  {cell.name}" + (f", {cell.question}" if cell.question else "")
        yield from _source(cell)
    others = ", ".join(cell.name for cell in replay.other_cells)
    yield f"  besides, these cells ran: {others or 'none'}"


def _source(cell: RunCell) -> Iterator[str]:
    lines = cell.source.expandtabs(4).split("\n")
    for number, line in enumerate(lines[:MAX_SOURCE_LINES], start=1):
        cut = f"{line[:MAX_LINE]}..." if len(line) > MAX_LINE else line
        yield f"  {number:4} | {printable(cut)}".rstrip()
    if len(lines) > MAX_SOURCE_LINES:
        yield f"       and {len(lines) - MAX_SOURCE_LINES} more lines (--json has all)"


def _repairs(replay: Replay) -> Iterator[str]:
    then: Result = replay.stored.result
    n_hand_in = hand_in_repairs(then)
    yield "REPAIRS of the whole submission" if then.repairs else "REPAIRS: none"
    for number, repair in enumerate(then.repairs):
        where = " (of the folder handed in, not repeated here)" if number < n_hand_in else ""
        yield f"  {plain(repair.message)}{where}"


def _checks(replay: Replay) -> Iterator[str]:
    spec = replay.question.specification
    yield f"CHECKS of {spec.function}({', '.join(spec.parameters)}) -> {', '.join(spec.returns)}"
    if replay.judged.follow_through:
        yield f"  follow-through: {helpers_text(replay.judged)}; the answers below are with those"
        yield f"  helpers of the reference: {', '.join(replay.question.helpers)}"
    if not replay.steady:
        yield "  the calls below did not give what grading again gave: the submission answers differently each time"
    if not replay.checks:
        yield "  none was made, because the submission cannot be read"
    stored = dict(enumerate(replay.judged.checks))
    for number, seen in enumerate(replay.checks):
        then = stored.get(number, seen.result)
        yield ""
        role = seen.check.role.value
        yield f"  {number + 1}. {then.title}: {OUTCOMES[then.outcome]} (weight {then.weight}, {role} check)"
        if then.message:
            yield f"     {plain(then.message)}"
        yield from _cases(seen, spec.returns)


def _cases(seen: SeenCheck, returns: Sequence[str]) -> Iterator[str]:
    if seen.cases is None:
        yield "     its cases cannot be shown, because the hidden code fails"
        return
    for number, case in enumerate(seen.cases, start=1):
        yield f"     case {number} of {len(seen.cases)}"
        for name, value in case.case.arguments.items():
            yield from _labelled(name, value_lines(value, case.case.parts.get(name, ())))
        yield from _labelled("the hidden solution's answer", value_lines(case.expected, returns))
        yield from _labelled("the student's answer", answer_lines(case.answer, returns))
        yield from _difference(case)


def answer_lines(answer: Answer | None, names: Sequence[str] = ()) -> list[str]:
    """Say what came of a call; ``names`` are those of the values that it should return."""
    match answer:
        case Returned(value, _):
            return value_lines(value, names)
        case Raised(type_name, text, line):
            where = f" at `{plain(line)}`" if line else ""
            return [f"raised {plain(type_name)}: {plain(text)}{where}"]
        case NotDefined(reason):
            return [f"none: the function is not defined; {plain(reason)}"]
        case NotCallable(type_name):
            return [f"none: the name is bound to a {plain(type_name)}"]
        case Stopped(state, reason):
            return [f"none: stopped ({state.value}); {plain(reason)}"]
    return ["none: not called, because the calls before this one made it pointless"]


def _difference(case: SeenCase) -> Iterator[str]:
    if not isinstance(case.answer, Returned):
        return
    if case.difference is None:
        yield from _labelled("difference", ["none"])
        return
    lines = [plain(case.difference.message)]
    if case.difference.index is not None:
        place = case.difference.part + (str(case.difference.index) if case.difference.index else "")
        got, expected = value_lines(case.difference.got), value_lines(case.difference.expected)
        lines.append(f"first at {place}: got {got[0]}, expected {expected[0]}")
    yield from _labelled("difference", lines)


def _labelled(label: str, lines: Iterable[str]) -> Iterator[str]:
    first, *rest = lines
    yield f"       {label}: {first}"
    for line in rest:
        yield f"         {line}"
