"""What waits in the spool while its receiver gets another key, or another place: with real stations."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

import pytest
import sentry_sdk
from tests.cli.test_cli_spool import left_by_a_dead_bot, settings
from tests.fakes.telemetry import Telemetry

from tux.shared.settings import StationSettings
from tux.station.server import serving
from tux.station.store.projects import create_key, revoke_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.cli.conftest import Tux

    from tux.station.server import Station


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    async with serving(StationSettings(port=0, path=tmp_path / "a" / "station.db")) as running:
        yield running


async def rotated(station: Station) -> str:
    """Give the station another key, revoke the one that it had, and return the new DSN."""
    old = station.store.project().public_key
    new = await station.store.change(
        lambda connection: create_key(connection, 1, "new", None, time.time())
    )
    await station.store.change(partial(revoke_key, public_key=old, now=time.time()))
    return station.dsn.replace(old, new)


def counted(station: Station) -> int:
    with station.store.read() as connection:
        return int(connection.execute("SELECT count(*) FROM events").fetchone()[0])


async def test_what_waits_under_an_old_key_is_sent_with_the_new_one(
    tux: Tux, station: Station, tmp_path: Path
) -> None:
    """Whoever revokes a key and sets the new DSN has nothing else to do."""
    folder = tmp_path / "spool"
    left_by_a_dead_bot(folder, station.dsn, 0.0, "error", "error")
    dsn = await rotated(station)
    listed = await asyncio.to_thread(tux, "spool", "list", **settings(folder, dsn))
    assert "for SENTRY_DSN: 2 envelopes" in listed.stdout
    refused = await asyncio.to_thread(tux, "spool", "send", **settings(folder, station.dsn))
    assert (refused.returncode, "0 of 2 envelopes sent" in refused.stdout) == (1, True)
    sent = await asyncio.to_thread(tux, "spool", "send", **settings(folder, dsn))
    assert (sent.returncode, "2 of 2 envelopes sent" in sent.stdout) == (0, True), sent.stdout
    assert counted(station) == 2


async def test_the_next_bot_sends_it_by_itself(station: Station, tmp_path: Path) -> None:
    """A bot that starts with the new key sends what one with the old key left."""
    left_by_a_dead_bot(tmp_path / "spool", station.dsn, 0.0, "error", "error")
    telemetry = Telemetry(await rotated(station), tmp_path / "spool")
    telemetry.start()
    try:
        await asyncio.to_thread(sentry_sdk.flush, 20)
        assert counted(station) == 2
    finally:
        await asyncio.to_thread(telemetry.stop)


async def test_what_waits_for_another_place_is_sent_where_one_says_so(
    tux: Tux, station: Station, tmp_path: Path
) -> None:
    """What waits for a receiver that moved is told with the command that sends it to the new one."""
    folder = tmp_path / "spool"
    left_by_a_dead_bot(folder, station.dsn, 0.0, "error", "error")
    async with AsyncExitStack() as stack:
        other = await stack.enter_async_context(
            serving(StationSettings(port=0, path=tmp_path / "b" / "station.db"))
        )
        here = settings(folder, other.dsn)
        told = await asyncio.to_thread(tux, "spool", "send", **here)
        assert told.returncode == 0, told.stdout
        assert "0 of 0 envelopes sent" in told.stdout
        (line,) = (line for line in told.stdout.splitlines() if "another receiver" in line)
        assert line.startswith("2 envelopes wait for another receiver: `tux spool send --receiver")
        command = line.split("`")[1].split()
        done = await asyncio.to_thread(tux, *command[1:], **here)
        assert (done.returncode, "2 of 2 envelopes sent" in done.stdout) == (0, True), done.stdout
        assert (counted(other), counted(station)) == (2, 0)
        again = await asyncio.to_thread(tux, "spool", "send", **here)
        assert "another receiver" not in again.stdout
        wrong = await asyncio.to_thread(tux, "spool", "send", "--receiver", "x", **here)
        assert (wrong.returncode, "There is nothing for x" in wrong.stderr) == (2, True)


async def test_a_station_takes_a_spool_in(tux: Tux, station: Station, tmp_path: Path) -> None:
    """A spool's files, or its folder, are imported as they are, once; what is cut is told."""
    folder = tmp_path / "spool"
    left_by_a_dead_bot(folder, station.dsn, 0.0, "error", "error", "error")
    files = sorted(folder.rglob("*.env"))
    (files[0].parent / ".1-1-0.new").write_bytes(bytes(4096))
    at = {"STATION_PATH": str(station.store.path)}

    async def taken(path: Path) -> tuple[int, str]:
        done = await asyncio.to_thread(tux, "station", "import", str(path), **at)
        return done.returncode, done.stdout.rpartition(": ")[2].strip() + done.stderr

    assert await taken(files[0]) == (0, "1 taken, 0 were here already, 0 cannot be read.")
    assert await taken(folder) == (0, "2 taken, 1 were here already, 0 cannot be read.")
    assert await taken(folder) == (0, "0 taken, 3 were here already, 0 cannot be read.")
    assert counted(station) == 3
    files[1].write_bytes(files[1].read_bytes()[:-3])
    code, told = await taken(folder)
    assert (code, "2 were here already, 1 cannot" in told) == (1, True)
    assert f"{files[1].name}: the file is cut or changed" in told
    (tmp_path / "nothing").mkdir()
    assert await taken(tmp_path / "nothing") == (
        *(0, "0 taken, 0 were here already, 0 cannot be read."),
    )
