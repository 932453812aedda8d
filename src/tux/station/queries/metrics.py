"""What programs count and measure by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tux.station.rollups.periods import HOUR

if TYPE_CHECKING:
    import sqlite3

    from tux.station.queries.ranges import Range

LISTED: Final = 500


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
