"""Containers of what a program counts and measures by itself → rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from tux.station.wire.documents import parse_object
from tux.station.wire.fields import hex_id, mapping, moment, number, plausible, sequence, text
from tux.station.wire.rows import CommandRunRow, DiscardRow, MetricRow
from tux.station.wire.telemetry import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tux.station.wire.items import Context
    from tux.station.wire.protocol import Item

DURATION: Final = ("command.duration", "distribution", "millisecond")
"""What a bot says of each run of a command."""
METRICS: Final = 1000
"""Most that one item may bring; the SDKs send a tenth of it."""
HOUR: Final = 3600
KINDS: Final = frozenset({"counter", "gauge", "distribution"})


def read_metrics(item: Item, context: Context) -> Iterator[MetricRow | CommandRunRow | DiscardRow]:
    """Read a container; one that makes no sense is counted, and takes none of the others along."""
    container = parse_object(item.payload, "metric container")
    metrics = sequence(container.get("items"))
    lost = max(0, len(metrics) - METRICS)
    wrong = 0
    hours: dict[tuple[str, str, str, int], list[float]] = {}
    for metric in map(mapping, metrics[:METRICS]):
        name, kind, value = (
            text(metric.get("name")),
            metric.get("type"),
            number(metric.get("value")),
        )
        if name is None or kind not in KINDS or value is None or not math.isfinite(value):
            wrong += 1
            continue
        at = plausible(moment(metric.get("timestamp")), context.received)
        what = name, str(kind), text(metric.get("unit")) or ""
        hours.setdefault((*what, int(at // HOUR)), []).append(value)
        if what == DURATION:
            yield from _runs(at, value, metric)
    for what_and_hour, values in hours.items():
        yield MetricRow(*what_and_hour, len(values), sum(values), min(values), max(values))
    for reason, quantity in (("too_many", lost), ("invalid", wrong)):
        if quantity:
            yield DiscardRow(context.received, "station", "trace_metric", reason, quantity)


def _runs(at: float, duration: float, metric: Mapping[str, Any]) -> Iterator[CommandRunRow]:
    attributes = plain(metric.get("attributes"))
    if (command := text(attributes.get("command"))) is not None and duration >= 0:
        yield CommandRunRow(
            timestamp=at,
            command=command,
            environment=text(attributes.get("sentry.environment")),
            duration=duration,
            trace_id=hex_id(metric.get("trace_id"), 32),
            status=_status(attributes),
            error=text(attributes.get("error")),
        )


def _status(attributes: Mapping[str, Any]) -> str:
    """Tell how a run ended, in a transaction's word; whoever says no more than failure means a fault."""
    result = attributes.get("result")
    if result == "failure":
        return text(attributes.get("status")) or "internal_error"
    return "ok" if result == "success" else "unknown"
