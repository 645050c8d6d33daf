"""The command line: one file per group of verbs. Heavy imports wait until a verb needs them."""

from stepgrade.cli import (  # noqa: F401 - importing them adds their verbs
    check,
    collect,
    export,
    feedback,
    grade,
    new,
    release,
    replay,
    report,
    translate,
)
from stepgrade.cli.group import main

__all__ = ["main"]
