"""Events of issues, and what is known around them."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import sqlite3

TAGS: Final = 30
"""Tags of an issue that are shown."""
SAID: Final = 20
"""Feedback that is shown."""
HISTORY: Final = 100
USERS: Final = 8
"""Of an issue, that are named."""
# Of all projects, since the index begins with the project.
_ONE: Final = """
SELECT id, event_id, issue_id, timestamp, level, title, trace_id, user_id, release, environment,
    transaction_name, hash_id, payload
FROM events WHERE project_id IN (SELECT id FROM projects) AND event_id = ?
"""
_SAID: Final = "SELECT f.timestamp, f.name, f.contact, f.message, f.event_id FROM feedback AS f"
_SHARES: Final = """
SELECT key, value, events, sum(events) OVER (PARTITION BY key),
    row_number() OVER (PARTITION BY key ORDER BY events DESC, value) AS place
FROM issue_tags WHERE issue_id = ? AND events > 0
ORDER BY key, place
"""


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
    hash_id: int | None
    payload: dict[str, Any]
    tags: tuple[tuple[str, str], ...] = ()
    older: str | None = None
    """Id of the event of the same issue before this one."""
    newer: str | None = None
    oldest: str | None = None
    newest: str | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """How often a tag has a value in an issue."""

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
    event_id: str | None


@dataclass(frozen=True, slots=True)
class Activity:
    """What became of an issue."""

    at: float
    who: str
    """Empty: the station itself."""
    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class Hash:
    """Events that are one for a rule of grouping."""

    id: int
    grouping: str
    made_by: str
    title: str
    first_seen: float
    last_seen: float
    events: int
    is_first: bool
    """Whether the issue began with it."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """The release in which an issue began."""

    release: str
    first_seen: float
    before: str | None
    """The release before it, in which it did not happen."""


def latest_event_id(connection: sqlite3.Connection, issue_id: int) -> str | None:
    """Name the newest event of an issue."""
    return _end(connection, issue_id, "DESC")


def oldest_event_id(connection: sqlite3.Connection, issue_id: int) -> str | None:
    """Name the oldest event of an issue that is kept."""
    return _end(connection, issue_id, "ASC")


def event(connection: sqlite3.Connection, event_id: str) -> Event | None:
    """Find one event, with its neighbours in the issue."""
    row = connection.execute(
        _ONE,
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
        _end(connection, row["issue_id"], "ASC"),
        _end(connection, row["issue_id"], "DESC"),
    )
    return Event(*(*facts, *more))


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


def tag_shares(
    connection: sqlite3.Connection, issue_id: int, values: int = 4
) -> list[tuple[str, list[Share]]]:
    """List the most frequent values of each tag, over all events that an issue ever had."""
    shares: dict[str, list[Share]] = {}
    for row in connection.execute(_SHARES, (issue_id,)):
        if row["place"] <= values:
            shares.setdefault(row["key"], []).append(Share(*row[:4]))
    return list(shares.items())[:TAGS]


def feedback(connection: sqlite3.Connection, event_id: str) -> list[Feedback]:
    """List what was said about an event."""
    rows = connection.execute(
        f"{_SAID} WHERE f.event_id = ? ORDER BY f.timestamp LIMIT ?", (event_id, SAID)
    )
    return [Feedback(*row) for row in rows]


def feedback_of_issue(connection: sqlite3.Connection, issue_id: int) -> list[Feedback]:
    """List what was said about any event of an issue, the newest first."""
    # Feedback is rare: its events are looked up, not the issue's feedback.
    rows = connection.execute(
        f"{_SAID} CROSS JOIN events AS e ON e.project_id = f.project_id AND e.event_id = f.event_id "
        "WHERE e.issue_id = ? ORDER BY f.timestamp DESC LIMIT ?",
        (issue_id, SAID),
    )
    return [Feedback(*row) for row in rows]


def users_of_issue(connection: sqlite3.Connection, issue_id: int) -> list[tuple[str, float]]:
    """Name who met an issue last, and when."""
    rows = connection.execute(
        "SELECT user_id, latest FROM issue_users WHERE issue_id = ? "
        "ORDER BY latest DESC, user_id LIMIT ?",
        (issue_id, USERS),
    )
    return [(row[0], row[1]) for row in rows]


def history(connection: sqlite3.Connection, issue_id: int) -> list[Activity]:
    """List what became of an issue, the latest first."""
    rows = connection.execute(
        "SELECT at, who, what, detail FROM issue_activity WHERE issue_id = ? "
        "ORDER BY at DESC, id DESC LIMIT ?",
        (issue_id, HISTORY),
    )
    return [Activity(*row) for row in rows]


def hashes(connection: sqlite3.Connection, issue_id: int) -> list[Hash]:
    """List what an issue is made of, the one that it began with first."""
    rows = connection.execute(
        "SELECT h.id, h.grouping, h.made_by, h.title, h.first_seen, h.last_seen, h.events, "
        "h.grouping = i.grouping AS is_first FROM issue_hashes AS h "
        "JOIN issues AS i ON i.id = h.issue_id WHERE i.id = ? "
        "ORDER BY is_first DESC, h.last_seen DESC LIMIT ?",
        (issue_id, HISTORY),
    )
    return [Hash(*row) for row in rows]


def suspect(connection: sqlite3.Connection, issue_id: int) -> Suspect | None:
    """Name the release that an issue began in, where an earlier one ran without it."""
    row = connection.execute(
        "SELECT r.name, r.first_seen, (SELECT p.name FROM releases_seen AS p "
        "WHERE p.project_id = r.project_id AND p.first_seen < r.first_seen "
        "ORDER BY p.first_seen DESC LIMIT 1) FROM issues AS i JOIN releases_seen AS r "
        "ON r.project_id = i.project_id AND r.name = i.first_release WHERE i.id = ?",
        (issue_id,),
    ).fetchone()
    return Suspect(*row) if row else None


def _end(connection: sqlite3.Connection, issue_id: int, order: str) -> str | None:
    row = connection.execute(
        f"SELECT event_id FROM events WHERE issue_id = ? ORDER BY timestamp {order}, id {order} "  # noqa: S608  # constants
        "LIMIT 1",
        (issue_id,),
    ).fetchone()
    return row[0] if row else None


def _neighbour(
    connection: sqlite3.Connection, side: str, order: str, at: tuple[int, float, int]
) -> str | None:
    row = connection.execute(
        f"SELECT event_id FROM events WHERE issue_id = ? AND (timestamp, id) {side} (?, ?) "  # noqa: S608  # constants
        f"ORDER BY timestamp {order}, id {order} LIMIT 1",
        at,
    ).fetchone()
    return row[0] if row else None
