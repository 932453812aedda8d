"""What is kept: once each, all of a request or nothing, and still there after a crash."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from tests.fakes.killed import said_before_kill

from tux.shared.exceptions import TuxConfigurationError
from tux.shared.settings import StationSettings
from tux.station.errors import UnavailableError
from tux.station.rollups.periods import DAY
from tux.station.store.file import Store
from tux.station.store.retention import prune
from tux.station.store.schema import VERSION
from tux.station.wire.rows import (
    Batch,
    CheckInRow,
    DiscardRow,
    EventRow,
    FeedbackRow,
    LogRow,
    OrphanRow,
    Row,
    SessionRow,
    SpanRow,
    TransactionRow,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = 1_795_000_000.0
TRACE, SPAN, CHILD = "a" * 32, "b" * 16, "c" * 16


def event(number: int = 1, **changes: Any) -> EventRow:
    row = EventRow(
        event_id=f"{number:032x}",
        received=NOW,
        timestamp=NOW,
        level="error",
        grouping="v1:x",
        title="KeyError: 'xp'",
        culprit="levels in rank",
        transaction="rank",
        trace_id=TRACE,
        span_id=SPAN,
        user_id="42",
        release="1",
        environment="test",
        handled=True,
        tags=(("command", "rank"), ("guild_id", "7")),
        payload=b"x",
    )
    return replace(row, **changes)


SPAN_ROW = SpanRow(TRACE, CHILD, SPAN, "db", "SELECT 1", "ok", NOW, 2.0)


def transaction(number: int = 1, **changes: Any) -> TransactionRow:
    row = TransactionRow(
        event_id=f"{number:032x}",
        received=NOW,
        start=NOW,
        duration=12.0,
        name="rank",
        op="command",
        status="ok",
        trace_id=TRACE,
        span_id=SPAN,
        parent_span_id=None,
        user_id="42",
        release="1",
        environment="test",
        payload=b"x",
        spans=(SPAN_ROW,),
    )
    return replace(row, **changes)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "station.db", clock=lambda: NOW)
    opened.open()
    yield opened
    opened.close()


def rows(store: Store, query: str) -> list[dict[str, Any]]:
    with store.read() as connection:
        return [dict(row) for row in connection.execute(query)]


def values(store: Store, query: str) -> list[Any]:
    return [next(iter(row.values())) for row in rows(store, query)]


async def keep(store: Store, *kept: Row) -> None:
    await store.write(Batch(1, kept))


async def test_a_resent_event_counts_once(store: Store) -> None:
    """The same event twice is one event, one in the issue's count, and one set of tags."""
    for _ in range(2):
        await keep(store, event())
    assert values(store, "SELECT times_seen FROM issues") == [1]
    assert values(store, "SELECT count(*) FROM events") == [1]
    assert values(store, "SELECT count(*) FROM event_tags") == [2]


async def test_an_issue_knows_its_first_and_last_event(store: Store) -> None:
    """Events may come out of order; the newest one names the issue."""
    await keep(store, event(1))
    await keep(store, event(2, timestamp=NOW - 50, title="older", level="info"))
    await keep(store, event(3, timestamp=NOW + 50, title="newer", level="fatal"))
    (issue,) = rows(store, "SELECT * FROM issues")
    assert (issue["first_seen"], issue["last_seen"]) == (NOW - 50, NOW + 50)
    assert (issue["title"], issue["level"], issue["times_seen"]) == ("newer", "fatal", 3)


@pytest.mark.parametrize(
    ("status", "timestamp", "expected"),
    [
        ("resolved", NOW + 1, "unresolved"),
        ("resolved", NOW - 1, "resolved"),
        ("ignored", NOW + 1, "ignored"),
    ],
)
async def test_a_resolved_issue_comes_back(
    store: Store, status: str, timestamp: float, expected: str
) -> None:
    """An event that happened after the resolution reopens the issue; a late one does not."""
    await keep(store, event(1, timestamp=NOW - 10))
    query = "UPDATE issues SET status = ?, resolved = ?"
    await store.change(lambda connection: connection.execute(query, (status, NOW)).rowcount)
    await keep(store, event(2, timestamp=timestamp))
    assert values(store, "SELECT status FROM issues") == [expected]


async def test_a_resent_transaction_counts_once(store: Store) -> None:
    """The same transaction twice is one, with one set of spans."""
    for _ in range(2):
        await keep(store, transaction())
    assert values(store, "SELECT count(*) FROM transactions") == [1]
    assert values(store, "SELECT count(*) FROM spans") == [1]


@pytest.mark.parametrize("is_late", [False, True])
async def test_streamed_spans_find_their_segment(store: Store, *, is_late: bool) -> None:
    """A child hangs below its segment whichever comes first, and once however often it comes."""
    orphan, segment = OrphanRow(SPAN, SPAN_ROW), transaction(spans=())
    for row in (segment, orphan) if is_late else (orphan, segment):
        await keep(store, row)
        await keep(store, row)
    assert values(store, "SELECT txn = (SELECT id FROM transactions) FROM spans") == [1]


async def test_the_newest_state_of_a_session_counts(store: Store) -> None:
    """A session that ended is not counted as running by an update that comes late."""
    session = SessionRow("s" * 32, NOW, NOW, "1", "test")
    await keep(store, replace(session, updated=NOW + 2, crashed=1))
    await keep(store, replace(session, updated=NOW + 1))
    assert values(store, "SELECT crashed FROM sessions") == [1]


async def test_counts_of_sessions_add_up(store: Store) -> None:
    """Two aggregates of the same minute are summed."""
    counts = SessionRow("s" * 32, NOW, NOW, "1", "test", exited=3, errored=1, is_aggregate=True)
    await keep(store, counts)
    await keep(store, counts)
    assert [tuple(row.values()) for row in rows(store, "SELECT exited, errored FROM sessions")] == [
        (6, 2)
    ]


async def test_a_finished_run_stays_finished(store: Store) -> None:
    """A check-in's start that comes after its end does not reopen the run."""
    begun = CheckInRow("c" * 32, "expire", "in_progress", NOW, None, "{}")
    await keep(store, replace(begun, status="ok", updated=NOW + 5, duration=5000.0, config=None))
    await keep(store, begun)
    (run,) = rows(store, "SELECT * FROM check_ins")
    assert (run["status"], run["started"], run["updated"]) == ("ok", NOW, NOW + 5)
    assert (run["duration"], run["config"]) == (5000.0, "{}")


async def test_losses_add_up_by_hour(store: Store) -> None:
    """Losses of one reason in one hour are one row."""
    for offset in (0, 1, 3600):
        await keep(store, DiscardRow(NOW + offset, "client", "error", "queue_overflow", 2))
    assert sorted(values(store, "SELECT quantity FROM discards")) == [2, 4]


async def test_a_batch_is_kept_whole_or_not_at_all(store: Store) -> None:
    """A row that cannot be written takes its own request back, and no other's."""
    bad = event(2, title=None)
    results = await asyncio.gather(
        keep(store, event(1)),
        keep(store, event(3), transaction(), bad),
        keep(store, event(4)),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [type(None), sqlite3.IntegrityError, type(None)]
    assert values(store, "SELECT event_id FROM events") == [f"{number:032x}" for number in (1, 4)]
    assert values(store, "SELECT count(*) FROM transactions") == [0]
    assert values(store, "SELECT times_seen FROM issues") == [2]


async def test_a_reader_sees_one_moment(store: Store) -> None:
    """What is committed while a page is made does not change the page."""
    await keep(store, event(1))
    with store.read() as connection:
        count = partial(connection.execute, "SELECT count(*) FROM events")
        before = count().fetchone()[0]
        await keep(store, event(2))
        assert count().fetchone()[0] == before == 1


async def test_a_reader_cannot_write(store: Store) -> None:
    """Pages have no way to change what is kept."""
    with store.read() as connection, pytest.raises(sqlite3.OperationalError):
        connection.execute("DELETE FROM events")


async def test_a_file_that_cannot_be_written_is_told(store: Store) -> None:
    """A full disk refuses the request for now, and the store works again when there is room."""
    (pages,) = values(store, "SELECT page_count FROM pragma_page_count")

    def limit(connection: sqlite3.Connection, most: int) -> None:
        connection.execute(f"PRAGMA max_page_count = {most}")

    await store.change(partial(limit, most=pages))
    with pytest.raises(UnavailableError):
        await keep(store, event(1, payload=os.urandom(100_000)))
    await store.change(partial(limit, most=1_000_000))
    await keep(store, event(1))
    assert values(store, "SELECT count(*) FROM events") == [1]


async def test_a_closed_store_refuses(tmp_path: Path) -> None:
    """A request that comes while the station stops may be sent again later."""
    store = Store(tmp_path / "station.db")
    store.open()
    store.close()
    store.close()
    with pytest.raises(UnavailableError):
        await keep(store, event())


async def test_what_waits_is_written_before_closing(tmp_path: Path) -> None:
    """Closing finishes what was taken."""
    store = Store(tmp_path / "station.db")
    store.open()
    waiting = [asyncio.ensure_future(keep(store, event(number))) for number in range(50)]
    await asyncio.sleep(0)
    store.close()
    await asyncio.gather(*waiting)
    store.open()
    assert values(store, "SELECT count(*) FROM events") == [50]
    store.close()


async def test_a_closed_file_is_one_file(tmp_path: Path) -> None:
    """Closing takes the journal over, so that whoever copies the file has all of it."""
    store = Store(tmp_path / "station.db")
    store.open()
    await keep(store, event())
    assert values(store, "SELECT count(*) FROM events") == [1]
    store.close()
    assert os.listdir(tmp_path) == ["station.db"]  # noqa: PTH208  # nobody waits for it


def test_the_key_outlives_the_process(tmp_path: Path) -> None:
    """Clients keep their DSN over a restart."""
    path = tmp_path / "deep" / "station.db"
    keys = []
    for _ in range(2):
        store = Store(path)
        store.open()
        keys.append(store.project().public_key)
        store.close()
    assert keys[0] == keys[1]
    assert len(keys[0]) == 32


def test_the_dsn_names_key_host_and_project(store: Store) -> None:
    """The DSN is what an SDK takes."""
    key = store.project().public_key
    assert store.dsn("http://127.0.0.1:8765") == f"http://{key}@127.0.0.1:8765/1"
    assert store.dsn("https://[::1]:1/tux/") == f"https://{key}@[::1]:1/tux/1"


def newer(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()


def foreign(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE guilds (id INTEGER)")
    connection.close()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b"no database" * 1000),
        lambda path: path.mkdir(),
        newer,
        foreign,
    ],
    ids=["not a database", "a folder", "a newer version", "another program's"],
)
def test_a_file_of_another_kind_is_one_clear_error(tmp_path: Path, spoil: Any) -> None:
    """What is no file of ours is left alone with its rights, and the setting is named."""
    path = tmp_path / "station.db"
    spoil(path)
    path.chmod(0o755)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(TuxConfigurationError, match="STATION_PATH"):
        Store(path).open()
    assert (path.read_bytes() if path.is_file() else None) == before
    assert path.stat().st_mode & 0o777 == 0o755
    assert list(tmp_path.iterdir()) == [path]


CHILD_PROCESS = """
import asyncio, sys
from pathlib import Path
from tests.station.test_store_writes import event, keep
from tux.station.store import Store

async def main():
    store = Store(Path(sys.argv[1]))
    store.open()
    for number in range(100000):
        await keep(store, event(number))
        print(number, flush=True)

asyncio.run(main())
"""


async def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    """An event whose write returned is in the file after SIGKILL."""
    path = tmp_path / "station.db"
    answered = await said_before_kill(CHILD_PROCESS, str(path))
    store = Store(path)
    store.open()
    assert values(store, "SELECT count(*) FROM events")[0] >= answered
    store.close()


async def test_old_rows_go_and_young_ones_stay(store: Store) -> None:
    """Each kind is kept as long as its setting says, with what hangs on it."""
    settings = StationSettings(
        event_days=30, transaction_days=7, log_days=3, session_days=90, count_days=400
    )
    for age, number in ((2.9, 1), (6.9, 2), (29.9, 3), (89.9, 4), (399.9, 5), (401, 6)):
        then = NOW - age * DAY
        await keep(
            store,
            event(number, timestamp=then, grouping=f"v1:{number}"),
            transaction(number, start=then),
            OrphanRow("e" * 16, replace(SPAN_ROW, start=then, span_id=f"{number:016x}")),
            SessionRow(f"{number:032x}", then, then, "1", "test"),
            CheckInRow(f"{number:032x}", "expire", "ok", then, 1.0, None),
            LogRow(then, "info", "hello", None, "{}"),
            FeedbackRow(f"{number:032x}", None, then, None, None, "hello", None),
            DiscardRow(then, "client", "error", "x", 1),
        )
    removed = await prune(store, settings, NOW)
    kept = {"logs": 1, "transactions": 2, "spans": 4, "events": 3, "issues": 3, "feedback": 3}
    kept |= {"event_tags": 6, "sessions": 4, "check_ins": 4, "discards": 5}
    found = {table: values(store, f"SELECT count(*) FROM {table}")[0] for table in kept}
    assert found == kept
    assert removed["events"] == 3
    assert removed["logs"] == 5


async def test_space_is_given_back(store: Store) -> None:
    """The file shrinks when much of it is gone."""
    for number in range(200):
        await keep(store, event(number, payload=os.urandom(10_000), timestamp=NOW - 40 * DAY))
    (before,) = values(store, "SELECT page_count FROM pragma_page_count")
    await prune(store, StationSettings(), NOW)
    assert values(store, "SELECT page_count FROM pragma_page_count")[0] < before / 4


async def test_more_than_can_be_written_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk does not keep up, requests are refused before the memory is full."""
    monkeypatch.setattr("tux.station.store.file.WAITING_JOBS", 250)
    begun, release = threading.Event(), threading.Event()
    blocked = asyncio.ensure_future(
        store.change(lambda _: [begun.set(), release.wait(30)])  # type: ignore[func-returns-value]  # two steps
    )
    await asyncio.to_thread(begun.wait)
    flood = [asyncio.ensure_future(keep(store, event(number))) for number in range(300)]
    while not any(one.done() for one in flood):  # noqa: ASYNC110  # a refusal comes at once
        await asyncio.sleep(0)
    release.set()
    results = await asyncio.gather(blocked, *flood, return_exceptions=True)
    refused = sum(isinstance(result, UnavailableError) for result in results)
    assert 0 < refused <= 50
    assert values(store, "SELECT count(*) FROM events") == [300 - refused]
