"""Faults of this layer itself: kept from the bot, counted, shown by ``sentry status``."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from loguru import logger

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Counts:
    internal_errors = 0


def internal_errors() -> int:
    """Count the faults so far."""
    return _Counts.internal_errors


def note_fault(error: Exception) -> None:
    """Count a fault, and tell it in the debug log."""
    _Counts.internal_errors += 1
    logger.debug("Telemetry: {} inside", type(error).__name__)


@contextmanager
def contained() -> Iterator[None]:
    """Keep a fault of telemetry from the bot."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  # the seam: telemetry never takes the bot down
        note_fault(error)
