"""Streamed spans (span v2) → rows.

A streaming client sends no transaction: the segment, the outermost span of one service, is what a
transaction was. Its children may come in other envelopes, before it or after it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from tux.station.wire.documents import packed_event, parse_object
from tux.station.wire.events import SPANS, TAGS
from tux.station.wire.fields import TEXT, hex_id, mapping, moment, plausible, sequence, text
from tux.station.wire.rows import OrphanRow, SpanRow, TransactionRow
from tux.station.wire.telemetry import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tux.station.wire.items import Context
    from tux.station.wire.protocol import Item

STATUS = {"ok": "ok", "error": "internal_error"}
TAGGED = "discord."
"""What our layer tags a unit with is an attribute where there are no tags."""


def read_spans(item: Item, context: Context) -> Iterator[TransactionRow | OrphanRow]:
    """Read a container of streamed spans: segments become transactions, the rest their spans."""
    container = parse_object(item.payload, "span container")
    spans = [
        span for span in map(mapping, sequence(container.get("items"))[:SPANS]) if _is_whole(span)
    ]
    for span in spans:
        attributes = plain(span.get("attributes"))
        row = _row(span, attributes, context.received)
        if span.get("is_segment") is True:
            yield _segment(span, row, attributes, context.received)
        else:
            segment = hex_id(attributes.get("sentry.segment.id"), 16)
            yield OrphanRow(segment or row.parent_span_id or row.span_id, row)


def _is_whole(span: Mapping[str, Any]) -> bool:
    start, end = moment(span.get("start_timestamp")), moment(span.get("end_timestamp"))
    return (
        hex_id(span.get("trace_id"), 32) is not None
        and hex_id(span.get("span_id"), 16) is not None
        and start is not None
        and end is not None
        and end >= start
    )


def _row(span: Mapping[str, Any], attributes: Mapping[str, Any], received: float) -> SpanRow:
    start = moment(span.get("start_timestamp")) or 0.0
    end = moment(span.get("end_timestamp")) or start
    return SpanRow(
        trace_id=hex_id(span.get("trace_id"), 32) or "",
        span_id=hex_id(span.get("span_id"), 16) or "",
        parent_span_id=hex_id(span.get("parent_span_id"), 16),
        op=text(attributes.get("sentry.op")) or "default",
        description=text(span.get("name"), TEXT) or "",
        status=STATUS.get(str(span.get("status")), "unknown"),
        start=plausible(start, received),
        duration=(end - start) * 1000,
    )


def _tags(attributes: Mapping[str, Any]) -> dict[str, str]:
    return {
        key.removeprefix(TAGGED): value
        for key, given in list(attributes.items())[:TAGS]
        if key.startswith(TAGGED) and (value := text(given)) is not None
    }


def _segment(
    span: Mapping[str, Any], row: SpanRow, attributes: Mapping[str, Any], received: float
) -> TransactionRow:
    user_id = text(attributes.get("user.id"))
    release = text(attributes.get("sentry.release"))
    environment = text(attributes.get("sentry.environment"))
    name = text(attributes.get("sentry.segment.name")) or text(row.description)
    tags = _tags(attributes)
    event_id = hashlib.sha256(f"{row.trace_id}{row.span_id}".encode()).hexdigest()[:32]
    event = {
        "type": "transaction",
        "event_id": event_id,
        "transaction": name,
        "start_timestamp": span.get("start_timestamp"),
        "timestamp": span.get("end_timestamp"),
        "release": release,
        "environment": environment,
        "user": {"id": user_id} if user_id else None,
        "tags": tags,
        "contexts": {
            "trace": {
                "trace_id": row.trace_id,
                "span_id": row.span_id,
                "parent_span_id": row.parent_span_id,
                "op": row.op,
                "status": row.status,
                "data": attributes,
            }
        },
    }
    return TransactionRow(
        event_id=event_id,
        received=received,
        start=row.start,
        duration=row.duration,
        name=name or "<unlabeled transaction>",
        op=row.op,
        status=row.status,
        trace_id=row.trace_id,
        span_id=row.span_id,
        parent_span_id=row.parent_span_id,
        user_id=user_id,
        release=release,
        environment=environment,
        payload=packed_event(event),
        spans=(),
        tags=tuple(tags.items()),
    )
