"""Errors that somebody only logs: ``logger.exception``, of stdlib logging and of loguru.

The SDK's own handlers would make an event of every ERROR line, also of a wrapper that was captured
before; ours ask the marks, the policy and the limiter first. Lines without an exception become
breadcrumbs and logs, never events. That discord.py tries to reconnect is normal life: it becomes a
warning when it goes on.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import aiohttp
import discord
import sentry_sdk
from loguru import logger

from tux.services.sentry.health import contained
from tux.services.sentry.origins import at_origin
from tux.services.sentry.policy_rules import Verdict
from tux.services.sentry.repeats import Repeats
from tux.services.sentry.reporting import Details, report

if TYPE_CHECKING:
    from collections.abc import Callable

    from loguru import Message

UNCAUGHT = ("discord", "asyncio")
"""Loggers that tell what nobody caught."""
ORPHANED = "asyncio"
"""Logs at a time when the scope that is active has nothing to do with the error."""
RETRIED: Final = (
    OSError,
    discord.HTTPException,
    discord.GatewayNotFound,
    discord.ConnectionClosed,
    aiohttp.ClientError,
)
"""After these discord.py connects again by itself; a time-out is an OSError."""
RECONNECTS: Final = {
    ("discord.client", "Attempting a reconnect in %.2fs"): False,
    ("discord.shard", "Attempting a reconnect for shard ID %s in %.2fs"): True,
    ("discord.shard", "Failed to connect for shard_id: %s. Retrying..."): True,
}
"""Logger and text by which discord.py says so; whether the shard is the first argument."""
COPIES: Final = tuple({text.partition("%")[0] for _, text in RECONNECTS})
"""How such lines begin where somebody hands them on to loguru."""
OFTEN: Final = 6
OFTEN_SECONDS: Final = 600.0


class ErrorHandler(logging.Handler):
    """Reports the exceptions of stdlib log records.

    Args:
        level: what is looked at.
        clock: tells the monotonic seconds by which reconnects are counted.
    """

    def __init__(self, level: int, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(level)
        self._reconnects = Repeats(OFTEN, OFTEN_SECONDS, clock)

    def emit(self, record: logging.LogRecord) -> None:
        """Report the exception of a record, if it has one."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None or record.name.startswith("sentry_sdk"):
            return
        if _is_reconnect(record, error):
            with contained():
                self._tell_reconnect(record, error)
            return
        details = Details(
            tags={"logger": record.name},
            handled=record.name.partition(".")[0] not in UNCAUGHT,
            by_code=False,
        )
        if record.name == ORPHANED:
            with at_origin(error):
                report(error, details)
        else:
            report(error, details)

    def _tell_reconnect(self, record: logging.LogRecord, error: BaseException) -> None:
        args = record.args if isinstance(record.args, tuple) else ()
        shard = args[0] if args and RECONNECTS[record.name, record.msg] else 0
        sentry_sdk.metrics.count("gateway.retries", 1, attributes={"shard": shard})
        goes_on = self._reconnects.count((record.name, shard))
        details = Details(
            tags={"logger": record.name, "shard": str(shard)},
            by_code=False,
            verdict=Verdict.WARNING if goes_on else Verdict.BREADCRUMB,
            fingerprint=("gateway-reconnect",),
        )
        report(error, details)


def _is_reconnect(record: logging.LogRecord, error: BaseException) -> bool:
    # Anything may be logged, also what has no hash.
    is_one = isinstance(record.msg, str) and (record.name, record.msg) in RECONNECTS
    return is_one and isinstance(error, RETRIED)


def _is_copy_of_reconnect(name: str | None, text: str, error: BaseException) -> bool:
    """Tell a line that came by stdlib logging, where the handler sees it too, and counts it."""
    is_discords = str(name).startswith("discord.")
    return is_discords and text.startswith(COPIES) and isinstance(error, RETRIED)


def report_line(message: Message) -> None:
    """Report the exception of a loguru line, if it has one."""
    record = message.record
    error = record["exception"].value if record["exception"] else None
    if error is None or _is_copy_of_reconnect(record["name"], record["message"], error):
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
