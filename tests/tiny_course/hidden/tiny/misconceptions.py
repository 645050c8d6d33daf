"""Misconceptions of the tiny assignment."""

from stepgrade.diagnose import Catalogue, Misconception


def catalogue(right, *misconceptions, **functions):
    def imitate(names):
        if len(names) > 1:
            raise ValueError("they exclude each other")
        return functions[next(iter(names))] if names else right

    return Catalogue(misconceptions, imitate)


CATALOGUES = {
    "halve": catalogue(
        lambda x: x / 2,
        Misconception("doubled", "The numbers become larger. A half is smaller.", "Halves"),
        Misconception("squared", "The numbers are multiplied by themselves.", "Halves"),
        doubled=lambda x: x * 2,
        squared=lambda x: x * x,
    ),
    "quarter": catalogue(
        lambda x: x / 4,
        Misconception("halved_once", "This is a half. A quarter is half of it.", "Quarters"),
        halved_once=lambda x: x / 2,
    ),
}
