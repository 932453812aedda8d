"""The issue of an event that arrives: found or made, counted, and opened again where it must be.

All of it happens in the transaction that keeps the event, so that of a thousand events at once one
opens an issue again, and its history says so once.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from tux.station.store.states import (
    AWAKE,
    FIRST_SEEN,
    IGNORED,
    REGRESSED,
    UNRESOLVED,
    State,
    by_version,
    reopened_by,
)

if TYPE_CHECKING:
    import sqlite3

    from tux.station.wire.rows import EventRow

STATION: Final = ""
"""Who does what the station does by itself."""
_HASH: Final = """
UPDATE issue_hashes SET events = events + 1, first_seen = min(first_seen, ?3),
    last_seen = max(last_seen, ?3)
WHERE project_id = ?1 AND grouping = ?2 RETURNING id, issue_id
"""
_NEW_HASH: Final = """
INSERT INTO issue_hashes
    (project_id, grouping, issue_id, made_by, title, first_seen, last_seen, events)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, 1) RETURNING id
"""
# One of the same hash may be there: it was merged, and what it was merged into is gone.
_NEW_ISSUE: Final = """
INSERT INTO issues (project_id, grouping, title, culprit, level, first_seen, last_seen, times_seen)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, 0)
ON CONFLICT (project_id, grouping) DO UPDATE SET status = 'unresolved', merged_into = NULL
RETURNING id
"""
_COUNTED: Final = """
UPDATE issues SET
    title = iif(?2 >= last_seen, ?3, title),
    culprit = iif(?2 >= last_seen, ?4, culprit),
    level = iif(?2 >= last_seen, ?5, level),
    first_release = iif(?2 < first_seen, coalesce(?6, first_release), coalesce(first_release, ?6)),
    last_release = iif(?2 >= last_seen, coalesce(?6, last_release), coalesce(last_release, ?6)),
    first_seen = min(first_seen, ?2),
    last_seen = max(last_seen, ?2),
    times_seen = times_seen + 1
WHERE id = ?1
RETURNING status, resolved, resolved_in, ignored_until, ignored_count, times_seen
"""
_RELEASE: Final = """
INSERT INTO releases_seen (project_id, name, first_seen) VALUES (?, ?, ?)
ON CONFLICT (project_id, name) DO UPDATE SET first_seen = excluded.first_seen
WHERE excluded.first_seen < first_seen
"""
_ACTIVITY: Final = """
INSERT INTO issue_activity (issue_id, at, who, what, detail) VALUES (?, ?, ?, ?, ?)
"""
_OPEN: Final = """
UPDATE issues SET status = 'unresolved', resolved = NULL, resolved_in = NULL,
    ignored_until = NULL, ignored_count = NULL, regressed = coalesce(?2, regressed)
WHERE id = ?1
"""


def arrive(connection: sqlite3.Connection, project: int, row: EventRow) -> tuple[int, int]:
    """Count an event in its issue; gives the issue and the hash."""
    see_release(connection, project, row.release, row.timestamp)
    known = connection.execute(_HASH, (project, row.grouping, row.timestamp)).fetchone()
    if known:
        number, issue = known
    else:
        issue = _linked(connection, project, row) or _made(connection, project, row)
        hashed = (project, row.grouping, issue, row.made_by, row.title, row.timestamp)
        (number,) = connection.execute(_NEW_HASH, hashed).fetchone()
    facts = (issue, row.timestamp, row.title, row.culprit, row.level, row.release)
    state = State(*connection.execute(_COUNTED, facts).fetchone())
    if state.status != UNRESOLVED:
        is_later = partial(_is_later, connection, project)
        what = reopened_by(state, row.timestamp, row.release, is_later)
        if what is not None:
            regressed = row.timestamp if what == REGRESSED else None
            connection.execute(_OPEN, (issue, regressed))
            note(connection, issue, row.received, STATION, what, _why(what, state, row.release))
    return issue, number


def see_release(
    connection: sqlite3.Connection, project: int, release: str | None, moment: float
) -> None:
    """Remember when the first thing of a release happened."""
    if release is not None:
        connection.execute(_RELEASE, (project, release, moment))


def note(
    connection: sqlite3.Connection, issue: int, at: float, who: str, what: str, detail: str = ""
) -> None:
    """Add to the history of an issue."""
    connection.execute(_ACTIVITY, (issue, at, who, what, detail))


def wake(connection: sqlite3.Connection, now: float) -> int:
    """Open what was ignored until a time that has come; gives how many."""
    due = connection.execute(
        "SELECT id, ignored_until FROM issues "
        "WHERE ignored_until <= ? AND ignored_until IS NOT NULL AND status = ?",
        (now, IGNORED),
    ).fetchall()
    for issue, until in due:
        connection.execute(_OPEN, (issue, None))
        note(connection, issue, until, STATION, AWAKE, "its time is over")
    return len(due)


def _linked(connection: sqlite3.Connection, project: int, row: EventRow) -> int | None:
    """Find the issue that an older rule of grouping would have chosen."""
    for grouping in row.older():
        found = connection.execute(
            "SELECT issue_id FROM issue_hashes WHERE project_id = ? AND grouping = ?",
            (project, grouping),
        ).fetchone()
        if found:
            return int(found[0])
    return None


def _made(connection: sqlite3.Connection, project: int, row: EventRow) -> int:
    issue = (project, row.grouping, row.title, row.culprit, row.level, row.timestamp)
    (number,) = connection.execute(_NEW_ISSUE, issue).fetchone()
    detail = f"in release {row.release}" if row.release else ""
    note(connection, number, row.timestamp, STATION, FIRST_SEEN, detail)
    return int(number)


def _why(what: str, state: State, release: str | None) -> str:
    if what == REGRESSED:
        return f"in release {release}" if release else ""
    is_count = state.ignored_count is not None and state.times_seen > state.ignored_count
    return f"after {state.times_seen} events" if is_count else "its time is over"


def _is_later(connection: sqlite3.Connection, project: int, release: str, other: str) -> bool:
    """Compare releases by version; where that says nothing, by what came first."""
    if release == other:
        return False
    by_name = by_version(release, other)
    if by_name is not None:
        return by_name
    seen = dict(
        connection.execute(
            "SELECT name, first_seen FROM releases_seen WHERE project_id = ? AND name IN (?, ?)",
            (project, release, other),
        ).fetchall()
    )
    return bool(seen.get(release, 0.0) > seen.get(other, 0.0))
