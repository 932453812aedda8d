"""What was given up, and why: counted, and told to the receiver.

https://develop.sentry.dev/sdk/telemetry/client-reports/ (read for sentry-sdk 2.75)
"""

from __future__ import annotations

from collections import Counter
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sentry_sdk.envelope import Item


class Loss(NamedTuple):
    """So many of a category."""

    category: str
    quantity: int


Counts = Counter[tuple[str, str]]
"""(category, reason) → quantity."""


def losses_of(item: Item, weight: int | None = None) -> tuple[Loss, ...]:
    """Tell what is lost with an item: a transaction takes its spans along, a batch all it holds.

    Args:
        item: of an envelope.
        weight: bytes of the payload, where they are known; else they are serialised for it.
    """
    category = str(item.data_category)
    if category == "internal":
        return ()
    if category == "transaction":
        transaction = item.payload.json
        spans = transaction.get("spans") if isinstance(transaction, dict) else None
        count = len(spans) if isinstance(spans, list) else 0
        return Loss("span", count + 1), Loss(category, 1)
    if category not in ("attachment", "span", "log_item", "trace_metric"):
        return (Loss(category, 1),)
    if category == "attachment":
        return (Loss(category, _weight(item, weight) or 1),)
    held: object = item.headers.get("item_count")
    batch = Loss(category, held if isinstance(held, int) and held > 0 else 1)
    weighed = {"log_item": "log_byte", "trace_metric": "trace_metric_byte"}.get(category)
    return (batch, Loss(weighed, _weight(item, weight))) if weighed else (batch,)


def _weight(item: Item, weight: int | None) -> int:
    return len(item.get_bytes()) if weight is None else weight


UNSAMPLED: Final = ("transaction", "sample_rate")
UNSAMPLED_SPAN: Final = ("span", "sample_rate")


class ClientReports:
    """Counters of losses until a receiver has taken them. Any thread may call."""

    def __init__(self) -> None:
        self._counts: Counts = Counter()
        self._lock = Lock()

    def __bool__(self) -> bool:
        """Tell whether there is anything to report."""
        return bool(self._counts)

    def add(self, reason: str, losses: Iterable[Loss | Sequence[Any]]) -> None:
        """Count losses."""
        with self._lock:
            for category, quantity in losses:
                self._counts[str(category), reason] += int(quantity)

    def count_unsampled(self) -> None:
        """Count a transaction, which is a span as well; called for each that is not sampled."""
        with self._lock:
            counts = self._counts
            counts[UNSAMPLED] += 1
            counts[UNSAMPLED_SPAN] += 1

    def take(self) -> Counts:
        """Take all counts out; `restore` them when they could not be told."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        return counts

    def restore(self, counts: Counts) -> None:
        """Put counts back that were taken out."""
        with self._lock:
            self._counts.update(counts)


def report_of(counts: Counts, now: float) -> dict[str, Any]:
    """Return the payload of a ``client_report`` item."""
    return {
        "timestamp": now,
        "discarded_events": [
            {"reason": reason, "category": category, "quantity": quantity}
            for (category, reason), quantity in sorted(counts.items())
        ],
    }
