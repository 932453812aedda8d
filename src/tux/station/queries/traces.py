"""Transactions and traces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tux.station.queries.waterfall import Step, Waterfall, lay_out
from tux.station.rollups.outcomes import FAILED_SQL
from tux.station.rollups.periods import DAY

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

LISTED: Final = 100
MOST_SPANS: Final = 1000
DAY_MS: Final = 86_400_000.0
"""Longest step that is drawn."""
ORDERS: Final = ("newest", "slowest", "failed")
_ROWS: Final = """
SELECT event_id, name, op, status, start, duration, trace_id, user_id, release FROM transactions
"""
# An index has all that is needed to choose them: only those that are shown are read.
_SLOWEST_OF_NAME: Final = (
    "SELECT id FROM transactions WHERE name = ? AND start >= ? "  # noqa: S608  # a constant
    f"ORDER BY duration DESC LIMIT {LISTED}"
)
_DAY: Final = "CAST(start / 86400 AS INTEGER)"


def listed(
    connection: sqlite3.Connection,
    *,
    since: float,
    now: float,
    name: str | None,
    order: str,
    until: float | None = None,
    op: str = "",
) -> list[dict[str, Any]]:
    """List transactions of a range that ends now, or of a shorter time; of a name, or of ops."""
    facts = {"since": since, "name": name, "until": until, "op": op, "after": f"{op}\U0010ffff"}
    of_name = "name = :name" if name else "1"
    if op:
        of_name += " AND op >= :op AND op < :after"
    if until is not None:
        of_name += " AND start < :until"
        if order == "slowest":
            return [dict(row) for row in _slowest_of(connection, of_name, facts)]
    if order == "slowest":
        rows = _slowest(connection, since, now, facts)
    elif order == "failed":
        # Those are few, and have an index; the others follow where there is room.
        rows = _newest(connection, f"{FAILED_SQL} AND {of_name}", facts, LISTED)
        rows += _newest(connection, f"NOT {FAILED_SQL} AND {of_name}", facts, LISTED - len(rows))
    else:
        rows = _newest(connection, of_name, facts, LISTED)
    return [dict(row) for row in rows]


def _newest(
    connection: sqlite3.Connection, condition: str, facts: Mapping[str, object], limit: int
) -> list[sqlite3.Row]:
    return connection.execute(
        f"{_ROWS} WHERE start >= :since AND {condition} ORDER BY start DESC LIMIT {limit}", facts
    ).fetchall()


def _slowest_of(
    connection: sqlite3.Connection, condition: str, facts: Mapping[str, object]
) -> list[sqlite3.Row]:
    """List the slowest of a bucket: it has at most those of a day."""
    return connection.execute(
        f"{_ROWS} WHERE id IN (SELECT id FROM transactions WHERE start >= :since AND {condition} "  # noqa: S608  # constants
        f"ORDER BY duration DESC LIMIT {LISTED}) ORDER BY duration DESC",
        facts,
    ).fetchall()


def _slowest(
    connection: sqlite3.Connection, since: float, now: float, facts: Mapping[str, object]
) -> list[sqlite3.Row]:
    if facts["name"]:
        return connection.execute(
            f"{_ROWS} WHERE id IN ({_SLOWEST_OF_NAME}) ORDER BY duration DESC",
            (facts["name"], since),
        ).fetchall()
    of_op = "AND op >= :op AND op < :after" if facts["op"] else ""
    rows: list[sqlite3.Row] = []
    for day in range(int(since // DAY), int(now // DAY) + 2):
        rows += connection.execute(
            f"{_ROWS} WHERE {_DAY} = :day AND start >= :since {of_op} "
            f"ORDER BY duration DESC LIMIT {LISTED}",
            {**facts, "day": day},
        )
    return sorted(rows, key=lambda row: -row["duration"])[:LISTED]


_TRACE: Final = f"""
SELECT name, op, status, start, min(duration, {DAY_MS}), span_id, parent_span_id, 1
FROM transactions WHERE trace_id = ?1
UNION ALL
SELECT s.description, s.op, s.status, s.start, min(s.duration, {DAY_MS}), s.span_id,
    s.parent_span_id, 0
FROM transactions AS t JOIN spans AS s ON s.txn = t.id WHERE t.trace_id = ?1
UNION ALL
SELECT description, op, status, start, min(duration, {DAY_MS}), span_id, parent_span_id, 0
FROM spans WHERE txn IS NULL AND trace_id = ?1
ORDER BY 4 LIMIT {MOST_SPANS}
"""  # noqa: S608  # constants


def trace(connection: sqlite3.Connection, trace_id: str, events: list[dict[str, Any]]) -> Waterfall:
    """Lay the steps of a trace out on one axis."""
    rows = connection.execute(_TRACE, (trace_id,)).fetchall()
    return lay_out([Step(*(*row[:7], bool(row[7]))) for row in rows], events)
