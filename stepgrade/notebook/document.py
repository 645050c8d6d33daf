"""From bytes to a checked document: whatever a file claims to be, only plain, bounded data comes out of here."""

from __future__ import annotations

import json
import math
import re
from functools import lru_cache
from typing import Any

from stepgrade.phrases import phrase

MAX_CELLS = 5000
RETURNS = re.compile(r"\r+\n?")
MAX_PARTS = 3_000_000  # commas and brackets: bounds the memory that parsing takes, which the size alone does not
MAX_REMEMBERED = 2 * 2**20  # bytes of a file whose content stays in memory until the next one is read
MAX_DEPTH = 60  # deeper parts of metadata and outputs are dropped; nothing that people write comes near
NEWEST_FORMAT = 4
CELL_TYPES = ("code", "markdown", "raw")
OUTPUT_TYPES = ("stream", "display_data", "execute_result", "error")
TEXT_TYPES = ("heading", "html")  # of nbformat 3, a kind of Markdown since
GRADED_METADATA = ("nbgrader", "tags")


class DamagedNotebook(Exception):
    """The file is no notebook that can be read; the message says why, in words for the student."""


def text_of(content: bytes) -> str:
    """Return the text of a file in UTF-8, with or without a byte order mark."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = phrase("the file is not text in UTF-8, so it is neither a notebook nor a Python file")
        raise DamagedNotebook(text) from None


def document_of(content: bytes) -> dict[str, Any]:
    """Return the notebook in ``content`` as a dictionary in the form of nbformat 4.

    It has ``nbformat`` (as the file had it), ``metadata`` and ``cells``; each cell has a known ``cell_type``, a
    ``source`` that is one text with ``\\n`` line ends and no lone surrogate, and ``metadata``; code cells have
    ``outputs`` and ``execution_count``. A cell of an unknown type counts as raw.

    Raises
    ------
    DamagedNotebook
        If it is not JSON, not a notebook, or of a format that does not exist.
    """
    document = _plain(_parsed(content))
    version, cells = _version_and_cells(document)
    metadata = document.get("metadata")
    return {
        "nbformat": version,
        "metadata": metadata if isinstance(metadata, dict) else {},
        "cells": [_cell(cell, version) for cell in cells],
    }


def graded_parts(content: bytes) -> tuple[int, list[dict[str, Any]]]:
    """Return the format of the notebook in ``content`` and its cells as in `document_of`, with what is graded only.

    Nothing else is copied or checked, for outputs make up most of a notebook: a cell has its ``cell_type``, its
    ``source`` and, of its ``metadata``, nbgrader's and the tags.

    Raises
    ------
    DamagedNotebook
        As `document_of`.
    """
    version, cells = _version_and_cells(_parsed(content))
    return version, [_graded_part(cell) for cell in cells]


def joined(text: Any) -> str:
    """Return a text that notebook files store as one string or as a list of lines."""
    if isinstance(text, str):
        return text
    if not isinstance(text, list):
        return ""
    try:
        return "".join(text)
    except TypeError:
        return "".join(line for line in text if isinstance(line, str))


def with_plain_newlines(text: str) -> str:
    """Return ``text`` with ``\\n`` at the end of every line, whatever systems wrote it, one after the other."""
    # Not by r"\r*\n|\r": of a run of returns, that looks through the rest of it for each.
    return RETURNS.sub(_ends_of, text) if "\r" in text else text


def _ends_of(returns: re.Match[str]) -> str:
    return "\n" if returns[0].endswith("\n") else "\n" * len(returns[0])


def _version_and_cells(document: Any) -> tuple[int, list[dict[str, Any]]]:
    version = _plain(document.get("nbformat")) if isinstance(document, dict) else None
    if not isinstance(version, int) or isinstance(version, bool):
        raise DamagedNotebook(phrase("the file is JSON but not a notebook (it has no nbformat)"))
    if not 1 <= version <= NEWEST_FORMAT:
        raise DamagedNotebook(
            phrase(
                "the notebook says nbformat {version}, but 1 to {newest} are read; "
                "open it in Jupyter, save it and hand it in again",
                version=str(version)[:20],
                newest=NEWEST_FORMAT,
            )
        )
    cells = _listed_cells(document)
    if cells is None or len(cells) > MAX_CELLS:
        raise DamagedNotebook(phrase("the notebook has no list of cells, or more than {n}", n=MAX_CELLS))
    return version, [cell for cell in cells if isinstance(cell, dict)]


def _parsed(content: bytes) -> Any:
    """Return what the JSON says; whoever gets it must not change it, for a submission is read twice in a row."""
    return _parsed_last(content) if len(content) <= MAX_REMEMBERED else _parsed_now(content)


def _parsed_now(content: bytes) -> Any:
    text = text_of(content)
    if sum(text.count(mark) for mark in ",[{") > MAX_PARTS:
        raise DamagedNotebook(
            phrase(
                "the notebook has far too many parts; clear the outputs (Edit, Clear Outputs of All Cells) and hand it "
                "in again"
            )
        )
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise DamagedNotebook(
            phrase(
                "the file is not JSON (line {line}), so it is not a notebook, or only a part of one; "
                "download it again from Jupyter (File, Download) and hand it in again",
                line=error.lineno,
            )
        ) from None
    except ValueError:
        text = phrase("the file holds a number of thousands of digits, which no notebook does")
        raise DamagedNotebook(text) from None
    except (RecursionError, MemoryError):
        raise DamagedNotebook(phrase("the file is nested too deeply for a notebook")) from None


_parsed_last = lru_cache(maxsize=1)(_parsed_now)


def _plain(value: Any, depth: int = 0) -> Any:
    """Return ``value`` as data that can be written again: no lone surrogates, NaN, endless numbers or depths."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_plain(key): _plain(part, depth + 1) for key, part in value.items()} if depth < MAX_DEPTH else None
    if isinstance(value, list):
        return [_plain(part, depth + 1) for part in value] if depth < MAX_DEPTH else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int):
        return value if abs(value) < 1 << 63 else None
    return value


def _listed_cells(document: dict[str, Any]) -> list[Any] | None:
    """Return the cells, which nbformat 1 and 4 list at the top, 2 and 3 in worksheets; None if there is no list."""
    if isinstance(document.get("cells"), list):
        return list(document["cells"])
    worksheets = document.get("worksheets")
    if not isinstance(worksheets, list):
        return None
    lists = [sheet.get("cells") for sheet in worksheets if isinstance(sheet, dict)]
    return [cell for cells in lists if isinstance(cells, list) for cell in cells]


def _cell(cell: dict[str, Any], version: int) -> dict[str, Any]:
    kind, metadata = _kind(cell), _metadata(cell)
    checked: dict[str, Any] = {"cell_type": kind, "source": _source(cell), "metadata": metadata}
    if kind == "code":
        outputs = cell.get("outputs")
        listed = [o for o in outputs if isinstance(o, dict)] if isinstance(outputs, list) else []
        current = _upgraded(listed) if version < NEWEST_FORMAT else listed
        checked["outputs"] = [_output(o) for o in current if o.get("output_type") in OUTPUT_TYPES]
        count = cell.get("execution_count", cell.get("prompt_number"))
        checked["execution_count"] = count if isinstance(count, int) and not isinstance(count, bool) else None
    elif isinstance(cell.get("attachments"), dict):
        checked["attachments"] = _plain(cell["attachments"])
    if isinstance(cell.get("id"), str):
        checked["id"] = cell["id"]
    return checked


def _graded_part(cell: dict[str, Any]) -> dict[str, Any]:
    metadata = _metadata(cell)
    graded = {key: _plain(metadata[key]) for key in GRADED_METADATA if key in metadata}
    return {"cell_type": _kind(cell), "source": _plain(_source(cell)), "metadata": graded}


def _kind(cell: dict[str, Any]) -> str:
    kind = cell.get("cell_type")
    return "markdown" if kind in TEXT_TYPES else kind if kind in CELL_TYPES else "raw"


def _source(cell: dict[str, Any]) -> str:
    for key in ("source", "input", "code"):
        text = cell.get(key)
        if isinstance(text, str | list):
            return joined(text)
    return ""


def _metadata(cell: dict[str, Any]) -> dict[str, Any]:
    metadata = cell.get("metadata")
    if not isinstance(metadata, dict):
        return {}
    if not isinstance(metadata.get("nbgrader", {}), dict):
        return {key: part for key, part in metadata.items() if key != "nbgrader"}
    return metadata


def _output(output: dict[str, Any]) -> dict[str, Any]:
    if "text" in output:
        output["text"] = joined(output["text"])
    data = output.get("data")
    if isinstance(data, dict):
        output["data"] = {mime: joined(part) if isinstance(part, list) else part for mime, part in data.items()}
    return output


def _upgraded(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the outputs of an old notebook in today's form; one that cannot be read so is dropped."""
    from nbformat import from_dict
    from nbformat.v4.convert import upgrade_output  # late: half a second that only old notebooks cost

    upgraded = []
    for output in outputs:
        try:
            upgraded.append(dict(upgrade_output(from_dict(output))))
        except Exception:  # noqa: S112 - the library raises many kinds; a lost picture decides nothing
            continue
    return upgraded
