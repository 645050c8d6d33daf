"""The step before ``nbgrader autograde`` opens a submission: it reads tidied copies in their place."""

from __future__ import annotations

import fnmatch
import shutil
import tempfile
import weakref
from pathlib import Path

from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory

from stepgrade.assignment import WORK, Assignment, make_work_dir
from stepgrade.course.converters.nomark import forget_graded, record_without_mark
from stepgrade.course.converters.scoring import ScoreSubmission
from stepgrade.course.handin import HandIn, copy_hand_in, find_hand_in, students_in
from stepgrade.result import EndState


def hand_ins_of(converter: Autograde) -> dict[str, HandIn]:
    """Return what was handed in, tidied; this is where nbgrader's Autograde is turned to the tidied files.

    nbgrader makes the exporter when it has listed the submissions and before it opens the first one.
    """
    course = converter.coursedir
    excluded = course.student_id_exclude.split(",")
    students = students_in(Path(course.root) / course.submitted_directory)
    asked_for = [name for name in students if fnmatch.fnmatchcase(name, course.student_id) and name not in excluded]
    return take_in(converter, tuple(asked_for))


def take_in(converter: Autograde, students: tuple[str, ...]) -> dict[str, HandIn]:
    """Tidy the submissions of ``students`` into a folder aside and let ``converter`` read that.

    Whoever handed in nothing that can be graded gets a Result with the reason here, and is not converted.
    """
    submitted = converter.coursedir
    root = Path(submitted.root)
    assignment = Assignment.find(submitted.assignment_id, root)
    tidied = _aside(converter, root)
    hand_ins: dict[str, HandIn] = {}
    converter.assignments = {}
    for student in students:
        folder = Path(submitted.format_path(submitted.submitted_directory, student, assignment.name))
        clean = Path(tidied.format_path(tidied.submitted_directory, student, assignment.name))
        hand_in = find_hand_in(folder, student, assignment)
        if hand_in.end_state is not EndState.GRADED:
            converter.log.warning("%s: %s", student, hand_in.reason)
            grader = ScoreSubmission(config=converter.config).grader(assignment)
            result = grader.without_marks(hand_in.end_state, hand_in.reason, student=student)
            record_without_mark(submitted, student, result)
            continue
        graded = Path(submitted.format_path(submitted.autograded_directory, student, assignment.name))
        if not (graded / f"{assignment.name}.ipynb").exists():
            # A row without a mark lies there; nbgrader would take the folder for a graded submission and skip it.
            forget_graded(graded)
        _tidy(hand_in, clean, f"{assignment.name}.ipynb")
        hand_ins[student] = hand_in
        converter.assignments[str(clean)] = [str(clean / f"{assignment.name}.ipynb")]
    converter.coursedir = tidied
    return hand_ins


def _tidy(hand_in: HandIn, clean: Path, notebook: str) -> None:
    """Make ``clean`` of what was handed in; its notebook is an empty stand-in.

    Our exporter and the grader read the student's own file, and nbgrader only asks whether there is one.
    """
    clean.mkdir(parents=True)
    (clean / notebook).touch()
    copy_hand_in(hand_in, clean)


def _aside(converter: Autograde, root: Path) -> CourseDirectory:
    """Return the converter's course with another ``submitted/``; the original may be shared with a server."""
    work = make_work_dir(root)
    tree = Path(tempfile.mkdtemp(prefix="submitted-", dir=work))
    weakref.finalize(converter, shutil.rmtree, tree, ignore_errors=True)
    course = converter.coursedir
    traits = {name: getattr(course, name) for name in course.trait_names(config=True)}
    # Relative to the root, because nbgrader makes a pattern of it and does not quote it.
    return CourseDirectory(**traits | {"submitted_directory": f"{WORK}/{tree.name}"})
