"""Error tracking and performance monitoring for a discord.py bot, over the official sentry-sdk."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

import sentry_sdk
from loguru import logger

from tux.services.sentry.api_errors import convert_httpx_error
from tux.services.sentry.config import initialise
from tux.services.sentry.context import set_command_context, set_user_context
from tux.services.sentry.feedback import capture_feedback
from tux.services.sentry.instrument import DiscordIntegration
from tux.services.sentry.monitoring import (
    CheckIn,
    add_breadcrumb,
    set_context,
    set_tag,
    start_span,
    start_transaction,
)
from tux.services.sentry.reporting import should_capture_error, tell_storms
from tux.services.sentry.scrubbing.scrubber import sanitize_user_data
from tux.services.sentry.timings import track_command_end, track_command_start
from tux.services.sentry.utils import (
    capture_api_error,
    capture_cog_error,
    capture_database_error,
    capture_exception,
    capture_exception_safe,
    capture_message,
    capture_tux_exception,
)
from tux.shared.settings import load_settings

if TYPE_CHECKING:
    from types import FrameType

    from tux.shared.settings import Settings

__all__ = [
    "CheckIn",
    "DiscordIntegration",
    "SentryManager",
    "add_breadcrumb",
    "capture_api_error",
    "capture_cog_error",
    "capture_database_error",
    "capture_exception",
    "capture_exception_safe",
    "capture_feedback",
    "capture_message",
    "capture_tux_exception",
    "convert_httpx_error",
    "flush",
    "flush_async",
    "is_initialized",
    "report_signal",
    "sanitize_user_data",
    "set_command_context",
    "set_context",
    "set_tag",
    "set_user_context",
    "setup",
    "should_capture_error",
    "start_span",
    "start_transaction",
    "track_command_end",
    "track_command_start",
]

FLUSH_SECONDS = 2.0


def is_initialized() -> bool:
    """Tell whether events are sent."""
    return sentry_sdk.is_initialized()


def setup(settings: Settings | None = None) -> None:
    """Start sending events; a second call is harmless.

    Without ``SENTRY_DSN`` it says so once, and everything stays a harmless no-op.

    Args:
        settings: by default they are read from the environment, ``.env`` and ``tux.toml``.
    """
    if not _State.has_started:
        chosen = load_settings() if settings is None else settings
        _State.has_started = True
        initialise(chosen)


def flush(timeout: float = FLUSH_SECONDS) -> None:
    """Wait until all is sent, at most so many seconds. Blocks: in the bot, use ``flush_async``."""
    tell_storms()
    sentry_sdk.flush(timeout)


async def flush_async(timeout: float = FLUSH_SECONDS) -> None:  # noqa: ASYNC109  # the contract's name
    """Wait until all is sent, at most so many seconds, without blocking the loop."""
    tell_storms()
    await asyncio.to_thread(sentry_sdk.flush, timeout)


def report_signal(number: int, _frame: FrameType | None = None) -> None:
    """Note that the process was asked to stop: a log line, for that is no error.

    It may stand as a signal's handler: the line is written when the loop is free, for whatever the
    signal has interrupted may hold the log's lock.
    """
    name = signal.Signals(number).name
    try:
        asyncio.get_running_loop().call_soon_threadsafe(logger.info, "{} received, stopping", name)
    except RuntimeError:
        os.write(sys.stderr.fileno(), f"{name} received, stopping\n".encode())


class _State:
    """Shared by all managers, as the SDK behind them is."""

    has_started = False


class SentryManager:
    """The functions of this package, as one object; cheap, and all of them share one state."""

    @property
    def is_initialized(self) -> bool:
        """Whether events are sent."""
        return is_initialized()

    setup = staticmethod(setup)
    set_user_context = staticmethod(set_user_context)
    set_command_context = staticmethod(set_command_context)
    set_context = staticmethod(set_context)
    set_tag = staticmethod(set_tag)
    add_breadcrumb = staticmethod(add_breadcrumb)
    start_transaction = staticmethod(start_transaction)
    start_span = staticmethod(start_span)
    track_command_start = staticmethod(track_command_start)
    track_command_end = staticmethod(track_command_end)
    capture_exception = staticmethod(capture_exception)
    capture_message = staticmethod(capture_message)
    flush = staticmethod(flush)
    flush_async = staticmethod(flush_async)
    report_signal = staticmethod(report_signal)
