"""Where time goes: steps by their area and their op, and the areas' shares of a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tux.station.queries.cover import cover, covered
from tux.station.queries.histograms import histograms
from tux.station.queries.points import Point, counted_bars, of_buckets, placed
from tux.station.rollups.tally import OP, SHARE

if TYPE_CHECKING:
    import sqlite3

    from tux.station.queries.ranges import Range

Shares = dict[int, dict[str, float]]
"""Milliseconds of each area, by the number of the bar."""
_SHARES: Final = f"""
SELECT CAST(min(moment, :now) / :bar AS INTEGER), op, sum(total)
FROM ({covered("sums", "d.total", "s.kind = :kind AND s.name = :name")}) GROUP BY 1, 2
"""  # noqa: S608  # constants


def area_over_time(
    connection: sqlite3.Connection, span: Range, now: float, area: str
) -> list[Point | None]:
    """Measure what the bot waits for: the database, Discord, or other APIs."""
    return placed(counted_bars(connection, span, now, OP, area, column="op"), span, now)


def area_whole(connection: sqlite3.Connection, span: Range, now: float, area: str) -> Point | None:
    """Measure the same of a whole range."""
    found = histograms(connection, span, now, OP)
    return of_buckets(
        bucket for (_, own), parts in found.items() if own == area for bucket in parts
    )


def shares_over_time(connection: sqlite3.Connection, span: Range, now: float, name: str) -> Shares:
    """Split the time of a name's runs between the areas, bar by bar."""
    facts: dict[str, Any] = {"now": now, "bar": span.bucket, "kind": SHARE, "name": name}
    found: Shares = {}
    facts |= cover(connection, span, now, by=span.bucket)
    for bar, area, total in connection.execute(_SHARES, facts):
        found.setdefault(bar, {})[area] = max(total, 0.0)
    return found


def whole_shares(shares: Shares) -> dict[str, float]:
    """Add up the bars."""
    found: dict[str, float] = {}
    for areas in shares.values():
        for area, total in areas.items():
            found[area] = found.get(area, 0.0) + total
    return found
