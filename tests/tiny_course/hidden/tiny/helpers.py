"""Helpers of the tiny assignment's questions, for follow-through."""

HELPERS = {"quarter": ("halve",)}
SOURCE = {"halve": "def halve(x):\n    return x / 2\n"}
