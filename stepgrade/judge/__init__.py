"""Inputs, comparison, verdict: pure functions on arrays. Knows nothing of notebooks or processes."""

from stepgrade.judge.answer import Answer, NotCallable, NotDefined, Raised, Returned, Stopped
from stepgrade.judge.requirement import Cache, DtypeKind, Property, ScalarShape, Unchanged, Values, near
from stepgrade.judge.specification import Case, Check, Role, Specification
from stepgrade.judge.verdict import Call, Examination, judge

__all__ = [
    "Answer",
    "Cache",
    "Call",
    "Case",
    "Check",
    "DtypeKind",
    "Examination",
    "NotCallable",
    "NotDefined",
    "Property",
    "Raised",
    "Returned",
    "Role",
    "ScalarShape",
    "Specification",
    "Stopped",
    "Unchanged",
    "Values",
    "judge",
    "near",
]
