"""What people decide about issues: resolve, ignore, open again.

It runs in the writer's thread, inside one transaction, and writes the history along.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tux.station.store.arrivals import note
from tux.station.store.states import ANY_RELEASE, IGNORED, RESOLVED

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

MOST: Final = 200
"""Issues of one decision."""
_LATEST: Final = """
SELECT name FROM releases_seen WHERE project_id = ? ORDER BY first_seen DESC LIMIT 1
"""
_SET: Final = """
UPDATE issues SET status = ?2, resolved = ?3, resolved_in = ?4, ignored_until = ?5,
    ignored_count = times_seen + ?6, regressed = NULL
WHERE id = ?1 AND status <> 'merged'
"""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to become of issues."""

    status: str
    who: str
    at: float
    in_next_release: bool = False
    """Resolved, until an event of a later release comes than any that was seen."""
    seconds: float | None = None
    """How long they are ignored,"""
    events: int | None = None
    """or for how many more events; for ever where both are None."""


def decide(connection: sqlite3.Connection, issues: Iterable[int], decision: Decision) -> int:
    """Give issues a state, and tell how many there were."""
    found = existing(connection, issues)
    until = None if decision.seconds is None else decision.at + decision.seconds
    for issue, project in found:
        resolved = decision.at if decision.status == RESOLVED else None
        release = _latest(connection, project) if decision.in_next_release else None
        facts = (issue, decision.status, resolved, release, until, decision.events)
        connection.execute(_SET, facts)
        what, detail = _told(decision, release)
        note(connection, issue, decision.at, decision.who, what, detail)
    return len(found)


def existing(connection: sqlite3.Connection, issues: Iterable[int]) -> list[tuple[int, int]]:
    """Find issues that are there and were not merged: number and project."""
    wanted = list(dict.fromkeys(issues))[:MOST]
    places = ", ".join("?" * len(wanted))
    return connection.execute(
        f"SELECT id, project_id FROM issues WHERE id IN ({places}) AND status <> 'merged'",  # noqa: S608  # question marks
        wanted,
    ).fetchall()


def _latest(connection: sqlite3.Connection, project: int) -> str:
    found = connection.execute(_LATEST, (project,)).fetchone()
    return str(found[0]) if found else ANY_RELEASE


def _told(decision: Decision, release: str | None) -> tuple[str, str]:
    if decision.status == RESOLVED:
        detail = f"in the release after {release}" if release else ""
        if release == ANY_RELEASE:
            detail = "in the next release"
        return "resolved", detail
    if decision.status == IGNORED:
        if decision.seconds is not None:
            return "ignored", f"for {decision.seconds / 3600:g} h"
        return "ignored", f"for {decision.events} more events" if decision.events else "for ever"
    return "reopened", ""
