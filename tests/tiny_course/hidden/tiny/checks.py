"""Hidden checks of the tiny assignment."""

from stepgrade.judge import Case, Check, Role, Specification, Unchanged, Values

from . import solution


def arrays(*shapes):
    return lambda rng: [Case({"x": rng.normal(size=shape)}) for shape in shapes]


def question(function, reference):
    return Specification(
        function,
        ("x",),
        ("y",),
        reference,
        (
            Check("line", "one axis", 2, arrays((5,), (4,)), Values("y")),
            Check("plane", "two axes", 1, arrays((2, 3)), Values("y")),
            Check("unchanged", "the input is not modified", 1, arrays((3,)), Unchanged(), role=Role.SUPPORTING),
        ),
    )


QUESTIONS = {
    "halve": question("halve", solution.halve_reference),
    "quarter": question("quarter", solution.quarter_reference),
    "double": question("double", solution.double_reference),
}
