"""A file of an older version is brought up to date while other processes use it."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tests.station.test_store_upgrade import counted, fresh, opened, path
from tests.station.test_store_writes import NOW

from tux.station.store import backlog, schema
from tux.station.store.schema import prepare

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

__all__ = ["fresh", "path"]


async def test_counting_waits_while_the_file_cannot_be_written(
    path: Path, fresh: dict[str, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was there before is counted once another process has let go of the file."""
    monkeypatch.setattr(backlog, "RETRY_SECONDS", 0.01)
    store = opened(path)
    await store.change(lambda connection: connection.execute("PRAGMA busy_timeout = 0"))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        counting = asyncio.create_task(backlog.build(store))
        while store.outage.reason is None:  # noqa: ASYNC110  # a file has no events
            await asyncio.sleep(0)
        assert not counting.done()
        other.execute("ROLLBACK")
        assert await counting
    assert counted(store) == fresh
    store.close()


def test_two_that_open_an_old_file_at_once_find_it_upgraded(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looked at its version before the other was done leaves it as that one made it."""

    def content(connection: sqlite3.Connection) -> list[list[Any]]:
        tables = ("backlog", "folded", "session_counts", "projects")
        return [connection.execute(f"SELECT * FROM {name}").fetchall() for name in tables]

    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        look = schema.version_of
        answers = iter([look(connection)])
        prepare(connection, NOW)
        before = content(connection)
        monkeypatch.setattr(schema, "version_of", lambda file: next(answers, look(file)))
        prepare(connection, NOW)
        assert content(connection) == before
        assert all(before)
