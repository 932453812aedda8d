"""How long the receiver wants nothing of which category.

https://develop.sentry.dev/sdk/foundations/transport/rate-limiting/ (read for sentry-sdk 2.75)
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LONGEST: Final = 86_400.0
"""Seconds: a limit of a year, by mistake or by malice, would silence the bot."""
WITHOUT_WORD: Final = 60.0
"""Seconds after a 429 that does not say how long."""
_ALL: Final = ""
_TOO_MANY: Final = 429


class RateLimits:
    """Deadlines by category, on the caller's clock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}

    def learn(self, status: int, headers: Mapping[str, str]) -> None:
        """Take the limits out of an answer; any status may carry them."""
        limits = headers.get("X-Sentry-Rate-Limits")
        if limits:
            self._learn_categories(limits)
        elif status == _TOO_MANY:
            self._limit(_ALL, _seconds(headers.get("Retry-After"), self._clock()))

    def blocks(self, category: str) -> bool:
        """Tell whether the receiver wants nothing of a category now."""
        if not self._until:
            return False
        now = self._clock()
        return self._until.get(_ALL, 0) > now or self._until.get(category, 0) > now

    def remaining(self) -> float | None:
        """Return the seconds until the first limit ends, None without a limit."""
        now = self._clock()
        self._until = {category: end for category, end in self._until.items() if end > now}
        return min(self._until.values()) - now if self._until else None

    def _learn_categories(self, limits: str) -> None:
        # "60:error;transaction:organization:reason, 2700::organization"; no category means all.
        for limit in limits.split(","):
            fields = limit.strip().split(":")
            try:
                seconds = float(int(fields[0]))
            except ValueError:
                continue
            for category in fields[1].split(";") if len(fields) > 1 else [_ALL]:
                self._limit(category.strip(), seconds)

    def _limit(self, category: str, seconds: float) -> None:
        end = self._clock() + max(0.0, min(seconds, LONGEST))
        self._until[category] = max(end, self._until.get(category, 0))


def _seconds(retry_after: str | None, now: float) -> float:
    if retry_after is None:
        return WITHOUT_WORD
    try:
        return float(int(retry_after))
    except ValueError:
        pass
    try:
        return max(1.0, parsedate_to_datetime(retry_after).timestamp() - now)
    except (ValueError, TypeError):
        return WITHOUT_WORD
