"""nbgrader's note of when a submission was handed in: a file that a student may have written."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import dateutil.parser  # type: ignore[import-untyped]
import dateutil.tz  # type: ignore[import-untyped]

from stepgrade.notebook import open_regular

TIMESTAMP_FILE = "timestamp.txt"
MAX_TIMESTAMP_BYTES = 200
ZONE_NAME = re.compile(r"(\w[\w+-]*(/\w[\w+-]*)*)?", re.ASCII)  # dateutil would open any other file that is named


class NoTime(Exception):
    """There is a file for the time, and no time in it."""


def timestamp_text(folder: Path) -> str | None:
    """Return what the submission in ``folder`` says about its time: empty where the file is, None without a file.

    Raises
    ------
    NoTime
        If it is not a short text that `utc_time` reads: any other would end nbgrader's run.
    """
    path = folder / TIMESTAMP_FILE
    if not os.path.lexists(path):
        return None
    try:
        with open_regular(path) as file:
            content = file.read(MAX_TIMESTAMP_BYTES + 1)
        if len(content) > MAX_TIMESTAMP_BYTES:
            raise NoTime
        text = content.decode("ascii").strip()
        if text:
            utc_time(text)
    except (OSError, ValueError, OverflowError, TypeError, AttributeError) as error:  # dateutil's, on a hostile text
        raise NoTime from error
    return text


def utc_time(text: str) -> str:
    """Return a time in ISO format, in UTC and without an offset, as nbgrader reads and stores it.

    The time zone, after a second space, may be a number of seconds or a name; where it has none, it is UTC.
    """
    words = text.split(" ")
    if len(words) == 3:
        moment = dateutil.parser.parse(f"{words[0]} {words[1]} TZ", tzinfos={"TZ": _zone(words[2])})
    else:
        moment = dateutil.parser.parse(text)
    offset = moment.utcoffset()
    return str((moment if offset is None else moment - offset).replace(tzinfo=None).isoformat())


def _zone(word: str) -> Any:
    try:
        return int(word)
    except ValueError:
        pass
    if not ZONE_NAME.fullmatch(word):
        raise ValueError(f"{word!r} is no name of a time zone")
    return dateutil.tz.gettz(word)
