"""The short way in for envelopes says what the long way says."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from tests.station.conftest import envelope_of
from yarl import URL

from tux.station.entrance import Answer
from tux.station.guards import SECURITY_HEADERS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.station.conftest import StationUnderTest

LONG_WAY = "?way=long"


def one(event_id: str) -> bytes:
    item = ({"type": "event"}, {"event_id": event_id, "message": "here"})
    return envelope_of(item, headers={"event_id": event_id})


async def raw(station: StationUnderTest, head: str, body: bytes = b"") -> bytes:
    """Say something over a connection of its own, and hear all until it is closed."""
    url = URL(station.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(head.replace("\n", "\r\n").encode() + body)
    try:
        return await reader.read()
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (one("a" * 32), {}),
        (b"{}\n", {}),
        (b"not json", {}),
        (one("b" * 32), {"X-Sentry-Auth": "Sentry sentry_key=wrong, sentry_version=7"}),
        (one("c" * 32), {"X-Sentry-Auth": "Sentry sentry_version=7"}),
        (one("d" * 32), {"Content-Encoding": "lzma"}),
        (one("e" * 32), {"Content-Encoding": "gzip"}),
        (one("f" * 32), {"Host": "elsewhere.example"}),
    ],
)
async def test_both_ways_answer_alike(
    station: StationUnderTest, body: bytes, headers: dict[str, str]
) -> None:
    """Status, headers and words are the same, whether something is taken or refused."""
    short = await station.send_raw(body, headers=headers)
    long = await station.send_raw(body, path=f"/api/1/envelope/{LONG_WAY}", headers=headers)
    assert short.status == long.status
    assert short.body == long.body
    assert short.headers.pop("Date").endswith("GMT")
    long.headers.pop("Date")
    assert short.headers == long.headers
    assert short.headers.items() >= SECURITY_HEADERS.items()


async def test_envelopes_go_the_short_way(
    station: StationUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes in one piece does; pieces, queries and other paths do not."""
    written: list[Any] = []

    async def write_eof(self: Answer, data: bytes = b"") -> None:
        written.append(self)
        await before(self, data)

    async def in_pieces() -> AsyncIterator[bytes]:
        yield one("a" * 32)[:20]
        await asyncio.sleep(0)
        yield one("a" * 32)[20:]

    before = Answer.write_eof
    monkeypatch.setattr(Answer, "write_eof", write_eof)
    assert (await station.send_raw(one("a" * 32))).status == 200
    assert (await station.send_raw(one("b" * 32), path="/api/1/envelope")).status == 200
    assert len(written) == 2
    assert (await station.send_raw(in_pieces())).status == 200
    assert (await station.send_raw(b"{}", path=f"/api/1/envelope/{LONG_WAY}")).status == 200
    assert (await station.send_raw(b"{}", path="/api/1/envelope/x")).status == 404
    assert (await station.get("/api/1/envelope/")).status == 405


@pytest.mark.parametrize(
    ("line", "header"),
    [
        ("POST /api/1/envelope/ HTTP/1.0", "Accept: */*"),
        ("POST /api/1/envelope/ HTTP/1.1", "Connection: close"),
    ],
)
async def test_a_connection_is_closed_where_it_is_asked_for(
    station: StationUnderTest, line: str, header: str
) -> None:
    """An old client, or one that says so, hears the end of its connection."""
    body = one(uuid.uuid4().hex)
    host = URL(station.url).authority
    head = (
        f"{line}\nHost: {host}\n{header}\nX-Sentry-Auth: Sentry sentry_key={station.key}\n"
        f"Content-Length: {len(body)}\n\n"
    )
    answer = await raw(station, head, body)
    assert b" 200 OK" in answer.partition(b"\r\n")[0]
    assert b"\r\nconnection: close\r\n" in answer.lower() or "1.0" in line


async def test_two_hosts_are_refused(station: StationUnderTest) -> None:
    """Of two Host headers, one is a lie; neither is believed."""
    host = URL(station.url).authority
    answer = await raw(
        station,
        f"POST /api/1/envelope/ HTTP/1.1\nHost: {host}\nHost: {host}\nConnection: close\n"
        f"X-Sentry-Auth: Sentry sentry_key={station.key}\nContent-Length: 2\n\n",
        b"{}",
    )
    assert answer.split()[1] in {b"400", b"421"}


async def test_a_fault_of_the_station_is_told_without_words_of_the_event(
    station: StationUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client hears of an internal error, and nothing that was in the envelope."""

    def fail(*_: object) -> None:
        raise RuntimeError("the secret of the event")

    monkeypatch.setattr("tux.station.receiving.parse_envelope", fail)
    answer = await station.send_raw(one("a" * 32))
    assert answer.status == 500
    assert answer.json == {"detail": "internal error", "causes": []}
    assert answer.headers.items() >= SECURITY_HEADERS.items()
