"""Items without an event's body → rows: sessions, check-ins, logs, clients' own reports."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from tux.station.errors import MalformedError
from tux.station.wire.documents import parse_object
from tux.station.wire.fields import (
    TEXT,
    count,
    hex_id,
    mapping,
    moment,
    number,
    plausible,
    sequence,
    text,
)
from tux.station.wire.protocol import normalised_id
from tux.station.wire.rows import CheckInRow, DiscardRow, LogRow, SessionRow
from tux.station.wire.schedules import is_run, possible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tux.station.wire.items import Context
    from tux.station.wire.protocol import Item

CHECK_IN_STATUS = frozenset({"in_progress", "ok", "error"})
LOG_LEVELS = {"trace", "debug", "info", "warn", "error", "fatal"}
LOGS, AGGREGATES, LOSSES, ATTRIBUTES = 1000, 1000, 1000, 200
"""Most of each that one item may bring; the SDKs send a tenth of it."""


def read_session(item: Item, context: Context) -> Iterator[SessionRow]:
    """Read the newest state of one session; each update carries all of it."""
    session = parse_object(item.payload, "session")
    sid = normalised_id(session.get("sid"))
    started = moment(session.get("started"))
    if sid is None or started is None:
        raise MalformedError("invalid session", "sid or started is missing")
    status = session.get("status", "ok")
    is_errored = count(session.get("errors")) > 0 or status == "errored"
    begun = plausible(started, context.received)
    attributes = _attributes(session)
    yield SessionRow(
        sid=sid,
        started=begun,
        updated=plausible(moment(session.get("timestamp")), context.received),
        release=attributes["release"],
        environment=attributes["environment"],
        # An ended session counts once: crashed and abnormal ones are no longer merely errored.
        exited=int(status == "exited" and not is_errored),
        errored=int(is_errored and status not in ("crashed", "abnormal")),
        crashed=int(status == "crashed"),
        abnormal=int(status == "abnormal"),
    )


def read_sessions(item: Item, context: Context) -> Iterator[SessionRow]:
    """Read counts of sessions, by the minute in which they began."""
    container = parse_object(item.payload, "sessions")
    attributes = _attributes(container)
    for aggregate in map(mapping, sequence(container.get("aggregates"))[:AGGREGATES]):
        started = moment(aggregate.get("started"))
        if started is None:
            raise MalformedError("invalid sessions", "started is missing")
        minute = plausible(started, context.received) // 60 * 60
        name = f"{minute:.0f}\x00{attributes['release']}\x00{attributes['environment']}"
        yield SessionRow(
            sid=hashlib.sha256(name.encode()).hexdigest()[:32],
            started=minute,
            updated=context.received,
            release=attributes["release"],
            environment=attributes["environment"],
            exited=count(aggregate.get("exited")),
            errored=count(aggregate.get("errored")),
            crashed=count(aggregate.get("crashed")),
            abnormal=count(aggregate.get("abnormal")),
            is_aggregate=True,
        )


def read_check_in(item: Item, context: Context) -> Iterator[CheckInRow | DiscardRow]:
    """Read the state of one run of a monitored job; what cannot be of its plan is left out, and counted."""
    check_in = parse_object(item.payload, "check-in")
    check_in_id = normalised_id(check_in.get("check_in_id"))
    slug, status = text(check_in.get("monitor_slug")), text(check_in.get("status"))
    if check_in_id is None or slug is None or status not in CHECK_IN_STATUS:
        raise MalformedError("invalid check-in", "check_in_id, monitor_slug or status is wrong")
    duration = number(check_in.get("duration"))
    config, reasons = possible(mapping(check_in.get("monitor_config")))
    if duration is not None and not is_run(duration):
        duration, reasons = None, (*reasons, "invalid_duration")
    yield CheckInRow(
        check_in_id=check_in_id,
        monitor_slug=slug,
        status=status,
        updated=plausible(moment(check_in.get("timestamp")), context.received),
        duration=None if duration is None else duration * 1000,
        config=json.dumps(config, ensure_ascii=False) if config else None,
    )
    for reason in reasons:
        yield DiscardRow(context.received, "station", "monitor", reason, 1)


def read_logs(item: Item, context: Context) -> Iterator[LogRow | DiscardRow]:
    """Read a container of log lines."""
    container = parse_object(item.payload, "log container")
    logs = sequence(container.get("items"))
    for log in map(mapping, logs[:LOGS]):
        level = text(log.get("level")) or "info"
        yield LogRow(
            timestamp=plausible(moment(log.get("timestamp")), context.received),
            level=level if level in LOG_LEVELS else "info",
            body=text(log.get("body"), TEXT) or "",
            trace_id=hex_id(log.get("trace_id"), 32),
            attributes=json.dumps(plain(log.get("attributes")), ensure_ascii=False),
        )
    if len(logs) > LOGS:
        yield DiscardRow(context.received, "station", "log_item", "too_many", len(logs) - LOGS)


def read_client_report(item: Item, context: Context) -> Iterator[DiscardRow]:
    """Read what a client says that it lost."""
    report = parse_object(item.payload, "client report")
    timestamp = plausible(moment(report.get("timestamp")), context.received)
    for loss in map(mapping, sequence(report.get("discarded_events"))[:LOSSES]):
        category, reason = text(loss.get("category")), text(loss.get("reason"))
        quantity = count(loss.get("quantity"))
        if category is not None and reason is not None and quantity:
            yield DiscardRow(timestamp, "client", category, reason, quantity)


def plain(attributes: object) -> dict[str, Any]:
    """Take ``{"name": {"value": …, "type": …}}`` apart; a bare value is taken as it is."""
    return {
        name[:TEXT]: value.get("value") if isinstance(value, dict) else value
        for name, value in list(mapping(attributes).items())[:ATTRIBUTES]
    }


def _attributes(session: Mapping[str, Any]) -> dict[str, str]:
    attributes = mapping(session.get("attrs"))
    return {
        "release": text(attributes.get("release")) or "",
        "environment": text(attributes.get("environment")) or "",
    }
