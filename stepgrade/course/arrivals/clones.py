"""When the commit was made that a clone stands at, without believing anything else that the clone says.

A clone that somebody hands over is a program: its ``.git/config`` may name commands (``core.fsmonitor``, a pager,
an alias, a filter) that git runs, and ``-c`` options would have to name each of them, those of the next git too.
So git is never started in it. ``HEAD`` and the branch that it names are read here, as the two lines of text that
they are; the commit is then asked of an empty repository of ours, which borrows the clone's ``objects`` as a store
(``GIT_ALTERNATE_OBJECT_DIRECTORIES``) and never sees its configuration, hooks, attributes or index.

The reflog (``.git/logs/HEAD``) is plain text with times too, but of another thing: in a fresh clone it says when the
instructor cloned. A library that reads repositories would be one more dependency for one number.

The time is the committer's clock, in UTC. Whoever commits can set it to anything.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from stepgrade.notebook import open_regular

TIMEOUT_S = 5.0
MAX_COMMIT_BYTES = 2**20

_HASH = re.compile(r"[0-9a-f]{40}")
_REFERENCE = re.compile(r"ref: (refs/heads/[\w][\w./@+-]{0,200})")
_COMMITTER = re.compile(rb"^committer [^\n]*> (\d{1,11}) [+-]\d{4}$", re.MULTILINE)
_MAX_TEXT_BYTES = 4 * 2**20  # of packed-refs


class CommitClock:
    """Tells the times of commits; a context manager, since it keeps an empty repository for as long."""

    def __init__(self) -> None:
        self._git = shutil.which("git")
        self._folder = tempfile.TemporaryDirectory(prefix="stepgrade-git-")

    def __enter__(self) -> CommitClock:
        repository = Path(self._folder.name)
        for name in ("objects", "refs"):
            (repository / name).mkdir()
        (repository / "HEAD").write_text("ref: refs/heads/none\n")
        (repository / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
        return self

    def __exit__(self, *exception: object) -> None:
        self._folder.cleanup()

    def time_of(self, git_dir: Path) -> tuple[datetime | None, str]:
        """Return the commit time of the clone's HEAD in UTC, or None and the reason."""
        if self._git is None:
            return None, "no time of commit: git is not installed"
        try:
            name = _head(git_dir)
            if not stat.S_ISDIR((git_dir / "objects").lstat().st_mode):
                return None, "no time of commit: .git/objects is not a folder"
            commit = self._commit(name, git_dir / "objects") if name else b""
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            return None, f"no time of commit: .git cannot be read ({type(error).__name__})"
        found = _COMMITTER.search(commit.partition(b"\n\n")[0])
        if found is None:
            return None, "no time of commit: HEAD names no commit that is there"
        return datetime.fromtimestamp(int(found[1]), UTC), ""

    def _commit(self, name: str, objects: Path) -> bytes:
        kind_and_size = self._ask(objects, "--batch-check", f"{name}\n".encode()).split()
        if kind_and_size[1:2] != [b"commit"] or int(kind_and_size[2]) > MAX_COMMIT_BYTES:
            return b""
        return self._ask(objects, "commit", name=name)

    def _ask(self, objects: Path, how: str, question: bytes = b"", name: str = "") -> bytes:
        environment = {
            "PATH": os.defpath,
            "GIT_DIR": self._folder.name,
            # A path in quotes may hold the colon that separates paths.
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": '"'
            + str(objects.resolve()).replace("\\", "\\\\").replace('"', '\\"')
            + '"',
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_OPTIONAL_LOCKS": "0",
        }
        command = [str(self._git), "cat-file", how, *([name] if name else [])]
        done = subprocess.run(  # noqa: S603 - our own arguments: a hash of 40 digits at most
            command,
            input=question,
            env=environment,
            cwd=self._folder.name,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        return done.stdout


def _head(git_dir: Path) -> str:
    """Return the hash that HEAD stands at, empty where it names none."""
    if not stat.S_ISDIR(git_dir.lstat().st_mode):
        raise ValueError("not a folder")  # a link, or a file that names another folder
    head = _text(git_dir / "HEAD").strip()
    reference = _REFERENCE.fullmatch(head)
    if reference is None:
        return head if _HASH.fullmatch(head) else ""
    if ".." in reference[1]:
        return ""
    try:
        found = _text(git_dir / reference[1]).strip()
    except FileNotFoundError:
        packed = re.search(
            rf"^({_HASH.pattern}) {re.escape(reference[1])}$", _text(git_dir / "packed-refs"), re.MULTILINE
        )
        found = packed[1] if packed else ""
    return found if _HASH.fullmatch(found) else ""


def _text(path: Path) -> str:
    with open_regular(path) as file:
        return file.read(_MAX_TEXT_BYTES).decode("utf-8", "replace")
