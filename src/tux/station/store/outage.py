"""Whether the station's file takes what is written: told in the log as it changes, and by ``/health``."""

from __future__ import annotations

from typing import Final

from loguru import logger

QUIET_SECONDS: Final = 10.0
"""It is over after so long without a failure: on a full disk small things are written between large."""


class Outage:
    """A time in which writes fail. Belongs to the writer's thread; others only look at ``reason``."""

    def __init__(self) -> None:
        self.reason: str | None = None
        """Why the last write failed; None where it did not."""
        self._failed: float | None = None

    def fail(self, reason: str, now: float) -> None:
        """Note that a write failed; the first is logged."""
        if self._failed is None:
            logger.warning("the station's file cannot be written, senders are told 503: {}", reason)
        self.reason, self._failed = reason, now

    def pass_by(self, now: float) -> None:
        """Note that something was written."""
        self.reason = None
        # A clock that was put back must not keep it for ever.
        if self._failed is not None and abs(now - self._failed) >= QUIET_SECONDS:
            self._failed = None
            logger.info("the station's file can be written again")
