"""Jobs that check in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tux.station.queries.schedules import Run, schedule_of, strip_of
from tux.station.wire.schedules import possible

if TYPE_CHECKING:
    import sqlite3

RUNS: Final = 40
"""Check-ins of a monitor that are shown."""
MONITORS: Final = 200
# From one slug to the next, instead of through all check-ins.
_SLUGS: Final = """
WITH RECURSIVE slugs (slug) AS (
    SELECT min(monitor_slug) FROM check_ins
    UNION ALL
    SELECT (SELECT min(monitor_slug) FROM check_ins WHERE monitor_slug > slug) FROM slugs
    WHERE slug IS NOT NULL
    LIMIT ?
)
SELECT slug FROM slugs WHERE slug IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Monitor:
    """A job that is checked in."""

    slug: str
    schedule: str
    is_late: bool
    """Whether a run should have begun that did not."""
    runs: tuple[Run, ...]
    """The newest first."""
    strip: tuple[Run, ...]
    """The same, with those that were late marked and those that were missed in their places."""

    def count(self, status: str) -> int:
        """Tell how many of the strip went so."""
        return sum(run.status == status for run in self.strip)

    @property
    def status(self) -> str:
        """How the newest run is."""
        return "missed" if self.is_late else self.runs[0].status


def monitors_of(connection: sqlite3.Connection, now: float) -> list[Monitor]:
    """List monitored jobs by name."""
    slugs = connection.execute(_SLUGS, (MONITORS,)).fetchall()
    return [_monitor(connection, row[0], now) for row in slugs]


def _monitor(connection: sqlite3.Connection, slug: str, now: float) -> Monitor:
    rows = connection.execute(
        "SELECT started, status, duration, config FROM check_ins WHERE monitor_slug = ? "
        "ORDER BY started DESC LIMIT ?",
        (slug, RUNS),
    ).fetchall()
    config = _object(next((row["config"] for row in rows if row["config"]), None))
    # A file may have what came before such things were left out.
    schedule = schedule_of(possible(config)[0])
    runs = tuple(Run(*row[:3]) for row in rows)
    is_late = schedule.is_missed(runs[0].started, now)
    return Monitor(slug, schedule.words, is_late, runs, tuple(strip_of(schedule, runs, now)))


def _object(document: str | None) -> dict[str, Any]:
    found = json.loads(document or "{}")
    return found if isinstance(found, dict) else {}
