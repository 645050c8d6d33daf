"""What Landlock is there for: an ordinary user whom the kernel refuses namespaces, as in most containers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.attacks import ordinary_user
from tests.attacks.attack import Kind
from tests.conftest import boundary_or_skip

REPOSITORY = Path(__file__).parents[2]
NOBODY = 65534
TIMEOUT_S = 500
# nobody cannot pass through root's home, where Python may lie: it is shown at another place, to this process alone.
SHOWN = 'set -e; mount --bind "$1" "$2"; shift; python="$1/bin/$2"; shift 2; exec '
AS_ROOT = f'{SHOWN} "$python" "$@"'
AS_NOBODY = f'{SHOWN} setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups "$python" "$@"'
# Attacks on what is the same user's; where student code is another user than the grader, only files are handed to it.
KINDS = {
    AS_NOBODY: (Kind.SEARCHING, Kind.WRITING, Kind.PROCESSES),
    AS_ROOT: (Kind.WRITING,),
}


@pytest.fixture(scope="module", params=list(KINDS), ids=["grades", "is what root becomes to grade"])
def told(request: pytest.FixtureRequest, attacked_course: Path) -> Iterator[dict[str, Any]]:
    boundary_or_skip("landlock")
    if os.getuid() != 0 and request.param == AS_ROOT:
        pytest.skip("only root can become somebody else")
    with tempfile.TemporaryDirectory(prefix="stepgrade-ordinary-") as folder:
        Path(folder).chmod(0o755)
        yield answer(request.param, attacked_course, Path(folder))


def answer(as_whom: str, attacked_course: Path, temporary: Path) -> dict[str, Any]:
    course = temporary / "course"
    shutil.copytree(attacked_course, course)
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(REPOSITORY), *(path for path in sys.path if path.endswith("-packages"))]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": "/nowhere",
        "TMPDIR": "/tmp",  # noqa: S108 - its own is made below
    }
    done = subprocess.run(
        _command(as_whom, course, temporary),
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if done.returncode and not done.stdout and os.getuid() == 0:
        pytest.skip(f"nobody cannot grade here: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _command(as_whom: str, course: Path, temporary: Path) -> list[str]:
    program = [ordinary_user.__file__, str(course), *(kind.name for kind in KINDS[as_whom])]
    if os.getuid() != 0:
        return [sys.executable, *program]
    for path in (course, *course.rglob("*")):
        os.chown(path, NOBODY, NOBODY)  # the user's own, so that an attack could write it, were it not held
    python = temporary / "python"
    python.mkdir()
    interpreter = Path(sys.executable).resolve()
    words = [str(interpreter.parents[1]), str(python), interpreter.name, *program]
    return ["unshare", "--mount", "sh", "-c", as_whom, "sh", *words]


pytestmark = pytest.mark.slow


def test_bubblewrap_is_refused_and_the_other_boundary_offered_with_its_weakness(told: dict[str, Any]) -> None:
    assert "User namespaces seem to be blocked" in told["bubblewrap"] or "namespace" in told["bubblewrap"]
    assert "take --boundary landlock, which needs no namespaces and is weaker" in told["bubblewrap"]
    assert "--no-sandbox" in told["bubblewrap"]


def test_landlock_can_be_had(told: dict[str, Any]) -> None:
    assert told["landlock"] == ""
    assert told["line"].startswith("landlock (ABI ")
    assert "root" not in told["line"]


def test_attacks_earn_nothing_and_leave_nothing_of_what_is_the_same_users(told: dict[str, Any]) -> None:
    assert len(told["points"]) > 10
    assert {name: points for name, points in told["points"].items() if points != 0.0} == {}
    assert told["left"] == []


def test_an_honest_submission_gets_its_marks_before_and_after(told: dict[str, Any]) -> None:
    assert told["honest"] == [10.0, 10.0]
