"""What looking into one wrong answer costs: time, calls of the student's function, and the size of the page."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
from submissions import ASSIGNMENT, COURSE
from table import Figure, machine, markdown, versions

from stepgrade.assignment import Assignment
from stepgrade.diagnose import diagnosed
from stepgrade.grade import Grader
from stepgrade.notebook import python_cells
from stepgrade.result import Result
from stepgrade.sandbox import find_boundary
from stepgrade.student_code import StudentCode

sys.path.insert(0, str(COURSE))
MOST_MS = 300


def one_wrong_question_each(every: int) -> Iterator[tuple[str, str, bytes]]:
    """Yield question, misconception and source of wrong answers, one in ``every`` of the tests' population."""
    from tests.wrong import wrong_submissions

    for number, wrong in enumerate(one for one in wrong_submissions() if not one.variant):
        if number % every == 0:
            yield wrong.question, wrong.misconception, wrong.source.encode()


class Counting(StudentCode):
    """Counts what is asked of the student's function."""

    n_calls = 0

    def further_answers(self, function, arguments, *, helpers=""):  # type: ignore[no-untyped-def]
        Counting.n_calls += len(arguments)
        return super().further_answers(function, arguments, helpers=helpers)


def measured(assignment: Assignment, every: int) -> list[tuple[str, float, int, bool]]:
    """Return question, milliseconds, calls, and whether the misconception was named, of each wrong answer."""
    import stepgrade.diagnose.submission as room

    room.StudentCode = Counting  # type: ignore[misc]
    boundary = find_boundary()
    grader = Grader(assignment, boundary=boundary)
    rows = []
    for question, misconception, source in one_wrong_question_each(every):
        result = grader.grade(source, "somebody", is_python=True)
        alone = Result(**vars(result) | {"questions": tuple(one for one in result.questions if one.id == question)})
        cells = python_cells(source)
        Counting.n_calls = 0
        started = time.perf_counter()
        found = diagnosed(alone, cells, assignment, boundary, of_notebook=False)
        spent_ms = (time.perf_counter() - started) * 1000
        named = any(diagnosis.name == misconception for diagnosis in found)
        rows.append((question, spent_ms, Counting.n_calls, named))
    return rows


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="A few answers: does it work? The numbers mean little.")
@click.option("--table", type=click.Path(dir_okay=False, path_type=Path), help="Also write the tables to this file.")
def main(*, quick: bool, table: Path | None) -> None:
    """Measure what the diagnosis of one wrong question costs, and print Markdown tables.

    Takes wrong answers of tests/wrong, one question wrong in each. The session in which the student's code runs is
    opened for it, as in `stepgrade feedback`. Takes about two minutes (--quick: half a minute).

    Example: python benchmarks/diagnosis.py --table benchmarks/DIAGNOSIS.md
    """
    assignment = Assignment.find(ASSIGNMENT, COURSE)
    measured(assignment, 500)  # imports, and the template
    rows = measured(assignment, 100 if quick else 5)
    median_ms = statistics.median(ms for _, ms, _, _ in rows)
    by_question = {question: [row for row in rows if row[0] == question] for question in {row[0] for row in rows}}
    figures = [Figure.at_most("diagnosis of one wrong question, median", median_ms, MOST_MS)]
    lines = [
        (
            question,
            str(len(ones)),
            f"{statistics.median(ms for _, ms, _, _ in ones):.0f}",
            f"{max(ms for _, ms, _, _ in ones):.0f}",
            f"{statistics.median(calls for _, _, calls, _ in ones):.0f}",
            f"{sum(named for *_, named in ones)}",
        )
        for question, ones in sorted(by_question.items())
    ]
    text = "\n\n".join(
        [
            "# What a diagnosis costs",
            f"- machine: {machine()}\n- versions: {versions()}\n- boundary: {find_boundary().line}\n"
            f"- {len(rows)} wrong answers, one wrong question in each",
            markdown(("figure", "measured", "to reach", "reached"), [figure.cells for figure in figures]).rstrip(),
            markdown(("question", "n", "median, ms", "max, ms", "calls, median", "named"), lines).rstrip(),
        ]
    )
    if table is not None:
        table.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
