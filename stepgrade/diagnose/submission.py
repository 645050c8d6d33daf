"""From a Result and the submission that it is about to what its wrong answers say about their author."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from stepgrade.assignment import Assignment, Question
from stepgrade.diagnose.catalogue import Catalogue
from stepgrade.diagnose.diagnosis import Diagnosis, Example
from stepgrade.diagnose.paste import pasted
from stepgrade.diagnose.reading import reading
from stepgrade.diagnose.recognition import Ask, answer_of, observed, recognised
from stepgrade.diagnose.smallest import SmallestInput, smallest_input
from stepgrade.grade import Grader
from stepgrade.judge import Answer, Case, Raised, Requirement, Returned, part_of, structure_of
from stepgrade.notebook import Cell
from stepgrade.result import Outcome, QuestionResult, Result, printable
from stepgrade.sandbox import Boundary
from stepgrade.student_code import StudentCode

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

# Findings after which there is nothing to call, nothing more to say, or a call may take all the time that it gets.
NOTHING_TO_ADD = frozenset(
    {
        "not_defined",
        "not_callable",
        "unfilled",
        "unfilled_helper",
        "leftover_stub",
        "removed_name",
        "stopped",
        "not_tried",
    }
)
MAX_SHOWN = 200  # numbers of an output
MAX_TEXT = 200  # characters of an exception


def diagnosed(
    result: Result, cells: Sequence[Cell], assignment: Assignment, boundary: Boundary, *, of_notebook: bool = True
) -> tuple[Diagnosis, ...]:
    """Return a diagnosis of every question that is wrong in a way that can be looked into; none for a right one.

    The student's functions are called in a sandbox of their own, on inputs that no mark was made with. The same
    submission and seed give the same diagnoses.

    Parameters
    ----------
    result : Result
    cells : sequence of Cell
        Of the submission that it is about.
    assignment : Assignment
        ``hidden/<name>/misconceptions.py`` has the misconceptions, ``inputs.py`` the small inputs; without one of
        them, that is left out.
    boundary : Boundary
        Where student code runs.
    of_notebook : bool
        Whether the cells are those of a notebook, not of a Python file.

    Raises
    ------
    SandboxFailed
        If no session can be had.
    """
    wrong = [question for question in assignment.questions if _first_wrong(result, question) is not None]
    if not wrong:
        return ()
    diagnosing = _Diagnosing(result, assignment, boundary)
    try:
        diagnosing.code.take(Grader(assignment, boundary=boundary).rescued(cells, of_notebook=of_notebook))
        return tuple(diagnosing.of(question) for question in wrong)
    finally:
        diagnosing.code.close()


class _Diagnosing:
    def __init__(self, result: Result, assignment: Assignment, boundary: Boundary) -> None:
        self.code = StudentCode(result.seed, assignment.limits, boundary, assignment)
        self._result = result
        self._assignment = assignment
        self._catalogues: Mapping[str, Catalogue] = _hidden(assignment, "misconceptions", "CATALOGUES")
        self._inputs: Mapping[str, SearchStrategy[Case]] = _hidden(assignment, "inputs", "INPUTS")

    def of(self, question: Question) -> Diagnosis:
        requirement = _first_wrong(self._result, question)
        spec, seed, helpers = question.specification, self._result.seed, self._helpers_of(question)
        ask: Ask = partial(self.code.further_answers, spec.function, helpers=helpers)
        catalogue, inputs = self._catalogues.get(question.id), self._inputs.get(question.id)
        misconceptions = recognised(catalogue, observed(question.id, spec, seed, ask)) if catalogue else ()
        smallest = smallest_input(spec, requirement, inputs, seed, ask) if inputs is not None and requirement else None
        example = None if smallest is None else _example(question, smallest, ask, may_quote=not helpers)
        return Diagnosis(question.id, misconceptions, example)

    def _helpers_of(self, question: Question) -> str:
        """Return the reference's helpers where the student's own are not right: their slips are found elsewhere."""
        judged = {one.id: one for one in self._result.questions}
        if all(name not in judged or judged[name].passed_share == 1 for name in question.helpers):
            return ""
        return self._assignment.helper_source(question)


def _first_wrong(result: Result, question: Question) -> Requirement | None:
    """Return what the first failed check asks; None where nothing failed, or nothing is to be found out about it."""
    judged: QuestionResult | None = next((one for one in result.questions if one.id == question.id), None)
    if judged is None:
        return None
    checks = zip(question.specification.checks, judged.checks, strict=False)
    failed = [(check, seen) for check, seen in checks if seen.outcome is Outcome.FAILED]
    if not failed or any(seen.code in NOTHING_TO_ADD for _, seen in failed):
        return None
    return failed[0][0].requires


def _example(question: Question, smallest: SmallestInput, ask: Ask, *, may_quote: bool) -> Example:
    """``may_quote``: whether all that came back is shown; where a helper of ours is, it might be that helper's code.

    Then the text of an exception is not, nor numbers that nobody has asked for: an output of another shape.
    """
    spec, finding = question.specification, smallest.finding
    part = str(finding.params.get("name", "")) if finding.params.get("name") in spec.returns else ""
    place = finding.params.get("index")
    got = _array(question, part, smallest.answer)
    expected = _array(question, part, answer_of(spec.reference, smallest.case))
    if not may_quote and got is not None and (expected is None or got.shape != expected.shape):
        got = None
    return Example(
        code=pasted(spec, smallest.case, part),
        message=finding.message,
        raised=_raised(smallest.answer, may_quote=may_quote),
        part=part,
        index=ast.literal_eval(place) if place else (),
        got=got,
        expected=expected,
        reading=reading(spec, smallest, ask),
    )


def _raised(answer: Answer, *, may_quote: bool) -> str:
    if not isinstance(answer, Raised):
        return ""
    text = f": {printable(answer.text[:MAX_TEXT])}" if may_quote and answer.text else ""
    return f"{answer.type_name}{text}"


def _array(question: Question, part: str, answer: Answer) -> np.ndarray | None:
    """Return an output as an array; None where there is none, or it is too large to be shown."""
    spec = question.specification
    if not part or not isinstance(answer, Returned) or structure_of(spec, answer.value) is not None:
        return None
    output = part_of(spec, part, answer.value)
    if not isinstance(output, np.ndarray | np.generic | float | int):
        return None
    array = np.asarray(output)
    return array if array.dtype.kind in "fiub" and array.size <= MAX_SHOWN else None


def _hidden(assignment: Assignment, module: str, name: str) -> Mapping[str, Any]:
    return getattr(assignment.hidden_module(module), name) if assignment.has_hidden_module(module) else {}
