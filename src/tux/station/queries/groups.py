"""Runs of one kind together: commands, all transactions, database queries, calls."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from tux.station.queries.cover import MOST_UNITS
from tux.station.queries.histograms import Histograms, histograms
from tux.station.queries.remembering import once
from tux.station.rollups.areas import host_of
from tux.station.rollups.histogram import (
    LONGEST,
    Bucket,
    exact_percentiles,
    longest_of,
    merged,
    percentiles,
)
from tux.station.rollups.naming import CALL, DATABASE, group_of
from tux.station.rollups.outcomes import COMMANDS_SQL, FAILED_SQL, is_command
from tux.station.rollups.tally import OP, TRANSACTION

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

    from tux.station.queries.ranges import Range


@dataclass(frozen=True, slots=True)
class Group:
    """Runs of one kind: a command, a query, a call."""

    name: str
    op: str
    count: int
    failures: int
    users: int
    total: float
    """Milliseconds of all together."""
    longest: float
    p50: float
    p95: float
    p99: float

    @property
    def failure_rate(self) -> float:
        """Share that failed."""
        return self.failures / self.count


_TRANSACTIONS: Final = f"""
SELECT name, max(op) AS op, sum({FAILED_SQL}) AS failures, count(DISTINCT user_id) AS users,
    json_group_array(min(duration, {LONGEST})) AS parts
FROM transactions INDEXED BY transactions_time
WHERE start >= :since AND {{}} GROUP BY name
"""  # noqa: S608  # constants
# The second condition is that of the index.
_SPANS: Final = f"""
SELECT description AS name, op, sum({FAILED_SQL}) AS failures, 0 AS users,
    json_group_array(min(duration, {LONGEST})) AS parts
FROM spans INDEXED BY spans_shown
WHERE start >= :since AND (op >= 'db' AND op < 'dc' OR op = 'http.client') AND {{}}
GROUP BY op, description
"""  # noqa: S608  # constants
_LATEST: Final = f"""
SELECT id, op, status, duration FROM transactions WHERE start >= :since
ORDER BY start DESC LIMIT {MOST_UNITS}
"""  # noqa: S608  # a constant
_OPERATIONS: Final = f"""
SELECT op AS name, op, sum({FAILED_SQL}) AS failures, 0 AS users,
    json_group_array(min(duration, {LONGEST})) AS parts
FROM (
    SELECT op, status, duration FROM ({_LATEST})
    UNION ALL
    SELECT s.op, s.status, s.duration FROM ({_LATEST}) AS t CROSS JOIN spans AS s ON s.txn = t.id
) GROUP BY op
"""  # noqa: S608  # constants
_USERS: Final = """
SELECT s.name, count(*) FROM series AS s CROSS JOIN series_users AS u ON u.series_id = s.id
WHERE s.kind = 'transaction' AND s.name IN (SELECT value FROM json_each(?)) AND u.latest >= ?
GROUP BY s.id
"""
_USERS_OF_ONE: Final = """
SELECT count(DISTINCT u.user_id) FROM series AS s CROSS JOIN series_users AS u
ON u.series_id = s.id WHERE s.kind = 'transaction' AND s.name = ? AND u.latest >= ?
"""


def commands(
    connection: sqlite3.Connection, span: Range, now: float, limit: int = 50
) -> list[Group]:
    """List commands, the most used first."""
    if span.is_counted:
        found = histograms(connection, span, now, TRANSACTION)
        of_commands = {key: found[key] for key in found if is_command(key[1])}
        return _with_users(connection, _by_count(_counted(of_commands), limit), span.since(now))
    return _by_count(_measured(_transactions(connection, span, now, COMMANDS_SQL)), limit)


def transactions(
    connection: sqlite3.Connection,
    span: Range,
    now: float,
    *,
    name: str | None = None,
    limit: int = 40,
) -> list[Group]:
    """List all kinds of work, the most frequent first; or the one of a name."""
    if span.is_counted:
        found = _counted(histograms(connection, span, now, TRANSACTION, name))
        return _with_users(connection, _by_count(found, limit), span.since(now))
    condition = "1" if name is None else "name = :name"
    return _by_count(_measured(_transactions(connection, span, now, condition, name)), limit)


def database_queries(
    connection: sqlite3.Connection, span: Range, now: float, limit: int = 8
) -> list[Group]:
    """List queries, those that take the most time together first."""
    return _spans(connection, span, now, DATABASE, "op >= 'db' AND op < 'dc'")[:limit]


def calls(
    connection: sqlite3.Connection, span: Range, now: float, limit: int = 8, host: str = ""
) -> list[Group]:
    """List calls of external APIs and of Discord, the same way; or those of one host."""
    found = _spans(connection, span, now, CALL, "op = 'http.client'")
    return [group for group in found if not host or host_of(group.name) == host][:limit]


def hosts(connection: sqlite3.Connection, span: Range, now: float, limit: int = 100) -> list[Group]:
    """List who is called, Discord among them: those that take the most time together first."""
    return _spans(connection, span, now, CALL, "op = 'http.client'", host_of)[:limit]


def operations(
    connection: sqlite3.Connection, span: Range, now: float, limit: int = 100
) -> list[Group]:
    """List kinds of work and of steps, those that take the most time together first."""
    if span.is_counted:
        found = _counted(histograms(connection, span, now, OP))
    else:
        found = _measured(connection.execute(_OPERATIONS, {"since": span.since(now)}))
    return sorted(found, key=lambda group: (-group.total, group.name))[:limit]


def _by_count(groups: list[Group], limit: int) -> list[Group]:
    return sorted(groups, key=lambda group: (-group.count, group.name))[:limit]


@once
def _transactions(
    connection: sqlite3.Connection,
    span: Range,
    now: float,
    condition: str,
    name: str | None = None,
) -> list[Any]:
    facts = {"since": span.since(now), "name": name}
    return connection.execute(_TRANSACTIONS.format(condition), facts).fetchall()


def _spans(
    connection: sqlite3.Connection,
    span: Range,
    now: float,
    kind: str,
    condition: str,
    named: Callable[[str], str] = str,
) -> list[Group]:
    if span.is_counted:
        found = _counted(_renamed(histograms(connection, span, now, kind), named))
    else:
        rows = connection.execute(_SPANS.format(condition), {"since": span.since(now)})
        found = _measured(
            {**row, "name": named(group[1])}
            for row in map(dict, rows)
            if (group := group_of(row["op"], row["name"])) is not None
        )
    return sorted(found, key=lambda group: (-group.total, group.name))


def _renamed(found: Histograms, named: Callable[[str], str]) -> Histograms:
    """Put what has one name afterwards together."""
    buckets: dict[tuple[str, str], list[list[Bucket]]] = {}
    for (name, op), own in found.items():
        buckets.setdefault((named(name), op), []).append(own)
    return {
        key: parts[0] if len(parts) == 1 else merged(bucket for part in parts for bucket in part)
        for key, parts in buckets.items()
    }


def _measured(rows: Iterable[Any]) -> list[Group]:
    """Make groups of rows' own durations."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row["name"], []).append(row)
    return [_of_durations(name, parts) for name, parts in found.items()]


def _of_durations(name: str, rows: Sequence[Any]) -> Group:
    durations = sorted(duration for row in rows for duration in json.loads(row["parts"]))
    return Group(
        name,
        max(row["op"] for row in rows),
        len(durations),
        sum(row["failures"] for row in rows),
        sum(row["users"] for row in rows),
        sum(durations),
        durations[-1],
        *exact_percentiles(durations),
    )


def _counted(found: Histograms) -> list[Group]:
    """Make groups of roll-ups: a name that several kinds of work have is one."""
    ops: dict[str, list[str]] = {}
    for name, op in found:
        ops.setdefault(name, []).append(op)
    return [
        _of_buckets(
            name,
            max(own),
            found[name, own[0]]
            if len(own) == 1
            else merged(bucket for op in own for bucket in found[name, op]),
        )
        for name, own in ops.items()
    ]


def _of_buckets(name: str, op: str, buckets: Sequence[Bucket]) -> Group:
    count, total, failures = (sum(bucket[place] for bucket in buckets) for place in (1, 2, 3))
    return Group(
        name,
        op,
        int(count),
        int(failures),
        0,
        total,
        longest_of(buckets),
        *percentiles(buckets),
    )


def _with_users(connection: sqlite3.Connection, groups: list[Group], since: float) -> list[Group]:
    names = json.dumps([group.name for group in groups])
    users: dict[str, int] = {}
    for name, count in connection.execute(_USERS, (names, since)).fetchall():
        # Two kinds of work have this name: who did both is one user.
        both = (name, since)
        users[name] = (
            connection.execute(_USERS_OF_ONE, both).fetchone()[0] if name in users else count
        )
    return [replace(group, users=users.get(group.name, 0)) for group in groups]
