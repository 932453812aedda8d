"""Discord's ids: numbers that grow with time and tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tux.shared.snowflakes import DISCORD_EPOCH

if TYPE_CHECKING:
    from collections.abc import Callable


class Snowflakes:
    """Makes ids, each greater than the one before."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        """Make an id for now."""
        now = (int(self._clock() * 1000) - DISCORD_EPOCH) << 22
        self._last = max(self._last + 1, now)
        return self._last
