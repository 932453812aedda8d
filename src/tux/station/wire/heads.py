"""The lines before an envelope as clients write them: a client writes the same ones each time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from tux.station.errors import MalformedError
from tux.station.wire.protocol import keys_of

LONGEST: Final = 8 * 1024
"""Bytes of all lines together: those of an SDK have about 300."""
END: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\nContent-Length: ([0-9]{1,9})(?=\r\n|\Z)", re.IGNORECASE)
_FIRST: Final = re.compile(r"POST /api/([0-9]{1,18})/envelope/? HTTP/1\.1")
_NAME: Final = re.compile(r"[A-Za-z0-9-]+")
_CLAIMS: Final = ("X-Sentry-Auth", "Authorization")
_OTHERWISE: Final = frozenset(
    {"content-length", "expect", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""With one of these the body does not simply follow, or the client waits for something first."""


@dataclass(frozen=True, slots=True)
class Head:
    """What they say."""

    project_id: str
    host: str
    keys: tuple[str, ...]
    encoding: str


def length_of(lines: bytes) -> tuple[bytes, int] | None:
    """Take the length of the body out of the lines, which are the same each time then.

    None where it is not told.
    """
    found = _LENGTH.search(lines)
    return (lines[: found.start()] + lines[found.end() :], int(found[1])) if found else None


def read_head(lines: bytes) -> Head | None:
    """Read lines without their length; None for what is not as usual, whatever it may be."""
    first, *rest = lines.decode("ascii", "replace").split("\r\n")
    path = _FIRST.fullmatch(first)
    headers = dict[str, str]()
    for line in rest:
        name, colon, value = line.partition(":")
        lower = name.lower()
        if not (colon and _NAME.fullmatch(name) and value.isascii() and value.isprintable()):
            return None
        if lower in headers or lower in _OTHERWISE:
            return None
        headers[lower] = value.strip()
    if path is None or headers.get("connection", "keep-alive").lower() != "keep-alive":
        return None
    claims = {name: headers[name.lower()] for name in _CLAIMS if name.lower() in headers}
    try:
        keys = tuple(keys_of(claims, {}))
    except MalformedError:
        return None
    return Head(path[1], headers.get("host", ""), keys, headers.get("content-encoding", ""))
