"""What can be imported beside student code: the standard library and an explicit list of course packages.

Never the whole of site-packages: other libraries in it solve the task, and the editable install of this project
would lead straight to the hidden solutions.
"""

from __future__ import annotations

import atexit
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from stepgrade.errors import StepgradeError

FONT_CACHE_TIMEOUT_S = 300
COURSE_PACKAGES = ("numpy", "h5py", "matplotlib", "ipython")


@cache
def package_folder(names: tuple[str, ...] = COURSE_PACKAGES) -> Path:
    """Return a folder that holds links to the packages of these distributions and of all that they need.

    Made once per process and removed at its end.

    Raises
    ------
    StepgradeError
        If one of ``names`` is not installed.
    """
    folder = Path(tempfile.mkdtemp(prefix="stepgrade-packages-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for distribution in _with_dependencies(names):
        for place in _top_level(distribution):
            link = folder / place.name
            if place.exists() and not link.exists():
                link.symlink_to(place)
    return folder


@cache
def matplotlib_config() -> Path:
    """Return a folder with Matplotlib's font cache, made once per process and copied into every session.

    Without it each submission would look at all fonts of the machine again, which can take longer than its limit.
    """
    folder = package_folder() / "matplotlib-config"
    folder.mkdir()
    subprocess.run(
        [sys.executable, "-P", "-S", "-s", "-c", "import matplotlib.pyplot"],
        env={
            "PYTHONPATH": str(package_folder()),
            "MPLCONFIGDIR": str(folder),
            "MPLBACKEND": "agg",
            "HOME": str(folder),
        },
        check=True,
        capture_output=True,
        timeout=FONT_CACHE_TIMEOUT_S,
    )
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
    first = {file.parts[0] for file in distribution.files or () if file.parts[0] not in ("..", "__pycache__")}
    return {root / name for name in first}
