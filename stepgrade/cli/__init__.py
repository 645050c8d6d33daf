"""The command line: one file per group of verbs. Heavy imports wait until a verb needs them."""

from stepgrade.cli import check, collect, export, grade, release  # noqa: F401 - importing them adds their verbs
from stepgrade.cli.group import main

__all__ = ["main"]
