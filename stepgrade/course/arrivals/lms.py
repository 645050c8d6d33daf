"""How Moodle and Canvas name what was handed in, in the zip that each gives.

    Moodle     Ada Lovelace_4711_assignsubmission_file_/tiny.ipynb      folders, with or without the last underline
               Ada Lovelace_4711_assignsubmission_file_tiny.ipynb       flat
               Team Blue_17_assignsubmission_file_/tiny.ipynb           a group and its number
               Ada Lovelace_4711_assignsubmission_onlinetext_/...       not a file of the student's
    Canvas     lovelaceada_LATE_67_8901_tiny-1.ipynb                    user 67, file 8901, the second of that name
               anon_x7Rk2_8901_tiny.ipynb                               anonymous
               lovelaceada_67_text.html, lovelaceada_67_link.html       not a file of the student's

The times of the entries are of no use: both write the moment at which they made the zip. Everyone would be late.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from stepgrade.course.arrivals.batch import Batch, Sender
from stepgrade.course.arrivals.source import Entry

_MOODLE = re.compile(
    r"(?P<name>[^/]+?)(?:_(?P<number>\d+))?_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>[^/]*))?", re.DOTALL
)
_CANVAS = re.compile(
    r"(?:(?P<name>.+?)_)??(?:(?P<late>LATE|late)_)?(?:anon_(?P<anonymous>[A-Za-z0-9]+)|(?P<number>\d+))"
    r"_(?:(?P<file>\d+)_(?P<called>.+)|(?P<text>text|link)\.html)",
    re.DOTALL,
)
_AGAIN = re.compile(r"(?P<stem>.+)-\d{1,4}(?P<suffix>\.[^.]+)")  # what Canvas makes of a name that it has already
_NO_TIME = "Canvas says LATE, but not how late: no lateness is counted"

_Version = tuple[int, str, Entry]  # Canvas's number of the file, its name, the file


def read_moodle(batch: Batch) -> None:
    """Find the hand-ins of Moodle's 'Download all submissions'."""
    theirs: dict[str, list[tuple[str, Entry]]] = defaultdict(list)
    senders: dict[str, Sender] = {}
    for first, rest, entry in batch:
        match = _MOODLE.fullmatch(first)
        path = "/".join(rest) or (match["file"] if match else "")
        if match is None or not path or (rest and match["file"]):
            batch.refuse(entry, "not named as Moodle names hand-ins")
        elif match["kind"] != "file":
            batch.refuse(entry, f"Moodle's {match['kind']}, not a file that was handed in")
        else:
            origin = f"{match['name']}_{match['number']}" if match["number"] else match["name"]
            senders[origin] = Sender("moodle", match["name"], match["number"] or "")
            theirs[origin].append((path, entry))
    for origin, files in sorted(theirs.items()):
        batch.add(senders[origin], origin, files)


def read_canvas(batch: Batch) -> None:
    """Find the hand-ins of Canvas's 'Download Submissions'."""
    theirs: dict[str, list[_Version]] = defaultdict(list)
    senders: dict[str, Sender] = {}
    late: set[str] = set()
    for first, rest, entry in batch:
        match = _CANVAS.fullmatch(first)
        if match is None or rest:
            batch.refuse(entry, "not named as Canvas names hand-ins")
        elif match["text"]:
            batch.refuse(entry, f"Canvas's {match['text']} entry, not a file that was handed in")
        else:
            number = f"anon-{match['anonymous']}" if match["anonymous"] else match["number"]
            senders[number] = Sender("canvas", match["name"] or "", number)
            theirs[number].append((int(match["file"][-18:]), match["called"], entry))
            late |= {number} if match["late"] else set()
    for number, files in sorted(theirs.items()):
        notes = (_NO_TIME,) if number in late and batch.zone is None else ()
        for attempt in _attempts(files, f"{batch.assignment.name}.ipynb"):
            newest = max(file for file, _, _ in attempt)
            named = [(name, entry) for _, name, entry in attempt]
            batch.add(senders[number], named[0][1].name, named, sequence=newest, notes=notes)


def _attempts(files: list[_Version], notebook: str) -> Iterator[list[_Version]]:
    """Give the files that count, and then each older one of the same name, alone.

    ``tiny-2.ipynb`` is ``tiny.ipynb`` handed in again if that is the assignment's notebook, or was handed in too; the
    ``-2`` of another name may be the student's own.
    """
    names = {name for _, name, _ in files} | {notebook}
    versions: dict[str, list[_Version]] = defaultdict(list)
    for file, name, entry in sorted(files, key=lambda version: version[:2]):
        match = _AGAIN.fullmatch(name)
        original = match["stem"] + match["suffix"] if match else name
        if original not in names or name == notebook:
            original = name
        versions[original].append((file, original, entry))
    yield [same[-1] for same in versions.values()]
    for same in versions.values():
        yield from ([older] for older in same[:-1])
