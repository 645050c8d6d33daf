"""Inputs, comparison, verdict: pure functions on arrays. Knows nothing of notebooks or processes."""

from stepgrade.judge.answer import Answer, NotCallable, NotDefined, Raised, Returned, Stopped
from stepgrade.judge.finding import Finding
from stepgrade.judge.requirement import (
    TOLERANCE,
    TOLERANCE_FLOAT32,
    Cache,
    DtypeKind,
    Property,
    Requirement,
    ScalarShape,
    Unchanged,
    Values,
    near,
    part_of,
    structure_of,
)
from stepgrade.judge.specification import Case, Check, Role, Specification
from stepgrade.judge.verdict import Call, Examination, finding_without_value, judge
from stepgrade.phrases import phrase

__all__ = [
    "TOLERANCE",
    "TOLERANCE_FLOAT32",
    "Answer",
    "Cache",
    "Call",
    "Case",
    "Check",
    "DtypeKind",
    "Examination",
    "Finding",
    "NotCallable",
    "NotDefined",
    "Property",
    "Raised",
    "Requirement",
    "Returned",
    "Role",
    "ScalarShape",
    "Specification",
    "Stopped",
    "Unchanged",
    "Values",
    "finding_without_value",
    "judge",
    "near",
    "part_of",
    "phrase",
    "structure_of",
]
