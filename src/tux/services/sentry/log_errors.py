"""Errors that somebody only logs: ``logger.exception``, of stdlib logging and of loguru.

The SDK's own handlers would make an event of every ERROR line, also of a wrapper that was captured
before; ours ask the marks, the policy and the limiter first. Lines without an exception become
breadcrumbs and logs, never events. That discord.py tries to reconnect is normal life: it becomes a
warning when it goes on.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loguru import logger

from tux.services.sentry.health import contained
from tux.services.sentry.origins import at_origin
from tux.services.sentry.reconnects import Reconnects, is_copy_of_reconnect, is_reconnect
from tux.services.sentry.reporting import Details, report

if TYPE_CHECKING:
    from collections.abc import Callable

    from loguru import Message

UNCAUGHT = ("discord", "asyncio")
"""Loggers that tell what nobody caught."""
ORPHANED = "asyncio"
"""Logs at a time when the scope that is active has nothing to do with the error."""


class ErrorHandler(logging.Handler):
    """Reports the exceptions of stdlib log records.

    Args:
        level: what is looked at.
        clock: tells the monotonic seconds by which reconnects are counted.
    """

    def __init__(self, level: int, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(level)
        self._reconnects = Reconnects(clock)

    def emit(self, record: logging.LogRecord) -> None:
        """Report the exception of a record, if it has one."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None or record.name.startswith("sentry_sdk"):
            return
        if is_reconnect(record, error):
            with contained():
                report(error, self._reconnects.judge(record))
            return
        details = Details(
            tags={"logger": record.name},
            handled=record.name.partition(".")[0] not in UNCAUGHT,
            by_code=False,
        )
        if record.name == ORPHANED:
            _tell_orphan(error, details)
        else:
            report(error, details)


def _tell_orphan(error: BaseException, details: Details) -> None:
    """Report what the garbage collector found, but not now: it may run anywhere, under any lock."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        _report_orphan(error, details)
    else:
        loop.call_soon(_report_orphan, error, details)


def _report_orphan(error: BaseException, details: Details) -> None:
    with at_origin(error):
        report(error, details)


def report_line(message: Message) -> None:
    """Report the exception of a loguru line, if it has one."""
    record = message.record
    error = record["exception"].value if record["exception"] else None
    if error is None or is_copy_of_reconnect(record["name"], record["message"], error):
        return
    report(error, Details(tags={"logger": record["name"]}, by_code=False))


@dataclass(slots=True)
class _Installed:
    handler: ErrorHandler | None = None
    sink: int | None = None


_installed = _Installed()


def watch_logs(clock: Callable[[], float] = time.monotonic) -> None:
    """Report what is logged with an exception; a second call is harmless.

    Call it after the log is configured: ``logger.remove()`` takes this sink away, too.

    Args:
        clock: tells the monotonic seconds by which reconnects are counted.
    """
    if _installed.handler is None:
        _installed.handler = ErrorHandler(logging.ERROR, clock)
        logging.getLogger().addHandler(_installed.handler)
        _installed.sink = logger.add(
            # Its text is not looked at: to a text format loguru adds the traceback.
            report_line,
            level="ERROR",
            format=lambda _: "{message}",
        )


def unwatch_logs() -> None:
    """Stop reporting what is logged."""
    if _installed.handler is not None:
        logging.getLogger().removeHandler(_installed.handler)
    if _installed.sink is not None:
        with suppress(ValueError):  # somebody has removed all sinks meanwhile
            logger.remove(_installed.sink)
    _installed.handler, _installed.sink = None, None
