"""Marks for other programs: our own table and JSON lines, one column of a file that an LMS exported, and CI's reports.

    Results + totals ──▶ marks    ──▶ CSV, JSON lines            (files we make: harmless in a spreadsheet)
                     ──▶ canvas   ──▶ sheet (one column changes) (files of others: every other byte stays)
                     ──▶ moodle   ──▶ sheet
    Results ──▶ junit, summary  ──▶ JUnit, Markdown              (a class without names, unless they are asked for)
            ──▶ classroom50     ──▶ a file per student

``filling`` matches students with rows and says what was filled, ``decimals`` reads and writes numbers as the file does,
``pseudonyms`` names those who must not be named.
"""

from stepgrade.report.export.canvas import fill_canvas
from stepgrade.report.export.classroom50 import Classroom, read_commits, write_classroom50
from stepgrade.report.export.filling import Change, Filled, Kept
from stepgrade.report.export.junit import class_junit
from stepgrade.report.export.marks import write_csv, write_json_lines
from stepgrade.report.export.moodle import fill_moodle
from stepgrade.report.export.pseudonyms import Pseudonyms
from stepgrade.report.export.summary import class_summary

__all__ = [
    "Change",
    "Classroom",
    "Filled",
    "Kept",
    "Pseudonyms",
    "class_junit",
    "class_summary",
    "fill_canvas",
    "fill_moodle",
    "read_commits",
    "write_classroom50",
    "write_csv",
    "write_json_lines",
]
