"""How many envelopes a key may send. Pure; the clock is an argument."""

from __future__ import annotations

import math


class Rates:
    """A bucket for each key: a minute's worth at once, and as much again in each minute."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait(self, key: str, per_minute: int, now: float) -> int:
        """Take one from a bucket; gives the whole seconds to wait where it is empty, else 0."""
        if per_minute <= 0:
            return 0
        left, then = self._buckets.get(key, (float(per_minute), now))
        left = min(float(per_minute), left + max(0.0, now - then) * per_minute / 60)
        if left < 1:
            self._buckets[key] = (left, now)
            return max(1, math.ceil((1 - left) * 60 / per_minute))
        self._buckets[key] = (left - 1, now)
        return 0
