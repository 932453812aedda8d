"""Discord's ids: numbers that grow with time and tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

EPOCH_MILLISECONDS = 1_420_070_400_000
"""The first second of 2015, https://discord.com/developers/docs/reference#snowflakes."""


class Snowflakes:
    """Makes ids, each greater than the one before."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        """Make an id for now."""
        now = (int(self._clock() * 1000) - EPOCH_MILLISECONDS) << 22
        self._last = max(self._last + 1, now)
        return self._last
