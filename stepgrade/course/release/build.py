"""Building a release: through nbgrader, aside, proved, then swapped in."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import SaveCells

from stepgrade.assignment import Assignment, make_work_dir
from stepgrade.course.configuration import load_config
from stepgrade.course.converters.errorlog import cause, collected_errors
from stepgrade.course.release.leakproof import leaks
from stepgrade.course.release.translation import translate_release
from stepgrade.errors import ReleaseRefused
from stepgrade.languages.catalogue import read_catalogue
from stepgrade.languages.shelf import assignment_catalogue


@dataclass(frozen=True)
class Translated:
    """A release in another language: where it is, and how many of its texts are still in English."""

    place: Path
    n_texts: int
    n_open: int


def build_release(assignment: Assignment) -> Path:
    """Build, prove and put in place the release of ``assignment``; return its folder.

    Nothing changes, neither the old release nor the gradebook, unless the new one is proved.

    Raises
    ------
    ReleaseRefused
        If the build fails or the leak proof finds something; the message lists every problem.
    """
    questions = assignment.questions  # a broken source notebook or hidden folder is named before anything is built
    if not questions:
        raise ReleaseRefused(f"{assignment.source_notebook} has no graded cell that hidden/ describes")
    work = make_work_dir(assignment.course)
    with tempfile.TemporaryDirectory(dir=work, prefix="release-") as folder:
        proposed = _generate(assignment, Path(folder) / "proposed", into_gradebook=False)
        _refuse_leaks(assignment, leaks(assignment, proposed))
        built = _generate(assignment, Path(folder) / "built", into_gradebook=True)
        _swap(built, assignment.release_dir, aside=Path(folder) / "old")
    return assignment.release_dir


def build_translated(assignment: Assignment, language: str) -> Translated:
    """Build, prove and put in place the release in another language; the gradebook and ``release/`` stay as they are.

    Raises
    ------
    ReleaseRefused
        If the build fails or the leak proof finds something; the message lists every problem.
    StepgradeError
        If the assignment has no catalogue of that language.
    """
    catalogue = read_catalogue(assignment_catalogue(assignment, language))
    place = assignment.course / f"release-{language}" / assignment.name
    work = make_work_dir(assignment.course)
    with tempfile.TemporaryDirectory(dir=work, prefix="release-") as folder:
        built = _generate(assignment, Path(folder) / "built", into_gradebook=False)
        files = translate_release(assignment, built, language)
        _refuse_leaks(assignment, leaks(assignment, built, files), catalogue.fpath)
        _swap(built, place, aside=Path(folder) / "old")
    n_open = len(catalogue.untranslated_entries()) + len(catalogue.fuzzy_entries())
    return Translated(place, len(catalogue), n_open)


def _refuse_leaks(assignment: Assignment, problems: list[str], *mended: object) -> None:
    if problems:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        places = " or ".join(map(str, [assignment.source_dir, *mended]))
        raise ReleaseRefused(
            f"the release of {assignment.name} is not written, because it would leak or break:\n{listed}\n"
            f"Mend {places} and build again; the old release is untouched."
        )


def _generate(assignment: Assignment, release: Path, *, into_gradebook: bool) -> Path:
    config = load_config(assignment.course)
    config.CourseDirectory.release_directory = str(release)
    config.CourseDirectory.assignment_id = assignment.name
    coursedir = CourseDirectory(config=config)
    converter = GenerateAssignment(coursedir=coursedir, config=config, no_database=not into_gradebook)
    if not into_gradebook:
        converter.preprocessors = [step for step in converter.preprocessors if step is not SaveCells]
    with collected_errors(converter.log) as errors:
        try:
            converter.start()
        except (Exception, SystemExit) as error:  # nbgrader raises bare exceptions of many kinds
            raise ReleaseRefused(
                f"nbgrader could not build {assignment.name}: {cause(errors, error)}; "
                f"mend {assignment.source_notebook} and build again, the old release is untouched"
            ) from error
    return release / assignment.name


def _swap(new: Path, place: Path, aside: Path) -> None:
    place.parent.mkdir(exist_ok=True)
    if place.exists():
        place.rename(aside)
    new.rename(place)
    if aside.exists():
        shutil.rmtree(aside)
