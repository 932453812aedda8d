"""Lists of issues: found, sorted, page by page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tux.station.queries.conditions import STATES, canonical, suggestion, where
from tux.station.queries.terms import Fault, terms_of
from tux.station.rollups.periods import HOUR

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

PER_PAGE: Final = 50
SPARKS: Final = 24
"""Bars of a sparkline, one an hour."""
TAG_KEYS: Final = 200
"""Of all events, that are suggested."""
ALL: Final = "all"
CHOICES: Final = (*STATES, ALL)
ORDERS: Final = {
    "last seen": "i.last_seen DESC, i.id DESC",
    "first seen": "i.first_seen DESC, i.id DESC",
    "events": "i.times_seen DESC, i.id DESC",
    "users": "i.users DESC, i.id DESC",
}
_COLUMNS: Final = """i.id, i.title, i.culprit, i.level, i.status, i.first_seen, i.last_seen,
    i.times_seen, i.users, i.first_release, i.last_release, i.resolved_in, i.ignored_until,
    i.ignored_count, i.regressed"""
_ISSUES: Final = f"SELECT {_COLUMNS} FROM issues AS i"  # noqa: S608  # a constant
_SPARKS: Final = """
SELECT issue_id, hour, events FROM issue_hours
WHERE issue_id IN (SELECT value FROM json_each(?)) AND hour BETWEEN ? AND ?
"""
# From one key to the next, instead of through all tags.
_KEYS: Final = f"""
WITH RECURSIVE keys (key) AS (
    SELECT min(key) FROM issue_tags
    UNION ALL
    SELECT (SELECT min(key) FROM issue_tags WHERE key > keys.key) FROM keys
    WHERE key IS NOT NULL LIMIT {TAG_KEYS}
)
SELECT key FROM keys WHERE key IS NOT NULL
"""  # noqa: S608  # a constant


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
    first_release: str | None = None
    last_release: str | None = None
    resolved_in: str | None = None
    """Resolved in the release after this one."""
    ignored_until: float | None = None
    ignored_count: int | None = None
    regressed: float | None = None
    """When it came back after it was resolved."""
    spark: tuple[int, ...] = ()
    """Events in each of the last 24 hours."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What a list is asked for."""

    query: str = ""
    """In Sentry's syntax: see ``queries/terms.py``."""
    state: str = "unresolved"
    """One of ``CHOICES``; what the query says of states wins over it."""
    order: str = "last seen"
    """One of ``ORDERS``."""
    page: int = 1
    limit: int = PER_PAGE


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a list."""

    issues: tuple[Issue, ...] = ()
    has_more: bool = False
    state: str = ""
    """Which state is listed; empty where the query says it."""
    faults: tuple[Fault, ...] = ()
    """Why nothing was looked for."""
    remarks: tuple[Fault, ...] = ()
    """What may be a mistake, though it was looked for."""


def issues(connection: sqlite3.Connection, asking: Asking, now: float) -> Found:
    """List issues."""
    terms, faults = terms_of(asking.query)
    found = where(terms, now)
    if faults or found.faults:
        return Found(state=asking.state, faults=(*faults, *found.faults))
    state = asking.state
    if any(canonical(term.key) == "is" for term in terms) and found.states:
        state = ""
    conditions = ["i.status <> 'merged'", *found.conditions]
    parameters = list(found.parameters)
    if state not in {"", ALL}:
        conditions[0] = "i.status = ?"
        parameters.insert(0, state)
    offset = (asking.page - 1) * asking.limit
    rows = connection.execute(
        f"{_ISSUES} WHERE {' AND '.join(f'({one})' for one in conditions)} "
        f"ORDER BY {ORDERS[asking.order]} LIMIT ? OFFSET ?",
        (*parameters, asking.limit + 1, offset),
    ).fetchall()
    known = tag_keys(connection) if found.tags else []
    remarks = tuple(
        Fault(
            term.begin,
            term.end,
            f"No event has a tag {key}.{suggestion(key, known)} "
            f'To find it as text, put it in quotes: "{key}:…".',
        )
        for term in found.tags
        if (key := canonical(term.key)) not in known
    )
    listed = with_sparks(connection, rows[: asking.limit], now)
    return Found(tuple(listed), len(rows) > asking.limit, state, (), remarks)


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Count issues of each state."""
    rows = connection.execute("SELECT status, count(*) FROM issues GROUP BY status")
    found = {row[0]: row[1] for row in rows}
    by_state = {state: found.get(state, 0) for state in STATES}
    return {**by_state, ALL: sum(by_state.values())}


def issue(connection: sqlite3.Connection, issue_id: int, now: float) -> Issue | None:
    """Find one issue."""
    row = connection.execute(
        f"{_ISSUES} WHERE i.id = ? AND i.status <> 'merged'", (issue_id,)
    ).fetchone()
    return with_sparks(connection, [row], now)[0] if row else None


def merged_into(connection: sqlite3.Connection, issue_id: int) -> int | None:
    """Name the issue that this one has gone into."""
    row = connection.execute("SELECT merged_into FROM issues WHERE id = ?", (issue_id,)).fetchone()
    return row[0] if row else None


def tag_keys(connection: sqlite3.Connection) -> list[str]:
    """Name the tags that events have."""
    return [row[0] for row in connection.execute(_KEYS)]


def with_sparks(
    connection: sqlite3.Connection, rows: Sequence[Sequence[Any]], now: float
) -> list[Issue]:
    """Make issues of rows, each with its sparkline."""
    last = int(now // HOUR)
    hours = range(last - SPARKS + 1, last + 1)
    counted: dict[tuple[int, int], int] = {
        (issue_id, hour): events
        for issue_id, hour, events in connection.execute(
            _SPARKS, (json.dumps([row[0] for row in rows]), hours[0], hours[-1])
        )
    }
    return [Issue(*(*row, tuple(counted.get((row[0], hour), 0) for hour in hours))) for row in rows]
