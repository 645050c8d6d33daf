"""What can be imported beside student code: the standard library and an explicit list of course packages.

Never the whole of site-packages: other libraries in it solve the task, and the editable install of this project
would lead straight to the hidden solutions.
"""

from __future__ import annotations

import atexit
import csv
import shutil
import tempfile
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from stepgrade.errors import StepgradeError

COURSE_PACKAGES = ("numpy", "h5py", "matplotlib", "ipython")
# Imported once in a template; what is missing here is imported by each submission that wants it.
LEAN_IMPORTS = ("numpy", "numpy.fft", "numpy.linalg", "numpy.random")
# Nearly every notebook imports these, and few use them for marks; without them a fork costs a third.
FURTHER_IMPORTS = ("h5py", "matplotlib.pyplot", "IPython.display")
ALL_IMPORTS = LEAN_IMPORTS + FURTHER_IMPORTS


@cache
def course_packages(names: tuple[str, ...] = COURSE_PACKAGES) -> tuple[Path, ...]:
    """Return the files and folders of these distributions and of all that they need, sorted.

    Raises
    ------
    StepgradeError
        If one of ``names`` is not installed.
    """
    places = {place for distribution in _with_dependencies(names) for place in _top_level(distribution)}
    return tuple(sorted(place for place in places if place.exists()))


@cache
def package_folder() -> Path:
    """Return a folder of links to the course packages, made once per process and removed at its end.

    For sessions without a boundary; with one, the packages are mounted.
    """
    folder = Path(tempfile.mkdtemp(prefix="stepgrade-packages-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for place in course_packages():
        (folder / place.name).symlink_to(place)
    return folder


def _with_dependencies(names: tuple[str, ...]) -> list[metadata.Distribution]:
    found: dict[str, metadata.Distribution] = {}
    wanted = list(names)
    while wanted:
        name = wanted.pop()
        if name.lower() in found:
            continue
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            if name in names:
                raise StepgradeError(f"the course package {name} is not installed; run `make setup`") from None
            continue  # needed on other platforms or versions only
        found[name.lower()] = distribution
        for text in distribution.requires or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                wanted.append(requirement.name)
    return list(found.values())


def _top_level(distribution: metadata.Distribution) -> set[Path]:
    """Return the files and folders that a distribution has put directly into site-packages."""
    root = Path(str(distribution.locate_file("")))
    # Where there is a RECORD, not `distribution.files`: that makes a path of each of ten thousand names.
    record = distribution.read_text("RECORD")
    files = (row[0] for row in csv.reader(record.splitlines()) if row) if record else map(str, distribution.files or ())
    first = {name.partition("/")[0] for name in files}
    return {root / name for name in first if name not in ("..", "__pycache__")}
