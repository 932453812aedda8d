"""How releases do, and what was lost on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tux.station.queries.cover import cover, covered
from tux.station.rollups.periods import HOUR
from tux.station.rollups.tally import SESSION

if TYPE_CHECKING:
    import sqlite3

    from tux.station.queries.ranges import Range


@dataclass(frozen=True, slots=True)
class Release:
    """Sessions of one version of the bot."""

    name: str
    sessions: int
    errored: int
    crashed: int
    started: float
    """When its last session began."""

    @property
    def crash_free(self) -> float | None:
        """Share of the sessions that did not crash."""
        return 1 - self.crashed / self.sessions if self.sessions else None


@dataclass(frozen=True, slots=True)
class Loss:
    """What never arrived, or was not kept."""

    origin: str
    category: str
    reason: str
    quantity: int


_RELEASES: Final = f"""
SELECT release, sum(sessions), sum(errored), sum(crashed), max(latest)
FROM ({covered("session_counts", "sessions, errored, crashed, latest", "s.kind = :kind")})
GROUP BY release ORDER BY max(latest) DESC LIMIT :limit
"""  # noqa: S608  # constants
# The condition on the project is there for the index.
_LOSSES: Final = """
SELECT origin, category, reason, sum(quantity) FROM discards
WHERE project_id IN (SELECT id FROM projects) AND hour >= ?
GROUP BY origin, category, reason ORDER BY 4 DESC LIMIT ?
"""


def releases(
    connection: sqlite3.Connection, span: Range, now: float, limit: int = 6
) -> list[Release]:
    """List releases, the latest first."""
    facts = {"kind": SESSION, "limit": limit, **cover(connection, span, now)}
    rows = connection.execute(_RELEASES, facts)
    return [Release(*row) for row in rows]


def losses(connection: sqlite3.Connection, since: float, limit: int = 10) -> list[Loss]:
    """List what was lost, the most first."""
    rows = connection.execute(_LOSSES, (int(since // HOUR), limit))
    return [Loss(*row) for row in rows]
