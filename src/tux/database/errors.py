"""SQLAlchemy's errors → ours, with the operation and the table as facts and no values."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from tux.shared.exceptions import (
    TuxDatabaseConnectionError,
    TuxDatabaseError,
    TuxDatabaseQueryError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

AWAY = (OSError, TimeoutError, PoolTimeoutError)
AWAY_WORDS = ("unable to open database", "readonly database", "disk", "connection", "closed")
"""What SQLite says where its file cannot be used; a wrong statement is an OperationalError too."""


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
    except (SQLAlchemyError, *AWAY) as error:
        if _is_away(error):
            raise TuxDatabaseConnectionError(
                "The database cannot be reached", operation=operation, table=table
            ) from error
        raise TuxDatabaseQueryError(
            f"The database refused: {_kind(error)}", operation=operation, table=table
        ) from error


def _is_away(error: Exception) -> bool:
    if isinstance(error, AWAY) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return True
    if isinstance(error, OperationalError | InterfaceError):
        words = str(error.orig).lower()
        return any(word in words for word in AWAY_WORDS)
    # asyncpg's "the server is starting up" and "too many connections" have classes of their own.
    sqlstate = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    return sqlstate.startswith(("08", "53", "57P"))


def _kind(error: Exception) -> str:
    original = getattr(error, "orig", None)
    return type(original or error).__name__
