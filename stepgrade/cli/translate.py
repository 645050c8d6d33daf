"""Catalogues for translators: made, brought up to date, and looked through."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from stepgrade.cli.group import FAILED, main
from stepgrade.cli.options import find

if TYPE_CHECKING:
    import polib

MAX_SHOWN = 70  # characters of an English text that a fault is told of


@main.command()
@click.argument("assignment", required=False)
@click.option(
    "--language",
    "languages",
    metavar="TAG",
    multiple=True,
    help="A language, as fr or pt-BR; may be repeated. Default: all that have a catalogue.",
)
@click.option("--check", is_flag=True, help="Write nothing; list what is missing, out of date, or damaged.")
@click.pass_context
def translate(ctx: click.Context, assignment: str | None, languages: tuple[str, ...], *, check: bool) -> None:
    """Make or update the catalogues that translators fill in.

    Reads source/ASSIGNMENT and hidden/ASSIGNMENT, writes hidden/ASSIGNMENT/languages/TAG.po. Translations of unchanged
    texts stay, those of changed texts are marked fuzzy. Without ASSIGNMENT: the phrases of the feedback page, which
    all assignments share, in languages/TAG.po of the course where stepgrade has none of that language.

    \b
    Example:
      stepgrade translate cnn_step_by_step --language fr
      stepgrade translate cnn_step_by_step --check
    """
    from stepgrade.languages import shelf

    course: Path = ctx.obj.resolve()
    found = find(assignment, course) if assignment else None
    n_faults = 0
    for language in languages or (shelf.languages_of(found) if found else shelf.languages_of_kit(course)):
        path = shelf.assignment_catalogue(found, language) if found else shelf.kit_catalogue(course, language)
        fresh = shelf.fresh_catalogue(path, language, found)
        if check:
            n_faults += _checked(path, fresh)
            continue
        path.parent.mkdir(exist_ok=True)
        fresh.save(str(path))
        n_open = len(fresh.untranslated_entries()) + len(fresh.fuzzy_entries())
        click.echo(f"{path}: {len(fresh)} texts, {n_open} to translate or to look at")
    if n_faults:
        ctx.exit(FAILED)


def _checked(path: Path, fresh: polib.POFile) -> int:
    """Print the faults of a catalogue; return how many there are."""
    from stepgrade.languages.catalogue import read_catalogue
    from stepgrade.languages.faults import faults_between, faults_of

    entries = list(read_catalogue(path))
    faults = [(entry, fault) for entry in entries for fault in faults_of(entry)] + list(faults_between(entries))
    for entry, fault in faults:
        text = entry.msgid if len(entry.msgid) <= MAX_SHOWN else f"{entry.msgid[:MAX_SHOWN]}..."
        click.echo(f"{path.name}, line {entry.linenum}: {fault}\n    {text!r}")
    stale = {entry.msgid for entry in entries} ^ {entry.msgid for entry in fresh}
    if stale:
        click.echo(f"{path.name}: {len(stale)} texts are new or gone; run `stepgrade translate` without --check")
    click.echo(f"{path}: {len(entries)} texts, {len(faults)} faults")
    return len(faults) + len(stale)
