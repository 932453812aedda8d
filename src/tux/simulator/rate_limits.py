"""Rate limits of the REST API: one bucket for each route and major parameter."""

from __future__ import annotations

import math
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAJOR = ("channel_id", "guild_id", "application_id", "interaction_id", "token")
"""https://discord.com/developers/docs/topics/rate-limits, API v10."""
BUCKETS_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many requests in so many seconds."""

    requests: int = 1000
    seconds: float = 1.0


@dataclass(slots=True)
class _Window:
    started: float
    used: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass, and what the client is told of its bucket."""

    passes: bool
    retry_after: float
    headers: dict[str, str]


class RateLimits:
    """Counts requests in fixed windows, as Discord does."""

    def __init__(self, limit: RateLimit, clock: Callable[[], float]) -> None:
        self.limit = limit
        self._clock = clock
        self._windows: dict[tuple[str, ...], _Window] = {}

    def count(self, method: str, path: str, parameters: Mapping[str, str]) -> Verdict:
        """Count a request and judge it."""
        limit, now = self.limit, self._clock()
        bucket = blake2b(f"{method} {path}".encode(), digest_size=16).hexdigest()
        key = (bucket, *(parameters.get(name, "") for name in MAJOR))
        window = self._windows.get(key)
        if window is None or not 0 <= now - window.started < limit.seconds:
            window = self._windows[key] = _Window(now)
            self._forget()
        window.used += 1
        left = max(0.0, window.started + limit.seconds - now)
        passes = window.used <= limit.requests
        # Rounded up: a client that waits as long as it is told must not come too early.
        left = math.ceil(left * 1000) / 1000
        headers = {
            "X-RateLimit-Bucket": bucket,
            "X-RateLimit-Limit": str(limit.requests),
            "X-RateLimit-Remaining": str(max(0, limit.requests - window.used)),
            "X-RateLimit-Reset": f"{now + left:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
        }
        return Verdict(passes, left, headers)

    def _forget(self) -> None:
        while len(self._windows) > BUCKETS_KEPT:
            del self._windows[next(iter(self._windows))]
