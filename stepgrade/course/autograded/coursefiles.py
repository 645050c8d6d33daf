"""The course's own files beside every graded submission: public tests, data, images.

They are links to one copy: writing them anew costs more than everything else of the folder, and at ten thousand
submissions gigabytes. The copy is made in the course folder whenever ``source/`` has changed, and is read-only.
"""

from __future__ import annotations

import fnmatch
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from stepgrade.course.handin.otherfiles import RESULT_FILE

SHARED = "course-files-"
FILE_MODE = 0o444  # nbgrader's: a graded submission is not to be edited
# What nbgrader does not put beside a submission: `CourseDirectory.ignore`, and notebooks.
IGNORED = (".ipynb_checkpoints", "*.pyc", "__pycache__", ".pytest_cache", RESULT_FILE, ".venv")
NOTEBOOKS = "*.ipynb"


def put_course_files(source_dir: Path, folder: Path, work: Path) -> None:
    """Put the files of ``source_dir`` into ``folder``, in the place of a student's of the same name.

    ``work`` is where the shared copy is kept, on the same file system.
    """
    files = sorted(_course_files(source_dir))
    shared = _shared(source_dir, files, work)
    for place in {file.parent for file in files}:
        (folder / place).mkdir(parents=True, exist_ok=True)
    for file in files:
        try:
            os.link(shared / file, folder / file)
        except OSError:  # a student's own is there, too many links, or a file system that has none
            shutil.copyfile(shared / file, folder / file)


def _shared(source_dir: Path, files: list[Path], work: Path) -> Path:
    shared = work / f"{SHARED}{_edition(source_dir, files)}"
    if not shared.is_dir():
        aside = work / f"{SHARED}{uuid.uuid4().hex}"
        for file in files:
            copy = aside / file
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source_dir / file, copy)
            copy.chmod(FILE_MODE)
        aside.mkdir(exist_ok=True)  # where there is no file
        try:
            aside.rename(shared)
        except OSError:  # another worker was first
            shutil.rmtree(aside)
    return shared


def _edition(source_dir: Path, files: list[Path]) -> str:
    digest = hashlib.sha256(str(source_dir).encode())
    for file in files:
        status = (source_dir / file).stat()
        digest.update(f"\0{file}\0{status.st_mtime_ns}\0{status.st_size}".encode())
    return digest.hexdigest()[:16]


def _course_files(source_dir: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(source_dir):
        folders[:] = [name for name in folders if not _is_ignored(name)]
        place = Path(where).relative_to(source_dir)
        yield from (place / name for name in names if not _is_ignored(name))


def _is_ignored(name: str) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in (*IGNORED, NOTEBOOKS))
