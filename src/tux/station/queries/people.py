"""Users who met errors, and what one of them did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tux.station.queries.cover import before, beginning, cover
from tux.station.queries.remembering import current, once, remembered
from tux.station.rollups.periods import DAY, DAYS, HALF_HOUR, HALF_HOURS, MINUTE

if TYPE_CHECKING:
    import sqlite3

    from tux.station.queries.ranges import Range

LISTED: Final = 100


@dataclass(frozen=True, slots=True)
class Affected:
    """A user, and what went wrong for that one."""

    user_id: str
    errors: int
    latest: float


@dataclass(frozen=True, slots=True)
class Met:
    """An issue that a user met."""

    id: int
    title: str
    level: str
    status: str
    first: float
    latest: float


@dataclass(frozen=True, slots=True)
class Used:
    """What a user ran."""

    name: str
    op: str
    latest: float


# Half hours until the first midnight, whole days from there; see cover.py.
_HITS: Final = f"""
SELECT user_id, events, period * {HALF_HOUR} AS moment FROM user_hits
WHERE tier = {HALF_HOURS} AND period >= :first AND period < :until
UNION ALL
SELECT user_id, events, period * {DAY} FROM user_hits
WHERE tier = {DAYS} AND period >= :day AND period < :last_day
UNION ALL
SELECT user_id, events, period * {MINUTE}
FROM json_each(:minutes) AS m CROSS JOIN hit_minutes AS h ON h.period = m.value
"""  # noqa: S608  # constants
_AFFECTED: Final = f"""
SELECT h.user_id, h.events, a.latest FROM (
    SELECT user_id, sum(events) AS events FROM ({_HITS}) GROUP BY 1 ORDER BY 2 DESC LIMIT :limit
) AS h CROSS JOIN affected AS a ON a.user_id = h.user_id ORDER BY {{}} DESC, h.user_id
"""  # noqa: S608  # constants
_OVER_TIME: Final = f"""
SELECT CAST(min(moment, :now) / :bar AS INTEGER), count(DISTINCT user_id)
FROM ({_HITS}) GROUP BY 1
"""  # noqa: S608  # constants
_MET: Final = f"""
SELECT i.id, i.title, i.level, i.status, u.first, u.latest
FROM (SELECT DISTINCT issue_id FROM events WHERE user_id = :user LIMIT {LISTED}) AS e
CROSS JOIN issue_users AS u ON u.issue_id = e.issue_id AND u.user_id = :user
CROSS JOIN issues AS i ON i.id = e.issue_id
ORDER BY u.latest DESC
"""  # noqa: S608  # a constant
# From series to series: there are at most some thousands.
_USED: Final = f"""
SELECT s.name, s.op, u.latest FROM series AS s
CROSS JOIN series_users AS u ON u.series_id = s.id AND u.user_id = ?
WHERE s.kind = 'transaction' ORDER BY u.latest DESC LIMIT {LISTED}
"""  # noqa: S608  # a constant
_RUNS: Final = f"""
SELECT event_id, name, op, status, start, duration, trace_id, user_id, release FROM transactions
WHERE user_id = ? ORDER BY start DESC LIMIT {LISTED}
"""  # noqa: S608  # a constant
ORDERS: Final = ("errors", "latest")


def affected(
    connection: sqlite3.Connection,
    span: Range,
    now: float,
    *,
    order: str = "errors",
    limit: int = LISTED,
) -> list[Affected]:
    """List users who met errors in a range, the most hit first, or who met one last."""
    facts = {"limit": limit, **cover(connection, span, now)}
    by = {"errors": 2, "latest": 3}[order]
    return [Affected(*row) for row in connection.execute(_AFFECTED.format(by), facts)]


@once
def affected_over_time(connection: sqlite3.Connection, span: Range, now: float) -> list[int]:
    """Count the users who met an error in each bucket of a range."""
    facts = {"now": now, "bar": span.bucket, **cover(connection, span, now, by=span.bucket)}
    counted: dict[int, int] = {}
    if span.bucket >= HALF_HOUR:
        half = current(span, now)
        key = ("affected", span.name, facts["first"], facts["day"], half)
        counted |= remembered(connection, key, lambda: _bars(connection, before(facts, half)))
        facts = beginning(facts, half)
    counted |= _bars(connection, facts)
    return [counted.get(round(start / span.bucket), 0) for start in span.starts(now)]


def _bars(connection: sqlite3.Connection, facts: dict[str, Any]) -> dict[int, int]:
    return {row[0]: row[1] for row in connection.execute(_OVER_TIME, facts)}


def issues_met(connection: sqlite3.Connection, user: str) -> list[Met]:
    """List the issues that a user met, the latest first."""
    return [Met(*row) for row in connection.execute(_MET, {"user": user})]


def used(connection: sqlite3.Connection, user: str) -> list[Used]:
    """List what a user ran, the latest first."""
    return [Used(*row) for row in connection.execute(_USED, (user,))]


def runs_of(connection: sqlite3.Connection, user: str) -> list[dict[str, Any]]:
    """List a user's latest runs that are kept."""
    return [dict(row) for row in connection.execute(_RUNS, (user,))]
