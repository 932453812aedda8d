"""A station whose file cannot be written says so."""

from __future__ import annotations

import os
from functools import partial
from html import unescape
from typing import TYPE_CHECKING

from loguru import logger

from tux.station.alerting import watching
from tux.station.errors import UnavailableError
from tux.station.store.outage import QUIET_SECONDS

if TYPE_CHECKING:
    import sqlite3

    import pytest
    from tests.station.conftest import StationUnderTest

PAGES_OF_A_ROOMY_DISK = 1_000_000


def limit(connection: sqlite3.Connection, most: int) -> None:
    """Give SQLite a disk of so many pages: it answers as it does where the real one is full."""
    connection.execute(f"PRAGMA max_page_count = {most}")


def large() -> str:
    """Make what has room in no page that is there."""
    return os.urandom(50_000).hex()


async def test_a_full_disk_is_told(
    station: StationUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log, the pages and ``/health`` say that nothing is kept, and the log that it is over."""
    store, lines = station.station.store, list[str]()
    now = store.clock()
    monkeypatch.setattr(store, "clock", lambda: now)
    number = logger.add(lines.append, format="{level} {message}", filter="tux.station.store")
    with store.read() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
    assert (await station.get("/health")).json == {"ok": True}

    await store.change(partial(limit, most=pages))
    for _ in range(2):
        answer = await station.send(({"type": "event"}, {"message": "x", "extra": large()}))
        assert answer.status == 503
    ill = await station.get("/health")
    assert ill.status == 503
    assert ill.json["ok"] is False
    assert "full" in ill.json["reason"]
    page = unescape((await station.get("/storage/")).body.decode())
    assert "Nothing new is kept" in page

    await store.change(partial(limit, most=PAGES_OF_A_ROOMY_DISK))
    assert (await station.get("/health")).status == 503
    now += QUIET_SECONDS
    await station.send_event(message="x", extra={"much": large()})
    assert (await station.get("/health")).json == {"ok": True}
    assert "Nothing new is kept" not in (await station.get("/storage/")).body.decode()
    logger.remove(number)
    assert [line.split()[0] for line in lines] == ["WARNING", "INFO"]


def test_why_alerts_wait_is_told_once() -> None:
    """What lasts is one line, another reason is another, and so is the same after a quiet time."""
    lines, now = list[str](), 1000.0
    number = logger.add(lines.append, format="{message}", filter="tux.station.alerting")
    faults = watching.Faults(lambda: now)
    for _ in range(10):
        faults.tell(UnavailableError("full"))
        faults.tell(OSError("broken"))
        now += watching.AFTER_FAULT_SECONDS
    assert [line.split()[-1] for line in lines] == ["UnavailableError", "OSError"]
    now += watching.QUIET_SECONDS
    faults.tell(UnavailableError("full"))
    logger.remove(number)
    assert len(lines) == 3
