"""environment.yml, pyproject.toml and the locks say the same."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.conftest import COURSE

PROJECT = tomllib.loads((COURSE / "pyproject.toml").read_text())["project"]
GROUPS = PROJECT["optional-dependencies"]
DECLARED = [*PROJECT["dependencies"], *(text for group in GROUPS.values() for text in group)]
REQUIREMENTS = {requirement.name: requirement for requirement in map(Requirement, DECLARED)}
LOCKS = {name: (COURSE / "requirements" / f"{name}.txt").read_text() for name in ("course", "newest")}
# conda's names of packages that pyproject.toml names otherwise, and what conda needs besides.
CONDA_NAMES = {"matplotlib-base": "matplotlib", "flit-core": "flit_core", "playwright-python": "playwright"}
CONDA_ONLY = {"python", "pip"}


def locked(lock):
    """Return name -> versions of a lock (several where they depend on Python's version)."""
    versions = {}
    for name, version in re.findall(r"^([A-Za-z0-9_.-]+)(?:\[.*\])?==([^ ;\\]+)", LOCKS[lock], re.MULTILINE):
        versions.setdefault(name.lower().replace("_", "-"), []).append(Version(version))
    return versions


def conda():
    text = (COURSE / "environment.yml").read_text()
    lines = re.findall(r"^  - ([a-z0-9_-]+)(?: (.+))?$", text, re.MULTILINE)
    by_pip = [Requirement(line) for line in re.findall(r"^      - (.+)$", text, re.MULTILINE)]
    return {CONDA_NAMES.get(name, name): wanted for name, wanted in lines if name != "conda-forge"} | {
        requirement.name: str(requirement.specifier) for requirement in by_pip
    }


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_locked_at_a_version_that_pyproject_allows(lock):
    versions = locked(lock)
    for name, requirement in REQUIREMENTS.items():
        for version in versions[name.lower().replace("_", "-")]:
            assert version in requirement.specifier, f"{name} {version} in requirements/{lock}.txt"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_hashes_and_no_address(lock):
    blocks = re.split(r"\n(?=\S)", LOCKS[lock].strip())
    assert all("--hash=sha256:" in block for block in blocks)
    assert not re.search(r"https?:|file:|--(extra-)?index-url|--find-links", LOCKS[lock])


def test_the_course_locks_numpy_2_3_and_the_second_lock_a_newer_one():
    (course,) = locked("course")["numpy"]
    assert (course.major, course.minor) == (2, 3)
    assert all(version > course for version in locked("newest")["numpy"])


def test_conda_and_pyproject_name_the_same_packages_and_bounds():
    wanted = conda()
    assert set(wanted) - CONDA_ONLY == set(REQUIREMENTS)
    for name, requirement in REQUIREMENTS.items():
        if name != "numpy":
            assert set((wanted[name] or "").split(",")) == {str(part) for part in requirement.specifier}, name
    assert wanted["numpy"] == "=2.3"
    assert set(wanted["python"].split(",")) == set(PROJECT["requires-python"].split(","))


def test_students_are_told_to_install_a_numpy_that_grades_alike():
    lines = (COURSE / "source/cnn_step_by_step/requirements.txt").read_text().splitlines()
    students = {r.name: r for r in map(Requirement, (line for line in lines if not line.startswith("#")))}
    assert set(students) == {"numpy", "h5py", "matplotlib", "jupyterlab"}
    assert locked("course")["numpy"][0] in students["numpy"].specifier
    assert Version("2.4.0") not in students["numpy"].specifier
    assert students["jupyterlab"].specifier == REQUIREMENTS["jupyterlab"].specifier
