"""Small things that are committed by whoever brings them: on disk like all else, and nobody waits."""

from __future__ import annotations

import asyncio
import gzip
import sqlite3
import threading
import uuid
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from tests.fakes.killed import said_before_kill
from tests.station.conftest import envelope_of, station_at

from tux.station import digesting
from tux.station.store import Store
from tux.station.store.direct import LENT, SMALLEST, TO_WRITER
from tux.station.store.inbox import PUT, Unread, oldest, put, values_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.station.conftest import StationUnderTest

UNREAD = Unread(1, 1000.0, "", b"x" * 3000)
MOST_OF_JOURNAL = 16_000_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "station.db")
    opened.open()
    yield opened
    opened.close()


def waiting(path: Path) -> int:
    """Count as another process does."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM inbox").fetchone()[0])


def test_what_was_done_at_once_is_there_for_all(store: Store) -> None:
    """It is committed when the call returns, and pages that show something look anew."""
    before = store.commits
    assert store.at_once(PUT, values_of(UNREAD))
    assert waiting(store.path) == 1
    assert store.commits == before + 1


def test_several_are_kept_together_or_not_at_all(store: Store) -> None:
    """Where one of them cannot be kept, none is, and the next are."""
    first, second, third = (values_of(replace(UNREAD, id=number)) for number in (1, 2, 3))
    assert store.at_once(PUT, first, second)
    assert waiting(store.path) == 2
    assert not store.at_once(PUT, third, second)
    assert waiting(store.path) == 2
    assert store.at_once(PUT, third)
    assert waiting(store.path) == 3


async def test_the_writer_gets_its_turn_from_many_at_once(store: Store) -> None:
    """However many come together, so many errands go to the writer as it needs."""
    answers = [
        store.at_once(PUT, *[values_of(UNREAD)] * 40) for _ in range(2 * LENT // SMALLEST // 40)
    ]
    assert answers.count(False) == TO_WRITER


def test_nobody_waits_for_another_process(store: Store) -> None:
    """While another one writes nothing is done, and it is told so."""
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert not store.at_once(PUT, values_of(UNREAD))
        other.execute("ROLLBACK")
    assert waiting(store.path) == 0
    assert store.at_once(PUT, values_of(UNREAD))


async def test_nobody_gets_in_the_writers_way(store: Store) -> None:
    """While the writer has work, all goes by it."""
    begun, release = threading.Event(), threading.Event()
    blocked = asyncio.ensure_future(
        store.change(lambda _: [begun.set(), release.wait(30)])  # type: ignore[func-returns-value]  # two steps
    )
    await asyncio.to_thread(begun.wait)
    assert not store.at_once(PUT, values_of(UNREAD))
    release.set()
    await blocked
    assert waiting(store.path) == 0


@pytest.mark.parametrize(("size", "count"), [(3000, 15_000), (250_000, 250)])
async def test_the_journal_stays_small(store: Store, size: int, count: int) -> None:
    """Of many, some go by the writer, who takes the journal over into the file, however large each is."""
    by_writer, unread = 0, replace(UNREAD, body=b"x" * size)
    for _ in range(count):
        if not store.at_once(PUT, values_of(unread)):
            by_writer += 1
            await store.change(partial(put, unread=[unread]))
    assert by_writer >= 5 * TO_WRITER
    assert waiting(store.path) == count
    journal = store.path.with_name(f"{store.path.name}-wal")
    assert journal.stat().st_size < MOST_OF_JOURNAL


def test_a_full_disk_is_left_to_the_writer(store: Store) -> None:
    """What cannot be committed was not done."""
    connection = store._direct._connection  # type: ignore[union-attr]  # no disk is full here
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    assert not store.at_once(PUT, (None, 1, 1000.0, "", b"x" * 1_000_000))
    assert waiting(store.path) == 0


def test_a_closed_store_does_nothing(tmp_path: Path) -> None:
    """Whoever comes while the station stops is told by the writer."""
    store = Store(tmp_path / "station.db")
    assert not store.at_once(PUT, values_of(UNREAD))
    store.open()
    store.close()
    assert not store.at_once(PUT, values_of(UNREAD))


CHILD_PROCESS = """
import sys
from pathlib import Path
from tests.station.test_store_direct import UNREAD
from tux.station.store import Store
from tux.station.store.inbox import PUT, values_of

store = Store(Path(sys.argv[1]))
store.open()
for number in range(100000):
    if store.at_once(PUT, values_of(UNREAD)):
        print(number, flush=True)
"""


async def test_what_was_done_at_once_survives_a_kill(tmp_path: Path) -> None:
    """It is in the file after SIGKILL."""
    path = tmp_path / "station.db"
    done = await said_before_kill(CHILD_PROCESS, str(path))
    assert waiting(path) >= done


async def test_what_comes_while_nothing_is_found_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks into the inbox and finds nothing does not overlook what came meanwhile."""
    monkeypatch.setattr(digesting, "CALM", 0)
    loop = asyncio.get_running_loop()
    looks: list[Any] = []

    def first_time_nothing(connection: sqlite3.Connection, most: int) -> Sequence[Unread]:
        looks.append(most)
        if len(looks) > 1:
            return oldest(connection, most)
        asyncio.run_coroutine_threadsafe(send(station), loop).result(30)
        return []

    async def send(station: StationUnderTest) -> None:
        event_id = uuid.uuid4().hex
        item = ({"type": "event"}, {"event_id": event_id, "message": "late"})
        body = gzip.compress(envelope_of(item, headers={"event_id": event_id}))
        answer = await station.send_raw(body, headers={"Content-Encoding": "gzip"})
        assert answer.status == 200

    monkeypatch.setattr(digesting, "oldest", first_time_nothing)
    async with station_at(tmp_path / "station.db") as station:
        await send(station)
        await station.read_all()
        assert station.value("SELECT count(*) FROM events") == 2
