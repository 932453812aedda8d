"""The lines before an envelope are read where they are as usual, and left to others where they are not."""

from __future__ import annotations

import pytest

from tux.station.wire.heads import Head, length_of, read_head

LINES = (
    "POST /api/42/envelope/ HTTP/1.1",
    "Host: 127.0.0.1:8765",
    "User-Agent: sentry.python/2.75.0",
    "Content-Type: application/x-sentry-envelope",
    "Content-Encoding: gzip",
    "X-Sentry-Auth: Sentry sentry_key=abc, sentry_version=7, sentry_client=sentry.python/2.75.0",
)


def lines(*more: str, first: str = LINES[0]) -> bytes:
    return "\r\n".join((first, *LINES[1:], *more)).encode("latin-1")


def test_what_an_sdk_writes_is_read() -> None:
    """Project, host, key and encoding are those of its lines."""
    assert read_head(lines()) == Head("42", "127.0.0.1:8765", ("abc",), "gzip")


def test_names_are_read_in_any_case() -> None:
    """A proxy may write them in small letters."""
    assert read_head(lines().lower().replace(b"post", b"POST").replace(b"http/", b"HTTP/"))


def test_a_head_without_key_has_none() -> None:
    """The key may be in the envelope."""
    head = read_head(b"POST /api/1/envelope HTTP/1.1\r\nHost: localhost")
    assert head == Head("1", "localhost", (), "")


@pytest.mark.parametrize(
    "first",
    [
        "GET /api/42/envelope/ HTTP/1.1",
        "POST /api/42/envelope/ HTTP/1.0",
        "POST /api/42/envelope/?sentry_key=abc HTTP/1.1",
        "POST /api/42/store/ HTTP/1.1",
        "POST http://127.0.0.1:8765/api/42/envelope/ HTTP/1.1",
        "POST  /api/42/envelope/ HTTP/1.1",
    ],
)
def test_other_requests_are_left_to_others(first: str) -> None:
    """Only the usual path of the usual protocol is read."""
    assert read_head(lines(first=first)) is None


@pytest.mark.parametrize(
    "line",
    [
        "Transfer-Encoding: chunked",
        "Expect: 100-continue",
        "Upgrade: h2c",
        "Trailer: Expires",
        "Connection: close",
        "Content-Length: 5",
        "HOST: elsewhere.example",
        "No colon",
        " folded: line",
        "Space : before the colon",
        "X-Odd: \x00",
        "X-Odd: a\tb",
        "X-Odd: a\nContent-Length: 7",
        "X-Odd: \u00e9",
        "Authorization: Sentry sentry_key=abc, sentry_version=99",
        "",
    ],
)
def test_odd_lines_are_left_to_others(line: str) -> None:
    """What changes where the body ends, comes twice or can be read in two ways is not read at all."""
    assert read_head(lines(line)) is None


@pytest.mark.parametrize("line", ["Content-Length: 17", "content-length: 17"])
def test_the_length_is_taken_out(line: str) -> None:
    """What is left is the same for bodies of all lengths."""
    first, *rest = lines().split(b"\r\n")
    for place in range(len(rest) + 1):
        said = b"\r\n".join((first, *rest[:place], line.encode(), *rest[place:]))
        assert length_of(said) == (lines(), 17)


@pytest.mark.parametrize(
    "line",
    ["Content-Length: -1", "Content-Length: 1,1", "Content-Length:1", "X: 1", "Content-Length: 1 "],
)
def test_an_odd_length_is_none(line: str) -> None:
    """Only digits tell it."""
    assert length_of(lines(line)) is None
