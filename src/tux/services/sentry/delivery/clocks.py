"""Time and chance of the transport, as arguments."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import count
from threading import RLock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable


# One of our own: a bot may have seeded Python's, and counts on what comes next.
_RANDOM: Final = random.Random()  # noqa: S311  # no secret hangs on it
LATEST: Final = 9 * 10**18
"""Nanoseconds since the epoch that a file's name has digits for."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """What the transport goes by."""

    now: Callable[[], float]
    """Seconds since the epoch: what is written down goes by it, and nothing else. It may jump."""
    monotonic: Callable[[], float]
    jitter: Callable[[float], float] = field(default=lambda longest: _RANDOM.uniform(0, longest))
    """Choose a delay up to this one: full jitter keeps many bots from coming back at once."""


@dataclass(slots=True)
class Backoff:
    """How long to leave a receiver alone that fails: twice as long with each failure."""

    clocks: Clocks
    first: float
    longest: float
    failures: int = 0
    until: float = 0.0

    def fail(self) -> None:
        """Wait, after one more failure."""
        self.failures += 1
        longest = min(self.longest, self.first * 2 ** min(self.failures, 16))
        self.until = self.clocks.monotonic() + self.clocks.jitter(longest)

    def succeed(self) -> None:
        """Wait no more."""
        self.failures, self.until = 0, 0.0

    def remaining(self) -> float:
        """Return the seconds to wait, 0 when there is nothing to wait for."""
        return max(0.0, self.until - self.clocks.monotonic()) if self.until else 0.0


class Orders:
    """Numbers what comes: nanoseconds since the epoch, and a count. Any thread may take."""

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._numbers = count()
        self._last = 0
        # A finaliser or a signal's handler may come in while its own thread is in here.
        self._lock = RLock()

    def take(self) -> tuple[int, int]:
        """Give the next; a clock that goes back does not make the new older than the old."""
        with self._lock:
            self._last = max(self._last + 1, min(int(self._clocks.now() * 1e9), LATEST))
            return self._last, next(self._numbers) % 10**10
