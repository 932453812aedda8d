"""Which rows of an import are here already: they are not taken twice."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from tux.station.wire.rows import (
    CheckInRow,
    CommandRunRow,
    DiscardRow,
    EnvelopeRow,
    EventRow,
    FeedbackRow,
    LogRow,
    OrphanRow,
    SessionRow,
    TransactionRow,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from tux.station.wire.rows import Row


def _id(table: str, column: str) -> tuple[str, Callable[[Any], tuple[Any, ...]]]:
    get = attrgetter(column)
    return (
        f"SELECT 1 FROM {table} WHERE project_id = ? AND {column} = ?",  # noqa: S608  # constants
        lambda row: (get(row),),
    )


_SAME: Final[dict[type, tuple[str, Callable[[Any], tuple[Any, ...]]]]] = {
    EventRow: _id("events", "event_id"),
    TransactionRow: _id("transactions", "event_id"),
    SessionRow: _id("sessions", "sid"),
    CheckInRow: _id("check_ins", "check_in_id"),
    FeedbackRow: _id("feedback", "feedback_id"),
    # Of an orphan there is no project until its segment is here.
    OrphanRow: (
        """
        SELECT 1 WHERE EXISTS (
            SELECT 1 FROM spans
            WHERE txn IS NULL AND trace_id = ?2 AND segment_id = ?3 AND span_id = ?4
        ) OR EXISTS (
            SELECT 1 FROM transactions AS t JOIN spans AS s ON s.txn = t.id
            WHERE t.project_id = ?1 AND t.trace_id = ?2 AND t.span_id = ?3 AND s.span_id = ?4
        )
        """,
        attrgetter("span.trace_id", "segment_id", "span.span_id"),
    ),
    LogRow: (
        "SELECT 1 FROM logs WHERE project_id = ? AND timestamp = ? AND body = ? AND trace_id IS ?",
        attrgetter("timestamp", "body", "trace_id"),
    ),
    CommandRunRow: (
        """
        SELECT 1 FROM command_runs
        WHERE project_id = ? AND timestamp = ? AND trace_id IS ? AND command = ?
        """,
        attrgetter("timestamp", "trace_id", "command"),
    ),
    DiscardRow: (
        """
        SELECT 1 FROM discards WHERE project_id = ? AND hour = ? AND origin = ?
            AND category = ? AND reason = ? AND quantity >= ?
        """,
        lambda row: (
            *(int(row.timestamp // 3600), row.origin, row.category, row.reason, row.quantity),
        ),
    ),
    EnvelopeRow: (
        "SELECT 1 FROM envelopes WHERE project_id = ? AND received = ? AND digest = ?",
        attrgetter("received", "digest"),
    ),
}
"""Kind of row → what finds the same one, and what it is told apart by."""
_NEWER: Final = (SessionRow, CheckInRow)
"""Kinds of which a row may be a newer state of what is here."""
_CAME: Final = """
SELECT 1 FROM envelopes WHERE project_id = ?1 AND digest = ?2
    AND (event_id = ?3 OR ?3 IS NULL AND event_id IS NULL)
"""


def is_known(connection: sqlite3.Connection, project: int, row: Row) -> bool:
    """Tell whether a row is here, itself or in an older state."""
    if type(row) not in _SAME or (isinstance(row, SessionRow) and row.is_aggregate):
        return False
    query, told_apart_by = _SAME[type(row)]
    return connection.execute(query, (project, *told_apart_by(row))).fetchone() is not None


def has_come(connection: sqlite3.Connection, project: int, row: EnvelopeRow) -> bool:
    """Tell whether the same items came in an envelope before, whenever that was."""
    return connection.execute(_CAME, (project, row.digest, row.event_id)).fetchone() is not None


def may_be_newer(row: Row) -> bool:
    """Tell whether a row that is here is to be written all the same."""
    return isinstance(row, _NEWER)
