"""A database that is away, comes back, or refuses: what callers are told of it."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

import tux.database.service
from tux.database.errors import told
from tux.database.models import Case
from tux.database.service import DatabaseService
from tux.shared.exceptions import (
    TuxDatabaseConnectionError,
    TuxDatabaseError,
    TuxDatabaseQueryError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.database.postgres import PostgresServer

SECRET = "hunter2"
CASE = {"guild_id": 1, "kind": "warn", "user_id": 1, "moderator_id": 1, "reason": SECRET}


@pytest.fixture
async def on_postgres(postgres: PostgresServer) -> AsyncIterator[DatabaseService]:
    """A database of PostgreSQL with the bot's tables, and one user."""
    url = postgres.url(await postgres.create_database(), user=f"tux:{SECRET}")
    service = DatabaseService(url)
    await service.connect()
    await service.user.create(id=1, name="ada")
    yield service
    await service.close()


@pytest.fixture
async def on_sqlite(tmp_path: Path) -> AsyncIterator[DatabaseService]:
    """A file of SQLite with the bot's tables, and one user."""
    service = DatabaseService(f"sqlite:///{tmp_path / 'tux.db'}")
    await service.connect()
    await service.user.create(id=1, name="ada")
    yield service
    await service.close()


def assert_told(error: TuxDatabaseError, operation: str, table: str | None) -> None:
    """The facts are there; what members wrote and what the address holds is not."""
    assert (error.operation, error.table) == (operation, table)
    assert operation in str(error)
    assert not table or table in str(error)
    for told_by in (error, error.__cause__):
        assert SECRET not in str(told_by)
    for secret in ("://", "127.0.0.1", ".db"):
        assert secret not in str(error)


async def assert_away(db: DatabaseService) -> None:
    """Every operation tells that the database is away."""
    with pytest.raises(TuxDatabaseConnectionError) as connecting:
        await db.connect()
    assert_told(connecting.value, "connect", None)
    with pytest.raises(TuxDatabaseConnectionError) as creating:
        await db.user.create(id=2, name=SECRET)
    assert_told(creating.value, "insert", "users")
    with pytest.raises(TuxDatabaseConnectionError) as finding:
        await db.case.find_all(Case.reason == SECRET)
    assert_told(finding.value, "select", "cases")


async def test_nobody_listens(unused_tcp_port: int) -> None:
    """A server that is not there is away; the service says it has not connected."""
    db = DatabaseService(f"postgresql://tux:{SECRET}@127.0.0.1:{unused_tcp_port}/tux")
    await assert_away(db)
    assert db.is_connected is False
    await db.close()


async def test_the_host_has_no_address() -> None:
    """A host that nobody knows is away."""
    db = DatabaseService(f"postgresql://tux:{SECRET}@nowhere.invalid/tux")
    await assert_away(db)
    await db.close()


async def test_somebody_listens_who_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is silent for too long is away."""
    monkeypatch.setattr(tux.database.service, "CONNECT_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        db = DatabaseService(f"postgresql://tux:{SECRET}@127.0.0.1:{silent.getsockname()[1]}/tux")
        await assert_away(db)
        await db.close()


async def test_somebody_listens_who_is_no_database() -> None:
    """A server of another kind is away."""

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        db = DatabaseService(f"postgresql://tux:{SECRET}@127.0.0.1:{port}/tux")
        await assert_away(db)
        await db.close()


async def test_the_server_has_no_such_database(postgres: PostgresServer) -> None:
    """A database that was never made is away, and works when it is made."""
    db = DatabaseService(postgres.url("later"))
    await assert_away(db)
    await postgres.execute("CREATE DATABASE later")
    await db.connect()
    assert await db.user.count() == 0
    await db.close()


async def test_the_server_lets_nobody_else_in(postgres: PostgresServer) -> None:
    """A server that is full is away."""
    await postgres.execute("CREATE ROLE crowd LOGIN CONNECTION LIMIT 0")
    db = DatabaseService(postgres.url(await postgres.create_database(), user="crowd"))
    await assert_away(db)
    await db.close()


async def test_the_server_stops_and_comes_back(
    postgres: PostgresServer, on_postgres: DatabaseService
) -> None:
    """A service whose server was away works again as soon as it is back."""
    postgres.stop()
    try:
        await assert_away(on_postgres)
    finally:
        postgres.start()
    assert [user.name for user in await on_postgres.user.find_all()] == ["ada"]
    await on_postgres.case.create(**CASE)


async def test_the_server_stops_while_it_works(
    postgres: PostgresServer, on_postgres: DatabaseService
) -> None:
    """A statement that the server's end cuts off tells that the database is away."""
    slow = asyncio.create_task(on_postgres.user.count(text("pg_sleep(30) IS NULL")))  # type: ignore[arg-type]  # what a filter may be but for its type
    await postgres.wait_for(
        "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    )
    postgres.stop()
    try:
        with pytest.raises(TuxDatabaseConnectionError) as raised:
            await slow
    finally:
        postgres.start()
    assert_told(raised.value, "select", "users")
    assert await on_postgres.user.count() == 1


async def test_the_server_ends_our_connections(
    postgres: PostgresServer, on_postgres: DatabaseService
) -> None:
    """Connections that died while nobody used them are made anew, unnoticed."""
    await asyncio.gather(*(on_postgres.user.count() for _ in range(3)))
    await postgres.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid != pg_backend_pid()"
    )
    counts = await asyncio.gather(*(on_postgres.user.count() for _ in range(3)))
    assert counts == [1, 1, 1]


async def test_a_folder_stands_where_the_file_should(tmp_path: Path) -> None:
    """A file that cannot be opened is away, and works when the way is clear."""
    path = tmp_path / "tux.db"
    path.mkdir()
    db = DatabaseService(f"sqlite:///{path}")
    await assert_away(db)
    path.rmdir()
    await db.connect()
    assert db.is_connected is True
    assert await db.user.count() == 0
    await db.close()


async def test_the_folder_cannot_be_made(tmp_path: Path) -> None:
    """A file whose folder cannot be made is away, and works when it can."""
    (tmp_path / "data").write_text("in the way")
    db = DatabaseService(f"sqlite:///{tmp_path / 'data' / 'tux.db'}")
    await assert_away(db)
    (tmp_path / "data").unlink()
    await db.connect()
    assert await db.user.count() == 0
    await db.close()


async def test_the_file_is_no_database(tmp_path: Path) -> None:
    """A file that is something else is away, and is left as it is."""
    precious = "not a database, and precious " * 50
    (tmp_path / "notes.db").write_text(precious)
    db = DatabaseService(f"sqlite:///{tmp_path / 'notes.db'}")
    await assert_away(db)
    await db.close()
    assert (tmp_path / "notes.db").read_text() == precious


@pytest.mark.parametrize(
    "pragma", ["query_only = ON", "max_page_count = 1"], ids=["read-only", "full"]
)
async def test_the_file_takes_nothing_more(on_sqlite: DatabaseService, pragma: str) -> None:
    """A file that cannot be written, or a disk that is full, is away for writers alone."""
    async with on_sqlite.session() as session:
        await session.execute(text(f"PRAGMA {pragma}"))
    with pytest.raises(TuxDatabaseConnectionError) as raised:
        await on_sqlite.case.create(**{**CASE, "reason": SECRET * 10_000})
    assert_told(raised.value, "insert", "cases")
    assert await on_sqlite.user.count() == 1


async def test_somebody_holds_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that another process keeps locked is away, and works when it lets go."""
    monkeypatch.setattr(tux.database.service, "CONNECT_SECONDS", 0.05)
    db = DatabaseService(f"sqlite:///{tmp_path / 'tux.db'}")
    await db.connect()
    other = sqlite3.connect(tmp_path / "tux.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(TuxDatabaseConnectionError) as raised:
        await db.case.create(**CASE)
    assert_told(raised.value, "insert", "cases")
    other.execute("ROLLBACK")
    other.close()
    await db.case.create(**CASE)
    await db.close()


@pytest.mark.parametrize("word", ["closed_by", "disk", "connection"])
async def test_a_statement_is_refused(db: DatabaseService, word: str) -> None:
    """A wrong statement is no absence, whatever words the refusal has."""
    with pytest.raises(TuxDatabaseQueryError) as raised:
        await db.case.find_all(text(f"{word} = '{SECRET}'"))  # type: ignore[arg-type]  # what a filter may be but for its type
    assert_refused(raised.value, "select", "cases")


def assert_refused(error: TuxDatabaseQueryError, operation: str, table: str) -> None:
    assert (error.operation, error.table) == (operation, table)
    assert str(error).startswith("The database refused: ")
    assert str(error).endswith(f"({operation} {table})")
    assert SECRET not in str(error)
    assert isinstance(error.__cause__, SQLAlchemyError | OverflowError)


async def test_a_table_is_missing(db: DatabaseService) -> None:
    """A table that is not there is a refusal, and names what was asked."""
    async with db.session() as session:
        await session.execute(text("DROP TABLE cases"))
        await session.commit()
    with pytest.raises(TuxDatabaseQueryError) as raised:
        await db.case.create(**CASE)
    assert_refused(raised.value, "select", "cases")


async def test_a_row_that_is_there_already_is_refused(db: DatabaseService) -> None:
    """A second row of one id is refused."""
    await db.user.create(id=1)
    with pytest.raises(TuxDatabaseQueryError, match=r"Integrity|Unique") as raised:
        await db.user.create(id=1, name=SECRET)
    assert_told(raised.value, "insert", "users")
    assert_refused(raised.value, "insert", "users")


async def test_a_row_without_what_it_needs_is_refused(db: DatabaseService) -> None:
    """A row with a hole is refused, for cases and for others, and none is made."""
    with pytest.raises(TuxDatabaseQueryError) as raised:
        await db.case.create(**{**CASE, "kind": None})
    assert_told(raised.value, "insert", "cases")
    with pytest.raises(TuxDatabaseQueryError):
        await db.case.get_or_create(1, guild_id=1)
    assert await db.case.count() == 0


async def test_a_naive_time_is_refused(db: DatabaseService) -> None:
    """A time without a zone is no moment: it is refused before the database sees it."""
    created = await db.case.create(**CASE)
    naive = created.created_at.replace(tzinfo=None)
    with pytest.raises(TuxDatabaseQueryError, match="ValueError") as raised:
        await db.case.create(**CASE, expires_at=naive)
    assert_told(raised.value, "insert", "cases")
    with pytest.raises(TuxDatabaseQueryError, match="ValueError"):
        await db.case.due(naive)
    assert await db.case.count() == 1


async def test_a_number_past_what_the_column_holds_is_refused(db: DatabaseService) -> None:
    """A number that a member made up is refused like any wrong value."""
    with pytest.raises(TuxDatabaseQueryError) as finding:
        await db.case.find_one(Case.number == 10**30)
    assert_refused(finding.value, "select", "cases")
    with pytest.raises(TuxDatabaseQueryError) as creating:
        await db.user.create(id=10**30)
    assert_refused(creating.value, "insert", "users")


async def test_a_refusal_leaves_no_trace(db: DatabaseService) -> None:
    """After a refusal the next statement works."""
    for _ in range(20):
        with pytest.raises(TuxDatabaseQueryError):
            await db.case.find_all(text("nonsense = 1"))  # type: ignore[arg-type]  # what a filter may be but for its type
    assert await db.case.count() == 0


async def test_close_lets_every_connection_go(
    postgres: PostgresServer, on_postgres: DatabaseService
) -> None:
    """A closed service holds no connection of the server."""
    await asyncio.gather(*(on_postgres.user.count() for _ in range(5)))
    assert on_postgres.is_connected is True
    await on_postgres.close()
    assert on_postgres.is_connected is False
    await postgres.wait_for(
        "SELECT count(*) = 0 FROM pg_stat_activity"
        " WHERE backend_type = 'client backend' AND pid != pg_backend_pid()"
    )


async def test_close_lets_the_file_go(on_sqlite: DatabaseService, tmp_path: Path) -> None:
    """A closed service leaves one file, without the journals of an open one."""
    await asyncio.gather(*(on_sqlite.user.count() for _ in range(5)))
    await on_sqlite.close()
    assert on_sqlite.is_connected is False
    left = await asyncio.to_thread(lambda: list(tmp_path.iterdir()))
    assert left == [tmp_path / "tux.db"]


async def test_close_before_and_after(tmp_path: Path) -> None:
    """A service may be closed before it has connected, and twice."""
    db = DatabaseService(f"sqlite:///{tmp_path / 'tux.db'}")
    await db.close()
    await db.connect()
    await db.close()
    await db.close()
    assert db.is_connected is False


def test_an_error_of_the_tree_is_told_as_it_is() -> None:
    """What was told by an inner operation is not told anew by the outer one."""
    inner = TuxDatabaseQueryError(operation="select", table="cases")
    with pytest.raises(TuxDatabaseQueryError) as raised, told("insert", "users"):
        raise inner
    assert raised.value is inner


def test_an_error_of_the_caller_is_the_callers() -> None:
    """What is no fault of the database passes unchanged."""
    with pytest.raises(KeyError), told("select", "users"):
        raise KeyError
