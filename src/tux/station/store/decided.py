"""What became of issues, and what programs counted, as rows that can be taken to another file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tux.station.store.arrivals import note
from tux.station.store.merging import merge, settle

if TYPE_CHECKING:
    import sqlite3

WHO: Final = "an import"
_ISSUE: Final = "SELECT issue_id FROM issue_hashes WHERE project_id = ? AND grouping = ?"
_DECIDED_HERE: Final = "SELECT 1 FROM issue_activity WHERE issue_id = ? AND who NOT IN ('', ?)"
_SET: Final = """
UPDATE issues SET status = ?2, resolved = ?3, resolved_in = ?4, ignored_until = ?5,
    ignored_count = times_seen + ?6, regressed = ?7
WHERE id = ?1 AND (status, resolved, resolved_in, ignored_until, regressed)
    IS NOT (?2, ?3, ?4, ?5, ?7)
"""
_HOUR: Final = """
INSERT INTO metric_hours (project_id, name, kind, unit, hour, count, total, least, most)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (project_id, name, kind, unit, hour) DO UPDATE SET
    count = excluded.count, total = excluded.total, least = excluded.least, most = excluded.most
WHERE excluded.count > count
"""


@dataclass(frozen=True, slots=True)
class StateRow:
    """The state of an issue, and one of the hashes that are it."""

    grouping: str
    into: str
    """The hash with which the issue began."""
    at: float
    status: str
    resolved: float | None
    resolved_in: str | None
    ignored_until: float | None
    ignored_more: int | None
    """So many more events."""
    regressed: float | None


@dataclass(frozen=True, slots=True)
class HourRow:
    """What came of one metric in one hour."""

    name: str
    type: str
    unit: str
    hour: int
    count: int
    total: float
    least: float
    most: float


def save_state(connection: sqlite3.Connection, project: int, row: StateRow) -> None:
    """Give an issue the state that it had elsewhere, unless somebody decided about it here.

    An issue of which no event is there has none.
    """
    own, whole = (
        connection.execute(_ISSUE, (project, grouping)).fetchone()
        for grouping in (row.grouping, row.into)
    )
    if own is None or whole is None:
        return
    for (issue,) in (own, whole):
        if connection.execute(_DECIDED_HERE, (issue, WHO)).fetchone():
            return
    issue = whole[0]
    if own != whole:
        issue = merge(connection, (own[0], whole[0]), WHO, row.at) or issue
        while settle(connection):
            pass
    facts = (row.status, row.resolved, row.resolved_in, row.ignored_until)
    changed = connection.execute(_SET, (issue, *facts, row.ignored_more, row.regressed)).rowcount
    if changed:
        note(connection, issue, row.at, WHO, row.status)


def save_hour(connection: sqlite3.Connection, project: int, row: HourRow) -> None:
    """Keep an hour of a metric; of two that are the same the one that knows more."""
    facts = (row.name, row.type, row.unit, row.hour, row.count, row.total, row.least, row.most)
    connection.execute(_HOUR, (project, *facts))
