"""What a definition of `tux.watch` asks for → figures: of a whole range, over time, by a tag."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, overload

from tux.station.queries import figures, groups, people, steps
from tux.station.queries.cover import cover, covered
from tux.station.queries.histograms import histograms
from tux.station.queries.points import Point, counted_bars, of_buckets, placed
from tux.station.rollups.areas import DATABASE, EXTERNAL
from tux.station.rollups.outcomes import ERRORS_SQL
from tux.station.rollups.tally import COMMAND_TAG, EVENT_TAG, MEASURED, OP, TAG

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable

    from tux.station.queries.groups import Group
    from tux.station.queries.ranges import Range
    from tux.watch.sources import Aggregate, SourceName

AREAS: Final[dict[SourceName, str]] = {"queries": DATABASE, "calls": EXTERNAL}


@dataclass(frozen=True, slots=True)
class Measure:
    """Figures of one thing; None is what is not known of it."""

    count: int
    users: int | None = None
    mean: float | None = None
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    longest: float | None = None
    failure_rate: float | None = None

    def of(self, aggregate: Aggregate, seconds: float) -> float | None:
        """Give one of them; rates are over so many seconds."""
        if aggregate == "per_minute":
            return self.count * 60 / seconds
        if aggregate == "per_hour":
            return self.count * 3600 / seconds
        value: float | None = getattr(self, "longest" if aggregate == "max" else aggregate)
        return value


Found = list[tuple[str, Measure]]
_TAGGED: Final = f"""
SELECT op, sum(runs), sum(failed), sum(total) FROM ({
    covered(
        "sums",
        "d.runs, d.failed, d.total",
        "s.kind = :kind AND s.name = :key AND (:state IS NULL OR s.state = :state)",
    )
}) GROUP BY 1
"""  # noqa: S608  # constants
_USERS: Final = """
SELECT s.op, count(*) FROM series AS s CROSS JOIN series_users AS u ON u.series_id = s.id
WHERE s.kind = ? AND s.name = ? AND u.latest >= ? GROUP BY s.id
"""
_DATABASE_ERRORS: Final = f"""
SELECT CAST(min(timestamp, :now) / :bar AS INTEGER), count(*), count(DISTINCT user_id)
FROM events AS e WHERE timestamp >= :since AND {ERRORS_SQL} AND EXISTS (
    SELECT 1 FROM event_tags WHERE event = e.id AND key = 'error.kind' AND value = 'database'
) GROUP BY 1
"""  # noqa: S608  # constants


def whole(connection: sqlite3.Connection, source: SourceName, span: Range, now: float) -> Measure:
    """Measure a whole range."""
    if source == "errors":
        errors = sum(count for _, count in figures.errors_over_time(connection, span, now))
        return Measure(errors, figures.users_affected(connection, span, now))
    if source == "database_errors":
        bars = _database_errors(connection, span, now, now + 1)
        return bars.get(0, Measure(0, 0))
    if source == "operations":
        buckets = histograms(connection, span, now, OP)
        point = of_buckets(bucket for own in buckets.values() for bucket in own)
    elif source == "commands":
        point = figures.whole(connection, span, now)
    else:
        point = steps.area_whole(connection, span, now, AREAS[source])
    return _of_point(point) or Measure(0)


def over_time(
    connection: sqlite3.Connection, source: SourceName, span: Range, now: float
) -> list[Measure | None]:
    """Measure each bucket of a range."""
    if source == "errors":
        counts = [found for _, found in figures.errors_over_time(connection, span, now)]
        users = people.affected_over_time(connection, span, now)
        return [Measure(*both) for both in zip(counts, users, strict=True)]
    if source == "database_errors":
        bars = _database_errors(connection, span, now, span.bucket)
        return [bars.get(round(start / span.bucket), Measure(0, 0)) for start in span.starts(now)]
    if source == "operations":
        found = counted_bars(connection, span, now, OP, OP, column="kind")
        return list(map(_of_point, placed(found, span, now)))
    if source == "commands":
        return list(map(_of_point, figures.durations_over_time(connection, span, now)))
    return list(map(_of_point, steps.area_over_time(connection, span, now, AREAS[source])))


def by_tag(
    connection: sqlite3.Connection, source: SourceName, by: str, span: Range, now: float
) -> Found | None:
    """Measure what a tag or an attribute tells apart; None where that is not counted."""
    if source == "errors":
        return _tagged(connection, EVENT_TAG, by, span, now, state=None)
    if (ask := _GROUPS.get((source, by))) is not None:
        return [(group.name, _of_group(group)) for group in ask(connection, span, now)]
    if source == "commands" and by in MEASURED:
        return _measured(connection, by, span, now)
    if source == "commands":
        return _tagged(connection, TAG, by, span, now, state="command")
    if source == "operations":
        return _tagged(connection, TAG, by, span, now, state=None)
    return None


_GROUPS: Final[
    dict[tuple[str, str], Callable[[sqlite3.Connection, Range, float], Iterable[Group]]]
] = {
    ("commands", "command"): groups.commands,
    ("commands", "transaction"): groups.commands,
    ("operations", "span.op"): groups.operations,
    ("operations", "transaction"): groups.transactions,
    ("queries", "span.description"): groups.database_queries,
    ("calls", "span.description"): groups.calls,
    ("calls", "server.address"): groups.hosts,
}


def _measured(connection: sqlite3.Connection, by: str, span: Range, now: float) -> Found:
    users = _users(connection, COMMAND_TAG, by, span.since(now))
    found: Found = []
    for (_, value), buckets in histograms(connection, span, now, COMMAND_TAG, by).items():
        point = of_buckets(buckets)
        if point is not None:
            found.append((value, _of_point(point, users.get(value, 0))))
    return found


def _tagged(
    connection: sqlite3.Connection, kind: str, key: str, span: Range, now: float, state: str | None
) -> Found:
    users = _users(connection, kind, key, span.since(now))
    facts = {"kind": kind, "key": key, "state": state, **cover(connection, span, now)}
    found: Found = []
    for value, runs, failed, total in connection.execute(_TAGGED, facts):
        if kind == EVENT_TAG:
            found.append((value, Measure(runs, users.get(value))))
        else:
            mean, rate = total / runs, failed / runs
            found.append((value, Measure(runs, mean=mean, failure_rate=rate)))
    return found


def _users(connection: sqlite3.Connection, kind: str, key: str, since: float) -> dict[str, int]:
    return {row[0]: row[1] for row in connection.execute(_USERS, (kind, key, since))}


def _database_errors(
    connection: sqlite3.Connection, span: Range, now: float, bar: float
) -> dict[int, Measure]:
    facts = {"now": now, "bar": bar, "since": span.since(now)}
    rows = connection.execute(_DATABASE_ERRORS, facts)
    return {number: Measure(count, users) for number, count, users in rows}


def _of_group(group: Group) -> Measure:
    return Measure(
        group.count,
        group.users or None,
        group.total / group.count,
        *(group.p50, group.p95, group.p99, group.longest, group.failure_rate),
    )


@overload
def _of_point(point: Point, users: int | None = None) -> Measure: ...
@overload
def _of_point(point: Point | None, users: int | None = None) -> Measure | None: ...
def _of_point(point: Point | None, users: int | None = None) -> Measure | None:
    if point is None:
        return None
    values = (point.mean, point.p50, point.p95, point.p99, point.longest, point.failure_rate)
    return Measure(point.count, users, *values)
