"""How much of what is known about a wrong answer its author is shown."""

from __future__ import annotations

from enum import IntEnum


class Disclosure(IntEnum):
    """Each level shows what those before it do, and something more."""

    NOTHING = 0  # points, and which checks passed
    RULE = 1  # what was found: where an output differs, with shapes and the rule, never with values
    MISCONCEPTION = 2  # the sentence about the misconception, where exactly one explains the answers
    SMALLEST = 3  # the smallest input that shows it, with values: what came back, what was expected
    ALL = 4  # pictures of it

    @classmethod
    def of(cls, word: str) -> Disclosure:
        """Return the level of that name; ValueError where there is none."""
        return cls[word.upper()]

    @property
    def word(self) -> str:
        return self.name.lower()

    @property
    def up_to_here(self) -> tuple[str, ...]:
        """The names of this level and of those before it."""
        return tuple(level.word for level in Disclosure if level <= self)


LEVELS = Disclosure.ALL.up_to_here
