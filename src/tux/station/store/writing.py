"""Rows → SQL: one function for each kind of row. Each notes in a tally what it adds to the roll-ups.

Everything that can come twice is told apart by its id, because a client that lost our answer sends
the same envelope again.
"""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from tux.station.rollups.tally import Tally
from tux.station.store.arrivals import arrive, see_release
from tux.station.wire.rows import (
    Batch,
    CheckInRow,
    CommandRunRow,
    DiscardRow,
    EnvelopeRow,
    EventRow,
    FeedbackRow,
    LogRow,
    MetricRow,
    OrphanRow,
    SessionRow,
    SpanRow,
    TransactionRow,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

_EVENT = """
INSERT INTO events
    (project_id, event_id, issue_id, received, timestamp, level, title, transaction_name, trace_id,
     span_id, user_id, release, environment, handled, payload, hash_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_TRANSACTION = """
INSERT INTO transactions
    (project_id, event_id, received, start, duration, name, op, status, trace_id, span_id,
     parent_span_id, user_id, release, environment, payload)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (project_id, event_id) DO NOTHING
RETURNING id
"""
_SPAN = """
INSERT INTO spans
    (txn, segment_id, trace_id, span_id, parent_span_id, op, description, status, start, duration)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_WAITING = "txn IS NULL AND trace_id = ? AND segment_id = ?"
_ADOPT = f"""
UPDATE spans SET txn = ? WHERE {_WAITING}
RETURNING trace_id, span_id, parent_span_id, op, description, status, start, duration
"""  # noqa: S608  # a constant
_SESSION = """
INSERT INTO sessions
    (project_id, sid, started, updated, release, environment, exited, errored, crashed, abnormal)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (project_id, sid) DO UPDATE SET
    updated = excluded.updated,
    exited = excluded.exited,
    errored = excluded.errored,
    crashed = excluded.crashed,
    abnormal = excluded.abnormal
WHERE excluded.updated >= updated
RETURNING release, started, exited, errored, crashed, abnormal
"""
_SESSION_COUNTS = """
INSERT INTO sessions
    (project_id, sid, started, updated, release, environment, exited, errored, crashed, abnormal)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (project_id, sid) DO UPDATE SET
    updated = max(updated, excluded.updated),
    exited = exited + excluded.exited,
    errored = errored + excluded.errored,
    crashed = crashed + excluded.crashed,
    abnormal = abnormal + excluded.abnormal
RETURNING release, started, exited, errored, crashed, abnormal
"""
# A finished run stays finished: its `in_progress` may arrive late, from a client that retries.
_CHECK_IN = """
INSERT INTO check_ins
    (project_id, check_in_id, monitor_slug, status, started, updated, duration, config)
VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7)
ON CONFLICT (project_id, check_in_id) DO UPDATE SET
    started = min(started, excluded.started),
    updated = max(updated, excluded.updated),
    status = iif(excluded.status = 'in_progress', status, excluded.status),
    duration = coalesce(excluded.duration, duration),
    config = coalesce(excluded.config, config)
"""
_LOG = """
INSERT INTO logs (project_id, timestamp, level, body, trace_id, attributes)
VALUES (?, ?, ?, ?, ?, ?)
"""
_FEEDBACK = """
INSERT INTO feedback
    (project_id, feedback_id, event_id, timestamp, name, contact, message, user_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (project_id, feedback_id) DO NOTHING
"""
_DISCARD = """
INSERT INTO discards (project_id, hour, origin, category, reason, quantity)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (project_id, hour, origin, category, reason) DO UPDATE SET
    quantity = quantity + excluded.quantity
"""
_METRIC = """
INSERT INTO metric_hours (project_id, name, kind, unit, hour, count, total, least, most)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (project_id, name, kind, unit, hour) DO UPDATE SET
    count = count + excluded.count,
    total = total + excluded.total,
    least = min(least, excluded.least),
    most = max(most, excluded.most)
"""
_COMMAND_RUN = """
INSERT INTO command_runs
    (project_id, timestamp, command, environment, duration, trace_id, status, error)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (timestamp, trace_id, command, project_id) DO NOTHING
"""
_ENVELOPE = """
INSERT INTO envelopes (project_id, received, event_id, kinds, digest, encoding, body)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
WHERE NOT EXISTS (SELECT 1 FROM envelopes WHERE event_id = ?3 AND digest = ?5)
"""


def save(connection: sqlite3.Connection, batch: Batch) -> Tally:
    """Write the rows of one request, in order, and tell what they add to the roll-ups."""
    tally = Tally()
    for row in batch.rows:
        _SAVERS[type(row)](connection, batch.project_id, row, tally)
    return tally


def _save_event(connection: sqlite3.Connection, project: int, row: EventRow, tally: Tally) -> None:
    known = connection.execute(
        "SELECT 1 FROM events WHERE project_id = ? AND event_id = ?", (project, row.event_id)
    )
    if known.fetchone():
        return
    issue_id, hash_id = arrive(connection, project, row)
    event = (
        *(project, row.event_id, issue_id, row.received, row.timestamp, row.level, row.title),
        *(row.transaction, row.trace_id, row.span_id, row.user_id, row.release, row.environment),
        *(row.handled, row.payload, hash_id),
    )
    number = connection.execute(_EVENT, event).lastrowid
    connection.executemany(
        "INSERT OR IGNORE INTO event_tags (event, key, value) VALUES (?, ?, ?)",
        [(number, key, value) for key, value in row.tags],
    )
    tally.add_event(issue_id, row)
    tally.add_tags(issue_id, row)


def _save_transaction(
    connection: sqlite3.Connection, project: int, row: TransactionRow, tally: Tally
) -> None:
    added = connection.execute(_TRANSACTION, (project, *_TRANSACTION_VALUES(row))).fetchone()
    if added is not None:
        spans = [(added[0], None, *_SPAN_VALUES(span)) for span in row.spans]
        connection.executemany(_SPAN, spans)
        adopted = connection.execute(_ADOPT, (added[0], row.trace_id, row.span_id)).fetchall()
        see_release(connection, project, row.release, row.start)
        tally.add_transaction(row)
        for span in adopted:
            tally.move_share(row.name, row.start, SpanRow(*span))


def _save_orphan(
    connection: sqlite3.Connection, project: int, row: OrphanRow, tally: Tally
) -> None:
    trace_id, span_id = row.span.trace_id, row.span.span_id
    segment = connection.execute(
        "SELECT id, name, start FROM transactions WHERE project_id = ? AND trace_id = ? AND span_id = ?",
        (project, trace_id, row.segment_id),
    ).fetchone()
    place: tuple[Any, ...]
    if segment:
        siblings, place = "txn = ?", (segment[0],)
    else:
        siblings, place = _WAITING, (trace_id, row.segment_id)
    known = connection.execute(
        f"SELECT 1 FROM spans WHERE {siblings} AND span_id = ?",  # noqa: S608  # two constants
        (*place, span_id),
    )
    if known.fetchone() is None:
        txn = segment[0] if segment else None
        connection.execute(_SPAN, (txn, row.segment_id, *_SPAN_VALUES(row.span)))
        tally.add_spans((row.span,), row.span.start)
        tally.add_steps((row.span,), row.span.start)
        if segment:
            tally.move_share(segment[1], segment[2], row.span)


def _save_session(
    connection: sqlite3.Connection, project: int, row: SessionRow, tally: Tally
) -> None:
    before = connection.execute(
        "SELECT exited, errored, crashed, abnormal FROM sessions WHERE project_id = ? AND sid = ?",
        (project, row.sid),
    ).fetchone()
    statement = _SESSION_COUNTS if row.is_aggregate else _SESSION
    after = connection.execute(statement, (project, *_SESSION_VALUES(row))).fetchone()
    if after is not None:
        release, started, *counts = after
        tally.add_session(release, started, before, counts)


def _save_check_in(
    connection: sqlite3.Connection, project: int, row: CheckInRow, _tally: Tally
) -> None:
    connection.execute(_CHECK_IN, (project, *_CHECK_IN_VALUES(row)))


def _save_log(connection: sqlite3.Connection, project: int, row: LogRow, _tally: Tally) -> None:
    connection.execute(_LOG, (project, *_LOG_VALUES(row)))


def _save_feedback(
    connection: sqlite3.Connection, project: int, row: FeedbackRow, _tally: Tally
) -> None:
    connection.execute(_FEEDBACK, (project, *_FEEDBACK_VALUES(row)))


def _save_discard(
    connection: sqlite3.Connection, project: int, row: DiscardRow, _tally: Tally
) -> None:
    hour = int(row.timestamp // 3600)
    connection.execute(
        _DISCARD, (project, hour, row.origin, row.category, row.reason, row.quantity)
    )


def _save_metric(
    connection: sqlite3.Connection, project: int, row: MetricRow, _tally: Tally
) -> None:
    connection.execute(_METRIC, (project, *_METRIC_VALUES(row)))


def _save_command_run(
    connection: sqlite3.Connection, project: int, row: CommandRunRow, tally: Tally
) -> None:
    if connection.execute(_COMMAND_RUN, (project, *_COMMAND_RUN_VALUES(row))).rowcount:
        tally.add_command_run(row)


def _save_envelope(
    connection: sqlite3.Connection, project: int, row: EnvelopeRow, _tally: Tally
) -> None:
    connection.execute(_ENVELOPE, (project, *_ENVELOPE_VALUES(row)))


def _values(kind: type[Any], *without: str) -> Callable[[Any], tuple[Any, ...]]:
    """Make what takes a row apart: ``astuple`` copies each value, and took half of the time."""
    names = [field.name for field in fields(kind) if field.name not in without]
    return attrgetter(*names)


# Fields of a row have the order of the columns in its statement.
_TRANSACTION_VALUES = _values(TransactionRow, "spans", "tags")
_SPAN_VALUES = _values(SpanRow)
_SESSION_VALUES = _values(SessionRow, "is_aggregate")
_CHECK_IN_VALUES = _values(CheckInRow)
_LOG_VALUES = _values(LogRow)
_FEEDBACK_VALUES = _values(FeedbackRow)
_METRIC_VALUES = _values(MetricRow)
_COMMAND_RUN_VALUES = _values(CommandRunRow)
_ENVELOPE_VALUES = _values(EnvelopeRow)
_SAVERS: dict[type, Callable[[sqlite3.Connection, int, Any, Tally], None]] = {
    EventRow: _save_event,
    TransactionRow: _save_transaction,
    OrphanRow: _save_orphan,
    SessionRow: _save_session,
    CheckInRow: _save_check_in,
    LogRow: _save_log,
    FeedbackRow: _save_feedback,
    DiscardRow: _save_discard,
    EnvelopeRow: _save_envelope,
    MetricRow: _save_metric,
    CommandRunRow: _save_command_run,
}
