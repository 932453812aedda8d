"""The bot's way to its database."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import AsyncAdaptedQueuePool, event
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from tux.database.errors import told
from tux.database.migrate import upgrade
from tux.database.models import Case, Guild, User
from tux.database.repositories import CaseRepository, TrackedRepository
from tux.database.urls import parse_url
from tux.shared.exceptions import TuxConfigurationError

if TYPE_CHECKING:
    from sqlalchemy import URL
    from sqlalchemy.ext.asyncio import AsyncEngine

CONNECT_SECONDS = 5
"""After so long a server that does not answer counts as away."""
MEMORY = ":memory:"
"""SQLite's name for a database without a file."""


class DatabaseService:
    """Users, guilds and cases.

    It may be built before the database is there; what is asked of it then raises
    ``TuxDatabaseConnectionError``, and works as soon as the database is back.
    """

    def __init__(self, url: str) -> None:
        """Prepare for a database; nothing is opened.

        Raises:
            TuxConfigurationError: the address is of no database that we know, or its driver is not
                installed.
        """
        self._url = parse_url(url)
        self._engine = _engine(self._url)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        self.user = TrackedRepository(User, self._sessions)
        self.guild = TrackedRepository(Guild, self._sessions)
        self.case = CaseRepository(Case, self._sessions)
        self.is_connected = False
        """Whether ``connect`` has succeeded and ``close`` has not been called since."""

    async def connect(self) -> None:
        """Open the database and bring its tables up to date.

        Raises:
            TuxDatabaseConnectionError: it cannot be reached.
            TuxDatabaseQueryError: a migration failed.
        """
        with told("connect"):
            if self._url.get_backend_name() == "sqlite" and self._url.database != MEMORY:
                await asyncio.to_thread(_make_folder, Path(str(self._url.database)))
            async with self._engine.begin() as connection:
                await connection.run_sync(upgrade)
        self.is_connected = True

    def session(self) -> AsyncSession:
        """Give a session for what the repositories do not offer."""
        return self._sessions()

    async def close(self) -> None:
        """Let all connections go."""
        self.is_connected = False
        await self._engine.dispose()


def _engine(url: URL) -> AsyncEngine:
    # An error's text is reported, and a statement's parameters are what members wrote.
    options: dict[str, Any] = {
        "hide_parameters": True,
        "connect_args": {"timeout": CONNECT_SECONDS},
    }
    if url.get_backend_name() != "sqlite":
        try:
            return create_async_engine(url, pool_pre_ping=True, **options)
        except ModuleNotFoundError:
            hint = "PostgreSQL needs asyncpg: pip install 'tux[postgres]'."
            raise TuxConfigurationError("DATABASE_URL", hint) from None
    if url.database == MEMORY:
        # Each connection has a memory of its own, and one that two share mixes transactions.
        options |= {"poolclass": AsyncAdaptedQueuePool, "pool_size": 1, "max_overflow": 0}
    engine = create_async_engine(url, **options)
    event.listen(engine.sync_engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    # Readers must not wait for writers; a second process may hold the lock for a moment.
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _make_folder(path: Path) -> None:
    """Make the folder and the file, for nobody else to read: cases tell of people."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
