"""What arrived, as a list of files: a zip or a folder, read without following, executing or trusting anything.

Every name is taken apart and looked at before it becomes a path of ours. Sizes are counted while reading: what a zip
says about itself is the sender's word.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from stepgrade.errors import NoSuchFile, UsageError
from stepgrade.notebook import open_regular

MAX_ENTRIES = 500_000
MAX_DEPTH = 12
MAX_NAME_BYTES = 200  # most file systems end at 255, and names of ours are longer than the sender's

# What reading an entry can raise: a zip may hold anything, a folder may change.
READ_ERRORS = (OSError, EOFError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error)

# What a zip says that says nothing: its first possible time, which programs without a clock write.
NO_ZIP_TIME = datetime(1980, 1, 1, tzinfo=UTC)

_LATEST = datetime(9000, 1, 1, tzinfo=UTC).timestamp()
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1
# Left by file managers and Jupyter; like everything that begins with a dot, no word is lost about them.
_NOISE = frozenset({"__MACOSX", "__pycache__", "desktop.ini", "Thumbs.db"})


@dataclass(frozen=True)
class Entry:
    """One regular file.

    Parameters
    ----------
    parts : tuple of str
        Its path: folders, then the name; none of them leads anywhere else.
    modified : datetime
        As the source says: a file's time; of a zip's entry the digits that stand there, as if they were UTC, or
        ``NO_ZIP_TIME``.
    open : callable
        Gives the bytes, as a file open for reading.
    """

    parts: tuple[str, ...]
    modified: datetime
    open: Callable[[], IO[bytes]] = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        return self.parts[-1]


@dataclass(frozen=True)
class Refusal:
    """Something that was not taken, by the name it came under, and why."""

    origin: str
    reason: str


@dataclass
class Source:
    """Everything that arrived.

    Parameters
    ----------
    clones : dict
        For each folder with something named ``.git`` in it: where that lies, or None in a zip.
    folders : set
        Of a folder: all that are in it, empty ones too.
    """

    path: Path
    entries: list[Entry] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    clones: dict[tuple[str, ...], Path | None] = field(default_factory=dict)
    folders: set[tuple[str, ...]] = field(default_factory=set)
    is_zip: bool = False


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Give what is in a zip or a folder, as long as it is open.

    Raises
    ------
    NoSuchFile
        If there is nothing at ``path``.
    UsageError
        If it is neither, a damaged zip, or has too many files.
    """
    if path.is_dir():
        source = Source(path)
        _read_folder(path, (), source)
        yield source
        return
    if not path.is_file():
        raise NoSuchFile(f"{path} does not exist; expected an LMS's zip, or a folder with the hand-ins")
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise UsageError(
            f"{path} cannot be read as a zip ({error}); download it again, or unpack it and give the folder"
        ) from None
    with archive:
        source = Source(path, is_zip=True)
        _read_zip(archive, source)
        yield source


def _read_zip(archive: zipfile.ZipFile, source: Source) -> None:
    infos = archive.infolist()
    if len(infos) > MAX_ENTRIES:
        raise _too_many(source)
    for info in infos:
        name = _name_in_zip(info)
        parts = tuple(unicodedata.normalize("NFC", part) for part in name.split("/"))
        if ".git" in parts:
            source.clones[parts[: parts.index(".git")]] = None
        if info.is_dir() or name.endswith("/") or _is_noise(parts):
            continue
        reason = _why_no_path(parts) or _why_no_file(info)
        if reason:
            source.refused.append(Refusal(name, reason))
        else:
            source.entries.append(Entry(parts, _zip_time(info), lambda info=info: archive.open(info)))  # type: ignore[misc]


def _name_in_zip(info: zipfile.ZipInfo) -> str:
    """Return the name as it was meant: many programs write UTF-8 without saying so, some Windows' separators."""
    name = info.orig_filename
    if not info.flag_bits & _UTF8_FLAG:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _why_no_path(parts: tuple[str, ...]) -> str:
    """Return why the parts cannot be folders and a file below a folder of ours; empty if they can."""
    if not parts[0] or re.match(r"[A-Za-z]:", parts[0]):
        return "an absolute path"
    if ".." in parts or "." in parts or "" in parts:
        return "a path that leads elsewhere"
    if len(parts) > MAX_DEPTH:
        return f"more than {MAX_DEPTH} folders deep"
    for part in parts:
        try:
            size = len(part.encode())
        except UnicodeEncodeError:
            return "a name that is no text"
        if size > MAX_NAME_BYTES:
            return f"a name of more than {MAX_NAME_BYTES} bytes"
        if any(unicodedata.category(letter) in {"Cc", "Zl", "Zp"} for letter in part):
            return "a name with control characters"
    return ""


def _why_no_file(info: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "a link, which is not followed"
    if kind not in {0, stat.S_IFREG}:
        return "not an ordinary file"
    if info.flag_bits & _ENCRYPTED_FLAG:
        return "encrypted"
    # Other methods give as much as they like for one read; no LMS uses them.
    usual = info.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
    return "" if usual else "compressed in an unusual way; unpack it and give the folder"


def _zip_time(info: zipfile.ZipInfo) -> datetime:
    try:
        return datetime(*info.date_time, tzinfo=UTC)
    except ValueError:  # "the 0th of month 0", as some programs write
        return NO_ZIP_TIME


def _is_noise(parts: tuple[str, ...]) -> bool:
    return any((part.startswith(".") and part not in {".", ".."}) or part in _NOISE for part in parts)


def _read_folder(folder: Path, above: tuple[str, ...], source: Source) -> None:
    try:
        with os.scandir(folder) as scanned:
            found = sorted(scanned, key=lambda item: item.name)
    except OSError as error:
        source.refused.append(Refusal("/".join(above) or str(folder), f"cannot be read ({error.strerror})"))
        return
    for item in found:
        parts = (*above, item.name)
        if item.name == ".git":
            source.clones[above] = Path(item.path)
        if _is_noise((item.name,)):
            continue
        if len(source.entries) + len(source.refused) >= MAX_ENTRIES:
            raise _too_many(source)
        status = item.stat(follow_symlinks=False)
        reason = _why_no_path(parts) or ("a link, which is not followed" if stat.S_ISLNK(status.st_mode) else "")
        if not reason and stat.S_ISDIR(status.st_mode):
            source.folders.add(parts)
            _read_folder(folder / item.name, parts, source)
        elif reason or not stat.S_ISREG(status.st_mode):
            source.refused.append(Refusal("/".join(parts), reason or "not an ordinary file"))
        else:
            modified = datetime.fromtimestamp(min(max(status.st_mtime, 0), _LATEST), UTC)
            source.entries.append(Entry(parts, modified, lambda path=folder / item.name: open_regular(path)))  # type: ignore[misc]


def _too_many(source: Source) -> UsageError:
    return UsageError(
        f"{source.path} has more than {MAX_ENTRIES} files; give the hand-ins of one assignment in smaller parts"
    )
