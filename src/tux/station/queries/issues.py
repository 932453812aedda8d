"""Issues and their events."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tux.station.queries.search import plain, trigrams
from tux.station.rollups.periods import HOUR

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

PER_PAGE: Final = 50
SPARKS: Final = 24
"""Bars of a sparkline, one an hour."""
TALLIED: Final = 500
"""Latest events of an issue whose tags are counted."""
TAGS: Final = 20
SEARCHED: Final = 5000
"""Latest issues that are looked through where all words are too short for an index."""
STATES: Final = ("unresolved", "resolved", "all")


@dataclass(frozen=True, slots=True)
class Issue:
    """Errors of one kind."""

    id: int
    title: str
    culprit: str
    level: str
    status: str
    first_seen: float
    last_seen: float
    times_seen: int
    users: int
    spark: tuple[int, ...] = ()
    """Events in each of the last 24 hours."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event, whole."""

    event_id: str
    issue_id: int
    timestamp: float
    level: str
    title: str
    trace_id: str | None
    user_id: str | None
    release: str | None
    environment: str | None
    transaction: str | None
    payload: dict[str, Any]
    tags: tuple[tuple[str, str], ...] = ()
    older: str | None = None
    """Id of the event of the same issue before this one."""
    newer: str | None = None


_ISSUES: Final = """
SELECT i.id, i.title, i.culprit, i.level, i.status, i.first_seen, i.last_seen, i.times_seen, i.users
FROM issues AS i
"""
_KNOWN: Final = "SELECT rowid FROM issues_text WHERE issues_text MATCH ?"
_NEWEST: Final = "SELECT id FROM issues ORDER BY last_seen DESC LIMIT ?"
_SPARKS: Final = """
SELECT issue_id, hour, events FROM issue_hours
WHERE issue_id IN (SELECT value FROM json_each(?)) AND hour BETWEEN ? AND ?
"""


def issues(
    connection: sqlite3.Connection,
    *,
    state: str,
    query: str,
    page: int,
    now: float,
    limit: int = PER_PAGE,
) -> tuple[list[Issue], bool]:
    """List issues, the latest first, and tell whether there is another page.

    Args:
        connection: of the station's file.
        state: one of ``STATES``.
        query: words that title or culprit must contain, all of them.
        page: counted from 1.
        now: where the sparklines end, in Unix seconds.
        limit: issues of one page.
    """
    conditions, parameters = ["1"], list[Any]()
    if state != "all":
        conditions.append("i.status = ?")
        parameters.append(state)
    words = plain(query).split()
    if words:
        known = " AND ".join(filter(None, map(trigrams, words)))
        conditions.append(f"i.id IN ({_KNOWN if known else _NEWEST})")
        parameters.append(known or SEARCHED)
    for word in words:
        conditions.append("instr(lower(i.title || ' ' || i.culprit), ?) > 0")
        parameters.append(word)
    rows = connection.execute(
        f"{_ISSUES} WHERE {' AND '.join(conditions)} ORDER BY i.last_seen DESC LIMIT ? OFFSET ?",
        (*parameters, limit + 1, (page - 1) * limit),
    ).fetchall()
    return _with_sparks(connection, rows[:limit], now), len(rows) > limit


def issue(connection: sqlite3.Connection, issue_id: int, now: float) -> Issue | None:
    """Find one issue."""
    row = connection.execute(f"{_ISSUES} WHERE i.id = ?", (issue_id,)).fetchone()
    return _with_sparks(connection, [row], now)[0] if row else None


def _with_sparks(
    connection: sqlite3.Connection, rows: Sequence[Sequence[Any]], now: float
) -> list[Issue]:
    last = int(now // HOUR)
    hours = range(last - SPARKS + 1, last + 1)
    counted: dict[tuple[int, int], int] = {
        (issue_id, hour): events
        for issue_id, hour, events in connection.execute(
            _SPARKS, (json.dumps([row[0] for row in rows]), hours[0], hours[-1])
        )
    }
    return [Issue(*(*row, tuple(counted.get((row[0], hour), 0) for hour in hours))) for row in rows]


def latest_event_id(connection: sqlite3.Connection, issue_id: int) -> str | None:
    """Name the newest event of an issue."""
    row = connection.execute(
        "SELECT event_id FROM events WHERE issue_id = ? ORDER BY timestamp DESC, id DESC LIMIT 1",
        (issue_id,),
    ).fetchone()
    return row[0] if row else None


def event(connection: sqlite3.Connection, event_id: str) -> Event | None:
    """Find one event, with its neighbours in the issue."""
    row = connection.execute(
        "SELECT id, event_id, issue_id, timestamp, level, title, trace_id, user_id, release, "
        "environment, transaction_name, payload FROM events "
        # Of all projects, since the index begins with the project.
        "WHERE project_id IN (SELECT id FROM projects) AND event_id = ?",
        (event_id,),
    ).fetchone()
    if row is None:
        return None
    number, *facts, payload = row
    tags = connection.execute(
        "SELECT key, value FROM event_tags WHERE event = ? ORDER BY key", (number,)
    ).fetchall()
    at = (row["issue_id"], row["timestamp"], number)
    more = (
        json.loads(zlib.decompress(payload)),
        tuple((tag[0], tag[1]) for tag in tags),
        _neighbour(connection, "<", "DESC", at),
        _neighbour(connection, ">", "ASC", at),
    )
    return Event(*(*facts, *more))


def _neighbour(
    connection: sqlite3.Connection, side: str, order: str, at: tuple[int, float, int]
) -> str | None:
    row = connection.execute(
        f"SELECT event_id FROM events WHERE issue_id = ? AND (timestamp, id) {side} (?, ?) "  # noqa: S608  # constants
        f"ORDER BY timestamp {order}, id {order} LIMIT 1",
        at,
    ).fetchone()
    return row[0] if row else None


def events_of_trace(connection: sqlite3.Connection, trace_id: str) -> list[dict[str, Any]]:
    """List the errors of a trace."""
    return [
        dict(row)
        for row in connection.execute(
            "SELECT event_id, issue_id, title, level, timestamp, span_id FROM events "
            "WHERE trace_id = ? ORDER BY timestamp LIMIT 100",
            (trace_id,),
        )
    ]


def set_status(connection: sqlite3.Connection, issue_id: int, status: str, now: float) -> bool:
    """Resolve or reopen an issue, and tell whether there is one."""
    resolved = now if status == "resolved" else None
    changed = connection.execute(
        "UPDATE issues SET status = ?, resolved = ? WHERE id = ?", (status, resolved, issue_id)
    )
    return changed.rowcount > 0


_SHARES: Final = """
WITH latest AS (SELECT id FROM events WHERE issue_id = ? ORDER BY timestamp DESC LIMIT ?)
SELECT t.key, t.value, count(*) AS n, sum(count(*)) OVER (PARTITION BY t.key),
    row_number() OVER (PARTITION BY t.key ORDER BY count(*) DESC, t.value) AS place
FROM latest JOIN event_tags AS t ON t.event = latest.id GROUP BY t.key, t.value
ORDER BY t.key, place
"""


@dataclass(frozen=True, slots=True)
class Share:
    """How often a tag has a value among the latest events of an issue."""

    key: str
    value: str
    count: int
    of: int
    """Events that have the tag."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What somebody said about an event."""

    timestamp: float
    name: str | None
    contact: str | None
    message: str


def tag_shares(
    connection: sqlite3.Connection, issue_id: int, values: int = 3
) -> list[tuple[str, list[Share]]]:
    """List the most frequent values of each tag."""
    shares: dict[str, list[Share]] = {}
    for row in connection.execute(_SHARES, (issue_id, TALLIED)):
        if row["place"] <= values:
            shares.setdefault(row["key"], []).append(Share(*row[:4]))
    return list(shares.items())[:TAGS]


def feedback(connection: sqlite3.Connection, event_id: str) -> list[Feedback]:
    """List what was said about an event."""
    rows = connection.execute(
        "SELECT timestamp, name, contact, message FROM feedback WHERE event_id = ? "
        "ORDER BY timestamp LIMIT 20",
        (event_id,),
    )
    return [Feedback(*row) for row in rows]
