"""Sentry's envelope protocol: who sends, what is inside, and how much may be.

Follows develop.sentry.dev, "Envelopes" and "Authentication", as of November 2026.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from tux.station.errors import KeyMissingError, KeyRefusedError, MalformedError
from tux.station.wire.documents import parse_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

NEWEST_VERSION = 8
HEADER_BYTES = 8 * 1024
"""Longest line of headers: real ones have about 600 bytes."""
HEADERS = 64
"""Of keys, that are remembered once they are read: a client sends the same one each time."""
ITEMS = 1000
"""Most items of one envelope; the limits of each type are stricter."""
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_DASHED_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Item:
    """One part of an envelope."""

    type: str
    headers: Mapping[str, Any]
    payload: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """What one request brings."""

    headers: Mapping[str, Any]
    items: tuple[Item, ...]

    @property
    def event_id(self) -> str | None:
        """Id of the event, transaction or feedback inside, and of what belongs to it."""
        return normalised_id(self.headers.get("event_id"))

    @property
    def dsn(self) -> str | None:
        """Whom it is for, where the client says so inside."""
        dsn = self.headers.get("dsn")
        return dsn if isinstance(dsn, str) else None


def normalised_id(value: object) -> str | None:
    """Return an id as 32 lower-case hex digits; None where it is none."""
    if not isinstance(value, str) or len(value) > 36:  # noqa: PLR2004  # the dashed form
        return None
    lower = value.lower()
    if _ID.fullmatch(lower):
        return lower
    return lower.replace("-", "") if _DASHED_ID.fullmatch(lower) else None


def parse_envelope(body: bytes) -> Envelope:
    r"""Split an envelope into its items.

    "Envelope = Headers { "\n" Item } [ "\n" ]; Item = Headers "\n" Payload": headers are one line
    of JSON, a payload has the length that its header says, or else ends with its line.

    Raises:
        MalformedError: the frame is broken; what an item says is not looked at.
    """
    if not body:
        raise MalformedError("the envelope is empty")
    line, position = _line(body, 0)
    headers = parse_object(line, "envelope header")
    if headers.get("event_id") is not None and normalised_id(headers["event_id"]) is None:
        raise MalformedError("invalid envelope header", "event_id is not a UUID")
    items = []
    for item in _items(body, position):
        items.append(item)
        if len(items) > ITEMS:
            raise MalformedError(f"the envelope has more than {ITEMS} items")
    return Envelope(headers, tuple(items))


def _items(body: bytes, position: int) -> Iterator[Item]:
    while position < len(body):
        line, start = _line(body, position)
        headers = parse_object(line, "item header")
        kind, length = headers.get("type"), headers.get("length")
        if not isinstance(kind, str) or not kind:
            raise MalformedError("invalid item header", "type is missing")
        if length is None:
            payload, position = _line(body, start, limit=len(body))
        else:
            position = _end(body, start, length)
            payload = body[start:position]
            position += 1  # the line feed, or the end of the body
        yield Item(kind, headers, payload)


def _line(body: bytes, start: int, limit: int = HEADER_BYTES) -> tuple[bytes, int]:
    """Cut until the next line feed or the end; a carriage return belongs to the line."""
    end = body.find(b"\n", start)
    end = len(body) if end < 0 else end
    if end - start > limit:
        raise MalformedError(f"a line of headers is longer than {limit} bytes")
    return body[start:end], min(end + 1, len(body))


def _end(body: bytes, start: int, length: object) -> int:
    if not isinstance(length, int) or isinstance(length, bool) or length < 0:
        raise MalformedError("invalid item header", "length is not a whole number")
    end = start + length
    if end > len(body):
        raise MalformedError("the envelope ends inside an item", f"{length} bytes were announced")
    if end < len(body) and body[end] != ord("\n"):
        raise MalformedError("no line feed after an item's payload", f"{length} bytes long")
    return end


def keys_of(headers: Mapping[str, str], query: Mapping[str, str]) -> list[str]:
    """Find the public keys that come with a request, in all the places that clients use.

    Raises:
        MalformedError: a client of a later protocol.
    """
    claims = [query] if "sentry_key" in query else []
    claims += [
        _claims(headers[name]) for name in ("X-Sentry-Auth", "Authorization") if name in headers
    ]
    for claim in claims:
        version = claim.get("sentry_version", "7").split(".")[0]
        if not version.isascii() or not version.isdigit() or int(version[:9]) > NEWEST_VERSION:
            raise MalformedError("unsupported protocol version", f"{NEWEST_VERSION} is the newest")
    return [claim["sentry_key"] for claim in claims if claim.get("sentry_key")]


@lru_cache(HEADERS)
def _claims(header: str) -> Mapping[str, str]:
    """Read ``Sentry sentry_key=…, sentry_version=7`` or ``Basic``, whose user is the key."""
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() == "basic":
        try:
            user = base64.b64decode(rest.strip(), validate=True).decode("utf-8").partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return {}
        return {"sentry_key": user}
    if scheme.lower() != "sentry":
        return {}
    pairs = (part.strip().partition("=") for part in rest.replace(",", " ").split())
    return {name.lower(): unquote(value) for name, _, value in pairs}


def key_of_dsn(dsn: str, project: str) -> str:
    """Return the public key of an envelope's own DSN.

    Raises:
        MalformedError: it is no DSN.
        KeyRefusedError: it names another project.
    """
    try:
        url = urlsplit(dsn)
        key = url.username
    except ValueError:
        key = None
    if not key:
        raise MalformedError("invalid envelope header", "dsn is malformed")
    if url.path.rpartition("/")[2] != project:
        raise KeyRefusedError("the envelope's DSN names another project")
    return unquote(key)


def authenticate(keys: Sequence[str], live_keys: Sequence[str]) -> str:
    """Let a request pass whose every key opens the project; gives the first of them.

    A project that does not exist has no keys, and is told like a wrong key.

    Raises:
        KeyMissingError: none came.
        KeyRefusedError: one is another's, or was revoked.
    """
    if not keys:
        raise KeyMissingError("no key: send X-Sentry-Auth, ?sentry_key= or a dsn in the envelope")
    for key in keys:
        given = key.encode("utf-8", "replace")
        if not any(hmac.compare_digest(given, live.encode()) for live in live_keys):
            raise KeyRefusedError("the key does not belong to this project")
    return keys[0]
