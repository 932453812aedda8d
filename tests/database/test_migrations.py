"""The migrations make the tables that the models describe, from nothing, once."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from sqlmodel import SQLModel

from tux.database.migrate import alembic_config
from tux.database.service import DatabaseService

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

TABLES = {"users", "guilds", "cases"}


async def ask(db: DatabaseService, question: Callable[[Connection], Any]) -> Any:
    """Ask the connection itself."""
    async with db.session() as session:
        answer = await (await session.connection()).run_sync(question)
        await session.commit()
        return answer


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


async def test_an_empty_database_gets_every_table(database_url: str) -> None:
    """Connecting brings an empty database to the newest migration."""
    db = DatabaseService(database_url)
    await db.connect()
    assert await ask(db, tables) == {*TABLES, "alembic_version"}
    assert (
        await ask(db, revision) == ScriptDirectory.from_config(alembic_config()).get_current_head()
    )
    await db.close()


async def test_connecting_again_changes_nothing(db: DatabaseService, database_url: str) -> None:
    """A database that is up to date keeps its rows when somebody connects."""
    await db.user.create(id=1, name="ada")
    await db.connect()
    later = DatabaseService(database_url)
    await later.connect()
    assert [user.name for user in await later.user.find_all()] == ["ada"]
    await later.close()


async def test_the_migrated_tables_are_the_models(db: DatabaseService) -> None:
    """Alembic finds no difference between the migrated tables and the models."""

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, SQLModel.metadata))

    assert await ask(db, differences) == []


async def test_the_migrations_can_be_undone_and_done_again(db: DatabaseService) -> None:
    """Downgrading to nothing removes the tables; connecting makes them anew."""
    await ask(db, lambda connection: command.downgrade(alembic_config(connection), "base"))
    assert await ask(db, tables) == {"alembic_version"}
    await db.connect()
    assert await ask(db, tables) >= TABLES
    assert await db.case.count() == 0


async def test_the_folder_of_the_file_is_made(tmp_path: Path) -> None:
    """SQLite's file may lie in folders that are not there yet."""
    path = tmp_path / "some" / "where" / "tux.db"
    db = DatabaseService(f"sqlite:///{path}")
    await db.connect()
    await db.close()
    assert path.is_file()


async def test_sqlite_lets_readers_in_while_somebody_writes(tmp_path: Path) -> None:
    """A long write of another process does not keep the bot from reading."""
    db = DatabaseService(f"sqlite:///{tmp_path / 'tux.db'}")
    await db.connect()
    await db.user.create(id=1, name="ada")
    other = sqlite3.connect(tmp_path / "tux.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    other.execute("UPDATE users SET name = 'bob'")
    found = await asyncio.wait_for(db.user.get(1), 2)
    other.execute("ROLLBACK")
    other.close()
    assert found is not None
    assert found.name == "ada"
    await db.close()


async def test_a_database_in_memory_lives_as_long_as_the_service() -> None:
    """SQLite's memory holds one database for the whole service, without a file."""
    db = DatabaseService("sqlite:///:memory:")
    await db.connect()
    await asyncio.gather(*(db.user.create(id=number) for number in range(5)))
    assert await db.user.count() == 5
    await db.close()
