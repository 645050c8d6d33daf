"""What a student handed in: found, looked at as hostile files, and never changed."""

from stepgrade.course.handin.find import (
    HandIn,
    copy_hand_in,
    find_hand_in,
    is_student_id,
    students_in,
    why_no_notebook,
)
from stepgrade.course.handin.otherfiles import RESULT_FILE

__all__ = [
    "RESULT_FILE",
    "HandIn",
    "copy_hand_in",
    "find_hand_in",
    "is_student_id",
    "students_in",
    "why_no_notebook",
]
