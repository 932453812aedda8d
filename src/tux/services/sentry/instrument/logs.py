"""The SDK's own logging integration, where a bot has it on: it is asked for nothing that is settled."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from sentry_sdk.integrations.logging import EventHandler

from tux.services.sentry.health import contained
from tux.services.sentry.instrument.patching import is_watching
from tux.services.sentry.marks import mark_of
from tux.services.sentry.policy import causes, decide

if TYPE_CHECKING:
    import logging


def install() -> None:
    """Watch what it makes events of.

    It would build each in full, for the gate to drop it, and the receiver would be told of a loss.
    """
    original = EventHandler.emit

    @wraps(original)
    def emit(self: EventHandler, record: logging.LogRecord) -> Any:
        if is_watching() and _is_settled(record):
            return None
        return original(self, record)

    EventHandler.emit = emit  # type: ignore[method-assign]  # the seam


def _is_settled(record: logging.LogRecord) -> bool:
    with contained():
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return False
        return mark_of(causes(error)) is not None or not decide(error).verdict.is_sent
    return False
