"""Write how an assignment's checks stand the test of its misconceptions: what each kills, and what only it kills.

    python docs/make_checks.py cnn_step_by_step > docs/checks.md

It needs ``misconceptions.py`` and ``reasons.py`` in the assignment's hidden folder, and ``public_tests.py`` beside its
source notebook.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import sys
import types
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from stepgrade.assignment import Assignment, Question
from stepgrade.judge import Answer, Call, Raised, Returned, judge, wire
from stepgrade.result import Outcome
from stepgrade.sandbox.inside import runner

COURSE = Path(__file__).resolve().parents[1]
SEEDS = [f"{number:02x}" * 32 for number in range(5)]

HOW_TO_READ = """\
A *misconception* is a wrong function that learners were seen to write, or might, from `{hidden}/misconceptions.py`.
A check *kills* it by failing it. Every misconception was judged with {seeds} seeds, hence with {seeds} sets of inputs.

- **`x`**: killed with every seed; **`3/{seeds}`**: with 3 of them, by the luck of the inputs; empty: never.
- **alone**: how many misconceptions this check kills that no other check does. Without it they would get full marks.
- **why it stays**: asked of each check that kills nothing alone; from `{hidden}/reasons.py`. Where a reason
  says *only* or *nothing else*, a test holds a wrong answer that this check fails and no other.
- **public**: the public test fails it, so a student who runs that test knows before handing in.
"""


@dataclass(frozen=True)
class Killed:
    """What became of one misconception: with how many seeds each check killed it, and all of them together."""

    name: str
    by_check: tuple[int, ...]
    by_any: int
    by_public_test: bool

    @property
    def alone(self) -> int | None:
        """The number of the check that kills it alone, if one does."""
        killers = [number for number, count in enumerate(self.by_check) if count]
        return killers[0] if len(killers) == 1 else None


@dataclass(frozen=True)
class Table:
    """The misconceptions of one question against its checks."""

    question: Question
    reasons: dict[str, str]
    rows: tuple[Killed, ...]

    @cached_property
    def kills(self) -> dict[str, int]:
        """How many misconceptions each check kills, be it with one seed only."""
        return {check: sum(row.by_check[number] > 0 for row in self.rows) for number, check in enumerate(self.checks)}

    @cached_property
    def alone(self) -> dict[str, int]:
        """How many misconceptions each check kills alone."""
        return {check: sum(row.alone == number for row in self.rows) for number, check in enumerate(self.checks)}

    @property
    def checks(self) -> list[str]:
        return [check.id for check in self.question.specification.checks]

    @property
    def n_killed(self) -> int:
        return sum(row.by_any == len(SEEDS) for row in self.rows)

    @property
    def n_killed_by_public_test(self) -> int:
        return sum(row.by_public_test for row in self.rows)


def tables(assignment: Assignment) -> Iterator[Table]:
    """Judge every misconception of the assignment."""
    hidden = package(assignment.hidden_dir)
    catalogues = importlib.import_module(f"{hidden}.misconceptions").CATALOGUES
    reasons = importlib.import_module(f"{hidden}.reasons").REASONS
    public_tests = public_tests_of(assignment)
    for question in assignment.questions:
        catalogue, test = catalogues[question.id], getattr(public_tests, f"{question.specification.function}_test")
        rows = []
        for misconception in catalogue.misconceptions:
            wrong = catalogue.imitate(frozenset([misconception.name]))
            failed = [failures(question, wrong, seed) for seed in SEEDS]
            by_check = tuple(map(sum, zip(*failed, strict=True)))
            rows.append(Killed(misconception.name, by_check, sum(map(any, failed)), fails(test, wrong)))
        yield Table(question, reasons.get(question.id, {}), tuple(rows))


def failures(question: Question, function: Callable[..., Any], seed: str) -> list[bool]:
    """Tell for each check of the question whether the function fails it."""
    results = judge(question.id, question.specification, answering(function), seed)
    if errors := [result.message for result in results if result.outcome is Outcome.ERROR]:
        raise RuntimeError(f"{question.id} cannot be judged: {errors[0]}")
    return [result.outcome is Outcome.FAILED for result in results]


def answering(function: Callable[..., Any]) -> Call:
    """Call the function here, with arguments and results as they arrive from a student's process."""

    def answer(arguments: tuple[Any, ...]) -> Answer:
        received = runner.decode(wire.encode(arguments))
        try:
            value = function(*received)
        except Exception as error:
            return Raised(type(error).__name__, str(error))
        return Returned(*wire.decode(runner.encode(value, received)))

    def call(_: str, calls: Sequence[tuple[Any, ...]]) -> Iterator[Answer]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield from map(answer, calls)

    return call


def fails(test: Callable[..., None], function: Callable[..., Any]) -> bool:
    """Tell whether a public test fails the function."""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            test(function)
        except Exception:
            return True
    return False


def package(folder: Path) -> str:
    """Make the folder importable under a name nobody else uses; return the name."""
    name = f"checks_of_{folder.name}"
    module = types.ModuleType(name)
    module.__path__ = [str(folder)]
    sys.modules[name] = module
    return name


def public_tests_of(assignment: Assignment) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(
        f"public_tests_of_{assignment.name}", assignment.source_dir / "public_tests.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def page(assignment: Assignment) -> str:
    """Return the page, as Markdown."""
    made = list(tables(assignment))
    hidden = assignment.hidden_dir.relative_to(assignment.course)
    parts = [
        f"# The checks of {assignment.name}, tested",
        f"Written by `python docs/make_checks.py {assignment.name} > docs/checks.md`; a test compares.",
        HOW_TO_READ.format(hidden=hidden, seeds=len(SEEDS)),
        "## All questions",
        "\n".join(totals(made)),
    ]
    for table in made:
        parts += [f"## {table.question.id}", "\n".join(of_checks(table)), "\n".join(of_misconceptions(table))]
    return "\n\n".join(map(str.rstrip, parts)) + "\n"


def totals(made: Sequence[Table]) -> Iterator[str]:
    numbers = [
        (
            table.question.id,
            len(table.rows),
            table.n_killed,
            table.n_killed_by_public_test,
            len(table.checks),
            sum(count > 0 for count in table.alone.values()),
        )
        for table in made
    ]
    numbers.append(("**all**", *map(sum, zip(*(row[1:] for row in numbers), strict=True))))
    yield from head(
        "question",
        "misconceptions",
        "killed by hidden checks",
        "killed by the public test",
        "checks",
        "kill something alone",
    )
    for question, n, hidden, public, n_checks, alone in numbers:
        yield line(question, n, rate(hidden, n), rate(public, n), n_checks, alone)


def of_checks(table: Table) -> Iterator[str]:
    yield from head("check", "what a student reads", "weight", "kills", "alone", "why it stays")
    for check in table.question.specification.checks:
        reason = table.reasons.get(check.id, "")
        yield line(f"`{check.id}`", check.title, check.weight, table.kills[check.id], table.alone[check.id], reason)


def of_misconceptions(table: Table) -> Iterator[str]:
    yield from head("misconception", *(f"`{check}`" for check in table.checks), "public")
    for row in table.rows:
        yield line(f"`{row.name}`", *map(cell, row.by_check), "x" if row.by_public_test else "")


def head(first: str, *others: str) -> Iterator[str]:
    yield line(first, *others)
    yield line("---", *(":---:" if other.startswith("`") or other == "public" else "---" for other in others))


def line(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def cell(count: int) -> str:
    return "x" if count == len(SEEDS) else f"{count}/{len(SEEDS)}" if count else ""


def rate(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.1%})" if part < whole else f"{part} (100%)"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.stdout.write(page(Assignment.find(sys.argv[1], COURSE)))
