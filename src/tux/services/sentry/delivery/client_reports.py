"""What was given up, and why: counted, kept on disk, and told to the receiver.

https://develop.sentry.dev/sdk/telemetry/client-reports/ (read for sentry-sdk 2.75)
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from threading import RLock
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import uuid4

from tux.services.sentry.delivery.loss_file import LossFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

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
HELD_BACK: Final = ("error", "sample_rate")


@dataclass(frozen=True, slots=True)
class Sealed:
    """Counts that are on their way to the receiver."""

    id: str
    """The report's: what is told again, after a lost answer or a kill, is told with the same id."""
    counts: Counts
    file: Path | None
    """Where they are on disk, to be removed once the report is."""


class ClientReports:
    """Counters of losses until they are sealed into a report. Any thread may call.

    Each loss is in a file before the call returns, once there is a folder for it: what a killed
    process gave up is told by the next.

    Args:
        muted: count nothing, as the SDK's option ``send_client_reports`` may want.
    """

    def __init__(self, *, muted: bool = False) -> None:
        self._muted = muted
        self._counts: Counts = Counter()
        # A finaliser or a signal's handler may come in while its own thread is in here.
        self._lock = RLock()
        self._folder: Path | None = None
        self._file: LossFile | None = None
        self._is_whole = True

    def __bool__(self) -> bool:
        """Tell whether there is anything to report."""
        return bool(self._counts)

    def keep_in(self, folder: Path) -> None:
        """Keep the counts of the future, and those there are, in this folder."""
        with self._lock:
            self._leave()
            self._folder = folder
            if self._counts:
                self._keep(Counter(), "")

    def count_unsampled(self) -> None:
        """Count a transaction, which is a span as well; called for each that is not sampled."""
        if self._muted:
            return
        with self._lock:
            counts = self._counts
            counts[UNSAMPLED] += 1
            counts[UNSAMPLED_SPAN] += 1
            # Too many for the disk: they are written with the next loss.
            self._is_whole = False

    def count_held_back(self) -> None:
        """Count an error that the limiter held back; a storm brings thousands."""
        if self._muted:
            return
        with self._lock:
            self._counts[HELD_BACK] += 1
            self._is_whole = False

    def add(self, reason: str, losses: Iterable[Loss | Sequence[Any]], file: str = "") -> None:
        """Count losses.

        Args:
            reason: one of the protocol's.
            losses: what is lost.
            file: name of the spool's file that is removed after this: where a kill comes in
                between, it is given up all the same instead of counted and sent.
        """
        new: Counts = Counter()
        for category, quantity in losses:
            new[str(category), reason] += int(quantity)
        self.add_counts(new, file)

    def add_counts(self, new: Counts, file: str = "") -> None:
        """Count losses for several reasons, such as those of a report that could not be told."""
        if self._muted:
            return
        with self._lock:
            self._counts.update(new)
            self._keep(new, file)

    def seal(self) -> Sealed | None:
        """Take all counts out, to be told."""
        with self._lock:
            if not self._counts:
                return None
            counts, self._counts = self._counts, Counter()
            file = self._leave()
        return Sealed(file.id if file else uuid4().hex, counts, file.path if file else None)

    def close(self) -> None:
        """Leave the folder, with what was not sealed, to the next process."""
        with self._lock:
            self._leave()
            self._folder = None
            self._counts.clear()

    def forget(self) -> None:
        """Leave the file to the parent process, after a fork."""
        if self._file is not None:
            self._file.close()

    def _leave(self) -> LossFile | None:
        file, self._file = self._file, None
        self._is_whole = True
        if file is not None:
            file.close()
        return file

    def _keep(self, new: Counts, file: str) -> None:
        if self._folder is None:
            self._is_whole = False
            return
        try:
            if self._file is None:
                self._file = LossFile.create(self._folder, self._counts, file)
            elif not self._is_whole or self._file.is_long:
                self._file.renew(self._counts, file)
            else:
                self._file.append(new, file)
        except OSError:
            # The disk is full, read-only or gone: all of it is written with the next loss.
            self._is_whole = False
        else:
            self._is_whole = True


def report_of(counts: Counts, now: float) -> dict[str, Any]:
    """Return the payload of a ``client_report`` item."""
    return {
        "timestamp": now,
        "discarded_events": [
            {"reason": reason, "category": category, "quantity": quantity}
            for (category, reason), quantity in sorted(counts.items())
        ],
    }
