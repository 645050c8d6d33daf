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


roster_option: Decorator = click.option(
    "--roster",
    metavar="CSV",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Who is in the class, in which group, and who may hand in later (docs/submissions.md).",
)

_WORKERS: tuple[Decorator, ...] = (
    click.option(
        "--workers",
        "n_workers",
        metavar="N",
        type=click.IntRange(min=1),
        help="Processes that grade; default: as many as CPU time and memory allow.",
    ),
    click.option("--cluster", metavar="ADDRESS", help="Grade on this Dask cluster instead, as tls://HOST:8786."),
    click.option("--insecure-cluster", is_flag=True, help="Take a cluster without TLS that is not on this machine."),
)


def show_option(default: str, *levels: str) -> Decorator:
    """Give a verb the option about how much of a diagnosis it shows."""
    words = ", ".join(levels)
    return click.option(
        "--show",
        metavar="LEVEL",
        type=click.Choice(levels),
        help=f"How much is said about wrong answers: {words} (each more than the one before); default: {default}.",
    )


def workers_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a verb the options about who works."""
    for option in reversed(_WORKERS):
        command = option(command)
    return command


def find(name: str, course: Path) -> Assignment:
    from stepgrade.assignment import Assignment

    return Assignment.find(name, course)
