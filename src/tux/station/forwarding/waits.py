"""How long another receiver asks us to wait. Pure; the clock is an argument.

develop.sentry.dev, "Rate Limiting", as of November 2026: ``X-Sentry-Rate-Limits`` is
``retry_after:categories:scope:reason…, …``; no categories are all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ALL: Final = ""
USUAL: Final = 60.0
"""Seconds after a 429 that says nothing else."""
LONGEST: Final = 86_400.0


class Waits:
    """Knows until when each category is not taken."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def heard(self, status: int, headers: Mapping[str, str], now: float) -> None:
        """Note what an answer asks for; the longer of two waits holds."""
        limits = headers.get("X-Sentry-Rate-Limits")
        if limits is not None:
            for limit in limits.split(","):
                seconds, _, rest = limit.strip().partition(":")
                for category in rest.partition(":")[0].split(";"):
                    self._note(category.strip(), _seconds(seconds), now)
        elif status == 429:  # noqa: PLR2004  # too many requests
            self._note(ALL, _seconds(headers.get("Retry-After", "")), now)

    def wait(self, categories: Iterable[str], now: float) -> float:
        """Give the seconds until an envelope with these categories is taken; 0 where it is now."""
        known = (self._until.get(one, 0.0) for one in (ALL, *categories))
        return max(0.0, max(known) - now)

    def _note(self, category: str, seconds: float, now: float) -> None:
        self._until[category] = max(self._until.get(category, 0.0), now + seconds)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        return USUAL
    return min(max(seconds, 0.0), LONGEST) if seconds == seconds else USUAL  # noqa: PLR0124  # NaN
