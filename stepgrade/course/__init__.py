"""The course folder as nbgrader sees it; the only room that imports nbgrader, and always late.

Importing nbgrader takes seconds, so nothing here is imported by ``--help`` or by grading one notebook.
"""
