"""The spans of time that a page may look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tux.station.rollups.periods import DAY, HALF_HOUR, HOUR, MINUTE

_UNITS: Final = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"))


@dataclass(frozen=True, slots=True)
class Range:
    """The last so many seconds, cut into buckets for charts."""

    name: str
    seconds: float
    bucket: float
    """Seconds of one bar of a chart."""

    @property
    def bar(self) -> str:
        """The length of a bar in words."""
        size, unit = next(one for one in _UNITS if self.bucket >= one[0])
        number = self.bucket / size
        return unit if number == 1 else f"{number:.0f} {unit}s"

    def since(self, now: float) -> float:
        """When it begins, in Unix seconds: with a whole bar."""
        return (now - self.seconds) // self.bucket * self.bucket

    def starts(self, now: float) -> list[float]:
        """When each bucket begins, oldest first."""
        first = int(self.since(now) // self.bucket)
        last = int(now // self.bucket)
        return [number * self.bucket for number in range(first, last + 1)]


RANGES: Final = {
    one.name: one
    for one in (
        Range("15m", 15.0 * MINUTE, 1.0 * MINUTE),
        Range("1h", 1.0 * HOUR, 2.0 * MINUTE),
        Range("24h", 1.0 * DAY, 1.0 * HALF_HOUR),
        Range("7d", 7.0 * DAY, 6.0 * HOUR),
        Range("30d", 30.0 * DAY, 1.0 * DAY),
    )
}
USUAL: Final = RANGES["24h"]


def range_of(name: str | None) -> Range:
    """Find a range by its name; another word means the usual one."""
    return RANGES.get(name or "", USUAL)
