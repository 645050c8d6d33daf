"""``autograded/``: what the formgrader opens, with nothing active in it, written without nbgrader."""

from stepgrade.course.autograded.folder import (
    autograded_folder,
    forget_unfinished,
    write_autograded,
    write_result_alone,
)

__all__ = ["autograded_folder", "forget_unfinished", "write_autograded", "write_result_alone"]
