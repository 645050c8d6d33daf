"""Reports as files: by the name of their form, written whole or not at all, so that nobody reads half of one.

The path ``-`` is standard output, as with other programs.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterable
from pathlib import Path

import msgspec

from stepgrade.errors import StepgradeError
from stepgrade.report.junit import junit_xml
from stepgrade.report.markdown import markdown_summary
from stepgrade.result import Result

STDOUT = Path("-")


def rendered(form: str, result: Result) -> bytes:
    """Return the Result as "json", "junit" or "markdown"."""
    match form:
        case "json":
            # Python's own json takes five times as long as soon as it indents.
            document = msgspec.json.format(result.to_json().encode("utf-8", "surrogatepass"), indent=1) + b"\n"
            # Half of a surrogate pair, which a student's string may hold, is no UTF-8; this writes JSON's escape of it.
            return document.decode("utf-8", "surrogatepass").encode("utf-8", "backslashreplace")
        case "junit":
            return junit_xml(result).encode()
        case "markdown":
            return markdown_summary(result).encode()
    raise ValueError(f"unknown form {form!r}, expected json, junit or markdown")


def write_whole(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path``; whoever reads meanwhile sees the old file or the new one.

    Raises
    ------
    StepgradeError
        If it cannot be written.
    """
    write_in_parts(path, (content,))


def write_in_parts(path: Path, parts: Iterable[bytes]) -> None:
    """Write all ``parts`` to ``path`` as `write_whole` does, each as it comes; what ends them leaves the old file.

    Raises
    ------
    StepgradeError
        If it cannot be written.
    """
    if path == STDOUT:
        sys.stdout.flush()
        sys.stdout.buffer.writelines(parts)
        sys.stdout.buffer.flush()
        return
    try:
        if path.exists() and not path.is_file():  # a pipe or a device: replacing it would destroy it
            with path.open("wb") as file:
                file.writelines(parts)
        else:
            _replace(path.resolve(), parts)  # a link stays a link
    except OSError as error:
        raise StepgradeError(f"{path} cannot be written ({error.strerror}); give another path") from error


def _replace(target: Path, parts: Iterable[bytes]) -> None:
    # Made like any new file, so that it has the mode of one: a report is read by others.
    temporary = target.with_name(f".{target.name[:100]}.{uuid.uuid4().hex}")
    try:
        with temporary.open("xb") as file:
            file.writelines(parts)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
