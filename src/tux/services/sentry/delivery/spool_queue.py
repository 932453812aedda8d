"""Which of what waits is next: data in memory, which its owner locks."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tux.services.sentry.delivery.spool_entry import Entry

REPORT: Final = "internal"
"""Category of a client report."""
PATIENCE: Final = 3
"""Refusals after which an entry waits apart: it must not hold the others up."""
_RANKS: Final = {"error": 0, REPORT: 0, "monitor": 1, "session": 1, "default": 1}
"""Category → turn in a backlog; what is not named comes last."""
_LAST: Final = 2
MAX_ENTRIES: Final = 20_000
"""Envelopes that may wait: a directory of many small files is slow for everyone."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may wait, and how long."""

    bytes: int
    seconds: float
    entries: int = MAX_ENTRIES


class Queue:
    """Entries by category, the oldest first; and apart from them those that were refused often."""

    def __init__(self) -> None:
        self._lanes: dict[str, list[Entry]] = {}
        self._apart: list[Entry] = []
        self.count = 0
        """Entries, with those that are out to be sent."""
        self.reports = 0
        """Those of them that are reports of losses."""
        self.bytes = 0
        self.memory = 0
        """Bytes of those that are in memory only."""
        self._unwritten: dict[tuple[int, int], Entry] = {}
        self._unnamed: dict[tuple[int, int], Entry] = {}

    def add_one(self, entry: Entry) -> None:
        """Let a new entry wait."""
        self.account(entry, 1)
        lane = self._lanes.get(entry.category)
        if lane is None:
            self._lanes[entry.category] = [entry]
        elif not lane or lane[-1].order < entry.order:
            # As most come.
            lane.append(entry)
        else:
            insort(lane, entry, key=_order)

    def add(self, entries: Iterable[Entry]) -> None:
        """Let many new entries wait."""
        lanes: dict[str, list[Entry]] = {}
        for entry in entries:
            self.account(entry, 1)
            lane = lanes[entry.category] = self._lanes.setdefault(entry.category, [])
            lane.append(entry)
        for lane in lanes.values():
            lane.sort(key=_order)

    def take(self, blocked: Callable[[str], bool]) -> Entry | None:
        """Take out the next: errors before the rest, the oldest first."""
        heads = [
            (_RANKS.get(category, _LAST), lane[0].order, category)
            for category, lane in self._lanes.items()
            if lane and not blocked(category)
        ]
        return self._lanes[min(heads)[2]].pop(0) if heads else None

    def take_apart(self, blocked: Callable[[str], bool]) -> Entry | None:
        """Take out the next of those that were refused often: each in its turn."""
        for place, entry in enumerate(self._apart):
            if not blocked(entry.category):
                return self._apart.pop(place)
        return None

    def put_back(self, entry: Entry) -> None:
        """Let an entry wait again that was taken out."""
        if entry.refusals >= PATIENCE:
            self._apart.append(entry)
        else:
            insort(self._lanes.setdefault(entry.category, []), entry, key=_order)

    def account(self, entry: Entry, sign: int) -> None:
        """Count an entry in, or out."""
        self.count += sign
        self.reports += sign * (entry.category == REPORT)
        self.bytes += sign * entry.size
        if entry.parcel is not None:
            self.memory += sign * entry.size
            _keep(self._unwritten, entry, sign)
        elif entry.fresh is not None:
            _keep(self._unnamed, entry, sign)

    def in_memory(self) -> list[Entry]:
        """List what is in memory only."""
        return list(self._unwritten.values())

    def unnamed(self) -> list[Entry]:
        """List those whose files have no name yet."""
        return list(self._unnamed.values())

    def holds(self, entry: Entry) -> bool:
        """Tell whether an entry waits, and is not out to be sent."""
        return self._place(entry) is not None or entry in self._apart

    def pop_beyond(self, bounds: Bounds, memory_bytes: int) -> list[Entry]:
        """Take out what is too much, the oldest first."""
        beyond: list[Entry] = []
        if (
            self.bytes <= bounds.bytes
            and self.count <= bounds.entries
            and self.memory <= memory_bytes
        ):
            return beyond
        size, number = self.bytes, self.count
        while size > bounds.bytes or number > bounds.entries:
            oldest = self.pop_oldest()
            if oldest is None:
                break
            beyond.append(oldest)
            size, number = size - oldest.size, number - 1
        memory = self.memory - sum(entry.size for entry in beyond if entry.parcel)
        while memory > memory_bytes:
            oldest = self.pop_oldest_in_memory()
            if oldest is None:
                break
            beyond.append(oldest)
            memory -= oldest.size
        return beyond

    def pop_oldest(self) -> Entry | None:
        """Take out the oldest that waits; reports of losses stay as long as anything else does.

        One whose answer was lost would be told again, under another id.
        """
        reports = self._lanes.get(REPORT)
        lanes = [lane for lane in self._all() if lane and lane is not reports]
        if lanes:
            return min(lanes, key=_head).pop(0)
        return reports.pop(0) if reports else None

    def pop_oldest_in_memory(self) -> Entry | None:
        """Take out the oldest that waits in memory only."""
        for entry in self._unwritten.values():
            place = self._place(entry)
            if place is not None:
                return self._lanes[entry.category].pop(place)
            if entry in self._apart:
                self._apart.remove(entry)
                return entry
        return None

    def pop_expired(self, now: float) -> list[Entry]:
        """Take out what has waited too long."""
        expired: list[Entry] = []
        for lane in self._all():
            old = [entry for entry in lane if entry.until <= now]
            if old:
                lane[:] = [entry for entry in lane if entry.until > now]
                expired += old
        return expired

    def _place(self, entry: Entry) -> int | None:
        lane = self._lanes.get(entry.category, [])
        place = bisect_left(lane, entry.order, key=_order)
        return place if place < len(lane) and lane[place] is entry else None

    def _all(self) -> Iterator[list[Entry]]:
        yield from self._lanes.values()
        yield self._apart


def _keep(entries: dict[tuple[int, int], Entry], entry: Entry, sign: int) -> None:
    if sign > 0:
        entries[entry.order] = entry
    else:
        entries.pop(entry.order, None)


def _order(entry: Entry) -> tuple[int, int]:
    return entry.order


def _head(lane: list[Entry]) -> tuple[int, int]:
    return lane[0].order
