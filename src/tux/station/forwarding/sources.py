"""What there is to forward, in order: envelopes as they came, and what is left of older ones."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from tux.station.wire.ingest import CATEGORIES
from tux.station.wire.protocol import Envelope, Item, parse_envelope
from tux.station.wire.raw import FORGETTABLE, plain_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Mapping

AT_ONCE: Final = 50
_WITH_ID: Final = frozenset({"event", "transaction", "feedback"})
_RAW: Final = """
SELECT id, event_id, encoding, body FROM envelopes WHERE id > ? AND project_id = ? ORDER BY id LIMIT ?
"""
# Of what came before the oldest envelope that is there, the payload is left; of what came when none
# was kept, too.
_OLD: Final = """
WHERE x.id > ? AND x.project_id = ?
    AND (x.received < (SELECT coalesce(min(received), 9e99) FROM envelopes)
        OR NOT EXISTS (SELECT 1 FROM envelopes AS e WHERE e.event_id = x.event_id))
ORDER BY x.id LIMIT ?
"""
_EVENTS: Final = f"SELECT x.id, x.event_id, x.payload FROM events AS x {_OLD}"  # noqa: S608  # a constant
_TRANSACTIONS: Final = f"SELECT x.id, x.event_id, x.payload FROM transactions AS x {_OLD}"  # noqa: S608  # a constant
_SPANS: Final = """
SELECT trace_id, span_id, parent_span_id, op, description, status, start, duration
FROM spans WHERE txn = ? AND segment_id IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One envelope for another receiver, and where it stands here."""

    source: str
    number: int
    envelope: Envelope

    @property
    def categories(self) -> frozenset[str]:
        """What its items count as."""
        return frozenset(CATEGORIES.get(item.type, "default") for item in self.envelope.items)


def parcels(connection: sqlite3.Connection, source: str, after: int, project: int) -> list[Parcel]:
    """Read the next few parcels of a source."""
    return list(_SOURCES[source](connection, after, project))


def framed(envelope: Envelope, public_key: str, now: float) -> bytes:
    """Write an envelope as if it were sent now: only its events keep their time.

    A receiver corrects the times of events by how late the envelope was sent, so that an old
    ``sent_at`` would move history into the present.
    """
    headers = {name: value for name, value in envelope.headers.items() if name != "dsn"}
    headers["sent_at"] = datetime.fromtimestamp(now, UTC).isoformat().replace("+00:00", "Z")
    if isinstance(trace := headers.get("trace"), dict):
        headers["trace"] = {**trace, "public_key": public_key}
    lines = [json.dumps(headers).encode()]
    for item in envelope.items:
        lines += [json.dumps({**item.headers, "length": len(item.payload)}).encode(), item.payload]
    return b"\n".join(lines)


def _raw(connection: sqlite3.Connection, after: int, project: int) -> Iterator[Parcel]:
    for number, event_id, encoding, body in connection.execute(_RAW, (after, project, AT_ONCE)):
        whole = parse_envelope(plain_of(encoding, body))
        items = tuple(item for item in whole.items if item.type not in FORGETTABLE)
        headers = dict(whole.headers)
        if any(item.type in _WITH_ID for item in items):
            headers["event_id"] = event_id  # where it came without one, it was given one here
        yield Parcel("envelopes", number, Envelope(headers, items))


def _events(connection: sqlite3.Connection, after: int, project: int) -> Iterator[Parcel]:
    for number, event_id, payload in connection.execute(_EVENTS, (after, project, AT_ONCE)):
        yield _made("events", number, event_id, "event", zlib.decompress(payload))


def _transactions(connection: sqlite3.Connection, after: int, project: int) -> Iterator[Parcel]:
    rows = connection.execute(_TRANSACTIONS, (after, project, AT_ONCE)).fetchall()
    for number, event_id, payload in rows:
        event: dict[str, Any] = json.loads(zlib.decompress(payload))
        spans = [_span(row) for row in connection.execute(_SPANS, (number,))]
        if spans:  # it came as a segment, whose spans came by themselves
            event["spans"] = spans
        body = json.dumps(event, ensure_ascii=False).encode()
        yield _made("transactions", number, event_id, "transaction", body)


def _span(row: Any) -> Mapping[str, Any]:
    trace_id, span_id, parent, op, description, status, start, duration = row
    return {
        "trace_id": trace_id,
        "span_id": span_id,
        "parent_span_id": parent,
        "op": op,
        "description": description,
        "status": status,
        "start_timestamp": start,
        "timestamp": start + duration / 1000,
    }


def _made(source: str, number: int, event_id: str, kind: str, payload: bytes) -> Parcel:
    item = Item(kind, {"type": kind, "content_type": "application/json"}, payload)
    return Parcel(source, number, Envelope({"event_id": event_id}, (item,)))


_SOURCES: Final[dict[str, Callable[[sqlite3.Connection, int, int], Iterator[Parcel]]]] = {
    "envelopes": _raw,
    "events": _events,
    "transactions": _transactions,
}
SOURCES: Final = tuple(_SOURCES)
