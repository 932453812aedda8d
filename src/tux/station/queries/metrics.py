"""What programs count and measure by themselves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tux.station.rollups.periods import HOUR
from tux.station.wire.metrics import DURATION

if TYPE_CHECKING:
    import sqlite3

    from tux.station.queries.ranges import Range

LISTED: Final = 500
_RUNS: Final = """
SELECT (
    SELECT count(*) FROM command_runs WHERE timestamp >= :since AND timestamp < :hour * 3600
) + (
    SELECT coalesce(sum(count), 0) FROM metric_hours
    WHERE name = :name AND kind = :kind AND unit = :unit AND hour >= :hour
)
"""


@dataclass(frozen=True, slots=True)
class Metric:
    """One name, over a range of whole hours."""

    name: str
    kind: str
    """``counter``, ``gauge`` or ``distribution``."""
    unit: str
    count: int
    """Values that came."""
    total: float
    mean: float
    least: float
    most: float


def metrics(connection: sqlite3.Connection, span: Range, now: float) -> list[Metric]:
    """List metrics by name."""
    rows = connection.execute(
        "SELECT name, kind, unit, sum(count), sum(total), sum(total) / sum(count), min(least), "
        "max(most) FROM metric_hours WHERE hour >= ? GROUP BY name, kind, unit ORDER BY name LIMIT ?",
        (int((now - span.seconds) // HOUR), LISTED),
    )
    return [Metric(*row) for row in rows]


def told_runs(connection: sqlite3.Connection, span: Range, now: float) -> int:
    """Count the runs of commands that bots have told by their metric, sampled or not.

    Whole hours are added up; runs by themselves, which are kept for days, only of the hour it begins in.
    """
    since = span.since(now)
    name, kind, unit = DURATION
    hour = math.ceil(since / HOUR)
    facts = {"since": since, "hour": hour, "name": name, "kind": kind, "unit": unit}
    (count,) = connection.execute(_RUNS, facts).fetchone()
    return int(count)
