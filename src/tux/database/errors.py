"""SQLAlchemy's errors → ours, with the operation and the table as facts and no values."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from tux.shared.exceptions import (
    TuxDatabaseConnectionError,
    TuxDatabaseError,
    TuxDatabaseQueryError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

AWAY = (OSError, TimeoutError, PoolTimeoutError)
AWAY_SQLSTATES = ("08", "28", "3D", "53", "57P")
"""How the codes of PostgreSQL begin that speak of the way to it, not of the statement.

Connection, authorization, no such database, resources, and operator intervention:
https://www.postgresql.org/docs/17/errcodes-appendix.html
"""
AWAY_SQLITE_CODES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}
"""What SQLite says where its file cannot be used. Its words name columns too: they tell nothing."""

WRONG_SQLSTATES = ("28", "3D")
"""Of those, what waiting does not mend: who may come in, and a database that there is not."""
PASSING_SQLITE_CODES = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
WRONG_PATHS = (PermissionError, NotADirectoryError, IsADirectoryError, FileExistsError)


@contextmanager
def told(operation: str, table: str | None = None) -> Iterator[None]:
    """Turn whatever the database raises into an error of our tree.

    The original is its cause. The message has no statement and no parameters: they hold what
    members wrote.

    Raises:
        TuxDatabaseConnectionError: the database cannot be reached.
        TuxDatabaseQueryError: it answered with an error.
    """
    try:
        yield
    except TuxDatabaseError:
        raise
    except (SQLAlchemyError, OverflowError, *AWAY) as error:
        # sqlite3 raises a bare OverflowError for a number past 64 bits.
        if _is_away(error):
            raise TuxDatabaseConnectionError(
                "The database cannot be reached", operation=operation, table=table
            ) from error
        raise TuxDatabaseQueryError(
            f"The database refused: {_kind(error)}", operation=operation, table=table
        ) from error


def may_pass(error: TuxDatabaseError) -> bool:
    """Tell whether what was told is an outage, which is over some day, and not a wrong setting."""
    cause = error.__cause__
    if not isinstance(error, TuxDatabaseConnectionError) or isinstance(cause, WRONG_PATHS):
        return False
    original = getattr(cause, "orig", None)
    code = getattr(original, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in PASSING_SQLITE_CODES
    return not (getattr(original, "sqlstate", None) or "").startswith(WRONG_SQLSTATES)


def _is_away(error: Exception) -> bool:
    if isinstance(error, AWAY):
        return True
    if not isinstance(error, DBAPIError):
        return False
    sqlstate = getattr(error.orig, "sqlstate", None) or ""
    # The lowest byte is the kind; the others tell kinds of it apart.
    sqlite_code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    return (
        error.connection_invalidated
        or sqlstate.startswith(AWAY_SQLSTATES)
        or sqlite_code in AWAY_SQLITE_CODES
    )


def _kind(error: Exception) -> str:
    original = getattr(error, "orig", None)
    return type(original or error).__name__
