"""Where time goes: steps by their area and their op, and the areas' shares of a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tux.station.queries.cover import MOST_UNITS, cover, covered
from tux.station.queries.histograms import histograms
from tux.station.queries.points import Point, counted_bars, of_buckets, of_durations, placed
from tux.station.queries.remembering import once
from tux.station.rollups.areas import area_of, shares_of
from tux.station.rollups.histogram import LONGEST
from tux.station.rollups.outcomes import COMMANDS_SQL, FAILED_SQL
from tux.station.rollups.tally import OP, SHARE
from tux.station.wire.rows import SpanRow

if TYPE_CHECKING:
    import sqlite3

    from tux.station.queries.ranges import Range

Shares = dict[int, dict[str, float]]
"""Milliseconds of each area, by the number of the bar."""
_AREA_ROWS: Final = f"""
SELECT start, op, description, {FAILED_SQL}, min(duration, {LONGEST})
FROM spans INDEXED BY spans_shown
WHERE start >= ? AND (op >= 'db' AND op < 'dc' OR op = 'http.client')
"""  # noqa: S608  # constants
_SHARES: Final = f"""
SELECT CAST(min(moment, :now) / :bar AS INTEGER), op, sum(total)
FROM ({covered("sums", "d.total", "s.kind = :kind AND s.name = :name")}) GROUP BY 1, 2
"""  # noqa: S608  # constants
_UNITS: Final = f"""
SELECT id, start, min(duration, {LONGEST}) FROM transactions
WHERE start >= :since AND {{}} ORDER BY start DESC LIMIT {MOST_UNITS}
"""  # noqa: S608  # constants
_SPANS: Final = f"""
SELECT trace_id, span_id, parent_span_id, op, description, status, start, min(duration, {LONGEST})
FROM spans WHERE txn = ?
"""  # noqa: S608  # a constant


def area_over_time(
    connection: sqlite3.Connection, span: Range, now: float, area: str
) -> list[Point | None]:
    """Measure what the bot waits for: the database, Discord, or other APIs."""
    if span.is_counted:
        return placed(counted_bars(connection, span, now, OP, area, column="op"), span, now)
    return placed(_area_bars(connection, span, now, area, span.bucket), span, now)


def area_whole(connection: sqlite3.Connection, span: Range, now: float, area: str) -> Point | None:
    """Measure the same of a whole range."""
    if not span.is_counted:
        return _area_bars(connection, span, now, area, now + 1).get(0)
    found = histograms(connection, span, now, OP)
    return of_buckets(
        bucket for (_, own), parts in found.items() if own == area for bucket in parts
    )


def shares_over_time(connection: sqlite3.Connection, span: Range, now: float, name: str) -> Shares:
    """Split the time of a name's runs between the areas, bar by bar."""
    if not span.is_counted:
        return _measured_shares(connection, span, now, name)
    facts = {"now": now, "bar": span.bucket, "kind": SHARE, "name": name}
    found: Shares = {}
    for bar, area, total in connection.execute(
        _SHARES, {**facts, **cover(span, now, by=span.bucket)}
    ):
        found.setdefault(bar, {})[area] = max(total, 0.0)
    return found


def whole_shares(shares: Shares) -> dict[str, float]:
    """Add up the bars."""
    found: dict[str, float] = {}
    for areas in shares.values():
        for area, total in areas.items():
            found[area] = found.get(area, 0.0) + total
    return found


def _area_bars(
    connection: sqlite3.Connection, span: Range, now: float, area: str, bar: float
) -> dict[int, Point]:
    durations: dict[int, list[float]] = {}
    failures: dict[int, int] = {}
    for start, own, is_failed, duration in _area_rows(connection, span.since(now)):
        if own == area:
            number = int(min(start, now) // bar)
            durations.setdefault(number, []).append(duration)
            failures[number] = failures.get(number, 0) + is_failed
    found = {bar: of_durations(values, failures[bar]) for bar, values in durations.items()}
    return {bar: point for bar, point in found.items() if point}


@once
def _area_rows(
    connection: sqlite3.Connection, since: float
) -> list[tuple[float, str | None, int, float]]:
    return [
        (start, area_of(op, description), is_failed, duration)
        for start, op, description, is_failed, duration in connection.execute(_AREA_ROWS, (since,))
    ]


def _measured_shares(connection: sqlite3.Connection, span: Range, now: float, name: str) -> Shares:
    facts = {"since": span.since(now), "name": name}
    found: Shares = {}
    condition = "name = :name" if name else COMMANDS_SQL
    for number, start, duration in connection.execute(_UNITS.format(condition), facts).fetchall():
        spans = [SpanRow(*row) for row in connection.execute(_SPANS, (number,))]
        areas = found.setdefault(int(min(start, now) // span.bucket), {})
        for area, milliseconds in shares_of(start, duration, spans).items():
            areas[area] = areas.get(area, 0.0) + milliseconds
    return found
