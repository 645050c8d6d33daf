"""Grades attacks as whoever runs it, where the kernel refuses namespaces; ``test_ordinary_user.py`` starts it.

Prints, as JSON, what it got. Its arguments are a course folder, and the kinds of attack.
"""

from __future__ import annotations

import errno
import json
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

import pyseccomp

from stepgrade.assignment import Assignment
from stepgrade.grade import Grader
from stepgrade.sandbox import SandboxUnavailable, find_boundary
from tests.attacks.attack import Kind
from tests.attacks.conftest import HONEST, LIMITS
from tests.attacks.generator import ATTACKS
from tests.attacks.watcher import Watcher

NEW_NAMESPACES = 0x7E020000


def refuse_namespaces() -> None:
    """Do to this process and all that it starts what a container's filter does."""
    filters = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for name in ("unshare", "setns", "mount", "umount2", "pivot_root", "keyctl", "bpf"):
        filters.add_rule(pyseccomp.ERRNO(errno.EPERM), name)
    for bit in range(32):
        if NEW_NAMESPACES >> bit & 1:
            with_flag = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, 1 << bit, 1 << bit)
            filters.add_rule(pyseccomp.ERRNO(errno.EPERM), "clone", with_flag)
    filters.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    filters.load()


def why_not(kind: str) -> str:
    try:
        find_boundary(kind)
    except SandboxUnavailable as error:
        return str(error)
    return ""


def graded(course: Path, kinds: Collection[Kind], temporary: Path) -> dict[str, object]:
    release = json.loads((course / "source" / "tiny" / "tiny.ipynb").read_text())
    grader = Grader(Assignment.find("tiny", course), limits=LIMITS, boundary=find_boundary("landlock"))
    watcher = Watcher(course, temporary)
    honest = grader.grade(HONEST.submission(release)).points
    before = watcher.look()
    attacks = [attack for attack in ATTACKS if attack.kind in kinds and "landlock" in attack.kinds and not attack.slow]
    points = {attack.name: grader.grade(attack.submission(release)).points for attack in attacks}
    left = watcher.left_since(before)
    again = grader.grade(HONEST.submission(release)).points
    return {"honest": [honest, again], "points": points, "left": left}


if __name__ == "__main__":
    refuse_namespaces()
    told = {"bubblewrap": why_not("bubblewrap"), "landlock": why_not("landlock")}
    if not told["landlock"]:
        with tempfile.TemporaryDirectory(prefix="stepgrade-ordinary-") as folder:
            Path(folder).chmod(0o755)  # nobody passes through it, where it is root who grades
            tempfile.tempdir = folder  # so that everything that is left there is seen
            kinds = {Kind[name] for name in sys.argv[2:]}
            told |= {"line": find_boundary("landlock").line, **graded(Path(sys.argv[1]), kinds, Path(folder))}
    print(json.dumps(told))  # noqa: T201 - to whoever has started it
