"""The spans of time that a page may look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Range:
    """The last so many seconds, cut into buckets for charts."""

    name: str
    seconds: float
    bucket: float
    """Seconds of one bar of a chart."""

    def since(self, now: float) -> float:
        """When it begins, in Unix seconds."""
        return now - self.seconds

    def starts(self, now: float) -> list[float]:
        """When each bucket begins, oldest first; the first and the last are not whole."""
        first = int(self.since(now) // self.bucket)
        last = int(now // self.bucket)
        return [number * self.bucket for number in range(first, last + 1)]


MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
RANGES: Final = {
    one.name: one
    for one in (
        Range("15m", 15 * MINUTE, 30.0),
        Range("1h", HOUR, 2 * MINUTE),
        Range("24h", DAY, 30 * MINUTE),
        Range("7d", 7 * DAY, 6 * HOUR),
        Range("30d", 30 * DAY, DAY),
    )
}
USUAL: Final = RANGES["24h"]


def range_of(name: str | None) -> Range:
    """Find a range by its name; another word means the usual one."""
    return RANGES.get(name or "", USUAL)
