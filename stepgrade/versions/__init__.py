"""A version per question: it changes whenever the hidden code that decides the question's marks may have changed.

A stored mark counts as long as its question's version does. So a version may change needlessly, which costs time, but
must never stay when a mark could differ. It is formed from the text of the hidden modules, which are not imported:
from the syntax trees of all top-level statements that the question's checks and its helpers' sources reach, and
from ``limits.toml``. Comments, layout and docstrings do not count. Where names are read or bound by ways that the
text does not show (``globals()``, ``exec``, ``importlib`` ...), or where files are read, every file of the folder
counts.

Syntax trees differ between the minor versions of Python, and so do these versions. What lies outside of the hidden
folder (the questions' points, NumPy, stepgrade itself) is not part of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from stepgrade.errors import StepgradeError
from stepgrade.versions.reach import HiddenCode

__all__ = ["question_versions"]


def question_versions(hidden_dir: Path, question_ids: Sequence[str]) -> dict[str, str]:
    """Return the version of each question, as a SHA-256 in hexadecimal.

    Parameters
    ----------
    hidden_dir : Path
        The assignment's hidden folder, with ``checks.py`` and ``helpers.py``.
    question_ids : sequence of str
        The keys of ``QUESTIONS``. For a key that the text does not show, all of ``QUESTIONS`` counts.

    Raises
    ------
    StepgradeError
        If one of the two files is missing, or a module that they reach is not Python.
    """
    modules = tuple((path.stem, path.read_bytes()) for path in sorted(hidden_dir.glob("*.py")))
    try:
        reached = _reached(modules, tuple(question_ids))
    except StepgradeError as error:
        raise StepgradeError(f"{hidden_dir}/{error}") from None
    limits = hidden_dir / "limits.toml"
    common = [f"limits: {limits.read_text(encoding='utf-8')}"] if limits.is_file() else []
    versions = {}
    for question_id, (contents, everything) in zip(question_ids, reached, strict=True):
        parts = [f"question: {question_id}", *common, *contents]
        if everything:
            parts += _every_file(hidden_dir)
        versions[question_id] = _digest(parts)
    return versions


@lru_cache(maxsize=4)  # what a run grades with and the copy that it keeps have the same text
def _reached(
    modules: tuple[tuple[str, bytes], ...], question_ids: tuple[str, ...]
) -> tuple[tuple[tuple[str, ...], bool], ...]:
    """Return for each question the statements that it reaches, and whether every file of the folder counts."""
    code = HiddenCode(dict(modules))
    reaches = [code.of_question(question_id) for question_id in question_ids]
    return tuple((tuple(statement.content for statement in reach.in_order()), reach.everything) for reach in reaches)


def _every_file(hidden_dir: Path) -> Iterator[str]:
    for path in sorted(hidden_dir.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"{path.relative_to(hidden_dir).as_posix()}: {hashlib.sha256(path.read_bytes()).hexdigest()}"


def _digest(parts: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()
