"""Submissions in the ways they arrive: an LMS's zip, a folder of clones, nbgrader's tree; docs/submissions.md."""

from stepgrade.course.arrivals.collecting import Collected, Fate, Line, collect

__all__ = ["Collected", "Fate", "Line", "collect"]
