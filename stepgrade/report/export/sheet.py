"""A CSV file of somebody else: its cells can be read and changed, and every byte that is not changed stays.

The csv module reads such a file, but writes it with one quoting and one line end throughout; an LMS, and whoever
compares the two files, should see the changed cells and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from stepgrade.errors import NoSuchFile, UsageError

BYTE_ORDER_MARK = "\ufeff"
SEPARATORS = (",", ";", "\t")
# How many records are looked at to tell the separator.
SAMPLE = 5


@dataclass(frozen=True)
class Cell:
    """A cell's text without its quotes, and where it stands in the file's text with them."""

    text: str
    start: int
    end: int
    quoted: bool


@dataclass(frozen=True)
class Row:
    """A record and the line it begins on, counted from 1."""

    line: int
    cells: tuple[Cell, ...]

    def __getitem__(self, column: int) -> str:
        return self.cells[column].text.strip()

    @property
    def blank(self) -> bool:
        return not any(cell.text.strip() for cell in self.cells)


@dataclass(frozen=True)
class Sheet:
    """A CSV file with a header; ``rows`` are the records below it that are not blank."""

    path: Path
    text: str
    encoding: str
    separator: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]

    @classmethod
    def read(cls, path: Path) -> Sheet:
        """Read a file with comma, semicolon or tab, any line end, with or without a byte order mark.

        Raises
        ------
        UsageError
            If there is no such file, it is no CSV, or a record has not as many cells as the header.
        """
        text, encoding = _decoded(path)
        separator = _separator(path, text)
        records = [row for row in _records(path, text, separator) if not row.blank]
        if len(records) < 2:
            raise UsageError(f"{path} has no row below its header; export it again with the students in it")
        header, *rows = records
        uneven = [row for row in rows if len(row.cells) != len(header.cells)]
        if uneven:
            listed = ", ".join(f"line {row.line} has {len(row.cells)}" for row in uneven[:5])
            raise UsageError(
                f"{path}: every row should have {len(header.cells)} cells as the header has, but {listed}; "
                "an import would fail on it, so nothing is written. Export the file again"
            )
        return cls(path, text, encoding, separator, tuple(cell.text.strip() for cell in header.cells), tuple(rows))

    def column(self, name: str) -> int:
        """Return the index of the column of that name.

        Raises
        ------
        UsageError
            If there is none, or more than one.
        """
        found = [index for index, title in enumerate(self.header) if title == name]
        if len(found) == 1:
            return found[0]
        problem = f"{len(found)} columns" if found else "no column"
        raise UsageError(f"{self.path} has {problem} {name!r}; its columns: {', '.join(map(repr, self.header))}")

    def with_cells(self, texts: Mapping[Cell, str]) -> bytes:
        """Return the file's bytes with these cells' texts in place of the old ones."""
        pieces, done = [], 0
        for cell in sorted(texts, key=lambda cell: cell.start):
            pieces += [self.text[done : cell.start], self._written(texts[cell], quoted=cell.quoted)]
            done = cell.end
        return "".join([*pieces, self.text[done:]]).encode(self.encoding)

    def _written(self, text: str, *, quoted: bool) -> str:
        if quoted or any(sign in text for sign in (self.separator, '"', "\r", "\n")):
            return '"' + text.replace('"', '""') + '"'
        return text


def _decoded(path: Path) -> tuple[str, str]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NoSuchFile(f"{path} cannot be read ({error.strerror}); give the file that the LMS exported") from error
    if b"\0" in content:
        raise UsageError(f"{path} is no CSV in UTF-8 (it holds NUL bytes); export it as CSV, not as a spreadsheet")
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        # Saved by a spreadsheet in an eight-bit code: as Latin-1 every byte is a sign, and comes out as it went in.
        return content.decode("latin-1"), "latin-1"


def _separator(path: Path, text: str) -> str:
    """Return the separator that cuts the first records into equally many cells, and into the most."""

    def fit(separator: str) -> tuple[bool, int]:
        try:
            widths = [len(row.cells) for row in islice(_records(path, text, separator), SAMPLE)]
        except UsageError:  # with the wrong separator a quoted cell does not end where a cell should
            return (False, 0)
        return (len(set(widths)) == 1 and widths[0] > 1, max(widths, default=0))

    return max(SEPARATORS, key=fit)


def _records(path: Path, text: str, separator: str) -> Iterator[Row]:
    quoted = re.compile(rf'"[^"]*(?:""[^"]*)*"(?=[{separator}\r\n]|\Z)')
    plain = re.compile(rf"[^{separator}\r\n]*")
    line_end = re.compile(r"\r\n|\r|\n")
    position, line = len(BYTE_ORDER_MARK) if text.startswith(BYTE_ORDER_MARK) else 0, 1
    while position < len(text):
        cells: list[Cell] = []
        first_line = line
        while True:
            in_quotes = text.startswith('"', position)
            match = (quoted if in_quotes else plain).match(text, position)
            if match is None:
                raise UsageError(
                    f"{path}, line {line}: a quotation mark opens a cell and none ends it; export it again"
                )
            raw = match.group()
            content = raw[1:-1].replace('""', '"') if in_quotes else raw
            cells.append(Cell(content, position, match.end(), in_quotes))
            line += len(line_end.findall(raw))
            position = match.end()
            if not text.startswith(separator, position):
                break
            position += len(separator)
        end = line_end.match(text, position)
        position = end.end() if end else position
        line += 1
        yield Row(first_line, tuple(cells))
