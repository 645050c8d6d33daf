"""The diagnoses of one submission: made after the marks, kept beside them, changing none."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

import stepgrade
from stepgrade import diagnose
from stepgrade.assignment import Assignment
from stepgrade.diagnose import Diagnosis, diagnosed, from_json, to_json
from stepgrade.evidence import NO_BYTES, graded_bytes
from stepgrade.notebook import DamagedNotebook, read_notebook
from stepgrade.report.output import write_whole
from stepgrade.result import Result
from stepgrade.sandbox import Boundary


def kept_diagnoses(result: Result, assignment: Assignment) -> tuple[Diagnosis, ...] | None:
    """Return what was found out about this very Result; None where nobody has looked yet."""
    if not _is_wrong(result):
        return ()
    try:
        kept = json.loads(_file(assignment, result).read_bytes())
        return from_json(kept["diagnoses"]) if kept["about"] == _about(result, assignment) else None
    except (OSError, ValueError, KeyError, TypeError):  # there is none, or half of one: looking again makes it
        return None


def diagnoses_of(result: Result, assignment: Assignment, boundary: Boundary) -> tuple[Diagnosis, ...]:
    """Return what is kept, or look into the bytes that were graded and keep what that gives."""
    kept = kept_diagnoses(result, assignment)
    if kept is not None:
        return kept
    content = graded_bytes(assignment.course, assignment.name, result.submission_sha256, str(result.student))
    try:
        found = diagnosed(result, read_notebook(content).cells, assignment, boundary)
    except DamagedNotebook:
        found = ()
    document = {"about": _about(result, assignment), "diagnoses": to_json(found)}
    file = _file(assignment, result)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, json.dumps(document, ensure_ascii=False).encode())
    return found


def _is_wrong(result: Result) -> bool:
    """Tell whether there is anything to look into: most submissions are right, and cost nothing here."""
    return result.submission_sha256 != NO_BYTES and any(
        question.checks and question.passed_share < 1 for question in result.questions
    )


def _file(assignment: Assignment, result: Result) -> Path:
    return assignment.run_dir / "diagnosed" / f"{result.student}.json"


def _about(result: Result, assignment: Assignment) -> str:
    """Return what tells whether looking again would give the same: all that a diagnosis is made of."""
    lasting = json.loads(result.to_json()) | {"timing": {}}
    parts = (stepgrade.__version__, diagnosing_code(assignment), json.dumps(lasting, sort_keys=True))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def diagnosing_code(assignment: Assignment) -> str:
    """Return a hash of the code that finds a diagnosis: the room's own, and the whole hidden folder's."""
    return _code(assignment.hidden_dir)


@cache
def _code(hidden_dir: Path) -> str:
    digest = hashlib.sha256()
    for folder in (hidden_dir, Path(diagnose.__file__).parent):
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
