"""Items with an event's body → rows: errors and messages, transactions, feedback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tux.station.errors import MalformedError
from tux.station.wire.documents import packed, parse_object
from tux.station.wire.exceptions import exceptions_of
from tux.station.wire.fields import (
    NAME,
    TEXT,
    hex_id,
    mapping,
    moment,
    plausible,
    sequence,
    text,
)
from tux.station.wire.grouping import group, older_keys
from tux.station.wire.protocol import normalised_id
from tux.station.wire.rows import EventRow, FeedbackRow, SpanRow, TransactionRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tux.station.wire.items import Context
    from tux.station.wire.protocol import Item

LEVELS = frozenset({"fatal", "error", "warning", "info", "debug"})
TAGS = 100
SPANS = 1000
"""Most spans that are kept of one transaction: the SDK's own limit."""


def read_event(item: Item, context: Context) -> Iterator[EventRow | TransactionRow]:
    """Read an error or a message; the old store endpoint sends transactions in the same way."""
    event = parse_object(item.payload, "event")
    if event.get("type") == "transaction":
        yield _transaction(item, event, context)
        return
    trace = mapping(mapping(event.get("contexts")).get("trace"))
    grouping = group(event, context.rules)
    level = text(event.get("level"))
    yield EventRow(
        event_id=context.event_id(event),
        received=context.received,
        timestamp=plausible(moment(event.get("timestamp")), context.received),
        level=level if level in LEVELS else "error",
        grouping=grouping.key,
        title=grouping.title,
        culprit=grouping.culprit,
        transaction=text(event.get("transaction")),
        trace_id=hex_id(trace.get("trace_id"), 32),
        span_id=hex_id(trace.get("span_id"), 16),
        user_id=user_of(event),
        release=text(event.get("release")),
        environment=text(event.get("environment")),
        handled=_handled(event),
        tags=tuple(tags_of(event).items()),
        payload=packed(item.payload, event),
        error_type=grouping.error_type,
        made_by=grouping.made_by,
        older=lambda: older_keys(event),
    )


def read_transaction(item: Item, context: Context) -> Iterator[TransactionRow]:
    """Read one unit of work and its spans."""
    yield _transaction(item, parse_object(item.payload, "transaction"), context)


def read_feedback(item: Item, context: Context) -> Iterator[FeedbackRow]:
    """Read what a person said, as an event with a feedback context."""
    event = parse_object(item.payload, "feedback")
    said = mapping(mapping(event.get("contexts")).get("feedback"))
    yield FeedbackRow(
        feedback_id=context.event_id(event),
        event_id=normalised_id(said.get("associated_event_id")),
        timestamp=plausible(moment(event.get("timestamp")), context.received),
        name=text(said.get("name")),
        contact=text(said.get("contact_email")),
        message=text(said.get("message"), TEXT) or "",
        user_id=user_of(event),
    )


def read_user_report(item: Item, context: Context) -> Iterator[FeedbackRow]:
    """Read what a person said about an event, in the form that came before feedback."""
    said = parse_object(item.payload, "user report")
    event_id = normalised_id(said.get("event_id")) or context.envelope.event_id
    if event_id is None:
        raise MalformedError("invalid user report", "event_id is missing")
    yield FeedbackRow(
        feedback_id=event_id,
        event_id=event_id,
        timestamp=context.received,
        name=text(said.get("name")),
        contact=text(said.get("email")),
        message=text(said.get("comments"), TEXT) or "",
        user_id=None,
    )


def tags_of(event: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags, which come as an object or as a list of pairs."""
    given = event.get("tags")
    pairs = list(given.items()) if isinstance(given, dict) else sequence(given)
    tags = {}
    for pair in pairs[:TAGS]:
        if isinstance(pair, (list, tuple)) and len(pair) == 2:  # noqa: PLR2004  # a pair
            key, value = text(pair[0]), text(pair[1])
            if key is not None and value is not None:
                tags[key] = value
    return tags


def user_of(event: Mapping[str, Any]) -> str | None:
    """Return what tells this user from others: the id, or else what there is, with its kind."""
    user = mapping(event.get("user"))
    if (found := text(user.get("id"))) is not None:
        return found
    for kind in ("username", "email", "ip_address"):
        if (found := text(user.get(kind), NAME - len(kind))) is not None:
            return f"{kind}:{found}"
    return None


def _handled(event: Mapping[str, Any]) -> bool | None:
    """Say whether the program lived on: one unhandled exception of the chain is enough."""
    said = [
        mapping(exception.get("mechanism")).get("handled") for exception in exceptions_of(event)
    ]
    known = [value for value in said if isinstance(value, bool)]
    return all(known) if known else None


def _transaction(item: Item, event: dict[str, Any], context: Context) -> TransactionRow:
    trace = mapping(mapping(event.get("contexts")).get("trace"))
    trace_id, span_id = hex_id(trace.get("trace_id"), 32), hex_id(trace.get("span_id"), 16)
    start, end = moment(event.get("start_timestamp")), moment(event.get("timestamp"))
    if trace_id is None or span_id is None:
        raise MalformedError("invalid transaction", "contexts.trace has no trace_id or span_id")
    if start is None or end is None or end < start:
        raise MalformedError("invalid transaction", "start_timestamp or timestamp is wrong")
    begun = plausible(start, context.received)
    spans = (
        _span(mapping(span), trace_id, begun - start)
        for span in sequence(event.get("spans"))[:SPANS]
    )
    return TransactionRow(
        event_id=context.event_id(event),
        received=context.received,
        start=begun,
        duration=(end - start) * 1000,
        name=text(event.get("transaction")) or "<unlabeled transaction>",
        op=text(trace.get("op")) or "default",
        status=text(trace.get("status")) or "unknown",
        trace_id=trace_id,
        span_id=span_id,
        parent_span_id=hex_id(trace.get("parent_span_id"), 16),
        user_id=user_of(event),
        release=text(event.get("release")),
        environment=text(event.get("environment")),
        payload=packed(item.payload, event),
        spans=tuple(span for span in spans if span is not None),
        tags=tuple(tags_of(event).items()),
    )


def _span(span: Mapping[str, Any], trace_id: str, shift: float) -> SpanRow | None:
    """Read one span; None where it has no id or no time. A wrong clock is off by ``shift``."""
    span_id = hex_id(span.get("span_id"), 16)
    start, end = moment(span.get("start_timestamp")), moment(span.get("timestamp"))
    if span_id is None or start is None or end is None or end < start:
        return None
    return SpanRow(
        trace_id=hex_id(span.get("trace_id"), 32) or trace_id,
        span_id=span_id,
        parent_span_id=hex_id(span.get("parent_span_id"), 16),
        op=text(span.get("op")) or "default",
        description=text(span.get("description"), TEXT) or "",
        status=text(span.get("status")) or "unknown",
        start=start + shift,
        duration=(end - start) * 1000,
    )
