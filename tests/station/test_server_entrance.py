"""The short way in for envelopes says what the long way says."""

from __future__ import annotations

import asyncio
import gzip
import socket
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from tests.station.conftest import envelope_of, station_at
from yarl import URL

from tux.station import entrance
from tux.station.guards import SECURITY_HEADERS
from tux.station.receiving import Receiver

if TYPE_CHECKING:
    from pathlib import Path

    from tests.station.conftest import StationUnderTest

LONG_WAY = "?way=long"
LINE = "POST /api/1/envelope/ HTTP/1.1"


def one(event_id: str) -> bytes:
    item = ({"type": "event"}, {"event_id": event_id, "message": "here"})
    return envelope_of(item, headers={"event_id": event_id})


def head_of(station: StationUnderTest, length: int, *more: str, line: str = LINE) -> bytes:
    """Write the lines before a body as an SDK does, and some more."""
    lines = (
        *(line, f"Host: {URL(station.url).authority}", *more),
        f"X-Sentry-Auth: Sentry sentry_key={station.key}, sentry_version=7",
        *((f"Content-Length: {length}",) if length >= 0 else ()),
    )
    return "\r\n".join((*lines, "", "")).encode()


async def connect(
    station: StationUnderTest,
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    url = URL(station.url)
    return await asyncio.open_connection(url.host, url.port)


async def heard(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Read one answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
    return int(head.split()[1]), await reader.readexactly(length)


async def raw(station: StationUnderTest, said: bytes) -> bytes:
    """Say something over a connection of its own, and hear all until it is closed."""
    reader, writer = await connect(station)
    writer.write(said)
    try:
        return await reader.read()
    finally:
        writer.close()


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """List the bodies that come in the short way."""
    came: list[bytes] = []

    async def take(self: Receiver, head: Any, body: bytes) -> str | None:
        came.append(body)
        return await before(self, head, body)

    before = Receiver.take
    monkeypatch.setattr(Receiver, "take", take)
    return came


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
        (
            gzip.compress(envelope_of(({"type": "event"}, b"x" * 1_100_000))),
            {"Content-Encoding": "gzip"},
        ),
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


async def test_envelopes_go_the_short_way(station: StationUnderTest, short: list[bytes]) -> None:
    """What a client writes in pieces does, too; queries and other paths do not."""
    body = one("a" * 32)
    reader, writer = await connect(station)
    for said in (head_of(station, len(body)), body[:20], body[20:]):
        writer.write(said)
        await asyncio.sleep(0.01)  # so that they come in pieces; it makes no difference
    assert (await heard(reader))[0] == 200
    writer.close()
    assert (await station.send_raw(body, path="/api/1/envelope")).status == 200
    assert short == [body, body]
    assert (await station.send_raw(b"{}", path=f"/api/1/envelope/{LONG_WAY}")).status == 200
    assert (await station.send_raw(b"{}", path="/api/1/envelope/x")).status == 404
    assert (await station.get("/api/1/envelope/")).status == 405
    assert (await station.send_raw(body)).status == 200
    assert len(short) == 2  # a connection that went the long way once goes it for ever


async def test_what_comes_at_once_is_answered_in_turn(
    station: StationUnderTest, short: list[bytes]
) -> None:
    """Several over one connection, an odd one among them, are answered in the order in which they came."""
    ids = [uuid.uuid4().hex for _ in range(4)]
    said = [head_of(station, len(one(event_id))) + one(event_id) for event_id in ids]
    said.insert(2, f"GET /health HTTP/1.1\r\nHost: {URL(station.url).authority}\r\n\r\n".encode())
    reader, writer = await connect(station)
    writer.write(b"".join(said))
    answers = [await heard(reader) for _ in said]
    writer.close()
    assert [status for status, _ in answers] == [200] * 5
    told = [content for _, content in answers]
    assert told.pop(2) == b'{"ok": true}'
    assert told == [b'{"id": "%b"}' % event_id.encode() for event_id in ids]
    assert len(short) == 2
    found = {row["event_id"] for row in station.rows("SELECT event_id FROM events")}
    assert found == set(ids)


async def test_whoever_does_not_listen_is_not_listened_to(
    station: StationUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers that nobody reads do not fill the memory, and all are there for who reads them later."""
    paused = asyncio.Event()
    made, pause = entrance.Connection.connection_made, entrance.Connection.pause_writing

    def connection_made(self: entrance.Connection, transport: asyncio.BaseTransport) -> None:
        made(self, transport)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)

    def pause_writing(self: entrance.Connection) -> None:
        pause(self)
        paused.set()

    monkeypatch.setattr(entrance.Connection, "connection_made", connection_made)
    monkeypatch.setattr(entrance.Connection, "pause_writing", pause_writing)
    said, count = head_of(station, 3) + b"{}\n", 0
    url, small = URL(station.url), socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    small.settimeout(0)
    await asyncio.get_running_loop().sock_connect(small, (url.host, url.port))
    reader, writer = await asyncio.open_connection(sock=small, limit=4096)
    while not paused.is_set():
        writer.write(said)
        count += 1
        await asyncio.sleep(0)
    assert {(await heard(reader))[0] for _ in range(count)} == {200}
    writer.close()


@pytest.mark.parametrize(
    ("line", "header"),
    [
        ("POST /api/1/envelope/ HTTP/1.0", "Accept: */*"),
        (LINE, "Connection: close"),
    ],
)
async def test_a_connection_is_closed_where_it_is_asked_for(
    station: StationUnderTest, line: str, header: str
) -> None:
    """An old client, or one that says so, hears the end of its connection."""
    body = one(uuid.uuid4().hex)
    answer = await raw(station, head_of(station, len(body), header, line=line) + body)
    assert b" 200 OK" in answer.partition(b"\r\n")[0]
    assert b"\r\nconnection: close\r\n" in answer.lower() or "1.0" in line


async def test_bodies_that_do_not_simply_follow_go_the_long_way(
    station: StationUnderTest, short: list[bytes]
) -> None:
    """One comes in chunks, and one waits until it is asked for."""
    body, close = one(uuid.uuid4().hex), "Connection: close"
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    said = head_of(station, -1, "Transfer-Encoding: chunked", close) + chunks
    assert b" 200 OK" in (await raw(station, said)).partition(b"\r\n")[0]
    reader, writer = await connect(station)
    writer.write(head_of(station, len(body), "Expect: 100-continue"))
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100")
    writer.write(body)
    assert (await heard(reader))[0] == 200
    writer.close()
    assert not short


@pytest.mark.parametrize(
    "header",
    [
        "Content-Length: 2",
        "Transfer-Encoding: chunked",
        "Host: 127.0.0.1",
        "Host: elsewhere.example",
        "Bad name: x",
        "X-Odd: \x01",
        "X-Odd: a\r\n folded",
    ],
)
async def test_a_head_with_two_meanings_is_not_believed(
    station: StationUnderTest, short: list[bytes], header: str
) -> None:
    """Where one could read two lengths, hosts or lines out of it, it is not read the short way."""
    reader, writer = await connect(station)
    writer.write(head_of(station, 2, header) + b"2\r\n{}\r\n0\r\n\r\n")
    answer = await reader.readline()
    writer.close()
    assert not short
    assert answer.split()[1] in {b"200", b"400", b"421"}


async def test_what_takes_long_is_left_to_the_long_way(
    station: StationUnderTest, monkeypatch: pytest.MonkeyPatch, short: list[bytes]
) -> None:
    """An envelope that stops in the middle is taken from where it stopped."""
    came, before = asyncio.Queue[entrance.Connection](), entrance.Connection.data_received

    def data_received(self: entrance.Connection, data: bytes) -> None:
        before(self, data)
        came.put_nowait(self)

    monkeypatch.setattr(entrance.Connection, "data_received", data_received)
    body = one("a" * 32)
    reader, writer = await connect(station)
    writer.write(head_of(station, len(body)) + body[:30])
    connection = await came.get()
    for _ in range(2):
        connection.look()
    writer.write(body[30:])
    assert (await heard(reader))[0] == 200
    writer.close()
    assert not short
    assert came.empty()


async def test_what_comes_in_very_many_pieces_goes_the_long_way(
    station: StationUnderTest, monkeypatch: pytest.MonkeyPatch, short: list[bytes]
) -> None:
    """Neither pieces nor bytes are held beyond a bound, and the envelope is taken all the same."""
    body = one("a" * 32)
    for bound in ("PIECES", "BYTES_AT_ONCE"):
        with monkeypatch.context() as changed:
            changed.setattr(entrance, bound, 1)
            reader, writer = await connect(station)
            for said in (head_of(station, len(body)), body[:20], body[20:40], body[40:]):
                writer.write(said)
                await asyncio.sleep(0.01)
            assert (await heard(reader))[0] == 200
            writer.close()
    assert not short


async def test_what_was_held_in_pieces_is_counted_no_more(
    station: StationUnderTest, monkeypatch: pytest.MonkeyPatch, short: list[bytes]
) -> None:
    """Whether an envelope was taken or its connection lost, there is room for the next."""
    body = one("a" * 32)
    monkeypatch.setattr(entrance, "BYTES_AT_ONCE", len(body))
    for number in range(6):
        reader, writer = await connect(station)
        writer.write(head_of(station, len(body)))
        await asyncio.sleep(0.01)
        if number % 2:
            writer.write(body)
            assert (await heard(reader))[0] == 200
        writer.close()
        await writer.wait_closed()
        await asyncio.sleep(0.01)
    assert len(short) == 3


async def test_what_is_being_kept_is_answered_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A station that stops says what became of the envelope, and closes connections."""
    begun, goes_on, before = asyncio.Event(), asyncio.Event(), Receiver.take

    async def take(self: Receiver, head: Any, body: bytes) -> str | None:
        begun.set()
        await goes_on.wait()
        return await before(self, head, body)

    monkeypatch.setattr(Receiver, "take", take)
    body = one("a" * 32)
    async with station_at(tmp_path / "station.db") as station:
        idle, idle_writer = await connect(station)
        reader, writer = await connect(station)
        writer.write(head_of(station, len(body)) + body)
        await begun.wait()
        asyncio.get_running_loop().call_later(0.05, goes_on.set)
    assert (await heard(reader))[0] == 200
    assert await reader.read() == await idle.read() == b""
    writer.close()
    idle_writer.close()


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
