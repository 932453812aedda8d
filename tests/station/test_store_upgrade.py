"""A file of a version without these roll-ups becomes one with them."""

from __future__ import annotations

import asyncio
import sqlite3
import zlib
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.station.test_store_writes import NOW, SPAN_ROW, event, transaction

from tux.station.queries.issues import ALL, Asking, issues
from tux.station.queries.logs import AskingLogs, logs
from tux.station.rollups.cascade import due_at, fold, kept_from
from tux.station.rollups.histogram import bucket_of
from tux.station.rollups.periods import MINUTE
from tux.station.store import Store, backlog
from tux.station.store.schema import _SUM_FROM_2, VERSION, prepare
from tux.station.store.writing import save
from tux.station.wire.rows import Batch, CommandRunRow, LogRow, OrphanRow, Row, SessionRow

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = Path(__file__).parent / "schema_1.sql"
TABLES = {
    "durations": "tier, name, op, kind, block, bucket, period, runs, failed, round(total, 6)",
    "counts": "tier, kind, name, op, state, release, period, count",
    "session_counts": "tier, release, period, sessions, errored, crashed, latest",
    "series_users": "name, op, user_id, latest",
    "sums": "tier, kind, name, op, period, runs, failed, round(total, 6)",
    "duration_minutes": "name, op, kind, bucket, period, runs, failed, round(total, 6)",
    "sum_minutes": "kind, name, op, period, runs, failed, round(total, 6)",
}
OTHERS = (
    "hit_minutes",
    "user_hits",
    "issue_hours",
    "issue_users",
    "issue_tags",
    "affected",
    "backlog",
)


def rows() -> Iterator[Row]:
    """Make some of everything that is counted, some of it more than once."""
    for number in range(120):
        then = NOW - number**2 * 70.0  # some within the last hours, some days ago
        user = f"{number % 7}"
        spans = (
            replace(SPAN_ROW, description=f"SELECT {number % 3} FROM t WHERE id = {number}"),
            replace(SPAN_ROW, span_id="9" * 16, op="http.client", status="unavailable"),
        )
        yield transaction(
            number,
            start=then,
            name=f"command {number % 5}",
            duration=number * 1.5,
            status=("ok", "internal_error")[number % 2],
            span_id=f"{number:016x}",
            user_id=user,
            spans=spans,
            tags=(("guild.size", f"{number % 3}"),),
            payload=zlib.compress(f'{{"tags": {{"guild.size": "{number % 3}"}}}}'.encode()),
        )
        yield OrphanRow(f"{number:016x}", replace(SPAN_ROW, span_id=f"{number + 500:016x}"))
        yield event(number, timestamp=then, grouping=f"v1:{number % 9}", user_id=user)
        yield SessionRow(f"{number:032x}", then, then, f"r{number % 2}", "", crashed=number % 2)
        yield LogRow(then, "info", f"Shard {number} is ready", None, "{}")


def counted(store: Store) -> dict[str, list[Any]]:
    """Give everything that is counted, by names instead of numbers."""
    queries = {
        table: f"SELECT {columns} FROM {table} JOIN series ON series.id = series_id"
        for table, columns in TABLES.items()
    } | {table: f"SELECT * FROM {table}" for table in OTHERS}
    # Older ones of rows that come in are there until they are removed.
    queries["session_counts"] += f" WHERE tier < 2 OR period >= {kept_from(NOW)}"
    queries["issues"] = (
        "SELECT id, title, times_seen, users, tag_values, first_release, last_release FROM issues"
    )
    with store.read() as connection:
        return {
            table: sorted(tuple(row) for row in connection.execute(query))
            for table, query in queries.items()
        }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file as version 1 left it."""
    file = tmp_path / "station.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.executescript(f"{SCHEMA.read_text()} PRAGMA user_version = 1;")
        connection.execute("INSERT INTO projects VALUES (1, 'tux', 'f00d', 0)")
        _save_into_old(connection)
    return file


def _save_into_old(connection: sqlite3.Connection) -> None:
    """Write the rows as today, and copy what the old tables have columns for."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as today:
        prepare(today, NOW)
        save(today, Batch(1, tuple(rows())))
        connection.execute("BEGIN")
        for table in (
            "issues",
            "events",
            "event_tags",
            "transactions",
            "spans",
            "sessions",
            "logs",
        ):
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            places = ", ".join("?" * len(columns))
            connection.executemany(
                f"INSERT INTO {table} VALUES ({places})",
                today.execute(f"SELECT {', '.join(columns)} FROM {table}"),
            )
        connection.execute("COMMIT")


@pytest.fixture
async def fresh(tmp_path: Path) -> dict[str, list[Any]]:
    """What is counted of the same rows as they come in."""
    store = opened(tmp_path / "fresh.db")
    await asyncio.gather(*(store.write(Batch(1, (row,))) for row in rows()))
    # What an older version counted was in half hours and days at once.
    while not await store.change(_is_folded):
        pass
    found = counted(store)
    store.close()
    return found


def opened(path: Path) -> Store:
    """Open a file at the time of its newest row."""
    store = Store(path, clock=lambda: NOW)
    store.open()
    return store


def _is_folded(connection: sqlite3.Connection) -> bool:
    later = NOW + 10 * MINUTE
    return fold(connection, later).folded == due_at(later)


async def test_an_old_file_is_counted_as_if_it_had_been_all_along(
    path: Path, fresh: dict[str, list[Any]]
) -> None:
    """Roll-ups of old rows are those of rows that come in, and the key stays."""
    store = opened(path)
    assert await backlog.build(store)
    assert counted(store) == fresh
    assert fresh["durations"]
    assert store.project().public_key == "f00d"
    with store.read() as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == VERSION
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert [log.body for log in logs(connection, AskingLogs(query="SHARD 107 "))] == [
            "Shard 107 is ready"
        ]
        found = issues(connection, Asking("keyerror command:rank", ALL), NOW)
        assert len(found.issues) == 9
        assert {issue.first_release for issue in found.issues} == {"1"}
    assert await backlog.build(store) == 0
    store.close()


async def test_what_comes_meanwhile_is_counted_once(
    path: Path, fresh: dict[str, list[Any]]
) -> None:
    """Rows that come before the old ones are counted, or again, and a restart, change nothing."""
    del fresh["backlog"]
    sent = list(rows())
    store = opened(path)
    before = counted(store)
    await store.write(Batch(1, tuple(row for row in sent if not isinstance(row, LogRow))))
    assert counted(store) == before
    for _ in range(3):
        await store.change(partial(backlog._step, names=store.names, now=NOW))
    store.close()
    store = opened(path)
    await backlog.build(store)
    found = counted(store)
    assert not found.pop("backlog")
    assert found == fresh
    store.close()


async def test_a_file_without_sums_gets_them(path: Path, fresh: dict[str, list[Any]]) -> None:
    """Of a file of version 2 only what that one did not count is counted."""
    store = opened(path)
    await backlog.build(store)
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "DELETE FROM sums; DELETE FROM user_hits; DELETE FROM durations WHERE series_id IN "
            f"(SELECT id FROM series WHERE kind IN ('op', 'command tag')); {_SUM_FROM_2}"
        )
    store = opened(path)
    await backlog.build(store)
    assert counted(store) == fresh
    store.close()


async def test_a_file_without_minutes_gets_them(path: Path, fresh: dict[str, list[Any]]) -> None:
    """Of a file of version 4 the last hours are counted by the minute, and nothing twice."""
    store = opened(path)
    await backlog.build(store)
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "DROP TABLE duration_minutes; DROP TABLE sum_minutes; DROP TABLE hit_minutes; "
            "DROP TABLE folded; DELETE FROM session_counts WHERE tier = 2; "
            "ALTER TABLE backlog DROP COLUMN first; PRAGMA user_version = 4;"
        )
    store = opened(path)
    assert not counted(store)["duration_minutes"]
    await backlog.build(store)
    found = counted(store)
    assert found == fresh
    assert found["duration_minutes"]
    assert found["sum_minutes"]
    assert found["hit_minutes"]
    store.close()


def test_an_index_of_what_failed_is_made_anew(tmp_path: Path) -> None:
    """One of before asks for fewer statuses, and would not be used any more."""
    names = ("transactions_failed", "transactions_name_failed")
    with closing(sqlite3.connect(tmp_path / "station.db")) as connection:
        connection.executescript(SCHEMA.read_text())
        for name in names:
            connection.execute(
                f"CREATE INDEX {name} ON transactions (start) WHERE status = 'data_loss'"
            )
        connection.execute("PRAGMA user_version = 1")
        prepare(connection, NOW)
        found = dict(connection.execute("SELECT name, sql FROM sqlite_master"))
    assert all("'unauthenticated'" in found[name] for name in names)


async def test_an_empty_old_file_needs_nothing(tmp_path: Path) -> None:
    """Where nothing was kept, nothing is counted."""
    path = tmp_path / "station.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"{SCHEMA.read_text()} PRAGMA user_version = 1;")
    store = opened(path)
    assert await backlog.build(store) == 0
    store.close()


RUNS_OF_3 = """
ALTER TABLE backlog DROP COLUMN first;
DROP TABLE command_runs;
CREATE TABLE command_runs (
    id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL, timestamp REAL NOT NULL,
    command TEXT NOT NULL, environment TEXT, duration REAL NOT NULL, trace_id TEXT
) STRICT;
CREATE INDEX command_runs_time ON command_runs (timestamp);
INSERT INTO command_runs (project_id, timestamp, command, duration, trace_id) VALUES
    (1, 1.5, 'ban', 20, 'aa'), (1, 1.5, 'ban', 20, 'aa'), (1, 1.5, 'kick', 20, 'aa'),
    (1, 2.5, 'ban', 20, NULL), (1, 2.5, 'ban', 20, NULL);
PRAGMA user_version = 3;
"""


async def test_measured_runs_of_version_3_are_kept(tmp_path: Path) -> None:
    """They stay without an outcome, each once, and what comes after them is counted."""
    path = tmp_path / "station.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        prepare(connection, NOW)
        connection.executescript(RUNS_OF_3)
    store = Store(path)
    store.open()
    row = CommandRunRow(2.5, "ban", None, 30.0, "bb", "internal_error", "KeyError")
    for _ in range(2):
        await store.write(Batch(1, (row,)))
    with store.read() as connection:
        found = connection.execute("SELECT command, status, error, trace_id FROM command_runs")
        assert [tuple(one) for one in found] == [
            ("ban", "unknown", None, "aa"),
            ("kick", "unknown", None, "aa"),
            ("ban", "unknown", None, None),
            ("ban", "unknown", None, None),
            ("ban", "internal_error", "KeyError", "bb"),
        ]
    assert {tuple(one) for one in counted(store)["durations"] if one[0] == 1} == {
        (1, name, "", kind, 0, bucket_of(30.0), 0, 1, 1, 30.0)
        for name, kind in (("", "ran"), ("ban", "ran command"))
    }
    store.close()


async def test_a_file_of_version_3_without_measured_runs(tmp_path: Path) -> None:
    """The first files of that version did not have their table."""
    path = tmp_path / "station.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        prepare(connection, NOW)
        connection.executescript(
            "ALTER TABLE backlog DROP COLUMN first; DROP TABLE command_runs; "
            "PRAGMA user_version = 3;"
        )
    store = Store(path)
    store.open()
    await store.write(Batch(1, (CommandRunRow(2.5, "ban", None, 30.0, "bb", "ok", None),)))
    with store.read() as connection:
        assert connection.execute("SELECT count(*) FROM command_runs").fetchone()[0] == 1
    store.close()
