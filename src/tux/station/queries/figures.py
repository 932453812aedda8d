"""The first page's figures, and series for its charts."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from tux.station.queries.cover import cover, covered
from tux.station.queries.histograms import histograms
from tux.station.rollups.histogram import (
    LONGEST,
    exact_percentiles,
    merged,
    percentiles,
)
from tux.station.rollups.outcomes import COMMANDS_SQL, ERRORS_SQL, FAILED_SQL
from tux.station.rollups.periods import BLOCKS, HALF_HOUR, HALF_HOURS
from tux.station.rollups.tally import COMMANDS, EVENT, TRANSACTION

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from tux.station.queries.ranges import Range


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers at the top."""

    errors: int
    runs: int
    failures: int
    users: int
    """Users who met an error."""
    p50: float | None
    """Milliseconds of a command."""
    p95: float | None
    minutes: float

    @property
    def errors_per_minute(self) -> float:
        """Errors a minute, over the whole range."""
        return self.errors / self.minutes

    @property
    def failure_rate(self) -> float | None:
        """Share of the commands that failed; None where none ran."""
        return self.failures / self.runs if self.runs else None


@dataclass(frozen=True, slots=True)
class Point:
    """One bucket of a series of durations."""

    start: float
    count: int
    failures: int
    p50: float
    p95: float
    p99: float


_ERRORS: Final = f"""
SELECT CAST(min(timestamp, :now) / :bar AS INTEGER), count(*) FROM events
WHERE timestamp >= :since AND {ERRORS_SQL} GROUP BY 1
"""  # noqa: S608  # constants
_ERROR: Final = "s.kind = :kind AND s.state IN ('error', 'fatal')"
_ERRORS_COUNTED: Final = f"""
SELECT CAST(min(moment, :now) / :bar AS INTEGER), sum(count)
FROM ({covered("counts", "d.count", _ERROR)}) GROUP BY 1
"""  # noqa: S608  # constants
_BY_COMMAND: Final = f"""
SELECT t.value, count(*) FROM events AS e
JOIN event_tags AS t ON t.event = e.id AND t.key = 'command'
WHERE e.timestamp >= :since AND {ERRORS_SQL} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT :limit
"""  # noqa: S608  # constants
_BY_COMMAND_COUNTED: Final = f"""
SELECT name, sum(count)
FROM ({covered("counts", "d.count", f"{_ERROR} AND s.name <> ''")})
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT :limit
"""  # noqa: S608  # constants
# Of commands together, or of one name.
_OF_SERIES: Final = "FROM series AS s WHERE kind = :kind AND name = :name"
_BARS: Final = f"""
SELECT (
    SELECT json_group_array(json_array(bar, bucket, runs, total, failed)) FROM (
        SELECT {{}} AS bar, bucket, sum(runs) AS runs, sum(total) AS total, sum(failed) AS failed
        FROM durations WHERE tier = 0 AND series_id = s.id
            AND block BETWEEN :first_block AND :last_block AND period >= :first AND period < :until
        GROUP BY 1, bucket
        UNION ALL
        SELECT period, bucket, runs, total, failed
        FROM durations WHERE tier = 1 AND series_id = s.id
            AND block >= :day_block AND period >= :day
    )
) {_OF_SERIES}
"""  # noqa: S608  # constants
_MEASURED: Final = f"""
SELECT CAST(min(start, :now) / :bar AS INTEGER), sum({FAILED_SQL}),
    json_group_array(min(duration, {LONGEST}))
FROM transactions INDEXED BY transactions_time WHERE start >= :since AND {{}} GROUP BY 1
"""  # noqa: S608  # constants


def figures(connection: sqlite3.Connection, span: Range, now: float) -> Figures:
    """Count what happened."""
    since = span.since(now)
    if span.is_counted:
        (users,) = connection.execute(
            "SELECT count(*) FROM affected WHERE latest >= ?", (since,)
        ).fetchone()
    else:
        (users,) = connection.execute(
            f"SELECT count(DISTINCT user_id) FROM events WHERE timestamp >= ? AND {ERRORS_SQL}",  # noqa: S608  # constants
            (since,),
        ).fetchone()
    whole = _whole(connection, span, now)
    return Figures(
        errors=sum(count for _, count in errors_over_time(connection, span, now)),
        runs=whole.count if whole else 0,
        failures=whole.failures if whole else 0,
        users=users,
        p50=whole.p50 if whole else None,
        p95=whole.p95 if whole else None,
        minutes=(now - since) / 60,
    )


def errors_over_time(
    connection: sqlite3.Connection, span: Range, now: float
) -> list[tuple[float, int]]:
    """Count errors in each bucket of a range, empty ones too."""
    facts = {"now": now, "bar": span.bucket, "since": span.since(now), "kind": EVENT}
    query = _ERRORS_COUNTED if span.is_counted else _ERRORS
    rows = connection.execute(query, {**facts, **cover(span, now, by=span.bucket)})
    counted = {row[0]: row[1] for row in rows}
    return [(start, counted.get(round(start / span.bucket), 0)) for start in span.starts(now)]


def errors_by_command(
    connection: sqlite3.Connection, span: Range, now: float, limit: int = 8
) -> list[tuple[str, int]]:
    """Count errors of each command, the most first."""
    facts = {"since": span.since(now), "kind": EVENT, "limit": limit, **cover(span, now)}
    rows = connection.execute(_BY_COMMAND_COUNTED if span.is_counted else _BY_COMMAND, facts)
    return [(row[0], row[1]) for row in rows]


def durations_over_time(
    connection: sqlite3.Connection, span: Range, now: float, name: str | None = None
) -> list[Point | None]:
    """Measure each bucket of a range: commands, or the transactions of one name; None of nothing."""
    bars = (
        _bars(connection, span, now, name)
        if span.is_counted
        else _rows(connection, span, now, name)
    )
    return [
        replace(found, start=start) if (found := bars.get(round(start / span.bucket))) else None
        for start in span.starts(now)
    ]


def _whole(connection: sqlite3.Connection, span: Range, now: float) -> Point | None:
    """Measure all commands of a range."""
    if not span.is_counted:
        # One bar, as long as all that ever was.
        return _rows(connection, span, now, None, bar=now + 1).get(0)
    found = histograms(connection, span, now, COMMANDS)
    return _of_buckets(bucket for buckets in found.values() for bucket in buckets)


def _rows(
    connection: sqlite3.Connection,
    span: Range,
    now: float,
    name: str | None,
    *,
    bar: float | None = None,
) -> dict[int, Point]:
    """Measure rows."""
    facts = {"now": now, "bar": bar or span.bucket, "since": span.since(now), "name": name}
    query = _MEASURED.format(COMMANDS_SQL if name is None else "name = :name")
    found = {}
    for number, failures, parts in connection.execute(query, facts):
        durations = sorted(json.loads(parts))
        found[number] = Point(0.0, len(durations), failures, *exact_percentiles(durations))
    return found


def _bars(
    connection: sqlite3.Connection, span: Range, now: float, name: str | None
) -> dict[int, Point]:
    """Measure roll-ups: each bar is made of whole periods."""
    periods = round(span.bucket / HALF_HOUR)
    # What lies together is added up as it is read.
    bar = "block" if periods == BLOCKS[HALF_HOURS] else f"period / {periods}"
    facts = {**_series(name), **cover(span, now, by=span.bucket)}
    bars: dict[int, list[Any]] = {}
    for (parts,) in connection.execute(_BARS.format(bar), facts):
        for number, *bucket in json.loads(parts):
            # Clients' clocks may be a minute ahead.
            bars.setdefault(min(number, int(now // span.bucket)), []).append(bucket)
    found = {number: _of_buckets(buckets) for number, buckets in bars.items()}
    return {number: point for number, point in found.items() if point}


def _series(name: str | None) -> dict[str, str]:
    """Name what is measured: all commands, or the transactions of a name."""
    return {"kind": COMMANDS if name is None else TRANSACTION, "name": name or ""}


def _of_buckets(parts: Iterable[Sequence[Any]]) -> Point | None:
    buckets = merged(parts)
    if not buckets:
        return None
    runs, failed = (sum(int(bucket[place]) for bucket in buckets) for place in (1, 3))
    return Point(0.0, runs, failed, *percentiles(buckets))
