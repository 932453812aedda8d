"""Runs of one kind together: commands, all transactions, database queries, calls."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tux.station.queries.histograms import Histograms, histograms
from tux.station.queries.measured import number, work
from tux.station.rollups.areas import host_of
from tux.station.rollups.histogram import (
    Bucket,
    longest_of,
    merged,
    percentiles,
)
from tux.station.rollups.naming import CALL, DATABASE
from tux.station.rollups.outcomes import SUGGESTION, is_command
from tux.station.rollups.tally import OP, TRANSACTION

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from tux.station.queries.ranges import Range


@dataclass(frozen=True, slots=True)
class Group:
    """Runs of one kind: a command, a query, a call."""

    name: str
    op: str
    count: int
    failures: int
    users: int
    """Of those of which there is a transaction."""
    sampled: int
    """So many of them have one."""
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
    found = work(connection, span, now)
    of_commands = {key: found[key] for key in found if is_command(key[1])}
    return _with_samples(connection, _by_count(_counted(of_commands), limit), span, now)


def transactions(
    connection: sqlite3.Connection,
    span: Range,
    now: float,
    *,
    name: str | None = None,
    limit: int = 40,
) -> list[Group]:
    """List all kinds of work, the most frequent first; or the one of a name."""
    found = _counted(work(connection, span, now, name))
    return _with_samples(connection, _by_count(found, limit), span, now, name)


def database_queries(
    connection: sqlite3.Connection, span: Range, now: float, limit: int = 8
) -> list[Group]:
    """List queries, those that take the most time together first."""
    return _spans(connection, span, now, DATABASE)[:limit]


def calls(
    connection: sqlite3.Connection, span: Range, now: float, limit: int = 8, host: str = ""
) -> list[Group]:
    """List calls of external APIs and of Discord, the same way; or those of one host."""
    found = _spans(connection, span, now, CALL)
    return [group for group in found if not host or host_of(group.name) == host][:limit]


def hosts(connection: sqlite3.Connection, span: Range, now: float, limit: int = 100) -> list[Group]:
    """List who is called, Discord among them: those that take the most time together first."""
    return _spans(connection, span, now, CALL, host_of)[:limit]


def operations(
    connection: sqlite3.Connection, span: Range, now: float, limit: int = 100
) -> list[Group]:
    """List kinds of work and of steps, those that take the most time together first."""
    found = _counted(histograms(connection, span, now, OP))
    return sorted(found, key=lambda group: (-group.total, group.name))[:limit]


def _by_count(groups: list[Group], limit: int) -> list[Group]:
    return sorted(groups, key=lambda group: (-group.count, group.name))[:limit]


def _spans(
    connection: sqlite3.Connection,
    span: Range,
    now: float,
    kind: str,
    named: Callable[[str], str] = str,
) -> list[Group]:
    found = _counted(_renamed(histograms(connection, span, now, kind), named))
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
        int(count),
        total,
        longest_of(buckets),
        *percentiles(buckets),
    )


def _with_samples(
    connection: sqlite3.Connection,
    groups: list[Group],
    span: Range,
    now: float,
    name: str | None = None,
) -> list[Group]:
    """Add what only transactions know: of how many runs, and whose they were."""
    users = _users(connection, groups, span.since(now))
    sampled: dict[str, int] = {}
    for (own, op), buckets in histograms(connection, span, now, TRANSACTION, name).items():
        if op != SUGGESTION:
            sampled[own] = sampled.get(own, 0) + number(buckets)
    return [
        replace(
            group,
            users=users.get(group.name, 0),
            sampled=group.count if group.op == SUGGESTION else sampled.get(group.name, 0),
        )
        for group in groups
    ]


def _users(connection: sqlite3.Connection, groups: list[Group], since: float) -> dict[str, int]:
    names = json.dumps([group.name for group in groups])
    users: dict[str, int] = {}
    for name, count in connection.execute(_USERS, (names, since)).fetchall():
        # Two kinds of work have this name: who did both is one user.
        both = (name, since)
        users[name] = (
            connection.execute(_USERS_OF_ONE, both).fetchone()[0] if name in users else count
        )
    return users
