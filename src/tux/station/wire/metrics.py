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
KINDS: Final = frozenset({"counter", "gauge", "distribution"})


def read_metrics(item: Item, context: Context) -> Iterator[MetricRow | CommandRunRow | DiscardRow]:
    """Read a container; one that makes no sense is counted, and takes none of the others along."""
    container = parse_object(item.payload, "metric container")
    metrics = sequence(container.get("items"))
    lost = max(0, len(metrics) - METRICS)
    wrong = 0
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
        row = MetricRow(at, name, str(kind), value, text(metric.get("unit")) or "")
        yield row
        if (row.name, row.kind, row.unit) == DURATION:
            yield from _runs(row, metric)
    for reason, quantity in (("too_many", lost), ("invalid", wrong)):
        if quantity:
            yield DiscardRow(context.received, "station", "trace_metric", reason, quantity)


def _runs(row: MetricRow, metric: Mapping[str, Any]) -> Iterator[CommandRunRow]:
    attributes = plain(metric.get("attributes"))
    if (command := text(attributes.get("command"))) is not None and row.value >= 0:
        environment = text(attributes.get("sentry.environment"))
        trace_id = hex_id(metric.get("trace_id"), 32)
        yield CommandRunRow(row.timestamp, command, environment, row.value, trace_id)
