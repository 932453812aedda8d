"""How long somebody has to wait before the next guess. Pure; the clock is an argument."""

from __future__ import annotations

from typing import Final

FREE: Final = 5
"""Wrong guesses in a row that cost nothing but time to type."""
LONGEST: Final = 900.0
"""Seconds of the longest wait."""
REMEMBERED: Final = 10_000
"""Addresses; of more than that the oldest is forgotten."""


class Throttle:
    """Counts wrong guesses by who made them; each past the first few doubles the wait."""

    def __init__(self) -> None:
        self._wrong: dict[str, tuple[int, float]] = {}

    def wait(self, who: str, now: float) -> float:
        """Give the seconds until the next guess is looked at; 0 where it is at once."""
        count, latest = self._wrong.get(who, (0, now))
        if count < FREE:
            return 0.0
        pause = min(2.0 ** min(count - FREE, 20), LONGEST)
        return max(0.0, latest + pause - now)

    def wrong(self, who: str, now: float) -> None:
        """Note a wrong guess; those of long ago no longer count."""
        count, latest = self._wrong.pop(who, (0, now))
        self._wrong[who] = (1 if now - latest > 2 * LONGEST else count + 1, now)
        while len(self._wrong) > REMEMBERED:
            del self._wrong[next(iter(self._wrong))]

    def right(self, who: str) -> None:
        """Forget the wrong ones."""
        self._wrong.pop(who, None)
