"""Budgets for what comes in numbers: sampled transactions, and log lines. One for each in a process.

An error of a new kind must never be hidden by others, and so errors have buckets of their own; here
one line is as good as another, and a flood of them would only push errors out of the spool.
"""

from __future__ import annotations

import time
from threading import RLock
from typing import TYPE_CHECKING, Final

from tux.services.sentry.limiting import Bucket
from tux.shared.settings import SentrySettings

if TYPE_CHECKING:
    from collections.abc import Callable


BURST_SECONDS: Final = 40.0
"""Worth of the rate that may pass at once: a busy minute is no flood."""


class Flow:
    """One bucket. Any thread may call."""

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        self._clock = clock
        # A finaliser may log while its own thread is in here.
        self._lock = RLock()
        self.widen(rate)

    def widen(self, rate: float) -> None:
        """Begin anew, full: so many in a second."""
        burst = max(1.0, rate * BURST_SECONDS)
        with self._lock:
            self._bucket = Bucket(burst, rate, burst, self._clock())

    def admit(self) -> bool:
        """Let one pass, or hold it back."""
        with self._lock:
            has_token = self._bucket.fill(self._clock())
            if has_token:
                self._bucket.tokens -= 1
            return has_token


_DEFAULT: Final = SentrySettings()
TRANSACTIONS: Final = Flow(_DEFAULT.limit_transaction_rate, time.monotonic)
LOGS: Final = Flow(_DEFAULT.limit_log_rate, time.monotonic)


def set_flows(settings: SentrySettings) -> None:
    """Begin anew with the limits of these settings."""
    TRANSACTIONS.widen(settings.limit_transaction_rate)
    LOGS.widen(settings.limit_log_rate)
