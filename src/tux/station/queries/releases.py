"""Releases side by side."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tux.station.queries.health import releases as sessions_of
from tux.station.rollups.outcomes import ERRORS_SQL, FAILED
from tux.station.rollups.periods import DAY, DAYS, MINUTE, MINUTES

if TYPE_CHECKING:
    import sqlite3

    from tux.station.queries.ranges import Range

LISTED: Final = 30
RECENT_ISSUES: Final = 5000
"""Issues that were seen last, among which new ones are looked for."""


@dataclass(slots=True)
class Version:
    """What happened under one release."""

    name: str
    runs: int = 0
    failures: int = 0
    errors: int = 0
    new_issues: int = 0
    sessions: int = 0
    crash_free: float | None = None
    latest: float = 0.0
    """When it was last heard of."""
    issues: list[tuple[int, str]] = field(default_factory=list)
    """Some of those that are new: id and title."""

    @property
    def failure_rate(self) -> float | None:
        """Share of the commands and other work that failed."""
        return self.failures / self.runs if self.runs else None

    @property
    def errors_per_thousand(self) -> float | None:
        """Errors among a thousand runs."""
        return 1000 * self.errors / self.runs if self.runs else None


_COUNTED: Final = f"""
SELECT s.kind, s.release, s.state, sum(d.count), max(d.period) FROM series AS s
CROSS JOIN counts AS d ON d.series_id = s.id AND d.tier = :tier AND d.period >= :first
WHERE s.kind = 'run' OR s.kind = 'event' AND s.{ERRORS_SQL.replace("level", "state")}
GROUP BY 1, 2, 3
"""  # noqa: S608  # constants
_NEW: Final = f"""
SELECT id, title, (
    SELECT release FROM events WHERE issue_id = i.id ORDER BY timestamp LIMIT 1
) FROM (
    SELECT id, title, first_seen FROM issues WHERE last_seen >= ?1
    ORDER BY last_seen DESC LIMIT {RECENT_ISSUES}
) AS i WHERE first_seen >= ?1 ORDER BY first_seen DESC
"""  # noqa: S608  # a constant
TITLES: Final = 3


def versions(connection: sqlite3.Connection, span: Range, now: float) -> list[Version]:
    """List releases of a range, the one that was heard of last first."""
    found: dict[str, Version] = {}
    _count(connection, span, now, found)
    for release in sessions_of(connection, span, now, LISTED):
        version = found.setdefault(release.name, Version(release.name))
        version.sessions, version.crash_free = release.sessions, release.crash_free
        version.latest = max(version.latest, release.started)
    for number, title, name in connection.execute(_NEW, (span.since(now),)):
        version = found.setdefault(name or "", Version(name or ""))
        version.new_issues += 1
        if len(version.issues) < TITLES:
            version.issues.append((number, title))
    return sorted(found.values(), key=lambda one: (-one.latest, one.name))[:LISTED]


def _count(
    connection: sqlite3.Connection, span: Range, now: float, found: dict[str, Version]
) -> None:
    """Count by minutes, which are kept for three days, or by days."""
    tier, length = (MINUTES, MINUTE) if span.seconds <= DAY else (DAYS, DAY)
    facts: dict[str, Any] = {"tier": tier, "first": int(span.since(now) // length)}
    for kind, name, state, count, period in connection.execute(_COUNTED, facts):
        version = found.setdefault(name, Version(name))
        version.latest = max(version.latest, min((period + 1) * length, now))
        if kind == "event":
            version.errors += count
        else:
            version.runs += count
            version.failures += count if state in FAILED else 0
