"""What a run keeps, so that a mark can be shown again: the graded bytes, and the assignment as it was.

    .stepgrade/ASSIGNMENT/graded/ab/SHA256.gz   one file per graded notebook, however often it is graded
    .stepgrade/ASSIGNMENT/versions/VERSION/     a small course folder, one per version of the assignment

``submitted/`` may hold a newer file by the time of an appeal, and ``hidden/`` another check. All of it lies beside the
journal in the course folder, is never committed, and can be deleted when the time for appeals is over.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import shutil
import uuid
import zlib
from collections.abc import Iterable
from pathlib import Path

from stepgrade.assignment import WORK, Assignment
from stepgrade.errors import StepgradeError
from stepgrade.notebook import DamagedNotebook, read_bytes
from stepgrade.versions import question_versions

NO_BYTES = hashlib.sha256(b"").hexdigest()
LEVEL = 1  # a fifth larger than the default, in a third of its time
CACHES = ("__pycache__", ".ipynb_checkpoints", ".git")


class EvidenceGone(StepgradeError):
    """What a run had kept is not there any more, or is not what it was."""


class EvidenceNotKept(StepgradeError):
    """It cannot be written."""

    names_nobody = True


def evidence_folder(course: Path, assignment: str) -> Path:
    """Return where everything lies that runs have kept of an assignment."""
    return course / WORK / assignment


def submission_file(course: Path, assignment: str, sha256: str) -> Path:
    """Return where the bytes with that hash are kept, compressed."""
    return evidence_folder(course, assignment) / "graded" / sha256[:2] / f"{sha256}.gz"


def version_folder(course: Path, assignment: str, version: str) -> Path:
    """Return the course folder in which the assignment is kept as it was in that version."""
    return evidence_folder(course, assignment) / "versions" / version


def keep_submission(course: Path, assignment: str, content: bytes) -> None:
    """Keep the bytes that are about to be graded; nothing is written where they are kept already.

    Raises
    ------
    EvidenceNotKept
        If they cannot be written.
    """
    target = submission_file(course, assignment, hashlib.sha256(content).hexdigest())
    if target.exists() and target.stat().st_size:  # empty: the machine lost power before the disk had it
        return
    aside = target.with_name(f"{uuid.uuid4().hex}.aside")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        aside.write_bytes(gzip.compress(content, LEVEL, mtime=0))
        aside.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise EvidenceNotKept(
            f"{target} cannot be written ({error.strerror}), and nothing is graded that could not be shown again; "
            "make room, and run it again"
        ) from error


def keep_assignment(assignment: Assignment) -> None:
    """Keep what decides marks, so that `assignment_as_it_was` finds it whatever ``hidden/`` and ``source/`` hold then.

    Python files, ``limits.toml`` and the notebook; every file of ``hidden/`` where a version depends on all of them.

    Raises
    ------
    EvidenceNotKept
        If it cannot be written, or was edited while it was copied.
    """
    target = version_folder(assignment.course, assignment.name, assignment.version)
    if target.is_dir():
        return
    aside = target.with_name(f"{uuid.uuid4().hex}.aside")
    try:
        _copy_deciding(assignment, aside)
        _ensure_same(assignment, aside)
        _move(aside, target)
    except OSError as error:
        raise EvidenceNotKept(f"{target} cannot be written ({error.strerror}); make room, and run it again") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def graded_bytes(course: Path, assignment: str, sha256: str, student: str) -> bytes:
    """Return the bytes that were graded; from ``submitted/`` where they were not kept and nothing newer is there.

    Raises
    ------
    EvidenceGone
        If they are in neither place.
    """
    kept = submission_file(course, assignment, sha256)
    why = "it is gone"
    if kept.exists():
        try:
            content = gzip.decompress(kept.read_bytes())
        except (OSError, EOFError, zlib.error) as error:
            why = f"it cannot be read ({error})"
        else:
            if hashlib.sha256(content).hexdigest() == sha256:
                return content
            why = "it holds other bytes than its name says"
    folder = course / "submitted" / student / assignment
    for path in sorted(folder.glob("*.ipynb")):
        if (handed_in := _readable(path)) is not None and hashlib.sha256(handed_in).hexdigest() == sha256:
            return handed_in
    raise EvidenceGone(
        f"the graded bytes of {student} should be in {kept}, but {why}, and {folder} has no notebook with this hash; "
        "restore the file from a backup of the course folder"
    )


def assignment_as_it_was(course: Path, name: str, version: str) -> Assignment:
    """Return the assignment in that version: the kept one, or today's where that is the same.

    Raises
    ------
    EvidenceGone
        If it is neither.
    """
    kept = version_folder(course, name, version)
    if kept.is_dir():
        return Assignment(name, kept.resolve())
    today = Assignment.find(name, course)
    if today.version == version:
        return today
    raise EvidenceGone(
        f"version {version[:12]} of {name} should be in {kept}, which is gone, and hidden/ and source/ hold version "
        f"{today.version[:12]} today; restore the folder from a backup, or check that edition of the course out"
    )


def _copy_deciding(assignment: Assignment, course: Path) -> None:
    copy = Assignment(assignment.name, course)
    hidden, source = assignment.hidden_dir, assignment.source_dir
    _copy([*hidden.rglob("*.py"), *hidden.glob("limits.toml")], hidden, copy.hidden_dir)
    _copy([assignment.source_notebook, *source.glob("*.py")], source, copy.source_dir)
    known = assignment.hidden_versions
    if question_versions(copy.hidden_dir, list(known)) != known:  # the hidden code reads files
        _copy(hidden.rglob("*"), hidden, copy.hidden_dir)


def _copy(files: Iterable[Path], source: Path, target: Path) -> None:
    for file in files:
        place = file.relative_to(source)
        if file.is_file() and not any(part in CACHES for part in place.parts):
            (target / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target / place)


def _ensure_same(assignment: Assignment, course: Path) -> None:
    copied = Assignment(assignment.name, course).version
    if copied != assignment.version:
        raise EvidenceNotKept(
            f"hidden/{assignment.name} or source/{assignment.name} was edited while the run started: version "
            f"{copied[:12]}, expected {assignment.version[:12]}; run it again"
        )


def _move(aside: Path, target: Path) -> None:
    try:
        aside.rename(target)
    except OSError:  # another process was first
        if not target.is_dir():
            raise


def _readable(path: Path) -> bytes | None:
    try:
        return read_bytes(path)
    except DamagedNotebook:
        return None
