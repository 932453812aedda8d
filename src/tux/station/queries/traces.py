"""Transactions and traces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tux.station.queries.performance import FAILED_SQL
from tux.station.queries.waterfall import Step, Waterfall, lay_out

if TYPE_CHECKING:
    import sqlite3

LISTED: Final = 100
MOST_SPANS: Final = 1000
DAY_MS: Final = 86_400_000.0
"""Longest step that is drawn."""
ORDERS: Final = {
    "newest": "start DESC",
    "slowest": "duration DESC",
    "failed": f"{FAILED_SQL} DESC, start DESC",
}


def listed(
    connection: sqlite3.Connection, *, since: float, name: str | None, order: str
) -> list[dict[str, Any]]:
    """List transactions."""
    condition, parameters = ("AND name = ?", (since, name)) if name else ("", (since,))
    return [
        dict(row)
        for row in connection.execute(
            "SELECT event_id, name, op, status, start, duration, trace_id, user_id, release "  # noqa: S608  # constants
            f"FROM transactions WHERE start >= ? {condition} "
            f"ORDER BY {ORDERS.get(order, ORDERS['newest'])} LIMIT {LISTED}",
            parameters,
        )
    ]


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
    return lay_out([Step(*row) for row in rows], events)
