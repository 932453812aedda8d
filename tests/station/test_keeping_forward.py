"""What the station keeps reaches another receiver, here a second station, over real HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from aiohttp import web
from tests.station.conftest import StationUnderTest, station_at
from tests.station.test_keeping_files import content, fill

from tux.shared.exceptions import TuxConfigurationError, TuxServiceError
from tux.station.forwarding import forward as forwarding
from tux.station.forwarding.forward import Forwarded, Forwarder, target_of
from tux.station.forwarding.waits import Waits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TIMED = (
    "events",
    "event_tags",
    "spans",
    "sessions",
    "check_ins",
    "logs",
    "feedback",
    "metric_hours",
)


async def run(
    station: StationUnderTest,
    dsn: str,
    slept: list[float] | None = None,
    told: list[str] | None = None,
) -> Forwarded:
    """Forward, sleeping on the station's clock only."""
    store, started = station.station.store, station.station.store.clock()
    passed = [0.0]
    store.clock = lambda: started + passed[0]

    async def sleep(seconds: float) -> None:
        passed[0] += seconds
        if slept is not None:
            slept.append(seconds)

    async with httpx.AsyncClient(timeout=10) as http:
        said = [] if told is None else told
        return await Forwarder(store, target_of(dsn), http, sleep, said.append).run(1)


def without_received(found: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {table: found[table] for table in TIMED if table != "events"}


async def test_everything_arrives_once_with_its_time(
    station: StationUnderTest, tmp_path: Path
) -> None:
    """Another receiver has the same rows with the same ids and times, however often it is asked."""
    await fill(station)
    async with station_at(tmp_path / "other.db") as other:
        first = await run(station, other.dsn)
        assert (first.sent, first.refused) == (8, 0)
        assert (await run(station, other.dsn)).sent == 0
        await station.send_event(message="later", timestamp=station.station.store.clock())
        assert (await run(station, other.dsn)).sent == 1
        assert without_received(content(other)) == without_received(content(station))
        both = [one.rows("SELECT event_id, timestamp FROM events") for one in (station, other)]
        assert both[0] == both[1]
        runs = [one.rows("SELECT name, start FROM transactions") for one in (station, other)]
        assert runs[0] == runs[1]
        assert not other.rows("SELECT 1 FROM discards WHERE origin = 'client'")


async def test_what_is_older_than_the_envelopes_is_made_anew(
    station: StationUnderTest, tmp_path: Path
) -> None:
    """Events and transactions whose envelopes are gone go by what is left of them, spans too."""
    await fill(station)
    await station.station.store.change(lambda c: c.execute("DELETE FROM envelopes").rowcount)
    async with station_at(tmp_path / "other.db") as other:
        assert (await run(station, other.dsn)).sent == 3
        spans = [
            one.rows("SELECT span_id, op, description, round(start, 3) AS s FROM spans ORDER BY 1")
            for one in (station, other)
        ]
        assert spans[0] == spans[1]
        ids = "SELECT event_id FROM transactions ORDER BY 1"
        assert station.rows(ids) == other.rows(ids)
        tags = "SELECT key, value FROM event_tags"
        assert station.rows(tags) == other.rows(tags)


class Moody:
    """A receiver that answers as it is told, then as it should."""

    def __init__(self, *answers: tuple[int, dict[str, str]]) -> None:
        self.answers: Iterator[tuple[int, dict[str, str]]] = iter(answers)
        self.seen = 0

    async def handle(self, request: web.Request) -> web.Response:
        await request.read()
        status, headers = next(self.answers, (200, {}))
        self.seen += status == 200
        return web.Response(status=status, headers=headers)


async def serve(moody: Moody) -> tuple[web.AppRunner, str]:
    app = web.Application()
    app.router.add_post("/prefix/api/{project}/envelope/", moody.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://key@127.0.0.1:{runner.addresses[0][1]}/prefix/9"


@pytest.mark.parametrize(
    ("answers", "slept", "sent", "refused"),
    [
        ([(429, {"Retry-After": "7"})], [7.0], 3, 0),
        ([(429, {})], [60.0], 3, 0),
        (
            [(200, {"X-Sentry-Rate-Limits": "9:error:key"})],
            [
                9.0,
            ],
            3,
            0,
        ),
        ([(200, {"X-Sentry-Rate-Limits": "9:replay:key"})], [], 3, 0),
        ([(503, {}), (500, {})], [1.0, 2.0], 3, 0),
        ([(413, {}), (400, {})], [], 1, 2),
    ],
)
async def test_the_other_receivers_wishes_are_obeyed(
    station: StationUnderTest,
    answers: list[tuple[int, dict[str, str]]],
    slept: list[float],
    sent: int,
    refused: int,
) -> None:
    """Waits and failures cost time, never an envelope; what is refused for good is counted."""
    for number in range(3):
        await station.send_event(message=f"{number}")
    moody = Moody(*answers)
    runner, dsn = await serve(moody)
    found: list[float] = []
    done = await run(station, dsn, found)
    await runner.cleanup()
    assert [round(one, 3) for one in found] == slept
    assert (done.sent, done.refused) == (sent, refused)
    assert moody.seen == sent


async def test_a_receiver_that_is_away_is_gone_on_with_later(
    station: StationUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said once that it waits; the next run begins with what the last could not deliver."""
    for number in range(3):
        await station.send_event(message=f"{number}")
    monkeypatch.setattr(forwarding, "ATTEMPTS", 2)
    moody = Moody((200, {}), (502, {}), (502, {}))
    runner, dsn = await serve(moody)
    told: list[str] = []
    with pytest.raises(TuxServiceError, match="does not answer"):
        await run(station, dsn, told=told)
    assert told == [f"{dsn.partition('@')[2].partition('/')[0]} answers 502, waiting"]
    with pytest.raises(TuxServiceError, match="does not answer"):
        await run(station, "http://key@127.0.0.1:9/1", told=told)
    assert told[1:] == ["127.0.0.1:9 is away, waiting"]
    assert moody.seen == 1
    assert (await run(station, dsn)).sent == 2
    assert moody.seen == 3
    refusing = Moody((403, {}))
    other, dsn = await serve(refusing)
    with pytest.raises(TuxServiceError, match="403"):
        await run(station, dsn)
    for one in (runner, other):
        await one.cleanup()


@pytest.mark.parametrize("dsn", ["", "x", "http://host/1", "ftp://k@host/1", "http://k@host:x/1"])
def test_what_is_no_dsn_is_told(dsn: str) -> None:
    """A malformed DSN is an error that does not repeat it."""
    with pytest.raises(TuxConfigurationError, match="like https://key@host/1"):
        target_of(dsn)


def test_limits_are_read_as_the_protocol_says() -> None:
    """The longer wait holds, no category is all of them, and nonsense is a minute."""
    waits = Waits()
    waits.heard(200, {"X-Sentry-Rate-Limits": "60:error;transaction:key, 10.5::org"}, 0.0)
    assert waits.wait(["error"], 0.0) == 60
    assert waits.wait(["session"], 0.0) == 10.5
    waits.heard(429, {"X-Sentry-Rate-Limits": "5:error:key"}, 1.0)
    assert waits.wait(["error"], 1.0) == 59
    waits.heard(429, {"Retry-After": "nan"}, 100.0)
    assert waits.wait([], 100.0) == 60
