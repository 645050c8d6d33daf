"""The course folder as nbgrader sees it; the only room that imports nbgrader, and always late.

Importing nbgrader takes more than a second, so nothing here is imported by ``--help`` or by grading one notebook.
"""

from stepgrade.course.environment import do_without_grammar_of_addresses, do_without_server_extensions

do_without_server_extensions()
do_without_grammar_of_addresses()
