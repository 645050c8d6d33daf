"""What several verbs share: options, and finding what they name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from stepgrade.assignment import Assignment

Decorator = Callable[[Callable[..., None]], Callable[..., None]]

no_sandbox_option: Decorator = click.option(
    "--no-sandbox",
    is_flag=True,
    help="Run without the sandbox: student code then runs as an ordinary process with your rights; it can read, change "
    "and send whatever you can. Every Result records it.",
)


def find(name: str, course: Path) -> Assignment:
    from stepgrade.assignment import Assignment

    return Assignment.find(name, course)
