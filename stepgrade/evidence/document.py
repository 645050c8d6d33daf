"""A replay as data."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from stepgrade.evidence.calls import SeenCase, SeenCheck
from stepgrade.evidence.comparison import environment_changes, reasons
from stepgrade.evidence.replay import Replay
from stepgrade.evidence.text import ANOTHER, SAME, STAFF_ONLY, answer_lines
from stepgrade.evidence.values import value_data
from stepgrade.judge import Returned
from stepgrade.notebook import RunCell

SCHEMA = "stepgrade/replay/1"


def replay_json(replay: Replay) -> str:
    """Return the document; in ASCII, so that no character of a student's acts on a terminal."""
    return json.dumps(_document(replay), indent=1, sort_keys=True, allow_nan=False) + "\n"


def _document(replay: Replay) -> dict[str, Any]:
    then, now = replay.stored.result, replay.now
    return {
        "schema": SCHEMA,
        "notice": STAFF_ONLY,
        "assignment": then.assignment,
        "student": then.student,
        "question": replay.question.id,
        "verdict": SAME if replay.is_same else ANOTHER,
        "differences": [dataclasses.asdict(difference) for difference in replay.differences],
        "reasons": [] if replay.is_same else list(reasons(then, now, steady=replay.steady)),
        "environment_changes": {name: list(pair) for name, pair in environment_changes(then, now).items()},
        "number": replay.stored.number,
        "n_results": replay.stored.n_results,
        "handed_in": replay.stored.handed_in,
        "then": json.loads(then.to_json()),
        "now": json.loads(now.to_json()),
        "follow_through": replay.judged.follow_through,
        "helpers": list(replay.question.helpers),
        "steady": replay.steady,
        "cells": [_cell(cell) for cell in replay.cells],
        "other_cells": [_cell(cell) for cell in replay.other_cells],
        "checks": [_check(seen) for seen in replay.checks],
    }


def _cell(cell: RunCell) -> dict[str, Any]:
    return dataclasses.asdict(cell)


def _check(seen: SeenCheck) -> dict[str, Any]:
    return {
        "id": seen.check.id,
        "role": seen.check.role.value,
        "now": dataclasses.asdict(seen.result),
        "cases": None if seen.cases is None else [_case(case) for case in seen.cases],
    }


def _case(case: SeenCase) -> dict[str, Any]:
    return {
        "inputs": {name: value_data(value) for name, value in case.case.arguments.items()},
        "expected": value_data(case.expected),
        "answer": _answer(case),
        "difference": _difference(case),
    }


def _answer(case: SeenCase) -> dict[str, Any]:
    if isinstance(case.answer, Returned):
        inputs_after = dict(zip(case.case.arguments, map(value_data, case.answer.arguments_after), strict=False))
        after = {"inputs_after": inputs_after} if inputs_after else {}
        return {"kind": "returned", "value": value_data(case.answer.value)} | after
    kind = "not_called" if case.answer is None else type(case.answer).__name__.lower()
    return {"kind": kind, "text": " ".join(answer_lines(case.answer))}


def _difference(case: SeenCase) -> dict[str, Any] | None:
    if case.difference is None:
        return None
    found = case.difference
    return {
        "message": found.message,
        "part": found.part,
        "index": None if found.index is None else list(found.index),
        "got": value_data(found.got),
        "expected": value_data(found.expected),
    }
