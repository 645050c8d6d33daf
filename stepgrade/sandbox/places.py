"""What lies where on this machine: the interpreter, its libraries, and the packages that are not to be seen."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Collection, Iterator
from pathlib import Path

INSIDE = Path(__file__).with_name("inside")
LIBRARY_ROOTS = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def interpreter() -> Path:
    """Return the interpreter itself, not the link that a virtual environment has of it."""
    return Path(sys.executable).resolve()


def readable_files() -> Iterator[Path]:
    """Yield files and folders that together hold the interpreter, its libraries and those of the system."""
    system = system_libraries()
    python = [path for path in (*python_libraries(), interpreter()) if not any(map(path.is_relative_to, system))]
    return filter(Path.exists, (*system, *python, Path("/etc/ld.so.cache")))


def system_libraries() -> list[Path]:
    """Return the folders of the C library and its like, which on Debian lie apart from everything else."""
    multiarch = sysconfig.get_config_var("MULTIARCH") or "."
    found = {Path(root).resolve() for root in LIBRARY_ROOTS}
    apart = {root / multiarch for root in found if (root / multiarch).is_dir()}
    if multiarch != "." and apart:
        found = apart | {root for root in found if root.name == "lib64"}
    return sorted(path for path in found if path.is_dir())


def standard_library() -> Path:
    return Path(sysconfig.get_path("stdlib")).resolve()


def python_libraries() -> list[Path]:
    """Return the folders of the standard library and of the shared libraries that the interpreter was built with."""
    base = Path(sys.base_prefix).resolve()
    found = {standard_library()}
    if base != Path("/usr"):  # a prefix of its own holds nothing but Python and what it needs
        found |= {base / name for name in ("lib", "lib64")}
    return sorted(path for path in found if path.is_dir() and not any(p in found for p in path.parents))


def other_packages() -> list[Path]:
    """Return the folders of installed packages that lie within these libraries, and are not to be seen."""
    places = ("python*/site-packages", "python*/dist-packages", "site-packages", "dist-packages")
    roots = {*system_libraries(), *python_libraries()}
    return sorted({folder.resolve() for root in roots for place in places for folder in root.glob(place)})


def parts_without(root: Path, hidden: Collection[Path]) -> Iterator[Path]:
    """Yield files and folders that together hold all of ``root`` but what is hidden; a link holds nothing."""
    if root in hidden or root.is_symlink():
        return
    if not any(place.is_relative_to(root) for place in hidden):
        yield root
        return
    for entry in sorted(root.iterdir()):
        yield from parts_without(entry, hidden)
