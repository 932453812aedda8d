"""The errors behind a bar of a chart, issue by issue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tux.station.rollups.outcomes import ERRORS_SQL

if TYPE_CHECKING:
    import sqlite3

LOOKED_AT: Final = 5000
"""Latest errors of the time that are looked at; of a command, those that came last."""


@dataclass(frozen=True, slots=True)
class Cause:
    """An issue, and its part in a span of time."""

    id: int
    title: str
    culprit: str
    level: str
    status: str
    errors: int
    users: int
    latest: float
    event_id: str
    """The latest of them."""


_WHERE: Final = {
    "command": (
        "e.id IN (SELECT event FROM event_tags WHERE key = 'command' AND value = :{0} "  # noqa: S608  # constants
        f"ORDER BY event DESC LIMIT {LOOKED_AT})"
    ),
    "release": "coalesce(e.release, '') = :{0}",
    "user": "e.user_id = :{0}",
}
"""What errors can be picked by."""
_CAUSES: Final = """
SELECT i.id, i.title, i.culprit, i.level, i.status, count(*), count(DISTINCT user_id),
    max(timestamp), event_id
FROM (
    SELECT e.issue_id, e.user_id, e.timestamp, e.event_id FROM events AS e
    WHERE timestamp >= :since AND timestamp < :until AND {errors} AND {condition}
    ORDER BY timestamp DESC LIMIT {most}
) AS e CROSS JOIN issues AS i ON i.id = e.issue_id
GROUP BY i.id ORDER BY 6 DESC, 8 DESC LIMIT 200
"""


def causes(
    connection: sqlite3.Connection, since: float, until: float, picked: dict[str, str]
) -> list[Cause]:
    """List the issues of a span of time, those with the most errors first.

    Args:
        connection: the file.
        since: when it begins, in Unix seconds.
        until: when it has ended.
        picked: what they have in common: see ``PICKED``.
    """
    conditions = [_WHERE[name].format(name) for name in picked]
    condition = " AND ".join(conditions) or "1"
    query = _CAUSES.format(errors=ERRORS_SQL, condition=condition, most=LOOKED_AT)
    rows = connection.execute(query, {"since": since, "until": until, **picked})
    return [Cause(*row) for row in rows]


PICKED: Final = tuple(_WHERE)
