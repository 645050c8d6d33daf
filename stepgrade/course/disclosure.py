"""How much of a diagnosis students are shown, as the course configures it, before their deadline and after it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from traitlets import Enum
from traitlets.config import Configurable

from stepgrade.assignment import Assignment
from stepgrade.course.configuration import load_config
from stepgrade.course.gradebook.roll import deadlines
from stepgrade.report.disclosure import LEVELS, Disclosure

WORDS = ", ".join(LEVELS)


class FeedbackPage(Configurable):
    """What ``nbgrader_config.py`` says about feedback pages, as ``c.FeedbackPage.before_deadline = "rule"``."""

    before_deadline = Enum(
        LEVELS, default_value=Disclosure.MISCONCEPTION.word, help=f"While a student can still hand in: {WORDS}."
    ).tag(config=True)
    after_deadline = Enum(
        LEVELS,
        default_value=Disclosure.ALL.word,
        help=f"When the due date, with the student's extension, is over, or where there is none: {WORDS}.",
    ).tag(config=True)


def disclosures(assignment: Assignment, students: Iterable[str], now: datetime | None = None) -> dict[str, Disclosure]:
    """Return how much each student is shown.

    Parameters
    ----------
    assignment : Assignment
    students : iterable of str
    now : datetime or None
        In UTC, without an offset, as the gradebook has it; None: this moment.

    Raises
    ------
    GradebookUnavailable
        If the gradebook cannot be read now.
    """
    configured = FeedbackPage(config=load_config(assignment.course))
    before, after = Disclosure.of(configured.before_deadline), Disclosure.of(configured.after_deadline)
    now = now or datetime.now(UTC).replace(tzinfo=None)
    until = deadlines(assignment)
    return {student: before if (end := until(student)) is not None and now < end else after for student in students}
