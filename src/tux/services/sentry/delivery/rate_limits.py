"""How long the receiver wants nothing of which category.

https://develop.sentry.dev/sdk/foundations/transport/rate-limiting/ (read for sentry-sdk 2.75)
"""

from __future__ import annotations

import json
import math
import os
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tux.services.sentry.delivery.clocks import Clocks

LONGEST: Final = 86_400.0
"""Seconds: a limit of a year, by mistake or by malice, would silence the bot."""
WITHOUT_WORD: Final = 60.0
"""Seconds after a 429 that does not say how long."""
_ALL: Final = ""
_TOO_MANY: Final = 429
_UNAVAILABLE: Final = 503
_WEIGHED: Final = {"log_item": "log_byte", "trace_metric": "trace_metric_byte"}
"""Category → the other name by which it is limited."""


class RateLimits:
    """Deadlines by category; they outlive the process, and are those of all that use the file.

    Args:
        clocks: the monotonic one counts; the file has the time of day.
        file: where the deadlines are written down.
    """

    def __init__(self, clocks: Clocks, file: Path) -> None:
        self._clocks = clocks
        self._file = file
        self._until: dict[str, float] = {}
        self._seen: tuple[int, int] | None = None

    def learn(self, status: int, headers: Mapping[str, str]) -> None:
        """Take the limits out of an answer; any status may carry those of categories."""
        limits = headers.get("X-Sentry-Rate-Limits")
        if limits:
            self._learn_categories(limits)
        elif status == _TOO_MANY or (status == _UNAVAILABLE and "Retry-After" in headers):
            self._limit(_ALL, _seconds(headers.get("Retry-After"), self._clocks.now()))
        else:
            return
        self.recall()
        self._save()

    def recall(self) -> None:
        """Take over what an earlier run, or another process, was told."""
        # Once: read again, an old deadline moves with the time of day.
        seen = self._state()
        if seen == self._seen:
            return
        self._seen = seen
        try:
            told = json.loads(self._file.read_bytes())
            deadlines = {str(category): float(end) for category, end in told.items()}
        except (OSError, ValueError, TypeError, AttributeError, RecursionError):
            return
        now = self._clocks.now()
        for category, end in deadlines.items():
            if end > now:
                self._limit(category, end - now)

    def blocks(self, category: str) -> bool:
        """Tell whether the receiver wants nothing of a category now."""
        if not self._until:
            return False
        now = self._clocks.monotonic()
        names = (_ALL, category, _WEIGHED.get(category, category))
        return any(self._until.get(name, 0.0) > now for name in names)

    def remaining(self) -> float | None:
        """Return the seconds until the first limit ends, None without a limit."""
        now = self._clocks.monotonic()
        # A copy: other threads ask, too.
        ends = [end for end in list(self._until.values()) if end > now]
        return min(ends) - now if ends else None

    def _save(self) -> None:
        ahead = self._clocks.now() - self._clocks.monotonic()
        deadlines = {category: end + ahead for category, end in self._until.items()}
        hidden = self._file.with_name(f".{self._file.name}-{os.getpid()}")
        # Without a disk the limits last as long as the process.
        with suppress(OSError):
            hidden.write_text(json.dumps(deadlines))
            hidden.replace(self._file)
        self._seen = self._state()

    def _state(self) -> tuple[int, int] | None:
        try:
            facts = self._file.stat()
        except OSError:
            return None
        return facts.st_ino, facts.st_mtime_ns

    def _learn_categories(self, limits: str) -> None:
        # "60:error;transaction:organization:reason, 2700::organization"; no category means all.
        for limit in limits.split(","):
            fields = limit.strip().split(":")
            seconds = _number(fields[0])
            if seconds is None:
                continue
            for category in fields[1].split(";") if len(fields) > 1 else [_ALL]:
                self._limit(category.strip(), seconds)

    def _limit(self, category: str, seconds: float) -> None:
        now = self._clocks.monotonic()
        end = now + max(0.0, min(seconds, LONGEST))
        current = {name: until for name, until in self._until.items() if until > now}
        current[category] = max(end, current.get(category, 0.0))
        # At one stroke: other threads read it.
        self._until = current


def _seconds(retry_after: str | None, now: float) -> float:
    if retry_after is None:
        return WITHOUT_WORD
    seconds = _number(retry_after)
    if seconds is not None:
        return seconds
    try:
        return max(1.0, parsedate_to_datetime(retry_after).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return WITHOUT_WORD


def _number(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) else None
