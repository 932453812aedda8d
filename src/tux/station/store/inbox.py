"""Envelopes that are on disk and not read yet: put, listed, and taken out together with their rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tux.station.rollups.tally import Tally
from tux.station.store.writing import save

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from tux.station.wire.rows import Batch

PUT: Final = "INSERT INTO inbox (id, project_id, received, encoding, body) VALUES (?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Unread:
    """An envelope as it came, and when."""

    project_id: int
    received: float
    encoding: str
    body: bytes
    id: int | None = None
    """Of its row; None takes the next one."""


def put(connection: sqlite3.Connection, unread: Sequence[Unread]) -> None:
    """Keep envelopes until they are read."""
    connection.executemany(PUT, map(values_of, unread))


def values_of(unread: Unread) -> tuple[int | None, int, float, str, bytes]:
    """Give the values of ``PUT``."""
    return unread.id, unread.project_id, unread.received, unread.encoding, unread.body


def highest(connection: sqlite3.Connection) -> int:
    """Tell the highest number of those that wait."""
    (number,) = connection.execute("SELECT coalesce(max(id), 0) FROM inbox").fetchone()
    return int(number)


def waiting(connection: sqlite3.Connection) -> tuple[int, int]:
    """Tell how many wait, and how many bytes they have."""
    found = connection.execute("SELECT count(*), coalesce(sum(length(body)), 0) FROM inbox")
    count, size = found.fetchone()
    return count, size


def oldest(connection: sqlite3.Connection, most: int) -> Sequence[Unread]:
    """List those that have waited longest."""
    rows = connection.execute(
        "SELECT project_id, received, encoding, body, id FROM inbox ORDER BY id LIMIT ?", (most,)
    )
    return [Unread(*row) for row in rows]


def take(connection: sqlite3.Connection, number: int | None, batch: Batch) -> Tally:
    """Put rows in the place of what they were read from; nothing where that is gone meanwhile."""
    gone = connection.execute("DELETE FROM inbox WHERE id = ?", (number,)).rowcount == 0
    return Tally() if gone else save(connection, batch)
