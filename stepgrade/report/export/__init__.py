"""Marks for other programs: our own table and JSON lines, and one column of a file that an LMS exported.

    Results + totals ──▶ marks    ──▶ CSV, JSON lines            (files we make: harmless in a spreadsheet)
                     ──▶ canvas   ──▶ sheet (one column changes) (files of others: every other byte stays)
                     ──▶ moodle   ──▶ sheet

``filling`` matches students with rows and says what was filled, ``decimals`` reads and writes numbers as the file does.
"""

from stepgrade.report.export.canvas import fill_canvas
from stepgrade.report.export.filling import Change, Filled, Kept
from stepgrade.report.export.marks import write_csv, write_json_lines
from stepgrade.report.export.moodle import fill_moodle
from stepgrade.report.export.roster import read_lms_ids

__all__ = [
    "Change",
    "Filled",
    "Kept",
    "fill_canvas",
    "fill_moodle",
    "read_lms_ids",
    "write_csv",
    "write_json_lines",
]
