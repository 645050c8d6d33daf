"""Transactions on the gradebook's database, and which of its faults pass by themselves.

nbgrader's own `Gradebook` commits after every row and asks the database anew for each; a class recorded so waits mostly
for the disk. Here one transaction holds many submissions, and is there as a whole or not at all.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from stepgrade.errors import StepgradeError

CONNECT_TIMEOUT_S = 10
PASSING_SQLITE_FAULTS = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)


class GradebookUnavailable(StepgradeError):
    """The gradebook is locked, full or gone; nothing of the transaction is there, and it may succeed later."""

    names_nobody = True


class GradebookDamaged(StepgradeError):
    """What lies in the gradebook's place is none."""

    exit_code = 3
    names_nobody = True


class Database:
    """The database behind nbgrader's ``db_url``.

    Parameters
    ----------
    url : str
        SQLAlchemy's, as nbgrader takes it.
    lock_wait_s : float
        How long a transaction waits for one that somebody else has open.
    writing : bool
        False: nothing is written, and others may write meanwhile.
    """

    def __init__(self, url: str, *, lock_wait_s: float, writing: bool = True) -> None:
        self._url = make_url(url)
        self._writing = writing
        self._engine = _engine(self._url, lock_wait_s, writing=writing)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a session that is committed at the end, and rolled back where anything is raised.

        Raises
        ------
        GradebookUnavailable
            If the database is locked, full or gone.
        GradebookDamaged
            If there is something else in its place.
        """
        self._require_file()
        try:
            with Session(self._engine, autoflush=False, expire_on_commit=False) as session, session.begin():
                yield session
        except DBAPIError as error:
            if _is_no_gradebook(error):
                raise GradebookDamaged(
                    f"{self._url.render_as_string()} is no gradebook: {_first_line(error)}; put a backup in its place, "
                    "or move it away and make a new one with `stepgrade release`: `stepgrade grade` records again "
                    "what is in the journal"
                ) from error
            if not _may_pass(error):
                raise
            what, lost = ("written", "nothing of these submissions is recorded; ") if self._writing else ("read", "")
            raise GradebookUnavailable(
                f"the gradebook at {self._url.render_as_string()} cannot be {what} now: {_first_line(error)}; {lost}"
                "look whether another program holds it, whether its disk is full and whether its server runs, "
                "and run the command again"
            ) from error

    def _require_file(self) -> None:
        """Refuse to go on without SQLite's file: SQLite would make an empty one in its place."""
        path = self._url.database
        is_file = self._url.get_backend_name() == "sqlite" and "uri" not in self._url.query
        if is_file and path and not Path(path).exists():
            raise GradebookUnavailable(
                f"the gradebook {path} does not exist; put it back, or make a new one with `stepgrade release`"
            )


def _engine(url: URL, lock_wait_s: float, *, writing: bool) -> Engine:
    # A connection per transaction: after the database was away there is no dead one left to find out about.
    try:
        engine = create_engine(url, poolclass=NullPool, connect_args=_connect_args(url, lock_wait_s))
    except ModuleNotFoundError as error:
        raise StepgradeError(
            f"the gradebook at {url.render_as_string()} needs the module {error.name}, which is not installed; "
            'for PostgreSQL: pip install "psycopg[binary]"'
        ) from error
    begin = {
        # Taken at once: a transaction that reads first and writes later fails without waiting when another one wrote.
        "sqlite": "BEGIN IMMEDIATE" if writing else "BEGIN",
        "postgresql": f"SET LOCAL lock_timeout = '{lock_wait_s:g}s'",
    }.get(url.get_backend_name())
    if begin is not None:

        @event.listens_for(engine, "begin")
        def on_begin(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

    if url.get_backend_name() == "sqlite":

        @event.listens_for(engine, "connect")
        def on_connect(connection: Any, _record: Any) -> None:
            connection.isolation_level = None  # Python's module would begin transactions by itself

    return engine


def _connect_args(url: URL, lock_wait_s: float) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"timeout": lock_wait_s}
    if url.get_backend_name() == "postgresql" and "connect_timeout" not in url.query:
        return {"connect_timeout": CONNECT_TIMEOUT_S}
    return {}


def _may_pass(error: DBAPIError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in PASSING_SQLITE_FAULTS  # the lowest byte is the kind, the rest its details
    return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)


def _is_no_gradebook(error: DBAPIError) -> bool:
    """Tell whether SQLite found no database of its own, or one without nbgrader's tables: an empty file."""
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    is_empty = code == sqlite3.SQLITE_ERROR and "no such table" in str(error.orig)
    return code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT) or is_empty


def _first_line(error: DBAPIError) -> str:
    lines = str(error.orig).strip().splitlines()
    return lines[0] if lines else type(error.orig).__name__
