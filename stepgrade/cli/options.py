"""What several verbs share: options, and finding what they name."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from stepgrade.assignment import Assignment

DEFAULT_BOUNDARY = "bubblewrap"

Decorator = Callable[[Callable[..., None]], Callable[..., None]]

boundary_option: Decorator = click.option(
    "--boundary",
    metavar="KIND",
    type=click.Choice(["bubblewrap", "landlock"]),
    help="What student code runs behind: bubblewrap (default), or landlock, which needs no namespaces and is weaker "
    "(docs/security.md). Every Result records it.",
)

_no_sandbox_option: Decorator = click.option(
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


def boundary_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a verb the options about what student code runs behind, as one argument: the kind of ``boundary``."""

    @functools.wraps(command)
    def with_kind(*args: Any, boundary: str | None, no_sandbox: bool, **others: Any) -> None:
        if boundary and no_sandbox:
            raise click.UsageError(f"--boundary {boundary} and --no-sandbox contradict each other; give one of them")
        command(*args, boundary="none" if no_sandbox else boundary or DEFAULT_BOUNDARY, **others)

    return boundary_option(_no_sandbox_option(with_kind))


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
