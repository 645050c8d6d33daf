"""What a cell has shown, as plain data: text that can be read, PNG images, nothing else.

It comes from the student's process, or from the file that the student handed in. Both can hold anything.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any

from stepgrade.notebook import joined
from stepgrade.phrases import phrase
from stepgrade.showing.png import checked_png

MAX_OUTPUTS = 60  # of one cell
MAX_TEXT = 12_000  # of one output
HEAD_LINES, TAIL_LINES = 100, 50
ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)?")
# What differs between two runs of the same code and means nothing to its author.
ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")
FINGERPRINT_BYTES = 16
_RECORD = struct.Struct("<cI")


class OutputKind(Enum):
    """What an output is; the value is what the student's process calls it."""

    STREAM = b"s"  # printed
    VALUE = b"v"  # the value of the last line, or displayed
    PICTURE = b"p"
    ERROR = b"e"
    NOTE = b"n"  # what was left out


@dataclass(frozen=True)
class Output:
    """One output: a text, or a checked PNG image; ``fingerprint`` tells figures apart, and is empty for others."""

    kind: OutputKind
    text: str = ""
    png: bytes = b""
    fingerprint: bytes = b""


# What the student's process notes (sandbox/inside/display.py, which imports nothing of ours).
NOTES_FROM_INSIDE = (
    phrase("a figure could not be drawn ({error})"),
    phrase("the figures could not be closed ({error})"),
    phrase("{n} more outputs are left out"),
)
NOT_AN_IMAGE = Output(OutputKind.NOTE, phrase("an image that is damaged or too large is left out"))


def received_outputs(payload: bytes, known: Mapping[bytes, bytes] = MappingProxyType({})) -> tuple[Output, ...]:
    """Return the outputs that the student's process sent; what is not in its format ends them.

    ``known`` are the images of figures, by their fingerprints, that it need not send.
    """
    return tuple(_output(kind, content, known) for kind, content in _records(payload))


def saved_outputs(outputs: Iterable[Mapping[str, Any]]) -> tuple[Output, ...]:
    """Return the outputs that a notebook file holds for a cell."""
    found = []
    for number, output in enumerate(outputs):
        if number == MAX_OUTPUTS:
            found.append(Output(OutputKind.NOTE, phrase("more outputs are left out")))
            break
        found += _saved(output)
    return tuple(found)


def picture(content: bytes, fingerprint: bytes = b"") -> Output:
    """Return an image, or the note that it is none."""
    png = checked_png(content)
    return Output(OutputKind.PICTURE, png=png, fingerprint=fingerprint) if png else NOT_AN_IMAGE


def readable(text: str, most: int = MAX_TEXT) -> str:
    """Return lines of text as a terminal would leave them, without colours, control characters and addresses."""
    cut = text if len(text) <= most else text[:most] + f"\n{phrase('... the rest is left out ...')}"
    if "\x1b" in cut:
        cut = ESCAPES.sub("", cut)
    lines = [_line(line) for line in cut.replace("\r\n", "\n").split("\n")]
    if len(lines) > HEAD_LINES + TAIL_LINES:
        n_left_out = len(lines) - HEAD_LINES - TAIL_LINES
        lines[HEAD_LINES:-TAIL_LINES] = [phrase("... {n} lines are left out ...", n=n_left_out)]
    return ADDRESS.sub("0x...", "\n".join(lines)).rstrip("\n")


def _line(line: str) -> str:
    if line.isprintable():
        return line
    written = line.rstrip("\r").rpartition("\r")[2]  # a progress bar writes its line again and again
    visible = "".join(character if character == "\t" else _visible(character) for character in written)
    return visible.expandtabs()


def _visible(character: str) -> str:
    """Return what can be shown of one; invisible ones that turn the direction of writing are dropped."""
    if character.isprintable():
        return character
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) == "Cf" else "\N{REPLACEMENT CHARACTER}"


def _records(payload: bytes) -> Iterator[tuple[OutputKind, bytes]]:
    position, kinds = 0, {kind.value: kind for kind in OutputKind}
    for _ in range(MAX_OUTPUTS):
        if position + _RECORD.size > len(payload):
            return
        kind, length = _RECORD.unpack_from(payload, position)
        position += _RECORD.size
        if kind not in kinds or position + length > len(payload):
            return
        yield kinds[kind], payload[position : position + length]
        position += length


def _output(kind: OutputKind, content: bytes, known: Mapping[bytes, bytes]) -> Output:
    if kind is not OutputKind.PICTURE:
        return Output(kind, readable(content.decode("utf-8", "replace")))
    mark, png = content[:FINGERPRINT_BYTES], content[FINGERPRINT_BYTES:]
    return picture(png or known.get(mark, b""), mark if any(mark) else b"")


def _saved(output: Mapping[str, Any]) -> Iterator[Output]:
    match output.get("output_type"):
        case "stream":
            yield Output(OutputKind.STREAM, readable(joined(output.get("text"))))
        case "error":
            said = joined(output.get("ename")), joined(output.get("evalue"))
            yield Output(OutputKind.ERROR, readable(": ".join(filter(None, said))))
        case "display_data" | "execute_result":
            data = output.get("data")
            if isinstance(data, dict) and isinstance(data.get("image/png"), str):
                yield picture(_from_base64(data["image/png"]))
            elif isinstance(data, dict) and "text/plain" in data:
                yield Output(OutputKind.VALUE, readable(joined(data["text/plain"])))


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""
