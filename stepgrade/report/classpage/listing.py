"""The tables of the class report, which are its files, too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from stepgrade.report.classpage.attention import URGENCY
from stepgrade.report.classpage.equal_answers import MAX_GROUP, MIN_NODES
from stepgrade.report.classpage.rows import Answered, Check, Misconception, Part
from stepgrade.report.classpage.tables import Column, Kind, Table, Value
from stepgrade.report.classpage.tally import Tally
from stepgrade.report.wording import END_STATES
from stepgrade.result import EndState

# The same sign in many submissions comes from what the course has handed out, more likely than not.
COMMON_SHARE = 0.2
MIN_COMMON = 5


def marks_table(marks: Iterable[Part]) -> Table:
    columns = (
        Column("from", "from", Kind.POINTS),
        Column("to", "to", Kind.POINTS),
        Column("students", "students", Kind.COUNT),
        Column("share", "share", Kind.SHARE),
    )
    rows = tuple((part.low, part.high, part.n, part.share) for part in marks)
    title = (
        "How many students have so many points; who is on a border counts in the row that begins there, full points in "
        "the last one"
    )
    return Table("marks", title, columns, rows)


def questions_table(answered: Iterable[Answered]) -> Table:
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


def checks_table(checks: Iterable[Check]) -> Table:
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


def misconceptions_table(misconceptions: Iterable[Misconception]) -> Table:
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


def end_states_table(tally: Tally) -> Table:
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


def repairs_table(tally: Tally) -> Table:
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


def attention_table(tally: Tally) -> Table:
    ordered = sorted(tally.attention, key=lambda one: (URGENCY[one.why], one.student))
    columns = (Column("student", "student"), Column("why", "why"), Column("detail", "more"))
    rows = tuple((one.student, one.why.value, one.detail) for one in ordered)
    return Table("needs_a_person", "Students who need a person", columns, rows)


def disagreements_table(tally: Tally) -> Table:
    columns = (
        Column("student", "student"),
        Column("question", "question", Kind.CODE),
        Column("check", "check"),
        Column("first", "first", Kind.CODE),
        Column("then", "later", Kind.CODE),
    )
    rows = tuple((one.student, one.question, one.check, one.first, one.then) for one in tally.disagreements)
    return Table("disagreements", "Checks that disagreed with themselves", columns, rows)


def worth_a_look_tables(tally: Tally) -> tuple[Table, Table]:
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


def equal_answers_tables(tally: Tally) -> tuple[Table, Table, Table]:
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
