"""What the class report says, as plain data: from a tally to sentences and tables."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import starmap

from stepgrade.report.classpage.attention import URGENCY, Attention, Why
from stepgrade.report.classpage.equal_answers import MAX_GROUP, MIN_NODES
from stepgrade.report.classpage.statistics import bins, mean, quantile
from stepgrade.report.classpage.tables import Column, Kind, Table, Value
from stepgrade.report.classpage.tally import CheckTally, QuestionTally, Tally
from stepgrade.report.wording import END_STATES, points_text
from stepgrade.result import EndState

N_BINS = 10
N_TO_TEACH = 3  # misconceptions in words; the table has all
# The same sign in many submissions comes from what the course has handed out, more likely than not.
COMMON_SHARE = 0.2
MIN_COMMON = 5


@dataclass(frozen=True)
class Fact:
    """One number on top of the page."""

    name: str
    value: str


@dataclass(frozen=True)
class Part:
    """How many students have from ``low`` to below ``high`` points; the last part has the full ones, too."""

    low: float
    high: float
    n: int
    share: float


@dataclass(frozen=True)
class Check:
    """One check, with its number in the table."""

    number: int
    question: str
    title: str
    optional: bool
    tally: CheckTally

    @property
    def rate(self) -> float:
        return self.tally.pass_rate.rate or 0.0


@dataclass(frozen=True)
class Answered:
    """One question: how it was answered, and how long judging that took; points are None for an optional one."""

    question: str
    max_points: float
    mean: float | None
    median: float | None
    n: int
    n_unanswered: int
    n_full: int
    n_partly: int
    n_nothing: int
    n_recognised: int
    median_s: float | None
    p90_s: float | None
    total_s: float | None


@dataclass(frozen=True)
class Misconception:
    """One misconception and who has it; ``n_wrong`` is how many answered its question not fully."""

    question: str
    name: str
    sentence: str
    students: tuple[str, ...]
    n_wrong: int
    n_class: int

    @property
    def n(self) -> int:
        return len(self.students)


@dataclass(frozen=True)
class ToTeach:
    """What to teach again: one misunderstanding, in all questions where it shows."""

    name: str
    sentence: str
    questions: tuple[str, ...]
    n: int
    share: float


@dataclass(frozen=True)
class People:
    """Who needs a person, for one reason."""

    why: str
    students: tuple[str, ...]


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
        tally.assignment,
        quantile(tally.marks, 0.5),
        _facts(tally),
        _notes(tally),
        _to_teach(misconceptions),
        min(hard, key=lambda check: (check.rate, -check.tally.weight, check.number), default=None),
        tuple(check for check in checks if check.tally.pass_rate.is_backwards),
        _people(tally.attention),
        marks,
        answered,
        checks,
        misconceptions,
        "; ".join(sorted(tally.environments)),
        (
            _marks_table(marks),
            _questions_table(answered),
            _checks_table(checks),
            _misconceptions_table(misconceptions),
            _end_states_table(tally),
            _repairs_table(tally),
            _attention_table(tally),
            _disagreements_table(tally),
            *_worth_a_look_tables(tally),
            *_equal_answers_tables(tally),
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


# The tables


def _marks_table(marks: Iterable[Part]) -> Table:
    columns = (
        Column("from", "from", Kind.POINTS),
        Column("to", "to below", Kind.POINTS),
        Column("students", "students", Kind.COUNT),
        Column("share", "share", Kind.SHARE),
    )
    rows = tuple((part.low, part.high, part.n, part.share) for part in marks)
    return Table("marks", "How many students have so many points", columns, rows)


def _questions_table(answered: Iterable[Answered]) -> Table:
    columns = (
        Column("question", "question", Kind.CODE),
        Column("max_points", "points", Kind.POINTS),
        Column("mean", "mean", Kind.POINTS),
        Column("median", "median", Kind.POINTS),
        Column("students", "students", Kind.COUNT),
        Column("unanswered", "not begun", Kind.COUNT),
        Column("full", "full", Kind.COUNT),
        Column("in_part", "in part", Kind.COUNT),
        Column("nothing", "no check passed", Kind.COUNT),
        Column("recognised", "with a known misconception", Kind.COUNT),
        Column("median_s", "seconds: median", Kind.SECONDS),
        Column("p90_s", "9 in 10 below", Kind.SECONDS),
        Column("total_s", "together", Kind.SECONDS),
    )
    rows = tuple(tuple(vars(one).values()) for one in answered)
    return Table("questions", "Questions: points, and the time that judging took", columns, rows)


def _checks_table(checks: Iterable[Check]) -> Table:
    rows = []
    for check in checks:
        rate = check.tally.pass_rate
        look = "weaker students pass it more often than stronger ones" if rate.is_backwards else ""
        rows.append(
            (
                check.number,
                check.question,
                check.title,
                check.tally.weight,
                rate.n,
                rate.n_passed,
                rate.n_failed,
                rate.n_skipped,
                rate.rate,
                rate.discrimination,
                look,
            )
        )
    columns = (
        Column("number", "no.", Kind.COUNT),
        Column("question", "question", Kind.CODE),
        Column("check", "check"),
        Column("weight", "weight", Kind.COUNT),
        Column("students", "students", Kind.COUNT),
        Column("passed", "passed", Kind.COUNT),
        Column("failed", "failed", Kind.COUNT),
        Column("not_counted", "not counted", Kind.COUNT),
        Column("pass_rate", "pass rate", Kind.SHARE),
        Column("discrimination", "discrimination", Kind.NUMBER),
        Column("look", "look at it, because"),
    )
    return Table("checks", "Checks: who passes them", columns, tuple(rows))


def _misconceptions_table(misconceptions: Iterable[Misconception]) -> Table:
    rows: list[tuple[Value, ...]] = [
        (
            one.question,
            one.name,
            one.sentence,
            one.n,
            one.n / one.n_wrong if one.n_wrong else None,
            one.n / one.n_class if one.n_class else None,
            one.students,
        )
        for one in misconceptions
    ]
    columns = (
        Column("question", "question", Kind.CODE),
        Column("misconception", "misconception", Kind.CODE),
        Column("sentence", "what these students read"),
        Column("students", "students", Kind.COUNT),
        Column("share_of_wrong", "of those begun and not full", Kind.SHARE),
        Column("share_of_class", "of the class", Kind.SHARE),
        Column("who", "who", Kind.NAMES),
    )
    return Table("misconceptions", "Misconceptions that explain somebody's answers", columns, tuple(rows))


def _end_states_table(tally: Tally) -> Table:
    rows = tuple(
        (state.value, END_STATES[state], tally.end_states[state], tally.end_states[state] / tally.n_students)
        for state in EndState
        if tally.end_states[state]
    )
    columns = (
        Column("end_state", "end state", Kind.CODE),
        Column("meaning", "which means"),
        Column("students", "students", Kind.COUNT),
        Column("share", "share", Kind.SHARE),
    )
    return Table("end_states", "How grading ended", columns, rows)


def _repairs_table(tally: Tally) -> Table:
    ordered = sorted(tally.repairs.items(), key=lambda item: (-len(item[1].students), item[0]))
    rows = tuple((code, len(one.students), one.n, one.example, tuple(one.students)) for code, one in ordered)
    columns = (
        Column("repair", "repair", Kind.CODE),
        Column("students", "students", Kind.COUNT),
        Column("times", "times", Kind.COUNT),
        Column("example", "the first of them"),
        Column("who", "who", Kind.NAMES),
    )
    return Table("repairs", "What was put right before grading", columns, rows)


def _attention_table(tally: Tally) -> Table:
    ordered = sorted(tally.attention, key=lambda one: (URGENCY[one.why], one.student))
    columns = (Column("student", "student"), Column("why", "why"), Column("detail", "more"))
    rows = tuple((one.student, one.why.value, one.detail) for one in ordered)
    return Table("needs_a_person", "Students who need a person", columns, rows)


def _disagreements_table(tally: Tally) -> Table:
    columns = (
        Column("student", "student"),
        Column("question", "question", Kind.CODE),
        Column("check", "check"),
        Column("first", "first", Kind.CODE),
        Column("then", "later", Kind.CODE),
    )
    rows = tuple((one.student, one.question, one.check, one.first, one.then) for one in tally.disagreements)
    return Table("disagreements", "Checks that disagreed with themselves", columns, rows)


def _worth_a_look_tables(tally: Tally) -> tuple[Table, Table]:
    spread = Counter(key for signs in tally.signs.values() for key in {(sign.what, sign.sentence) for sign in signs})
    many = max(MIN_COMMON, COMMON_SHARE * tally.n_looked_into)
    common = {key: n for key, n in spread.items() if n >= many}
    rows = tuple(
        (student, sign.cell or None, sign.line or None, sign.sentence, sign.source)
        for student, signs in tally.signs.items()
        for sign in signs
        if (sign.what, sign.sentence) not in common
    )
    columns = (
        Column("student", "student"),
        Column("cell", "cell", Kind.COUNT),
        Column("line", "line", Kind.COUNT),
        Column("what", "what"),
        Column("source", "the line", Kind.SOURCE),
    )
    shared = tuple((sentence, n) for (_, sentence), n in sorted(common.items(), key=lambda item: (-item[1], item[0])))
    return (
        Table("worth_a_look", "Worth a look", columns, rows),
        Table(
            "in_many_submissions",
            "In many submissions, so it comes from what the course has handed out, more likely than not",
            (Column("what", "what"), Column("students", "students", Kind.COUNT)),
            shared,
        ),
    )


def _equal_answers_tables(tally: Tally) -> tuple[Table, Table, Table]:
    pairs = Table(
        "equal_pairs",
        "Pairs that share several long answers, those that share most first",
        (
            Column("one", "one student"),
            Column("other", "and another"),
            Column("n_questions", "equal answers", Kind.COUNT),
            Column("questions", "to", Kind.NAMES),
            Column("lines", "lines", Kind.COUNT),
        ),
        tuple(
            (*pair.students, len(pair.questions), pair.questions, pair.n_lines) for pair in tally.equal_answers.pairs()
        ),
    )
    groups = Table(
        "equal_answers",
        f"Answers of {MIN_NODES} parts and more that stand in several files",
        (
            Column("question", "question", Kind.CODE),
            Column("lines", "lines", Kind.COUNT),
            Column("files", "files", Kind.COUNT),
            Column("everybodys", f"in more than {MAX_GROUP} files, so it is everybody's"),
            Column("who", "who", Kind.NAMES),
        ),
        tuple(
            (group.question, group.n_lines, group.n_files, "yes" if group.n_files > MAX_GROUP else "", group.students)
            for group in tally.equal_answers.groups()
        ),
    )
    files = Table(
        "same_files",
        "The very same file, as groups hand in on purpose",
        (Column("students", "students", Kind.COUNT), Column("who", "who", Kind.NAMES)),
        tuple((len(students), students) for students in tally.equal_answers.same_files()),
    )
    return pairs, groups, files
