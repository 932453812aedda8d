"""The SDK's own logging integration, where a bot has it on: it is asked for nothing that is settled."""

from __future__ import annotations

from contextlib import nullcontext
from functools import wraps
from typing import TYPE_CHECKING, Any

from sentry_sdk.integrations.logging import EventHandler

from tux.services.sentry.health import contained
from tux.services.sentry.instrument.patching import is_watching
from tux.services.sentry.log_errors import ORPHANED
from tux.services.sentry.marks import mark_of
from tux.services.sentry.origins import at_origin
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
        if not is_watching():
            return original(self, record)
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return original(self, record)
        with at_origin(error) if record.name == ORPHANED else nullcontext():
            return None if _is_settled(error) else original(self, record)

    EventHandler.emit = emit  # type: ignore[method-assign]  # the seam


def _is_settled(error: BaseException) -> bool:
    with contained():
        return mark_of(causes(error)) is not None or not decide(error).verdict.is_sent
    return False
