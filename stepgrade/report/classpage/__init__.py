"""The class report: one page for staff about everybody's Results, and its tables as CSV.

    Result + Seen, one student after the other ──▶ tally ──▶ content (rows, sentences; listing: tables) ──▶ page, plots
    cells of a submission ──▶ tampering, equal_answers ──▶ Seen

Only aggregates stay in memory. Nothing here opens a journal, a gradebook or a submission. The page is imported by its
own name: it needs Matplotlib, and a worker that looks into submissions does not.
"""

from stepgrade.report.classpage.content import ClassReport, class_report
from stepgrade.report.classpage.disagreement import Disagreement, disagreements
from stepgrade.report.classpage.equal_answers import Answer, answers_of
from stepgrade.report.classpage.seen import Recognised, Seen
from stepgrade.report.classpage.tally import Tally
from stepgrade.report.classpage.tampering import Sign, signs_of

__all__ = [
    "Answer",
    "ClassReport",
    "Disagreement",
    "Recognised",
    "Seen",
    "Sign",
    "Tally",
    "answers_of",
    "class_report",
    "disagreements",
    "signs_of",
]
