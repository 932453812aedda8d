"""What the server cannot read, or aiohttp refuses by itself, is answered in our words and never quoted."""

from __future__ import annotations

import asyncio
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.station.conftest import StationUnderTest

SECRET = b"s3cr3t"
HOST = b"Host: 127.0.0.1\r\n"
LONG = SECRET * 1500
"""9,000 bytes: more than an address or a header may have."""
HUGE = SECRET * 15_000
"""More than is read of an address."""


async def answer_to(station: StationUnderTest, raw: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send bytes as they are; returns status, headers and body."""
    port = int(station.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(raw)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        body = await reader.readexactly(int(headers["content-length"]))
        return int(head[0].split()[1]), headers, body
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    ("raw", "status", "told"),
    [
        (b"GET /api/v1/issues?query=%b HTTP/1.1\r\n%b\r\n" % (LONG, HOST), 414, "address"),
        (b"GET /?%b HTTP/1.1\r\n%b\r\n" % (HUGE, HOST), 414, "address"),
        (b"GET / HTTP/1.1\r\n%bX-A: %b\r\n\r\n" % (HOST, LONG), 431, "header"),
        (b"GET / HTTP/1.1\r\n%b%b\r\n" % (HOST, b"X: s3cr3t\r\n" * 300), 400, "read"),
        (b"s3cr3t nonsense\r\n\r\n", 400, "read"),
        (b"S3CR3T / HTTP/1.1\r\n%b\r\n" % HOST, 400, "read"),
        (b"GET http://[::s3cr3t/ HTTP/1.1\r\n%b\r\n" % HOST, 400, "read"),
        (b"GET / HTTP/s3cr3t\r\n%b\r\n" % HOST, 400, "read"),
        (b"GET / HTTP/1.1\r\n%bX s3cr3t: 1\r\n\r\n" % HOST, 400, "read"),
        (b"POST / HTTP/1.1\r\n%bContent-Length: s3cr3t\r\n\r\n" % HOST, 400, "read"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03s3cr3t", 400, "read"),
        (b"GET / HTTP/1.1\r\n%bExpect: s3cr3t\r\n\r\n" % HOST, 417, "expected"),
        (b"DELETE /issues/?s3cr3t HTTP/1.1\r\n%b\r\n" % HOST, 405, "takes GET, HEAD"),
        (b"GET /api/s3cr3t HTTP/1.1\r\n%b\r\n" % HOST, 404, "address"),
    ],
)
async def test_what_cannot_be_read_is_not_quoted(
    station: StationUnderTest, raw: bytes, status: int, told: str
) -> None:
    """The answer is JSON as of any refusal, guarded as any answer, and has nothing of what came."""
    found, headers, body = await answer_to(station, raw)
    assert found == status
    refusal: dict[str, Any] = json.loads(body)
    assert told in ": ".join([refusal["detail"], *refusal["causes"]])
    assert headers["server"] == "tux"
    assert headers["x-content-type-options"] == "nosniff"
    assert SECRET not in (body + repr(headers).encode()).lower()


async def test_a_person_sees_a_page(station: StationUnderTest) -> None:
    """A browser with too long an address gets a page that says so, and nothing of the address."""
    raw = b"GET /issues/?query=%b HTTP/1.1\r\n%bAccept: text/html\r\n\r\n" % (LONG, HOST)
    status, headers, body = await answer_to(station, raw)
    assert (status, headers["content-type"]) == (414, "text/html; charset=utf-8")
    assert b"The address is too long" in body
    assert SECRET not in body


async def test_a_form_that_is_too_large_is_refused(station: StationUnderTest) -> None:
    """What is sent to a button is small; the answer to more is one of ours."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    body = io.BytesIO(b"issue=" + b"1" * 3_000_000)
    answer = await station.request("POST", "/issues/act", data=body, headers=kind)
    assert (answer.status, answer.json["detail"]) == (413, "the form is too large")


async def test_others_are_served_meanwhile(station: StationUnderTest) -> None:
    """After a request that cannot be read the station goes on."""
    await answer_to(station, b"nonsense\r\n\r\n")
    assert (await station.get("/")).status == 200
    method = await station.request("DELETE", "/issues/")
    assert method.headers["Allow"] == "GET, HEAD"
