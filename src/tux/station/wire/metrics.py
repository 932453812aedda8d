"""Containers of what a program counts and measures by itself → rows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from tux.station.wire.documents import parse_object
from tux.station.wire.fields import mapping, moment, number, plausible, sequence, text
from tux.station.wire.rows import DiscardRow, MetricRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tux.station.wire.items import Context
    from tux.station.wire.protocol import Item

METRICS: Final = 1000
"""Most that one item may bring; the SDKs send a tenth of it."""
KINDS: Final = frozenset({"counter", "gauge", "distribution"})


def read_metrics(item: Item, context: Context) -> Iterator[MetricRow | DiscardRow]:
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
        yield MetricRow(
            timestamp=plausible(moment(metric.get("timestamp")), context.received),
            name=name,
            kind=str(kind),
            value=value,
            unit=text(metric.get("unit")) or "",
        )
    for reason, quantity in (("too_many", lost), ("invalid", wrong)):
        if quantity:
            yield DiscardRow(context.received, "station", "trace_metric", reason, quantity)
