"""nbgrader's gradebook: who is in it, what is recorded into it in bulk, and what it says that counts."""

from stepgrade.course.gradebook.recorder import GradebookEntry, GradebookRecorder, GradebookUnavailable

__all__ = ["GradebookEntry", "GradebookRecorder", "GradebookUnavailable"]
