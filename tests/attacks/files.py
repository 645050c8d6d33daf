"""Files that are not notebooks, and notebooks that are hardly files."""

from __future__ import annotations

import gzip
import io
import json
import os
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.attacks.attack import DAMAGED, GRADED, MARK, Attack, Kind, Notebook, code_cell

Make = Callable[[Path, bytes], Path]
NOT_ORDINARY = "not an ordinary file"


def _file(name: str, make: Make, says: str, **more: object) -> Attack:
    return Attack(name, Kind.FILES, make=make, says=says, **({"ends": DAMAGED} | more))


def _content(name: str, content: Callable[[bytes], bytes], says: str = "", **more: object) -> Attack:
    """Return an attack that is a regular file with some content made from a notebook's."""

    def make(folder: Path, notebook: bytes) -> Path:
        path = folder / "tiny.ipynb"
        path.write_bytes(content(notebook))
        return path

    return _file(name, make, says, **more)


def _pipe(folder: Path, notebook: bytes) -> Path:
    os.mkfifo(folder / "tiny.ipynb")
    return folder / "tiny.ipynb"


def _folder(folder: Path, notebook: bytes) -> Path:
    (folder / "tiny.ipynb").mkdir()
    return folder / "tiny.ipynb"


def _link_to(target: str) -> Make:
    def make(folder: Path, notebook: bytes) -> Path:
        (folder / "right.ipynb").write_bytes(notebook)
        (folder / "tiny.ipynb").symlink_to(target)
        return folder / "tiny.ipynb"

    return make


def _socket(folder: Path, notebook: bytes) -> Path:
    here = Path.cwd()
    os.chdir(folder)  # a socket's path is short, a test's folder is not
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("tiny.ipynb")
    finally:
        os.chdir(here)
    return folder / "tiny.ipynb"


def _sparse(folder: Path, notebook: bytes) -> Path:
    with (folder / "tiny.ipynb").open("wb") as file:
        file.truncate(50 * 2**30)
    return folder / "tiny.ipynb"


def _device(folder: Path, notebook: bytes) -> Path:
    try:
        os.mknod(folder / "tiny.ipynb", 0o20666, os.makedev(1, 5))
    except PermissionError:  # an ordinary user cannot make one; the device itself is the next best
        return Path("/dev/zero")
    return folder / "tiny.ipynb"


def _missing(folder: Path, notebook: bytes) -> Path:
    return folder / f"{MARK}\x1b[2J.ipynb"


def _python(source: str) -> Make:
    def make(folder: Path, notebook: bytes) -> Path:
        (folder / "tiny.py").write_bytes(source.encode("utf-8", "surrogateescape"))
        return folder / "tiny.py"

    return make


def _zipped(notebook: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("tiny.ipynb", notebook)
    return file.getvalue()


def _changed(change: Callable[[Notebook], object]) -> Callable[[bytes], bytes]:
    def content(notebook: bytes) -> bytes:
        document = json.loads(notebook)
        change(document)
        return json.dumps(document).encode()

    return content


ATTACKS = (
    _file("a pipe", _pipe, NOT_ORDINARY),
    _file("a folder", _folder, "not an ordinary file"),
    _file("a link to a notebook", _link_to("right.ipynb"), NOT_ORDINARY),
    _file("a link to the gradebook", _link_to("../../gradebook.db"), NOT_ORDINARY),
    _file("a link to itself", _link_to("tiny.ipynb"), NOT_ORDINARY),
    _file("a link to an endless device", _link_to("/dev/zero"), NOT_ORDINARY),
    _file("a socket", _socket, ""),
    _file("a device", _device, NOT_ORDINARY),
    _file("fifty gigabytes of nothing", _sparse, "MiB", slow=True),
    _file("a file that is not there, with a name that clears the terminal", _missing, "cannot be read"),
    _content("an empty file", lambda notebook: b"", "not JSON"),
    _content("half a notebook", lambda notebook: notebook[: len(notebook) // 2], "not JSON"),
    _content("brackets a hundred thousand deep", lambda notebook: b"[" * 10**5, "deep"),
    _content("objects a hundred thousand deep", lambda notebook: b'{"cells":' * 10**5, "deep"),
    _content("junk", lambda notebook: bytes(range(256)) * 100, "UTF-8"),
    _content("fifty megabytes of spaces", lambda notebook: b" " * (50 * 2**20 + 1), "MiB"),
    _content("fifty megabytes of commas", lambda notebook: b"[" + b"0," * (25 * 2**20 - 2) + b"0]", "parts"),
    _content("a notebook in UTF-16", lambda notebook: notebook.decode().encode("utf-16"), "UTF-8"),
    _content("a notebook in a zip file", _zipped, "UTF-8"),
    _content("a notebook in a gzip file", gzip.compress, "UTF-8"),
    _content(
        "a number of a hundred thousand digits", lambda notebook: b'{"nbformat": ' + b"9" * 10**5 + b"}", "digits"
    ),
    _content("a format of the future", _changed(lambda n: n.update(nbformat=99)), "99"),
    _content("a format that is a truth value", _changed(lambda n: n.update(nbformat=True)), "nbformat"),
    _content("cells that are a number", _changed(lambda n: n.update(cells=10**6)), "cells"),
    _content("a million cells", _changed(lambda n: n.update(cells=[{}] * 10**6)), ""),
    _content("six thousand cells", _changed(lambda n: n["cells"].extend([code_cell("import os")] * 6000)), "5000"),
    _content(
        "cells that are no cells",
        _changed(lambda n: n["cells"].extend([None, 3, "x", [], {"cell_type": []}])),
        ends=GRADED,
    ),
    _content(
        "lone surrogates in code and metadata",
        _changed(lambda n: n["cells"].append(code_cell("import os\n'\ud800'", tags=["\udfff"], name="\ud800"))),
        ends=GRADED,
    ),
    _content("keys that come twice", lambda notebook: notebook[:-1] + b', "cells": []}', "", ends=GRADED),
    _content(
        "numbers that JSON does not have", _changed(lambda n: n.update(extra=[float("nan"), float("inf")])), ends=GRADED
    ),
    _file("a Python file of null characters", _python("\0" * 1000), "not text"),
    _file("a Python file that is no text", _python("\udcff\udcfe"), "UTF-8"),
    _file("a Python file of three megabytes", _python("# x\n" * 2**20), "MiB"),
    _file(
        "a Python file with a coding nobody knows",
        _python("# -*- coding: \x1b[2J -*-\ndef halve(x): return 0 * x\n"),
        "",
        ends=GRADED,
    ),
)
