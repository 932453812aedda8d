"""Durations over time: one point for each bar of a chart."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from tux.station.queries.cover import NOT_YET, before, beginning, cover
from tux.station.queries.remembering import current, once, remembered
from tux.station.rollups.histogram import longest_of, merged, percentiles
from tux.station.rollups.periods import BLOCKS, HALF_HOUR, HALF_HOURS, MINUTE

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from tux.station.queries.ranges import Range


@dataclass(frozen=True, slots=True)
class Point:
    """One bucket of a series of durations, in milliseconds."""

    start: float
    count: int
    failures: int
    mean: float
    longest: float
    p50: float
    p95: float
    p99: float

    @property
    def failure_rate(self) -> float:
        """Share that failed."""
        return self.failures / self.count


_BARS: Final = f"""
SELECT (
    SELECT json_group_array(json_array(bar, bucket, runs, total, failed)) FROM (
        SELECT {{bar}} AS bar, bucket, sum(runs) AS runs, sum(total) AS total, sum(failed) AS failed
        FROM durations WHERE tier = 0 AND series_id = s.id
            AND block BETWEEN :first_block AND :last_block AND period >= :first AND period < :until
        GROUP BY 1, bucket
        UNION ALL
        SELECT period, bucket, runs, total, failed
        FROM durations WHERE tier = 1 AND series_id = s.id
            AND block >= :day_block AND period >= :day AND period < :last_day
        UNION ALL
        SELECT period / {{minutes}} AS bar, bucket, sum(runs), sum(total), sum(failed)
        FROM json_each(:minutes) AS m CROSS JOIN duration_minutes AS d
        WHERE d.period = m.value AND d.series_id = s.id AND {NOT_YET} GROUP BY 1, bucket
    )
) FROM series AS s WHERE kind = :kind AND {{column}} = :name
"""  # noqa: S608  # a constant


def placed(bars: Mapping[int, Point], span: Range, now: float) -> list[Point | None]:
    """Give each bucket of a range its point; None of nothing."""
    return [
        replace(found, start=start) if (found := bars.get(round(start / span.bucket))) else None
        for start in span.starts(now)
    ]


@once
def counted_bars(
    connection: sqlite3.Connection,
    span: Range,
    now: float,
    kind: str,
    name: str,
    *,
    column: Literal["name", "op", "kind"] = "name",
) -> dict[int, Point]:
    """Measure roll-ups: each bar is made of whole periods.

    Args:
        connection: the file.
        span: the range of the chart.
        now: where it ends.
        kind: of the series.
        name: of the series.
        column: which of their columns that is.
    """
    facts = {"kind": kind, "name": name, **cover(connection, span, now, by=span.bucket)}
    if span.bucket < HALF_HOUR:
        return _bars(connection, span, now, column, facts)
    half = current(span, now)
    key = ("bars", span.name, column, kind, name, facts["first"], facts["day"], half)
    over = remembered(
        connection, key, lambda: _bars(connection, span, now, column, before(facts, half))
    )
    return {**over, **_bars(connection, span, now, column, beginning(facts, half))}


def _bars(
    connection: sqlite3.Connection, span: Range, now: float, column: str, facts: dict[str, Any]
) -> dict[int, Point]:
    periods = max(1, round(span.bucket / HALF_HOUR))
    # What lies together is added up as it is read.
    bar = "block" if periods == BLOCKS[HALF_HOURS] else f"period / {periods}"
    query = _BARS.format(bar=bar, minutes=round(span.bucket / MINUTE), column=column)
    bars: dict[int, list[Any]] = {}
    for (parts,) in connection.execute(query, facts):
        for number, *bucket in json.loads(parts):
            # Clients' clocks may be a minute ahead.
            bars.setdefault(min(number, int(now // span.bucket)), []).append(bucket)
    found = {number: of_buckets(buckets) for number, buckets in bars.items()}
    return {number: point for number, point in found.items() if point}


def of_buckets(parts: Iterable[Sequence[Any]]) -> Point | None:
    """Measure what is in buckets."""
    buckets = merged(parts)
    if not buckets:
        return None
    runs, total, failed = (sum(bucket[place] for bucket in buckets) for place in (1, 2, 3))
    return Point(
        0.0,
        int(runs),
        int(failed),
        total / runs,
        longest_of(buckets),
        *percentiles(buckets),
    )
