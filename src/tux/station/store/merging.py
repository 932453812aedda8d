"""Several issues → one, and apart again.

What decides is a hash's issue, and that changes at once, with all that is counted. Events follow in
steps, so that the writer is never held for long; ``settle`` goes on where it was after a crash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tux.station.store.arrivals import note
from tux.station.store.states import MERGED
from tux.station.store.triage import existing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Sequence

AT_ONCE: Final = 200
"""Events that go to another issue in one step."""
# Where two have the same hour, user or tag, they are added up.
_COUNTS_OF_ISSUE: Final = (
    (
        "INSERT INTO issue_hours (issue_id, hour, events) "
        "SELECT ?1, hour, events FROM issue_hours WHERE issue_id = ?2 "
        "ON CONFLICT (issue_id, hour) DO UPDATE SET events = events + excluded.events"
    ),
    (
        "INSERT INTO issue_users (issue_id, user_id, first, latest) "
        "SELECT ?1, user_id, first, latest FROM issue_users WHERE issue_id = ?2 "
        "ON CONFLICT (issue_id, user_id) DO UPDATE SET "
        "first = min(first, excluded.first), latest = max(latest, excluded.latest)"
    ),
    (
        "INSERT INTO issue_tags (issue_id, key, value, events) "
        "SELECT ?1, key, value, events FROM issue_tags WHERE issue_id = ?2 "
        "ON CONFLICT (issue_id, key, value) DO UPDATE SET events = events + excluded.events"
    ),
    (
        "UPDATE issues SET first_release = coalesce((SELECT o.first_release FROM issues AS o "
        "WHERE o.id = ?2 AND o.first_seen < issues.first_seen), first_release), "
        "last_release = coalesce((SELECT o.last_release FROM issues AS o "
        "WHERE o.id = ?2 AND o.last_seen > issues.last_seen), last_release) WHERE id = ?1"
    ),
    "DELETE FROM issue_hours WHERE issue_id = ?2",
    "DELETE FROM issue_users WHERE issue_id = ?2",
    "DELETE FROM issue_tags WHERE issue_id = ?2",
    (
        "UPDATE issues SET status = 'merged', merged_into = ?1, users = 0, tag_values = 0 "
        "WHERE id = ?2"
    ),
    "UPDATE issues SET merged_into = ?1 WHERE merged_into = ?2",
    "UPDATE issue_hashes SET moving_from = ?2, issue_id = ?1 WHERE issue_id = ?2",
)
_COUNTS_OF_EVENT: Final = (
    (
        "INSERT INTO issue_hours (issue_id, hour, events) VALUES (:issue, :hour, 1) "
        "ON CONFLICT (issue_id, hour) DO UPDATE SET events = events + 1"
    ),
    "UPDATE issue_hours SET events = max(events - 1, 0) WHERE issue_id = :origin AND hour = :hour",
    (
        "INSERT INTO issue_users (issue_id, user_id, first, latest) "
        "SELECT :issue, :user, :moment, :moment WHERE :user IS NOT NULL "
        "ON CONFLICT (issue_id, user_id) DO UPDATE SET "
        "first = min(first, excluded.first), latest = max(latest, excluded.latest)"
    ),
)
_TAGS_OF_EVENT: Final = (
    (
        "INSERT INTO issue_tags (issue_id, key, value, events) VALUES (:issue, :key, :value, 1) "
        "ON CONFLICT (issue_id, key, value) DO UPDATE SET events = events + 1"
    ),
    (
        "UPDATE issue_tags SET events = events - 1 "
        "WHERE issue_id = :origin AND key = :key AND value = :value"
    ),
)
_TAGS: Final = """
SELECT key, value FROM event_tags WHERE event = ?1
UNION SELECT 'level', level FROM events WHERE id = ?1
UNION SELECT 'release', release FROM events WHERE id = ?1 AND release IS NOT NULL
UNION SELECT 'environment', environment FROM events WHERE id = ?1 AND environment IS NOT NULL
UNION SELECT 'transaction', transaction_name FROM events
    WHERE id = ?1 AND transaction_name IS NOT NULL
UNION SELECT 'handled', iif(handled, 'yes', 'no') FROM events WHERE id = ?1 AND handled IS NOT NULL
"""
# What a hash took along cannot be told from what it left, so that it is counted anew.
_RECOUNT: Final = (
    "DELETE FROM issue_tags WHERE issue_id = ?1 AND events <= 0",
    (
        "DELETE FROM issue_users WHERE issue_id = ?1 AND user_id NOT IN "
        "(SELECT user_id FROM events WHERE issue_id = ?1 AND user_id IS NOT NULL)"
    ),
    (
        "UPDATE issues SET users = (SELECT count(*) FROM issue_users WHERE issue_id = ?1), "
        "tag_values = (SELECT count(*) FROM issue_tags WHERE issue_id = ?1), "
        "first_release = (SELECT release FROM events WHERE issue_id = ?1 "
        "ORDER BY timestamp LIMIT 1), last_release = (SELECT release FROM events "
        "WHERE issue_id = ?1 ORDER BY timestamp DESC LIMIT 1) WHERE id = ?1"
    ),
)


def merge(connection: sqlite3.Connection, issues: Iterable[int], who: str, at: float) -> int | None:
    """Make one issue of several: the one with the most events, to which the others' addresses lead.

    None where there are not two, or where one of them is still on its way into another.
    """
    found = [issue for issue, _ in existing(connection, issues)]
    if len(found) < 2 or _is_moving(connection, found):  # noqa: PLR2004  # one is merged already
        return None
    places = ", ".join("?" * len(found))
    rows = connection.execute(
        f"SELECT id FROM issues WHERE id IN ({places}) ORDER BY times_seen DESC, id",  # noqa: S608  # question marks
        found,
    ).fetchall()
    into, *others = (int(row[0]) for row in rows)
    for other in others:
        for statement in _COUNTS_OF_ISSUE:
            connection.execute(statement, (into, other))
        note(connection, other, at, who, "merged", f"into #{into}")
    _sum_up(connection, [into])
    note(connection, into, at, who, "merged", "with " + ", ".join(f"#{one}" for one in others))
    return into


def unmerge(
    connection: sqlite3.Connection, issue: int, hashes: Collection[int], who: str, at: float
) -> list[int]:
    """Take hashes out of an issue, each to the issue that it began; gives these.

    The hash that the issue itself began with stays.
    """
    if _is_moving(connection, [issue]):
        return []
    rows = connection.execute(
        "SELECT h.id, h.project_id, h.grouping, h.title, h.first_seen FROM issue_hashes AS h "
        "JOIN issues AS i ON i.id = h.issue_id WHERE i.id = ? AND h.grouping <> i.grouping",
        (issue,),
    ).fetchall()
    made: list[int] = []
    for number, *facts in rows:
        if number in hashes:
            home = _home(connection, facts, issue)
            connection.execute(
                "UPDATE issue_hashes SET moving_from = ?, issue_id = ? WHERE id = ?",
                (issue, home, number),
            )
            note(connection, home, at, who, "unmerged", f"from #{issue}")
            made.append(home)
    if made:
        _sum_up(connection, [issue, *made])
        note(connection, issue, at, who, "unmerged", ", ".join(f"#{one}" for one in made))
    return made


def settle(connection: sqlite3.Connection) -> int:
    """Let some events follow their hash to its issue; gives how many, 0 where all are there."""
    pending = connection.execute(
        "SELECT h.id, h.moving_from, h.issue_id, h.grouping = i.grouping, i.status = ? "
        "FROM issue_hashes AS h LEFT JOIN issues AS i ON i.id = h.moving_from "
        "WHERE h.moving_from IS NOT NULL LIMIT 1",
        (MERGED,),
    ).fetchone()
    if pending is None:
        return 0
    number, origin, issue, is_first, is_whole = pending
    # Events of an older file have no hash: theirs is the one that the issue began with.
    of_hash = (
        "issue_id = ?2 AND (hash_id = ?1 OR hash_id IS NULL)"
        if is_first
        else "hash_id = ?1 AND +issue_id = ?2"
    )
    moved = connection.execute(
        f"SELECT id, timestamp, user_id FROM events WHERE {of_hash} LIMIT ?3",  # noqa: S608  # two constants
        (number, origin, AT_ONCE),
    ).fetchall()
    connection.executemany(
        "UPDATE events SET issue_id = ?, hash_id = ? WHERE id = ?",
        [(issue, number, event[0]) for event in moved],
    )
    if not is_whole:  # else all that is counted went along already
        _move_counts(connection, moved, origin, issue)
    if not moved:
        connection.execute("UPDATE issue_hashes SET moving_from = NULL WHERE id = ?", (number,))
        for one in () if is_whole else (origin, issue):
            for statement in _RECOUNT:
                connection.execute(statement, (one,))
    return len(moved) or 1


def _move_counts(
    connection: sqlite3.Connection,
    events: Sequence[tuple[int, float, str | None]],
    origin: int,
    issue: int,
) -> None:
    for event, moment, user in events:
        facts: dict[str, object] = {"origin": origin, "issue": issue, "moment": moment}
        facts |= {"user": user, "hour": int(moment // 3600)}
        for statement in _COUNTS_OF_EVENT:
            connection.execute(statement, facts)
        for key, value in connection.execute(_TAGS, (event,)).fetchall():
            for statement in _TAGS_OF_EVENT:
                connection.execute(statement, {**facts, "key": key, "value": value})


def _home(connection: sqlite3.Connection, facts: Sequence[object], issue: int) -> int:
    """Find the issue that a hash began, or begin one."""
    project, grouping, title, first_seen = facts
    found = connection.execute(
        "UPDATE issues SET status = 'unresolved', merged_into = NULL "
        "WHERE project_id = ? AND grouping = ? RETURNING id",
        (project, grouping),
    ).fetchone()
    found = (
        found
        or connection.execute(
            "INSERT INTO issues (project_id, grouping, title, culprit, level, first_seen, last_seen, "
            "times_seen) SELECT project_id, ?, ?, culprit, level, ?, last_seen, 0 FROM issues "
            "WHERE id = ? RETURNING id",
            (grouping, title, first_seen, issue),
        ).fetchone()
    )
    return int(found[0])


def _is_moving(connection: sqlite3.Connection, issues: Sequence[int]) -> bool:
    places = ", ".join("?" * len(issues))
    found = connection.execute(
        f"SELECT 1 FROM issue_hashes WHERE moving_from IS NOT NULL "  # noqa: S608  # question marks
        f"AND (issue_id IN ({places}) OR moving_from IN ({places})) LIMIT 1",
        (*issues, *issues),
    )
    return found.fetchone() is not None


def _sum_up(connection: sqlite3.Connection, issues: Iterable[int]) -> None:
    """Count issues by their hashes."""
    connection.executemany(
        "UPDATE issues SET (times_seen, first_seen, last_seen) = (SELECT sum(events), "
        "min(first_seen), max(last_seen) FROM issue_hashes WHERE issue_id = ?1) "
        "WHERE id = ?1 AND EXISTS (SELECT 1 FROM issue_hashes WHERE issue_id = ?1)",
        [(issue,) for issue in issues],
    )
