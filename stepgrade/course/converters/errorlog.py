"""What nbgrader has to say when something fails: it logs a traceback and raises "see the above traceback"."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collected_errors(logger: logging.Logger) -> Iterator[list[str]]:
    """Collect what is logged as an error instead of showing it; other messages of ``logger`` are dropped."""
    errors: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            errors.append(record.getMessage())

    handlers, propagate = logger.handlers, logger.propagate
    logger.handlers, logger.propagate = [Collector(logging.ERROR)], False
    try:
        yield errors
    finally:
        logger.handlers, logger.propagate = handlers, propagate


def cause(errors: list[str], error: BaseException) -> str:
    """Return, in one line, what went wrong: the last line of the first logged traceback, else of ``error``."""
    told = next((text for text in errors if text.startswith("Traceback")), str(error))
    return told.strip().splitlines()[-1]
