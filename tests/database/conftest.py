"""The real databases: a file of SQLite, and a PostgreSQL server where one is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.database.postgres import running_server, server_programs

from tux.database.service import DatabaseService

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.database.postgres import PostgresServer


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for all tests of this process."""
    programs = server_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server is not installed here: no `postgres` was found")
    with running_server(programs) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'data' / 'tux.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.url(await server.create_database())


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[DatabaseService]:
    """A database with the bot's tables, empty."""
    service = DatabaseService(database_url)
    await service.connect()
    yield service
    await service.close()
