"""Why somebody could not be told."""

from __future__ import annotations

from tux.shared.exceptions import TuxError


class NotToldError(TuxError):
    """A receiver of notices did not take one. It is tried again."""

    reason: str
    """Fit for pages and logs: never an address, never what the receiver said."""
    retry_after: float | None
    """Seconds that the receiver asks to wait."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
