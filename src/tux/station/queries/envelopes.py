"""Envelopes as they came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.station.wire.raw import plain_of

if TYPE_CHECKING:
    import sqlite3


def raw_envelope(connection: sqlite3.Connection, event_id: str) -> bytes | None:
    """Give the envelope that an event or a transaction came in, inflated; None where it is gone."""
    row = connection.execute(
        "SELECT encoding, body FROM envelopes WHERE event_id = ? ORDER BY id LIMIT 1", (event_id,)
    ).fetchone()
    return plain_of(row[0], row[1]) if row else None


def has_envelope(connection: sqlite3.Connection, event_id: str) -> bool:
    """Tell whether the envelope of an event is still kept."""
    found = connection.execute("SELECT 1 FROM envelopes WHERE event_id = ? LIMIT 1", (event_id,))
    return found.fetchone() is not None
