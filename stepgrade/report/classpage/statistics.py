"""Arithmetic on a class, a student at a time: nothing here keeps a Result."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

MIN_STUDENTS = 10  # for a correlation that is more than chance
SAME = 1e-9  # a variance below this, of points, is rounding


@dataclass
class PassRate:
    """How one check went, and whether those who pass it are those who do well elsewhere.

    ``add`` takes for each student whether the check was passed, and the points for everything else. The correlation of
    the two is the check's discrimination: in test theory, an item-rest correlation.
    """

    n: int = 0
    n_passed: int = 0
    n_skipped: int = 0
    _sum: float = 0.0
    _sum_squares: float = 0.0
    _sum_passed: float = 0.0

    def add(self, rest: float, *, passed: bool, skipped: bool = False) -> None:
        self.n += 1
        self.n_passed += passed
        self.n_skipped += skipped
        self._sum += rest
        self._sum_squares += rest * rest
        self._sum_passed += rest if passed else 0.0

    @property
    def n_failed(self) -> int:
        return self.n - self.n_passed - self.n_skipped

    @property
    def rate(self) -> float | None:
        return self.n_passed / self.n if self.n else None

    @property
    def discrimination(self) -> float | None:
        """From -1 to 1; None where the class is small, or everybody did the same."""
        if self.n < MIN_STUDENTS or not 0 < self.n_passed < self.n:
            return None
        mean, rate = self._sum / self.n, self.n_passed / self.n
        variance = self._sum_squares / self.n - mean * mean
        if variance < SAME:
            return None
        covariance = self._sum_passed / self.n - rate * mean
        return max(-1.0, min(1.0, covariance / math.sqrt(variance * rate * (1 - rate))))

    @property
    def is_backwards(self) -> bool:
        """Tell whether clearly more of the weaker students pass: twice as far below 0 as chance goes."""
        return self.discrimination is not None and self.discrimination < -2 / math.sqrt(self.n)


def quantile(values: Sequence[float], share: float) -> float | None:
    """Return the value below which that share lies, between two values by proportion; None where there is none."""
    return float(np.quantile(values, share)) if len(values) else None


def mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None


def bins(values: Sequence[float], largest: float, n_bins: int) -> list[tuple[float, float, int]]:
    """Return how many values lie in each of ``n_bins`` equal parts of 0 to ``largest``, as (from, to, count).

    A value on a border belongs to the upper part, the largest one to the last.
    """
    counts, edges = np.histogram(values, n_bins, (0, largest))
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(), strict=True))
