"""A rush of envelopes is answered before it is read, and nothing of it is lost."""

from __future__ import annotations

import asyncio
import gzip
import uuid
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from tests.station.conftest import envelope_of, station_at

from tux.station.digesting import CALM, CALM_SECOND, Pace
from tux.station.store import Store
from tux.station.store.forgetting import forget
from tux.station.store.inbox import Unread, put

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from tests.station.conftest import StationUnderTest

USER = "814023571192053760"
OTHER = "814023571192053761"


def unread(user: str, **changes: Any) -> Unread:
    """Make an envelope as a client sends it."""
    event_id = uuid.uuid4().hex
    event = {"event_id": event_id, "message": "late", "user": {"id": user}, **changes}
    body = gzip.compress(envelope_of(({"type": "event"}, event), headers={"event_id": event_id}))
    return Unread(1, 1000.0, "gzip", body)


WAITED = "CREATE TABLE waited (id INTEGER)"
NOTED = "CREATE TRIGGER noted AFTER INSERT ON inbox BEGIN INSERT INTO waited VALUES (new.id); END"


def _execute(connection: sqlite3.Connection, statement: str) -> None:
    connection.execute(statement)


async def leave(path: Path, *envelopes: Unread) -> None:
    """Make a file as a station leaves it that was killed in a rush."""
    store = Store(path)
    store.open()
    await store.change(partial(put, unread=envelopes))
    await asyncio.to_thread(store.close)


def test_a_rush_begins_after_a_burst_and_ends_by_itself() -> None:
    """A burst is calm, what follows at once is not, and a pause makes it calm again."""
    pace = Pace()
    assert all(pace.is_calm(5.0) for _ in range(CALM))
    assert not any(pace.is_calm(5.0) for _ in range(1000))
    assert not pace.is_calm(5.9)
    assert pace.is_calm(7.1)
    assert all(pace.is_calm(20.0 + number / CALM_SECOND) for number in range(10 * CALM))


@pytest.fixture
def rush(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slowly this machine sends, it is a rush."""
    monkeypatch.setattr("tux.station.digesting.CALM", 0)


@pytest.mark.usefixtures("rush")
async def test_all_of_a_rush_is_kept_once(station: StationUnderTest) -> None:
    """Rows, counts and raw envelopes are as of any other, also of what a client sends again."""
    ids = [uuid.uuid4().hex for _ in range(60)]
    again = ids[-20:]
    await station.station.store.change(partial(_execute, statement=WAITED))
    await station.station.store.change(partial(_execute, statement=NOTED))
    await asyncio.gather(
        *(station.send_event(event_id=one, message="busy", user={"id": one}) for one in ids + again)
    )
    assert station.value("SELECT count(*) FROM waited") == len(ids) + len(again)
    assert station.value("SELECT count(DISTINCT id) FROM waited") == len(ids) + len(again)
    await station.read_all()
    for table in ("events", "envelopes"):
        assert {row["event_id"] for row in station.rows(f"SELECT event_id FROM {table}")} == set(
            ids
        )
        assert station.value(f"SELECT count(*) FROM {table}") == len(ids)
    assert station.value("SELECT times_seen FROM issues") == len(ids)
    assert station.value("SELECT users FROM issues") == len(ids)
    assert (await station.get("/issues/1/")).status == 200


@pytest.mark.usefixtures("rush")
async def test_what_makes_no_sense_in_a_rush_is_counted(station: StationUnderTest) -> None:
    """Broken frames and strange keys are refused as ever; a strange item is counted when it is read."""
    headers = {"event_id": uuid.uuid4().hex}
    answers = await asyncio.gather(
        station.send(({"type": "transaction"}, {"contexts": 7}), headers=headers),
        station.send_raw(b"{}\n{}\n"),
        station.request("POST", "/api/1/envelope/?sentry_key=wrong", data=b"{}"),
    )
    assert [answer.status for answer in answers] == [200, 400, 403]
    await station.read_all()
    lost = station.rows("SELECT origin, category, reason, quantity FROM discards")
    assert lost == [
        {"origin": "station", "category": "transaction", "reason": "invalid", "quantity": 1}
    ]


async def test_what_a_killed_station_has_not_read_is_read_at_its_next_start(tmp_path: Path) -> None:
    """It counts at the time when it was received; what cannot be read does not stop the others."""
    path = tmp_path / "station.db"
    odd = unread(USER, event_id=["no"], timestamp=[])
    foreign = Unread(1, 1000.0, "of another version", b"?")
    await leave(path, unread(USER), odd, foreign, unread(OTHER))
    async with station_at(path) as station:
        await station.read_all()
        found = station.rows("SELECT user_id, received, title FROM events ORDER BY id")
        assert [row["user_id"] for row in found] == [USER, USER, OTHER]
        assert {row["received"] for row in found} == {1000.0}
        assert station.value("SELECT times_seen FROM issues") == 3
        (lost,) = station.rows("SELECT category, reason, quantity FROM discards")
        assert lost == {"category": "default", "reason": "invalid", "quantity": 1}


async def test_who_is_forgotten_is_forgotten_in_what_waits(tmp_path: Path) -> None:
    """Envelopes that name the user go before they are read; the others are read."""
    path = tmp_path / "station.db"
    await leave(path, unread(USER), unread(OTHER))
    assert forget(path, [USER], dry_run=True).removed["inbox"] == 1
    assert forget(path, [USER]).removed["inbox"] == 1
    async with station_at(path) as station:
        await station.read_all()
        assert [row["user_id"] for row in station.rows("SELECT user_id FROM events")] == [OTHER]


@pytest.mark.usefixtures("rush")
async def test_a_clock_that_went_back_gives_no_number_twice(tmp_path: Path) -> None:
    """What waits from a time that is still to come, and what comes now, are both read."""
    path, later = tmp_path / "station.db", int(4e15)
    await leave(path, *(replace(unread(OTHER), id=later + number) for number in range(3)))
    async with station_at(path) as station:
        for _ in range(3):
            await station.send_event(message="now", user={"id": USER})
        await station.read_all()
        assert station.value("SELECT count(*) FROM events") == 6
