"""Counts what is normal once and a fault when it goes on: a reconnect, a retry, a missing right."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

MAX_KEYS = 1024
"""Things that are counted, the latest seen."""


@dataclass
class Repeats:
    """Tells when something has happened ``often`` times within ``seconds``. Any thread may call."""

    often: int
    seconds: float
    clock: Callable[[], float]
    """Seconds, monotonic."""
    _times: OrderedDict[Hashable, deque[float]] = field(default_factory=OrderedDict)
    _lock: RLock = field(default_factory=RLock)

    def count(self, key: Hashable) -> bool:
        """Count one more, and tell whether it is too often now; then it begins anew."""
        now = self.clock()
        with self._lock:
            times = self._times.setdefault(key, deque(maxlen=self.often))
            self._times.move_to_end(key)
            while len(self._times) > MAX_KEYS:
                self._times.popitem(last=False)
            times.append(now)
            if len(times) < self.often or now - times[0] > self.seconds:
                return False
            times.clear()
            return True
