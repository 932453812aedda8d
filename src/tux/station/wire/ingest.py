"""Envelope → rows: a reader for each item type, and a count of what is not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.station.errors import MalformedError
from tux.station.wire.events import read_event, read_feedback, read_transaction, read_user_report
from tux.station.wire.items import Context
from tux.station.wire.limits import SPAN_CONTAINER_TYPE
from tux.station.wire.metrics import read_metrics
from tux.station.wire.rows import DiscardRow, EventRow, FeedbackRow, TransactionRow
from tux.station.wire.spans import read_spans
from tux.station.wire.telemetry import (
    read_check_in,
    read_client_report,
    read_logs,
    read_session,
    read_sessions,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tux.station.wire.fingerprints import Rule
    from tux.station.wire.protocol import Envelope, Item
    from tux.station.wire.rows import Row

READERS: dict[str, Callable[[Item, Context], Iterable[Row]]] = {
    "event": read_event,
    "transaction": read_transaction,
    "feedback": read_feedback,
    "user_report": read_user_report,
    "session": read_session,
    "sessions": read_sessions,
    "check_in": read_check_in,
    "client_report": read_client_report,
    "log": read_logs,
    "span": read_spans,
    "trace_metric": read_metrics,
}

CATEGORIES = {
    "event": "error",
    "user_report": "feedback",
    "sessions": "session",
    "check_in": "monitor",
    "client_report": "internal",
    "log": "log_item",
    **{
        kind: kind
        for kind in (
            *("attachment", "feedback", "profile", "profile_chunk", "security", "session"),
            *("span", "trace_metric", "transaction"),
        )
    },
}
"""Item type → the protocol's data category, the word that clients count by. Others: default."""


def read_envelope(
    envelope: Envelope, received: float, rules: Sequence[Rule] = ()
) -> tuple[Row, ...]:
    """Turn an envelope into what is kept of it.

    An item that makes no sense takes the others along only where nothing else is in the envelope:
    the client can then be told, and nothing is half stored.

    Raises:
        MalformedError: no item of the envelope makes sense; says what is wrong with the first.
    """
    context = Context(envelope, received, rules)
    rows: list[Row] = []
    faults: list[MalformedError] = []
    for item in envelope.items:
        reader = _reader(item)
        if reader is None:
            rows.append(discard(item, "unsupported", received))
            continue
        try:
            rows.extend(list(reader(item, context)))
        except MalformedError as fault:
            faults.append(fault)
            rows.append(discard(item, "invalid", received))
    if faults and len(faults) == len(envelope.items):
        raise faults[0]
    return tuple(rows)


def answer_id(envelope: Envelope, rows: Iterable[Row]) -> str | None:
    """Return the id that the client is told: that of the event inside."""
    if envelope.event_id is not None:
        return envelope.event_id
    for row in rows:
        if isinstance(row, (EventRow, TransactionRow)):
            return row.event_id
        if isinstance(row, FeedbackRow):
            return row.feedback_id
    return None


def _reader(item: Item) -> Callable[[Item, Context], Iterable[Row]] | None:
    if item.type == "span" and item.headers.get("content_type") != SPAN_CONTAINER_TYPE:
        return None  # the legacy standalone span, which no current SDK sends
    return READERS.get(item.type)


def discard(item: Item, reason: str, received: float) -> DiscardRow:
    """Count an item that is not kept."""
    return DiscardRow(received, "station", CATEGORIES.get(item.type, "default"), reason, 1)
