"""Marks as an LMS writes them: with a point or a comma, rounded to hundredths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal

from stepgrade.errors import UsageError

_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_HUNDREDTH = Decimal("0.01")


def number(text: str) -> Decimal | None:
    """Return the number that a cell holds, None where it holds something else."""
    text = text.strip()
    return Decimal(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def decimal_sign(cells: Iterable[str]) -> str:
    """Return the decimal sign of these cells; a point where none shows one, since every LMS reads it.

    Raises
    ------
    UsageError
        If some have a point and some a comma: one of the two would be read as another number.
    """
    examples = {sign: cell for cell in cells if number(cell) is not None for sign in ".," if sign in cell}
    if len(examples) > 1:
        raise UsageError(
            f"the column holds numbers with a point and with a comma ({examples['.']} and {examples[',']}); "
            "export the file again, and do not save it in a spreadsheet in between"
        )
    return next(iter(examples), ".")


def written(value: Decimal, sign: str) -> str:
    """Return ``value``, rounded half up to hundredths, without zeros that say nothing."""
    text = f"{value.quantize(_HUNDREDTH, rounding=ROUND_HALF_UP):f}"
    return text.rstrip("0").rstrip(".").replace(".", sign)


def exact_totals(totals: Mapping[str, float | None]) -> dict[str, Decimal | None]:
    """Return the totals as exact decimals; None, a missing mark, stays None.

    Raises
    ------
    UsageError
        If one is no mark: below 0, infinite or not a number.
    """
    exact = {student: None if total is None else Decimal(str(total)) for student, total in totals.items()}
    wrong = [
        student for student, total in exact.items() if total is not None and not (total.is_finite() and total >= 0)
    ]
    if wrong:
        listed = ", ".join(f"{student}: {totals[student]}" for student in wrong[:5])
        raise UsageError(f"a mark must be a number from 0 on, or missing; got {listed}; correct it in the gradebook")
    return exact
