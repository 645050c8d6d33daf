"""The command itself: verbs that match the rooms, and errors that know their exit code."""

from __future__ import annotations

import atexit
import difflib
import errno
import gc
import logging
import os
import sys
from pathlib import Path
from typing import Any

import click

import stepgrade
from stepgrade.cli import privacy
from stepgrade.errors import StepgradeError

FAILED, OUR_ERROR = 1, 3  # exit codes; 0 and 2 are click's own
NO_WRITING = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT})
LOOK = "look whose it is, and whether its disk is full or read-only, and run the command again"


class Verbs(click.Group):
    """A group whose errors know their exit code, and that suggests the verb that was meant."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            found = super().resolve_command(ctx, args)
        except click.UsageError as error:
            close = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            if not close:
                raise
            raise click.UsageError(f"{error.message} Did you mean {close[0]}?", ctx) from None
        privacy.ensure_private_form(args[0])
        return found

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except StepgradeError as error:
            for one in filter(None, (error, error.also)):
                click.echo(f"stepgrade: {privacy.told(one)}", err=True)
            ctx.exit(error.exit_code)
        except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception as error:  # Python would end with 1, which a CI job reads as the student's failure
            if isinstance(error, OSError) and error.errno in NO_WRITING:
                where = "a file" if privacy.is_private() or error.filename is None else error.filename
                click.echo(f"stepgrade: {where} cannot be written or read: {error.strerror}; {LOOK}", err=True)
            else:
                click.echo(privacy.told_unexpected(error), err=True)
                click.echo("stepgrade: an error of stepgrade's own, not of the submission; please report it", err=True)
            ctx.exit(OUR_ERROR)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(stepgrade.__version__)
@click.option(
    "--course",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The course folder; default: the current one.",
)
@click.option(
    "--private",
    is_flag=True,
    envvar=privacy.VARIABLE,
    help=f"Print counts in place of names and marks, for logs that others read; or {privacy.VARIABLE}=1 in the "
    "environment.",
)
@click.pass_context
def main(ctx: click.Context, course: Path, *, private: bool) -> None:
    """Build, grade and explain Jupyter assignments.

    \b
    Example, in a course folder:
      stepgrade check my_notebook.ipynb
      stepgrade release cnn_step_by_step
      stepgrade grade cnn_step_by_step
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # arrays are small here; further threads wait for them, busily
    atexit.register(gc.freeze)  # or Python looks through everything once more at its end, a quarter of a second
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(message)s")
    if private:
        privacy.silence()
    ctx.obj = course
