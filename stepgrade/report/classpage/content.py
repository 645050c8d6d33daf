"""What the class report says, as plain data: from a tally to sentences and tables."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import starmap

from stepgrade.report.classpage import listing
from stepgrade.report.classpage.attention import Attention, Why
from stepgrade.report.classpage.rows import Answered, Check, Fact, Misconception, Part, People, ToTeach
from stepgrade.report.classpage.statistics import bins, mean, quantile
from stepgrade.report.classpage.tables import Table
from stepgrade.report.classpage.tally import QuestionTally, Tally
from stepgrade.report.wording import points_text

N_BINS = 10
N_TO_TEACH = 3  # misconceptions in words; the table has all


@dataclass(frozen=True)
class ClassReport:
    """Everything that the page says; the tables are its files, too."""

    assignment: str
    median: float | None
    facts: tuple[Fact, ...]
    notes: tuple[str, ...]
    to_teach: tuple[ToTeach, ...]
    hardest: Check | None
    backwards: tuple[Check, ...]
    people: tuple[People, ...]
    marks: tuple[Part, ...]
    answered: tuple[Answered, ...]
    checks: tuple[Check, ...]
    misconceptions: tuple[Misconception, ...]
    environment: str
    tables: tuple[Table, ...]

    def table(self, name: str) -> Table:
        """Return the table of that name; KeyError where there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)


def class_report(tally: Tally) -> ClassReport:
    """Return what there is to say about a class that is counted."""
    marks = _marks(tally)
    answered = tuple(starmap(_answered, tally.questions.items()))
    checks = _checks(tally)
    misconceptions = _misconceptions(tally)
    counting = [check for check in checks if not check.optional and check.tally.pass_rate.n]
    hard = [check for check in counting if check.rate < 1]
    return ClassReport(
        assignment=tally.assignment,
        median=quantile(tally.marks, 0.5),
        facts=_facts(tally),
        notes=_notes(tally),
        to_teach=_to_teach(misconceptions),
        hardest=min(hard, key=lambda check: (check.rate, -check.tally.weight, check.number), default=None),
        backwards=tuple(check for check in checks if check.tally.pass_rate.is_backwards),
        people=_people(tally.attention),
        marks=marks,
        answered=answered,
        checks=checks,
        misconceptions=misconceptions,
        environment="; ".join(sorted(tally.environments)),
        tables=(
            listing.marks_table(marks),
            listing.questions_table(answered),
            listing.checks_table(checks),
            listing.misconceptions_table(misconceptions),
            listing.end_states_table(tally),
            listing.repairs_table(tally),
            listing.attention_table(tally),
            listing.disagreements_table(tally),
            *listing.worth_a_look_tables(tally),
            *listing.equal_answers_tables(tally),
        ),
    )


def _facts(tally: Tally) -> tuple[Fact, ...]:
    marks = tally.marks
    facts = [Fact("Students", str(tally.n_students)), Fact("With a mark", str(len(marks)))]
    if marks:
        facts += [
            Fact("Mean", f"{points_text(mean(marks))} of {points_text(tally.max_points)}"),
            Fact("Median", points_text(quantile(marks, 0.5))),
            Fact("Middle half", f"{points_text(quantile(marks, 0.25))} to {points_text(quantile(marks, 0.75))}"),
        ]
    return tuple(facts)


def _notes(tally: Tally) -> tuple[str, ...]:
    """Return what the numbers are not to be trusted in."""
    notes = []
    name = tally.assignment
    if tally.other_versions:
        notes.append(
            f"Graded with another version of the assignment than there is now: {_students(len(tally.other_versions))}. "
            f"Run stepgrade grade {name} first."
        )
    if tally.n_undiagnosed:
        notes.append(
            f"Misconceptions were not looked for in {_students(tally.n_undiagnosed, 'submission')}: run stepgrade "
            f"report {name} without --no-diagnosis."
        )
    for problem, n in sorted(Counter(tally.problems.values()).items()):
        notes.append(f"{_students(n, 'submission')} could not be looked into: {problem}")
    if not tally.gradebook_read:
        notes.append("The gradebook could not be read, so nobody is listed whose answers wait for a person's grade.")
    if len(tally.environments) > 1:
        notes.append("Not everybody was graded in the same environment.")
    return tuple(notes)


def _students(n: int, word: str = "student") -> str:
    return f"{n} {word}" + ("s" if n != 1 else "")


def _marks(tally: Tally) -> tuple[Part, ...]:
    if not tally.max_points:
        return ()
    parts = bins(tally.marks, tally.max_points, N_BINS)
    return tuple(Part(low, high, n, n / len(tally.marks)) for low, high, n in parts)


def _answered(question: str, tally: QuestionTally) -> Answered:
    counts = bool(tally.max_points)
    return Answered(
        question,
        tally.max_points,
        mean(tally.points) if counts else None,
        quantile(tally.points, 0.5) if counts else None,
        tally.n,
        tally.n_unanswered,
        tally.n_full,
        tally.n_wrong - tally.n_nothing,
        tally.n_nothing,
        len(tally.recognised),
        quantile(tally.seconds, 0.5),
        quantile(tally.seconds, 0.9),
        sum(tally.seconds) if tally.seconds else None,
    )


def _checks(tally: Tally) -> tuple[Check, ...]:
    order = list(tally.questions)
    checks = sorted(tally.checks.items(), key=lambda item: order.index(item[0][0]))
    return tuple(
        Check(number, question, title, not tally.questions[question].max_points, check)
        for number, ((question, title), check) in enumerate(checks, start=1)
    )


def _misconceptions(tally: Tally) -> tuple[Misconception, ...]:
    """Return the misconceptions, those that most students have first, then in the order of the questions."""
    found = [
        Misconception(question, name, one.sentence, tuple(one.students), _n_wrong(tally, question), len(tally.marks))
        for (question, name), one in tally.misconceptions.items()
    ]
    order = {question: number for number, question in enumerate(tally.questions)}
    return tuple(sorted(found, key=lambda one: (-one.n, order.get(one.question, len(order)), one.name)))


def _to_teach(misconceptions: Sequence[Misconception]) -> tuple[ToTeach, ...]:
    together: dict[tuple[str, str], list[Misconception]] = defaultdict(list)
    for one in misconceptions:
        together[one.name, one.sentence].append(one)
    found = []
    for (name, sentence), ones in together.items():
        students = {student for one in ones for student in one.students}
        share = len(students) / max(1, ones[0].n_class)
        found.append(ToTeach(name, sentence, tuple(one.question for one in ones), len(students), share))
    return tuple(sorted(found, key=lambda one: -one.n)[:N_TO_TEACH])


def _n_wrong(tally: Tally, question: str) -> int:
    return tally.questions[question].n_wrong if question in tally.questions else 0


def _people(found: Sequence[Attention]) -> tuple[People, ...]:
    by_why: dict[Why, list[str]] = defaultdict(list)
    for one in found:
        by_why[one.why].append(one.student)
    return tuple(People(why.value, tuple(by_why[why])) for why in Why if why in by_why)
